//! A whole file: its revisions, and objects as the newest of them has them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::filter;
use super::lexer::Lexer;
use super::object::{Dict, Name, Object, Stream};
use super::revision::{self, Revision};
use super::xref::Entry;
use super::{ReadError, fault};
use crate::base::limits::Budget;

/// A file that was read; objects are parsed when they are asked for.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<u32, Entry>,
    trailer: Dict,
    revisions: Vec<Revision>,
    /// What was unpacked before: reading it again for each of its objects would be quadratic.
    object_streams: RefCell<BTreeMap<u32, Rc<ObjectStream>>>,
    /// Every question begins there.
    catalog: RefCell<Option<Rc<Dict>>>,
    /// Where the objects end that were read, by place, number and generation.
    ends: RefCell<BTreeMap<(usize, u32, u16), usize>>,
}

/// An object stream: its bytes, and number and place of each object.
#[derive(Debug)]
struct ObjectStream {
    data: Vec<u8>,
    places: Vec<(u64, usize)>,
}

impl<'a> Document<'a> {
    /// Reads header and cross-references, and checks that every revision ends properly.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, ReadError> {
        if bytes.len() > budget.file_bytes {
            return Err(crate::base::limits::OverBudget("file size").into());
        }
        if !bytes.starts_with(b"%PDF-1.") && !bytes.starts_with(b"%PDF-2.") {
            return Err(ReadError::NotPdf);
        }
        let sections = revision::chain(bytes, budget)?;
        let Some(newest) = sections.first() else { return fault(0, "no cross-reference") };
        let revisions = revision::saved(bytes, &sections)?;
        let trailer = newest.trailer.clone();
        let mut sections = sections.into_iter();
        let mut entries = sections.next().map(|newest| newest.entries).unwrap_or_default();
        for (number, entry) in sections.flat_map(|older| older.entries) {
            entries.entry(number).or_insert(entry);
        }
        let (object_streams, catalog, ends) = Default::default();
        Ok(Self { bytes, entries, trailer, revisions, object_streams, catalog, ends })
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The newest trailer.
    pub fn trailer(&self) -> &Dict {
        &self.trailer
    }

    /// The revisions, oldest first.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The byte after the newest `%%EOF` and its line end.
    pub fn end(&self) -> usize {
        self.revisions.last().map_or(0, |revision| revision.end)
    }

    /// The catalog.
    pub fn catalog(&self, budget: &mut Budget) -> Result<Rc<Dict>, ReadError> {
        if let Some(known) = &*self.catalog.borrow() {
            return Ok(Rc::clone(known));
        }
        let root = self.trailer.get("Root").unwrap_or(&Object::Null);
        let Object::Dict(catalog) = self.resolve(root, budget)? else {
            return fault(0, "the catalog is missing");
        };
        let catalog = Rc::new(catalog);
        *self.catalog.borrow_mut() = Some(Rc::clone(&catalog));
        Ok(catalog)
    }

    /// The object itself, or the one that a reference names; a missing one is `null` (7.3.10).
    pub fn resolve(&self, object: &Object, budget: &mut Budget) -> Result<Object, ReadError> {
        let Object::Ref(number, generation) = object else { return Ok(object.clone()) };
        Budget::spend(&mut budget.steps, 1, "references")?;
        match self.entries.get(number) {
            None | Some(Entry::Free) => Ok(Object::Null),
            Some(Entry::At { offset, generation: known }) => {
                if known != generation {
                    // Readers that keep every generation find an older object here.
                    return fault(*offset, "a reference to another generation of an object");
                }
                Ok(self.standing(*offset, *number, *generation, budget)?.object)
            }
            // 7.5.7: what lies in an object stream has generation 0.
            Some(Entry::Inside { .. }) if *generation != 0 => {
                fault(0, "a reference to another generation of an object")
            }
            Some(Entry::Inside { stream, index }) => {
                self.compressed(*number, *stream, *index, budget)
            }
        }
    }

    /// The object with a number, and the generation that it has now; `null` when it is free,
    /// missing, or not in use.
    pub fn numbered(&self, number: u32, budget: &mut Budget) -> Result<(Object, u16), ReadError> {
        let generation = match self.entry(number) {
            Some(Entry::At { generation, .. }) => generation,
            _ => 0,
        };
        Ok((self.resolve(&Object::Ref(number, generation), budget)?, generation))
    }

