//! A report in the form of the result page.

use crate::base::ids::Code;
use crate::base::localized::Localized;
use crate::base::text::{visible, visible_json};
use crate::domain::verify::report::folded::{self, Weight};
use crate::domain::verify::report::labels;
use crate::domain::verify::report::{Answer, Outcome, Report, Verdict};
use crate::service::office::Office;

/// The subject of a verification.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// An uploaded file.
    File,
    /// The code on a licence.
    Code(&'a Code),
    /// The number of a licence.
    Number,
}

/// The content of the page, as words and tones.
#[derive(Debug)]
pub(super) struct View {
    pub(super) code: &'static str,
    pub(super) tone: &'static str,
    pub(super) title: Localized,
    pub(super) headline: Localized,
    pub(super) genuine: Shown,
    pub(super) in_force: Shown,
    pub(super) rows: Vec<Row>,
    pub(super) by_code: bool,
    /// Whether the office's own copy was verified, and no file of the caller.
    pub(super) on_file: bool,
    pub(super) findings: Vec<Item>,
    pub(super) checks: Vec<Item>,
    pub(super) json: String,
    pub(super) as_of: String,
    pub(super) file: String,
    pub(super) code_shown: String,
}

/// A word with its tone.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) words: Localized,
    pub(super) tone: &'static str,
}

/// A line of the list of values.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) label: Localized,
    /// The English has the Chinese beside it, which is what the paper says.
    pub(super) value: Localized,
}

/// A check or a finding.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) words: Localized,
    pub(super) tone: &'static str,
    pub(super) details: Vec<String>,
    /// Number of further details.
    pub(super) more: usize,
    /// The signatures concerned, when there are several.
    pub(super) of: Option<Localized>,
}

impl View {
    pub(super) fn of(report: &Report, by: By<'_>, office: &Office) -> Self {
        // Informational findings are in the technical details.
        let shown = folded::findings(report).into_iter().filter(|one| one.weight != Weight::Info);
        let findings = shown.map(|one| Item {
            words: one.first.message.clone(),
            tone: match one.weight {
                Weight::Decides => tone(report.verdict),
                Weight::Against => "stop",
                Weight::Open | Weight::Warning | Weight::Info => "caution",
            },
            details: one
                .details
                .iter()
                .map(|detail| visible(&detail.text()).into_owned())
                .collect(),
            more: one.more,
            of: None,
        });
        let checks = folded::checks(report).into_iter().map(|check| Item {
            words: check.first.message.clone(),
            tone: match check.first.outcome {
                Outcome::Passed => "good",
                Outcome::Failed => "stop",
                Outcome::Unknown => "caution",
            },
            details: Vec::new(),
            more: 0,
            of: check.of.map(|of| {
                let Localized { zh, en } = of.words();
                Localized::new(visible(&zh), visible(&en))
            }),
        });
        // Code and number are open to everyone: details of the file are for its holder.
        let (json, code) = match by {
            By::File => {
                (visible_json(&serde_json::to_string_pretty(report).unwrap_or_default()), None)
            }
            By::Code(code) => (String::new(), Some(code)),
            By::Number => (String::new(), None),
        };
        let on_file = !matches!(by, By::File);
        // Green is only for an examined file: a forged paper can show the code of a good licence.
        let known = on_file && report.verdict == Verdict::Valid;
        Self {
            code: report.verdict.code(),
            tone: if known { "known" } else { tone(report.verdict) },
            title: if known {
                Localized::new("有登记，请逐项比对", "On record: compare each item")
            } else {
                labels::title(report.verdict)
            },
            // It contains names of certificates.
            headline: Localized::new(visible(&report.headline.zh), visible(&report.headline.en)),
            genuine: if on_file { not_seen() } else { genuine(report) },
            in_force: in_force(report),
            rows: rows(report, office),
            by_code: code.is_some(),
            on_file,
            findings: findings.collect(),
            checks: checks.collect(),
            json,
            as_of: report.as_of.to_china_minutes(),
            file: visible(&report.file).into_owned(),
            code_shown: code.map(Code::grouped).unwrap_or_default(),
        }
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "good",
        Verdict::Altered
        | Verdict::Invalid
        | Verdict::Revoked
        | Verdict::Suspended
        | Verdict::Expired
        | Verdict::NotYetInForce
        | Verdict::Superseded => "stop",
        Verdict::UnknownIssuer
        | Verdict::StatusUnknown
        | Verdict::NotEnoughEvidence
        | Verdict::NotSigned
        | Verdict::Unreadable => "caution",
    }
}

fn not_seen() -> Shown {
    let words = Localized::new("没有核验您手中的纸张或文件", "Your paper or file was not checked");
    Shown { words, tone: "caution" }
}

fn genuine(report: &Report) -> Shown {
    let (zh, en, tone) = match report.authentic {
        Answer::Yes => ("是，电子印章验证通过", "Yes, the seal checks", "good"),
        Answer::No => ("否", "No", "stop"),
        Answer::Unknown | Answer::NotApplicable => ("无法判断", "Cannot tell", "caution"),
    };
    Shown { words: Localized::new(zh, en), tone }
}

fn in_force(report: &Report) -> Shown {
    let until = report.licence.as_ref().and_then(|licence| licence.valid_until);
    let (words, tone) = match (report.in_force, until) {
        (Answer::Yes, Some(until)) => {
            (Localized::new(format!("是，有效至 {until}"), format!("Yes, until {until}")), "good")
        }
        (Answer::Yes, None) => (Localized::new("是，长期有效", "Yes, without a fixed end"), "good"),
        (Answer::No, _) => (Localized::new("否", "No"), "stop"),
        (Answer::Unknown, _) => (Localized::new("无法判断", "Cannot tell"), "caution"),
        (Answer::NotApplicable, _) => (
            Localized::new("不适用：不是本系统的证照", "Does not apply: no licence of this system"),
            "caution",
        ),
    };
    Shown { words, tone }
}

fn rows(report: &Report, office: &Office) -> Vec<Row> {
    let Some(licence) = &report.licence else { return Vec::new() };
    let row = |zh: &str, en: &str, value: Localized| Row { label: Localized::new(zh, en), value };
    let same = |text: &str| Localized::new(text, text);
    let both = |zh: &str, en: Option<&str>| {
        Localized::new(zh, en.map_or_else(|| zh.to_owned(), |en| format!("{en} ({zh})")))
    };
    let Localized { zh, en } = &licence.type_name;
    let kind = Localized::new(format!("{zh} {en}"), format!("{en} ({zh})"));
    let mut rows = vec![row("证照", "Licence", kind)];
    if !licence.holder.is_empty() {
        rows.push(row("持证人", "Holder", same(&licence.holder)));
    }
    rows.push(row("证照编号", "Number", same(&licence.number)));
    rows.push(row("版本", "Version", same(&format!("{:03}", licence.version))));
    let issuer = both(&licence.issuer, office.issuer_in_english(&licence.issuer));
    rows.push(row("颁发机关", "Issued by", issuer));
    rows.push(row("生效日期", "Valid from", same(&licence.valid_from.to_string())));
    let until = licence.valid_until.map(|until| same(&until.to_string()));
    let until = until.unwrap_or_else(|| Localized::new("长期", "without a fixed end (长期)"));
    rows.push(row("截止日期", "Valid until", until));
    let shown = licence.values.iter().filter(|shown| shown.value != licence.holder);
    rows.extend(shown.map(|one| {
        let en = office.value_in_english(&licence.kind, &one.name, &one.value);
        Row { label: one.label.clone(), value: both(&one.value, en.as_deref()) }
    }));
    rows
}
