//! Certificates and revocation lists that the office issues (RFC 5280), built with rcgen.
//!
//! Root → issuing CA (path length 0) → for each department a seal leaf and a credential leaf, and a
//! status leaf of the office. Serials are random, and every leaf has an entitlement. A key signs
//! for a year; its certificate is valid long enough to verify the signatures.

mod certificates;
mod crl;
mod signing;

pub use certificates::{IssuingCa, Leaf, Names, Urls, arc_of, issuing, leaf, root};
pub use crl::{RevokedCertificate, crl};

/// A certificate or list could not be built; nothing was issued.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the certificate: {0}")]
pub struct AuthorityError(String);

impl From<rcgen::Error> for AuthorityError {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

/// A certificate authority that can sign: its certificate and its key.
#[derive(Clone, Copy)]
pub struct Ca<'a> {
    /// Its CA certificate.
    pub certificate: &'a crate::format::x509::Certificate,
    /// The matching key.
    pub key: &'a dyn crate::crypto::signer::Signer,
}

impl std::fmt::Debug for Ca<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ca({:?})", self.certificate)
    }
}
