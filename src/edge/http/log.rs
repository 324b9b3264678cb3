//! The public logs: checkpoint and tiles as C2SP tlog-tiles serves them.
//!
//! Entry bundles are not served: the content of a leaf is for holders of the document or of the
//! access's identifier, and its blinded hash is enough for the public to see that nothing was
//! rewritten.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::app::{Answer, App};
use super::blocking::spawn_blocking;
use super::problem::Problem;
use crate::format::merkle::tile::Tile;
use crate::service::log::{LogError, LogName};

/// The routes of the logs.
pub(super) fn routes() -> Router<App> {
    use LogName::{Accesses, Acts};
    Router::new()
        .route("/log/checkpoint", get(|app| checkpoint(app, Acts)))
        .route("/log/witnessed", get(|app| witnessed(app, Acts)))
        .route("/log/vkey", get(|app| vkey(app, Acts)))
        .route("/log/tile/{level}/{*index}", get(|app, path| tile(app, path, Acts)))
        .route("/log/access/checkpoint", get(|app| checkpoint(app, Accesses)))
        .route("/log/access/witnessed", get(|app| witnessed(app, Accesses)))
        .route("/log/access/vkey", get(|app| vkey(app, Accesses)))
        .route("/log/access/tile/{level}/{*index}", get(|app, path| tile(app, path, Accesses)))
        .route("/log/access/proof/{id}", get(access_proof))
}

async fn checkpoint(State(app): State<App>, log: LogName) -> Answer {
    let office = Arc::clone(&app.office);
    let made = spawn_blocking(move || office.log(log).checkpoint()).await?;
    Ok(note(made.map_err(unavailable)?.to_string()))
}

/// The latest head that witnesses signed: in a busy office the newest has no witness signatures
/// yet.
async fn witnessed(State(app): State<App>, log: LogName) -> Answer {
    Ok(note(app.office.log(log).witnessed().ok_or(Problem::NOT_FOUND)?.to_string()))
}

async fn vkey(State(app): State<App>, log: LogName) -> Answer {
    let office = Arc::clone(&app.office);
    let key = spawn_blocking(move || office.log(log).key()).await?.map_err(unavailable)?;
    Ok(note(format!("{key}\n")))
}

/// The identifier has 128 random bits and is known to the calling client, to the holder and to the
/// office; the proof has digests alone.
async fn access_proof(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let office = Arc::clone(&app.office);
    match spawn_blocking(move || office.access_proof(&id)).await? {
        Ok(proof) => Ok(note(proof.to_string())),
        Err(LogError::NoAccess(_)) => Err(Problem::NOT_FOUND),
        Err(error) => Err(unavailable(error)),
    }
}

async fn tile(
    State(app): State<App>,
    Path((level, index)): Path<(String, String)>,
    log: LogName,
) -> Answer {
    let wanted = Tile::parse(&format!("{level}/{index}")).ok_or(Problem::NOT_FOUND)?;
    let office = Arc::clone(&app.office);
    let found = spawn_blocking(move || office.log(log).tile(wanted)).await?;
    let found = found.map_err(|error| unavailable(error.into()))?;
    let bytes = found.ok_or(Problem::NOT_FOUND)?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        // The content of a tile never changes, nor that of a partial one.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, bytes).into_response())
}

fn note(text: String) -> Response {
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (head, text).into_response()
}

fn unavailable(error: LogError) -> Problem {
    tracing::error!(%error, "the log does not answer");
    Problem::UNAVAILABLE
}
