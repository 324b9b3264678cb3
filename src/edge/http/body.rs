//! Request bodies: charged to one budget before they are held, and neither slow nor endless.
//!
//! A body with a declared length is charged at once, so that of several that do not fit some are
//! read to their end, and the others wait. A chunked one is charged as it comes.
//!
//! The charge is returned when the request was answered or its caller is gone, so that held-open
//! uploads count as well.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{Extensions, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::admission;
use super::connections::{Line, Turn};
use super::peer::Peer;
use super::permits::{Held, Permits};
use super::problem::Problem;
use crate::base::network::Network;

/// Bytes of all bodies that are in memory, in units of 1 KB.
#[derive(Clone, Debug)]
pub(super) struct Purse {
    all: Permits,
    /// For small bodies alone, so that they wait for no large one.
    small: Permits,
}

impl Default for Purse {
    fn default() -> Self {
        let purse = |all: usize| Permits::new(all, all / 2);
        Self { all: purse(PURSE), small: purse(SMALL_PURSE) }
    }
}

/// Layer around every route.
pub(super) async fn metered(State(purse): State<Purse>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let network = Peer::of(&request).network;
    let line = request.extensions().get::<Arc<Line>>().cloned();
    let paid = Paid::default();
    let mut request = request.map(|body| {
        let declared = body.size_hint().exact();
        let declared = declared.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        let small = (1..=SMALL).contains(&declared);
        Body::new(Metered {
            body,
            declared: declared.min(LARGEST),
            purse: if small { purse.small } else { purse.all },
            network,
            line,
            paid: paid.clone(),
            units: 0,
            arrived: 0,
            waiting: None,
            clock: Clock::start(),
        })
    });
    request.extensions_mut().insert(paid.clone());
    let response = next.run(request).await;
    // A page reports it in its own form.
    let kind = response.headers().get(header::CONTENT_TYPE);
    match paid
        .failed()
        .filter(|_| kind.is_none_or(|kind| !kind.as_bytes().starts_with(b"text/html")))
    {
        Some(problem) => problem.into_response(),
        None => response,
    }
}

/// The charge for a body, and why it did not arrive. Work that outlives its caller keeps one.
#[derive(Clone, Debug, Default)]
pub(super) struct Paid(Arc<Mutex<(Option<Held>, Option<Problem>)>>);

impl Paid {
    /// For the body of this request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Why the body did not arrive, unless it is malformed. The handler puts it into the answer.
    pub(super) fn failed(&self) -> Option<Problem> {
        self.lock().1.take()
    }

