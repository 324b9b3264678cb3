//! Status of a genuine licence: its source, and the verdict from it and from the term.

use super::status_lists::{StatusListValid, StatusLists};
use crate::base::digest::Digest;
use crate::base::localized::Localized;
use crate::base::time::{Date, Timestamp, Validity};
use crate::domain::verify::credential::licence_claims::{
    DefinitionReference, LicenceClaims, StatusReference,
};
use crate::domain::verify::report::checks;
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::words::Facts;
use crate::domain::verify::report::{
    Answer, Finding, LicenceSummary, LogReport, Outcome, Report, Severity, Verdict,
};
use crate::format::jose::statuslist::Status;

/// A licence's status as its source states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status at the instant asked for.
    pub status: Status,
    /// First day of this status, if the source knows it.
    pub since: Option<Date>,
    /// The reason, if the source knows it.
    pub reason: Option<Localized>,
    /// Number or identifier of the replacing licence.
    pub superseded_by: Option<String>,
    /// Time of the source's statement.
    pub as_of: Timestamp,
    /// Whether the source wants readers to fetch a newer statement by now.
    pub aged: bool,
    /// The source and the place in it, so that the look-up can be repeated.
    pub source: String,
    /// Other statements of the issuer that contradict this one.
    pub contradiction: Option<String>,
}

/// Why a status is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKnown {
    /// When it was last known, up to the instant asked for.
    pub last: Option<Timestamp>,
    /// The kind of evidence that is missing.
    pub gap: Gap,
    /// The evidence that is available instead, and for which times it counts.
    pub detail: String,
}

/// The kind of evidence that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing about this licence is available.
    Nothing,
    /// The available evidence counts for another time.
    OtherTime,
    /// The list has no entry at this index.
    NoEntry,
    /// The status cannot be read at the moment.
    Unreadable,
    /// The office's own records, which have every licence, lack this one.
    NotOnRecord,
}

/// A source of licence status.
pub trait Standings {
    /// The status of a licence at an instant.
    fn standing(
        &self,
        id: &str,
        reference: &StatusReference,
        at: Timestamp,
    ) -> Result<Standing, NotKnown>;

    /// Why lists that were given cannot be used.
    fn refused_lists(&self) -> Vec<String> {
        Vec::new()
    }

    /// The digest of a type's definition, when the definition is available; the error says why it
    /// cannot be read.
    fn definition(&self, _vct: &str) -> Result<Option<Digest>, String> {
        Ok(None)
    }

    /// The log operator's statement about a licence in its log, when the file has one of these
    /// digests, which are computed on demand.
    fn in_log(
        &self,
        _id: &str,
        _digests: &dyn Fn() -> Vec<Digest>,
    ) -> Result<Option<LogReport>, String> {
        Ok(None)
    }
}

/// Status lists from files. Of those that count for the instant the newest decides; of two made in
/// the same second, the one with more information. But a licence that is revoked in an older list
/// stays revoked whatever the newest states, and a list from the future counts for this too.
impl Standings for [StatusListValid] {
    fn standing(
        &self,
        _: &str,
        StatusReference { uri, index }: &StatusReference,
        at: Timestamp,
    ) -> Result<Standing, NotKnown> {
        let lists = || self.iter().filter(|list| list.uri() == uri);
        let last = lists().map(StatusListValid::issued).filter(|issued| *issued <= at).max();
        let newest = lists()
            .filter(|list| list.covers(at))
            .max_by_key(|list| (list.issued(), list.entry(*index) != Ok(Status::Valid)));
        let decides = |list: &&StatusListValid| newest.is_some() || list.is_of_the_future();
        let revoking = lists().filter(|list| list.revokes(*index, at)).filter(decides);
        let revoking = revoking.max_by_key(|list| list.issued());
        let Some(list) = revoking.or(newest) else {
            let found: Vec<String> = lists().map(StatusListValid::account).collect();
            let gap = if found.is_empty() { Gap::Nothing } else { Gap::OtherTime };
            let found = if found.is_empty() { "no list".to_owned() } else { found.join("; ") };
            let detail = format!("wanted: entry {index} of {uri} for {at}; at hand: {found}");
            return Err(NotKnown { last, gap, detail });
        };
        let status = list.entry(*index).map_err(|error| {
            let detail = format!("entry {index}: {error}; {}", list.account());
            NotKnown { last, gap: Gap::NoEntry, detail }
        })?;
        Ok(Standing {
            status,
            since: None,
            reason: None,
            superseded_by: None,
            as_of: list.issued(),
            aged: list.is_aged(at),
            source: format!("entry {index} is {}; {}", status.bits(), list.account()),
            contradiction: contradiction(lists().filter(|list| list.covers(at)), list, *index),
        })
    }
}

