//! From what was proved and what is known of the standing to the report.

use super::credential::{Context, CredentialValid, Refused, StatusListValid, Use};
use super::document::{self, Authenticity};
use super::licence::LicenceClaims;
use super::report::{
    Answer, Changes, Check, Details, FileKind, Finding, Outcome, Report, SCHEMA, Severity,
    SignatureKind, SignatureReport, TimeSource, Verdict,
};
use super::words::{self, Facts};
use super::{credential, licence::StatusReference};
use crate::base::limits::Budget;
use crate::base::time::{Date, Timestamp, Validity};
use crate::base::words::Words;
use crate::domain::trust::{PathError, RevocationKnown};
use crate::format::jose::statuslist::Status;

/// What is known of a licence's standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What holds now.
    pub status: Status,
    /// Since when.
    pub since: Option<Date>,
    /// Why.
    pub reason: Option<Words>,
    /// By what it was replaced.
    pub superseded_by: Option<String>,
    /// When this was known.
    pub as_of: Timestamp,
}

/// Where the standing is looked up.
pub trait Standings {
    /// The standing of a licence, or when it was last known.
    fn standing(
        &self,
        id: &str,
        reference: &StatusReference,
        now: Timestamp,
    ) -> Result<Standing, Option<Timestamp>>;
}

/// Status lists from files.
impl Standings for [StatusListValid] {
    fn standing(
        &self,
        _: &str,
        reference: &StatusReference,
        now: Timestamp,
    ) -> Result<Standing, Option<Timestamp>> {
        let found = self.iter().find_map(|list| {
            let status = list.status(&reference.uri, reference.index, now)?;
            Some(Standing {
                status,
                since: None,
                reason: None,
                superseded_by: None,
                as_of: list.issued(),
            })
        });
        found.ok_or_else(|| self.iter().map(StatusListValid::issued).max())
    }
}

/// Verifies a file of any kind.
pub fn verify<S: Standings + ?Sized>(
    file: &str,
    bytes: &[u8],
    context: &Context<'_>,
    standings: &S,
    budget: &mut Budget,
) -> Report {
    let report = Builder { file, context };
    if bytes.is_empty() {
        return report.unreadable(FileKind::Other, words::EMPTY);
    }
    if let Some(text) = credential_text(bytes) {
        let result = credential::authenticate(text, Use::Presentation, context, budget);
        return report.credential(result, standings);
    }
    let authenticity = document::authenticate(bytes, context, budget);
    report.document(authenticity, standings)
}

/// The report on a file that could not even be opened.
pub fn unreadable(file: &str, now: Timestamp, zh: &str, en: &str) -> Report {
    let trust = crate::domain::trust::TrustSnapshot::default();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut report = Builder { file, context: &context }.unreadable(FileKind::Other, words::EMPTY);
    let facts = Facts { reason: (zh.to_owned(), en.to_owned()), ..Facts::default() };
    report.headline = words::headline(Verdict::Unreadable, &facts);
    report
}

/// A credential is text of base64url, dots and tildes.
fn credential_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    (text.starts_with("ey") && text.bytes().all(fits)).then_some(text)
}

struct Builder<'a> {
    file: &'a str,
    context: &'a Context<'a>,
}

