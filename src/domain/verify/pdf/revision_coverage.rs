//! The bytes that a signature covers, and the changes to the file after it.

use super::changes::{self, Locks, MOST_FINDINGS, NothingElseChanged, Permissions};
use super::judge::Judge;
use super::signature::Surroundings;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::{Finding, Severity};
use crate::format::pdf::read::{Document, ReadError, SignatureField};

impl Judge<'_> {
    /// Only a line end that its signature covers may follow the last revision.
    pub(super) fn tail(&mut self, document: &Document<'_>, last: Option<&SignatureField>) {
        let (end, length) = (document.end(), document.bytes().len());
        let covered = last.map_or(0, |field| field.byte_range.end());
        let newest = document.revisions().len().checked_sub(1);
        let whole = if newest.is_some() && document.revision_ending_at(covered) == newest {
            covered == length
        } else {
            end == length
        };
        if !whole {
            let detail = format!(
                "the last revision ends at byte {end}, the last signature at {covered}, \
                 the file has {length}"
            );
            self.fail(Code::BytesBehind, detail);
        }
    }

    /// The revision that a signature covers: it ends where the byte range ends, and contains the
    /// hole. `None`, with a finding, when there is none.
    pub(super) fn signed_revision(
        &mut self,
        document: &Document<'_>,
        field: &SignatureField,
    ) -> Option<usize> {
        let end = field.byte_range.end();
        let signed = document.revision_ending_at(end).filter(|signed| {
            let revision = document.revisions().get(*signed);
            revision.is_some_and(|of| of.begin < field.byte_range.hole().start)
        });
        if signed.is_none() {
            let detail =
                format!("{} covers the bytes up to {end}: no revision ends there", field.name);
            self.fail(Code::ChangedAfterSeal, detail);
        }
        signed
    }

    /// The bytes that a signature covers, for hashing; charged to the budget.
    pub(super) fn covered<'a>(
        &mut self,
        document: &Document<'a>,
        field: &SignatureField,
    ) -> Result<[&'a [u8]; 2], OverBudget> {
        let parts = field.byte_range.covered(document.bytes());
        let bytes = parts.iter().map(|part| part.len()).sum();
        self.budget.pay(Purse::DigestedBytes, bytes, "bytes under signatures")?;
        Ok(parts)
    }

    /// The changes after a signature.
    pub(super) fn changes(
        &mut self,
        around: &Surroundings<'_, '_>,
        field: &SignatureField,
        signed: usize,
    ) -> Result<Option<NothingElseChanged>, ReadError> {
        let (document, fields) = (around.document, around.fields);
        let certified = around.certifications.of(field);
        let locks = Locks::of(document, field, self.budget)?;
        let (Ok(certified), Ok(locks)) = (certified, locks) else {
            let detail = format!("{}: permissions that cannot be read", field.name);
            self.fail(Code::CertificationMalformed, detail);
            return Ok(None);
        };
        let permissions = Permissions { certified, locks };
        let since = changes::since(document, signed, fields, &permissions, self.budget)?;
        for (severity, code, places) in [
            (Severity::Warning, Code::LaterSignaturePaints, &since.visible),
            (Severity::Warning, Code::FieldLookUnknown, &since.unseen),
            (Severity::Warning, Code::AnnotationPaints, &since.painted),
            (Severity::Info, Code::FormFilled, &since.filled),
        ] {
            for place in places.iter().take(MOST_FINDINGS) {
                self.note(severity, code, place.clone());
            }
            if let Some(more) = places.len().checked_sub(MOST_FINDINGS).filter(|more| *more > 0) {
                self.note(severity, code, format!("and {more} more"));
            }
        }
        if since.renamed {
            self.note(Severity::Warning, Code::IdentifierChanged, field.name.clone());
        }
        let proof = since.proof();
        for one in since.unexplained {
            let detail = format!("after {}: {one}", field.name);
            let finding = Code::ChangedAfterSeal.finding(Severity::Fatal, detail);
            self.result.findings.push(Finding { message: one.part.message(), ..finding });
            self.worsen(Code::ChangedAfterSeal.verdict());
        }
        Ok(proof)
    }
}

/// Whether an earlier revision had a signature that the newest lacks.
///
/// It only chooses between two verdicts, `altered` and `not_signed`. So it has a separate budget: a
/// long history, or a fault in it, must not make an unsigned file unreadable.
pub(super) fn was_signed(document: &Document<'_>, budget: &mut Budget) -> bool {
    let Some((_, earlier)) = document.revisions().split_last() else { return false };
    let signed = |budget: &mut Budget| {
        earlier.iter().rev().any(|revision| {
            let earlier = document.as_of(revision, budget);
            let signatures = earlier.and_then(|earlier| earlier.signatures(budget));
            signatures.is_ok_and(|signatures| !signatures.is_empty())
        })
    };
    budget.aside(Budget::default(), signed)
}
