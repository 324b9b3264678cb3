//! The text of each check, by its outcome.

use super::words::Fixed;
use crate::domain::verify::report::{Check, Outcome};

/// A check's stable name, and its texts.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain::verify) struct CheckKind {
    name: &'static str,
    passed: Fixed,
    failed: Fixed,
    unknown: Fixed,
}

impl CheckKind {
    /// A check with one text for both failed and not made.
    const fn or(name: &'static str, passed: Fixed, otherwise: Fixed) -> Self {
        Self { name, passed, failed: otherwise, unknown: otherwise }
    }

    /// The check with this outcome.
    pub(in crate::domain::verify) fn outcome(self, outcome: Outcome) -> Check {
        let message = match outcome {
            Outcome::Passed => self.passed,
            Outcome::Failed => self.failed,
            Outcome::Unknown => self.unknown,
        };
        Check { check: self.name, outcome, message: message.words() }
    }
}

pub(in crate::domain::verify) const CHANGES: CheckKind = CheckKind {
    name: "changes",
    passed: Fixed("盖章之后没有不允许的改动", "Nothing was changed after sealing that may not be"),
    failed: Fixed("盖章之后有不允许的改动", "Something was changed after sealing"),
    unknown: Fixed(
        "盖章本身未能核实，之后是否有改动也就无从判断",
        "What was sealed is not established, so neither is what was changed after it",
    ),
};

pub(in crate::domain::verify) const DIGEST: CheckKind = CheckKind {
    name: "digest",
    passed: Fixed("印章所覆盖的内容与盖章时一致", "What the seal covers is as it was sealed"),
    failed: Fixed(
        "印章所覆盖的内容与盖章时不一致",
        "What the seal covers differs from what was sealed",
    ),
    unknown: Fixed(
        "无法确认内容与盖章时一致",
        "Whether the content is what was sealed cannot be told",
    ),
};

pub(in crate::domain::verify) const SIGNATURE: CheckKind = CheckKind {
    name: "signature",
    passed: Fixed("签名值与印章证书相符", "The signature fits the seal's certificate"),
    failed: Fixed("签名验证未通过", "The signature does not hold"),
    unknown: Fixed("签名无法在此核验", "The signature cannot be checked here"),
};

pub(in crate::domain::verify) const TRUST: CheckKind = CheckKind::or(
    "trust",
    Fixed("印章证书由可信根签发", "The certificate comes from a trusted root"),
    Fixed("印章证书无法追溯到可信根", "The certificate leads to no trusted root"),
);

pub(in crate::domain::verify) const REVOCATION: CheckKind = CheckKind {
    name: "revocation",
    passed: Fixed(
        "印章证书及其上级证书均未被吊销",
        "Neither the certificate nor those above it are revoked",
    ),
    failed: Fixed("印章证书或其上级证书已被吊销", "The certificate or one above it is revoked"),
    unknown: Fixed(
        "缺少印章证书或其上级证书的吊销信息",
        "Revocation data for the certificate or one above it is missing",
    ),
};

pub(in crate::domain::verify) const TIMESTAMP: CheckKind = CheckKind {
    name: "timestamp",
    passed: Fixed("时间戳证明了签名时间", "A time stamp proves the time"),
    failed: Fixed("时间戳无效", "The time stamp does not hold"),
    unknown: Fixed("时间戳未能证明签名时间", "The time stamp does not prove the time"),
};

pub(in crate::domain::verify) const ENTITLEMENT: CheckKind = CheckKind::or(
    "entitlement",
    Fixed("签发机关有权签发此类证照", "The department may issue this type of licence"),
    Fixed("签章者无权签发此类证照", "The signer may not issue this type of licence"),
);

pub(in crate::domain::verify) const CREDENTIAL: CheckKind = CheckKind::or(
    "credential",
    Fixed("附带的数据凭证与证照一致", "The attached credential matches the licence"),
    Fixed("附带的数据凭证与证照不一致", "The attached credential does not match the licence"),
);

pub(in crate::domain::verify) const KEY_BINDING: CheckKind = CheckKind {
    name: "key_binding",
    passed: Fixed(
        "持证人用凭证所绑定的密钥签署了本次请求",
        "The holder signed this request with the key that the credential is bound to",
    ),
    failed: Fixed(
        "没有持证人对本次请求的有效签名",
        "There is no good signature of the holder on this request",
    ),
    unknown: Fixed(
        "有持证人的签名，但不知道是否为本次请求而签",
        "The holder signed, but it is not known whether for this request",
    ),
};

pub(in crate::domain::verify) const LOG: CheckKind = CheckKind {
    name: "log",
    passed: Fixed("已登记在签发机关的公开日志中", "It is in its office's public log"),
    failed: Fixed(
        "没有在签发机关公开日志中的登记证明",
        "Nothing shows that it is in its office's public log",
    ),
    unknown: Fixed(
        "未能确认是否登记在签发机关的公开日志中",
        "Whether it is in its office's public log was not shown",
    ),
};

pub(in crate::domain::verify) const STATUS: CheckKind = CheckKind {
    name: "status",
    passed: Fixed("未被撤销、暂停或替代", "Not revoked, suspended or replaced"),
    failed: Fixed("已被撤销、暂停或替代", "Revoked, suspended or replaced"),
    unknown: Fixed("无法得知当前状态", "The current status is not known"),
};

pub(in crate::domain::verify) const VALIDITY: CheckKind = CheckKind::or(
    "validity",
    Fixed("在有效期内", "Within its period of validity"),
    Fixed("不在有效期内", "Outside its period of validity"),
);
