//! Sharing over HTTP: queries, comparisons, consents, the feed, and the routes for holders.

mod refusals;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use self::refusals::{BAD_BATCH, BAD_CURSOR, BAD_HOLDER, BAD_JSON, BAD_SUBJECT, Refused};
use super::caller::Authenticated;
use crate::base::codes::ListedCodes;
use crate::base::text::without_byte_order_mark;
use crate::domain::access::HolderCode;
use crate::edge::http::app::App;
use crate::edge::http::blocking::spawn_blocking;
use crate::edge::http::peer::Peer;
use crate::edge::http::problem::Problem;
use crate::format::jose::json as strict;
use crate::service::office::Office;
use crate::service::sharing::{
    AccessLine, Agreed, Agreement, Answered, BATCH, Intent, Match, Query, SharingError, Subject,
};

/// Routes of sharing for departments.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/query", post(query))
        .route("/v1/match", post(compare))
        .route("/v1/licences/{id}/consents", post(consent_at_counter))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .merge(
            Router::new()
                .route("/v1/query/batch", post(batch))
                .layer(DefaultBodyLimit::max(BATCH_BYTES)),
        )
        .route("/v1/changes", get(changes))
}

/// Routes for holders, who prove possession of their licence's key, and public routes.
pub(super) fn public_routes() -> Router<App> {
    Router::new()
        .route("/v1/holder/nonce", post(holder_nonce))
        .route("/v1/holder/consents", post(consent_of_holder))
        .route("/v1/holder/accesses", post(accesses_of_holder))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

type Answer = Result<Response, Refused>;

/// The refusal for a department, and the seconds to wait when there are any.
pub(in crate::edge::http) fn problem_of(error: SharingError) -> (Problem, Option<i64>) {
    let Refused(problem, wait) = error.into();
    (problem, wait)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedFor {
    #[serde(rename = "type")]
    kind: String,
    holder: Option<AskedHolder>,
    number: Option<String>,
    purpose: String,
    item: String,
    fields: Option<Vec<String>>,
    consent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedHolder {
    code_type: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedBatch {
    queries: Vec<AskedFor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    #[serde(rename = "type")]
    kind: String,
    holder: Option<AskedHolder>,
    number: Option<String>,
    purpose: String,
    item: String,
    fields: Map<String, Value>,
    consent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgreedTo {
    department: String,
    purpose: String,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    document: bool,
}

#[derive(Deserialize)]
#[serde(tag = "for", rename_all = "snake_case", deny_unknown_fields)]
enum NonceFor {
    Consent(AgreedTo),
    Accesses {},
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    nonce: String,
    presentation: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownForAccesses {
    nonce: String,
    presentation: String,
    before: Option<String>,
}

impl AskedFor {
    fn query(self, listed: &ListedCodes) -> Result<Query, Problem> {
        let subject = subject(self.holder, self.number, listed)?;
        let Self { kind, purpose, item, fields, consent, .. } = self;
        Ok(Query { subject, kind, purpose, item, fields, consent })
    }
}

fn subject(
    holder: Option<AskedHolder>,
    number: Option<String>,
    listed: &ListedCodes,
) -> Result<Subject, Problem> {
    match (holder, number) {
        (Some(holder), None) => {
            let code = HolderCode::parse_or_listed(&holder.code_type, &holder.code, listed);
            code.map(Subject::Holder).ok_or(BAD_HOLDER)
        }
        (None, Some(number)) => Ok(Subject::Number(number)),
        _ => Err(BAD_SUBJECT),
    }
}

async fn query(State(app): State<App>, who: Authenticated, body: Bytes) -> Answer {
    let query = read::<AskedFor>(&body)?.query(&app.office.profile().listed_codes)?;
    let answered = with(&app, move |office| office.query(&who.0, &query)).await??;
    Ok(signed(answered))
}

fn signed(answered: Answered) -> Response {
    let head = [
        (header::CONTENT_TYPE, "application/jwt".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (QUERY_ID, answered.id),
    ];
    (head, answered.token).into_response()
}

async fn batch(State(app): State<App>, who: Authenticated, body: Bytes) -> Answer {
    let asked: AskedBatch = read(&body)?;
    if asked.queries.is_empty() || asked.queries.len() > BATCH {
        return Err(BAD_BATCH.into());
    }
    let listed = &app.office.profile().listed_codes;
    let queries = asked.queries.into_iter().map(|asked| asked.query(listed));
    let queries = queries.collect::<Result<Vec<_>, _>>()?;
    let answers = with(&app, move |office| office.query_all(&who.0, &queries)).await??;
    let answers: Vec<Value> = answers
        .into_iter()
        .map(|answer| match answer {
            Ok(answered) => json!({ "query": answered.id, "answer": answered.token }),
            Err(error) => json!({ "problem": Refused::from(error).0.to_json() }),
        })
        .collect();
    Ok(private(&json!({ "answers": answers })))
}

async fn compare(State(app): State<App>, who: Authenticated, body: Bytes) -> Answer {
    let stated: Stated = read(&body)?;
    let subject = subject(stated.holder, stated.number, &app.office.profile().listed_codes)?;
    let Stated { kind, purpose, item, consent, fields, .. } = stated;
    let query = Query { subject, kind, purpose, item, fields: None, consent };
    let asked = Match { query, stated: fields };
    let (id, result) = with(&app, move |office| office.compare(&who.0, &asked)).await??;
    let body = json!({ "query": id, "result": result.code(), "message": result.words() });
    Ok(private(&body))
}

async fn consent_at_counter(
    State(app): State<App>,
    Path(id): Path<String>,
    who: Authenticated,
    body: Bytes,
) -> Answer {
    let agreement = agreement(read(&body)?);
    let agreed =
        with(&app, move |office| office.consent_at_counter(&who.0, &id, &agreement)).await??;
    Ok(created(&agreed))
}

async fn holder_nonce(State(app): State<App>, peer: Peer, body: Bytes) -> Answer {
    app.holders.take(peer.network)?;
    let intent = match read(&body)? {
        NonceFor::Accesses {} => Intent::Accesses,
        NonceFor::Consent(agreed) => Intent::Consent(agreement(agreed)),
    };
    let nonce = with(&app, move |office| office.holder_nonce(intent)).await??;
    let body = json!({
        "nonce": nonce.nonce, "audience": nonce.audience, "expires_in": nonce.seconds,
    });
    Ok(private(&body))
}

async fn consent_of_holder(State(app): State<App>, peer: Peer, body: Bytes) -> Answer {
    app.holders.take(peer.network)?;
    let shown: Shown = read(&body)?;
    let act = move |office: &Office| office.consent_of_holder(&shown.nonce, &shown.presentation);
    Ok(created(&with(&app, act).await??))
}

async fn accesses_of_holder(State(app): State<App>, peer: Peer, body: Bytes) -> Answer {
    app.holders.take(peer.network)?;
    let ShownForAccesses { nonce, presentation, before } = read(&body)?;
    let act =
        move |office: &Office| office.accesses_of_holder(&nonce, &presentation, before.as_deref());
    let (accesses, more) = with(&app, act).await??;
    let line = |AccessLine { access, text }: &AccessLine| {
        let department = app.office.profile().departments.get(&access.department);
        json!({
            "id": access.id,
            "at": access.at,
            "act": access.act,
            "department": access.department,
            "department_name": department.map(|department| &department.name),
            "type": access.kind,
            "purpose": access.purpose,
            "item": access.item,
            "fields": access.fields,
            "consent": access.consent,
            "result": access.result,
            "line": text,
        })
    };
    let lines: Vec<_> = accesses.iter().map(line).collect();
    let next = accesses.last().filter(|_| more).map(|last| &last.access.id);
    Ok(private(&json!({ "accesses": lines, "next": next })))
}

async fn changes(State(app): State<App>, who: Authenticated, query: RawQuery) -> Answer {
    let (mut since, mut limit) = (0, 100);
    for pair in query.0.iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("since", value)) => since = value.parse().map_err(|_| BAD_CURSOR)?,
            Some(("limit", value)) => {
                let read = value.parse().ok().filter(|limit| (1..=1000).contains(limit));
                limit = read.ok_or(BAD_CURSOR)?;
            }
            _ => return Err(BAD_CURSOR.into()),
        }
    }
    let found = with(&app, move |office| office.changes(&who.0, since, limit)).await??;
    let (changes, next, more) = (&found.changes, found.next.to_string(), found.more);
    Ok(private(&json!({ "changes": changes, "next": next, "more": more })))
}

fn agreement(agreed: AgreedTo) -> Agreement {
    let AgreedTo { department, purpose, fields, document } = agreed;
    Agreement { department, purpose, fields, document }
}

fn created(agreed: &Agreed) -> Response {
    let body = json!({ "code": agreed.code.as_str(), "expires": agreed.until });
    (StatusCode::CREATED, private(&body)).into_response()
}

fn private(body: &Value) -> Response {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (head, body.to_string()).into_response()
}

/// Strict JSON: no repeated key, no unknown member.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = without_byte_order_mark(body);
    let value = strict::parse(body, DEPTH).map_err(|_| BAD_JSON)?;
    serde_json::from_value(value).map_err(|_| BAD_JSON)
}

/// Signing and disk must not block other connections.
async fn with<T: Send + 'static>(
    app: &App,
    act: impl FnOnce(&Office) -> T + Send + 'static,
) -> Result<T, Problem> {
    let office = Arc::clone(&app.office);
    spawn_blocking(move || act(&office)).await
}

const QUERY_ID: HeaderName = HeaderName::from_static("yinzheng-query");
/// A presentation has some 4 KB; everything else is smaller.
const BODY_BYTES: usize = 64 << 10;
/// A thousand queries of 600 bytes.
const BATCH_BYTES: usize = 1 << 20;
const DEPTH: usize = 8;
