//! What all files together come to.

use serde_json::Value;

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
    pub(super) fn line(&self, left_out: usize) -> Option<String> {
        let files: u64 = self.counts.iter().sum();
        if files < 2 && left_out == 0 {
            return None;
        }
        let parts = |word: &dyn Fn(Verdict) -> String| {
            let parts: Vec<_> =
                self.found().map(|(verdict, count)| format!("{} {count}", word(verdict))).collect();
            parts.join(" · ")
        };
        let zh = parts(&|verdict| labels::title(verdict).zh);
        let en = parts(&|verdict| verdict.code().to_owned());
        let skipped = match left_out {
            0 => String::new(),
            count => format!(
                "；略过 {count} 个隐藏文件、链接或设备 / left out {count} hidden names, links or devices"
            ),
        };
        let noun = if files == 1 { "file" } else { "files" };
        Some(format!("共 {files} 个文件：{zh} / {files} {noun}: {en}{skipped}"))
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
        assert_eq!(summary(&["valid"]).line(0), None);
        let line = summary(&["valid", "altered", "valid"]).line(2).unwrap();
        assert!(
            line.starts_with(
                "共 3 个文件：有效 2 · 盖章后被改动 1 / 3 files: valid 2 · altered 1；"
            )
        );
        assert!(line.contains("left out 2"));
    }
}
