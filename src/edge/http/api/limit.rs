//! So many requests of one client, and no more: one that runs wild must not keep others waiting.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::super::problem::Problem;
use crate::domain::access::{Caller, ClientName};

type Keyed = RateLimiter<
    ClientName,
    HashMapStateStore<ClientName>,
    DefaultClock,
    StateInformationMiddleware,
>;

/// What each client has left. Only registered clients are counted, so that it stays small.
#[derive(Clone, Debug)]
pub(super) struct Limits(Arc<Keyed>);

impl Default for Limits {
    fn default() -> Self {
        let some = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(some(A_SECOND)).allow_burst(some(AT_ONCE));
        Self(Arc::new(RateLimiter::hashmap(quota).with_middleware()))
    }
}

/// Counts the request, and says what is left (draft-ietf-httpapi-ratelimit-headers).
pub(super) async fn limit(
    State(Limits(limits)): State<Limits>,
    request: Request,
    next: Next,
) -> Response {
    let Some(client) = request.extensions().get::<Caller>().map(|caller| caller.client().clone())
    else {
        // Strangers are not let in, which costs less than counting them.
        return next.run(request).await;
    };
    let (mut response, left) = match limits.check_key(&client) {
        Ok(state) => (next.run(request).await, state.remaining_burst_capacity()),
        Err(until) => {
            let wait = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            let mut response = Problem::TOO_MANY.into_response();
            put(response.headers_mut(), header::RETRY_AFTER, &wait.to_string());
            (response, 0)
        }
    };
    let headers = response.headers_mut();
    let full = (AT_ONCE - left.min(AT_ONCE)).div_ceil(A_SECOND);
    put(headers, POLICY, &format!("\"client\";q={AT_ONCE};w={}", AT_ONCE / A_SECOND));
    put(headers, LEFT, &format!("\"client\";r={left};t={full}"));
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
