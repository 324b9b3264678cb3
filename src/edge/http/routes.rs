//! The public routes, and the layers around all routes. Nothing here issues or changes anything:
//! `api` does, behind the layer that checks tokens.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::api::limit::Limits;
use super::app::{App, HandlerResult};
use super::body::{Purse, metered};
use super::metrics;
use super::oauth;
use super::openapi::{self, Described, Routes};
use super::pages::{self, complain};
use super::panics;
use super::problem::Problem;
use super::request_log::{Watch, log_requests};
use crate::edge::web::{Lang, Place};
use crate::service::office::Office;

/// The OpenAPI document, made when it is first asked for.
pub(super) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| openapi::document(&operations(), &super::webhooks::sent()));

/// All operations, in the order of the page.
pub(super) fn operations() -> Vec<Described> {
    let with_token = with_token(Limits::default());
    for_everyone().merge(with_token).merge(with_own_proof()).described()
}

/// What anybody may ask for.
fn for_everyone() -> Routes {
    super::verify::routes()
        .merge(super::published::routes())
        .merge(openapi::served())
        .merge(super::health::routes())
        .merge(super::log::routes())
}

/// Behind the layer that recognises callers by their tokens.
fn with_token(limits: Limits) -> Routes {
    super::api::routes(limits).merge(metrics::routes())
}

/// Callers who get a token, have it in the body, or prove something else.
fn with_own_proof() -> Routes {
    oauth::routes()
        .merge(super::api::public_routes())
        .merge(super::webhooks::routes())
        .merge(super::platform::routes())
}

/// All routes.
pub fn router(office: Arc<Office>) -> Router {
    let app = App::new(office, &DOCUMENT);
    let with_token = with_token(app.limits.clone()).into_router();
    pages::routes()
        .merge(for_everyone().into_router())
        .merge(with_own_proof().into_router())
        .merge(with_token.route_layer(from_fn_with_state(app.clone(), oauth::recognise)))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES))
        .layer(from_fn_with_state(Purse::default(), metered))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(Watch::default(), log_requests))
        .with_state(app)
}

fn fixed(name: axum::http::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// For a mistyped address a person gets a page, a program a problem.
async fn nothing(State(app): State<App>, request: Request) -> HandlerResult {
    if !wants_page(&request) {
        return Err(Problem::NOT_FOUND);
    }
    let lang = if request.uri().path().starts_with("/en/") { Lang::En } else { Lang::Zh };
    complain(&app, lang, Place::Page, Problem::NOT_FOUND)
}

/// A browser that opens the address of an answer again, from a restored tab or a typed line, has
/// nothing to send: it is redirected to the first page.
async fn wrong_method(request: Request) -> Response {
    let lang = match request.uri().path() {
        "/verify" | "/number" => Lang::Zh,
        "/en/verify" | "/en/number" => Lang::En,
        _ => return Problem::WRONG_METHOD.into_response(),
    };
    if request.method() == Method::GET && wants_page(&request) {
        return Redirect::to(&format!("{}/", lang.prefix())).into_response();
    }
    Problem::WRONG_METHOD.into_response()
}

fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// An upload is a licence or a report; the largest that a counter sends is far below.
const UPLOAD_BYTES: usize = 20 << 20;
const CSP: &str = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'";
