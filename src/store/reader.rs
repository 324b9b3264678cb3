//! The reading side of a store: look-ups in the index, and in the journal for what the index lacks.

use std::sync::Arc;

use super::act::{Collection, Locator, Record, Stored};
use super::documents::Documents;
use super::files::Files;
use super::index::Index;
use super::projection::{Filled, Position};
use super::{StoreError, lookup, status_lists, tiles};
use crate::base::digest::Digest;
use crate::format::merkle::proof::Nodes;

/// Reads the state as of the last acknowledged act; readers do not wait for writers.
pub struct Reader {
    pub(super) index: Arc<dyn Index>,
    pub(super) files: Box<dyn Files>,
    documents: Documents,
}

impl Reader {
    pub(super) fn new(index: Arc<dyn Index>, files: Box<dyn Files>) -> Self {
        Self { index, files, documents: Documents::default() }
    }

    /// The licence with this identifier.
    pub fn licence(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        lookup::licence(&*self.index, &*self.files, id)
    }

    /// The identifier of the licence with this digest of a verification code.
    pub fn by_code(&self, code: &Digest) -> Result<Option<String>, StoreError> {
        lookup::text(&*self.index, &lookup::code_key(&code.to_hex()))
    }

    /// The identifier of the licence with this number of a type.
    pub fn by_number(&self, kind: &str, number: &str) -> Result<Option<String>, StoreError> {
        lookup::text(&*self.index, &lookup::number_key(kind, number))
    }

    /// The result under an idempotency key: digest of the request, and the identifier of the
    /// licence, or collection and key of the first record written, such as `proposal/7`.
    pub fn idempotent(
        &self,
        scope: &str,
        key: &str,
    ) -> Result<Option<(Digest, String)>, StoreError> {
        lookup::idempotent(&*self.index, scope, key)
    }

    /// A document; its digest is checked.
    pub fn document(&self, locator: &Locator) -> Result<Vec<u8>, StoreError> {
        self.documents.read(&*self.files, locator)
    }

    /// Licences in the order of their identifiers, after `after`.
    pub fn list(&self, after: &str, limit: usize) -> Result<Vec<Stored>, StoreError> {
        lookup::list(&*self.index, &*self.files, after, limit)
    }

    /// The entries of a status list whose bits are not zero: index and bits.
    pub fn status(&self, list: u32) -> Result<Vec<(u32, u8)>, StoreError> {
        status_lists::status(&*self.index, list)
    }

    /// Whether an entry of a status list was given out.
    pub fn is_given(&self, list: u32, entry: u32) -> Result<bool, StoreError> {
        status_lists::is_given(&*self.index, list, entry)
    }

    /// The numbers of the status lists of which an entry was given out, ascending.
    pub fn status_lists(&self) -> Result<Vec<u32>, StoreError> {
        status_lists::status_lists(&*self.index)
    }

    /// The highest status list, and how many of its entries were given out.
    pub fn filled(&self) -> Result<Filled, StoreError> {
        Ok(Position::of(&*self.index)?.map(|position| position.filled).unwrap_or_default())
    }

    /// The definition that credentials with this `vct` are bound to, byte for byte.
    pub fn definition(&self, vct: &str) -> Result<Option<String>, StoreError> {
        lookup::text(&*self.index, &lookup::definition_key(vct))
    }

    /// The first number of a range's next reservation.
    pub fn next_number(&self, range: &str) -> Result<u64, StoreError> {
        lookup::next_number(&*self.index, range)
    }

    /// Identifiers under a key of the secondary index, in order.
    pub fn marked(&self, mark: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        lookup::marked(&*self.index, mark, limit)
    }

    /// Every record of a collection, in key order. For collections that an administrator fills.
    pub fn every(&self, room: Collection) -> Result<Vec<Record>, StoreError> {
        self.entries(room, "", usize::MAX)
    }

    /// How many epochs began after the first.
    pub fn epoch(&self) -> Result<u32, StoreError> {
        lookup::epoch(&*self.index)
    }

    /// Hashes of the tree: `count` nodes of a level from index `first` on, fewer when there are no
    /// more. Nodes of level 0 are the leaves' hashes, each of level L is the root of 256^L leaves.
    /// A node never changes once it was read.
    pub fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, StoreError> {
        tiles::nodes(&*self.index, level, first, count)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl Nodes for Reader {
    type Error = StoreError;

    fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, StoreError> {
        Self::nodes(self, level, first, count)
    }
}
