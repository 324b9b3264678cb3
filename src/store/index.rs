//! The index: the journal's content, ordered for look-ups. It can be rebuilt from the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::StoreError;

/// Keys and values in the order of the keys: the result of a scan.
pub(super) type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Changes to apply together and in order: a key with its new value, or one that goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Batch(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Batch {
    pub(super) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.0.push((key, Some(value)));
    }

    pub(super) fn remove(&mut self, key: Vec<u8>) {
        self.0.push((key, None));
    }

    #[cfg(test)]
    pub(super) fn of(change: (Vec<u8>, Option<Vec<u8>>)) -> Self {
        Self(vec![change])
    }
}

impl IntoIterator for Batch {
    type Item = (Vec<u8>, Option<Vec<u8>>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(Vec<u8>, Vec<u8>)> for Batch {
    fn from_iter<I: IntoIterator<Item = (Vec<u8>, Vec<u8>)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key, Some(value))).collect())
    }
}

/// An ordered map from keys to values, derived from the journal.
pub(super) trait Index: Send + Sync {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// A reader sees all changes or none. After a crash a prefix of them is there, so the entry
    /// with the position of the index must be last.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;
    /// Entries whose keys begin with `prefix` and sort after `prefix` and `after`. It is no
    /// snapshot: each entry is read when the scan reaches it.
    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Entries, StoreError>;
    /// Removes every entry.
    fn clear(&self) -> Result<(), StoreError>;
}

/// An index in memory.
#[derive(Debug, Default)]
pub(super) struct InMemory(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl InMemory {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<Vec<u8>, Vec<u8>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Index for InMemory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.with(|map| map.get(key).cloned()))
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.with(|map| {
            for (key, value) in batch {
                match value {
                    Some(value) => map.insert(key, value),
                    None => map.remove(&key),
                };
            }
        });
        Ok(())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Entries, StoreError> {
        let start = [prefix, after].concat();
        Ok(self.with(|map| {
            map.range(start.clone()..)
                .filter(|(key, _)| after.is_empty() || **key != start)
                .take_while(|(key, _)| key.starts_with(prefix))
                .take(limit)
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        }))
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.with(BTreeMap::clear);
        Ok(())
    }
}
