//! Lists, answers, time stamps and certificates enclosed in a message as evidence.
//!
//! All of it is untrusted until a caller has checked its signatures.

use super::BadCms;
use super::attributes::Attribute;
use super::oid;
use crate::base::limits::{Budget, Purse};
use crate::format::der::{self, Element, element, sequence};
use crate::format::x509::{Certificate, CertificateCache};

/// Enclosed items, each in its own DER.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) certificates: Vec<Certificate>,
    /// `CertificateList`.
    pub(super) crls: Vec<Vec<u8>>,
    /// `OCSPResponse`.
    pub(super) ocsp_responses: Vec<Vec<u8>>,
    /// Tokens over the signature.
    pub(super) timestamps: Vec<Vec<u8>>,
    /// Why certificates were left out.
    pub(super) unreadable: Vec<String>,
}

impl Evidence {
    /// `CertificateSet` (RFC 5652, 10.2.2). Items that are not X.509 certificates or cannot be
    /// parsed are skipped: a certificate is never trusted because it is enclosed.
    pub(super) fn add_certificates(
        &mut self,
        set: Element<'_>,
        known: Option<&CertificateCache>,
        budget: &mut Budget,
    ) -> Result<(), BadCms> {
        let mut reader = set.inside();
        let read = |der| known.map_or_else(|| Certificate::parse(der), |known| known.read(der));
        while reader.peek().is_some() {
            budget.pay(Purse::Certificates, 1, "certificates")?;
            let one = reader.any()?;
            if one.tag == der::SEQUENCE {
                Certificate::pay(one.raw.len(), budget)?;
                match read(one.raw) {
                    Ok(certificate) => self.certificates.push(certificate),
                    Err(_) if self.unreadable.len() >= MAX_UNREADABLE => {
                        return Err(BadCms::Rule("certificates in the message cannot be read"));
                    }
                    Err(error) => self.unreadable.push(error.to_string()),
                }
            }
        }
        Ok(())
    }

    /// `RevocationInfoChoices` (RFC 5652, 10.2.1), with OCSP responses as in RFC 5940. Other
    /// formats are skipped.
    pub(super) fn add_revocation(
        &mut self,
        set: Element<'_>,
        budget: &mut Budget,
    ) -> Result<(), BadCms> {
        let mut reader = set.inside();
        while reader.peek().is_some() {
            let one = reader.any()?;
            pay(one, "revocation data", budget)?;
            if one.tag == der::SEQUENCE {
                self.crls.push(one.raw.to_vec());
            } else if one.tag == der::CONTEXT_1 {
                let mut other = one.inside();
                let format = other.expect(der::OID)?;
                let info = other.any()?;
                other.finish()?;
                if format.content == oid::OCSP_RESPONSE {
                    self.ocsp_responses.push(info.raw.to_vec());
                }
            } else {
                return Err(BadCms::Malformed);
            }
        }
        Ok(())
    }

    /// adbe-revocationInfoArchival (ISO 32000-1, 12.8.3.3.2), which is signed.
    pub(super) fn add_signed(
        &mut self,
        attributes: &[Attribute<'_>],
        budget: &mut Budget,
    ) -> Result<(), BadCms> {
        for value in values(attributes, oid::ADOBE_REVOCATION) {
            self.add_archival(value, <[u8]>::to_vec, budget)?;
        }
        Ok(())
    }

    /// CAdES evidence beside the signature: time stamps, certificates, lists and answers (ETSI EN
    /// 319 122-1, 5.3 and 5.4).
    pub(super) fn add_unsigned(
        &mut self,
        attributes: &[Attribute<'_>],
        budget: &mut Budget,
    ) -> Result<(), BadCms> {
        for value in values(attributes, oid::SIGNATURE_TIMESTAMP) {
            pay(value, "time stamps", budget)?;
            self.timestamps.push(value.raw.to_vec());
        }
        for value in values(attributes, oid::CERTIFICATE_VALUES) {
            self.add_certificates(value, None, budget)?;
        }
        for value in values(attributes, oid::REVOCATION_VALUES) {
            self.add_archival(value, wrap_basic, budget)?;
        }
        Ok(())
    }

    /// `SEQUENCE { [0] crls, [1] ocsp, [2] other }`. The two attributes differ in the type of the
    /// OCSP responses.
    fn add_archival(
        &mut self,
        value: Element<'_>,
        answer: fn(&[u8]) -> Vec<u8>,
        budget: &mut Budget,
    ) -> Result<(), BadCms> {
        let mut fields = value.inside();
        let lists = fields.optional(der::CONTEXT_0)?;
        let answers = fields.optional(der::CONTEXT_1)?;
        fields.optional(der::CONTEXT_2)?;
        fields.finish()?;
        for one in sequence_in(lists, budget)? {
            pay(one, "revocation data", budget)?;
            self.crls.push(one.raw.to_vec());
        }
        for one in sequence_in(answers, budget)? {
            pay(one, "revocation data", budget)?;
            self.ocsp_responses.push(answer(one.raw));
        }
        Ok(())
    }
}

/// Pays for keeping one item.
fn pay(one: Element<'_>, what: &'static str, budget: &mut Budget) -> Result<(), BadCms> {
    budget.pay(Purse::Evidence, 1, what)?;
    Ok(budget.pay(Purse::Memory, one.raw.len(), "memory for revocation data")?)
}

/// A message may have one or two unsupported certificates in addition to the signer's.
const MAX_UNREADABLE: usize = 8;

fn values<'a>(
    attributes: &'a [Attribute<'_>],
    name: &'a [u8],
) -> impl Iterator<Item = Element<'a>> {
    let named = attributes.iter().filter(move |attribute| attribute.name == name);
    named.flat_map(|attribute| attribute.values.iter().copied())
}

/// The elements of a `SEQUENCE` in an explicit tag.
fn sequence_in<'a>(
    wrapper: Option<Element<'a>>,
    budget: &mut Budget,
) -> Result<Vec<Element<'a>>, BadCms> {
    let Some(wrapper) = wrapper else { return Ok(Vec::new()) };
    let mut list = wrapper.only()?.inside();
    let mut elements = Vec::new();
    while list.peek().is_some() {
        budget.pay(Purse::Memory, size_of::<Element<'_>>(), "memory for revocation data")?;
        elements.push(list.expect(der::SEQUENCE)?);
    }
    Ok(elements)
}

/// Wraps a `BasicOCSPResponse` as responders send it, so that callers see one form.
fn wrap_basic(basic: &[u8]) -> Vec<u8> {
    let bytes = sequence(&[&element(der::OID, oid::BASIC_OCSP), &element(der::OCTETS, basic)]);
    sequence(&[&element(der::ENUMERATED, &[0]), &element(der::CONTEXT_0, &bytes)])
}
