//! A report for display: equal findings, checks and signatures are listed once, with the places
//! where they apply. JSON lists each separately.

use crate::base::localized::Localized;
use crate::domain::verify::report::{
    Check, Details, Finding, Outcome, Report, Severity, SignatureReport, Verdict,
};

/// The role of a finding in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The verdict is based on it.
    Decides,
    /// By itself it is against the file; the verdict is based on another finding.
    Against,
    /// It leaves a question open; the verdict is based on another finding.
    Open,
    /// A warning for the reader.
    Warning,
    /// For information.
    Info,
}

/// Findings with the same message.
#[derive(Debug)]
pub struct Findings<'a> {
    /// The first of them.
    pub first: &'a Finding,
    /// Their role in the verdict.
    pub weight: Weight,
    /// The first few details that differ in more than the signature's field.
    pub details: Vec<Detail<'a>>,
    /// How many more there are.
    pub more: usize,
}

/// A detail, and the signatures that have it.
#[derive(Debug)]
pub struct Detail<'a> {
    fields: Vec<&'a str>,
    text: &'a str,
}

impl<'a> Detail<'a> {
    /// Details of signatures begin with the field.
    fn of(detail: &'a str, report: &Report) -> Self {
        let parts = detail.split_once(": ");
        let parts = parts.filter(|(field, _)| {
            report.signatures.iter().any(|signature| signature.field == *field)
        });
        match parts {
            Some((field, text)) => Self { fields: vec![field], text },
            None => Self { fields: Vec::new(), text: detail },
        }
    }

    /// Its text in the report, with the names of all signatures.
    pub fn text(&self) -> String {
        match self.fields.as_slice() {
            [] => self.text.to_owned(),
            [field] => format!("{field}: {}", self.text),
            fields => format!("{}: {}", listed(fields).words().en, self.text),
        }
    }
}

/// Checks with the same outcome.
#[derive(Debug)]
pub struct Checks<'a> {
    /// The first of them.
    pub first: &'a Check,
    /// The signatures concerned, when there are several.
    pub of: Option<Which>,
}

/// Signatures that differ by their fields alone.
#[derive(Debug)]
pub struct Signatures<'a> {
    /// The first of them.
    pub first: &'a SignatureReport,
    /// Their numbers in the file, from 1.
    pub numbers: Vec<usize>,
    /// The form fields of these signatures.
    pub fields: Which,
}

/// Names of signatures, and the rest of the sentence in either language.
#[derive(Debug, Default)]
pub struct Which {
    names: String,
    zh: String,
    en: String,
}

impl Which {
    /// The text in one language.
    pub fn words(&self) -> Localized {
        let Self { names, zh, en } = self;
        Localized { zh: format!("{names}{zh}"), en: format!("{names}{en}") }
    }

    /// The text in both languages, with the names once.
    pub fn both(&self) -> String {
        let Self { names, zh, en } = self;
        let space = if names.is_empty() { " " } else { "" };
        format!("{names}{zh}{space}{en}")
    }
}

/// Findings, in their order.
pub fn findings(report: &Report) -> Vec<Findings<'_>> {
    let mut all: Vec<Findings<'_>> = Vec::new();
    for finding in &report.findings {
        let place = all.iter().position(|one| {
            let first = one.first;
            (first.code, first.severity, &first.message)
                == (finding.code, finding.severity, &finding.message)
        });
        let one = match place.and_then(|place| all.get_mut(place)) {
            Some(one) => one,
            None => {
                let weight = weight(finding, report);
                all.push_mut(Findings { first: finding, weight, details: Vec::new(), more: 0 })
            }
        };
        // The last of a long list gives the number of unlisted ones.
        if let Some(count) = uncounted(&finding.detail) {
            one.more = one.more.saturating_add(count);
        } else if !finding.detail.is_empty() {
            one.add(Detail::of(&finding.detail, report));
        }
    }
    all
}

impl<'a> Findings<'a> {
    fn add(&mut self, detail: Detail<'a>) {
        let is_full = self.details.len() >= PLACES;
        match self.details.iter_mut().find(|one| one.text == detail.text) {
            Some(one) => one.fields.extend(detail.fields),
            None if is_full => self.more = self.more.saturating_add(1),
            None => self.details.push(detail),
        }
    }
}

