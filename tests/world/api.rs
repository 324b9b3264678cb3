//! The departments' API in this process: an office in memory, authenticated callers, and every
//! answer compared with the description of the API.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use jsonschema::Validator;
use serde_json::{Value, json};
use yinzheng::domain::access::{Caller, ClientName};
use yinzheng::edge::http::router;
use yinzheng::service::office::Office;
use yinzheng::store::{Memory, Store};

use crate::world::{FixedClock, Shared, TestOffice, example};

/// An office and its API.
pub(crate) struct Api {
    pub test: TestOffice,
    pub office: Arc<Office>,
    router: Router,
    runtime: tokio::runtime::Runtime,
    transcript: Mutex<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    caller: Option<&'a Caller>,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string().as_bytes())
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }
}

pub(crate) fn get<'a>(caller: &'a Caller, path: &str) -> Call<'a> {
    call(Some(caller), "GET", path)
}

pub(crate) fn post<'a>(caller: &'a Caller, path: &str) -> Call<'a> {
    call(Some(caller), "POST", path)
}

pub(crate) fn call<'a>(caller: Option<&'a Caller>, method: &'static str, path: &str) -> Call<'a> {
    Call { caller, method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
}

pub(crate) fn caller(name: &str, department: &str, scopes: &[&str]) -> Caller {
    let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
    Caller::new(ClientName::parse(name).unwrap(), department.to_owned(), scopes)
}

/// Checks that status, body and headers are the same, except for request identifiers.
pub(crate) fn same(one: &Reply, other: &Reply) {
    let shown = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        for name in ["x-request-id", "ratelimit"] {
            headers.remove(name);
        }
        (reply.status, reply.bytes.clone(), format!("{headers:?}"))
    };
    assert_eq!(shown(one), shown(other));
}

/// A request for a licence of a type, with its example.
pub(crate) fn submission(kind: &str) -> Value {
    json!({ "type": kind, "application": example(kind) })
}

impl Api {
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(Memory::new().unwrap()))
    }

    /// Construction permits need a second person; nothing else does.
    pub(crate) fn over(store: Arc<dyn Store>) -> Self {
        Self::around(TestOffice::over(store))
    }

    /// The same office after a restart.
    pub(crate) fn again(store: Arc<dyn Store>, shared: Shared, clock: Arc<FixedClock>) -> Self {
        let shared = Arc::new(Shared { store: Arc::clone(&store), ..shared });
        Self::around(TestOffice::again(store, &shared, clock))
    }

    /// The persistent state. The store is closed when only this is left.
    pub(crate) fn end(self) -> (Shared, Arc<FixedClock>) {
        let shared = &self.test.parts;
        let parts = Shared {
            certificates: shared.certificates.clone(),
            crl: shared.crl.clone(),
            root_crl: shared.root_crl.clone(),
            entropy: Arc::clone(&shared.entropy),
            keys: Arc::clone(&shared.keys),
            list_entries: shared.list_entries,
            store: Arc::new(Memory::new().unwrap()),
            accesses: Arc::clone(&shared.accesses),
            last_time: Arc::clone(&shared.last_time),
        };
        (parts, Arc::clone(&self.test.clock))
    }

    fn around(test: TestOffice) -> Self {
        let types = "types = [\"construction-permit\"]";
        let second = format!("{types}\nfour_eyes = [\"construction-permit\"]");
        let office = Arc::new(test.with_profile(types, &second));
        let router = router(Arc::clone(&office));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
        Self { test, office, router, runtime, transcript: Mutex::default() }
    }

    /// Sends a call. The answer must be in the description, and match its schema.
    pub(crate) fn send(&self, call: Call<'_>) -> Reply {
        let mut request = Request::builder().method(call.method).uri(&call.path);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(call.body.clone())).unwrap();
        let router = match call.caller {
            Some(caller) => self.router.clone().layer(Extension(caller.clone())),
            None => self.router.clone(),
        };
        let reply = self.runtime.block_on(async {
            let answer = TowerToHyperService::new(router).call(request).await.unwrap();
            let (parts, body) = answer.into_parts();
            let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
            Reply { status: parts.status.as_u16(), headers: parts.headers, bytes: bytes.to_vec() }
        });
        described(&call, &reply);
        self.note(&call, &reply);
        reply
    }

    /// A page for people.
    pub(crate) fn page(&self, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.runtime.block_on(async {
            let service = TowerToHyperService::new(self.router.clone());
            let answer = service.call(request).await.unwrap();
            assert_eq!(answer.status(), 200);
            let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.unwrap();
            String::from_utf8(bytes.to_vec()).unwrap()
        })
    }

    /// Issues the example of a type, and returns identifier and entity tag.
    pub(crate) fn issue(&self, caller: &Caller, kind: &str, key: &str) -> (String, String) {
        let call = post(caller, "/v1/licences").header("idempotency-key", key);
        let reply = self.send(call.json(&submission(kind)));
        assert_eq!(reply.status, 201, "{reply:?}");
        let id = reply.json()["licence"]["id"].as_str().unwrap().to_owned();
        (id, reply.header("etag").to_owned())
    }

    /// Adds a line to the transcript.
    pub(crate) fn say(&self, text: &str) {
        writeln!(self.transcript.lock().unwrap(), "# {text}\n").unwrap();
    }

    fn note(&self, call: &Call<'_>, reply: &Reply) {
        let mut text = format!("> {} {}\n", call.method, call.path);
        if let Some(caller) = call.caller {
            writeln!(text, "> Authorization: (token of {})", caller.client()).unwrap();
        }
        for (name, value) in &call.headers {
            writeln!(text, "> {name}: {value}").unwrap();
        }
        shown(&mut text, "> ", &call.body);
        let status = StatusCode::from_u16(reply.status).unwrap();
        writeln!(text, "< {status}").unwrap();
        let mut headers: Vec<_> = reply.headers.iter().collect();
        headers.sort_by_key(|(name, _)| name.as_str().to_owned());
        for (name, value) in headers {
            if !FRAME.contains(&name.as_str()) {
                writeln!(text, "< {name}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        shown(&mut text, "< ", &reply.bytes);
        writeln!(self.transcript.lock().unwrap(), "{text}").unwrap();
    }

    /// The transcript so far, without values that differ from run to run.
    pub(crate) fn transcript(&self) -> String {
        normal(&self.transcript.lock().unwrap())
    }
}

/// Headers that are the same on every answer, or differ each time.
const FRAME: [&str; 8] = [
    "content-length",
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "x-frame-options",
    "x-request-id",
    "ratelimit",
    "ratelimit-policy",
];

fn shown(text: &mut String, mark: &str, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let body = match serde_json::from_slice::<Value>(bytes) {
        Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
        Err(_) if bytes.starts_with(b"%PDF") => "(a PDF)".to_owned(),
        Err(_) => "(text)".to_owned(),
    };
    for line in body.lines() {
        writeln!(text, "{mark}{line}").unwrap();
    }
}

/// Digests by order of occurrence: `sha256-1` is the first. Indices of status lists are random.
fn normal(text: &str) -> String {
    let mut digests = BTreeMap::new();
    let mut out = String::new();
    for line in text.lines() {
        if let Some((head, _)) = line.split_once("_index\": ") {
            writeln!(out, "{head}_index\": …,").unwrap();
            continue;
        }
        let mut rest = line;
        while let Some(at) = (0..rest.len()).find(|at| is_digest(rest.get(*at..*at + 64))) {
            let (head, tail) = rest.split_at(at);
            let (digest, tail) = tail.split_at(64);
            let next = digests.len() + 1;
            let number = digests.entry(digest.to_owned()).or_insert(next);
            write!(out, "{head}sha256-{number}").unwrap();
            rest = tail;
        }
        writeln!(out, "{rest}").unwrap();
    }
    out
}

fn is_digest(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.bytes().all(|byte| b"0123456789abcdef".contains(&byte)))
}

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let api = Api::silent();
    serde_json::from_slice(&api).unwrap()
});

