//! State and helpers shared by every handler.

use std::sync::{Arc, LazyLock};

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::admission::Places;
use super::api::limit::Limits;
use super::failures::Failures;
use super::lookups::LookUps;
use super::problem::Problem;
use crate::service::office::Office;

/// Shared by every handler.
#[derive(Clone)]
pub(in crate::edge::http) struct App {
    pub(in crate::edge::http) office: Arc<Office>,
    /// The OpenAPI document.
    pub(in crate::edge::http) document: &'static LazyLock<Value>,
    /// Places for file verification.
    pub(in crate::edge::http) places: Places,
    /// Limits on look-ups by code and by number.
    pub(in crate::edge::http) codes: Arc<LookUps>,
    /// Counters of failed token requests.
    pub(in crate::edge::http) failures: Arc<Failures>,
    /// Limits on holders' signatures: each costs a few public-key operations.
    pub(in crate::edge::http) holders: Arc<LookUps>,
    /// Requests of each client, over all routes.
    pub(in crate::edge::http) limits: Limits,
}

pub(in crate::edge::http) type HandlerResult = Result<Response, Problem>;

impl App {
    pub(in crate::edge::http) fn new(
        office: Arc<Office>,
        document: &'static LazyLock<Value>,
    ) -> Self {
        Self {
            office,
            document,
            places: Places::default(),
            codes: Arc::default(),
            failures: Arc::default(),
            holders: Arc::default(),
            limits: Limits::default(),
        }
    }
}

/// Bytes of this media type.
pub(in crate::edge::http) fn file(kind: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}
