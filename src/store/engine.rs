//! Journal and index together: replay, commit, look-ups. Used by every kind of store.

use std::collections::BTreeSet;

use super::act::{Act, Event, EventKind, Form, Reservation};
use super::changes::{claim, index_event};
use super::files::Files;
use super::index::{Batch, Index};
use super::journal::{self, GroupWriter, MAGIC};
use super::lookup::key;
use super::ranges::OpenNumbers;
use super::tiles::Tree;
use super::{StoreError, journal::damage};
use crate::base::actor::Actor;
use crate::base::digest::{Digest, hex};
use crate::base::time::Timestamp;

/// The writing side; owned by whoever may append.
pub(super) struct Writer<F: Files> {
    pub(super) files: F,
    segment: u32,
    end: u64,
    tree: Tree,
    /// Numbers that a process set aside which is gone: nobody will use them. The next group says so.
    dead: OpenNumbers,
    last_event: Option<Timestamp>,
    status_changes: u64,
    broken: bool,
}

/// An event and its documents.
type Written = (Event, Vec<Vec<u8>>);

/// What a replay found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Replay {
    pub(super) events: u64,
    pub(super) cut: u64,
    /// Whether the tree once had the size and root that were asked for.
    pub(super) passed: bool,
}

impl<F: Files> Writer<F> {
    /// Reads the whole journal, checks every group's root, brings the index up to date and cuts
    /// a torn tail. Looks whether the tree comes by `mark`.
    pub(super) fn open(
        mut files: F,
        index: &dyn Index,
        mark: Option<(u64, Digest)>,
    ) -> Result<(Self, Replay), StoreError> {
        let segments = files.segments()?;
        if index.get(FORM)?.as_deref() != Some(&[INDEX_FORM]) {
            // Made by an older program, or not made yet.
            index.clear()?;
            index.apply(vec![(FORM.to_vec(), vec![INDEX_FORM])])?;
        }
        let (known, known_root) = position(index)?;
        let (mut tree, mut last_event, mut replay) = (Tree::default(), None, Replay::default());
        let mut dead = OpenNumbers::default();
        replay.passed = mark.is_none_or(|mark| mark == (tree.size(), tree.root()));
        let (mut segment, mut end) = (0, 0);
        let last = segments.last().copied();
        for number in segments {
            let bytes = files.read(number)?;
            if bytes.len() < MAGIC.len() && Some(number) == last {
                // Made, but nothing was ever acknowledged in it.
                files.append(number, 0, MAGIC)?;
                files.sync(number)?;
                (segment, end) = (number, MAGIC.len());
                continue;
            }
            check_magic(number, &bytes)?;
            let mut at = MAGIC.len();
            while let Some(mut group) = journal::group(number, &bytes, at)? {
                let first = tree.size();
                let mut batch = Batch::new();
                let events = group.events.iter_mut();
                let leaves: Vec<_> =
                    events.map(|replayed| journal::leaf(&mut replayed.event)).collect();
                for (replayed, leaf) in group.events.iter().zip(&leaves) {
                    tree.push(leaf.hash(), &mut batch);
                    last_event = Some(replayed.event.at);
                    dead.replay(&replayed.event);
                }
                if (tree.size(), tree.root()) != (group.size, group.root) {
                    return Err(damage(
                        number,
                        at,
                        "the tree does not have the root that was written",
                    ));
                }
                replay.passed |= mark == Some((group.size, group.root));
                if first < known && known <= tree.size() && known_root != Some(group.root) {
                    let message = "it is the index of another journal";
                    return Err(StoreError::Index(message.to_owned()));
                }
                tree.flush(&mut batch);
                if tree.size() > known {
                    let events = group.events.iter().zip(&leaves);
                    for (number, (replayed, leaf)) in (first..).zip(events) {
                        index_event(number, replayed, leaf, &mut batch);
                    }
                    batch.push(position_of(&tree));
                    index.apply(batch)?;
                    replay.events += u64::try_from(group.events.len()).unwrap_or(0);
                }
                at = group.end;
            }
            if at < bytes.len() {
                let torn = Some(number) == last && tree.size() >= known;
                if !torn || is_behind_an_end(&bytes, at, known) {
                    return Err(damage(number, at, "what was written here cannot be read"));
                }
                replay.cut = u64::try_from(bytes.len() - at).unwrap_or(0);
                files.truncate(number, u64::try_from(at).unwrap_or(0))?;
            }
            (segment, end) = (number, at);
        }
        if known > tree.size() {
            return Err(damage(segment, end, "events that were acknowledged are missing"));
        }
        if segment == 0 {
            files.create(1)?;
            files.append(1, 0, MAGIC)?;
            files.sync(1)?;
            (segment, end) = (1, MAGIC.len());
        }
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        Ok((
            Self { files, segment, end, tree, dead, last_event, status_changes: 0, broken: false },
            replay,
        ))
    }

