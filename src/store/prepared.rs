//! An act as it will be written: whatever costs time is done by the thread that asks for it, before
//! the one thread that appends.

use super::StoreError;
use super::act::{Event, EventKind, LeafFormat, Transaction, written};
use super::delta::Bases;
use super::journal::{self, Payload};
use crate::base::actor::Actor;
use crate::base::digest::{Digest, hex};
use crate::base::time::Timestamp;

/// An event, serialised and with the hash of its leaf, and its documents.
pub(super) struct Prepared {
    pub(super) event: Event,
    pub(super) text: String,
    pub(super) leaf: Digest,
    pub(super) documents: Vec<Payload>,
    /// What its documents share a layout with.
    pub(super) layout: Option<String>,
    /// Digest of the record that it replaces.
    pub(super) expected_revision: Option<Digest>,
}

impl Prepared {
    /// An act, with its documents as differences where earlier ones are known.
    pub(super) fn new(act: Transaction, bases: &Bases) -> Result<Self, StoreError> {
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
        event.idempotency =
            act.idempotency.map(|(scope, key, digest)| (scope, key, digest.to_hex()));
        (event.status, event.entries, event.note) = (act.status, act.entries, act.note);
        (event.about, event.marks) = (act.about, act.marks);
        (event.drawn, event.definition, event.epoch) = (act.drawn, act.definition, act.epoch);
        let mut documents = Vec::with_capacity(act.documents.len());
        for (kind, bytes) in act.documents {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            event.documents.push((kind, length, Digest::of(&[&bytes]).to_hex()));
            let delta = act.layout.as_ref().and_then(|layout| bases.delta(layout, kind, &bytes));
            documents.push(match delta {
                Some((base, delta)) => Payload::Delta(base, delta),
                None => Payload::Whole(bytes),
            });
        }
        let prepared = Self::of(event)?;
        let (layout, expected_revision) = (act.layout, act.expected_revision);
        Ok(Self { documents, layout, expected_revision, ..prepared })
    }

    /// An event without documents.
    pub(super) fn of(mut event: Event) -> Result<Self, StoreError> {
        let text = written(|| format!("an event of {}", event.at), &event)?;
        let leaf = journal::leaf(&mut event, Some(&text))?.hash();
        let (documents, layout, expected_revision) = (Vec::new(), None, None);
        Ok(Self { event, text, leaf, documents, layout, expected_revision })
    }
}

/// An event of the office itself that says no more than its kind and time.
pub(super) fn plain_event(kind: EventKind, at: Timestamp) -> Event {
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
