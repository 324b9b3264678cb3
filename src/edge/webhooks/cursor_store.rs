//! Delivery progress of each destination: in memory, and as a file that is replaced whole.
//!
//! Memory may be ahead of the file: by events that gave no message, and after a failed write. A
//! sender asks [`Known::is_kept`] first, which is about the file alone.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::edge::files::{self, FileError};
use crate::service::webhooks::{Progress, Registered};

/// Progress of all destinations of an office.
pub(super) struct CursorStore {
    office: PathBuf,
    known: Mutex<HashMap<String, Known>>,
    /// Destinations whose unreadable file was reported: once, not every second.
    unreadable: Mutex<HashSet<String>>,
    /// Whether the folder of the files is durable: a file in it is only then.
    ready: AtomicBool,
}

/// Progress of one destination.
#[derive(Clone)]
pub(super) struct Known {
    /// Where to continue.
    pub(super) progress: Progress,
    /// What a restart would read, as far as that is certain.
    kept: Option<Progress>,
}

impl CursorStore {
    /// The store of the office in this folder. A folder that cannot be made now is tried again with
    /// each file.
    pub(super) fn open(office: &Path) -> Self {
        let store = Self {
            office: office.to_owned(),
            known: Mutex::default(),
            unreadable: Mutex::default(),
            ready: AtomicBool::new(false),
        };
        if let Err(error) = store.prepare() {
            tracing::error!(%error, "no progress can be kept, so nothing is sent");
        }
        store
    }

    /// Where a destination continues. An error when its file cannot be read: its content is not
    /// lost, so nothing may be sent or written over it.
    pub(super) fn progress(&self, one: &Registered, epoch: u32) -> Result<Known, FileError> {
        let name = one.destination.name.as_str();
        if let Some(Known { progress, kept }) = lock(&self.known).get(name).cloned() {
            return Ok(Known { progress: Progress::follow(Some(progress), one, epoch), kept });
        }
        let kept = kept(&self.office, name)?;
        let progress = Progress::follow(kept.clone(), one, epoch);
        let read = Known { progress, kept };
        lock(&self.unreadable).remove(name);
        self.remember(name, read.clone());
        Ok(read)
    }

    /// Stores it: after `Ok` it survives a power cut. After an error the file may be the one before
    /// or this one, so that neither counts as stored.
    pub(super) fn keep(&self, name: &str, known: &mut Known) -> Result<(), FileError> {
        let written = self.write(name, &known.progress);
        self.ready.store(written.is_ok(), Ordering::Relaxed);
        known.kept = written.is_ok().then(|| known.progress.clone());
        self.remember(name, known.clone());
        written
    }

    /// Updates memory alone.
    pub(super) fn remember(&self, name: &str, known: Known) {
        lock(&self.known).insert(name.to_owned(), known);
    }

    /// Whether this is the first failed read since a successful one.
    pub(super) fn is_news(&self, name: &str) -> bool {
        lock(&self.unreadable).insert(name.to_owned())
    }

    /// Drops destinations that no longer exist.
    pub(super) fn forget(&self, is_there: impl Fn(&str) -> bool) {
        lock(&self.known).retain(|name, _| is_there(name));
        lock(&self.unreadable).retain(|name| is_there(name));
    }

    /// Removes the files of destinations that no longer exist.
    pub(super) fn tidy(&self, is_there: impl Fn(&str) -> bool) {
        let names = names(&self.office).unwrap_or_default();
        for name in names.iter().filter(|name| !is_there(name)) {
            // A file that stays has no effect: it belongs to no registration.
            drop(fs::remove_file(place(&self.office, name)));
        }
    }

    fn write(&self, name: &str, progress: &Progress) -> Result<(), FileError> {
        if !self.ready.load(Ordering::Relaxed) {
            self.prepare()?;
        }
        let bytes = serde_json::to_vec(progress).unwrap_or_default();
        files::write_durably(&place(&self.office, name), &bytes, 0o600)
    }

