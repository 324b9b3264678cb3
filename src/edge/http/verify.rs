//! Verification of a file, and of the office's own copy by its code.

use std::sync::Arc;

use axum::Json;
use axum::body::HttpBody as _;
use axum::extract::{Path, Request, State};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::app::App;
use super::blocking::spawn_blocking;
use super::openapi::{Operation, Routes};
use super::peer::Peer;
use super::problem::Problem;
use super::upload::{self, Upload};
use super::{admission, body};
use crate::base::ids::Code;
use crate::domain::verify::report::Report;

pub(super) fn routes() -> Routes {
    Routes::default().post("/v1/verify", verify, describe_verify).get(
        "/v1/verify/{code}",
        verify_code,
        describe_verify_code,
    )
}

fn describe_verify(op: Operation) -> Operation {
    let binary = || json!({ "type": "string", "format": "binary", "minLength": 1 });
    op.title(("核验文件（PDF 或凭证）", "Verify a PDF or a credential"))
        .body_as("application/pdf", binary())
        .body_as("application/dc+sd-jwt", json!({ "type": "string", "minLength": 1 }))
        .body_as("application/octet-stream", binary())
        .body_of_type::<Form>("multipart/form-data")
        .answer::<Report>(200, ("核验报告，yinzheng-report/1", "A report, yinzheng-report/1"))
        .refuses(&[Problem::BAD_UPLOAD, body::TOO_SLOW, Problem::TOO_LARGE])
        .refuses(&[admission::BUSY, Problem::UNAVAILABLE])
}

/// As a browser sends it.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, description = "")]
#[expect(dead_code, reason = "the parts of a form are read one after the other, as they arrive")]
struct Form {
    #[schemars(extend("format" = "binary"))]
    file: String,
}

fn describe_verify_code(op: Operation) -> Operation {
    op.title(("凭核验码核验", "Verify by the printed code; values of persons are masked"))
        .path(
            "code",
            json!({ "type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{16}$" }),
            (
                "16 个字符；大小写、空格和连字符均可忽略",
                "16 characters; case, spaces and hyphens do not matter",
            ),
        )
        .answer::<Report>(
            200,
            (
                "关于存档件的核验报告，yinzheng-report/1（`examined`）：没有看查询者手中的纸张或文件",
                "A report, yinzheng-report/1, on the copy on file (`examined`): no paper and no \
                 file of whoever asks was looked at",
            ),
        )
        .refuses(&[Problem::BAD_CODE, Problem::TOO_MANY, Problem::UNAVAILABLE])
        .refuses_when(Problem::NOT_FOUND, ("没有这个核验码", "No such code"))
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

pub(super) async fn judge(app: &App, request: Request) -> Result<Report, Problem> {
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

pub(super) async fn look_up(app: &App, text: &str, peer: &Peer) -> Result<(Code, Report), Problem> {
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

/// As much as goes into the buffers of a connection at once.
const SMALL: u64 = 256 << 10;