fn uncounted(detail: &str) -> Option<usize> {
    detail.strip_prefix("and ")?.strip_suffix(" more")?.parse().ok()
}

fn weight(finding: &Finding, report: &Report) -> Weight {
    match finding.severity {
        Severity::Info => Weight::Info,
        Severity::Warning => Weight::Warning,
        Severity::Fatal if finding.code.verdict() == report.verdict => Weight::Decides,
        Severity::Fatal
            if matches!(finding.code.verdict(), Verdict::Altered | Verdict::Invalid) =>
        {
            Weight::Against
        }
        Severity::Fatal => Weight::Open,
    }
}

/// Checks, in their order. A report does not assign a check to a signature; each signature has the
/// outcomes of its own checks.
pub fn checks(report: &Report) -> Vec<Checks<'_>> {
    let mut all: Vec<(&Check, usize)> = Vec::new();
    for check in &report.checks {
        match all.iter_mut().find(|(first, _)| *first == check) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => all.push((check, 1)),
        }
    }
    let several = report.signatures.len() > 1;
    let all = all.into_iter();
    all.map(|(first, count)| Checks {
        first,
        of: several.then(|| of(report, first, count)).flatten(),
    })
    .collect()
}

fn of(report: &Report, check: &Check, count: usize) -> Option<Which> {
    let ended = |one: &&SignatureReport| -> Option<Outcome> {
        match check.check {
            "digest" => Some(one.digest),
            "signature" => Some(one.signature),
            "trust" => Some(one.trust),
            "revocation" => Some(one.revocation),
            _ => None,
        }
    };
    let fields = report.signatures.iter().filter(|one| ended(one) == Some(check.outcome));
    let fields: Vec<_> = fields.map(|one| one.field.as_str()).collect();
    if count == report.signatures.len() {
        let (zh, en) = (format!("全部 {count} 个签章"), format!("all {count} signatures"));
        Some(Which { names: String::new(), zh, en })
    } else if fields.len() == count {
        Some(listed(&fields))
    } else {
        let (zh, en) = (format!("{count} 次"), format!("{count} times"));
        (count > 1).then(|| Which { names: String::new(), zh, en })
    }
}

/// Signatures, in their order.
pub fn signatures(report: &Report) -> Vec<Signatures<'_>> {
    let mut all: Vec<(SignatureReport, Signatures<'_>, Vec<&str>)> = Vec::new();
    for (first, number) in report.signatures.iter().zip(1..) {
        // Compared without the field and the technical details.
        let (field, details) = (String::new(), Details::default());
        let rest = SignatureReport { field, details, ..first.clone() };
        match all.iter_mut().find(|(other, ..)| *other == rest) {
            Some((_, like, fields)) => {
                like.numbers.push(number);
                fields.push(&first.field);
            }
            None => {
                let like = Signatures { first, numbers: vec![number], fields: Which::default() };
                all.push((rest, like, vec![&first.field]));
            }
        }
    }
    all.into_iter()
        .map(|(_, like, fields)| Signatures { fields: listed(&fields), ..like })
        .collect()
}

/// The first few, and the number of the others.
fn listed(names: &[&str]) -> Which {
    // Names are untrusted and can have any length.
    let short = |name: &&str| -> String {
        match name.char_indices().nth(NAME_CHARACTERS) {
            Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
            None => (*name).to_owned(),
        }
    };
    let shown: Vec<_> = names.iter().take(PLACES).map(short).collect();
    let names_shown = shown.join(", ");
    match names.len() - shown.len() {
        0 => Which { names: names_shown, ..Which::default() },
        more => Which {
            names: names_shown,
            zh: format!("，另有 {more} 个"),
            en: format!(" and {more} more"),
        },
    }
}

/// Number of places listed.
const PLACES: usize = 10;
/// Characters of a signature's name among several.
const NAME_CHARACTERS: usize = 40;

#[cfg(test)]
mod tests {
    use super::super::checks as questions;
    use super::super::codes::Code;
    use super::*;
    use crate::base::time::Timestamp;
    use crate::domain::verify::assess;
    use crate::domain::verify::report::{Changes, SignatureKind, TimeSource};

