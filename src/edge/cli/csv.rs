//! Lines of tables for spreadsheets (RFC 4180).
//!
//! Spreadsheets take a cell that begins with `=`, `+`, `-`, `@` and their wide forms for a formula,
//! whoever wrote it: such a cell gets an apostrophe in front, which they do not show. The byte
//! order mark is there because without it they read UTF-8 as GBK on Chinese Windows.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde_json::Value;

use super::failure::Failure;
use crate::base::text::visible;

/// The mark and the names of the columns.
pub(super) fn head<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Failure> {
    let mut bytes = "\u{FEFF}".as_bytes().to_vec();
    bytes.extend(line(names.map(str::to_owned))?);
    Ok(bytes)
}

/// One line of cells that are safe already.
pub(super) fn line(cells: impl Iterator<Item = String>) -> Result<Vec<u8>, Failure> {
    // Everything is quoted, so that a separator inside of a cell separates nothing.
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    let failed = || Failure::new("表格无法写成", "the table cannot be written");
    writer.write_record(cells.collect::<Vec<_>>()).map_err(|_| failed())?;
    writer.into_inner().map_err(|_| failed())
}

/// A value that no spreadsheet executes: on one line, nothing in it that cannot be seen.
pub(super) fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => visible(text).into_owned(),
        Some(other) => other.to_string(),
    };
    if text.trim_start().starts_with(FORMULA) { format!("'{text}") } else { text }
}

pub(super) const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
