//! What the caller trusts, as it stood when the verification began.

use super::unused::Unreadable;
use crate::base::time::Timestamp;
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

/// Anchors, and what the caller knows of revocation.
#[derive(Clone, Debug, Default)]
pub struct TrustSnapshot {
    anchors: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsp: Vec<OcspResponse>,
    unreadable: Vec<Unreadable>,
    clock: Option<Timestamp>,
}

/// What came along with a file: in the message, the document or the token. It helps to find and to
/// judge a path and never makes one trusted. Cheap to clone: its parts share their bytes.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Certificates that may stand between the leaf and an anchor, or belong to responders.
    pub certificates: Vec<Certificate>,
    /// Revocation lists, used once their signature holds.
    pub crls: Vec<Crl>,
    /// OCSP responses, used once their signature holds.
    pub ocsp: Vec<OcspResponse>,
    /// Lists that cannot be used.
    pub unreadable: Vec<Unreadable>,
}

impl TrustSnapshot {
    /// Trusts these certificates and nobody else.
    pub fn new(anchors: Vec<Certificate>) -> Self {
        Self { anchors, ..Self::default() }
    }

    /// Uses this revocation list, once its signature holds.
    #[must_use]
    pub fn with_crl(mut self, crl: Crl) -> Self {
        self.crls.push(crl);
        self
    }

    /// Uses this OCSP response, once its signature holds.
    #[must_use]
    pub fn with_ocsp(mut self, response: OcspResponse) -> Self {
        self.ocsp.push(response);
        self
    }

    /// Uses the lists and answers that came with a file, once their signatures hold. Its
    /// certificates are left out.
    #[must_use]
    pub fn with_material(mut self, material: &Material) -> Self {
        self.crls.extend_from_slice(&material.crls);
        self.ocsp.extend_from_slice(&material.ocsp);
        self.unreadable.extend_from_slice(&material.unreadable);
        self
    }

    /// Says what the time is, for those who ask about another instant: what was made later says
    /// nothing good. Without it the time is the instant that is asked about.
    #[must_use]
    pub fn with_clock(mut self, clock: Timestamp) -> Self {
        self.clock = Some(clock);
        self
    }

    /// What the time is, when that was said.
    pub fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// The anchors.
    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// The revocation lists.
    pub fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// The OCSP responses.
    pub fn ocsp(&self) -> &[OcspResponse] {
        &self.ocsp
    }

    /// Lists that came with a file and cannot be used.
    pub(super) fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }
}

impl Material {
    /// Certificates alone.
    pub fn of(certificates: &[Certificate]) -> Self {
        Self { certificates: certificates.to_vec(), ..Self::default() }
    }
}
