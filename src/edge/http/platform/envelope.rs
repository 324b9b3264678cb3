//! The envelope, and its sender.
//!
//! The token is in `head.accessToken` and has no scheme; the proof of its key is the same as
//! everywhere: a `DPoP` header, or the client certificate of the connection. The HTTP status is 200
//! for every answer of an operation, as on these platforms, and 503 when the office cannot answer.

use std::pin::Pin;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::forms::{Answer, Head, Refusal};
use super::members::{Members, wrong};
use super::status::{HeadStatus, Refused};
use crate::base::limits::Interrupt;
use crate::base::text::without_byte_order_mark;
use crate::domain::access::{Caller, ClientName};
use crate::edge::http::app::App;
use crate::edge::http::blocking::spawn_blocking;
use crate::edge::http::body::Paid;
use crate::edge::http::oauth::{Evidence, problem_of, scheme_and_token};
use crate::edge::http::peer::{Peer, single};
use crate::edge::http::problem::{Problem, ProblemCode};
use crate::format::jose::json as strict;
use crate::service::access::NotRecognised;
use crate::service::office::Office;

/// The work of an operation with the members of `data`, for a recognised caller.
pub(super) type Work = fn(&Office, &Caller, Members) -> Result<Value, Refused>;

/// Kind of an operation.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    /// It reads data.
    Reads(Work),
    /// It verifies a file, at a verification place. A caller that waits for one has sent
    /// everything, so that none is held by a slow upload.
    Verifies(fn(&Office, &Caller, Members, Interrupt) -> Result<Value, Refused>),
}

/// A handler that reads data.
pub(super) fn reads(
    work: Work,
) -> impl Fn(State<App>, Request) -> BoxFuture + Clone + Send + Sync + 'static {
    takes(Operation::Reads(work))
}

/// A handler of this operation.
pub(super) fn takes(
    operation: Operation,
) -> impl Fn(State<App>, Request) -> BoxFuture + Clone + Send + Sync + 'static {
    move |State(app), request| Box::pin(answer(app, request, operation))
}

type BoxFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A parsed envelope.
struct Envelope {
    access_id: String,
    access_token: String,
    data: Map<String, Value>,
}

/// Outcome of a request.
struct Done {
    outcome: Result<Value, Refused>,
    /// The caller, and its remaining requests.
    client: Option<(ClientName, u32)>,
}

/// Answers a request: envelope, token, limit, work.
async fn answer(app: App, request: Request, operation: Operation) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match received(&parts, body).await {
        Ok(bytes) => bytes,
        Err(refused) => return respond(&app, Err(refused).into()),
    };
    let own = app.clone();
    let (network, paid) = (Peer::noted(&parts.extensions).network, Paid::of(&parts.extensions));
    let done = match operation {
        Operation::Reads(work) => {
            spawn_blocking(move || perform(&own, &parts, (bytes, paid), work)).await
        }
        Operation::Verifies(work) => {
            let verify = move |interrupt| {
                let work = |office: &_, caller: &_, data| work(office, caller, data, interrupt);
                perform(&own, &parts, (bytes, paid), work)
            };
            app.places.verify(network, verify).await
        }
    };
    respond(&app, done.unwrap_or_else(|problem| Err(problem.into()).into()))
}

/// The body of a caller that presents a proof of some key. A stranger's is not read at all.
async fn received(parts: &Parts, body: axum::body::Body) -> Result<Bytes, Refused> {
    let peer = Peer::noted(&parts.extensions);
    let evidence = Evidence::of(&peer, &parts.headers, &parts.method, &parts.uri);
    if !evidence.map_err(stranger)?.is_any() {
        let why = "请求没有 DPoP 请求头，连接也没有客户端证书";
        return Err(Refused::because(HeadStatus::Unauthenticated, why));
    }
    bytes(parts, body).await
}

async fn bytes(parts: &Parts, body: axum::body::Body) -> Result<Bytes, Refused> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refused::because(HeadStatus::Malformed, "Content-Type 应为 application/json"));
    }
    let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await;
    bytes.map_err(|rejection| match (Paid::of(&parts.extensions).failed(), rejection.status()) {
        (Some(problem), _) => problem.into(),
        (None, StatusCode::PAYLOAD_TOO_LARGE) => too_large(),
        (None, _) => Refused::because(HeadStatus::Malformed, "请求体没有收完"),
    })
}

/// Larger than the operation's limit.
pub(super) fn too_large() -> Refused {
    let refused = Refused::because(HeadStatus::Malformed, "内容过大");
    Refused { code: "too_large", ..refused }
}

