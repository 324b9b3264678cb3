//! The instant after which assertions and proofs must have been signed.
//!
//! Used assertions are remembered in memory only, and only until they expire by the clock. So
//! nothing is accepted that was signed before the process began, or before any instant at which any
//! process of this office accepted an assertion: the clock may have been set back since. That
//! instant is written to disk before an assertion is accepted.

use std::sync::{Mutex, PoisonError};

use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::store::StoreError;

/// The latest instant at which an assertion was accepted, across restarts.
pub trait LastTime: Send + Sync {
    /// The instant stored last.
    fn last(&self) -> Result<Option<Timestamp>, NotKept>;

    /// Stores an instant. After `Ok` it survives a power cut.
    fn keep(&self, at: Timestamp) -> Result<(), NotKept>;
}

/// The latest instant cannot be read or written; the text says which file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("when an assertion was last accepted cannot be kept: {}", .0.en)]
pub struct NotKept(pub Localized);

/// In memory, for an office that exists only as long as the process.
impl LastTime for Mutex<Option<Timestamp>> {
    fn last(&self) -> Result<Option<Timestamp>, NotKept> {
        Ok(*self.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, at: Timestamp) -> Result<(), NotKept> {
        *self.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        Ok(())
    }
}

/// Why no client can be admitted.
#[derive(Debug, thiserror::Error)]
pub enum DoorClosed {
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The clock went back: uses are remembered for a limited time, which it measures.
    #[error(
        "the clock is {0} s behind what it was when a client was let in: what was used before can no longer be told; set it right, wait until it has caught up, or confirm it with `yinzheng recover --accept-clock`"
    )]
    ClockWentBack(i64),
    /// The file of the latest instant cannot be read or written.
    #[error(transparent)]
    NotKept(#[from] NotKept),
    /// More uses than can be remembered.
    #[error("too many requests at once to remember which proofs were used")]
    Full,
}

/// A reading of the wall clock and of a monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) now: Timestamp,
    /// Seconds with an arbitrary origin; without them, steps of the wall clock are not noticed.
    pub(super) steady: Option<i64>,
}

/// Instants seen by this process.
#[derive(Debug)]
pub(super) struct Door {
    /// Signatures up to this instant are not accepted.
    since: Timestamp,
    /// The latest instant seen: for used assertions, time never goes back.
    latest: Timestamp,
    before: Reading,
}

impl Door {
    /// `last` are the last event and the stored instant.
    pub(super) fn new(reading: Reading, last: [Option<Timestamp>; 2]) -> Self {
        let since = last.into_iter().flatten().fold(reading.now, Timestamp::max);
        Self { since, latest: since, before: reading }
    }

    /// The present instant, never before the last one returned.
    pub(super) fn look(&mut self, reading: Reading) -> Result<Timestamp, DoorClosed> {
        if self.steps(reading) {
            // The clock was wrong before the step, or is wrong now: assertions used in between, by
            // any process, may have another time than recorded.
            self.since = self.since.max(self.latest).max(reading.now);
        }
        self.before = reading;
        let back = self.latest.unix().saturating_sub(reading.now.unix());
        if back > CLOCK_SLACK {
            return Err(DoorClosed::ClockWentBack(back));
        }
        self.latest = self.latest.max(reading.now);
        Ok(self.latest)
    }

    /// Signatures up to this instant are not accepted.
    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    /// Continues from an instant that the operator confirmed.
    pub(super) fn confirmed(&mut self, reading: Reading) {
        *self = Self::new(reading, [None, None]);
    }

    /// Whether the clock was set since the last look.
    fn steps(&self, reading: Reading) -> bool {
        let Some((steady, before)) = reading.steady.zip(self.before.steady) else { return false };
        let expected = self.before.now.plus(steady.saturating_sub(before));
        reading.now.unix().abs_diff(expected.unix()) > STEP
    }
}

/// Larger than the small steps back of clock adjustments.
const CLOCK_SLACK: i64 = 2;
/// Time daemons move a running clock by less than a second.
const STEP: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
    }

    fn read(now: i64, steady: i64) -> Reading {
        Reading { now: at(now), steady: Some(steady) }
    }

    #[test]
    fn it_begins_with_the_latest_of_now_the_last_event_and_what_was_kept() {
        for (event, kept, since) in
            [(None, None, 0), (Some(-5), Some(-9), 0), (Some(7), None, 7), (Some(3), Some(9), 9)]
        {
            let door = Door::new(read(0, 0), [event.map(at), kept.map(at)]);
            assert_eq!(door.since(), at(since));
        }
        let mut door = Door::new(read(0, 0), [None, Some(at(100))]);
        assert!(matches!(door.look(read(1, 1)), Err(DoorClosed::ClockWentBack(99))));
        assert_eq!((door.look(read(99, 99)).unwrap(), door.since()), (at(100), at(100)));
        assert_eq!(door.look(read(150, 150)).unwrap(), at(150));
    }

    #[test]
    fn a_step_of_the_clock_moves_it_and_time_that_passes_does_not() {
        let mut door = Door::new(read(0, 0), [None, None]);
        for passed in [1, 3600, 3604, 100_000] {
            assert_eq!(door.look(read(passed, passed)).unwrap(), at(passed));
        }
        assert_eq!(door.since(), at(0));
        // Forwards: assertions that another process accepted meanwhile are older than the present
        // time.
        assert_eq!(door.look(read(200_000, 100_001)).unwrap(), at(200_000));
        assert_eq!(door.since(), at(200_000));
        // Backwards: closed until the clock reaches its earlier value, or the operator confirms it.
        assert!(door.look(read(150_000, 100_002)).is_err());
        assert_eq!(door.since(), at(200_000));
        assert!(door.look(read(199_990, 150_000)).is_err());
        assert_eq!(door.look(read(200_001, 150_011)).unwrap(), at(200_001));
        door.confirmed(read(160_000, 150_020));
        assert_eq!(
            (door.look(read(160_001, 150_021)).unwrap(), door.since()),
            (at(160_001), at(160_000))
        );
    }

    #[test]
    fn small_corrections_are_no_step() {
        let mut door = Door::new(read(0, 0), [None, None]);
        assert_eq!(door.look(read(109, 100)).unwrap(), at(109));
        assert_eq!(door.look(read(108, 101)).unwrap(), at(109));
        assert_eq!(door.since(), at(0));
    }
}