    /// The numbers that have an object, in their order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().filter(|(_, entry)| **entry != Entry::Free).map(|(number, _)| *number)
    }

    /// The file as it stood when this revision was the newest.
    pub fn as_of(&self, revision: &Revision, budget: &mut Budget) -> Result<Self, ReadError> {
        Self::parse(self.bytes.get(..revision.end).unwrap_or_default(), budget)
    }

    /// A dictionary's value, resolved.
    pub fn get(&self, dict: &Dict, key: &str, budget: &mut Budget) -> Result<Object, ReadError> {
        self.resolve(dict.get(key).unwrap_or(&Object::Null), budget)
    }

    /// A stream's bytes with its filters applied; `None` for filters that we do not read.
    pub fn stream(
        &self,
        stream: &Stream,
        budget: &mut Budget,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let raw = self.bytes.get(stream.span.clone()).unwrap_or_default();
        Budget::spend(&mut budget.read_bytes, raw.len(), "bytes of objects")?;
        let mut filters = Dict::default();
        for key in ["Filter", "DecodeParms"] {
            if let Some(object) = stream.dict.get(key) {
                let object = self.whole(object, 2, budget)?;
                filters.0.push((Name::from_slice(key.as_bytes()), object));
            }
        }
        filter::decode(&filters, raw, stream.span.start, budget)
    }

    /// An object with the references in it resolved, as deep as filters and parameters go.
    fn whole(
        &self,
        object: &Object,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        let object = self.resolve(object, budget)?;
        let Some(depth) = depth.checked_sub(1) else { return Ok(object) };
        match object {
            Object::Array(items) => {
                let items = items.iter().map(|item| self.whole(item, depth, budget));
                items.collect::<Result<_, _>>().map(Object::Array)
            }
            Object::Dict(mut dict) => {
                for (_, value) in &mut dict.0 {
                    *value = self.whole(value, depth, budget)?;
                }
                Ok(Object::Dict(dict))
            }
            other => Ok(other),
        }
    }

    pub(super) fn entry(&self, number: u32) -> Option<Entry> {
        self.entries.get(&number).copied()
    }

    /// The object that a cross-reference entry points to.
    pub(super) fn standing(
        &self,
        offset: usize,
        number: u32,
        generation: u16,
        budget: &mut Budget,
    ) -> Result<Indirect, ReadError> {
        match indirect(self.bytes, offset, Some((self, number, generation)), budget)? {
            Some(Indirect { object: Object::Ref(..), .. }) => {
                fault(offset, "a reference to a reference")
            }
            Some(found) => {
                self.ends.borrow_mut().insert((offset, number, generation), found.end);
                Ok(found)
            }
            None => fault(offset, "no object stands where the cross-reference points"),
        }
    }

    /// Where the object ends that a cross-reference entry points to: as it was read before, or read
    /// for it.
    pub(super) fn end_of(
        &self,
        offset: usize,
        number: u32,
        generation: u16,
        budget: &mut Budget,
    ) -> Result<usize, ReadError> {
        let known = self.ends.borrow().get(&(offset, number, generation)).copied();
        known.map_or_else(
            || self.standing(offset, number, generation, budget).map(|found| found.end),
            Ok,
        )
    }

    fn compressed(
        &self,
        number: u32,
        stream: u32,
        index: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        let container = self.object_stream(stream, budget)?;
        let Some((found, at)) = container.places.get(index).copied() else {
            return fault(0, "a malformed object stream");
        };
        if found != u64::from(number) {
            return fault(0, "an object stream holds another object there");
        }
        let mut lexer = Lexer::new(&container.data, at, false);
        let object = lexer.object(budget.depth, budget)?;
        let read = lexer.at().saturating_sub(at);
        Budget::spend(&mut budget.read_bytes, read, "bytes of objects")?;
        match object {
            Object::Ref(..) => fault(0, "a reference to a reference"),
            object => Ok(object),
        }
    }

    /// An object stream, unpacked once.
    fn object_stream(
        &self,
        stream: u32,
        budget: &mut Budget,
    ) -> Result<Rc<ObjectStream>, ReadError> {
        if let Some(known) = self.object_streams.borrow().get(&stream) {
            return Ok(Rc::clone(known));
        }
        let Some(Entry::At { offset, .. }) = self.entries.get(&stream) else {
            return fault(0, "an object stream that does not stand in the file itself");
        };
        let Object::Stream(container) = self.standing(*offset, stream, 0, budget)?.object else {
            return fault(*offset, "an object stream is missing");
        };
        if !container.dict.is("ObjStm") {
            return fault(*offset, "an object stream is missing");
        }
        let raw = self.bytes.get(container.span.clone()).unwrap_or_default();
        Budget::spend(&mut budget.read_bytes, raw.len(), "bytes of objects")?;
        // Its filters stand in it directly: as references they could lie in the stream itself.
        let Some(data) = filter::decode(&container.dict, raw, *offset, budget)? else {
            return fault(*offset, "an object stream with an unknown filter");
        };
        if container.dict.get("Filter").is_none() {
            // It is kept, so it costs as much as if it had been inflated.
            Budget::spend(&mut budget.inflated_bytes, data.len(), "inflated bytes")?;
        }
        let number = |key: &str| {
            let number = container.dict.get(key).and_then(Object::int);
            number.and_then(|number| usize::try_from(number).ok())
        };
        let (Some(first), Some(count)) = (number("First"), number("N")) else {
            return fault(*offset, "a malformed object stream");
        };
        let mut head = Lexer::new(&data, 0, false);
        let mut places = Vec::new();
        for _ in 0..count {
            let (Some(found), Some(relative)) = (head.unsigned(), head.unsigned()) else {
                return fault(*offset, "a malformed object stream");
            };
            let relative = usize::try_from(relative).unwrap_or(usize::MAX);
            places.push((found, first.saturating_add(relative)));
        }
        let unpacked = Rc::new(ObjectStream { data, places });
        self.object_streams.borrow_mut().insert(stream, Rc::clone(&unpacked));
        Ok(unpacked)
    }
}

