//! A report for people at a terminal: the answer in a few lines, or with all its details, the worst
//! first, then one line for each check, then what a colleague needs to repeat each of them by hand.
//!
//! It is made from the JSON form, so that whatever a report has is shown. Names and details are a
//! stranger's: nothing in them moves the cursor, changes colours or turns the text around.

use serde_json::Value;

use super::hints;
use crate::base::localized::Language;
use crate::base::text::visible;
use crate::base::time::{CHINA_SECONDS, Timestamp};
use crate::domain::verify::report::labels;
use crate::domain::verify::report::{Answer, Verdict};

/// The answer: verdict, both questions, the licence, what is wrong or missing. No line feed at its end.
pub(in crate::edge::cli) fn answer(report: &Value, language: Language, colour: bool) -> String {
    let mut lines = Writer { language, colour, lines: Vec::new() };
    lines.head(report);
    lines.licence(&report["licence"]);
    lines.folded(report);
    lines.lines.join("\n")
}

/// The whole text, without a line feed at its end.
pub(in crate::edge::cli) fn report(report: &Value, language: Language, colour: bool) -> String {
    let mut lines = Writer { language, colour, lines: Vec::new() };
    lines.head(report);
    lines.licence(&report["licence"]);
    lines.identifier(&report["licence"]);
    lines.findings(report);
    lines.checks(report);
    lines.signatures(report);
    lines.lines.join("\n")
}

struct Writer {
    language: Language,
    colour: bool,
    lines: Vec<String>,
}

impl Writer {
    fn add(&mut self, line: &str) {
        self.lines.push(visible(line).into_owned());
    }

    /// A line whose beginning has a colour.
    fn painted(&mut self, start: &str, paint: &str, rest: &str) {
        let (start, rest) = (visible(start), visible(rest));
        self.lines.push(if self.colour {
            format!("\u{1b}[{paint}m{start}\u{1b}[0m{rest}")
        } else {
            format!("{start}{rest}")
        });
    }

    const fn by(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// What a member with two languages says in the reader's.
    fn said(&self, words: &Value) -> String {
        text(words, self.by("zh", "en"))
    }

    fn head(&mut self, report: &Value) {
        let code = text(report, "verdict");
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.code() == code);
        let (mark, paint) = match verdict.map(Verdict::exit_code) {
            Some(0) => ("✓", "1;32"),
            Some(1 | 3) => ("✗", "1;31"),
            _ => ("?", "1;33"),
        };
        let title = match (self.language, verdict) {
            (Language::Zh, Some(verdict)) => format!("{} ({code})", labels::title(verdict).zh),
            _ => code,
        };
        self.painted(&format!("{mark} {title}"), paint, &format!("  {}", text(report, "file")));
        self.add(&format!("  {}", self.said(&report["headline"])));
        let genuine = self.answer(report, "authentic");
        self.add(&format!("  {}{genuine}", self.by("真实吗？", "Genuine? ")));
        let (in_force, at) = (self.answer(report, "in_force"), in_china(&text(report, "as_of")));
        self.add(&match self.language {
            Language::Zh => format!("  现在有效吗？{in_force} · 截至 {at}"),
            Language::En => format!("  In force? {in_force} · as of {at}"),
        });
    }

    fn answer(&self, report: &Value, key: &str) -> String {
        let said = text(report, key);
        let known = ANSWERS.into_iter().find(|(name, _)| *name == said);
        let words = labels::answer(known.map_or(Answer::Unknown, |(_, answer)| answer));
        words.of(self.language).to_owned()
    }

