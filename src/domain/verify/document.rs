//! Is a PDF genuine? Every signature is judged, and what follows it.

use super::certification::{self, Permitted};
use super::credential::{self, Context, Refused, Use};
use super::evidence::{CredentialMatches, DigestMatches, NothingFollows, ValidSeal};
use super::report::{
    Changes, Check, Finding, Outcome, Severity, SignatureKind, SignatureReport, TimeSource, Verdict,
};
use super::words;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::domain::trust::{
    self, Entitled, PathCache, PathError, PathTrusted, RevocationKnown, Usage,
};
use crate::format::cms::{CmsValid, SignedData};
use crate::format::pdf::read::{Document, Object, ReadError, SignatureField};
use crate::format::x509::{Certificate, Role};

/// What is known of a document before its standing is asked.
#[derive(Debug)]
pub struct Authenticity {
    /// The worst that was found; `Valid` when nothing speaks against it.
    pub verdict: Verdict,
    /// What is missing or wrong, for the headline.
    pub reason: (String, String),
    /// The seal, when it is one of a licence of ours and everything holds.
    pub seal: Option<Box<ValidSeal>>,
    /// Whether the file says that it is a licence of ours.
    pub claims_licence: bool,
    /// The signatures.
    pub signatures: Vec<SignatureReport>,
    /// Each check.
    pub checks: Vec<Check>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Judges a PDF.
pub fn authenticate(bytes: &[u8], context: &Context<'_>, budget: &mut Budget) -> Authenticity {
    // Seal and credential share their issuing CA: within one file it is checked once.
    let own = PathCache::default();
    let context = &Context { cache: Some(context.cache.unwrap_or(&own)), ..*context };
    let mut judge = Judge { context, budget, result: Authenticity::open() };
    if let Err(error) = judge.document(bytes) {
        judge.unreadable(&error);
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
        }
    }

    /// Whether the file has the bytes and the signer that it claims, as far as could be told.
    pub fn is_genuine(&self) -> bool {
        self.verdict == Verdict::Valid
    }
}

struct Judge<'a> {
    context: &'a Context<'a>,
    budget: &'a mut Budget,
    result: Authenticity,
}

/// The metadata that a licence of ours carries inside its seal.
struct Sealed {
    id: String,
    version: String,
    credential: Digest,
}

/// What was proved about one signature, as far as it went.
struct Proved {
    digest: Option<DigestMatches>,
    signature: Option<CmsValid>,
    path: Option<PathTrusted>,
    follows: Option<NothingFollows>,
    signer: Option<Certificate>,
}

