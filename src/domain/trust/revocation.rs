//! Revocation state of a certificate at an instant, from revocation lists (RFC 5280, 6.3) and OCSP
//! responses (RFC 6960).
//!
//! A statement is used once its signature verifies with exactly the key that the path gives to the
//! certificate's issuer, or with that of a responder to which this key delegated. Then:
//!
//! - **A revocation is final.** Any statement that names the certificate counts, however old it is,
//!   from the date of the revocation on, or from an earlier date of invalidity. A signature made
//!   before that is good: a caller that asks for an earlier instant has proved it.
//! - **A hold is not.** It counts until a newer statement no longer names the certificate, and from
//!   then on as if it had never been.
//! - **Time stamps** carry their own time, which a thief can choose. So a revocation for
//!   compromise, or without a reason, invalidates all of them, whatever its date (RFC 3161, 4).
//! - **"Not revoked"** needs a statement that was made at or after the instant, or that was still
//!   current at it and no older than 40 days. One without a next update is current for a day. One
//!   that was made after the certificate's end does not count: the certificate may have been
//!   dropped. Neither does a list about other certificates (issuing distribution point), nor one
//!   dated after the caller's present time, unless it has a revocation.
//!
//! Statements about a certificate or its issuer that cannot be used are noted, see `unused`.

use std::cmp::Reverse;

use super::error::PathError;
use super::rules;
use super::signature_cache::{IssuerSignature, SignatureChecks};
use super::snapshot::{Material, TrustSnapshot};
use super::unused::{Source, Weight};
use super::usage::Usage;
use crate::base::limits::{OverBudget, Purse};
use crate::base::time::{DAY, Timestamp};
use crate::crypto::algorithm::PublicKey;
use crate::format::revocation::{Crl, OcspResponse, Reason, SingleResponse, Status};
use crate::format::x509::{Certificate, KeyUsage, Scheme, Unsupported};

/// Revocation state; an unknown one orders before a known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RevocationKnown {
    /// No available statement counts for the instant.
    NoData,
    /// A list or an OCSP response shows that it was not revoked.
    Checked {
        /// Time of that statement; of several the newest.
        as_of: Timestamp,
    },
}

/// Sources of statements: the file, and the caller.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) material: &'a Material,
    pub(super) trust: &'a TrustSnapshot,
}

/// The certificate in question, its issuer, and the instant.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) subject: &'a Certificate,
    pub(super) issuer: &'a Certificate,
    pub(super) at: Timestamp,
    /// A statement made later than this is from the future.
    pub(super) clock: Timestamp,
    /// Whether the subject's key signs time stamps.
    pub(super) stamps: bool,
}

/// One statement of an issuer about the subject.
#[derive(Clone, Copy, Debug)]
struct Statement {
    made: Timestamp,
    next: Option<Timestamp>,
    revoked: Option<Revocation>,
}

/// The revocation state of a responder, from lists alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// A list names it, whatever the reason and date.
    Named,
    /// A list that counts for the time does not name it.
    Good,
    /// No list counts for the time.
    Unsaid,
}

/// Statements about the subject.
#[derive(Default)]
struct Found {
    /// Statements whose signature verifies.
    held: Vec<Statement>,
    /// Statements that do not count for the instant, and their sources.
    silent: Vec<(Statement, Source)>,
}

#[derive(Clone, Copy, Debug)]
struct Revocation {
    when: Timestamp,
    reason: Reason,
}

impl<'a> Question<'a> {
    /// The subject, and its issuer.
    const fn parties(&self) -> (&'a Certificate, &'a Certificate) {
        (self.subject, self.issuer)
    }
}

