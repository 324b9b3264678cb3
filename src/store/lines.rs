//! Look-up of journal lines. For most the index has what an audit shows; accesses are many and
//! rarely read, so it has only their positions.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::act::{Collection, Event, EventKind, EventLine, LeafFormat, Record, read, written};
use super::journal::{self, FramePosition, Replayed};
use super::lookup::{entry_key, key};
use super::reader::Reader;
use crate::base::digest::Digest;
use crate::format::merkle::content::LeafContent;

pub(super) fn event_key(number: u64) -> Vec<u8> {
    key(b'f', &[&number.to_be_bytes()])
}

pub(super) fn history_key(id: &str, number: u64) -> Vec<u8> {
    key(b'h', &[id.as_bytes(), &number.to_be_bytes()])
}

/// The index value of an event.
pub(super) fn kept(replayed: &Replayed, leaf: &LeafContent) -> Result<Vec<u8>, StoreError> {
    if replayed.event.kind == EventKind::Accessed {
        return Ok(replayed.place.to_bytes());
    }
    let is_issued = replayed.event.kind == EventKind::Issued;
    let leaf = is_issued.then(|| Blinded::new(leaf));
    let kept = IndexedLine { line: line(&replayed.event), leaf };
    Ok(written(|| "a line of the audit".to_owned(), &kept)?.into_bytes())
}

/// A line in its index form.
#[derive(Serialize, Deserialize)]
struct IndexedLine {
    #[serde(flatten)]
    line: EventLine,
    /// For an issue: what an inclusion proof needs besides the documents.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    leaf: Option<Blinded>,
}

/// The parts of a leaf that are not the digests of its documents.
#[derive(Serialize, Deserialize)]
struct Blinded {
    #[serde(rename = "blind")]
    blinding: String,
    parts: Vec<String>,
}

impl Blinded {
    fn new(leaf: &LeafContent) -> Self {
        let parts = leaf.parts.iter().map(|part| part.to_hex()).collect();
        Self { blinding: leaf.blinding.clone(), parts }
    }

    /// The leaf of a line with these artefacts.
    fn content(self, line: &EventLine, artefacts: Vec<String>) -> Result<LeafContent, StoreError> {
        let digests = |all: Vec<String>| -> Option<Vec<Digest>> {
            all.iter().map(|text| Digest::from_hex(text)).collect()
        };
        let (Some(parts), Some(artefacts)) = (digests(self.parts), digests(artefacts)) else {
            return Err(StoreError::Index("a digest of a leaf cannot be read".to_owned()));
        };
        let kind = line.kind.name().to_owned();
        Ok(LeafContent { kind, blinding: self.blinding, parts, artefacts })
    }
}

fn line(event: &Event) -> EventLine {
    EventLine {
        index: 0,
        kind: event.kind,
        actor: event.actor.clone(),
        at: event.at,
        id: event.id.clone(),
        entries: event.entries.iter().map(|entry| (entry.room, entry.key.clone())).collect(),
        note: event.note.clone(),
    }
}

impl Reader {
    /// Lines of the journal from number `from` on, in order.
    pub fn events(&self, from: u64, limit: usize) -> Result<Vec<EventLine>, StoreError> {
        let count = u64::try_from(limit).unwrap_or(u64::MAX);
        let numbers = from..from.saturating_add(count);
        numbers.map_while(|number| self.line(number).transpose()).collect()
    }

    /// Lines of the journal that are about a licence, alone or among others, in order.
    pub fn history(&self, id: &str) -> Result<Vec<EventLine>, StoreError> {
        let numbers = self.numbers(id)?.into_iter();
        numbers.filter_map(|number| self.line(number).transpose()).collect()
    }

    fn line(&self, number: u64) -> Result<Option<EventLine>, StoreError> {
        let Some(bytes) = self.index.get(&event_key(number))? else { return Ok(None) };
        let line = match FramePosition::from_bytes(&bytes) {
            Some(place) => line(&place.read(&*self.files)?),
            None => read::<IndexedLine>(&bytes)?.line,
        };
        Ok(Some(EventLine { index: number, ..line }))
    }

