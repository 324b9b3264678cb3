//! Is a PDF genuine? Judges every signature, and the changes after it.

use super::judge::{Authenticity, Judge, Statements};
use crate::domain::verify::status::revocation;

use super::archive;
use super::certification::Certifications;
use super::hidden_content;
use super::revision_coverage;
use super::signature::Surroundings;
use crate::base::limits::Budget;
use crate::domain::trust::PathCache;
use crate::domain::verify::context::Context;
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::words;
use crate::domain::verify::report::{Outcome, Severity, SignatureReport, Verdict};
use crate::format::pdf::read::{Document, ReadError, SignatureField};

/// Judges a PDF. An exhausted `budget` never gives a good verdict.
pub fn authenticate(bytes: &[u8], context: &Context<'_>, budget: &mut Budget) -> Authenticity {
    // Seal and credential share their issuing CA, whose path is checked once per file.
    let own = PathCache::default();
    let context = &Context { cache: Some(context.cache.unwrap_or(&own)), ..*context };
    let mut judge =
        Judge { context, budget, result: Authenticity::open(), statements: Statements::default() };
    if let Err(error) = judge.document(bytes) {
        judge.unreadable(&error);
    } else if let Some(over) = judge.budget.ran_out
        && !matches!(judge.result.verdict, Verdict::Altered | Verdict::Invalid)
    {
        // A file that could not be read completely is not valid; faults found so far remain.
        judge.unreadable(&over.into());
    }
    judge.result.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    judge.result
}

impl Judge<'_> {
    fn document(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let document = Document::parse(bytes, self.budget)?;
        let fields = document.signatures(self.budget)?;
        if fields.is_empty() && revision_coverage::was_signed(&document, self.budget) {
            let detail = "an update took the signature away".to_owned();
            self.fail(Code::ChangedAfterSeal, detail);
            return Ok(());
        }
        if fields.is_empty() {
            self.fail(Code::NotSigned, String::new());
            return Ok(());
        }
        let certifications = Certifications::read(&document, &fields, self.budget)?;
        if let Err(fault) = certifications.agree(&fields) {
            self.fail(Code::CertificationMalformed, fault.to_owned());
        }
        self.tail(&document, fields.last());
        self.signatures(&document, &fields, &certifications)?;
        // Licences of this profile need no search: the office composed what it sealed.
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
        certifications: &Certifications,
    ) -> Result<(), ReadError> {
        let sealed = self.metadata(document)?;
        self.result.claims_licence = sealed.is_some();
        let archive = archive::read(document, self.budget)?;
        self.unreadable_evidence("DSS", &archive.unusable);
        let mut around = Surroundings {
            document,
            fields,
            certifications,
            archive: &archive,
            later: None,
            store_stamped: false,
        };
        let is_stamp = |field: &SignatureField| field.sub_filter() == SignatureField::TIMESTAMP;
        let count = fields.iter().filter(|field| !is_stamp(field)).count();
        for field in fields.iter().rev() {
            let (report, proved) = self.signature(field, &mut around)?;
            self.result.signatures.push(report);
            if let Some(sealed) = sealed.as_ref().filter(|_| !is_stamp(field)) {
                self.licence(&around, field, proved, sealed, count)?;
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
        // Reported once per file: a list that does not concern one path may concern another.
        let Statements { about, of_others, .. } = std::mem::take(&mut self.statements);
        let of_others = of_others.iter().filter(|(digest, _)| !about.contains(digest));
        self.result.findings.extend(revocation::of_others(of_others.map(|(_, source)| source)));
        Ok(())
    }

    fn unreadable(&mut self, error: &ReadError) {
        let of_signature = match error {
            ReadError::Signature { .. } => Some(Code::SignatureMalformed),
            ReadError::Misplaced { .. } => Some(Code::SavedAgain),
            _ => None,
        };
        if let Some(code) = of_signature {
            self.result.seal = None;
            self.fail(code, error.to_string());
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
        // Good results so far prove nothing about the rest.
        self.result.checks.clear();
        self.result.signatures.clear();
        self.fail(Code::Unreadable, error.to_string());
    }
}
