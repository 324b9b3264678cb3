//! The log for everyone: checkpoint and tiles as C2SP tlog-tiles serves them.
//!
//! Entry bundles are not served: what a leaf is made of is for whoever has the document, and a hash
//! of it, blinded, is all that the public needs to see that nothing was rewritten.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use super::problem::Problem;
use super::routes::{Answer, App, off_the_reactor};
use crate::format::merkle::tile::Tile;
use crate::service::log::LogError;

/// The routes of the log.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/witnessed", get(witnessed))
        .route("/log/vkey", get(vkey))
        .route("/log/tile/{level}/{*index}", get(tile))
}

async fn checkpoint(State(app): State<App>) -> Answer {
    let office = Arc::clone(&app.office);
    let made = off_the_reactor(move || office.checkpoint()).await?;
    note(made.map_err(unavailable)?.to_string())
}

/// The head that witnesses signed last: the newest one has no signatures of theirs yet when the
/// office is busy.
async fn witnessed(State(app): State<App>) -> Answer {
    note(app.office.witnessed().ok_or(Problem::NOT_FOUND)?.to_string())
}

async fn vkey(State(app): State<App>) -> Answer {
    let office = Arc::clone(&app.office);
    let key = off_the_reactor(move || office.log_key()).await?.map_err(unavailable)?;
    note(format!("{key}\n"))
}

async fn tile(State(app): State<App>, Path((level, index)): Path<(String, String)>) -> Answer {
    let wanted = Tile::parse(&format!("{level}/{index}")).ok_or(Problem::NOT_FOUND)?;
    let office = Arc::clone(&app.office);
    let found = off_the_reactor(move || office.log_tile(wanted)).await?;
    let found = found.map_err(|error| unavailable(error.into()))?;
    let bytes = found.ok_or(Problem::NOT_FOUND)?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        // What a tile says never changes, and neither does a partial one.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, bytes).into_response())
}

fn note(text: String) -> Answer {
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, text).into_response())
}

fn unavailable(error: LogError) -> Problem {
    tracing::error!(%error, "the log does not answer");
    Problem::UNAVAILABLE
}
