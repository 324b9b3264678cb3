//! Copies a journal while it is written: segments only grow, so the state that was durable at one
//! instant can be copied later.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::act::Extent;
use super::files::{self, Files as _, Folder};
use super::memory::Memory;
use super::{Store as _, StoreError};
use crate::base::digest::{Digest, Hasher};

/// What was copied, read back from the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Name, bytes and SHA-256 of each segment.
    pub segments: Vec<(String, u64, Digest)>,
    /// Size and root of the tree over the copied events.
    pub head: (u64, Digest),
}

/// Copies the segments in `from` up to `extent` into `to`, an existing empty folder, and replays
/// the copy. The result describes the copy as read back.
pub fn copy_journal(from: &Path, to: &Path, extent: &Extent) -> Result<Copied, StoreError> {
    let end = (extent.segment, extent.offset);
    let mut segments = Vec::new();
    for segment in Folder::new(from.to_owned()).segments()? {
        if segment > end.0 {
            continue;
        }
        let name = files::name(segment);
        let source = File::open(from.join(&name))?;
        let length = if segment == end.0 { end.1 } else { source.metadata()?.len() };
        let digest = copy(source, length, &to.join(&name))?;
        segments.push((name, length, digest));
    }
    File::open(to)?.sync_all()?;
    let copy = Memory::over(Folder::new(to.to_owned()))?;
    Ok(Copied { segments, head: copy.head() })
}

fn copy(source: File, length: u64, to: &Path) -> io::Result<Digest> {
    let mut target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let (mut source, mut hasher) = (source.take(length), Hasher::default());
    let (mut buffer, mut copied) = (vec![0; 1 << 20], 0);
    loop {
        let count = source.read(&mut buffer)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        target.write_all(part)?;
        copied += u64::try_from(count).unwrap_or(u64::MAX);
    }
    if copied != length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    target.sync_all()?;
    Ok(hasher.finish())
}
