//! Files written so that they survive a power cut, and secrets read only when others cannot read
//! them.
//!
//! A path that the program finds by itself may have been created by another user: a pipe would
//! block it for ever, a device has no end. Such files are opened without waiting and must be
//! regular ones. Only a path that the operator named ([`read_given`]) may be a pipe.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::base::foreign_words;
use crate::base::text::without_byte_order_mark;

/// A file could not be read or written: which, and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A system call failed.
    #[error("{}: {}", path.display(), foreign_words::of_system(source).en)]
    Io {
        /// Path of the file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A directory, a pipe, a device, or a link where none is followed.
    #[error("{}: not a regular file", path.display())]
    NotAFile {
        /// Path of what is no file.
        path: PathBuf,
    },
    /// A named pipe without a writer.
    #[error("{}: nobody writes into this pipe", path.display())]
    NoWriter {
        /// Path of the pipe.
        path: PathBuf,
    },
    /// Others than the owner can read a secret.
    #[error("{}: others may read this secret (mode {mode:03o}); run: chmod 600 {}", path.display(), path.display())]
    TooOpen {
        /// Path of the file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another encoding than UTF-8.
    #[error("{}: line {line} is not UTF-8; save the file as UTF-8 (it may be GBK)", path.display())]
    NotText {
        /// Path of the file.
        path: PathBuf,
        /// The first line that cannot be read.
        line: usize,
    },
    /// Larger than the bound for such files.
    #[error("{}: larger than {limit} bytes", path.display())]
    TooLarge {
        /// Path of the file.
        path: PathBuf,
        /// The bound, in bytes.
        limit: usize,
    },
}

impl FileError {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Writes a whole file or leaves the old one: a temporary file beside it, synced, renamed, and
/// the directory synced. `mode` are the permission bits.
pub fn write_durably(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let folder = holder(path);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let temporary = folder.join(name);
    // The leftover of an interrupted write is not needed.
    if let Err(error) = fs::remove_file(&temporary)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(failed(error));
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&temporary)
        .map_err(failed)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&temporary, path)) {
        // On a full disk, half a file would only take room.
        drop(fs::remove_file(&temporary));
        return Err(failed(error));
    }
    sync_folder(folder)
}

/// Whether links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Followed: the operator named the path and means its target.
    Followed,
    /// Refused: the name was found in a directory.
    NotFollowed,
}

/// Opens a regular file, and nothing else, without waiting.
pub fn open(path: &Path, links: Links) -> Result<File, FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let no_file = || FileError::NotAFile { path: path.to_owned() };
    let flags = match links {
        Links::Followed => libc::O_NONBLOCK,
        Links::NotFollowed => libc::O_NONBLOCK | libc::O_NOFOLLOW,
    };
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|source| match source.raw_os_error() {
        // The errors of O_NOFOLLOW for a link, and of open(2) for a socket.
        Some(libc::ELOOP) if links == Links::NotFollowed => no_file(),
        Some(libc::ENXIO) => no_file(),
        _ => failed(source),
    })?;
    if file.metadata().map_err(failed)?.is_file() { Ok(file) } else { Err(no_file()) }
}

/// Reads a regular file of at most `limit` bytes. Links are followed.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    read_open(open(path, Links::Followed)?, path, limit)
}

/// Reads a regular file whose name was found in a directory. Links are not followed.
pub fn read_found(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    read_open(open(path, Links::NotFollowed)?, path, limit)
}

/// Reads a path that the operator named: a file, or a pipe such as that of `<(command)`.
pub fn read_given(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    read_open(open_given(path)?, path, limit)
}

/// A file's content as text, without a byte order mark.
pub fn text(path: &Path, bytes: &[u8]) -> Result<String, FileError> {
    let bytes = without_byte_order_mark(bytes);
    let read = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = good.split(|byte| *byte == b'\n').count();
        FileError::NotText { path: path.to_owned(), line }
    })?;
    Ok(read.to_owned())
}

/// Reads a secret that its owner alone may read.
pub fn read_secret(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    read_owned(open(path, Links::Followed)?, path, limit)
}

/// Reads a secret that the operator named, which may be a pipe.
pub fn read_secret_given(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    read_owned(open_given(path)?, path, limit)
}

