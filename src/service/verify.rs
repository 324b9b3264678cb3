//! Verification at the office: with its own roots and its own record of licence status.

use super::log::LogName;
use super::office::Office;
use crate::base::digest::Digest;
use crate::base::ids::Code;
use crate::base::limits::{Budget, Interrupt};
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::LicenceStatus;
use crate::domain::verify::assess::{self, Gap, NotKnown, Standing, Standings};
use crate::domain::verify::credential::binding::Challenge;
use crate::domain::verify::credential::licence_claims::StatusReference;
use crate::domain::verify::report::on_file;
use crate::domain::verify::report::{LogReport, Report};
use crate::store::{DocumentKind, StoreError, Stored};

impl Office {
    /// Verifies a file and stores nothing of it.
    pub fn verify(&self, file: &str, bytes: &[u8]) -> Report {
        self.verify_until(file, bytes, Interrupt::default())
    }

    /// Like [`Self::verify`], ended by an interrupt; the verdict is then that the file could not be
    /// read.
    pub fn verify_until(&self, file: &str, bytes: &[u8], interrupt: Interrupt) -> Report {
        self.judge(file, bytes, None, interrupt)
    }

    /// Verifies a presentation in answer to a challenge. Nothing of it is stored: the caller
    /// ensures that a nonce is used once.
    pub fn verify_answer(&self, file: &str, bytes: &[u8], challenge: &Challenge) -> Report {
        self.judge(file, bytes, Some(challenge), Interrupt::default())
    }

    fn judge(
        &self,
        file: &str,
        bytes: &[u8],
        challenge: Option<&Challenge>,
        interrupt: Interrupt,
    ) -> Report {
        let trust = self.trust();
        let context = self.context(&trust, self.now());
        let budget = &mut Budget::default().ended_by(interrupt);
        match challenge {
            None => assess::verify(file, bytes, &context, self, budget),
            Some(challenge) => {
                assess::verify_answer(file, bytes, challenge, &context, self, budget)
            }
        }
    }

    /// The public result for the code on a printed licence: the sealed document is verified again,
    /// and fields that are not public are masked. `None` when there is no such code.
    pub fn verify_code(&self, code: &Code) -> Result<Option<Report>, StoreError> {
        let Some(id) = self.store().reader().by_code(&code.digest())? else { return Ok(None) };
        let Some(stored) = self.store().reader().licence(&id)? else { return Ok(None) };
        self.report_on(&stored)
    }

    /// Verifies a licence's document again and masks fields that are not public.
    pub(super) fn report_on(&self, stored: &Stored) -> Result<Option<Report>, StoreError> {
        let pdf = stored.documents.iter().find(|one| one.kind == DocumentKind::SealedPdf);
        let Some(pdf) = pdf else { return Ok(None) };
        let mut report = self.verify("", &self.store().reader().document(pdf)?);
        let licence: Licence = stored.read()?;
        if let Some(summary) = &mut report.licence {
            let kind = self.types().get(&licence.kind);
            summary.holder = licence.masked_holder(kind);
            summary.number = licence.masked_number(kind);
            summary.values = kind.map(|kind| licence.masked_values(kind)).unwrap_or_default();
        }
        if let Some(headline) = on_file::headline(&report) {
            report.headline = headline;
        }
        Ok(Some(report))
    }
}

/// The office knows more than a status list: since when a status holds, and why.
///
/// It knows the present status and its first day, but not earlier ones. So for an instant in the
/// past it answers only when that day was over by then.
impl Standings for Office {
    fn standing(&self, id: &str, _: &StatusReference, at: Timestamp) -> Result<Standing, NotKnown> {
        let unknown = |gap, detail: &str| NotKnown { last: None, gap, detail: detail.to_owned() };
        let unreadable = |error: StoreError| unknown(Gap::Unreadable, &error.to_string());
        let missing = || {
            let detail = format!("the office has no record of {id}");
            unknown(Gap::NotOnRecord, &self.with_lost_records(Localized::new("", detail)).en)
        };
        let stored = self.store().reader().licence(id).map_err(unreadable)?.ok_or_else(missing)?;
        let licence: Licence = stored.read().map_err(unreadable)?;
        let status = licence.standing.status();
        let (since, reason, superseded_by) = match licence.standing {
            LicenceStatus::Active => (None, None, None),
            LicenceStatus::Suspended { since, reason }
            | LicenceStatus::Revoked { since, reason } => (Some(since), Some(reason.words()), None),
            LicenceStatus::Superseded { since, by } => (Some(since), None, Some(by)),
        };
        let now = self.now();
        let present = now.plus(-PRESENT) <= at && at <= now.plus(PRESENT);
        let stood_then = at <= now && since.is_some_and(|since| since.end_in_china() <= at);
        if !present && !stood_then {
            let since = since.map_or_else(String::new, |since| format!(" since {since}"));
            let detail = format!(
                "the office's record says {status:?}{since}, as of {now}; it does not say what held at {at}"
            );
            return Err(unknown(Gap::OtherTime, &detail));
        }
        let source = format!("the office's own record of {id}, as of {now}: {status:?}");
        Ok(Standing {
            status,
            since,
            reason,
            superseded_by,
            as_of: at,
            aged: false,
            source,
            contradiction: None,
        })
    }

    fn definition(&self, vct: &str) -> Result<Option<Digest>, String> {
        let document = self.store().reader().definition(vct).map_err(|error| error.to_string())?;
        Ok(document.map(|document| Digest::of(&[document.as_bytes()])))
    }

    fn in_log(
        &self,
        id: &str,
        digests: &dyn Fn() -> Vec<Digest>,
    ) -> Result<Option<LogReport>, String> {
        let leaf = self.store().reader().leaf_of(id).map_err(|error| error.to_string())?;
        let Some((index, content)) = leaf else { return Ok(None) };
        Ok(digests().iter().any(|one| content.artefacts.contains(one)).then(|| {
            let (size, root) = self.store().head();
            let (origin, root) = (self.log(LogName::Acts).origin(), root.to_hex());
            LogReport { origin, index, size, root, witnesses: Vec::new() }
        }))
    }
}

/// Seconds of tolerance: a verification reads its time once, and the status a moment later.
const PRESENT: i64 = 60;