    fn report(verdict: Verdict, findings: &[(Code, Severity, String)]) -> Report {
        let mut report = assess::unreadable("x", Timestamp::EPOCH, "", "");
        report.verdict = verdict;
        let findings = findings.iter();
        report.findings =
            findings.map(|(code, severity, at)| code.finding(*severity, at.clone())).collect();
        report
    }

    fn signature(number: usize, digest: Outcome) -> SignatureReport {
        SignatureReport {
            field: format!("S{number}"),
            kind: SignatureKind::Signature,
            signer: "A".to_owned(),
            level: "B-B".to_owned(),
            digest,
            signature: Outcome::Passed,
            trust: Outcome::Passed,
            revocation: Outcome::Unknown,
            changes: Changes::None,
            signed_at: None,
            time_source: TimeSource::SelfAsserted,
            details: Details { object: u32::try_from(number).ok(), ..Details::default() },
        }
    }

    #[test]
    fn equal_findings_are_one_with_ten_places() {
        let mut all: Vec<_> = (0..20)
            .map(|at| (Code::AnnotationPaints, Severity::Warning, format!("object {at}")))
            .collect();
        all.push((Code::AnnotationPaints, Severity::Warning, "and 132 more".to_owned()));
        all.insert(0, (Code::ChangedAfterSeal, Severity::Fatal, String::new()));
        let report = report(Verdict::Altered, &all);
        let folded = findings(&report);
        let counts: Vec<_> = folded.iter().map(|one| (one.details.len(), one.more)).collect();
        assert_eq!(counts, [(0, 0), (10, 142)]);
    }

    #[test]
    fn what_is_found_of_many_signatures_alike_is_one_detail() {
        let at = |number| format!("S{number}: no path");
        let all: Vec<_> =
            (1..=12).map(|number| (Code::UnknownIssuer, Severity::Fatal, at(number))).collect();
        let mut report = report(Verdict::UnknownIssuer, &all);
        report.signatures = (1..=12).map(|number| signature(number, Outcome::Passed)).collect();
        let folded = findings(&report);
        let said: Vec<_> = folded[0].details.iter().map(Detail::text).collect();
        assert_eq!(said, ["S1, S2, S3, S4, S5, S6, S7, S8, S9, S10 and 2 more: no path"]);
    }

    #[test]
    fn only_what_leads_to_the_verdict_decides_it() {
        let all = [Code::ChangedAfterSeal, Code::NotEntitled, Code::UnknownIssuer];
        let all = all.map(|code| (code, Severity::Fatal, String::new()));
        let weights = |verdict| -> Vec<_> {
            findings(&report(verdict, &all)).iter().map(|one| one.weight).collect()
        };
        assert_eq!(weights(Verdict::Altered), [Weight::Decides, Weight::Against, Weight::Open]);
        let of_another = [Weight::Against, Weight::Against, Weight::Decides];
        assert_eq!(weights(Verdict::UnknownIssuer), of_another);
        assert_eq!(weights(Verdict::Expired), [Weight::Against, Weight::Against, Weight::Open]);
    }

    #[test]
    fn checks_of_many_signatures_are_one_row_that_names_them() {
        let mut report = report(Verdict::Altered, &[]);
        for number in 1..=17 {
            let digest = if number == 3 { Outcome::Failed } else { Outcome::Passed };
            report.signatures.push(signature(number, digest));
            report.checks.push(questions::DIGEST.outcome(digest));
            report.checks.push(questions::TRUST.outcome(Outcome::Passed));
        }
        let rows = checks(&report);
        let said: Vec<_> = rows.iter().map(|row| row.of.as_ref().unwrap().words().en).collect();
        let sixteen = "S1, S2, S4, S5, S6, S7, S8, S9, S10, S11 and 6 more";
        assert_eq!(said, [sixteen, "all 17 signatures", "S3"]);
        let numbers: Vec<_> = signatures(&report).iter().map(|one| one.numbers.len()).collect();
        assert_eq!(numbers, [16, 1]);
    }
}
