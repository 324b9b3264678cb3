//! Path building (RFC 4158) and validation (RFC 5280, 6), for one instant.
//!
//! A chain is built from the leaf upwards over verified signatures; one that reaches an anchor is
//! judged as a whole. Work is bounded by the [`Budget`]: each public-key operation is paid once,
//! each candidate costs a step, and a name with the same key occurs only once in a chain.

use std::collections::HashSet;

use super::error::{Gap, PathError};
use super::revocation::{Question, RevocationKnown, Sources};
use super::rules;
use super::signature_cache::PathCache;
use super::signature_cache::{IssuerSignature, SignatureChecks};
use super::snapshot::{Material, TrustSnapshot};
use super::unchecked::Unchecked;
use super::unused::{MaterialUse, Source, Unused};
use super::usage::Usage;
use crate::base::digest::Digest;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::base::time::Timestamp;
use crate::format::x509::Certificate;

/// Proof that a path from a leaf to an anchor was valid at an instant.
#[derive(Clone, Debug)]
pub struct PathTrusted {
    chain: Vec<Certificate>,
    leaf: RevocationKnown,
    whole: RevocationKnown,
    unchecked: Vec<Unchecked>,
    unused: Vec<Unused>,
    strangers: Vec<Source>,
    about: HashSet<Digest>,
    usage: Usage,
    at: Timestamp,
}

/// The instant in question, and the present time.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The instant at which the path must be valid.
    pub at: Timestamp,
    /// Statements made after this are from the future, and cannot prove that a certificate is good.
    pub clock: Timestamp,
}

impl From<Timestamp> for Asked {
    /// Asks about an instant regardless of the present time.
    fn from(at: Timestamp) -> Self {
        Self { at, clock: Timestamp::nearest(i64::MAX) }
    }
}

impl PathTrusted {
    /// Leaf first, anchor last.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// Revocation state of the leaf.
    pub fn revocation(&self) -> RevocationKnown {
        self.leaf
    }

    /// Revocation state of every certificate below the anchor: the oldest known, or
    /// [`RevocationKnown::NoData`] when one of them has no data. There is no revocation data for an
    /// anchor, so a leaf that is an anchor has none.
    pub fn whole_path(&self) -> RevocationKnown {
        self.whole
    }

    /// The certificates without revocation data, leaf first; empty when there is enough for the
    /// whole path. The anchor is left out: the caller vouches for it (RFC 5280, 6.1). So is a leaf
    /// whose issuer states that it will never publish about it (RFC 9608), and a responder's
    /// certificate that need not be checked (RFC 6960, 4.2.2.2.1). An anchor that is the signer is
    /// included: there is no revocation data for it.
    pub fn unchecked(&self) -> &[Unchecked] {
        &self.unchecked
    }

    /// Lists and answers that concern a certificate of the path and could not be used.
    pub fn unused(&self) -> &[Unused] {
        &self.unused
    }

    /// Lists and OCSP responses that concern no certificate of the path.
    pub fn strangers(&self) -> &[Source] {
        &self.strangers
    }

    /// Fingerprints of the lists and answers that concern a certificate of the path.
    pub fn about(&self) -> impl Iterator<Item = Digest> {
        self.about.iter().copied()
    }

    /// The use of the leaf's key.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The instant at which it was judged.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Finds and checks a path from `leaf` over certificates of `material` to an anchor of `trust`.
///
/// The instant asked for is now, or a time at which the signature is proved to have existed: later
/// events do not count. Of several paths the first valid one is returned; without one, the error is
/// that of the path that came nearest.
pub fn build(
    leaf: &Certificate,
    material: &Material,
    trust: &TrustSnapshot,
    usage: Usage,
    asked: impl Into<Asked>,
    budget: &mut Budget,
    cache: Option<&PathCache>,
) -> Result<PathTrusted, PathError> {
    let checks = SignatureChecks::new(budget, cache);
    let asked @ Asked { at, .. } = asked.into();
    let sources = Sources { material, trust };
    let mut search = Search { sources, usage, asked, checks, nearest: None };
    let mut chain = vec![leaf.clone()];
    match search.extend(&mut chain, None) {
        Ok(Some(ChainRevocation { leaf, whole, unchecked })) => {
            let (unused, about) = std::mem::take(&mut search.checks.material).into_unused();
            let strangers = sources.all().filter(|one| !about.contains(&one.fingerprint()));
            let strangers = strangers.collect();
            Ok(PathTrusted { chain, leaf, whole, unchecked, unused, strangers, about, usage, at })
        }
        Ok(None) => Err(search
            .nearest
            .unwrap_or_else(|| PathError::Untrusted { top: leaf.clone(), gap: None })),
        Err(over) => {
            search.note(over.into());
            Err(search.nearest.unwrap_or(PathError::Budget(over.0)))
        }
    }
}

struct Search<'a> {
    sources: Sources<'a>,
    usage: Usage,
    asked: Asked,
    checks: SignatureChecks<'a>,
    nearest: Option<PathError>,
}

/// Revocation state along one chain.
struct ChainRevocation {
    leaf: RevocationKnown,
    whole: RevocationKnown,
    unchecked: Vec<Unchecked>,
}

