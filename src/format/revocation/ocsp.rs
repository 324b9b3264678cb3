//! OCSP responses (RFC 6960): parsed, and verified with a responder's key.

use std::sync::Arc;

use super::Reason;
use crate::base::digest::Digest;
use crate::base::limits::{Budget, OCSP_BYTES, OverBudget, Purse};
use crate::base::time::Timestamp;
use crate::crypto::algorithm::PublicKey;
use crate::crypto::digest::{DigestAlgorithm, sha1_identifier};
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};
use crate::format::der::{self, BadDer, Element, Extension, Reader, element};
use crate::format::x509::{Certificate, DistinguishedName, Scheme, Unsupported, digest_algorithm};

/// A parsed successful `BasicOCSPResponse`; a clone shares the bytes.
#[derive(Clone, Debug)]
pub struct OcspResponse(Arc<ParsedResponse>);

#[derive(Debug)]
struct ParsedResponse {
    fingerprint: Digest,
    signed: Vec<u8>,
    signature: Vec<u8>,
    scheme: Result<Scheme, Unsupported>,
    responder: ResponderId,
    produced_at: Timestamp,
    certificates: Vec<Certificate>,
    responses: Vec<(CertId, SingleResponse)>,
}

/// Identifier of a responder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderId {
    /// The name of its subject.
    Name(DistinguishedName),
    /// SHA-1 of its key, which only identifies it.
    KeyHash(Vec<u8>),
}

/// The status of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleResponse {
    /// Status of the certificate.
    pub status: Status,
    /// `thisUpdate`: time of the status.
    pub this_update: Timestamp,
    /// `nextUpdate`; `None`: newer data exist at any time.
    pub next_update: Option<Timestamp>,
}

