//! Verified signatures by key: each public-key operation is paid from the budget, and paid once.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::unused::Heard;
use crate::base::digest::Digest;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::crypto::algorithm::PublicKey;
use crate::format::x509::{Certificate, Known, Unsupported};

/// Results during one search, and the budget for more.
pub(super) struct Links<'a> {
    pub(super) budget: &'a mut Budget,
    cache: Option<&'a PathCache>,
    // Failures are remembered for this search alone: in a cache that outlives it, strangers could
    // fill it.
    known: HashMap<Digest, bool>,
    pub(super) heard: Heard,
}

/// Whether a key signed a certificate.
pub(super) enum Link {
    Holds,
    Fails,
    /// The algorithm or curve is not supported.
    Unsupported(Unsupported),
}

impl<'a> Links<'a> {
    pub(super) fn new(budget: &'a mut Budget, cache: Option<&'a PathCache>) -> Self {
        Self { budget, cache, known: HashMap::new(), heard: Heard::default() }
    }

    /// Whether the issuer's key signed the subject's certificate.
    pub(super) fn signed(
        &mut self,
        subject: &Certificate,
        issuer: &Certificate,
    ) -> Result<Link, OverBudget> {
        let unsupported = |error: &Unsupported| Ok(Link::Unsupported(error.clone()));
        if let Err(error) = subject.signature_scheme() {
            return unsupported(error);
        }
        let key = match issuer.known_key() {
            Ok(key) => key,
            Err(error) => return unsupported(error),
        };
        let holds = self.holds(subject.fingerprint(), key, || subject.signed_by(key).is_ok())?;
        Ok(if holds { Link::Holds } else { Link::Fails })
    }

    /// Whether a key signed the bytes with this fingerprint, by `check` or an earlier check.
    pub(super) fn holds(
        &mut self,
        signed: Digest,
        key: &PublicKey,
        check: impl FnOnce() -> bool,
    ) -> Result<bool, OverBudget> {
        let link = PathCache::link(signed, key);
        if let Some(known) = self.known.get(&link) {
            return Ok(*known);
        }
        if self.cache.is_some_and(|cache| cache.knows(&link)) {
            return Ok(true);
        }
        self.budget.pay(Purse::SignatureChecks, key.kind().checks(), "signature checks")?;
        let holds = check();
        if let (true, Some(cache)) = (holds, self.cache) {
            cache.remember(link);
        }
        self.known.insert(link, holds);
        Ok(holds)
    }
}

/// Cache of verified links: that one certificate's key signed another, a list or an answer.
///
/// Only signatures are cached, and parsed certificates; dates, usages and revocation are judged
/// every time.
#[derive(Debug, Default)]
pub struct PathCache {
    links: Mutex<HashSet<Digest>>,
    certificates: Known,
}

impl PathCache {
    /// Certificates parsed before.
    pub fn certificates(&self) -> &Known {
        &self.certificates
    }

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

    /// The link between bytes, by their fingerprint, and a key that may have signed them. The key
    /// counts, not one of its certificates: cross-certificates repeat their keys.
    pub(super) fn link(signed: Digest, key: &PublicKey) -> Digest {
        let kind = format!("{:?}", key.kind());
        Digest::of(&[signed.as_bytes(), kind.as_bytes(), key.bits()])
    }
}

/// Most links in the cache, at 40 bytes each.
const CACHED_LINKS: usize = 4096;
