//! Long lists, a page at a time. A cursor says where to go on; callers give it back as it came.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

use super::super::problem::Problem;
use super::refusal;

/// Reads the parameters of an address; none is unknown, none stands twice.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let read: Result<Query<T>, QueryRejection> = Query::try_from_uri(uri);
    read.map(|Query(read)| read).map_err(|_| refusal::BAD_QUERY)
}

/// How many at the most: 50 unless the caller says.
pub(super) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(50),
        Some(asked) if (1..=100).contains(&asked) => Ok(asked),
        Some(_) => Err(refusal::BAD_QUERY),
    }
}

/// Where to go on, for the caller.
pub(super) fn cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// A cursor that came back.
pub(super) fn place<T>(
    cursor: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|text| String::from_utf8(text).ok());
    text.and_then(|text| read(&text)).map(Some).ok_or(refusal::BAD_QUERY)
}