/// An object with its frame, `12 0 obj … endobj`.
pub(super) struct Indirect {
    pub(super) object: Object,
    /// The byte after `endobj`.
    pub(super) end: usize,
}

/// Reads `N G obj …` at an offset. With `known`, number and generation must be those; without,
/// `/Length` must be direct.
pub(super) fn indirect(
    bytes: &[u8],
    offset: usize,
    known: Option<(&Document<'_>, u32, u16)>,
    budget: &mut Budget,
) -> Result<Option<Indirect>, ReadError> {
    Budget::spend(&mut budget.objects, 1, "objects")?;
    if bytes.get(offset).is_none_or(|byte| !byte.is_ascii_digit()) {
        return Ok(None);
    }
    // In the middle of `12 0 obj` stands `2 0 obj`.
    let before = offset.checked_sub(1).and_then(|before| bytes.get(before));
    if before.is_some_and(u8::is_ascii_digit) {
        return fault(offset, "the cross-reference points into the middle of something");
    }
    let mut lexer = Lexer::new(bytes, offset, true);
    let (number, generation) = (lexer.unsigned(), lexer.unsigned());
    if !lexer.keyword("obj") {
        return Ok(None);
    }
    let number = number.and_then(|number| u32::try_from(number).ok());
    let generation = generation.and_then(|generation| u16::try_from(generation).ok());
    let (Some(number), Some(generation)) = (number, generation) else { return Ok(None) };
    if known.is_some_and(|(_, wanted, of)| wanted != number || of != generation) {
        return fault(offset, "the cross-reference points to another object");
    }
    let object = lexer.object(budget.depth, budget)?;
    let read = lexer.at().saturating_sub(offset);
    Budget::spend(&mut budget.read_bytes, read, "bytes of objects")?;
    let object = match object {
        Object::Dict(dict) if lexer.keyword("stream") => {
            let span = stream_span(bytes, &mut lexer, &dict, known.map(|known| known.0), budget)?;
            Object::Stream(Stream { dict, span })
        }
        other => other,
    };
    if !lexer.keyword("endobj") {
        return fault(lexer.at(), "endobj is missing");
    }
    Ok(Some(Indirect { object, end: lexer.at() }))
}

fn stream_span<'a>(
    bytes: &'a [u8],
    lexer: &mut Lexer<'a>,
    dict: &Dict,
    document: Option<&Document<'_>>,
    budget: &mut Budget,
) -> Result<std::ops::Range<usize>, ReadError> {
    if dict.get("F").is_some() {
        return fault(lexer.at(), "a stream whose bytes are in another file");
    }
    if !lexer.stream_start() {
        return fault(lexer.at(), "a malformed line end after stream");
    }
    let start = lexer.at();
    let length = match (dict.get("Length"), document) {
        (Some(Object::Int(length)), _) => Some(*length),
        (Some(reference @ Object::Ref(..)), Some(document)) => {
            // A length is a number: this cannot come back here.
            Budget::spend(&mut budget.steps, 1, "stream lengths")?;
            document.plain_number(reference, budget)?
        }
        _ => None,
    };
    let length = length.and_then(|length| usize::try_from(length).ok());
    let end = length.and_then(|length| start.checked_add(length));
    let Some(end) = end.filter(|end| *end <= bytes.len()) else {
        return fault(start, "a stream without a right length");
    };
    *lexer = Lexer::new(bytes, end, true);
    // A comment here would be a part of the stream to readers that look for its end.
    if !lexer.stream_end() {
        return fault(end, "a stream is longer or shorter than its length");
    }
    Ok(start..end)
}

