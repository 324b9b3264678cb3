//! Look-up of journal lines. The index has the positions of the events, and the journal the rest.

use super::StoreError;
use super::act::{Collection, Event, EventKind, EventLine, LeafFormat, Record, read};
use super::journal;
use super::lookup::{entry_key, event_key, key, place_of};
use super::reader::Reader;
use crate::format::merkle::content::LeafContent;

fn line(index: u64, event: Event) -> EventLine {
    let Event { kind, actor, at, id, entries, note, .. } = event;
    let entries = entries.into_iter().map(|entry| (entry.room, entry.key)).collect();
    EventLine { index, kind, actor, at, id, entries, note }
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
        Ok(self.event(number)?.map(|event| line(number, event)))
    }

    fn event(&self, number: u64) -> Result<Option<Event>, StoreError> {
        let bytes = self.index.get(&event_key(number))?;
        bytes.map(|bytes| journal::event_at(place_of(&bytes)?.event, &*self.files)).transpose()
    }

    /// All records written by the act with this number, when it was an access.
    pub fn accesses(&self, number: u64) -> Result<Vec<Record>, StoreError> {
        let event = self.event(number)?.filter(|event| event.kind == EventKind::Accessed);
        Ok(event.map(|event| event.entries).unwrap_or_default())
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
        let event = self.event(number)?.filter(|event| event.form == LeafFormat::Lines);
        let leaf = event.map(|mut event| journal::leaf(&mut event, None)).transpose()?;
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
            let Some(mut event) = self.event(number)? else { continue };
            if event.kind == EventKind::Issued && event.id.as_deref() == Some(id) {
                return Ok(Some((number, journal::leaf(&mut event, None)?)));
            }
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
