//! The search for a path (RFC 4158) and what it proves (RFC 5280, 6), for one instant.
//!
//! A chain is built from the leaf upwards over links whose signatures hold; one that arrives at an
//! anchor is judged as a whole. Work is bounded by the [`Budget`]: each public-key operation is paid
//! once, each candidate that is looked at costs a step, and no name with the same key stands twice
//! in a chain.

use super::error::PathError;
use super::links::Links;
use super::revocation::{Question, RevocationKnown, Sources};
use super::rules;
use super::snapshot::{Material, PathCache, TrustSnapshot};
use super::unchecked::Unchecked;
use super::usage::Usage;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::base::time::Timestamp;
use crate::format::x509::Certificate;

/// Proof that a path from a leaf to an anchor was checked for an instant.
#[derive(Clone, Debug)]
pub struct PathTrusted {
    chain: Vec<Certificate>,
    leaf: RevocationKnown,
    whole: RevocationKnown,
    unchecked: Vec<Unchecked>,
    usage: Usage,
    at: Timestamp,
}

impl PathTrusted {
    /// Leaf first, anchor last.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// What is known of the leaf's revocation.
    pub fn revocation(&self) -> RevocationKnown {
        self.leaf
    }

    /// What is known of every certificate below the anchor: the oldest of what is known, or
    /// [`RevocationKnown::NoData`] when nothing is known of one of them. Nobody publishes about an
    /// anchor, so nothing is known of a leaf that is one itself.
    pub fn whole_path(&self) -> RevocationKnown {
        self.whole
    }

    /// The certificates of whose revocation nothing is known, leaf first; empty when enough is known
    /// of the whole path. The anchor is none of them: whoever named it answers for it (RFC 5280,
    /// 6.1). Neither is a leaf whose issuer says that it will never publish about it (RFC 9608), nor
    /// a responder's that need not be checked (RFC 6960, 4.2.2.2.1). An anchor that signed by itself
    /// is one: nobody publishes about it.
    pub fn unchecked(&self) -> &[Unchecked] {
        &self.unchecked
    }

    /// What the leaf's key was used for.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The instant for which it was checked.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Finds and checks a path from `leaf` over certificates of `material` to an anchor of `trust`.
///
/// `at` is now, or a time at which the signature is proved to have been there: what happened to a
/// certificate after it does not count. Of several paths the first that holds is taken; when none
/// does, the error is that of the path that came nearest.
pub fn build(
    leaf: &Certificate,
    material: &Material,
    trust: &TrustSnapshot,
    usage: Usage,
    at: Timestamp,
    budget: &mut Budget,
    cache: Option<&PathCache>,
) -> Result<PathTrusted, PathError> {
    let links = Links::new(budget, cache);
    let mut search =
        Search { sources: Sources { material, trust }, usage, at, links, nearest: None };
    let mut chain = vec![leaf.clone()];
    match search.extend(&mut chain) {
        Ok(Some(Known { leaf, whole, unchecked })) => {
            Ok(PathTrusted { chain, leaf, whole, unchecked, usage, at })
        }
        Ok(None) => {
            Err(search.nearest.unwrap_or_else(|| PathError::Untrusted { top: leaf.clone() }))
        }
        Err(over) => {
            search.note(over.into());
            Err(search.nearest.unwrap_or(PathError::Budget(over.0)))
        }
    }
}

struct Search<'a> {
    sources: Sources<'a>,
    usage: Usage,
    at: Timestamp,
    links: Links<'a>,
    nearest: Option<PathError>,
}

/// What is known of revocation along one chain.
struct Known {
    leaf: RevocationKnown,
    whole: RevocationKnown,
    unchecked: Vec<Unchecked>,
}

impl Search<'_> {
    /// Extends the chain to an anchor; on success the chain is whole and was judged.
    fn extend(&mut self, chain: &mut Vec<Certificate>) -> Result<Option<Known>, OverBudget> {
        let Some(top) = chain.last().cloned() else { return Ok(None) };
        if self.sources.trust.anchors().contains(&top) {
            return match self.judge(chain) {
                Ok(known) => Ok(Some(known)),
                Err(PathError::Budget(name)) => Err(OverBudget(name)),
                Err(error) => {
                    self.note(error);
                    Ok(None)
                }
            };
        }
        if chain.len() >= self.links.budget.path_length {
            self.note(PathError::Budget("certificates of one path"));
            return Ok(None);
        }
        for issuer in self.candidates(&top, chain)? {
            if !self.links.signed(&top, &issuer)? {
                continue;
            }
            chain.push(issuer);
            if let Some(known) = self.extend(chain)? {
                return Ok(Some(known));
            }
            chain.pop();
        }
        self.note(PathError::Untrusted { top });
        Ok(None)
    }

    /// Who may have issued `top`: the caller's anchors first, then those that it names by key and
    /// that were valid.
    fn candidates(
        &mut self,
        top: &Certificate,
        chain: &[Certificate],
    ) -> Result<Vec<Certificate>, OverBudget> {
        let Sources { material, trust } = self.sources;
        let offered = trust.anchors().len().saturating_add(material.certificates.len());
        self.links.budget.pay(Purse::PathSteps, offered, "steps of a path search")?;
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
            (!is_anchor, !is_named, self.at < from || self.at > until)
        });
        Ok(found)
    }

    /// Judges a chain that ends at an anchor. Rules come first, because the lists of an issuer that
    /// may not be one say nothing; dates come last, because "revoked" tells more than "expired".
    fn judge(&mut self, chain: &[Certificate]) -> Result<Known, PathError> {
        rules::check(chain, self.usage, self.links.budget)?;
        let (mut leaf, mut whole) = (RevocationKnown::NoData, None);
        let mut unchecked = Vec::new();
        if let [alone] = chain {
            unchecked.push(Unchecked::new(alone, None));
        }
        for (depth, pair) in chain.windows(2).enumerate() {
            let [subject, issuer] = pair else { continue };
            let stamps = depth == 0 && self.usage == Usage::Timestamp;
            let question = Question { subject, issuer, at: self.at, stamps };
            let known = self.sources.ask(&question, &mut self.links)?;
            if depth == 0 {
                leaf = known;
            }
            if known == RevocationKnown::NoData && !(depth == 0 && self.is_exempt(subject)) {
                unchecked.push(Unchecked::new(subject, Some(issuer)));
            }
            whole = Some(whole.map_or(known, |least| known.min(least)));
        }
        for certificate in chain {
            rules::check_dates(certificate, self.at)?;
        }
        Ok(Known { leaf, whole: whole.unwrap_or(RevocationKnown::NoData), unchecked })
    }

    /// Whether a leaf's issuer says that its revocation need not be asked.
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

/// Names are compared byte for byte: an issuer's name stands in what it signs as it stands in its
/// own certificate (RFC 5280, 4.1.2.4). Key identifiers that are both there must agree.
fn names_fit(subject: &Certificate, issuer: &Certificate) -> bool {
    let ids = (subject.authority_key_id(), issuer.subject_key_id());
    let ids_fit = !matches!(ids, (Some(wanted), Some(found)) if wanted != found);
    subject.issuer() == issuer.subject() && ids_fit
}

/// Whether two certificates speak of the same name and key (RFC 4158, 5.2): a chain that comes by
/// twice goes round.
fn is_same_party(one: &Certificate, other: &Certificate) -> bool {
    one.subject() == other.subject() && one.public_key() == other.public_key()
}
