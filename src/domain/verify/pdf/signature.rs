//! One signature: its message, its signer's path, its time.

use super::archive::{self, Archive};
use super::certification::Certifications;
use super::changes::NothingElseChanged;
use super::details;
use super::evidence::DigestMatches;
use super::evidence::TimeProved;
use super::judge::Judge;
use crate::base::limits::OverBudget;
use crate::base::time::Timestamp;
use crate::domain::trust::{
    Entitled, Gap, Material, PathCache, PathError, PathTrusted, Unchecked, Usage,
};
use crate::domain::verify::context::SKEW;
use crate::domain::verify::report::checks;
use crate::domain::verify::report::codes::{Code, shortened};
use crate::domain::verify::report::words;
use crate::domain::verify::report::{
    Changes, Details, Outcome, Severity, SignatureKind, SignatureReport, TimeSource, Verdict,
};
use crate::domain::verify::status::revocation;
use crate::format::cms::{BadCms, Binding, CmsValid, SignedData};
use crate::format::pdf::read::{Document, ReadError, SignatureField};
use crate::format::x509::Certificate;

/// Proofs about one signature, as far as they were made.
#[derive(Default)]
pub(super) struct Proved {
    pub(super) digest: Option<DigestMatches>,
    pub(super) signature: Option<CmsValid>,
    pub(super) path: Option<PathTrusted>,
    pub(super) changes: Option<NothingElseChanged>,
    pub(super) signer: Option<Certificate>,
    pub(super) signed_at: Option<Timestamp>,
}

/// State that is carried along while a file's signatures are judged, the newest first.
pub(super) struct Surroundings<'a, 'b> {
    pub(super) document: &'a Document<'b>,
    pub(super) fields: &'a [SignatureField],
    pub(super) certifications: &'a Certifications,
    pub(super) archive: &'a Archive,
    /// The earliest time that a later document time stamp proves.
    pub(super) later: Option<TimeProved>,
    /// Whether such a time stamp covers a security store too.
    pub(super) store_stamped: bool,
}