fn read_owned(file: File, path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let data = file.metadata();
    let data = data.map_err(|source| FileError::Io { path: path.to_owned(), source })?;
    let mode = data.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(FileError::TooOpen { path: path.to_owned(), mode });
    }
    read_open(file, path, limit)
}

fn read_open(file: File, path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|source| FileError::Io { path: path.to_owned(), source })?;
    if bytes.len() > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Opening a pipe waits for its writer, so it is done on a thread that can be abandoned.
fn open_given(path: &Path) -> Result<File, FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let data = fs::metadata(path).map_err(failed)?;
    if data.is_file() || data.is_dir() {
        return open(path, Links::Followed);
    }
    let (opened, wait) = mpsc::sync_channel(1);
    let place = path.to_owned();
    std::thread::spawn(move || drop(opened.send(File::open(place))));
    match wait.recv_timeout(WRITER) {
        Ok(file) => file.map_err(failed),
        Err(_) => Err(FileError::NoWriter { path: path.to_owned() }),
    }
}

/// Makes a directory that its owner alone may enter, durably.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let missing: Vec<_> = path.ancestors().take_while(|folder| is_missing(folder)).collect();
    fs::create_dir_all(path).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    for made in missing {
        sync_folder(holder(made))?;
    }
    Ok(())
}

/// Makes durable the names in a directory and in those directly in it, and its own.
///
/// What can be read need not be on the disk: a process may have renamed a file and died before it
/// synced the directory. A program calls this before it acts on files of an office.
pub fn sync_names(path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            sync_folder(&entry.path())?;
        }
    }
    sync_folder(path)?;
    match sync_folder(holder(path)) {
        // Another user's directory that may be entered and not read: its owner answers for the
        // name.
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
            Ok(())
        }
        synced => synced,
    }
}

/// Makes the names in a directory durable.
pub fn sync_folder(path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    File::open(path).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// The directory that contains a path's last name.
fn holder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

fn is_missing(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.exists()
}

/// A program started beside this one has opened its end by then.
const WRITER: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_a_regular_file_and_nothing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write_durably(&at("file"), b"content", 0o600).unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("link-to-pipe")).unwrap();
        std::os::unix::fs::symlink(at("loop"), at("loop")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        assert_eq!(read_found(&at("file"), 100).unwrap(), b"content");
        assert_eq!(read(&at("link"), 100).unwrap(), b"content");
        let no_file =
            |read: Result<Vec<u8>, FileError>| matches!(read, Err(FileError::NotAFile { .. }));
        for name in ["link", "pipe", "link-to-pipe", "loop", "socket", "."] {
            assert!(no_file(read_found(&at(name), 100)), "{name}");
        }
        for name in ["pipe", "link-to-pipe", "socket", "."] {
            assert!(no_file(read(&at(name), 100)), "{name}");
            assert!(no_file(read_secret(&at(name), 100)), "{name}");
        }
        assert!(no_file(read(Path::new("/dev/zero"), 100)));
    }

    #[test]
    fn text_is_utf8_and_the_line_that_is_not_is_named() {
        let path = Path::new("office.toml");
        assert_eq!(text(path, b"\xEF\xBB\xBFname = 1\n").unwrap(), "name = 1\n");
        let gbk = b"[office]\nname = \"\xCA\xBE\xC0\xFD\"\n";
        let error = text(path, gbk).unwrap_err();
        assert_eq!(
            error.to_string(),
            "office.toml: line 2 is not UTF-8; save the file as UTF-8 (it may be GBK)"
        );
    }

    #[test]
    fn a_pipe_that_was_named_is_read_when_somebody_writes() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let write = format!("printf content > {}", pipe.display());
        let mut writer = std::process::Command::new("sh").args(["-c", &write]).spawn().unwrap();
        assert_eq!(read_given(&pipe, 100).unwrap(), b"content");
        assert!(writer.wait().unwrap().success());
        assert!(matches!(read_given(&pipe, 100), Err(FileError::NoWriter { .. })));
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_durably(&path, b"secret", 0o600).unwrap();
        assert_eq!(read_secret(&path, 100).unwrap(), b"secret");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_secret(&path, 100), Err(FileError::TooOpen { mode: 0o640, .. })));
        assert!(matches!(read(&path, 5), Err(FileError::TooLarge { .. })));
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for content in [&b"one"[..], b"two, longer"] {
            write_durably(&path, content, 0o644).unwrap();
            assert_eq!(read(&path, 100).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
