//! Replay of the journal: the index is brought up to date, every root that is passed is checked, and
//! a torn end is cut. It begins with the last group that the index has, or with the first one when
//! the index has none.
//!
//! Bytes that can be read need not be on the disk. Groups are synced one after the other and a
//! segment is created after a synced group, so only the last group can be unsynced. It is rewritten
//! and synced before anything of it is indexed, so that answers and signatures that depend on it
//! survive a power cut.

use super::StoreError;
use super::files::Files;
use super::index::{Batch, Index};
use super::journal::{self, FIRST_MAGIC, Group, MAGIC, damage};
use super::projection::{Position, Projection};
use super::status_lists::StatusPages;
use super::tiles::Tree;
use super::window::Window;
use crate::base::digest::Digest;

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
    pub(super) projection: Projection,
    /// Segment and offset after the last complete group; segment 0 when there is none.
    pub(super) end: (u32, u64),
    /// Whether that segment is of a version that is not written any more.
    pub(super) is_of_first_version: bool,
    pub(super) replay: Replay,
}

/// Reads what the index lacks. Checks whether the tree passes through `mark`.
pub(super) fn read(
    files: &mut dyn Files,
    index: &dyn Index,
    mark: Option<(u64, Digest)>,
) -> Result<Read, StoreError> {
    if index.get(FORM)?.as_deref() != Some(&[INDEX_FORM]) {
        // Built by an older program, or not built yet.
        index.clear()?;
        index.apply(Batch::from_iter([(FORM.to_vec(), vec![INDEX_FORM])]))?;
    }
    let mut reader = Reader::new(index, mark);
    let Some(position) = Position::of(index)? else { return reader.read(files, None) };
    if let Some(end) = end_of_last_group(files, &position)? {
        if let Some((size, root)) = mark.filter(|(size, _)| *size <= position.size) {
            reader.replay.passed = Tree::root_of(index, size)? == root;
        }
        reader.projection = Projection::load(index, &position)?;
        return reader.read(files, Some((&position, end)));
    }
    // Something else is in the place of the last group that the index has: to say what, everything
    // is read.
    reader.known = Some(position.head()?);
    reader.read(files, None)?;
    Err(StoreError::OtherJournal)
}

/// The offset after the last group that the index has, when it is in its place.
fn end_of_last_group(files: &dyn Files, position: &Position) -> Result<Option<u64>, StoreError> {
    if !files.segments()?.contains(&position.segment) {
        return Ok(None);
    }
    check_magic(files, position.segment)?;
    let mut window = Window::open(files, position.segment)?;
    // One that cannot be read is named by the reading of everything.
    let group = journal::group(&mut window, position.group).ok().flatten();
    let head = position.head()?;
    Ok(group.filter(|group| (group.size, group.root) == head).map(|group| group.end))
}

struct Reader<'a> {
    index: &'a dyn Index,
    /// Size and root of the index. Set when the journal is read only to say why it is not that of
    /// the index, which is not changed then.
    known: Option<(u64, Digest)>,
    mark: Option<(u64, Digest)>,
    projection: Projection,
    replay: Replay,
}

impl<'a> Reader<'a> {
    fn new(index: &'a dyn Index, mark: Option<(u64, Digest)>) -> Self {
        let projection = Projection::default();
        let passed = mark.is_none_or(|mark| mark == projection.head());
        let replay = Replay { passed, ..Replay::default() };
        Self { index, known: None, mark, projection, replay }
    }

    /// Reads what follows a group, given with the offset after it, or everything.
    fn read(
        mut self,
        files: &mut dyn Files,
        from: Option<(&Position, u64)>,
    ) -> Result<Read, StoreError> {
        let segments = files.segments()?;
        let (last, mut end) = (segments.last().copied(), (0, 0));
        for number in segments {
            let range = match from {
                Some((position, _)) if number < position.segment => continue,
                Some((position, end)) if number == position.segment => (position.group, end),
                _ => (0, MAGIC.len() as u64),
            };
            end = (number, self.segment(files, number, range, Some(number) == last)?);
        }
        if self.known.is_some_and(|(size, _)| size > self.projection.head().0) {
            return Err(damage(end.0, end.1, "events that were acknowledged are missing"));
        }
        let is_of_first_version =
            end.0 != 0 && files.read_at(end.0, 0, MAGIC.len())? == FIRST_MAGIC;
        let Self { projection, replay, .. } = self;
        Ok(Read { projection, end, is_of_first_version, replay })
    }