    fn prepare(&self) -> Result<(), FileError> {
        files::private_folder(&self.office.join(FOLDER))?;
        // It may exist without being durable: its writer may have died before the sync.
        files::sync_folder(&self.office)?;
        self.ready.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Known {
    /// Whether the file has the same next message: only then may it be sent.
    pub(super) fn is_kept(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.covers_what(&self.progress))
    }

    /// How many events a restart would read again.
    pub(super) fn ahead(&self) -> u64 {
        let kept = self.kept.as_ref().map_or(self.progress.first, |kept| kept.next);
        self.progress.next.saturating_sub(kept)
    }
}

/// Reads the stored progress of a destination. A file without meaning counts as none: then
/// everything since the registration is sent again.
pub fn kept(office: &Path, name: &str) -> Result<Option<Progress>, FileError> {
    let bytes = match files::read(&place(office, name), FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(error),
    };
    let read = serde_json::from_slice(&bytes);
    Ok(read
        .inspect_err(|error| tracing::warn!(destination = name, %error, "its progress is lost"))
        .ok())
}

/// Names of the destinations with stored progress.
pub fn names(office: &Path) -> Result<Vec<String>, FileError> {
    let path = office.join(FOLDER);
    let failed = |source| FileError::Io { path: path.clone(), source };
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let files = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> =
        files.filter_map(|file| file.strip_suffix(".json").map(str::to_owned)).collect();
    names.sort();
    Ok(names)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Names of destinations have no character that a path could misread.
fn place(office: &Path, name: &str) -> PathBuf {
    office.join(FOLDER).join(format!("{name}.json"))
}

const FOLDER: &str = "hooks";
const FILE_BYTES: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn registered() -> Registered {
        let destination = json!({
            "name": "school-hooks", "client": "school-desk", "url": "https://hooks.example.org/",
            "state": "active", "since": "2026-11-24T06:00:00Z", "first": 3,
        });
        Registered { destination: serde_json::from_value(destination).unwrap(), revision: 1 }
    }

    #[test]
    fn only_what_is_on_disk_is_kept() {
        let office = tempfile::tempdir().unwrap();
        let store = CursorStore::open(office.path());
        let read = |store: &CursorStore| store.progress(&registered(), 0).unwrap();
        let mut known = read(&store);
        assert!(!known.is_kept(), "there is no file yet");
        // Something is in the way of the temporary file.
        let obstacle = office.path().join("hooks/school-hooks.json.new");
        fs::create_dir(&obstacle).unwrap();
        known.progress.sending = Some(9);
        assert!(store.keep("school-hooks", &mut known).is_err());
        let mut known = read(&store);
        assert_eq!((known.progress.sending, known.is_kept()), (Some(9), false));
        fs::remove_dir(&obstacle).unwrap();
        assert!(store.keep("school-hooks", &mut known).is_ok());
        let mut known = read(&store);
        assert!(known.is_kept() && read(&CursorStore::open(office.path())).is_kept());
        // The number of failures does not affect the message; anything else does.
        known.progress.failures = 4;
        assert!(known.is_kept());
        known.progress.passed(9);
        assert!(!known.is_kept());
        assert_eq!(known.ahead(), 6);
        // After a failed write the file before may be gone.
        fs::create_dir(&obstacle).unwrap();
        known.progress = Progress { sending: Some(9), next: 3, ..known.progress };
        assert!(known.is_kept());
        assert!(store.keep("school-hooks", &mut known).is_err());
        assert!(!read(&store).is_kept());
    }

    #[test]
    fn what_cannot_be_read_is_not_lost() {
        let office = tempfile::tempdir().unwrap();
        let store = CursorStore::open(office.path());
        let path = place(office.path(), "school-hooks");
        assert_eq!(kept(office.path(), "school-hooks").unwrap(), None);
        fs::create_dir(&path).unwrap();
        kept(office.path(), "school-hooks").unwrap_err();
        assert!(store.progress(&registered(), 0).is_err());
        assert!(store.is_news("school-hooks") && !store.is_news("school-hooks"));
        fs::remove_dir(&path).unwrap();
        let told = Progress { next: 8, ..Progress::new(&registered(), 0) };
        files::write_durably(&path, &serde_json::to_vec(&told).unwrap(), 0o600).unwrap();
        assert_eq!(store.progress(&registered(), 0).unwrap().progress, told);
        assert!(store.is_news("school-hooks"), "it was read in between");
        files::write_durably(&path, b"{", 0o600).unwrap();
        assert_eq!(kept(office.path(), "school-hooks").unwrap(), None);
    }

    #[test]
    fn a_folder_that_was_taken_away_is_made_again() {
        let office = tempfile::tempdir().unwrap();
        let store = CursorStore::open(office.path());
        let folder = office.path().join(FOLDER);
        assert!(folder.is_dir());
        fs::remove_dir(&folder).unwrap();
        let mut known = store.progress(&registered(), 0).unwrap();
        assert!(store.keep("school-hooks", &mut known).is_err());
        assert!(store.keep("school-hooks", &mut known).is_ok());
        assert_eq!(names(office.path()).unwrap(), ["school-hooks"]);
        // A file in place of the folder does not mean an office without destinations.
        fs::remove_dir_all(&folder).unwrap();
        files::write_durably(&folder, b"", 0o600).unwrap();
        names(office.path()).unwrap_err();
    }
}
