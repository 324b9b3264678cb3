//! An office that is called in the format of share platforms, and the calling systems.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::edge::http::router;
use yinzheng::format::jose::client_jwk::SystemKey;
use yinzheng::format::jose::{jws, signed};
use yinzheng::service::access::{NewClient, TokenRequest};
use yinzheng::service::issue_command::Issued;
use yinzheng::service::sharing::NewGrant;

use crate::desk::{Desk, Reply, citizen};

pub(crate) const BASE: &str = "http://127.0.0.1:8080";
pub(crate) const PURPOSE: &str = "入学登记";
pub(crate) const CAUSE: &str = "入学登记|2026-000117";
pub(crate) const PERMIT: &str = "11990000MB00000948006";
pub(crate) const OPERATIONS: [&str; 8] = [
    "queryCertInfo",
    "queryCertInfoByQRcode",
    "verifyCertInfo",
    "verifyFile",
    "downloadUrlsByHolderCode",
    "downloadUrl",
    "downloadFile",
    "certRemark",
];

/// A platform's system: its name, its key and its token.
pub(crate) struct System {
    pub(crate) name: &'static str,
    pub(crate) key: SoftwareKey,
    pub(crate) token: String,
}

/// An office, its router, and the transcript.
pub(crate) struct PlatformClient {
    pub(crate) desk: Desk,
    pub(crate) router: Router,
    pub(crate) said: RefCell<String>,
}

pub(crate) fn fresh() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed).to_string()
}

impl PlatformClient {
    pub(crate) fn new() -> Self {
        Self::of(Desk::new())
    }

    pub(crate) fn of(desk: Desk) -> Self {
        // Proofs signed in the second of the start are refused.
        desk.clock.set("2026-11-24T06:01:00Z");
        let router = router(Arc::clone(&desk.office));
        Self { desk, router, said: RefCell::default() }
    }

    pub(crate) fn system(
        &self,
        name: &'static str,
        department: &'static str,
        scopes: &[&str],
    ) -> System {
        let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
        let jwk = SystemKey::new(key.public_key()).unwrap().to_json();
        let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        let purposes = vec![PURPOSE.to_owned(), "其他".to_owned()];
        let new = NewClient { name, department, scopes, purposes, key: &jwk };
        self.desk.office.add_client(new, &Actor::LocalOperator).unwrap();
        let mut system = System { name, key, token: String::new() };
        system.token = self.token(&system);
        system
    }

    pub(crate) fn token(&self, system: &System) -> String {
        let now = self.desk.now().unix();
        let claims = json!({
            "iss": system.name, "sub": system.name, "aud": BASE, "iat": now, "exp": now + 300,
            "jti": fresh(),
        });
        let assertion = signed::sign(&json!({ "alg": "ES256" }), &claims, &system.key).unwrap();
        let proof = system.proof(now, "/oauth/token", None);
        let request = TokenRequest {
            assertion: &assertion,
            client_id: None,
            scope: None,
            proof: Some(&proof),
            certificate: None,
        };
        self.desk.office.give_token(&request).unwrap().token.expose().to_owned()
    }

    /// A grant for social affairs to read residence permits.
    pub(crate) fn grant(&self, fields: &[&str], consent: &[&str], document: bool) -> u64 {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        let new = NewGrant {
            department: "social".to_owned(),
            kind: "residence-permit".to_owned(),
            fields: texts(fields),
            consent: texts(consent),
            purposes: vec![PURPOSE.to_owned()],
            items: Vec::new(),
            document,
            expires: self.desk.now().plus(90 * 86_400),
        };
        self.desk.office.add_grant(new, &Actor::LocalOperator).unwrap().number
    }