    /// Reads the groups of a segment that follow one of which begin and end are given; returns the
    /// offset after the last one.
    fn segment(
        &mut self,
        files: &mut dyn Files,
        number: u32,
        (mut last, mut at): (u64, u64),
        is_last: bool,
    ) -> Result<u64, StoreError> {
        if files.length(number)? < MAGIC.len() as u64 && is_last {
            // Created, but nothing in it was ever acknowledged.
            files.rewrite(number, 0, MAGIC)?;
            return Ok(MAGIC.len() as u64);
        }
        let mut unindexed = Batch::default();
        check_magic(files, number)?;
        let mut window = Window::open(files, number)?;
        while let Some(group) = journal::group(&mut window, at)? {
            self.index.apply(std::mem::take(&mut unindexed))?;
            (last, at) = (at, group.end);
            unindexed = self.group((number, last), group)?;
        }
        let cut = window.length().saturating_sub(at);
        if cut > 0 {
            let known = self.known.unwrap_or_else(|| self.projection.head()).0;
            let torn = is_last && self.projection.head().0 >= known;
            if !torn || is_behind_an_end(&mut window, at, known)? {
                return Err(damage(number, at, "what was written here cannot be read"));
            }
            tracing::warn!(segment = number, byte = at, cut, "the end of a torn write was cut off");
            self.replay.cut = cut;
            files.truncate(number, at)?;
        }
        if is_last {
            let length = usize::try_from(at.saturating_sub(last)).unwrap_or(usize::MAX);
            let group = files.read_at(number, last, length)?;
            files.rewrite(number, last, &group)?;
        }
        self.index.apply(unindexed)?;
        Ok(at)
    }

    /// Checks and applies a group; returns its changes of the index.
    fn group(&mut self, place: (u32, u64), group: Group) -> Result<Batch, StoreError> {
        let (first, _) = self.projection.head();
        let (mut batch, mut pages) = (Batch::default(), StatusPages::default());
        for replayed in &group.events {
            self.projection.apply(replayed, &mut pages, &mut batch)?;
        }
        let head @ (size, root) = self.projection.head();
        if head != (group.size, group.root) {
            let what = "the tree does not have the root that was written";
            return Err(damage(place.0, place.1, what));
        }
        self.replay.passed |= self.mark == Some(head);
        if let Some((known, known_root)) = self.known {
            if first < known && known <= size && known_root != root {
                return Err(StoreError::OtherJournal);
            }
            return Ok(Batch::default());
        }
        self.projection.complete(place, pages, self.index, &mut batch)?;
        self.replay.events += size - first;
        Ok(batch)
    }
}

/// Whether the bytes from `at` on are more than one torn write: a group that ends before the last
/// byte was synced before the next began, and events in the index were acknowledged.
fn is_behind_an_end(window: &mut Window<'_>, at: u64, known: u64) -> Result<bool, StoreError> {
    let length = window.length();
    let next = journal::next_end(window, at)?;
    Ok(next.is_some_and(|(size, end)| end < length || size <= known))
}

pub(super) fn check_magic(files: &dyn Files, segment: u32) -> Result<(), StoreError> {
    let is_begun = files.length(segment)? >= MAGIC.len() as u64;
    let start = if is_begun { files.read_at(segment, 0, MAGIC.len())? } else { Vec::new() };
    match start.as_slice() {
        magic if magic == MAGIC || magic == FIRST_MAGIC => Ok(()),
        [b'Y', b'Z', b'J', newer] if newer.is_ascii_digit() => {
            Err(StoreError::Newer(u32::from(newer - b'0')))
        }
        _ => Err(damage(segment, 0, "it does not begin as a journal")),
    }
}

