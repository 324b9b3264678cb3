//! Rate limits against the guessing of codes: by client, in windows of the office's clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::SharingError;
use crate::base::rate_window::{RateWindow, RateWindows};
use crate::base::time::Timestamp;
use crate::domain::access::ClientName;
use crate::domain::office::Profile;

/// Limits for each client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Queries and comparisons in a minute. A hall with fifty counters makes about a hundred.
    pub queries_a_minute: u32,
    /// Of these, how many in an hour may find nothing, compare wrong or bring a bad consent. A
    /// counter mistypes now and then; guessing citizen numbers takes millions.
    pub misses_an_hour: u32,
}

impl Limits {
    /// The limits of `office.toml`, or the defaults.
    pub fn of(profile: &Profile) -> Self {
        let usual = Self::default();
        Self {
            queries_a_minute: profile.queries_a_minute.unwrap_or(usual.queries_a_minute),
            misses_an_hour: profile.misses_an_hour.unwrap_or(usual.misses_an_hour),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { queries_a_minute: 6_000, misses_an_hour: 300 }
    }
}

/// Counts by client.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) limits: Limits,
    queries: RateWindows<ClientName, MINUTE, ALL>,
    misses: RateWindows<ClientName, HOUR, ALL>,
    /// Possible misses that are not answered yet, of any hour. They count, or many requests at once
    /// would all find the last miss free.
    open: HashMap<ClientName, u32>,
}

/// The budget is used up.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) error: SharingError,
    /// Whether this is the first refusal of its window.
    pub(super) first: bool,
}

impl Counts {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes `count` queries. With misses used up, every query is refused: otherwise the refusal
    /// would reveal what the answer would have been.
    pub(super) fn take(
        &mut self,
        client: &ClientName,
        count: u32,
        now: Timestamp,
    ) -> Result<(), Over> {
        let limits = self.limits;
        let misses = self.misses.present(client, now);
        if misses.count >= limits.misses_an_hour {
            return Err(over(misses, now));
        }
        let queries = self.queries.present(client, now);
        let after = queries.count.saturating_add(count);
        // A full batch must fit an empty window, or it never would.
        if after > limits.queries_a_minute && queries.count > 0 {
            return Err(over(queries, now));
        }
        queries.add(count, now);
        Ok(())
    }

    /// Counts a possible miss, before the look-up.
    fn open(&mut self, client: &ClientName, now: Timestamp) -> Result<(), Over> {
        let limit = self.limits.misses_an_hour;
        let misses = self.misses.present(client, now);
        let open = self.open.entry(client.clone()).or_default();
        if misses.count.saturating_add(*open) < limit {
            *open = open.saturating_add(1);
            return Ok(());
        }
        let over = over(misses, now);
        // Most queries in progress turn out not to be misses.
        let wait = if misses.count < limit { SharingError::TooMany(1) } else { over.error };
        Err(Over { error: wait, ..over })
    }

    /// Settles a possible miss in the present window: counted, or removed.
    fn close(&mut self, client: &ClientName, missed: bool) {
        if let Some(open) = self.open.get_mut(client) {
            *open = open.saturating_sub(1);
        }
        if let Some(misses) = self.misses.last(client) {
            misses.count = misses.count.saturating_add(u32::from(missed));
        }
    }
}

/// A query that may be a miss. It counts while it is in progress. Dropped without
/// [`Chance::missed`], it was not a miss, or nothing was answered.
#[derive(Debug)]
pub(super) struct Chance<'a> {
    counts: &'a Mutex<Counts>,
    client: &'a ClientName,
    missed: bool,
}

impl<'a> Chance<'a> {
    pub(super) fn open(
        counts: &'a Mutex<Counts>,
        client: &'a ClientName,
        now: Timestamp,
    ) -> Result<Self, Over> {
        counts.lock().unwrap_or_else(PoisonError::into_inner).open(client, now)?;
        Ok(Self { counts, client, missed: false })
    }

    /// Records that it was a miss, and that the answer reveals it.
    pub(super) fn missed(mut self) {
        self.missed = true;
    }
}

impl Drop for Chance<'_> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.close(self.client, self.missed);
    }
}

fn over(window: &mut RateWindow, now: Timestamp) -> Over {
    let first = !std::mem::replace(&mut window.told, true);
    let wait = window.ends.unix().saturating_sub(now.unix()).max(1);
    Over { error: SharingError::TooMany(wait), first }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
/// As many as clients are registered: none is dropped.
const ALL: usize = usize::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_and_only_its_first_refusal_is_told() {
        let client = ClientName::parse("social-desk").unwrap();
        let other = ClientName::parse("health-desk").unwrap();
        let mut counts = Counts::new(Limits { queries_a_minute: 2, misses_an_hour: 1 });
        let now = Timestamp::EPOCH;
        assert!(counts.take(&client, 2, now).is_ok());
        let over = counts.take(&client, 1, now.plus(20)).unwrap_err();
        assert!(over.first && matches!(over.error, SharingError::TooMany(40)));
        assert!(!counts.take(&client, 1, now.plus(20)).unwrap_err().first);
        assert!(counts.take(&other, 1, now.plus(20)).is_ok());
        assert!(counts.take(&client, 1, now.plus(60)).is_ok());
        counts.open(&client, now.plus(60)).unwrap();
        counts.close(&client, true);
        let over = counts.take(&client, 1, now.plus(120)).unwrap_err();
        assert!(over.first && matches!(over.error, SharingError::TooMany(3480)));
        assert!(counts.take(&client, 9, now.plus(3660)).is_ok());
    }

    #[test]
    fn of_many_who_come_at_once_no_more_miss_than_may() {
        let client = ClientName::parse("social-desk").unwrap();
        let counts = Mutex::new(Counts::new(Limits { queries_a_minute: 100, misses_an_hour: 3 }));
        let now = Timestamp::EPOCH;
        let open = |at| Chance::open(&counts, &client, now.plus(at));
        // Each was admitted before any other was answered.
        let [first, second, third] = [open(0), open(0), open(1)].map(Result::unwrap);
        let over = open(1).unwrap_err();
        assert!(over.first && matches!(over.error, SharingError::TooMany(1)));
        first.missed();
        drop(second);
        third.missed();
        let last = open(2).unwrap();
        assert!(matches!(open(2).unwrap_err().error, SharingError::TooMany(1)));
        last.missed();
        let over = open(10).unwrap_err();
        assert!(!over.first && matches!(over.error, SharingError::TooMany(3590)));
        // A query opened in one hour is open in the next too, and a miss there counts once.
        counts.lock().unwrap().misses = RateWindows::default();
        let late = open(3_599).unwrap();
        let both = [open(7_199), open(7_199)].map(Result::unwrap);
        assert!(open(7_199).is_err(), "three are open");
        late.missed();
        assert!(open(7_199).is_err(), "two are open and one was missed");
        drop(both);
        let rest = [open(7_200), open(7_200)].map(Result::unwrap);
        assert!(open(7_200).is_err());
        drop(rest);
    }
}
