//! What is remembered, and what a commit promises.
//!
//! The journal is the truth: append-only segments of frames, one group of frames and one
//! `fdatasync` for a commit of up to 64 acts. The index is derived from it and can be rebuilt.

mod act;
mod audit;
mod backup;
mod changes;
mod disk;
mod engine;
mod files;
mod index;
mod journal;
mod lines;
mod lookup;
mod memory;
mod ranges;
mod replay;
mod sled_index;
mod tiles;

pub use act::{
    Collection, DocumentKind, EventKind, EventLine, Extent, Locator, Record, Reservation, Stored,
    Transaction, written,
};
pub use audit::{Audited, audit, leaves};
pub use backup::{Copied, copy_journal};
pub use disk::{Disk, OpenOptions, Opening};
pub use files::Files;
#[cfg(feature = "testing")]
pub use files::faulty::{FaultPlan, FaultyFiles};
pub use memory::{Memory, Segments};

use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::format::merkle::content::Content;

/// The office's memory.
pub trait Store: Send + Sync {
    /// Applies everything in `act`, or nothing.
    ///
    /// After `Ok` the act survives a power cut. After [`StoreError::Taken`] and
    /// [`StoreError::Changed`] nothing was stored.
    /// After any other error the caller assumes neither outcome: the store refuses further acts
    /// until it is opened again, and what was durable is there then.
    fn commit(&self, act: Transaction) -> Result<(), StoreError>;

    /// Sets `count` numbers of a range aside, durably, before any of them is used. Numbers of an
    /// earlier reservation that were not used are never given again.
    fn reserve(&self, range: &str, count: u64, at: Timestamp) -> Result<Reservation, StoreError>;

    /// Takes back what is left of a reservation, so that the next one goes on with it. Nothing
    /// happens when another reservation of the range came after it. Whoever calls this never uses
    /// a number of `left` again.
    fn give_back(&self, range: &str, left: Reservation, at: Timestamp) -> Result<(), StoreError>;

    /// Whether acts are accepted: [`StoreError::Closed`] after a write that failed. Whoever is about
    /// to use a seal asks before.
    fn accepts(&self) -> Result<(), StoreError>;

    /// The licence with this identifier.
    fn licence(&self, id: &str) -> Result<Option<Stored>, StoreError>;

    /// The identifier behind the digest of a verification code.
    fn by_code(&self, code: &Digest) -> Result<Option<String>, StoreError>;

    /// The identifier behind a number of a type.
    fn by_number(&self, kind: &str, number: &str) -> Result<Option<String>, StoreError>;

    /// What was done under an idempotency key: digest of the request, and the identifier of the
    /// licence, else room and key of the first entry that it wrote, as in `proposal/7`.
    fn idempotent(&self, scope: &str, key: &str) -> Result<Option<(Digest, String)>, StoreError>;

    /// A document, its digest checked.
    fn document(&self, locator: &Locator) -> Result<Vec<u8>, StoreError>;

    /// Licences in the order of their identifiers, after `after`.
    fn list(&self, after: &str, limit: usize) -> Result<Vec<Stored>, StoreError>;

    /// Every entry of a status list that was given out: index and bits.
    fn status(&self, list: u32) -> Result<Vec<(u32, u8)>, StoreError>;

    /// Whether an entry of a status list was given out.
    fn has_status(&self, list: u32) -> Result<bool, StoreError>;

    /// How many acts since the store was opened changed what a status list says. A new licence in
    /// force does not: its entries say what one says that was never given out.
    fn status_changes(&self) -> u64;

    /// The definition that credentials with this `vct` hold on to, byte for byte.
    fn definition(&self, vct: &str) -> Result<Option<String>, StoreError>;

    /// Identifiers under a mark, in their order.
    fn marked(&self, mark: &str, limit: usize) -> Result<Vec<String>, StoreError>;

    /// The entry under a key.
    fn entry(&self, room: Collection, key: &str) -> Result<Option<Record>, StoreError>;

