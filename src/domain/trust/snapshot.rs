//! What the caller trusts, as it stood when the verification began.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::base::digest::{Digest, Hasher};
use crate::format::revocation::Crl;
use crate::format::x509::Certificate;

/// Anchors and revocation lists. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct TrustSnapshot {
    anchors: Vec<Certificate>,
    crls: Vec<Crl>,
}

impl TrustSnapshot {
    /// Trusts these roots.
    pub fn new(anchors: Vec<Certificate>) -> Self {
        Self { anchors, crls: Vec::new() }
    }

    /// Uses this revocation list, once its signature holds.
    #[must_use]
    pub fn with_crl(mut self, crl: Crl) -> Self {
        self.crls.push(crl);
        self
    }

    /// The roots.
    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// The revocation lists.
    pub fn crls(&self) -> &[Crl] {
        &self.crls
    }
}

/// Remembers which links were checked: that one certificate's key signed another, or a list.
///
/// Only the mathematics is remembered; dates, usages and revocation are judged every time.
#[derive(Debug, Default)]
pub struct PathCache {
    links: Mutex<HashSet<Digest>>,
}

impl PathCache {
    pub(super) fn knows(&self, link: &Digest) -> bool {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).contains(link)
    }

    pub(super) fn remember(&self, link: Digest) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        // An office has a few dozen links; a flood of strangers must not fill the memory.
        if links.len() >= CACHED_LINKS {
            links.clear();
        }
        links.insert(link);
    }

    pub(super) fn list(crl: &Crl, issuer: &Certificate) -> Digest {
        Digest::of(&[b"list", crl.fingerprint().as_bytes(), issuer.fingerprint().as_bytes()])
    }

    pub(super) fn link(subject: &Certificate, issuer: &Certificate) -> Digest {
        let mut hasher = Hasher::default();
        hasher.update(subject.fingerprint().as_bytes());
        hasher.update(issuer.fingerprint().as_bytes());
        hasher.finish()
    }
}

/// 40 bytes each.
const CACHED_LINKS: usize = 4096;
