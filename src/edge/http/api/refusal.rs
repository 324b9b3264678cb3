//! Errors of the departments' API, and what the caller can do.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::problem::Problem;
use crate::base::localized::Fault;
use crate::domain::access::NotPermitted;
use crate::domain::licence::proposal::NotPossible;
use crate::domain::licence::sheet::SheetFault;
use crate::service::authorization::ReachError;
use crate::service::issue_command::IssueError;
use crate::service::standing::StandingError;
use crate::store::StoreError;

pub(super) type ApiResult = Result<Response, ApiError>;

/// A problem, with all faults of the input if these are the problem.
#[derive(Debug)]
pub(super) struct ApiError {
    problem: Problem,
    faults: Vec<Fault>,
}

impl ApiError {
    pub(super) fn faults(problem: Problem, faults: Vec<Fault>) -> Self {
        Self { problem, faults }
    }

    /// Faults of an application, whose pointers begin at the body.
    fn application(faults: Vec<Fault>) -> Self {
        let inside =
            |fault: Fault| Fault { pointer: format!("/application{}", fault.pointer), ..fault };
        Self::faults(FAULTS, faults.into_iter().map(inside).collect())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.faults.is_empty() {
            return self.problem.into_response();
        }
        self.problem.with_faults(&self.faults)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem, faults: Vec::new() }
    }
}

impl From<NotPermitted> for ApiError {
    fn from(error: NotPermitted) -> Self {
        Problem::from(error).into()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let StoreError::Changed(_) = error {
            return CHANGED.into();
        }
        tracing::error!(%error, "the store could not do it");
        Problem::UNAVAILABLE.into()
    }
}

impl From<ReachError> for ApiError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::NotPermitted(error) => error.into(),
            ReachError::Missing => Problem::NOT_FOUND.into(),
            ReachError::Store(error) => error.into(),
        }
    }
}

impl From<NotPossible> for ApiError {
    fn from(error: NotPossible) -> Self {
        match error {
            NotPossible::Closed(_) => CLOSED,
            NotPossible::OwnWork | NotPossible::Nameless => OWN_WORK,
            NotPossible::OtherDigest => OTHER_DIGEST,
        }
        .into()
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Faults(faults) => Self::application(faults),
            IssueError::Sheet(SheetFault::TooLong(pages)) => {
                let zh = format!("内容超过 {pages} 页，请缩短");
                let en = format!("More than fits on {pages} pages; shorten it");
                Self::application(vec![Fault::at("/fields", "too_many_pages", zh, en)])
            }
            IssueError::KeyReused(_) => KEY_REUSED.into(),
            IssueError::TypeChanged => TYPE_CHANGED.into(),
            IssueError::Proposal(error) => error.into(),
            IssueError::NotPermitted(error) => error.into(),
            IssueError::Store(error) => error.into(),
            IssueError::UnknownType(_)
            | IssueError::NoDepartment(_)
            | IssueError::NeedsSecond(_)
            | IssueError::ClockWentBack { .. }
            | IssueError::NumbersUsedUp(_)
            | IssueError::Sheet(_)
            | IssueError::Key(_)
            | IssueError::Sign(_)
            | IssueError::Seal(_)
            | IssueError::SelfCheck(_) => {
                tracing::error!(%error, "a licence could not be issued");
                Problem::UNAVAILABLE.into()
            }
        }
    }
}

impl From<StandingError> for ApiError {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::NotAllowed(_) => NOT_ALLOWED.into(),
            StandingError::NotPermitted(error) => error.into(),
            StandingError::KeyReused(_) => KEY_REUSED.into(),
            StandingError::NotFound(_) | StandingError::Ambiguous(_) => Problem::NOT_FOUND.into(),
            StandingError::Store(error) => error.into(),
        }
    }
}

pub(super) const NOT_JSON: Problem = Problem::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "not_json",
    "请以 Content-Type: application/json 发送请求体",
    "Send the body as Content-Type: application/json",
);
pub(super) const BODY_TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "body_too_large",
    "请求体超过 256 KB",
    "The body is larger than 256 KB",
);
pub(super) const BODY_BROKEN: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "body_broken",
    "请求体没有传完",
    "The body did not arrive whole",
);
pub(super) const BAD_BODY: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_body",
    "请求体的形式不对，请按 faults 逐项修改",
    "The body does not have the right form; mend each of the faults",
);
pub(super) const FAULTS: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "faults",
    "申请内容有误，请按 faults 逐项修改",
    "The application has faults; mend each of them",
);
pub(super) const BAD_QUERY: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_query",
    "查询参数不对，请对照接口说明",
    "A parameter of the address is not right; compare it with the description",
);

/// The parameter of this name is unknown, stands twice, or has a value that it cannot have.
pub(super) fn bad_parameter(name: &str) -> ApiError {
    bad_parameter_as(BAD_QUERY, name)
}

pub(super) fn bad_parameter_as(problem: Problem, name: &str) -> ApiError {
    let fault = Fault::at(
        format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        "invalid",
        format!("没有参数 {name}，或它出现两次，或取值不对"),
        format!("there is no parameter {name}, or it stands twice, or it cannot have this value"),
    );
    ApiError::faults(problem, vec![fault])
}

pub(super) const NO_KEY: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "no_idempotency_key",
    "请加上 Idempotency-Key 请求头：每份申请一个新值，重发时不变，1 至 128 个字符",
    "Send an Idempotency-Key: a new one for each application, the same when it is sent again, 1 to \
     128 characters",
);
pub(super) const KEY_REUSED: Problem = Problem::new(
    StatusCode::CONFLICT,
    "idempotency_key_reused",
    "该 Idempotency-Key 已用于另一份请求，请换一个新值",
    "This Idempotency-Key was used for another request; choose a new one",
);
pub(super) const NO_IF_MATCH: Problem = Problem::new(
    StatusCode::PRECONDITION_REQUIRED,
    "if_match_required",
    "请先读取，再以读到的 ETag 作为 If-Match 发送",
    "Read it first, and send the ETag that you got as If-Match",
);
pub(super) const CHANGED: Problem = Problem::new(
    StatusCode::PRECONDITION_FAILED,
    "changed",
    "读取之后已被更改，请重新读取再决定",
    "It was changed since you read it; read it again and decide again",
);
pub(super) const NOT_ALLOWED: Problem = Problem::new(
    StatusCode::CONFLICT,
    "not_allowed",
    "证照目前的状态不允许这样处理",
    "Where the licence stands now, this cannot be done to it",
);
pub(super) const CLOSED: Problem = Problem::new(
    StatusCode::CONFLICT,
    "proposal_closed",
    "该待批件已办结",
    "The proposal is closed",
);
pub(super) const OWN_WORK: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "own_proposal",
    "不能审批自己提交或最后修改的待批件，请由另一人审批",
    "Nobody approves what they proposed or changed last; let another do it",
);
pub(super) const OTHER_DIGEST: Problem = Problem::new(
    StatusCode::CONFLICT,
    "other_digest",
    "摘要与待批件现在的内容不符，请重新查看后再审批",
    "The digest is not of what stands there now; look at it again and approve that",
);
pub(super) const TYPE_CHANGED: Problem = Problem::new(
    StatusCode::CONFLICT,
    "type_changed",
    "证照类型的定义已更改，请修改待批件以重新检查",
    "The definition of the type was changed since; edit the proposal, so that it is checked again",
);