impl Document<'_> {
    /// A number that a reference names, for lengths; anything else is `None`.
    fn plain_number(
        &self,
        reference: &Object,
        budget: &mut Budget,
    ) -> Result<Option<i64>, ReadError> {
        let Object::Ref(number, of) = reference else { return Ok(None) };
        let Some(Entry::At { offset, generation }) = self.entries.get(number) else {
            return Ok(None);
        };
        if generation != of {
            return Ok(None);
        }
        let mut lexer = Lexer::new(self.bytes, *offset, true);
        let found = lexer.unsigned() == Some(u64::from(*number));
        let whole = found && lexer.unsigned() == Some(u64::from(*of)) && lexer.keyword("obj");
        if !whole {
            return fault(*offset, "the cross-reference points to another object");
        }
        Budget::spend(&mut budget.objects, 1, "objects")?;
        let length = lexer.unsigned().and_then(|length| i64::try_from(length).ok());
        // `123 0 R` and `123.5` begin with a number, too.
        Ok(length.filter(|_| lexer.keyword("endobj")))
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "the tests build their own files"
)]
mod tests {
    use super::*;
    use crate::base::limits::OverBudget;

    /// A file of objects with a classic table; `skip` moves each offset of the table.
    fn file(objects: &[(u32, &[u8])], skip: usize) -> Vec<u8> {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        let mut table = String::new();
        for (number, body) in objects {
            table += &format!("{number} 1\n{:010} 00000 n \n", bytes.len() + skip);
            bytes.extend(format!("{number} 0 obj\n").as_bytes());
            bytes.extend_from_slice(body);
            bytes.extend(b"\nendobj\n");
        }
        close(bytes, &table)
    }

    fn close(mut bytes: Vec<u8>, table: &str) -> Vec<u8> {
        let xref = bytes.len();
        let end =
            format!("xref\n{table}trailer\n<</Size 9999/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n");
        bytes.extend(end.as_bytes());
        bytes
    }

    fn signatures(bytes: &[u8]) -> Result<usize, ReadError> {
        let budget = &mut Budget::default();
        let document = Document::parse(bytes, budget)?;
        document.signatures(budget).map(|found| found.len())
    }

    fn form(kids: &str) -> Vec<u8> {
        format!("<</Type/Catalog/AcroForm<</Fields[{kids}]>>>>").into_bytes()
    }

    #[test]
    fn an_offset_in_the_middle_of_a_number_is_refused() {
        let catalog: &[u8] = b"<</Type/Catalog>>";
        assert_eq!(signatures(&file(&[(1, catalog)], 0)), Ok(0));
        let other = file(&[(91, catalog)], 1);
        let text = String::from_utf8(other).unwrap().replace("xref\n91 1", "xref\n1 1");
        assert!(matches!(signatures(text.as_bytes()), Err(ReadError::Structure { .. })));
    }

    #[test]
    fn a_signature_whose_field_inherits_its_type_is_seen() {
        let parts: [(u32, &[u8]); 4] = [
            (1, &form("2 0 R")),
            (2, b"<</FT/Sig/T(P)/Kids[3 0 R]>>"),
            (3, b"<</T(S)/V 4 0 R>>"),
            (4, b"<</Type/Sig/ByteRange null/Contents<00>>>"),
        ];
        assert!(signatures(&file(&parts, 0)).is_err());
    }

    #[test]
    fn bytes_behind_the_last_revision_are_seen_as_such() {
        let mut bytes = file(&[(1, b"<</Type/Catalog>>")], 0);
        let end = bytes.len();
        bytes.extend([b'x'; 5000]);
        let document = Document::parse(&bytes, &mut Budget::default()).unwrap();
        assert_eq!(document.end(), end);
    }

