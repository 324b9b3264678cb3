//! The public webhook key; on a second line, while both sign, the one before.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;

use super::app::{Answer, App};
use super::blocking::spawn_blocking;
use super::problem::Problem;
use crate::service::webhooks::HookError;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/trust/webhook.pub", get(key))
}

async fn key(State(app): State<App>) -> Answer {
    let office = Arc::clone(&app.office);
    let keys = spawn_blocking(move || Ok::<_, HookError>((office.webhook_keys()?, office.now())));
    let (keys, now) = keys.await?.map_err(|error| {
        tracing::error!(%error, "there is no key for webhooks");
        Problem::UNAVAILABLE
    })?;
    let before = keys.before(now).map(|ending| format!("{} until {}\n", ending.key, ending.until));
    let text = format!("{}\n{}", keys.key, before.unwrap_or_default());
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, text).into_response())
}
