//! The store on disk: segments and sled in a directory that one process owns.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::act::{Extent, Reservation, Transaction};
use super::delta::Bases;
use super::engine::Writer;
use super::files::Folder;
use super::prepared::Prepared;
use super::reader::Reader;
use super::sled_index::Sled;
use super::status_lists::StatusChanges;
use super::{Store, StoreError};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// How to open a store.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Path of a second high-water mark.
    pub second_path: Option<PathBuf>,
    /// Rebuild the index from the journal.
    pub reindex: bool,
    /// Accept a journal that is behind the mark; the operator has confirmed it.
    pub accept_rollback: bool,
}

/// What opening the store found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Events added to the index.
    pub replayed: u64,
    /// Bytes of a torn write that were cut off.
    pub cut: u64,
    /// How many events the journal is behind the second mark.
    pub behind: u64,
    /// Whether the index was damaged and was rebuilt.
    pub index_anew: bool,
}

/// The store on disk.
pub struct Disk {
    index: Arc<Sled>,
    reader: Reader,
    bases: Arc<Bases>,
    state: Arc<Mutex<State>>,
    queue: Option<Sender<Request>>,
    committer: Option<JoinHandle<()>>,
    /// Held for as long as the store is open.
    _lock: File,
}

#[derive(Clone)]
struct State {
    head: (u64, Digest),
    end: (u32, u64),
    last_event: Option<Timestamp>,
    status_changes: StatusChanges,
    broken: bool,
}

enum Request {
    Commit(Box<Prepared>, Sender<Result<(), StoreError>>),
    Alone(Box<Alone>),
}

/// Writes that are never grouped with others.
enum Alone {
    Reserve(String, u64, Timestamp, Sender<Result<Reservation, StoreError>>),
    GiveBack(String, Reservation, Timestamp, Sender<Result<(), StoreError>>),
}