    /// Entries of a room in the order of their keys, after `after`.
    fn entries(
        &self,
        room: Collection,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError>;

    /// Every entry of a room, in the order of the keys. For rooms that an administrator fills.
    fn every(&self, room: Collection) -> Result<Vec<Record>, StoreError> {
        self.entries(room, "", usize::MAX)
    }

    /// Lines of the journal from number `from` on, in order.
    fn events(&self, from: u64, limit: usize) -> Result<Vec<EventLine>, StoreError>;

    /// Lines of the journal that are about a licence, alone or among others, in order.
    fn history(&self, id: &str) -> Result<Vec<EventLine>, StoreError>;

    /// The numbers of these lines.
    fn numbers(&self, id: &str) -> Result<Vec<u64>, StoreError>;

    /// All that the act with this number wrote, when it was an access.
    fn accesses(&self, number: u64) -> Result<Vec<Record>, StoreError>;

    /// The number of the act that wrote an access.
    fn number_of_access(&self, key: &str) -> Result<Option<u64>, StoreError>;

    /// How many epochs began after the first.
    fn epoch(&self) -> Result<u32, StoreError>;

    /// What a copy must have, all of one instant.
    fn extent(&self) -> Extent;

    /// Size and root of the tree over all events.
    fn head(&self) -> (u64, Digest);

    /// Hashes of the tree: `count` nodes of a level from place `first` on, fewer when there are no
    /// more. Nodes of level 0 are the leaves' hashes, each of level L is the root of 256^L leaves.
    /// What was read once never changes.
    fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, StoreError>;

    /// Where a licence was issued in the tree, and what its leaf is made of. The blind is among it:
    /// it goes to whoever has the artefacts, and to nobody else.
    fn leaf_of(&self, id: &str) -> Result<Option<(u64, Content)>, StoreError>;

    /// Where an access was written down in the tree, and what its leaf is made of. It has digests of
    /// what else the same act wrote, and nothing that they could be guessed with. `None` when there
    /// is no such access, and of journals from before accesses had digests of their own.
    fn leaf_of_access(&self, key: &str) -> Result<Option<(u64, Content)>, StoreError>;

    /// Brings to the disk what is written lazily. Acts go on to be possible.
    fn close(&self) -> Result<(), StoreError>;

    /// When the last event was written; a clock that is behind it went back.
    fn last_event(&self) -> Option<Timestamp>;
}

/// Why the store could not do it. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An identifier, number, code, status index or idempotency key is taken.
    #[error("{0} is taken; nothing was stored")]
    Taken(&'static str),
    /// What was to be changed is not what the caller saw.
    #[error("{0} was changed by another in the meantime; nothing was stored. Read it again")]
    Changed(&'static str),
    /// The disk refused.
    #[error(
        "the disk refused ({0}); nothing more is accepted until the office is started again. Free space or repair the disk, then start it, and look whether this was stored before you do it once more: only the start can tell"
    )]
    Io(#[from] std::io::Error),
    /// An earlier write failed.
    #[error(
        "an earlier write failed, so nothing more is accepted; free space or repair the disk, then start the office again"
    )]
    Closed,
    /// The journal is damaged in the middle.
    #[error("the journal is damaged at {place}: {what}; restore a backup with `yinzheng restore`")]
    Damaged {
        /// Segment and offset.
        place: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Written by a newer program.
    #[error("this office was written by a newer version ({0}) of yinzheng; use that version")]
    Newer(u32),
    /// An event has a form that only a newer program knows.
    #[error(
        "a newer version of yinzheng wrote events of form {0} into this office; use that version"
    )]
    NewerForm(u32),
    /// Another process has it open.
    #[error(
        "another yinzheng process is using this office; stop it, or use its commands while it serves"
    )]
    Locked,
    /// What should be kept has no written form.
    #[error("{what} cannot be written down ({why}); nothing was stored")]
    Unwritable {
        /// Which record.
        what: String,
        /// What stands in the way.
        why: String,
    },
    /// The index failed.
    #[error(
        "the index cannot be used ({0}); the next start makes a damaged one anew from the journal, `yinzheng reindex` does so now"
    )]
    Index(String),
    /// The index has seen another journal.
    #[error(
        "the index is that of another journal: one of the two was put in the place of another. Put back what belongs together, or run `yinzheng reindex`"
    )]
    OtherJournal,
    /// The journal is behind the high-water mark, or grew from an old copy.
    #[error(
        "the journal is not the one that the high-water mark at {0} has seen: an old copy was put back. Restore the newest one, or confirm with `yinzheng recover --accept-rollback`"
    )]
    RolledBack(String),
}
