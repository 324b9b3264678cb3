//! JSON request bodies, parsed strictly: no member that the route does not know.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::http::{StatusCode, header};
use serde_json::{Map, Value};

use super::refusal::{self, ApiError};
use crate::base::localized::Fault;
use crate::base::text::without_byte_order_mark;
use crate::format::jose::json;

/// The members of a body; their faults are collected.
#[derive(Debug)]
pub(super) struct Body {
    members: Map<String, Value>,
    faults: Vec<Fault>,
}

/// The limit of every route whose body is read here.
pub(super) fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(BODY_BYTES)
}

/// Reads a body that may have these members and no others.
pub(super) async fn read(request: Request, known: &[&str]) -> Result<Body, ApiError> {
    // A body of another kind is not read at all.
    if !is_json(&request) {
        return Err(refusal::NOT_JSON.into());
    }
    members(&bytes(request).await?, known)
}

/// The body of a request that needs none: empty, or an empty object.
pub(super) async fn none(request: Request) -> Result<(), ApiError> {
    let is_json = is_json(&request);
    let bytes = bytes(request).await?;
    match (bytes.is_empty(), is_json) {
        (true, _) => Ok(()),
        (false, false) => Err(refusal::NOT_JSON.into()),
        (false, true) => members(&bytes, &[])?.done(Some(())),
    }
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

async fn bytes(request: Request) -> Result<Bytes, ApiError> {
    let bytes = Bytes::from_request(request, &()).await;
    Ok(bytes.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => refusal::BODY_TOO_LARGE,
        _ => refusal::BODY_BROKEN,
    })?)
}

fn members(bytes: &[u8], known: &[&str]) -> Result<Body, ApiError> {
    let members = json::parse_object(without_byte_order_mark(bytes), DEPTH).map_err(|error| {
        let zh = format!("不是规定的 JSON：{error}");
        let en = format!("Not the JSON that is wanted: {error}");
        ApiError::faults(refusal::BAD_BODY, vec![Fault::at("", "bad_json", zh, en)])
    })?;
    let mut faults = Vec::new();
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let (zh, en) = ("没有这个字段，请检查拼写", "No such field; check its spelling");
        faults.push(Fault::at(pointer, "unknown_key", zh, en));
    }
    Ok(Body { members, faults })
}

impl Body {
    /// A required text.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.members.get(name) {
            Some(Value::String(text)) => return Some(text.clone()),
            Some(_) => self.fault(name, "not_text", "应为文字", "Must be text"),
            None => self.fault(name, "required", "必须填写", "Is required"),
        }
        None
    }

    /// A required object.
    pub(super) fn object(&mut self, name: &str) -> Option<Value> {
        match self.members.get(name) {
            Some(value @ Value::Object(_)) => return Some(value.clone()),
            Some(_) => {
                self.fault(name, "not_an_object", "应为一个 JSON 对象", "Must be a JSON object");
            }
            None => self.fault(name, "required", "必须填写", "Is required"),
        }
        None
    }

    /// Notes a fault of a parsed value.
    pub(super) fn fault(&mut self, name: &str, code: &'static str, zh: &str, en: &str) {
        self.faults.push(Fault::at(format!("/{name}"), code, zh, en));
    }

    /// The parsed value, when there was no fault.
    pub(super) fn done<T>(self, read: Option<T>) -> Result<T, ApiError> {
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(ApiError::faults(refusal::BAD_BODY, self.faults)),
        }
    }
}

/// The longest example of an application has 4 KB.
const BODY_BYTES: usize = 256 << 10;
/// An application has three levels, and a wallet's key one more.
const DEPTH: usize = 16;
