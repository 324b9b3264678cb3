//! Journal and index together: replay, commit, look-ups. Common to every kind of store.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::StoreError;
use super::act::{DocumentKind, Event, EventKind, Reservation};
use super::changes::claim;
use super::delta::{Base, Bases};
use super::files::Files;
use super::index::{Batch, Index};
use super::journal::{GroupWriter, MAGIC, Payload, Replayed};
use super::lookup::next_number;
use super::prepared::{Prepared, plain_event};
use super::projection::Projection;
use super::ranges::OpenNumbers;
use super::replay::{self, Read, Replay};
use super::status_lists::{StatusChanges, StatusPages};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// The writing side; owned by the one thread that may append.
pub(super) struct Writer<F: Files> {
    pub(super) files: F,
    segment: u32,
    end: u64,
    projection: Projection,
    /// Size and root of the tree over what is durable.
    head: (u64, Digest),
    last_event: Option<Timestamp>,
    /// Numbers reserved by a process that has ended: they will not be used. The next group records
    /// them as void.
    dead: OpenNumbers,
    status_changes: StatusChanges,
    bases: Arc<Bases>,
    /// The last segment is of a version that is not written any more.
    is_of_first_version: bool,
    broken: bool,
}

impl<F: Files> Writer<F> {
    /// Reads what the index lacks of the journal, and continues at its end. Checks whether the tree
    /// passes through `mark`.
    pub(super) fn open(
        mut files: F,
        index: &dyn Index,
        mark: Option<(u64, Digest)>,
    ) -> Result<(Self, Replay), StoreError> {
        let Read { projection, end: (mut segment, mut end), is_of_first_version, replay } =
            replay::read(&mut files, index, mark)?;
        if segment == 0 {
            files.create(1)?;
            files.append(1, 0, MAGIC)?;
            files.sync(1)?;
            (segment, end) = (1, MAGIC.len() as u64);
        }
        let writer = Self {
            files,
            segment,
            end,
            head: projection.head(),
            last_event: projection.last_event(),
            dead: projection.open_numbers().clone(),
            projection,
            status_changes: StatusChanges::default(),
            bases: Arc::default(),
            is_of_first_version,
            broken: false,
        };
        Ok((writer, replay))
    }

    pub(super) fn head(&self) -> (u64, Digest) {
        self.head
    }

    /// Segment and offset after the last durable group.
    pub(super) fn durable_end(&self) -> (u32, u64) {
        (self.segment, self.end)
    }

    pub(super) fn last_event(&self) -> Option<Timestamp> {
        self.last_event
    }

    /// The documents from which new ones are written, for those who prepare acts.
    pub(super) fn bases(&self) -> Arc<Bases> {
        Arc::clone(&self.bases)
    }

    /// How often each status list was changed.
    pub(super) fn status_changes(&self) -> StatusChanges {
        self.status_changes.clone()
    }

    /// Whether a write failed, after which nothing is accepted.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Writes acts as one group with one sync. Each act has its own result; an act whose keys are
    /// taken is left out, and the others proceed.
    pub(super) fn commit(
        &mut self,
        acts: Vec<Prepared>,
        index: &dyn Index,
    ) -> Vec<Result<(), StoreError>> {
        let mut taken = BTreeSet::new();
        let mut answers = Vec::with_capacity(acts.len());
        let mut accepted = Vec::new();
        for act in acts {
            let answer = if self.broken {
                Err(StoreError::Closed)
            } else {
                claim(&act, index, &self.files, &mut taken)
            };
            if answer.is_ok() {
                accepted.push(act);
            }
            answers.push(answer);
        }
        if let Err(error) = self.write(accepted, index) {
            self.broken = true;
            let mut first = Some(error);
            for answer in answers.iter_mut().filter(|answer| answer.is_ok()) {
                *answer = Err(first.take().unwrap_or(StoreError::Closed));
            }
        }
        answers
    }

    fn write(&mut self, acts: Vec<Prepared>, index: &dyn Index) -> Result<(), StoreError> {
        let Some(first) = acts.first() else { return Ok(()) };
        let voids = self.voids(first.event.at)?;
        self.rotate()?;
        let place = (self.segment, self.end);
        let mut group = GroupWriter::new(self.segment, self.end);
        let (mut batch, mut pages) = (Batch::default(), StatusPages::default());
        let (mut changed, mut whole) = (Vec::new(), Vec::new());
        for act in voids.into_iter().chain(acts) {
            let Prepared { event, text, leaf, documents, layout, .. } = act;
            let replayed = Replayed { leaf, place: group.event(&text, &documents)?, event };
            self.projection.apply(&replayed, &mut pages, &mut batch)?;
            changed.extend(changed_lists(&replayed.event));
            if let Some(layout) = layout {
                whole.extend(stored_whole(&layout, replayed, documents));
            }
        }
        let (size, root) = self.projection.head();
        let bytes = group.finish(size, root)?;
        self.files.append(self.segment, self.end, &bytes)?;
        // Nothing is acknowledged, and nothing can be read, before this returns.
        self.files.sync(self.segment)?;
        self.end += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.projection.complete(place, pages, index, &mut batch)?;
        index.apply(batch)?;
        (self.head, self.last_event) = ((size, root), self.projection.last_event());
        self.dead = OpenNumbers::default();
        self.status_changes.count(changed);
        for (layout, kind, base) in whole {
            self.bases.remember(layout, kind, base);
        }
        Ok(())
    }

    /// An event for each gap that an earlier process left.
    fn voids(&self, at: Timestamp) -> Result<Vec<Prepared>, StoreError> {
        let void = |(range, from, end): (&str, u64, u64)| {
            let range = Some((range.to_owned(), from, end));
            Prepared::of(Event { range, ..plain_event(EventKind::Void, at) })
        };
        self.dead.intervals().map(void).collect()
    }

    fn rotate(&mut self) -> Result<(), StoreError> {
        if self.end > SEGMENT_BYTES || self.is_of_first_version {
            let next = self.segment + 1;
            self.files.create(next)?;
            self.files.append(next, 0, MAGIC)?;
            self.files.sync(next)?;
            (self.segment, self.end) = (next, MAGIC.len() as u64);
            self.is_of_first_version = false;
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
        let written = Prepared::of(event).and_then(|event| self.write(vec![event], index));
        self.broken |= written.is_err();
        written
    }
}

/// The documents of an event that are stored whole: others can be differences from them.
fn stored_whole(
    layout: &str,
    Replayed { event, place, .. }: Replayed,
    documents: Vec<Payload>,
) -> impl Iterator<Item = (String, DocumentKind, Base)> {
    let kinds = event.documents.into_iter().map(|(kind, ..)| kind);
    let stored = kinds.zip(place.documents).zip(documents);
    stored.filter_map(move |((kind, place), payload)| match payload {
        Payload::Whole(bytes) => Some((layout.to_owned(), kind, Base::new(place, bytes))),
        Payload::Delta(..) => None,
    })
}

/// The status lists whose content an event changes. A new licence in force has the bits of an entry
/// that was never given out.
fn changed_lists(event: &Event) -> impl Iterator<Item = u32> {
    let is_new = event.kind == EventKind::Issued;
    let changes = event.status.iter().filter(move |(_, _, bits)| !is_new || *bits != IN_FORCE);
    changes.map(|(list, ..)| *list)
}

/// The bits of a licence in force.
const IN_FORCE: u8 = 0;
/// A segment that has grown beyond this is closed.
const SEGMENT_BYTES: u64 = 256 << 20;
