//! Cross-references (ISO 32000-1, 7.5.4 to 7.5.8): tables, streams, and the chain of them.

use super::table::{Section, XrefEntry};
use std::collections::BTreeMap;

use super::filter;
use super::indirect::{Indirect, indirect};
use super::lexer::{Lexer, after_line_end};
use super::object::{Dict, Object};
use super::{ReadError, ambiguous, fault};
use crate::base::limits::{Budget, OverBudget, Purse};

/// Reads the section at an offset, table or stream.
pub(super) fn section(
    bytes: &[u8],
    offset: usize,
    budget: &mut Budget,
) -> Result<Section, ReadError> {
    let offset = begin(bytes, offset);
    let mut lexer = Lexer::new(bytes, offset, true);
    let is_table = bytes.get(offset..).unwrap_or_default().starts_with(b"xref");
    let section = if is_table {
        lexer.keyword("xref");
        table(bytes, lexer, offset, budget)?
    } else {
        stream(bytes, offset, budget)?
    };
    let read = section.after.saturating_sub(offset);
    budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
    if section.trailer.get("Encrypt").is_some() {
        return Err(ReadError::Encrypted);
    }
    match section.trailer.get("XRefStm").map(Object::int) {
        None => Ok(section),
        Some(place) if is_table => hybrid(bytes, section, place, budget),
        // Only tables have a stream beside them (7.5.8.4). Some readers look for one of a stream
        // too; what it says may not be written later.
        Some(place) => earlier(offset, place).map(|_| section),
    }
}

/// The place of `/XRefStm`, before its section.
fn earlier(section: usize, place: Option<i64>) -> Result<usize, ReadError> {
    let place = place.and_then(|place| usize::try_from(place).ok());
    match place.filter(|place| *place < section) {
        Some(place) => Ok(place),
        None => fault(section, "/XRefStm does not point to an earlier place"),
    }
}

/// The position of the section that an offset names.
pub(super) fn begin(bytes: &[u8], offset: usize) -> usize {
    let begin = after_line_end(bytes, offset);
    let table = bytes.get(begin..).is_some_and(|rest| rest.starts_with(b"xref"));
    if table { begin } else { offset }
}

/// A table with a stream beside it (7.5.8.4), as office suites write them.
///
/// Programs differ in which of the two they read first. So the stream may have objects that the
/// table lacks, lists as free, or has at the same position; anything else would be two documents in
/// one file.
fn hybrid(
    bytes: &[u8],
    mut section: Section,
    place: Option<i64>,
    budget: &mut Budget,
) -> Result<Section, ReadError> {
    let place = earlier(section.offset, place)?;
    let hidden = stream(bytes, place, budget)?;
    if hidden.after > section.offset {
        return fault(place, "the two parts of a hybrid cross-reference lie in each other");
    }
    if hidden.prev.is_some_and(|prev| Some(prev) != section.prev) {
        return fault(place, "the two parts of a hybrid cross-reference go on differently");
    }
    for (number, entry) in hidden.entries {
        match section.entries.insert(number, entry) {
            None => drop(section.hidden.insert(number)),
            Some(XrefEntry::Free) => {
                section.hidden.insert(number);
                section.freed.insert(number);
            }
            Some(known) if known == entry => {}
            Some(_) => return fault(place, ambiguous::TWO_PLACES),
        }
    }
    Ok(section)
}

/// Pays for reading one entry, and for its memory in its section and in the table of all.
fn pay(budget: &mut Budget) -> Result<(), OverBudget> {
    budget.pay(Purse::Objects, 1, "objects")?;
    budget.pay(Purse::Memory, BYTES_OF_AN_ENTRY, "memory for the table of objects")
}

fn table(
    bytes: &[u8],
    mut lexer: Lexer<'_>,
    offset: usize,
    budget: &mut Budget,
) -> Result<Section, ReadError> {
    let mut entries = BTreeMap::new();
    while !lexer.keyword("trailer") {
        let (Some(first), Some(count)) = (lexer.unsigned(), lexer.unsigned()) else {
            return fault(lexer.at(), "a malformed cross-reference table");
        };
        for index in 0..count {
            pay(budget)?;
            let place = lexer.at();
            let (Some(offset), Some(generation)) = (lexer.unsigned(), lexer.unsigned()) else {
                return fault(place, "a malformed cross-reference entry");
            };
            let used = lexer.keyword("n");
            if !used && !lexer.keyword("f") {
                return fault(place, "a malformed cross-reference entry");
            }
            let number = first.checked_add(index).and_then(|number| u32::try_from(number).ok());
            let (Some(number), Ok(offset)) = (number, usize::try_from(offset)) else {
                return fault(place, "an object number out of range");
            };
            let generation = u16::try_from(generation).unwrap_or(u16::MAX);
            let entry = if used { XrefEntry::At { offset, generation } } else { XrefEntry::Free };
            if entries.insert(number, entry).is_some() {
                return fault(place, "an object stands twice in one cross-reference");
            }
        }
    }
    let Object::Dict(trailer) = lexer.object(budget.depth, budget)? else {
        return fault(lexer.at(), "the trailer is no dictionary");
    };
    let prev = previous(&trailer, offset, bytes)?;
    let after = lexer.at();
    Ok(Section { entries, trailer, offset, after, prev, ..Section::default() })
}