    pub(super) fn head(&self) -> (u64, Digest) {
        (self.tree.size(), self.tree.root())
    }

    /// Segment and offset behind the last group that is durable.
    pub(super) fn durable_end(&self) -> (u32, u64) {
        (self.segment, self.end)
    }

    pub(super) fn last_event(&self) -> Option<Timestamp> {
        self.last_event
    }

    /// How many acts gave status entries other bits than those of a licence in force.
    pub(super) fn status_changes(&self) -> u64 {
        self.status_changes
    }

    /// Whether a write failed, after which nothing is accepted.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes acts as one group with one sync. Each act gets its own answer; an act whose keys are
    /// taken is left out and the others go on.
    pub(super) fn commit(
        &mut self,
        acts: Vec<Act>,
        index: &dyn Index,
    ) -> Vec<Result<(), StoreError>> {
        let mut taken = BTreeSet::new();
        let mut answers = Vec::with_capacity(acts.len());
        let mut events = Vec::new();
        for act in acts {
            let answer =
                if self.broken { Err(StoreError::Closed) } else { claim(&act, index, &mut taken) };
            if answer.is_ok() {
                events.push(event_of(act));
            }
            answers.push(answer);
        }
        if let Err(error) = self.write(events, index) {
            self.broken = true;
            let mut first = Some(error);
            for answer in answers.iter_mut().filter(|answer| answer.is_ok()) {
                *answer = Err(first.take().unwrap_or(StoreError::Closed));
            }
        }
        answers
    }

    fn write(&mut self, events: Vec<Written>, index: &dyn Index) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        self.rotate()?;
        let mut group = GroupWriter::new(self.segment, self.end);
        let mut tree = self.tree.clone();
        let mut batch = Batch::new();
        let (mut last, mut changes) = (self.last_event, self.status_changes);
        for (event, documents) in self.voids(&events).into_iter().chain(events) {
            let mut replayed = group.event(event, &documents)?;
            let number = tree.size();
            let leaf = journal::leaf(&mut replayed.event);
            tree.push(leaf.hash(), &mut batch);
            last = Some(replayed.event.at);
            changes +=
                u64::from(replayed.event.status.iter().any(|(_, _, bits)| *bits != IN_FORCE));
            index_event(number, &replayed, &leaf, &mut batch);
        }
        let bytes = group.finish(tree.size(), tree.root())?;
        self.files.append(self.segment, self.end, &bytes)?;
        // Nothing is acknowledged, and nothing can be read, before this returns.
        self.files.sync(self.segment)?;
        self.end += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        tree.flush(&mut batch);
        batch.push(position_of(&tree));
        index.apply(batch)?;
        self.tree = tree;
        self.dead = OpenNumbers::default();
        (self.last_event, self.status_changes) = (last, changes);
        Ok(())
    }

    /// An event for each gap that an earlier process left.
    fn voids(&self, next: &[Written]) -> Vec<Written> {
        let at = next.first().map_or(Timestamp::EPOCH, |(event, _)| event.at);
        let void = |(range, from, end): (&str, u64, u64)| {
            let mut event = plain_event(EventKind::Void, at);
            event.range = Some((range.to_owned(), from, end));
            (event, Vec::new())
        };
        self.dead.intervals().map(void).collect()
    }

    fn rotate(&mut self) -> Result<(), StoreError> {
        if self.end > SEGMENT_BYTES {
            let next = self.segment + 1;
            self.files.create(next)?;
            self.files.append(next, 0, MAGIC)?;
            self.files.sync(next)?;
            (self.segment, self.end) = (next, 4);
        }
        Ok(())
    }

    pub(super) fn reserve(
        &mut self,
        range: &str,
        count: u64,
        at: Timestamp,
        index: &dyn Index,
    ) -> Result<Reservation, StoreError> {
        if self.broken {
            return Err(StoreError::Closed);
        }
        let next = number(index, &key(b'r', &[range.as_bytes()]))?;
        let end = next.saturating_add(count);
        let mut event = plain_event(EventKind::Reserved, at);
        event.range = Some((range.to_owned(), next, end));
        self.write_one(event, index)?;
        Ok(Reservation { next, end })
    }

    /// Takes back what is left of a reservation, when it was the range's last.
    pub(super) fn give_back(
        &mut self,
        range: &str,
        left: Reservation,
        at: Timestamp,
        index: &dyn Index,
    ) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Closed);
        }
        let is_last = number(index, &key(b'r', &[range.as_bytes()]))? == left.end;
        if !is_last || left.next >= left.end {
            return Ok(());
        }
        let mut event = plain_event(EventKind::Returned, at);
        event.range = Some((range.to_owned(), left.next, left.end));
        self.write_one(event, index)
    }

    fn write_one(&mut self, event: Event, index: &dyn Index) -> Result<(), StoreError> {
        let written = self.write(vec![(event, Vec::new())], index);
        self.broken |= written.is_err();
        written
    }
}

