//! Revocation findings of a report: missing data, and data that could not be used.

use crate::domain::trust::{PathTrusted, Source, Unchecked, Unused, Weight};
use crate::domain::verify::report::codes::Code;
use crate::domain::verify::report::words;
use crate::domain::verify::report::{Finding, Outcome, Severity};

/// The finding that these certificates, in the given place, lack revocation data; `None` when there
/// are none.
pub(in crate::domain::verify) fn no_revocation(
    severity: Severity,
    place: &str,
    unchecked: &[Unchecked],
) -> Option<Finding> {
    let accounts: Vec<_> = unchecked.iter().map(Unchecked::account).collect();
    let detail = format!("{place}: {}", accounts.join("; "));
    let message = words::no_revocation(&names(unchecked));
    let finding = Finding { code: Code::NoRevocationData, severity, message, detail };
    (!unchecked.is_empty()).then_some(finding)
}

/// The finding that revocation data about a certificate of the path could not be used.
pub(in crate::domain::verify) fn unused(place: &str, one: &Unused) -> Finding {
    let detail = format!("{place}: {}", one.account());
    let (code, severity) = match one.weight() {
        Weight::InDoubt => (Code::RevocationDataUnused, Severity::Warning),
        Weight::OtherTime => (Code::RevocationDataOtherTime, Severity::Info),
        Weight::Others => (Code::RevocationDataOfOthers, Severity::Info),
    };
    code.finding(severity, detail)
}

/// The finding that revocation data was given that concerns no certificate of the file.
pub(in crate::domain::verify) fn of_others<'a>(
    strangers: impl Iterator<Item = &'a Source>,
) -> Option<Finding> {
    let mut accounts: Vec<_> = strangers.map(Source::account).collect();
    let more = accounts.len().saturating_sub(MAX_NAMED);
    accounts.truncate(MAX_NAMED);
    if more > 0 {
        accounts.push(format!("and {more} more"));
    }
    let finding = || Code::RevocationDataOfOthers.finding(Severity::Info, accounts.join("; "));
    (!accounts.is_empty()).then(finding)
}

/// Of more, only the number is given.
const MAX_NAMED: usize = 8;

/// The names of certificates, in Chinese and in English.
pub(in crate::domain::verify) fn names(unchecked: &[Unchecked]) -> (String, String) {
    let names: Vec<_> = unchecked.iter().map(Unchecked::name).collect();
    (names.join("、"), names.join(", "))
}

/// Whether the revocation state of the whole path is known and good.
pub(in crate::domain::verify) fn revocation(path: &PathTrusted) -> Outcome {
    if path.unchecked().is_empty() { Outcome::Passed } else { Outcome::Unknown }
}
