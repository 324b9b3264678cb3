//! The office's in-memory state.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use crate::base::entropy::{Entropy, draw};
use crate::base::time::Timestamp;
use crate::format::note::checkpoint::SignedCheckpoint;
use crate::store::{Filled, Store, StoreError};

/// The latest heads that witnesses cosigned. They are not recorded in the logs: an event for one
/// would result in another head.
#[derive(Debug, Default)]
pub(super) struct WitnessedHeads {
    pub(super) acts: Mutex<Option<SignedCheckpoint>>,
    pub(super) accesses: Mutex<Option<SignedCheckpoint>>,
}

/// The latest signed token of each list, made by one at a time: whoever waits wants the same.
pub(super) type StatusTokens = Mutex<BTreeMap<u32, Arc<Mutex<Option<CachedStatus>>>>>;

/// The latest signed token of a list.
#[derive(Clone, Debug)]
pub(super) struct CachedStatus {
    pub(super) changes: u64,
    pub(super) made: Timestamp,
    pub(super) token: String,
}

/// The list that new licences go into.
#[derive(Debug)]
pub(super) struct CurrentList {
    pub(super) number: u32,
    /// Entries given out before this process began.
    before: u32,
    /// Indices drawn by this process. One that is not committed yet is not in the store.
    drawn: HashSet<u32>,
}

impl CurrentList {
    /// The first list of the epoch that is not yet half full.
    pub(super) fn find(store: &dyn Store, entries: u32) -> Result<Self, StoreError> {
        let first = store.reader().epoch()?.saturating_mul(LISTS_OF_AN_EPOCH).saturating_add(1);
        let Filled { list, entries: before } = store.reader().filled()?;
        let (number, before) = if list < first { (first, 0) } else { (list, before) };
        let mut list = Self { number, before, drawn: HashSet::new() };
        list.go_on_when_full(entries);
        Ok(list)
    }

    /// Two entries that were never given out.
    pub(super) fn draw(
        &mut self,
        entries: u32,
        store: &dyn Store,
        entropy: &dyn Entropy,
    ) -> Result<(u32, u32), StoreError> {
        self.go_on_when_full(entries);
        let mut index = || -> Result<u32, StoreError> {
            loop {
                let index = u32::from_le_bytes(draw(entropy)) % entries;
                let is_given = self.before > 0 && store.reader().is_given(self.number, index)?;
                if !is_given && self.drawn.insert(index) {
                    return Ok(index);
                }
            }
        };
        Ok((index()?, index()?))
    }

    /// Beyond a half, random draws would take long, and neighbouring entries would reveal the time
    /// of issue.
    fn go_on_when_full(&mut self, entries: u32) {
        let drawn = u32::try_from(self.drawn.len()).unwrap_or(u32::MAX);
        if self.before.saturating_add(drawn) >= entries / 2 {
            let number = self.number.saturating_add(1);
            *self = Self { number, before: 0, drawn: HashSet::new() };
        }
    }
}

/// Delivery counters since the process began, by destination.
#[derive(Debug, Default)]
pub(super) struct Hooks(pub(super) Mutex<BTreeMap<String, Health>>);

/// Delivery counters of a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Messages that the receiver accepted.
    pub delivered: u64,
    /// Attempts without acceptance.
    pub failed: u64,
    /// Whether so many failed in a row that an administrator should be alerted.
    pub failing: bool,
    /// Number of the first event not delivered yet.
    pub next: u64,
}

/// A new epoch begins with the list after a multiple of this, so far behind the highest one that
/// lost events had other lists.
pub(super) const LISTS_OF_AN_EPOCH: u32 = 1000;
