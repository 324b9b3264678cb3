//! Reserved numbers and their fate: each is used once, or void, or still open.

use std::collections::BTreeMap;

use super::act::{Event, EventKind};

/// The open numbers of every range, as intervals from their first to one past their last.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenNumbers(BTreeMap<String, BTreeMap<u64, u64>>);

impl OpenNumbers {
    /// Applies an event of the journal.
    pub(super) fn replay(&mut self, event: &Event) {
        if let Some((range, from, end)) = &event.range {
            let open = self.0.entry(range.clone()).or_default();
            match event.kind {
                EventKind::Void | EventKind::Returned => take(open, *from, *end),
                _ => {
                    open.insert(*from, *end);
                }
            }
        }
        for (range, number) in &event.drawn {
            if let Some(open) = self.0.get_mut(range) {
                take(open, *number, number.saturating_add(1));
            }
        }
    }

    /// Every interval, with its range.
    pub(super) fn intervals(&self) -> impl Iterator<Item = (&str, u64, u64)> {
        self.0
            .iter()
            .flat_map(|(range, open)| open.iter().map(|(from, end)| (range.as_str(), *from, *end)))
    }
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
