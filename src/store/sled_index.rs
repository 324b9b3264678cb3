//! The index on disk, in sled. After a crash it is trusted only when it is certain to be complete.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Bound;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use super::StoreError;
use super::index::{Batch, Entries, Index};

/// An index in sled. Nothing is flushed by commits: the journal is authoritative, and the replay
/// position is written after the entries that it covers. sled's log is sequential, and a killed
/// process leaves a prefix of it.
///
/// A power cut may leave holes in it, because sled writes to the system and does not wait for the
/// disk. So the folder records under which boot of the machine it was opened, until it was closed
/// and synced; an index that another boot finds open is rebuilt.
///
/// No sled batches: each of them writes and syncs two parts of a file, which costs more than the
/// rest of an act. The gate gives readers the same isolation.
pub(super) struct Sled {
    map: sled::Db,
    path: PathBuf,
    /// Held exclusively for each change.
    gate: RwLock<OnDisk>,
    /// A change was applied in part: the content no longer matches the journal.
    broken: AtomicBool,
    /// Something in it could not be read, and its folder marks it as untrusted.
    damaged: AtomicBool,
}

/// How much of the index is on the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnDisk {
    /// Unknown; its folder marks it as open.
    Unknown,
    /// All of it, and its folder marks it as closed.
    Whole,
    /// A sync failed. The system may mark pages as clean that are not on disk, so that another sync
    /// would succeed and prove nothing: the folder marks the index as untrusted.
    Never,
}

impl Sled {
    /// Opens the index of the store in `folder`; an empty one when `anew` is set, or when the
    /// existing one cannot be trusted. The caller holds the store's own lock. So sled's lock can
    /// only be held by its threads in this process, which finish the last writes of a handle that
    /// was just dropped.
    pub(super) fn open(folder: &Path, anew: bool) -> Result<Self, StoreError> {
        let (path, gone) = (folder.join(FOLDER), folder.join(GONE));
        let is_cut = !may_be_trusted(&path);
        if is_cut {
            let why = "the machine stopped while it was open, it was damaged, or its disk failed";
            tracing::warn!(why, "the index cannot be trusted and is made anew");
        }
        if (anew || is_cut) && path.exists() {
            // Renamed first, so that a partly removed index is never opened.
            remove(&gone)?;
            fs::rename(&path, &gone)?;
            sync(folder)?;
        }
        fs::create_dir_all(&path)?;
        mark(&path)?;
        sync(folder)?;
        let map = open_within(&path, TRIES)?;
        if let Err(error) = remove(&gone) {
            tracing::warn!(path = %gone.display(), %error, "an index of before was not removed");
        }
        let (broken, damaged) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { map, path, gate: RwLock::new(OnDisk::Unknown), broken, damaged })
    }

    /// Syncs everything; the index can be trusted after a reboot, until it is changed again.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        let mut state = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        if self.damaged.load(Ordering::Acquire) {
            return Ok(());
        }
        match *state {
            OnDisk::Whole => return Ok(()),
            OnDisk::Unknown => {}
            OnDisk::Never => {
                let message = "a sync of it failed; it is made anew at the next start";
                return Err(StoreError::Index(message.to_owned()));
            }
        }
        if let Err(error) = self.sync() {
            *state = OnDisk::Never;
            // When this write fails too, there is no mark either that the index was closed.
            drop(write_marker(&self.path, "a sync failed\n"));
            // sled syncs once more when its last handle is dropped, and panics when that fails.
            std::mem::forget(self.map.clone());
            return Err(error);
        }
        fs::remove_file(self.path.join(OPEN))?;
        *state = OnDisk::Whole;
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.map.flush().map_err(broken)?;
        File::open(self.path.join("db"))?.sync_all()?;
        // Values that are too long for its log are in separate files.
        let blobs = self.path.join("blobs");
        if blobs.exists() {
            for blob in fs::read_dir(&blobs)? {
                File::open(blob?.path())?.sync_all()?;
            }
            sync(&blobs)?;
        }
        Ok(sync(&self.path)?)
    }

    /// Records an error of sled. The next start rebuilds an index that cannot be read.
    fn failed(&self, error: sled::Error) -> StoreError {
        let is_damage = matches!(error, sled::Error::Corruption { .. });
        if is_damage && !self.damaged.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "the index is damaged; the next start makes it anew");
            if let Err(error) = write_marker(&self.path, "it is damaged\n") {
                tracing::error!(%error, "that could not be noted; run `yinzheng reindex`");
            }
        }
        broken(error)
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::Acquire) {
            let message = "a change was made in part; start the office again";
            return Err(StoreError::Index(message.to_owned()));
        }
        Ok(())
    }
}

