//! Is a licence in its office's log?
//!
//! A proof accompanies the document. It is about this file only when its leaf contains this file's
//! SHA-256; it counts only when a trusted log signed the head that it leads to. Without a log,
//! licences sealed with a stolen key go unnoticed; with one, and witnesses, every sealed licence
//! must be published to count.

use super::context::SKEW;
use super::report::checks;
use super::report::codes::Code;
use super::report::words::{self, Facts};
use super::report::{
    Answer, FileKind, LogReport, LogWitness, Outcome, Report, Severity, SignatureKind, Verdict,
};
use crate::base::digest::{Digest, Midstate};
use crate::base::limits::Budget;
use crate::base::time::{Date, Timestamp};
use crate::format::merkle::content::{BadLeafContent, LeafContent};
use crate::format::merkle::proof::{BadProof, Included};
use crate::format::note::BadNote;
use crate::format::note::checkpoint::{LogSigned, NotSigned, Witnessed};
use crate::format::note::key::{Forged, NoteKey};
use crate::format::note::proof::LogProof;

/// A reader's requirements on logs. The default trusts no log and requires nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPolicy {
    /// The trusted logs.
    pub logs: Vec<NoteKey>,
    /// The trusted witnesses.
    pub witnesses: Vec<NoteKey>,
    /// Number of witnesses that must have signed the head; a proof with fewer counts as none where
    /// the log is required.
    pub needed: usize,
    /// The present time, for a check at another instant than now. A witness signature dated later
    /// does not count yet.
    pub clock: Option<Timestamp>,
    /// Documents sealed on this day or later are not accepted without a proof.
    pub required_since: Option<Date>,
}

/// Proof that a file's digest is under the head that a trusted log signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InLog {
    index: u64,
    head: LogSigned,
    witnesses: Vec<Witnessed>,
    _included: Included,
}