impl Builder<'_> {
    fn empty(&self, kind: FileKind) -> Report {
        Report {
            schema: SCHEMA,
            file: self.file.to_owned(),
            kind,
            verdict: Verdict::Unreadable,
            authentic: Answer::Unknown,
            in_force: Answer::Unknown,
            as_of: self.context.now,
            headline: Words::new("", ""),
            licence: None,
            signatures: Vec::new(),
            checks: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn unreadable(&self, kind: FileKind, why: words::Fixed) -> Report {
        let mut report = self.empty(kind);
        let facts = Facts { reason: why.into_parts(), ..Facts::default() };
        report.headline = words::headline(Verdict::Unreadable, &facts);
        report.findings.push(finding(Severity::Fatal, "unreadable", String::new()));
        report
    }

    fn document<S: Standings + ?Sized>(&self, found: Authenticity, standings: &S) -> Report {
        let mut report = self.empty(FileKind::Pdf);
        report.verdict = found.verdict;
        report.signatures = found.signatures;
        report.checks = found.checks;
        report.findings = found.findings;
        report.authentic = match found.verdict {
            Verdict::Valid => Answer::Yes,
            Verdict::Altered | Verdict::Invalid => Answer::No,
            _ => Answer::Unknown,
        };
        let mut facts = Facts { reason: found.reason, ..Facts::default() };
        match &found.seal {
            Some(seal) if found.verdict == Verdict::Valid => {
                self.licence(&mut report, seal.credential().claims(), &mut facts, standings);
            }
            _ => {
                if found.verdict == Verdict::Valid {
                    report.in_force = Answer::NotApplicable;
                    let signer = report.signatures.first().map(|one| one.signer.clone());
                    let signer = signer.unwrap_or_default();
                    facts.issuer = (signer.clone(), signer);
                }
            }
        }
        report.headline = words::headline(report.verdict, &facts);
        report
    }

    fn credential<S: Standings + ?Sized>(
        &self,
        result: Result<CredentialValid, Refused>,
        standings: &S,
    ) -> Report {
        let mut report = self.empty(FileKind::Credential);
        let mut facts = Facts::default();
        match result {
            Ok(credential) => {
                report.authentic = Answer::Yes;
                report.signatures.push(credential_report(&credential));
                for check in ["signature", "trust", "entitlement"] {
                    report.checks.push(passed(check));
                }
                let known = credential.path().revocation() != RevocationKnown::NoData;
                if !known && self.context.require_revocation {
                    report.verdict = Verdict::NotEnoughEvidence;
                    facts.reason = words::NO_REVOCATION.into_parts();
                } else {
                    self.licence(&mut report, credential.claims(), &mut facts, standings);
                }
            }
            Err(refused) => {
                let (verdict, code) = match &refused {
                    Refused::Path(PathError::Untrusted { .. }) => {
                        (Verdict::UnknownIssuer, "unknown_issuer")
                    }
                    Refused::Path(PathError::Expired { .. } | PathError::NotYetValid { .. }) => {
                        facts.reason = words::NO_TRUSTED_TIME.into_parts();
                        (Verdict::NotEnoughEvidence, "certificate_expired")
                    }
                    Refused::NotEntitled(_) => (Verdict::Invalid, "not_entitled"),
                    _ => (Verdict::Invalid, "credential_refused"),
                };
                report.verdict = verdict;
                if verdict == Verdict::Invalid {
                    report.authentic = Answer::No;
                }
                report.findings.push(finding(Severity::Fatal, code, refused.to_string()));
            }
        }
        report.headline = words::headline(report.verdict, &facts);
        report
    }

    /// The second question, for a licence that is genuine.
    fn licence<S: Standings + ?Sized>(
        &self,
        report: &mut Report,
        claims: &LicenceClaims,
        facts: &mut Facts,
        standings: &S,
    ) {
        let now = self.context.now;
        facts.is_licence = true;
        facts.issuer = (claims.summary.issuer.clone(), claims.issuer_en.clone());
        let mut summary = claims.summary.clone();
        let validity = Validity { from: summary.valid_from, until: summary.valid_until };
        let verdict = match standings.standing(claims.id.as_str(), &claims.status, now) {
            Err(last) => {
                facts.time = last.map(Timestamp::to_china_minutes).unwrap_or_default();
                report.checks.push(check("status", Outcome::Unknown));
                report.findings.push(finding(
                    Severity::Fatal,
                    "status_unknown",
                    claims.status.uri.clone(),
                ));
                Verdict::StatusUnknown
            }
            Ok(standing) => {
                facts.time = standing.as_of.to_china_minutes();
                let (verdict, outcome) = match standing.status {
                    Status::Valid => (Verdict::Valid, Outcome::Passed),
                    Status::Invalid => (Verdict::Revoked, Outcome::Failed),
                    Status::Suspended => (Verdict::Suspended, Outcome::Failed),
                    Status::Superseded => (Verdict::Superseded, Outcome::Failed),
                };
                report.checks.push(check("status", outcome));
                // A list says what holds, not since when or why.
                let date = standing.since.map(|since| since.to_string());
                facts.date = date.unwrap_or_else(|| facts.time.clone());
                facts.reason = standing.reason.clone().map_or_else(
                    || ("原因未公布".to_owned(), "reason not published".to_owned()),
                    |reason| (reason.zh, reason.en),
                );
                facts.successor = standing.superseded_by.clone().unwrap_or_default();
                summary.status_since = standing.since;
                summary.status_reason = standing.reason;
                summary.superseded_by = standing.superseded_by;
                verdict
            }
        };
        let over = validity.is_over(now);
        let begun = now >= validity.from.start_in_china();
        let outcome = if over || !begun { Outcome::Failed } else { Outcome::Passed };
        report.checks.push(check("validity", outcome));
        // Withdrawn for good says more than expired; expired is certain even without a status.
        report.verdict = match verdict {
            Verdict::Valid | Verdict::StatusUnknown | Verdict::Suspended if over => {
                facts.date = validity.until.map(|until| until.to_string()).unwrap_or_default();
                Verdict::Expired
            }
            other => other,
        };
        report.in_force = match report.verdict {
            Verdict::Valid if begun => Answer::Yes,
            Verdict::StatusUnknown => Answer::Unknown,
            _ => Answer::No,
        };
        report.licence = Some(summary);
    }
}

fn credential_report(credential: &CredentialValid) -> SignatureReport {
    let known = credential.path().revocation() != RevocationKnown::NoData;
    SignatureReport {
        field: "credential".to_owned(),
        kind: SignatureKind::Signature,
        signer: credential.signer().name().to_owned(),
        level: "dc+sd-jwt".to_owned(),
        digest: Outcome::Passed,
        signature: Outcome::Passed,
        trust: Outcome::Passed,
        revocation: if known { Outcome::Passed } else { Outcome::Unknown },
        changes: Changes::None,
        signed_at: None,
        time_source: TimeSource::SelfAsserted,
        details: Details::default(),
    }
}

fn check(check: &'static str, outcome: Outcome) -> Check {
    Check { check, outcome, message: words::check(check, outcome) }
}

fn passed(name: &'static str) -> Check {
    check(name, Outcome::Passed)
}

fn finding(severity: Severity, code: &'static str, detail: String) -> Finding {
    Finding { code, severity, message: words::finding(code), detail }
}