    fn licence(&mut self, licence: &Value) {
        if !licence.is_object() {
            return;
        }
        let until = licence["valid_until"].as_str();
        let until = until.unwrap_or_else(|| self.by("长期", "no fixed end"));
        let parts = [
            self.said(&licence["type_name"]),
            text(licence, "number"),
            text(licence, "holder"),
            text(licence, "issuer"),
            format!("{} – {until}", text(licence, "valid_from")),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.add(&format!("  {}{}", self.by("证照：", "Licence: "), parts.join(" · ")));
    }

    fn identifier(&mut self, licence: &Value) {
        if !licence.is_object() {
            return;
        }
        self.add(&format!(
            "    {} · {:03}",
            text(licence, "id"),
            licence["version"].as_u64().unwrap_or(0)
        ));
    }

    /// What is wrong or missing, once, with what gives it; the worst come first.
    fn folded(&mut self, report: &Value) {
        let mut folded: Vec<(&Value, usize)> = Vec::new();
        for finding in all(report, "findings").filter(|one| text(one, "severity") != "info") {
            let same = |(first, _): &&mut (&Value, usize)| {
                ["code", "severity", "message"].iter().all(|key| first[*key] == finding[*key])
            };
            match folded.iter_mut().find(same) {
                Some((_, count)) => *count += 1,
                None => folded.push((finding, 1)),
            }
        }
        let most = self.lines.len() + LINES;
        let (mut hinted, mut shown) = (String::new(), 0);
        for (finding, count) in folded.iter().take(SHOWN) {
            let code = text(finding, "code");
            let hint = hints::of(&code).filter(|_| code != hinted);
            let print = if code == "unknown_issuer" { self.fingerprint(finding) } else { None };
            if self.lines.len() + 1 + usize::from(hint.is_some()) + usize::from(print.is_some())
                > most
            {
                break;
            }
            let times = if *count > 1 { format!(" (×{count})") } else { String::new() };
            self.finding(finding, &times);
            if let Some(hint) = hint {
                self.add(&format!("    {}", hint.of(self.language)));
            }
            if let Some(print) = print {
                self.add(&print);
            }
            hinted = code;
            shown += 1;
        }
        let left_out = folded.len() - shown;
        if left_out > 0 {
            self.add(&match self.language {
                Language::Zh => format!("  … 还有 {left_out} 项"),
                Language::En => format!("  … {left_out} more"),
            });
        }
    }

    /// The one to compare, when the certificate that it is of is a root.
    fn fingerprint(&self, finding: &Value) -> Option<String> {
        let detail = text(finding, "detail");
        let print = detail.rsplit_once("SHA-256 ")?.1;
        let print: String =
            print.chars().take_while(|one| one.is_ascii_hexdigit() || *one == ':').collect();
        let what = if detail.contains("which is no root") {
            self.by(
                "能追溯到的最上一级证书（不是根证书）：",
                "topmost certificate found (no root): ",
            )
        } else {
            self.by("所附根证书：", "root in the file: ")
        };
        Some(format!("    {what}SHA-256 {print}"))
    }

    fn finding(&mut self, finding: &Value, times: &str) {
        let (mark, paint) = match text(finding, "severity").as_str() {
            "fatal" => ("!", "31"),
            "info" => ("·", "0"),
            _ => ("!", "33"),
        };
        let rest = format!("  {}{times}", self.said(&finding["message"]));
        self.painted(&format!("  {mark} {}", text(finding, "code")), paint, &rest);
    }

    /// Ranked by the verifier: the first is the worst.
    fn findings(&mut self, report: &Value) {
        for finding in all(report, "findings") {
            let code = text(finding, "code");
            self.finding(finding, "");
            let detail = text(finding, "detail");
            if !detail.is_empty() {
                self.add(&format!("    {detail}"));
            }
            if code == "unknown_issuer" {
                self.add(self.by(WHICH_ZH, WHICH_EN));
                self.add(self.by(TRUST_ZH, TRUST_EN));
            } else if let Some(hint) = hints::of(&code) {
                self.add(&format!("    {}", hint.of(self.language)));
            }
        }
    }

    fn checks(&mut self, report: &Value) {
        for check in all(report, "checks") {
            let (mark, paint) = match text(check, "outcome").as_str() {
                "passed" => ("✓", "32"),
                "failed" => ("✗", "31"),
                _ => ("?", "33"),
            };
            let rest = format!(" {}", self.said(&check["message"]));
            self.painted(&format!("  {mark}"), paint, &rest);
        }
    }

    fn signatures(&mut self, report: &Value) {
        for (signature, number) in all(report, "signatures").zip(1_u32..) {
            self.add(&format!("  {} {number}", self.by("签章", "Signature")));
            for detail in labels::details(signature) {
                let label = detail.label.of(self.language);
                let value = detail.value.of(self.language);
                self.add(&format!("    {label}{}{value}", self.by("：", ": ")));
            }
        }
    }
}

/// Days in a report are those of China: an instant beside them is told in the same time.
fn in_china(at: &str) -> String {
    Timestamp::parse(at).map_or_else(
        || at.to_owned(),
        |at| format!("{} +08:00", at.civil(CHINA_SECONDS).to_string().replace('T', " ")),
    )
}

fn all<'a>(report: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    report.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Findings in an answer at the most.
const SHOWN: usize = 5;
/// Lines for them. With five in front, and one each for those left out, a report and `--details`, an
/// answer has fifteen.
const LINES: usize = 7;
const ANSWERS: [(&str, Answer); 3] =
    [("yes", Answer::Yes), ("no", Answer::No), ("not_applicable", Answer::NotApplicable)];
const WHICH_ZH: &str = "    以上 SHA-256 属于能追溯到的最上一级证书。它若不是根证书，指纹自然与 /trust 页上根证书的不同，不说明证照是伪造的";
const WHICH_EN: &str = "    The SHA-256 above is that of the topmost certificate that was found. When that is no root, it differs from the root's on /trust, which does not mean that the licence is forged";
const TRUST_ZH: &str = "    要信任它：从其他渠道（电话、机关网站的 /trust 页）取得其根证书和指纹，用 openssl x509 -in ROOT.pem -noout -fingerprint -sha256 核对，再加 --trust ROOT.pem";
const TRUST_EN: &str = "    To trust it: get its root and the root's fingerprint over another channel (a phone call, the office's page /trust), compare with `openssl x509 -in ROOT.pem -noout -fingerprint -sha256`, then add --trust ROOT.pem";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stranger_s_text_does_nothing_on_a_terminal() {
        let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}fdp.exe\r\n✓ valid";
        let value = json!({
            "verdict": "altered", "file": hostile, "headline": { "zh": hostile, "en": hostile },
            "authentic": "no", "in_force": "unknown", "as_of": "2026-11-24T06:00:00Z",
            "findings": [{ "code": "changed_after_seal", "severity": "fatal",
                "message": { "zh": "a", "en": "b" }, "detail": hostile }],
            "signatures": [{ "field": hostile, "new_field": [{ "inner": hostile }] }],
        });
        let plain = report(&value, Language::En, false);
        assert!(!plain.chars().any(|one| one.is_control() && one != '\n'), "{plain:?}");
        assert!(!plain.contains('\u{202e}') && plain.contains("new_field.1.inner"));
        assert!(!plain.lines().any(|line| line.starts_with('✓')), "{plain}");
        let painted = report(&value, Language::En, true);
        assert_eq!(painted.matches('\u{1b}').count(), 4, "{painted:?}");
    }

    #[test]
    fn what_a_finding_misses_is_told_with_the_option_that_gives_it() {
        let value = json!({ "findings": [{ "code": "status_unknown", "severity": "fatal" }] });
        for text in [report(&value, Language::En, false), answer(&value, Language::En, false)] {
            assert!(text.contains("--status LIST.jwt"), "{text}");
        }
    }

    #[test]
    fn an_answer_folds_what_is_wrong_and_is_short_whatever_there_is() {
        let finding = |code: &str, severity: &str| {
            json!({ "code": code, "severity": severity, "message": { "zh": code, "en": code },
                "detail": "the detail" })
        };
        let mut findings = vec![finding("no_revocation_data", "warning"); 9];
        findings.push(finding("good_to_know", "info"));
        let value = |findings: &[Value]| {
            json!({ "verdict": "valid", "licence": { "number": "JY1" }, "findings": findings,
                "signatures": [{ "field": "Seal1" }], "checks": [{ "outcome": "passed" }] })
        };
        let few = answer(&value(&findings), Language::En, false);
        assert_eq!(few.matches("no_revocation_data").count(), 2, "{few}");
        assert!(few.contains("(×9)") && few.contains("--crl"), "{few}");
        for hidden in ["good_to_know", "the detail", "Seal1"] {
            assert!(!few.contains(hidden), "{few}");
        }
        findings.extend((0..20).map(|one| finding(&format!("fault_{one}"), "fatal")));
        let many = answer(&value(&findings), Language::En, false);
        assert!(many.lines().count() <= 13 && many.ends_with("16 more"), "{many}");
    }
}
