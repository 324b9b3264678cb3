//! The revisions of a file: the chain of cross-references, and the end of each revision.

use std::collections::BTreeMap;

use super::lexer::{Lexer, is_space};
use super::table::{Section, XrefEntry};
use super::xref;
use super::{ReadError, fault};
use crate::base::limits::{Budget, Purse};

/// One saving of the file: the original, or an incremental update.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Offset of its cross-reference.
    pub xref: usize,
    /// Offset of its first byte: the end of the revision before it.
    pub begin: usize,
    /// The byte after its `%%EOF` and line end.
    pub end: usize,
    /// The objects that it wrote or freed.
    pub objects: Vec<u32>,
    /// How many sections of cross-references there were then.
    pub(super) sections: usize,
}

/// The sections from the newest to the oldest.
pub(super) fn chain(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Section>, ReadError> {
    // Not only near the end (annex H.3.18): the caller reports bytes after the last revision as a
    // change, not as an unreadable file.
    let Some(place) = bytes.windows(9).rposition(|word| word == b"startxref") else {
        return fault(bytes.len(), "no startxref: the file is cut");
    };
    let mut lexer = Lexer::new(bytes, place.saturating_add(9), true);
    let offset = lexer.unsigned().and_then(|offset| usize::try_from(offset).ok());
    let Some(mut offset) = offset.filter(|offset| *offset < place) else {
        return fault(place, "startxref does not point into the file");
    };
    let mut sections = Vec::new();
    loop {
        budget.pay(Purse::Revisions, 1, "revisions")?;
        let section = xref::section(bytes, offset, budget)?;
        let prev = section.prev;
        // Only a linearized file (annex F) points forward, once, from its first page's table to the
        // rest, where the chain ends. So the loop terminates.
        let forward =
            sections.last().is_some_and(|newer: &Section| newer.prev > Some(newer.offset));
        if forward && prev.is_some() {
            return fault(offset, "/Prev does not point to an earlier cross-reference");
        }
        sections.push(section);
        match prev {
            Some(prev) => offset = prev,
            None => break,
        }
    }
    if covers(&sections) {
        return fault(offset, "a hybrid cross-reference hides what older programs see");
    }
    Ok(sections)
}

/// Whether a hybrid's stream has another position for an object of an older table: a program that
/// ignores the stream uses the older one. The sections are those of a chain, the newest first.
fn covers(sections: &[Section]) -> bool {
    // The entries of the tables, from the oldest on; `None` for a number with several positions.
    let mut tables: BTreeMap<u32, Option<XrefEntry>> = BTreeMap::new();
    if sections.iter().all(|section| section.hidden.is_empty()) {
        return false;
    }
    for section in sections.iter().rev() {
        let differs = |number: &u32| {
            let known = tables.get(number);
            known.is_some_and(|known| {
                section.freed.contains(number) || known.as_ref() != section.entries.get(number)
            })
        };
        if section.hidden.iter().any(differs) {
            return true;
        }
        let entries = section.entries.iter().filter(|(number, entry)| {
            **entry != XrefEntry::Free && !section.hidden.contains(number)
        });
        for (number, entry) in entries {
            let known = tables.entry(*number).or_insert(Some(*entry));
            *known = known.filter(|known| known == entry);
        }
    }
    false
}

/// The revisions, oldest first. The two tables of a linearized file are one revision.
pub(super) fn saved(bytes: &[u8], sections: &[Section]) -> Result<Vec<Revision>, ReadError> {
    let mut revisions: Vec<Revision> = Vec::new();
    let newer = sections.iter().rev().skip(1).map(Some).chain([None]);
    for ((section, newer), at) in sections.iter().rev().zip(newer).zip(1..) {
        let objects = section.entries.keys().copied();
        match revisions.last_mut() {
            // Its end is that of the rest, which follows it. The bytes after its own table are not
            // used; after a stream, programs write nothing.
            Some(rest) if is_first_page(section) => {
                rest.objects.extend(objects);
                rest.sections = at;
            }
            _ => {
                // The rest of a linearized file points back to its first page (annex F.3.4).
                let first = newer.filter(|newer| is_first_page(newer)).unwrap_or(section);
                let end = end_of(bytes, section, first.offset)?;
                let begin = revisions.last().map_or(0, |before| before.end);
                if end <= begin {
                    return fault(section.offset, "savings that do not follow each other");
                }
                let objects = objects.collect();
                revisions.push(Revision {
                    xref: section.offset,
                    begin,
                    end,
                    objects,
                    sections: at,
                });
            }
        }
    }
    Ok(revisions)
}

/// The offset after the header and the comments that immediately follow it (7.5.2).
pub(super) fn header(bytes: &[u8]) -> usize {
    let lines = bytes.split_inclusive(|byte| matches!(byte, b'\r' | b'\n'));
    let comment = |line: &&[u8]| line.starts_with(b"%") || line.iter().all(|byte| is_space(*byte));
    lines.take_while(comment).map(<[u8]>::len).fold(0, usize::saturating_add)
}

/// Whether a section is the first of the two of a linearized file: it points forward.
fn is_first_page(section: &Section) -> bool {
    section.prev > Some(section.offset)
}

/// Where the revision of a section ends: after its `startxref`, whose offset must be `wanted`,
/// `%%EOF`, and one line end.
fn end_of(bytes: &[u8], section: &Section, wanted: usize) -> Result<usize, ReadError> {
    let mut lexer = Lexer::new(bytes, section.after, true);
    if !lexer.keyword("startxref") {
        return fault(section.after, "something else than startxref follows a cross-reference");
    }
    let named = lexer.unsigned().and_then(|offset| usize::try_from(offset).ok());
    if named.map(|named| xref::begin(bytes, named)) != Some(wanted) {
        return fault(section.after, "startxref names another place than its cross-reference");
    }
    let rest = bytes.get(lexer.at()..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| is_space(**byte)).count();
    if !rest.get(blank..).is_some_and(|rest| rest.starts_with(b"%%EOF")) {
        return fault(lexer.at(), "no %%EOF after the cross-reference");
    }
    let mut end = lexer.at().saturating_add(blank).saturating_add(5);
    if bytes.get(end) == Some(&b'\r') {
        end = end.saturating_add(1);
    }
    if bytes.get(end) == Some(&b'\n') {
        end = end.saturating_add(1);
    }
    Ok(end)
}

/// The place behind a comment in which a program names itself, and its line end.
pub(super) fn after_name(bytes: &[u8], at: usize) -> Option<usize> {
    let name = bytes.get(at..)?.iter().take_while(|byte| matches!(byte, b' '..=b'~'));
    let name = Some(name.count()).filter(|count| *count <= LONGEST_NAME)?;
    line_end(bytes, at.saturating_add(name))
}

/// The place behind a line end, and a space before it.
pub(super) fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    let at = if bytes.get(at) == Some(&b' ') { at.saturating_add(1) } else { at };
    match bytes.get(at..)? {
        [b'\r', b'\n', ..] => Some(at.saturating_add(2)),
        [b'\r' | b'\n', ..] => Some(at.saturating_add(1)),
        _ => None,
    }
}

