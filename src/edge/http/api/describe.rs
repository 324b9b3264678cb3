//! What the descriptions of the departments' operations have in common.

use serde_json::json;

use super::caller::FORBIDDEN;
use super::refusal;
use crate::domain::access::Verb;
use crate::edge::http::openapi::Operation;
use crate::edge::http::problem::Problem;
use crate::edge::http::{admission, body, oauth};

/// For clients with one of these rights, whose requests are counted.
pub(super) fn of_client(op: Operation, rights: &[Verb]) -> Operation {
    let op = op.token(rights).refuses(oauth::REFUSALS).refuses(&[Problem::TOO_MANY]);
    if rights.is_empty() { op } else { op.refuses(&[FORBIDDEN]) }
}

/// With a JSON body, whose faults are told.
pub(super) fn with_body(op: Operation) -> Operation {
    op.refuses(&[refusal::BODY_BROKEN, refusal::BODY_TOO_LARGE, refusal::NOT_JSON])
        .refuses_with_faults(refusal::BAD_BODY)
        .refuses(&[body::TOO_SLOW, admission::BUSY])
}

/// For one licence or proposal of the caller's department.
pub(super) fn of_department(op: Operation) -> Operation {
    let words = ("不存在，或属于其他部门", "No such thing, or one of another department");
    op.refuses_when(Problem::NOT_FOUND, words)
}

pub(super) fn licence_id(op: Operation) -> Operation {
    op.path("id", json!({ "type": "string" }), ("证照标识", "证照标识, the identifier"))
}

/// The answer has what `If-Match` takes.
pub(super) fn etag(op: Operation) -> Operation {
    op.answer_header("ETag", ("作为 `If-Match` 发送", "What `If-Match` takes"))
}

pub(super) fn location(op: Operation) -> Operation {
    op.answer_header("Location", ("其地址", "Its address"))
}

pub(super) fn if_match(op: Operation) -> Operation {
    let en = "The ETag of what was read. Without it 428, with an old one 412";
    let zh = "读取时得到的 ETag；缺少时答复 428，过时则答复 412";
    op.header(("If-Match", false), json!({ "type": "string" }), (zh, en))
        .refuses(&[refusal::NO_IF_MATCH, refusal::CHANGED])
}

pub(super) fn idempotency_key(op: Operation, required: bool) -> Operation {
    let en = "A new value for each request, the same when it is sent again. A repeated request is \
              answered as the first was, with the licence as it stands now";
    let zh = "每份请求一个新值，重发时不变；重发的请求得到与第一次相同的答复，证照按现状给出";
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": 128 });
    op.header(("Idempotency-Key", required), schema, (zh, en))
        .refuses(&[refusal::NO_KEY, refusal::KEY_REUSED])
}
