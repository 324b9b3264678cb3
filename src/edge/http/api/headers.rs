//! Headers of requests that change something.

use axum::http::{HeaderMap, HeaderValue, header};

use super::super::problem::Problem;
use super::refusal;
use crate::base::digest::Digest;

/// The idempotency key of the request.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    given_key(headers)?.ok_or(refusal::NO_KEY)
}

/// The same where the header is optional.
pub(super) fn given_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=KEY_BYTES).contains(&key.len()));
    match (key, keys.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(refusal::NO_KEY),
    }
}

/// The revision that the caller read: one strong tag, as this API issues them. `*` names no
/// revision.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Digest, Problem> {
    let mut tags = headers.get_all(header::IF_MATCH).iter();
    let (Some(tag), None) = (tags.next().and_then(|tag| tag.to_str().ok()), tags.next()) else {
        return Err(refusal::NO_IF_MATCH);
    };
    let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.filter(|inner| !inner.contains('"')).ok_or(refusal::NO_IF_MATCH)?;
    Digest::from_hex(inner).ok_or(refusal::CHANGED)
}

/// The entity tag of an answer.
pub(super) fn etag(seen: Digest) -> HeaderValue {
    // Hexadecimal digits and quotes are always a header's value.
    HeaderValue::from_str(&format!("\"{}\"", seen.to_hex()))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

/// A UUID has 36.
const KEY_BYTES: usize = 128;
