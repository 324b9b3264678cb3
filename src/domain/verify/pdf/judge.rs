//! Judgement of one file: its findings so far, and the verdict from them.

use std::collections::{BTreeMap, HashSet};

use super::evidence::ValidSeal;
use crate::base::digest::{Digest, Midstate};
use crate::base::limits::Budget;
use crate::domain::trust::{PathTrusted, Source, Unchecked};
use crate::domain::verify::context::Context;
use crate::domain::verify::report::checks::CheckKind;
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::{Check, Finding, Outcome, Severity, SignatureReport, Verdict};
use crate::domain::verify::status::revocation;

/// The result for a document before its licence status is looked up.
#[derive(Debug)]
pub struct Authenticity {
    /// The worst verdict found; `Valid` when there is no finding against the file.
    pub verdict: Verdict,
    /// What is missing or wrong, for the headline.
    pub reason: (String, String),
    /// The seal, when the file is a licence of this profile and every check passed.
    pub seal: Option<Box<ValidSeal>>,
    /// Whether the file claims to be a licence of this profile.
    pub claims_licence: bool,
    /// One report for each signature, in the order of the file.
    pub signatures: Vec<SignatureReport>,
    /// Each check, in the order in which it was made.
    pub checks: Vec<Check>,
    /// Findings, unsorted.
    pub findings: Vec<Finding>,
    /// SHA-256 of the file's first bytes, up to the hole of its first signature.
    pub begun: Option<Midstate>,
    /// Certificates of trusted paths without revocation data.
    pub unchecked: Vec<Unchecked>,
    /// Whether a signature is of an unsupported kind or algorithm.
    pub not_checked: bool,
}

impl Authenticity {
    pub(super) fn open() -> Self {
        Self {
            verdict: Verdict::Valid,
            reason: (String::new(), String::new()),
            seal: None,
            claims_licence: false,
            signatures: Vec::new(),
            checks: Vec::new(),
            findings: Vec::new(),
            begun: None,
            unchecked: Vec::new(),
            not_checked: false,
        }
    }

    /// Whether the file has the bytes and the signer that it claims, as far as could be checked.
    pub fn is_genuine(&self) -> bool {
        self.verdict == Verdict::Valid
    }
}

/// Judges one file; results are collected in `result`.
pub(super) struct Judge<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) budget: &'a mut Budget,
    pub(super) result: Authenticity,
    pub(super) statements: Statements,
}

/// How the paths of one file used the given revocation lists and OCSP responses.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub(super) about: HashSet<Digest>,
    pub(super) of_others: BTreeMap<Digest, Source>,
    pub(super) reported: HashSet<String>,
}

impl Judge<'_> {
    /// Records which enclosed evidence in this place could not be read.
    pub(super) fn unreadable_evidence(&mut self, place: &str, why: &[String]) {
        if !why.is_empty() {
            let detail = format!("{place}: {} items: {}", why.len(), why.join("; "));
            self.note(Severity::Info, Code::ArchiveUnusable, detail);
        }
    }

    /// Records which lists and OCSP responses a path could not use.
    pub(super) fn note_unused_material(&mut self, place: &str, path: &PathTrusted) {
        for one in path.unused() {
            if self.statements.reported.insert(one.account()) {
                self.result.findings.push(revocation::unused(place, one));
            }
        }
        self.statements.about.extend(path.about());
        let strangers = path.strangers().iter();
        let strangers = strangers.map(|source| (source.fingerprint(), source.clone()));
        self.statements.of_others.extend(strangers);
    }

    pub(super) fn check(&mut self, kind: CheckKind, outcome: Outcome) {
        self.result.checks.push(kind.outcome(outcome));
    }

    pub(super) fn note(&mut self, severity: Severity, code: Code, detail: String) {
        self.result.findings.push(code.finding(severity, detail));
    }

    /// Records a fatal finding and its verdict.
    pub(super) fn fail(&mut self, code: Code, detail: String) {
        self.note(Severity::Fatal, code, detail);
        self.worsen(code.verdict());
    }

    /// Takes this verdict, unless a worse one was found; a valid seal found earlier no longer
    /// counts.
    pub(super) fn worsen(&mut self, verdict: Verdict) {
        let rank = |verdict| rank(verdict, self.result.not_checked);
        if rank(verdict) > rank(self.result.verdict) {
            self.result.verdict = verdict;
        }
        self.result.seal = None;
    }
}

/// Rank of a verdict among several about one file. When a signature could not be checked, no
/// verdict may claim that the seals are intact.
fn rank(verdict: Verdict, not_checked: bool) -> u8 {
    match verdict {
        Verdict::Unreadable => 7,
        Verdict::Altered => 6,
        Verdict::Invalid => 5,
        Verdict::NotEnoughEvidence if not_checked => 4,
        Verdict::UnknownIssuer => 3,
        Verdict::NotEnoughEvidence => 2,
        Verdict::NotSigned => 1,
        _ => 0,
    }
}