fn perform(
    app: &App,
    parts: &Parts,
    (bytes, _paid): (Bytes, Paid),
    work: impl FnOnce(&Office, &Caller, Members) -> Result<Value, Refused>,
) -> Done {
    let envelope = Envelope::read(&bytes);
    drop(bytes);
    let caller =
        envelope.and_then(|envelope| Ok((recognise(&app.office, parts, &envelope)?, envelope)));
    let (caller, envelope) = match caller {
        Ok(recognised) => recognised,
        Err(refused) => return Err(refused).into(),
    };
    let client = caller.client().clone();
    match app.limits.take(&client) {
        Ok(left) => {
            let outcome = if client.as_str() == envelope.access_id {
                work(&app.office, &caller, Members::new(envelope.data))
            } else {
                Err(stranger(OTHER_CLIENT))
            };
            Done { outcome, client: Some((client, left)) }
        }
        Err(wait) => {
            let wait = Some(i64::try_from(wait).unwrap_or(i64::MAX));
            let refused = Refused { wait, ..HeadStatus::TooMany.into() };
            Done { outcome: Err(refused), client: Some((client, 0)) }
        }
    }
}

impl Envelope {
    fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let bytes = without_byte_order_mark(bytes);
        let top = strict::parse_object_within(bytes, DEPTH, VALUES)
            .map_err(|_| Refused::because(HeadStatus::Malformed, "不是规定的 JSON"))?;
        let mut top = Members::new(top);
        let head = top.take("head").ok_or_else(|| Refused::because(HeadStatus::Empty, "head"))?;
        let data = top.take("data").ok_or_else(|| Refused::because(HeadStatus::Empty, "data"))?;
        top.done()?;
        let mut head = Members::of(head, "head")?;
        let access_id = head.text_or("accessId", HeadStatus::Unauthenticated)?;
        let access_token = head.text_or("accessToken", HeadStatus::Unauthenticated)?;
        head.done()?;
        match data {
            Value::Object(data) => Ok(Self { access_id, access_token, data }),
            _ => Err(wrong("data", "应为对象")),
        }
    }
}

fn stranger(problem: Problem) -> Refused {
    Refused::with(HeadStatus::Unauthenticated, problem)
}

/// The caller that the token belongs to, whatever `accessId` claims.
fn recognise(office: &Office, parts: &Parts, envelope: &Envelope) -> Result<Caller, Refused> {
    let Parts { headers, method, uri, extensions, .. } = parts;
    let evidence =
        Evidence::of(&Peer::noted(extensions), headers, method, uri).map_err(stranger)?;
    let (scheme, token) = (evidence.scheme(), envelope.access_token.as_str());
    // Proxies may evaluate the header: it must have the same token, or be absent.
    if let Some(sent) = single(headers, &header::AUTHORIZATION).map_err(stranger)?
        && scheme_and_token(sent) != Some((scheme, token))
    {
        return Err(stranger(TWO_TOKENS));
    }
    evidence.recognise(office, scheme, token).map_err(|refused| match &refused {
        NotRecognised::Unavailable(_) => problem_of(&refused).into(),
        NotRecognised::Proof(why) => {
            let answer = stranger(INVALID_PROOF);
            Refused { message: format!("{}：{why}", answer.message), ..answer }
        }
        NotRecognised::ProofUsed => stranger(INVALID_PROOF),
        NotRecognised::Token | NotRecognised::OtherKey => stranger(problem_of(&refused)),
    })
}

impl From<Result<Value, Refused>> for Done {
    fn from(outcome: Result<Value, Refused>) -> Self {
        Self { outcome, client: None }
    }
}

fn respond(app: &App, done: Done) -> Response {
    let (status, body, refused) = match done.outcome {
        Ok(data) => {
            let (number, _, message, _) = HeadStatus::Answered.row();
            let head = Head { status: number, message: message.to_owned(), code: None };
            (StatusCode::OK, json!(Answer { head, data }), None)
        }
        Err(refused) => {
            let head = Head {
                status: refused.status.number(),
                message: refused.message.clone(),
                code: Some(refused.code),
            };
            let status = match refused.status {
                HeadStatus::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::OK,
            };
            (status, json!(Refusal { head, data: () }), Some(refused))
        }
    };
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, head, body.to_string()).into_response();
    if let Some(refused) = refused {
        put(response.headers_mut(), refused.wait);
        response.extensions_mut().insert(ProblemCode(refused.code));
    }
    if let Some((client, left)) = done.client {
        app.limits.tell(response.headers_mut(), left);
        response.extensions_mut().insert(client);
    }
    response
}

fn put(headers: &mut HeaderMap, wait: Option<i64>) {
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
}

/// Stated data have three levels.
const DEPTH: usize = 8;
/// The longest stated data have some hundred values. The body of a file has room for fourteen
/// million, a gigabyte of memory, and is read before anybody is recognised.
const VALUES: usize = 4_000;

const TWO_TOKENS: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "two_tokens",
    "Authorization 请求头与 accessToken 不一致，请只用 accessToken",
    "The Authorization header and accessToken differ; send accessToken alone",
);
const OTHER_CLIENT: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "other_client",
    "accessId 与访问令牌所属的系统不一致",
    "accessId is not the client of the access token",
);
const INVALID_PROOF: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_dpop_proof",
    "DPoP 证明无效或已用过",
    "The DPoP proof does not fit or was used before",
);
