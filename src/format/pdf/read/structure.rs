//! Whether a revision is written so that every reader finds the same objects in it.
//!
//! Readers take short cuts (rows of 20 bytes, whatever stands in them), follow what others do not,
//! and search the whole file for objects when a cross-reference looks wrong to them. So a revision
//! behind a signature must have the exact form that the standard gives it, and nothing in it that
//! looks like another object. Programs that save write nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::indirect::{Indirect, header_number};
use super::lexer::{Lexer, after_line_end, is_delimiter, is_space};
use super::revision::{Revision, after_name, line_end};
use super::table::XrefEntry;
use super::{Dict, Object, ReadError};
use crate::base::limits::{Budget, Purse};

/// Where a revision can be read in two ways, and why.
pub(super) type Ambiguity = (usize, &'static str);

impl Document<'_> {
    /// The first place of the newest revision that readers read in different ways.
    pub fn ambiguity(
        &self,
        budget: &mut Budget,
    ) -> Result<Option<(usize, &'static str)>, ReadError> {
        let Some(revision) = self.revisions().last() else { return Ok(None) };
        // The states after each signature are compared with the same revisions.
        if let Some(known) = self.cache().ambiguity(revision.end) {
            return Ok(known);
        }
        let ambiguity = self.ambiguity_of(revision, budget)?;
        self.cache().keep_ambiguity(revision.end, ambiguity);
        Ok(ambiguity)
    }

    fn ambiguity_of(
        &self,
        revision: &Revision,
        budget: &mut Budget,
    ) -> Result<Option<Ambiguity>, ReadError> {
        let bytes = self.bytes().get(..revision.end).unwrap_or_default();
        let read = revision.end.saturating_sub(revision.begin);
        budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
        if let Some(number) = header_number(bytes, revision.xref)
            && self.is_used_elsewhere(number, revision.xref)
        {
            return Ok(Some((revision.xref, "a cross-reference with the number of an object")));
        }
        let beside = self.trailer().get("XRefStm");
        if beside.is_some() && !is_table(bytes, revision.xref) {
            // Only tables have one (7.5.8.4); some readers follow it all the same.
            return Ok(Some((revision.xref, "/XRefStm in a cross-reference stream (7.5.8.4)")));
        }
        if let Some(place) = beside.and_then(Object::int) {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            let number = header_number(bytes, place);
            let own = number.is_some_and(|number| !self.is_used_elsewhere(number, place));
            if !own || !self.offsets(revision).contains(&place) {
                return Ok(Some((revision.xref, "/XRefStm names no object of its own")));
            }
        }
        if let Some(ambiguity) = self.out_of_range(revision, budget)? {
            return Ok(Some(ambiguity));
        }
        if let Some(ambiguity) = self.linearized(budget)? {
            return Ok(Some(ambiguity));
        }
        let ambiguity = match section(bytes, revision.xref, budget)? {
            Err(ambiguity) => Some(ambiguity),
            Ok(written) => self.misleading(revision, written),
        };
        if ambiguity.is_some() {
            return Ok(ambiguity);
        }
        match self.odd(revision, budget)? {
            None => self.surplus(revision, budget),
            some => Ok(some),
        }
    }

    /// An object of the revision that readers spell differently, now or before: a reader that takes
    /// a part of a name for white space sees a change where the standard has none, both when the
    /// name is written so now, and when it is no longer.
    fn odd(
        &self,
        revision: &Revision,
        budget: &mut Budget,
    ) -> Result<Option<Ambiguity>, ReadError> {
        let before = self.revisions().iter().rev().nth(1);
        let before = before.map(|before| self.as_of(before, budget)).transpose()?;
        for number in &revision.objects {
            let was_odd = match &before {
                Some(before) => before.is_odd(*number, budget)?,
                None => false,
            };
            if was_odd || self.is_odd(*number, budget)? {
                let place = match self.entry(*number) {
                    Some(XrefEntry::At { offset, .. }) => offset,
                    _ => revision.xref,
                };
                return Ok(Some((place, "a name or a string that readers differ about")));
            }
        }
        Ok(None)
    }

    /// Numbers that make some readers take the table for damaged, and search the file (7.5.4,
    /// 7.5.5, annex C.2).
    fn out_of_range(
        &self,
        revision: &Revision,
        budget: &mut Budget,
    ) -> Result<Option<Ambiguity>, ReadError> {
        let most = revision.objects.iter().max().copied().unwrap_or_default();
        if self.entry(0).is_some_and(|entry| entry != XrefEntry::Free) {
            return Ok(Some((revision.xref, "object 0 in use (7.5.4)")));
        }
        let size = self.trailer().get("Size").and_then(Object::int);
        let size = size.and_then(|size| u32::try_from(size).ok());
        if most > MOST_OBJECTS || size.is_none_or(|size| size == 0 || size > MOST_OBJECTS + 1) {
            return Ok(Some((revision.xref, "object numbers or a /Size that no file has")));
        }
        let highest = self.highest(budget)?.max(most);
        if size.is_some_and(|size| size > highest.saturating_add(MOST_UNUSED)) {
            return Ok(Some((revision.xref, "a /Size far beyond its objects")));
        }
        if size.is_some_and(|size| size <= highest) && self.differs_when_searched(budget)? {
            return Ok(Some((revision.xref, "a /Size below its objects (7.5.5)")));
        }
        Ok(None)
    }

    /// Whether a reader that searches the file would find another object than the table has: one
    /// that is listed nowhere, or behind the listed one of its number.
    ///
    /// Readers search when `/Size` is not above every number. Some programs write it so, and a
    /// search finds in their files what is listed.
    fn differs_when_searched(&self, budget: &mut Budget) -> Result<bool, ReadError> {
        let bytes = self.bytes();
        budget.pay(Purse::ReadBytes, bytes.len(), "bytes of objects")?;
        let mut places = BTreeMap::new();
        for at in (0..bytes.len()).filter(|at| bytes.get(*at) == Some(&b'o')) {
            if !bytes.get(at..).is_some_and(|rest| rest.starts_with(b"obj")) || !is_head(bytes, at)
            {
                continue;
            }
            let place = numbers_before(bytes, at);
            let number = place.and_then(|place| digits(bytes, place));
            let number = number.and_then(|(number, _)| u32::try_from(number).ok());
            let (Some(number), Some(place)) = (number, place) else { return Ok(true) };
            budget.pay(Purse::Objects, 1, "objects")?;
            budget.pay(Purse::Memory, BYTES_OF_A_PLACE, "memory for objects")?;
            // A search takes the last one.
            places.insert(number, place);
        }
        Ok(places.into_iter().any(|(number, place)| match self.entry(number) {
            Some(XrefEntry::At { offset, .. }) => after_line_end(bytes, offset) != place,
            // Programs list their own stream as free.
            Some(XrefEntry::Free) => place != self.revisions().last().map_or(0, |one| one.xref),
            _ => true,
        }))
    }

    /// A file that says of its first part that it is the whole: readers that open such a file from
    /// its first page pass over what follows (annex F.3.3).
    fn linearized(&self, budget: &mut Budget) -> Result<Option<Ambiguity>, ReadError> {
        // Behind the header and its comments, or behind `%PDF-1.7` and the byte after it.
        for begin in [super::revision::header(self.bytes()), HEADER] {
            let place = first_word(self.bytes(), begin);
            let mut lexer = Lexer::new(self.bytes(), place, true);
            if lexer.unsigned().is_none() || lexer.unsigned().is_none() || !lexer.keyword("obj") {
                continue;
            }
            // Also that of a stream, and without the end of the object.
            let first = match lexer.object(budget.depth, budget) {
                Ok(first) => first,
                Err(ReadError::Budget(over)) => return Err(over.into()),
                Err(_) => return Ok(Some((place, "a first object that cannot be read"))),
            };
            let read = lexer.at().saturating_sub(begin);
            budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
            let Some(first) = first.dict().filter(|first| first.get("Linearized").is_some()) else {
                continue;
            };
            let length = first.get("L").and_then(Object::int);
            let length = length.and_then(|length| usize::try_from(length).ok());
            if length.is_none_or(|length| length >= self.bytes().len()) {
                return Ok(Some((place, "/L of a linearized file that was saved again")));
            }
        }
        Ok(None)
    }

    /// Whether the table has another place for an object with the number of a cross-reference
    /// stream (7.5.8.1).
    fn is_used_elsewhere(&self, number: u32, place: usize) -> bool {
        match self.entry(number) {
            // Programs list their own stream as free, too.
            None | Some(XrefEntry::Free) => false,
            Some(XrefEntry::At { offset, .. }) => offset != place,
            Some(XrefEntry::Inside { .. }) => true,
        }
    }

    /// Where the objects of a revision begin.
    fn offsets(&self, revision: &Revision) -> BTreeSet<usize> {
        let places = revision.objects.iter().filter_map(|number| match self.entry(*number) {
            Some(XrefEntry::At { offset, .. }) => Some(offset),
            _ => None,
        });
        places.chain([revision.xref]).collect()
    }

    /// A keyword that a reader would find when it searches the bytes of the revision: those between
    /// the numbers, comments and strings are for nobody to tell apart.
    fn misleading(&self, revision: &Revision, written: Written) -> Option<Ambiguity> {
        let bytes = self.bytes().get(..revision.end)?;
        let begins =
            |at: usize, word: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(word));
        let mut heads = BTreeSet::new();
        let offsets = self.offsets(revision).into_iter().map(|at| after_line_end(bytes, at));
        for offset in offsets.filter(|at| *at >= revision.begin) {
            if begins(offset, b"xref") {
                continue;
            }
            match head(bytes, offset) {
                Some(obj) => heads.insert(obj),
                None => return Some((offset, "an object whose head is not written plainly")),
            };
        }
        for at in revision.begin..revision.end {
            match bytes.get(at) {
                Some(b'o') if begins(at, b"obj") && is_head(bytes, at) && !heads.contains(&at) => {
                    return Some((at, "what looks like an object, and is listed nowhere"));
                }
                Some(b't') if begins(at, b"trailer") && written.trailer != Some(at) => {
                    return Some((at, "what looks like another trailer"));
                }
                Some(b's') if begins(at, b"startxref") && written.startxref != at => {
                    return Some((at, "what looks like another startxref"));
                }
                _ => {}
            }
        }
        None
    }

    /// An object stream of the revision with an object that the table does not place there, or one
    /// that holds something besides its objects.
    fn surplus(
        &self,
        revision: &Revision,
        budget: &mut Budget,
    ) -> Result<Option<Ambiguity>, ReadError> {
        let mut named = BTreeSet::new();
        for number in &revision.objects {
            let offset = match self.entry(*number) {
                Some(XrefEntry::At { offset, .. }) => offset,
                // Also one of an earlier revision, which nothing had named.
                Some(XrefEntry::Inside { stream, .. }) => {
                    named.insert(stream);
                    continue;
                }
                _ => continue,
            };
            let Object::Stream(stream) = self.numbered(*number, budget)?.0 else { continue };
            let kind = self.get(&stream.dict, "Type", budget)?;
            // Some programs write such a stream beside their table. A reader that searches the file
            // takes the catalog and the encryption from it.
            if kind.name() == Some(b"XRef")
                && (stream.dict.get("Encrypt").is_some()
                    || stream
                        .dict
                        .get("Root")
                        .is_some_and(|root| self.trailer().get("Root") != Some(root)))
            {
                return Ok(Some((offset, "a cross-reference stream of another document")));
            }
            let packs = stream.dict.get("N").is_some() && stream.dict.get("First").is_some();
            if kind.name() != Some(b"ObjStm") && !packs {
                continue;
            }
            let numbers = self.object_stream_numbers(*number, budget)?;
            budget.pay(Purse::Steps, numbers.len(), "objects of an object stream")?;
            let is_listed = |(index, packed): (usize, u32)| {
                self.entry(packed) == Some(XrefEntry::Inside { stream: *number, index })
            };
            if !numbers.into_iter().enumerate().all(is_listed) {
                return Ok(Some((offset, "an object stream with an object that is not listed")));
            }
            named.insert(*number);
        }
        for number in named {
            if !self.is_plain_object_stream(number, budget)? {
                let place = match self.entry(number) {
                    Some(XrefEntry::At { offset, .. }) => offset,
                    _ => revision.xref,
                };
                let why = "an object stream with something between its objects (7.5.7)";
                return Ok(Some((place, why)));
            }
        }
        Ok(None)
    }
}

