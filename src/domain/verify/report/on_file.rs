//! The report for a caller that has only a code or a number: the office verified its own copy, not
//! the caller's paper or file. A forged sheet can show the code of a valid licence.

use crate::base::localized::Localized;
use crate::domain::verify::report::{LicenceSummary, Report, Verdict};

/// The headline of a report on the office's own copy. `None` when the licence's status is not
/// known: then the report gives the reason.
pub fn headline(report: &Report) -> Option<Localized> {
    let (zh, en) = stands(report.verdict, report.licence.as_ref()?)?;
    let (not_seen_zh, not_seen_en) =
        if report.verdict == Verdict::Valid { COMPARE } else { WHATEVER_IT_SAYS };
    Some(Localized {
        zh: format!("本机关有这份证照，{zh}。{not_seen_zh}"),
        en: format!("This office has this licence, {en}. {not_seen_en}"),
    })
}

fn stands(verdict: Verdict, licence: &LicenceSummary) -> Option<(String, String)> {
    let date = licence.status_since.map(|since| since.to_string()).unwrap_or_default();
    let until = licence.valid_until.map(|until| until.to_string()).unwrap_or_default();
    let (from, next) = (licence.valid_from, licence.superseded_by.as_deref().unwrap_or_default());
    let reason = licence.status_reason.clone();
    let reason = reason.unwrap_or_else(|| Localized::new("原因未公布", "reason not published"));
    Some(match verdict {
        Verdict::Valid => ("现在有效".to_owned(), "which is in force now".to_owned()),
        Verdict::Revoked => (
            format!("但已于{date}撤销（{}），不得作为有效证照使用", reason.zh),
            format!("but it was revoked on {date} ({}): do not accept it", reason.en),
        ),
        Verdict::Suspended => (
            format!("但自{date}起暂停使用（{}）", reason.zh),
            format!("but it is suspended since {date} ({})", reason.en),
        ),
        Verdict::Expired => (format!("但已于{until}到期"), format!("but it expired on {until}")),
        Verdict::NotYetInForce => {
            (format!("但要到{from}才生效"), format!("but it is not in force before {from}"))
        }
        Verdict::Superseded => (
            format!("但已被新版本替代，请查验新证照 {next}"),
            format!("but it was replaced by a newer version: {next}"),
        ),
        _ => return None,
    })
}

const COMPARE: (&str, &str) = (
    "您手中的纸张或文件没有核验：请与下列内容逐项比对，不一致请勿采信；有文件请上传。",
    "The paper or file in your hands was not checked: compare each item below with it, and do not \
     rely on it if one differs. If you have the file, upload it.",
);
/// No comparison makes a licence good that is not in force.
const WHATEVER_IT_SAYS: (&str, &str) = (
    "您手中的纸张或文件没有核验；不论上面写的是什么，都以此为准。",
    "The paper or file in your hands was not checked; whatever it says, this is what counts.",
);