fn open_within(path: &Path, tries: u32) -> Result<sled::Db, StoreError> {
    let config = sled::Config::new().path(path).flush_every_ms(None).cache_capacity(CACHE_BYTES);
    for _ in 1..tries {
        match config.open() {
            Err(error) if is_locked(&error) => std::thread::sleep(PAUSE),
            opened => return opened.map_err(broken),
        }
    }
    config.open().map_err(broken)
}

/// Writes, durably, the file that marks the index in this folder as open.
fn mark(path: &Path) -> io::Result<()> {
    write_marker(path, &here(path)?)
}

fn write_marker(path: &Path, state: &str) -> io::Result<()> {
    let mut open = File::create(path.join(OPEN))?;
    open.write_all(state.as_bytes())?;
    open.sync_all()?;
    sync(path)
}

/// Identifies the boot of the machine, and the folder, so that a copy of an open index is not
/// trusted.
fn here(path: &Path) -> io::Result<String> {
    let boot = fs::read_to_string(BOOT).unwrap_or_else(|_| "no boot is known\n".to_owned());
    let folder = fs::metadata(path)?;
    Ok(format!("{boot}{}:{}\n", folder.dev(), folder.ino()))
}

/// Whether the index was closed, or is still the one that this boot opened.
fn may_be_trusted(path: &Path) -> bool {
    match fs::read_to_string(path.join(OPEN)) {
        Ok(seen) => Path::new(BOOT).exists() && here(path).is_ok_and(|here| here == seen),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// sled has no kind for this error, only a message; so its version is pinned.
fn is_locked(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock"))
}

fn broken(error: sled::Error) -> StoreError {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error {
        // The index is intact: rebuilding it would need even more space.
        sled::Error::Io(error)
            if matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem) =>
        {
            StoreError::Io(error)
        }
        error => StoreError::Index(error.to_string()),
    }
}

impl Index for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        self.map
            .get(key)
            .map(|value| value.map(|value| value.to_vec()))
            .map_err(|error| self.failed(error))
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut state = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        if *state == OnDisk::Whole {
            mark(&self.path)?;
            *state = OnDisk::Unknown;
        }
        // Set until the last change is applied: a panic in between leaves it set.
        self.broken.store(true, Ordering::Release);
        for (key, value) in batch {
            let done = match value {
                Some(value) => self.map.insert(key, value),
                None => self.map.remove(key),
            };
            done.map_err(|error| self.failed(error))?;
        }
        self.broken.store(false, Ordering::Release);
        Ok(())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Entries, StoreError> {
        let mut found = Entries::new();
        let mut from = match after {
            b"" => Bound::Included(prefix.to_vec()),
            after => Bound::Excluded([prefix, after].concat()),
        };
        loop {
            let wanted = CHUNK.min(limit.saturating_sub(found.len()));
            let before = found.len();
            // Writers wait for at most one chunk.
            let gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
            self.check()?;
            for entry in self.map.range((from.clone(), Bound::Unbounded)).take(wanted) {
                let (key, value) = entry.map_err(|error| self.failed(error))?;
                if !key.starts_with(prefix) {
                    break;
                }
                found.push((key.to_vec(), value.to_vec()));
            }
            drop(gate);
            match found.last() {
                Some((last, _)) if wanted > 0 && found.len() - before == wanted => {
                    from = Bound::Excluded(last.clone());
                }
                _ => return Ok(found),
            }
        }
    }

    fn clear(&self) -> Result<(), StoreError> {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.map.clear().map_err(|error| self.failed(error))
    }
}

