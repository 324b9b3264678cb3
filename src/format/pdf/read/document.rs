//! A whole file: its revisions, and the objects of the newest one.

use super::lexer::{Lexer, after_line_end, is_space};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::cache::{Cache, StreamKey};
use super::filter;
use super::indirect::{Indirect, Numbers, indirect};
use super::object::{Dict, Name, Object, Stream};
use super::object_stream::ObjectStream;
use super::revision::{self, Revision};
use super::table::{Table, XrefEntry};
use super::{ReadError, ambiguous, fault};
use crate::base::limits::{Budget, OverBudget, Purse};

/// A file whose cross-references were read; objects are parsed on demand. The states of all
/// revisions share one cache.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    trailer: Dict,
    file: Rc<File>,
    /// How many cross-reference sections, from the oldest on, and how many revisions this state
    /// has.
    sections: usize,
    revisions: usize,
    /// Every lookup starts from the catalog.
    catalog: RefCell<Option<Rc<Dict>>>,
}

/// The part that all states of a file share.
#[derive(Debug)]
struct File {
    table: Table,
    /// The numbers of the object streams, in any state.
    object_streams: Vec<u32>,
    /// The trailers of the sections, the oldest first.
    trailers: Vec<Dict>,
    revisions: Vec<Revision>,
    cache: Cache,
}

