//! The office's in-memory state.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use crate::base::time::Timestamp;
use crate::format::note::checkpoint::SignedCheckpoint;
use crate::store::{Store, StoreError};

/// The latest heads that witnesses cosigned. They are not recorded in the logs: an event for one
/// would result in another head.
#[derive(Debug, Default)]
pub(super) struct WitnessedHeads {
    pub(super) acts: Mutex<Option<SignedCheckpoint>>,
    pub(super) accesses: Mutex<Option<SignedCheckpoint>>,
}

/// The latest signed token of a list.
#[derive(Clone, Debug)]
pub(super) struct CachedStatus {
    pub(super) changes: u64,
    pub(super) made: Timestamp,
    pub(super) token: String,
}

/// The list that new licences go into: its number and the indices given out.
#[derive(Debug)]
pub(super) struct CurrentList {
    pub(super) number: u32,
    pub(super) given: HashSet<u32>,
}

impl CurrentList {
    /// The first list of the epoch that is not yet half full.
    pub(super) fn find(store: &dyn Store, entries: u32) -> Result<Self, StoreError> {
        let mut number = store.reader().epoch()? * LISTS_OF_AN_EPOCH + 1;
        loop {
            let given =
                store.reader().status(number)?.into_iter().map(|(index, _)| index).collect();
            let list = Self { number, given };
            if !list.is_full(entries) {
                return Ok(list);
            }
            number += 1;
        }
    }

    /// Beyond a half, random draws would take long, and neighbouring entries would reveal the time
    /// of issue.
    pub(super) fn is_full(&self, entries: u32) -> bool {
        self.given.len() >= usize::try_from(entries / 2).unwrap_or(usize::MAX)
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

/// Each epoch has a separate range of list numbers, apart from those of lost events.
pub(super) const LISTS_OF_AN_EPOCH: u32 = 1000;
