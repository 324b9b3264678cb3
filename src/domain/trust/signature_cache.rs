//! Cache of verified signatures: each public-key operation is paid from the budget, and only once.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::unused::MaterialUse;
use crate::base::digest::Digest;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::crypto::algorithm::PublicKey;
use crate::format::x509::{Certificate, CertificateCache, Unsupported};

/// Signature checks of one search: the results so far, and the budget for more.
pub(super) struct SignatureChecks<'a> {
    pub(super) budget: &'a mut Budget,
    cache: Option<&'a PathCache>,
    // Failures are remembered for this search only: a cache that outlives it could be filled by
    // anyone who submits files.
    known: HashMap<Digest, bool>,
    pub(super) material: MaterialUse,
}

/// Result of checking a certificate's signature with an issuer's key.
pub(super) enum IssuerSignature {
    Valid,
    Invalid,
    /// The algorithm or curve is not supported.
    Unsupported(Unsupported),
}

impl<'a> SignatureChecks<'a> {
    pub(super) fn new(budget: &'a mut Budget, cache: Option<&'a PathCache>) -> Self {
        Self { budget, cache, known: HashMap::new(), material: MaterialUse::default() }
    }

    /// Whether the issuer's key signed the subject's certificate.
    pub(super) fn signed(
        &mut self,
        subject: &Certificate,
        issuer: &Certificate,
    ) -> Result<IssuerSignature, OverBudget> {
        let unsupported = |error: &Unsupported| Ok(IssuerSignature::Unsupported(error.clone()));
        if let Err(error) = subject.signature_scheme() {
            return unsupported(error);
        }
        let key = match issuer.known_key() {
            Ok(key) => key,
            Err(error) => return unsupported(error),
        };
        let holds = self.holds(subject.fingerprint(), key, || subject.signed_by(key).is_ok())?;
        Ok(if holds { IssuerSignature::Valid } else { IssuerSignature::Invalid })
    }

    /// Whether a key signed the object with this fingerprint. `check` is called, and paid for, when
    /// the result is not known yet.
    pub(super) fn holds(
        &mut self,
        signed: Digest,
        key: &PublicKey,
        check: impl FnOnce() -> bool,
    ) -> Result<bool, OverBudget> {
        let id = PathCache::signature_id(signed, key);
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        if self.cache.is_some_and(|cache| cache.knows(&id)) {
            return Ok(true);
        }
        self.budget.pay(Purse::SignatureChecks, key.kind().checks(), "signature checks")?;
        let holds = check();
        if let (true, Some(cache)) = (holds, self.cache) {
            cache.remember(id);
        }
        self.known.insert(id, holds);
        Ok(holds)
    }
}

/// Cache of verified signatures of certificates, revocation lists and OCSP responses.
///
/// Only signatures are cached, and parsed certificates; dates, usages and revocation are judged
/// every time.
#[derive(Debug, Default)]
pub struct PathCache {
    verified: Mutex<HashSet<Digest>>,
    certificates: CertificateCache,
}

impl PathCache {
    /// Certificates parsed by earlier searches.
    pub fn certificates(&self) -> &CertificateCache {
        &self.certificates
    }

    pub(super) fn knows(&self, id: &Digest) -> bool {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    pub(super) fn remember(&self, id: Digest) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        // An office has a few dozen signatures; a flood of requests must not fill the memory.
        if verified.len() >= CACHED_SIGNATURES {
            verified.clear();
        }
        verified.insert(id);
    }

    /// Identifies a signature by the fingerprint of the signed object and the signer's key. The key
    /// is used, not a certificate of it: cross-certificates repeat their keys.
    pub(super) fn signature_id(signed: Digest, key: &PublicKey) -> Digest {
        let kind = format!("{:?}", key.kind());
        Digest::of(&[signed.as_bytes(), kind.as_bytes(), key.bits()])
    }
}

/// Most signatures in the cache, at 40 bytes each.
const CACHED_SIGNATURES: usize = 4096;