    /// Each object begins inside the string of the one before, and all end together.
    #[test]
    fn bytes_that_are_read_again_and_again_are_paid_for() {
        let count = 200_u32;
        let kids: String = (2..count + 2).map(|number| format!("{number} 0 R ")).collect();
        let mut bytes = b"%PDF-1.7\n1 0 obj\n".to_vec();
        bytes.extend(form(&kids));
        bytes.extend(b"\nendobj\n");
        let mut table = format!("1 1\n{:010} 00000 n \n", 9);
        for number in 2..count + 2 {
            table += &format!("{number} 1\n{:010} 00000 n \n", bytes.len());
            bytes.extend(format!("{number} 0 obj <</X(").as_bytes());
        }
        bytes.extend(vec![b'x'; 1 << 20]);
        bytes.extend(")>> endobj ".repeat(200).as_bytes());
        let result = signatures(&close(bytes, &table));
        assert_eq!(result, Err(OverBudget("bytes of objects").into()));
    }

    /// Counted, not timed: all of one object stream is paid for once.
    #[test]
    fn an_object_stream_is_unpacked_once() {
        let count = 2_000_u32;
        let (mut head, mut kids) = (String::new(), String::new());
        for number in 0..count {
            head += &format!("{} {} ", number + 10, number * 4);
            kids += &format!("{} 0 R ", number + 10);
        }
        let data = format!("{head}{}", "<<>>".repeat(2_000));
        let mut bytes = b"%PDF-1.7\n1 0 obj\n".to_vec();
        bytes.extend(form(&kids));
        bytes.extend(b"\nendobj\n");
        let mut rows = vec![1, 0, 0, 0, 9, 0, 0, 1];
        rows.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        rows.extend([0, 0]);
        let stream = format!(
            "2 0 obj\n<</Type/ObjStm/N {count}/First {}/Length {}>>stream\n{data}\nendstream\nendobj\n",
            head.len(),
            data.len()
        );
        bytes.extend(stream.as_bytes());
        for index in 0..u16::try_from(count).unwrap() {
            rows.extend([2, 0, 0, 0, 2]);
            rows.extend(index.to_be_bytes());
        }
        let xref = bytes.len();
        let dict = format!(
            "3 0 obj\n<</Type/XRef/Size 9999/W[1 4 2]/Index[1 2 10 {count}]/Root 1 0 R/Length {}>>stream\n",
            rows.len()
        );
        bytes.extend(dict.as_bytes());
        bytes.extend(rows);
        bytes.extend(format!("\nendstream\nendobj\nstartxref\n{xref}\n%%EOF\n").as_bytes());
        let mut budget = Budget::default();
        let before = (budget.inflated_bytes, budget.read_bytes);
        let document = Document::parse(&bytes, &mut budget).unwrap();
        assert_eq!(document.signatures(&mut budget).unwrap().len(), 0);
        assert_eq!(before.0 - budget.inflated_bytes, data.len());
        assert!(before.1 - budget.read_bytes < 4 * bytes.len());
    }

    /// Filters by reference could lie in the stream that they unpack.
    #[test]
    fn an_object_stream_that_names_its_own_filter_is_refused() {
        let budget = &mut Budget::default();
        let row = |kind: u8, at: usize, index: u8| {
            let at = u16::try_from(at).unwrap().to_be_bytes();
            [kind, at[0], at[1], index]
        };
        let catalog = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 4 0 R>>\nendobj\n";
        let dict = "<</Type/ObjStm/N 1/First 4/Length 16/Filter 4 0 R>>";
        let packed = format!("2 0 obj\n{dict}stream\n4 0 /FlateDecode\nendstream\nendobj\n");
        let table = catalog.len() + packed.len();
        let rows = [row(1, 9, 0), row(1, catalog.len(), 0), row(2, 2, 0)].concat();
        let dict = "<</Type/XRef/Size 5/W[1 2 1]/Index[1 2 4 1]/Root 1 0 R/Length 12>>";
        let mut bytes = format!("{catalog}{packed}3 0 obj\n{dict}stream\n").into_bytes();
        bytes.extend(rows);
        bytes.extend(format!("\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n").bytes());
        let document = Document::parse(&bytes, budget).unwrap();
        let found = document.resolve(&Object::Ref(4, 0), budget);
        assert!(matches!(found, Err(ReadError::Structure { .. })), "{found:?}");
    }
}
