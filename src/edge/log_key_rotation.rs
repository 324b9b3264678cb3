//! One key of the logs after another, in an order in which a death between two steps loses nothing
//! and leaves no journal that says what is not so.
//!
//! ```text
//! 1  keys/log-ID.next.pem     the successor of the key ID is on disk
//! 2  journal                  "log key ID retired"
//! 3  keys/log-ID.retired.pem  was keys/log.key.pem
//! 4  log/witnessed-ID         was log/witnessed: witnesses signed heads of the old key
//! 5  keys/log.key.pem         was keys/log-ID.next.pem
//! ```
//! Whatever of 3 to 5 is missing is done by [`LogKeyRotation::finish`], which the next start calls when
//! the journal has line 2. Before line 2 the old key goes on, and 1 is written anew when somebody
//! tries again.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{FileError, sync_folder};
use crate::service::log::LogName;

/// The key with this id gives way to another.
#[derive(Clone, Debug)]
pub struct LogKeyRotation {
    office: PathBuf,
    id: String,
}

impl LogKeyRotation {
    /// Names the key that gives way; nothing is read.
    pub fn of(office: &Path, id: &str) -> Self {
        Self { office: office.to_owned(), id: id.to_owned() }
    }

    /// One that has its successor on disk and did not come to its end.
    pub fn begun(office: &Path) -> Option<Self> {
        // An office whose keys lie elsewhere has no such directory.
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

    /// Where the successor waits.
    pub fn next(&self) -> PathBuf {
        self.office.join(format!("keys/log-{}.next.pem", self.id))
    }

    /// Where the old key lies from then on.
    pub fn retired(&self) -> PathBuf {
        self.office.join(format!("keys/log-{}.retired.pem", self.id))
    }

    /// Does what is left of it, once the journal says so. As long as the successor waits, the key in
    /// use is the old one, or it was put aside already.
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

    /// Puts the head that witnesses signed aside, which is one of the old key.
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

/// The files in `log/` with the heads that witnesses signed.
pub const WITNESSED: [(LogName, &str); 2] =
    [(LogName::Acts, "witnessed"), (LogName::Accesses, "witnessed-access")];

fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(|source| FileError::Io { path: from.to_owned(), source })
}
