//! A store in memory, for tests and benchmarks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::act::{Extent, Reservation, Transaction};
use super::delta::Bases;
use super::engine::Writer;
use super::files::{Files, Segments};
use super::index;
use super::prepared::Prepared;
use super::reader::Reader;
use super::{Store, StoreError};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// Journal and index in memory, over any [`Files`]; with faulty ones, power cuts can be simulated.
pub struct Memory<F: Files = Segments> {
    writer: Mutex<Writer<F>>,
    index: Arc<index::InMemory>,
    reader: Reader,
    bases: Arc<Bases>,
}

impl Memory {
    /// An empty store; fails only as a damaged journal would.
    pub fn new() -> Result<Self, StoreError> {
        Self::over(Segments::default())
    }
}

impl<F: Files + Clone + 'static> Memory<F> {
    /// A store over these segments, replayed from them.
    pub fn over(files: F) -> Result<Self, StoreError> {
        let index = Arc::new(index::InMemory::default());
        let reader = Reader::new(Arc::<index::InMemory>::clone(&index), Box::new(files.clone()));
        let (writer, _) = Writer::open(files, &*index, None)?;
        let bases = writer.bases();
        Ok(Self { writer: Mutex::new(writer), index, reader, bases })
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

impl<F: Files + Clone + 'static> Store for Memory<F> {
    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn commit(&self, act: Transaction) -> Result<(), StoreError> {
        let act = Prepared::new(act, &self.bases)?;
        self.writer().commit(vec![act], &*self.index).pop().unwrap_or(Err(StoreError::Closed))
    }

    fn reserve(&self, range: &str, count: u64, at: Timestamp) -> Result<Reservation, StoreError> {
        self.writer().reserve(range, count, at, &*self.index)
    }

    fn give_back(&self, range: &str, left: Reservation, at: Timestamp) -> Result<(), StoreError> {
        self.writer().give_back(range, left, at, &*self.index)
    }

    fn accepts(&self) -> Result<(), StoreError> {
        if self.writer().is_broken() { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn status_changes(&self, list: u32) -> u64 {
        self.writer().status_changes().of(list)
    }

    fn extent(&self) -> Extent {
        let writer = self.writer();
        let ((segment, offset), (size, root)) = (writer.durable_end(), writer.head());
        Extent { segment, offset, size, root: root.to_hex() }
    }

    fn head(&self) -> (u64, Digest) {
        self.writer().head()
    }

    fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn last_event(&self) -> Option<Timestamp> {
        self.writer().last_event()
    }
}
