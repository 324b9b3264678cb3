//! An office whose departments share data, with its routes in this process.
#![allow(dead_code, reason = "the benchmarks use a part of the desk")]
#![allow(clippy::allow_attributes, reason = "the tests use all of it")]
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use axum::{Extension, Router};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::time::{Clock as _, Timestamp};
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::access::{Caller, ClientName, Scope};
use yinzheng::domain::sharing::Access;
use yinzheng::edge::http::router;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::service::access::NewClient;
use yinzheng::service::issue_command::{Issued, Request as IssueRequest, Requester};
use yinzheng::service::office::Office;
use yinzheng::service::sharing::NewGrant;
use yinzheng::service::status::LIST_ENTRIES;
use yinzheng::store::{Collection, Memory, Store};

use crate::world::{FixedClock, Shared, TestOffice, example};

/// The office, and the tools of its tests.
pub(crate) struct Desk {
    pub(crate) office: Arc<Office>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) parts: Arc<Shared>,
    schemas: Value,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(Memory::new().unwrap()), Arc::new(Memory::new().unwrap()))
    }

    pub(crate) fn over(store: Arc<dyn Store>, accesses: Arc<dyn Store>) -> Self {
        let test = TestOffice::with_accesses(LIST_ENTRIES, store, accesses);
        let TestOffice { office, clock, parts } = test;
        let mut desk = Self { office: Arc::new(office), clock, parts, schemas: Value::Null };
        desk.schemas = desk.send(None, Method::GET, "/openapi.json", "").json();
        desk
    }

    /// Registers a client and returns it as an authenticated caller.
    pub(crate) fn client(
        &self,
        name: &str,
        department: &str,
        scopes: &[&str],
        purposes: &[&str],
    ) -> Caller {
        let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
        let jwk = Jwk::new(yinzheng::crypto::signer::Signer::public_key(&key)).unwrap().to_json();
        let scopes: Vec<Scope> = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        let purposes = purposes.iter().map(|text| (*text).to_owned()).collect();
        let key = &jwk;
        let new = NewClient { name, department, scopes: scopes.clone(), purposes, key };
        self.office.add_client(new, &Actor::LocalOperator).unwrap();
        Caller::new(ClientName::parse(name).unwrap(), department.to_owned(), scopes)
    }

    pub(crate) fn grant(
        &self,
        (department, kind): (&str, &str),
        fields: &[&str],
        consent: &[&str],
        purposes: &[&str],
    ) -> u64 {
        self.grant_for((department, kind), fields, consent, (purposes, &[]))
    }

    pub(crate) fn grant_for(
        &self,
        (department, kind): (&str, &str),
        fields: &[&str],
        consent: &[&str],
        (purposes, items): (&[&str], &[&str]),
    ) -> u64 {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let new = NewGrant {
            department: department.to_owned(),
            kind: kind.to_owned(),
            fields: texts(fields),
            consent: texts(consent),
            purposes: texts(purposes),
            items: items.iter().map(|text| (*text).to_owned()).collect(),
            document: false,
            expires: self.clock.now().plus(90 * 86_400),
        };
        self.office.add_grant(new, &Actor::LocalOperator).unwrap().number
    }

    /// Issues a residence permit for the person with this number.
    pub(crate) fn permit(&self, person: u32, key: Option<Value>) -> Issued {
        let mut input = example("residence-permit");
        input["fields"]["citizen_id"] = citizen(person).into();
        if let Some(key) = key {
            input["holder_key"] = key;
        }
        self.issue("residence-permit", &input)
    }

    pub(crate) fn issue(&self, kind: &str, input: &Value) -> Issued {
        let actor = &Actor::LocalOperator;
        self.office
            .issue(&IssueRequest {
                requester: &Requester::Operator(actor.clone()),
                kind,
                input,
                idempotency: None,
            })
            .unwrap()
    }

    /// Calls a route as this authenticated client, and checks that the answer matches its
    /// description.
    pub(crate) fn post(&self, caller: Option<&Caller>, path: &str, body: &Value) -> Reply {
        let reply = self.send(caller, Method::POST, path, &body.to_string());
        self.fits(&reply, "post", path);
        self.takes(&reply, path, body);
        reply
    }

    pub(crate) fn get(&self, caller: Option<&Caller>, path: &str) -> Reply {
        let reply = self.send(caller, Method::GET, path, "");
        self.fits(&reply, "get", path.split('?').next().unwrap());
        reply
    }

    pub(crate) fn send(
        &self,
        caller: Option<&Caller>,
        method: Method,
        path: &str,
        body: &str,
    ) -> Reply {
        let mut app: Router = router(Arc::clone(&self.office));
        if let Some(caller) = caller {
            app = app.layer(Extension(caller.clone()));
        }
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let answer = TowerToHyperService::new(app).call(request).await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let bytes = to_bytes(answer.into_body(), 64 << 20).await.unwrap();
            Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
        })
    }

    /// Checks that the description has this status for this route, and that the body matches.
    pub(crate) fn fits(&self, reply: &Reply, method: &str, path: &str) {
        let described = &self.operation(method, path)["responses"][reply.status.to_string()];
        let kind = reply.headers["content-type"].to_str().unwrap();
        let schema = &described["content"][kind]["schema"];
        assert!(schema.is_object(), "{method} {path} {} {kind} is not described", reply.status);
        if kind == "application/problem+json" {
            let (description, code) = (described["description"].as_str().unwrap(), reply.code());
            assert!(
                description.contains(&format!("`{code}`")),
                "{method} {path}: {code} is not told"
            );
        }
        let value = if kind == "application/jwt" { json!(reply.text) } else { reply.json() };
        assert!(self.is_valid(schema, &value), "{method} {path}: {value}");
    }

    /// Checks that a body that does not match the description is refused.
    pub(crate) fn takes(&self, reply: &Reply, path: &str, body: &Value) {
        let schema = &self.operation("post", path)["requestBody"]["content"]["application/json"];
        let is_answered = (200..300).contains(&reply.status)
            && (!reply.text.starts_with('{') || reply.json()["head"]["code"].is_null());
        assert!(!is_answered || self.is_valid(&schema["schema"], body), "{path} takes {body}");
    }

    pub(crate) fn operation(&self, method: &str, path: &str) -> &Value {
        let known = self.schemas["paths"].as_object().unwrap().keys().find(|known| {
            let (known, path) = (known.split('/'), path.split('/'));
            known.clone().count() == path.clone().count()
                && known.zip(path).all(|(known, part)| known.starts_with('{') || known == part)
        });
        &self.schemas["paths"][known.unwrap()][method]
    }

    fn is_valid(&self, schema: &Value, value: &Value) -> bool {
        let whole = json!({ "components": self.schemas["components"], "allOf": [schema] });
        jsonschema::draft202012::new(&whole).unwrap().is_valid(value)
    }

    /// The description's schema of this name.
    pub(crate) fn schema(&self, name: &str) -> &Value {
        &self.schemas["components"]["schemas"][name]
    }

    /// The lines of the access journal, in order.
    pub(crate) fn lines(&self) -> Vec<Access> {
        let accesses = self.office.accesses();
        let lines = accesses.reader().events(0, 1_000_000).unwrap();
        let entries = lines.iter().flat_map(|line| &line.entries);
        let keys = entries.filter(|(room, _)| *room == Collection::Access).map(|(_, key)| key);
        keys.map(|key| accesses.reader().entry(Collection::Access, key).unwrap().unwrap())
            .map(|entry| serde_json::from_str(&entry.value).unwrap())
            .collect()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// GB 11643.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The citizen number of a fictitious person with the example's date of birth.
pub(crate) fn citizen(person: u32) -> String {
    // The 17th digit is even for women.
    let (region, order) = (99 - person / 400 % 100, person / 4 % 100);
    let body = format!("9999{region:02}19900101{order:02}{}", 2 * (person % 4) + 2);
    let sum: u32 =
        body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", &"10X98765432"[sum as usize % 11..][..1])
}

/// The body of a query for a residence permit.
pub(crate) fn ask(person: u32, change: Value) -> Value {
    let mut body = json!({
        "type": "residence-permit",
        "holder": { "code_type": "111", "code": citizen(person) },
        "purpose": "入学登记",
        "item": "2026-000117",
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
