//! Certificate revocation lists (RFC 5280, 5): read, and checked against their issuer's key.

use std::sync::Arc;

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};

use super::Reason;
use super::scope::{ISSUING_DISTRIBUTION_POINT, Scope, Useless};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::crypto::algorithm::PublicKey;
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};
use crate::format::der::{self, Reader};
use crate::format::x509::{Certificate, DistinguishedName, Envelope, Scheme, Unsupported};

/// A revocation list that was read; a clone shares the bytes.
#[derive(Clone, Debug)]
pub struct Crl(Arc<Content>);

#[derive(Debug)]
struct Content {
    fingerprint: Digest,
    tbs: Vec<u8>,
    signature: Vec<u8>,
    scheme: Result<Scheme, Unsupported>,
    issuer: DistinguishedName,
    authority_key_id: Option<Vec<u8>>,
    scope: Option<Scope>,
    this_update: Timestamp,
    next_update: Timestamp,
    /// By serial number and then by time.
    revoked: Vec<(Vec<u8>, Entry)>,
}

/// What a list says about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Since when it is revoked.
    pub when: Timestamp,
    /// Why.
    pub reason: Reason,
    /// Since when the issuer takes it to be invalid (RFC 5280, 5.3.2); it may be earlier.
    pub invalid_since: Option<Timestamp>,
}

/// The bytes are no revocation list that we can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable certificate revocation list: {0}")]
pub struct BadCrl(pub &'static str);

impl Crl {
    /// Reads DER. A list that is partial, indirect or without a next update is refused: it could
    /// not prove that a certificate is not revoked. One that is whole for some certificates says so,
    /// see [`Self::covers`].
    pub fn parse(der: &[u8]) -> Result<Self, BadCrl> {
        let (rest, list) =
            CertificateRevocationList::from_der(der).map_err(|_| BadCrl("malformed DER"))?;
        if !rest.is_empty() {
            return Err(BadCrl("bytes after the list"));
        }
        let envelope = Envelope::read(der)
            .map_err(|_| BadCrl("malformed DER, or the algorithm outside is not the one inside"))?;
        let critical = |extension: &x509_parser::extensions::X509Extension<'_>| extension.critical;
        let (mut scope, mut authority_key_id) = (None, None);
        for extension in list.extensions() {
            if let ParsedExtension::AuthorityKeyIdentifier(value) = extension.parsed_extension() {
                authority_key_id = value.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            if extension.oid.as_bytes() == ISSUING_DISTRIBUTION_POINT {
                let read = Scope::read(extension.value).map_err(|Useless(why)| BadCrl(why))?;
                if scope.replace(read).is_some() {
                    return Err(BadCrl("an extension stands twice"));
                }
            } else if extension.critical {
                return Err(BadCrl("a critical extension: partial lists are not used"));
            }
        }
        let mut revoked = Vec::new();
        for entry in list.iter_revoked_certificates() {
            if entry.extensions().iter().any(critical) {
                return Err(BadCrl("a critical extension of an entry"));
            }
            let when = time(entry.revocation_date);
            let (reason, invalid_since) = extensions(entry)?;
            let said = Entry { when, reason, invalid_since };
            revoked.push((entry.raw_serial().to_vec(), said));
        }
        revoked
            .sort_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.when.cmp(&other.1.when)));
        Ok(Self(Arc::new(Content {
            fingerprint: Digest::of(&[der]),
            tbs: envelope.signed.to_vec(),
            signature: envelope.signature.to_vec(),
            scheme: Scheme::from_identifier(envelope.algorithm),
            issuer: DistinguishedName::new(list.issuer().as_raw()),
            authority_key_id,
            scope,
            this_update: time(list.last_update()),
            next_update: time(list.next_update().ok_or(BadCrl("no next update"))?),
            revoked,
        })))
    }

    /// The issuer of what may be a list, when that much can be read.
    pub fn issuer_of(der: &[u8]) -> Option<DistinguishedName> {
        let mut fields = Reader::new(der).expect(der::SEQUENCE).ok()?.inside();
        let mut fields = fields.expect(der::SEQUENCE).ok()?.inside();
        fields.optional(der::INTEGER).ok()?;
        fields.expect(der::SEQUENCE).ok()?;
        Some(DistinguishedName::new(fields.expect(der::SEQUENCE).ok()?.raw))
    }

    /// SHA-256 over the bytes.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// The name of its issuer.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.0.issuer
    }

    /// By which of its issuer's keys it says that it was signed (RFC 5280, 5.2.1).
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.authority_key_id.as_deref()
    }

    /// With which algorithm it is signed, or the name of one that is not on our list.
    pub fn signature_scheme(&self) -> Result<&Scheme, &Unsupported> {
        self.0.scheme.as_ref()
    }

    /// From when until when the list speaks.
    pub fn window(&self) -> (Timestamp, Timestamp) {
        (self.0.this_update, self.0.next_update)
    }

    /// Whether the list is about this certificate of its issuer, so that leaving it out says something
    /// (RFC 5280, 6.3.3, b, 2).
    pub fn covers(&self, certificate: &Certificate) -> bool {
        self.0.scope.as_ref().is_none_or(|scope| scope.covers(certificate))
    }

    /// Since when the certificate with this serial is revoked.
    pub fn revoked(&self, serial: &[u8]) -> Option<Timestamp> {
        self.entry(serial).map(|entry| entry.when)
    }

    /// What the list says about the certificate with this serial. Of two entries for one serial
    /// the earlier counts.
    pub fn entry(&self, serial: &[u8]) -> Option<Entry> {
        let at = self.0.revoked.partition_point(|(known, _)| known.as_slice() < serial);
        self.0.revoked.get(at).filter(|(known, _)| known == serial).map(|(_, entry)| *entry)
    }

    /// Checks that this key signed the list.
    pub fn signed_by(&self, issuer: &PublicKey) -> Result<SignatureValid, BadSignature> {
        let scheme = self.0.scheme.as_ref().map_err(|_| BadSignature::Unsupported)?;
        let algorithm = scheme.with(issuer.kind()).ok_or(BadSignature::Unsupported)?;
        verify::verify(algorithm, Form::Der, issuer, &self.0.tbs, &self.0.signature)
    }
}

/// Reason and invalidity date of an entry.
fn extensions(entry: &RevokedCertificate<'_>) -> Result<(Reason, Option<Timestamp>), BadCrl> {
    let (mut reason, mut invalid_since) = (Reason::Unspecified, None);
    for extension in entry.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::ReasonCode(code) => {
                reason = Reason::of_code(code.0)
                    .ok_or(BadCrl("a reason that only partial lists may give, or none at all"))?;
            }
            ParsedExtension::InvalidityDate(date) => invalid_since = Some(time(*date)),
            ParsedExtension::ParseError { .. } => return Err(BadCrl("a malformed extension")),
            _ => {}
        }
    }
    Ok((reason, invalid_since))
}

fn time(at: x509_parser::time::ASN1Time) -> Timestamp {
    Timestamp::nearest(at.timestamp())
}
