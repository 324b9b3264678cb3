//! The pages, and what they load. They are for people, and no part of the described API.

use std::sync::Arc;

use axum::Form;
use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect};
use axum::routing::{get, post};
use serde::Deserialize;

use super::app::{App, HandlerResult, file};
use super::blocking::spawn_blocking;
use super::peer::Peer;
use super::problem::Problem;
use super::verify::{judge, look_up};
use crate::base::ids::Code;
use crate::edge::web::{self, By, Complaint, Lang, Note, Page, Place};
use crate::service::lookup::{LookUpError, LookedUp, Typed};

pub(super) fn routes() -> Router<App> {
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
        .route("/assets/{name}", get(asset))
}

async fn home(State(app): State<App>, RawQuery(query): RawQuery, lang: Lang) -> HandlerResult {
    let note = if query.as_deref() == Some(web::AGAIN) { Note::NotKept } else { Note::None };
    page(web::home(&Page::new(&app.office, lang, "/"), &note), StatusCode::OK)
}

/// The first page, with the error.
pub(super) fn complain(app: &App, lang: Lang, place: Place<'_>, problem: Problem) -> HandlerResult {
    let message = match (place, problem.status()) {
        // A licence without a record may be genuine.
        (Place::Code(_) | Place::Number(..), StatusCode::NOT_FOUND) => {
            app.office.with_lost_records(problem.words())
        }
        _ => problem.words(),
    };
    let complaint = Complaint { place, message };
    let html = web::home(&Page::new(&app.office, lang, "/"), &Note::Complaint(complaint));
    let mut answer = page(html, problem.status())?;
    problem.tell_wait(answer.headers_mut());
    Ok(answer)
}

async fn trust(State(app): State<App>, lang: Lang) -> HandlerResult {
    let office = Arc::clone(&app.office);
    let draw = move || web::trust(&Page::new(&office, lang, "/trust"), &office);
    page(spawn_blocking(draw).await?, StatusCode::OK)
}

async fn docs(State(app): State<App>, lang: Lang) -> HandlerResult {
    page(web::docs(&Page::new(&app.office, lang, "/docs"), app.document), StatusCode::OK)
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
) -> HandlerResult {
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
) -> HandlerResult {
    match look_up(&app, &text, &peer).await {
        Ok((code, report)) => {
            let frame = Page::new(&app.office, lang, &format!("/v/{}", code.as_str()));
            page(web::result(&frame, &report, By::Code(&code), &app.office), StatusCode::OK)
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
) -> HandlerResult {
    let Ok(Form(form)) = form else {
        return complain(&app, lang, Place::Number("", ""), Problem::BAD_NUMBER);
    };
    let frame = Page::not_kept(&app.office, lang);
    let place = Place::Number(&form.number, &form.holder);
    match look_up_number(&app, &form, &peer).await {
        Ok(LookedUp::Shown(report)) => {
            page(web::result(&frame, &report, By::Number, &app.office), StatusCode::OK)
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

async fn verify_page(State(app): State<App>, request: Request, lang: Lang) -> HandlerResult {
    match judge(&app, request).await {
        Ok(report) => {
            let frame = Page::not_kept(&app.office, lang);
            page(web::result(&frame, &report, By::File, &app.office), StatusCode::OK)
        }
        Err(problem) => complain(&app, lang, Place::File, problem),
    }
}

async fn asset(Path(name): Path<String>) -> HandlerResult {
    let (kind, bytes) = web::asset(&name).ok_or(Problem::NOT_FOUND)?;
    let cache = [(header::CACHE_CONTROL, "max-age=3600")];
    Ok((cache, file(kind, bytes)).into_response())
}

fn page(html: Result<String, askama::Error>, status: StatusCode) -> HandlerResult {
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
