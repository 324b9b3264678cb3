//! From proofs and licence status to the report.

use super::context::Context;
use super::credential::binding::Challenge;
use super::credential::credential_report::{self, Refusal};
use super::credential::{self, Examined, Use};
use super::foreign;
use super::log;
use super::pdf::document;
use super::pdf::judge::Authenticity;
use super::report::checks;
use super::report::codes::Code;
use super::report::words::{self, Facts};
use super::report::{
    Answer, FileKind, Finding, Outcome, Report, SCHEMA, Severity, SignatureKind, Verdict,
};
use super::status::revocation;
use super::status::standing;
pub use super::status::standing::{Gap, NotKnown, Standing, Standings};
use crate::base::limits::{Budget, Interrupted};
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::format::jose::statuslist;

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

/// Verifies a presentation in answer to a challenge: a credential that its holder signed for this
/// request. Anything else, including a document, proves nothing about its presenter.
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
    if let Some(why) = foreign::other_kind(bytes) {
        return report.unreadable(FileKind::Other, why);
    }
    let text = foreign::credential_text(bytes);
    if let Some(text) = text.filter(|text| !text.contains('~')) {
        let is_list = statuslist::is_one(text, budget);
        let why = if is_list { words::STATUS_LIST } else { words::NO_CREDENTIAL };
        return report.unreadable(FileKind::Other, why);
    }
    let (mut report, begun) = if let Some(text) = text {
        let wanted = challenge.map_or(Use::Presentation, Use::Answer);
        let examined = credential::examine(text, wanted, context, budget);
        (report.credential(examined, standings), None)
    } else {
        let mut authenticity = document::authenticate(bytes, context, budget);
        let begun = authenticity.begun.take();
        (report.document(authenticity, standings), begun)
    };
    // An exhausted budget gives no verdict, whatever was found and whichever error was ignored.
    if let Some(why) = budget.interrupted() {
        let kind = if text.is_some() { FileKind::Credential } else { FileKind::Pdf };
        return Builder { file, context }.unreadable(kind, ended(why));
    }
    if challenge.is_some() && text.is_none() {
        report = unanswered(report);
    }
    let digests = || log::digests(&report, bytes, begun.as_ref());
    let id = report.licence.as_ref().map(|licence| &licence.id);
    match id.map_or(Ok(None), |id| standings.in_log(id, &digests)) {
        Ok(None) => {}
        Ok(Some(log)) => log::from_office(&mut report, log),
        Err(why) => standing::records_unreadable(&mut report, why),
    }
    report
}

fn ended(why: Interrupted) -> words::Fixed {
    match why {
        Interrupted::Deadline => words::ENDED_BY_TIME,
        Interrupted::CallerLeft => words::CALLER_LEFT,
    }
}

/// A genuine document does not answer a challenge: anyone can have a copy.
fn unanswered(mut report: Report) -> Report {
    report.checks.push(checks::KEY_BINDING.outcome(Outcome::Failed));
    let detail = "a document is signed by no holder".to_owned();
    report.findings.insert(0, Code::KeyBindingMissing.finding(Severity::Fatal, detail));
    if matches!(report.verdict, Verdict::Valid | Verdict::StatusUnknown) {
        report.verdict = Verdict::NotEnoughEvidence;
        (report.authentic, report.in_force) = (Answer::Unknown, Answer::Unknown);
        let facts = Facts { reason: words::NO_ANSWER.into_parts(), ..Facts::default() };
        report.headline = words::headline(report.verdict, &facts);
    }
    report
}

/// The report on a file that could not be opened.
pub fn unreadable(file: &str, now: Timestamp, zh: &str, en: &str) -> Report {
    let trust = crate::domain::trust::TrustSnapshot::default();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut report = Builder { file, context: &context }.unreadable(FileKind::Other, words::EMPTY);
    let facts = Facts { reason: (zh.to_owned(), en.to_owned()), ..Facts::default() };
    report.headline = words::headline(Verdict::Unreadable, &facts);
    report
}

