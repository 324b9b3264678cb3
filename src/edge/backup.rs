//! Copies of an office: taken while it works, put back as a new epoch.
//!
//! ```text
//! backup.json   size and root of the tree, length and SHA-256 of every file; written last
//! access/journal/  who read what, a journal of its own
//! journal/ …    the files of the office; keys stay encrypted, the index is left out
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{self, FileError};
use crate::base::digest::Digest;
use crate::base::localized::Localized;
use crate::store::{self, Extent, StoreError};

/// Content of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the backup format.
    pub format: u32,
    /// Events in the journal.
    pub size: u64,
    /// Root of the tree over them.
    pub root: String,
    /// Events in the journal of accesses; none in backups made before it existed.
    #[serde(default)]
    pub access_size: u64,
    /// Root of the tree over them.
    #[serde(default)]
    pub access_root: String,
    /// Every file of the backup.
    pub files: Vec<BackupFile>,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    /// Its path inside the office.
    pub path: String,
    /// Length in bytes.
    pub length: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Why no backup was made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Reading or writing a file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The journal cannot be copied.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target directory is not empty.
    #[error("{} is not empty; name a directory that does not exist yet", .0.display())]
    NotEmpty(PathBuf),
    /// The backup is missing, incomplete or changed.
    #[error("{}: {}; take another backup", place.display(), reason.en)]
    Unusable {
        /// The faulty file.
        place: PathBuf,
        /// The rule that it breaks.
        reason: Localized,
    },
}

/// Copies the office in `from` into `to`, its journal up to the first extent and that of accesses
/// up to the second. Both may grow meanwhile.
pub fn take(
    from: &Path,
    to: &Path,
    (extent, accesses): (&Extent, &Extent),
) -> Result<Manifest, BackupError> {
    empty_folder(to)?;
    let mut entries = copy_small(from, to, small_files(from)?)?;
    for (folder, extent) in [(JOURNAL, extent), (ACCESS_JOURNAL, accesses)] {
        entries.extend(copy_journal(from, to, folder, extent)?);
    }
    let manifest = Manifest {
        format: 1,
        size: extent.size,
        root: extent.root.clone(),
        access_size: accesses.size,
        access_root: accesses.root.clone(),
        files: entries,
    };
    let json = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    files::write_durably(&to.join(MANIFEST), &json, 0o600)?;
    Ok(manifest)
}

fn copy_small(from: &Path, to: &Path, paths: Vec<String>) -> Result<Vec<BackupFile>, BackupError> {
    let mut entries = Vec::new();
    for path in paths {
        let bytes = match files::read(&from.join(&path), SMALL_BYTES) {
            // A file of a removed destination: the serving process deletes it meanwhile.
            Err(error) if error.is_missing() && path.starts_with("hooks/") => continue,
            read => read?,
        };
        entries.push(put(to, &path, &bytes)?);
    }
    Ok(entries)
}

fn copy_journal(
    from: &Path,
    to: &Path,
    folder: &str,
    extent: &Extent,
) -> Result<Vec<BackupFile>, BackupError> {
    let target = to.join(folder);
    files::private_folder(&target)?;
    let copied = store::copy_journal(&from.join(folder), &target, extent)?;
    if (copied.head.0, copied.head.1.to_hex()) != (extent.size, extent.root.clone()) {
        let reason = Localized::new(
            "所复制的事件日志与机构的树根不符",
            "the copied journal does not have the root that the office has",
        );
        return Err(BackupError::Unusable { place: target, reason });
    }
    let entry = |(name, length, digest): (String, u64, Digest)| {
        let path = format!("{folder}/{name}");
        BackupFile { path, length, sha256: digest.to_hex() }
    };
    Ok(copied.segments.into_iter().map(entry).collect())
}

/// Restores a backup into an empty directory; on an error nothing is left there.
///
/// The office there is not opened yet: its next opening begins a new epoch, in which `left_out`
/// numbers of each type stay unused.
pub fn put_back(from: &Path, to: &Path, left_out: u64) -> Result<Manifest, BackupError> {
    let was_there = to.exists();
    empty_folder(to)?;
    let done = put_all_back(from, to, left_out);
    if done.is_err() {
        let removed = fs::remove_dir_all(to);
        let removed = removed.and_then(|()| if was_there { fs::create_dir(to) } else { Ok(()) });
        if let Err(error) = removed {
            tracing::warn!(path = %to.display(), %error, "it was not removed again");
        }
    }
    done
}

/// The list of a backup's files.
pub fn manifest(from: &Path) -> Result<Manifest, BackupError> {
    let place = from.join(MANIFEST);
    let text = files::read(&place, SMALL_BYTES)?;
    let read = serde_json::from_slice(&text).ok();
    read.filter(|manifest: &Manifest| manifest.format == 1).ok_or_else(|| {
        let reason =
            Localized::new("这不是此版本的备份清单", "this is no list of a backup of this version");
        BackupError::Unusable { place, reason }
    })
}

