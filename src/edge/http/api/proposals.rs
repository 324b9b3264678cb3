//! Proposals: pending ones, and the second person's decision.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::response::IntoResponse as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::super::openapi::{Operation, Routes, Words};
use super::super::problem::Problem;
use super::answers::{IssuedLicence, PROPOSAL_STATES, Proposal, Proposed, issued_answer, tagged};
use super::caller::{Authenticated, Segment};
use super::describe::{etag, if_match, location, of_client, of_department, with_body};
use super::licences::ISSUED;
use super::pages::{self, Cursor, Limit};
use super::refusal::{self, ApiError, ApiResult};
use super::{body, headers};
use crate::base::digest::Digest;
use crate::base::text::Text;
use crate::domain::access::{Caller, Verb};
use crate::service::authorization::Authorized;
use crate::service::issue_command::IssueError;
use crate::service::propose::StoredProposal;
use crate::store::StoreError;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/v1/proposals", list, describe_list)
        .get("/v1/proposals/{number}", show, describe_show)
        .put("/v1/proposals/{number}", edit, describe_edit)
        .post("/v1/proposals/{number}/approve", approve, describe_approve)
        .post("/v1/proposals/{number}/refuse", refuse, describe_refuse)
        .with(|router| router.layer(body::limit()))
}

fn describe_list(op: Operation) -> Operation {
    let en = "A page, the oldest first; go on while there is `next`";
    of_client(op, EITHER)
        .title(("列出待批件", "List proposals of one's own department"))
        .tag(TAG)
        .query::<Wanted>()
        .answer::<Proposals<'_>>(200, ("一页，从最早的开始；只要有 `next` 就继续", en))
        .example("proposals")
        .refuses_with_faults(refusal::BAD_QUERY)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Where it stands.
    #[schemars(extend("x-description-zh" = "所处状态", "enum" = PROPOSAL_STATES))]
    state: Option<String>,
    cursor: Option<Cursor>,
    limit: Option<Limit>,
}

#[derive(Serialize, JsonSchema)]
struct Proposals<'a> {
    proposals: Vec<Proposal<'a>>,
    next: Option<String>,
}

async fn list(State(app): State<App>, Authenticated(caller): Authenticated, uri: Uri) -> ApiResult {
    either(&caller)?;
    let wanted: Wanted = pages::query(&uri)?;
    if wanted.state.as_deref().is_some_and(|state| !PROPOSAL_STATES.contains(&state)) {
        return Err(refusal::bad_parameter("state"));
    }
    let limit = pages::limit(wanted.limit)?;
    let after = pages::place(wanted.cursor.as_ref(), |text| text.parse().ok())?.unwrap_or(0);
    let look = move || app.office.own_proposals(&caller, wanted.state.as_deref(), after, limit);
    let (found, next) = spawn_blocking(look).await??;
    let proposals = found.iter().map(Proposal::of).collect();
    let next = next.map(|next| pages::cursor(&next.to_string()));
    Ok(Json(Proposals { proposals, next }).into_response())
}

/// Callers who may propose or approve may read; others are refused before anything is looked up.
fn either(caller: &Caller) -> Result<(), ApiError> {
    if caller.has(Verb::Issue).is_err() {
        caller.has(Verb::Approve)?;
    }
    Ok(())
}

async fn authorized(
    app: &App,
    caller: Caller,
    verbs: &'static [Verb],
    number: Segment,
) -> Result<Authorized<StoredProposal>, ApiError> {
    let Path(number) = number.map_err(|_| Problem::NOT_FOUND)?;
    // Numbers have one spelling.
    let number = number.parse().ok().filter(|read: &u64| read.to_string() == number);
    let number = number.ok_or(Problem::NOT_FOUND)?;
    let office = std::sync::Arc::clone(&app.office);
    Ok(spawn_blocking(move || office.own_proposal(&caller, verbs, number)).await??)
}

