//! Reading a `SignedData` that a stranger sent.

use super::super::der::{self, BadDer, Element, Reader};
use crate::base::limits::{Budget, OverBudget};
use crate::crypto::digest::{DigestAlgorithm, sha1_identifier};
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};
use crate::format::x509::{Certificate, Scheme, Unsupported, digest_algorithm};

/// Why a signature message was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCms {
    /// Not DER.
    #[error("the signature message is not well-formed DER")]
    Malformed,
    /// Bytes that are not zero behind the message.
    #[error("bytes are hidden behind the signature message")]
    Padding,
    /// A rule of the profile is broken.
    #[error("{0}")]
    Rule(&'static str),
    /// A digest or signature algorithm that is not accepted.
    #[error("unsupported algorithm {0}")]
    Algorithm(String),
    /// Too much of it.
    #[error(transparent)]
    Budget(#[from] OverBudget),
}

/// A message with one signer, detached.
#[derive(Clone, Debug)]
pub struct SignedData {
    certificates: Vec<Certificate>,
    signer: SignerId,
    digest: DigestAlgorithm,
    scheme: Scheme,
    /// The signed attributes, re-tagged as `SET OF`: what was signed.
    attributes: Vec<u8>,
    message_digest: Vec<u8>,
    binding: Option<Binding>,
    signature: Vec<u8>,
    unsigned: Vec<(Vec<u8>, Vec<u8>)>,
}

#[derive(Clone, Debug)]
enum SignerId {
    IssuerSerial { issuer: Vec<u8>, serial: Vec<u8> },
    KeyId(Vec<u8>),
}

/// signing-certificate (RFC 2634) or -v2 (RFC 5035): digest of the signer's certificate.
#[derive(Clone, Debug)]
struct Binding {
    digest: DigestOf,
    hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DigestOf {
    Sha1,
    Known(DigestAlgorithm),
}

/// Proof that the signed attributes name the content's digest and the signer's certificate, and
/// that the signer's key signed them.
#[derive(Clone, Debug)]
pub struct CmsValid {
    signature: SignatureValid,
    bound: bool,
}

impl CmsValid {
    /// The signature that holds.
    pub fn signature(&self) -> SignatureValid {
        self.signature
    }

    /// Whether signing-certificate-v2 bound the certificate, as CAdES demands.
    pub fn is_bound(&self) -> bool {
        self.bound
    }
}

impl From<Unsupported> for BadCms {
    fn from(unsupported: Unsupported) -> Self {
        Self::Algorithm(unsupported.to_string())
    }
}

impl From<BadDer> for BadCms {
    fn from(_: BadDer) -> Self {
        Self::Malformed
    }
}

impl SignedData {
    /// Reads the message in the hole of a PDF: DER, and zeros to the end.
    pub fn parse(contents: &[u8], budget: &mut Budget) -> Result<Self, BadCms> {
        let mut reader = Reader::new(contents);
        let info = reader.expect(der::SEQUENCE)?;
        if reader.rest().iter().any(|byte| *byte != 0) {
            return Err(BadCms::Padding);
        }
        let mut info = info.inside();
        if info.expect(der::OID)?.content != oid::SIGNED_DATA {
            return Err(BadCms::Rule("the message is not SignedData"));
        }
        let mut wrapped = info.expect(der::CONTEXT_0)?.inside();
        info.finish()?;
        let mut data = wrapped.expect(der::SEQUENCE)?.inside();
        wrapped.finish()?;
        let version = data.expect(der::INTEGER)?;
        if !matches!(version.content, [1 | 3]) {
            return Err(BadCms::Rule("an unknown version of SignedData"));
        }
        let digests = read_digests(data.expect(der::SET)?)?;
        let mut content = data.expect(der::SEQUENCE)?.inside();
        if content.expect(der::OID)?.content != oid::DATA {
            return Err(BadCms::Rule("the content type is not data"));
        }
        if content.finish().is_err() {
            return Err(BadCms::Rule("the message carries content of its own"));
        }
        let certificates = match data.optional(der::CONTEXT_0)? {
            Some(set) => read_certificates(set, budget)?,
            None => Vec::new(),
        };
        data.optional(der::CONTEXT_1)?;
        let mut signers = data.expect(der::SET)?.inside();
        data.finish()?;
        let one = BadCms::Rule("there must be exactly one signer");
        let signer = signers.expect(der::SEQUENCE).map_err(|_| one.clone())?;
        signers.finish().map_err(|_| one)?;
        let read = Self::read_signer(signer, certificates)?;
        if !digests.contains(&read.digest) {
            return Err(BadCms::Rule(
                "the signer's digest algorithm is not among the announced ones",
            ));
        }
        Ok(read)
    }

    fn read_signer(signer: Element<'_>, certificates: Vec<Certificate>) -> Result<Self, BadCms> {
        let mut info = signer.inside();
        let version = info.expect(der::INTEGER)?;
        let by_key = info.peek() == Some(0x80);
        if version.content != [if by_key { 3 } else { 1 }] {
            return Err(BadCms::Rule("the signer's version does not fit how it is named"));
        }
        let id = match info.optional(0x80)? {
            Some(key) => SignerId::KeyId(key.content.to_vec()),
            None => {
                let mut id = info.expect(der::SEQUENCE)?.inside();
                let issuer = id.expect(der::SEQUENCE)?.raw.to_vec();
                let serial = id.expect(der::INTEGER)?.content.to_vec();
                id.finish()?;
                SignerId::IssuerSerial { issuer, serial }
            }
        };
        let digest = digest_algorithm(info.expect(der::SEQUENCE)?)?;
        let attributes = info
            .optional(der::CONTEXT_0)?
            .ok_or(BadCms::Rule("the signed attributes are missing"))?;
        let scheme = Scheme::of_signer(info.expect(der::SEQUENCE)?, digest)?;
        let signature = info.expect(der::OCTETS)?.content.to_vec();
        let unsigned = match info.optional(der::CONTEXT_1)? {
            Some(set) => read_attributes(set, false)?,
            None => Vec::new(),
        };
        info.finish()?;
        let read = read_attributes(attributes, true)?;
        let one = |name: &[u8], missing: &'static str| {
            read.iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_slice())
                .ok_or(BadCms::Rule(missing))
        };
        let content_type = one(oid::CONTENT_TYPE, "the content type is not signed")?;
        if Reader::new(content_type).expect(der::OID)?.content != oid::DATA {
            return Err(BadCms::Rule("the signed content type is not data"));
        }
        let message_digest = one(oid::MESSAGE_DIGEST, "the message digest is not signed")?;
        let message_digest = Reader::new(message_digest).expect(der::OCTETS)?.content.to_vec();
        let binding = read_binding(&read)?;
        let mut tagged = attributes.raw.to_vec();
        if let Some(tag) = tagged.first_mut() {
            *tag = der::SET;
        }
        Ok(Self {
            certificates,
            signer: id,
            digest,
            scheme,
            attributes: tagged,
            message_digest,
            binding,
            signature,
            unsigned,
        })
    }

    /// The certificates that came along. None of them is believed because of that.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The digest algorithm of the signer.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    /// The digest that was signed.
    pub fn message_digest(&self) -> &[u8] {
        &self.message_digest
    }

    /// Unsigned attributes: identifier and first value.
    pub fn unsigned(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.unsigned
    }

    /// The certificate that the signer named.
    pub fn signer(&self) -> Option<&Certificate> {
        self.certificates.iter().find(|certificate| match &self.signer {
            SignerId::IssuerSerial { issuer, serial } => {
                certificate.issuer() == issuer && certificate.serial() == serial
            }
            SignerId::KeyId(id) => certificate.subject_key_id() == Some(id),
        })
    }

    /// Checks the binding of the certificate and the signature over the attributes. The message
    /// digest is compared by the caller, who has the content.
    pub fn verify(&self, signer: &Certificate, budget: &mut Budget) -> Result<CmsValid, BadCms> {
        if let Some(binding) = &self.binding {
            let holds = match binding.digest {
                DigestOf::Known(algorithm) => algorithm.digest(&[signer.der()]) == binding.hash,
                DigestOf::Sha1 => sha1_identifier(signer.der()) == binding.hash,
            };
            if !holds {
                return Err(BadCms::Rule("the signature is bound to another certificate"));
            }
        }
        Budget::spend(&mut budget.signature_checks, 1, "signature checks")?;
        let key = signer
            .public_key()
            .ok_or_else(|| BadCms::Algorithm("of the signer's key".to_owned()))?;
        let algorithm = self
            .scheme
            .with(key.kind())
            .ok_or(BadCms::Rule("the signer's key does not fit the signature algorithm"))?;
        let signature =
            verify::verify(algorithm, Form::Der, key, &self.attributes, &self.signature).map_err(
                |error| match error {
                    BadSignature::Unsupported => BadCms::Algorithm(algorithm.to_string()),
                    _ => BadCms::Rule("the signature does not hold"),
                },
            )?;
        let bound = self.binding.as_ref().is_some_and(|binding| binding.digest != DigestOf::Sha1);
        Ok(CmsValid { signature, bound })
    }
}