/// Where the keywords of a revision stand.
#[derive(Clone, Copy)]
struct Written {
    /// That of a table.
    trailer: Option<usize>,
    startxref: usize,
}

/// Whether a section and the end of its revision are written as the standard has it (7.5.4, 7.5.5).
fn section(
    bytes: &[u8],
    xref: usize,
    budget: &mut Budget,
) -> Result<Result<Written, Ambiguity>, ReadError> {
    let mut trailer = None;
    let after = if is_table(bytes, xref) {
        let Some(place) = rows(bytes, xref.saturating_add(4)) else {
            return Ok(Err((xref, "a cross-reference table that is not written as in 7.5.4")));
        };
        trailer = Some(place);
        let mut lexer = Lexer::new(bytes, place.saturating_add(7), true);
        lexer.object(budget.depth, budget)?;
        if lexer.is_odd() {
            return Ok(Err((place, "a trailer with a name that readers differ about")));
        }
        lexer.at()
    } else {
        let found = super::indirect::indirect(bytes, xref, None, budget)?;
        let Some(Indirect { object: Object::Stream(stream), end, is_odd }) = found else {
            return Ok(Err((xref, "a cross-reference that is no stream")));
        };
        if is_odd {
            return Ok(Err((xref, "a cross-reference with a name that readers differ about")));
        }
        let raw = bytes.get(stream.span.clone()).unwrap_or_default();
        let data = super::filter::decode(&stream.dict, raw, xref, budget)?.unwrap_or_default();
        if !are_plain_rows(&stream.dict, &data) {
            return Ok(Err((xref, "a cross-reference stream with rows that no file needs")));
        }
        end
    };
    let end = ends(bytes, after);
    Ok(end
        .map(|startxref| Written { trailer, startxref })
        .ok_or((after, "something between a cross-reference and the end of its revision")))
}

