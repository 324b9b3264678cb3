//! One request and its answer over HTTP/1.1, within bounds.

use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, HeaderMap, USER_AGENT};
use axum::http::{HeaderValue, Request, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::ext::on_informational;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::connect::connect;
use super::error::OutboundError;
use super::permitted::Permitted;
use super::tls::{BadTls, Shown, configured};
use super::url::Url;
use crate::base::localized::Localized;
use crate::domain::office::BaseUrl;

/// A server. Nothing is connected yet.
#[derive(Clone, Debug)]
pub struct Server<'a> {
    /// Its address.
    pub url: Url,
    /// The addresses that its name may lead to.
    pub permitted: Permitted<'a>,
    /// How a server over TLS is trusted.
    pub tls: Option<Arc<ClientConfig>>,
}

/// A connection to it, opened again when the server closed it.
#[derive(Debug)]
pub struct Connection<'a> {
    server: &'a Server<'a>,
    sender: Option<SendRequest<Body>>,
}

/// Bounds on a request and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Time from the look-up of the name to the end of the answer.
    pub time: Duration,
    /// Bytes of the answer's head.
    pub head_bytes: usize,
    /// Bytes of its body. Without a number it is not read.
    pub body_bytes: Option<usize>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// HTTP status code.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Bounds {
    /// For a server that the user who waits for the answer named.
    pub const fn of_a_user(body_bytes: usize) -> Self {
        Self { time: TIME, head_bytes: HEAD_BYTES, body_bytes: Some(body_bytes) }
    }
}

impl Server<'_> {
    /// A server that the user who waits for the answer named: any address will do.
    pub fn of_a_user(
        base: &BaseUrl,
        roots: Option<&Path>,
        shown: Option<Shown<'_>>,
    ) -> Result<Self, BadTls> {
        let bad = |zh: &str, en: &str| {
            BadTls::Pem(Localized::new(format!("{base}：{zh}"), format!("{base}: {en}")))
        };
        let url = Url::parse(base.as_str())
            .ok_or_else(|| bad("不是一个主机的地址", "not an address of one host"))?;
        if shown.is_some() && !url.is_secure() {
            return Err(bad(
                "只能向 https:// 地址出示证书",
                "a certificate can be shown to https:// addresses alone",
            ));
        }
        let tls = url.is_secure().then(|| configured(roots, shown)).transpose()?;
        Ok(Self { url, permitted: Permitted::Any, tls })
    }

    /// A connection for several requests; the first one connects.
    pub fn connection(&self) -> Connection<'_> {
        Connection { server: self, sender: None }
    }

    /// Sends one request on a connection of its own.
    pub async fn ask(
        &self,
        mut request: Request<Body>,
        bounds: Bounds,
    ) -> Result<HttpResponse, OutboundError> {
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        self.connection().ask(request, bounds).await
    }

    async fn open(
        &self,
        head_bytes: usize,
        ends: Instant,
    ) -> Result<SendRequest<Body>, OutboundError> {
        let stream = connect(self.url.authority(), self.permitted, ends).await?;
        if !self.url.is_secure() {
            return handshake(stream, head_bytes).await;
        }
        let invalid = |error: &str| io::Error::new(io::ErrorKind::InvalidInput, error.to_owned());
        let tls = self.tls.clone().ok_or_else(|| invalid("TLS is not configured"))?;
        let name = ServerName::try_from(self.url.authority().name().to_owned())
            .map_err(|error| invalid(&error.to_string()))?;
        handshake(TlsConnector::from(tls).connect(name, stream).await?, head_bytes).await
    }
}

impl Connection<'_> {
    /// Sends a request and returns the answer, whatever its status.
    pub async fn ask(
        &mut self,
        request: Request<Body>,
        bounds: Bounds,
    ) -> Result<HttpResponse, OutboundError> {
        let ends = Instant::now() + bounds.time;
        let answer = timeout_at(ends, self.exchange(request, bounds, ends)).await;
        answer.map_err(|_| OutboundError::TooSlow)?
    }

    async fn exchange(
        &mut self,
        mut request: Request<Body>,
        bounds: Bounds,
        ends: Instant,
    ) -> Result<HttpResponse, OutboundError> {
        let host = HeaderValue::from_str(&self.server.url.host());
        request.headers_mut().insert(HOST, host.map_err(axum::http::Error::from)?);
        let agent = HeaderValue::from_static("yinzheng");
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        let mut sender = match self.sender.take() {
            Some(sender) if sender.is_ready() => sender,
            _ => self.server.open(bounds.head_bytes, ends).await?,
        };
        // Hyper takes any number of interim answers.
        let too_many = Arc::new(Notify::new());
        let (interim, notify) = (AtomicUsize::new(0), Arc::clone(&too_many));
        on_informational(&mut request, move |_| {
            if interim.fetch_add(1, Ordering::Relaxed) == INTERIM {
                notify.notify_one();
            }
        });
        let answer = tokio::select! {
            biased;
            () = too_many.notified() => {
                return Err(OutboundError::Answer("it goes on and on before it begins"));
            }
            answer = sender.send_request(request) => answer,
        };
        let answer = answer.map_err(|error| OutboundError::of_head(error, bounds.head_bytes))?;
        let (head, body) = answer.into_parts();
        let body = match bounds.body_bytes {
            Some(most) => match read(body, most).await {
                // That it was refused says more than how long the refusal is.
                Err(OutboundError::Body(_)) if !head.status.is_success() => Vec::new(),
                body => body?,
            },
            None => Vec::new(),
        };
        // The connection is free for the next request once it has seen the end of this one.
        if bounds.body_bytes.is_some() && sender.ready().await.is_ok() {
            self.sender = Some(sender);
        }
        Ok(HttpResponse { status: head.status, headers: head.headers, body })
    }
}

