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
mod extra;
mod inflate;
mod names;

use std::borrow::Cow;
use std::io;

use crate::base::limits::{Budget, OverBudget};

/// Bytes that can be read at any place, by several threads at once.
pub trait Source: Send + Sync {
    /// How many there are.
    fn length(&self) -> u64;
    /// Fills the buffer with the bytes from `at` on, or fails.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// An archive whose structure was found to be unambiguous.
pub struct Archive<S> {
    source: S,
    entries: Vec<Entry>,
}

/// One entry, as the directory and the header in front of it agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    name: Vec<u8>,
    method: u16,
    crc: u32,
    /// Bytes in the archive.
    packed: u32,
    /// Bytes once unpacked, as the archive says.
    size: u32,
    /// Where its bytes begin.
    data: u64,
    fault: Option<EntryFault>,
}

/// Why an archive cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    /// Two unpackers could see different things in it.
    #[error("at byte {at}: {what}")]
    Structure {
        /// Where.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Larger than the archives that are read.
    #[error(transparent)]
    Budget(#[from] OverBudget),
    /// The bytes could not be had.
    #[error(transparent)]
    Source(#[from] io::Error),
}

/// Why one entry cannot be read; the others can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// It wants a password.
    #[error("the entry is encrypted")]
    Encrypted,
    /// Compressed in a way that is not read.
    #[error("compression method {0}; stored (0) and deflated (8) are read")]
    Method(u16),
    /// Its name leads out of the folder that it is unpacked into.
    #[error("the entry's name is absolute, has `..` in it, or is no file's name")]
    Name,
    /// A link or a device.
    #[error("the entry is a link or a device, not a file")]
    NoFile,
    /// Another entry has the same name, perhaps in another encoding, case or slash: unpackers keep
    /// one or the other.
    #[error("several entries have this name")]
    Repeated,
    /// An extra field (0x7075) has another name than the header: unpackers show the entry under one
    /// or the other. So it is when the extra fields cannot be read.
    #[error("the entry has a second name that differs, or extra fields that cannot be read")]
    Renamed,
    /// Larger than the files that are read.
    #[error("the entry unpacks to {0} bytes")]
    TooLarge(u32),
    /// An archive inside of the archive.
    #[error("the entry is an archive itself; archives inside of archives are not opened")]
    Nested,
    /// Its bytes are not what the directory says.
    #[error("{0}")]
    Damaged(&'static str),
}

/// Whether bytes begin as an archive does.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL) || bytes.starts_with(END)
}

impl<S: Source> Archive<S> {
    /// Reads the directory and every header, and nothing of the entries themselves.
    pub fn open(source: S, budget: &mut Budget) -> Result<Self, ZipError> {
        let entries = directory::read(&source, budget)?;
        Ok(Self { source, entries })
    }

    /// The entries that are files, in the order in which they lie in the file. Folders are no entries of ours.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Unpacks one entry. It never takes more memory than the entry says that it needs.
    pub fn read(&self, entry: &Entry) -> Result<Result<Vec<u8>, EntryFault>, ZipError> {
        match entry.fault {
            Some(fault) => Ok(Err(fault)),
            None => Ok(inflate::unpack(&self.source, entry)?),
        }
    }
}

impl Entry {
    /// The name for people: UTF-8, or GB 18030 as Chinese Windows writes it, or with the bytes that
    /// are neither as `\xB6`.
    pub fn name(&self) -> Cow<'_, str> {
        decoded(&self.name)
    }

    /// What is known to be wrong with it before it is unpacked.
    pub fn fault(&self) -> Option<EntryFault> {
        self.fault
    }

    /// Bytes once unpacked, as the archive says.
    pub fn size(&self) -> u32 {
        self.size
    }
}

fn decoded(name: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(name) {
        return Cow::Borrowed(text);
    }
    let (text, faulty) = encoding_rs::GB18030.decode_without_bom_handling(name);
    if faulty { Cow::Owned(name.escape_ascii().to_string()) } else { text }
}

impl<S> std::fmt::Debug for Archive<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Source for Vec<u8> {
    fn length(&self) -> u64 {
        self.as_slice().length()
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(at, buffer)
    }
}

impl Source for &[u8] {
    fn length(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let part = start.checked_add(buffer.len()).and_then(|end| self.get(start..end));
        let part = part.ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(part);
        Ok(())
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn length(&self) -> u64 {
        (**self).length()
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_at(at, buffer)
    }
}

/// Begins the header in front of an entry.
const LOCAL: &[u8] = b"PK\x03\x04";
/// Begins the end of the directory.
const END: &[u8] = b"PK\x05\x06";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

#[cfg(test)]
mod tests;
