//! From what was proved and what is known of the standing to the report.

use super::account::{self, Refusal};
use super::binding::Challenge;
use super::credential::{self, Context, Examined, StatusListValid, Use};
use super::document::{self, Authenticity};
use super::licence::{DefinitionReference, LicenceClaims, StatusReference};
use super::report::{Answer, FileKind, Finding, Outcome, Report, SCHEMA, Severity, Verdict};
use super::words::{self, Facts};
use super::{checks, codes};
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::{Date, Timestamp, Validity};
use crate::base::words::Words;
use crate::format::jose::statuslist::Status;

/// What is known of a licence's standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What holds now.
    pub status: Status,
    /// Since when.
    pub since: Option<Date>,
    /// Why.
    pub reason: Option<Words>,
    /// By what it was replaced.
    pub superseded_by: Option<String>,
    /// When this was known.
    pub as_of: Timestamp,
    /// Whether whoever said it asks to be asked anew by now.
    pub aged: bool,
    /// Who said it and where, so that the look can be repeated.
    pub source: String,
}

/// Why a standing is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKnown {
    /// When it was known last, up to the instant that is asked for.
    pub last: Option<Timestamp>,
    /// What is missing.
    pub gap: Gap,
    /// What is at hand instead, and for which times it speaks.
    pub detail: String,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing about this licence is at hand.
    Nothing,
    /// What is at hand speaks for another time.
    OtherTime,
    /// The list has no entry that says it.
    NoEntry,
}

/// Where the standing is looked up.
pub trait Standings {
    /// The standing of a licence at an instant.
    fn standing(
        &self,
        id: &str,
        reference: &StatusReference,
        at: Timestamp,
    ) -> Result<Standing, NotKnown>;

    /// The digest of a type's definition, when the definition itself is at hand.
    fn definition(&self, vct: &str) -> Option<Digest> {
        let _ = vct;
        None
    }
}

/// Status lists from files. Of those that speak for the instant the newest decides; of two that
/// were made in the same second, the one that says more.
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
        let Some(list) = newest else {
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
        })
    }
}

/// Verifies a file of any kind.
pub fn verify<S: Standings + ?Sized>(
    file: &str,
    bytes: &[u8],
    context: &Context<'_>,
    standings: &S,
    budget: &mut Budget,
) -> Report {
    verify_for(file, bytes, None, context, standings, budget)
}

/// Verifies what someone shows in answer to a challenge: a credential that its holder signed for
/// this request. Anything else, a document too, proves nothing about who shows it.
pub fn verify_answer<S: Standings + ?Sized>(
    file: &str,
    bytes: &[u8],
    challenge: &Challenge,
    context: &Context<'_>,
    standings: &S,
    budget: &mut Budget,
) -> Report {
    verify_for(file, bytes, Some(challenge), context, standings, budget)
}

fn verify_for<S: Standings + ?Sized>(
    file: &str,
    bytes: &[u8],
    challenge: Option<&Challenge>,
    context: &Context<'_>,
    standings: &S,
    budget: &mut Budget,
) -> Report {
    let report = Builder { file, context };
    if bytes.is_empty() {
        return report.unreadable(FileKind::Other, words::EMPTY);
    }
    if let Some(text) = credential_text(bytes) {
        let wanted = challenge.map_or(Use::Presentation, Use::Answer);
        let examined = credential::examine(text, wanted, context, budget);
        return report.credential(examined, standings);
    }
    let authenticity = document::authenticate(bytes, context, budget);
    let report = report.document(authenticity, standings);
    if challenge.is_some() { unanswered(report) } else { report }
}

/// A document that is genuine answers no challenge: anyone can have a copy.
fn unanswered(mut report: Report) -> Report {
    report.checks.push(checks::KEY_BINDING.ended(Outcome::Failed));
    let detail = "a document is signed by no holder".to_owned();
    report.findings.insert(0, codes::KEY_BINDING_MISSING.finding(Severity::Fatal, detail));
    if matches!(report.verdict, Verdict::Valid | Verdict::StatusUnknown) {
        report.verdict = Verdict::NotEnoughEvidence;
        (report.authentic, report.in_force) = (Answer::Unknown, Answer::Unknown);
        let facts = Facts { reason: words::NO_ANSWER.into_parts(), ..Facts::default() };
        report.headline = words::headline(report.verdict, &facts);
    }
    report
}

