//! Public data with which anybody can verify without asking the office again: status lists,
//! certificates, revocation lists and the definitions of its types.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::app::{Answer, App, file};
use super::blocking::spawn_blocking;
use super::problem::Problem;
use crate::base::digest::Digest;
use crate::domain::licence::claims;
use crate::service::status::StatusError;

/// Status List Aggregation: the lists that a verifier fetches before it goes offline.
pub(super) async fn status_lists(State(app): State<App>) -> Answer {
    let office = Arc::clone(&app.office);
    match spawn_blocking(move || office.status_lists()).await? {
        Ok(numbers) => {
            let base = app.office.profile().public_base_url.as_str();
            let uris: Vec<_> =
                numbers.iter().map(|number| claims::status_uri(base, *number)).collect();
            Ok(Json(serde_json::json!({ "status_lists": uris })).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "the status lists could not be counted");
            Err(Problem::UNAVAILABLE)
        }
    }
}

pub(super) async fn status(
    State(app): State<App>,
    Path(list): Path<String>,
    RawQuery(query): RawQuery,
    headers: axum::http::HeaderMap,
) -> Answer {
    // Token Status List (draft), historical resolution: a request for a past moment must not get
    // the present.
    if query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("time="))) {
        return Err(Problem::NO_HISTORY);
    }
    let number: u32 = list.parse().map_err(|_| Problem::NOT_FOUND)?;
    let office = Arc::clone(&app.office);
    let made = spawn_blocking(move || office.status_token(number)).await?;
    let token = made.map_err(|error| match error {
        StatusError::NotFound(_) => Problem::NOT_FOUND,
        error => {
            tracing::error!(%error, "the status list could not be made");
            Problem::UNAVAILABLE
        }
    })?;
    let tag = format!("\"{}\"", &Digest::of(&[token.as_bytes()]).to_hex());
    let common = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, "max-age=300".to_owned()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/statuslist+jwt")];
    Ok((common, kind, token).into_response())
}

pub(super) async fn root(State(app): State<App>) -> Response {
    file("application/x-pem-file", app.office.certificates().root.to_pem().into_bytes())
}

pub(super) async fn issuing(State(app): State<App>) -> Response {
    file("application/pkix-cert", app.office.certificates().issuing.der().to_vec())
}

pub(super) async fn crl(State(app): State<App>) -> Response {
    file("application/pkix-crl", app.office.crl().to_vec())
}

pub(super) async fn root_crl(State(app): State<App>) -> Response {
    file("application/pkix-crl", app.office.root_crl().to_vec())
}

pub(super) async fn vct(
    State(app): State<App>,
    Path((kind, version)): Path<(String, String)>,
) -> Answer {
    let version: u16 = version.parse().map_err(|_| Problem::NOT_FOUND)?;
    let vct = format!("{}/vct/{kind}/{version}", app.office.profile().public_base_url);
    let office = Arc::clone(&app.office);
    match spawn_blocking(move || office.store().reader().definition(&vct)).await? {
        Ok(document) => {
            Ok(file("application/json", document.ok_or(Problem::NOT_FOUND)?.into_bytes()))
        }
        Err(error) => {
            tracing::error!(%error, "a definition could not be read");
            Err(Problem::UNAVAILABLE)
        }
    }
}
