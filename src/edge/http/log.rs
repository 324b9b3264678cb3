//! The public logs: checkpoint and tiles as C2SP tlog-tiles serves them.
//!
//! Entry bundles are not served: the content of a leaf is for holders of the document or of the
//! access's identifier, and its blinded hash is enough for the public to see that nothing was
//! rewritten.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::app::{App, HandlerResult};
use super::blocking::spawn_blocking;
use super::openapi::{Operation, Routes};
use super::problem::Problem;
use crate::format::merkle::tile::Tile;
use crate::service::log::LogError;
use crate::service::log::LogName::{self, Accesses, Acts};

/// The routes of the logs.
pub(super) fn routes() -> Routes {
    of_acts().merge(of_accesses())
}

fn of_acts() -> Routes {
    Routes::default()
        .get(
            "/log/checkpoint",
            |app| checkpoint(app, Acts),
            |op| {
                let en = "The newest head of the log, signed (C2SP tlog-checkpoint)";
                describe_checkpoint(op).title(("日志最新的签名检查点", en)).example("checkpoint")
            },
        )
        .get(
            "/log/witnessed",
            |app| witnessed(app, Acts),
            |op| {
                let en = "The head of the log that witnesses signed last (C2SP tlog-cosignature)";
                describe_witnessed(op).title(("见证人最近签名的检查点", en)).example("checkpoint")
            },
        )
        .get(
            "/log/vkey",
            |app| vkey(app, Acts),
            |op| {
                let en = "The key of the log (C2SP signed-note, verifier key); compare it over \
                          another channel";
                describe_vkey(op).title(("日志的验签公钥（请经其他渠道核对）", en)).example("vkey")
            },
        )
        .get(
            "/log/tile/{level}/{*index}",
            |app, path| tile(app, path, Acts),
            |op| {
                let en = "A tile of the log's tree (C2SP tlog-tiles); entries are not served";
                describe_tile(op).title(("日志树的分块", en))
            },
        )
}

fn of_accesses() -> Routes {
    Routes::default()
        .get(
            "/log/access/checkpoint",
            |app| checkpoint(app, Accesses),
            |op| {
                let en = "The newest head of the log of who read what, signed (C2SP \
                          tlog-checkpoint)";
                let words = ("查询日志最新的签名检查点", en);
                describe_checkpoint(op).title(words).example("access_checkpoint")
            },
        )
        .get(
            "/log/access/witnessed",
            |app| witnessed(app, Accesses),
            |op| {
                let en = "The head of the log of who read what that witnesses signed last (C2SP \
                          tlog-cosignature)";
                let words = ("见证人最近签名的查询日志检查点", en);
                describe_witnessed(op).title(words).example("access_checkpoint")
            },
        )
        .get(
            "/log/access/vkey",
            |app| vkey(app, Accesses),
            |op| {
                let en = "The key of the log of who read what (C2SP signed-note, verifier key); \
                          compare it over another channel";
                let words = ("查询日志的验签公钥（请经其他渠道核对）", en);
                describe_vkey(op).title(words).example("access_vkey")
            },
        )
        .get(
            "/log/access/tile/{level}/{*index}",
            |app, path| tile(app, path, Accesses),
            |op| {
                let en = "A tile of the tree over who read what (C2SP tlog-tiles); entries are \
                          not served";
                describe_tile(op).title(("查询日志树的分块", en))
            },
        )
        .get("/log/access/proof/{id}", access_proof, describe_access_proof)
}

fn describe_checkpoint(op: Operation) -> Operation {
    let en = "Origin, size and root of the tree, and signatures of the log and of witnesses who \
              saw this very head";
    let zh = "日志名称、树的大小和树根，以及日志和见到此检查点的见证人的签名";
    op.tag(TAG).text("text/plain", (zh, en)).refuses(&[Problem::UNAVAILABLE])
}

fn describe_witnessed(op: Operation) -> Operation {
    op.tag(TAG)
        .text(
            "text/plain",
            ("带见证人签名的检查点", "A checkpoint with the signatures of witnesses"),
        )
        .refuses_when(Problem::NOT_FOUND, ("尚无见证人签名", "No witness signed one yet"))
}

fn describe_vkey(op: Operation) -> Operation {
    let words = ("名称、标识和公钥", "Name, id and key");
    op.tag(TAG).text("text/plain", words).refuses(&[Problem::UNAVAILABLE])
}

