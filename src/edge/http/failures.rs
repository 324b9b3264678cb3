//! Failed token requests: only the failing client has to wait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::peer::Peer;
use crate::base::network::Network;
use crate::base::rate_window::RateWindows;
use crate::base::time::Timestamp;
use crate::domain::access::ClientName;

/// Failed token requests within the last minute: for each network, of the client that was named,
/// and in all. A system that retries in a loop with a wrong key locks out itself, not its
/// neighbours behind the same address, and nobody locks out a client from elsewhere. A rejected
/// token is not counted: looking it up costs next to nothing, and it cannot be guessed.
#[derive(Debug, Default)]
pub(in crate::edge::http) struct Failures(Mutex<RateWindows<Counted, MINUTE, COUNTED>>);

/// A network, with one client or all of them.
type Counted = (Network, Option<ClientName>);

impl Failures {
    pub(super) fn are_too_many(
        &self,
        peer: &Peer,
        claimed: Option<&ClientName>,
        now: Timestamp,
    ) -> bool {
        let Some(network) = peer.network else { return false };
        let counts = self.lock();
        let reached = |name: Option<&ClientName>, most: u32| {
            let window = counts.get(&(network, name.cloned()), now);
            window.is_some_and(|window| window.count >= most)
        };
        reached(None, OF_NETWORK) || claimed.is_some() && reached(claimed, OF_CLIENT)
    }

    pub(super) fn note(&self, peer: &Peer, claimed: Option<&ClientName>, now: Timestamp) {
        let Some(network) = peer.network else { return };
        let mut counts = self.lock();
        let both = [Some((network, None)), claimed.map(|name| (network, Some(name.clone())))];
        for counted in both.into_iter().flatten() {
            counts.present(&counted, now).add(1, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, RateWindows<Counted, MINUTE, COUNTED>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MINUTE: i64 = 60;
/// Wrong tries of one client from one network within a minute before it has to wait.
const OF_CLIENT: u32 = 30;
/// Of all that come from one network: five in a second, each of which costs 0.1 ms.
const OF_NETWORK: u32 = 300;
/// Networks and clients that are counted at once: 150 bytes each.
const COUNTED: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_often_waits_a_minute_and_nobody_else() {
        let failures = Failures::default();
        let peer = |text: &str| Peer {
            address: Some(text.parse().unwrap()),
            network: Network::of(text.parse().unwrap()),
            certificate: None,
            proxy: false,
            takes_certificates: false,
        };
        let names =
            ["market-counter", "other-counter"].map(|name| ClientName::parse(name).unwrap());
        let (one, other) = (Some(&names[0]), Some(&names[1]));
        let (here, there) = (peer("192.0.2.1"), peer("192.0.2.2"));
        let now = Timestamp::EPOCH.plus(100);
        for _ in 0..OF_CLIENT {
            assert!(!failures.are_too_many(&here, one, now));
            failures.note(&here, one, now);
        }
        assert!(failures.are_too_many(&here, one, now.plus(59)));
        assert!(!failures.are_too_many(&here, one, now.plus(60)));
        assert!(!failures.are_too_many(&there, one, now));
        assert!(!failures.are_too_many(&here, other, now));
        assert!(!failures.are_too_many(&here, None, now));
        (0..OF_NETWORK).for_each(|_| failures.note(&here, None, now));
        assert!(failures.are_too_many(&here, other, now));
        assert!(!failures.are_too_many(&there, other, now));
        let local = peer("127.0.0.1");
        (0..1000).for_each(|_| failures.note(&local, one, now));
        assert!(!failures.are_too_many(&local, one, now));
    }
}