/// The report on a file that could not even be opened.
pub fn unreadable(file: &str, now: Timestamp, zh: &str, en: &str) -> Report {
    let trust = crate::domain::trust::TrustSnapshot::default();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut report = Builder { file, context: &context }.unreadable(FileKind::Other, words::EMPTY);
    let facts = Facts { reason: (zh.to_owned(), en.to_owned()), ..Facts::default() };
    report.headline = words::headline(Verdict::Unreadable, &facts);
    report
}

/// A credential is text of base64url, dots and tildes.
fn credential_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    (text.starts_with("ey") && text.bytes().all(fits)).then_some(text)
}

struct Builder<'a> {
    file: &'a str,
    context: &'a Context<'a>,
}

impl Builder<'_> {
    fn empty(&self, kind: FileKind) -> Report {
        Report {
            schema: SCHEMA,
            file: self.file.to_owned(),
            kind,
            verdict: Verdict::Unreadable,
            authentic: Answer::Unknown,
            in_force: Answer::Unknown,
            as_of: self.context.now,
            headline: Words::new("", ""),
            licence: None,
            log: None,
            signatures: Vec::new(),
            checks: Vec::new(),
            findings: Vec::new(),
            unchecked: Vec::new(),
        }
    }

    fn unreadable(&self, kind: FileKind, why: words::Fixed) -> Report {
        let mut report = self.empty(kind);
        let facts = Facts { reason: why.into_parts(), ..Facts::default() };
        report.headline = words::headline(Verdict::Unreadable, &facts);
        report.findings.push(codes::UNREADABLE.finding(Severity::Fatal, String::new()));
        report
    }

    fn document<S: Standings + ?Sized>(&self, found: Authenticity, standings: &S) -> Report {
        let mut report = self.empty(FileKind::Pdf);
        report.verdict = found.verdict;
        report.signatures = found.signatures;
        report.checks = found.checks;
        report.findings = found.findings;
        report.unchecked = found.unchecked;
        report.authentic = match found.verdict {
            Verdict::Valid => Answer::Yes,
            Verdict::Altered | Verdict::Invalid => Answer::No,
            _ => Answer::Unknown,
        };
        let mut facts = Facts { reason: found.reason, ..Facts::default() };
        match &found.seal {
            Some(seal) if found.verdict == Verdict::Valid => {
                self.licence(&mut report, seal.credential().claims(), &mut facts, standings);
            }
            _ => {
                if found.verdict == Verdict::Valid {
                    report.in_force = Answer::NotApplicable;
                    let signer = report.signatures.first().map(|one| one.signer.clone());
                    let signer = signer.unwrap_or_default();
                    facts.issuer = (signer.clone(), signer);
                }
            }
        }
        report.headline = words::headline(report.verdict, &facts);
        report
    }

    fn credential<S: Standings + ?Sized>(&self, examined: Examined, standings: &S) -> Report {
        let mut report = self.empty(FileKind::Credential);
        let mut facts = Facts::default();
        let Examined { result, signer } = examined;
        match result {
            Ok(credential) => {
                report.authentic = Answer::Yes;
                report.signatures = account::signatures(&credential);
                report.checks = account::checks(&credential);
                report.findings = account::findings(&credential);
                report.unchecked = credential.path().unchecked().to_vec();
                if self.context.require_revocation && !report.unchecked.is_empty() {
                    report.verdict = Verdict::NotEnoughEvidence;
                    report.authentic = Answer::Unknown;
                    for one in &mut report.findings {
                        if one.code == codes::NO_REVOCATION_DATA.name() {
                            one.severity = Severity::Fatal;
                        }
                    }
                    facts.reason = words::revocation_of(&account::names(&report.unchecked));
                } else {
                    self.licence(&mut report, credential.claims(), &mut facts, standings);
                }
            }
            Err(refusals) => {
                let refusal = Refusal::of(&refusals, signer.as_ref(), self.context.now);
                report.verdict = refusal.verdict;
                if refusal.verdict == Verdict::Invalid {
                    report.authentic = Answer::No;
                }
                facts.reason = words::NO_TRUSTED_TIME.into_parts();
                report.signatures = refusal.signatures;
                report.checks = refusal.checks;
                report.findings = refusal.findings;
            }
        }
        report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        report.headline = words::headline(report.verdict, &facts);
        report
    }

    /// The second question, for a licence that is genuine.
    fn licence<S: Standings + ?Sized>(
        &self,
        report: &mut Report,
        claims: &LicenceClaims,
        facts: &mut Facts,
        standings: &S,
    ) {
        let now = self.context.now;
        facts.is_licence = true;
        facts.issuer = (claims.summary.issuer.clone(), claims.issuer_en.clone());
        if let Some(found) = another_definition(&claims.definition, standings) {
            report.verdict = Verdict::Invalid;
            report.authentic = Answer::No;
            report.findings.push(found);
            return;
        }
        let mut summary = claims.summary.clone();
        let validity = Validity { from: summary.valid_from, until: summary.valid_until };
        let verdict = match standings.standing(claims.id.as_str(), &claims.status, now) {
            Err(unknown) => {
                facts.time = unknown.last.map(Timestamp::to_china_minutes).unwrap_or_default();
                report.checks.push(checks::STATUS.ended(Outcome::Unknown));
                let code = match unknown.gap {
                    Gap::Nothing => codes::STATUS_UNKNOWN,
                    Gap::OtherTime => codes::STATUS_OTHER_TIME,
                    Gap::NoEntry => codes::STATUS_NO_ENTRY,
                };
                report.findings.push(code.finding(Severity::Fatal, unknown.detail));
                Verdict::StatusUnknown
            }
            Ok(standing) => {
                facts.time = standing.as_of.to_china_minutes();
                let (verdict, outcome) = match standing.status {
                    Status::Valid => (Verdict::Valid, Outcome::Passed),
                    Status::Invalid => (Verdict::Revoked, Outcome::Failed),
                    Status::Suspended => (Verdict::Suspended, Outcome::Failed),
                    Status::Superseded => (Verdict::Superseded, Outcome::Failed),
                };
                report.checks.push(checks::STATUS.ended(outcome));
                let code = if standing.aged { codes::STATUS_AGED } else { codes::STATUS_ACCOUNT };
                report.findings.push(code.finding(Severity::Info, standing.source));
                // A list says what holds, not since when or why.
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
        };
        let over = validity.is_over(now);
        let begun = now >= validity.from.start_in_china();
        let outcome = if over || !begun { Outcome::Failed } else { Outcome::Passed };
        report.checks.push(checks::VALIDITY.ended(outcome));
        let until = validity.until.map_or_else(|| "without end".to_owned(), |day| day.to_string());
        let detail = format!(
            "from {} until {until}, whole days in China (UTC+8); asked for {now}",
            validity.from
        );
        report.findings.push(codes::VALIDITY_ACCOUNT.finding(Severity::Info, detail));
        // Withdrawn for good says more than expired; the term is certain even without a status.
        report.verdict = match verdict {
            Verdict::Valid | Verdict::StatusUnknown | Verdict::Suspended if over => {
                facts.date = validity.until.map(|until| until.to_string()).unwrap_or_default();
                Verdict::Expired
            }
            Verdict::Valid | Verdict::StatusUnknown if !begun => {
                facts.date = validity.from.to_string();
                Verdict::NotYetInForce
            }
            other => other,
        };
        report.in_force = match report.verdict {
            Verdict::Valid => Answer::Yes,
            Verdict::StatusUnknown => Answer::Unknown,
            _ => Answer::No,
        };
        report.licence = Some(summary);
    }
}

/// What is wrong when the definition at hand is not the one that the credential holds on to.
fn another_definition<S: Standings + ?Sized>(
    named: &DefinitionReference,
    standings: &S,
) -> Option<Finding> {
    let known = standings.definition(&named.vct).filter(|known| *known != named.digest)?;
    let detail = format!(
        "vct#integrity of {} is SHA-256 {}, the definition at hand has {known}",
        named.vct, named.digest
    );
    Some(codes::DEFINITION_MISMATCH.finding(Severity::Fatal, detail))
}
