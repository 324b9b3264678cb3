//! A report for people at a terminal: the answer in a few lines, or with all its details, the worst
//! first, then one line for each check, then what a colleague needs to repeat each of them by hand.
//!
//! It is made from the JSON form, so that whatever a report has is shown. Names and details are a
//! stranger's: nothing in them moves the cursor, changes colours or turns the text around.

use serde_json::Value;

use super::hints;
use crate::base::text::visible;
use crate::domain::verify::report::labels;
use crate::domain::verify::report::{Answer, Verdict};

/// The answer: verdict, both questions, the licence, what is wrong or missing. No line feed at its end.
pub(in crate::edge::cli) fn answer(report: &Value, colour: bool) -> String {
    let mut lines = Lines { colour, lines: Vec::new() };
    lines.head(report);
    lines.licence(&report["licence"]);
    lines.folded(report);
    lines.lines.join("\n")
}

/// The whole text, without a line feed at its end.
pub(in crate::edge::cli) fn report(report: &Value, colour: bool) -> String {
    let mut lines = Lines { colour, lines: Vec::new() };
    lines.head(report);
    lines.licence(&report["licence"]);
    lines.identifier(&report["licence"]);
    lines.findings(report);
    lines.checks(report);
    lines.signatures(report);
    lines.lines.join("\n")
}

struct Lines {
    colour: bool,
    lines: Vec<String>,
}

impl Lines {
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

    fn head(&mut self, report: &Value) {
        let code = text(report, "verdict");
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.code() == code);
        let (mark, paint) = match verdict.map(Verdict::exit_code) {
            Some(0) => ("✓", "1;32"),
            Some(1 | 3) => ("✗", "1;31"),
            _ => ("?", "1;33"),
        };
        self.painted(&format!("{mark} {code}"), paint, &format!("  {}", text(report, "file")));
        for language in ["zh", "en"] {
            self.add(&format!("  {}", text(&report["headline"], language)));
        }
        let answer = |key: &str| {
            let said = text(report, key);
            let known = ANSWERS.into_iter().find(|(name, _)| *name == said);
            let words = labels::answer(known.map_or(Answer::Unknown, |(_, answer)| answer));
            format!("{} {}", words.zh, words.en)
        };
        self.add(&format!("  真实吗 Genuine? {}", answer("authentic")));
        let at = text(report, "as_of");
        self.add(&format!("  现在有效吗 In force? {} · 截至 as of {at}", answer("in_force")));
    }

    fn licence(&mut self, licence: &Value) {
        if !licence.is_object() {
            return;
        }
        let name = &licence["type_name"];
        let until = licence["valid_until"].as_str().unwrap_or("长期 no fixed end");
        let parts = [
            format!("{} {}", text(name, "zh"), text(name, "en")),
            text(licence, "number"),
            text(licence, "holder"),
            text(licence, "issuer"),
            format!("{} – {until}", text(licence, "valid_from")),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.add(&format!("  证照 Licence {}", parts.join(" · ")));
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

    /// What is wrong or missing, once, with what gives it; the worst come first and are never left out.
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
        let left_out = folded.len().saturating_sub(SHOWN);
        let mut hinted = "";
        for (finding, count) in folded.into_iter().take(SHOWN) {
            let times = if count > 1 { format!(" (×{count})") } else { String::new() };
            self.finding(finding, &times);
            let code = finding["code"].as_str().unwrap_or_default();
            let hints = hints::of(code);
            if !hints.is_empty() && code != hinted {
                self.add(&format!("    {}", hints.join(" / ")));
            }
            hinted = code;
        }
        if left_out > 0 {
            self.add(&format!("  … 还有 {left_out} 项 / {left_out} more"));
        }
    }

    fn finding(&mut self, finding: &Value, times: &str) {
        let (code, message) = (text(finding, "code"), &finding["message"]);
        let paint = if text(finding, "severity") == "fatal" { "31" } else { "33" };
        let rest = format!("  {} / {}{times}", text(message, "zh"), text(message, "en"));
        self.painted(&format!("  ! {code}"), paint, &rest);
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
                for line in [WHICH_ZH, WHICH_EN, TRUST_ZH, TRUST_EN] {
                    self.add(line);
                }
                continue;
            }
            for line in hints::of(&code) {
                self.add(&format!("    {line}"));
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
            let message = &check["message"];
            let rest = format!(" {} / {}", text(message, "zh"), text(message, "en"));
            self.painted(&format!("  {mark}"), paint, &rest);
        }
    }

    fn signatures(&mut self, report: &Value) {
        for (signature, number) in all(report, "signatures").zip(1_u32..) {
            self.add(&format!("  签章 Signature {number}"));
            for detail in labels::details(signature) {
                let value = match (&detail.value.zh, &detail.value.en) {
                    (zh, en) if zh == en => zh.clone(),
                    (zh, en) => format!("{zh} / {en}"),
                };
                let label = if detail.label.zh == detail.label.en {
                    detail.label.zh
                } else {
                    format!("{} {}", detail.label.zh, detail.label.en)
                };
                self.add(&format!("    {label}: {value}"));
            }
        }
    }
}

fn all<'a>(report: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    report.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Findings in an answer, of two lines each: with verdict, licence and two lines more there are fifteen.
const SHOWN: usize = 3;
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
        let plain = report(&value, false);
        assert!(!plain.chars().any(|one| one.is_control() && one != '\n'), "{plain:?}");
        assert!(!plain.contains('\u{202e}') && plain.contains("new_field.1.inner"));
        assert!(!plain.lines().any(|line| line.starts_with('✓')), "{plain}");
        let painted = report(&value, true);
        assert_eq!(painted.matches('\u{1b}').count(), 4, "{painted:?}");
    }

    #[test]
    fn what_a_finding_misses_is_told_with_the_option_that_gives_it() {
        let value = json!({ "findings": [{ "code": "status_unknown", "severity": "fatal" }] });
        for text in [report(&value, false), answer(&value, false)] {
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
        let few = answer(&value(&findings), false);
        assert_eq!(few.matches("no_revocation_data").count(), 3, "{few}");
        assert!(few.contains("(×9)") && few.contains("--crl"), "{few}");
        for hidden in ["good_to_know", "the detail", "Seal1"] {
            assert!(!few.contains(hidden), "{few}");
        }
        findings.extend((0..20).map(|one| finding(&format!("fault_{one}"), "fatal")));
        let many = answer(&value(&findings), false);
        assert!(many.lines().count() <= 13 && many.ends_with("还有 18 项 / 18 more"), "{many}");
    }
}
