//! A client of a departments' API: gets a token by `private_key_jwt`, bound to its key by DPoP or
//! to the certificate that it shows, and signs each request. What `yinzheng call` uses.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};

use super::clock::SystemClock;
use super::entropy::SystemEntropy;
use super::outbound::{Bounds, HttpResponse, OutboundError, Server};
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::time::Clock as _;
use crate::crypto::signer::SignError;
use crate::domain::access::assertion::MADE_BEFORE_START;
use crate::domain::access::dpop;
use crate::domain::office::BaseUrl;
use crate::format::jose::client_jwk::SystemKey;
use crate::format::jose::client_signer::SystemSigner;
use crate::format::jose::jws;
use crate::service::access::TOKEN_PATH;

/// A client with its key, and the server that it calls.
pub struct ApiClient {
    name: String,
    key: SystemSigner,
    base: BaseUrl,
    server: Server<'static>,
    bound: Bound,
}

/// The binding of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// To the client's key, by a proof with each request (RFC 9449).
    Key,
    /// To the certificate of the connection (RFC 8705, 3).
    Certificate,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Connection, TLS or HTTP failed.
    #[error("{0}: {1}")]
    Outbound(BaseUrl, OutboundError),
    /// The request cannot be expressed in HTTP.
    #[error("not a request: {0}")]
    Request(#[from] axum::http::Error),
    /// The server issued no token.
    #[error("no token: HTTP {0}: {1}")]
    NoToken(StatusCode, String),
    /// The client's key cannot be used.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl ApiClient {
    /// A client with its key, and the server that it calls. Connects nowhere yet.
    pub fn new(
        name: String,
        key: SystemSigner,
        (base, server): (BaseUrl, Server<'static>),
        bound: Bound,
    ) -> Self {
        Self { name, key, base, server, bound }
    }

    /// Requests a token with these rights; without any, with all of the client's. Where the server
    /// refuses what was signed in the second of its start, or before, a second request follows when
    /// that second has passed.
    pub async fn token(&self, scopes: &[String]) -> Result<String, CallError> {
        match self.request_token(scopes).await {
            Err(CallError::NoToken(_, why)) if why.ends_with(MADE_BEFORE_START) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.request_token(scopes).await
            }
            answer => answer,
        }
    }

    async fn request_token(&self, scopes: &[String]) -> Result<String, CallError> {
        let now = SystemClock.now().unix();
        let claims = json!({
            "iss": self.name, "sub": self.name, "aud": self.base.as_str(),
            "jti": chance(), "iat": now, "exp": now + 60,
        });
        let head = json!({ "typ": "client-authentication+jwt" });
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", self.key.sign(head, &claims)?),
        ];
        if !scopes.is_empty() {
            form.push(("scope", scopes.join(" ")));
        }
        let form: Vec<_> =
            form.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let mut request = Request::post(self.server.url.below(TOKEN_PATH))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if self.bound == Bound::Key {
            request = request.header("dpop", self.proof(&Method::POST, TOKEN_PATH, None)?);
        }
        let answer = self.exchange(request.body(Body::from(form.join("&")))?).await?;
        let read: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = read.get("access_token").and_then(Value::as_str);
        let said = || String::from_utf8_lossy(&answer.body).chars().take(500).collect();
        let error = || {
            let words = read.get("error_description").and_then(Value::as_str);
            words.map_or_else(said, str::to_owned)
        };
        token.map(str::to_owned).ok_or_else(|| CallError::NoToken(answer.status, error()))
    }

    /// Sends one request with a token. `target` is the path, with a query if needed.
    pub async fn send(
        &self,
        token: &str,
        method: Method,
        target: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Option<Bytes>,
    ) -> Result<HttpResponse, CallError> {
        let path = target.split('?').next().unwrap_or_default();
        let mut request = Request::builder()
            .uri(self.server.url.below(target))
            .header(ACCEPT, "application/json, */*");
        request = match self.bound {
            Bound::Key => {
                let proof = self.proof(&method, path, Some(token))?;
                request.header(AUTHORIZATION, format!("DPoP {token}")).header("dpop", proof)
            }
            Bound::Certificate => request.header(AUTHORIZATION, format!("Bearer {token}")),
        };
        request = request.method(method);
        if body.is_some() && !headers.iter().any(|(name, _)| name == CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.exchange(request.body(body.map_or_else(Body::empty, Body::from))?).await
    }

    fn proof(&self, method: &Method, path: &str, token: Option<&str>) -> Result<String, SignError> {
        let key = SystemKey::new(self.key.public_key());
        let key = key.ok_or_else(|| SignError("not a P-256 or Ed25519 key".to_owned()))?;
        let head = json!({ "typ": dpop::TYPE, "jwk": key.to_json() });
        let mut claims = json!({
            "htm": method.as_str(), "htu": format!("{}{path}", self.base),
            "jti": chance(), "iat": SystemClock.now().unix(),
        });
        if let Some(token) = token {
            let hash = jws::encode(Digest::of(&[token.as_bytes()]).as_bytes());
            claims["ath"] = hash.into();
        }
        self.key.sign(head, &claims)
    }

    async fn exchange(&self, request: Request<Body>) -> Result<HttpResponse, CallError> {
        let answer = self.server.ask(request, Bounds::of_a_user(ANSWER_BYTES)).await;
        answer.map_err(|error| CallError::Outbound(self.base.clone(), error))
    }
}

fn chance() -> String {
    jws::encode(&draw::<16>(&SystemEntropy::default()))
}

/// Percent-encoding of everything but unreserved characters (RFC 3986, 2.3).
fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}

impl std::fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiClient({} at {})", self.name, self.base)
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// A thousand licences in one answer have 5 MB.
const ANSWER_BYTES: usize = 64 << 20;
