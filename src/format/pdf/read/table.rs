//! The position of every object in every state of the file.

use std::collections::{BTreeMap, BTreeSet};

use super::object::Dict;

/// The position of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum XrefEntry {
    /// At an offset of the file.
    At { offset: usize, generation: u16 },
    /// In an object stream.
    Inside { stream: u32, index: usize },
    /// The object is free.
    Free,
}

impl XrefEntry {
    /// The object stream that contains the object.
    fn stream(self) -> Option<u32> {
        if let Self::Inside { stream, .. } = self { Some(stream) } else { None }
    }
}

/// One section of the chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    pub(super) entries: BTreeMap<u32, XrefEntry>,
    pub(super) trailer: Dict,
    /// Offset of the section itself.
    pub(super) offset: usize,
    /// The byte after its trailer, or after its stream.
    pub(super) after: usize,
    pub(super) prev: Option<usize>,
    /// The numbers that only the stream of a hybrid has, which programs see that read both parts.
    pub(super) hidden: BTreeSet<u32>,
    /// Those of them that the table calls free.
    pub(super) freed: BTreeSet<u32>,
}

/// The entries of all sections, by number and then by age: the oldest first.
#[derive(Debug)]
pub(super) struct Table(Vec<Row>);

#[derive(Debug)]
struct Row {
    number: u32,
    /// The index of its section, from the oldest on.
    section: usize,
    entry: XrefEntry,
}

impl Table {
    /// The table of these sections, the newest first.
    pub(super) fn of(sections: Vec<Section>) -> Self {
        let count = sections.iter().map(|section| section.entries.len()).sum();
        let mut rows = Vec::with_capacity(count);
        for (section, entries) in sections.into_iter().rev().map(|one| one.entries).enumerate() {
            rows.extend(entries.into_iter().map(|(number, entry)| Row { number, section, entry }));
        }
        rows.sort_unstable_by_key(|row| (row.number, row.section));
        Self(rows)
    }

    /// The position of an object in the state with this many sections, by the newest of them that
    /// lists it.
    pub(super) fn entry(&self, number: u32, sections: usize) -> Option<XrefEntry> {
        let behind = self.0.partition_point(|row| (row.number, row.section) < (number, sections));
        let row = self.0.get(behind.checked_sub(1)?)?;
        (row.number == number).then_some(row.entry)
    }

    /// The object streams that entries of any section name, ascending.
    pub(super) fn object_streams(&self) -> Vec<u32> {
        let mut streams: Vec<u32> = self.0.iter().filter_map(|row| row.entry.stream()).collect();
        streams.sort_unstable();
        streams.dedup();
        streams
    }

    /// The numbers of the objects in any of these object streams in that state, ascending.
    pub(super) fn inside<'a>(
        &'a self,
        streams: &'a BTreeSet<u32>,
        sections: usize,
    ) -> impl Iterator<Item = u32> + 'a {
        let is_inside = move |number: &u32| {
            let entry = self.entry(*number, sections);
            entry.and_then(XrefEntry::stream).is_some_and(|stream| streams.contains(&stream))
        };
        self.at(sections).filter(is_inside)
    }

    /// Number of entries in all sections.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The highest number that has an object in that state, and how many rows were passed to find
    /// it.
    pub(super) fn highest(&self, sections: usize) -> (u32, usize) {
        let mut free = None;
        for (row, passed) in self.0.iter().rev().zip(1..) {
            if row.section >= sections || free == Some(row.number) {
                continue;
            }
            if row.entry != XrefEntry::Free {
                return (row.number, passed);
            }
            free = Some(row.number);
        }
        (0, self.0.len())
    }

    /// The numbers that have an object in that state, ascending.
    pub(super) fn at(&self, sections: usize) -> impl Iterator<Item = u32> {
        let known = self.0.iter().filter(move |row| row.section < sections);
        let mut known = known.peekable();
        std::iter::from_fn(move || {
            loop {
                let row = known.next()?;
                let is_newest = known.peek().is_none_or(|next| next.number != row.number);
                if is_newest && row.entry != XrefEntry::Free {
                    return Some(row.number);
                }
            }
        })
    }
}