fn describe_tile(op: Operation) -> Operation {
    let index = "The tile's number in groups of three digits, all but the last with an x before \
                 them, such as x001/x234/067; for a partial tile .p/ and how many hashes it has. \
                 The slashes are slashes of the path.";
    let index_zh = "分块编号，每三位数字一组，除最后一组外前面加 x，如 x001/x234/067；不满的分块再加 .p/ \
                    和哈希个数。其中的斜杠就是路径的斜杠。";
    op.tag(TAG)
        .path(
            "level",
            json!({ "type": "integer", "minimum": 0, "maximum": 63 }),
            (
                "0 为叶子哈希；每上一层的一个哈希对应下一层的 256 个",
                "0 for hashes of leaves; each level above has a hash for 256 of the one below",
            ),
        )
        .path(
            "index",
            json!({
                "type": "string",
                "pattern": r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$",
                "examples": ["000.p/3"],
            }),
            (index_zh, index),
        )
        .file(
            "application/octet-stream",
            (
                "最多 256 个哈希，每个 32 字节；永不改变",
                "Hashes of 32 bytes, at most 256 of them; never changes",
            ),
        )
        .refuses_when(
            Problem::NOT_FOUND,
            ("树中没有这一分块，或尚未形成", "The tree has no such tile, or not yet"),
        )
        .refuses(&[Problem::UNAVAILABLE])
}

fn describe_access_proof(op: Operation) -> Operation {
    op.tag(TAG)
        .title((
            "某次查询在查询日志中的证明",
            "The proof that an access is in the log of who read what (C2SP tlog-proof), for \
             whoever knows its identifier",
        ))
        .path(
            "id",
            json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
            (
                "查询记录的标识：应答中的 jti，或持证人列表中的 id",
                "Identifier of the access: jti of the answer, or id in the holder's list",
            ),
        )
        .text(
            "text/plain",
            (
                "附加数据说明叶子的构成：parts 第一项之后为查询记录原文的 SHA-256",
                "Its extra data are what the leaf is made of: after the first of parts, the \
                 SHA-256 of the access's line",
            ),
        )
        .example("access_proof")
        .refuses_when(Problem::NOT_FOUND, ("没有这条查询记录", "There is no such access"))
        .refuses(&[Problem::UNAVAILABLE])
}

async fn checkpoint(State(app): State<App>, log: LogName) -> HandlerResult {
    let office = Arc::clone(&app.office);
    let made = spawn_blocking(move || office.log(log).checkpoint()).await?;
    Ok(note(made.map_err(unavailable)?.to_string()))
}

/// The latest head that witnesses signed: in a busy office the newest has no witness signatures
/// yet.
async fn witnessed(State(app): State<App>, log: LogName) -> HandlerResult {
    Ok(note(app.office.log(log).witnessed().ok_or(Problem::NOT_FOUND)?.to_string()))
}

async fn vkey(State(app): State<App>, log: LogName) -> HandlerResult {
    let office = Arc::clone(&app.office);
    let key = spawn_blocking(move || office.log(log).key()).await?.map_err(unavailable)?;
    Ok(note(format!("{key}\n")))
}

/// The identifier has 128 random bits and is known to the calling client, to the holder and to the
/// office; the proof has digests alone.
async fn access_proof(State(app): State<App>, Path(id): Path<String>) -> HandlerResult {
    let office = Arc::clone(&app.office);
    match spawn_blocking(move || office.access_proof(&id)).await? {
        Ok(proof) => Ok(note(proof.to_string())),
        Err(LogError::NoAccess(_)) => Err(Problem::NOT_FOUND),
        Err(error) => Err(unavailable(error)),
    }
}

async fn tile(
    State(app): State<App>,
    Path((level, index)): Path<(String, String)>,
    log: LogName,
) -> HandlerResult {
    let wanted = Tile::parse(&format!("{level}/{index}")).ok_or(Problem::NOT_FOUND)?;
    let office = Arc::clone(&app.office);
    let found = spawn_blocking(move || office.log(log).tile(wanted)).await?;
    let found = found.map_err(|error| unavailable(error.into()))?;
    let bytes = found.ok_or(Problem::NOT_FOUND)?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        // The content of a tile never changes, nor that of a partial one.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, bytes).into_response())
}

fn note(text: String) -> Response {
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (head, text).into_response()
}

fn unavailable(error: LogError) -> Problem {
    tracing::error!(%error, "the log does not answer");
    Problem::UNAVAILABLE
}

const TAG: &str = "存证日志 Log";