    /// Calls an operation like a client of such a platform.
    pub(crate) fn call(&self, system: &System, operation: &str, data: &Value) -> Reply {
        let head = json!({ "accessId": system.name, "accessToken": system.token });
        let body = json!({ "head": head, "data": data });
        let path = format!("/share/v1/{operation}");
        let proof = system.proof(self.desk.now().unix(), &path, Some(&system.token));
        self.post(&path, &[("dpop", &proof)], &body)
    }

    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let reply = self.send("POST", path, headers, body.to_string());
        self.desk.fits(&reply, "post", path);
        self.desk.takes(&reply, path, body);
        self.note(path, body, &reply);
        reply
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        let reply = self.send("GET", path, &[], String::new());
        assert!([200, 404, 503].contains(&reply.status), "{reply:?}");
        reply
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json;charset=UTF-8");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let service = TowerToHyperService::new(self.router.clone());
            let answer = service.call(request).await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let bytes = to_bytes(answer.into_body(), 64 << 20).await.unwrap();
            Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
        })
    }

    pub(crate) fn say(&self, text: &str) {
        writeln!(self.said.borrow_mut(), "# {text}\n").unwrap();
    }

    pub(crate) fn note(&self, path: &str, body: &Value, reply: &Reply) {
        let mut said = self.said.borrow_mut();
        let lines = |mark: &str, value: &Value| {
            let text = serde_json::to_string_pretty(&shown(value)).unwrap();
            text.lines().fold(String::new(), |all, line| all + mark + " " + line + "\n")
        };
        writeln!(said, "> POST {path}\n> DPoP: (a proof by the key of the token)").unwrap();
        said.push_str(&lines(">", body));
        writeln!(said, "< {}", StatusCode::from_u16(reply.status).unwrap()).unwrap();
        said.push_str(&lines("<", &reply.json()));
        said.push('\n');
    }
}

impl System {
    pub(crate) fn proof(&self, now: i64, path: &str, token: Option<&str>) -> String {
        let jwk = SystemKey::new(self.key.public_key()).unwrap().to_json();
        let head = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
        let mut claims = json!({
            "htm": "POST", "htu": format!("{BASE}{path}"), "iat": now, "jti": fresh(),
        });
        if let Some(token) = token {
            claims["ath"] = jws::encode(Digest::of(&[token.as_bytes()]).as_bytes()).into();
        }
        signed::sign(&head, &claims, &self.key).unwrap()
    }
}

/// Removes the values that differ in each run.
pub(crate) fn shown(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match (name.as_str(), value.as_str()) {
                    ("accessToken", Some(_)) => "(the access token)".into(),
                    ("answer", Some(_)) => "(the signed answer)".into(),
                    ("queryId", Some(_)) => "(32 hexadecimal digits)".into(),
                    ("content", Some(text)) if text.starts_with("http") => {
                        let head = text.rsplit_once('/').unwrap().0;
                        format!("{head}/(43 characters)").into()
                    }
                    ("content", Some(_)) => "(a PDF in base64)".into(),
                    ("qrcode", Some(_)) => format!("{BASE}/v/(16 characters)").into(),
                    _ => shown(value),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(all) => Value::Array(all.iter().map(shown).collect()),
        other => other.clone(),
    }
}

/// Status and stable name of a refusal.
pub(crate) fn refusal(reply: &Reply) -> (i64, String) {
    let body = reply.json();
    assert!(body["data"].is_null(), "{body}");
    let head = &body["head"];
    (head["status"].as_i64().unwrap(), head["code"].as_str().unwrap_or_default().to_owned())
}

/// The data of an answer.
pub(crate) fn data(reply: &Reply) -> Value {
    let body = reply.json();
    assert_eq!((reply.status, &body["head"]["status"]), (200, &json!(0)), "{body}");
    assert_eq!(reply.headers["cache-control"], "no-store");
    body["data"].clone()
}

pub(crate) fn by_id(issued: &Issued) -> Value {
    json!({ "certIdentifier": issued.licence.id, "useCause": CAUSE })
}

pub(crate) fn by_holder(person: u32) -> Value {
    json!({
        "certTypeCode": PERMIT, "holderTypeCode": "111", "holderCode": citizen(person),
        "useCause": CAUSE,
    })
}

pub(crate) fn stated(issued: &Issued, person: u32, name: &str) -> Value {
    json!({
        "certTypeCode": PERMIT,
        "certData": {
            "certNo": issued.licence.number, "holderCode": citizen(person), "holder": name,
        },
        "useCause": CAUSE,
    })
}

pub(crate) fn with(mut data: Value, name: &str, value: Value) -> Value {
    data[name] = value;
    data
}

/// The address in the symbol on the page.
pub(crate) fn symbol(issued: &Issued) -> String {
    let text = String::from_utf8_lossy(&issued.pdf);
    let (_, rest) = text.split_once("QR: ").unwrap();
    rest.split(')').next().unwrap().to_owned()
}
