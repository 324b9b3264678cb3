//! Limits on look-ups, for each network and in all: nobody can guess codes, and a guesser does not
//! keep others from looking.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use super::problem::Problem;
use crate::base::network::Network;

/// Remaining look-ups.
#[derive(Debug)]
pub(in crate::edge::http) struct LookUps {
    all: DefaultDirectRateLimiter,
    networks: DefaultKeyedRateLimiter<Network>,
    /// When networks with a full quota were last dropped.
    swept: Mutex<Instant>,
}

impl Default for LookUps {
    fn default() -> Self {
        let quota = |(second, burst): (u32, u32)| {
            let some = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
            Quota::per_second(some(second)).allow_burst(some(burst))
        };
        Self {
            all: RateLimiter::direct(quota(OF_ALL)),
            networks: RateLimiter::hashmap(quota(OF_NETWORK)),
            swept: Mutex::new(Instant::now()),
        }
    }
}

impl LookUps {
    /// Counts one look-up.
    pub(in crate::edge::http) fn take(&self, network: Option<Network>) -> Result<(), Problem> {
        self.sweep();
        let own = network.filter(|_| self.networks.len() < NETWORKS);
        own.map_or(Ok(()), |network| self.networks.check_key(&network))
            .and_then(|()| self.all.check())
            .map_err(|_| Problem::TOO_MANY.after(AGAIN))
    }

    /// Drops networks that did nothing for a while, at most once a second.
    fn sweep(&self) {
        if self.networks.len() < NETWORKS / 2 {
            return;
        }
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.elapsed() >= SWEEP {
            *swept = Instant::now();
            self.networks.retain_recent();
            self.networks.shrink_to_fit();
        }
    }
}

/// A second, and at once: a person scans one code after the other, an office has several counters.
const OF_NETWORK: (u32, u32) = (20, 60);
/// Ten such networks. Codes have 80 bits: at this rate one is not found by trying; each look-up
/// costs 0.3 ms of one core.
const OF_ALL: (u32, u32) = (200, 600);
/// Seconds after which an idle network has its whole quota again.
const AGAIN: u32 = OF_NETWORK.1 / OF_NETWORK.0;
/// Networks remembered, 100 bytes each. When there are more, they share the quota of all.
const NETWORKS: usize = 20_000;
const SWEEP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn who_looks_too_often_keeps_nobody_else_from_looking_and_is_soon_forgotten() {
        let of = |number: u32| Network::of(IpAddr::from((0xC000_0000 + number).to_be_bytes()));
        let looks = LookUps::default();
        let taken = (0..200).filter(|_| looks.take(of(1)).is_ok()).count();
        assert!((60..100).contains(&taken), "{taken}");
        assert!(looks.take(of(2)).is_ok() && looks.take(None).is_ok());
        for number in 0..NETWORKS + 1000 {
            let _answer = looks.take(of(u32::try_from(number).unwrap()));
        }
        assert!(looks.networks.len() <= NETWORKS);
        // All together have a limit as well.
        assert!((0..1000).any(|_| looks.take(None).is_err()));
    }
}