fn is_table(bytes: &[u8], xref: usize) -> bool {
    bytes.get(xref..).is_some_and(|rest| rest.starts_with(b"xref"))
}

/// Whether the rows of a cross-reference stream have the three types of table 18, generations and
/// indices that fit into 16 bits, and free rows name an object. Readers keep 32 bits of a type, and
/// some repair a file with a wider one.
fn are_plain_rows(dict: &Dict, data: &[u8]) -> bool {
    let widths = dict.get("W").and_then(Object::array).unwrap_or_default();
    let widths: Option<Vec<usize>> =
        widths.iter().map(|width| usize::try_from(width.int()?).ok()).collect();
    let Some([kind, second, third]) = widths.as_deref() else { return false };
    let (kind, second, third) = (*kind, *second, *third);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let width = kind.saturating_add(second).saturating_add(third).max(1);
    let narrow = kind <= 4;
    narrow
        && data.chunks(width).all(|row| {
            let (first, rest) = row.split_at_checked(kind).unwrap_or_default();
            let kind = if first.is_empty() { 1 } else { number(first) };
            let (next, generation) = rest.split_at_checked(second).unwrap_or_default();
            let (next, generation) = (number(next), number(generation));
            kind <= 2
                && u16::try_from(generation).is_ok()
                && (kind != 0 || next <= u64::from(MOST_OBJECTS))
        })
}

