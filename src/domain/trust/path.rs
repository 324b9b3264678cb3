//! Path building and validation (RFC 5280, 6), with a budget, for one instant.

use super::snapshot::{PathCache, TrustSnapshot};
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::algorithm::PublicKey;
use crate::format::revocation::Crl;
use crate::format::x509::{Certificate, KeyUsage};

/// What the leaf's key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// A seal or signature on a document.
    Document,
    /// A credential or a status list.
    Token,
}

/// What is known of revocation along a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationKnown {
    /// A current list of the leaf's issuer does not name it.
    Checked {
        /// When that list was made.
        as_of: Timestamp,
    },
    /// No current list was at hand.
    NoData,
}

/// Proof that a path from a leaf to an anchor was checked for an instant.
#[derive(Clone, Debug)]
pub struct PathTrusted {
    chain: Vec<Certificate>,
    revocation: RevocationKnown,
    at: Timestamp,
}

/// Why no path was accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path, as far as it goes, ends at no anchor.
    #[error("no path to a trusted root; it ends at {}", .top.name())]
    Untrusted {
        /// The last certificate that was found.
        top: Certificate,
    },
    /// A certificate was past its end.
    #[error("{0}: expired")]
    Expired(String),
    /// A certificate was before its beginning.
    #[error("{0}: not valid yet")]
    NotYetValid(String),
    /// A certificate was revoked before the instant.
    #[error("{name}: revoked on {when}")]
    Revoked {
        /// Whose.
        name: String,
        /// Since when.
        when: Timestamp,
    },
    /// A rule of the profile is broken.
    #[error("{name}: {rule}")]
    Rule {
        /// Whose certificate.
        name: String,
        /// Which rule.
        rule: &'static str,
    },
    /// Too many certificates or checks.
    #[error("over budget: {0}")]
    Budget(&'static str),
}

impl PathTrusted {
    /// Leaf first, anchor last.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// What is known of revocation.
    pub fn revocation(&self) -> RevocationKnown {
        self.revocation
    }

    /// The instant for which it was checked.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Finds and checks a path from `leaf` over certificates of `pool` to an anchor of `trust`.
///
/// Of several paths the first that holds is taken; when none does, the most telling error is
/// returned: one that reached an anchor before one that did not.
pub fn build(
    leaf: &Certificate,
    pool: &[Certificate],
    trust: &TrustSnapshot,
    usage: Usage,
    at: Timestamp,
    budget: &mut Budget,
    cache: Option<&PathCache>,
) -> Result<PathTrusted, PathError> {
    check_leaf(leaf, usage)?;
    let mut search = Search { pool, trust, at, budget, cache, best: None };
    let mut chain = vec![leaf.clone()];
    match search.extend(&mut chain) {
        Some(revocation) => Ok(PathTrusted { chain, revocation, at }),
        None => Err(search.best.unwrap_or_else(|| PathError::Untrusted { top: leaf.clone() })),
    }
}

struct Search<'a> {
    pool: &'a [Certificate],
    trust: &'a TrustSnapshot,
    at: Timestamp,
    budget: &'a mut Budget,
    cache: Option<&'a PathCache>,
    best: Option<PathError>,
}

impl Search<'_> {
    /// Extends the chain to an anchor; on success the chain is whole and revocation was looked at.
    fn extend(&mut self, chain: &mut Vec<Certificate>) -> Option<RevocationKnown> {
        let top = chain.last()?.clone();
        if self.trust.anchors().contains(&top) {
            return match self.judge(chain) {
                Ok(revocation) => Some(revocation),
                Err(error) => {
                    self.note(error);
                    None
                }
            };
        }
        if chain.len() >= MAX_CHAIN {
            self.note(PathError::Budget("chain length"));
            return None;
        }
        let anchors = self.trust.anchors().iter();
        let candidates: Vec<Certificate> = anchors
            .chain(self.pool)
            .filter(|issuer| names_fit(&top, issuer) && !chain.contains(issuer))
            .cloned()
            .collect();
        for issuer in candidates {
            if !self.link_holds(&top, &issuer) {
                continue;
            }
            chain.push(issuer);
            if let Some(revocation) = self.extend(chain) {
                return Some(revocation);
            }
            chain.pop();
        }
        self.note(PathError::Untrusted { top });
        None
    }

    fn link_holds(&mut self, subject: &Certificate, issuer: &Certificate) -> bool {
        let link = PathCache::link(subject, issuer);
        if self.cache.is_some_and(|cache| cache.knows(&link)) {
            return true;
        }
        if Budget::spend(&mut self.budget.signature_checks, 1, "signature checks").is_err() {
            self.note(PathError::Budget("signature checks"));
            return false;
        }
        let holds = issuer.public_key().is_some_and(|key| subject.signed_by(key).is_ok());
        if let (true, Some(cache)) = (holds, self.cache) {
            cache.remember(link);
        }
        holds
    }

    fn judge(&mut self, chain: &[Certificate]) -> Result<RevocationKnown, PathError> {
        for (depth, certificate) in chain.iter().enumerate() {
            check_dates(certificate, self.at)?;
            if depth > 0 {
                check_authority(certificate, depth)?;
            }
            check_extensions(certificate)?;
        }
        let mut leaf = RevocationKnown::NoData;
        for (depth, pair) in chain.windows(2).enumerate() {
            if let [subject, issuer] = pair {
                let known = self.revocation(subject, issuer)?;
                if depth == 0 {
                    leaf = known;
                }
            }
        }
        Ok(leaf)
    }

    fn revocation(
        &mut self,
        subject: &Certificate,
        issuer: &Certificate,
    ) -> Result<RevocationKnown, PathError> {
        let mut known = RevocationKnown::NoData;
        let Some(key) = issuer.public_key() else { return Ok(known) };
        if !issuer.key_usage().is_none_or(KeyUsage::crl_sign) {
            return Ok(known);
        }
        for crl in self.trust.crls().iter().filter(|crl| crl.issuer() == issuer.subject()) {
            if !self.list_holds(crl, issuer, key)? {
                continue;
            }
            if let Some(when) = crl.revoked(subject.serial()).filter(|when| *when <= self.at) {
                return Err(PathError::Revoked { name: subject.name().to_owned(), when });
            }
            let (this, next) = crl.window();
            // A list that was made after the instant says at least as much about it.
            if self.at < next && this >= self.at.plus(-MAX_CRL_AGE) {
                known = RevocationKnown::Checked { as_of: this };
            }
        }
        Ok(known)
    }

    fn list_holds(
        &mut self,
        crl: &Crl,
        issuer: &Certificate,
        key: &PublicKey,
    ) -> Result<bool, PathError> {
        let link = PathCache::list(crl, issuer);
        if self.cache.is_some_and(|cache| cache.knows(&link)) {
            return Ok(true);
        }
        Budget::spend(&mut self.budget.signature_checks, 1, "signature checks")
            .map_err(|over| PathError::Budget(over.0))?;
        let holds = crl.signed_by(key).is_ok();
        if let (true, Some(cache)) = (holds, self.cache) {
            cache.remember(link);
        }
        Ok(holds)
    }

    /// Keeps the most telling error: whoever reached an anchor tells more.
    fn note(&mut self, error: PathError) {
        let weak = |error: &PathError| matches!(error, PathError::Untrusted { .. });
        if self.best.as_ref().is_none_or(|best| weak(best) && !weak(&error)) {
            self.best = Some(error);
        }
    }
}

