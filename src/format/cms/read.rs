//! Parsing of an untrusted `SignedData`.

use super::BadCms;
use super::attributes::{self, SignedAttributes, Stated};
use super::evidence::Evidence;
use super::oid;
use crate::base::limits::{Budget, Purse};
use crate::base::time::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::format::der::{self, Element, Reader};
use crate::format::x509::{
    Certificate, CertificateCache, DistinguishedName, Scheme, Unsupported, digest_algorithm,
};

/// A message with one signer.
#[derive(Clone, Debug)]
pub struct SignedData {
    content: Option<Vec<u8>>,
    pub(super) evidence: Evidence,
    signer: SignerId,
    pub(super) digest: DigestAlgorithm,
    pub(super) scheme: Result<Scheme, Unsupported>,
    pub(super) attributes: Option<SignedAttributes>,
    pub(super) signature: Vec<u8>,
}

#[derive(Clone, Debug)]
enum SignerId {
    IssuerSerial { issuer: DistinguishedName, serial: Vec<u8> },
    KeyId(Vec<u8>),
}

impl SignedData {
    /// Parses the message in the hole of a PDF, whose content is the file around it: DER, and zeros
    /// to the end.
    pub fn parse(contents: &[u8], budget: &mut Budget) -> Result<Self, BadCms> {
        Self::parse_with_cache(contents, None, budget)
    }

    /// Like [`Self::parse`], with a cache of certificates.
    pub fn parse_with_cache(
        contents: &[u8],
        known: Option<&CertificateCache>,
        budget: &mut Budget,
    ) -> Result<Self, BadCms> {
        let read = read_message(contents, oid::DATA, known, budget)?;
        if read.content.is_some() {
            return Err(BadCms::Rule("the message carries content of its own"));
        }
        Ok(read)
    }

    /// Parses a message that carries content of this type, and zeros to the end. `content_type` is
    /// the content of an object identifier.
    pub fn parse_enclosing(
        contents: &[u8],
        content_type: &[u8],
        budget: &mut Budget,
    ) -> Result<Self, BadCms> {
        let read = read_message(contents, content_type, None, budget)?;
        if read.content.is_none() {
            return Err(BadCms::Rule("the message carries no content"));
        }
        // RFC 5652, 5.3: only bare data may omit them.
        if read.attributes.is_none() {
            return Err(BadCms::Rule("the signed attributes are missing"));
        }
        Ok(read)
    }

    /// The enclosed content; `None` when it is elsewhere.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The enclosed certificates, in the message or in certificate-values. Being enclosed does not
    /// make a certificate trusted.
    pub fn certificates(&self) -> &[Certificate] {
        &self.evidence.certificates
    }

    /// Why enclosed certificates are not among [`Self::certificates`].
    pub fn unreadable(&self) -> &[String] {
        &self.evidence.unreadable
    }

    /// DER of the enclosed revocation lists, signed (as Adobe does it) or beside the signature.
    pub fn crls(&self) -> &[Vec<u8>] {
        &self.evidence.crls
    }

    /// DER of the enclosed `OCSPResponse`s.
    pub fn ocsp_responses(&self) -> &[Vec<u8>] {
        &self.evidence.ocsp_responses
    }

    /// The first time-stamp token over the signature.
    pub fn signature_timestamp(&self) -> Option<&[u8]> {
        self.evidence.timestamps.first().map(Vec::as_slice)
    }

    /// Every time-stamp token over the signature.
    pub fn signature_timestamps(&self) -> &[Vec<u8>] {
        &self.evidence.timestamps
    }

    /// The signature's bytes, which a signature time stamp covers.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The digest algorithm of the signer.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    /// The signature algorithm, by name, accepted or not.
    pub fn signature_algorithm(&self) -> String {
        self.scheme.as_ref().map_or_else(ToString::to_string, ToString::to_string)
    }

    /// The digest of the content that was signed; `None` when there are no signed attributes and
    /// the signature is over the content itself.
    pub fn message_digest(&self) -> Option<&[u8]> {
        self.attributes.as_ref().map(|attributes| attributes.message_digest.as_slice())
    }

    /// The signer's claimed signing time in the message. PAdES has it in the signature dictionary
    /// instead (ETSI EN 319 142-1, 6.3).
    pub fn signing_time(&self) -> Option<Timestamp> {
        self.attributes.as_ref().and_then(|attributes| attributes.signing_time)
    }