impl Judge<'_> {
    /// Judges one signature or document time stamp and reports on it.
    pub(super) fn signature(
        &mut self,
        field: &SignatureField,
        around: &mut Surroundings<'_, '_>,
    ) -> Result<(SignatureReport, Proved), ReadError> {
        let document = around.document;
        let mut report = self.open(around, field)?;
        let mut proved = Proved { signed_at: report.signed_at, ..Proved::default() };
        if let Some(at) = report.signed_at.filter(|at| *at > self.context.now.plus(SKEW)) {
            let detail = format!("{}: {at}", field.name);
            self.note(Severity::Warning, Code::SignedInTheFuture, detail);
        }
        let signed = self.signed_revision(document, field);
        proved.changes = match signed {
            Some(signed) => self.changes(around, field, signed)?,
            None => None,
        };
        report.changes = proved.changes.map_or(Changes::Other, NothingElseChanged::kind);
        report.details.revision = signed.map(|signed| signed.saturating_add(1));
        if field.sub_filter() == SignatureField::TIMESTAMP {
            let store = &around.archive.material;
            let later = around.later.as_ref();
            let stamp = self.document_stamp(document, field, store, later, &mut report);
            self.changes_check(&report);
            if let (Some(stamp), Some(signed)) = (stamp, signed) {
                around.later = Some(stamp);
                let revision = document.revisions().get(signed);
                if let (Some(revision), false) = (revision, around.store_stamped) {
                    let state = document.as_of(revision, self.budget)?;
                    around.store_stamped = state.catalog(self.budget)?.get("DSS").is_some();
                }
            }
            return Ok((report, proved));
        }
        if let Err(trouble) = self.message(field, around, &mut report, &mut proved) {
            report.signature = trouble.outcome();
            self.check(checks::SIGNATURE, report.signature);
            self.broken(field, trouble);
        }
        self.changes_check(&report);
        Ok((report, proved))
    }

    /// Records the check of the changes, which counts only when the signed content is known.
    fn changes_check(&mut self, report: &SignatureReport) {
        let signed = [report.digest, report.signature] == [Outcome::Passed; 2];
        self.check(
            checks::CHANGES,
            match report.changes {
                Changes::Other => Outcome::Failed,
                _ if signed => Outcome::Passed,
                _ => Outcome::Unknown,
            },
        );
    }

    fn open(
        &mut self,
        around: &Surroundings<'_, '_>,
        field: &SignatureField,
    ) -> Result<SignatureReport, ReadError> {
        let document = around.document;
        let claimed = document.get(&field.dict, "M", self.budget)?;
        let signed_at = claimed.text().and_then(|text| Timestamp::from_pdf_date(&text));
        let certified = matches!(around.certifications.of(field), Ok(Some(_)));
        let hole = field.byte_range.hole();
        Ok(SignatureReport {
            field: shortened(field.name.clone()),
            kind: if certified { SignatureKind::Seal } else { SignatureKind::Signature },
            signer: String::new(),
            level: if field.sub_filter() == CADES { "B-B" } else { "CMS" }.to_owned(),
            digest: Outcome::Unknown,
            signature: Outcome::Unknown,
            trust: Outcome::Unknown,
            revocation: Outcome::Unknown,
            changes: Changes::None,
            signed_at,
            time_source: TimeSource::SelfAsserted,
            details: Details {
                object: Some(field.object),
                bytes: Some([0, hole.start, hole.end, field.byte_range.end()]),
                revisions: Some(document.revisions().len()),
                ..Details::default()
            },
        })
    }

    /// Records the fault of a signature; an unsupported form is not a fault.
    fn broken(&mut self, field: &SignatureField, trouble: Trouble) {
        let place = &field.name;
        match trouble {
            Trouble::Message(BadCms::Digest) => {
                let detail = format!("{place}: /ByteRange");
                self.fail(Code::DigestMismatch, detail);
            }
            Trouble::Message(BadCms::Algorithm(name)) if name.is_broken() => {
                let detail = format!("{place}: {name}");
                self.fail(Code::WeakAlgorithm, detail);
            }
            Trouble::Message(BadCms::Algorithm(name)) => {
                let detail = format!("{place}: {name}");
                let why = words::unsupported(&name);
                self.not_checked(Code::UnsupportedAlgorithm, why, detail);
            }
            Trouble::Message(error) => {
                let detail = format!("{place}: {error}");
                self.fail(Code::SignatureBroken, detail);
            }
            Trouble::Kind(name) => {
                let (detail, why) = (format!("{place}: {name}"), words::unknown_kind(&name));
                self.not_checked(Code::UnknownSealKind, why, detail);
            }
            Trouble::NoSigner(unreadable) => {
                let why = words::NO_SIGNER.into_parts();
                let detail = format!("{place}: {unreadable}");
                let detail = detail.trim_end_matches(": ").to_owned();
                self.not_checked(Code::SignerMissing, why, detail);
            }
        }
    }

    /// Whether a message of an unsupported kind can be read nevertheless, and its digest is of
    /// other bytes.
    pub(super) fn differs(
        &mut self,
        document: &Document<'_>,
        field: &SignatureField,
    ) -> Result<bool, OverBudget> {
        let Ok(message) = SignedData::parse(&field.contents, self.budget) else { return Ok(false) };
        if message.message_digest().is_none() {
            return Ok(false);
        }
        let covered = self.covered(document, field)?;
        Ok(!message.covers(&covered))
    }

    fn not_checked(&mut self, code: Code, why: (String, String), detail: String) {
        self.result.reason = why;
        self.result.not_checked = true;
        self.fail(code, detail);
    }

    fn message(
        &mut self,
        field: &SignatureField,
        around: &Surroundings<'_, '_>,
        report: &mut SignatureReport,
        proved: &mut Proved,
    ) -> Result<(), Trouble> {
        let cades = field.sub_filter() == CADES;
        if !cades && field.sub_filter() != PKCS7 {
            if self.differs(around.document, field)? {
                return Err(BadCms::Digest.into());
            }
            return Err(Trouble::Kind(String::from_utf8_lossy(field.sub_filter()).into_owned()));
        }
        let known = self.context.cache.map(PathCache::certificates);
        let message = SignedData::parse_with_cache(&field.contents, known, self.budget)?;
        let store = &around.archive.material;
        let (material, unusable) = archive::with_message(store, &message, self.budget)?;
        self.unreadable_evidence(&field.name, &unusable);
        let covered = self.covered(around.document, field)?;
        // The signer's certificate must be in the message (ETSI EN 319 142-1, 5.1).
        let Some(signer) = message.signer().cloned() else {
            if message.message_digest().is_some() && !message.covers(&covered) {
                return Err(BadCms::Digest.into());
            }
            return Err(Trouble::NoSigner(message.unreadable().join("; ")));
        };
        signer.name().clone_into(&mut report.signer);
        details::details(report, &message, None);
        let valid = message.verify_over(&signer, &covered, self.budget);
        report.digest = match &valid {
            Err(BadCms::Digest) => Outcome::Failed,
            Err(_) => Outcome::Unknown,
            Ok(_) => Outcome::Passed,
        };
        self.check(checks::DIGEST, report.digest);
        let valid = valid?;
        proved.digest = DigestMatches::of(&valid);
        self.result.begun = valid.begun().cloned();
        if cades && valid.binding() == Binding::None {
            return Err(BadCms::Rule("signing-certificate-v2 is missing").into());
        }
        if valid.binding() == Binding::V1 {
            let severity = if cades { Severity::Warning } else { Severity::Info };
            self.note(severity, Code::OldBinding, field.name.clone());
        }
        let algorithm = valid.signature().algorithm();
        if algorithm.is_old() {
            let detail = format!("{}: {algorithm}", field.name);
            self.note(Severity::Warning, Code::OldAlgorithm, detail);
        }
        report.signature = Outcome::Passed;
        self.check(checks::SIGNATURE, Outcome::Passed);
        proved.signature = Some(valid);
        let later = around.later.as_ref();
        let own = self.signature_stamp(&message, field, &around.archive.material, later);
        let time = [own, around.later.clone()].into_iter().flatten().min_by_key(|time| time.at);
        self.path(field, &signer, &material, time.as_ref(), report, proved);
        if let Some(time) = &time {
            report.signed_at = Some(time.at);
            report.time_source = time.source;
            report.details.time_authority = Some(time.authority.clone());
        }
        details::details(report, &message, proved.path.as_ref());
        let level = level(cades, time.is_some(), around, report.revocation);
        level.clone_into(&mut report.level);
        proved.signer = Some(signer);
        Ok(())
    }

    fn path(
        &mut self,
        field: &SignatureField,
        signer: &Certificate,
        material: &Material,
        time: Option<&TimeProved>,
        report: &mut SignatureReport,
        proved: &mut Proved,
    ) {
        let built = self.path_at_best(signer, material, Usage::Document, time.map(|time| time.at));
        let refused = built.as_ref().ok().and_then(|path| Entitled::documents(path).err());
        match built {
            Ok(_) if let Some(why) = refused => {
                // A key for credentials or lists may never seal, whatever kind of document this is.
                report.trust = Outcome::Failed;
                self.check(checks::ENTITLEMENT, Outcome::Failed);
                let detail = format!("{}: {why}", field.name);
                self.fail(Code::NotEntitled, detail);
            }
            Ok(path) => {
                report.trust = Outcome::Passed;
                self.check(checks::TRUST, Outcome::Passed);
                report.revocation = revocation::revocation(&path);
                self.check(checks::REVOCATION, report.revocation);
                self.note_unused_material(&field.name, &path);
                self.unchecked(&field.name, &path, self.context.require_revocation);
                if path.at() != self.context.now {
                    let detail = format!("{}: {}", field.name, path.at());
                    self.note(Severity::Info, Code::JudgedAtProvenTime, detail);
                }
                proved.path = Some(path);
            }
            Err(error) => self.path_failed(field, &error, report),
        }
    }

    /// Certificates of a path without revocation data: the deciding one in full, every other
    /// certificate once.
    pub(super) fn unchecked(&mut self, place: &str, path: &PathTrusted, decides: bool) {
        let is_new = |one: &&Unchecked| !self.result.unchecked.contains(one);
        let new: Vec<_> = path.unchecked().iter().filter(is_new).cloned().collect();
        let (severity, reported) = if decides {
            (Severity::Fatal, path.unchecked())
        } else {
            (Severity::Warning, new.as_slice())
        };
        self.result.findings.extend(revocation::no_revocation(severity, place, reported));
        self.result.unchecked.extend(new);
        if decides && !path.unchecked().is_empty() {
            self.result.reason = words::revocation_of(&revocation::names(path.unchecked()));
            self.worsen(Verdict::NotEnoughEvidence);
        }
    }

    fn path_failed(
        &mut self,
        field: &SignatureField,
        error: &PathError,
        report: &mut SignatureReport,
    ) {
        let detail = format!("{}: {error}", field.name);
        report.trust = Outcome::Failed;
        match error {
            PathError::Untrusted { top, gap: None } => {
                report.trust = Outcome::Unknown;
                self.check(checks::TRUST, Outcome::Unknown);
                let detail = format!("{detail}; SHA-256 {}", top.fingerprint().to_fingerprint());
                self.fail(Code::UnknownIssuer, detail);
            }
            PathError::Untrusted { gap: Some(Gap { algorithm, .. }), .. }
                if algorithm.is_broken() =>
            {
                self.check(checks::TRUST, Outcome::Failed);
                self.fail(Code::WeakAlgorithm, detail);
            }
            PathError::Untrusted { gap: Some(Gap { name, algorithm }), .. } => {
                report.trust = Outcome::Unknown;
                self.check(checks::TRUST, Outcome::Unknown);
                self.result.reason = words::unsupported_path(name, algorithm);
                self.fail(Code::UnsupportedPath, detail);
            }
            PathError::Expired { .. } | PathError::NotYetValid { .. } => {
                report.trust = Outcome::Unknown;
                self.check(checks::TRUST, Outcome::Unknown);
                self.result.reason = words::outside_validity(error).into_parts();
                self.fail(Code::CertificateExpired, detail);
            }
            PathError::Revoked { .. } => {
                report.revocation = Outcome::Failed;
                self.check(checks::REVOCATION, Outcome::Failed);
                self.fail(Code::SealRevoked, detail);
            }
            PathError::Rule { .. } | PathError::Budget(_) => {
                self.check(checks::TRUST, Outcome::Failed);
                self.fail(Code::PathRule, detail);
            }
        }
    }
}

