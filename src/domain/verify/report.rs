//! What a verification found, in a form that becomes JSON, a page, or text with an exit code.
//!
//! Two questions are never mixed: is it genuine (`authentic`), and is it in force now
//! (`in_force`). The verdict names the worst answer; the headline says it in the exact words.

use serde::Serialize;

use crate::base::localized::{Labelled, Localized};
use crate::base::time::{Date, Timestamp};
use crate::domain::trust::Unchecked;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "yinzheng-report/1";

/// The one word for what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Genuine and in force (or: genuine, and no licence of ours).
    Valid,
    /// Changed after the seal.
    Altered,
    /// The seal does not check, or its signer was not entitled.
    Invalid,
    /// Intact, but its root is not trusted.
    UnknownIssuer,
    /// Genuine; no current status is at hand.
    StatusUnknown,
    /// Intact; what would prove it good at the time is missing.
    NotEnoughEvidence,
    /// Genuine, withdrawn for good.
    Revoked,
    /// Genuine, withdrawn for a time.
    Suspended,
    /// Genuine, past its last day.
    Expired,
    /// Genuine, before its first day.
    NotYetInForce,
    /// Genuine, replaced by a newer version.
    Superseded,
    /// No electronic seal in it.
    NotSigned,
    /// Not a file that can be looked at.
    Unreadable,
}

impl Verdict {
    /// Every verdict, in the order of the table in the documentation.
    pub const ALL: [Self; 13] = [
        Self::Valid,
        Self::Altered,
        Self::Invalid,
        Self::UnknownIssuer,
        Self::StatusUnknown,
        Self::NotEnoughEvidence,
        Self::Revoked,
        Self::Suspended,
        Self::Expired,
        Self::NotYetInForce,
        Self::Superseded,
        Self::NotSigned,
        Self::Unreadable,
    ];

    /// The stable name, as in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Altered => "altered",
            Self::Invalid => "invalid",
            Self::UnknownIssuer => "unknown_issuer",
            Self::StatusUnknown => "status_unknown",
            Self::NotEnoughEvidence => "not_enough_evidence",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::NotYetInForce => "not_yet_in_force",
            Self::Superseded => "superseded",
            Self::NotSigned => "not_signed",
            Self::Unreadable => "unreadable",
        }
    }

    /// The exit code of `yinzheng verify`.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Altered | Self::Invalid => 1,
            Self::UnknownIssuer | Self::StatusUnknown | Self::NotEnoughEvidence => 2,
            Self::Revoked
            | Self::Suspended
            | Self::Expired
            | Self::NotYetInForce
            | Self::Superseded => 3,
            Self::NotSigned => 4,
            Self::Unreadable => 66,
        }
    }
}

/// An answer to one of the two questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Cannot be told from what was at hand.
    Unknown,
    /// The question does not arise: a signed file that is no licence.
    NotApplicable,
}

/// What kind of file was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A PDF.
    Pdf,
    /// An SD-JWT credential.
    Credential,
    /// Neither.
    Other,
}

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Checked, and right.
    Passed,
    /// Checked, and wrong.
    Failed,
    /// Could not be checked.
    Unknown,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look twice.
    Warning,
    /// The verdict rests on it.
    Fatal,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name.
    pub code: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// For people.
    pub message: Localized,
    /// For a colleague who repeats the check: object, revision, offset, values.
    pub detail: String,
}

/// One check and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable name.
    pub check: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// For people.
    pub message: Localized,
}

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKind {
    /// A certification signature of a department.
    Seal,
    /// An approval signature.
    Signature,
    /// A document timestamp.
    Timestamp,
}

/// What came after a signature, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changes {
    /// Nothing.
    None,
    /// Evidence for archives only.
    Archive,
    /// Further signatures.
    Signature,
    /// Form filling that the signature permits.
    Form,
    /// Comments that the certification permits.
    Annotation,
    /// Something else.
    Other,
}

/// Who says when it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// The signer.
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
    /// What it is for.
    pub kind: SignatureKind,
    /// Name in the signer's certificate.
    pub signer: String,
    /// PAdES baseline level, or the JOSE type.
    pub level: String,
    /// The signed bytes are the file's bytes.
    pub digest: Outcome,
    /// The mathematics.
    pub signature: Outcome,
    /// Path to a trusted root, and entitlement.
    pub trust: Outcome,
    /// Not revoked.
    pub revocation: Outcome,
    /// What came after it.
    pub changes: Changes,
    /// The time that was claimed or proved.
    pub signed_at: Option<Timestamp>,
    /// Who says so.
    pub time_source: TimeSource,
    /// For a colleague who repeats the checks by hand.
    pub details: Details,
}

/// What one needs to repeat the checks of a signature by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Details {
    /// Number of the signature dictionary's object.
    pub object: Option<u32>,
    /// Begin and end of the two parts that it covers.
    pub bytes: Option<[usize; 4]>,
    /// The revision that it signed, from 1.
    pub revision: Option<usize>,
    /// How many the file has.
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
    /// The instant for which the path was judged.
    pub judged_at: Option<Timestamp>,
    /// As of when it is known that the certificate was not revoked.
    pub revocation_as_of: Option<Timestamp>,
    /// The authority that proves the time.
    pub time_authority: Option<String>,
}

/// What the file says it is, after its signature held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenceSummary {
    /// 证照标识.
    pub id: String,
    /// 证照编号.
    pub number: String,
    /// 证照版本号.
    pub version: u16,
    /// Slug of the licence type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of the licence type.
    pub type_name: Localized,
    /// Issuing department, in Chinese.
    pub issuer: String,
    /// Holder as printed.
    pub holder: String,
    /// What everyone may see of the other values; filled in for a verification code only.
    pub values: Vec<Labelled>,
    /// First day.
    pub valid_from: Date,
    /// Last day; `None` is 长期.
    pub valid_until: Option<Date>,
    /// Since when the standing is what it is.
    pub status_since: Option<Date>,
    /// Why.
    pub status_reason: Option<Localized>,
    /// The newer version's number or identifier.
    pub superseded_by: Option<String>,
}

/// A witness who saw the head of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogWitness {
    /// The name of its key.
    pub name: String,
    /// When it says that it looked.
    pub at: Timestamp,
}

/// Where a licence stands in the log of its office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogReport {
    /// The log.
    pub origin: String,
    /// The place of the licence's leaf, from 0.
    pub index: u64,
    /// Leaves of the tree for which this is shown.
    pub size: u64,
    /// Root of that tree, hexadecimal.
    pub root: String,
    /// The witnesses that are trusted and saw that tree.
    pub witnesses: Vec<LogWitness>,
}

/// Everything that one verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Name of the file as the caller knows it.
    pub file: String,
    /// What kind of file it is.
    pub kind: FileKind,
    /// The one word.
    pub verdict: Verdict,
    /// Is it genuine?
    pub authentic: Answer,
    /// Is it in force now?
    pub in_force: Answer,
    /// The instant for which this is said.
    pub as_of: Timestamp,
    /// The verdict in the exact words of the documentation.
    pub headline: Localized,
    /// The licence, when it is one of ours and its seal held.
    pub licence: Option<LicenceSummary>,
    /// Where it stands in the log of its office, when that was shown.
    pub log: Option<LogReport>,
    /// The signatures, in the order of the file.
    pub signatures: Vec<SignatureReport>,
    /// Each check, in the order in which it was made.
    pub checks: Vec<Check>,
    /// What was found, the weightiest first.
    pub findings: Vec<Finding>,
    /// Certificates of trusted paths of whose revocation nothing was at hand, and where more could be
    /// learnt. In JSON the findings say it.
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