/// `CertStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked at that time.
    Good,
    /// Revoked, or on hold.
    Revoked {
        /// Time of the revocation.
        when: Timestamp,
        /// Reason of the revocation.
        reason: Reason,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// The bytes are not a supported response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable OCSP response: {0}")]
pub struct BadOcsp(pub &'static str);

#[derive(Debug)]
struct CertId {
    hash: IdHash,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
}

/// A digest that identifies an issuer. Nearly all responders use SHA-1; an attacker with a second
/// issuer for both digests would still need the responder's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IdHash {
    Sha1,
    Known(DigestAlgorithm),
    Other,
}

impl OcspResponse {
    /// Parses an `OCSPResponse`. Responses without status success, of another type than basic, with
    /// critical extensions, or larger than [`OCSP_BYTES`] are refused.
    pub fn parse(der: &[u8]) -> Result<Self, BadOcsp> {
        if der.len() > OCSP_BYTES {
            return Err(BadOcsp("larger than 128 KB"));
        }
        let mut outer = Reader::new(der);
        let mut response = outer.expect(der::SEQUENCE)?.inside();
        outer.finish().map_err(|_| BadOcsp("bytes after the response"))?;
        let status = response.expect(der::ENUMERATED)?;
        if status.content != [0] {
            return Err(BadOcsp("the responder declined to answer"));
        }
        let bytes = response.expect(der::CONTEXT_0)?.only()?;
        response.finish()?;
        let mut bytes = bytes.inside();
        if bytes.expect(der::OID)?.content != BASIC {
            return Err(BadOcsp("another type than the basic response"));
        }
        let basic = bytes.expect(der::OCTETS)?;
        bytes.finish()?;
        read_basic(basic.only()?, Digest::of(&[der])).map(|content| Self(Arc::new(content)))
    }

    /// Pays for reading this many bytes as a response, and for its memory.
    pub fn pay(bytes: usize, budget: &mut Budget) -> Result<(), OverBudget> {
        // A response that is too large is refused unread.
        let bytes = if bytes > OCSP_BYTES { 0 } else { bytes };
        budget.pay(Purse::ReadBytes, bytes, "bytes of revocation data")?;
        budget.pay(Purse::Memory, bytes.saturating_mul(KEPT), "memory for revocation data")
    }

    /// SHA-256 over the bytes.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// The responder named in the response.
    pub fn responder(&self) -> &ResponderId {
        &self.0.responder
    }

    /// The enclosed certificates. Being enclosed does not make a certificate trusted.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// `producedAt`: time of the signature.
    pub fn produced_at(&self) -> Timestamp {
        self.0.produced_at
    }

    /// Checks that this key signed the response; whose key it is, the caller must know.
    pub fn signed_by(&self, responder: &PublicKey) -> Result<SignatureValid, BadSignature> {
        let scheme = self.0.scheme.as_ref().map_err(|_| BadSignature::Unsupported)?;
        let algorithm = scheme.with(responder.kind()).ok_or(BadSignature::Unsupported)?;
        verify::verify(algorithm, Form::Der, responder, &self.0.signed, &self.0.signature)
    }

    /// The status of the certificate that `issuer` issued under this serial. Of several the worst
    /// counts.
    pub fn answer(&self, subject_serial: &[u8], issuer: &Certificate) -> Option<SingleResponse> {
        self.worst(subject_serial, &[issuer.subject()], issuer)
    }

    /// Like [`Self::answer`], for a parsed certificate. The issuer's name is hashed as encoded in
    /// that certificate (RFC 6960, 4.1.1), or in its own certificate, as some responders do.
    pub fn answer_about(
        &self,
        subject: &Certificate,
        issuer: &Certificate,
    ) -> Option<SingleResponse> {
        self.worst(subject.serial(), &[subject.issuer(), issuer.subject()], issuer)
    }

    /// Whether it has an entry for a certificate with this issuer's key and the subject's serial
    /// number, under any name.
    pub fn mentions(&self, subject: &Certificate, issuer: &Certificate) -> bool {
        let mut digests = IssuerDigests { names: &[], issuer, known: Vec::new() };
        let mut fitting = self.0.responses.iter().filter(|(id, _)| id.serial == subject.serial());
        fitting.any(|(id, _)| digests.of(id).is_some_and(|known| known.key == id.issuer_key))
    }

    /// Its signature algorithm, or the name of an unsupported one.
    pub fn signature_scheme(&self) -> Result<&Scheme, &Unsupported> {
        self.0.scheme.as_ref()
    }

    fn worst(
        &self,
        serial: &[u8],
        names: &[&DistinguishedName],
        issuer: &Certificate,
    ) -> Option<SingleResponse> {
        let mut digests = IssuerDigests { names, issuer, known: Vec::new() };
        let fitting = self.0.responses.iter().filter(|(id, _)| id.serial == serial);
        let responses = fitting.filter(|(id, _)| digests.fit(id));
        responses.map(|(_, response)| *response).max_by_key(|response| match response.status {
            Status::Good => 0,
            Status::Unknown => 1,
            Status::Revoked { .. } => 2,
        })
    }
}

/// An `OCSPRequest` for one certificate. Its issuer's name and key are hashed with SHA-1, which
/// every responder supports (RFC 6960, 4.1.1; RFC 5019, 2.1.1).
pub fn request(issuer_name: &[u8], issuer_key: &[u8], serial: &[u8]) -> Vec<u8> {
    let algorithm = der::sequence(&[&element(der::OID, SHA1), &element(der::NULL, &[])]);
    let id = der::sequence(&[
        &algorithm,
        &element(der::OCTETS, issuer_name),
        &element(der::OCTETS, issuer_key),
        &element(der::INTEGER, serial),
    ]);
    let list = der::sequence(&[&der::sequence(&[&id])]);
    der::sequence(&[&der::sequence(&[&list])])
}

impl ResponderId {
    /// Whether it names this certificate.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => certificate.subject() == name,
            Self::KeyHash(hash) => {
                certificate.public_key().is_some_and(|key| sha1_identifier(key.bits()) == *hash)
            }
        }
    }
}

