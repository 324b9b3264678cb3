//! Quotas by key: so many requests a second, and so many at once.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// What is left of the same quota for each key. A bounded number of keys is remembered.
#[derive(Debug)]
pub(in crate::edge::http) struct Quotas<K: Clone + Eq + Hash> {
    quota: Quota,
    keyed: RateLimiter<K, HashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    /// When keys with a full quota were last dropped.
    swept: Mutex<Instant>,
}

impl<K: Clone + Eq + Hash> Quotas<K> {
    pub(in crate::edge::http) fn new(quota: Quota) -> Self {
        let keyed = RateLimiter::hashmap(quota).with_middleware();
        Self { quota, keyed, swept: Mutex::new(Instant::now()) }
    }

    /// So many a second, and so many at once.
    pub(in crate::edge::http) fn per_second(second: u32, burst: u32) -> Self {
        let some = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self::new(Quota::per_second(some(second)).allow_burst(some(burst)))
    }

    pub(in crate::edge::http) fn quota(&self) -> Quota {
        self.quota
    }

    /// Counts a request; returns the rest, or whole seconds to wait. While there are too many keys
    /// none is counted: networks have a limit on all of them beside it, and clients are registered.
    pub(in crate::edge::http) fn take(&self, key: &K) -> Result<u32, u64> {
        self.sweep();
        if self.keyed.len() >= KEYS {
            return Ok(self.quota.burst_size().get());
        }
        self.keyed
            .check_key(key)
            .map(|state| state.remaining_burst_capacity())
            .map_err(|until| until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// Drops keys that did nothing for a while, at most once a second.
    fn sweep(&self) {
        if self.keyed.len() < KEYS / 2 {
            return;
        }
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.elapsed() >= SWEEP {
            *swept = Instant::now();
            self.keyed.retain_recent();
            self.keyed.shrink_to_fit();
        }
    }
}

/// Keys remembered, 100 bytes each.
const KEYS: usize = 20_000;
const SWEEP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_bounded() {
        let quotas = Quotas::per_second(1, 2);
        let taken: Vec<_> = (0..3).map(|_| quotas.take(&0)).collect();
        assert!(matches!(taken[..], [Ok(1), Ok(0), Err(_)]), "{taken:?}");
        for key in 1..KEYS + 1000 {
            assert!(quotas.take(&key).is_ok());
        }
        assert!(quotas.keyed.len() <= KEYS);
    }
}
