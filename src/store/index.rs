//! The index: what the journal says, ordered for look-ups. It can be lost and rebuilt.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::StoreError;

/// Keys and values: changes that are made together, in their order, or what was found.
pub(super) type Batch = Vec<(Vec<u8>, Vec<u8>)>;

/// An ordered map.
pub(super) trait Index: Send + Sync {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Whoever reads sees all of them or none. After a crash the first so many are there: so what
    /// says how far the index goes stands last.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;
    /// Entries whose keys begin with `prefix` and lie after `after`.
    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Batch, StoreError>;
    /// Forgets everything.
    fn clear(&self) -> Result<(), StoreError>;
}

/// An index in memory.
#[derive(Debug, Default)]
pub(super) struct InMemory(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl InMemory {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<Vec<u8>, Vec<u8>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Index for InMemory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.with(|map| map.get(key).cloned()))
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.with(|map| map.extend(batch));
        Ok(())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Batch, StoreError> {
        let start = [prefix, after].concat();
        Ok(self.with(|map| {
            map.range(start.clone()..)
                .filter(|(key, _)| after.is_empty() || **key != start)
                .take_while(|(key, _)| key.starts_with(prefix))
                .take(limit)
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        }))
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.with(BTreeMap::clear);
        Ok(())
    }
}

/// An index in sled. Nothing is flushed in time: the journal is the truth, and the replay position
/// is written behind what it stands for. sled's log is one line, of which a crash leaves a beginning.
///
/// No sled batches: each of them writes and syncs two parts of a file, which costs more than all
/// else that an act does. What they give to readers is given by the gate.
pub(super) struct Sled {
    map: sled::Db,
    /// Held alone by whoever changes something.
    gate: RwLock<()>,
}

impl Sled {
    /// Whoever opens has the store's own lock. So sled's lock is held, if at all, by its threads in
    /// this process, which finish the last writes of a handle that was dropped just now.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_within(path, TRIES)
    }

    fn open_within(path: &Path, tries: u32) -> Result<Self, StoreError> {
        let config = sled::Config::new().path(path).flush_every_ms(None);
        for _ in 1..tries {
            match config.open() {
                Err(error) if is_locked(&error) => std::thread::sleep(PAUSE),
                opened => return opened.map(Self::over).map_err(broken),
            }
        }
        config.open().map(Self::over).map_err(broken)
    }

    fn over(map: sled::Db) -> Self {
        Self { map, gate: RwLock::new(()) }
    }
}

/// The version of sled is pinned: it has no kind for this error, only words.
fn is_locked(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock"))
}

/// Two seconds: what those threads have left is less than a buffer of 512 KB each.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

fn broken(error: sled::Error) -> StoreError {
    StoreError::Index(error.to_string())
}

impl Index for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        self.map.get(key).map(|value| value.map(|value| value.to_vec())).map_err(broken)
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch {
            self.map.insert(key, value).map_err(broken)?;
        }
        Ok(())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Batch, StoreError> {
        let start = [prefix, after].concat();
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        self.map
            .range(start.clone()..)
            .filter(|entry| {
                entry.as_ref().map_or(true, |(key, _)| after.is_empty() || key != &start)
            })
            .take_while(|entry| entry.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
            .take(limit)
            .map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(broken))
            .collect()
    }

    fn clear(&self) -> Result<(), StoreError> {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.map.clear().map_err(broken)
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::base::digest::Digest;

    #[test]
    fn an_index_that_is_let_go_is_waited_for_and_one_that_is_kept_is_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let held = Sled::open(folder.path()).unwrap();
        assert!(matches!(Sled::open_within(folder.path(), 3), Err(StoreError::Index(_))));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Sled::open(folder.path()).map(drop));
            std::thread::sleep(PAUSE * 5);
            drop(held);
            waiting.join().unwrap().unwrap();
        });
    }

    /// Eight keys that lie anywhere, all of one number.
    fn keys(number: u64) -> impl Iterator<Item = Vec<u8>> {
        let key = move |at: u8| Digest::of(&[&number.to_be_bytes(), &[at]]).as_bytes().to_vec();
        (0..8).map(key)
    }

    fn reached(index: &Sled) -> u64 {
        let bytes = index.get(b"position").unwrap();
        bytes.map_or(0, |bytes| u64::from_be_bytes(bytes.try_into().unwrap()))
    }

    /// The process that the next test kills.
    #[test]
    #[ignore = "it has no end of its own"]
    fn writes_until_it_is_killed() {
        #[expect(clippy::disallowed_methods, reason = "told by the test that starts this process")]
        let folder = std::env::var(FOLDER).unwrap();
        let index = Sled::open(Path::new(&folder)).unwrap();
        for number in reached(&index) + 1.. {
            let value = number.to_be_bytes().to_vec();
            let mut batch: Batch = keys(number).map(|key| (key, [7; 200].to_vec())).collect();
            batch.push((b"position".to_vec(), value));
            index.apply(batch).unwrap();
        }
    }

    #[test]
    fn what_stands_last_is_never_there_without_what_stands_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let name = "store::index::tests::writes_until_it_is_killed";
        let mut last = 0;
        for round in 0..5 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", name])
                .env(FOLDER, folder.path())
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            // Several buffers of 512 KB are written in this time, and others are on their way.
            std::thread::sleep(Duration::from_millis(300 + 37 * round));
            assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
            child.kill().unwrap();
            child.wait().unwrap();
            let index = Sled::open(folder.path()).unwrap();
            let reached = reached(&index);
            assert!(reached >= last, "{reached} after {last}");
            for key in (1..=reached).flat_map(keys) {
                assert!(index.get(&key).unwrap().is_some(), "{reached} is reached");
            }
            last = reached;
        }
        assert!(last > 500, "only {last} were written");
    }

    const FOLDER: &str = "YINZHENG_TEST_INDEX";
}
