//! The system's clock: the one place where time is read.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::base::limits::{Budget, Interrupt, Interrupted};
use crate::base::time::{Clock, Timestamp};

/// The wall clock and the monotonic clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one reader of the clock")]
        let now = SystemTime::now();
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // A clock before 1970 or after 9998 reads as the nearest instant that can be written.
        Timestamp::EPOCH.plus(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn steady(&self) -> Option<i64> {
        i64::try_from(BEGUN.elapsed().as_secs()).ok()
    }
}

/// Ends one verification, begun now, when it takes longer than [`Budget::time`].
pub fn deadline() -> Interrupt {
    let begun = BEGUN.elapsed();
    let most = Budget::default().time;
    Interrupt::new(move || {
        let over = BEGUN.elapsed().saturating_sub(begun) > most;
        over.then_some(Interrupted::Deadline)
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the one reader of the clock")]
static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
