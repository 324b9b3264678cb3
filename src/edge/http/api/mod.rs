//! The departments' API. Every handler takes [`Authenticated`], so that none answers a stranger; what
//! holders may do themselves is apart.

mod audit;
mod body;
mod changes;
mod headers;
mod licences;
pub(super) mod limit;
mod pages;
mod proposals;
mod refusal;
pub(super) mod sharing;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_http::set_header::SetResponseHeaderLayer;

use limit::Limits;

use super::problem::Problem;
use super::routes::App;
use crate::domain::access::{Caller, NotPermitted};

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

/// The routes beside it that need no token: one that is sent along is not looked at.
pub(super) fn public_routes() -> Router<App> {
    sharing::public_routes().layer(in_no_cache())
}

/// Persons' data stay in no cache.
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

/// The one part of an address that differs. What is no text names nothing.
type Segment = Result<Path<String>, PathRejection>;

/// A caller whose token was checked. Only the layer that checks tokens puts one into a request.
#[derive(Clone, Debug)]
pub(in crate::edge::http) struct Authenticated(pub(in crate::edge::http) Caller);

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Caller>().cloned().map(Self).ok_or(UNAUTHENTICATED)
    }
}

impl From<NotPermitted> for Problem {
    fn from(error: NotPermitted) -> Self {
        // The type is as the caller wrote it.
        tracing::info!(verb = error.0.name(), "no right to it");
        FORBIDDEN
    }
}

pub(super) const UNAUTHENTICATED: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "unauthenticated",
    "请先获取访问令牌",
    "Get an access token first: POST /oauth/token",
);
const FORBIDDEN: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "forbidden",
    "该系统没有此项权限，请联系管理员",
    "This client has no right to it; ask the administrator",
);