fn put_all_back(from: &Path, to: &Path, left_out: u64) -> Result<Manifest, BackupError> {
    let unusable = |place: PathBuf, zh: &str, en: &str| BackupError::Unusable {
        place,
        reason: Localized::new(zh, en),
    };
    let manifest = manifest(from)?;
    let plain = |path: &str| path.split('/').all(|name| !name.is_empty() && !name.starts_with('.'));
    // After an interruption this note is there, and never an office without it.
    files::write_durably(&to.join(RESTORED), left_out.to_string().as_bytes(), 0o600)?;
    let (last, first): (Vec<_>, Vec<_>) =
        manifest.files.iter().partition(|entry| entry.path == "office.toml");
    for entry in first.into_iter().chain(last) {
        let place = from.join(&entry.path);
        if !plain(&entry.path) {
            return Err(unusable(place, "这个路径超出备份目录", "this path leaves the backup"));
        }
        let limit = usize::try_from(entry.length).unwrap_or(usize::MAX);
        let length = entry.length;
        let zh = format!("这不是当时复制的文件（{MANIFEST} 所列为 {length} 字节，摘要不同）");
        let en = format!(
            "this file is not what was copied ({MANIFEST} lists {length} bytes with another digest)"
        );
        let bytes = match files::read(&place, limit) {
            Err(FileError::TooLarge { .. }) => return Err(unusable(place, &zh, &en)),
            Err(error) if error.is_missing() => {
                let zh = "当时复制的这个文件不见了";
                return Err(unusable(place, zh, "this file was copied and is missing"));
            }
            read => read?,
        };
        if Digest::of(&[&bytes]).to_hex() != entry.sha256 {
            return Err(unusable(place, &zh, &en));
        }
        put(to, &entry.path, &bytes)?;
    }
    Ok(manifest)
}

/// How many numbers a restored office leaves out; `None` when it was not just restored.
pub fn restored(folder: &Path) -> Result<Option<u64>, FileError> {
    let path = folder.join(RESTORED);
    if !path.exists() {
        return Ok(None);
    }
    let text = files::read(&path, 64)?;
    Ok(String::from_utf8_lossy(&text).trim().parse().ok())
}

/// The new epoch is durable: removes the note.
pub fn epoch_has_begun(folder: &Path) -> Result<(), FileError> {
    let path = folder.join(RESTORED);
    fs::remove_file(&path).map_err(|source| FileError::Io { path, source })
}

fn empty_folder(path: &Path) -> Result<(), BackupError> {
    let taken = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if taken || path.is_file() {
        return Err(BackupError::NotEmpty(path.to_owned()));
    }
    Ok(files::private_folder(path)?)
}

/// Every file of an office beside its journal and index, in order.
fn small_files(folder: &Path) -> Result<Vec<String>, FileError> {
    let mut found = vec!["office.toml".to_owned()];
    found.extend(folder.join("DEMO").exists().then(|| "DEMO".to_owned()));
    for name in ["certs", "hooks", "keys", "log", "types"] {
        let path = folder.join(name);
        let failed = |source| FileError::Io { path: path.clone(), source };
        let Ok(entries) = fs::read_dir(&path) else { continue };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let file = entry.file_name().to_string_lossy().into_owned();
            // A half-written temporary file is not needed.
            let whole = Path::new(&file).extension().is_none_or(|extension| extension != "new");
            if whole && entry.path().is_file() {
                found.push(format!("{name}/{file}"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn put(to: &Path, path: &str, bytes: &[u8]) -> Result<BackupFile, FileError> {
    let target = to.join(path);
    if let Some(folder) = target.parent() {
        files::private_folder(folder)?;
    }
    let open = path.starts_with("certs/") || path == "office.toml";
    files::write_durably(&target, bytes, if open { 0o644 } else { 0o600 })?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(BackupFile { path: path.to_owned(), length, sha256: Digest::of(&[bytes]).to_hex() })
}

const JOURNAL: &str = "journal";
const ACCESS_JOURNAL: &str = "access/journal";
const MANIFEST: &str = "backup.json";
const RESTORED: &str = "RESTORED";
/// Keys, certificates and type files; a list of ten thousand revoked certificates has 400 KB.
const SMALL_BYTES: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_progress_may_be_gone_when_it_is_copied() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(from.path(), "hooks/here.json", b"{}").unwrap();
        let copied = |paths: &[&str]| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            copy_small(from.path(), to.path(), paths)
        };
        let entries = copied(&["hooks/gone.json", "hooks/here.json"]).unwrap();
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["hooks/here.json"]);
        assert!(matches!(copied(&["keys/gone.pem"]), Err(BackupError::File(_))));
    }
}
