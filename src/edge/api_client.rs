//! A client of a departments' API: gets a token by `private_key_jwt`, bound to its key by DPoP, and
//! signs each request. What `yinzheng call` uses.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::clock::SystemClock;
use super::entropy::SystemEntropy;
use super::files::{self, FileError};
use super::outgoing::trusting;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::time::Clock as _;
use crate::crypto::signer::{SignError, Signer};
use crate::domain::access::dpop;
use crate::domain::office::BaseUrl;
use crate::format::jose::systemkey::SystemKey;
use crate::format::jose::{jws, signed};
use crate::service::access::TOKEN_PATH;

/// A client with its key, and the server that it talks to.
pub struct ApiClient {
    name: String,
    key: Box<dyn Signer>,
    base: BaseUrl,
    roots: Option<Arc<ClientConfig>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct ApiAnswer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server cannot be reached.
    #[error("{0}: {1}")]
    Connection(String, io::Error),
    /// What it sent is no answer.
    #[error("{0}: {1}")]
    Http(String, hyper::Error),
    /// It took too long.
    #[error("{0}: no answer within a minute")]
    TooSlow(String),
    /// The request cannot be written so.
    #[error("not a request: {0}")]
    Request(#[from] axum::http::Error),
    /// The answer is too long or broke off.
    #[error("the answer cannot be read: {0}")]
    Body(#[from] axum::Error),
    /// No token was given out.
    #[error("no token: HTTP {0}: {1}")]
    NoToken(StatusCode, String),
    /// The key.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// TLS.
    #[error("TLS: {0}")]
    Tls(String),
}

impl ApiClient {
    /// A client. `authority` is a PEM file with the roots to trust; without it, the system's.
    pub fn new(
        name: String,
        key: Box<dyn Signer>,
        base: BaseUrl,
        authority: Option<&Path>,
    ) -> Result<Self, CallError> {
        let secure = base.as_str().starts_with("https://");
        let roots = secure.then(|| trust(authority)).transpose()?;
        Ok(Self { name, key, base, roots })
    }

    /// Gets a token with these rights; all of the client's when there are none.
    pub async fn token(&self, scopes: &[String]) -> Result<String, CallError> {
        let now = SystemClock.now().unix();
        let claims = json!({
            "iss": self.name, "sub": self.name, "aud": self.base.as_str(),
            "jti": chance(), "iat": now, "exp": now + 60,
        });
        let head = json!({ "alg": "ES256", "typ": "client-authentication+jwt" });
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", signed::sign(&head, &claims, &*self.key)?),
        ];
        if !scopes.is_empty() {
            form.push(("scope", scopes.join(" ")));
        }
        let form: Vec<_> =
            form.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let request = Request::post(self.target(TOKEN_PATH))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("dpop", self.proof(&Method::POST, TOKEN_PATH, None)?)
            .body(Body::from(form.join("&")))?;
        let answer = self.exchange(request).await?;
        let read: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = read.get("access_token").and_then(Value::as_str);
        let said = || String::from_utf8_lossy(&answer.body).chars().take(500).collect();
        let error = || {
            let words = read.get("error_description").and_then(Value::as_str);
            words.map_or_else(said, str::to_owned)
        };
        token.map(str::to_owned).ok_or_else(|| CallError::NoToken(answer.status, error()))
    }

    /// Sends one request with a token. `target` is the path and perhaps a query.
    pub async fn send(
        &self,
        token: &str,
        method: Method,
        target: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Option<Bytes>,
    ) -> Result<ApiAnswer, CallError> {
        let path = target.split('?').next().unwrap_or_default();
        let proof = self.proof(&method, path, Some(token))?;
        let mut request = Request::builder()
            .method(method)
            .uri(self.target(target))
            .header(AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof)
            .header(ACCEPT, "application/json, */*");
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
        let key = key.ok_or_else(|| SignError("not a P-256 key".to_owned()))?;
        let head = json!({ "alg": "ES256", "typ": dpop::TYPE, "jwk": key.to_json() });
        let mut claims = json!({
            "htm": method.as_str(), "htu": format!("{}{path}", self.base),
            "jti": chance(), "iat": SystemClock.now().unix(),
        });
        if let Some(token) = token {
            let hash = jws::encode(Digest::of(&[token.as_bytes()]).as_bytes());
            claims["ath"] = hash.into();
        }
        signed::sign(&head, &claims, &*self.key)
    }

    /// What stands in the request line: the base may have a path of its own.
    fn target(&self, path: &str) -> String {
        let rest = self.base.as_str().split_once("://").map_or("", |(_, rest)| rest);
        let prefix = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
        format!("{prefix}{path}")
    }

    async fn exchange(&self, request: Request<Body>) -> Result<ApiAnswer, CallError> {
        let name = || self.base.to_string();
        let answer = tokio::time::timeout(TIME, self.converse(request)).await;
        answer.map_err(|_| CallError::TooSlow(name()))?
    }

    async fn converse(&self, mut request: Request<Body>) -> Result<ApiAnswer, CallError> {
        let name = || self.base.to_string();
        let failed = |error| CallError::Connection(name(), error);
        let base: Uri = self.base.as_str().parse().map_err(axum::http::Error::from)?;
        let host = base.host().unwrap_or_default();
        let usual = if self.roots.is_some() { 443 } else { 80 };
        let port = base.port_u16().unwrap_or(usual);
        if let Ok(value) = HeaderValue::from_str(self.base.host()) {
            request.headers_mut().insert(HOST, value);
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, port)).await.map_err(failed)?;
        let Some(roots) = &self.roots else { return talk(stream, request, name()).await };
        let server = ServerName::try_from(bare.to_owned())
            .map_err(|error| CallError::Tls(error.to_string()))?;
        let connector = TlsConnector::from(Arc::clone(roots));
        talk(connector.connect(server, stream).await.map_err(failed)?, request, name()).await
    }
}

async fn talk<S>(stream: S, request: Request<Body>, name: String) -> Result<ApiAnswer, CallError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error| CallError::Http(name.clone(), error);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // Ends with the sender.
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.map_err(failed)?.into_parts();
    let body = axum::body::to_bytes(Body::new(body), ANSWER_BYTES).await?;
    Ok(ApiAnswer { status: head.status, body })
}

fn trust(authority: Option<&Path>) -> Result<Arc<ClientConfig>, CallError> {
    let pem = authority.map(|path| files::read(path, PEM_BYTES)).transpose()?;
    trusting(pem.as_deref()).map_err(|error| CallError::Tls(error.to_string()))
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
const TIME: Duration = Duration::from_mins(1);
/// A thousand licences in one answer have 5 MB.
const ANSWER_BYTES: usize = 64 << 20;
/// The system's bundle has 230 KB.
const PEM_BYTES: usize = 4 << 20;
