//! What the index holds, under which keys, and how it is read.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::act::{Entry, EventLine, Locator, Room, Stored};
use super::files::Files;
use super::index::Index;
use super::journal::damage;
use crate::base::digest::Digest;
use crate::format::merkle::content::Content;

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

pub(super) fn entry_key(room: Room, name: &str) -> Vec<u8> {
    key(b'e', &[&[room_letter(room)], name.as_bytes()])
}

/// Keys in the index are never given another meaning.
const fn room_letter(room: Room) -> u8 {
    match room {
        Room::Client => b'c',
        Room::Grant => b'g',
        Room::Proposal => b'p',
        Room::Report => b'r',
        Room::Access => b'a',
        Room::Consent => b'k',
        Room::Ticket => b't',
        Room::Destination => b'd',
    }
}

pub(super) fn entry(
    index: &dyn Index,
    room: Room,
    name: &str,
) -> Result<Option<Entry>, StoreError> {
    let bytes = index.get(&entry_key(room, name))?;
    bytes.map(|bytes| read(&bytes)).transpose()
}

pub(super) fn entries(
    index: &dyn Index,
    room: Room,
    after: &str,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let found = index.scan(&entry_key(room, ""), after.as_bytes(), limit)?;
    found.iter().map(|(_, value)| read(value)).collect()
}

/// Under which event an access was written down.
pub(super) fn access_key(name: &str) -> Vec<u8> {
    key(b'a', &[name.as_bytes()])
}

pub(super) fn event_key(number: u64) -> Vec<u8> {
    key(b'f', &[&number.to_be_bytes()])
}

pub(super) fn history_key(id: &str, number: u64) -> Vec<u8> {
    key(b'h', &[id.as_bytes(), &number.to_be_bytes()])
}

/// A line of the journal as the index has it.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) line: EventLine,
    /// Of what was issued, and of accesses.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) leaf: Option<Blinded>,
}

/// The parts of a leaf that are not the digests of its documents or accesses.
#[derive(Serialize, Deserialize)]
pub(super) struct Blinded {
    blind: String,
    parts: Vec<String>,
}

impl Blinded {
    /// The blind and the first `count` parts.
    pub(super) fn new(leaf: &Content, count: usize) -> Self {
        let parts = leaf.parts.iter().take(count).map(|part| part.to_hex()).collect();
        Self { blind: leaf.blind.clone(), parts }
    }

    /// The leaf of a line with these artefacts.
    fn content(self, line: &EventLine, artefacts: Vec<String>) -> Result<Content, StoreError> {
        let digests = |all: Vec<String>| -> Option<Vec<Digest>> {
            all.iter().map(|text| Digest::from_hex(text)).collect()
        };
        let (Some(parts), Some(artefacts)) = (digests(self.parts), digests(artefacts)) else {
            return Err(StoreError::Index("a digest of a leaf cannot be read".to_owned()));
        };
        let kind = serde_json::to_string(&line.kind).unwrap_or_default();
        let kind = kind.trim_matches('"').to_owned();
        Ok(Content { kind, blind: self.blind, parts, artefacts })
    }
}

/// Where a licence was issued, and the content of that leaf.
pub(super) fn leaf_of(index: &dyn Index, id: &str) -> Result<Option<(u64, Content)>, StoreError> {
    for number in places(index, id)? {
        let Some(bytes) = index.get(&event_key(number))? else { continue };
        let Kept { line, leaf: Some(leaf) } = read(&bytes)? else { continue };
        let documents = licence(index, id)?.map(|stored| stored.documents).unwrap_or_default();
        let artefacts = documents.into_iter().map(|one| one.sha256).collect();
        return Ok(Some((number, leaf.content(&line, artefacts)?)));
    }
    Ok(None)
}

/// Where an access was written down, and the content of that leaf.
pub(super) fn leaf_of_access(
    index: &dyn Index,
    name: &str,
) -> Result<Option<(u64, Content)>, StoreError> {
    let number = index.get(&access_key(name))?.and_then(|bytes| bytes.try_into().ok());
    let Some(number) = number.map(u64::from_be_bytes) else { return Ok(None) };
    let Some(bytes) = index.get(&event_key(number))? else { return Ok(None) };
    let Kept { line, leaf: Some(leaf) } = read(&bytes)? else { return Ok(None) };
    let mut content = leaf.content(&line, Vec::new())?;
    for (_, key) in line.entries.iter().filter(|(room, _)| *room == Room::Access) {
        let missing = || StoreError::Index(format!("no access {key}"));
        let line = entry(index, Room::Access, key)?.ok_or_else(missing)?;
        content.parts.push(Digest::of(&[line.value.as_bytes()]));
    }
    Ok(Some((number, content)))
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

fn event(index: &dyn Index, number: u64) -> Result<Option<EventLine>, StoreError> {
    let Some(bytes) = index.get(&event_key(number))? else { return Ok(None) };
    Ok(Some(EventLine { index: number, ..read(&bytes)? }))
}

pub(super) fn events(
    index: &dyn Index,
    from: u64,
    limit: usize,
) -> Result<Vec<EventLine>, StoreError> {
    let count = u64::try_from(limit).unwrap_or(u64::MAX);
    let numbers = from..from.saturating_add(count);
    numbers.map_while(|number| event(index, number).transpose()).collect()
}

pub(super) fn history(index: &dyn Index, id: &str) -> Result<Vec<EventLine>, StoreError> {
    let numbers = places(index, id)?.into_iter();
    numbers.filter_map(|number| event(index, number).transpose()).collect()
}

/// The numbers of the events that are about a licence, in order.
fn places(index: &dyn Index, id: &str) -> Result<Vec<u64>, StoreError> {
    let prefix = key(b'h', &[id.as_bytes(), b""]);
    let found = index.scan(&prefix, b"", usize::MAX)?;
    let numbers = found
        .iter()
        .filter_map(|(key, _)| Some(u64::from_be_bytes(key.get(prefix.len()..)?.try_into().ok()?)));
    Ok(numbers.collect())
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Index(error.to_string()))
}

/// How many epochs began after the first.
pub(super) fn epoch(index: &dyn Index) -> Result<u32, StoreError> {
    let bytes = index.get(EPOCH)?.and_then(|bytes| bytes.try_into().ok());
    Ok(bytes.map_or(0, u32::from_le_bytes))
}

pub(super) const EPOCH: &[u8] = b"epoch";

/// A letter for the kind and the parts, each after a zero.
pub(super) fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    for part in parts {
        key.push(0);
        key.extend(*part);
    }
    key
}
