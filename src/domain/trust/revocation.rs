//! What is known of a certificate's revocation at an instant, from lists (RFC 5280, 6.3) and OCSP
//! answers (RFC 6960).
//!
//! A statement is used once its signature holds under the very key that the path gives to the
//! certificate's issuer, or under that of a responder to whom this key delegated. Then:
//!
//! - **A revocation is final.** Whichever statement names the certificate counts, however old it is,
//!   from the date of the revocation on, or from an earlier date of invalidity. What was signed
//!   before is good: a caller who asks for an earlier instant has proved it.
//! - **A hold is not.** It counts until a newer statement no longer names the certificate, and from
//!   then on counts as never having been.
//! - **Time stamps** carry their own time, which a thief can choose. So a revocation for compromise,
//!   or without a reason, takes all of them, whatever its date (RFC 3161, 4).
//! - **"Not revoked"** is said by a statement that was made at or after the instant, or that was
//!   still current at it and no older than 40 days. One without a next update is current for a day.
//!   One that was made after the certificate's end says nothing: it may have been dropped. Neither
//!   does a list about other certificates (issuing distribution point).

use std::cmp::Reverse;

use super::error::PathError;
use super::links::Links;
use super::responder;
use super::snapshot::{Material, TrustSnapshot};
use crate::base::limits::OverBudget;
use crate::base::time::{DAY, Timestamp};
use crate::format::revocation::{Answer, Crl, OcspResponse, Reason, Status};
use crate::format::x509::{Certificate, KeyUsage};

/// What is known of revocation. The less is known, the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RevocationKnown {
    /// No statement was at hand that speaks for the instant.
    NoData,
    /// A list or an answer of the issuer says that it was not revoked.
    Checked {
        /// When that was made; of several the newest.
        as_of: Timestamp,
    },
}

/// Where statements come from: what came with the file, and what the caller gave.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) material: &'a Material,
    pub(super) trust: &'a TrustSnapshot,
}

/// About whom is asked, who issued it, and for which instant.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) subject: &'a Certificate,
    pub(super) issuer: &'a Certificate,
    pub(super) at: Timestamp,
    /// Whether the subject's key stamps time.
    pub(super) stamps: bool,
}

/// One thing that an issuer said about the subject, its signature checked.
#[derive(Clone, Copy, Debug)]
struct Statement {
    made: Timestamp,
    next: Option<Timestamp>,
    revoked: Option<Revocation>,
}

/// What lists say of a responder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// One names it, for whatever reason and date.
    Named,
    /// One speaks for the time and does not name it.
    Good,
    /// None speaks for the time.
    Unsaid,
}

#[derive(Clone, Copy, Debug)]
struct Revocation {
    when: Timestamp,
    reason: Reason,
}

impl Sources<'_> {
    /// What is known of the subject, or that it was revoked.
    pub(super) fn ask(
        &self,
        question: &Question<'_>,
        links: &mut Links<'_>,
    ) -> Result<RevocationKnown, PathError> {
        let mut statements = self.lists(question, links)?;
        statements.extend(self.answers(question, links)?);
        question.judge(&statements)
    }

    /// What the issuer's lists alone say of a responder at the time of its answer. Answers are not
    /// asked about those who answer.
    pub(super) fn listed(
        &self,
        question: &Question<'_>,
        links: &mut Links<'_>,
    ) -> Result<Listed, OverBudget> {
        let statements = self.lists(question, links)?;
        Ok(if statements.iter().any(|statement| statement.revoked.is_some()) {
            Listed::Named
        } else if statements.iter().any(|statement| statement.speaks(question)) {
            Listed::Good
        } else {
            Listed::Unsaid
        })
    }

    fn lists(
        &self,
        question: &Question<'_>,
        links: &mut Links<'_>,
    ) -> Result<Vec<Statement>, OverBudget> {
        let Question { subject, issuer, .. } = *question;
        let Some(key) = issuer.public_key() else { return Ok(Vec::new()) };
        if !issuer.key_usage().is_none_or(KeyUsage::crl_sign) {
            return Ok(Vec::new());
        }
        let all = self.trust.crls().iter().chain(&self.material.crls);
        let fitting = all.filter(|list| list.issuer() == issuer.subject());
        let offered = fitting.filter_map(|list| Some((Statement::of_list(list, subject)?, list)));
        question.select(offered.collect(), |_, list| {
            links.holds(list.fingerprint(), key, || list.signed_by(key).is_ok())
        })
    }

    fn answers(
        &self,
        question: &Question<'_>,
        links: &mut Links<'_>,
    ) -> Result<Vec<Statement>, OverBudget> {
        let all = self.trust.ocsp().iter().chain(&self.material.ocsp);
        let fitting = all.filter_map(|one| Some((Statement::of_response(one, question)?, one)));
        question.select(fitting.collect(), |statement, response| {
            responder::may_answer(self, response, question, statement.made, links)
        })
    }
}

