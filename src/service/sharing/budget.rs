//! Rate limits against the guessing of codes: by client, in windows of the office's clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::SharingError;
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

/// Counts by client. There are only as many as registered clients, so none is evicted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) limits: Limits,
    queries: HashMap<ClientName, Window>,
    misses: HashMap<ClientName, Window>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    since: Timestamp,
    count: u32,
    /// Possible misses whose queries are in progress, of any window. They count too; otherwise many
    /// simultaneous requests could all use the last allowed miss.
    open: u32,
    /// Whether its refusal was recorded: a flood must not fill the journal.
    refusal_recorded: bool,
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
        let misses = window(&mut self.misses, client, now, HOUR);
        if misses.count >= limits.misses_an_hour {
            return Err(misses.over(now, HOUR));
        }
        let queries = window(&mut self.queries, client, now, MINUTE);
        let after = queries.count.saturating_add(count);
        // A full batch must fit an empty window, or it never would.
        if after > limits.queries_a_minute && queries.count > 0 {
            return Err(queries.over(now, MINUTE));
        }
        queries.count = after;
        Ok(())
    }

    /// Counts a possible miss, before the look-up.
    fn open(&mut self, client: &ClientName, now: Timestamp) -> Result<(), Over> {
        let limit = self.limits.misses_an_hour;
        let misses = window(&mut self.misses, client, now, HOUR);
        if misses.count.saturating_add(misses.open) < limit {
            misses.open = misses.open.saturating_add(1);
            return Ok(());
        }
        let over = misses.over(now, HOUR);
        // Most queries in progress turn out not to be misses.
        let wait = if misses.count < limit { SharingError::TooMany(1) } else { over.error };
        Err(Over { error: wait, ..over })
    }

    /// Settles a possible miss in the present window: counted, or removed.
    fn close(&mut self, client: &ClientName, missed: bool) {
        let Some(misses) = self.misses.get_mut(client) else { return };
        misses.open = misses.open.saturating_sub(1);
        misses.count = misses.count.saturating_add(u32::from(missed));
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

impl Window {
    fn over(&mut self, now: Timestamp, length: i64) -> Over {
        let first = !std::mem::replace(&mut self.refusal_recorded, true);
        let wait = self.since.plus(length).unix().saturating_sub(now.unix()).max(1);
        Over { error: SharingError::TooMany(wait), first }
    }
}

fn window<'a>(
    windows: &'a mut HashMap<ClientName, Window>,
    client: &ClientName,
    now: Timestamp,
    length: i64,
) -> &'a mut Window {
    let new = Window { since: now, count: 0, open: 0, refusal_recorded: false };
    let window = windows.entry(client.clone()).or_insert(new);
    // Callers may arrive in another order than they read the clock.
    let is_far_back = now.plus(MINUTE) < window.since;
    if now >= window.since.plus(length) || is_far_back {
        // Open queries move to the new window and count there.
        *window = Window { open: window.open, ..new };
    }
    window
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

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
        counts.lock().unwrap().misses.clear();
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
