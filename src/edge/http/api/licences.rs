//! Issuing licences, and reading those of one's own department.

use super::answers::{event, issued_answer, proposed_answer, tagged};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::super::problem::Problem;
use super::caller::{Authenticated, Segment};
use super::refusal::{self, Answer, ApiError};
use super::{body, headers, pages};
use crate::base::ids::LicenceId;
use crate::domain::access::{Caller, Permit, Verb};
use crate::domain::licence::proposal::Proposal;
use crate::domain::licence::record::Licence;
use crate::service::authorization::{Authorized, Filter, VersionedLicence};
use crate::service::issue_command::{Request as IssueRequest, Requester};
use crate::service::propose::SubmitOutcome;
use crate::store::DocumentKind;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/licences", get(list).post(issue))
        .route("/v1/licences/preview", post(preview))
        .route("/v1/licences/{id}", get(show))
        .route("/v1/licences/{id}/pdf", get(pdf))
        .route("/v1/licences/{id}/credential", get(credential))
        .route("/v1/licences/{id}/history", get(history))
        .layer(body::limit())
}

/// A request to issue, and the permit for it. The type is in the request, so a caller without the
/// right learns nothing else.
async fn application(caller: &Caller, request: Request) -> Result<(Permit, Value), ApiError> {
    caller.has(Verb::Issue)?;
    let mut body = body::read(request, &["type", "application"]).await?;
    // Both are read before either is judged, so that all faults are reported at once.
    let (kind, application) = (body.text("type"), body.object("application"));
    let (kind, application) = body.done(kind.zip(application))?;
    Ok((caller.permit(Verb::Issue, &kind)?, application))
}

async fn issue(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> Answer {
    caller.has(Verb::Issue)?;
    let key = headers::idempotency_key(request.headers())?;
    let (permit, application) = application(&caller, request).await?;
    let submit = move || {
        let (requester, kind) = (&Requester::Client(permit.clone()), permit.kind());
        let idempotency = Some(key.as_str());
        app.office.submit(&IssueRequest { requester, kind, input: &application, idempotency })
    };
    match spawn_blocking(submit).await?? {
        SubmitOutcome::Issued(issued) => Ok(issued_answer(&issued)),
        SubmitOutcome::Proposed(held) => Ok(proposed_answer(&held)),
    }
}

async fn preview(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> Answer {
    let (permit, application) = application(&caller, request).await?;
    let preview = move || app.office.preview(&permit, &application);
    Ok(document("application/pdf", "preview.pdf", spawn_blocking(preview).await??))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(rename = "type")]
    kind: Option<String>,
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn list(State(app): State<App>, Authenticated(caller): Authenticated, uri: Uri) -> Answer {
    caller.has(Verb::Read)?;
    let wanted: Wanted = pages::query(&uri)?;
    if let Some(kind) = &wanted.kind {
        caller.permit(Verb::Read, kind)?;
    }
    let state = wanted.state.as_deref();
    if state.is_some_and(|state| !STATES.contains(&state)) {
        return Err(refusal::BAD_QUERY.into());
    }
    let limit = pages::limit(wanted.limit)?;
    let after = pages::place(wanted.cursor.as_deref(), LicenceId::parse)?;
    let look = move || {
        let filter = Filter { kind: wanted.kind.as_deref(), state: wanted.state.as_deref() };
        app.office.own_licences(&caller, &filter, after.as_ref(), limit)
    };
    let (found, next) = spawn_blocking(look).await??;
    let licences: Vec<_> = found.iter().map(summary).collect();
    let next = next.map(|next| pages::cursor(next.as_str()));
    Ok(Json(json!({ "licences": licences, "next": next })).into_response())
}

fn summary(licence: &Licence) -> Value {
    json!({
        "id": licence.id,
        "number": licence.number,
        "version": licence.version,
        "type": licence.kind,
        "holder": licence.holder,
        "valid_from": licence.validity.from,
        "valid_until": licence.validity.until,
        "issued_at": licence.issued_at,
        "state": licence.standing.name(),
    })
}

/// The caller's own licence with the identifier in the address.
pub(super) async fn authorized(
    app: &App,
    caller: Caller,
    verb: Verb,
    id: Segment,
) -> Result<Authorized<VersionedLicence>, ApiError> {
    caller.has(verb)?;
    let Path(id) = id.map_err(|_| Problem::NOT_FOUND)?;
    let office = std::sync::Arc::clone(&app.office);
    Ok(spawn_blocking(move || office.own_licence(&caller, verb, &id)).await??)
}

async fn show(State(app): State<App>, Authenticated(caller): Authenticated, id: Segment) -> Answer {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    Ok(tagged(own.found().digest, &own.found().licence))
}

async fn pdf(State(app): State<App>, Authenticated(caller): Authenticated, id: Segment) -> Answer {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    let name = format!("{}.pdf", own.found().licence.id);
    let read = move || app.office.artefact(&own, DocumentKind::SealedPdf);
    Ok(document("application/pdf", &name, spawn_blocking(read).await??))
}

async fn credential(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> Answer {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    let name = format!("{}.sd-jwt", own.found().licence.id);
    let read = move || app.office.artefact(&own, DocumentKind::HolderCredential);
    Ok(document("application/dc+sd-jwt", &name, spawn_blocking(read).await??))
}

async fn history(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> Answer {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    let id = own.found().licence.id.clone();
    let read = move || app.office.history(&own);
    let mut events = Vec::new();
    for (line, proposal) in spawn_blocking(read).await?? {
        let mut shown = event(&line);
        if let Some(proposal) = proposal {
            let Proposal { number, proposed, edited, .. } = proposal;
            shown["proposal"] = json!({ "number": number, "proposed": proposed, "edited": edited });
        }
        events.push(shown);
    }
    Ok(Json(json!({ "id": id, "events": events })).into_response())
}

fn document(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let saved = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, saved),
    ];
    (head, bytes).into_response()
}

const STATES: [&str; 4] = ["active", "suspended", "revoked", "superseded"];
