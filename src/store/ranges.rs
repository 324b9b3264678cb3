//! Reserved numbers and their fate: each is used once, or void, or still open.

use std::collections::{BTreeMap, BTreeSet};

use super::StoreError;
use super::act::{Event, EventKind, read, written};
use super::index::{Batch, Index};
use super::lookup::key;

/// The open numbers of every range, as intervals from their first to one past their last.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenNumbers {
    ranges: BTreeMap<String, Intervals>,
    /// Ranges that differ from their form in the index.
    changed: BTreeSet<String>,
}

type Intervals = BTreeMap<u64, u64>;

impl OpenNumbers {
    /// Those that the index has.
    pub(super) fn load(index: &dyn Index) -> Result<Self, StoreError> {
        let prefix = open_key("");
        let mut ranges = BTreeMap::new();
        for (key, value) in index.scan(&prefix, b"", usize::MAX)? {
            let name = key.get(prefix.len()..).and_then(|name| std::str::from_utf8(name).ok());
            let bad = || StoreError::Index("a range of numbers cannot be read".to_owned());
            ranges.insert(name.ok_or_else(bad)?.to_owned(), read(&value)?);
        }
        Ok(Self { ranges, changed: BTreeSet::new() })
    }

    /// Puts the ranges that changed into the batch.
    pub(super) fn flush(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        for name in std::mem::take(&mut self.changed) {
            match self.ranges.get(&name) {
                Some(open) if !open.is_empty() => {
                    let text = written(|| format!("the open numbers of {name}"), open)?;
                    batch.put(open_key(&name), text.into_bytes());
                }
                _ => batch.remove(open_key(&name)),
            }
        }
        self.ranges.retain(|_, open| !open.is_empty());
        Ok(())
    }

    /// Applies an event of the journal.
    pub(super) fn replay(&mut self, event: &Event) {
        if let Some((range, from, end)) = &event.range {
            let open = self.ranges.entry(range.clone()).or_default();
            // Intervals never overlap, also when the index is ahead of the events that are replayed.
            take(open, *from, *end);
            if !matches!(event.kind, EventKind::Void | EventKind::Returned) {
                open.insert(*from, *end);
            }
            self.changed.insert(range.clone());
        }
        for (range, number) in &event.drawn {
            if let Some(open) = self.ranges.get_mut(range) {
                take(open, *number, number.saturating_add(1));
                self.changed.insert(range.clone());
            }
        }
    }

    /// Every interval, with its range.
    pub(super) fn intervals(&self) -> impl Iterator<Item = (&str, u64, u64)> {
        self.ranges
            .iter()
            .flat_map(|(range, open)| open.iter().map(|(from, end)| (range.as_str(), *from, *end)))
    }
}

fn open_key(name: &str) -> Vec<u8> {
    key(b'o', &[name.as_bytes()])
}

/// Removes `from..end`.
fn take(open: &mut BTreeMap<u64, u64>, from: u64, end: u64) {
    let touched: Vec<_> = open
        .range(..end)
        .filter(|(_, until)| **until > from)
        .map(|(start, until)| (*start, *until))
        .collect();
    for (start, until) in touched {
        open.remove(&start);
        if start < from {
            open.insert(start, from);
        }
        if end < until {
            open.insert(end, until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_splits_an_interval() {
        let mut open = BTreeMap::from([(1, 11)]);
        for (from, end) in [(3, 4), (1, 2), (9, 12), (20, 30), (3, 4)] {
            take(&mut open, from, end);
        }
        assert_eq!(open, BTreeMap::from([(2, 3), (4, 9)]));
    }
}
