//! The place of a fault in a TOML file, for its author.

use crate::base::localized::Localized;

/// The line, and the name of its entry in an array of tables: a line number alone is not helpful in
/// a file of thirty similar entries.
pub(super) fn place(text: &str, error: &toml::de::Error) -> Localized {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
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
        _ => line_of(line),
    }
}

/// The line alone.
pub(super) fn line_of(line: usize) -> Localized {
    Localized::new(format!("第 {line} 行"), format!("line {line}"))
}

/// Whether no table outside of the entry began since.
fn is_inside(upto: &[&str], at: usize) -> bool {
    let array = upto.get(at).map_or("", |header| header.trim_matches(['[', ']']));
    let part = |line: &&str| line.strip_prefix('[').is_some_and(|rest| rest.starts_with(array));
    upto.iter().skip(at + 1).filter(|line| line.starts_with('[')).all(part)
}

/// The identifying key of an entry.
const NAMES: [&str; 2] = ["name =", "slug ="];