/// Digests of an issuer's names and key, each computed once: a response may have a thousand
/// entries.
struct IssuerDigests<'a> {
    names: &'a [&'a DistinguishedName],
    issuer: &'a Certificate,
    known: Vec<IssuerDigest>,
}

struct IssuerDigest {
    hash: IdHash,
    names: Vec<Vec<u8>>,
    key: Vec<u8>,
}

impl IssuerDigests<'_> {
    /// Whether an identifier names this issuer.
    fn fit(&mut self, id: &CertId) -> bool {
        self.of(id).is_some_and(|known| {
            known.key == id.issuer_key && known.names.contains(&id.issuer_name)
        })
    }

    /// The digests by the algorithm of an identifier.
    fn of(&mut self, id: &CertId) -> Option<&IssuerDigest> {
        let key = self.issuer.public_key()?;
        if id.hash == IdHash::Other {
            return None;
        }
        if !self.known.iter().any(|known| known.hash == id.hash) {
            let digest = |bytes: &[u8]| match id.hash {
                IdHash::Sha1 => sha1_identifier(bytes),
                IdHash::Known(algorithm) => algorithm.digest(&[bytes]),
                IdHash::Other => Vec::new(),
            };
            let names = self.names.iter().map(|name| digest(name.der())).collect();
            self.known.push(IssuerDigest { hash: id.hash, names, key: digest(key.bits()) });
        }
        self.known.iter().find(|known| known.hash == id.hash)
    }
}

impl From<BadDer> for BadOcsp {
    fn from(_: BadDer) -> Self {
        Self("malformed DER")
    }
}

fn read_basic(basic: Element<'_>, fingerprint: Digest) -> Result<ParsedResponse, BadOcsp> {
    if basic.tag != der::SEQUENCE {
        return Err(BadDer.into());
    }
    let mut parts = basic.inside();
    let signed = parts.expect(der::SEQUENCE)?;
    let algorithm = parts.expect(der::SEQUENCE)?;
    let signature = parts.expect(der::BIT_STRING)?.octet_bits()?;
    let certificates = match parts.optional(der::CONTEXT_0)? {
        Some(wrapper) => read_certificates(wrapper)?,
        None => Vec::new(),
    };
    parts.finish()?;
    let mut data = signed.inside();
    if let Some(version) = data.optional(der::CONTEXT_0)?
        && version.only()?.content != [0]
    {
        return Err(BadOcsp("an unknown version"));
    }
    let responder = read_responder(data.any()?)?;
    let produced_at = read_time(data.any()?)?;
    let mut singles = data.expect(der::SEQUENCE)?.inside();
    refuse_critical(data.optional(der::CONTEXT_1)?)?;
    data.finish()?;
    let mut responses = Vec::new();
    while singles.peek().is_some() {
        responses.push(read_single(singles.expect(der::SEQUENCE)?)?);
    }
    Ok(ParsedResponse {
        fingerprint,
        signed: signed.raw.to_vec(),
        signature: signature.to_vec(),
        scheme: Scheme::from_identifier(algorithm),
        responder,
        produced_at,
        certificates,
        responses,
    })
}

fn read_certificates(wrapper: Element<'_>) -> Result<Vec<Certificate>, BadOcsp> {
    let list = wrapper.only()?;
    if list.tag != der::SEQUENCE {
        return Err(BadDer.into());
    }
    let mut list = list.inside();
    let mut certificates = Vec::new();
    while list.peek().is_some() {
        if certificates.len() >= MAX_CERTIFICATES {
            return Err(BadOcsp("more certificates than one responder needs"));
        }
        let certificate = Certificate::parse(list.expect(der::SEQUENCE)?.raw)
            .map_err(|_| BadOcsp("a certificate in it cannot be read"))?;
        certificates.push(certificate);
    }
    Ok(certificates)
}

