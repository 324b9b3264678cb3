//! Who calls, and what refuses them.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::domain::access::{Caller, NotPermitted};
use crate::edge::http::problem::Problem;

/// The variable part of an address. One that is not UTF-8 names nothing.
pub(super) type Segment = Result<Path<String>, PathRejection>;

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

pub(in crate::edge::http) const UNAUTHENTICATED: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "unauthenticated",
    "请先获取访问令牌",
    "Get an access token first: POST /oauth/token",
);
pub(super) const FORBIDDEN: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "forbidden",
    "该系统没有此项权限，请联系管理员",
    "This client has no right to it; ask the administrator",
);