/// The folder of an index, inside that of its store.
const FOLDER: &str = "index";
/// An old index that is being removed.
const GONE: &str = "index.gone";
/// In the folder while it is open: the boot of the machine, and which folder it is.
const OPEN: &str = "open";
/// Differs at each start of the machine. Where there is no such file, an index that was not closed
/// is rebuilt.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";
/// Entries that are read while writers wait: some 0.3 ms.
const CHUNK: usize = 500;
/// Pages kept in memory. With fewer, changes at random places read pages back; sled's own bound is 1 GB.
const CACHE_BYTES: u64 = 256 << 20;
/// Two seconds: those threads have less than a buffer of 512 KB each left to write.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::base::digest::Digest;

    #[test]
    fn an_index_that_is_let_go_is_waited_for_and_one_that_is_kept_is_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let held = Sled::open(folder.path(), false).unwrap();
        let path = folder.path().join(FOLDER);
        assert!(matches!(open_within(&path, 3), Err(StoreError::Index(_))));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Sled::open(folder.path(), false).map(drop));
            std::thread::sleep(PAUSE * 5);
            drop(held);
            waiting.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_full_disk_is_no_damage() {
        let failed = |kind: io::ErrorKind| broken(sled::Error::Io(kind.into()));
        assert!(matches!(failed(io::ErrorKind::StorageFull), StoreError::Io(_)));
        assert!(matches!(failed(io::ErrorKind::UnexpectedEof), StoreError::Index(_)));
    }

    /// Eight keys for one number, spread over the whole order.
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
        let folder = std::env::var(VARIABLE).unwrap();
        let index = Sled::open(Path::new(&folder), false).unwrap();
        for number in reached(&index) + 1.. {
            let value = number.to_be_bytes().to_vec();
            let mut batch: Batch = keys(number).map(|key| (key, [7; 200].to_vec())).collect();
            batch.put(b"position".to_vec(), value);
            index.apply(batch).unwrap();
        }
    }

    #[test]
    fn what_stands_last_is_never_there_without_what_stands_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let name = "store::sled_index::tests::writes_until_it_is_killed";
        let mut last = 0;
        for round in 0..5 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", name])
                .env(VARIABLE, folder.path())
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            // Several buffers of 512 KB are written in this time, and others are on their way.
            std::thread::sleep(Duration::from_millis(300 + 37 * round));
            assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
            child.kill().unwrap();
            child.wait().unwrap();
            let index = Sled::open(folder.path(), false).unwrap();
            let reached = reached(&index);
            assert!(reached >= last, "{reached} after {last}");
            for key in (1..=reached).flat_map(keys) {
                assert!(index.get(&key).unwrap().is_some(), "{reached} is reached");
            }
            last = reached;
        }
        assert!(last > 500, "only {last} were written");
    }

    const VARIABLE: &str = "YINZHENG_TEST_INDEX";

    #[test]
    fn what_another_boot_finds_open_is_made_anew_and_what_was_closed_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Sled::open(folder.path(), false).unwrap();
        let put =
            |index: &Sled| index.apply(Batch::from_iter([(b"key".to_vec(), Vec::new())])).unwrap();
        let has = |index: &Sled| index.get(b"key").unwrap().is_some();
        put(&open());
        // The process was killed, not the machine.
        assert!(has(&open()));
        let mark = folder.path().join(FOLDER).join(OPEN);
        #[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
        fs::write(&mark, "another boot").unwrap();
        let index = open();
        assert!(!has(&index));
        put(&index);
        index.close().unwrap();
        assert!(!mark.exists());
        put(&index);
        assert!(mark.exists(), "it was closed, and changed after that");
        index.close().unwrap();
        index.close().unwrap();
        drop(index);
        assert!(!mark.exists());
        let index = open();
        assert!(has(&index) && mark.exists());
        // A copy that is taken while it is open is not a consistent state.
        let copy = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join(FOLDER), copy.path().join(FOLDER));
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(from).unwrap().filter_map(Result::ok) {
            if entry.path().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
        drop(index);
        assert!(!has(&Sled::open(copy.path(), false).unwrap()));
        assert!(!has(&Sled::open(folder.path(), true).unwrap()));
        assert!(!folder.path().join(GONE).exists());
    }

    #[test]
    fn a_scan_goes_on_from_chunk_to_chunk_and_stops_where_it_should() {
        let folder = tempfile::tempdir().unwrap();
        let index = Sled::open(folder.path(), false).unwrap();
        let key = |letter: u8, number: u16| [&[letter][..], &number.to_be_bytes()].concat();
        let count = u16::try_from(2 * CHUNK + 7).unwrap();
        let entries = (0..count).map(|number| (key(b'b', number), vec![1]));
        let around = [(key(b'a', 1), vec![]), (key(b'c', 1), vec![])];
        index.apply(entries.chain(around).collect()).unwrap();
        let scan = |after: &[u8], limit| index.scan(b"b", after, limit).unwrap();
        let whole = scan(b"", usize::MAX);
        assert_eq!(whole.len(), usize::from(count));
        assert!(whole.iter().zip(0..).all(|((found, _), number)| *found == key(b'b', number)));
        for limit in [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
            assert_eq!(scan(b"", limit), whole[..limit]);
            assert_eq!(scan(&[0, 2], limit), whole[3..3 + limit]);
        }
        assert_eq!(scan(&[0xff, 0xff], 9), []);
    }
}
