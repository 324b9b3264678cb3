//! The rights of a leaf: an extension of this project, and the private key usage period (RFC 3280,
//! 4.2.1.4).
//!
//! ```text
//! Entitlement ::= SEQUENCE {
//!     role        ENUMERATED { seal(0), credential(1), status(2), tsa(3), ocsp(4),
//!                              report(5), answer(6) },
//!     department  UTF8String,                       -- 统一社会信用代码
//!     types       SEQUENCE OF UTF8String OPTIONAL } -- 证照类型代码; absent: all
//! ```
//! Not critical: other verifiers ignore it, this one requires it. A verifier that has only the root
//! can thus decide who may issue what. Its identifier is number 1 below an arc:
//! [`OidArc::example`], or that of the office, which its issuing CA names with an extension of its
//! own:
//!
//! ```text
//! OfficeArc ::= OBJECT IDENTIFIER        -- number 2 below the arc that it holds
//! ```
//! Earlier certificates have it under `2.25.5037990204604784943`, which many programs cannot read.

use der::asn1::{GeneralizedTime, Utf8StringRef};
use der::{
    Decode as _, DecodeValue as _, Encode as _, Enumerated, Reader as _, Sequence, SliceReader,
    Tag, TagNumber,
};

use super::error::BadCertificate;
use crate::base::codes::Uscc;
use crate::base::ids::TypeCode;
use crate::base::oid::OidArc;
use crate::base::time::Timestamp;
use crate::format::der::{ENUMERATED, OID};

/// Kind of artefact that a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[asn1(type = "ENUMERATED")]
#[repr(u8)]
pub enum Role {
    /// Sign seals on documents.
    Seal = 0,
    /// Sign credentials.
    Credential = 1,
    /// Sign status lists.
    Status = 2,
    /// Sign time stamps.
    Tsa = 3,
    /// Sign certificate status answers.
    Ocsp = 4,
    /// Seal verification reports of the office: documents that are no licence.
    Report = 5,
    /// Sign answers to departments; the data in them were signed by their issuer.
    Answer = 6,
}

/// The licence types that a key may sign for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Types {
    /// Every licence type.
    All,
    /// Only these licence types.
    Only(Vec<TypeCode>),
}

/// The signatures that the office allows a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// Kind of artefact.
    pub role: Role,
    /// USCC of the department.
    pub department: Uscc,
    /// Licence types.
    pub types: Types,
}

impl Entitlement {
    /// Whether a licence type is among the entitled ones.
    pub fn covers(&self, type_code: &str) -> bool {
        match &self.types {
            Types::All => true,
            Types::Only(codes) => codes.iter().any(|code| code.as_str() == type_code),
        }
    }

    /// The extension's value in DER.
    pub fn to_der(&self) -> Option<Vec<u8>> {
        let types = match &self.types {
            Types::All => None,
            Types::Only(codes) => Some(
                codes
                    .iter()
                    .map(|code| Utf8StringRef::new(code.as_str()).ok())
                    .collect::<Option<Vec<_>>>()?,
            ),
        };
        let department = Utf8StringRef::new(self.department.as_str()).ok()?;
        Wire { role: self.role, department, types }.to_der().ok()
    }

    /// Parses the extension's value.
    pub fn from_der(bytes: &[u8]) -> Option<Self> {
        let wire = Wire::from_der(bytes).ok()?;
        let types = match wire.types {
            None => Types::All,
            Some(codes) => Types::Only(
                codes.iter().map(|code| TypeCode::parse(code.as_str())).collect::<Option<_>>()?,
            ),
        };
        Some(Self { role: wire.role, department: Uscc::parse(wire.department.as_str())?, types })
    }
}

#[derive(Sequence)]
struct Wire<'a> {
    role: Role,
    department: Utf8StringRef<'a>,
    #[asn1(optional = "true")]
    types: Option<Vec<Utf8StringRef<'a>>>,
}

/// An entitlement with its identifier, as in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    identifier: Vec<u8>,
    pub(super) entitlement: Entitlement,
}

impl Stated {
    /// Parses an extension that may be an entitlement. One under an identifier that every verifier
    /// knows must be one; any other that parses as one is kept, since a restriction of a key counts
    /// under any identifier. [`Self::is_under`] decides whether it grants anything.
    pub(super) fn read(identifier: &[u8], value: &[u8]) -> Result<Option<Self>, BadCertificate> {
        if !is_known(identifier) && !begins_with_role(value) {
            return Ok(None);
        }
        match Entitlement::from_der(value) {
            Some(entitlement) => Ok(Some(Self { identifier: identifier.to_vec(), entitlement })),
            None if is_known(identifier) => {
                Err(BadCertificate("a malformed entitlement extension"))
            }
            None => Ok(None),
        }
    }

