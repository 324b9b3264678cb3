//! The forms of requests and answers: the envelope, and what all operations have in common.

use schemars::JsonSchema;
use serde::Serialize;

use super::requests::Request;
use super::status::HeadStatus;
use crate::domain::access::Verb;
use crate::edge::http::openapi::{Operation, Words};

/// An answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{D}Answer")]
pub(super) struct Answer<D> {
    pub(super) head: Head,
    pub(super) data: D,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlatformHead")]
pub(super) struct Head {
    #[schemars(extend("enum" = HeadStatus::ALL.map(HeadStatus::number)))]
    pub(super) status: u16,
    /// For people.
    pub(super) message: String,
    /// A stable name, with refusals: `required`, `bad_request`, `too_large`, `not_base64`,
    /// `bad_holder_type`, `no_cert_no`, `no_holder_code`, `no_holder`, `not_offered`,
    /// `unauthenticated`, `invalid_token`, `other_key`, `invalid_dpop_proof`, `other_client`,
    /// `two_tokens`, `bad_header`, `not_a_proxy`, `too_many_requests`, `unavailable`,
    /// `internal_error`, and those of `/v1/query`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'static str>,
}

/// A refusal; its head has a code.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlatformRefusal")]
pub(super) struct Refusal {
    #[schemars(extend("required" = ["code"]))]
    pub(super) head: Head,
    pub(super) data: (),
}

/// What comes back with status 200.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "an answer is written as one or the other")]
enum AnswerOrRefusal<D> {
    Answered(Answer<D>),
    Refused(Refusal),
}

/// An operation that takes the one and answers with the other.
pub(super) fn of_platform<D: JsonSchema, A: JsonSchema>(
    op: Operation,
    rights: &[Verb],
) -> Operation {
    of_request::<D>(op, rights).answer::<AnswerOrRefusal<A>>(
        200,
        (
            "head.status 为 0 时是所请求的内容，否则是拒绝原因",
            "What was asked for with head.status 0, or a refusal",
        ),
    )
}

/// An operation that is always refused.
pub(super) fn of_refused<D: JsonSchema>(op: Operation) -> Operation {
    of_request::<D>(op, &[]).answer::<Refusal>(200, ("拒绝原因", "A refusal"))
}

fn of_request<D: JsonSchema>(op: Operation, rights: &[Verb]) -> Operation {
    op.tag(TAG).token(rights).body::<Request<D>>().answer::<Refusal>(503, UNAVAILABLE)
}

pub(super) const TAG: &str = "平台接口 Platform";
const UNAVAILABLE: Words = ("机构暂时无法应答（903）", "The office cannot answer now (903)");
