//! The store on disk: segments and sled in a directory that one process owns.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::act::{Act, Extent, Locator, Reservation, Stored};
use super::engine::Writer;
use super::files::Folder;
use super::index::{Index as _, Sled};
use super::{Store, StoreError, lookup};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// How to open a store.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Where a second high-water mark is kept.
    pub second_path: Option<PathBuf>,
    /// Rebuild the index from the journal.
    pub reindex: bool,
    /// Accept a journal that is behind the mark, because an operator says so.
    pub accept_rollback: bool,
}

/// What was found when the store was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Events that were brought into the index.
    pub replayed: u64,
    /// Bytes of a torn write that were cut off.
    pub cut: u64,
    /// How many events the journal is behind the second mark.
    pub behind: u64,
}

/// The store on disk.
pub struct Disk {
    index: Arc<Sled>,
    reader: Folder,
    state: Arc<Mutex<State>>,
    queue: Option<Sender<Request>>,
    committer: Option<JoinHandle<()>>,
    /// Held for as long as the store is open.
    _lock: File,
}

#[derive(Clone, Copy)]
struct State {
    head: (u64, Digest),
    end: (u32, u64),
    last_event: Option<Timestamp>,
}

enum Request {
    Commit(Box<Act>, Sender<Result<(), StoreError>>),
    Reserve(String, u64, Timestamp, Sender<Result<Reservation, StoreError>>),
}

impl Disk {
    /// Opens or makes the store in a directory.
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<(Self, Opening), StoreError> {
        let journal = folder.join("journal");
        std::fs::create_dir_all(&journal)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|_| StoreError::Locked)?;
        let index = Arc::new(Sled::open(&folder.join("index"))?);
        if options.reindex {
            index.clear()?;
        }
        let (writer, replay) = Writer::open(Folder::new(journal.clone()), &*index)?;
        let mark = options.second_path.clone().map(Mark);
        let behind = match &mark {
            Some(mark) => mark.ahead_of(writer.head().0)?,
            None => 0,
        };
        if let (Some(mark), true) = (&mark, behind > 0 && !options.accept_rollback) {
            return Err(StoreError::RolledBack(mark.0.display().to_string()));
        }
        let state = State {
            head: writer.head(),
            end: writer.durable_end(),
            last_event: writer.last_event(),
        };
        let state = Arc::new(Mutex::new(state));
        let (queue, requests) = channel();
        let committer =
            Committer { writer, index: Arc::clone(&index), state: Arc::clone(&state), mark };
        let committer = std::thread::Builder::new()
            .name("committer".to_owned())
            .spawn(move || committer.run(&requests))?;
        let opening = Opening { replayed: replay.events, cut: replay.cut, behind };
        let disk = Self {
            index,
            reader: Folder::new(journal),
            state,
            queue: Some(queue),
            committer: Some(committer),
            _lock: lock,
        };
        Ok((disk, opening))
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T>(
        &self,
        request: impl FnOnce(Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let (answer, wait) = channel();
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.send(request(answer)).map_err(|_| StoreError::Closed)?;
        wait.recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(committer) = self.committer.take() {
            // A committer that panicked has nothing left to lose: what it acknowledged is synced.
            drop(committer.join());
        }
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

/// The one thread that writes.
struct Committer {
    writer: Writer<Folder>,
    index: Arc<Sled>,
    state: Arc<Mutex<State>>,
    mark: Option<Mark>,
}

impl Committer {
    fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let mut acts = Vec::new();
            let mut answers = Vec::new();
            let mut reserve = None;
            let mut next = Some(first);
            // What waits already goes along; nobody is waited for.
            while let Some(request) = next {
                match request {
                    Request::Commit(act, answer) => {
                        acts.push(*act);
                        answers.push(answer);
                    }
                    Request::Reserve(range, count, at, answer) => {
                        reserve = Some((range, count, at, answer));
                        break;
                    }
                }
                next = if acts.len() < GROUP { requests.try_recv().ok() } else { None };
            }
            let results = self.writer.commit(acts, &*self.index);
            self.publish();
            for (answer, result) in answers.into_iter().zip(results) {
                // Whoever asked may be gone; the act stands all the same.
                drop(answer.send(result));
            }
            if let Some((range, count, at, answer)) = reserve {
                let result = self.writer.reserve(&range, count, at, &*self.index);
                self.publish();
                drop(answer.send(result));
            }
        }
    }

    fn publish(&self) {
        let head = self.writer.head();
        if let Some(mark) = &self.mark {
            mark.write(head);
        }
        let (end, last_event) = (self.writer.durable_end(), self.writer.last_event());
        let state = State { head, end, last_event };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// The high-water mark: how large the tree was, on another disk.
struct Mark(PathBuf);

impl Mark {
    /// How many events the mark has seen beyond `size`.
    fn ahead_of(&self, size: u64) -> Result<u64, StoreError> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let marked: u64 = text.split(' ').next().and_then(|size| size.parse().ok()).unwrap_or(0);
        Ok(marked.saturating_sub(size))
    }

    /// A mark that lags behind warns later, never wrongly; so it is not synced.
    fn write(&self, (size, root): (u64, Digest)) {
        let text = format!("{size} {root}\n");
        #[expect(clippy::disallowed_methods, reason = "a lost mark is replaced by the next commit")]
        if let Err(error) = std::fs::write(&self.0, text) {
            tracing::warn!(path = %self.0.display(), %error, "the high-water mark was not written");
        }
    }
}

impl Store for Disk {
    fn commit(&self, act: Act) -> Result<(), StoreError> {
        self.ask(|answer| Request::Commit(Box::new(act), answer))
    }

    fn reserve(&self, range: &str, count: u64, at: Timestamp) -> Result<Reservation, StoreError> {
        self.ask(|answer| Request::Reserve(range.to_owned(), count, at, answer))
    }

    fn licence(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        lookup::licence(&*self.index, id)
    }

    fn by_code(&self, code: &Digest) -> Result<Option<String>, StoreError> {
        lookup::text(&*self.index, &lookup::code_key(code))
    }

    fn by_number(&self, kind: &str, number: &str) -> Result<Option<String>, StoreError> {
        lookup::text(&*self.index, &lookup::number_key(kind, number))
    }

    fn idempotent(&self, scope: &str, key: &str) -> Result<Option<(Digest, String)>, StoreError> {
        lookup::idempotent(&*self.index, scope, key)
    }

    fn document(&self, locator: &Locator) -> Result<Vec<u8>, StoreError> {
        lookup::document(&self.reader, locator)
    }

    fn list(&self, after: &str, limit: usize) -> Result<Vec<Stored>, StoreError> {
        lookup::list(&*self.index, after, limit)
    }

    fn status(&self, list: u32) -> Result<Vec<(u32, u8)>, StoreError> {
        lookup::status(&*self.index, list)
    }

    fn definition(&self, vct: &str) -> Result<Option<String>, StoreError> {
        lookup::text(&*self.index, &lookup::definition_key(vct))
    }

    fn epoch(&self) -> Result<u32, StoreError> {
        lookup::epoch(&*self.index)
    }

    fn extent(&self) -> Extent {
        let State { end: (segment, offset), head: (size, root), .. } = self.state();
        Extent { segment, offset, size, root: root.to_hex() }
    }

    fn head(&self) -> (u64, Digest) {
        self.state().head
    }

    fn last_event(&self) -> Option<Timestamp> {
        self.state().last_event
    }
}

/// A group at the most; beyond it the sync is shared by enough.
const GROUP: usize = 64;
