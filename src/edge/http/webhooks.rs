//! The key that receivers of webhooks check with.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;

use super::problem::Problem;
use super::routes::{Answer, App, off_the_reactor};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/trust/webhook.pub", get(key))
}

async fn key(State(app): State<App>) -> Answer {
    let office = Arc::clone(&app.office);
    let key = off_the_reactor(move || office.webhook_key()).await?;
    let key = key.map_err(|error| {
        tracing::error!(%error, "there is no key for webhooks");
        Problem::UNAVAILABLE
    })?;
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, format!("{key}\n")).into_response())
}
