//! Issuing licences, and reading those of one's own department.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::super::openapi::{Operation, Routes, Words};
use super::super::problem::Problem;
use super::answers::{
    IssuedLicence, JournalLine, Proposed, issued_answer, proposed_answer, tagged,
};
use super::caller::{Authenticated, Segment};
use super::describe::{
    etag, idempotency_key, licence_id, location, of_client, of_department, with_body,
};
use super::pages::{self, Cursor, Limit};
use super::refusal::{self, ApiError, ApiResult};
use super::{body, headers};
use crate::base::ids::{LicenceId, Version};
use crate::base::time::{Date, Timestamp};
use crate::domain::access::{Caller, Permit, Verb};
use crate::domain::licence::record::Licence;
use crate::service::authorization::{Authorized, Filter, VersionedLicence};
use crate::service::issue_command::{Request as IssueRequest, Requester};
use crate::service::propose::SubmitOutcome;
use crate::store::DocumentKind;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/v1/licences", list, describe_list)
        .post("/v1/licences", issue, describe_issue)
        .post("/v1/licences/preview", preview, describe_preview)
        .get("/v1/licences/{id}", show, describe_show)
        .get("/v1/licences/{id}/pdf", pdf, describe_pdf)
        .get("/v1/licences/{id}/credential", credential, describe_credential)
        .get("/v1/licences/{id}/history", history, describe_history)
        .with(|router| router.layer(body::limit()))
}

/// A request to issue.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Submission {
    /// Slug of the type.
    #[schemars(rename = "type")]
    kind: String,
    /// As the schema of the type says, `schemas/generated`.
    #[schemars(with = "Map<String, Value>")]
    application: Value,
}

/// A request to issue, and the permit for it. The type is in the request, so a caller without the
/// right learns nothing else.
async fn application(caller: &Caller, request: Request) -> Result<(Permit, Value), ApiError> {
    caller.has(Verb::Issue)?;
    let mut body = body::read(request, &["type", "application"]).await?;
    // Both are read before either is judged, so that all faults are reported at once.
    let read = body.text("type").zip(body.object("application"));
    let read = read.map(|(kind, application)| Submission { kind, application });
    let Submission { kind, application } = body.done(read)?;
    Ok((caller.permit(Verb::Issue, &kind)?, application))
}

fn describe_issue(op: Operation) -> Operation {
    let en = "The department is the one of the client. A number is set aside before anything is \
              signed; what was made is verified as a stranger would before it is answered.";
    let zh = "签发部门即客户端所属部门。编号在签名之前先行预留；制成的文件先以外人的方式核验，通过后才答复。";
    let op = describe_submission(op).title(("签发证照", "Issue a licence")).about((zh, en));
    let op = idempotency_key(op, true).answer::<IssuedLicence<'_>>(201, ISSUED).example("issued");
    let waits = (
        "该类型须由第二人审批，已作为待批件保存",
        "The type needs a second person: it waits as a proposal",
    );
    let op = etag(location(op)).answer::<Proposed<'_>>(202, waits).example("proposed");
    etag(location(op))
}

/// Of a request with an application.
fn describe_submission(op: Operation) -> Operation {
    with_body(of_client(op, &[Verb::Issue]))
        .tag(TAG)
        .body::<Submission>()
        .example("submission")
        .refuses_with_faults(refusal::FAULTS)
}

async fn issue(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> ApiResult {
    caller.has(Verb::Issue)?;
    let key = headers::idempotency_key(request.headers())?;
    let (permit, application) = application(&caller, request).await?;
    let submit = move || {
        let (requester, kind) = (&Requester::Client(permit.clone()), permit.kind());
        let idempotency = Some(key.as_str());
        app.office.submit(&IssueRequest { requester, kind, input: &application, idempotency })
    };
    match spawn_blocking(submit).await?? {
        SubmitOutcome::Issued(issued) => Ok(issued_answer(&issued)),
        SubmitOutcome::Proposed(held) => Ok(proposed_answer(&held)),
    }
}

fn describe_preview(op: Operation) -> Operation {
    let en = "A PDF without number, seal and code, marked 样张";
    describe_submission(op)
        .title(("预览样张", "See what a licence would look like"))
        .file("application/pdf", ("标有“样张”的 PDF，没有编号、印章和核验码", en))
}

async fn preview(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> ApiResult {
    let (permit, application) = application(&caller, request).await?;
    let preview = move || app.office.preview(&permit, &application);
    Ok(document("application/pdf", "preview.pdf", spawn_blocking(preview).await??))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Slug of the type.
    #[serde(rename = "type")]
    #[schemars(extend("x-description-zh" = "证照类型的代号"))]
    kind: Option<String>,
    /// Where the licence stands; that one is over is told by `valid_until`.
    #[schemars(extend("x-description-zh" = "证照的状态；是否到期由 `valid_until` 说明"))]
    #[schemars(extend("enum" = STATES))]
    state: Option<String>,
    cursor: Option<Cursor>,
    limit: Option<Limit>,
}

fn describe_list(op: Operation) -> Operation {
    let en = "A page; it is short, or empty, when many in a row do not fit, so go on while there \
              is `next`";
    let zh = "一页；连续多条不符合条件时可能较短甚至为空，只要有 `next` 就继续";
    of_client(op, &[Verb::Read])
        .title(("列出本部门的证照", "List licences of one's own department"))
        .tag(TAG)
        .query::<Wanted>()
        .answer::<Licences<'_>>(200, (zh, en))
        .example("licences")
        .refuses_with_faults(refusal::BAD_QUERY)
}

async fn list(State(app): State<App>, Authenticated(caller): Authenticated, uri: Uri) -> ApiResult {
    caller.has(Verb::Read)?;
    let wanted: Wanted = pages::query(&uri)?;
    if let Some(kind) = &wanted.kind {
        caller.permit(Verb::Read, kind)?;
    }
    let state = wanted.state.as_deref();
    if state.is_some_and(|state| !STATES.contains(&state)) {
        return Err(refusal::bad_parameter("state"));
    }
    let limit = pages::limit(wanted.limit)?;
    let after = pages::place(wanted.cursor.as_ref(), LicenceId::parse)?;
    let look = move || {
        let filter = Filter { kind: wanted.kind.as_deref(), state: wanted.state.as_deref() };
        app.office.own_licences(&caller, &filter, after.as_ref(), limit)
    };
    let (found, next) = spawn_blocking(look).await??;
    let licences = found.iter().map(LicenceSummary::of).collect();
    let next = next.map(|next| pages::cursor(next.as_str()));
    Ok(Json(Licences { licences, next }).into_response())
}

#[derive(Serialize, JsonSchema)]
struct Licences<'a> {
    licences: Vec<LicenceSummary<'a>>,
    next: Option<String>,
}

/// A licence in a list.
#[derive(Serialize, JsonSchema)]
struct LicenceSummary<'a> {
    id: &'a LicenceId,
    number: &'a str,
    version: Version,
    /// Slug of the type.
    r#type: &'a str,
    holder: &'a str,
    valid_from: Date,
    valid_until: Option<Date>,
    issued_at: Timestamp,
    #[schemars(extend("enum" = STATES))]
    state: &'static str,
}

