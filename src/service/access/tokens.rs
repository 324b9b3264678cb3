//! The tokens in use, by digest. They are in memory only: a restart ends them all.

use std::collections::{HashMap, VecDeque};

use super::replay_cache::ReplayCache;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::domain::access::token::{self, Granted};
use crate::domain::access::{Client, ClientName, assertion, dpop};

/// Tokens, and the uses of assertions and proofs.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) assertions: ReplayCache,
    pub(super) proofs: ReplayCache,
    tokens: HashMap<Digest, Granted>,
    /// For each client, when its tokens were issued, the oldest first.
    given: HashMap<ClientName, VecDeque<(Timestamp, Digest)>>,
}

impl Memory {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            assertions: ReplayCache::new(assertion::LIFE, ASSERTIONS, now),
            proofs: ReplayCache::new(dpop::REMEMBERED, PROOFS, now),
            tokens: HashMap::new(),
            given: HashMap::new(),
        }
    }

    /// Whether the replay caches are full.
    pub(super) fn is_full(&self, now: Timestamp) -> bool {
        self.assertions.is_full(now) || self.proofs.is_full(now)
    }

    /// Continues from another instant; used values stay used.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.assertions.restart(now);
        self.proofs.restart(now);
    }

    /// Seconds to wait for a client that requested too many tokens.
    pub(super) fn must_wait(&self, client: &ClientName, now: Timestamp) -> Option<i64> {
        let given = self.given.get(client)?;
        let (earlier, _) = given.get(given.len().checked_sub(PER_MINUTE)?)?;
        Some(earlier.plus(60).unix().saturating_sub(now.unix())).filter(|wait| *wait > 0)
    }

    /// Stores a token. When its client has too many, the oldest ends.
    pub(super) fn keep(&mut self, token: Digest, granted: Granted, now: Timestamp) {
        let given = self.given.entry(granted.client.clone()).or_default();
        while given.len() >= PER_CLIENT
            || given.front().is_some_and(|(since, _)| since.plus(token::LIFE) <= now)
        {
            let Some((_, oldest)) = given.pop_front() else { break };
            self.tokens.remove(&oldest);
        }
        given.push_back((now, token));
        self.tokens.insert(token, granted);
    }

    /// A token that is in force.
    pub(super) fn find(&self, token: &Digest, now: Timestamp) -> Option<&Granted> {
        self.tokens.get(token).filter(|granted| now < granted.expires)
    }

    /// Ends the tokens that a client may no longer have, such as those with a right that it lost;
    /// shortens those whose key now expires earlier.
    pub(super) fn registration_changed(&mut self, client: &Client, now: Timestamp) {
        self.tokens.retain(|_, granted| {
            if granted.client != client.name {
                return true;
            }
            let mut keys = client.accepted_keys(now);
            let Some(key) = keys.find(|key| key.thumbprint == granted.key) else { return false };
            let has = |right| client.scopes.iter().any(|known| known.includes(right));
            if !granted.scopes.iter().all(has) {
                return false;
            }
            granted.expires = key.until.map_or(granted.expires, |end| end.min(granted.expires));
            true
        });
    }
}

/// Used assertions remembered within five minutes: 34 bytes each. Only registered clients can add
/// one, thirty in a minute each.
const ASSERTIONS: usize = 100_000;
/// Used proofs remembered within a minute: 5,000 requests in a second, 10 MB.
const PROOFS: usize = 300_000;
/// A client needs one token in ten minutes for each of its processes.
const PER_CLIENT: usize = 100;
/// Tokens that a client may request within a minute.
const PER_MINUTE: usize = 30;