impl Judge<'_> {
    fn document(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let document = Document::parse(bytes, self.budget)?;
        let fields = document.signatures(self.budget)?;
        if fields.is_empty() && Self::was_signed(&document) {
            self.fail(
                Verdict::Altered,
                "changed_after_seal",
                "an update took the signature away".to_owned(),
            );
            return Ok(());
        }
        if fields.is_empty() {
            self.fail(Verdict::NotSigned, "not_signed", String::new());
            return Ok(());
        }
        if let Err(fault) = certification::agree(&document, &fields, self.budget)? {
            self.fail(Verdict::Invalid, "certification_malformed", fault.to_owned());
        }
        let sealed = self.metadata(&document)?;
        self.result.claims_licence = sealed.is_some();
        for field in &fields {
            let proved = self.signature(&document, field);
            if let Some(sealed) = &sealed {
                self.licence(&document, field, proved, sealed, fields.len())?;
            }
        }
        Ok(())
    }

    /// Whether an earlier revision had a signature that the newest has not.
    ///
    /// It only chooses between two refusals, `altered` and `not_signed`. So it has a purse of its
    /// own: a long history, or a fault in it, must not make an unsigned file unreadable.
    fn was_signed(document: &Document<'_>) -> bool {
        let mut budget = Budget::default();
        let Some((_, earlier)) = document.revisions().split_last() else { return false };
        earlier.iter().rev().any(|revision| {
            let bytes = document.bytes().get(..revision.end).unwrap_or_default();
            let earlier = Document::parse(bytes, &mut budget);
            let signatures = earlier.and_then(|earlier| earlier.signatures(&mut budget));
            signatures.is_ok_and(|signatures| !signatures.is_empty())
        })
    }

    /// Checks one signature and reports on it.
    fn signature(&mut self, document: &Document<'_>, field: &SignatureField) -> Proved {
        let mut proved =
            Proved { digest: None, signature: None, path: None, follows: None, signer: None };
        let signed_at = field.dict.get("M").and_then(Object::text).and_then(|m| pdf_time(&m));
        let certified = field.dict.get("Reference").is_some();
        let mut report = SignatureReport {
            field: field.name.clone(),
            kind: if certified { SignatureKind::Seal } else { SignatureKind::Signature },
            signer: String::new(),
            level: "B-B".to_owned(),
            digest: Outcome::Unknown,
            signature: Outcome::Unknown,
            trust: Outcome::Unknown,
            revocation: Outcome::Unknown,
            changes: Changes::None,
            signed_at,
            time_source: TimeSource::SelfAsserted,
        };
        if let Some(at) = signed_at.filter(|at| *at > self.context.now.plus(SKEW)) {
            let detail = format!("{}: {at}", field.name);
            self.note(Severity::Warning, "signed_in_the_future", detail);
        }
        proved.follows = NothingFollows::check(document, field);
        if proved.follows.is_none() {
            report.changes = Changes::Other;
            let detail = format!(
                "{} covers the bytes up to {}, the file has {}",
                field.name,
                field.byte_range.end(),
                document.bytes().len()
            );
            self.check("changes", Outcome::Failed);
            self.fail(Verdict::Altered, "changed_after_seal", detail);
        } else {
            self.check("changes", Outcome::Passed);
        }
        match self.message(document, field, &mut report, &mut proved) {
            Ok(()) => {}
            Err(detail) => {
                report.signature = Outcome::Failed;
                self.check("signature", Outcome::Failed);
                self.fail(Verdict::Invalid, "signature_broken", detail);
            }
        }
        self.result.signatures.push(report);
        proved
    }

    fn message(
        &mut self,
        document: &Document<'_>,
        field: &SignatureField,
        report: &mut SignatureReport,
        proved: &mut Proved,
    ) -> Result<(), String> {
        if !SUB_FILTERS.contains(&field.sub_filter()) {
            return Err(format!("SubFilter {}", String::from_utf8_lossy(field.sub_filter())));
        }
        let message =
            SignedData::parse(&field.contents, self.budget).map_err(|error| error.to_string())?;
        let signer = message.signer().ok_or("the signer's certificate is missing")?.clone();
        signer.name().clone_into(&mut report.signer);
        proved.digest = DigestMatches::check(document.bytes(), field, &message);
        if proved.digest.is_none() {
            report.digest = Outcome::Failed;
            self.check("digest", Outcome::Failed);
            self.fail(Verdict::Altered, "digest_mismatch", format!("signature {}", field.name));
        } else {
            report.digest = Outcome::Passed;
            self.check("digest", Outcome::Passed);
        }
        let valid = message.verify(&signer, self.budget).map_err(|error| error.to_string())?;
        if field.sub_filter() == CADES && !valid.is_bound() {
            return Err("signing-certificate-v2 is missing".to_owned());
        }
        report.signature = Outcome::Passed;
        self.check("signature", Outcome::Passed);
        proved.signature = Some(valid);
        self.path(&signer, message.certificates(), report, proved);
        proved.signer = Some(signer);
        Ok(())
    }

    fn path(
        &mut self,
        signer: &Certificate,
        pool: &[Certificate],
        report: &mut SignatureReport,
        proved: &mut Proved,
    ) {
        let Context { trust, now, cache, require_revocation } = *self.context;
        let built = trust::build(signer, pool, trust, Usage::Document, now, self.budget, cache);
        match built {
            Ok(_) if signer.entitlement().is_some_and(|known| !DOCUMENTS.contains(&known.role)) => {
                // A key for credentials or lists never seals, whatever the document says it is.
                report.trust = Outcome::Failed;
                self.check("entitlement", Outcome::Failed);
                self.fail(Verdict::Invalid, "not_entitled", trust::NotEntitled::Role.to_string());
            }
            Ok(path) => {
                report.trust = Outcome::Passed;
                self.check("trust", Outcome::Passed);
                let known = path.revocation() != RevocationKnown::NoData;
                report.revocation = if known { Outcome::Passed } else { Outcome::Unknown };
                self.check("revocation", report.revocation);
                if !known && require_revocation {
                    self.result.reason = words::NO_REVOCATION.into_parts();
                    self.fail(Verdict::NotEnoughEvidence, "no_revocation_data", String::new());
                } else if !known {
                    self.note(Severity::Warning, "no_revocation_data", String::new());
                }
                proved.path = Some(path);
            }
            Err(error) => self.path_failed(&error, report),
        }
    }

    fn path_failed(&mut self, error: &PathError, report: &mut SignatureReport) {
        let detail = error.to_string();
        report.trust = Outcome::Failed;
        match error {
            PathError::Untrusted { top } => {
                report.trust = Outcome::Unknown;
                self.check("trust", Outcome::Unknown);
                let detail = format!("{detail}; SHA-256 {}", top.fingerprint().to_fingerprint());
                self.fail(Verdict::UnknownIssuer, "unknown_issuer", detail);
            }
            PathError::Expired(_) | PathError::NotYetValid(_) => {
                report.trust = Outcome::Unknown;
                self.check("trust", Outcome::Unknown);
                self.result.reason = words::NO_TRUSTED_TIME.into_parts();
                self.fail(Verdict::NotEnoughEvidence, "certificate_expired", detail);
            }
            PathError::Revoked { .. } => {
                report.revocation = Outcome::Failed;
                self.check("revocation", Outcome::Failed);
                self.fail(Verdict::Invalid, "seal_revoked", detail);
            }
            PathError::Rule { .. } | PathError::Budget(_) => {
                self.check("trust", Outcome::Failed);
                self.fail(Verdict::Invalid, "path_rule", detail);
            }
        }
    }

    /// Everything that a licence of ours must have beyond a good signature.
    fn licence(
        &mut self,
        document: &Document<'_>,
        field: &SignatureField,
        proved: Proved,
        sealed: &Sealed,
        count: usize,
    ) -> Result<(), ReadError> {
        let Proved {
            digest: Some(digest),
            signature: Some(signature),
            path: Some(path),
            follows: Some(nothing_follows),
            signer: Some(signer),
        } = proved
        else {
            return Ok(());
        };
        let id = sealed.id.split('.').collect::<Vec<_>>();
        let (kind, department) = (id.get(5).copied(), id.get(6).copied());
        let signed_at = self.result.signatures.last().and_then(|report| report.signed_at);
        let entitled = Entitled::check(
            &signer,
            Role::Seal,
            department.unwrap_or_default(),
            kind.unwrap_or_default(),
            signed_at.unwrap_or(Timestamp::EPOCH),
        );
        let entitled = match entitled {
            Ok(entitled) => entitled,
            Err(error) => {
                self.check("entitlement", Outcome::Failed);
                self.fail(Verdict::Invalid, "not_entitled", error.to_string());
                return Ok(());
            }
        };
        self.check("entitlement", Outcome::Passed);
        let certified = certification::of(document, &field.dict, self.budget)?.ok().flatten();
        let named = certification::named_by_catalog(document, self.budget)?;
        let named = matches!(named, Some(Object::Ref(object, _)) if object == field.object);
        if count != 1 || certified != Some(Permitted::Nothing) || !named {
            let detail = format!("{count} signatures, DocMDP {certified:?}, in /Perms: {named}");
            self.fail(Verdict::Invalid, "not_our_profile", detail);
            return Ok(());
        }
        match self.credential(document, sealed)? {
            Ok(credential) => {
                self.check("credential", Outcome::Passed);
                self.result.seal = Some(Box::new(ValidSeal {
                    _digest: digest,
                    _signature: signature,
                    _path: path,
                    _entitled: entitled,
                    _nothing_follows: nothing_follows,
                    credential,
                }));
            }
            Err(detail) => {
                self.check("credential", Outcome::Failed);
                self.fail(Verdict::Invalid, "credential_mismatch", detail);
            }
        }
        Ok(())
    }

    fn credential(
        &mut self,
        document: &Document<'_>,
        sealed: &Sealed,
    ) -> Result<Result<CredentialMatches, String>, ReadError> {
        let Some(bytes) = attachment(document, self.budget)? else {
            return Ok(Err("the credential is not attached".to_owned()));
        };
        if Digest::of(&[&bytes]) != sealed.credential {
            return Ok(Err("the attachment is not the one that the metadata names".to_owned()));
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(Err("the credential is not text".to_owned()));
        };
        let credential =
            match credential::authenticate(&text, Use::Document, self.context, self.budget) {
                Ok(credential) => credential,
                Err(Refused::Token(error)) => return Ok(Err(error.to_string())),
                Err(error) => return Ok(Err(error.to_string())),
            };
        let claims = credential.claims();
        let version = format!("{:03}", claims.summary.version);
        if claims.id.as_str() != sealed.id || version != sealed.version {
            return Ok(Err("metadata and credential name different licences".to_owned()));
        }
        Ok(Ok(CredentialMatches { credential }))
    }

    /// The metadata of a licence of ours; `None` for other files.
    fn metadata(&mut self, document: &Document<'_>) -> Result<Option<Sealed>, ReadError> {
        let catalog = document.catalog(self.budget)?;
        let Object::Stream(stream) = document.get(&catalog, "Metadata", self.budget)? else {
            return Ok(None);
        };
        let Some(bytes) = document.stream(&stream, self.budget)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        let values = ["id", "version", "credentialSha256"].map(|name| property(&text, name));
        let [Some(id), Some(version), Some(credential)] = values else { return Ok(None) };
        let Some(credential) = Digest::from_hex(&credential) else { return Ok(None) };
        Ok(Some(Sealed { id, version, credential }))
    }

    fn unreadable(&mut self, error: &ReadError) {
        if matches!(error, ReadError::Signature { .. }) {
            self.result.seal = None;
            self.fail(Verdict::Invalid, "signature_malformed", error.to_string());
            return;
        }
        let what = match error {
            ReadError::NotPdf => words::NOT_PDF,
            ReadError::Encrypted => words::ENCRYPTED,
            ReadError::Budget(_) => words::OVER_BUDGET,
            ReadError::Structure { .. } | ReadError::Signature { .. } => words::DAMAGED,
        };
        self.result.reason = what.into_parts();
        self.result.seal = None;
        self.fail(Verdict::Unreadable, "unreadable", error.to_string());
    }

    fn check(&mut self, check: &'static str, outcome: Outcome) {
        let message = words::check(check, outcome);
        self.result.checks.push(Check { check, outcome, message });
    }

    fn note(&mut self, severity: Severity, code: &'static str, detail: String) {
        let message = words::finding(code);
        self.result.findings.push(Finding { code, severity, message, detail });
    }

    /// Notes a finding that decides, unless a worse one did.
    fn fail(&mut self, verdict: Verdict, code: &'static str, detail: String) {
        self.note(Severity::Fatal, code, detail);
        if rank(verdict) > rank(self.result.verdict) {
            self.result.verdict = verdict;
        }
        self.result.seal = None;
    }
}

