//! What the system and parsers say of a fault, in words for people: their own texts are English alone
//! and speak to programmers.

use std::io;

use super::localized::Localized;

/// Why the system refused, without the number of its error.
pub fn of_system(error: &io::Error) -> Localized {
    let known = KINDS.iter().find(|(kind, ..)| *kind == error.kind());
    if let Some((_, zh, en)) = known {
        return Localized::new(*zh, *en);
    }
    let text = error.to_string();
    let en = text.split(" (os error ").next().unwrap_or_default();
    match error.raw_os_error() {
        Some(number) => Localized::new(format!("系统错误 {number}"), en),
        None => Localized::new("读写出错", en),
    }
}

/// Why a parser of JSON or TOML refused; the place stands in front where the text has one.
pub fn of_parser(text: &str) -> Localized {
    let text = text.lines().map(str::trim).collect::<Vec<_>>().join("; ");
    let (what, place) = match text.rsplit_once(" at line ") {
        Some((what, place)) if place.split_once(" column ").is_some() => (what, Some(place)),
        _ => (text.as_str(), None),
    };
    let Localized { zh, en } = of_value(None, what);
    match place.and_then(|place| place.split_once(" column ")) {
        None => Localized::new(zh, en),
        Some((line, column)) => Localized::new(
            format!("第 {line} 行第 {column} 列：{zh}"),
            format!("line {line}, column {column}: {en}"),
        ),
    }
}

/// Why a parser refused a value, with the key that the value stands behind.
pub fn of_value(key: Option<&str>, what: &str) -> Localized {
    if let Some((key, known)) = what.strip_prefix("unknown field ").and_then(quoted) {
        let known = choices(known);
        let (zh, en) = match known.as_slice() {
            [] => Default::default(),
            known => (
                format!("；可以写的有 {}", known.join("、")),
                format!("; those that there are: {}", known.join(", ")),
            ),
        };
        return Localized::new(
            format!("没有 `{key}` 这个键{zh}"),
            format!("there is no key `{key}` here{en}"),
        );
    }
    let (of_zh, of_en) = match key {
        Some(key) => (format!("`{key}` "), format!("`{key}`")),
        None => ("此处".to_owned(), "this".to_owned()),
    };
    if let Some((value, known)) = what.strip_prefix("unknown variant ").and_then(quoted) {
        let known = choices(known);
        return Localized::new(
            format!("{of_zh}不能写 \"{value}\"，可以写的有 {}", known.join("、")),
            format!("{of_en} must be one of {}, and is \"{value}\"", known.join(", ")),
        );
    }
    if let Some((key, _)) = what.strip_prefix("missing field ").and_then(quoted) {
        return Localized::new(format!("缺少键 `{key}`"), format!("the key `{key}` is missing"));
    }
    let found =
        what.strip_prefix("invalid type: ").or_else(|| what.strip_prefix("invalid value: "));
    if let Some((found, wanted)) = found.and_then(|rest| rest.split_once(", expected ")) {
        let (found, Localized { zh, en }) = (value(found), kind(wanted));
        return Localized::new(
            format!("{of_zh}须为{zh}，写的却是 {found}"),
            format!("{of_en} must be {en}, and is {found}"),
        );
    }
    if what.starts_with("wanted ") {
        let Localized { zh, en } = kind("a string");
        return Localized::new(format!("{of_zh}须为{zh}"), format!("{of_en} must be {en}"));
    }
    let first = what.split(['`', '"']).nth(1).unwrap_or_default();
    match BEGINNINGS.iter().find(|(start, ..)| what.starts_with(start)) {
        Some((_, zh, "")) => Localized::new(zh.replace("{}", first), what),
        Some((_, zh, en)) => Localized::new(zh.replace("{}", first), *en),
        None => Localized::new("写法不正确", what),
    }
}

/// What stands between ticks at the beginning, and the rest.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('`')?.split_once('`')
}

/// The values or keys that a message lists, each between ticks.
fn choices(list: &str) -> Vec<&str> {
    list.split('`').skip(1).step_by(2).collect()
}

