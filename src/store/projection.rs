//! What follows from the events so far, and its form in the index: an opened store goes on from
//! there, without reading what it has read before.
//!
//! A process that is killed leaves changes in the index that the position does not cover yet. Their
//! events are in the journal and are applied once more, so each change must lead to the same state
//! when it is made twice.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::act::{Event, read, written};
use super::changes::index_event;
use super::index::{Batch, Index};
use super::journal::Replayed;
use super::ranges::OpenNumbers;
use super::status_lists::{StatusPages, list_key};
use super::tiles::Tree;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// The state after the last event.
#[derive(Debug, Default)]
pub(super) struct Projection {
    tree: Tree,
    open: OpenNumbers,
    last_event: Option<Timestamp>,
    filled: Filled,
}

/// The highest status list, and how many of its entries were given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Number of the list; 0 when there is none.
    pub list: u32,
    /// Entries given out.
    pub entries: u32,
}

/// How far the index is, written with each group.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Position {
    /// Number of events, and the root over them.
    pub(super) size: u64,
    root: String,
    /// The last group: its segment, and where it begins there.
    pub(super) segment: u32,
    pub(super) group: u64,
    last_event: Option<Timestamp>,
    pub(super) filled: Filled,
}

impl Position {
    /// `None` for an empty index.
    pub(super) fn of(index: &dyn Index) -> Result<Option<Self>, StoreError> {
        index.get(POSITION)?.map(|bytes| read(&bytes)).transpose()
    }

    /// Size and root of the tree.
    pub(super) fn head(&self) -> Result<(u64, Digest), StoreError> {
        let bad = || StoreError::Index("its position cannot be read".to_owned());
        Ok((self.size, Digest::from_hex(&self.root).ok_or_else(bad)?))
    }
}

impl Projection {
    /// The state that the index has at its position.
    pub(super) fn load(index: &dyn Index, position: &Position) -> Result<Self, StoreError> {
        let tree = Tree::load(index, position.size)?;
        if (tree.size(), tree.root()) != position.head()? {
            let message = "its tree does not have the root of its position";
            return Err(StoreError::Index(message.to_owned()));
        }
        let open = OpenNumbers::load(index)?;
        Ok(Self { tree, open, last_event: position.last_event, filled: position.filled })
    }

    pub(super) fn head(&self) -> (u64, Digest) {
        (self.tree.size(), self.tree.root())
    }

    pub(super) fn last_event(&self) -> Option<Timestamp> {
        self.last_event
    }

    /// Numbers that were reserved and are neither used nor void.
    pub(super) fn open_numbers(&self) -> &OpenNumbers {
        &self.open
    }

    /// Applies the next event; its changes go into the batch.
    pub(super) fn apply(
        &mut self,
        replayed: &Replayed,
        pages: &mut StatusPages,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let number = self.tree.size();
        self.tree.push(replayed.leaf, batch);
        self.last_event = Some(replayed.event.at);
        self.open.replay(&replayed.event);
        self.fill(&replayed.event, batch);
        pages.set(&replayed.event.status);
        index_event(number, replayed, batch)
    }

    fn fill(&mut self, event: &Event, batch: &mut Batch) {
        if event.kind != super::EventKind::Issued {
            return;
        }
        for (list, ..) in &event.status {
            if *list != self.filled.list {
                // A licence of an earlier list may be committed after the first one of the next.
                batch.put(list_key(*list), Vec::new());
            }
            if *list > self.filled.list {
                self.filled = Filled { list: *list, entries: 0 };
            }
            if *list == self.filled.list {
                self.filled.entries = self.filled.entries.saturating_add(1);
            }
        }
    }

    /// Completes the batch of a group that begins at this segment and offset. The position is the
    /// last entry.
    pub(super) fn complete(
        &mut self,
        (segment, group): (u32, u64),
        pages: StatusPages,
        index: &dyn Index,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        self.tree.flush(batch);
        self.open.flush(batch)?;
        pages.flush(index, batch)?;
        let position = Position {
            size: self.tree.size(),
            root: self.tree.root().to_hex(),
            segment,
            group,
            last_event: self.last_event,
            filled: self.filled,
        };
        batch
            .put(POSITION.to_vec(), written(|| "the position".to_owned(), &position)?.into_bytes());
        Ok(())
    }
}

const POSITION: &[u8] = b"position";