impl<'a> Sources<'a> {
    /// Every list and answer available.
    pub(super) fn all(&self) -> impl Iterator<Item = Source> + use<'a> {
        let lists = self.trust.crls().iter().chain(&self.material.crls).cloned();
        let answers = self.trust.ocsp().iter().chain(&self.material.ocsp).cloned();
        lists.map(Source::List).chain(answers.map(Source::Answer))
    }

    /// The revocation state of the subject; an error when it was revoked.
    pub(super) fn ask(
        &self,
        question: &Question<'_>,
        checks: &mut SignatureChecks<'_>,
    ) -> Result<RevocationKnown, PathError> {
        let Found { mut held, mut silent } = self.lists(question, checks)?;
        let answers = self.answers(question, checks)?;
        held.extend(answers.held);
        silent.extend(answers.silent);
        let known = question.judge(&held)?;
        if known == RevocationKnown::NoData
            && let Some((statement, source)) = silent.into_iter().max_by_key(|(one, _)| one.made)
        {
            let is_later = statement.is_of_the_future(question);
            let weight = if is_later { Weight::InDoubt } else { Weight::OtherTime };
            checks.material.unused(
                source,
                question.parties(),
                &statement.silence(question),
                weight,
            );
        }
        Ok(known)
    }

    /// The revocation state of a responder at the time of its response, from the issuer's lists
    /// alone. OCSP responses about responders are not used.
    pub(super) fn listed(
        &self,
        question: &Question<'_>,
        checks: &mut SignatureChecks<'_>,
    ) -> Result<Listed, OverBudget> {
        let statements = self.lists(question, checks)?.held;
        Ok(if statements.iter().any(|statement| statement.revoked.is_some()) {
            Listed::Named
        } else if statements.iter().any(|statement| statement.covers_instant(question)) {
            Listed::Good
        } else {
            Listed::Unsaid
        })
    }

    fn lists(
        &self,
        question: &Question<'_>,
        checks: &mut SignatureChecks<'_>,
    ) -> Result<Found, OverBudget> {
        let issuer = question.issuer;
        let Some(key) = issuer.public_key() else { return Ok(Found::default()) };
        let lists = self.trust.crls().len().saturating_add(self.material.crls.len());
        let unreadable = [self.trust.unreadable(), &self.material.unreadable];
        let all = lists.saturating_add(unreadable.iter().map(|some| some.len()).sum());
        checks.budget.pay(Purse::PathSteps, all, "lists that a certificate is looked for in")?;
        let offered = self.lists_of_issuer(question, key, checks)?;
        for list in unreadable.into_iter().flatten() {
            if list.issuer() == Some(issuer.subject()) {
                let source = Source::Unreadable(list.clone());
                checks.material.unused(source, question.parties(), list.why(), Weight::InDoubt);
            }
        }
        let silent = question.silent(&offered, |list| Source::List((*list).clone()));
        let held = question.select(offered, |_, list| {
            let holds = checks.holds(list.fingerprint(), key, || list.signed_by(key).is_ok())?;
            if !holds {
                // Signed by another key of the same name, an earlier or a later one: not of this
                // issuer.
                let is_others = is_by_key(list, issuer) == Some(false);
                let weight = if is_others { Weight::Others } else { Weight::InDoubt };
                let why = not_signed(list.signature_scheme());
                checks.material.unused(
                    Source::List(list.clone()),
                    question.parties(),
                    &why,
                    weight,
                );
            }
            Ok(holds)
        })?;
        Ok(Found { held, silent })
    }

    /// The lists with the issuer's name that concern the subject. Those with another name and the
    /// issuer's key are noted.
    fn lists_of_issuer(
        &self,
        question: &Question<'_>,
        key: &PublicKey,
        checks: &mut SignatureChecks<'_>,
    ) -> Result<Vec<(Statement, &'a Crl)>, OverBudget> {
        let Question { subject, issuer, .. } = *question;
        let may_sign = issuer.key_usage().is_none_or(KeyUsage::crl_sign);
        let given = self.trust.crls().iter().map(|list| (list, true));
        let came_along = self.material.crls.iter().map(|list| (list, false));
        let mut found = Vec::new();
        for (list, is_given) in given.chain(came_along) {
            let why = if list.issuer() == issuer.subject() {
                if may_sign {
                    // None: the list is for other certificates (issuing distribution point).
                    if let Some(statement) = Statement::of_list(list, subject) {
                        checks.material.about(list.fingerprint());
                        found.push((statement, list));
                    }
                    continue;
                }
                "its issuer's key may not sign lists"
            } else if is_by_key(list, issuer) == Some(true) {
                "it names the issuer's key, and another name"
            } else if is_given && list.authority_key_id().is_none() {
                // A list without a key identifier costs a signature check, which is acceptable for
                // the caller's own lists.
                let signed = || list.signed_by(key).is_ok();
                if !checks.holds(list.fingerprint(), key, signed)? {
                    continue;
                }
                "the issuer's key signed it, and under another name"
            } else {
                continue;
            };
            checks.material.unused(
                Source::List(list.clone()),
                question.parties(),
                why,
                Weight::InDoubt,
            );
        }
        Ok(found)
    }

    fn answers(
        &self,
        question: &Question<'_>,
        checks: &mut SignatureChecks<'_>,
    ) -> Result<Found, OverBudget> {
        let Question { subject, issuer, .. } = *question;
        let all = self.trust.ocsp().len().saturating_add(self.material.ocsp.len());
        checks.budget.pay(Purse::PathSteps, all, "answers that a certificate is looked for in")?;
        let mut offered = Vec::new();
        for response in self.trust.ocsp().iter().chain(&self.material.ocsp) {
            let why = match response.answer_about(subject, issuer) {
                Some(answer) => match Statement::of_answer(answer) {
                    Some(statement) => {
                        checks.material.about(response.fingerprint());
                        offered.push((statement, response));
                        continue;
                    }
                    None => "the responder does not know the certificate",
                },
                None if response.mentions(subject, issuer) => {
                    "it names the issuer's key and the serial number, and another issuer"
                }
                None => continue,
            };
            let source = Source::Answer(response.clone());
            checks.material.unused(source, question.parties(), why, Weight::InDoubt);
        }
        let silent = question.silent(&offered, |response| Source::Answer((*response).clone()));
        let held = question.select(offered, |statement, response| {
            let holds = may_answer(self, response, question, statement.made, checks)?;
            if !holds {
                let why = match response.signature_scheme() {
                    Ok(_) => "nobody signed it who may answer for the issuer".to_owned(),
                    unknown => not_signed(unknown),
                };
                let source = Source::Answer(response.clone());
                checks.material.unused(source, question.parties(), &why, Weight::InDoubt);
            }
            Ok(holds)
        })?;
        Ok(Found { held, silent })
    }
}

