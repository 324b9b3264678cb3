//! Is a PDF genuine? Judges every signature, and the changes after it.

use std::collections::{BTreeMap, HashSet};

use super::checks::CheckKind;
use super::codes::{self, Code};
use super::credential::Context;
use super::evidence::ValidSeal;
use super::report::{Check, Finding, Outcome, Severity, SignatureReport, Verdict};
use super::signature::Surroundings;
use super::{archive, certification, credential_report, hidden_content, revision_coverage, words};
use crate::base::digest::{Digest, Midstate};
use crate::base::limits::Budget;
use crate::domain::trust::{PathCache, PathTrusted, Source, Unchecked};
use crate::format::pdf::read::{Document, ReadError, SignatureField};

/// The result for a document before its licence status is looked up.
#[derive(Debug)]
pub struct Authenticity {
    /// The worst verdict found; `Valid` when nothing speaks against the file.
    pub verdict: Verdict,
    /// What is missing or wrong, for the headline.
    pub reason: (String, String),
    /// The seal, when the file is a licence of ours and every check passed.
    pub seal: Option<Box<ValidSeal>>,
    /// Whether the file claims to be a licence of ours.
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
    /// Whether a signature is of a kind or algorithm that is not checked here.
    pub not_checked: bool,
}

/// Judges a PDF. An exhausted `budget` never gives a good verdict.
pub fn authenticate(bytes: &[u8], context: &Context<'_>, budget: &mut Budget) -> Authenticity {
    // Seal and credential share their issuing CA: its path is checked once per file.
    let own = PathCache::default();
    let context = &Context { cache: Some(context.cache.unwrap_or(&own)), ..*context };
    let mut judge =
        Judge { context, budget, result: Authenticity::open(), statements: Statements::default() };
    if let Err(error) = judge.document(bytes) {
        judge.unreadable(&error);
    } else if let Some(over) = judge.budget.ran_out
        && !matches!(judge.result.verdict, Verdict::Altered | Verdict::Invalid)
    {
        // What could not be read proves nothing. A fault that was found stays one.
        judge.unreadable(&over.into());
    }
    judge.result.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    judge.result
}