impl<'a> Document<'a> {
    /// Reads header and cross-references, and checks that every revision ends properly.
    pub fn parse(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, ReadError> {
        if bytes.len() > budget.file_bytes {
            return Err(OverBudget("file size").into());
        }
        if !bytes.starts_with(b"%PDF-1.") && !bytes.starts_with(b"%PDF-2.") {
            return Err(ReadError::NotPdf);
        }
        let sections = revision::chain(bytes, budget)?;
        let revisions = revision::saved(bytes, &sections)?;
        let trailers: Vec<_> =
            sections.iter().rev().map(|section| section.trailer.clone()).collect();
        let Some(trailer) = trailers.last().cloned() else {
            return fault(0, "no cross-reference");
        };
        let table = Table::of(sections);
        let (sections, saved) = (trailers.len(), revisions.len());
        let object_streams = table.object_streams();
        let cache = Cache::default();
        let file = Rc::new(File { table, object_streams, trailers, revisions, cache });
        Ok(Self { bytes, trailer, file, sections, revisions: saved, catalog: RefCell::default() })
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The trailer of the newest revision.
    pub fn trailer(&self) -> &Dict {
        &self.trailer
    }

    /// The revisions, oldest first.
    pub fn revisions(&self) -> &[Revision] {
        self.file.revisions.get(..self.revisions).unwrap_or_default()
    }

    /// The byte after the newest `%%EOF` and its line end.
    pub fn end(&self) -> usize {
        self.revisions().last().map_or(0, |revision| revision.end)
    }

    /// The catalog of the newest revision.
    pub fn catalog(&self, budget: &mut Budget) -> Result<Rc<Dict>, ReadError> {
        if let Some(known) = &*self.catalog.borrow() {
            return Ok(Rc::clone(known));
        }
        let root = self.trailer().get("Root").unwrap_or(&Object::Null);
        let Object::Dict(catalog) = self.resolve(root, budget)? else {
            return fault(0, "the catalog is missing");
        };
        let catalog = Rc::new(catalog);
        *self.catalog.borrow_mut() = Some(Rc::clone(&catalog));
        Ok(catalog)
    }

    /// The object itself, or the one that a reference names; a missing one is `null` (7.3.10). A
    /// direct object costs a step too: many references may lead to one array, whose items are then
    /// visited many times.
    pub fn resolve(&self, object: &Object, budget: &mut Budget) -> Result<Object, ReadError> {
        budget.pay(Purse::Steps, 1, "values")?;
        let Object::Ref(number, generation) = object else { return Ok(object.clone()) };
        match self.entry(*number) {
            None | Some(XrefEntry::Free) => Ok(Object::Null),
            Some(XrefEntry::At { offset, generation: known }) => {
                if known != *generation {
                    // Readers that keep all generations find an older object here.
                    return fault(offset, "a reference to another generation of an object");
                }
                Ok(self.standing(offset, *number, *generation, budget)?.object)
            }
            // 7.5.7: objects in an object stream have generation 0.
            Some(XrefEntry::Inside { .. }) if *generation != 0 => {
                fault(0, "a reference to another generation of an object")
            }
            Some(XrefEntry::Inside { stream, index }) => {
                self.compressed(*number, stream, index, budget)
            }
        }
    }

    /// The object with a number, and the generation that it has now; `null` when it is free,
    /// missing, or not in use.
    pub fn numbered(&self, number: u32, budget: &mut Budget) -> Result<(Object, u16), ReadError> {
        let generation = match self.entry(number) {
            Some(XrefEntry::At { generation, .. }) => generation,
            _ => 0,
        };
        Ok((self.resolve(&Object::Ref(number, generation), budget)?, generation))
    }

    /// The highest number that has an object; 0 without any.
    pub(super) fn highest(&self, budget: &mut Budget) -> Result<u32, ReadError> {
        let (highest, rows) = self.file.table.highest(self.sections);
        budget.pay(Purse::Steps, rows, "rows of cross-references")?;
        Ok(highest)
    }

    /// The numbers that have an object, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.file.table.at(self.sections)
    }

    /// The file as it was when this revision was the newest.
    pub fn as_of(&self, revision: &Revision, budget: &mut Budget) -> Result<Self, ReadError> {
        budget.pay(Purse::Steps, 1, "revisions")?;
        let known = self.revisions().iter().position(|known| known.end == revision.end);
        let trailer = revision.sections.checked_sub(1).and_then(|at| self.file.trailers.get(at));
        let (Some(at), Some(trailer)) = (known, trailer) else {
            return fault(revision.end, "a revision of another file");
        };
        Ok(Self {
            bytes: self.bytes.get(..revision.end).unwrap_or_default(),
            trailer: trailer.clone(),
            file: Rc::clone(&self.file),
            sections: revision.sections,
            revisions: at.saturating_add(1),
            catalog: RefCell::default(),
        })
    }

    /// A dictionary's value, resolved.
    pub fn get(&self, dict: &Dict, key: &str, budget: &mut Budget) -> Result<Object, ReadError> {
        self.resolve(dict.get(key).unwrap_or(&Object::Null), budget)
    }

    /// A stream's bytes with its filters applied; `None` for filters that are not supported.
    pub fn stream(
        &self,
        stream: &Stream,
        budget: &mut Budget,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let raw = self.bytes.get(stream.span.clone()).unwrap_or_default();
        budget.pay(Purse::ReadBytes, raw.len(), "bytes of objects")?;
        let mut filters = Vec::new();
        for key in ["Filter", "DecodeParms"] {
            if let Some(object) = stream.dict.get(key) {
                let object = self.whole(object, 2, budget)?;
                filters.push((Name::from_slice(key.as_bytes()), object));
            }
        }
        let filters = Dict::new(filters).unwrap_or_default();
        let decoded = filter::decode(&filters, raw, stream.span.start, budget)?;
        Ok(decoded.map(Cow::into_owned))
    }

    /// An object with its references resolved, down to the depth of filter parameters.
    fn whole(
        &self,
        object: &Object,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        budget.pay(Purse::Steps, 1, "filters")?;
        let object = self.resolve(object, budget)?;
        let Some(depth) = depth.checked_sub(1) else { return Ok(object) };
        match object {
            Object::Array(items) => {
                let items = items.iter().map(|item| self.whole(item, depth, budget));
                items.collect::<Result<Vec<_>, _>>().map(|items| Object::Array(items.into()))
            }
            Object::Dict(dict) => {
                let entry = |(key, value): (&[u8], &Object)| {
                    Ok((Name::from_slice(key), self.whole(value, depth, budget)?))
                };
                let entries = dict.iter().map(entry).collect::<Result<_, ReadError>>()?;
                Ok(Object::Dict(Dict::new(entries).unwrap_or_default()))
            }
            other => Ok(other),
        }
    }

    pub(super) fn entry(&self, number: u32) -> Option<XrefEntry> {
        self.file.table.entry(number, self.sections)
    }

    /// The object that a cross-reference entry points to.
    pub(super) fn standing(
        &self,
        offset: usize,
        number: u32,
        generation: u16,
        budget: &mut Budget,
    ) -> Result<Indirect, ReadError> {
        let place = (offset, number, generation);
        if let Some(known) = self.file.cache.object(place, self.bytes.len()) {
            return Ok(known);
        }
        match indirect(self.bytes, offset, Some((self, number, generation)), budget)? {
            Some(Indirect { object: Object::Ref(..), .. }) => {
                fault(offset, "a reference to a reference")
            }
            Some(found) => {
                self.file.cache.keep(place, &found, budget)?;
                Ok(found)
            }
            None => fault(offset, ambiguous::NO_OBJECT),
        }
    }

    /// The cache that all states share.
    pub(super) fn cache(&self) -> &Cache {
        &self.file.cache
    }

    fn compressed(
        &self,
        number: u32,
        stream: u32,
        index: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        let (place, container) = self.object_stream(stream, budget)?;
        let place = (place, number, index);
        if let Some(known) = self.file.cache.compressed(place) {
            return Ok(known);
        }
        let object = container.object(number, index, budget)?;
        self.file.cache.keep_compressed(place, &object, budget)?;
        Ok(object)
    }

    /// The numbers of the objects in an object stream, in their order.
    pub(super) fn object_stream_numbers(
        &self,
        stream: u32,
        budget: &mut Budget,
    ) -> Result<Vec<u32>, ReadError> {
        Ok(self.object_stream(stream, budget)?.1.numbers())
    }

    /// Whether an object stream holds its objects and white space, and nothing else.
    pub(super) fn is_plain_object_stream(
        &self,
        stream: u32,
        budget: &mut Budget,
    ) -> Result<bool, ReadError> {
        self.object_stream(stream, budget)?.1.is_plain(budget)
    }

    /// Whether readers differ about a name or a string in an object ([`Lexer::is_odd`]).
    pub(super) fn is_odd(&self, number: u32, budget: &mut Budget) -> Result<bool, ReadError> {
        match self.entry(number) {
            Some(XrefEntry::At { offset, generation }) => {
                Ok(self.standing(offset, number, generation, budget)?.is_odd)
            }
            Some(XrefEntry::Inside { stream, index }) => {
                self.object_stream(stream, budget)?.1.is_odd(index, budget)
            }
            None | Some(XrefEntry::Free) => Ok(false),
        }
    }

    /// An object stream, unpacked once, and its key in the cache.
    fn object_stream(
        &self,
        stream: u32,
        budget: &mut Budget,
    ) -> Result<(StreamKey, Rc<ObjectStream>), ReadError> {
        let Some(XrefEntry::At { offset, .. }) = self.entry(stream) else {
            return fault(0, "an object stream that does not stand in the file itself");
        };
        let Object::Stream(container) = self.standing(offset, stream, 0, budget)?.object else {
            return fault(offset, "an object stream is missing");
        };
        // The same dictionary and the same bytes have the same objects.
        let place = (offset, container.span.end);
        if let Some(known) = self.file.cache.unpacked(place) {
            return Ok((place, known));
        }
        let raw = self.bytes.get(container.span.clone()).unwrap_or_default();
        let unpacked = Rc::new(ObjectStream::unpack(&container.dict, raw, offset, budget)?);
        self.file.cache.keep_unpacked(place, &unpacked);
        Ok((place, unpacked))
    }
}

impl Document<'_> {
    /// The revision whose last byte is the one before `end`, give or take its line end, and white
    /// space behind it: what a signature over the bytes up to `end` covers.
    ///
    /// Readers look for the last `startxref` in the last 1,024 bytes (annex H.3.18), so it is
    /// measured from there.
    pub fn revision_ending_at(&self, end: usize) -> Option<usize> {
        self.revisions().iter().position(|revision| {
            let (short, long) = (revision.end.min(end), revision.end.max(end));
            let between = self.bytes().get(short..long).unwrap_or_default();
            if revision.end < end {
                // Programs that sign take it for the end of the file.
                between.len() <= MOST_BLANK
                    && between.iter().all(|byte| is_space(*byte))
                    && self
                        .bytes()
                        .get(end.saturating_sub(MOST_BLANK)..revision.end)
                        .is_some_and(|before| before.windows(9).any(|word| word == b"startxref"))
            } else {
                between.len() <= 2 && between.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
            }
        })
    }

