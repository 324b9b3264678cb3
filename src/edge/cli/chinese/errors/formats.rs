//! What is wrong with files of standard formats. Which of their rules is broken is told in English
//! alone, where it helps a programmer of the other side.

use super::in_chinese;
use crate::base::limits::OverBudget;
use crate::base::localized::Bilingual;
use crate::crypto::signer::SignError;
use crate::crypto::software::BadKey;
use crate::domain::authority::AuthorityError;
use crate::domain::trust::{NotEntitled, PathError};
use crate::domain::verify::credential::CredentialError;
use crate::format::jose::json::BadJson;
use crate::format::jose::jws::BadToken;
use crate::format::note::BadNote;
use crate::format::note::checkpoint::NotSigned;
use crate::format::note::key::Forged;
use crate::format::revocation::{BadCrl, BadOcsp};
use crate::format::x509::BadCertificate;

in_chinese! {
    BadCertificate: |_| "不是 X.509 证书（PEM）",
    BadCrl: |_| "不是可用的证书吊销列表（DER 编码的完整列表，写明下次更新时间）",
    BadOcsp: |_| "不是可用的 OCSP 应答（DER 编码，状态为成功）",
    BadKey: |_| "不是带公钥的 PKCS#8 P-256 私钥",
    SignError: |_| "签名密钥无法使用",
    AuthorityError: |_| "无法生成证书",
    OverBudget: |_| "内容超过读取的上限",
    crate::format::note::key::BadKey: |_| "不是 Ed25519 日志或见证方的公钥（名称+标识+公钥）",
    BadJson: |one| one.words().zh,
}

impl Bilingual for BadNote {
    fn chinese(&self) -> String {
        match self {
            Self::Form(_) => "不是签名的检查点或证明，或内容不完整".to_owned(),
            Self::Budget(error) => error.chinese(),
        }
    }
}

impl Bilingual for Forged {
    fn chinese(&self) -> String {
        match self {
            Self::Signature => "以已知密钥名义所作的签名不成立".to_owned(),
            Self::Budget(error) => error.chinese(),
        }
    }
}

impl Bilingual for NotSigned {
    fn chinese(&self) -> String {
        match self {
            Self::Unknown => "这个检查点没有受信任密钥的签名".to_owned(),
            Self::Forged(error) => error.chinese(),
        }
    }
}

impl Bilingual for BadToken {
    fn chinese(&self) -> String {
        match self {
            Self::Malformed(_) | Self::Rule(_) => "令牌的格式或签名不正确".to_owned(),
            Self::Unsupported(_) => "令牌用了此处不支持的写法".to_owned(),
            Self::Budget(error) => error.chinese(),
        }
    }
}

impl Bilingual for PathError {
    fn chinese(&self) -> String {
        match self {
            Self::Untrusted { top, .. } => {
                format!("签发者不受信任；证书链止于 {}", top.name())
            }
            Self::Expired { name, until } => format!("{name}：{until} 之后过期"),
            Self::NotYetValid { name, from } => format!("{name}：{from} 之前尚未生效"),
            Self::Revoked { name, when, .. } => format!("{name}：已于 {when} 吊销"),
            Self::Rule { name, .. } => format!("{name}：证书不符合规则"),
            Self::Budget(_) => "证书或检查过多".to_owned(),
        }
    }
}

impl Bilingual for NotEntitled {
    fn chinese(&self) -> String {
        match self {
            Self::NoEntitlement => "证书没有写明可以签什么",
            Self::UnknownIdentifier => {
                "证书写明可以签什么，但所用标识没有上级机构写为其机构的标识（oid_arc）"
            }
            Self::Unreadable => "证书写明的签署范围无法读取",
            Self::Role => "证书用于另一种签名",
            Self::Department => "证书属于另一个部门",
            Self::Type => "该部门不能签发这类证照",
            Self::Period => "密钥在可签名的期限之外使用",
        }
        .to_owned()
    }
}

impl Bilingual for CredentialError {
    fn chinese(&self) -> String {
        match self {
            Self::Token(error) => error.chinese(),
            Self::Chain(_) => "x5c：证书没有连成完整的证书链".to_owned(),
            Self::Path(error) => error.chinese(),
            Self::NoRevocationData(_) => "签名者的证书没有吊销信息".to_owned(),
            Self::NotEntitled(error) => error.chinese(),
            Self::Claim { claim, .. } => format!("声明 {claim:?} 缺少或不正确"),
            Self::Use(_) => "不能用于此处".to_owned(),
            Self::Binding(_) => "持有人没有签名，或签的是其他内容".to_owned(),
        }
    }
}