fn read_responder(id: Element<'_>) -> Result<ResponderId, BadOcsp> {
    let inside = id.only()?;
    match (id.tag, inside.tag) {
        (der::CONTEXT_1, der::SEQUENCE) => {
            Ok(ResponderId::Name(DistinguishedName::new(inside.raw)))
        }
        (der::CONTEXT_2, der::OCTETS) => Ok(ResponderId::KeyHash(inside.content.to_vec())),
        _ => Err(BadDer.into()),
    }
}

fn read_single(single: Element<'_>) -> Result<(CertId, SingleResponse), BadOcsp> {
    let mut parts = single.inside();
    let id = read_id(parts.expect(der::SEQUENCE)?)?;
    let status = parts.any()?;
    let this_update = read_time(parts.any()?)?;
    let next_update = parts.optional(der::CONTEXT_0)?;
    let next_update = next_update.map(|wrapper| read_time(wrapper.only()?)).transpose()?;
    refuse_critical(parts.optional(der::CONTEXT_1)?)?;
    parts.finish()?;
    let status = match (status.tag, status.content) {
        (0x80, []) => Status::Good,
        (0x82, []) => Status::Unknown,
        (der::CONTEXT_1, _) => read_revoked(status)?,
        _ => return Err(BadDer.into()),
    };
    Ok((id, SingleResponse { status, this_update, next_update }))
}

fn read_id(id: Element<'_>) -> Result<CertId, BadOcsp> {
    let mut parts = id.inside();
    let algorithm = parts.expect(der::SEQUENCE)?;
    let issuer_name = parts.expect(der::OCTETS)?.content.to_vec();
    let issuer_key = parts.expect(der::OCTETS)?.content.to_vec();
    let serial = parts.expect(der::INTEGER)?.content.to_vec();
    parts.finish()?;
    let name = algorithm.inside().expect(der::OID)?.content;
    let hash = match digest_algorithm(algorithm) {
        _ if name == SHA1 => IdHash::Sha1,
        Ok(known) => IdHash::Known(known),
        Err(_) => IdHash::Other,
    };
    Ok(CertId { hash, issuer_name, issuer_key, serial })
}

fn read_revoked(info: Element<'_>) -> Result<Status, BadOcsp> {
    let mut parts = info.inside();
    let when = read_time(parts.any()?)?;
    let reason = match parts.optional(der::CONTEXT_0)? {
        None => Reason::Unspecified,
        Some(wrapper) => match wrapper.only()? {
            Element { tag: der::ENUMERATED, content: &[code], .. } => {
                Reason::of_code(code).ok_or(BadOcsp("an unknown reason of a revocation"))?
            }
            _ => return Err(BadDer.into()),
        },
    };
    parts.finish()?;
    Ok(Status::Revoked { when, reason })
}

/// Times are `GeneralizedTime` throughout (RFC 6960, 4.2.2.1).
fn read_time(element: Element<'_>) -> Result<Timestamp, BadOcsp> {
    if element.tag != der::GENERALIZED_TIME {
        return Err(BadDer.into());
    }
    element.time().map_err(|_| BadOcsp("a malformed time"))
}

/// Refuses critical extensions. None is supported: a nonce answers one in a request, and requests
/// here have none.
fn refuse_critical(wrapper: Option<Element<'_>>) -> Result<(), BadOcsp> {
    let Some(wrapper) = wrapper else { return Ok(()) };
    let list = wrapper.only()?;
    if list.tag != der::SEQUENCE {
        return Err(BadDer.into());
    }
    let critical = Extension::read_all(list.inside())?.iter().any(|extension| extension.critical);
    if critical { Err(BadOcsp("a critical extension that is not known")) } else { Ok(()) }
}

/// Memory for each byte: an entry of 50 bytes takes 250, a certificate what [`Certificate::pay`]
/// takes.
const KEPT: usize = 20;
/// A responder, its issuer, and a margin.
const MAX_CERTIFICATES: usize = 8;
/// 1.3.6.1.5.5.7.48.1.1
const BASIC: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1];
/// 1.3.14.3.2.26
const SHA1: &[u8] = &[0x2B, 0x0E, 3, 2, 26];