impl Statement {
    /// A list for other certificates proves nothing by omitting this one; if it names it
    /// nevertheless, that counts.
    fn of_list(list: &Crl, subject: &Certificate) -> Option<Self> {
        let (made, next) = list.window();
        let revoked = list.entry(subject.serial()).map(|entry| Revocation {
            when: entry.invalid_since.map_or(entry.when, |since| since.min(entry.when)),
            reason: entry.reason,
        });
        let says_something = revoked.is_some() || list.covers(subject);
        says_something.then_some(Self { made, next: Some(next), revoked })
    }

    /// "Unknown" is not a statement: the responder does not know the certificate.
    fn of_answer(answer: SingleResponse) -> Option<Self> {
        let SingleResponse { status, this_update, next_update } = answer;
        let revoked = match status {
            Status::Good => None,
            Status::Revoked { when, reason } => Some(Revocation { when, reason }),
            Status::Unknown => return None,
        };
        Some(Self { made: this_update, next: next_update, revoked })
    }

    /// Whether it was made after the caller's present time.
    fn is_of_the_future(&self, question: &Question<'_>) -> bool {
        self.made > question.clock
    }

    /// Why it does not count for the instant.
    fn silence(&self, question: &Question<'_>) -> String {
        let Self { made, .. } = self;
        if self.is_of_the_future(question) {
            return format!("it says that it was made at {made}, which is in the future");
        }
        let end = self.next.unwrap_or_else(|| made.plus(OPEN_ENDED)).min(made.plus(OLDEST));
        format!("it speaks from {made} until {end}, and not for {}", question.at)
    }

    /// Whether it shows that the certificate was not revoked at the instant.
    fn covers_instant(&self, question: &Question<'_>) -> bool {
        if self.is_of_the_future(question) {
            return false;
        }
        let at = question.at;
        let end = self.next.unwrap_or_else(|| self.made.plus(OPEN_ENDED));
        let is_current = self.made >= at || (at < end && at <= self.made.plus(OLDEST));
        let was_good = match self.revoked {
            Some(Revocation { when, .. }) => at < when,
            None => self.made <= question.subject.validity().1,
        };
        is_current && was_good
    }
}

impl Question<'_> {
    /// Verified statements among those that matter, newest first: a file may have a list for every
    /// day of a year, and one public-key operation is enough when the newest does not name the
    /// certificate.
    fn select<T>(
        &self,
        mut offered: Vec<(Statement, T)>,
        mut holds: impl FnMut(&Statement, T) -> Result<bool, OverBudget>,
    ) -> Result<Vec<Statement>, OverBudget> {
        let on_hold = |one: &Statement| one.revoked.is_some_and(|one| one.reason == Reason::Hold);
        let any_hold = offered.iter().any(|(statement, _)| on_hold(statement));
        offered.sort_by_key(|(statement, _)| Reverse(statement.made));
        let mut found: Vec<Statement> = Vec::new();
        for (statement, source) in offered {
            let is_known = found.iter().any(|one| one.covers_instant(self));
            let tells = statement.covers_instant(self) && !is_known;
            let matters = statement.revoked.is_some() || tells || any_hold;
            if matters && holds(&statement, source)? {
                found.push(statement);
            }
        }
        Ok(found)
    }

    /// Statements that do not count for the instant, whether verified or not.
    fn silent<T>(
        &self,
        offered: &[(Statement, T)],
        source: impl Fn(&T) -> Source,
    ) -> Vec<(Statement, Source)> {
        let silent = offered.iter().filter(|(one, _)| !one.covers_instant(self));
        silent.map(|(statement, of)| (*statement, source(of))).collect()
    }

    fn judge(&self, statements: &[Statement]) -> Result<RevocationKnown, PathError> {
        let revoked = statements.iter().filter(|statement| self.is_against(statement, statements));
        if let Some(first) = revoked.filter_map(|one| one.revoked).min_by_key(|one| one.when) {
            let name = self.subject.name().to_owned();
            return Err(PathError::Revoked { name, when: first.when, reason: first.reason });
        }
        let speaking = statements.iter().filter(|statement| statement.covers_instant(self));
        let newest = speaking.map(|statement| statement.made).max();
        Ok(newest.map_or(RevocationKnown::NoData, |as_of| RevocationKnown::Checked { as_of }))
    }

    fn is_against(&self, statement: &Statement, all: &[Statement]) -> bool {
        let Some(Revocation { when, reason }) = statement.revoked else { return false };
        if reason == Reason::Hold {
            let lifted = |newer: &Statement| {
                newer.revoked.is_none()
                    && !newer.is_of_the_future(self)
                    && statement.made < newer.made
                    && newer.made <= self.at
                    && newer.made <= self.subject.validity().1
            };
            let begun = when <= self.at || statement.is_of_the_future(self);
            return begun && !all.iter().any(lifted);
        }
        let takes_all = reason.is_compromise() || reason == Reason::Unspecified;
        when <= self.at || (self.stamps && takes_all) || statement.is_of_the_future(self)
    }
}