impl<'a> LicenceSummary<'a> {
    fn of(licence: &'a Licence) -> Self {
        Self {
            id: &licence.id,
            number: &licence.number,
            version: licence.version,
            r#type: &licence.kind,
            holder: &licence.holder,
            valid_from: licence.validity.from,
            valid_until: licence.validity.until,
            issued_at: licence.issued_at,
            state: licence.standing.name(),
        }
    }
}

/// The caller's own licence with the identifier in the address.
pub(super) async fn authorized(
    app: &App,
    caller: Caller,
    verb: Verb,
    id: Segment,
) -> Result<Authorized<VersionedLicence>, ApiError> {
    caller.has(verb)?;
    let Path(id) = id.map_err(|_| Problem::NOT_FOUND)?;
    let office = std::sync::Arc::clone(&app.office);
    Ok(spawn_blocking(move || office.own_licence(&caller, verb, &id)).await??)
}

fn describe_show(op: Operation) -> Operation {
    let op = describe_own(op).title(("读取证照", "Read a licence"));
    etag(op.answer::<Licence>(200, ("证照记录", "The record")).example("licence"))
}

/// Of one licence.
fn describe_own(op: Operation) -> Operation {
    of_department(licence_id(of_client(op, &[Verb::Read]))).tag(TAG)
}

async fn show(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> ApiResult {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    Ok(tagged(own.found().digest, &own.found().licence))
}

fn describe_pdf(op: Operation) -> Operation {
    describe_own(op)
        .title(("下载签章 PDF", "Download the sealed PDF"))
        .file("application/pdf", ("文件，逐字节原样", "The file, byte for byte"))
}

async fn pdf(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> ApiResult {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    let name = format!("{}.pdf", own.found().licence.id);
    let read = move || app.office.artefact(&own, DocumentKind::SealedPdf);
    Ok(document("application/pdf", &name, spawn_blocking(read).await??))
}

fn describe_credential(op: Operation) -> Operation {
    let words = ("带全部披露项的 SD-JWT", "SD-JWT with every disclosure");
    describe_own(op)
        .title(("下载电子凭证", "Download the holder credential"))
        .text("application/dc+sd-jwt", words)
}

async fn credential(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> ApiResult {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    let name = format!("{}.sd-jwt", own.found().licence.id);
    let read = move || app.office.artefact(&own, DocumentKind::HolderCredential);
    Ok(document("application/dc+sd-jwt", &name, spawn_blocking(read).await??))
}

fn describe_history(op: Operation) -> Operation {
    let words = ("日志记录，按先后排列", "Lines of the journal, in order");
    describe_own(op)
        .title(("查看经过", "Who did what to a licence"))
        .answer::<History<'_>>(200, words)
        .example("history")
}

/// Who did what to a licence.
#[derive(Serialize, JsonSchema)]
struct History<'a> {
    id: LicenceId,
    events: Vec<JournalLine<'a>>,
}

async fn history(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    id: Segment,
) -> ApiResult {
    let own = authorized(&app, caller, Verb::Read, id).await?;
    let id = own.found().licence.id.clone();
    let read = move || app.office.history(&own);
    let lines = spawn_blocking(read).await??;
    let events =
        lines.iter().map(|(line, proposal)| JournalLine::of(line).about(proposal.as_ref()));
    let events = events.collect();
    Ok(Json(History { id, events }).into_response())
}

fn document(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let saved = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, saved),
    ];
    (head, bytes).into_response()
}

const STATES: [&str; 4] = ["active", "suspended", "revoked", "superseded"];
pub(super) const TAG: &str = "证照 Licences";
pub(super) const ISSUED: Words = ("已签发并可靠存储", "It is issued and durable");