impl Disk {
    /// Opens or creates the store in a directory.
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<(Self, Opening), StoreError> {
        let journal = folder.join("journal");
        std::fs::create_dir_all(&journal)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::Locked,
            TryLockError::Error(error) => error.into(),
        })?;
        // The directory entry must be durable before anything in it is acknowledged.
        File::open(folder)?.sync_all()?;
        let mark = options.second_path.clone().map(Mark);
        let marked = mark.as_ref().map(Mark::read).transpose()?.flatten();
        let load = |anew| {
            let index = Sled::open(folder, anew)?;
            let (writer, replay) = Writer::open(Folder::new(journal.clone()), &index, marked)?;
            Ok((index, writer, replay))
        };
        let (loaded, index_anew) = match load(options.reindex) {
            // The journal has everything that the index needs.
            Err(StoreError::Index(why)) if !options.reindex => {
                tracing::warn!(why, "the index is damaged and is made anew from the journal");
                (load(true)?, true)
            }
            loaded => (loaded?, false),
        };
        let (index, writer, replay) = loaded;
        let index = Arc::new(index);
        let behind = marked.map_or(0, |(size, _)| size.saturating_sub(writer.head().0));
        if let (Some(mark), true) = (&mark, !replay.passed && !options.accept_rollback) {
            return Err(StoreError::RolledBack(mark.0.display().to_string()));
        }
        let state = State {
            head: writer.head(),
            end: writer.durable_end(),
            last_event: writer.last_event(),
            status_changes: StatusChanges::default(),
            broken: false,
        };
        let state = Arc::new(Mutex::new(state));
        let bases = writer.bases();
        let (queue, requests) = channel();
        let committer =
            Committer { writer, index: Arc::clone(&index), state: Arc::clone(&state), mark };
        let committer = std::thread::Builder::new()
            .name("committer".to_owned())
            .spawn(move || committer.run(&requests))?;
        let opening = Opening { replayed: replay.events, cut: replay.cut, behind, index_anew };
        let files = Box::new(Folder::new(journal));
        let reader = Reader::new(Arc::<Sled>::clone(&index), files);
        let disk = Self {
            index,
            reader,
            bases,
            state,
            queue: Some(queue),
            committer: Some(committer),
            _lock: lock,
        };
        Ok((disk, opening))
    }

    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
            // A committer that panicked loses nothing: what it acknowledged is synced.
            drop(committer.join());
        }
        if let Err(error) = self.index.close() {
            // The next boot of the machine rebuilds it.
            tracing::warn!(%error, "the index was not closed in order");
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
            let mut alone = None;
            let mut next = Some(first);
            // Takes the requests that are queued already, and does not wait for more.
            while let Some(request) = next {
                match request {
                    Request::Commit(act, answer) => {
                        acts.push(*act);
                        answers.push(answer);
                    }
                    Request::Alone(request) => {
                        alone = Some(*request);
                        break;
                    }
                }
                next = if acts.len() < GROUP { requests.try_recv().ok() } else { None };
            }
            let results = self.writer.commit(acts, &*self.index);
            self.publish();
            for (answer, result) in answers.into_iter().zip(results) {
                // The requester may be gone; the act is durable nevertheless.
                drop(answer.send(result));
            }
            match alone {
                Some(Alone::Reserve(range, count, at, answer)) => {
                    let result = self.writer.reserve(&range, count, at, &*self.index);
                    self.publish();
                    drop(answer.send(result));
                }
                Some(Alone::GiveBack(range, left, at, answer)) => {
                    let result = self.writer.give_back(&range, left, at, &*self.index);
                    self.publish();
                    drop(answer.send(result));
                }
                None => {}
            }
        }
    }

    fn publish(&self) {
        let head = self.writer.head();
        if let Some(mark) = &self.mark {
            mark.write(head);
        }
        let (end, last_event) = (self.writer.durable_end(), self.writer.last_event());
        let status_changes = self.writer.status_changes();
        let broken = self.writer.is_broken();
        let state = State { head, end, last_event, status_changes, broken };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// How many events the high-water mark at `path` has seen.
pub fn marked_size(path: &Path) -> Result<Option<u64>, StoreError> {
    Ok(Mark(path.to_owned()).read()?.map(|(size, _)| size))
}

/// The high-water mark: size and root of the tree, on another disk.
struct Mark(PathBuf);

impl Mark {
    /// The stored size and root. `None` when there is none yet, or an incomplete one after a power
    /// cut.
    fn read(&self) -> Result<Option<(u64, Digest)>, StoreError> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let seen = text
            .trim_end()
            .split_once(' ')
            .and_then(|(size, root)| Some((size.parse().ok()?, Digest::from_hex(root)?)));
        if seen.is_none() {
            tracing::warn!(path = %self.0.display(), "the high-water mark cannot be read");
        }
        Ok(seen)
    }

    /// A stale mark warns later, never wrongly; so it is not synced.
    fn write(&self, (size, root): (u64, Digest)) {
        let text = format!("{size} {root}\n");
        #[expect(clippy::disallowed_methods, reason = "a lost mark is replaced by the next commit")]
        if let Err(error) = std::fs::write(&self.0, text) {
            tracing::warn!(path = %self.0.display(), %error, "the high-water mark was not written");
        }
    }
}

impl Store for Disk {
    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn commit(&self, act: Transaction) -> Result<(), StoreError> {
        let act = Prepared::new(act, &self.bases)?;
        self.ask(|answer| Request::Commit(Box::new(act), answer))
    }

    fn reserve(&self, range: &str, count: u64, at: Timestamp) -> Result<Reservation, StoreError> {
        self.ask(|answer| {
            Request::Alone(Box::new(Alone::Reserve(range.to_owned(), count, at, answer)))
        })
    }

    fn give_back(&self, range: &str, left: Reservation, at: Timestamp) -> Result<(), StoreError> {
        self.ask(|answer| {
            Request::Alone(Box::new(Alone::GiveBack(range.to_owned(), left, at, answer)))
        })
    }

    fn accepts(&self) -> Result<(), StoreError> {
        // A committer that panicked sends no result.
        let ended = self.committer.as_ref().is_none_or(JoinHandle::is_finished);
        if ended || self.state().broken { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn status_changes(&self, list: u32) -> u64 {
        self.state().status_changes.of(list)
    }

    fn extent(&self) -> Extent {
        let State { end: (segment, offset), head: (size, root), .. } = self.state();
        Extent { segment, offset, size, root: root.to_hex() }
    }

    fn head(&self) -> (u64, Digest) {
        self.state().head
    }

    fn close(&self) -> Result<(), StoreError> {
        self.index.close()
    }

    fn last_event(&self) -> Option<Timestamp> {
        self.state().last_event
    }
}

/// Most acts of a group: with more, the cost of the sync for each is negligible already.
const GROUP: usize = 64;
