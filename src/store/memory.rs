//! A store in memory, for offices that live as long as a test or a benchmark.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::act::{
    Collection, EventLine, Extent, Locator, Record, Reservation, Stored, Transaction,
};
use super::engine::Writer;
use super::files::{Files, InMemory};
use super::index;
use super::lines::{self, Source};
use super::lookup;
use super::{Store, StoreError, tiles};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::format::merkle::content::Content;

/// Journal and index in memory, over any [`Files`]: with the faulty ones it loses power on demand.
pub struct Memory<F: Files = Segments> {
    writer: Mutex<Writer<F>>,
    index: index::InMemory,
}

/// Segments in memory that several stores may open one after the other.
#[derive(Clone, Debug, Default)]
pub struct Segments(InMemory);

impl Files for Segments {
    fn segments(&self) -> std::io::Result<Vec<u32>> {
        self.0.segments()
    }
    fn read(&self, segment: u32) -> std::io::Result<Vec<u8>> {
        self.0.read(segment)
    }
    fn read_at(&self, segment: u32, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        self.0.read_at(segment, offset, length)
    }
    fn create(&mut self, segment: u32) -> std::io::Result<()> {
        self.0.create(segment)
    }
    fn append(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
        self.0.append(segment, offset, bytes)
    }
    fn sync(&mut self, segment: u32) -> std::io::Result<()> {
        self.0.sync(segment)
    }
    fn truncate(&mut self, segment: u32, length: u64) -> std::io::Result<()> {
        self.0.truncate(segment, length)
    }
    fn rewrite(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
        self.0.rewrite(segment, offset, bytes)
    }
}

impl Memory {
    /// An empty store; fails only as a damaged journal would.
    pub fn new() -> Result<Self, StoreError> {
        Self::over(Segments::default())
    }
}

impl<F: Files> Memory<F> {
    /// A store over these segments, replayed from them.
    pub fn over(files: F) -> Result<Self, StoreError> {
        let index = index::InMemory::default();
        let (writer, _) = Writer::open(files, &index, None)?;
        Ok(Self { writer: Mutex::new(writer), index })
    }

    fn writer(&self) -> MutexGuard<'_, Writer<F>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Files> std::fmt::Debug for Memory<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl<F: Files> Store for Memory<F> {
    fn commit(&self, act: Transaction) -> Result<(), StoreError> {
        self.writer().commit(vec![act], &self.index).pop().unwrap_or(Err(StoreError::Closed))
    }

    fn reserve(&self, range: &str, count: u64, at: Timestamp) -> Result<Reservation, StoreError> {
        self.writer().reserve(range, count, at, &self.index)
    }

    fn give_back(&self, range: &str, left: Reservation, at: Timestamp) -> Result<(), StoreError> {
        self.writer().give_back(range, left, at, &self.index)
    }

    fn accepts(&self) -> Result<(), StoreError> {
        if self.writer().is_broken() { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn licence(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        lookup::licence(&self.index, id)
    }

    fn by_code(&self, code: &Digest) -> Result<Option<String>, StoreError> {
        lookup::text(&self.index, &lookup::code_key(code))
    }

    fn by_number(&self, kind: &str, number: &str) -> Result<Option<String>, StoreError> {
        lookup::text(&self.index, &lookup::number_key(kind, number))
    }

    fn idempotent(&self, scope: &str, key: &str) -> Result<Option<(Digest, String)>, StoreError> {
        lookup::idempotent(&self.index, scope, key)
    }

    fn document(&self, locator: &Locator) -> Result<Vec<u8>, StoreError> {
        lookup::document(&self.writer().files, locator)
    }

    fn list(&self, after: &str, limit: usize) -> Result<Vec<Stored>, StoreError> {
        lookup::list(&self.index, after, limit)
    }

    fn status(&self, list: u32) -> Result<Vec<(u32, u8)>, StoreError> {
        lookup::status(&self.index, list)
    }

    fn has_status(&self, list: u32) -> Result<bool, StoreError> {
        lookup::has_status(&self.index, list)
    }

    fn status_changes(&self) -> u64 {
        self.writer().status_changes()
    }

    fn definition(&self, vct: &str) -> Result<Option<String>, StoreError> {
        lookup::text(&self.index, &lookup::definition_key(vct))
    }

    fn marked(&self, mark: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        lookup::marked(&self.index, mark, limit)
    }

    fn entry(&self, room: Collection, key: &str) -> Result<Option<Record>, StoreError> {
        let writer = self.writer();
        Source { index: &self.index, files: &writer.files }.entry(room, key)
    }

    fn entries(
        &self,
        room: Collection,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let writer = self.writer();
        Source { index: &self.index, files: &writer.files }.entries(room, after, limit)
    }

    fn events(&self, from: u64, limit: usize) -> Result<Vec<EventLine>, StoreError> {
        let writer = self.writer();
        Source { index: &self.index, files: &writer.files }.events(from, limit)
    }

    fn history(&self, id: &str) -> Result<Vec<EventLine>, StoreError> {
        let writer = self.writer();
        Source { index: &self.index, files: &writer.files }.history(id)
    }

    fn numbers(&self, id: &str) -> Result<Vec<u64>, StoreError> {
        lines::numbers(&self.index, id)
    }

    fn accesses(&self, number: u64) -> Result<Vec<Record>, StoreError> {
        let writer = self.writer();
        Source { index: &self.index, files: &writer.files }.accesses(number)
    }

    fn number_of_access(&self, key: &str) -> Result<Option<u64>, StoreError> {
        lines::number_of_access(&self.index, key)
    }

    fn epoch(&self) -> Result<u32, StoreError> {
        lookup::epoch(&self.index)
    }

    fn extent(&self) -> Extent {
        let writer = self.writer();
        let ((segment, offset), (size, root)) = (writer.durable_end(), writer.head());
        Extent { segment, offset, size, root: root.to_hex() }
    }

    fn head(&self) -> (u64, Digest) {
        self.writer().head()
    }

    fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, StoreError> {
        tiles::nodes(&self.index, level, first, count)
    }

    fn leaf_of(&self, id: &str) -> Result<Option<(u64, Content)>, StoreError> {
        lines::leaf_of(&self.index, id)
    }

    fn leaf_of_access(&self, key: &str) -> Result<Option<(u64, Content)>, StoreError> {
        let writer = self.writer();
        Source { index: &self.index, files: &writer.files }.leaf_of_access(key)
    }

    fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn last_event(&self) -> Option<Timestamp> {
        self.writer().last_event()
    }
}
