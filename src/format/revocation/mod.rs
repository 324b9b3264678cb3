//! Certificate revocation lists (RFC 5280, 5): read, and checked against their issuer's key.

use std::sync::Arc;

use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::crypto::algorithm::PublicKey;
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};
use crate::format::x509::{Envelope, Scheme};

/// A revocation list that was read; a clone shares the bytes.
#[derive(Clone, Debug)]
pub struct Crl(Arc<Content>);

#[derive(Debug)]
struct Content {
    fingerprint: Digest,
    tbs: Vec<u8>,
    signature: Vec<u8>,
    scheme: Option<Scheme>,
    issuer: Vec<u8>,
    this_update: Timestamp,
    next_update: Timestamp,
    revoked: Vec<(Vec<u8>, Timestamp)>,
}

/// The bytes are no revocation list that we can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable certificate revocation list: {0}")]
pub struct BadCrl(pub &'static str);

impl Crl {
    /// Reads DER. A list that is partial, indirect or without a next update is refused: it could
    /// not prove that a certificate is not revoked.
    pub fn parse(der: &[u8]) -> Result<Self, BadCrl> {
        let (rest, list) =
            CertificateRevocationList::from_der(der).map_err(|_| BadCrl("malformed DER"))?;
        if !rest.is_empty() {
            return Err(BadCrl("bytes after the list"));
        }
        let envelope = Envelope::read(der)
            .map_err(|_| BadCrl("malformed DER, or the algorithm outside is not the one inside"))?;
        let time = |at: x509_parser::time::ASN1Time| {
            Timestamp::from_unix(at.timestamp()).ok_or(BadCrl("a date outside 1970–9998"))
        };
        let critical = |extension: &x509_parser::extensions::X509Extension<'_>| extension.critical;
        if list.extensions().iter().any(critical) {
            return Err(BadCrl("a critical extension: partial or indirect lists are not used"));
        }
        let mut revoked = Vec::new();
        for entry in list.iter_revoked_certificates() {
            if entry.extensions().iter().any(critical) {
                return Err(BadCrl("a critical extension of an entry"));
            }
            revoked.push((entry.raw_serial().to_vec(), time(entry.revocation_date)?));
        }
        Ok(Self(Arc::new(Content {
            fingerprint: Digest::of(&[der]),
            tbs: envelope.signed.to_vec(),
            signature: envelope.signature.to_vec(),
            scheme: Scheme::read(&list.signature_algorithm),
            issuer: list.issuer().as_raw().to_vec(),
            this_update: time(list.last_update())?,
            next_update: time(list.next_update().ok_or(BadCrl("no next update"))?)?,
            revoked,
        })))
    }

    /// SHA-256 over the bytes.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// DER of the issuer's name.
    pub fn issuer(&self) -> &[u8] {
        &self.0.issuer
    }

    /// From when until when the list speaks.
    pub fn window(&self) -> (Timestamp, Timestamp) {
        (self.0.this_update, self.0.next_update)
    }

    /// Since when the certificate with this serial is revoked.
    pub fn revoked(&self, serial: &[u8]) -> Option<Timestamp> {
        self.0.revoked.iter().find(|(known, _)| known == serial).map(|(_, when)| *when)
    }

    /// Checks that this key signed the list.
    pub fn signed_by(&self, issuer: &PublicKey) -> Result<SignatureValid, BadSignature> {
        let scheme = self.0.scheme.ok_or(BadSignature::Unsupported)?;
        let algorithm = scheme.with(issuer.kind()).ok_or(BadSignature::Unsupported)?;
        verify::verify(algorithm, Form::Der, issuer, &self.0.tbs, &self.0.signature)
    }
}
