//! HTTP client for one server that the operator named: over TLS, or plain with this machine alone.
//! No redirects, no proxies, no cookies; answers are bounded in bytes and in time.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ETAG, HOST};
use axum::http::{HeaderValue, Request, StatusCode, Uri};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::files::{self, FileError};
use super::outgoing::believing;
use crate::base::secret::Secret;
use crate::domain::office::BaseUrl;

/// A server, and its trust anchors. Nothing is connected yet.
#[derive(Clone, Debug)]
pub struct HttpClient {
    base: BaseUrl,
    tls: Option<Arc<ClientConfig>>,
}

/// A connection to it, opened again when the server closed it.
#[derive(Debug)]
pub struct Connection<'a> {
    link: &'a HttpClient,
    sender: Option<SendRequest<Body>>,
}

/// A client certificate, and its key, as PEM files.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The certificate and those above it.
    pub chain: &'a Path,
    /// The private key, readable by its owner alone.
    pub key: &'a Path,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct ApiAnswer {
    /// HTTP status code.
    pub status: StatusCode,
    /// Its entity tag, with the quotes.
    pub etag: Option<HeaderValue>,
    /// Its body.
    pub body: Bytes,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The server cannot be reached.
    #[error("{0}: {1}")]
    Connection(String, io::Error),
    /// The server sent no valid answer.
    #[error("{0}: {1}")]
    Http(String, hyper::Error),
    /// The time limit was reached.
    #[error("{0}: no answer within a minute")]
    TooSlow(String),
    /// The request cannot be expressed in HTTP.
    #[error("not a request: {0}")]
    Request(#[from] axum::http::Error),
    /// The answer is too long or incomplete.
    #[error("the answer cannot be read: {0}")]
    Body(#[from] axum::Error),
    /// A certificate or key file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The TLS configuration or handshake failed.
    #[error("TLS: {0}")]
    Tls(String),
}

impl HttpClient {
    /// Names a server. `authority` is a PEM file with the roots to trust; without it, the system's.
    pub fn new(
        base: BaseUrl,
        authority: Option<&Path>,
        shown: Option<Shown<'_>>,
    ) -> Result<Self, LinkError> {
        let secure = base.as_str().starts_with("https://");
        if shown.is_some() && !secure {
            let what = "a certificate can be shown to https:// addresses alone";
            return Err(LinkError::Tls(what.to_owned()));
        }
        let tls = secure.then(|| configure(authority, shown).map(Arc::new)).transpose()?;
        Ok(Self { base, tls })
    }

    /// The server's base address.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The request target: the base may have a path of its own.
    pub fn target(&self, path: &str) -> String {
        let rest = self.base.as_str().split_once("://").map_or("", |(_, rest)| rest);
        let prefix = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
        format!("{prefix}{path}")
    }

    /// A connection for requests; the first one connects.
    pub fn talk(&self) -> Connection<'_> {
        Connection { link: self, sender: None }
    }

    async fn connect(&self) -> Result<SendRequest<Body>, LinkError> {
        let failed = |error| LinkError::Connection(self.base.to_string(), error);
        let base: Uri = self.base.as_str().parse().map_err(axum::http::Error::from)?;
        let host = base.host().unwrap_or_default();
        let usual = if self.tls.is_some() { 443 } else { 80 };
        let port = base.port_u16().unwrap_or(usual);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, port)).await.map_err(failed)?;
        let Some(tls) = &self.tls else { return self.shake_hands(stream).await };
        let server = ServerName::try_from(bare.to_owned())
            .map_err(|error| LinkError::Tls(error.to_string()))?;
        let connector = TlsConnector::from(Arc::clone(tls));
        self.shake_hands(connector.connect(server, stream).await.map_err(failed)?).await
    }

    async fn shake_hands<S>(&self, stream: S) -> Result<SendRequest<Body>, LinkError>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let failed = |error| LinkError::Http(self.base.to_string(), error);
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        // Ends with the sender.
        tokio::spawn(connection);
        Ok(sender)
    }
}

impl Connection<'_> {
    /// Sends a request and returns the whole answer, of at most this many bytes.
    pub async fn ask(
        &mut self,
        request: Request<Body>,
        most: usize,
    ) -> Result<ApiAnswer, LinkError> {
        let name = self.link.base.to_string();
        let answer = tokio::time::timeout(TIME, self.converse(request, most)).await;
        answer.map_err(|_| LinkError::TooSlow(name))?
    }

    async fn converse(
        &mut self,
        mut request: Request<Body>,
        most: usize,
    ) -> Result<ApiAnswer, LinkError> {
        if let Ok(value) = HeaderValue::from_str(self.link.base.host()) {
            request.headers_mut().insert(HOST, value);
        }
        let mut sender = match self.sender.take() {
            Some(sender) if sender.is_ready() => sender,
            _ => self.link.connect().await?,
        };
        let failed = |error| LinkError::Http(self.link.base.to_string(), error);
        let (head, body) = sender.send_request(request).await.map_err(failed)?.into_parts();
        let body = axum::body::to_bytes(Body::new(body), most).await?;
        // The connection is free for the next request once it has seen the end of this one.
        if sender.ready().await.is_ok() {
            self.sender = Some(sender);
        }
        let etag = head.headers.get(ETAG).cloned();
        Ok(ApiAnswer { status: head.status, etag, body })
    }
}

fn configure(
    authority: Option<&Path>,
    shown: Option<Shown<'_>>,
) -> Result<ClientConfig, LinkError> {
    let tls = |error: &dyn std::fmt::Display| LinkError::Tls(error.to_string());
    let pem = authority.map(|path| files::read_given(path, PEM_BYTES)).transpose()?;
    let builder = believing(pem.as_deref()).map_err(|error| tls(&error))?;
    let Some(shown) = shown else { return Ok(builder.with_no_client_auth()) };
    let pem = Secret::new(files::read_secret_given(shown.key, PEM_BYTES)?);
    let key = PrivateKeyDer::from_pem_slice(pem.expose())
        .map_err(|error| tls(&format!("{}: {error}", shown.key.display())))?;
    builder.with_client_auth_cert(chain(shown.chain)?, key).map_err(|error| tls(&error))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, LinkError> {
    let tls = |error| LinkError::Tls(format!("{}: {error}", path.display()));
    let pem = files::read_given(path, PEM_BYTES)?;
    CertificateDer::pem_slice_iter(&pem).map(|one| one.map_err(tls)).collect()
}

const TIME: Duration = Duration::from_mins(1);
/// The system's bundle has 230 KB.
const PEM_BYTES: usize = 4 << 20;