/// Bytes of a comment with the name of a program; programs write some 50.
const LONGEST_NAME: usize = 120;

#[cfg(test)]
#[expect(
    clippy::format_push_string,
    clippy::arithmetic_side_effects,
    reason = "the tests build their own files"
)]
mod tests {
    use crate::base::limits::Budget;
    use crate::format::pdf::read::{Document, Object, ReadError};

    /// A linearized file (annex F): the table of the first page before that of the rest, each with
    /// the offset of the other.
    fn linearized(prev_of_rest: &str) -> Vec<u8> {
        let first = "%PDF-1.7\n2 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n";
        let at = |offset: usize| format!("{offset:010} 00000 n \n");
        let front = |rest: usize| {
            let table = format!("xref\n2 1\n{}", at(9));
            format!("{table}trailer\n<</Size 3/Root 2 0 R/Prev {rest:010}>>\nstartxref\n0\n%%EOF\n")
        };
        let pages = "1 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n";
        let pages_at = first.len() + front(0).len();
        let rest = pages_at + pages.len();
        let mut file = format!("{first}{}{pages}", front(rest));
        file += &format!("xref\n1 1\n{}trailer\n<</Size 2{prev_of_rest}>>\n", at(pages_at));
        file += &format!("startxref\n{}\n%%EOF\n", first.len());
        file.into_bytes()
    }

    #[test]
    fn a_linearized_file_is_one_saving() {
        let file = linearized("");
        let budget = &mut Budget::default();
        let document = Document::parse(&file, budget).unwrap();
        assert_eq!(document.revisions().len(), 1);
        assert_eq!(document.end(), file.len());
        assert_eq!(document.revisions()[0].objects, [1, 2]);
        let pages = document.get(&document.catalog(budget).unwrap(), "Pages", budget).unwrap();
        assert!(matches!(pages, Object::Dict(pages) if pages.is("Pages")));
    }

    #[test]
    fn a_chain_goes_forward_once_and_never_round() {
        for prev in ["/Prev 52", "/Prev 9", "/Prev 400", "/Prev 99999"] {
            let file = linearized(prev);
            let result = Document::parse(&file, &mut Budget::default());
            assert!(matches!(result, Err(ReadError::Structure { .. })), "{prev}");
        }
    }

    #[test]
    fn a_table_is_read_beyond_size() {
        let file = String::from_utf8(linearized("")).unwrap().replace("/Size 3", "/Size 2");
        assert!(Document::parse(file.as_bytes(), &mut Budget::default()).is_ok());
    }

    /// A hybrid after a plain table. Its stream has another position for the pages, or for a number
    /// that the table lacks.
    #[test]
    fn a_hybrid_hides_nothing_that_older_programs_see() {
        for (number, readable) in [(2, false), (3, true)] {
            let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n".to_vec();
            let pages = file.len();
            file.extend(b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n");
            let first = file.len();
            let table = format!("xref\n1 2\n{:010} 00000 n \n{pages:010} 00000 n \n", 9);
            let end = |size, more: &str, at| {
                let dict = format!("<</Size {size}/Root 1 0 R{more}>>");
                format!("trailer\n{dict}\nstartxref\n{at}\n%%EOF\n")
            };
            file.extend([table, end(3, "", first)].concat().bytes());
            let other = u8::try_from(file.len() >> 8).unwrap();
            let other = [1, other, u8::try_from(file.len() & 255).unwrap(), 0];
            file.extend(format!("{number} 0 obj\n<</Type/Pages>>\nendobj\n").bytes());
            let stream = file.len();
            let dict = format!("<</Type/XRef/Size 5/W[1 2 1]/Index[{number} 1]/Length 4>>");
            file.extend(format!("4 0 obj\n{dict}stream\n").bytes());
            file.extend(other);
            file.extend(b"\nendstream\nendobj\n");
            let second = file.len();
            let more = format!("/Prev {first}/XRefStm {stream}");
            file.extend(format!("xref\n0 0\n{}", end(5, &more, second)).bytes());
            let result = Document::parse(&file, &mut Budget::default());
            assert_eq!(result.is_ok(), readable, "{number}: {result:?}");
        }
    }
}
