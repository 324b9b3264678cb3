//! Who verifies now, who waits for it, and who is asked to come again.
//!
//! A verification takes a core for as long as its file wants. So there are as many places as cores,
//! half of them for one network at the most, and a queue that is bounded; look-ups and readiness
//! need no place. Whoever leaves ends the work that was begun for them.

use std::num::NonZeroUsize;
use std::time::Duration;

use axum::http::StatusCode;

use super::permits::Permits;
use super::problem::Problem;
use super::routes::off_the_reactor;
use crate::base::network::Network;

/// The places at which files are verified.
#[derive(Clone, Debug)]
pub(super) struct Places {
    at_work: Permits,
    /// Everyone who works or waits.
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

    /// Does the work at a place, as soon as there is one.
    pub(super) async fn verify<T: Send + 'static>(
        &self,
        network: Option<Network>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let inside = self.inside.try_take(network, 1).ok_or(BUSY)?;
        let place = tokio::time::timeout(PATIENCE, self.at_work.clone().take(network, 1)).await;
        let place = place.ok().flatten().ok_or(BUSY)?;
        off_the_reactor(move || {
            // Both are free when the work has ended, and not when its caller is gone.
            let _held = (inside, place);
            work()
        })
        .await
    }

    /// Sends away whom nobody would look after now.
    pub(super) fn check(&self, network: Option<Network>) -> Result<(), Problem> {
        self.inside.try_take(network, 1).map(drop).ok_or(BUSY)
    }
}

/// All places are taken, and so is the queue; or the memory for what arrives is.
pub(super) const BUSY: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "busy",
    "现在核验的人很多，请稍后再试",
    "Many verify now; try again in a moment",
)
.after(5);

/// Callers who wait: a file of ours takes 0.3 ms, so that a queue of these is short, and each has
/// its bytes in memory, which are paid elsewhere.
const WAITING: usize = 128;
/// Of one network: an office behind one address.
const WAITING_OF_NETWORK: usize = 32;
/// Whoever has waited so long is told to come again, rather than to be given up on by a browser.
const PATIENCE: Duration = Duration::from_secs(10);
