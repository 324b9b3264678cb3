//! Why an office does not open, or why a seal was not used.

use super::in_chinese;
use crate::base::localized::Bilingual;
use crate::domain::licence::sheet::SheetFault;
use crate::domain::seal::prepared::SealError;
use crate::service::access::DoorClosed;
use crate::service::keys::KeyUnavailable;
use crate::service::office::OfficeError;
use crate::service::pki_setup::EstablishError;
use crate::service::report_pdf::PaperError;
use crate::service::status::StatusError;

in_chinese! {
    KeyUnavailable: |KeyUnavailable(words)| words.zh.clone(),
}

impl Bilingual for OfficeError {
    fn chinese(&self) -> String {
        match self {
            Self::Store(error) => error.chinese(),
            Self::Crl(error) => error.chinese(),
            Self::Seal(department) => {
                format!("部门 {department} 的印章文字中有字库没有的字")
            }
            Self::TypeChanged(kind) => format!(
                "证照类型 {kind:?} 已更改，但已有凭证使用这个版本：请在其文件中提高 version，或撤销更改"
            ),
            Self::Fonts => "内置字库无法读取".to_owned(),
        }
    }
}

impl Bilingual for EstablishError {
    fn chinese(&self) -> String {
        match self {
            Self::Key(error) => error.chinese(),
            Self::Authority(error) => error.chinese(),
            Self::UnknownType { department, kind } => format!(
                "部门 {department}：没有证照类型 {kind:?}；`yinzheng types` 列出内置类型，在机构目录中加入 \
                 types/{kind}.toml 即可增加一类（须在 `yinzheng init` 之前放好）"
            ),
        }
    }
}

impl Bilingual for DoorClosed {
    fn chinese(&self) -> String {
        match self {
            Self::Store(error) => error.chinese(),
            Self::ClockWentBack(seconds) => format!(
                "时钟比最近一次接入时慢 {seconds} 秒，无法判断哪些凭据已用过；请校准时钟，等它赶上，或用 \
                 `yinzheng recover --accept-clock` 确认"
            ),
            Self::NotKept(error) => format!("无法记录最近一次接入的时间：{}", error.0.zh),
            Self::Full => "同时的请求过多，无法记住哪些凭据已用过".to_owned(),
        }
    }
}

impl Bilingual for SheetFault {
    fn chinese(&self) -> String {
        match self {
            Self::NoGlyph { character, place } => {
                format!("{place} 中的 {character:?} 在字库中没有字形")
            }
            Self::TooLong(pages) => format!("内容超过 {pages} 页"),
            Self::Internal => "无法绘制页面".to_owned(),
        }
    }
}

impl Bilingual for SealError {
    fn chinese(&self) -> String {
        match self {
            Self::Sign(error) => error.chinese(),
            Self::HoleTooSmall { need, has } => {
                format!("签名数据需要 {need} 字节，预留的位置只有 {has} 字节")
            }
        }
    }
}

impl Bilingual for PaperError {
    fn chinese(&self) -> String {
        match self {
            Self::Key(error) => error.chinese(),
            Self::Seal(error) => error.chinese(),
            Self::Clock(error) => error.chinese(),
            Self::Fonts => "无法绘制报告：字体出错".to_owned(),
            Self::SelfCheck(_) => "加盖电子印章的报告未通过本机构自己的核验，没有给出".to_owned(),
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for StatusError {
    fn chinese(&self) -> String {
        match self {
            Self::NotFound(number) => format!("没有状态列表 {number}"),
            Self::Key(error) => error.chinese(),
            Self::Sign(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
        }
    }
}
