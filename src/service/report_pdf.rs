//! A verification report as a PDF, sealed by the office.
//!
//! The key belongs to the office and has this one use: its certificate entitles it to reports and
//! to no licence type, so that verifiers cannot mistake a report for a licence.

use super::issue_command::IssueError;
use super::keys::{KeyName, KeyUnavailable};
use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::limits::Budget;
use crate::domain::report_pdf::{self, Plan, ReportContent};
use crate::domain::seal::prepared::{PreparedSeal, SealError};
use crate::domain::verify::pdf::document;
use crate::domain::verify::report::Report;
use crate::format::cms;
use crate::store::{Collection, EventKind, Record, StoreError, Transaction};

/// Why no report was sealed.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The key that seals reports cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The signature could not be placed in the PDF.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The clock is behind the last event, so that nothing is sealed.
    #[error(transparent)]
    Clock(IssueError),
    /// The pages could not be laid out.
    #[error("the report could not be drawn: the fonts failed")]
    Fonts,
    /// The office's own verifier refused the PDF.
    #[error("the sealed report does not verify; nothing was released: {0}")]
    SelfCheck(String),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Verifies a file and writes the result as a sealed PDF. Only the digests of both are stored:
    /// the journal records every use of a seal.
    pub fn verify_on_paper(
        &self,
        actor: &Actor,
        file: &str,
        bytes: &[u8],
    ) -> Result<(Report, Vec<u8>), PaperError> {
        let now = self.sealing_time().map_err(PaperError::Clock)?;
        // An act that cannot be recorded must not be signed.
        self.store().accepts()?;
        let report = self.verify(file, bytes);
        let digest = Digest::of(&[bytes]);
        let certificates = self.certificates();
        let roots = std::slice::from_ref(&certificates.root);
        let content = ReportContent {
            report: &report,
            size: bytes.len(),
            digest,
            roots,
            office: Some(&self.profile().name),
            demo: self.is_demo(),
        };
        let (certificate, key) = self.signer(&KeyName::Report)?;
        let chain = [certificates.issuing.clone()];
        let hole = cms::size_bound(&certificate, &chain, cms::Level::B);
        let plan = Plan { signer: certificate.name(), hole };
        let unsealed =
            report_pdf::compose_to_seal(&self.press, &content, &plan).ok_or(PaperError::Fonts)?;
        let sealed = PreparedSeal::new(unsealed).seal(&*key, &certificate, &chain)?;
        let trust = self.trust();
        let context = self.context(&trust, now);
        let found = document::authenticate(sealed.as_bytes(), &context, &mut Budget::default());
        if !found.is_genuine() || found.claims_licence {
            let why: Vec<_> = found.findings.iter().map(|one| one.detail.clone()).collect();
            return Err(PaperError::SelfCheck(why.join("; ")));
        }
        let sealed = sealed.into_bytes();
        let mut act =
            Transaction::new(EventKind::Reported, actor.clone(), now, draw(&*self.parts.entropy));
        let examined = serde_json::json!({ "examined": digest.to_hex() });
        let key = Digest::of(&[&sealed]).to_hex();
        act.entries = vec![Record::new(Collection::Report, key, 1, &examined)?];
        self.store().commit(act)?;
        Ok((report, sealed))
    }
}