impl Search<'_> {
    /// Extends the chain to an anchor; on success the chain is complete and was judged. `gap` is
    /// why a signature further down cannot be checked: then nothing is proved, and the chain is
    /// only followed to report what is missing.
    fn extend(
        &mut self,
        chain: &mut Vec<Certificate>,
        gap: Option<&PathError>,
    ) -> Result<Option<ChainRevocation>, OverBudget> {
        let Some(top) = chain.last().cloned() else { return Ok(None) };
        if self.sources.trust.anchors().contains(&top) {
            if let Some(gap) = gap {
                self.note(gap.clone());
                return Ok(None);
            }
            return match self.judge(chain) {
                Ok(known) => Ok(Some(known)),
                Err(PathError::Budget(name)) => Err(OverBudget(name)),
                Err(error) => {
                    self.note(error);
                    Ok(None)
                }
            };
        }
        if chain.len() >= self.checks.budget.path_length {
            self.note(PathError::Budget("certificates of one path"));
            return Ok(None);
        }
        for issuer in self.candidates(&top, chain)? {
            let unsupported = match self.checks.signed(&top, &issuer)? {
                IssuerSignature::Valid => None,
                IssuerSignature::Invalid => continue,
                IssuerSignature::Unsupported(algorithm) => Some(PathError::Untrusted {
                    top: top.clone(),
                    gap: Some(Gap { name: top.name().to_owned(), algorithm }),
                }),
            };
            chain.push(issuer);
            if let Some(known) = self.extend(chain, gap.or(unsupported.as_ref()))? {
                return Ok(Some(known));
            }
            chain.pop();
        }
        self.note(PathError::Untrusted { top, gap: None });
        Ok(None)
    }

    /// Candidate issuers of `top`: the caller's anchors first, then those that it names by key and
    /// that were valid.
    fn candidates(
        &mut self,
        top: &Certificate,
        chain: &[Certificate],
    ) -> Result<Vec<Certificate>, OverBudget> {
        let Sources { material, trust } = self.sources;
        let offered = trust.anchors().len().saturating_add(material.certificates.len());
        self.checks.budget.pay(Purse::PathSteps, offered, "steps of a path search")?;
        let mut found: Vec<Certificate> = Vec::new();
        for issuer in trust.anchors().iter().chain(&material.certificates) {
            let is_it = |known: &Certificate| known.fingerprint() == issuer.fingerprint();
            let seen = chain.iter().any(|below| is_same_party(below, issuer));
            if names_fit(top, issuer) && !seen && !found.iter().any(is_it) {
                found.push(issuer.clone());
            }
        }
        found.sort_by_key(|issuer| {
            let (from, until) = issuer.validity();
            let is_anchor = trust.anchors().contains(issuer);
            let is_named = top.authority_key_id().is_some() && issuer.subject_key_id().is_some();
            (!is_anchor, !is_named, self.asked.at < from || self.asked.at > until)
        });
        Ok(found)
    }

    /// Judges a chain that ends at an anchor. Rules come first, because the lists of an
    /// unauthorised issuer do not count; dates come last, because "revoked" is more informative
    /// than "expired".
    fn judge(&mut self, chain: &[Certificate]) -> Result<ChainRevocation, PathError> {
        rules::check(chain, self.usage, self.checks.budget)?;
        self.checks.material = MaterialUse::default();
        let Asked { at, clock } = self.asked;
        let (mut leaf, mut whole) = (RevocationKnown::NoData, None);
        let mut unchecked = Vec::new();
        if let [alone] = chain {
            unchecked.push(Unchecked::new(alone, None));
        }
        for (depth, pair) in chain.windows(2).enumerate() {
            let [subject, issuer] = pair else { continue };
            let stamps = depth == 0 && self.usage == Usage::Timestamp;
            let question = Question { subject, issuer, at, clock, stamps };
            let known = self.sources.ask(&question, &mut self.checks)?;
            if depth == 0 {
                leaf = known;
            }
            let is_exempt = depth == 0 && self.is_exempt(subject);
            let in_doubt = self.checks.material.in_doubt(subject);
            if in_doubt || (known == RevocationKnown::NoData && !is_exempt) {
                unchecked.push(Unchecked::new(subject, Some(issuer)));
            }
            whole = Some(whole.map_or(known, |least| known.min(least)));
        }
        for certificate in chain {
            rules::check_dates(certificate, at)?;
        }
        Ok(ChainRevocation { leaf, whole: whole.unwrap_or(RevocationKnown::NoData), unchecked })
    }

    /// Whether a leaf's issuer states that its revocation need not be checked.
    fn is_exempt(&self, leaf: &Certificate) -> bool {
        let responds = self.usage == Usage::OcspResponder && leaf.is_ocsp_no_check();
        responds || (leaf.authority().is_none() && leaf.points().publishes_nothing())
    }

    fn note(&mut self, error: PathError) {
        if self.nearest.as_ref().is_none_or(|best| best.nearness() < error.nearness()) {
            self.nearest = Some(error);
        }
    }
}

/// Key identifiers must agree when both are present.
fn names_fit(subject: &Certificate, issuer: &Certificate) -> bool {
    let ids = (subject.authority_key_id(), issuer.subject_key_id());
    let ids_fit = !matches!(ids, (Some(wanted), Some(found)) if wanted != found);
    subject.issuer() == issuer.subject() && ids_fit
}

/// Whether two certificates have the same name and key (RFC 4158, 5.2): a chain with both is a
/// loop.
fn is_same_party(one: &Certificate, other: &Certificate) -> bool {
    one.subject() == other.subject() && one.public_key() == other.public_key()
}
