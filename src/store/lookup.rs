//! The keys of the index, and how their values are read.

use super::StoreError;
use super::act::{Collection, Locator, Record, Stored, read};
use super::files::Files;
use super::index::Index;
use super::journal::damage;
use crate::base::digest::Digest;

pub(super) fn licence(index: &dyn Index, id: &str) -> Result<Option<Stored>, StoreError> {
    let Some(record) = text(index, &key(b'l', &[id.as_bytes()]))? else { return Ok(None) };
    let documents = match index.get(&key(b'd', &[id.as_bytes()]))? {
        Some(bytes) => read(&bytes)?,
        None => Vec::new(),
    };
    Ok(Some(Stored { record, documents }))
}

pub(super) fn text(index: &dyn Index, key: &[u8]) -> Result<Option<String>, StoreError> {
    let bytes = index.get(key)?;
    bytes
        .map(|bytes| String::from_utf8(bytes).map_err(|e| StoreError::Index(e.to_string())))
        .transpose()
}

pub(super) fn code_key(code: &Digest) -> Vec<u8> {
    key(b'c', &[code.to_hex().as_bytes()])
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
    after: &str,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let prefix = key(b'l', &[b""]);
    let entries = index.scan(&prefix, after.as_bytes(), limit)?;
    let ids = entries
        .iter()
        .filter_map(|(key, _)| key.get(prefix.len()..).and_then(|id| std::str::from_utf8(id).ok()));
    ids.filter_map(|id| licence(index, id).transpose()).collect()
}

pub(super) fn status(index: &dyn Index, list: u32) -> Result<Vec<(u32, u8)>, StoreError> {
    let prefix = key(b's', &[&list.to_be_bytes(), b""]);
    let entries = index.scan(&prefix, b"", usize::MAX)?;
    Ok(entries
        .into_iter()
        .filter_map(|(key, value)| {
            let index = key.get(prefix.len()..)?.try_into().ok()?;
            Some((u32::from_be_bytes(index), value.first().copied()?))
        })
        .collect())
}

pub(super) fn has_status(index: &dyn Index, list: u32) -> Result<bool, StoreError> {
    let found = index.scan(&key(b's', &[&list.to_be_bytes(), b""]), b"", 1)?;
    Ok(!found.is_empty())
}

pub(super) fn document(files: &dyn Files, locator: &Locator) -> Result<Vec<u8>, StoreError> {
    let length = usize::try_from(locator.length).unwrap_or(usize::MAX);
    let bytes = files.read_at(locator.segment, locator.offset, length)?;
    if Digest::of(&[&bytes]).to_hex() != locator.sha256 {
        let at = usize::try_from(locator.offset).unwrap_or(usize::MAX);
        return Err(damage(locator.segment, at, "a document does not have its digest"));
    }
    Ok(bytes)
}

pub(super) fn status_key(list: u32, entry: u32) -> Vec<u8> {
    key(b's', &[&list.to_be_bytes(), &entry.to_be_bytes()])
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
