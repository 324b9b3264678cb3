//! The keys of the index, and how their values are read.

use super::StoreError;
use super::act::{Collection, Record, Stored, read};
use super::documents::documents_of;
use super::files::Files;
use super::index::Index;
use super::journal::event_at;
use super::place::EventPlace;
use crate::base::digest::Digest;

pub(super) fn licence(
    index: &dyn Index,
    files: &dyn Files,
    id: &str,
) -> Result<Option<Stored>, StoreError> {
    let Some(place) = index.get(&key(b'l', &[id.as_bytes()]))? else { return Ok(None) };
    let last = event_at(place_of(&place)?.event, files)?;
    let documents = match index.get(&key(b'd', &[id.as_bytes()]))? {
        Some(bytes) => {
            let issue = place_of(&bytes)?;
            if issue.event.to_bytes() == *place {
                documents_of(&last, &issue)
            } else {
                documents_of(&event_at(issue.event, files)?, &issue)
            }
        }
        None => Vec::new(),
    };
    let record = last.record.ok_or_else(|| StoreError::Index(format!("no record of {id}")))?;
    Ok(Some(Stored { record, documents }))
}

/// The record of a licence.
pub(super) fn record(
    index: &dyn Index,
    files: &dyn Files,
    id: &str,
) -> Result<Option<String>, StoreError> {
    let Some(place) = index.get(&key(b'l', &[id.as_bytes()]))? else { return Ok(None) };
    Ok(event_at(place_of(&place)?.event, files)?.record)
}

pub(super) fn place_of(bytes: &[u8]) -> Result<EventPlace, StoreError> {
    let bad = || StoreError::Index("the place of an event cannot be read".to_owned());
    EventPlace::from_bytes(bytes).ok_or_else(bad)
}

pub(super) fn text(index: &dyn Index, key: &[u8]) -> Result<Option<String>, StoreError> {
    let bytes = index.get(key)?;
    bytes
        .map(|bytes| String::from_utf8(bytes).map_err(|e| StoreError::Index(e.to_string())))
        .transpose()
}

/// The key of a verification code, from its digest in hexadecimal.
pub(super) fn code_key(code: &str) -> Vec<u8> {
    key(b'c', &[code.as_bytes()])
}

pub(super) fn event_key(number: u64) -> Vec<u8> {
    key(b'f', &[&number.to_be_bytes()])
}

pub(super) fn history_key(id: &str, number: u64) -> Vec<u8> {
    key(b'h', &[id.as_bytes(), &number.to_be_bytes()])
}

pub(super) fn number_key(kind: &str, number: &str) -> Vec<u8> {
    key(b'n', &[kind.as_bytes(), number.as_bytes()])
}

pub(super) fn idempotency_key(scope: &str, name: &str) -> Vec<u8> {
    key(b'i', &[scope.as_bytes(), name.as_bytes()])
}

pub(super) fn idempotent(
    index: &dyn Index,
    scope: &str,
    name: &str,
) -> Result<Option<(Digest, String)>, StoreError> {
    let found = text(index, &idempotency_key(scope, name))?;
    Ok(found.and_then(|text| {
        let (digest, id) = text.split_once(' ')?;
        Some((Digest::from_hex(digest)?, id.to_owned()))
    }))
}

pub(super) fn range_key(range: &str) -> Vec<u8> {
    key(b'r', &[range.as_bytes()])
}

/// The first number of a range's next reservation.
pub(super) fn next_number(index: &dyn Index, range: &str) -> Result<u64, StoreError> {
    let bytes = index.get(&range_key(range))?.and_then(|bytes| bytes.try_into().ok());
    Ok(bytes.map_or(FIRST_NUMBER, u64::from_le_bytes))
}

pub(super) fn list(
    index: &dyn Index,
    files: &dyn Files,
    after: &str,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let prefix = key(b'l', &[b""]);
    let entries = index.scan(&prefix, after.as_bytes(), limit)?;
    let ids = entries
        .iter()
        .filter_map(|(key, _)| key.get(prefix.len()..).and_then(|id| std::str::from_utf8(id).ok()));
    ids.filter_map(|id| licence(index, files, id).transpose()).collect()
}

pub(super) fn definition_key(vct: &str) -> Vec<u8> {
    key(b't', &[vct.as_bytes()])
}

pub(super) fn entry_key(room: Collection, name: &str) -> Vec<u8> {
    key(b'e', &[&[room_letter(room)], name.as_bytes()])
}

/// A letter's meaning in index keys must never change.
const fn room_letter(room: Collection) -> u8 {
    match room {
        Collection::Client => b'c',
        Collection::Grant => b'g',
        Collection::Proposal => b'p',
        Collection::Report => b'r',
        Collection::Access => b'a',
        Collection::Consent => b'k',
        Collection::Ticket => b't',
        Collection::Destination => b'd',
        Collection::WebhookKey => b'h',
    }
}

/// A record of a collection whose values are in the index: all but [`Collection::Access`].
pub(super) fn entry(
    index: &dyn Index,
    room: Collection,
    name: &str,
) -> Result<Option<Record>, StoreError> {
    let bytes = index.get(&entry_key(room, name))?;
    bytes.map(|bytes| read(&bytes)).transpose()
}

/// How often an entry was written. An access is written once.
pub(super) fn revision(index: &dyn Index, room: Collection, name: &str) -> Result<u64, StoreError> {
    match room {
        Collection::Access => Ok(u64::from(index.get(&entry_key(room, name))?.is_some())),
        _ => Ok(entry(index, room, name)?.map_or(0, |entry| entry.revision)),
    }
}

pub(super) fn mark_key(mark: &str, id: &str) -> Vec<u8> {
    key(b'w', &[mark.as_bytes(), id.as_bytes()])
}

pub(super) fn marked(
    index: &dyn Index,
    mark: &str,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let prefix = mark_key(mark, "");
    let found = index.scan(&prefix, b"", limit)?;
    let ids = found.iter().filter_map(|(key, _)| key.get(prefix.len()..));
    Ok(ids.filter_map(|id| String::from_utf8(id.to_vec()).ok()).collect())
}

/// How many epochs began after the first.
pub(super) fn epoch(index: &dyn Index) -> Result<u32, StoreError> {
    let bytes = index.get(EPOCH)?.and_then(|bytes| bytes.try_into().ok());
    Ok(bytes.map_or(0, u32::from_le_bytes))
}

pub(super) const EPOCH: &[u8] = b"epoch";

/// A letter for the kind and the parts, each after a zero.
pub(super) fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|part| 1 + part.len()).sum::<usize>());
    key.push(kind);
    for part in parts {
        key.push(0);
        key.extend(*part);
    }
    key
}

/// Every range begins with it.
pub(super) const FIRST_NUMBER: u64 = 1;