    /// The objects that differ from an earlier state although no cross-reference section lists
    /// them: those of an object stream that was rewritten, or whose bytes end elsewhere because
    /// another object has its length.
    pub fn repacked(
        &self,
        before: &Document<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<u32>, ReadError> {
        let mut repacked = BTreeSet::new();
        for &stream in &self.file.object_streams {
            budget.pay(Purse::Steps, 1, "object streams")?;
            if before.place_of(stream, budget)? != self.place_of(stream, budget)? {
                repacked.insert(stream);
            }
        }
        if repacked.is_empty() {
            return Ok(Vec::new());
        }
        budget.pay(Purse::Steps, self.file.table.len(), "object streams")?;
        Ok(self.file.table.inside(&repacked, self.sections).collect())
    }

    /// The offset of a stream, and the end of its bytes; `None` when there is no stream.
    fn place_of(
        &self,
        stream: u32,
        budget: &mut Budget,
    ) -> Result<Option<(usize, usize)>, ReadError> {
        let Some(XrefEntry::At { offset, generation }) = self.entry(stream) else {
            return Ok(None);
        };
        let Object::Stream(found) = self.standing(offset, stream, generation, budget)?.object
        else {
            return Ok(None);
        };
        Ok(Some((offset, found.span.end)))
    }

    /// The first byte of a revision that belongs to none of the objects that it lists.
    ///
    /// Programs that repair files search for objects without a cross-reference: they would find an
    /// object there that other programs do not see.
    pub fn unlisted(
        &self,
        revision: &Revision,
        budget: &mut Budget,
    ) -> Result<Option<usize>, ReadError> {
        // The result differs by state, and is needed for each signature.
        let newest = self.revisions().last().is_some_and(|newest| newest.end == revision.end);
        if let Some(known) = self.cache().unlisted(revision.end).filter(|_| newest) {
            return Ok(known);
        }
        let place = self.between_objects(revision, budget)?;
        if newest {
            self.cache().keep_unlisted(revision.end, place);
        }
        Ok(place)
    }

    fn between_objects(
        &self,
        revision: &Revision,
        budget: &mut Budget,
    ) -> Result<Option<usize>, ReadError> {
        let mut spans = Vec::new();
        for number in &revision.objects {
            if let Some(XrefEntry::At { offset, generation }) = self.entry(*number)
                && let begin = after_line_end(self.bytes(), offset)
                && (revision.begin..revision.end).contains(&begin)
            {
                let known = self.cache().end((offset, *number, generation), self.bytes().len());
                let end = match known {
                    Some(end) => end,
                    None => self.standing(offset, *number, generation, budget)?.end,
                };
                spans.push((begin, end));
            }
        }
        spans.push((revision.xref, revision.end));
        spans.sort_unstable();
        let read = revision.end.saturating_sub(revision.begin);
        budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
        let mut at = revision.begin;
        if at == 0 {
            at = revision::header(self.bytes());
        } else {
            // Programs write their name there.
            let rest = self.bytes().get(at..revision.end).unwrap_or_default();
            let blank = rest.iter().take_while(|byte| is_space(**byte)).count();
            let name = at.saturating_add(blank);
            if self.bytes().get(name) == Some(&b'%') {
                at = revision::after_name(self.bytes(), name).unwrap_or(at);
            }
        }
        for (start, end) in spans {
            let gap = self.bytes().get(at..start).unwrap_or_default();
            if let Some(place) = gap.iter().position(|byte| !is_space(*byte)) {
                return Ok(Some(at.saturating_add(place)));
            }
            at = at.max(end);
        }
        Ok(None)
    }
}

impl Numbers for Document<'_> {
    fn plain_number(
        &self,
        reference: &Object,
        budget: &mut Budget,
    ) -> Result<Option<i64>, ReadError> {
        let Object::Ref(number, of) = reference else { return Ok(None) };
        let Some(XrefEntry::At { offset, generation }) = self.entry(*number) else {
            return Ok(None);
        };
        if generation != *of {
            return Ok(None);
        }
        let mut lexer = Lexer::new(self.bytes(), offset, true);
        let found = lexer.unsigned() == Some(u64::from(*number));
        let whole = found && lexer.unsigned() == Some(u64::from(*of)) && lexer.keyword("obj");
        if !whole {
            return fault(offset, "the cross-reference points to another object");
        }
        budget.pay(Purse::Objects, 1, "objects")?;
        let length = lexer.unsigned().and_then(|length| i64::try_from(length).ok());
        // `123 0 R` and `123.5` begin with a number, too.
        let length = length.filter(|_| lexer.keyword("endobj"));
        let read = lexer.at().saturating_sub(offset);
        budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
        Ok(length)
    }
}

