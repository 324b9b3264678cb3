//! One thing that is verified: its name, its bytes, the proof that lies beside it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::logs;
use super::words::{self, Reason};
use crate::base::limits::Budget;
use crate::edge::files::{self, FileError, Links};
use crate::format::zip::{Archive, Source};

/// One thing to verify, and what it is called.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) content: InputBytes,
}

#[derive(Debug)]
pub(super) enum InputBytes {
    /// A file, and whether it may be a link: what was found in a directory may not.
    File(PathBuf, Links),
    Bytes(Vec<u8>),
    Entry(Arc<Opened>, usize),
    Nothing(Reason),
}

/// An archive, by several threads at once.
pub(super) type Opened = Archive<Box<dyn Source>>;

impl Input {
    /// What there is nothing of.
    pub(super) fn nothing(name: String, reason: Reason) -> Self {
        Self { name, content: InputBytes::Nothing(reason) }
    }

    /// Its bytes, or why there are none.
    pub(super) fn read(self) -> Result<Vec<u8>, Reason> {
        match self.content {
            InputBytes::Bytes(bytes) => Ok(bytes),
            InputBytes::Nothing(reason) => Err(reason),
            InputBytes::File(path, links) => {
                let most = Budget::default().file_bytes;
                let read = match links {
                    Links::Followed => files::read(&path, most),
                    Links::NotFollowed => files::read_found(&path, most),
                };
                read.map_err(|error| reason(&error))
            }
            InputBytes::Entry(archive, at) => {
                let entry = archive.entries().get(at).ok_or_else(words::gone)?;
                match archive.read(entry) {
                    Ok(Ok(bytes)) => Ok(bytes),
                    Ok(Err(fault)) => Err(words::entry(fault)),
                    Err(error) => Err(words::archive(&error)),
                }
            }
        }
    }

    /// The proof that lies beside it, with its name and another ending. One that cannot be read, or
    /// is no regular file, is none.
    pub(super) fn proof(&self) -> Option<String> {
        let bytes = match &self.content {
            InputBytes::File(path, _) => {
                let name = logs::proof_of(path.file_name()?.to_str()?)?;
                files::read_found(&path.with_file_name(name), Budget::default().note_bytes).ok()?
            }
            InputBytes::Entry(archive, at) => {
                let wanted = logs::proof_of(&archive.entries().get(*at)?.name())?;
                let entry = archive.entries().iter().find(|entry| entry.name() == wanted)?;
                archive.read(entry).ok()?.ok()?
            }
            InputBytes::Bytes(_) | InputBytes::Nothing(_) => return None,
        };
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

pub(super) fn reason(error: &FileError) -> Reason {
    match error {
        FileError::TooLarge { limit, .. } => words::too_large(*limit),
        FileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            words::vanished(source)
        }
        FileError::Io { source, .. } => words::closed(source),
        FileError::NotAFile { .. } => words::no_file(),
        FileError::NoWriter { .. } => words::no_writer(),
        FileError::TooOpen { .. } | FileError::NotText { .. } => {
            words::closed(&io::Error::other(error.to_string()))
        }
    }
}

/// A file that is read at many places.
pub(super) struct OnDisk {
    file: File,
    length: u64,
}

impl OnDisk {
    pub(super) fn new(file: File) -> io::Result<Self> {
        Ok(Self { length: file.metadata()?.len(), file })
    }
}

impl Source for OnDisk {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, at)
    }
}
