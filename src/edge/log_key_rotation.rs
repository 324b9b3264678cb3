//! Replacement of the logs' key, in an order in which a crash between two steps loses nothing and
//! leaves no journal that is wrong.
//!
//! ```text
//! 1  keys/log-ID.next.pem     the successor of the key ID is on disk
//! 2  journal                  "log key ID retired"
//! 3  keys/log-ID.retired.pem  was keys/log.key.pem
//! 4  log/witnessed-ID         was log/witnessed: witnesses signed heads of the old key
//! 5  keys/log.key.pem         was keys/log-ID.next.pem
//! ```
//! [`LogKeyRotation::finish`] does what is missing of 3 to 5; the next start calls it when the
//! journal has line 2. Before line 2 the old key remains in use, and the next try repeats step 1.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{FileError, sync_folder};
use crate::service::log::LogName;

/// Replacement of the key with this id.
#[derive(Clone, Debug)]
pub struct LogKeyRotation {
    office: PathBuf,
    id: String,
}

impl LogKeyRotation {
    /// Names the key to be replaced; reads nothing.
    pub fn of(office: &Path, id: &str) -> Self {
        Self { office: office.to_owned(), id: id.to_owned() }
    }

    /// An unfinished rotation, with its successor on disk.
    pub fn begun(office: &Path) -> Option<Self> {
        // An office whose keys are kept elsewhere has no such directory.
        let entries = fs::read_dir(office.join("keys")).ok()?;
        entries.filter_map(Result::ok).find_map(|entry| {
            let name = entry.file_name();
            let id = name.to_str()?.strip_prefix("log-")?.strip_suffix(".next.pem")?;
            Some(Self::of(office, id))
        })
    }

    /// Id of the old key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Path of the successor until it is in use.
    pub fn next(&self) -> PathBuf {
        self.office.join(format!("keys/log-{}.next.pem", self.id))
    }

    /// Path of the old key after the rotation.
    pub fn retired(&self) -> PathBuf {
        self.office.join(format!("keys/log-{}.retired.pem", self.id))
    }

    /// Completes the rotation, once the journal records it. While the successor's file is there,
    /// the key in use is the old one, or was moved already.
    pub fn finish(&self) -> Result<(), FileError> {
        if self.present().exists() {
            rename(&self.present(), &self.retired())?;
        }
        for (_, name) in WITNESSED {
            self.put_aside(name)?;
        }
        rename(&self.next(), &self.present())?;
        sync_folder(&self.office.join("keys"))
    }

    /// Moves the witnessed head, which is signed by the old key.
    pub fn put_aside(&self, name: &str) -> Result<(), FileError> {
        let folder = self.office.join("log");
        let path = folder.join(name);
        if !path.exists() {
            return Ok(());
        }
        rename(&path, &folder.join(format!("{name}-{}", self.id)))?;
        sync_folder(&folder)
    }

    fn present(&self) -> PathBuf {
        self.office.join("keys/log.key.pem")
    }
}

/// The files in `log/` with the witnessed heads.
pub const WITNESSED: [(LogName, &str); 2] =
    [(LogName::Acts, "witnessed"), (LogName::Accesses, "witnessed-access")];

fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(|source| FileError::Io { path: from.to_owned(), source })
}
