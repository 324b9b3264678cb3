//! One attempt: the name is resolved once, every address is checked, one of them is connected to,
//! and the certificate must be that of the name. No redirects, no proxies; only the head of the
//! answer is read.

use std::io::{self, Read as _, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use crate::base::limits::Delivering;
use crate::base::network::Authority;
use crate::domain::access::{HookUrl, may_lead_to};
use crate::edge::outgoing::{HeadError, Stopwatch, connect, look_up, read_head, status_of};
use crate::service::webhooks::{Message, WebhookHeaders};

/// Parameters of an attempt besides the message.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// Address of the destination.
    pub url: &'a HookUrl,
    /// TLS configuration with the trusted roots.
    pub trust: &'a Arc<ClientConfig>,
    /// Destinations that may be in a private network.
    pub listed: &'a [Authority],
}

/// Answer of a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookResponse {
    /// HTTP status code.
    pub status: u16,
    /// `Retry-After` in seconds; its other form, a date, is not read.
    pub retry_after: Option<i64>,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The name resolves to an address where no receiver may be.
    #[error(
        "not sent: {1} leads to {0}, which is not public; if it is right, list \"{1}\" in allow_private_destinations of office.toml and start the office again"
    )]
    Address(IpAddr, Authority),
    /// The network or TLS failed, or the time limit was reached.
    #[error("{}", in_words(.0))]
    Network(#[from] io::Error),
    /// TLS cannot be configured.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The answer is not HTTP.
    #[error("no usable answer: {0}")]
    Answer(HeadError),
}

impl WebhookResponse {
    /// Whether the receiver accepted the message.
    pub const fn arrived(self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether the receiver wants no more messages.
    pub const fn is_gone(self) -> bool {
        self.status == 410
    }
}

/// Sends a message and waits for the head of the answer, within the bounds.
pub fn post(
    route: &Route<'_>,
    parcel: &Message,
    stamp: &WebhookHeaders,
    bounds: &Delivering,
) -> Result<WebhookResponse, SendError> {
    let watch = Stopwatch::start(bounds.request_time);
    let authority = route.url.authority();
    let addresses = look_up(authority.name(), authority.port(), &watch)?;
    for address in &addresses {
        if !may_lead_to(authority, address.ip(), route.listed) {
            return Err(SendError::Address(address.ip(), authority.clone()));
        }
    }
    let mut wire = connect(&addresses, &watch)?;
    let name = ServerName::try_from(authority.name().to_owned())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let mut session = ClientConnection::new(Arc::clone(route.trust), name)?;
    let mut stream = rustls::Stream::new(&mut session, &mut wire);
    stream.write_all(request(route.url, parcel, stamp).as_bytes())?;
    stream.flush()?;
    let mut before = Vec::new();
    for _ in 0..=bounds.interim {
        let mut reader = before.as_slice().chain(&mut stream);
        let (head, behind) = read_head(&mut reader, bounds.head_bytes).map_err(broken)?;
        let status = status_of(&head);
        let status = status.ok_or(SendError::Answer(HeadError::Broken("it is not of HTTP")))?;
        if !(100..200).contains(&status) {
            return Ok(WebhookResponse { status, retry_after: retry_after(&head) });
        }
        before = behind;
    }
    Err(SendError::Answer(HeadError::Broken("it goes on and on before it begins")))
}

/// HTTP/1.1, because gateways refuse older versions; the connection ends with the answer.
fn request(url: &HookUrl, parcel: &Message, stamp: &WebhookHeaders) -> String {
    let (path, host, length) = (url.path(), url.host(), parcel.body.len());
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: yinzheng\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nwebhook-id: {}\r\n\
         webhook-timestamp: {}\r\nwebhook-signature: {}\r\n\r\n{}",
        stamp.id, stamp.timestamp, stamp.signature, parcel.body
    )
}

fn retry_after(head: &str) -> Option<i64> {
    let mut fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    let value = value.trim();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    // Longer than any number that can be read is longer than any wait.
    is_number.then(|| value.parse().unwrap_or(i64::MAX))
}

fn broken(error: HeadError) -> SendError {
    match error {
        HeadError::Network(error) => SendError::Network(error),
        other => SendError::Answer(other),
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "no answer in time".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_what_the_convention_says() {
        let url = HookUrl::parse("https://Hooks.example.org:8443/in").unwrap();
        let parcel =
            Message { id: "msg_1".to_owned(), body: "{\"a\":\"示\"}".to_owned(), next: 0 };
        let stamp = WebhookHeaders {
            id: "msg_1".to_owned(),
            timestamp: "7".to_owned(),
            signature: "v1a,AA==".to_owned(),
            lacks: None,
        };
        let text = request(&url, &parcel, &stamp);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, parcel.body);
        let mut lines = head.split("\r\n");
        assert_eq!(lines.next(), Some("POST /in HTTP/1.1"));
        for line in [
            "Host: hooks.example.org:8443",
            "webhook-id: msg_1",
            "webhook-timestamp: 7",
            "webhook-signature: v1a,AA==",
            "Content-Length: 11",
            "Content-Type: application/json",
        ] {
            assert!(head.split("\r\n").any(|one| one == line), "{line}: {head}");
        }
    }

    #[test]
    fn a_wait_is_taken_in_seconds_alone() {
        let read =
            |value: &str| retry_after(&format!("HTTP/1.1 503 x\r\nRetry-After: {value}\r\n"));
        assert_eq!((read("120"), read("0")), (Some(120), Some(0)));
        assert_eq!(read("99999999999999999999"), Some(i64::MAX));
        for other in ["-1", "+1", "Wed, 25 Nov 2026 08:00:00 GMT", "", "1e3"] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(retry_after("HTTP/1.1 503 x"), None);
    }
}