/// Version of the index format.
const FORM: &[u8] = b"form";
/// Raised whenever the index gains content, so that it is rebuilt from the journal.
const INDEX_FORM: u8 = 8;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use super::super::act::{Collection, EventKind, Record, Transaction};
    use super::super::delta::Bases;
    use super::super::engine::Writer;
    use super::super::files::Segments;
    use super::super::index::{Entries, InMemory};
    use super::super::prepared::Prepared;
    use super::*;
    use crate::base::actor::Actor;
    use crate::base::time::Timestamp;

    /// An index of a process that is killed after so many changes.
    #[derive(Default)]
    struct Killed {
        index: Arc<InMemory>,
        left: AtomicUsize,
    }

    impl Index for Killed {
        fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            self.index.get(key)
        }
        fn apply(&self, batch: Batch) -> Result<(), StoreError> {
            for change in batch {
                if self.left.load(Ordering::Relaxed) == 0 {
                    return Err(StoreError::Closed);
                }
                self.left.fetch_sub(1, Ordering::Relaxed);
                self.index.apply(Batch::of(change))?;
            }
            Ok(())
        }
        fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Entries, StoreError> {
            self.index.scan(prefix, after, limit)
        }
        fn clear(&self) -> Result<(), StoreError> {
            self.index.clear()
        }
    }

    fn at() -> Timestamp {
        Timestamp::EPOCH
    }

    fn act(kind: EventKind, number: u8) -> Transaction {
        Transaction::new(kind, Actor::System, at(), [number; 16])
    }

    /// A licence that uses a reserved number and two entries of a list.
    fn issue(number: u8) -> Transaction {
        let id = format!("licence-{number}");
        let list = u32::from(number / 4) + 1;
        Transaction {
            number: Some(("kind".to_owned(), number.to_string())),
            drawn: vec![("number/kind".to_owned(), u64::from(number))],
            status: vec![(list, u32::from(number), 0), (list, 300 + u32::from(number), 0)],
            marks: vec![("holder".to_owned(), id.clone())],
            licence: Some((id, format!("{{\"number\":{number}}}"))),
            documents: vec![(super::super::act::DocumentKind::SealedPdf, vec![number; 9])],
            ..act(EventKind::Issued, number)
        }
    }

    fn revoke(number: u8, bits: u8) -> Transaction {
        let issued = issue(number);
        Transaction {
            licence: issued.licence.map(|(id, record)| (id, record.replace('}', ",\"off\":1}"))),
            status: issued.status.into_iter().map(|(list, entry, _)| (list, entry, bits)).collect(),
            ..act(EventKind::StatusChanged, number)
        }
    }

    fn entry(revision: u64) -> Transaction {
        let entry = Record::new(Collection::Grant, "1".to_owned(), revision, &revision).unwrap();
        Transaction { entries: vec![entry], ..act(EventKind::Registered, 0) }
    }

    /// Writes everything in groups of several events, as far as the index lets it.
    fn write(files: &Segments, index: &dyn Index) -> Result<(), StoreError> {
        let (mut writer, _) = Writer::open(files.clone(), index, None)?;
        let all = |results: Vec<Result<(), StoreError>>| results.into_iter().collect();
        let commit = |writer: &mut Writer<Segments>, acts: Vec<Transaction>| -> Result<(), _> {
            let bases = writer.bases();
            let prepared = acts.into_iter().map(|act| Prepared::new(act, &bases).unwrap());
            all(writer.commit(prepared.collect(), index))
        };
        writer.reserve("number/kind", 6, at(), index)?;
        commit(&mut writer, (1..4).map(issue).collect())?;
        commit(&mut writer, vec![revoke(2, 1), issue(4), entry(1)])?;
        let left = super::super::Reservation { next: 5, end: 7 };
        writer.give_back("number/kind", left, at(), index)?;
        writer.reserve("number/kind", 3, at(), index)?;
        commit(&mut writer, vec![revoke(3, 2), issue(6), entry(2)])?;
        commit(&mut writer, vec![revoke(3 + 1, 1), issue(5)])
    }

    fn content(index: &dyn Index) -> Entries {
        index.scan(b"", b"", usize::MAX).unwrap()
    }

    #[test]
    fn an_index_that_was_left_between_two_changes_becomes_the_same_as_one_made_anew() {
        let reached = (0..10_000).find(|left| {
            let files = Segments::default();
            let killed = Killed { left: AtomicUsize::new(*left), ..Killed::default() };
            let written = write(&files, &killed);
            let whole = InMemory::default();
            let (anew, _) = Writer::open(files.clone(), &whole, None).unwrap();
            let (writer, _) = Writer::open(files, &*killed.index, None).unwrap();
            assert_eq!(content(&*killed.index), content(&whole), "after {left} changes");
            assert_eq!(writer.head(), anew.head());
            written.is_ok()
        });
        assert!(reached > Some(80), "{reached:?}");
    }

    /// Segments that count what is read of them.
    #[derive(Clone, Default)]
    struct Counted(Segments, Arc<Mutex<usize>>);

    impl Files for Counted {
        fn segments(&self) -> std::io::Result<Vec<u32>> {
            self.0.segments()
        }
        fn length(&self, segment: u32) -> std::io::Result<u64> {
            self.0.length(segment)
        }
        fn read_at(&self, segment: u32, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
            *self.1.lock().unwrap() += length;
            self.0.read_at(segment, offset, length)
        }
        fn create(&mut self, segment: u32) -> std::io::Result<()> {
            self.0.create(segment)
        }
        fn append(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
            self.0.append(segment, offset, bytes)
        }
        fn sync(&mut self, segment: u32) -> std::io::Result<()> {
            self.0.sync(segment)
        }
        fn truncate(&mut self, segment: u32, length: u64) -> std::io::Result<()> {
            self.0.truncate(segment, length)
        }
        fn rewrite(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
            self.0.rewrite(segment, offset, bytes)
        }
    }

    #[test]
    fn a_start_reads_the_same_whatever_the_size() {
        let (files, index) = (Counted::default(), InMemory::default());
        let mut read_by = Vec::new();
        for round in 1..=20 {
            let (mut writer, replay) = Writer::open(files.clone(), &index, None).unwrap();
            read_by.push(std::mem::take(&mut *files.1.lock().unwrap()));
            assert_eq!((replay.events, replay.cut), (0, 0));
            for revision in 50 * (round - 1)..50 * round {
                let act = Prepared::new(entry(revision + 1), &Bases::default()).unwrap();
                let done = writer.commit(vec![act], &index);
                done.into_iter().collect::<Result<(), _>>().unwrap();
            }
        }
        let last = read_by.last().copied().unwrap();
        assert!(last < 2_000 && files.length(1).unwrap() > 100 * last as u64, "{read_by:?}");
    }
}