fn stream(bytes: &[u8], offset: usize, budget: &mut Budget) -> Result<Section, ReadError> {
    let found = indirect(bytes, offset, None, budget)?;
    let Some(Indirect { object: Object::Stream(stream), end: after, .. }) = found else {
        return fault(offset, ambiguous::NO_SECTION);
    };
    if !stream.dict.is("XRef") {
        return fault(offset, ambiguous::NO_SECTION);
    }
    let raw = bytes.get(stream.span.clone()).unwrap_or_default();
    let Some(data) = filter::decode(&stream.dict, raw, offset, budget)? else {
        return fault(offset, "a cross-reference stream with an unknown filter");
    };
    let entries = stream_entries(&stream.dict, &data, offset, budget)?;
    let prev = previous(&stream.dict, offset, bytes)?;
    let trailer = stream.dict;
    Ok(Section { entries, trailer, offset, after, prev, ..Section::default() })
}

fn stream_entries(
    dict: &Dict,
    data: &[u8],
    at: usize,
    budget: &mut Budget,
) -> Result<BTreeMap<u32, XrefEntry>, ReadError> {
    let numbers = |key: &str| -> Option<Vec<usize>> {
        let items = dict.get(key)?.array()?;
        items.iter().map(|item| usize::try_from(item.int()?).ok()).collect()
    };
    let Some([kind, second, third]) = numbers("W").and_then(|w| <[usize; 3]>::try_from(w).ok())
    else {
        return fault(at, "a malformed /W");
    };
    // Eight bytes are a number of 64 bits; a row without a position is useless.
    if kind > 8 || second > 8 || third > 8 || second == 0 {
        return fault(at, "a /W that no file needs");
    }
    let size = dict.get("Size").and_then(Object::int).and_then(|size| usize::try_from(size).ok());
    let index = match (dict.get("Index"), size) {
        (None, Some(size)) => vec![0, size],
        (Some(_), _) => match numbers("Index") {
            Some(pairs) => pairs,
            None => return fault(at, "a malformed /Index"),
        },
        (None, None) => Vec::new(),
    };
    let width = kind.saturating_add(second).saturating_add(third);
    let mut rows = data.chunks_exact(width);
    let mut entries = BTreeMap::new();
    for pair in index.chunks(2) {
        let [first, count] = pair else { return fault(at, "a malformed /Index") };
        for step in 0..*count {
            pay(budget)?;
            let Some(row) = rows.next() else {
                return fault(at, "a cross-reference stream that is too short");
            };
            let number = first.checked_add(step).and_then(|number| u32::try_from(number).ok());
            let (Some(number), Some(entry)) = (number, row_entry(row, kind, second)) else {
                return fault(at, "a malformed cross-reference entry");
            };
            // Also beyond /Size (7.5.5), as other readers do: pdfunite and PDFBox write too
            // small a number there.
            if entries.insert(number, entry).is_some() {
                return fault(at, "an object stands twice in one cross-reference");
            }
        }
    }
    if rows.next().is_some() {
        return fault(at, "a cross-reference stream that is too long");
    }
    Ok(entries)
}

fn row_entry(row: &[u8], kind: usize, second: usize) -> Option<XrefEntry> {
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let (first, rest) = row.split_at_checked(kind)?;
    let (second, third) = rest.split_at_checked(second)?;
    let kind = if first.is_empty() { 1 } else { number(first) };
    let (second, third) = (number(second), number(third));
    Some(match kind {
        1 => XrefEntry::At {
            offset: usize::try_from(second).ok()?,
            generation: u16::try_from(third).ok()?,
        },
        2 => XrefEntry::Inside {
            stream: u32::try_from(second).ok()?,
            index: usize::try_from(third).ok()?,
        },
        // Also entries of an unknown type, which count as null (7.5.8.3).
        _ => XrefEntry::Free,
    })
}

fn previous(trailer: &Dict, offset: usize, bytes: &[u8]) -> Result<Option<usize>, ReadError> {
    match trailer.get("Prev") {
        None => Ok(None),
        Some(object) => {
            let prev = object.int().and_then(|prev| usize::try_from(prev).ok());
            // The caller, which follows the chain, decides whether it may point forward.
            let prev = prev.map(|prev| begin(bytes, prev));
            match prev.filter(|prev| *prev != offset && *prev < bytes.len()) {
                Some(prev) => Ok(Some(prev)),
                None => fault(offset, "/Prev does not point to an earlier cross-reference"),
            }
        }
    }
}

/// An entry takes 40 bytes of a map with the unused space in its node, 32 in the table, and 4 in
/// the list of its revision.
const BYTES_OF_AN_ENTRY: usize = 64;
