//! Limits on look-ups by number: a guesser has to wait, and other users do not.
//!
//! Five tries on a number lock it for an hour, for the network that they came from; five more, for
//! the rest of the day. After eighty tries within a day, which takes eight networks, it is locked
//! for all: the last six characters of a citizen number have some 330,000 values, and eighty tries
//! a day are 29,000 a year. The QR symbol and the code on the paper still work.

use crate::base::network::Network;
use crate::base::rate_window::RateWindows;
use crate::base::time::Timestamp;

/// Tries by the digest of a number, of each network and of all. Callers without a network count as
/// one.
#[derive(Debug, Default)]
pub(super) struct Tries(RateWindows<(String, Who), DAY, ENTRIES>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    All,
    From(Option<Network>),
}

impl Tries {
    /// Counts a try before it is evaluated, so that simultaneous tries all count. `false` when the
    /// number is locked.
    pub(super) fn begin(&mut self, key: &str, from: Option<Network>, now: Timestamp) -> bool {
        let both = [Who::From(from), Who::All].map(|who| (key.to_owned(), who));
        if both.iter().any(|one| self.locked_for(one, now) > 0) {
            return false;
        }
        for one in &both {
            self.0.present(one, now).add(1, now);
        }
        true
    }

    /// Seconds until a number that is locked can be tried again.
    pub(super) fn wait(&self, key: &str, from: Option<Network>, now: Timestamp) -> i64 {
        let both = [Who::From(from), Who::All].map(|who| (key.to_owned(), who));
        both.iter().map(|one| self.locked_for(one, now)).max().unwrap_or_default()
    }

    /// Removes a correct try from the count.
    pub(super) fn take_back(&mut self, key: &str, from: Option<Network>) {
        for who in [Who::From(from), Who::All] {
            if let Some(window) = self.0.last(&(key.to_owned(), who)) {
                window.count = window.count.saturating_sub(1);
            }
        }
    }

    fn locked_for(&self, one: &(String, Who), now: Timestamp) -> i64 {
        let Some(window) = self.0.get(one, now) else { return 0 };
        let until = match one.1 {
            Who::From(_) if window.count == TRIES => window.last.plus(HOUR).min(window.ends),
            Who::From(_) if window.count >= 2 * TRIES => window.ends,
            Who::All if window.count >= TRIES_OF_ALL => window.ends,
            Who::From(_) | Who::All => return 0,
        };
        until.unix().saturating_sub(now.unix()).max(0)
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
    fn what_is_locked_stays_locked_whatever_else_is_tried() {
        let mut tries = Tries::default();
        assert!((0..5).all(|_| tries.begin("a", network(1), at(0))));
        for other in 0..2 * ENTRIES {
            tries.begin(&other.to_string(), network(2), at(1));
        }
        assert!(!tries.begin("a", network(1), at(2)));
    }
}
