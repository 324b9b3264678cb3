//! The result of a verification, which is rendered as JSON, a page, or text with an exit code.
//!
//! Two questions are kept apart: is it genuine (`authentic`), and is it in force now (`in_force`).
//! The verdict combines both; the headline states it in the words of the documentation.

pub(super) mod checks;
pub mod codes;
pub mod folded;
pub mod labels;
pub mod on_file;
mod verdict;
pub(super) mod words;

use codes::{Code, shortened};
use serde::Serialize;
pub use verdict::Verdict;

use crate::base::localized::{Labelled, Localized};
use crate::base::time::{Date, Timestamp};
use crate::domain::trust::Unchecked;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "yinzheng-report/1";

/// An answer to one of the two questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Shown to be so.
    Yes,
    /// Shown not to be so.
    No,
    /// The available evidence does not decide it.
    Unknown,
    /// The question does not apply: a signed file that is not a licence.
    NotApplicable,
}

/// Kind of the file, from its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// PDF, licence or not.
    Pdf,
    /// An SD-JWT credential.
    Credential,
    /// Any other file.
    Other,
}

/// Outcome of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The check was made and passed.
    Passed,
    /// The check was made and failed.
    Failed,
    /// The check could not be made.
    Unknown,
}

/// Weight of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For information; changes no verdict.
    Info,
    /// A warning for the reader; changes no verdict.
    Warning,
    /// The verdict is based on it.
    Fatal,
}

/// One finding of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code, for programs.
    pub code: Code,
    /// Its weight in the verdict.
    pub severity: Severity,
    /// Its sentence in both languages.
    pub message: Localized,
    /// Details to repeat the check: object, revision, offset, values.
    pub detail: String,
}

impl Code {
    /// The finding of this code.
    pub(in crate::domain::verify) fn finding(self, severity: Severity, detail: String) -> Finding {
        Finding { code: self, severity, message: self.message(), detail: shortened(detail) }
    }
}

/// One check and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable code, for programs.
    pub check: &'static str,
    /// Passed, failed, or not made.
    pub outcome: Outcome,
    /// Its sentence in both languages.
    pub message: Localized,
}

/// Kind of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKind {
    /// A certification signature of a department.
    Seal,
    /// An approval signature, which certifies nothing.
    Signature,
    /// A document time stamp (RFC 3161 token over the file).
    Timestamp,
}

/// Changes after a signature, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changes {
    /// Nothing follows the bytes that the signature covers.
    None,
    /// Evidence for archives only.
    Archive,
    /// Further signatures or time stamps.
    Signature,
    /// Form filling that the signature permits.
    Form,
    /// Comments that the certification permits.
    Annotation,
    /// Any other change.
    Other,
}

/// Source of the signing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// The signer's own claim.
    SelfAsserted,
    /// The office's own time stamp authority.
    OfficeTsa,
    /// Another time stamp authority.
    IndependentTsa,
}

/// One signature of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    /// Name of the form field, or `credential`.
    pub field: String,
    /// Its kind.
    pub kind: SignatureKind,
    /// Common name in the signer's certificate.
    pub signer: String,
    /// PAdES baseline level, or the JOSE type.
    pub level: String,
    /// Whether the signed bytes are the file's bytes.
    pub digest: Outcome,
    /// Whether the signature verifies with the signer's key.
    pub signature: Outcome,
    /// Whether the path leads to a trusted root and the signer is entitled.
    pub trust: Outcome,
    /// Whether the path is known not to be revoked.
    pub revocation: Outcome,
    /// Changes after it.
    pub changes: Changes,
    /// The signing time, claimed or proved.
    pub signed_at: Option<Timestamp>,
    /// Source of that time.
    pub time_source: TimeSource,
    /// Values to repeat the checks by hand.
    pub details: Details,
}

/// Values to repeat the checks of a signature by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Details {
    /// Number of the signature dictionary's object.
    pub object: Option<u32>,
    /// Begin and end of the two parts that it covers, in bytes.
    pub bytes: Option<[usize; 4]>,
    /// The revision that it signed, from 1.
    pub revision: Option<usize>,
    /// Number of revisions in the file.
    pub revisions: Option<usize>,
    /// Signature algorithm and digest.
    pub algorithm: Option<String>,
    /// Serial number of the signer's certificate, hexadecimal.
    pub serial: Option<String>,
    /// SHA-256 of the signer's certificate.
    pub fingerprint: Option<String>,
    /// First second of the certificate.
    pub certificate_from: Option<Timestamp>,
    /// Last second of the certificate.
    pub certificate_until: Option<Timestamp>,
    /// Names and fingerprints from the signer's issuer to the root.
    pub path: Vec<String>,
    /// The instant at which the path was judged.
    pub judged_at: Option<Timestamp>,
    /// Time as of which the certificate is known not to be revoked.
    pub revocation_as_of: Option<Timestamp>,
    /// The authority that proves the time.
    pub time_authority: Option<String>,
}

/// The licence's own data, after its signature verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenceSummary {
    /// 证照标识, GB/T 36904.
    pub id: String,
    /// 证照编号 as printed.
    pub number: String,
    /// 证照版本号, from 1.
    pub version: u16,
    /// Slug of the licence type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of the licence type.
    pub type_name: Localized,
    /// Issuing department, in Chinese.
    pub issuer: String,
    /// Name of the holder as printed.
    pub holder: String,
    /// The public ones of the other values; filled in for a verification code only.
    pub values: Vec<Labelled>,
    /// First day of the term.
    pub valid_from: Date,
    /// Last day of the term; `None` is 长期.
    pub valid_until: Option<Date>,
    /// First day of the present status.
    pub status_since: Option<Date>,
    /// Reason of the status, if known.
    pub status_reason: Option<Localized>,
    /// The newer version's number or identifier.
    pub superseded_by: Option<String>,
}

/// A witness that signed the head of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogWitness {
    /// Name of the witness key.
    pub name: String,
    /// Time of its signature, by its own clock.
    pub at: Timestamp,
}

/// The position of a licence in the log of its office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogReport {
    /// Origin line of the log.
    pub origin: String,
    /// Index of the licence's leaf, from 0.
    pub index: u64,
    /// Leaves of the tree that the proof leads to.
    pub size: u64,
    /// Root of that tree, hexadecimal.
    pub root: String,
    /// The trusted witnesses that signed that tree.
    pub witnesses: Vec<LogWitness>,
}

/// The full result of one verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Name of the file, from the caller.
    pub file: String,
    /// Kind of the file.
    pub kind: FileKind,
    /// The result in one word.
    pub verdict: Verdict,
    /// Whether the file is genuine.
    pub authentic: Answer,
    /// Whether the licence is in force at `as_of`.
    pub in_force: Answer,
    /// The instant that the report is for.
    pub as_of: Timestamp,
    /// The verdict in the exact words of the documentation.
    pub headline: Localized,
    /// The licence, when it has this profile and its seal was verified.
    pub licence: Option<LicenceSummary>,
    /// Its position in the log of its office, when a proof was given.
    pub log: Option<LogReport>,
    /// The signatures, in the order of the file.
    pub signatures: Vec<SignatureReport>,
    /// Each check, in the order in which it was made.
    pub checks: Vec<Check>,
    /// Findings, the weightiest first.
    pub findings: Vec<Finding>,
    /// Certificates of trusted paths without revocation data, and where it could be fetched. In
    /// JSON the findings have them.
    #[serde(skip)]
    pub unchecked: Vec<Unchecked>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_the_codes() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.code());
        }
    }
}
