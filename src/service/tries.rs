//! Limits on look-ups by number: a guesser has to wait, and other users do not.
//!
//! Five tries on a number lock it for an hour, for the network that they came from; five more, for
//! the rest of the day. After eighty tries within a day, which takes eight networks, it is locked
//! for all: the last six characters of a citizen number have some 330,000 values, and eighty tries
//! a day are 29,000 a year. The QR symbol and the code on the paper still work.

use std::collections::HashMap;

use crate::base::network::Network;
use crate::base::time::Timestamp;

/// Tries by the digest of a number, of each network and of all. Callers without a network count as
/// one.
#[derive(Debug, Default)]
pub(super) struct Tries(HashMap<(String, Who), Count>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    All,
    From(Option<Network>),
}

#[derive(Clone, Copy, Debug)]
struct Count {
    tries: u32,
    first: Timestamp,
    last: Timestamp,
}

impl Tries {
    /// Counts a try before it is evaluated, so that simultaneous tries all count. `false` when the
    /// number is locked.
    pub(super) fn begin(&mut self, key: &str, from: Option<Network>, now: Timestamp) -> bool {
        let both = [Who::From(from), Who::All].map(|who| (key.to_owned(), who));
        if both.iter().any(|one| self.0.get(one).is_some_and(|count| count.is_locked(&one.1, now)))
        {
            return false;
        }
        for one in both {
            self.make_room(now);
            let fresh = Count { tries: 0, first: now, last: now };
            let count = self.0.entry(one).or_insert(fresh);
            if count.is_over(now) {
                *count = fresh;
            }
            (count.tries, count.last) = (count.tries.saturating_add(1), now);
        }
        true
    }

    /// Seconds until a number that is locked can be tried again.
    pub(super) fn wait(&self, key: &str, from: Option<Network>, now: Timestamp) -> i64 {
        let waits = [Who::From(from), Who::All].map(|who| {
            let count = self.0.get(&(key.to_owned(), who)).filter(|one| one.is_locked(&who, now));
            count.map_or(0, |count| count.ends(&who).unix().saturating_sub(now.unix()))
        });
        waits.into_iter().max().unwrap_or_default()
    }

    /// Removes a correct try from the count.
    pub(super) fn take_back(&mut self, key: &str, from: Option<Network>) {
        for who in [Who::From(from), Who::All] {
            if let Some(count) = self.0.get_mut(&(key.to_owned(), who)) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.0.len() < ENTRIES {
            return;
        }
        self.0.retain(|_, count| count.tries > 0 && !count.is_over(now));
        // Still full: many numbers are being tried. Locked ones are dropped last.
        if self.0.len() >= ENTRIES {
            let mut ranks: Vec<_> = self.0.values().map(Count::rank).collect();
            let (_, limit, _) = ranks.select_nth_unstable(ENTRIES / 8);
            let limit = *limit;
            self.0.retain(|_, count| count.rank() > limit);
        }
    }
}

impl Count {
    fn is_locked(&self, who: &Who, now: Timestamp) -> bool {
        if self.is_over(now) {
            return false;
        }
        match who {
            Who::All => self.tries >= TRIES_OF_ALL,
            Who::From(_) if self.tries == TRIES => now < self.last.plus(HOUR),
            Who::From(_) => self.tries >= 2 * TRIES,
        }
    }

    /// When the lock ends.
    fn ends(&self, who: &Who) -> Timestamp {
        let day = self.first.plus(DAY);
        match who {
            Who::From(_) if self.tries == TRIES => self.last.plus(HOUR).min(day),
            Who::From(_) | Who::All => day,
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.first.plus(DAY) <= now
    }

    fn rank(&self) -> (u32, Timestamp) {
        (self.tries, self.last)
    }
}

const TRIES: u32 = 5;
const TRIES_OF_ALL: u32 = 80;
/// One hour in seconds.
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Some 150 bytes each.
const ENTRIES: usize = 20_000;

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn network(number: u32) -> Option<Network> {
        Network::of(IpAddr::from((0xC000_0200 + number).to_be_bytes()))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH.plus(seconds)
    }

    #[test]
    fn who_guesses_waits_an_hour_then_a_day_and_others_do_not() {
        let mut tries = Tries::default();
        let (one, other) = (network(1), network(2));
        assert!((0..5).all(|second| tries.begin("a", one, at(second))));
        assert!(!tries.begin("a", one, at(5)) && !tries.begin("a", one, at(4 + HOUR - 1)));
        assert_eq!((tries.wait("a", one, at(5)), tries.wait("a", other, at(5))), (HOUR - 1, 0));
        assert!(tries.begin("a", other, at(5)) && tries.begin("b", one, at(5)));
        assert!(tries.begin("a", None, at(5)));
        assert!((0..5).all(|second| tries.begin("a", one, at(4 + HOUR + second))));
        assert_eq!(tries.wait("a", one, at(3 * HOUR)), DAY - 3 * HOUR);
        assert!(!tries.begin("a", one, at(3 * HOUR)) && !tries.begin("a", one, at(DAY - 1)));
        assert!(tries.begin("a", one, at(DAY)));
        // A correct try does not count.
        for second in 0..20 {
            assert!(tries.begin("c", one, at(second)));
            tries.take_back("c", one);
        }
    }

    #[test]
    fn eighty_tries_of_eight_networks_lock_a_number_for_all() {
        let mut tries = Tries::default();
        for network in (1..=8).map(network) {
            for second in [0, HOUR + 9] {
                assert!((0..5).all(|more| tries.begin("a", network, at(second + more))));
            }
            assert!(!tries.begin("a", network, at(DAY / 2)));
        }
        assert!(!tries.begin("a", network(9), at(DAY - 1)) && !tries.begin("a", None, at(DAY / 2)));
        assert!(tries.begin("b", network(9), at(DAY / 2)));
        assert!(tries.begin("a", network(9), at(DAY)));
    }

    #[test]
    fn the_table_is_bounded_and_what_is_locked_stays_locked() {
        let mut tries = Tries::default();
        assert!((0..5).all(|_| tries.begin("a", network(1), at(0))));
        for other in 0..2 * ENTRIES {
            tries.begin(&other.to_string(), network(2), at(1));
        }
        assert!(tries.0.len() <= ENTRIES);
        assert!(!tries.begin("a", network(1), at(2)));
    }
}
