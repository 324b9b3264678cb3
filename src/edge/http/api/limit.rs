//! Request limits by client: one that runs wild must not keep others waiting.

use std::sync::Arc;

use super::super::problem::Problem;
use super::super::quotas::Quotas;
use crate::domain::access::{Caller, ClientName};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Remaining requests of each client.
#[derive(Clone, Debug)]
pub(in crate::edge::http) struct Limits(Arc<Quotas<ClientName>>);

impl Limits {
    /// Counts a request of this client; returns the rest, or whole seconds to wait.
    pub(in crate::edge::http) fn take(&self, client: &ClientName) -> Result<u32, u64> {
        self.0.take(client)
    }

    /// Header with the rest (draft-ietf-httpapi-ratelimit-headers).
    pub(in crate::edge::http) fn tell(&self, headers: &mut HeaderMap, left: u32) {
        let most = self.0.quota().burst_size().get();
        let full = self.seconds(most.saturating_sub(left));
        put(headers, POLICY, &format!("\"client\";q={most};w={}", self.seconds(most)));
        put(headers, LEFT, &format!("\"client\";r={left};t={full}"));
    }

    /// Whole seconds until this many more are allowed.
    fn seconds(&self, count: u32) -> u64 {
        let time = self.0.quota().replenish_interval().saturating_mul(count);
        time.as_secs() + u64::from(time.subsec_nanos() > 0)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self(Arc::new(Quotas::per_second(A_SECOND, AT_ONCE)))
    }
}

/// Counts the request, and adds the rest to the answer.
pub(super) async fn limit(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let Some(client) = request.extensions().get::<Caller>().map(|caller| caller.client().clone())
    else {
        // Strangers are refused, which costs less than counting them.
        return next.run(request).await;
    };
    let (mut response, left) = match limits.take(&client) {
        Ok(left) => (next.run(request).await, left),
        Err(wait) => {
            let mut response = Problem::TOO_MANY.into_response();
            put(response.headers_mut(), header::RETRY_AFTER, &wait.to_string());
            (response, 0)
        }
    };
    limits.tell(response.headers_mut(), left);
    response.extensions_mut().insert(client);
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
/// An office with two cores issues about as many licences in a second; reading costs less.
const A_SECOND: u32 = 500;
/// A nightly run begins with a burst.
const AT_ONCE: u32 = 2000;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use axum::{Extension, Router};
    use governor::Quota;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;

    #[tokio::test]
    async fn a_client_that_runs_wild_waits_and_others_do_not() {
        let hourly = Quota::with_period(Duration::from_hours(1)).unwrap();
        let hourly = hourly.allow_burst(NonZeroU32::new(2).unwrap());
        let limits = Limits(Arc::new(Quotas::new(hourly)));
        let ask = |client: &str| {
            let caller =
                Caller::new(ClientName::parse(client).unwrap(), "market".to_owned(), Vec::new());
            let router = Router::new()
                .route("/", get(|| async { "ok" }))
                .layer(from_fn_with_state(limits.clone(), limit))
                .layer(Extension(caller));
            TowerToHyperService::new(router).call(Request::new(Body::empty()))
        };
        let shown = |response: &Response, name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        for (left, wait) in [(1, 3600), (0, 7200)] {
            let answer = ask("market-counter").await.unwrap();
            assert_eq!(answer.status(), 200);
            let policy = "\"client\";q=2;w=7200".to_owned();
            assert_eq!(shown(&answer, "ratelimit-policy"), Some(policy));
            assert_eq!(shown(&answer, "ratelimit"), Some(format!("\"client\";r={left};t={wait}")));
            assert_eq!(answer.extensions().get::<ClientName>().unwrap().as_str(), "market-counter");
        }
        let refused = ask("market-counter").await.unwrap();
        assert_eq!(refused.status(), 429);
        let wait: u64 = shown(&refused, "retry-after").unwrap().parse().unwrap();
        assert!((3500..=3601).contains(&wait), "{wait}");
        assert_eq!(ask("market-web").await.unwrap().status(), 200);
    }
}
