//! What is verified: files, directories with everything below them, archives, the standard input.
//!
//! Inputs are found one by one, in order. Of a directory the names are kept, sorted, while it is
//! being read; of an archive its directory. Nothing else is in memory before a worker asks for it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::input::{Input, InputBytes, OnDisk, Opened, reason};
use super::logs::is_proof;
use super::words::{self, Reason};
use crate::base::limits::Budget;
use crate::domain::verify::foreign::is_package;
use crate::edge::files::{self, Links};
use crate::format::zip::{Archive, EntryFault, Source, ZipEntry, is_zip};

/// The inputs, in order.
#[derive(Debug)]
pub(super) struct Inputs {
    named: std::vec::IntoIter<PathBuf>,
    /// The directories that are being read, the innermost last.
    folders: Vec<Folder>,
    archive: Option<Unpacked>,
    /// Whether the directory that was named had anything in it.
    empty: bool,
    stdin_taken: bool,
    left_out: Arc<AtomicUsize>,
}

/// An archive whose entries are being named.
#[derive(Debug)]
struct Unpacked {
    archive: Arc<Opened>,
    name: String,
    /// The entries that are still to come.
    entries: std::vec::IntoIter<usize>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    names: std::vec::IntoIter<OsString>,
}

impl Inputs {
    pub(super) fn new(named: Vec<PathBuf>) -> Self {
        Self {
            named: named.into_iter(),
            folders: Vec::new(),
            archive: None,
            empty: false,
            stdin_taken: false,
            left_out: Arc::default(),
        }
    }

    /// How much was passed over so far: links and devices in directories, and names with a dot in
    /// front. It goes on counting.
    pub(super) fn left_out(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.left_out)
    }

    /// The next entry of the archive that is open.
    fn entry(&mut self) -> Option<Input> {
        let unpacked = self.archive.as_mut()?;
        let next = unpacked.entries.next();
        let entry = next.and_then(|at| Some((at, unpacked.archive.entries().get(at)?)));
        let Some((at, entry)) = entry else {
            self.archive = None;
            return None;
        };
        let name = format!("{}!/{}", unpacked.name, entry.name());
        Some(Input { name, content: InputBytes::Entry(Arc::clone(&unpacked.archive), at) })
    }

    /// What the command line names: links are followed, and pipes are read.
    fn named(&mut self, path: PathBuf) -> Option<Input> {
        if path.as_os_str() == "-" {
            return self.stdin();
        }
        let name = name_of(path.as_os_str());
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(Input::nothing(name, words::missing(&error)))
            }
            Err(error) => Some(Input::nothing(name, words::closed(&error))),
            Ok(data) if data.is_dir() => {
                self.empty = true;
                self.folder(path, name)
            }
            Ok(data) if data.is_file() => self.file(path, name, Links::Followed),
            Ok(_) => {
                let most = Budget::default().file_bytes;
                let bytes = files::read_given(&path, most).map_err(|error| reason(&error));
                self.bytes(name, bytes)
            }
        }
    }

    fn stdin(&mut self) -> Option<Input> {
        let name = "-".to_owned();
        if std::mem::replace(&mut self.stdin_taken, true) {
            return Some(Input::nothing(name, words::stdin_twice()));
        }
        let limit = Budget::default().file_bytes;
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
        let bytes = match read {
            Err(error) => Err(words::closed(&error)),
            Ok(count) if count > limit => Err(words::too_large(limit)),
            Ok(_) => Ok(bytes),
        };
        self.bytes(name, bytes)
    }

    fn bytes(&mut self, name: String, bytes: Result<Vec<u8>, Reason>) -> Option<Input> {
        match bytes {
            Err(reason) => Some(Input::nothing(name, reason)),
            Ok(bytes) if is_zip(&bytes) => self.open(name, Box::new(bytes)),
            Ok(bytes) => Some(Input { name, content: InputBytes::Bytes(bytes) }),
        }
    }

    /// A regular file: the one that is verified, or an archive.
    fn file(&mut self, path: PathBuf, name: String, links: Links) -> Option<Input> {
        let mut head = [0; 4];
        let opened = files::open(&path, links);
        let archive = opened.ok().filter(|file| file.read_exact_at(&mut head, 0).is_ok());
        match archive.filter(|_| is_zip(&head)) {
            Some(file) => match OnDisk::new(file) {
                Ok(source) => self.open(name, Box::new(source)),
                Err(error) => Some(Input::nothing(name, words::closed(&error))),
            },
            // Whatever keeps it from being read is said when it is read.
            None => Some(Input { name, content: InputBytes::File(path, links) }),
        }
    }

    fn open(&mut self, name: String, source: Box<dyn Source>) -> Option<Input> {
        let archive = match Archive::open(source, &mut Budget::default()) {
            Ok(archive) => archive,
            Err(error) => return Some(Input::nothing(name, words::archive(&error))),
        };
        if is_package(archive.entries().iter().map(ZipEntry::name)) {
            return Some(Input::nothing(name, words::package()));
        }
        let all = 0..archive.entries().len();
        let shown = |at: &usize| archive.entries().get(*at).is_some_and(|entry| !is_hidden(entry));
        let mut entries: Vec<_> = all.filter(shown).collect();
        self.left_out.fetch_add(archive.entries().len() - entries.len(), Ordering::Relaxed);
        // They are read with their documents.
        entries.retain(|at| archive.entries().get(*at).is_some_and(|one| !is_proof(&one.name())));
        if entries.is_empty() {
            return Some(Input::nothing(name, words::empty_archive()));
        }
        let entries = entries.into_iter();
        self.archive = Some(Unpacked { archive: Arc::new(archive), name, entries });
        None
    }

    /// Goes into a directory.
    fn folder(&mut self, path: PathBuf, name: String) -> Option<Input> {
        if self.folders.len() >= FOLDERS_DEEP {
            return Some(Input::nothing(name, words::too_deep(FOLDERS_DEEP)));
        }
        match names(&path) {
            Err(error) => Some(Input::nothing(name, words::closed(&error))),
            Ok(None) => Some(Input::nothing(name, words::too_many(NAMES))),
            Ok(Some(names)) => {
                self.folders.push(Folder { path, names: names.into_iter() });
                None
            }
        }
    }

    /// What lies in a directory.
    fn inside(&mut self, path: PathBuf) -> Option<Input> {
        let name = name_of(path.as_os_str());
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let kind = match fs::symlink_metadata(&path).map(|data| data.file_type()) {
            Ok(kind) => kind,
            Err(error) => return Some(Input::nothing(name, words::vanished(&error))),
        };
        if hidden || !(kind.is_dir() || kind.is_file()) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        if kind.is_dir() {
            self.folder(path, name)
        } else if is_proof(&name) {
            // It is read with its document.
            None
        } else {
            self.file(path, name, Links::NotFollowed)
        }
    }

    /// Leaves the innermost directory; the outermost says so when nothing was in it.
    fn leave(&mut self) -> Option<Input> {
        let folder = self.folders.pop()?;
        let outermost = self.folders.is_empty();
        (outermost && std::mem::take(&mut self.empty))
            .then(|| Input::nothing(name_of(folder.path.as_os_str()), words::empty_folder()))
    }
}

