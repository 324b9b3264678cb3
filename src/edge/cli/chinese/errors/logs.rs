//! What is wrong with logs and their copies.

use crate::base::localized::Bilingual;
use crate::edge::cli::log::heads::in_chinese;
use crate::edge::log::copy::CopyError;
use crate::edge::log::fetch::FetchLogError;
use crate::edge::log::new_key::NewKeyError;
use crate::service::log::LogError;

impl Bilingual for LogError {
    fn chinese(&self) -> String {
        match self {
            Self::NotFound(id) => format!("日志中没有证照 {id}"),
            Self::NoAccess(id) => format!("日志中没有可以证明的查阅 {id}"),
            Self::Key(error) => error.0.zh.clone(),
            Self::Sign(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
            Self::Tree(_) => "日志的散列值无法读取；请执行 `yinzheng reindex`".to_owned(),
            Self::Note(error) => error.chinese(),
            Self::Foreign(error) => format!("这不是本日志的检查点：{}", error.chinese()),
            Self::OtherTree(size) => {
                format!("这不是本日志的检查点：本日志 {size} 片叶时的树根与它不同")
            }
            Self::NoName => "机构的地址不能作日志的名称".to_owned(),
            Self::NoWitness => {
                "office.toml 中的见证方（[log] witnesses）都没有为这个检查点签名".to_owned()
            }
        }
    }
}

impl Bilingual for CopyError {
    fn chinese(&self) -> String {
        match self {
            Self::Nothing(path) => format!("{}：其中没有 tile/ 或 journal/", path.display()),
            Self::File(error) => error.chinese(),
            Self::Journal(error) => error.chinese(),
            Self::Tile { place, .. } => format!("{}：这一片缺少或长度不对", place.display()),
            Self::Short { has, wants, name } => {
                format!("副本有 {has} 片叶，{}有 {wants} 片", in_chinese(name))
            }
            Self::OwnHead { size, has, wants } => format!(
                "副本与随附的 {size} 片叶的树头不符：副本的树根是 {has}，树头写的是 {wants}。或者有一片错误，\
                 或者日志被改写而副本留有先前的片。请在新目录中另取一份副本，与同一个先前的检查点比较，即可\
                 判明"
            ),
            Self::TwoHeads { size, one, other, name } => format!(
                "被改写（REWRITTEN）：{size} 片叶时最新树头的树根是 {one}，{}写的是 {other}。请保留两者：它们\
                 共同说明日志被改动过，或对不同的人显示了不同的内容",
                in_chinese(name)
            ),
            Self::Rewritten { size, has, wants, name } => format!(
                "被改写（REWRITTEN）：副本前 {size} 片叶的树根是 {has}，{}写的是 {wants}。请保留两者：它们共同\
                 说明日志被改动过，或对不同的人显示了不同的内容",
                in_chinese(name)
            ),
        }
    }
}

impl Bilingual for FetchLogError {
    fn chinese(&self) -> String {
        match self {
            Self::Outbound(base, error) => format!("{base}：{}", error.chinese()),
            Self::Status(address, status) => {
                format!("{address}：对方答复 HTTP {}；不跟随重定向", status.as_u16())
            }
            Self::Note(error) => format!("所提供的检查点：{}", error.chinese()),
            Self::NotSigned(error) => format!("所提供的检查点：{}", error.chinese()),
            Self::TooMany(most) => format!("缺少的片超过一次所取的 {most} 片；请再次执行以继续"),
            Self::TooLong(time) => {
                format!("已用一次所用的 {} 分钟，尚未取完；请再次执行以继续", time.as_secs() / 60)
            }
            Self::TooMuch(most) => format!("对方已发来一次所取的 {most} 字节；请再次执行以继续"),
            Self::Size(address, has, wants) => {
                format!("{address}：这一片有 {has} 字节，应为 {wants} 字节")
            }
            Self::File(error) => error.chinese(),
        }
    }
}

impl Bilingual for NewKeyError {
    fn chinese(&self) -> String {
        match self {
            Self::Demo => "演示机构使用公开的密钥；请用 `yinzheng init` 建立自己的机构".to_owned(),
            Self::OtherKey(id) => {
                format!("现用密钥是 {id}；要换掉它，请写 --instead-of {id}")
            }
            Self::Config(error) => error.chinese(),
            Self::Log(error) => error.chinese(),
            Self::Key(error) => error.chinese(),
            Self::Unavailable(error) => error.0.zh.clone(),
            Self::Store(error) => error.chinese(),
            Self::File(error) => error.chinese(),
        }
    }
}
