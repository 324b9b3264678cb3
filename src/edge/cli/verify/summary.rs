//! What all files together come to.

use serde_json::Value;

use crate::base::localized::Language;
use crate::domain::verify::report::Verdict;
use crate::domain::verify::report::labels;

/// How many files had each verdict.
#[derive(Debug, Default)]
pub(super) struct Summary {
    counts: [u64; Verdict::ALL.len()],
}

impl Summary {
    /// Adds one report. A verdict that is not known here counts as the one that says least.
    pub(super) fn count(&mut self, report: &Value) {
        let code = report.get("verdict").and_then(Value::as_str).unwrap_or_default();
        let place = Verdict::ALL.iter().position(|verdict| verdict.code() == code);
        let count = self.counts.get_mut(place.unwrap_or(Verdict::ALL.len() - 1));
        if let Some(count) = count {
            *count += 1;
        }
    }

    /// The exit code of the worst.
    pub(super) fn exit_code(&self) -> u8 {
        let had = |code: &u8| self.found().any(|(verdict, _)| verdict.exit_code() == *code);
        WORST_FIRST.into_iter().find(had).unwrap_or(0)
    }

    /// One line, when there was more than one file or something was passed over.
    pub(super) fn line(&self, left_out: usize, language: Language) -> Option<String> {
        let files: u64 = self.counts.iter().sum();
        if files < 2 && left_out == 0 {
            return None;
        }
        let parts = |word: &dyn Fn(Verdict) -> String| {
            let parts: Vec<_> =
                self.found().map(|(verdict, count)| format!("{} {count}", word(verdict))).collect();
            parts.join(" · ")
        };
        let (zh, en) = match left_out {
            0 => Default::default(),
            count => (
                format!("；略过 {count} 个隐藏文件、链接或设备"),
                format!("; left out {count} hidden names, links or devices"),
            ),
        };
        Some(match language {
            Language::Zh => {
                let parts = parts(&|verdict| labels::title(verdict).zh);
                format!("共 {files} 个文件：{parts}{zh}")
            }
            Language::En => {
                let noun = if files == 1 { "file" } else { "files" };
                format!("{files} {noun}: {}{en}", parts(&|verdict| verdict.code().to_owned()))
            }
        })
    }

    fn found(&self) -> impl Iterator<Item = (Verdict, u64)> {
        Verdict::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

/// Forged before unreadable, unreadable before unsigned, unsigned before unsure, unsure before
/// withdrawn.
const WORST_FIRST: [u8; 5] = [1, 66, 4, 2, 3];

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(verdicts: &[&str]) -> Summary {
        let mut summary = Summary::default();
        for verdict in verdicts {
            summary.count(&serde_json::json!({ "verdict": verdict }));
        }
        summary
    }

    #[test]
    fn the_worst_decides() {
        for (verdicts, code) in [
            (&["valid", "valid"][..], 0),
            (&["valid", "revoked"], 3),
            (&["revoked", "status_unknown"], 2),
            (&["unknown_issuer", "not_signed"], 4),
            (&["not_signed", "unreadable"], 66),
            (&["unreadable", "altered", "valid"], 1),
            (&["something new"], 66),
            (&[], 0),
        ] {
            assert_eq!(summary(verdicts).exit_code(), code, "{verdicts:?}");
        }
    }

    #[test]
    fn one_line_says_how_many() {
        assert_eq!(summary(&["valid"]).line(0, Language::En), None);
        let line = |language| summary(&["valid", "altered", "valid"]).line(2, language).unwrap();
        assert!(line(Language::Zh).starts_with("共 3 个文件：有效 2 · 盖章后被改动 1；略过 2 个"));
        assert!(line(Language::En).starts_with("3 files: valid 2 · altered 1; left out 2 "));
    }
}
