//! Reads untrusted ZIP archives (APPNOTE 6.3.10): stored and deflated entries, and of ZIP64 only
//! the sizes in local headers and descriptors, which streaming writers use.
//!
//! Two unpackers may see two different archives in one file: entries with the same name, a second
//! directory, bytes that the directory does not list. Here the directory, the local headers and the
//! entries must agree and fill the file without gaps and overlaps; any other archive is refused as
//! a whole. A fault of one entry alone (a password, a link, a name that leads out of the folder) is
//! reported for that entry.
//!
//! Nothing is written to disk: names are only shown. One entry is in memory at a time.

mod directory;
mod entry;
mod extra;
mod inflate;
mod names;

pub use entry::{EntryFault, Source, ZipEntry, ZipError, is_zip};

use crate::base::limits::Budget;

/// An archive whose structure was found to be unambiguous.
pub struct Archive<S> {
    source: S,
    entries: Vec<ZipEntry>,
}

impl<S: Source> Archive<S> {
    /// Reads the directory and every header, and nothing of the entries themselves.
    pub fn open(source: S, budget: &mut Budget) -> Result<Self, ZipError> {
        let entries = directory::read(&source, budget)?;
        Ok(Self { source, entries })
    }

    /// The entries that are files, in the order of their data. Folders are left out.
    pub fn entries(&self) -> &[ZipEntry] {
        &self.entries
    }

    /// Unpacks one entry. It never allocates more than the size that the entry states.
    pub fn read(&self, entry: &ZipEntry) -> Result<Result<Vec<u8>, EntryFault>, ZipError> {
        match entry.fault {
            Some(fault) => Ok(Err(fault)),
            None => Ok(inflate::unpack(&self.source, entry)?),
        }
    }
}

impl<S> std::fmt::Debug for Archive<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