/// The place of `trailer` behind subsections that are written as 7.5.4 has them.
fn rows(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = line_end(bytes, at)?;
    while !bytes.get(at..)?.starts_with(b"trailer") {
        let (first, behind) = digits(bytes, at)?;
        let space = (bytes.get(behind) == Some(&b' ')).then_some(behind)?;
        let (count, behind) = digits(bytes, space.saturating_add(1))?;
        at = line_end(bytes, behind)?;
        let begin = at;
        for _ in 0..count {
            let row = bytes.get(at..)?.first_chunk::<20>()?;
            let is_row = row.iter().enumerate().all(|(place, byte)| match place {
                10 | 16 => *byte == b' ',
                17 => matches!(byte, b'n' | b'f'),
                18 => matches!(byte, b' ' | b'\r'),
                19 => matches!(byte, b'\r' | b'\n'),
                _ => byte.is_ascii_digit(),
            });
            is_row.then_some(())?;
            let (offset, generation) = (digits(row, 0)?.0, digits(row, 11)?.0);
            let is_free = row.get(17) == Some(&b'f');
            let fits = u16::try_from(generation).is_ok()
                && (!is_free || offset <= u64::from(MOST_OBJECTS));
            fits.then_some(())?;
            at = at.saturating_add(20);
        }
        // Some readers take a subsection that begins with a free row for object 1 for one that
        // begins at 0, and move all numbers. A single row is that of an object that was freed.
        let is_moved = bytes.get(begin.saturating_add(17)) == Some(&b'f')
            && (count > 1 || bytes.get(begin..)?.starts_with(b"0000000000 65535 f"));
        if first == 1 && count > 0 && is_moved {
            return None;
        }
        // Some programs leave a line out before the trailer.
        if let Some(behind) = line_end(bytes, at)
            && bytes.get(behind..).is_some_and(|rest| rest.starts_with(b"trailer"))
        {
            at = behind;
        }
    }
    Some(at)
}