/// Bytes from `startxref` to the end of white space behind an end mark that a signature may cover:
/// end marks stand in the last 1,024 bytes (annex H.3.18), and readers look no further back.
const MOST_BLANK: usize = 1024;

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "the tests build their own files"
)]
mod tests {
    use super::*;

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

    /// Each object begins inside the string of the previous one, and all end together.
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
        assert!(matches!(result, Err(ReadError::Budget(_))), "{result:?}");
    }

    /// One object stream is paid for once; the test counts and measures no time.
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

    /// The objects of an object stream change with it, and no cross-reference lists them: when the
    /// stream is rewritten, and when another object gives it another end.
    #[test]
    fn objects_of_a_rewritten_object_stream_are_found() {
        let (short, long) = ("5 0 (old)", "5 0 (old)\nendstream\nendobj\n%");
        let stream = |length: &str| {
            let dict = format!("<</Type/ObjStm/N 1/First 4/Length {length}>>");
            format!("2 0 obj\n{dict}stream\n{long}\nendstream\nendobj\n")
        };
        let base = |length: &str| {
            let mut bytes = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
            let two = bytes.len();
            bytes.extend(stream(length).as_bytes());
            let four = bytes.len();
            bytes.extend(format!("4 0 obj\n{}\nendobj\n", short.len()).as_bytes());
            let xref = bytes.len();
            let place = |offset: usize| format!("01{offset:08X}0000");
            let rows =
                [place(9), place(two), place(xref), place(four), "02000000020000".to_owned()];
            let rows = rows.concat();
            let dict = "/Type/XRef/Size 9/W[1 4 2]/Root 1 0 R/Index[1 5]/Filter/ASCIIHexDecode";
            let length = rows.len() + 1;
            bytes.extend(format!("3 0 obj\n<<{dict}/Length {length}>>stream\n{rows}>").as_bytes());
            let end = format!("\nendstream\nendobj\nstartxref\n{xref}\n%%EOF\n");
            bytes.extend(end.as_bytes());
            (bytes, xref)
        };
        let later = |(mut bytes, prev): (Vec<u8>, usize), number: u32, object: &str| {
            let place = bytes.len();
            bytes.extend(object.as_bytes());
            let xref = bytes.len();
            let table = format!("xref\n{number} 1\n{place:010} 00000 n \n");
            let trailer = format!("trailer\n<</Size 9/Root 1 0 R/Prev {prev}>>");
            bytes.extend(format!("{table}{trailer}\nstartxref\n{xref}\n%%EOF\n").as_bytes());
            bytes
        };
        let rewritten = later(base("9"), 2, &stream("9"));
        let longer = later(base("4 0 R"), 4, &format!("4 0 obj\n{}\nendobj\n", long.len()));
        let beside = later(base("9"), 6, "6 0 obj\n(new)\nendobj\n");
        for (bytes, objects) in [(rewritten, &[5][..]), (longer, &[5]), (beside, &[])] {
            let mut budget = Budget::default();
            let document = Document::parse(&bytes, &mut budget).unwrap();
            let first = document.as_of(&document.revisions()[0], &mut budget).unwrap();
            assert_eq!(document.repacked(&first, &mut budget).unwrap(), objects);
        }
    }

    /// Streams whose length is a reference are read again each time, with all that their length
    /// costs.
    #[test]
    fn comments_before_a_length_and_behind_a_stream_are_paid() {
        let comment = format!("%{}\n", "x".repeat(10_000));
        let length = format!("{comment}0");
        let stream = format!("<</Length 2 0 R>>stream\n{}endstream", " ".repeat(10_000));
        let objects: [(u32, &[u8]); 3] =
            [(1, b"<</Type/Catalog>>"), (2, length.as_bytes()), (3, stream.as_bytes())];
        let bytes = file(&objects, 0);
        let mut budget = Budget { read_bytes: 100_000, ..Budget::default() };
        let document = Document::parse(&bytes, &mut budget).unwrap();
        let read = || document.resolve(&Object::Ref(3, 0), &mut budget).is_ok();
        let count = std::iter::repeat_with(read).take(100).take_while(|read| *read).count();
        assert!((1..=5).contains(&count), "{count} times");
    }
}
