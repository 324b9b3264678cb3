//! Admission of verifications: which run now, which wait, and which are refused.
//!
//! A verification occupies a core for as long as its file needs. So there are as many places as
//! cores, at most half of them for one network, and a bounded queue; look-ups and readiness need no
//! place. When a caller disconnects, its work is ended.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::Instant;

use super::blocking::spawn_blocking;
use super::permits::Permits;
use super::problem::Problem;
use crate::base::limits::{Budget, Interrupt, Interrupted};
use crate::base::network::Network;

/// The places at which files are verified.
#[derive(Clone, Debug)]
pub(super) struct Places {
    at_work: Permits,
    /// Every caller that is served or waits.
    inside: Permits,
}

impl Default for Places {
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }
}

impl Places {
    fn new(cores: usize) -> Self {
        let part = cores.div_ceil(2);
        Self {
            at_work: Permits::new(cores, part),
            inside: Permits::new(cores + WAITING, part + WAITING_OF_NETWORK),
        }
    }

    /// Does the work at a place, as soon as there is one. The work is ended when its time is over
    /// or nobody waits for it any more.
    pub(super) async fn verify<T: Send + 'static>(
        &self,
        network: Option<Network>,
        work: impl FnOnce(Interrupt) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let inside = self.inside.try_take(network, 1).ok_or(BUSY)?;
        let place = tokio::time::timeout(PATIENCE, self.at_work.clone().take(network, 1)).await;
        let place = place.ok().flatten().ok_or(BUSY)?;
        let caller = Arc::new(());
        let waits = Arc::downgrade(&caller);
        let done = spawn_blocking(move || {
            // Both are released when the work has ended, and not when its caller is gone.
            let _held = (inside, place);
            let over = Instant::now() + Budget::default().time;
            work(Interrupt::new(move || match waits.strong_count() {
                0 => Some(Interrupted::CallerLeft),
                _ => (Instant::now() >= over).then_some(Interrupted::Deadline),
            }))
        });
        let done = done.await;
        // With a connection its futures are dropped, and this with them.
        drop(caller);
        done
    }

    /// Refuses a caller when all places and the queue are full.
    pub(super) fn check(&self, network: Option<Network>) -> Result<(), Problem> {
        self.inside.try_take(network, 1).map(drop).ok_or(BUSY)
    }
}

/// All places and the queue are full; or the memory for uploads is.
pub(super) const BUSY: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "busy",
    "现在核验的人很多，请稍后再试",
    "Many verify now; try again in a moment",
)
.after(5);

/// Waiting callers: a usual file takes 0.3 ms, so that their queue is short, and each has its bytes
/// in memory, which the body budget counts.
const WAITING: usize = 128;
/// Waiting callers of one network: an office behind one address.
const WAITING_OF_NETWORK: usize = 32;
/// After this wait a caller is asked to try again, before its browser gives up.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::base::limits::Purse;

    fn network(number: u8) -> Option<Network> {
        Network::of(IpAddr::from([192, 0, 2, number]))
    }

    /// Work that asks whether to continue until it is told to end.
    fn works(end: Receiver<()>) -> impl FnOnce(Interrupt) -> Option<Interrupted> + Send {
        move |interrupt| {
            let budget = Budget { steps: usize::MAX, work: usize::MAX, ..Budget::default() };
            let mut budget = budget.ended_by(interrupt);
            while end.try_recv().is_err() && budget.pay(Purse::Steps, 1000, "steps").is_ok() {
                std::thread::yield_now();
            }
            budget.interrupted()
        }
    }

    #[tokio::test]
    async fn one_network_takes_half_the_places_and_the_queue_ends() {
        let places = Places::new(2);
        let begin = |from: Option<Network>| {
            let (end, ends) = channel();
            let places = places.clone();
            (end, tokio::spawn(async move { places.verify(from, works(ends)).await }))
        };
        let inside = 1 + WAITING_OF_NETWORK;
        let mut strangers: Vec<_> = (0..=inside).map(|_| begin(network(1))).collect();
        // One caller too many is refused at once, and nothing of its body is read.
        let (_, last) = strangers.pop().unwrap();
        let busy = last.await.unwrap().unwrap_err();
        assert_eq!((busy.status(), busy.wait()), (StatusCode::SERVICE_UNAVAILABLE, Some(5)));
        assert!(places.check(network(1)).is_err() && places.check(network(2)).is_ok());
        // Another network has its place while the first waits.
        let (end, other) = begin(network(2));
        end.send(()).unwrap();
        assert!(matches!(other.await.unwrap(), Ok(None)));
        for (end, _) in &strangers {
            end.send(()).unwrap();
        }
        for (_, stranger) in strangers {
            assert!(matches!(stranger.await.unwrap(), Ok(None)));
        }
        assert!(places.check(network(1)).is_ok());
    }

    #[tokio::test]
    async fn whoever_leaves_ends_the_work_and_frees_the_place() {
        let places = Places::new(1);
        let (told, tells) = channel();
        let (_end, ends) = channel();
        let own = places.clone();
        let leaves = tokio::spawn(async move {
            let work = works(ends);
            own.verify(network(1), move |interrupt| told.send(work(interrupt))).await
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        leaves.abort();
        assert!(leaves.await.is_err());
        assert!(matches!(places.verify(network(1), |_| ()).await, Ok(())));
        assert_eq!(tells.recv().unwrap(), Some(Interrupted::CallerLeft));
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_ended() {
        let (_end, ends) = channel();
        let ended = Places::new(1).verify(None, works(ends)).await;
        assert!(matches!(ended, Ok(Some(Interrupted::Deadline))));
    }
}
