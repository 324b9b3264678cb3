//! Place and reason of a fault in a TOML file, for its author.

use crate::base::foreign_words;
use crate::base::localized::Localized;

/// The line, and the name of its entry in an array of tables: a line number alone is not helpful in
/// a file of thirty similar entries.
pub fn place(text: &str, error: &toml::de::Error) -> Localized {
    place_at(text, error.span().map_or(0, |span| span.start))
}

/// The same of the byte at `offset`.
pub(super) fn place_at(text: &str, offset: usize) -> Localized {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let (upto, after) = lines.split_at(line.min(lines.len()));
    match upto.iter().rposition(|line| line.starts_with("[[")) {
        Some(at) if is_inside(upto, at) => {
            let header = upto.get(at).copied().unwrap_or_default();
            let number = upto.iter().filter(|line| **line == header).count();
            let own =
                upto.iter().skip(at + 1).chain(after).take_while(|line| !line.starts_with('['));
            let named = own.copied().find(|line| NAMES.iter().any(|name| line.starts_with(name)));
            let (zh, en) =
                named.map(|line| (format!("（{line}）"), format!(" ({line})"))).unwrap_or_default();
            Localized::new(
                format!("第 {line} 行，第 {number} 个 {header}{zh}"),
                format!("line {line}, {header} entry {number}{en}"),
            )
        }
        _ => Localized::new(format!("第 {line} 行"), format!("line {line}")),
    }
}

/// Where the key stands in the table that begins at `start`, or its header; `start` when it has none.
pub(super) fn key_at(text: &str, start: usize, key: &str) -> usize {
    let mut offset = start;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let trimmed = line.trim_start();
        let header = trimmed.strip_prefix('[').and_then(|rest| rest.strip_prefix(key));
        let is_header = header.is_some_and(|rest| rest.starts_with(']'));
        let rest = trimmed.strip_prefix(key).map(str::trim_start);
        if is_header || rest.is_some_and(|rest| rest.starts_with('=')) {
            return offset;
        }
        // Another entry of an array; the first line of the table may be its own header.
        if trimmed.starts_with("[[") && offset > start {
            break;
        }
        offset += line.len();
    }
    start
}

/// What the parser found, in words of the file and not of the program.
pub fn reason(text: &str, error: &toml::de::Error) -> Localized {
    foreign_words::of_value(key_of(text, error), error.message())
}

/// The key before the value at fault.
fn key_of<'a>(text: &'a str, error: &toml::de::Error) -> Option<&'a str> {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let key = line.strip_suffix('=').map(str::trim_end).unwrap_or_default();
    let key = key.rsplit([' ', '{', ',', '\t']).next().unwrap_or_default();
    Some(key).filter(|key| !key.is_empty())
}

/// Whether no table outside of the entry began since.
fn is_inside(upto: &[&str], at: usize) -> bool {
    let array = upto.get(at).map_or("", |header| header.trim_matches(['[', ']']));
    let part = |line: &&str| line.strip_prefix('[').is_some_and(|rest| rest.starts_with(array));
    upto.iter().skip(at + 1).filter(|line| line.starts_with('[')).all(part)
}

/// The identifying key of an entry.
const NAMES: [&str; 2] = ["name =", "slug ="];
