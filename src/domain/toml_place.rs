//! Place and reason of a fault in a TOML file, for its author.

use crate::base::localized::Localized;

/// The line, and the name of its entry in an array of tables: a line number alone is not helpful in
/// a file of thirty similar entries.
pub(super) fn place(text: &str, error: &toml::de::Error) -> Localized {
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
            let (zh, en) = named.map_or_else(Default::default, |line| {
                (format!("（{line}）"), format!(" ({line})"))
            });
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
pub(super) fn reason(text: &str, error: &toml::de::Error) -> Localized {
    let message = error.message();
    let ticked = |rest: &str| {
        rest.strip_prefix('`')?
            .split_once('`')
            .map(|(a, b)| (a.to_owned(), b.trim_start_matches([',', ' ']).to_owned()))
    };
    if let Some((key, known)) = message.strip_prefix("unknown field ").and_then(ticked) {
        let known = choices(&known);
        return Localized::new(
            format!("没有 `{key}` 这个键；可以写的有 {}", known.join("、")),
            format!("there is no key `{key}` here; those that there are: {}", known.join(", ")),
        );
    }
    if let Some((value, known)) = message.strip_prefix("unknown variant ").and_then(ticked) {
        let (known, key) = (choices(&known), key_of(text, error));
        return Localized::new(
            format!("{key}不能写 \"{value}\"，可以写的有 {}", known.join("、")),
            format!("{key}must be one of {}, and is \"{value}\"", known.join(", ")),
        );
    }
    if let Some((key, _)) = message.strip_prefix("missing field ").and_then(ticked) {
        return Localized::new(format!("缺少键 `{key}`"), format!("the key `{key}` is missing"));
    }
    if message == "duplicate key" {
        return Localized::new("这个键或表已经写过一次", "this key or table stands twice");
    }
    let found = message.strip_prefix("invalid type: ");
    let found = found.or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, wanted)) = found.and_then(|rest| rest.split_once(", expected ")) {
        let (key, wanted) = (key_of(text, error), kind(wanted));
        return Localized::new(
            format!("{key}须为 {}，写的却是 {}", wanted.zh, value(found)),
            format!("{key}must be {}, and is {}", wanted.en, value(found)),
        );
    }
    if message.starts_with("wanted ") {
        let (key, wanted) = (key_of(text, error), kind("a string"));
        return Localized::new(
            format!("{key}须为 {}", wanted.zh),
            format!("{key}must be {}", wanted.en),
        );
    }
    Localized::new(format!("不是正确的 TOML：{message}"), format!("this is not TOML: {message}"))
}

/// The values or keys that a message lists, each between ticks.
fn choices(list: &str) -> Vec<&str> {
    list.split('`').skip(1).step_by(2).collect()
}

/// The key before the value at fault, as the beginning of a sentence.
fn key_of(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let key = line.strip_suffix('=').map(str::trim_end).unwrap_or_default();
    let key = key.rsplit([' ', '{', ',', '\t']).next().unwrap_or_default();
    if key.is_empty() { String::new() } else { format!("`{key}` ") }
}

/// What a value must be.
fn kind(wanted: &str) -> Localized {
    let (zh, en) = match wanted {
        "u8" => ("0 至 255 的整数", "a whole number from 0 to 255"),
        "u16" => ("0 至 65535 的整数", "a whole number from 0 to 65535"),
        "u32" | "u64" | "usize" => ("不小于 0 的整数", "a whole number, 0 or more"),
        "i8" | "i16" | "i32" | "i64" => ("整数", "a whole number"),
        "a string" => ("引号中的文字", "text in quotation marks"),
        "a boolean" => ("true 或 false", "true or false"),
        "a sequence" => ("方括号中的列表 [ … ]", "a list in brackets [ … ]"),
        "a map" => ("表", "a table"),
        "{ years = N } or { given = true }" => ("{ years = N } 或 { given = true }", wanted),
        "a table [layout]" => ("表 [layout]", wanted),
        "a table [[fields]]" => ("表 [[fields]]", wanted),
        other => (other, other),
    };
    Localized::new(zh, en)
}

/// A value as it stands in the file.
fn value(found: &str) -> &str {
    let kinds = ["string ", "integer ", "floating point ", "boolean "];
    let plain = kinds.iter().find_map(|kind| found.strip_prefix(kind)).unwrap_or(found);
    match plain {
        "map" => "{ … }",
        "sequence" => "[ … ]",
        plain => plain.trim_matches('`'),
    }
}

/// Whether no table outside of the entry began since.
fn is_inside(upto: &[&str], at: usize) -> bool {
    let array = upto.get(at).map_or("", |header| header.trim_matches(['[', ']']));
    let part = |line: &&str| line.strip_prefix('[').is_some_and(|rest| rest.starts_with(array));
    upto.iter().skip(at + 1).filter(|line| line.starts_with('[')).all(part)
}

/// The identifying key of an entry.
const NAMES: [&str; 2] = ["name =", "slug ="];