/// What a value must be.
fn kind(wanted: &str) -> Localized {
    if let Some((_, zh, en)) = WANTED.iter().find(|(one, ..)| *one == wanted) {
        return Localized::new(*zh, *en);
    }
    // Our own types say what they expect in words of the file.
    match wanted.strip_prefix("a table") {
        Some(name) => Localized::new(format!("表{name}"), wanted),
        None if wanted.starts_with('{') => {
            Localized::new(format!(" {}", wanted.replace(" or ", " 或 ")), wanted)
        }
        None => Localized::new("另一种值", wanted),
    }
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

/// What parsers begin with; `{}` is what they quote. Without English their own is clear.
const BEGINNINGS: [(&str, &str, &str); 17] = [
    ("duplicate key", "这个键或表已经写过一次", "this key or table stands twice"),
    ("duplicate", "{} 写了两次", ""),
    ("the key ", "键 {} 写了两次，或不能使用", ""),
    ("nested too deeply", "嵌套层数过多", ""),
    ("too many values", "值过多", ""),
    ("EOF", "内容在此中断，后面缺少一部分", "it ends here, and something is missing"),
    ("trailing characters", "内容已结束，后面还有多余的字符", "there is more behind its end"),
    ("trailing comma", "多了一个逗号", "there is a comma too many"),
    ("expected value", "此处须为 JSON 的值", "here must be a value of JSON"),
    ("expected ident", "此处须为 JSON 的值", "here must be a value of JSON"),
    ("expected `", "此处须为 {}", ""),
    ("key must be a string", "键须写在双引号中", "a key stands in quotation marks"),
    ("control character", "文字中有未转义的控制字符", ""),
    ("invalid escape", "转义写法不正确", ""),
    ("invalid number", "数字写法不正确", ""),
    ("string values must be quoted", "文字须写在引号中", ""),
    ("not a JSON object", "不是 JSON 对象", ""),
];

/// What a value must be, for programmers and for people.
const WANTED: [(&str, &str, &str); 14] = [
    ("u8", " 0 至 255 的整数", "a whole number from 0 to 255"),
    ("u16", " 0 至 65535 的整数", "a whole number from 0 to 65535"),
    ("u32", "不小于 0 的整数", "a whole number, 0 or more"),
    ("u64", "不小于 0 的整数", "a whole number, 0 or more"),
    ("usize", "不小于 0 的整数", "a whole number, 0 or more"),
    ("i8", "整数", "a whole number"),
    ("i16", "整数", "a whole number"),
    ("i32", "整数", "a whole number"),
    ("i64", "整数", "a whole number"),
    ("a string", "引号中的文字", "text in quotation marks"),
    ("a borrowed string", "引号中的文字", "text in quotation marks"),
    ("a boolean", " true 或 false", "true or false"),
    ("a sequence", "方括号中的列表 [ … ]", "a list in brackets [ … ]"),
    ("a map", "表", "a table"),
];

const KINDS: [(io::ErrorKind, &str, &str); 22] = [
    (io::ErrorKind::NotFound, "没有这个文件或目录", "there is no such file or directory"),
    (io::ErrorKind::PermissionDenied, "没有权限", "permission denied"),
    (io::ErrorKind::AlreadyExists, "已存在", "it exists already"),
    (io::ErrorKind::StorageFull, "磁盘已满", "the disk is full"),
    (io::ErrorKind::QuotaExceeded, "磁盘配额已用完", "the disk quota is used up"),
    (io::ErrorKind::FileTooLarge, "文件过大", "the file would be too large"),
    (io::ErrorKind::ReadOnlyFilesystem, "文件系统为只读", "the file system is read-only"),
    (io::ErrorKind::NotADirectory, "不是目录", "it is no directory"),
    (io::ErrorKind::IsADirectory, "是目录，不是文件", "it is a directory, not a file"),
    (io::ErrorKind::DirectoryNotEmpty, "目录不是空的", "the directory is not empty"),
    (io::ErrorKind::InvalidFilename, "文件名不能使用", "the name cannot be used"),
    (io::ErrorKind::AddrInUse, "地址已被其他程序占用", "another program uses this address already"),
    (io::ErrorKind::AddrNotAvailable, "本机没有这个地址", "this machine does not have the address"),
    (
        io::ErrorKind::ConnectionRefused,
        "连接被拒绝，该地址没有程序在接收",
        "the connection was refused: nothing listens there",
    ),
    (io::ErrorKind::ConnectionReset, "连接被对方断开", "the connection was broken off"),
    (io::ErrorKind::ConnectionAborted, "连接被断开", "the connection was broken off"),
    (io::ErrorKind::BrokenPipe, "连接被对方断开", "the connection was broken off"),
    (io::ErrorKind::HostUnreachable, "无法到达该主机", "the host cannot be reached"),
    (io::ErrorKind::NetworkUnreachable, "无法到达该网络", "the network cannot be reached"),
    (io::ErrorKind::TimedOut, "超时", "no answer in time"),
    (io::ErrorKind::WouldBlock, "超时", "no answer in time"),
    (io::ErrorKind::UnexpectedEof, "内容不完整", "it ends too early"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_numbers_of_errors_or_terms_of_parsers() {
        let missing = of_system(&io::Error::from_raw_os_error(2));
        assert_eq!(missing.zh, "没有这个文件或目录");
        let other = of_system(&io::Error::from_raw_os_error(16));
        assert!(other.zh == "系统错误 16" && !other.en.contains("os error"), "{other:?}");
        for (said, zh, en) in [
            (
                "expected value at line 1 column 7",
                "第 1 行第 7 列：此处须为 JSON 的值",
                "line 1, column 7: here must be a value of JSON",
            ),
            (
                "unknown field `a`, expected `b` or `c`",
                "没有 `a` 这个键；可以写的有 b、c",
                "there is no key `a` here; those that there are: b, c",
            ),
            ("missing field `name`", "缺少键 `name`", "the key `name` is missing"),
            (
                "invalid type: integer `7`, expected a string",
                "此处须为引号中的文字，写的却是 7",
                "this must be text in quotation marks, and is 7",
            ),
        ] {
            let told = of_parser(said);
            assert_eq!((told.zh.as_str(), told.en.as_str()), (zh, en));
        }
    }
}