/// Why a proof does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInLog {
    /// The text is not a proof.
    #[error(transparent)]
    Unreadable(#[from] BadNote),
    /// It lacks the content of its leaf.
    #[error(transparent)]
    Content(#[from] BadLeafContent),
    /// Its leaf is that of another document.
    #[error("the proof is about another document: no digest in its leaf is that of this file")]
    OtherDocument,
    /// The hashes do not lead to the head.
    #[error(transparent)]
    Path(#[from] BadProof),
    /// No trusted log signed the head.
    #[error("{1} ({0})")]
    NotSigned(String, NotSigned),
    /// A witness signature does not verify.
    #[error(transparent)]
    Forged(#[from] Forged),
}

impl InLog {
    /// Checks a proof about one of these digests of a file.
    pub fn check(
        proof: &str,
        digests: &[Digest],
        policy: &LogPolicy,
        budget: &mut Budget,
    ) -> Result<Self, NotInLog> {
        let proof = LogProof::parse(proof, budget)?;
        let content = LeafContent::parse(proof.extra.as_deref().unwrap_or_default())?;
        let about = |digest: &Digest| content.artefacts.contains(digest);
        if content.kind != "issued" || !digests.iter().any(about) {
            return Err(NotInLog::OtherDocument);
        }
        let included = proof.verify(&content.hash())?;
        let origin = || proof.checkpoint.unproved().origin().to_owned();
        let head = proof.checkpoint.by_log(&policy.logs, budget);
        let head = head.map_err(|error| NotInLog::NotSigned(origin(), error))?;
        let witnesses = proof.checkpoint.by_witnesses(&policy.witnesses, budget)?;
        Ok(Self { index: proof.index, head, witnesses, _included: included })
    }

    fn report(&self) -> LogReport {
        let head = self.head.checkpoint();
        let seen = |one: &Witnessed| LogWitness { name: one.name().to_owned(), at: one.at() };
        LogReport {
            origin: head.origin().to_owned(),
            index: self.index,
            size: head.size(),
            root: head.root().to_hex(),
            witnesses: self.witnesses.iter().map(seen).collect(),
        }
    }
}

/// Adds the proof's result to a report, and the consequence when there is none.
pub fn judge(
    mut report: Report,
    file: &[u8],
    proof: Option<&str>,
    policy: &LogPolicy,
    budget: &mut Budget,
) -> Report {
    // The log does not matter for a file that is not a genuine licence.
    if report.licence.is_none() {
        return report;
    }
    let required = is_required(&report, policy);
    let found =
        proof.map(|proof| InLog::check(proof, &digests(&report, file, None), policy, budget));
    let Some(missing) = weigh(&mut report, found, policy, required) else { return report };
    let outcome = match (missing, &report.log, required) {
        (false, ..) => Outcome::Passed,
        (true, None, true) => Outcome::Failed,
        _ => Outcome::Unknown,
    };
    report.checks.push(checks::LOG.outcome(outcome));
    if missing && required {
        not_enough(&mut report);
    }
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    report
}

/// Records the proof's result, and whether a required one is missing; `None` when no proof is
/// needed.
fn weigh(
    report: &mut Report,
    found: Option<Result<InLog, NotInLog>>,
    policy: &LogPolicy,
    required: bool,
) -> Option<bool> {
    let severity = if required { Severity::Fatal } else { Severity::Warning };
    Some(match found {
        Some(Ok(mut found)) => {
            let clock = policy.clock.unwrap_or(report.as_of).plus(SKEW);
            let signed = found.witnesses.len();
            found.witnesses.retain(|one| one.at() <= clock);
            let seen = found.witnesses.len();
            let few = seen < policy.needed;
            let later = match signed.saturating_sub(seen) {
                0 => String::new(),
                later => format!("; {later} of the future, not counted"),
            };
            let listed = found.report();
            let detail = format!("{}{later}", account(&listed));
            report.log = Some(listed);
            note(report, Severity::Info, Code::LogAccount, detail);
            if few {
                let detail = format!("{seen} of {}{later}", policy.needed);
                note(report, severity, Code::LogNotWitnessed, detail);
            }
            few
        }
        Some(Err(NotInLog::NotSigned(origin, NotSigned::Unknown))) if policy.logs.is_empty() => {
            // For a reader without requirements on logs it is only information.
            let severity = if required { Severity::Fatal } else { Severity::Info };
            note(report, severity, Code::LogKeyUnknown, origin);
            if !required {
                return None;
            }
            true
        }
        Some(Err(error)) => {
            note(report, severity, Code::LogProofRefused, error.to_string());
            true
        }
        None if required => {
            let since = policy.required_since.map(|day| day.to_string()).unwrap_or_default();
            note(report, severity, Code::NotInLog, format!("required since {since}"));
            true
        }
        None if policy.logs.is_empty() => return None,
        None => {
            note(report, Severity::Info, Code::NotInLog, "no proof is at hand".to_owned());
            true
        }
    })
}

/// The office's own statement on a licence in its log, which is not a proof.
pub(super) fn from_office(report: &mut Report, log: LogReport) {
    let detail = format!("{}; this is the office's own word", account(&log));
    report.log = Some(log);
    note(report, Severity::Info, Code::LogAccount, detail);
    report.checks.push(checks::LOG.outcome(Outcome::Passed));
}

/// The digests under which a file may be in a log: its own, and those of the part that a seal
/// covers, since archive material may have been appended. The digest state of the first bytes is
/// reused.
pub(super) fn digests(report: &Report, file: &[u8], begun: Option<&Midstate>) -> Vec<Digest> {
    let of = |part: &[u8]| {
        let known = begun.and_then(|begun| Some(begun.then(part.get(begun.length()..)?)));
        known.unwrap_or_else(|| Digest::of(&[part]))
    };
    let seals = report.signatures.iter().filter(|one| one.kind == SignatureKind::Seal);
    let ends = seals.filter_map(|seal| seal.details.bytes.map(|[.., end]| end));
    let sealed = ends.filter_map(|end| file.get(..end)).filter(|part| part.len() < file.len());
    std::iter::once(file).chain(sealed).map(of).collect()
}

/// The time in a seal is its signer's claim, and a thief may lie; but a seal cannot be older than
/// its certificate. So a seal whose certificate is from the required time needs a proof too.
fn is_required(report: &Report, policy: &LogPolicy) -> bool {
    let Some(since) = policy.required_since.map(Date::start_in_china) else { return false };
    if report.kind != FileKind::Pdf {
        return false;
    }
    let seals = report.signatures.iter().filter(|one| one.kind == SignatureKind::Seal);
    let before = |time: Option<Timestamp>| time.is_some_and(|time| time < since);
    !seals
        .map(|seal| (seal.signed_at, seal.details.certificate_from))
        .all(|(signed, from)| before(signed) && before(from))
}

fn not_enough(report: &mut Report) {
    if report.authentic == Answer::Yes {
        report.authentic = Answer::Unknown;
    }
    if matches!(report.verdict, Verdict::Valid | Verdict::StatusUnknown) {
        report.verdict = Verdict::NotEnoughEvidence;
        report.in_force = Answer::Unknown;
        let facts = Facts { reason: words::NOT_IN_LOG.into_parts(), ..Facts::default() };
        report.headline = words::headline(report.verdict, &facts);
    }
}

fn account(log: &LogReport) -> String {
    let seen = |one: &LogWitness| format!("{} at {}", one.name, one.at);
    let witnesses: Vec<_> = log.witnesses.iter().map(seen).collect();
    let witnesses =
        if witnesses.is_empty() { "no witness".to_owned() } else { witnesses.join(", ") };
    let LogReport { origin, index, size, root, .. } = log;
    format!("entry {index} of the {size} of {origin}, root {root}; seen by {witnesses}")
}

fn note(report: &mut Report, severity: Severity, code: Code, detail: String) {
    report.findings.push(code.finding(severity, detail));
}
