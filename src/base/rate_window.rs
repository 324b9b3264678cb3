//! Counts of events by key in windows of a fixed length.
//!
//! For limits whose counts are looked at before an event, taken back, or measured by the office's
//! clock. Quotas that fill up again by themselves are governor's (`src/edge/http/quotas.rs`).

use std::collections::HashMap;
use std::hash::Hash;

use crate::base::time::Timestamp;

/// A window of `SECONDS` for each key, which begins with its first event. At the most `MOST` keys
/// are kept: when there are more, those with the fewest events go first.
#[derive(Debug)]
pub struct RateWindows<K, const SECONDS: i64, const MOST: usize>(HashMap<K, RateWindow>);

/// One key's events.
#[derive(Clone, Copy, Debug)]
pub struct RateWindow {
    /// Events in the window.
    pub count: u32,
    /// The last of them.
    pub last: Timestamp,
    /// When the window is over.
    pub ends: Timestamp,
    /// Whether its refusal was recorded: a flood must not fill the journal.
    pub told: bool,
}

impl<K: Clone + Eq + Hash, const SECONDS: i64, const MOST: usize> RateWindows<K, SECONDS, MOST> {
    /// The open window of a key.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<&RateWindow> {
        self.0.get(key).filter(|window| window.is_open(now, SECONDS))
    }

    /// The same, begun now if there is none.
    pub fn present(&mut self, key: &K, now: Timestamp) -> &mut RateWindow {
        if self.0.len() >= MOST && !self.0.contains_key(key) {
            self.make_room(now);
        }
        let new = RateWindow { count: 0, last: now, ends: now.plus(SECONDS), told: false };
        let window = self.0.entry(key.clone()).or_insert(new);
        if !window.is_open(now, SECONDS) {
            *window = new;
        }
        window
    }

    /// The last window of a key, open or over.
    pub fn last(&mut self, key: &K) -> Option<&mut RateWindow> {
        self.0.get_mut(key)
    }

    fn make_room(&mut self, now: Timestamp) {
        self.0.retain(|_, window| window.count > 0 && window.is_open(now, SECONDS));
        // Still full: somebody has many keys. What is near its limit is dropped last.
        if self.0.len() >= MOST {
            let rank = |window: &RateWindow| (window.count, window.last);
            let mut ranks: Vec<_> = self.0.values().map(rank).collect();
            let (_, limit, _) = ranks.select_nth_unstable(MOST / 8);
            let limit = *limit;
            self.0.retain(|_, window| rank(window) > limit);
        }
    }
}

impl<K, const SECONDS: i64, const MOST: usize> Default for RateWindows<K, SECONDS, MOST> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl RateWindow {
    /// Counts events.
    pub fn add(&mut self, count: u32, now: Timestamp) {
        (self.count, self.last) = (self.count.saturating_add(count), now);
    }

    /// A clock that was set back by more than a window begins another: nobody waits for years.
    fn is_open(&self, now: Timestamp, seconds: i64) -> bool {
        now < self.ends && self.ends <= now.plus(seconds.saturating_mul(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH.plus(seconds)
    }

    #[test]
    fn a_window_begins_with_its_first_event_and_ends() {
        let mut windows = RateWindows::<&str, 60, 9>::default();
        let count = |windows: &RateWindows<&str, 60, 9>, now| {
            windows.get(&"a", at(now)).map(|window| window.count)
        };
        windows.present(&"a", at(100)).add(2, at(100));
        windows.present(&"a", at(159)).add(1, at(159));
        assert_eq!([100, 159, 160].map(|now| count(&windows, now)), [Some(3), Some(3), None]);
        assert_eq!(
            [40, 39].map(|now| count(&windows, now)),
            [Some(3), None],
            "the clock went back"
        );
        assert!(windows.get(&"b", at(159)).is_none());
        windows.present(&"a", at(160)).add(1, at(160));
        assert_eq!(count(&windows, 219), Some(1));
        windows.last(&"a").unwrap().count -= 1;
        assert_eq!(count(&windows, 219), Some(0));
    }

    #[test]
    fn the_keys_are_bounded_and_those_with_most_events_stay() {
        let mut windows = RateWindows::<u32, 60, 80>::default();
        windows.present(&0, at(0)).add(5, at(0));
        for key in 1..1000 {
            windows.present(&key, at(1)).add(1, at(1));
            assert!(windows.0.len() <= 80);
        }
        assert_eq!(windows.get(&0, at(59)).unwrap().count, 5);
        (1000..1080).for_each(|key| windows.present(&key, at(2)).add(1, at(2)));
        while windows.0.len() < 80 {
            let key = 2000 + u32::try_from(windows.0.len()).unwrap();
            windows.present(&key, at(2)).add(1, at(2));
        }
        windows.present(&3000, at(62)).add(1, at(62));
        assert_eq!(windows.0.len(), 1, "what is over goes first");
    }
}
