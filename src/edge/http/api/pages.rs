//! Paging of long lists. A cursor says where to continue; callers return it unchanged.

use axum::extract::Query;
use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::refusal::{self, ApiError};

/// Reads the parameters of an address; an unknown or repeated one is refused by its name.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let text = uri.query().unwrap_or_default();
    parsed(text).ok_or_else(|| refusal::bad_parameter(&at_fault::<T>(text)))
}

fn parsed<T: DeserializeOwned>(query: &str) -> Option<T> {
    let uri = Uri::builder().path_and_query(format!("/?{query}")).build().ok()?;
    Query::try_from_uri(&uri).ok().map(|Query(read)| read)
}

/// The first parameter that cannot be read by itself, or that stands twice.
fn at_fault<T: DeserializeOwned>(query: &str) -> String {
    let mut seen = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let read: Option<Vec<(String, String)>> = parsed(pair);
        let name = read.and_then(|pairs| pairs.into_iter().next()).map(|(name, _)| name);
        let name = name.unwrap_or_else(|| pair.to_owned());
        if seen.contains(&name) || parsed::<T>(pair).is_none() {
            return name;
        }
        seen.push(name);
    }
    String::new()
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
pub(super) fn limit(asked: Option<Limit>) -> Result<usize, ApiError> {
    match asked {
        None => Ok(50),
        Some(Limit(asked)) if (1..=100).contains(&asked) => Ok(asked),
        Some(_) => Err(refusal::bad_parameter("limit")),
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
) -> Result<Option<T>, ApiError> {
    let Some(Cursor(cursor)) = cursor else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|text| String::from_utf8(text).ok());
    text.and_then(|text| read(&text)).map(Some).ok_or_else(|| refusal::bad_parameter("cursor"))
}
