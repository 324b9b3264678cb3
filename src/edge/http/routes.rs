//! The public routes, and the layers around all routes. Nothing here issues or changes anything:
//! `api` does, behind the layer that checks tokens.

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, RawQuery, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::{Deserialize, Serialize};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::app::{Answer, App, file};
use super::blocking::spawn_blocking;
use super::body::{Purse, metered};
use super::metrics;
use super::oauth;
use super::openapi;
use super::panics;
use super::peer::Peer;
use super::problem::Problem;
use super::published;
use super::request_log::{Watch, log_requests};
use super::upload::{self, Upload};
use crate::base::ids::Code;
use crate::domain::verify::report::Report;
use crate::edge::web::{self, By, Complaint, Lang, Note, Page, Place};
use crate::service::lookup::{LookUpError, LookedUp, Typed};
use crate::service::office::Office;

/// All routes.
pub fn router(office: Arc<Office>) -> Router {
    let app = App::new(office);
    let api = super::api::routes(app.limits.clone())
        .route("/metrics", get(metrics::metrics))
        .route_layer(from_fn_with_state(app.clone(), oauth::recognise));
    let mut router = Router::new();
    for (prefix, lang) in [("", Lang::Zh), ("/en", Lang::En)] {
        router = router
            .route(&format!("{prefix}/"), get(move |app, query| home(app, query, lang)))
            .route(&format!("{prefix}/trust"), get(move |app| trust(app, lang)))
            .route(&format!("{prefix}/docs"), get(move |app| docs(app, lang)))
            .route(&format!("{prefix}/v"), get(move |app, query| typed(app, query, lang)))
            .route(
                &format!("{prefix}/v/{{code}}"),
                get(move |app, code, peer| by_code(app, code, peer, lang)),
            )
            .route(
                &format!("{prefix}/number"),
                post(move |app, peer, form| by_number(app, peer, form, lang)),
            )
            .route(
                &format!("{prefix}/verify"),
                post(move |app, request| verify_page(app, request, lang)),
            );
    }
    router
        .route("/en", get(|| async { Redirect::permanent("/en/") }))
        .route("/v1/verify", post(verify))
        .route("/v1/verify/{code}", get(verify_code))
        .route("/status", get(published::status_lists))
        .route("/status/{list}", get(published::status))
        .route("/trust/root.pem", get(published::root))
        .route("/trust/issuing.cer", get(published::issuing))
        .route("/crl/issuing.crl", get(published::crl))
        .route("/crl/root.crl", get(published::root_crl))
        .route("/vct/{kind}/{version}", get(published::vct))
        .route("/openapi.json", get(openapi))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/assets/{name}", get(asset))
        .merge(super::log::routes())
        .merge(super::webhooks::routes())
        .merge(oauth::routes())
        .merge(super::platform::routes())
        .merge(super::api::public_routes())
        .merge(api)
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

async fn home(State(app): State<App>, RawQuery(query): RawQuery, lang: Lang) -> Answer {
    let note = if query.as_deref() == Some(web::AGAIN) { Note::NotKept } else { Note::None };
    page(web::home(&Page::new(&app.office, lang, "/"), &note), StatusCode::OK)
}

/// The first page, with the error.
fn complain(app: &App, lang: Lang, place: Place<'_>, problem: Problem) -> Answer {
    let complaint = Complaint { place, message: problem.words() };
    let html = web::home(&Page::new(&app.office, lang, "/"), &Note::Complaint(complaint));
    let mut answer = page(html, problem.status())?;
    problem.tell_wait(answer.headers_mut());
    Ok(answer)
}

/// For a mistyped address a person gets a page, a program a problem.
async fn nothing(State(app): State<App>, request: Request) -> Answer {
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

async fn trust(State(app): State<App>, lang: Lang) -> Answer {
    let office = Arc::clone(&app.office);
    let draw = move || web::trust(&Page::new(&office, lang, "/trust"), &office);
    page(spawn_blocking(draw).await?, StatusCode::OK)
}

async fn docs(State(app): State<App>, lang: Lang) -> Answer {
    page(web::docs(&Page::new(&app.office, lang, "/docs"), openapi::parsed()), StatusCode::OK)
}

#[derive(Deserialize, Default)]
struct TypedCode {
    #[serde(default)]
    code: String,
}

/// A typed code is redirected to its canonical address.
async fn typed(
    State(app): State<App>,
    typed: Result<Query<TypedCode>, QueryRejection>,
    lang: Lang,
) -> Answer {
    let Query(typed) = typed.unwrap_or_default();
    let plain: String = typed.code.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    if plain.is_empty() {
        return complain(&app, lang, Place::Code(""), Problem::NO_CODE);
    }
    let code = Code::parse(&plain).map_or(plain, |code| code.as_str().to_owned());
    Ok(Redirect::to(&format!("{}/v/{code}", lang.prefix())).into_response())
}

async fn by_code(
    State(app): State<App>,
    Path(text): Path<String>,
    peer: Peer,
    lang: Lang,
) -> Answer {
    match look_up(&app, &text, &peer).await {
        Ok((code, report)) => {
            let frame = Page::new(&app.office, lang, &format!("/v/{}", code.as_str()));
            page(web::result(&frame, &report, By::Code(&code)), StatusCode::OK)
        }
        Err(problem) => {
            let problem = match problem.status() {
                StatusCode::NOT_FOUND => Problem::NO_SUCH_CODE,
                _ => problem,
            };
            complain(&app, lang, Place::Code(&text), problem)
        }
    }
}

#[derive(Deserialize)]
struct TypedNumber {
    #[serde(default)]
    number: String,
    #[serde(default)]
    holder: String,
    #[serde(default)]
    tail: String,
}

/// In the body, so that neither names nor digits are in an address that is recorded somewhere.
async fn by_number(
    State(app): State<App>,
    peer: Peer,
    form: Result<Form<TypedNumber>, FormRejection>,
    lang: Lang,
) -> Answer {
    let Ok(Form(form)) = form else {
        return complain(&app, lang, Place::Number("", ""), Problem::BAD_NUMBER);
    };
    let frame = Page::not_kept(&app.office, lang);
    let place = Place::Number(&form.number, &form.holder);
    match look_up_number(&app, &form, &peer).await {
        Ok(LookedUp::Shown(report)) => {
            page(web::result(&frame, &report, By::Number), StatusCode::OK)
        }
        Ok(LookedUp::Fits) => page(web::fits(&frame, app.office.now()), StatusCode::OK),
        Ok(LookedUp::DoesNotFit) => complain(&app, lang, place, Problem::NOTHING_FITS),
        Ok(LookedUp::Incomplete) if is_name_alone(&form) => {
            complain(&app, lang, place, Problem::NAME_ALONE)
        }
        Ok(LookedUp::Incomplete) => complain(&app, lang, place, Problem::BAD_NUMBER),
        Err(problem) => complain(&app, lang, place, problem),
    }
}

fn is_name_alone(form: &TypedNumber) -> bool {
    let is_empty = |text: &str| text.trim().is_empty();
    !is_empty(&form.number) && !is_empty(&form.holder) && is_empty(&form.tail)
}

async fn look_up_number(app: &App, form: &TypedNumber, peer: &Peer) -> Result<LookedUp, Problem> {
    app.codes.take(peer.network)?;
    let (number, holder, tail) = (form.number.clone(), form.holder.clone(), form.tail.clone());
    let office = Arc::clone(&app.office);
    let from = peer.network;
    let look =
        move || office.look_up_from(from, &Typed { number: &number, holder: &holder, tail: &tail });
    spawn_blocking(look).await?.map_err(|error| match error {
        LookUpError::Locked(wait) => {
            Problem::LOCKED.after(u32::try_from(wait).unwrap_or_default().max(1))
        }
        LookUpError::Store(error) => {
            tracing::error!(%error, "a number could not be looked up");
            Problem::UNAVAILABLE
        }
    })
}

async fn verify_page(State(app): State<App>, request: Request, lang: Lang) -> Answer {
    match judge(&app, request).await {
        Ok(report) => {
            let frame = Page::not_kept(&app.office, lang);
            page(web::result(&frame, &report, By::File), StatusCode::OK)
        }
        Err(problem) => complain(&app, lang, Place::File, problem),
    }
}

async fn verify(State(app): State<App>, request: Request) -> Result<Json<Report>, Problem> {
    judge(&app, request).await.map(Json)
}

async fn verify_code(
    State(app): State<App>,
    Path(text): Path<String>,
    peer: Peer,
) -> Result<Json<OnFile>, Problem> {
    let (_, report) = look_up(&app, &text, &peer).await?;
    Ok(Json(OnFile { report, examined: "copy_on_file" }))
}

/// A report on the office's own copy, labelled as such.
#[derive(Serialize)]
struct OnFile {
    #[serde(flatten)]
    report: Report,
    examined: &'static str,
}

async fn judge(app: &App, request: Request) -> Result<Report, Problem> {
    let network = Peer::of(&request).network;
    // Before much is read that would be dropped. If a small body were left unread, a client that is
    // still sending would not see the answer.
    if request.body().size_hint().upper().is_none_or(|most| most > SMALL) {
        app.places.check(network)?;
    }
    let Upload { name, bytes, paid } = upload::read(request).await?;
    let office = Arc::clone(&app.office);
    let work = move |interrupt| {
        let report = office.verify_until(&name, &bytes, interrupt);
        drop((bytes, paid));
        report
    };
    app.places.verify(network, work).await
}

async fn look_up(app: &App, text: &str, peer: &Peer) -> Result<(Code, Report), Problem> {
    app.codes.take(peer.network)?;
    let code = Code::parse(text).ok_or(Problem::BAD_CODE)?;
    let (office, wanted) = (Arc::clone(&app.office), code.clone());
    let found = spawn_blocking(move || office.verify_code(&wanted)).await?;
    match found {
        Ok(Some(report)) => Ok((code, report)),
        Ok(None) => Err(Problem::NOT_FOUND),
        Err(error) => {
            tracing::error!(%error, "a code could not be looked up");
            Err(Problem::UNAVAILABLE)
        }
    }
}

async fn openapi() -> Response {
    file("application/json", openapi::document().into_bytes())
}

/// Ready: the store answers, and would accept a commit.
async fn ready(State(app): State<App>) -> Answer {
    let office = Arc::clone(&app.office);
    let look = move || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        office.store().accepts()?;
        office.accesses().accepts()?;
        office.store().reader().list("", 1)?;
        office.admits()?;
        Ok(office.log_key()?)
    };
    match spawn_blocking(look).await? {
        Ok(()) => Ok("ready".into_response()),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(Problem::UNAVAILABLE)
        }
    }
}

async fn asset(Path(name): Path<String>) -> Answer {
    let (kind, bytes) = web::asset(&name).ok_or(Problem::NOT_FOUND)?;
    let cache = [(header::CACHE_CONTROL, "max-age=3600")];
    Ok((cache, file(kind, bytes)).into_response())
}

fn page(html: Result<String, askama::Error>, status: StatusCode) -> Answer {
    match html {
        Ok(html) => {
            let cache = [(header::CACHE_CONTROL, "no-store")];
            Ok((status, cache, Html(html)).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            Err(Problem::UNAVAILABLE)
        }
    }
}

/// An upload is a licence or a report; the largest that a counter sends is far below.
const UPLOAD_BYTES: usize = 20 << 20;
/// As much as goes into the buffers of a connection at once.
const SMALL: u64 = 256 << 10;
const CSP: &str = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'";