fn read_digests(set: Element<'_>) -> Result<Vec<DigestAlgorithm>, BadCms> {
    let mut reader = set.inside();
    let mut digests = Vec::new();
    while reader.peek().is_some() {
        digests.push(digest_algorithm(reader.expect(der::SEQUENCE)?)?);
        if digests.len() > 8 {
            return Err(BadCms::Rule("more digest algorithms than one signer needs"));
        }
    }
    Ok(digests)
}

fn read_certificates(set: Element<'_>, budget: &mut Budget) -> Result<Vec<Certificate>, BadCms> {
    let mut reader = set.inside();
    let mut certificates = Vec::new();
    while reader.peek().is_some() {
        Budget::spend(&mut budget.certificates, 1, "certificates")?;
        let one = reader.any()?;
        if one.tag == der::SEQUENCE {
            let certificate = Certificate::parse(one.raw)
                .map_err(|_| BadCms::Rule("a certificate in the message cannot be read"))?;
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}

type Attributes = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads `SET OF Attribute`; `strict` demands DER order, one value each and no repetition.
fn read_attributes(set: Element<'_>, strict: bool) -> Result<Attributes, BadCms> {
    let mut reader = set.inside();
    let mut attributes: Attributes = Vec::new();
    let mut last: &[u8] = &[];
    while reader.peek().is_some() {
        let attribute = reader.expect(der::SEQUENCE)?;
        if strict && attribute.raw <= last {
            return Err(BadCms::Rule("the signed attributes are not in DER order"));
        }
        last = attribute.raw;
        let mut inside = attribute.inside();
        let name = inside.expect(der::OID)?.content.to_vec();
        let mut values = inside.expect(der::SET)?.inside();
        inside.finish()?;
        let value = values.any()?.raw.to_vec();
        if strict && values.finish().is_err() {
            return Err(BadCms::Rule("a signed attribute has several values"));
        }
        if strict && attributes.iter().any(|(known, _)| *known == name) {
            return Err(BadCms::Rule("a signed attribute stands twice"));
        }
        attributes.push((name, value));
    }
    Ok(attributes)
}

fn read_binding(attributes: &Attributes) -> Result<Option<Binding>, BadCms> {
    let find = |name: &[u8]| attributes.iter().find(|(known, _)| known == name);
    let (value, old) = match (find(oid::SIGNING_CERTIFICATE_V2), find(oid::SIGNING_CERTIFICATE)) {
        (Some((_, value)), _) => (value, false),
        (None, Some((_, value))) => (value, true),
        (None, None) => return Ok(None),
    };
    let mut certs = Reader::new(value).expect(der::SEQUENCE)?.inside();
    let mut list = certs.expect(der::SEQUENCE)?.inside();
    let mut first = list.expect(der::SEQUENCE)?.inside();
    let digest = if old {
        DigestOf::Sha1
    } else {
        match first.optional(der::SEQUENCE)? {
            Some(identifier) => DigestOf::Known(digest_algorithm(identifier)?),
            None => DigestOf::Known(DigestAlgorithm::Sha256),
        }
    };
    let hash = first.expect(der::OCTETS)?.content.to_vec();
    Ok(Some(Binding { digest, hash }))
}

/// Object identifiers as DER content.
pub(super) mod oid {
    /// 1.2.840.113549.1.7.1
    pub(in super::super) const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
    /// 1.2.840.113549.1.7.2
    pub(in super::super) const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
    /// 1.2.840.113549.1.9.3
    pub(in super::super) const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
    /// 1.2.840.113549.1.9.4
    pub(in super::super) const MESSAGE_DIGEST: &[u8] =
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];
    /// 1.2.840.113549.1.9.16.2.12
    pub(in super::super) const SIGNING_CERTIFICATE: &[u8] =
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 12];
    /// 1.2.840.113549.1.9.16.2.47
    pub(in super::super) const SIGNING_CERTIFICATE_V2: &[u8] =
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 47];
    /// 2.16.840.1.101.3.4.2.1
    pub(in super::super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    /// 1.2.840.10045.4.3.2
    pub(in super::super) const ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
}

#[cfg(test)]
mod tests;
