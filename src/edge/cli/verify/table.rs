//! Reports as lines of a table for spreadsheets (RFC 4180).
//!
//! Spreadsheets take a cell that begins with `=`, `+`, `-`, `@` and their wide forms for a formula,
//! whoever wrote it: such a cell gets an apostrophe in front, which they do not show. The byte
//! order mark is there because without it they read UTF-8 as GBK on Chinese Windows.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde_json::Value;

use super::super::Failure;
use crate::base::text::visible;

/// The mark and the names of the columns.
pub(super) fn head() -> Result<Vec<u8>, Failure> {
    let mut bytes = "\u{FEFF}".as_bytes().to_vec();
    bytes.extend(write(COLUMNS.iter().map(|(name, _)| (*name).to_owned()))?);
    Ok(bytes)
}

/// One report.
pub(super) fn line(report: &Value) -> Result<Vec<u8>, Failure> {
    write(COLUMNS.iter().map(|(_, pointer)| cell(report.pointer(pointer))))
}

fn write(cells: impl Iterator<Item = String>) -> Result<Vec<u8>, Failure> {
    // Everything is quoted, so that a separator inside of a cell separates nothing.
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(cells.collect::<Vec<_>>())?;
    writer.into_inner().map_err(|error| Failure { message: error.to_string(), code: 1 })
}

/// A value that no spreadsheet executes: on one line, nothing in it that cannot be seen.
fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => visible(text).into_owned(),
        Some(other) => other.to_string(),
    };
    if text.trim_start().starts_with(FORMULA) { format!("'{text}") } else { text }
}

const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

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
                csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), 1, "{line}");
            assert_eq!(records[0].len(), COLUMNS.len());
            for cell in &records[0] {
                assert!(!cell.trim_start().starts_with(FORMULA), "{line}");
                assert!(!cell.chars().any(char::is_control), "{line}");
            }
        }
    }
}
