//! What a report says of revocation: what is missing, what was at hand and is of no use.

use super::codes;
use super::report::{Finding, Outcome, Severity};
use super::words;
use crate::domain::trust::{PathTrusted, Source, Unchecked, Unused, Weight};

/// That nothing is known of the revocation of these certificates, in the place that is named;
/// `None` when there are none.
pub(super) fn no_revocation(
    severity: Severity,
    place: &str,
    unchecked: &[Unchecked],
) -> Option<Finding> {
    let accounts: Vec<_> = unchecked.iter().map(Unchecked::account).collect();
    let detail = format!("{place}: {}", accounts.join("; "));
    let message = words::no_revocation(&names(unchecked));
    let finding = Finding { code: codes::NO_REVOCATION_DATA.name(), severity, message, detail };
    (!unchecked.is_empty()).then_some(finding)
}

/// That a list or an answer about a certificate of the path in this place could not be used.
pub(super) fn unused(place: &str, one: &Unused) -> Finding {
    let detail = format!("{place}: {}", one.account());
    let (code, severity) = match one.weight() {
        Weight::InDoubt => (codes::REVOCATION_DATA_UNUSED, Severity::Warning),
        Weight::OtherTime => (codes::REVOCATION_DATA_OTHER_TIME, Severity::Info),
        Weight::Others => (codes::REVOCATION_DATA_OF_OTHERS, Severity::Info),
    };
    code.finding(severity, detail)
}

/// That lists and answers were at hand which are about nobody here.
pub(super) fn of_others<'a>(strangers: impl Iterator<Item = &'a Source>) -> Option<Finding> {
    let mut accounts: Vec<_> = strangers.map(Source::account).collect();
    let more = accounts.len().saturating_sub(TOLD);
    accounts.truncate(TOLD);
    if more > 0 {
        accounts.push(format!("and {more} more"));
    }
    let finding = || codes::REVOCATION_DATA_OF_OTHERS.finding(Severity::Info, accounts.join("; "));
    (!accounts.is_empty()).then(finding)
}

/// Of more than this the number is enough.
const TOLD: usize = 8;

/// The names of certificates, in Chinese and in English.
pub(super) fn names(unchecked: &[Unchecked]) -> (String, String) {
    let names: Vec<_> = unchecked.iter().map(Unchecked::name).collect();
    (names.join("、"), names.join(", "))
}

/// Whether enough is known of the revocation of the whole path, and it is good.
pub(super) fn revocation(path: &PathTrusted) -> Outcome {
    if path.unchecked().is_empty() { Outcome::Passed } else { Outcome::Unknown }
}