    fn add(&self, more: Held) {
        match &mut self.lock().0 {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
    }

    fn fail(&self, problem: Problem) -> BodyError {
        self.lock().1 = Some(problem);
        BodyError
    }

    fn lock(&self) -> MutexGuard<'_, (Option<Held>, Option<Problem>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive")]
struct BodyError;

struct Metered {
    body: Body,
    /// Charged at once, in bytes.
    declared: usize,
    purse: Permits,
    network: Option<Network>,
    line: Option<Arc<Line>>,
    paid: Paid,
    /// Charged so far, in bytes.
    units: usize,
    arrived: usize,
    waiting: Option<Pin<Box<dyn Future<Output = Option<Held>> + Send>>>,
    clock: Clock,
}

impl Metered {
    /// Charges what arrived and what may arrive next.
    fn poll_paid(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        loop {
            let left = usize::try_from(self.body.size_hint().upper().unwrap_or(u64::MAX));
            let next = left.unwrap_or(usize::MAX).min(AHEAD);
            let wanted = self.arrived.saturating_add(next).max(self.declared);
            let wanted = wanted.saturating_mul(COPIES).div_ceil(1024);
            let missing = wanted.saturating_sub(self.units);
            if missing == 0 {
                return Poll::Ready(Ok(()));
            }
            let count = u32::try_from(missing).unwrap_or(u32::MAX);
            let held = match &mut self.waiting {
                Some(waiting) => match waiting.as_mut().poll(context) {
                    Poll::Ready(held) => held.ok_or_else(|| self.paid.fail(admission::BUSY))?,
                    Poll::Pending => return Poll::Pending,
                },
                None => match self.purse.try_take(self.network, count) {
                    Some(held) => held,
                    None => {
                        let (purse, line) = (self.purse.clone(), self.line.clone());
                        self.waiting = Some(Box::pin(wait(purse, self.network, count, line)));
                        continue;
                    }
                },
            };
            if let (Some(line), Some(_)) = (&self.line, self.waiting.take()) {
                line.turn(Turn::Upload);
            }
            self.units += missing;
            self.paid.add(held);
            self.clock.moved(self.arrived);
        }
    }
}

/// Waits for free budget. Meanwhile the turn is the server's, and slow uploads are closed.
async fn wait(
    purse: Permits,
    network: Option<Network>,
    count: u32,
    line: Option<Arc<Line>>,
) -> Option<Held> {
    let mut take = std::pin::pin!(purse.clone().take(network, count));
    for _ in 0..PATIENCE {
        if let Some(line) = &line {
            line.turn(Turn::Ours);
            line.make_room(&purse, usize::try_from(count).unwrap_or(usize::MAX));
        }
        if let Ok(held) = tokio::time::timeout(Duration::from_secs(1), take.as_mut()).await {
            return held;
        }
    }
    None
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        ready!(this.poll_paid(context))?;
        let frame = Pin::new(&mut this.body).poll_frame(context);
        match &frame {
            Poll::Ready(frame) => {
                let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                this.arrived = this.arrived.saturating_add(data.map_or(0, Bytes::len));
                this.clock.moved(this.arrived);
                if let (Some(line), true) = (&this.line, this.body.is_end_stream()) {
                    line.turn(Turn::Ours);
                }
            }
            Poll::Pending => {
                if this.clock.poll_over(context).is_ready() {
                    return Poll::Ready(Some(Err(this.paid.fail(TOO_SLOW).into())));
                }
                if let Some(line) = &this.line {
                    line.turn(Turn::Upload);
                }
            }
        }
        frame.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Deadline for the next piece of a body.
struct Clock {
    began: Instant,
    over: Pin<Box<Sleep>>,
}

impl Clock {
    fn start() -> Self {
        let began = Instant::now();
        Self { began, over: Box::pin(tokio::time::sleep_until(began + PAUSE)) }
    }

    fn moved(&mut self, bytes: usize) {
        let earned = Duration::from_secs(u64::try_from(bytes / SLOWEST).unwrap_or(u64::MAX));
        let all = self.began + PAUSE.saturating_add(earned).min(LONGEST);
        self.over.as_mut().reset(all.min(Instant::now() + PAUSE));
    }

    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.over.as_mut().poll(context)
    }
}

pub(super) const TOO_SLOW: Problem = Problem::new(
    StatusCode::REQUEST_TIMEOUT,
    "too_slow",
    "内容传送太慢，没有收完；请换一个网络再试",
    "The content came too slowly and was not read to its end; try again over another network",
);

/// 160 MB in KB: four files of the largest size at the same time, twice each.
const PURSE: usize = 160 << 10;
/// 16 MB in KB: requests of departments, and licences.
const SMALL_PURSE: usize = 16 << 10;
/// The largest body of the departments' routes, batches apart; a sealed licence has 60 KB.
const SMALL: usize = 256 << 10;
/// The largest single charge: the largest body of any route, a file in base64 with its envelope.
const LARGEST: usize = 28 << 20;
/// A buffer that grows, or pieces that are joined, hold a body twice for a moment.
const COPIES: usize = 2;
/// Charged ahead of arrival: twice what a connection reads at once.
const AHEAD: usize = 64 << 10;
/// Seconds to wait for free budget, each network in its order.
const PATIENCE: usize = 5;
/// The longest pause, at the beginning too.
const PAUSE: Duration = Duration::from_secs(10);
/// Bytes a second on the average: a sealed licence over the slowest of mobile networks.
const SLOWEST: usize = 4 << 10;
/// Total time: 20 MB over a line of 1.4 Mbit a second.
const LONGEST: Duration = Duration::from_mins(2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::http::connections::Connections;

    #[tokio::test]
    async fn bodies_that_do_not_fit_wait_and_are_no_slow_uploads() {
        let network = Network::of(std::net::IpAddr::from([192, 0, 2, 1]));
        let (purse, table) = (Purse::default(), Connections::default());
        let upload = || {
            let (paid, line) = (Paid::default(), table.admit(network).unwrap());
            let body = Metered {
                body: Body::from(vec![0; 20 << 20]),
                declared: 20 << 20,
                purse: purse.all.clone(),
                network,
                line: Some(Arc::clone(&line)),
                paid: paid.clone(),
                units: 0,
                arrived: 0,
                waiting: None,
                clock: Clock::start(),
            };
            (paid, line, tokio::spawn(axum::body::to_bytes(Body::new(body), usize::MAX)))
        };
        let (first, second) = (upload(), upload());
        assert!(first.2.await.unwrap().is_ok() && second.2.await.unwrap().is_ok());
        // The network's half is full of the two, and nobody has a part of it.
        let (third, fourth) = (upload(), upload());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!third.2.is_finished() && third.1.is_our_turn());
        assert_eq!(purse.all.held(network), PURSE / 2);
        drop(first.0);
        assert!(third.2.await.unwrap().is_ok());
        // Somebody else is served at once.
        assert!(
            purse.all.try_take(Network::of(std::net::IpAddr::from([192, 0, 2, 2])), 1).is_some()
        );
        drop(second.0);
        assert!(fourth.2.await.unwrap().is_ok());
    }
}
