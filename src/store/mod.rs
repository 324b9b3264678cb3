//! The store: its contract, and the guarantees of a commit.
//!
//! The journal is authoritative: append-only segments of frames, one group of frames and one
//! `fdatasync` for a commit of up to 64 acts. The index is derived from it and can be rebuilt.

mod act;
mod audit;
mod backup;
mod changes;
mod delta;
mod disk;
mod documents;
mod engine;
mod files;
mod index;
mod journal;
mod lines;
mod lookup;
mod memory;
mod place;
mod prepared;
mod projection;
mod ranges;
mod reader;
mod replay;
mod sled_index;
mod status_lists;
mod tiles;
mod window;

pub use act::{
    Collection, DocumentKind, EventKind, EventLine, Extent, Locator, Record, Reservation, Stored,
    Transaction, written,
};
pub use audit::{Audited, audit, leaves, next_numbers};
pub use backup::{Copied, copy_journal};
pub use disk::{Disk, OpenOptions, Opening, marked_size};
#[cfg(feature = "testing")]
pub use files::faulty::{FaultPlan, FaultyFiles};
pub use files::{Files, Segments};
pub use memory::Memory;
pub use projection::Filled;
pub use reader::Reader;

use crate::base::digest::Digest;
use crate::base::foreign_words;
use crate::base::time::Timestamp;

/// The persistent state of an office. One process owns a store.
pub trait Store: Send + Sync {
    /// The reading side, usable at any time and by any thread.
    fn reader(&self) -> &Reader;

    /// Applies everything in `act`, or nothing.
    ///
    /// After `Ok` the act survives a power cut. After [`StoreError::Taken`] and
    /// [`StoreError::Changed`] nothing was stored. After any other error the caller assumes neither
    /// outcome: the store refuses further acts until it is opened again, which shows what was
    /// durable.
    fn commit(&self, act: Transaction) -> Result<(), StoreError>;

    /// Reserves `count` numbers of a range, durably, before any of them is used. Unused numbers of
    /// an earlier reservation are never given out again.
    fn reserve(&self, range: &str, count: u64, at: Timestamp) -> Result<Reservation, StoreError>;

    /// Takes back the rest of a reservation, so that the next one continues with it. Does nothing
    /// when the range has a later reservation. The caller must never use a number of `left` again.
    fn give_back(&self, range: &str, left: Reservation, at: Timestamp) -> Result<(), StoreError>;

    /// Whether acts are accepted: [`StoreError::Closed`] after a write that failed. A caller asks
    /// this before it uses a seal.
    fn accepts(&self) -> Result<(), StoreError>;

    /// How often the content of a status list was changed since the store was opened. A new licence
    /// in force does not change it: its entries have the bits of an unused entry.
    fn status_changes(&self, list: u32) -> u64;

    /// What a backup must contain, consistent at one instant.
    fn extent(&self) -> Extent;

    /// Size and root of the tree over all events.
    fn head(&self) -> (u64, Digest);

    /// Syncs what is written lazily. Acts remain possible.
    fn close(&self) -> Result<(), StoreError>;

    /// Time of the last event; a clock that is behind it was set back.
    fn last_event(&self) -> Option<Timestamp>;
}

/// Why the store failed. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An identifier, number, code, status index or idempotency key is taken.
    #[error("{0} is taken; nothing was stored")]
    Taken(&'static str),
    /// The stored value is not the one that the caller read.
    #[error("{0} was changed by another in the meantime; nothing was stored. Read it again")]
    Changed(&'static str),
    /// A disk operation failed; the outcome is known after the next start.
    #[error(
        "the disk refused ({}); nothing more is accepted until the office is started again. Free space or repair the disk, then start it, and look whether this was stored before you do it once more: only the start can tell",
        foreign_words::of_system(.0).en
    )]
    Io(#[from] std::io::Error),
    /// An earlier write failed, so that nothing is accepted.
    #[error(
        "an earlier write failed, so nothing more is accepted; free space or repair the disk, then start the office again"
    )]
    Closed,
    /// The journal is damaged in the middle.
    #[error("the journal is damaged at {place}: {what}; restore a backup with `yinzheng restore`")]
    Damaged {
        /// Segment and offset in it.
        place: String,
        /// The rule that the bytes break.
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
    /// An event has a kind that only a newer program knows.
    #[error(
        "a newer version of yinzheng wrote events of the kind {0:?} into this office; use that \
         version"
    )]
    NewerKind(String),
    /// Another process has it open.
    #[error(
        "another yinzheng process is using this office; stop it, or use its commands while it serves"
    )]
    Locked,
    /// A value cannot be serialised.
    #[error("{what} cannot be written down ({why}); nothing was stored")]
    Unwritable {
        /// The record to be written.
        what: String,
        /// The serialiser's reason.
        why: String,
    },
    /// The index cannot be read or written; it can be rebuilt.
    #[error(
        "the index cannot be used ({0}); the next start makes a damaged one anew from the journal, `yinzheng reindex` does so now"
    )]
    Index(String),
    /// The index was built from another journal.
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
