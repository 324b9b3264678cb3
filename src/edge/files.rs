//! Files written so that they survive a power cut, and read only when nobody else may.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// A file could not be read or written: which, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner can read a secret.
    #[error("{}: others may read this secret (mode {mode:03o}); run: chmod 600 {}", path.display(), path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Larger than what is read at once.
    #[error("{}: larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
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
    // A leftover of an interrupted write has nothing that anyone needs.
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
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&temporary, path).map_err(failed)?;
    sync_folder(folder)
}

/// Reads a file of at most `limit` bytes.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Reads a secret that its owner alone may read.
pub fn read_secret(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(failed)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(FileError::TooOpen { path: path.to_owned(), mode });
    }
    read(path, limit)
}

/// Makes a directory that its owner alone may enter, and that is there after a power cut.
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

/// Makes the names in a directory and in those directly in it durable, and its own.
///
/// What can be read need not be on the disk: a process may have renamed a file and died before it
/// synced the directory. Whoever acts on files of an office calls this before reading them.
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
        // Another's directory that may be passed and not read: who made it answers for the name.
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

/// The directory in which a path is a name.
fn holder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

fn is_missing(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

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
