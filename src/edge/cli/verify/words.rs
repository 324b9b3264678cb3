//! Why something could not be looked at, in words for people.

use std::io;

use crate::base::localized::Localized;
use crate::domain::verify::foreign;
use crate::format::zip::{EntryFault, ZipError};

/// Words for the headline, and what a colleague wants to know.
#[derive(Debug)]
pub(super) struct Reason {
    pub(super) words: Localized,
    pub(super) detail: String,
}

fn because(zh: &str, en: &str, detail: impl ToString) -> Reason {
    Reason { words: Localized::new(zh, en), detail: detail.to_string() }
}

pub(super) fn missing(error: &io::Error) -> Reason {
    because("没有这个文件", "there is no such file", error)
}

pub(super) fn vanished(error: &io::Error) -> Reason {
    because("文件在读取之前消失了", "the file vanished before it was read", error)
}

pub(super) fn closed(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            because("没有读取权限", "you may not read it (permission denied)", error)
        }
        _ => because("打不开", "it cannot be opened", error),
    }
}

pub(super) fn no_file() -> Reason {
    because(
        "它不是普通文件（目录、管道、设备或链接）",
        "it is no regular file, but a directory, pipe, device or link",
        "",
    )
}

pub(super) fn no_writer() -> Reason {
    because("没有程序向这个管道写入", "nobody writes into this pipe", "")
}

pub(super) fn too_large(limit: usize) -> Reason {
    let megabytes = limit >> 20;
    because(
        &format!("文件超过 {megabytes} MB"),
        &format!("the file is larger than {megabytes} MB"),
        format!("more than {limit} bytes"),
    )
}

pub(super) fn gone() -> Reason {
    because("压缩包里没有这个文件", "the archive has no such entry", "")
}

pub(super) fn stdin_twice() -> Reason {
    because("标准输入只能读一次", "the standard input can be read only once", "")
}

pub(super) fn empty_folder() -> Reason {
    because("目录里没有可核验的文件", "there is no file to verify in the directory", "")
}

pub(super) fn empty_archive() -> Reason {
    because("压缩包是空的", "the archive is empty", "")
}

pub(super) fn package() -> Reason {
    Reason { words: foreign::package(), detail: String::new() }
}

pub(super) fn too_deep(levels: usize) -> Reason {
    because(
        "目录层数过多",
        "the directories are nested too deeply",
        format!("more than {levels} levels"),
    )
}

pub(super) fn too_many(names: usize) -> Reason {
    because(
        "目录里的文件过多，请分成几个目录",
        "the directory has too many files; make several of it",
        format!("more than {names} names"),
    )
}

pub(super) fn broken_off() -> Reason {
    because(
        "程序内部出错，该文件未能核验，请报告此问题",
        "a fault of this program: the file was not verified; please report it",
        "the verification of this file ended in a panic",
    )
}

pub(super) fn archive(error: &ZipError) -> Reason {
    match error {
        ZipError::Structure { .. } => because(
            "压缩包已损坏，或不同软件会解出不同内容；请解压后核验",
            "the archive is damaged, or programs would unpack different things; unpack it and verify the files",
            error,
        ),
        ZipError::Budget(_) => because(
            "压缩包过大，请解压后核验",
            "the archive is too large; unpack it and verify the files",
            error,
        ),
        ZipError::Source(source) => closed(source),
    }
}

pub(super) fn entry(fault: EntryFault) -> Reason {
    let (zh, en) = match fault {
        EntryFault::Encrypted => ("压缩包里的文件有密码", "the entry has a password"),
        EntryFault::Method(_) => (
            "压缩包里的文件用了不支持的压缩方法，请解压后核验",
            "the entry is compressed in a way that is not read; unpack it and verify the file",
        ),
        EntryFault::Name => (
            "压缩包里的文件名不安全",
            "the entry's name would leave the folder it is unpacked into",
        ),
        EntryFault::NoFile => {
            ("压缩包里的这一项是链接或设备", "the entry is a link or a device, not a file")
        }
        EntryFault::Repeated => (
            "压缩包里有几个同名文件，不同软件会解出不同的一个",
            "several entries have this name; programs unpack one or the other",
        ),
        EntryFault::Renamed => (
            "压缩包里的这一项另带一个不同的文件名，不同软件会用不同的名字解出",
            "the entry has a second, different name; programs unpack it under one or the other",
        ),
        EntryFault::TooLarge(_) => ("压缩包里的文件过大", "the entry is too large"),
        EntryFault::Nested => (
            "压缩包里还有压缩包，请先解压",
            "an archive inside of an archive is not opened; unpack it first",
        ),
        EntryFault::Damaged(_) => ("压缩包里的文件已损坏", "the entry is damaged"),
    };
    because(zh, en, fault)
}
