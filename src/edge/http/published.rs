//! Public data with which anybody can verify without asking the office again: status lists,
//! certificates, revocation lists and the definitions of its types.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::app::{App, HandlerResult, file};
use super::blocking::spawn_blocking;
use super::openapi::{Operation, Routes, Words};
use super::problem::Problem;
use crate::base::digest::Digest;
use crate::domain::licence::claims;
use crate::service::status::StatusError;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/status", status_lists, describe_status_lists)
        .get("/status/{list}", status, describe_status)
        .get("/vct/{type}/{version}", vct, describe_vct)
        .get("/trust/root.pem", root, |op| {
            op.title(("根证书", "The root certificate"))
                .text("application/x-pem-file", ("PEM 格式", "PEM"))
        })
        .get("/trust/issuing.cer", issuing, |op| {
            op.title(("签发证书", "The certificate of the issuing CA"))
                .file("application/pkix-cert", DER)
        })
        .get("/crl/issuing.crl", crl, |op| {
            op.title(("签发证书的吊销列表", "Revocation list of the issuing CA"))
                .file("application/pkix-crl", DER)
        })
        .get("/crl/root.crl", root_crl, |op| {
            op.title(("根的吊销列表", "Revocation list of the root"))
                .file("application/pkix-crl", DER)
        })
}

fn describe_status_lists(op: Operation) -> Operation {
    let en = "The addresses of all status lists, to fetch before going offline";
    op.title(("全部状态列表的地址", en))
        .answer::<StatusLists>(200, ("状态列表汇总", "Status List Aggregation"))
        .refuses(&[Problem::UNAVAILABLE])
}

fn describe_status(op: Operation) -> Operation {
    op.title(("签名的状态列表", "A signed status list (Token Status List)"))
        .path(
            "list",
            json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX }),
            ("状态列表的编号，与凭证中所写一致", "Number of the list, as credentials name it"),
        )
        .text("application/statuslist+jwt", ("状态列表", "The list"))
        .empty("304", ("与 ETag 相同，未改变", "As the ETag says"))
        .refuses_when(Problem::NOT_FOUND, ("没有这个列表", "No such list"))
        .refuses_when(
            Problem::NO_HISTORY,
            ("不提供以往的列表（time=）", "Past lists (time=) are not served"),
        )
        .refuses(&[Problem::UNAVAILABLE])
}

fn describe_vct(op: Operation) -> Operation {
    let en = "The definition of a licence type (SD-JWT VC type metadata)";
    op.title(("证照类型定义", en))
        .path(
            "type",
            json!({ "type": "string", "pattern": "^[a-z0-9-]{1,48}$" }),
            ("证照类型的代号", "Slug of the type"),
        )
        .path(
            "version",
            json!({ "type": "integer", "minimum": 1, "maximum": u16::MAX }),
            ("类型定义的版本", "Version of its definition"),
        )
        .answer_as(
            (200, "application/json"),
            json!({ "type": "object" }),
            (
                "定义文件，逐字节与 vct#integrity 一致",
                "The document, byte for byte as vct#integrity says",
            ),
        )
        .refuses_when(Problem::NOT_FOUND, ("没有这个类型或版本", "No such type or version"))
        .refuses(&[Problem::UNAVAILABLE])
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct StatusLists {
    #[schemars(inner(url))]
    status_lists: Vec<String>,
}

/// Status List Aggregation: the lists that a verifier fetches before it goes offline.
async fn status_lists(State(app): State<App>) -> HandlerResult {
    let office = Arc::clone(&app.office);
    match spawn_blocking(move || office.status_lists()).await? {
        Ok(numbers) => {
            let base = app.office.profile().public_base_url.as_str();
            let status_lists =
                numbers.iter().map(|number| claims::status_uri(base, *number)).collect();
            Ok(Json(StatusLists { status_lists }).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "the status lists could not be counted");
            Err(Problem::UNAVAILABLE)
        }
    }
}

async fn status(
    State(app): State<App>,
    Path(list): Path<String>,
    RawQuery(query): RawQuery,
    headers: axum::http::HeaderMap,
) -> HandlerResult {
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

async fn root(State(app): State<App>) -> Response {
    file("application/x-pem-file", app.office.certificates().root.to_pem().into_bytes())
}

async fn issuing(State(app): State<App>) -> Response {
    file("application/pkix-cert", app.office.certificates().issuing.der().to_vec())
}

async fn crl(State(app): State<App>) -> Response {
    file("application/pkix-crl", app.office.crl().to_vec())
}

async fn root_crl(State(app): State<App>) -> Response {
    file("application/pkix-crl", app.office.root_crl().to_vec())
}

async fn vct(
    State(app): State<App>,
    Path((kind, version)): Path<(String, String)>,
) -> HandlerResult {
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

const DER: Words = ("DER 格式", "DER");