    /// All records written by the act with this number, when it was an access.
    pub fn accesses(&self, number: u64) -> Result<Vec<Record>, StoreError> {
        Ok(self.access_event(number)?.map(|event| event.entries).unwrap_or_default())
    }

    fn access_event(&self, number: u64) -> Result<Option<Event>, StoreError> {
        let bytes = self.index.get(&event_key(number))?;
        let place = bytes.and_then(|bytes| FramePosition::from_bytes(&bytes));
        place.map(|place| place.read(&*self.files)).transpose()
    }

    /// The record under a key.
    pub fn entry(&self, room: Collection, name: &str) -> Result<Option<Record>, StoreError> {
        if room != Collection::Access {
            return super::lookup::entry(&*self.index, room, name);
        }
        match self.number_of_access(name)? {
            Some(number) => self.access(number, name),
            None => Ok(None),
        }
    }

    /// Records of a collection in the order of their keys, after `after`.
    pub fn entries(
        &self,
        room: Collection,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let prefix = entry_key(room, "");
        let found = self.index.scan(&prefix, after.as_bytes(), limit)?;
        if room != Collection::Access {
            return found.iter().map(|(_, value)| read(value)).collect();
        }
        let places = found.iter().filter_map(|(key, value)| {
            let name = std::str::from_utf8(key.get(prefix.len()..)?).ok()?;
            Some((u64::from_be_bytes(value.as_slice().try_into().ok()?), name))
        });
        places.filter_map(|(number, name)| self.access(number, name).transpose()).collect()
    }

    fn access(&self, number: u64, name: &str) -> Result<Option<Record>, StoreError> {
        let mut entries = self.accesses(number)?.into_iter();
        Ok(entries.find(|entry| entry.room == Collection::Access && entry.key == name))
    }

    /// The index of an access in the tree, and the content of its leaf: digests of everything else
    /// that the act wrote, blinded so that they cannot be guessed. `None` when there is no such
    /// access, and in journals of earlier formats, whose accesses have no digests of their own.
    pub fn leaf_of_access(&self, name: &str) -> Result<Option<(u64, LeafContent)>, StoreError> {
        let Some(number) = self.number_of_access(name)? else { return Ok(None) };
        let event = self.access_event(number)?.filter(|event| event.form == LeafFormat::Lines);
        let leaf = event.map(|mut event| journal::leaf(&mut event)).transpose()?;
        Ok(leaf.map(|leaf| (number, leaf)))
    }

    /// The number of the act that wrote an access.
    pub fn number_of_access(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let number = self.index.get(&entry_key(Collection::Access, name))?;
        Ok(number.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
    }

    /// The index in the tree of a licence's issue, and the content of its leaf. It includes the
    /// blinding: the caller must disclose it only to holders of the artefacts.
    pub fn leaf_of(&self, id: &str) -> Result<Option<(u64, LeafContent)>, StoreError> {
        for number in self.numbers(id)? {
            let Some(bytes) = self.index.get(&event_key(number))? else { continue };
            if FramePosition::from_bytes(&bytes).is_some() {
                continue;
            }
            let IndexedLine { line, leaf: Some(leaf) } = read(&bytes)? else { continue };
            let documents = self.licence(id)?.map(|stored| stored.documents).unwrap_or_default();
            let artefacts = documents.into_iter().map(|one| one.sha256).collect();
            return Ok(Some((number, leaf.content(&line, artefacts)?)));
        }
        Ok(None)
    }

    /// The numbers of the lines about a licence, in order.
    pub fn numbers(&self, id: &str) -> Result<Vec<u64>, StoreError> {
        let prefix = key(b'h', &[id.as_bytes(), b""]);
        let found = self.index.scan(&prefix, b"", usize::MAX)?;
        let numbers = found.iter().filter_map(|(key, _)| {
            Some(u64::from_be_bytes(key.get(prefix.len()..)?.try_into().ok()?))
        });
        Ok(numbers.collect())
    }
}
