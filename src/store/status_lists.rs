//! The office's status lists in the index: which entries were given out, and the bits of those that
//! are not zero.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StoreError;
use super::index::{Batch, Index};
use super::lookup::key;

/// The entries of a status list whose bits are not zero.
pub(super) fn status(index: &dyn Index, list: u32) -> Result<Vec<(u32, u8)>, StoreError> {
    let prefix = key(b'b', &[&list.to_be_bytes(), b""]);
    let mut found = Vec::new();
    for (key, page) in index.scan(&prefix, b"", usize::MAX)? {
        let number = key.get(prefix.len()..).and_then(|number| number.try_into().ok());
        let number = u32::from_be_bytes(number.unwrap_or_default());
        let first = number.saturating_mul(PAGE);
        found.extend((first..).zip(page).filter(|(_, bits)| *bits != 0));
    }
    Ok(found)
}

/// Whether an entry of a status list was given out.
pub(super) fn is_given(index: &dyn Index, list: u32, entry: u32) -> Result<bool, StoreError> {
    Ok(index.get(&status_key(list, entry))?.is_some())
}

/// The numbers of the status lists of which an entry was given out, ascending.
pub(super) fn status_lists(index: &dyn Index) -> Result<Vec<u32>, StoreError> {
    let prefix = key(b'v', &[b""]);
    let found = index.scan(&prefix, b"", usize::MAX)?.into_iter();
    let number = |key: Vec<u8>| Some(u32::from_be_bytes(key.get(prefix.len()..)?.try_into().ok()?));
    Ok(found.filter_map(|(key, _)| number(key)).collect())
}

/// Entries of status lists that the events of a group set: a list is kept in pages, each of them
/// the bits of so many entries, and one without a page has zeros.
#[derive(Debug, Default)]
pub(super) struct StatusPages(BTreeMap<(u32, u32), Vec<(u32, u8)>>);

impl StatusPages {
    pub(super) fn set(&mut self, entries: &[(u32, u32, u8)]) {
        for (list, entry, bits) in entries {
            let changes = self.0.entry((*list, entry / PAGE)).or_default();
            changes.push((entry % PAGE, *bits));
        }
    }

    pub(super) fn flush(self, index: &dyn Index, batch: &mut Batch) -> Result<(), StoreError> {
        for ((list, number), changes) in self.0 {
            let key = key(b'b', &[&list.to_be_bytes(), &number.to_be_bytes()]);
            let page = index.get(&key)?;
            if page.is_none() && changes.iter().all(|(_, bits)| *bits == 0) {
                continue;
            }
            let mut page = page.unwrap_or_else(|| vec![0; PAGE as usize]);
            for (at, bits) in changes {
                if let Some(entry) = usize::try_from(at).ok().and_then(|at| page.get_mut(at)) {
                    *entry = bits;
                }
            }
            batch.put(key, page);
        }
        Ok(())
    }
}

/// How often each status list was changed since the store was opened.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusChanges(Arc<BTreeMap<u32, u64>>);

impl StatusChanges {
    pub(super) fn of(&self, list: u32) -> u64 {
        self.0.get(&list).copied().unwrap_or_default()
    }

    pub(super) fn count(&mut self, lists: impl IntoIterator<Item = u32>) {
        for list in lists {
            let count = Arc::make_mut(&mut self.0).entry(list).or_default();
            *count = count.saturating_add(1);
        }
    }
}

pub(super) fn status_key(list: u32, entry: u32) -> Vec<u8> {
    key(b's', &[&list.to_be_bytes(), &entry.to_be_bytes()])
}

/// Present for each list of which an entry was given out.
pub(super) fn list_key(list: u32) -> Vec<u8> {
    key(b'v', &[&list.to_be_bytes()])
}

/// Entries of a page. A change writes a page, and reading a list reads every page that it has.
const PAGE: u32 = 256;