impl Authenticity {
    fn open() -> Self {
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

/// How the paths of one file judged the revocation lists and answers given.
#[derive(Debug, Default)]
pub(super) struct Statements {
    about: HashSet<Digest>,
    of_others: BTreeMap<Digest, Source>,
    told: HashSet<String>,
}

impl Judge<'_> {
    fn document(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let document = Document::parse(bytes, self.budget)?;
        let fields = document.signatures(self.budget)?;
        if fields.is_empty() && revision_coverage::was_signed(&document, self.budget) {
            let detail = "an update took the signature away".to_owned();
            self.fail(Verdict::Altered, codes::CHANGED_AFTER_SEAL, detail);
            return Ok(());
        }
        if fields.is_empty() {
            self.fail(Verdict::NotSigned, codes::NOT_SIGNED, String::new());
            return Ok(());
        }
        if let Err(fault) = certification::agree(&document, &fields, self.budget)? {
            self.fail(Verdict::Invalid, codes::CERTIFICATION_MALFORMED, fault.to_owned());
        }
        self.tail(&document, fields.last());
        self.signatures(&document, &fields)?;
        // Our own sheets have nothing hidden: their signer seals what the office composed.
        if self.result.seal.is_none() {
            for (code, detail) in hidden_content::search(&document, self.budget)? {
                self.note(Severity::Warning, code, detail);
            }
        }
        Ok(())
    }

    /// Judges every signature, the newest first: a later time stamp proves when the earlier ones
    /// existed.
    fn signatures(
        &mut self,
        document: &Document<'_>,
        fields: &[SignatureField],
    ) -> Result<(), ReadError> {
        let sealed = self.metadata(document)?;
        self.result.claims_licence = sealed.is_some();
        let archive = archive::read(document, self.budget)?;
        self.unreadable_evidence("DSS", &archive.unusable);
        let mut around =
            Surroundings { document, fields, archive: &archive, later: None, store_stamped: false };
        let is_stamp = |field: &SignatureField| field.sub_filter() == SignatureField::TIMESTAMP;
        let count = fields.iter().filter(|field| !is_stamp(field)).count();
        for field in fields.iter().rev() {
            let (report, proved) = self.signature(field, &mut around)?;
            self.result.signatures.push(report);
            if let Some(sealed) = sealed.as_ref().filter(|_| !is_stamp(field)) {
                self.licence(document, field, proved, sealed, (count, &archive.material))?;
            }
        }
        self.result.signatures.reverse();
        let broken = |one: &SignatureReport| one.signature == Outcome::Failed;
        if count == 0 && self.result.signatures.iter().any(broken) {
            self.worsen(Verdict::Invalid);
        }
        if count == 0 && around.later.is_none() && self.result.verdict == Verdict::Valid {
            self.result.reason = words::NO_TIME.into_parts();
            self.result.not_checked = true;
            self.worsen(Verdict::NotEnoughEvidence);
        }
        // Reported once per file: a list that concerns nobody in one path may concern another's.
        let Statements { about, of_others, .. } = std::mem::take(&mut self.statements);
        let of_others = of_others.iter().filter(|(digest, _)| !about.contains(digest));
        self.result
            .findings
            .extend(credential_report::of_others(of_others.map(|(_, source)| source)));
        Ok(())
    }

    /// Notes which enclosed evidence in this place could not be read.
    pub(super) fn unreadable_evidence(&mut self, place: &str, why: &[String]) {
        if !why.is_empty() {
            let detail = format!("{place}: {} items: {}", why.len(), why.join("; "));
            self.note(Severity::Info, codes::ARCHIVE_UNUSABLE, detail);
        }
    }

    /// Notes which lists and answers a path could not use.
    pub(super) fn heard(&mut self, place: &str, path: &PathTrusted) {
        for one in path.unused() {
            if self.statements.told.insert(one.account()) {
                self.result.findings.push(credential_report::unused(place, one));
            }
        }
        self.statements.about.extend(path.about());
        let strangers = path.strangers().iter();
        let strangers = strangers.map(|source| (source.fingerprint(), source.clone()));
        self.statements.of_others.extend(strangers);
    }

    fn unreadable(&mut self, error: &ReadError) {
        let of_signature = match error {
            ReadError::Signature { .. } => Some(codes::SIGNATURE_MALFORMED),
            ReadError::Misplaced { .. } => Some(codes::SAVED_AGAIN),
            _ => None,
        };
        if let Some(code) = of_signature {
            self.result.seal = None;
            self.fail(Verdict::Invalid, code, error.to_string());
            return;
        }
        let what = match error {
            ReadError::NotPdf => words::NOT_PDF,
            ReadError::Encrypted => words::ENCRYPTED,
            ReadError::Budget(_) => words::OVER_BUDGET,
            ReadError::Structure { what, .. } => words::structure(what),
            ReadError::Signature { .. } | ReadError::Misplaced { .. } => words::DAMAGED,
        };
        self.result.reason = what.into_parts();
        self.result.seal = None;
        // Good results up to this point say nothing about the rest.
        self.result.checks.clear();
        self.result.signatures.clear();
        self.fail(Verdict::Unreadable, codes::UNREADABLE, error.to_string());
    }

    pub(super) fn check(&mut self, kind: CheckKind, outcome: Outcome) {
        self.result.checks.push(kind.outcome(outcome));
    }

    pub(super) fn note(&mut self, severity: Severity, code: Code, detail: String) {
        self.result.findings.push(code.finding(severity, detail));
    }

    /// Notes a finding that decides, unless a worse one did.
    pub(super) fn fail(&mut self, verdict: Verdict, code: Code, detail: String) {
        self.note(Severity::Fatal, code, detail);
        self.worsen(verdict);
    }

    /// Takes this verdict, unless a worse one was found; a valid seal found before no longer
    /// counts.
    pub(super) fn worsen(&mut self, verdict: Verdict) {
        let rank = |verdict| rank(verdict, self.result.not_checked);
        if rank(verdict) > rank(self.result.verdict) {
            self.result.verdict = verdict;
        }
        self.result.seal = None;
    }
}

/// Rank of a verdict among several about one file. Where a signature could not be checked, no
/// verdict may say that the seals are intact.
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
