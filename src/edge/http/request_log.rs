//! For every request: an id that both sides can name, one line in the log, and the counters. The
//! log has routes, statuses and clients; no address as sent, no body, no personal data.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::metrics::{Answered, IssuedNow, Metrics};
use super::problem::ProblemCode;
use crate::base::digest::hex;
use crate::base::entropy::{Entropy, draw};
use crate::domain::access::ClientName;
use crate::edge::entropy::SystemEntropy;

/// The counters, and randomness for ids.
#[derive(Clone)]
pub(super) struct Watch {
    metrics: Arc<Metrics>,
    entropy: Arc<dyn Entropy>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { metrics: Arc::default(), entropy: Arc::new(SystemEntropy::default()) }
    }
}

pub(super) async fn log_requests(
    State(watch): State<Watch>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = request.headers().get(ID).filter(|id| is_id(id)).cloned();
    let id = id.unwrap_or_else(|| {
        let drawn: [u8; 16] = draw(&*watch.entropy);
        HeaderValue::from_str(&hex(&drawn)).unwrap_or(HeaderValue::from_static("none"))
    });
    request.extensions_mut().insert(Arc::clone(&watch.metrics));
    let method = request.method().clone();
    // An invented method would be one more label for ever.
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => known,
        _ => "other",
    };
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let named = id.to_str().unwrap_or_default().to_owned();
    let span = tracing::info_span!("request", id = %named);
    let mut response = next.run(request).instrument(span).await;
    let extensions = response.extensions();
    let answered = Answered {
        method,
        route,
        status: response.status(),
        took: began.elapsed(),
        refusal: extensions.get::<ProblemCode>().map(|code| code.0),
        issued: extensions.get::<IssuedNow>().is_some(),
    };
    watch.metrics.count(&answered);
    tracing::info!(
        request = %named,
        method,
        route,
        status = answered.status.as_u16(),
        code = answered.refusal.unwrap_or("-"),
        client = extensions.get::<ClientName>().map_or("-", ClientName::as_str),
        ms = u64::try_from(answered.took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    response.headers_mut().insert(ID, id);
    response
}

/// A UUID or as many hexadecimal digits: any other value from a caller could be personal data, and
/// it goes into the log.
fn is_id(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    let dash = |at: usize| bytes.len() == 36 && [8, 13, 18, 23].contains(&at);
    let fits = |(at, byte): (usize, &u8)| match byte {
        b'-' => dash(at),
        other => other.is_ascii_hexdigit() && !dash(at),
    };
    matches!(bytes.len(), 32 | 36) && bytes.iter().enumerate().all(fits)
}

const ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_are_nothing_else_are_taken_over() {
        let is = |text: &str| is_id(&HeaderValue::from_str(text).unwrap());
        assert!(is("0123456789abcdef0123456789ABCDEF"));
        assert!(is("01234567-89ab-cdef-0123-456789abcdef"));
        for bad in ["", "11010519491231002X", "0123456789abcdef0123456789abcdeg", "a\tb"] {
            assert!(!is(bad), "{bad}");
        }
        assert!(!is("0123456-789ab-cdef-0123-456789abcdef"));
        assert!(!is("0123456789abcdef0123456789abcdef0123"));
    }
}
