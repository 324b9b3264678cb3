//! An entry of an archive, the bytes it is read from, and what can be wrong.

use std::borrow::Cow;
use std::io;

use super::names::decoded;
use crate::base::limits::OverBudget;

/// Bytes that can be read at any offset, by several threads at once.
pub trait Source: Send + Sync {
    /// Number of bytes.
    fn length(&self) -> u64;
    /// Fills the buffer with the bytes from `at` on, or fails.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// One entry, on which directory and local header agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    pub(super) name: Vec<u8>,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Bytes in the archive.
    pub(super) packed: u32,
    /// Unpacked size, as the archive states.
    pub(super) size: u32,
    /// Where its bytes begin.
    pub(super) data: u64,
    pub(super) fault: Option<EntryFault>,
}

/// Why an archive cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    /// Two unpackers could see different things in it.
    #[error("at byte {at}: {what}")]
    Structure {
        /// Offset in the archive.
        at: u64,
        /// The rule that it breaks.
        what: &'static str,
    },
    /// It exceeds the limits for archives.
    #[error(transparent)]
    Budget(#[from] OverBudget),
    /// Reading the source failed.
    #[error(transparent)]
    Source(#[from] io::Error),
}

/// Why one entry cannot be read; the others can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// It needs a password.
    #[error("the entry is encrypted")]
    Encrypted,
    /// Compressed with an unsupported method.
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
    /// or the other. Also given when the extra fields cannot be read.
    #[error("the entry has a second name that differs, or extra fields that cannot be read")]
    Renamed,
    /// It exceeds the limit for files.
    #[error("the entry unpacks to {0} bytes")]
    TooLarge(u32),
    /// An archive inside the archive.
    #[error("the entry is an archive itself; archives inside of archives are not opened")]
    Nested,
    /// Its bytes do not match the directory's size or checksum, or cannot be inflated.
    #[error("{0}")]
    Damaged(&'static str),
}

impl ZipEntry {
    /// The name for display: UTF-8, else GB 18030 as Chinese Windows writes it, else with other
    /// bytes escaped, such as `\xB6`.
    pub fn name(&self) -> Cow<'_, str> {
        decoded(&self.name)
    }

    /// A fault known before it is unpacked.
    pub fn fault(&self) -> Option<EntryFault> {
        self.fault
    }

    /// Unpacked size, as the archive states.
    pub fn size(&self) -> u32 {
        self.size
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

/// Whether bytes begin as an archive does.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL) || bytes.starts_with(END)
}

/// Begins a local header.
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
/// Begins the end record of the directory.
pub(super) const END: &[u8] = b"PK\x05\x06";
pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
