//! The departments' API. Every handler takes [`Authenticated`], so that none answers a stranger;
//! the routes for holders are apart.

mod answers;
mod audit;
mod body;
pub(super) mod caller;
mod changes;
mod headers;
mod licences;
pub(super) mod limit;
mod pages;
mod proposals;
mod refusal;
pub(super) mod sharing;

use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_http::set_header::SetResponseHeaderLayer;

use limit::Limits;

use super::app::App;
use caller::Authenticated;

/// All routes of the departments' API, each of whose requests is counted in `limits`.
pub(super) fn routes(limits: Limits) -> Router<App> {
    Router::new()
        .route("/v1/whoami", get(whoami))
        .merge(licences::routes())
        .merge(changes::routes())
        .merge(proposals::routes())
        .merge(audit::routes())
        .merge(sharing::routes())
        .layer(from_fn_with_state(limits, limit::limit))
        .layer(in_no_cache())
}

/// The public routes beside it: a token sent along is ignored.
pub(super) fn public_routes() -> Router<App> {
    sharing::public_routes().layer(in_no_cache())
}

/// Personal data must not be cached.
fn in_no_cache() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    )
}

async fn whoami(Authenticated(caller): Authenticated) -> Json<Value> {
    Json(json!({
        "client": caller.client(),
        "department": caller.department(),
        "scopes": caller.scopes(),
    }))
}
