//! Suspending, resuming and revoking. A change names the revision of the licence that it read.

use axum::extract::{Request, State};
use schemars::JsonSchema;

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::super::openapi::{Operation, Routes};
use super::answers::tagged;
use super::caller::{Authenticated, Segment};
use super::describe::{
    etag, idempotency_key, if_match, licence_id, of_client, of_department, with_body,
};
use super::licences::{TAG, authorized};
use super::refusal::{self, ApiResult};
use super::{body, headers};
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::{Reason, StatusChange};

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/v1/licences/{id}/suspend", suspend, |op| {
            let op = describe_change(op).title(("暂停", "Withdraw for a time"));
            with_body(op.body::<Why>().example("investigation"))
        })
        .post("/v1/licences/{id}/resume", resume, |op| {
            let op = describe_change(op).title(("恢复", "End the suspension"));
            with_body(op)
        })
        .post("/v1/licences/{id}/revoke", revoke, |op| {
            let op = describe_change(op).title(("撤销", "Withdraw for good"));
            with_body(op.body::<Why>().example("penalty"))
        })
        .with(|router| router.layer(body::limit()))
}

fn describe_change(op: Operation) -> Operation {
    let op = of_department(licence_id(of_client(op, &[Verb::Change]))).tag(TAG);
    let op = idempotency_key(if_match(op), false).refuses(&[refusal::NOT_ALLOWED]);
    let words = ("证照的现状", "The licence as it stands now");
    etag(op.answer::<Licence>(200, words).example("licence"))
}

/// Why a licence is withdrawn.
#[derive(JsonSchema)]
#[schemars(rename = "Reason", deny_unknown_fields)]
struct Why {
    reason: Reason,
}

async fn suspend(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
    request: Request,
) -> ApiResult {
    change(&app, caller, id, request, Some(StatusChange::Suspend)).await
}

async fn resume(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
    request: Request,
) -> ApiResult {
    change(&app, caller, id, request, None).await
}

async fn revoke(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
    request: Request,
) -> ApiResult {
    change(&app, caller, id, request, Some(StatusChange::Revoke)).await
}

/// `with` makes the change from its reason; resuming has none.
async fn change(
    app: &App,
    caller: Caller,
    id: Segment,
    request: Request,
    with: Option<fn(Reason) -> StatusChange>,
) -> ApiResult {
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
            let Why { reason } = body.done(reason.flatten().map(|reason| Why { reason }))?;
            with(reason)
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
