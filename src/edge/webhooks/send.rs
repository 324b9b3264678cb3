//! One message to one server, and the head of its answer.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, Request};

use crate::base::limits::Delivering;
use crate::edge::outbound::{Bounds, OutboundError, Server, block_on};
use crate::service::webhooks::{Message, WebhookHeaders};

/// Answer of a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookResponse {
    /// HTTP status code.
    pub status: u16,
    /// `Retry-After` in seconds; its other form, a date, is not read.
    pub retry_after: Option<i64>,
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
pub(super) fn post(
    server: &Server<'_>,
    message: &Message,
    headers: &WebhookHeaders,
    bounds: &Delivering,
) -> Result<WebhookResponse, OutboundError> {
    let (time, head_bytes) = (bounds.request_time, bounds.head_bytes);
    let bounds = Bounds { time, head_bytes, body_bytes: None };
    let request = request(server.url.target(), message, headers)?;
    let answer = block_on(server.ask(request, bounds))?;
    let retry_after = retry_after(&answer.headers);
    Ok(WebhookResponse { status: answer.status.as_u16(), retry_after })
}

fn request(
    target: &str,
    message: &Message,
    headers: &WebhookHeaders,
) -> Result<Request<Body>, axum::http::Error> {
    Request::post(target)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &headers.id)
        .header("webhook-timestamp", &headers.timestamp)
        .header("webhook-signature", &headers.signature)
        .body(Body::from(message.body.clone()))
}

fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    // Longer than any number that can be read is longer than any wait.
    is_number.then(|| value.parse().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_what_the_convention_says() {
        let message =
            Message { id: "msg_1".to_owned(), body: "{\"a\":\"示\"}".to_owned(), next: 0 };
        let headers = WebhookHeaders {
            id: "msg_1".to_owned(),
            timestamp: "7".to_owned(),
            signature: "v1a,AA==".to_owned(),
            lacks: None,
        };
        let (head, body) = request("/in", &message, &headers).unwrap().into_parts();
        assert_eq!((head.method.as_str(), head.uri.to_string()), ("POST", "/in".to_owned()));
        for (name, value) in [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", "7"),
            ("webhook-signature", "v1a,AA=="),
            ("content-type", "application/json"),
        ] {
            assert_eq!(head.headers.get(name).unwrap(), value);
        }
        assert_eq!(axum::body::to_bytes(body, 100).await.unwrap(), message.body);
    }

    #[test]
    fn a_wait_is_taken_in_seconds_alone() {
        let read = |value: &str| {
            retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]))
        };
        assert_eq!((read("120"), read("0")), (Some(120), Some(0)));
        assert_eq!(read("99999999999999999999"), Some(i64::MAX));
        for other in ["-1", "+1", "Wed, 25 Nov 2026 08:00:00 GMT", "", "1e3"] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