/// The place of `startxref` when it, its offset and `%%EOF` follow each other on lines of their own.
fn ends(bytes: &[u8], after: usize) -> Option<usize> {
    let mut startxref = gap(bytes, after)?;
    if bytes.get(startxref) == Some(&b'%') {
        startxref = after_name(bytes, startxref)?;
    }
    bytes.get(startxref..)?.starts_with(b"startxref").then_some(())?;
    let number = gap(bytes, startxref.saturating_add(9))?;
    let (_, behind) = digits(bytes, number)?;
    let end = gap(bytes, behind)?;
    bytes.get(end..)?.starts_with(b"%%EOF").then_some(startxref)
}

/// The place behind at least one and at most four spaces and line ends.
fn gap(bytes: &[u8], at: usize) -> Option<usize> {
    let blank = bytes.get(at..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    let count = blank.count();
    (1..=4).contains(&count).then_some(at.saturating_add(count))
}

/// The place behind white space and comments, also behind the bytes 80 and FF, which some readers
/// take for white space.
fn first_word(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let mut lexer = Lexer::new(bytes, at, true);
        lexer.skip_space();
        at = lexer.at();
        if !matches!(lexer.peek(), Some(0x80 | 0xFF)) {
            return at;
        }
        at = at.saturating_add(1);
    }
}

/// A number, and the place behind it.
fn digits(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let rest = bytes.get(at..)?;
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(rest.get(..count)?).ok()?.parse().ok()?;
    Some((number, at.saturating_add(count)))
}

/// The place of `obj` in the head of an object, `12 0 obj`.
fn head(bytes: &[u8], offset: usize) -> Option<usize> {
    let (_, behind) = digits(bytes, after_line_end(bytes, offset))?;
    let (_, behind) = digits(bytes, gap(bytes, behind)?)?;
    let obj = gap(bytes, behind)?;
    bytes.get(obj..)?.starts_with(b"obj").then_some(obj)
}

/// Whether `obj` at this place ends the head of an object for some reader: alone, or behind two
/// numbers whatever follows it.
fn is_head(bytes: &[u8], obj: usize) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| is_blank(*byte) || is_delimiter(*byte));
    let before = obj.checked_sub(1).and_then(|before| bytes.get(before));
    let begins = ends(before) || before.is_some_and(u8::is_ascii_digit);
    let alone = !bytes.get(obj.saturating_add(3)).is_some_and(u8::is_ascii_alphabetic);
    begins && (alone || numbers_before(bytes, obj).is_some())
}

/// The place of the two numbers before `obj`.
fn numbers_before(bytes: &[u8], obj: usize) -> Option<usize> {
    let back = |end: usize, is: fn(u8) -> bool| {
        let before = bytes.get(..end).unwrap_or_default().iter().rev();
        let count = before.take_while(|byte| is(**byte)).count();
        (count > 0).then_some(end.saturating_sub(count))
    };
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let generation = back(back(obj, is_blank).unwrap_or(obj), is_digit)?;
    back(back(generation, is_blank)?, is_digit)
}

/// White space, and the vertical tab, which some readers take for it.
fn is_blank(byte: u8) -> bool {
    is_space(byte) || byte == 0x0B
}

/// An entry of a map of numbers and offsets.
const BYTES_OF_A_PLACE: usize = 32;
/// Bytes of `%PDF-1.7` and a line end.
const HEADER: usize = 9;
/// The highest object number (annex C.2).
const MOST_OBJECTS: u32 = 8_388_607;
/// Numbers behind the last object that `/Size` may leave unused.
const MOST_UNUSED: u32 = 100_000;
#[cfg(test)]
mod tests {
    use super::super::Name;
    use super::*;

