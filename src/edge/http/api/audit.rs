//! Audit of one's own department: acts and their authors.

use super::answers::event;
use axum::extract::State;
use axum::http::Uri;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::caller::Authenticated;
use super::pages;
use super::refusal::{self, Answer};
use crate::base::time::Timestamp;
use crate::domain::access::Verb;
use crate::service::audit::Sought;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/audit", get(audit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    from: Option<String>,
    actor: Option<String>,
    id: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn audit(State(app): State<App>, Authenticated(caller): Authenticated, uri: Uri) -> Answer {
    caller.has(Verb::Audit)?;
    let wanted: Wanted = pages::query(&uri)?;
    let limit = pages::limit(wanted.limit)?;
    let next = pages::place(wanted.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(0);
    let from = wanted.from.as_deref().map(|from| Timestamp::parse(from).ok_or(refusal::BAD_QUERY));
    let from = from.transpose()?;
    let look = move || {
        let (actor, id) = (wanted.actor.as_deref(), wanted.id.as_deref());
        app.office.own_audit(&caller, &Sought { from, actor, id }, next, limit)
    };
    let (found, next) = spawn_blocking(look).await??;
    let events: Vec<_> = found.iter().map(event).collect();
    let next = next.map(|next| pages::cursor(&next.to_string()));
    Ok(Json(json!({ "events": events, "next": next })).into_response())
}
