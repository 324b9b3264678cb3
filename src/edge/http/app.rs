//! What every handler has and answers with.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::admission::Places;
use super::api::limit::Limits;
use super::failures::Failures;
use super::lookups::LookUps;
use super::problem::Problem;
use crate::service::office::Office;

/// What every handler has.
#[derive(Clone)]
pub(in crate::edge::http) struct App {
    pub(in crate::edge::http) office: Arc<Office>,
    /// Files that are verified.
    pub(in crate::edge::http) places: Places,
    /// Look-ups by code and by number.
    pub(in crate::edge::http) codes: Arc<LookUps>,
    /// Who failed to get or to use a token.
    pub(in crate::edge::http) failures: Arc<Failures>,
    /// Holders who sign: each costs a few public-key operations.
    pub(in crate::edge::http) holders: Arc<LookUps>,
    /// Requests of each client, whichever routes it calls.
    pub(in crate::edge::http) limits: Limits,
}

pub(in crate::edge::http) type Answer = Result<Response, Problem>;

impl App {
    pub(in crate::edge::http) fn new(office: Arc<Office>) -> Self {
        Self {
            office,
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
