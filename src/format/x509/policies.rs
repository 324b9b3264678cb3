//! Certificate policies, and an authority's constraints on them (RFC 5280, 4.2.1.4, 4.2.1.5,
//! 4.2.1.11 and 4.2.1.14), as one value for a path check.

use crate::format::der::{self, BadDer, Element, Reader};

/// The policies of one certificate. Identifiers are the content of their OBJECT IDENTIFIER: arcs of
/// policies may have any size, and are only compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// The policies that it was issued under; `None` without the extension.
    pub asserted: Option<Vec<Vec<u8>>>,
    /// Mappings for the certificates below this one.
    pub mappings: Vec<Mapping>,
    /// Number of certificates after which a policy is required.
    pub require_explicit: Option<u32>,
    /// Number of certificates after which mappings are ignored.
    pub inhibit_mapping: Option<u32>,
    /// Number of certificates after which anyPolicy is ignored.
    pub inhibit_any: Option<u32>,
}

/// The issuer's policy, and the equivalent one of the subject.
pub type Mapping = (Vec<u8>, Vec<u8>);

/// anyPolicy.
pub const ANY_POLICY: &[u8] = &[0x55, 0x1D, 32, 0];

impl Policies {
    /// Reads an extension; returns whether it is one about policies.
    pub(super) fn extension(&mut self, oid: &[u8], value: &[u8]) -> Result<bool, BadDer> {
        let mut outer = Reader::new(value);
        match oid {
            CERTIFICATE_POLICIES => self.asserted = Some(asserted(outer.expect(der::SEQUENCE)?)?),
            POLICY_MAPPINGS => self.mappings = mappings(outer.expect(der::SEQUENCE)?)?,
            POLICY_CONSTRAINTS => {
                let mut inside = outer.expect(der::SEQUENCE)?.inside();
                let mut number = |tag| inside.optional(tag)?.map(skip).transpose();
                self.require_explicit = number(0x80)?;
                self.inhibit_mapping = number(0x81)?;
                inside.finish()?;
            }
            INHIBIT_ANY_POLICY => self.inhibit_any = Some(skip(outer.expect(der::INTEGER)?)?),
            _ => return Ok(false),
        }
        outer.finish()?;
        Ok(true)
    }
}

fn asserted(list: Element<'_>) -> Result<Vec<Vec<u8>>, BadDer> {
    let mut list = list.inside();
    let mut policies = Vec::new();
    while list.peek().is_some() {
        let mut information = list.expect(der::SEQUENCE)?.inside();
        policies.push(information.expect(der::OID)?.content.to_vec());
        // Qualifiers are for readers.
        information.optional(der::SEQUENCE)?;
        information.finish()?;
    }
    Ok(policies)
}

fn mappings(list: Element<'_>) -> Result<Vec<Mapping>, BadDer> {
    let mut list = list.inside();
    let mut mappings = Vec::new();
    while list.peek().is_some() {
        let mut pair = list.expect(der::SEQUENCE)?.inside();
        let mut policy = || pair.expect(der::OID).map(|oid| oid.content.to_vec());
        mappings.push((policy()?, policy()?));
        pair.finish()?;
    }
    Ok(mappings)
}

/// A `SkipCerts`. A number that does not fit exceeds any path.
fn skip(number: Element<'_>) -> Result<u32, BadDer> {
    Ok(u32::try_from(number.unsigned()?).unwrap_or(u32::MAX))
}

/// 2.5.29.32
const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1D, 32];
/// 2.5.29.33
const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1D, 33];
/// 2.5.29.36
const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 36];
/// 2.5.29.54
const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1D, 54];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    #[test]
    fn every_part_is_read_whole() {
        let oid = |last| element(der::OID, &[0x2A, last]);
        let mut policies = Policies::default();
        let list = sequence(&[&sequence(&[&oid(1), &sequence(&[])]), &sequence(&[&oid(2)])]);
        assert_eq!(policies.extension(CERTIFICATE_POLICIES, &list), Ok(true));
        let pairs = sequence(&[&sequence(&[&oid(1), &oid(3)])]);
        assert_eq!(policies.extension(POLICY_MAPPINGS, &pairs), Ok(true));
        let limits = sequence(&[&element(0x80, &[2]), &element(0x81, &[0])]);
        assert_eq!(policies.extension(POLICY_CONSTRAINTS, &limits), Ok(true));
        assert_eq!(policies.extension(INHIBIT_ANY_POLICY, &element(2, &[1])), Ok(true));
        assert_eq!(policies.extension(&[0x55, 0x1D, 19], &[]), Ok(false));
        let expected = Policies {
            asserted: Some(vec![vec![0x2A, 1], vec![0x2A, 2]]),
            mappings: vec![(vec![0x2A, 1], vec![0x2A, 3])],
            require_explicit: Some(2),
            inhibit_mapping: Some(0),
            inhibit_any: Some(1),
        };
        assert_eq!(policies, expected);
        for bad in [
            sequence(&[&oid(1)]),
            [list, vec![0]].concat(),
            sequence(&[&sequence(&[&oid(1), &oid(2), &oid(3)])]),
        ] {
            assert_eq!(policies.extension(CERTIFICATE_POLICIES, &bad), Err(BadDer));
            assert_eq!(policies.extension(POLICY_MAPPINGS, &bad), Err(BadDer));
        }
    }
}