    /// Whether every verifier knows the identifier, or it is below one of these arcs.
    pub(super) fn is_under<'a>(&self, mut arcs: impl Iterator<Item = &'a OidArc>) -> bool {
        is_known(&self.identifier) || arcs.any(|arc| self.is_below(arc))
    }

    /// Whether the identifier is below this arc.
    pub(super) fn is_below(&self, arc: &OidArc) -> bool {
        arc.child_der(ENTITLEMENT) == self.identifier
    }
}

/// The arc that a CA names, when this extension does so.
pub(super) fn office_arc(identifier: &[u8], value: &[u8]) -> Option<OidArc> {
    let [OID, length, content @ ..] = value else { return None };
    let arc = OidArc::from_der(content).filter(|_| usize::from(*length) == content.len())?;
    (arc.child_der(OFFICE_ARC) == identifier).then_some(arc)
}

/// A cheap test that avoids parsing most extensions: whether the first element of the sequence is
/// an `ENUMERATED`.
fn begins_with_role(value: &[u8]) -> bool {
    let [_, length, ..] = value else { return false };
    let more = if *length < 0x80 { 0 } else { usize::from(length & 0x7F) };
    value.get(more.saturating_add(2)) == Some(&ENUMERATED)
}

fn is_known(identifier: &[u8]) -> bool {
    [EARLIER_DER, EXAMPLE_DER].contains(&identifier)
}

/// Number of the entitlement below its arc.
pub const ENTITLEMENT: u8 = 1;
/// Number of the extension with which a CA names the arc of its office.
pub const OFFICE_ARC: u8 = 2;
/// [`ENTITLEMENT`] below [`OidArc::example`].
const EXAMPLE_DER: &[u8] =
    &[0x2B, 6, 1, 4, 1, 0x81, 0xFD, 0x59, 0xAD, 0x93, 0xD7, 0x5C, ENTITLEMENT];
/// 2.25.5037990204604784943
const EARLIER_DER: &[u8] = &[0x69, 0xC5, 0xF5, 0xA2, 0xAC, 0xE0, 0xFA, 0xF6, 0xC2, 0x2F];
/// 2.5.29.16 as DER content.
pub(super) const PRIVATE_KEY_USAGE_PERIOD_DER: &[u8] = &[0x55, 0x1D, 0x10];

/// Reads `SEQUENCE { notBefore [0] GeneralizedTime, notAfter [1] GeneralizedTime }`, both present.
pub(super) fn private_key_usage(bytes: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let period = reader
        .sequence(|inner| {
            let mut at = |number| -> der::Result<GeneralizedTime> {
                let header = der::Header::decode(inner)?;
                header.tag.assert_eq(Tag::ContextSpecific { constructed: false, number })?;
                GeneralizedTime::decode_value(inner, header)
            };
            Ok((at(TagNumber::N0)?, at(TagNumber::N1)?))
        })
        .ok()?;
    let time = |at: GeneralizedTime| {
        Timestamp::from_unix(i64::try_from(at.to_unix_duration().as_secs()).ok()?)
    };
    reader.finish(()).ok()?;
    Some((time(period.0)?, time(period.1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entitlements_round_trip() {
        let department = Uscc::parse("11519999MB0000019Y").unwrap();
        let code = TypeCode::parse("11519999MB0000019Y001").unwrap();
        for types in [Types::All, Types::Only(vec![code])] {
            let one = Entitlement { role: Role::Seal, department: department.clone(), types };
            assert_eq!(Entitlement::from_der(&one.to_der().unwrap()), Some(one));
        }
        assert_eq!(Entitlement::from_der(b"\x30\x00"), None);
    }

    #[test]
    fn identifiers_that_everybody_knows_are_spelt_alike() {
        assert_eq!(OidArc::example().child_der(ENTITLEMENT), EXAMPLE_DER);
        let digits = EARLIER_DER[1..].iter();
        let value = digits.fold(0, |value: u64, byte| value << 7 | u64::from(byte & 0x7F));
        assert_eq!(value, 5_037_990_204_604_784_943);
    }

    #[test]
    fn an_arc_is_named_by_an_extension_below_itself_alone() {
        let arc = OidArc::parse("1.2.156.300").unwrap();
        let value = [&[OID, 5][..], &arc.to_der()].concat();
        assert_eq!(office_arc(&arc.child_der(OFFICE_ARC), &value), Some(arc.clone()));
        assert_eq!(office_arc(&arc.child_der(ENTITLEMENT), &value), None);
        let other = OidArc::parse("1.2.156.301").unwrap();
        assert_eq!(office_arc(&other.child_der(OFFICE_ARC), &value), None);
        assert_eq!(office_arc(&arc.child_der(OFFICE_ARC), &[&value[..], &[0]].concat()), None);
    }
}
