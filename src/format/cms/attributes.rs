//! `SET OF Attribute` (RFC 5652, 5.3), and the signed attributes of a signer.

use super::BadCms;
use super::binding::CertificateId;
use super::oid;
use crate::base::time::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::format::der::{self, Element, Reader};
use crate::format::x509::{Scheme, Unsupported, digest_algorithm};

/// One attribute and its values.
#[derive(Clone, Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a [u8],
    pub(super) values: Vec<Element<'a>>,
}

/// The signed attributes of a signer.
#[derive(Clone, Debug)]
pub(super) struct SignedAttributes {
    /// The signed bytes: the attributes as received, re-tagged as `SET OF`.
    pub(super) signed: Vec<u8>,
    pub(super) message_digest: Vec<u8>,
    pub(super) signing_time: Option<Timestamp>,
    /// signing-certificate and its second version; each that is present must match.
    pub(super) bindings: Vec<CertificateId>,
}

/// The signer's fields outside of the attributes, which must agree with them.
pub(super) struct Stated<'a> {
    pub(super) content_type: &'a [u8],
    pub(super) digest: DigestAlgorithm,
    pub(super) scheme: &'a Result<Scheme, Unsupported>,
}

impl SignedAttributes {
    /// Parses the signed attributes, and returns the revocation data in them. They must be in DER
    /// order: otherwise verifiers that sort them and verifiers that do not would disagree.
    pub(super) fn read<'a>(
        set: Element<'a>,
        stated: &Stated<'_>,
    ) -> Result<(Self, Vec<Attribute<'a>>), BadCms> {
        let set = set.strictly().map_err(|_| {
            BadCms::Rule("the signed attributes are not DER, which alone has one digest")
        })?;
        let all = read_all(set)?;
        check_order(set)?;
        check_values(&all)?;
        let find = |name: &[u8]| {
            all.iter()
                .find(|attribute| attribute.name == name)
                .and_then(|attribute| attribute.values.first())
        };
        let content_type =
            find(oid::CONTENT_TYPE).ok_or(BadCms::Rule("the content type is not signed"))?;
        if (content_type.tag, content_type.content) != (der::OID, stated.content_type) {
            return Err(BadCms::Rule("the signed content type is not that of the content"));
        }
        let message_digest = find(oid::MESSAGE_DIGEST)
            .filter(|value| value.tag == der::OCTETS)
            .ok_or(BadCms::Rule("the message digest is not signed"))?;
        if let Some(value) = find(oid::ALGORITHM_PROTECTION) {
            check_protection(*value, stated)?;
        }
        let signing_time = find(oid::SIGNING_TIME).map(Element::time).transpose()?;
        let mut bindings = Vec::new();
        if let Some(value) = find(oid::SIGNING_CERTIFICATE_V2) {
            bindings.push(CertificateId::read_v2(*value)?);
        }
        if let Some(value) = find(oid::SIGNING_CERTIFICATE) {
            bindings.push(CertificateId::read_v1(*value)?);
        }
        let mut signed = set.raw.to_vec();
        if let Some(tag) = signed.first_mut() {
            *tag = der::SET;
        }
        let message_digest = message_digest.content.to_vec();
        Ok((Self { signed, message_digest, signing_time, bindings }, all))
    }
}

/// Parses the attributes of a set. Unsigned ones may occur several times: each authority adds its
/// time stamp.
pub(super) fn read_all(set: Element<'_>) -> Result<Vec<Attribute<'_>>, BadCms> {
    let mut reader = set.inside();
    let mut all: Vec<Attribute<'_>> = Vec::new();
    while reader.peek().is_some() {
        let mut inside = reader.expect(der::SEQUENCE)?.inside();
        let name = inside.expect(der::OID)?.content;
        let mut list = inside.expect(der::SET)?.inside();
        inside.finish()?;
        let mut values = Vec::new();
        while list.peek().is_some() {
            if values.len() >= MAX_VALUES {
                return Err(BadCms::Rule("more values of an attribute than a signer needs"));
            }
            values.push(list.any()?);
        }
        if all.len() >= MAX_ATTRIBUTES {
            return Err(BadCms::Rule("more attributes than a signer needs"));
        }
        all.push(Attribute { name, values });
    }
    Ok(all)
}

fn check_order(set: Element<'_>) -> Result<(), BadCms> {
    let mut reader: Reader<'_> = set.inside();
    let mut last: &[u8] = &[];
    while reader.peek().is_some() {
        let attribute = reader.any()?;
        if attribute.raw <= last {
            return Err(BadCms::Rule("the signed attributes are not in DER order"));
        }
        last = attribute.raw;
    }
    Ok(())
}

/// The attributes used here occur once and have one value (RFC 5652, 11; RFC 5035, 5.4; RFC 6211,
/// 2). Of others a signer may have several, with several values (RFC 5652, 5.3), in DER order too.
fn check_values(all: &[Attribute<'_>]) -> Result<(), BadCms> {
    for (at, attribute) in all.iter().enumerate() {
        let single = SINGLE.contains(&attribute.name);
        if attribute.values.is_empty() {
            return Err(BadCms::Rule("a signed attribute has no value"));
        }
        if single && attribute.values.len() > 1 {
            return Err(BadCms::Rule("a signed attribute has several values"));
        }
        if single && all.iter().take(at).any(|earlier| earlier.name == attribute.name) {
            return Err(BadCms::Rule("a signed attribute stands twice"));
        }
        let in_order = |pair: &[Element<'_>]| matches!(pair, [one, next] if one.raw < next.raw);
        if !attribute.values.windows(2).all(in_order) {
            return Err(BadCms::Rule("the values of a signed attribute are not in DER order"));
        }
    }
    Ok(())
}

/// The attributes used here.
const SINGLE: [&[u8]; 6] = [
    oid::CONTENT_TYPE,
    oid::MESSAGE_DIGEST,
    oid::SIGNING_TIME,
    oid::ALGORITHM_PROTECTION,
    oid::SIGNING_CERTIFICATE,
    oid::SIGNING_CERTIFICATE_V2,
];

/// `CMSAlgorithmProtection` (RFC 6211): the algorithm fields of the message are not signed; the
/// copies in this attribute are.
fn check_protection(value: Element<'_>, stated: &Stated<'_>) -> Result<(), BadCms> {
    let mut inside = value.inside();
    let digest = digest_algorithm(inside.expect(der::SEQUENCE)?)?;
    let signature = inside.expect(der::CONTEXT_1)?.tagged(der::SEQUENCE);
    inside.finish()?;
    let signature = Scheme::of_signer(signature, stated.digest);
    if digest != stated.digest || signature != *stated.scheme {
        return Err(BadCms::Rule("the algorithms are not those that the signer meant"));
    }
    Ok(())
}

/// Messages have four to ten; the search for repeated attributes is quadratic.
const MAX_ATTRIBUTES: usize = 64;
/// One, except time stamps, of which each authority adds one.
const MAX_VALUES: usize = 256;
