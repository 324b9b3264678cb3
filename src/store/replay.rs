//! Replay of the journal from its beginning: every root is checked, the index is brought up to
//! date, and a torn end is cut.
//!
//! Bytes that can be read need not be on the disk. Groups are synced one after the other and a
//! segment is created after a synced group, so only the last group can be unsynced. It is rewritten
//! and synced before anything of it is indexed, so that answers and signatures that depend on it
//! survive a power cut.

use super::StoreError;
use super::changes::index_event;
use super::files::Files;
use super::index::{Batch, Index};
use super::journal::{self, Group, MAGIC, damage};
use super::ranges::OpenNumbers;
use super::tiles::Tree;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// The result of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Replay {
    /// Events that the index lacked.
    pub(super) events: u64,
    /// Bytes of a torn write that were cut off.
    pub(super) cut: u64,
    /// Whether the tree once had the given size and root.
    pub(super) passed: bool,
}

/// What a writer needs to continue.
pub(super) struct Read {
    pub(super) tree: Tree,
    pub(super) dead: OpenNumbers,
    pub(super) last_event: Option<Timestamp>,
    /// Segment and offset after the last complete group; segment 0 when there is none.
    pub(super) end: (u32, usize),
    pub(super) replay: Replay,
}

/// Reads the whole journal. Checks whether the tree passes through `mark`.
pub(super) fn read(
    files: &mut dyn Files,
    index: &dyn Index,
    mark: Option<(u64, Digest)>,
) -> Result<Read, StoreError> {
    let segments = files.segments()?;
    if index.get(FORM)?.as_deref() != Some(&[INDEX_FORM]) {
        // Built by an older program, or not built yet.
        index.clear()?;
        index.apply(vec![(FORM.to_vec(), vec![INDEX_FORM])])?;
    }
    let mut reader = Reader::new(index, mark)?;
    let last = segments.last().copied();
    for number in segments {
        reader.segment(files, number, Some(number) == last)?;
    }
    let (segment, end) = reader.read.end;
    if reader.known > reader.read.tree.size() {
        return Err(damage(segment, end, "events that were acknowledged are missing"));
    }
    Ok(reader.read)
}

struct Reader<'a> {
    index: &'a dyn Index,
    /// How many events the index has, and the root over them.
    known: u64,
    known_root: Option<Digest>,
    mark: Option<(u64, Digest)>,
    read: Read,
}

impl<'a> Reader<'a> {
    fn new(index: &'a dyn Index, mark: Option<(u64, Digest)>) -> Result<Self, StoreError> {
        let (known, known_root) = position(index)?;
        let tree = Tree::default();
        let passed = mark.is_none_or(|mark| mark == (tree.size(), tree.root()));
        let replay = Replay { passed, ..Replay::default() };
        let dead = OpenNumbers::default();
        let read = Read { tree, dead, last_event: None, end: (0, 0), replay };
        Ok(Self { index, known, known_root, mark, read })
    }

    fn segment(
        &mut self,
        files: &mut dyn Files,
        number: u32,
        is_last: bool,
    ) -> Result<(), StoreError> {
        let bytes = files.read(number)?;
        if bytes.len() < MAGIC.len() && is_last {
            // Created, but nothing in it was ever acknowledged.
            files.rewrite(number, 0, MAGIC)?;
            self.read.end = (number, MAGIC.len());
            return Ok(());
        }
        check_magic(number, &bytes)?;
        // Start of the last complete group, or of the segment when it has none.
        let (mut last, mut at) = (0, MAGIC.len());
        let mut unindexed = Batch::new();
        while let Some(group) = journal::group(number, &bytes, at)? {
            self.index.apply(std::mem::take(&mut unindexed))?;
            (last, at) = (at, group.end);
            unindexed = self.group((number, last), group)?;
        }
        if at < bytes.len() {
            let torn = is_last && self.read.tree.size() >= self.known;
            if !torn || is_behind_an_end(&bytes, at, self.known) {
                return Err(damage(number, at, "what was written here cannot be read"));
            }
            let cut = bytes.len() - at;
            tracing::warn!(segment = number, byte = at, cut, "the end of a torn write was cut off");
            self.read.replay.cut = u64::try_from(cut).unwrap_or(0);
            files.truncate(number, u64::try_from(at).unwrap_or(0))?;
        }
        if is_last {
            let group = bytes.get(last..at).unwrap_or_default();
            files.rewrite(number, u64::try_from(last).unwrap_or(u64::MAX), group)?;
        }
        self.index.apply(unindexed)?;
        self.read.end = (number, at);
        Ok(())
    }

