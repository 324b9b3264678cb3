//! Reading a journal again, byte for byte, while others may write behind it.

use std::path::Path;

use super::act::Extent;
use super::engine::check_magic;
use super::files::{Files as _, Folder};
use super::journal::{self, MAGIC, damage};
use super::{StoreError, lookup};
use crate::format::merkle::Frontier;

/// What an audit has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// Events, each in a tree with the root that was written.
    pub events: u64,
    /// Documents, each with its digest.
    pub documents: u64,
}

/// Reads the segments in `folder` up to `extent`: every checksum, every root, every document's digest.
/// Nothing is changed. `seen` is told after each group.
pub fn audit(
    folder: &Path,
    extent: &Extent,
    seen: &mut dyn FnMut(Audited),
) -> Result<Audited, StoreError> {
    let files = Folder::new(folder.to_owned());
    let (mut tree, mut audited) = (Frontier::default(), Audited::default());
    let ours = files.segments()?.into_iter().filter(|number| *number <= extent.segment);
    for number in ours {
        let mut bytes = files.read(number)?;
        if number == extent.segment {
            // What is behind it is being written.
            bytes.truncate(usize::try_from(extent.offset).unwrap_or(usize::MAX));
        }
        check_magic(number, &bytes)?;
        let mut at = MAGIC.len();
        while at < bytes.len() {
            let unread = || damage(number, at, "what was written here cannot be read");
            let group = journal::group(number, &bytes, at)?.ok_or_else(unread)?;
            for replayed in &group.events {
                tree.push(journal::leaf(&replayed.event).hash());
                for locator in &replayed.documents {
                    lookup::document(&files, locator)?;
                    audited.documents += 1;
                }
            }
            if (tree.size(), tree.root()) != (group.size, group.root) {
                return Err(damage(number, at, "the tree does not have the root that was written"));
            }
            audited.events = tree.size();
            seen(audited);
            at = group.end;
        }
    }
    if (tree.size(), tree.root().to_hex()) != (extent.size, extent.root.clone()) {
        return Err(damage(extent.segment, 0, "the journal is not the one that the office has"));
    }
    Ok(audited)
}
