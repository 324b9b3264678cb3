//! What lower layers say, in Chinese. Their own texts are English: they stand in logs too.
//!
//! `?` makes a refusal of nothing but what has its Chinese here. No match has an arm for the rest, so
//! that an error that is added asks for its Chinese.

mod formats;
mod logs;
mod office;
mod service;

use std::io;

use crate::base::foreign_words;
use crate::base::localized::{Bilingual, Localized};
use crate::domain::licence::kind::BadType;
use crate::domain::office::BadProfile;
use crate::edge::api_client::CallError;
use crate::edge::backup::BackupError;
use crate::edge::config::ConfigError;
use crate::edge::fetch::{BadHost, FetchError};
use crate::edge::files::FileError;
use crate::edge::http::{BadTlsFiles, ServeError};
use crate::edge::keys::KeyError;
use crate::edge::local::Unanswered;
use crate::edge::outbound::{BadTls, OutboundError};
use crate::edge::webhooks::AttemptError;
use crate::store::StoreError;

/// Errors of one text, or of one that is made here.
macro_rules! in_chinese {
    ($($error:ty: |$one:pat_param| $text:expr),* $(,)?) => {
        $(impl Bilingual for $error {
            fn chinese(&self) -> String {
                let $one = self;
                $text.into()
            }
        })*
    };
}
use in_chinese;

impl Bilingual for ConfigError {
    fn chinese(&self) -> String {
        match self {
            Self::File(error) => error.chinese(),
            Self::Profile(error) => error.chinese(),
            Self::Type(error) => error.chinese(),
            Self::Key(error) => error.chinese(),
            Self::Certificate { file, reason } => format!("{file}：{}", reason.chinese()),
            Self::Establish(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
            Self::Office(error) => error.chinese(),
            Self::NoOffice(path) => {
                let path = path.display();
                format!("{path}：这里没有机构；用 `yinzheng init` 或 `yinzheng demo` 建立")
            }
            Self::NotEmpty { path, entries } => {
                let (path, entries) = (path.display(), entries.replace(", ", "、"));
                format!("{path}：目录不是空的（有 {entries}），请写一个尚不存在的目录")
            }
            Self::OfficeHere(path) => format!("{}：这里已有机构", path.display()),
            Self::Place(words) => words.zh.clone(),
        }
    }
}

in_chinese! {
    BadProfile: |one| format!("{}：{}：{}", one.file, one.place.zh, one.reason.zh),
    BadType: |one| format!("{}：{}：{}", one.file, one.place.zh, one.reason.zh),
    BadHost: |BadHost(text)| format!("{text:?} 不是主机；写作 crl.example.org 或 192.0.2.1:8080"),
    Unanswered: |_| "机构没有答复。所要求的操作可能已经完成：请重新启动机构，先查看（例如用 `yinzheng list`）再决定\
        是否重做",
}

/// Their own English is none for readers either.
impl Bilingual for io::Error {
    fn chinese(&self) -> String {
        self.both().zh
    }

    fn both(&self) -> Localized {
        foreign_words::of_system(self)
    }
}

impl Bilingual for serde_json::Error {
    fn chinese(&self) -> String {
        self.both().zh
    }

