//! Statuses of the head: one table, and the refusals that carry them.

use crate::edge::http::problem::Problem;
use crate::service::sharing::SharingError;

/// `head.status`. The numbers are those seen on share platforms, and a few additions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadStatus {
    /// Answered. Seen.
    Answered,
    /// The source does not offer the service. Seen.
    NotOffered,
    /// There is no such licence. Seen.
    NoSuchLicence,
    /// The caller is not authenticated. Seen.
    Unauthenticated,
    /// A value that is required is empty. Seen.
    Empty,
    /// Too many requests. Seen on another system.
    TooMany,
    /// The access is limited: purpose, item, claims, consent. Seen on another system.
    Limited,
    /// No right to licences of this type. Seen.
    NoRight,
    /// `contentType` must be `base64`. Seen.
    NotBase64,
    /// `holderTypeCode` is none that is known. Seen.
    BadHolderType,
    /// `certNo` is missing. Seen.
    NoCertNo,
    /// `holderCode` is missing. Seen.
    NoHolderCode,
    /// `holder` is missing. Seen.
    NoHolder,
    /// The request does not match its description. Ours.
    Malformed,
    /// The office cannot answer now. Ours.
    Unavailable,
}

impl HeadStatus {
    pub(super) const ALL: [Self; 15] = [
        Self::Answered,
        Self::NotOffered,
        Self::NoSuchLicence,
        Self::Unauthenticated,
        Self::Empty,
        Self::TooMany,
        Self::Limited,
        Self::NoRight,
        Self::NotBase64,
        Self::BadHolderType,
        Self::NoCertNo,
        Self::NoHolderCode,
        Self::NoHolder,
        Self::Malformed,
        Self::Unavailable,
    ];

    /// The number, a stable name, and text in Chinese and English.
    pub(super) const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::Answered => (0, "answered", "成功", "Answered"),
            Self::NotOffered => {
                (2, "not_offered", "数据源不提供此服务", "The source does not offer this service")
            }
            Self::NoSuchLicence => {
                (10, "no_such_licence", "没有可以提供的此类证照", "There is no such licence")
            }
            Self::Unauthenticated => {
                (11, "unauthenticated", "身份认证失败", "Who calls was not proved")
            }
            Self::Empty => (12, "required", "必填项为空", "A value that is required is empty"),
            Self::TooMany => {
                (16, "too_many_requests", "请求过于频繁，请稍后再试", "Too many requests")
            }
            Self::Limited => (17, "limited", "访问受限", "The access is limited"),
            Self::NoRight => {
                (100, "forbidden", "没有此类证照的访问权限", "No right to licences of this type")
            }
            Self::NotBase64 => (
                102,
                "not_base64",
                "contentType 须为 base64，content 须为 Base64 编码",
                "contentType must be base64, and content in base64",
            ),
            Self::BadHolderType => (
                103,
                "bad_holder_type",
                "持证主体代码类型须为 001（统一社会信用代码）或 111（公民身份号码），并与证照类型相符",
                "holderTypeCode must be 001 or 111, as the licence type has it",
            ),
            Self::NoCertNo => (109, "no_cert_no", "缺少证照编号 certNo", "certNo is missing"),
            Self::NoHolderCode => {
                (110, "no_holder_code", "缺少持证主体代码 holderCode", "holderCode is missing")
            }
            Self::NoHolder => (111, "no_holder", "缺少持证主体名称 holder", "holder is missing"),
            Self::Malformed => (
                901,
                "bad_request",
                "请求内容不符合接口说明，请对照 /openapi.json",
                "The request is not as /openapi.json describes it",
            ),
            Self::Unavailable => {
                (903, "unavailable", "暂时无法处理，请稍后再试", "Not available now")
            }
        }
    }

    pub(super) const fn number(self) -> u16 {
        self.row().0
    }
}

/// A refusal.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: HeadStatus,
    /// The stable name, as in `/v1` where it has one.
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Seconds to wait, when that helps.
    pub(super) wait: Option<i64>,
}

impl Refused {
    /// With the text of another table.
    pub(super) fn with(status: HeadStatus, problem: Problem) -> Self {
        Self { status, code: problem.code(), message: problem.words().zh, wait: None }
    }

    /// With a more exact text after that of the status. It may name members, never values.
    pub(super) fn because(status: HeadStatus, detail: &str) -> Self {
        let (_, code, zh, _) = status.row();
        Self { status, code, message: format!("{zh}：{detail}"), wait: None }
    }
}

impl From<HeadStatus> for Refused {
    fn from(status: HeadStatus) -> Self {
        let (_, code, zh, _) = status.row();
        Self { status, code, message: zh.to_owned(), wait: None }
    }
}

impl From<Problem> for Refused {
    /// Refusals of the common layers: the caller is not at fault.
    fn from(problem: Problem) -> Self {
        let wait = problem.wait().map(i64::from);
        Self { wait, ..Self::with(HeadStatus::Unavailable, problem) }
    }
}

impl From<SharingError> for Refused {
    fn from(error: SharingError) -> Self {
        let status = match &error {
            SharingError::TooMany(_) => HeadStatus::TooMany,
            SharingError::NotPermitted(_) | SharingError::NoGrant => HeadStatus::NoRight,
            SharingError::BadRequest(_) => HeadStatus::Malformed,
            SharingError::PurposeNotRegistered
            | SharingError::PurposeNotGranted
            | SharingError::ItemNotGranted
            | SharingError::FieldNotGranted(_)
            | SharingError::DocumentNotGranted
            | SharingError::ConsentNeeded(_)
            | SharingError::ConsentRefused => HeadStatus::Limited,
            SharingError::NotFound => HeadStatus::NoSuchLicence,
            SharingError::SelfCheck(_)
            | SharingError::Key(_)
            | SharingError::Sign(_)
            | SharingError::Store(_) => HeadStatus::Unavailable,
        };
        let (problem, wait) = crate::edge::http::api::sharing::problem_of(error);
        Self { wait, ..Self::with(status, problem) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_and_the_document_are_one() {
        let numbers: BTreeSet<u16> = HeadStatus::ALL.iter().map(|status| status.number()).collect();
        assert_eq!(numbers.len(), HeadStatus::ALL.len());
        let document = include_str!("../../../../docs/PLATFORM.md");
        for status in HeadStatus::ALL {
            let (number, code, zh, en) = status.row();
            assert!(!zh.is_empty() && !en.is_empty());
            let row = format!("| {number} | `{code}` | {zh} |");
            assert!(document.contains(&row), "{row}");
        }
    }
}
