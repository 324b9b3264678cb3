//! Proposals: pending ones, and the second person's decision.

use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::super::problem::Problem;
use super::answers::{issued_answer, tagged, view};
use super::caller::{Authenticated, Segment};
use super::refusal::{self, Answer, ApiError};
use super::{body, headers, pages};
use crate::base::digest::Digest;
use crate::base::text::Text;
use crate::domain::access::{Caller, Verb};
use crate::service::authorization::Authorized;
use crate::service::issue_command::IssueError;
use crate::service::propose::StoredProposal;
use crate::store::StoreError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/proposals", get(list))
        .route("/v1/proposals/{number}", get(show).put(edit))
        .route("/v1/proposals/{number}/approve", post(approve))
        .route("/v1/proposals/{number}/refuse", post(refuse))
        .layer(body::limit())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn list(State(app): State<App>, Authenticated(caller): Authenticated, uri: Uri) -> Answer {
    either(&caller)?;
    let wanted: Wanted = pages::query(&uri)?;
    if wanted.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(refusal::BAD_QUERY.into());
    }
    let limit = pages::limit(wanted.limit)?;
    let after = pages::place(wanted.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(0);
    let look = move || app.office.own_proposals(&caller, wanted.state.as_deref(), after, limit);
    let (found, next) = spawn_blocking(look).await??;
    let proposals: Vec<_> = found.iter().map(view).collect();
    let next = next.map(|next| pages::cursor(&next.to_string()));
    Ok(Json(json!({ "proposals": proposals, "next": next })).into_response())
}

/// Callers who may propose or approve may read; others are refused before anything is looked up.
fn either(caller: &Caller) -> Result<(), ApiError> {
    if caller.has(Verb::Issue).is_err() {
        caller.has(Verb::Approve)?;
    }
    Ok(())
}

async fn authorized(
    app: &App,
    caller: Caller,
    verbs: &'static [Verb],
    number: Segment,
) -> Result<Authorized<StoredProposal>, ApiError> {
    let Path(number) = number.map_err(|_| Problem::NOT_FOUND)?;
    // Numbers have one spelling.
    let number = number.parse().ok().filter(|read: &u64| read.to_string() == number);
    let number = number.ok_or(Problem::NOT_FOUND)?;
    let office = std::sync::Arc::clone(&app.office);
    Ok(spawn_blocking(move || office.own_proposal(&caller, verbs, number)).await??)
}

async fn show(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
) -> Answer {
    either(&caller)?;
    let own = authorized(&app, caller, &[Verb::Approve, Verb::Issue], number).await?;
    Ok(tagged(own.found().seen, &view(own.found())))
}

async fn edit(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
    request: Request,
) -> Answer {
    caller.has(Verb::Issue)?;
    let tag = headers::if_match(request.headers());
    let mut body = body::read(request, &["application"]).await?;
    let application = body.object("application");
    let application = body.done(application)?;
    let own = authorized(&app, caller, &[Verb::Issue], number).await?;
    let tag = tag?;
    let edit = move || app.office.edit(&own, tag, &application);
    let held = spawn_blocking(edit).await??;
    let body = json!({ "proposal": view(&held), "warnings": held.warnings });
    Ok(tagged(held.seen, &body))
}

async fn approve(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
    request: Request,
) -> Answer {
    caller.has(Verb::Approve)?;
    let mut body = body::read(request, &["digest"]).await?;
    let digest = body.text("digest").map(|text| Digest::from_hex(&text));
    if digest == Some(None) {
        let (zh, en) =
            ("应为 64 位十六进制的 SHA-256 摘要", "Must be a SHA-256 of 64 hexadecimal digits");
        body.fault("digest", "invalid", zh, en);
    }
    let digest = body.done(digest.flatten())?;
    let own = authorized(&app, caller, &[Verb::Approve], number).await?;
    let approve = move || app.office.approve(&own, digest);
    let issued = spawn_blocking(approve).await?.map_err(late)?;
    Ok(issued_answer(&issued))
}

/// Another request came first: the revision that the caller read is gone.
fn late(error: IssueError) -> ApiError {
    match error {
        IssueError::Store(StoreError::Changed(_)) => refusal::OTHER_DIGEST.into(),
        other => other.into(),
    }
}

async fn refuse(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
    request: Request,
) -> Answer {
    either(&caller)?;
    let mut body = body::read(request, &["reason"]).await?;
    let reason = body.text("reason").map(|text| Text::line(&text, REASON_CHARACTERS).ok());
    if reason == Some(None) {
        let (zh, en) = ("应为一行 1 至 200 个字", "Must be 1 to 200 characters on one line");
        body.fault("reason", "invalid", zh, en);
    }
    let reason = body.done(reason.flatten())?;
    let own = authorized(&app, caller, &[Verb::Approve, Verb::Issue], number).await?;
    let refuse = move || app.office.refuse(&own, reason);
    let held = spawn_blocking(refuse).await?.map_err(late)?;
    Ok(tagged(held.seen, &view(&held)))
}

const STATES: [&str; 3] = ["pending", "approved", "refused"];
const REASON_CHARACTERS: usize = 200;