    /// The signer's certificate among the enclosed ones: the one that the signing-certificate
    /// attribute binds, else the one that is named.
    pub fn signer(&self) -> Option<&Certificate> {
        self.signer_among(self.certificates())
    }

    /// The signer's certificate among certificates from another source.
    pub fn signer_among<'a>(&self, pool: &'a [Certificate]) -> Option<&'a Certificate> {
        let named = || pool.iter().filter(|certificate| self.names(certificate));
        named().find(|certificate| self.binds(certificate)).or_else(|| named().next())
    }

    /// Whether the signer's issuer and serial number, or key identifier, are this certificate's.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match &self.signer {
            SignerId::IssuerSerial { issuer, serial } => {
                certificate.issuer() == issuer && certificate.serial() == serial
            }
            SignerId::KeyId(id) => certificate.subject_key_id() == Some(id),
        }
    }

    pub(super) fn names_as_written(&self, certificate: &Certificate) -> bool {
        match &self.signer {
            SignerId::IssuerSerial { issuer, .. } => issuer.der() == certificate.issuer().der(),
            SignerId::KeyId(_) => true,
        }
    }

    /// Whether every signing-certificate attribute names this certificate.
    pub(super) fn binds(&self, certificate: &Certificate) -> bool {
        let mut bindings = self.attributes.iter().flat_map(|attributes| &attributes.bindings);
        bindings.all(|binding| binding.names(certificate))
    }

    /// Refuses a message with two certificates that could both be the signer's: an attacker could
    /// lead a verifier to either. The signing-certificate attribute may select among certificates
    /// of one key; nothing can select between two with the same issuer and serial number.
    fn check_choice(&self) -> Result<(), BadCms> {
        let named = || self.certificates().iter().filter(|certificate| self.names(certificate));
        let Some(first) = named().next() else { return Ok(()) };
        if named().all(|other| other == first) {
            return Ok(());
        }
        let bound = self.attributes.as_ref().is_some_and(|attributes| {
            !attributes.bindings.is_empty() && named().any(|certificate| self.binds(certificate))
        });
        match self.signer {
            SignerId::KeyId(_) if bound => Ok(()),
            _ => Err(BadCms::Rule("several certificates could be the signer's")),
        }
    }
}

/// The outer layers (RFC 5652, 3 and 5.1). They are not signed, so BER lengths there are harmless.
fn read_message(
    contents: &[u8],
    content_type: &[u8],
    known: Option<&CertificateCache>,
    budget: &mut Budget,
) -> Result<SignedData, BadCms> {
    budget.pay(Purse::ReadBytes, contents.len(), "bytes of messages")?;
    let mut reader = Reader::lenient(contents);
    let info = reader.expect(der::SEQUENCE)?;
    if reader.rest().iter().any(|byte| *byte != 0) {
        return Err(BadCms::Padding);
    }
    let mut info = info.inside();
    let kind = info.expect(der::OID)?.content;
    if kind.starts_with(oid::CHINESE_CIPHERS) {
        return Err(Unsupported::identifier(kind).into());
    }
    if kind != oid::SIGNED_DATA {
        return Err(BadCms::Rule("the message is not SignedData"));
    }
    let wrapped = info.expect(der::CONTEXT_0)?.only()?;
    info.finish()?;
    if wrapped.tag != der::SEQUENCE {
        return Err(BadCms::Malformed);
    }
    read_signed_data(wrapped, content_type, known, budget)
}