impl Iterator for Inputs {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        loop {
            let found = if self.archive.is_some() {
                self.entry()
            } else if let Some(folder) = self.folders.last_mut() {
                match folder.names.next() {
                    Some(name) => {
                        let path = folder.path.join(name);
                        self.inside(path)
                    }
                    None => self.leave(),
                }
            } else {
                let path = self.named.next()?;
                self.named(path)
            };
            if found.is_some() {
                self.empty = false;
                return found;
            }
        }
    }
}

/// How many files there are to verify, as far as names tell: an archive counts as one.
pub(super) fn count(named: &[PathBuf]) -> u64 {
    fn below(path: &Path, levels: usize) -> u64 {
        let Some(levels) = levels.checked_sub(1) else { return 1 };
        let Ok(entries) = fs::read_dir(path) else { return 1 };
        let entries = entries.filter_map(Result::ok);
        let entries =
            entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
        let entries = entries.filter(|entry| !entry.file_name().to_str().is_some_and(is_proof));
        let one = |entry: fs::DirEntry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => below(&entry.path(), levels),
            Ok(kind) => u64::from(kind.is_file()),
            Err(_) => 1,
        };
        entries.map(one).sum()
    }
    named.iter().map(|path| if path.is_dir() { below(path, FOLDERS_DEEP) } else { 1 }).sum()
}

/// Names in order; `None` when there are too many to keep.
fn names(path: &Path) -> io::Result<Option<Vec<OsString>>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        if names.len() >= NAMES {
            return Ok(None);
        }
        names.push(entry?.file_name());
    }
    names.sort();
    Ok(Some(names))
}

/// What archives of macOS and names with a dot in front are; a name that leaves the folder is not.
fn is_hidden(entry: &ZipEntry) -> bool {
    let name = entry.name();
    let dotted = |part: &str| part.len() > 1 && part.starts_with('.');
    entry.fault() != Some(EntryFault::Name)
        && (name.starts_with("__MACOSX/") || name.split('/').any(dotted))
}

/// A name as text; bytes that are no UTF-8 stand there as `\xB6`.
fn name_of(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(
            chunk
                .invalid()
                .iter()
                .flat_map(|byte| format!("\\x{byte:02X}").into_bytes())
                .map(char::from),
        );
    }
    text
}

/// A path of Linux has some 2,000 levels at the most; people make ten.
const FOLDERS_DEEP: usize = 64;
/// Names of one directory that are kept for sorting: some 60 MB.
const NAMES: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn a_file_that_vanishes_is_said_to_have_vanished_and_names_come_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a", "c"] {
            File::create(folder.path().join(name)).unwrap();
        }
        let mut inputs = Inputs::new(vec![folder.path().to_owned()]);
        let first = inputs.next().unwrap();
        assert!(first.name.ends_with("/a"));
        for name in ["a", "b"] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        let why = |input: Input| input.read().unwrap_err().words.en;
        assert!(why(first).contains("vanished"));
        assert!(why(inputs.next().unwrap()).contains("vanished"));
        assert!(inputs.next().unwrap().read().unwrap().is_empty());
        assert!(inputs.next().is_none());
    }

    #[test]
    fn directories_end_where_nobody_would_go() {
        let folder = tempfile::tempdir().unwrap();
        let deep: PathBuf = std::iter::repeat_n("d", FOLDERS_DEEP + 1).collect();
        fs::create_dir_all(folder.path().join(&deep)).unwrap();
        File::create(folder.path().join(&deep).join("x")).unwrap();
        let found: Vec<_> = Inputs::new(vec![folder.path().to_owned()]).collect();
        assert_eq!(found.len(), 1);
        let why = found.into_iter().next().unwrap().read().unwrap_err();
        assert!(why.words.en.contains("too deeply"), "{}", why.words.en);
    }

    #[test]
    fn names_that_are_no_text_are_shown_by_their_bytes() {
        assert_eq!(name_of(OsStr::from_bytes(b"a\xB6\xCA\xE7\xA4\xBA")), "a\\xB6\\xCA示");
    }
}