    fn both(&self) -> Localized {
        foreign_words::of_parser(&self.to_string())
    }
}

impl Bilingual for FileError {
    fn chinese(&self) -> String {
        match self {
            Self::Io { path, source } => {
                format!("{}：{}", path.display(), foreign_words::of_system(source).zh)
            }
            Self::NotAFile { path } => format!("{}：不是普通文件", path.display()),
            Self::TooOpen { path, mode } => {
                let path = path.display();
                format!(
                    "{path}：其他用户可以读取这份机密（权限 {mode:03o}）；请执行 chmod 600 {path}"
                )
            }
            Self::NotText { path, line } => {
                let path = path.display();
                format!("{path}：第 {line} 行不是 UTF-8（可能是 GBK），请把文件另存为 UTF-8")
            }
            Self::TooLarge { path, limit } => format!("{}：超过 {limit} 字节", path.display()),
            Self::NoWriter { path } => format!("{}：没有程序写入这个管道", path.display()),
        }
    }
}

impl Bilingual for KeyError {
    fn chinese(&self) -> String {
        match self {
            Self::File(error) => error.chinese(),
            Self::NoPassphrase(path) => format!(
                "{}：密钥已加密；请用文件（YINZHENG_PASSPHRASE_FILE 或 --passphrase-file）或 \
                 YINZHENG_PASSPHRASE 给出密码",
                path.display()
            ),
            Self::WrongPassphrase(path) => format!("{}：密码打不开这把密钥", path.display()),
            Self::NotAKey(path) => format!(
                "{}：不是此处所需的加密 PKCS#8 密钥（P-256；日志和 webhook 用 Ed25519）",
                path.display()
            ),
            Self::ExampleKey(path) => {
                let path = path.display();
                format!("{path}：这是公开的示例密钥；请用 `yinzheng init` 生成自己的密钥")
            }
        }
    }
}

impl Bilingual for StoreError {
    fn chinese(&self) -> String {
        match self {
            Self::Taken(_) => "标识、编号或幂等键已被占用，没有存入".to_owned(),
            Self::Changed(_) => "内容已被他人更改，没有存入；请重新读取".to_owned(),
            Self::Io(error) => format!(
                "磁盘出错（{}）；重新启动机构之前不再接受任何操作。请腾出空间或修复磁盘，然后启动，先查看这次\
                 操作是否已存下再决定是否重做：只有重新启动才能知道",
                foreign_words::of_system(error).zh
            ),
            Self::Closed => {
                "先前写入失败，不再接受任何操作；请腾出空间或修复磁盘，然后重新启动机构".to_owned()
            }
            Self::Damaged { place, .. } => {
                format!("事件日志在 {place} 处损坏；请用 `yinzheng restore` 恢复备份")
            }
            Self::Newer(version) => {
                format!("这个机构由更新的 yinzheng 版本（{version}）写成，请使用该版本")
            }
            Self::NewerForm(form) => {
                format!("更新的 yinzheng 版本在这个机构中写入了格式 {form} 的事件，请使用该版本")
            }
            Self::NewerKind(kind) => {
                format!("更新的 yinzheng 版本在这个机构中写入了 {kind:?} 类的事件，请使用该版本")
            }
            Self::Locked => {
                "另一个 yinzheng 进程正在使用这个机构；请停止它，或在它服务时使用它能接受的命令"
                    .to_owned()
            }
            Self::Unwritable { .. } => "内容无法写成记录，没有存入".to_owned(),
            Self::Index(_) => {
                "索引无法使用；损坏的索引在下次启动时重新生成，`yinzheng reindex` 立即重新生成"
                    .to_owned()
            }
            Self::OtherJournal => {
                "索引属于另一份事件日志：两者之一被换过。请放回相配的一份，或执行 \
                                   `yinzheng reindex`"
                    .to_owned()
            }
            Self::RolledBack(place) => format!(
                "事件日志与 {place} 处的第二标记所见不符：放回的是旧副本。请恢复最新的一份，或用 `yinzheng \
                 recover --accept-rollback` 确认"
            ),
        }
    }
}

impl Bilingual for BackupError {
    fn chinese(&self) -> String {
        match self {
            Self::File(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
            Self::NotEmpty(path) => {
                format!("{} 不是空目录；请另写一个尚不存在的目录", path.display())
            }
            Self::Unusable { place, reason } => {
                format!("{}：{}；请换用另一份备份", place.display(), reason.zh)
            }
        }
    }
}

impl Bilingual for OutboundError {
    fn chinese(&self) -> String {
        match self {
            Self::Address(error) => error.0.zh.clone(),
            Self::Network(error) => network(error),
            Self::TooSlow => "超时，没有答复".to_owned(),
            Self::Request(_) => "无法写成 HTTP 请求".to_owned(),
            Self::Answer(_) => "对方的答复不是完整、正确的 HTTP".to_owned(),
            Self::Head(most) => format!("无法读取答复：头部超过 {most} 字节或 100 行"),
            Self::Body(most) => format!("无法读取答复：超过 {most} 字节"),
        }
    }
}

/// TLS and the resolver have no kinds of errors of their own.
fn network(error: &io::Error) -> String {
    if error.to_string().starts_with("failed to lookup") {
        return "找不到这个主机名".to_owned();
    }
    if error.raw_os_error().is_none() && error.get_ref().is_some() {
        return "TLS 连接无法建立：对方的证书不受信任，或那里不是 TLS 服务".to_owned();
    }
    foreign_words::of_system(error).zh
}

impl Bilingual for ServeError {
    fn chinese(&self) -> String {
        match self {
            Self::Bind(address, error) => {
                format!("{address}：{}；请用 --listen 另写地址", foreign_words::of_system(error).zh)
            }
            Self::Tls(error) => error.chinese(),
            Self::System(error) => error.chinese(),
        }
    }
}

impl Bilingual for BadTlsFiles {
    fn chinese(&self) -> String {
        match self {
            Self::File(error) => error.chinese(),
            Self::Pem { path, .. } => format!("{}：不是所需的 PEM（证书或私钥）", path.display()),
            Self::Unusable(path, _) => {
                format!("{}：私钥与证书不相配，或其种类不能用于 TLS", path.display())
            }
        }
    }
}

impl Bilingual for FetchError {
    fn chinese(&self) -> String {
        match self {
            Self::Bound => "未询问：已达请求次数的上限".to_owned(),
            Self::Outbound(error) => error.chinese(),
            Self::Status(status) => format!("对方答复状态 {}；不跟随重定向", status.as_u16()),
            Self::Compressed => "答复经过压缩，无法使用".to_owned(),
        }
    }
}

impl Bilingual for BadTls {
    fn chinese(&self) -> String {
        match self {
            Self::File(error) => error.chinese(),
            Self::Pem(words) => words.zh.clone(),
        }
    }
}

impl Bilingual for CallError {
    fn chinese(&self) -> String {
        match self {
            Self::Outbound(base, error) => format!("{base}：{}", error.chinese()),
            Self::Request(_) => "无法写成 HTTP 请求".to_owned(),
            Self::NoToken(status, said) => {
                format!("没有取得令牌：HTTP {}：{said}", status.as_u16())
            }
            Self::Sign(error) => error.chinese(),
        }
    }
}

impl Bilingual for AttemptError {
    fn chinese(&self) -> String {
        match self {
            Self::Hook(error) => error.chinese(),
            Self::Roots(error) => format!("TLS：{}", error.chinese()),
            Self::Send(error) => error.chinese(),
        }
    }
}
