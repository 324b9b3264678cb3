//! Verifying at the office: its own roots, its own memory of where licences stand.

use super::office::Office;
use crate::base::ids::Code;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::Standing as Stands;
use crate::domain::verify::assess::{self, Standing, Standings};
use crate::domain::verify::credential::Context;
use crate::domain::verify::licence::StatusReference;
use crate::domain::verify::report::Report;
use crate::store::{DocumentKind, StoreError, Stored};

impl Office {
    /// Verifies a file. Nothing of it is kept.
    pub fn verify(&self, file: &str, bytes: &[u8]) -> Report {
        let trust = self.trust();
        let context = Context {
            trust: &trust,
            now: self.now(),
            cache: Some(&self.cache),
            require_revocation: false,
        };
        assess::verify(file, bytes, &context, self, &mut Budget::default())
    }

    /// What the code on a printed licence leads to: the sealed document is verified anew, and what
    /// everyone may see of it is masked. `None` when there is no such code.
    pub fn verify_code(&self, code: &Code) -> Result<Option<Report>, StoreError> {
        let Some(id) = self.store().by_code(&code.digest())? else { return Ok(None) };
        let Some(stored) = self.store().licence(&id)? else { return Ok(None) };
        self.report_on(&stored)
    }

    /// Verifies a licence's document anew and masks what not everyone may see.
    pub(super) fn report_on(&self, stored: &Stored) -> Result<Option<Report>, StoreError> {
        let pdf = stored.documents.iter().find(|one| one.kind == DocumentKind::SealedPdf);
        let Some(pdf) = pdf else { return Ok(None) };
        let mut report = self.verify("", &self.store().document(pdf)?);
        let licence: Licence = serde_json::from_str(&stored.record)
            .map_err(|error| StoreError::Index(error.to_string()))?;
        if let Some(summary) = &mut report.licence {
            let kind = self.types().get(&licence.kind);
            summary.holder = licence.masked_holder(kind);
            summary.number = licence.masked_number(kind);
            summary.values = kind.map(|kind| licence.masked_values(kind)).unwrap_or_default();
        }
        Ok(Some(report))
    }
}

/// The office remembers more than a list says: since when, and why.
impl Standings for Office {
    fn standing(
        &self,
        id: &str,
        _: &StatusReference,
        now: Timestamp,
    ) -> Result<Standing, Option<Timestamp>> {
        let stored = self.store().licence(id).ok().flatten().ok_or(None)?;
        let licence: Licence = serde_json::from_str(&stored.record).map_err(|_| None)?;
        let status = licence.standing.status();
        let (since, reason, superseded_by) = match licence.standing {
            Stands::Active => (None, None, None),
            Stands::Suspended { since, reason } | Stands::Revoked { since, reason } => {
                (Some(since), Some(reason.words()), None)
            }
            Stands::Superseded { since, by } => (Some(since), None, Some(by)),
        };
        Ok(Standing { status, since, reason, superseded_by, as_of: now })
    }
}