/// Whether the bytes from `at` on are more than one torn write: a group that ends before the last
/// byte was synced before the next began, and what the index knows was acknowledged.
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

fn position_of(tree: &Tree) -> (Vec<u8>, Vec<u8>) {
    (POSITION.to_vec(), [&tree.size().to_le_bytes()[..], tree.root().as_bytes()].concat())
}

/// How many events the index has, and the root over them; none at the beginning.
fn position(index: &dyn Index) -> Result<(u64, Option<Digest>), StoreError> {
    let Some(bytes) = index.get(POSITION)? else { return Ok((0, None)) };
    let read = bytes.split_first_chunk::<8>().and_then(|(size, root)| {
        Some((u64::from_le_bytes(*size), Some(Digest::from_bytes(root.try_into().ok()?))))
    });
    read.ok_or_else(|| StoreError::Index("its position cannot be read".to_owned()))
}

fn number(index: &dyn Index, key: &[u8]) -> Result<u64, StoreError> {
    let bytes = index.get(key)?.and_then(|bytes| bytes.try_into().ok());
    Ok(bytes.map_or(1, u64::from_le_bytes))
}

fn event_of(act: Act) -> Written {
    let mut event = plain_event(act.event, act.at);
    if act.event == EventKind::Accessed {
        event.form = Form::Lines;
    }
    event.actor = act.actor;
    event.blind = hex(&act.blind);
    if let Some((id, record)) = act.licence {
        event.id = Some(id);
        event.record = Some(String::from_utf8_lossy(&record).into_owned());
    }
    event.code = act.code.map(Digest::to_hex);
    event.number = act.number;
    event.idempotency = act.idempotency.map(|(scope, key, digest)| (scope, key, digest.to_hex()));
    (event.status, event.entries, event.note) = (act.status, act.entries, act.note);
    (event.about, event.marks) = (act.about, act.marks);
    (event.drawn, event.definition, event.epoch) = (act.drawn, act.definition, act.epoch);
    let mut documents = Vec::with_capacity(act.documents.len());
    for (kind, bytes) in act.documents {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        event.documents.push((kind, length, Digest::of(&[&bytes]).to_hex()));
        documents.push(bytes);
    }
    (event, documents)
}

fn plain_event(kind: EventKind, at: Timestamp) -> Event {
    Event {
        form: Form::All,
        kind,
        actor: Actor::System,
        at,
        id: None,
        record: None,
        documents: Vec::new(),
        code: None,
        number: None,
        idempotency: None,
        status: Vec::new(),
        range: None,
        drawn: Vec::new(),
        definition: None,
        epoch: None,
        entries: Vec::new(),
        note: None,
        about: Vec::new(),
        marks: Vec::new(),
        blind: String::new(),
    }
}

/// The bits of a licence in force.
const IN_FORCE: u8 = 0;
/// Which form of the index this is.
const FORM: &[u8] = b"form";
/// Raised whenever the index holds more than before, so that it is made anew from the journal.
const INDEX_FORM: u8 = 6;
/// How many events the index has, and the root over them.
const POSITION: &[u8] = b"position";
/// A segment is closed when it has grown beyond this.
const SEGMENT_BYTES: u64 = 256 << 20;
