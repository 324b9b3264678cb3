//! Routes for holders, who prove possession of their licence's key.

use axum::extract::{DefaultBodyLimit, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agreements::{AgreedTo, CODE, Code, created};
use super::bodies::{BODY_BYTES, Sent, private, with, with_body};
use super::refusals::{BAD_NONCE, BAD_PRESENTATION, BAD_VALUE, SharingResult, TAG};
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::domain::sharing::Asked;
use crate::edge::http::app::App;
use crate::edge::http::openapi::{Operation, Routes};
use crate::edge::http::peer::Peer;
use crate::edge::http::problem::Problem;
use crate::service::office::Office;
use crate::service::sharing::{AccessLine, Intent, Nonce};

pub(in crate::edge::http::api) fn routes() -> Routes {
    Routes::default()
        .post("/v1/holder/nonce", holder_nonce, describe_nonce)
        .post("/v1/holder/consents", consent_of_holder, describe_consents)
        .post("/v1/holder/accesses", accesses_of_holder, describe_accesses)
        .with(|router| router.layer(DefaultBodyLimit::max(BODY_BYTES)))
}

fn describe_nonce(op: Operation) -> Operation {
    let en = "What the holder is about to do is fixed here: the signature over the nonce is for \
              this alone. Good for five minutes, once.";
    let zh = "持证人将要做的事在此确定：对随机数的签名只为此一事。五分钟内使用一次。";
    of_holder(op)
        .title(("持证人：取随机数", "A nonce for a holder to sign"))
        .about((zh, en))
        .body::<NonceFor>()
        .example("nonce_for")
        .answer::<NonceToSign>(200, ("持证人签名的内容", "What the holder signs"))
        .example("nonce")
        .refuses(&[BAD_VALUE])
}

/// Of a request of a holder, whose network is counted.
fn of_holder(op: Operation) -> Operation {
    with_body(op).tag(TAG).refuses(&[Problem::TOO_MANY, Problem::UNAVAILABLE])
}

/// What the nonce is for.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "for", rename_all = "snake_case", deny_unknown_fields)]
enum NonceFor {
    Consent(AgreedTo),
    Accesses {},
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Nonce")]
struct NonceToSign {
    nonce: String,
    /// Goes into `aud` of what is signed.
    audience: String,
    /// Seconds.
    expires_in: i64,
}

async fn holder_nonce(State(app): State<App>, peer: Peer, body: Sent) -> SharingResult {
    app.holders.take(peer.network)?;
    let intent = match body.read()? {
        NonceFor::Accesses {} => Intent::Accesses,
        NonceFor::Consent(agreed) => Intent::Consent(agreed.into()),
    };
    let nonce = with(&app, move |office| office.holder_nonce(intent)).await??;
    let Nonce { nonce, audience, seconds } = nonce;
    Ok(private(&NonceToSign { nonce, audience, expires_in: seconds }))
}

fn describe_consents(op: Operation) -> Operation {
    let en = "The holder credential, signed with the key that it is bound to (RFC 9901, 4.3) over \
              the nonce. What is agreed to was fixed with the nonce.";
    let zh = "出示持证凭证，并以其绑定的密钥对随机数签名（RFC 9901 4.3）。同意的内容在取随机数时已经确定。";
    with_presentation(op)
        .title(("持证人：给出一次性同意", "Agree, as the holder"))
        .about((zh, en))
        .body::<Shown>()
        .example("presentation")
        .answer::<Code<'_>>(201, CODE)
        .example("agreed")
}

/// Of a request that shows a credential.
fn with_presentation(op: Operation) -> Operation {
    of_holder(op).refuses(&[BAD_NONCE, BAD_PRESENTATION])
}

/// A credential, presented.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Presentation")]
struct Shown {
    nonce: String,
    presentation: String,
}

async fn consent_of_holder(State(app): State<App>, peer: Peer, body: Sent) -> SharingResult {
    app.holders.take(peer.network)?;
    let shown: Shown = body.read()?;
    let act = move |office: &Office| office.consent_of_holder(&shown.nonce, &shown.presentation);
    Ok(created(&with(&app, act).await??))
}

fn describe_accesses(op: Operation) -> Operation {
    let en = "Accesses that concerned the licence, the newest first, 500 a page: when, which \
              department, for which purpose, which fields. Never values. For the next page draw \
              another nonce, sign it, and send next of the page before as before. The SHA-256 of \
              line stands in the proof at /log/access/proof/{id}.";
    let zh = "涉及该证照的查询，从最新的开始，每页 500 条：何时、哪个部门、什么用途、哪些字段，从不含字段的值。\
              取下一页时另取随机数并签名，把上一页的 next 作为 before 发送。line 的 SHA-256 见于 \
              /log/access/proof/{id} 的证明。";
    with_presentation(op)
        .title(("持证人：查看谁查询过", "Who asked for what, as the holder"))
        .about((zh, en))
        .body::<ShownForAccesses>()
        .example("presentation")
        .answer::<Accesses<'_>>(200, ("查询记录，从最新的开始", "Accesses, the newest first"))
        .example("accesses")
}

/// A credential, presented to see accesses.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AccessesPresentation")]
struct ShownForAccesses {
    nonce: String,
    presentation: String,
    /// `next` of the page before.
    before: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Accesses<'a> {
    accesses: Vec<ShownAccess<'a>>,
    /// Goes into `before` for the next page; null on the last.
    next: Option<&'a str>,
}

/// One access.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct ShownAccess<'a> {
    id: &'a str,
    at: Timestamp,
    act: Asked,
    department: &'a str,
    department_name: Option<&'a Localized>,
    /// Slug of the licence type.
    r#type: &'a str,
    purpose: &'a str,
    item: &'a str,
    fields: &'a [String],
    consent: bool,
    result: &'a str,
    /// The line as the access journal has it, byte for byte.
    line: &'a str,
}

impl<'a> ShownAccess<'a> {
    fn of(line: &'a AccessLine, department_name: Option<&'a Localized>) -> Self {
        let AccessLine { access, text } = line;
        Self {
            id: &access.id,
            at: access.at,
            act: access.act,
            department: &access.department,
            department_name,
            r#type: &access.kind,
            purpose: &access.purpose,
            item: &access.item,
            fields: &access.fields,
            consent: access.consent,
            result: &access.result,
            line: text,
        }
    }
}

async fn accesses_of_holder(State(app): State<App>, peer: Peer, body: Sent) -> SharingResult {
    app.holders.take(peer.network)?;
    let ShownForAccesses { nonce, presentation, before } = body.read()?;
    let act =
        move |office: &Office| office.accesses_of_holder(&nonce, &presentation, before.as_deref());
    let (accesses, more) = with(&app, act).await??;
    let departments = &app.office.profile().departments;
    let name_of = |slug: &String| departments.get(slug).map(|department| &department.name);
    let lines = accesses.iter().map(|line| ShownAccess::of(line, name_of(&line.access.department)));
    let next = accesses.last().filter(|_| more).map(|last| last.access.id.as_str());
    Ok(private(&Accesses { accesses: lines.collect(), next }))
}
