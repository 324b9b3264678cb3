//! Bodies of sharing: what is read strictly, and what is written.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::refusals::{BAD_JSON, BODY_TOO_LARGE};
use crate::base::text::without_byte_order_mark;
use crate::edge::http::app::App;
use crate::edge::http::blocking::spawn_blocking;
use crate::edge::http::openapi::Operation;
use crate::edge::http::problem::Problem;
use crate::edge::http::{admission, body};
use crate::format::jose::json as strict;
use crate::service::office::Office;

/// A body that arrived.
pub(super) struct Sent(Bytes);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await;
        bytes.map(Self).map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => BODY_TOO_LARGE,
            _ => BAD_JSON,
        })
    }
}

impl Sent {
    /// Strict JSON: no repeated key, no unknown member.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let body = without_byte_order_mark(&self.0);
        let value = strict::parse(body, DEPTH).map_err(|_| BAD_JSON)?;
        serde_json::from_value(value).map_err(|_| BAD_JSON)
    }
}

pub(super) fn with_body(op: Operation) -> Operation {
    op.refuses(&[BAD_JSON, body::TOO_SLOW, BODY_TOO_LARGE, admission::BUSY])
}

/// An answer that is not kept.
pub(super) fn private(body: &impl Serialize) -> Response {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (head, json!(body).to_string()).into_response()
}

/// Signing and disk must not block other connections.
pub(super) async fn with<T: Send + 'static>(
    app: &App,
    act: impl FnOnce(&Office) -> T + Send + 'static,
) -> Result<T, Problem> {
    let office = Arc::clone(&app.office);
    spawn_blocking(move || act(&office)).await
}

/// A presentation has some 4 KB; everything else is smaller.
pub(super) const BODY_BYTES: usize = 64 << 10;
const DEPTH: usize = 8;
