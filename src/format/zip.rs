//! Reading ZIP archives (APPNOTE 6.3.10) that strangers sent: stored and deflated entries, and
//! of ZIP64 only the sizes that writers of streams put in front of an entry.
//!
//! Two unpackers may see two different archives in one file: of entries with the same name, of a
//! second directory, of bytes that the directory does not name. Here the directory, the headers in
//! front of the entries and the entries themselves must agree and fill the file without a gap and
//! without overlapping; an archive that does not is refused as a whole. What is wrong with one
//! entry alone (a password, a link, a name that leaves the folder) is said of that entry.
//!
//! Nothing is written anywhere: a name is only shown. One entry is in memory at a time.

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

    /// The entries that are files, in the order in which they lie in the file. Folders are no
    /// entries of ours.
    pub fn entries(&self) -> &[ZipEntry] {
        &self.entries
    }

    /// Unpacks one entry. It never takes more memory than the entry says that it needs.
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