/// How telling a verdict is beside another about the same file.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Unreadable => 6,
        Verdict::Altered => 5,
        Verdict::Invalid => 4,
        Verdict::UnknownIssuer => 3,
        Verdict::NotEnoughEvidence => 2,
        Verdict::NotSigned => 1,
        _ => 0,
    }
}

/// The bytes of the attached credential.
fn attachment(document: &Document<'_>, budget: &mut Budget) -> Result<Option<Vec<u8>>, ReadError> {
    let catalog = document.catalog(budget)?;
    let Object::Array(files) = document.get(&catalog, "AF", budget)? else { return Ok(None) };
    let [file] = files.as_slice() else { return Ok(None) };
    let Object::Dict(spec) = document.resolve(file, budget)? else { return Ok(None) };
    if spec.get("UF").and_then(Object::text).as_deref() != Some("credential.sd-jwt") {
        return Ok(None);
    }
    let Object::Dict(embedded) = document.get(&spec, "EF", budget)? else { return Ok(None) };
    let Object::Stream(stream) = document.get(&embedded, "F", budget)? else { return Ok(None) };
    document.stream(&stream, budget)
}

/// The one value of a property of ours; `None` when it is missing or stands twice.
fn property(xmp: &str, name: &str) -> Option<String> {
    let (open, close) = (format!("<yz:{name}>"), format!("</yz:{name}>"));
    let (_, rest) = xmp.split_once(&open)?;
    let (value, rest) = rest.split_once(&close)?;
    (!rest.contains(&open) && !value.contains('<')).then(|| value.to_owned())
}

