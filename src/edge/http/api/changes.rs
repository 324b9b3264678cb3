//! Suspending, resuming and revoking. A change names the revision of the licence that it read.

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::post;

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::answers::tagged;
use super::caller::{Authenticated, Segment};
use super::licences::authorized;
use super::refusal::Answer;
use super::{body, headers};
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::standing::{Reason, StatusChange};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/licences/{id}/suspend", post(suspend))
        .route("/v1/licences/{id}/resume", post(resume))
        .route("/v1/licences/{id}/revoke", post(revoke))
        .layer(body::limit())
}

async fn suspend(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
    request: Request,
) -> Answer {
    change(&app, caller, id, request, Some(StatusChange::Suspend)).await
}

async fn resume(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
    request: Request,
) -> Answer {
    change(&app, caller, id, request, None).await
}

async fn revoke(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
    request: Request,
) -> Answer {
    change(&app, caller, id, request, Some(StatusChange::Revoke)).await
}

/// `with` makes the change from its reason; resuming has none.
async fn change(
    app: &App,
    caller: Caller,
    id: Segment,
    request: Request,
    with: Option<fn(Reason) -> StatusChange>,
) -> Answer {
    caller.has(Verb::Change)?;
    let key = headers::given_key(request.headers())?;
    let tag = headers::if_match(request.headers());
    let act = match with {
        Some(with) => {
            let mut body = body::read(request, &["reason"]).await?;
            let reason = body.text("reason").map(|code| Reason::parse(&code));
            if reason == Some(None) {
                let codes: Vec<_> = Reason::ALL.iter().map(|(_, code)| *code).collect();
                let zh = format!("应为其中之一：{}", codes.join("、"));
                let en = format!("Must be one of: {}", codes.join(", "));
                body.fault("reason", "invalid", &zh, &en);
            }
            with(body.done(reason.flatten())?)
        }
        None => {
            body::none(request).await?;
            StatusChange::Resume
        }
    };
    // Existence is reported before the requirements of a change.
    let own = authorized(app, caller, Verb::Change, id).await?;
    let tag = tag?;
    let office = std::sync::Arc::clone(&app.office);
    let done = move || office.change_own(&own, tag, act, key.as_deref());
    let (licence, seen) = spawn_blocking(done).await??;
    Ok(tagged(seen, &licence))
}