    /// Checks a group; returns its part that the index lacks.
    fn group(&mut self, (number, at): (u32, usize), mut group: Group) -> Result<Batch, StoreError> {
        let Self { known, known_root, mark, read, .. } = self;
        let first = read.tree.size();
        let mut batch = Batch::new();
        let events = group.events.iter_mut();
        let leaves = events.map(|event| journal::leaf(&mut event.event));
        let leaves: Vec<_> = leaves.collect::<Result<_, _>>()?;
        for (replayed, leaf) in group.events.iter().zip(&leaves) {
            read.tree.push(leaf.hash(), &mut batch);
            read.last_event = Some(replayed.event.at);
            read.dead.replay(&replayed.event);
        }
        let size = read.tree.size();
        if (size, read.tree.root()) != (group.size, group.root) {
            return Err(damage(number, at, "the tree does not have the root that was written"));
        }
        read.replay.passed |= *mark == Some((group.size, group.root));
        if first < *known && *known <= size && *known_root != Some(group.root) {
            return Err(StoreError::OtherJournal);
        }
        read.tree.flush(&mut batch);
        if size <= *known {
            return Ok(Batch::new());
        }
        for (number, (replayed, leaf)) in (first..).zip(group.events.iter().zip(&leaves)) {
            index_event(number, replayed, leaf, &mut batch)?;
        }
        batch.push(position_of(&read.tree));
        read.replay.events += size - first;
        Ok(batch)
    }
}

/// Whether the bytes from `at` on are more than one torn write: a group that ends before the last
/// byte was synced before the next began, and events in the index were acknowledged.
fn is_behind_an_end(bytes: &[u8], at: usize, known: u64) -> bool {
    journal::next_end(bytes, at).is_some_and(|(size, end)| end < bytes.len() || size <= known)
}

pub(super) fn check_magic(segment: u32, bytes: &[u8]) -> Result<(), StoreError> {
    match bytes.first_chunk::<4>() {
        Some(magic) if magic == MAGIC => Ok(()),
        Some([b'Y', b'Z', b'J', newer]) if newer.is_ascii_digit() => {
            Err(StoreError::Newer(u32::from(newer - b'0')))
        }
        _ => Err(damage(segment, 0, "it does not begin as a journal")),
    }
}

/// The entry with the position of the index; it must be the last of a batch.
pub(super) fn position_of(tree: &Tree) -> (Vec<u8>, Vec<u8>) {
    (POSITION.to_vec(), [&tree.size().to_le_bytes()[..], tree.root().as_bytes()].concat())
}

/// How many events the index has, and the root over them; `None` for an empty index.
fn position(index: &dyn Index) -> Result<(u64, Option<Digest>), StoreError> {
    let Some(bytes) = index.get(POSITION)? else { return Ok((0, None)) };
    let read = bytes.split_first_chunk::<8>().and_then(|(size, root)| {
        Some((u64::from_le_bytes(*size), Some(Digest::from_bytes(root.try_into().ok()?))))
    });
    read.ok_or_else(|| StoreError::Index("its position cannot be read".to_owned()))
}

/// Version of the index format.
const FORM: &[u8] = b"form";
/// Raised whenever the index gains content, so that it is rebuilt from the journal.
const INDEX_FORM: u8 = 7;
/// How many events the index has, and the root over them.
const POSITION: &[u8] = b"position";
