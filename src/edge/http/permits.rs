//! Permits for all callers, of which those of one network hold at most a part, so that one stranger
//! leaves some for everybody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::network::Network;

/// A fixed number of permits. Callers without a network ([`Network::of`]) may hold all of them.
#[derive(Clone, Debug)]
pub(super) struct Permits {
    all: Arc<Semaphore>,
    /// Most permits of one network.
    part: usize,
    /// Networks that hold some or wait for some, and no others: never more than there are callers.
    networks: Arc<Mutex<HashMap<Network, Arc<Semaphore>>>>,
}

impl Permits {
    pub(super) fn new(all: usize, part: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), part, networks: Arc::default() }
    }

    /// Takes permits if they are free.
    pub(super) fn try_take(&self, network: Option<Network>, count: u32) -> Option<Held> {
        let share = self.share(network);
        let part = match share.semaphore() {
            Some(part) => Some(part.try_acquire_many_owned(count).ok()?),
            None => None,
        };
        let all = Arc::clone(&self.all).try_acquire_many_owned(count).ok()?;
        Some(Held { part, all, share })
    }

    /// Waits for permits, each network in a queue of its own before that of all.
    pub(super) async fn take(self, network: Option<Network>, count: u32) -> Option<Held> {
        let share = self.share(network);
        let part = match share.semaphore() {
            Some(part) => Some(part.acquire_many_owned(count).await.ok()?),
            None => None,
        };
        let all = self.all.acquire_many_owned(count).await.ok()?;
        Some(Held { part, all, share })
    }

    /// Whether a network may not have this many more, whatever others hold.
    pub(super) fn is_spent(&self, network: Option<Network>, count: usize) -> bool {
        network.is_some() && self.part.saturating_sub(self.held(network)) < count
    }

    /// Permits held by a network.
    pub(super) fn held(&self, network: Option<Network>) -> usize {
        let held = network.and_then(|network| lock(&self.networks).get(&network).map(Arc::clone));
        held.map_or(0, |held| self.part.saturating_sub(held.available_permits()))
    }

    fn share(&self, network: Option<Network>) -> Share {
        let of = network.map(|network| {
            let mut networks = lock(&self.networks);
            let part =
                networks.entry(network).or_insert_with(|| Arc::new(Semaphore::new(self.part)));
            (network, Arc::clone(part))
        });
        Share { networks: Arc::clone(&self.networks), of }
    }
}

/// Permits that are returned when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    part: Option<OwnedSemaphorePermit>,
    all: OwnedSemaphorePermit,
    // Last, so that the permits are returned when it is dropped.
    share: Share,
}

impl Held {
    /// Merges permits of the same network.
    pub(super) fn merge(&mut self, other: Self) {
        let Self { part, all, share: _share } = other;
        if let (Some(own), Some(part)) = (&mut self.part, part) {
            own.merge(part);
        }
        self.all.merge(all);
    }
}

/// The part of one network, while a caller of it holds or waits for some.
#[derive(Debug)]
struct Share {
    networks: Arc<Mutex<HashMap<Network, Arc<Semaphore>>>>,
    of: Option<(Network, Arc<Semaphore>)>,
}

impl Share {
    fn semaphore(&self) -> Option<Arc<Semaphore>> {
        self.of.as_ref().map(|(_, part)| Arc::clone(part))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some((network, part)) = &self.of else { return };
        let mut networks = lock(&self.networks);
        // The table and this one: no permit is out, and nobody waits.
        if Arc::strong_count(part) == 2 {
            networks.remove(network);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_network_takes_its_part_and_leaves_the_rest_to_others() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        let (one, other) = (of("192.0.2.1"), of("192.0.2.2"));
        let permits = Permits::new(5, 2);
        let mut first = permits.try_take(one, 1).unwrap();
        assert!(permits.try_take(one, 2).is_none() && !permits.is_spent(one, 1));
        first.merge(permits.try_take(one, 1).unwrap());
        assert!(permits.is_spent(one, 1) && !permits.is_spent(other, 2));
        let second = permits.try_take(other, 2).unwrap();
        let here = permits.try_take(None, 1).unwrap();
        assert!(permits.try_take(None, 1).is_none() && permits.try_take(of("::2"), 1).is_none());
        let waits = tokio::spawn(permits.clone().take(one, 2));
        tokio::task::yield_now().await;
        drop(first);
        let third = waits.await.unwrap().unwrap();
        assert!(permits.is_spent(one, 1));
        drop((second, third, here));
        // No entry remains of networks without callers.
        assert!(lock(&permits.networks).is_empty());
        assert!(permits.try_take(None, 5).is_some());
    }
}
