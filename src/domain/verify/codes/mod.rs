//! The names of findings, each with what it says: a finding without words cannot be made.

mod credential;
mod file;
mod log;
mod signature;
mod standing;

pub(super) use credential::*;
pub(super) use file::*;
pub(super) use log::*;
pub(super) use signature::*;
pub(super) use standing::*;

use super::report::{Finding, Severity, Verdict};
use crate::base::limits::DETAIL_CHARACTERS;
use crate::base::localized::Localized;

/// A finding's stable name, and its words in Chinese and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code(&'static str, &'static str, &'static str);

impl Code {
    pub(super) fn name(self) -> &'static str {
        self.0
    }

    /// The finding of this name.
    pub(super) fn finding(self, severity: Severity, detail: String) -> Finding {
        let Self(code, zh, en) = self;
        Finding { code, severity, message: Localized::new(zh, en), detail: shortened(detail) }
    }
}

/// Whether a finding that weighs most leads to this verdict by itself. One file may have several
/// that lead to different verdicts, of which the report has the worst.
pub(super) fn leads_to(name: &str, verdict: Verdict) -> bool {
    let is_one = |codes: &[Code]| codes.iter().any(|code| code.name() == name);
    match verdict {
        Verdict::Altered => is_one(&ALTERED),
        Verdict::Invalid => is_one(&INVALID),
        Verdict::UnknownIssuer => is_one(&[UNKNOWN_ISSUER]),
        Verdict::StatusUnknown => is_one(&UNKNOWN_STATUS),
        Verdict::NotSigned => is_one(&[NOT_SIGNED]),
        Verdict::Unreadable => is_one(&[UNREADABLE]),
        Verdict::NotEnoughEvidence => {
            ![&ALTERED[..], &INVALID, &UNKNOWN_STATUS, &[UNKNOWN_ISSUER]].into_iter().any(is_one)
        }
        // These follow from the standing and the term, not from a finding.
        Verdict::Valid
        | Verdict::Revoked
        | Verdict::Suspended
        | Verdict::Expired
        | Verdict::NotYetInForce
        | Verdict::Superseded => false,
    }
}

const ALTERED: [Code; 3] = [CHANGED_AFTER_SEAL, DIGEST_MISMATCH, BYTES_BEHIND];
const INVALID: [Code; 16] = [
    CERTIFICATION_MALFORMED,
    CREDENTIAL_MISMATCH,
    CREDENTIAL_REFUSED,
    CREDENTIAL_SIGNER_REVOKED,
    DEFINITION_MISMATCH,
    KEY_BINDING_REFUSED,
    KEY_BINDING_REPLAYED,
    NOT_ENTITLED,
    NOT_OUR_PROFILE,
    PATH_RULE,
    SAVED_AGAIN,
    SEAL_REVOKED,
    SIGNATURE_BROKEN,
    SIGNATURE_MALFORMED,
    TIMESTAMP_BROKEN,
    WEAK_ALGORITHM,
];
const UNKNOWN_STATUS: [Code; 4] =
    [STATUS_UNKNOWN, STATUS_OTHER_TIME, STATUS_NO_ENTRY, RECORDS_UNREADABLE];

/// A text that quotes a file, cut where it is longer than anybody reads.
pub(super) fn shortened(text: String) -> String {
    match text.char_indices().nth(DETAIL_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    /// Findings stand on pages and on paper as well; the command line adds its hints itself.
    #[test]
    fn words_of_findings_name_no_options() {
        for source in [
            include_str!("credential.rs"),
            include_str!("file.rs"),
            include_str!("log.rs"),
            include_str!("signature.rs"),
            include_str!("standing.rs"),
            include_str!("../words.rs"),
        ] {
            let named = source.lines().find(|line| line.contains("--"));
            assert_eq!(named, None);
        }
    }
}
