//! The effect of an act: whether its keys are free, and its changes to the index.

use std::collections::BTreeSet;

use super::StoreError;
use super::act::{Collection, Event, EventKind, written};
use super::files::Files;
use super::index::{Batch, Index};
use super::journal::Replayed;
use super::lookup::{
    EPOCH, code_key, definition_key, entry_key, event_key, history_key, idempotency_key, key,
    mark_key, number_key, range_key, record, revision,
};
use super::prepared::Prepared;
use super::status_lists::status_key;
use crate::base::digest::Digest;

/// Refuses an act whose keys are taken, by the index or by an act of the same group.
pub(super) fn claim(
    act: &Prepared,
    index: &dyn Index,
    files: &dyn Files,
    taken: &mut BTreeSet<Vec<u8>>,
) -> Result<(), StoreError> {
    let changed = is_unchanged(act, index, files, taken)?;
    let event = &act.event;
    let mut keys: Vec<(Vec<u8>, &'static str)> = Vec::new();
    if let Some((scope, name, _)) = &event.idempotency {
        keys.push((idempotency_key(scope, name), "the idempotency key"));
    }
    if event.kind == EventKind::Issued {
        if let Some(id) = &event.id {
            keys.push((key(b'l', &[id.as_bytes()]), "the identifier"));
        }
        if let Some(code) = &event.code {
            keys.push((code_key(code), "the verification code"));
        }
        if let Some((kind, number)) = &event.number {
            keys.push((number_key(kind, number), "the number"));
        }
        for (list, entry, _) in &event.status {
            keys.push((status_key(*list, *entry), "the status index"));
        }
    }
    for (key, what) in &keys {
        if taken.contains(key) || index.get(key)?.is_some() {
            return Err(StoreError::Taken(what));
        }
    }
    taken.extend(keys.into_iter().map(|(key, _)| key).chain(changed));
    Ok(())
}

/// Refuses an act that changes a value that its author has not read; returns the keys that it
/// changes.
fn is_unchanged(
    act: &Prepared,
    index: &dyn Index,
    files: &dyn Files,
    taken: &BTreeSet<Vec<u8>>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut changed = Vec::new();
    if let (Some(id), Some(seen)) = (&act.event.id, act.expected_revision) {
        let key = key(b'l', &[id.as_bytes()]);
        let known = record(index, files, id)?.map(|record| Digest::of(&[record.as_bytes()]));
        if taken.contains(&key) || known != Some(seen) {
            return Err(StoreError::Changed("the licence"));
        }
        changed.push(key);
    }
    for new in &act.event.entries {
        let key = entry_key(new.room, &new.key);
        let known = revision(index, new.room, &new.key)?;
        if taken.contains(&key) || known.checked_add(1) != Some(new.revision) {
            return Err(StoreError::Changed("the entry"));
        }
        changed.push(key);
    }
    Ok(changed)
}

/// What an event changes in the index.
pub(super) fn index_event(
    number: u64,
    replayed: &Replayed,
    batch: &mut Batch,
) -> Result<(), StoreError> {
    let event = &replayed.event;
    let mut put = |key: Vec<u8>, value: Vec<u8>| batch.put(key, value);
    let place = || replayed.place.event.to_bytes().to_vec();
    put(event_key(number), place());
    for id in event.id.iter().chain(&event.about) {
        put(history_key(id, number), Vec::new());
    }
    for (mark, id) in &event.marks {
        put(mark_key(mark, id), Vec::new());
    }
    for entry in &event.entries {
        let value = match entry.room {
            // They are many and rarely read: the index has only their event number.
            Collection::Access => number.to_be_bytes().to_vec(),
            _ => {
                written(|| format!("the {} {}", entry.room.name(), entry.key), entry)?.into_bytes()
            }
        };
        put(entry_key(entry.room, &entry.key), value);
    }
    if let (Some(id), Some(_)) = (&event.id, &event.record) {
        put(key(b'l', &[id.as_bytes()]), place());
        if !replayed.place.documents.is_empty() {
            // Later events replace the record, not the documents.
            put(key(b'd', &[id.as_bytes()]), replayed.place.to_bytes());
        }
        if let Some(code) = &event.code {
            put(code_key(code), id.clone().into_bytes());
        }
        if let Some((kind, number)) = &event.number {
            put(number_key(kind, number), id.clone().into_bytes());
        }
    }
    if let (Some((scope, name, digest)), Some(answer)) = (&event.idempotency, answer(event)) {
        put(idempotency_key(scope, name), format!("{digest} {answer}").into_bytes());
    }
    for (list, entry, _) in &event.status {
        put(status_key(*list, *entry), Vec::new());
    }
    if let Some((vct, document)) = &event.definition {
        put(definition_key(vct), document.clone().into_bytes());
    }
    if let Some(epoch) = &event.epoch {
        put(EPOCH.to_vec(), epoch.to_le_bytes().to_vec());
    }
    if let Some((range, next)) = next_reservation(event) {
        put(range_key(range), next.to_le_bytes().to_vec());
    }
    Ok(())
}

/// The range that an event changes, and the first number of its next reservation.
pub(super) fn next_reservation(event: &Event) -> Option<(&str, u64)> {
    let (range, from, end) = event.range.as_ref()?;
    match event.kind {
        EventKind::Reserved => Some((range, *end)),
        EventKind::Returned => Some((range, *from)),
        _ => None,
    }
}

/// The stored result of a request, for when it is repeated: its licence, else its first record.
fn answer(event: &Event) -> Option<String> {
    let entry = || event.entries.first().map(|one| format!("{}/{}", one.room.name(), one.key));
    event.id.clone().or_else(entry)
}