/// The headline for a file that is not shown to be false and can no longer be shown to be genuine,
/// if that is the only finding against it.
fn undecided(findings: &[Finding]) -> Option<words::Fixed> {
    let mut fatal = findings.iter().filter(|one| one.severity == Severity::Fatal);
    let first = fatal.next()?.code;
    let said = [(Code::SavedAgain, words::SAVED_AGAIN), (Code::WeakAlgorithm, words::WEAK)];
    let said = said.into_iter().find(|(code, _)| *code == first)?.1;
    fatal.all(|one| one.code == first).then_some(said)
}

/// The signers, in Chinese and in English; at most the first few. Time stamps are left out.
fn signers(report: &Report) -> (String, String) {
    let signed = report.signatures.iter().filter(|one| one.kind != SignatureKind::Timestamp);
    let mut names: Vec<&str> = Vec::new();
    for one in signed {
        if !names.contains(&one.signer.as_str()) && names.len() <= NAMED {
            names.push(&one.signer);
        }
    }
    let more = names.len() > NAMED;
    names.truncate(NAMED);
    let (zh, en) = (names.join("、"), names.join(", "));
    if more { (zh + "等", en + " and others") } else { (zh, en) }
}

/// Signers named in a headline.
const NAMED: usize = 3;

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
            headline: Localized::new("", ""),
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
        report.findings.push(Code::Unreadable.finding(Severity::Fatal, String::new()));
        report
    }

    fn document<S: Standings + ?Sized>(&self, found: Authenticity, standings: &S) -> Report {
        let mut report = self.empty(FileKind::Pdf);
        report.verdict = found.verdict;
        report.signatures = found.signatures;
        report.checks = found.checks;
        report.findings = found.findings;
        report.unchecked = found.unchecked;
        let instead = undecided(&report.findings);
        report.authentic = match found.verdict {
            Verdict::Valid => Answer::Yes,
            Verdict::Altered | Verdict::Invalid if instead.is_none() => Answer::No,
            _ => Answer::Unknown,
        };
        let mut facts = Facts {
            reason: found.reason,
            not_checked: found.not_checked,
            changes: report.signatures.iter().map(|one| one.changes).max(),
            instead,
            ..Facts::default()
        };
        match &found.seal {
            Some(seal) if found.verdict == Verdict::Valid => {
                standing::answer(&mut report, seal.credential().claims(), &mut facts, standings);
            }
            _ => {
                if found.verdict == Verdict::Valid {
                    report.in_force = Answer::NotApplicable;
                    facts.issuer = signers(&report);
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
                report.signatures = credential_report::signatures(&credential);
                report.checks = credential_report::checks(&credential);
                report.findings = credential_report::findings(&credential);
                report.unchecked = credential.path().unchecked().to_vec();
                if self.context.require_revocation && !report.unchecked.is_empty() {
                    report.verdict = Verdict::NotEnoughEvidence;
                    report.authentic = Answer::Unknown;
                    for one in &mut report.findings {
                        if one.code == Code::NoRevocationData {
                            one.severity = Severity::Fatal;
                        }
                    }
                    facts.reason = words::revocation_of(&revocation::names(&report.unchecked));
                } else {
                    standing::answer(&mut report, credential.claims(), &mut facts, standings);
                }
            }
            Err(refusals) => {
                let refusal = Refusal::of(&refusals, signer.as_ref(), self.context.now);
                report.verdict = refusal.verdict;
                if refusal.verdict == Verdict::Invalid {
                    report.authentic = Answer::No;
                }
                facts.reason = refusal.reason;
                facts.instead = refusal.instead;
                facts.not_checked = signer.is_none();
                report.signatures = refusal.signatures;
                report.checks = refusal.checks;
                report.findings = refusal.findings;
            }
        }
        report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        report.headline = words::headline(report.verdict, &facts);
        report
    }
}