/// Statements of other lists that contradict this one: another status in the same second, or a good
/// licence that was revoked or replaced.
fn contradiction<'a>(
    lists: impl Iterator<Item = &'a StatusListValid>,
    decides: &StatusListValid,
    index: u32,
) -> Option<String> {
    let decided = decides.entry(index);
    let is_final = matches!(decided, Ok(Status::Invalid | Status::Superseded));
    let others = lists.filter(|other| {
        let is_other = other.entry(index).is_ok() && other.entry(index) != decided;
        let is_later = other.issued() > decides.issued();
        is_other && (other.issued() == decides.issued() || (is_final && is_later))
    });
    let accounts: Vec<_> = others.map(StatusListValid::account).collect();
    (!accounts.is_empty()).then(|| format!("entry {index} is another in: {}", accounts.join("; ")))
}

impl Standings for StatusLists {
    fn standing(
        &self,
        id: &str,
        reference: &StatusReference,
        at: Timestamp,
    ) -> Result<Standing, NotKnown> {
        self.usable().standing(id, reference, at)
    }

    fn refused_lists(&self) -> Vec<String> {
        self.refused().map(str::to_owned).collect()
    }
}

/// Answers the second question, for a genuine licence.
pub(in crate::domain::verify) fn answer<S: Standings + ?Sized>(
    report: &mut Report,
    claims: &LicenceClaims,
    facts: &mut Facts,
    standings: &S,
) {
    facts.is_licence = true;
    facts.issuer = (claims.summary.issuer.clone(), claims.issuer_en.clone());
    match another_definition(&claims.definition, standings) {
        Ok(None) => {}
        Ok(Some(found)) => {
            report.verdict = Verdict::Invalid;
            report.authentic = Answer::No;
            report.findings.push(found);
            return;
        }
        Err(why) => records_unreadable(report, why),
    }
    let mut summary = claims.summary.clone();
    let verdict = match standings.standing(claims.id.as_str(), &claims.status, report.as_of) {
        Err(unknown) => not_known(report, unknown, facts),
        Ok(standing) => known(report, standing, &mut summary, facts),
    };
    for why in standings.refused_lists() {
        report.findings.push(Code::StatusListRefused.finding(Severity::Warning, why));
    }
    report.verdict = within_term(report, verdict, &summary, facts);
    report.in_force = match report.verdict {
        Verdict::Valid => Answer::Yes,
        Verdict::StatusUnknown => Answer::Unknown,
        _ => Answer::No,
    };
    report.licence = Some(summary);
}

/// The result when no source is available.
fn not_known(report: &mut Report, unknown: NotKnown, facts: &mut Facts) -> Verdict {
    facts.time = unknown.last.map(Timestamp::to_china_minutes).unwrap_or_default();
    facts.not_on_record = unknown.gap == Gap::NotOnRecord;
    report.checks.push(checks::STATUS.outcome(Outcome::Unknown));
    let code = match unknown.gap {
        Gap::Nothing => Code::StatusUnknown,
        Gap::OtherTime => Code::StatusOtherTime,
        Gap::NoEntry => Code::StatusNoEntry,
        Gap::Unreadable => Code::RecordsUnreadable,
        Gap::NotOnRecord => Code::NotOnRecord,
    };
    report.findings.push(code.finding(Severity::Fatal, unknown.detail));
    Verdict::StatusUnknown
}