fn names_fit(subject: &Certificate, issuer: &Certificate) -> bool {
    let ids = (subject.authority_key_id(), issuer.subject_key_id());
    let ids_fit = !matches!(ids, (Some(wanted), Some(found)) if wanted != found);
    subject.issuer() == issuer.subject() && ids_fit
}

fn rule(certificate: &Certificate, rule: &'static str) -> PathError {
    PathError::Rule { name: certificate.name().to_owned(), rule }
}

fn check_leaf(leaf: &Certificate, usage: Usage) -> Result<(), PathError> {
    if leaf.authority().is_some() {
        return Err(rule(leaf, "a certification authority's key may not sign documents"));
    }
    let key_usage = leaf.key_usage();
    if !key_usage.is_none_or(|bits| bits.digital_signature() || bits.non_repudiation()) {
        return Err(rule(leaf, "its key usage does not allow signatures"));
    }
    let purposes = [DOCUMENT_SIGNING, EMAIL_PROTECTION, ADOBE_DOCUMENT, MICROSOFT_DOCUMENT, ANY];
    let allowed = purposes.iter().any(|purpose| leaf.allows(purpose) == Some(true));
    if usage == Usage::Document && leaf.allows(ANY).is_some() && !allowed {
        return Err(rule(leaf, "its extended key usage does not allow documents"));
    }
    Ok(())
}

fn check_dates(certificate: &Certificate, at: Timestamp) -> Result<(), PathError> {
    let (from, until) = certificate.validity();
    if at < from {
        return Err(PathError::NotYetValid(certificate.name().to_owned()));
    }
    if at > until {
        return Err(PathError::Expired(certificate.name().to_owned()));
    }
    Ok(())
}

fn check_authority(certificate: &Certificate, depth: usize) -> Result<(), PathError> {
    let Some(path_len) = certificate.authority() else {
        return Err(rule(certificate, "signed a certificate without being an authority"));
    };
    if !certificate.key_usage().is_none_or(KeyUsage::key_cert_sign) {
        return Err(rule(certificate, "its key usage does not allow signing certificates"));
    }
    // Certificates between this one and the leaf.
    let below = u32::try_from(depth.saturating_sub(1)).unwrap_or(u32::MAX);
    if path_len.is_some_and(|most| below > most) {
        return Err(rule(certificate, "more authorities below it than its path length allows"));
    }
    Ok(())
}

fn check_extensions(certificate: &Certificate) -> Result<(), PathError> {
    if certificate.constrains_names() {
        return Err(rule(certificate, "has name constraints, which are not supported"));
    }
    if !certificate.unknown_critical().is_empty() {
        return Err(rule(certificate, "has a critical extension that is not known"));
    }
    Ok(())
}

/// Leaf, two intermediates of a licensed CA, root, and one to spare.
const MAX_CHAIN: usize = 6;
/// A list older than this says nothing about an instant.
const MAX_CRL_AGE: i64 = 40 * crate::base::time::DAY;
const DOCUMENT_SIGNING: &str = "1.3.6.1.5.5.7.3.36";
const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
const ADOBE_DOCUMENT: &str = "1.2.840.113583.1.1.5";
const MICROSOFT_DOCUMENT: &str = "1.3.6.1.4.1.311.10.3.12";
const ANY: &str = "2.5.29.37.0";
