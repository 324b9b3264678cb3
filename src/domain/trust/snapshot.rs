//! The caller's trust anchors and revocation data at the start of a verification.

use super::unused::Unreadable;
use crate::base::time::Timestamp;
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

/// Anchors and revocation data of the caller.
#[derive(Clone, Debug, Default)]
pub struct TrustSnapshot {
    anchors: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsp: Vec<OcspResponse>,
    unreadable: Vec<Unreadable>,
    clock: Option<Timestamp>,
}

/// Evidence enclosed in a file: in the message, the document or the token. It helps to find and
/// judge a path, and never makes one trusted. Clones share the bytes.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Certificates that may be between the leaf and an anchor, or belong to responders.
    pub certificates: Vec<Certificate>,
    /// Revocation lists, used once their signature verifies.
    pub crls: Vec<Crl>,
    /// OCSP responses, used once their signature verifies.
    pub ocsp: Vec<OcspResponse>,
    /// Lists that cannot be used.
    pub unreadable: Vec<Unreadable>,
}

impl TrustSnapshot {
    /// Trusts these certificates and no others.
    pub fn new(anchors: Vec<Certificate>) -> Self {
        Self { anchors, ..Self::default() }
    }

    /// Uses this revocation list, once its signature verifies.
    #[must_use]
    pub fn with_crl(mut self, crl: Crl) -> Self {
        self.crls.push(crl);
        self
    }

    /// Uses this OCSP response, once its signature verifies.
    #[must_use]
    pub fn with_ocsp(mut self, response: OcspResponse) -> Self {
        self.ocsp.push(response);
        self
    }

    /// Uses the lists and OCSP responses enclosed in a file, once their signatures verify; not its
    /// certificates.
    #[must_use]
    pub fn with_material(mut self, material: &Material) -> Self {
        self.crls.extend_from_slice(&material.crls);
        self.ocsp.extend_from_slice(&material.ocsp);
        self.unreadable.extend_from_slice(&material.unreadable);
        self
    }

    /// Sets the present time, for a check at another instant: statements made later cannot prove
    /// that a certificate is good. Without it, the instant of the check is the present time.
    #[must_use]
    pub fn with_clock(mut self, clock: Timestamp) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The present time, when it was set.
    pub fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// The caller's trust anchors.
    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// Revocation lists, their signatures unchecked.
    pub fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// OCSP responses, their signatures unchecked.
    pub fn ocsp(&self) -> &[OcspResponse] {
        &self.ocsp
    }

    /// Lists enclosed in a file that cannot be used.
    pub(super) fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }
}

impl Material {
    /// Material with certificates only.
    pub fn of(certificates: &[Certificate]) -> Self {
        Self { certificates: certificates.to_vec(), ..Self::default() }
    }
}
