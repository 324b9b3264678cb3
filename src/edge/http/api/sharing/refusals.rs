//! Refusals for departments and holders, with texts and stable codes.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::access::NotPermitted;
use crate::edge::http::problem::Problem;
use crate::service::sharing::{HolderError, SharingError};

/// The answer of a handler, or the refusal that takes its place.
pub(super) type SharingResult = Result<Response, Refused>;

/// A refusal, with the seconds to wait when there are any.
pub(super) struct Refused(pub(super) Problem, pub(super) Option<i64>);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self(problem, None) => problem.into_response(),
            Self(problem, Some(wait)) => {
                ([(header::RETRY_AFTER, wait.to_string())], problem).into_response()
            }
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem, None)
    }
}

impl From<SharingError> for Refused {
    fn from(error: SharingError) -> Self {
        let wait = if let SharingError::TooMany(wait) = error { Some(wait) } else { None };
        let problem = match error {
            SharingError::TooMany(_) => Problem::TOO_MANY,
            SharingError::NotPermitted(error) => NotPermitted::into(error),
            SharingError::BadRequest(_) => BAD_VALUE,
            SharingError::PurposeNotRegistered => PURPOSE_NOT_REGISTERED,
            SharingError::NoGrant => NO_GRANT,
            SharingError::PurposeNotGranted => PURPOSE_NOT_GRANTED,
            SharingError::ItemNotGranted => ITEM_NOT_GRANTED,
            SharingError::FieldNotGranted(_) => FIELD_NOT_GRANTED,
            SharingError::DocumentNotGranted => DOCUMENT_NOT_GRANTED,
            SharingError::ConsentNeeded(_) => CONSENT_NEEDED,
            SharingError::ConsentRefused => CONSENT_NOT_ACCEPTED,
            SharingError::NotFound => NO_SUCH_LICENCE,
            SharingError::SelfCheck(_)
            | SharingError::Key(_)
            | SharingError::Sign(_)
            | SharingError::Store(_) => {
                tracing::error!(%error, "a department was not answered");
                Problem::UNAVAILABLE
            }
        };
        Self(problem, wait)
    }
}

impl From<HolderError> for Refused {
    fn from(error: HolderError) -> Self {
        match error {
            HolderError::Busy => Problem::TOO_MANY.after(NONCES_BUSY).into(),
            HolderError::Nonce => BAD_NONCE.into(),
            HolderError::Presentation(why) => {
                tracing::info!(why, "a presentation was refused");
                BAD_PRESENTATION.into()
            }
            HolderError::Sharing(error) => error.into(),
        }
    }
}

/// Seconds after which many nonces that nobody used are over.
const NONCES_BUSY: u32 = 60;

/// What a purpose, a grant or a consent may lack.
pub(super) const GRANT_REFUSALS: &[Problem] = &[
    PURPOSE_NOT_REGISTERED,
    NO_GRANT,
    PURPOSE_NOT_GRANTED,
    ITEM_NOT_GRANTED,
    FIELD_NOT_GRANTED,
    CONSENT_NEEDED,
    CONSENT_NOT_ACCEPTED,
];
/// The group of these routes on the page.
pub(super) const TAG: &str = "数据共享 Sharing";

pub(super) const BODY_TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "body_too_large",
    "请求体过大",
    "The body is too large",
);
pub(super) const BAD_JSON: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_request",
    "请求内容不符合接口说明，请对照 /openapi.json",
    "The body is not what the interface describes; compare it with /openapi.json",
);
pub(super) const BAD_VALUE: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_request",
    "用途、事项、部门或字段的写法不正确：各 1 至 64 个字符，部门与字段须存在",
    "A purpose, item, department or field is not as it should be: 1 to 64 characters each, \
     departments and fields that exist",
);
pub(super) const BAD_HOLDER: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_holder",
    "持证主体代码与代码类型不符或校验不通过：001 为统一社会信用代码，111 为公民身份号码",
    "The holder's code does not fit its type or does not check: 001 is a unified social credit \
     code, 111 a citizen number",
);
pub(super) const BAD_SUBJECT: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_subject",
    "请给出持证主体代码或证照编号，二者取一",
    "Name the holder's code or the licence's number, one of them",
);
pub(super) const BAD_BATCH: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_batch",
    "批量查询须为 1 至 1000 条",
    "A batch has 1 to 1,000 queries",
);
pub(super) const BAD_CURSOR: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_cursor",
    "since 应为上次返回的 next",
    "since is what was returned as next",
);
const PURPOSE_NOT_REGISTERED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "purpose_not_registered",
    "该系统未登记此用途，请联系管理员",
    "This client is not registered for this purpose; ask the administrator",
);
const NO_GRANT: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "no_grant",
    "未获授权查询此类证照，请联系管理员",
    "No grant for this licence type; ask the administrator",
);
const PURPOSE_NOT_GRANTED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "purpose_not_granted",
    "授权不包括此用途",
    "The grant is for other purposes",
);
const ITEM_NOT_GRANTED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "item_not_granted",
    "授权不包括此事项",
    "The grant is for other items",
);
const FIELD_NOT_GRANTED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "field_not_granted",
    "授权不包括所要的某个字段",
    "The grant is without one of the fields that were asked for",
);
const DOCUMENT_NOT_GRANTED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "document_not_granted",
    "授权不包括整份证照文件",
    "The grant is without the sealed document",
);
const CONSENT_NEEDED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "consent_needed",
    "所要的字段须经持证人同意，请提供其一次性授权码",
    "The fields need the holder's consent: send the one-time code",
);
const CONSENT_NOT_ACCEPTED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "consent_not_accepted",
    "授权码不可用：不存在、已用、过期，或不是给此部门、用途、字段、证照的；请持证人重新授权",
    "The code is unknown, used, over, or for another department, purpose, field or licence; ask \
     the holder for a new one",
);
pub(super) const NO_SUCH_LICENCE: Problem = Problem::new(
    StatusCode::NOT_FOUND,
    "no_such_licence",
    "没有可以提供的此类证照",
    "There is no such licence that could be given",
);
pub(super) const BAD_NONCE: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_nonce",
    "随机数不存在、已用、过期或用于其他事项，请重新获取",
    "The nonce is unknown, used, over, or for something else; draw another",
);
pub(super) const BAD_PRESENTATION: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "presentation_not_accepted",
    "出示的凭证未通过核验：须为本机构签发、绑定持证人密钥并由其签名",
    "The presentation was not accepted: it must be of this office, bound to the holder's key, and \
     signed with it",
);