/// Why a signature does not verify.
enum Trouble {
    Message(BadCms),
    /// The sub-filter is unknown.
    Kind(String),
    /// The message has no certificate of the signer; the text has the reasons for unreadable ones.
    NoSigner(String),
}

impl Trouble {
    fn outcome(&self) -> Outcome {
        match self {
            // Includes broken algorithms: nothing was verified that could have failed.
            Self::Message(BadCms::Algorithm(_)) | Self::Kind(_) | Self::NoSigner(_) => {
                Outcome::Unknown
            }
            Self::Message(_) => Outcome::Failed,
        }
    }
}

impl From<BadCms> for Trouble {
    fn from(error: BadCms) -> Self {
        Self::Message(error)
    }
}

impl From<OverBudget> for Trouble {
    fn from(over: OverBudget) -> Self {
        Self::Message(over.into())
    }
}

/// The baseline level that the evidence reaches (ETSI EN 319 142-1, 6).
fn level(
    cades: bool,
    timed: bool,
    around: &Surroundings<'_, '_>,
    revocation: Outcome,
) -> &'static str {
    let kept = around.archive.present
        && (!around.archive.material.crls.is_empty() || !around.archive.material.ocsp.is_empty())
        && revocation == Outcome::Passed;
    match (cades, timed, kept, around.store_stamped) {
        (false, ..) => "CMS",
        (true, false, ..) => "B-B",
        (true, true, false, _) => "B-T",
        (true, true, true, false) => "B-LT",
        (true, true, true, true) => "B-LTA",
    }
}

/// PAdES (ETSI EN 319 142-1).
pub(super) const CADES: &[u8] = b"ETSI.CAdES.detached";
const PKCS7: &[u8] = b"adbe.pkcs7.detached";
