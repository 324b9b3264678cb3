//! Paging of long lists. A cursor says where to continue; callers return it unchanged.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::problem::Problem;
use super::refusal;

/// Reads the parameters of an address; an unknown or repeated one is refused.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let read: Result<Query<T>, QueryRejection> = Query::try_from_uri(uri);
    read.map(|Query(read)| read).map_err(|_| refusal::BAD_QUERY)
}

/// How many at the most.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline, extend("x-description-zh" = "最多返回的条数"))]
#[schemars(extend("minimum" = 1, "maximum" = 100, "default" = 50))]
pub(super) struct Limit(usize);

/// `next` of the page before.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline, extend("x-description-zh" = "上一页答复中的 `next`"))]
pub(super) struct Cursor(String);

/// Page size: 50 unless the caller names one.
pub(super) fn limit(asked: Option<Limit>) -> Result<usize, Problem> {
    match asked {
        None => Ok(50),
        Some(Limit(asked)) if (1..=100).contains(&asked) => Ok(asked),
        Some(_) => Err(refusal::BAD_QUERY),
    }
}

/// The cursor for the next page.
pub(super) fn cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// The cursor that the caller returned.
pub(super) fn place<T>(
    cursor: Option<&Cursor>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(Cursor(cursor)) = cursor else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|text| String::from_utf8(text).ok());
    text.and_then(|text| read(&text)).map(Some).ok_or(refusal::BAD_QUERY)
}
