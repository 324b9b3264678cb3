//! Journal and index together: replay, commit, look-ups. Common to every kind of store.

use std::collections::BTreeSet;

use super::StoreError;
use super::act::{Event, EventKind, LeafFormat, Reservation, Transaction};
use super::changes::{claim, index_event};
use super::files::Files;
use super::index::{Batch, Index};
use super::journal::{self, GroupWriter, MAGIC};
use super::lookup::next_number;
use super::ranges::OpenNumbers;
use super::replay::{self, Replay, position_of};
use super::tiles::Tree;
use crate::base::actor::Actor;
use crate::base::digest::{Digest, hex};
use crate::base::time::Timestamp;

/// The writing side; owned by the one thread that may append.
pub(super) struct Writer<F: Files> {
    pub(super) files: F,
    segment: u32,
    end: u64,
    tree: Tree,
    /// Numbers reserved by a process that has ended: they will not be used. The next group records
    /// them as void.
    dead: OpenNumbers,
    last_event: Option<Timestamp>,
    status_changes: u64,
    broken: bool,
}

/// An event and its documents.
type Written = (Event, Vec<Vec<u8>>);

impl<F: Files> Writer<F> {
    /// Reads the whole journal and continues at its end. Checks whether the tree passes through
    /// `mark`.
    pub(super) fn open(
        mut files: F,
        index: &dyn Index,
        mark: Option<(u64, Digest)>,
    ) -> Result<(Self, Replay), StoreError> {
        let read = replay::read(&mut files, index, mark)?;
        let (mut segment, mut end) = read.end;
        if segment == 0 {
            files.create(1)?;
            files.append(1, 0, MAGIC)?;
            files.sync(1)?;
            (segment, end) = (1, MAGIC.len());
        }
        let writer = Self {
            files,
            segment,
            end: u64::try_from(end).unwrap_or(u64::MAX),
            tree: read.tree,
            dead: read.dead,
            last_event: read.last_event,
            status_changes: 0,
            broken: false,
        };
        Ok((writer, read.replay))
    }

    pub(super) fn head(&self) -> (u64, Digest) {
        (self.tree.size(), self.tree.root())
    }

    /// Segment and offset after the last durable group.
    pub(super) fn durable_end(&self) -> (u32, u64) {
        (self.segment, self.end)
    }

    pub(super) fn last_event(&self) -> Option<Timestamp> {
        self.last_event
    }

    /// How many acts changed the content of a status list.
    pub(super) fn status_changes(&self) -> u64 {
        self.status_changes
    }

    /// Whether a write failed, after which nothing is accepted.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes acts as one group with one sync. Each act has its own result; an act whose keys are
    /// taken is left out, and the others proceed.
    pub(super) fn commit(
        &mut self,
        acts: Vec<Transaction>,
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
            let leaf = journal::leaf(&mut replayed.event)?;
            tree.push(leaf.hash(), &mut batch);
            last = Some(replayed.event.at);
            changes += u64::from(changes_a_list(&replayed.event));
            index_event(number, &replayed, &leaf, &mut batch)?;
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
        let next = next_number(index, range)?;
        let end = next.saturating_add(count);
        let mut event = plain_event(EventKind::Reserved, at);
        event.range = Some((range.to_owned(), next, end));
        self.write_one(event, index)?;
        Ok(Reservation { next, end })
    }

    /// Takes back the rest of a reservation, when it is the range's last.
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
        let is_last = next_number(index, range)? == left.end;
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

/// Whether entries of a status list changed. A new licence in force has the bits of an entry that
/// was never given out.
fn changes_a_list(event: &Event) -> bool {
    let is_new = event.kind == EventKind::Issued;
    event.status.iter().any(|(_, _, bits)| !is_new || *bits != IN_FORCE)
}

fn event_of(act: Transaction) -> Written {
    let mut event = plain_event(act.event, act.at);
    if act.event == EventKind::Accessed {
        event.form = LeafFormat::Lines;
    }
    event.actor = act.actor;
    event.blinding = hex(&act.blinding);
    if let Some((id, record)) = act.licence {
        event.id = Some(id);
        event.record = Some(record);
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
        form: LeafFormat::All,
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
        blinding: String::new(),
    }
}

/// The bits of a licence in force.
const IN_FORCE: u8 = 0;
/// A segment that has grown beyond this is closed.
const SEGMENT_BYTES: u64 = 256 << 20;
