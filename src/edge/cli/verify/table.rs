//! Reports as lines of a table for spreadsheets.

use serde_json::Value;

use super::super::csv;
use super::super::failure::Failure;

/// The mark and the names of the columns.
pub(super) fn head() -> Result<Vec<u8>, Failure> {
    csv::head(COLUMNS.iter().map(|(name, _)| *name))
}

/// One report.
pub(super) fn line(report: &Value) -> Result<Vec<u8>, Failure> {
    csv::line(COLUMNS.iter().map(|(_, pointer)| csv::cell(report.pointer(pointer))))
}

/// Each column, and where its value stands in a report.
const COLUMNS: [(&str, &str); 14] = [
    ("file", "/file"),
    ("verdict", "/verdict"),
    ("authentic", "/authentic"),
    ("in_force", "/in_force"),
    ("headline_zh", "/headline/zh"),
    ("headline_en", "/headline/en"),
    ("licence_id", "/licence/id"),
    ("number", "/licence/number"),
    ("type", "/licence/type"),
    ("issuer", "/licence/issuer"),
    ("signer", "/signatures/0/signer"),
    ("as_of", "/as_of"),
    // Findings are ranked: the first is the worst.
    ("finding", "/findings/0/code"),
    ("finding_detail", "/findings/0/detail"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_more_than_one_line() {
        let names = [
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            " =1",
            "＝1",
            "a\n=1",
            "\u{202e}=1",
            "a\",\"=1",
            "证照.pdf",
        ];
        for name in names {
            let report = serde_json::json!({ "file": name });
            let line = String::from_utf8(line(&report).unwrap()).unwrap();
            let mut reader =
                ::csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), 1, "{line}");
            assert_eq!(records[0].len(), COLUMNS.len());
            for cell in &records[0] {
                assert!(!cell.trim_start().starts_with(csv::FORMULA), "{line}");
                assert!(!cell.chars().any(char::is_control), "{line}");
            }
        }
    }
}