impl Statement {
    /// A list of other certificates says nothing by leaving this one out. If it names it all the same,
    /// its issuer has said so.
    fn of_list(list: &Crl, subject: &Certificate) -> Option<Self> {
        let (made, next) = list.window();
        let revoked = list.entry(subject.serial()).map(|entry| Revocation {
            when: entry.invalid_since.map_or(entry.when, |since| since.min(entry.when)),
            reason: entry.reason,
        });
        let says_something = revoked.is_some() || list.covers(subject);
        says_something.then_some(Self { made, next: Some(next), revoked })
    }

    /// "Unknown" is no statement: the responder does not know the certificate.
    fn of_response(response: &OcspResponse, question: &Question<'_>) -> Option<Self> {
        let Answer { status, this_update, next_update } =
            response.answer(question.subject.serial(), question.issuer)?;
        let revoked = match status {
            Status::Good => None,
            Status::Revoked { when, reason } => Some(Revocation { when, reason }),
            Status::Unknown => return None,
        };
        Some(Self { made: this_update, next: next_update, revoked })
    }

    /// Whether it says of the instant that the certificate was not revoked.
    fn speaks(&self, question: &Question<'_>) -> bool {
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
    /// Those that hold of the ones that matter, newest first: a file may bring a list for every day
    /// of a year, and one public-key operation is enough to know that nothing is said against it.
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
            let is_known = found.iter().any(|one| one.speaks(self));
            let tells = statement.speaks(self) && !is_known;
            let matters = statement.revoked.is_some() || tells || any_hold;
            if matters && holds(&statement, source)? {
                found.push(statement);
            }
        }
        Ok(found)
    }

    fn judge(&self, statements: &[Statement]) -> Result<RevocationKnown, PathError> {
        let revoked = statements.iter().filter(|statement| self.is_against(statement, statements));
        if let Some(first) = revoked.filter_map(|one| one.revoked).min_by_key(|one| one.when) {
            let name = self.subject.name().to_owned();
            return Err(PathError::Revoked { name, when: first.when, reason: first.reason });
        }
        let speaking = statements.iter().filter(|statement| statement.speaks(self));
        let newest = speaking.map(|statement| statement.made).max();
        Ok(newest.map_or(RevocationKnown::NoData, |as_of| RevocationKnown::Checked { as_of }))
    }

    fn is_against(&self, statement: &Statement, all: &[Statement]) -> bool {
        let Some(Revocation { when, reason }) = statement.revoked else { return false };
        if reason == Reason::Hold {
            let lifted = |newer: &Statement| {
                newer.revoked.is_none()
                    && statement.made < newer.made
                    && newer.made <= self.at
                    && newer.made <= self.subject.validity().1
            };
            return when <= self.at && !all.iter().any(lifted);
        }
        let takes_all = reason.is_compromise() || reason == Reason::Unspecified;
        when <= self.at || (self.stamps && takes_all)
    }
}

/// A list older than this says nothing about an instant: authorities for signatures publish at least
/// monthly, and a year-long promise would hide a revocation for a year.
const OLDEST: i64 = 40 * DAY;
/// A responder that names no next update has something newer at any time (RFC 6960, 4.2.2.1), which
/// cannot be fetched here. Its word is taken for a day.
const OPEN_ENDED: i64 = DAY;