/// The result of a known status.
fn known(
    report: &mut Report,
    standing: Standing,
    summary: &mut LicenceSummary,
    facts: &mut Facts,
) -> Verdict {
    facts.time = standing.as_of.to_china_minutes();
    let (verdict, outcome) = match standing.status {
        Status::Valid => (Verdict::Valid, Outcome::Passed),
        Status::Invalid => (Verdict::Revoked, Outcome::Failed),
        Status::Suspended => (Verdict::Suspended, Outcome::Failed),
        Status::Superseded => (Verdict::Superseded, Outcome::Failed),
    };
    report.checks.push(checks::STATUS.outcome(outcome));
    let code = if standing.aged { Code::StatusAged } else { Code::StatusAccount };
    report.findings.push(code.finding(Severity::Info, standing.source));
    if let Some(detail) = standing.contradiction {
        report.findings.push(Code::StatusContradicted.finding(Severity::Warning, detail));
    }
    // A status list has no dates and no reasons.
    let date = standing.since.map(|since| since.to_string());
    facts.date = date.unwrap_or_else(|| facts.time.clone());
    facts.reason = standing.reason.clone().map_or_else(
        || ("原因未公布".to_owned(), "reason not published".to_owned()),
        |reason| (reason.zh, reason.en),
    );
    facts.successor = standing.superseded_by.clone().unwrap_or_default();
    summary.status_since = standing.since;
    summary.status_reason = standing.reason;
    summary.superseded_by = standing.superseded_by;
    verdict
}

/// Combines the verdict on a status with the term. Revoked outranks expired; the term is certain
/// even without a status.
fn within_term(
    report: &mut Report,
    standing: Verdict,
    summary: &LicenceSummary,
    facts: &mut Facts,
) -> Verdict {
    let now = report.as_of;
    let validity = Validity { from: summary.valid_from, until: summary.valid_until };
    let over = validity.is_over(now);
    let begun = now >= validity.from.start_in_china();
    let outcome = if over || !begun { Outcome::Failed } else { Outcome::Passed };
    report.checks.push(checks::VALIDITY.outcome(outcome));
    let until = validity.until.map_or_else(|| "without end".to_owned(), |day| day.to_string());
    let detail = format!(
        "from {} until {until}, whole days in China (UTC+8); asked for {now}",
        validity.from
    );
    report.findings.push(Code::ValidityAccount.finding(Severity::Info, detail));
    match standing {
        Verdict::Valid | Verdict::StatusUnknown | Verdict::Suspended if over => {
            facts.date = validity.until.map(|until| until.to_string()).unwrap_or_default();
            Verdict::Expired
        }
        Verdict::Valid | Verdict::StatusUnknown if !begun => {
            facts.date = validity.from.to_string();
            Verdict::NotYetInForce
        }
        other => other,
    }
}

/// The fault when the available definition is not the one that the credential is bound to.
fn another_definition<S: Standings + ?Sized>(
    named: &DefinitionReference,
    standings: &S,
) -> Result<Option<Finding>, String> {
    let known = standings.definition(&named.vct)?.filter(|known| *known != named.digest);
    let Some(known) = known else { return Ok(None) };
    let detail = format!(
        "vct#integrity of {} is SHA-256 {}, the definition at hand has {known}",
        named.vct, named.digest
    );
    Ok(Some(Code::DefinitionMismatch.finding(Severity::Fatal, detail)))
}

/// The office's records cannot be read: the verdict is based on the other evidence.
pub(in crate::domain::verify) fn records_unreadable(report: &mut Report, why: String) {
    report.findings.push(Code::RecordsUnreadable.finding(Severity::Warning, why));
}
