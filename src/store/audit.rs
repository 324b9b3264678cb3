//! Rereads a journal byte for byte, while another thread may append to it.

use std::collections::BTreeMap;
use std::path::Path;

use super::StoreError;
use super::act::Extent;
use super::changes::next_reservation;
use super::documents::{Documents, documents_of};
use super::files::{Files as _, Folder};
use super::journal::{self, Group, MAGIC, Replayed, damage};
use super::replay::check_magic;
use super::window::Window;
use crate::base::digest::Digest;
use crate::format::merkle::Frontier;

/// Totals of an audit so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// Events whose tree had the stored root.
    pub events: u64,
    /// Documents whose digest was verified.
    pub documents: u64,
}

/// Passes the hash of every leaf of the journal in `folder`, in order, once the root of its group
/// is verified. Nothing is changed. A torn end is an error here: a copy must be complete.
pub fn leaves(folder: &Path, on_leaf: &mut dyn FnMut(Digest)) -> Result<(), StoreError> {
    walk(folder, None, &mut |_, _, leaves| {
        leaves.iter().copied().for_each(&mut *on_leaf);
        Ok(())
    })
    .map(drop)
}

/// Reads the segments in `folder` up to `extent`: every checksum, every root, every document's
/// digest. Nothing is changed. `on_group` is called after each group.
pub fn audit(
    folder: &Path,
    extent: &Extent,
    on_group: &mut dyn FnMut(Audited),
) -> Result<Audited, StoreError> {
    let (mut audited, documents) = (Audited::default(), Documents::default());
    let end = (extent.segment, extent.offset);
    let tree = walk(folder, Some(end), &mut |files, group, _| {
        for Replayed { event, place, .. } in &group.events {
            for locator in documents_of(event, place) {
                documents.read(files, &locator)?;
                audited.documents += 1;
            }
        }
        audited.events = group.size;
        on_group(audited);
        Ok(())
    })?;
    if (tree.size(), tree.root().to_hex()) != (extent.size, extent.root.clone()) {
        return Err(damage(extent.segment, 0, "the journal is not the one that the office has"));
    }
    Ok(audited)
}

/// The first number of the next reservation of each range that ever had one. Nothing is changed.
pub fn next_numbers(folder: &Path) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut numbers = BTreeMap::new();
    walk(folder, None, &mut |_, group, _| {
        let next = group.events.iter().filter_map(|one| next_reservation(&one.event));
        numbers.extend(next.map(|(range, next)| (range.to_owned(), next)));
        Ok(())
    })?;
    Ok(numbers)
}

/// Called with each group, and with the hashes of its leaves.
type Each<'a> = &'a mut dyn FnMut(&Folder, &Group, &[Digest]) -> Result<(), StoreError>;

/// Reads the groups up to `end`, a segment and an offset, or all: every checksum and every root.
fn walk(folder: &Path, end: Option<(u32, u64)>, each: Each<'_>) -> Result<Frontier, StoreError> {
    let files = Folder::new(folder.to_owned());
    let mut tree = Frontier::default();
    for number in files.segments()? {
        let mut window = match end {
            Some((last, _)) if number > last => break,
            // The bytes after it are being written.
            Some((last, offset)) if number == last => Window::open(&files, number)?.until(offset),
            _ => Window::open(&files, number)?,
        };
        check_magic(&files, number)?;
        let mut at = MAGIC.len() as u64;
        while at < window.length() {
            let unread = || damage(number, at, "what was written here cannot be read");
            let group = journal::group(&mut window, at)?.ok_or_else(unread)?;
            let leaves: Vec<_> = group.events.iter().map(|replayed| replayed.leaf).collect();
            for leaf in &leaves {
                tree.push(*leaf);
            }
            if (tree.size(), tree.root()) != (group.size, group.root) {
                return Err(damage(number, at, "the tree does not have the root that was written"));
            }
            each(&files, &group, &leaves)?;
            at = group.end;
        }
    }
    Ok(tree)
}