impl Api {
    fn silent() -> Vec<u8> {
        let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
        let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
        runtime.block_on(async {
            let service = TowerToHyperService::new(router(Arc::new(test.office)));
            let answer = service.call(request).await.unwrap();
            axum::body::to_bytes(answer.into_body(), 64 << 20).await.unwrap().to_vec()
        })
    }
}

/// Checks that the answer is in the description, and matches its schema.
fn described(call: &Call<'_>, reply: &Reply) {
    let path = call.path.split('?').next().unwrap();
    let segments: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        parts.len() == segments.len()
            && parts
                .iter()
                .zip(&segments)
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    // The more specific one first: /v1/licences/preview is not an identifier.
    let mut templates: Vec<_> = paths.keys().filter(|template| fits(template)).collect();
    templates.sort_by_key(|template| template.matches('{').count());
    let Some(template) = templates.first() else {
        assert_eq!(reply.status, 404, "{path} is not described");
        return;
    };
    let operation = &paths[*template][call.method.to_lowercase()];
    if operation.is_null() {
        assert_eq!(reply.status, 405, "{} {template} is not described", call.method);
        return;
    }
    takes(call, reply, operation);
    let described = &operation["responses"][reply.status.to_string()];
    let place = format!("{} {template} {}", call.method, reply.status);
    assert!(described.is_object(), "{place} is not described: {reply:?}");
    if let Some(headers) = described["headers"].as_object() {
        for (name, _) in headers.iter().filter(|(_, header)| header["required"] == true) {
            assert!(reply.headers.contains_key(name.as_str()), "{place} lacks {name}");
        }
    }
    let media = reply.header("content-type").split(';').next().unwrap();
    let content = &described["content"];
    if reply.bytes.is_empty() {
        assert!(content.is_null(), "{place} has no body");
        return;
    }
    let schema = &content[media]["schema"];
    assert!(schema.is_object(), "{place}: {media} is not described");
    if media.ends_with("json") {
        let body = reply.json();
        let description = described["description"].as_str().unwrap();
        let code = body["code"].as_str().filter(|_| media == "application/problem+json");
        assert!(
            code.is_none_or(|code| description.contains(&format!("`{code}`"))),
            "{place}: {body}"
        );
        let validator = validator(schema);
        let errors: Vec<_> = validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect();
        assert!(errors.is_empty(), "{place}: {errors:#?}\n{body:#}");
    }
}

/// Checks that a body that does not match the description is refused.
fn takes(call: &Call<'_>, reply: &Reply, operation: &Value) {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    // Share platforms get a refusal in the head of the envelope.
    let is_refused = |json: Value| json["head"]["code"].is_string();
    if !(200..300).contains(&reply.status)
        || schema.is_null()
        || serde_json::from_slice(&reply.bytes).is_ok_and(is_refused)
    {
        return;
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert!(validator(schema).is_valid(&body), "{} {} takes {body}", call.method, call.path);
}

pub(crate) fn description() -> &'static Value {
    &DESCRIPTION
}

pub(crate) fn validator(schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = DESCRIPTION["components"].clone();
    jsonschema::draft202012::new(&whole).unwrap()
}