/// `D:20261124152011+08'00'` as an instant.
fn pdf_time(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix("D:")?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let (date, rest) = (digits.get(..14)?, digits.get(14..)?);
    if !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let zone = match rest.replace('\'', ":").trim_end_matches(':') {
        "" | "Z" | "Z00:00" => "Z".to_owned(),
        offset => offset.to_owned(),
    };
    let (y, m, d) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (h, min, s) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    Timestamp::parse(&format!("{y}-{m}-{d}T{h}:{min}:{s}{zone}"))
}

/// Keys of ours that sign documents: seals of licences, and of reports, which are none.
const DOCUMENTS: [Role; 2] = [Role::Seal, Role::Report];
/// Clocks of others differ by so many seconds at the most.
const SKEW: i64 = 300;
const CADES: &[u8] = b"ETSI.CAdES.detached";
const SUB_FILTERS: [&[u8]; 2] = [CADES, b"adbe.pkcs7.detached"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_signature_dictionaries() {
        let at = Timestamp::parse("2026-11-24T07:20:11Z").unwrap();
        assert_eq!(pdf_time(&at.to_pdf_date()), Some(at));
        assert_eq!(pdf_time("D:20261124072011Z"), Some(at));
        assert_eq!(pdf_time("D:2026"), None);
    }

    #[test]
    fn a_property_that_stands_twice_is_none() {
        assert_eq!(property("<yz:id>a</yz:id>", "id").as_deref(), Some("a"));
        assert_eq!(property("<yz:id>a</yz:id><yz:id>b</yz:id>", "id"), None);
    }
}