    #[test]
    fn rows_have_twenty_bytes_and_nothing_else() {
        let row = "0000000009 00000 n \n";
        let good = format!("xref\n0 1\n0000000000 65535 f \n3 2\n{row}{row}trailer");
        assert_eq!(rows(good.as_bytes(), 4), Some(good.len() - 7));
        let freed = "xref\n1 1\n0000000000 00001 f \ntrailer";
        assert_eq!(rows(freed.as_bytes(), 4), Some(freed.len() - 7));
        for (old, new) in [
            ("n \n", "n\n"),
            ("n \n", "n  \n"),
            ("n \n", "n %\n"),
            ("3 2", "3 3"),
            ("3 2", "3 1"),
            ("3 2\n", "3 2 % \n"),
            ("xref\n", "xref%\n"),
            ("0 1\n0", "1 1\n0"),
            ("3 2\n0000000009 00000 n", "1 2\n0000000009 00001 f"),
        ] {
            let bad = good.replacen(old, new, 1);
            assert_ne!(bad, good, "{old:?}");
            assert_eq!(rows(bad.as_bytes(), 4), None, "{new:?}");
        }
    }

    #[test]
    fn rows_of_a_stream_have_known_types_whatever_their_widths_are() {
        let dict = |widths: [i64; 3]| {
            let widths = widths.map(Object::Int).to_vec();
            Dict::new(vec![(Name::from_slice(b"W"), Object::Array(widths.into()))]).unwrap()
        };
        let far = (MOST_OBJECTS + 1).to_be_bytes();
        for (widths, row, plain) in [
            ([1, 2, 1], &[1, 0, 9, 0][..], true),
            ([4, 4, 4], &[0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0], true),
            ([0, 2, 1], &[0, 9, 0], true),
            ([1, 2, 1], &[3, 0, 9, 0], false),
            ([5, 1, 1], &[1, 0, 0, 0, 1, 9, 0], false),
            ([5, 1, 1], &[0, 0, 0, 0, 1, 9, 0], false),
            ([1, 1, 3], &[0, 9, 0, 255, 255], true),
            ([1, 1, 3], &[0, 9, 1, 0, 0], false),
            ([1, 4, 0], &[0, far[0], far[1], far[2], far[3]], false),
            ([1, 4, 0], &[1, far[0], far[1], far[2], far[3]], true),
        ] {
            assert_eq!(are_plain_rows(&dict(widths), row), plain, "{widths:?} {row:?}");
        }
    }

    #[test]
    fn a_revision_ends_with_three_lines() {
        for good in
            ["\nstartxref\n9\n%%EOF", "\r\nstartxref\r\n9\r\n%%EOF", "\n\nstartxref 9 \n%%EOF"]
        {
            assert!(ends(good.as_bytes(), 0).is_some(), "{good:?}");
        }
        for bad in [
            "\nstartxref\n9\n%x\n%%EOF",
            "\nstartxref%\n9\n%%EOF",
            "\n%a\n%b\nstartxref\n9\n%%EOF",
            "\nstartxref\0\n9\n%%EOF",
            "\n\n\n\n\nstartxref\n9\n%%EOF",
            "\nstartxref\n9\n     %%EOF",
        ] {
            assert!(ends(bad.as_bytes(), 0).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_head_of_an_object_is_found_and_what_looks_like_one() {
        for text in ["12 0 obj<", "12 0\nobj", "\n12 0 obj"] {
            assert_eq!(head(text.as_bytes(), 0), text.find("obj"), "{text}");
        }
        for text in ["12 0obj", "12 %\n0 obj", "12 0 %\nobj", "x 0 obj", "12 0 object"] {
            assert!(head(text.as_bytes(), 0).is_none() || text.ends_with("object"), "{text}");
        }
        for text in ["12 0 obj", "(0\0obj<", "0obj", "%0\nobj ", ")obj", "34 0 objx", "34 0\x0bobj"]
        {
            assert!(is_head(text.as_bytes(), text.find("obj").unwrap()), "{text}");
        }
        for text in ["endobj", "an object", "xobj"] {
            assert!(!is_head(text.as_bytes(), text.find("obj").unwrap()), "{text}");
        }
    }
}