/// Whether list and issuer have the same key identifier; `None` when one of them has none.
fn is_by_key(list: &Crl, issuer: &Certificate) -> Option<bool> {
    let ids = list.authority_key_id().zip(issuer.subject_key_id());
    ids.map(|(named, own)| named == own)
}

/// Why a signature does not verify, as far as the algorithm tells.
fn not_signed(scheme: Result<&Scheme, &Unsupported>) -> String {
    match scheme {
        Ok(_) => "its signature does not hold with the issuer's key".to_owned(),
        Err(name) => format!("it is signed with {name}, which is not checked here"),
    }
}

/// A list older than this does not count for an instant: authorities for signatures publish at
/// least monthly, and a year-long validity would hide a revocation for a year.
const OLDEST: i64 = 40 * DAY;
/// A responder that states no next update has newer data at any time (RFC 6960, 4.2.2.1), which
/// cannot be fetched here. Its response counts for a day.
const OPEN_ENDED: i64 = DAY;

/// Whether a response about the subject comes from an authorised responder.
fn may_answer(
    sources: &Sources<'_>,
    response: &OcspResponse,
    question: &Question<'_>,
    made: Timestamp,
    checks: &mut SignatureChecks<'_>,
) -> Result<bool, OverBudget> {
    let issuer = question.issuer;
    // A response from yesterday's list may come from a responder certified today.
    let made = made.max(response.produced_at());
    if response.responder().names(issuer) && signed(response, issuer, checks)? {
        return Ok(true);
    }
    for delegate in response.certificates().iter().chain(&sources.material.certificates) {
        if response.responder().names(delegate)
            && is_delegate(sources, delegate, question, made, checks)?
            && signed(response, delegate, checks)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn signed(
    response: &OcspResponse,
    signer: &Certificate,
    checks: &mut SignatureChecks<'_>,
) -> Result<bool, OverBudget> {
    let Some(key) = signer.public_key() else { return Ok(false) };
    checks.holds(response.fingerprint(), key, || response.signed_by(key).is_ok())
}

/// Whether `issuer` certified this responder, and the certificate was good when it answered.
///
/// A certificate may state that it need not be checked (4.2.2.2.1); otherwise a list of the issuer
/// must show that it is good. A list that names it counts in any case and whatever the date: a
/// thief of the key can backdate a response.
fn is_delegate(
    sources: &Sources<'_>,
    delegate: &Certificate,
    question: &Question<'_>,
    made: Timestamp,
    checks: &mut SignatureChecks<'_>,
) -> Result<bool, OverBudget> {
    let issuer = question.issuer;
    let fits = delegate.issuer() == issuer.subject()
        && Usage::OcspResponder.check_leaf(delegate, false).is_ok()
        && rules::check_extensions(delegate).is_ok()
        && rules::check_dates(delegate, made).is_ok();
    if !fits {
        return Ok(false);
    }
    if !matches!(checks.signed(delegate, issuer)?, IssuerSignature::Valid) {
        return Ok(false);
    }
    let about = Question { subject: delegate, at: made, stamps: false, ..*question };
    Ok(match sources.listed(&about, checks)? {
        Listed::Named => false,
        Listed::Good => true,
        Listed::Unsaid => delegate.is_ocsp_no_check(),
    })
}
