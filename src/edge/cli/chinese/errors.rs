//! What lower layers say, in Chinese, where the operator can do something about it. Their own texts
//! are English: they stand in logs too.

use std::error::Error;
use std::io;

use crate::domain::licence::kind::BadType;
use crate::edge::config::ConfigError;
use crate::edge::files::FileError;
use crate::edge::keys::KeyError;
use crate::store::StoreError;

/// The Chinese of an error, or of the first of its causes that has one.
pub(in crate::edge::cli) fn in_chinese(error: &(dyn Error + 'static)) -> Option<String> {
    match error.downcast_ref() {
        Some(ConfigError::File(error)) => return file(error),
        Some(ConfigError::Key(error)) => return key(error),
        Some(ConfigError::Store(error)) => return store(error),
        Some(ConfigError::Type(BadType { file, place, reason })) => {
            return Some(format!("{file}：{}：{}", place.zh, reason.zh));
        }
        Some(ConfigError::NoOffice(path)) => {
            let path = path.display();
            return Some(format!(
                "{path}：这里没有机构；用 `yinzheng init` 或 `yinzheng demo` 建立"
            ));
        }
        Some(ConfigError::NotEmpty { path, entries }) => {
            let (path, entries) = (path.display(), entries.replace(", ", "、"));
            return Some(format!("{path}：目录不是空的（有 {entries}），请写一个尚不存在的目录"));
        }
        Some(ConfigError::OfficeHere(path)) => {
            return Some(format!("{}：这里已有机构", path.display()));
        }
        _ => {}
    }
    let known = [
        error.downcast_ref().and_then(file),
        error.downcast_ref().and_then(key),
        error.downcast_ref().and_then(store),
    ];
    known.into_iter().flatten().next().or_else(|| in_chinese(error.source()?))
}

fn file(error: &FileError) -> Option<String> {
    Some(match error {
        FileError::Io { path, source } => match source.kind() {
            io::ErrorKind::NotFound => format!("{}：没有这个文件或目录", path.display()),
            io::ErrorKind::PermissionDenied => format!("{}：没有权限", path.display()),
            io::ErrorKind::AlreadyExists => format!("{}：已存在", path.display()),
            io::ErrorKind::StorageFull => format!("{}：磁盘已满", path.display()),
            _ => return None,
        },
        FileError::NotAFile { path } => format!("{}：不是普通文件", path.display()),
        FileError::TooOpen { path, mode } => {
            let path = path.display();
            format!("{path}：其他用户可以读取这份机密（权限 {mode:03o}）；请执行 chmod 600 {path}")
        }
        FileError::NotText { path, line } => {
            let path = path.display();
            format!("{path}：第 {line} 行不是 UTF-8（可能是 GBK），请把文件另存为 UTF-8")
        }
        FileError::TooLarge { path, limit } => format!("{}：超过 {limit} 字节", path.display()),
        FileError::NoWriter { path } => format!("{}：没有程序写入这个管道", path.display()),
    })
}

fn key(error: &KeyError) -> Option<String> {
    Some(match error {
        KeyError::File(error) => return file(error),
        KeyError::NoPassphrase(path) => format!(
            "{}：密钥已加密；请用文件（YINZHENG_PASSPHRASE_FILE 或 --passphrase-file）或 YINZHENG_PASSPHRASE \
             给出密码",
            path.display()
        ),
        KeyError::WrongPassphrase(path) => format!("{}：密码打不开这把密钥", path.display()),
        KeyError::NotAKey(path) => format!(
            "{}：不是此处所需的加密 PKCS#8 密钥（P-256；日志和 webhook 用 Ed25519）",
            path.display()
        ),
        KeyError::ExampleKey(path) => {
            format!("{}：这是公开的示例密钥；请用 `yinzheng init` 生成自己的密钥", path.display())
        }
    })
}

fn store(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::Io(error) => format!(
            "磁盘出错（{error}）；重新启动机构之前不再接受任何操作。请腾出空间或修复磁盘，然后启动，先查看这次\
             操作是否已存下再决定是否重做：只有重新启动才能知道"
        ),
        StoreError::Closed => {
            "先前写入失败，不再接受任何操作；请腾出空间或修复磁盘，然后重新启动机构".to_owned()
        }
        StoreError::Damaged { place, what } => {
            format!("事件日志在 {place} 处损坏（{what}）；请用 `yinzheng restore` 恢复备份")
        }
        StoreError::Newer(version) => {
            format!("这个机构由更新的 yinzheng 版本（{version}）写成，请使用该版本")
        }
        StoreError::Locked => {
            "另一个 yinzheng 进程正在使用这个机构；请停止它，或在它服务时使用它能接受的命令"
                .to_owned()
        }
        StoreError::OtherJournal => {
            "索引属于另一份事件日志：两者之一被换过。请放回相配的一份，或执行 \
             `yinzheng reindex`"
                .to_owned()
        }
        StoreError::RolledBack(place) => format!(
            "事件日志与 {place} 处的第二标记所见不符：放回的是旧副本。请恢复最新的一份，或用 `yinzheng recover \
             --accept-rollback` 确认"
        ),
        _ => return None,
    })
}