fn read_signed_data(
    wrapped: Element<'_>,
    content_type: &[u8],
    known: Option<&CertificateCache>,
    budget: &mut Budget,
) -> Result<SignedData, BadCms> {
    let mut data = wrapped.inside();
    // 4 and 5 announce attribute certificates or other revocation data.
    if !matches!(data.expect(der::INTEGER)?.content, [1 | 3 | 4 | 5]) {
        return Err(BadCms::Rule("an unknown version of SignedData"));
    }
    let announced = data.expect(der::SET)?;
    let info = data.expect(der::SEQUENCE)?;
    budget.pay(Purse::Memory, info.raw.len(), "memory for the content of a message")?;
    let content = read_content(info, content_type)?;
    let mut evidence = Evidence::default();
    if let Some(set) = data.optional(der::CONTEXT_0)? {
        evidence.add_certificates(set, known, budget)?;
    }
    if let Some(set) = data.optional(der::CONTEXT_1)? {
        evidence.add_revocation(set, budget)?;
    }
    let mut signers = data.expect(der::SET)?.inside();
    data.finish()?;
    let one = BadCms::Rule("there must be exactly one signer");
    let signer = signers.expect(der::SEQUENCE).map_err(|_| one.clone())?;
    signers.finish().map_err(|_| one)?;
    let read = read_signer(signer, content, content_type, evidence, budget)?;
    if !announces(announced, read.digest)? {
        return Err(BadCms::Rule("the signer's digest algorithm is not among the announced ones"));
    }
    read.check_choice()?;
    Ok(read)
}

/// `EncapsulatedContentInfo`.
fn read_content(info: Element<'_>, content_type: &[u8]) -> Result<Option<Vec<u8>>, BadCms> {
    let mut info = info.inside();
    if info.expect(der::OID)?.content != content_type {
        return Err(BadCms::Rule("the message is about another type of content"));
    }
    let content = info.optional(der::CONTEXT_0)?;
    info.finish()?;
    content.map(|wrapper| Ok(wrapper.only()?.octets()?.into_owned())).transpose()
}

/// Whether the digest is among the announced ones; the others may be unknown.
fn announces(set: Element<'_>, wanted: DigestAlgorithm) -> Result<bool, BadCms> {
    let mut reader = set.inside();
    let mut found = false;
    while reader.peek().is_some() {
        found |= digest_algorithm(reader.expect(der::SEQUENCE)?) == Ok(wanted);
    }
    Ok(found)
}

/// `SignerInfo` (RFC 5652, 5.3).
fn read_signer(
    signer: Element<'_>,
    content: Option<Vec<u8>>,
    content_type: &[u8],
    mut evidence: Evidence,
    budget: &mut Budget,
) -> Result<SignedData, BadCms> {
    let mut info = signer.inside();
    let version = info.expect(der::INTEGER)?;
    let by_key = info.peek() == Some(KEY_ID);
    if version.content != [if by_key { 3 } else { 1 }] {
        return Err(BadCms::Rule("the signer's version does not fit how it is named"));
    }
    let id = read_id(info.any()?)?;
    let digest = digest_algorithm(info.expect(der::SEQUENCE)?)?;
    let attributes = info.optional(der::CONTEXT_0)?;
    let scheme = Scheme::of_signer(info.expect(der::SEQUENCE)?, digest);
    let signature = info.expect(der::OCTETS)?.content.to_vec();
    let unsigned = info.optional(der::CONTEXT_1)?;
    info.finish()?;
    // RFC 5652 does not say which of the two digests is used for the attributes. RFC 8419, 3.1
    // requires SHA-512 for Ed25519.
    if scheme.as_ref().is_ok_and(|scheme| scheme.digest() != digest) {
        return Err(BadCms::Rule("the signature algorithm has another digest than the signer"));
    }
    let attributes = match attributes {
        Some(set) => {
            let stated = Stated { content_type, digest, scheme: &scheme };
            let (signed, all) = SignedAttributes::read(set, &stated)?;
            evidence.add_signed(&all, budget)?;
            Some(signed)
        }
        None => None,
    };
    if let Some(set) = unsigned {
        evidence.add_unsigned(&attributes::read_all(set)?, budget)?;
    }
    Ok(SignedData { content, evidence, signer: id, digest, scheme, attributes, signature })
}

fn read_id(id: Element<'_>) -> Result<SignerId, BadCms> {
    match id.tag {
        KEY_ID => Ok(SignerId::KeyId(id.content.to_vec())),
        der::SEQUENCE => {
            let mut parts = id.inside();
            let issuer = DistinguishedName::new(parts.expect(der::SEQUENCE)?.raw);
            let serial = parts.expect(der::INTEGER)?.content.to_vec();
            parts.finish()?;
            Ok(SignerId::IssuerSerial { issuer, serial })
        }
        _ => Err(BadCms::Malformed),
    }
}

/// `[0]` of `SignerIdentifier`.
const KEY_ID: u8 = 0x80;