/// Runs an exchange on a thread that may block.
pub fn block_on<T>(
    exchange: impl Future<Output = Result<T, OutboundError>>,
) -> Result<T, OutboundError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(exchange)
}

async fn handshake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    head_bytes: usize,
) -> Result<SendRequest<Body>, OutboundError> {
    let made = Builder::new().max_header_size(head_bytes).handshake(TokioIo::new(stream)).await;
    let (sender, connection) = made.map_err(|error| OutboundError::of_head(error, head_bytes))?;
    // Ends with the sender.
    tokio::spawn(connection);
    Ok(sender)
}

/// The body, when it is as long as it says and within the bound.
async fn read(body: Incoming, most: usize) -> Result<Vec<u8>, OutboundError> {
    let mut body = pin!(body);
    // What is stated to be too long is refused before any of it is read.
    if usize::try_from(body.size_hint().lower()).is_ok_and(|stated| stated > most) {
        return Err(OutboundError::Body(most));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let data = frame.map_err(OutboundError::of_body)?.into_data().unwrap_or_default();
        if bytes.len().saturating_add(data.len()) > most {
            return Err(OutboundError::Body(most));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// The longest that a user waits: 20 MB over a slow line.
const TIME: Duration = Duration::from_mins(1);
/// Heads have some 500.
const HEAD_BYTES: usize = 64 << 10;
/// Most interim answers (1xx). One is usual.
const INTERIM: usize = 4;

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Asks a server that says just this.
    fn ask(says: String) -> Result<HttpResponse, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            drop(stream.read(&mut [0; 4096]));
            drop(stream.write_all(says.as_bytes()));
        });
        let server = Server { url, permitted: Permitted::Any, tls: None };
        let time = Duration::from_mins(1);
        let bounds = Bounds { time, head_bytes: 1000, body_bytes: Some(12) };
        let asked = block_on(server.ask(Request::new(Body::empty()), bounds));
        serving.join().unwrap();
        asked.map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_has_one_head_and_one_length_or_none() {
        let whole = |text: &str| ask(text.to_owned()).map(|answer| answer.body);
        let (interim, twelve) = ("HTTP/1.1 103 Early Hints\r\n\r\n", "a".repeat(12));
        for good in [
            format!("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX: y\r\n\r\n{twelve}"),
            format!("HTTP/1.0 200\r\nServer: x\r\n\r\n{twelve}"),
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{twelve}\r\n0\r\n\r\n"
            ),
            format!("{}HTTP/1.1 200 OK\r\n\r\n{twelve}", interim.repeat(INTERIM)),
            format!("HTTP/1.1 404 Not Found\r\n\r\n{twelve}"),
        ] {
            assert_eq!(whole(&good), Ok(twelve.clone().into_bytes()), "{good}");
        }
        assert_eq!(whole(&format!("HTTP/1.1 404 Not Found\r\n\r\n{twelve}3")), Ok(Vec::new()));
        let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "a".repeat(1000));
        let many = interim.repeat(INTERIM + 1);
        for (bad, why) in [
            ("HTTP/2 200\r\n\r\n", "not of HTTP"),
            ("SSH-2.0-x\r\n", "not of HTTP"),
            ("", "ends within its head"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1", "ends within its head"),
            ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", "not of HTTP"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naa", "not of HTTP"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", "not of HTTP"),
            ("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "not of HTTP"),
            (&long, "its head has more than 1000 bytes"),
            (&many, "on and on"),
            (&format!("{many}HTTP/1.1 200 OK\r\n\r\n"), "on and on"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n", "more than 12 bytes"),
            ("HTTP/1.1 200 OK\r\n\r\n1234567890123", "more than 12 bytes"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "broke off"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "broke off"),
        ] {
            let said = whole(bad).unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }

    #[test]
    fn a_secure_address_is_never_spoken_to_without_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
        let server = Server { url, permitted: Permitted::Any, tls: None };
        let bounds = Bounds { time: Duration::from_mins(1), head_bytes: 1000, body_bytes: None };
        let asked = block_on(server.ask(Request::new(Body::empty()), bounds));
        assert!(asked.unwrap_err().to_string().contains("not configured"));
    }
}
