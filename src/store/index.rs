//! The index: the journal's content, ordered for look-ups. It can be rebuilt from the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::StoreError;

/// Keys and values: changes to apply together and in order, or the result of a scan.
pub(super) type Batch = Vec<(Vec<u8>, Vec<u8>)>;

/// An ordered map from keys to values, derived from the journal.
pub(super) trait Index: Send + Sync {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// A reader sees all changes or none. After a crash a prefix of them is there, so the entry
    /// with the position of the index must be last.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;
    /// Entries whose keys begin with `prefix` and sort after `prefix` and `after`. It is no
    /// snapshot: each entry is read when the scan reaches it.
    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Batch, StoreError>;
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
        self.with(|map| map.extend(batch));
        Ok(())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Batch, StoreError> {
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
