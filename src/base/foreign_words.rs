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
    let Localized { zh, en } = what_is_wrong(what);
    match place.and_then(|place| place.split_once(" column ")) {
        None => Localized::new(zh, en),
        Some((line, column)) => Localized::new(
            format!("第 {line} 行第 {column} 列：{zh}"),
            format!("line {line}, column {column}: {en}"),
        ),
    }
}

fn what_is_wrong(what: &str) -> Localized {
    let quoted = what.split(['`', '"']).nth(1).unwrap_or_default();
    let others: Vec<_> = what.split('`').skip(3).step_by(2).collect();
    if what.starts_with("unknown field") {
        let known = others.join("、");
        let zh = format!("没有名为 {quoted} 的键");
        let zh = if known.is_empty() { zh } else { format!("{zh}，可用的键：{known}") };
        return Localized::new(zh, what);
    }
    if what.starts_with("unknown variant") {
        return Localized::new(format!("没有取值 {quoted}，可用：{}", others.join("、")), what);
    }
    for (start, zh, en) in BEGINNINGS {
        if what.starts_with(start) {
            let en = if en.is_empty() { what } else { en };
            return Localized::new(zh.replace("{}", quoted), en);
        }
    }
    if let Some((_, wanted)) =
        what.rsplit_once("expected ").filter(|_| what.starts_with("invalid "))
    {
        let known = WANTED.iter().find(|(en, _)| wanted.starts_with(en));
        let zh = known
            .map_or_else(|| "值的类型不对".to_owned(), |(_, zh)| format!("值的类型不对，应为{zh}"));
        return Localized::new(zh, what);
    }
    Localized::new("写法不正确", what)
}

/// What parsers begin with; `{}` is what they quote. Without English their own is clear.
const BEGINNINGS: [(&str, &str, &str); 17] = [
    ("missing field", "缺少 {}", ""),
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

const WANTED: [(&str, &str); 10] = [
    ("a string", "文字（写在引号中）"),
    ("a boolean", "true 或 false"),
    ("a sequence", "列表 […]"),
    ("a map", "表"),
    ("a table", "表"),
    ("{", "表 {…}"),
    ("struct", "表"),
    ("u", "不小于零的整数"),
    ("i", "整数"),
    ("a borrowed string", "文字（写在引号中）"),
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
                "没有名为 a 的键，可用的键：b、c",
                "unknown field `a`, expected `b` or `c`",
            ),
            ("missing field `name`", "缺少 name", "missing field `name`"),
            (
                "invalid type: integer `7`, expected a string",
                "值的类型不对，应为文字（写在引号中）",
                "invalid type: integer `7`, expected a string",
            ),
        ] {
            let told = of_parser(said);
            assert_eq!((told.zh.as_str(), told.en.as_str()), (zh, en));
        }
    }
}