fn describe_show(op: Operation) -> Operation {
    let en = "The proposal, with the digest that an approver names";
    let op = describe_one(op, EITHER).title(("查看待批件", "Read a proposal"));
    etag(op.answer::<Proposal<'_>>(200, ("待批件及审批时须写明的摘要", en)).example("proposal"))
}

/// Of one proposal.
fn describe_one(op: Operation, rights: &[Verb]) -> Operation {
    let schema = json!({ "type": "integer", "minimum": 1 });
    of_department(of_client(op, rights)).tag(TAG).path(
        "number",
        schema,
        ("待批件编号", "Number of the proposal"),
    )
}

async fn show(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
) -> ApiResult {
    either(&caller)?;
    let own = authorized(&app, caller, &[Verb::Approve, Verb::Issue], number).await?;
    Ok(tagged(own.found().seen, &Proposal::of(own.found())))
}

fn describe_edit(op: Operation) -> Operation {
    let en = "Change a proposal; approvals of what stood there are void";
    let op = if_match(with_body(describe_one(op, &[Verb::Issue])))
        .title(("修改待批件", en))
        .body::<Edited>()
        .example("edited_proposal")
        .refuses(&[refusal::CLOSED])
        .refuses_with_faults(refusal::FAULTS);
    etag(op.answer::<Proposed<'_>>(200, NOW).example("proposed"))
}

/// The application in the place of the one before.
#[derive(JsonSchema)]
#[schemars(rename = "EditedProposal", deny_unknown_fields)]
struct Edited {
    #[schemars(with = "Map<String, Value>")]
    application: Value,
}

async fn edit(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
    request: Request,
) -> ApiResult {
    caller.has(Verb::Issue)?;
    let tag = headers::if_match(request.headers());
    let mut body = body::read(request, &["application"]).await?;
    let read = body.object("application").map(|application| Edited { application });
    let Edited { application } = body.done(read)?;
    let own = authorized(&app, caller, &[Verb::Issue], number).await?;
    let tag = tag?;
    let edit = move || app.office.edit(&own, tag, &application);
    let held = spawn_blocking(edit).await??;
    Ok(tagged(held.seen, &Proposed::of(&held)))
}

fn describe_approve(op: Operation) -> Operation {
    let en = "The digest is SHA-256 over UTF-8 text of four lines without a line break at the end: \
              `yinzheng-proposal/1`, slug of the type, version of the type, and the application \
              as canonical JSON (RFC 8785). Compute it over what you show to the person who \
              approves. The same approval once more has the same answer.";
    let zh = "摘要为四行 UTF-8 文本（末尾无换行）的 SHA-256：`yinzheng-proposal/1`、类型代号、类型版本、规范化 JSON \
              形式的申请（RFC 8785）。请对展示给审批人的内容计算。同一审批重复发送，答复相同。";
    let op = with_body(describe_one(op, &[Verb::Approve]))
        .title(("审批并签发", "Approve a proposal, which issues the licence"))
        .about((zh, en))
        .body::<Approval>()
        .example("approval")
        .refuses(&[refusal::OWN_WORK, refusal::CLOSED])
        .refuses(&[refusal::OTHER_DIGEST, refusal::TYPE_CHANGED])
        .refuses_with_faults(refusal::FAULTS);
    etag(location(op.answer::<IssuedLicence<'_>>(201, ISSUED).example("issued")))
}

/// What is approved.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Approval {
    #[schemars(with = "String", extend("pattern" = "^[0-9a-f]{64}$"))]
    digest: Digest,
}

async fn approve(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
    request: Request,
) -> ApiResult {
    caller.has(Verb::Approve)?;
    let mut body = body::read(request, &["digest"]).await?;
    let digest = body.text("digest").map(|text| Digest::from_hex(&text));
    if digest == Some(None) {
        let (zh, en) =
            ("应为 64 位十六进制的 SHA-256 摘要", "Must be a SHA-256 of 64 hexadecimal digits");
        body.fault("digest", "invalid", zh, en);
    }
    let Approval { digest } = body.done(digest.flatten().map(|digest| Approval { digest }))?;
    let own = authorized(&app, caller, &[Verb::Approve], number).await?;
    let approve = move || app.office.approve(&own, digest);
    let issued = spawn_blocking(approve).await?.map_err(late)?;
    Ok(issued_answer(&issued))
}

/// Another request came first: the revision that the caller read is gone.
fn late(error: IssueError) -> ApiError {
    match error {
        IssueError::Store(StoreError::Changed(_)) => refusal::OTHER_DIGEST.into(),
        other => other.into(),
    }
}

fn describe_refuse(op: Operation) -> Operation {
    let op = with_body(describe_one(op, EITHER))
        .title(("退回待批件", "Refuse or withdraw a proposal"))
        .body::<Refusal>()
        .example("refusal")
        .refuses(&[refusal::CLOSED, refusal::OTHER_DIGEST]);
    etag(op.answer::<Proposal<'_>>(200, NOW).example("refused_proposal"))
}

/// Why a proposal is refused.
#[derive(JsonSchema)]
#[schemars(rename = "ProposalRefusal", deny_unknown_fields)]
struct Refusal {
    #[schemars(with = "String", length(min = 1, max = REASON_CHARACTERS))]
    reason: Text,
}

async fn refuse(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    number: Segment,
    request: Request,
) -> ApiResult {
    either(&caller)?;
    let mut body = body::read(request, &["reason"]).await?;
    let reason = body.text("reason").map(|text| Text::line(&text, REASON_CHARACTERS).ok());
    if reason == Some(None) {
        let (zh, en) = ("应为一行 1 至 200 个字", "Must be 1 to 200 characters on one line");
        body.fault("reason", "invalid", zh, en);
    }
    let Refusal { reason } = body.done(reason.flatten().map(|reason| Refusal { reason }))?;
    let own = authorized(&app, caller, &[Verb::Approve, Verb::Issue], number).await?;
    let refuse = move || app.office.refuse(&own, reason);
    let held = spawn_blocking(refuse).await?.map_err(late)?;
    Ok(tagged(held.seen, &Proposal::of(&held)))
}

const REASON_CHARACTERS: usize = 200;
const EITHER: &[Verb] = &[Verb::Issue, Verb::Approve];
const TAG: &str = "待批 Proposals";
const NOW: Words = ("目前的内容", "As it stands now");
