//! The public webhook key; on a second line, while both sign, the one before.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use serde_json::json;

use super::app::{App, HandlerResult};
use super::blocking::spawn_blocking;
use super::openapi::{Described, Operation, Routes};
use super::problem::Problem;
use crate::service::webhooks::{HookError, Payload};

pub(super) fn routes() -> Routes {
    Routes::default().get("/trust/webhook.pub", key, describe_key)
}

/// What is sent to destinations.
pub(super) fn sent() -> Vec<Described> {
    vec![Described::new("post", "changes", describe_message)]
}

fn describe_key(op: Operation) -> Operation {
    let en = "Ed25519, as Standard Webhooks writes it: whpk_ and the base64 of 32 bytes. Compare it \
              once with what the office told you over another channel, and keep it. The first line \
              is the key in use. When it took the place of another, the second line has that one \
              and until when it signs beside it.";
    let zh = "Ed25519 公钥，按 Standard Webhooks 的写法：whpk_ 加 32 字节的 base64。请通过其他渠道核对一次后保存。\
              第一行是现用公钥；更换密钥期间，第二行是旧公钥及其并行签名的截止时间。";
    let pattern = concat!(
        "^whpk_[A-Za-z0-9+/]{43}=\n(whpk_[A-Za-z0-9+/]{43}= until ",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\n)?$",
    );
    let words = ("公钥及一个换行，可能另有第二行", "The key and a newline, perhaps a second line");
    op.title(("变动通知的签名公钥", "The key that webhooks are signed with"))
        .about((zh, en))
        .tag(TAG)
        .answer_as((200, "text/plain"), json!({ "type": "string", "pattern": pattern }), words)
        .example("webhook_key")
        .refuses(&[Problem::UNAVAILABLE])
}

fn describe_message(op: Operation) -> Operation {
    let en = "Signed as Standard Webhooks 1.0.0 says with an asymmetric key: Ed25519 over \
              webhook-id, webhook-timestamp and the body, with dots between them. At least once \
              and in order; a repeated message has the same webhook-id. See docs/SHARING.md.";
    let zh = "按 Standard Webhooks 1.0.0 以非对称密钥签名：对 webhook-id、webhook-timestamp 和请求体（以点相连）\
              作 Ed25519 签名。至少送达一次，按先后；重发的消息 webhook-id 相同。见 docs/SHARING.md。";
    let failed = "It did not arrive: it is sent again later, no sooner than Retry-After says in \
                  seconds, up to an hour";
    let title = "What changed, sent to a destination that an administrator registered";
    describe_headers(op)
        .title(("证照变动通知", title))
        .about((zh, en))
        .tag(TAG)
        .sends::<Payload<'_>>()
        .example("webhook")
        .empty(
            "2XX",
            ("已送达；不读取答复的内容", "It arrived. The body of the answer is not read"),
        )
        .empty(
            "410",
            (
                "不再需要通知：停用该接收地址",
                "No more messages are wanted: the destination is disabled",
            ),
        )
        .empty("default", ("没有送达：稍后重发，不早于 Retry-After 所说的秒数，至多一小时", failed))
}

fn describe_headers(op: Operation) -> Operation {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let at = "When this attempt was made, in seconds since 1970; refuse what is five minutes off";
    let signature = "One or more signatures with spaces between them, two while the office changes \
                     its key; one that holds is enough";
    op.header(
        ("webhook-id", true),
        text("^msg_[0-9a-f]{32}$"),
        ("每次重发都相同；已见过的丢弃", "The same in every attempt; drop what you have seen"),
    )
    .header(
        ("webhook-timestamp", true),
        text("^[0-9]{1,12}$"),
        ("本次发送的时间，1970 年以来的秒数；相差五分钟以上的不予接受", at),
    )
    .header(
        ("webhook-signature", true),
        text("^v1a,[A-Za-z0-9+/]{86}==( v1a,[A-Za-z0-9+/]{86}==)*$"),
        ("一个或多个签名，以空格分隔，更换密钥期间为两个；其中一个成立即可", signature),
    )
}

async fn key(State(app): State<App>) -> HandlerResult {
    let office = Arc::clone(&app.office);
    let keys = spawn_blocking(move || Ok::<_, HookError>((office.webhook_keys()?, office.now())));
    let (keys, now) = keys.await?.map_err(|error| {
        tracing::error!(%error, "there is no key for webhooks");
        Problem::UNAVAILABLE
    })?;
    let before = keys.before(now).map(|ending| format!("{} until {}\n", ending.key, ending.until));
    let text = format!("{}\n{}", keys.key, before.unwrap_or_default());
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((head, text).into_response())
}

const TAG: &str = "数据共享 Sharing";
