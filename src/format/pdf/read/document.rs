//! A whole file: its revisions, and objects as the newest of them has them.

use std::collections::BTreeMap;

use super::filter;
use super::lexer::Lexer;
use super::object::{Dict, Object, Stream};
use super::xref::{self, Entry, Section};
use super::{ReadError, fault};
use crate::base::limits::Budget;

/// One saving of the file.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Offset of its cross-reference.
    pub xref: usize,
    /// The byte after its `%%EOF` and line end.
    pub end: usize,
    /// The objects that it wrote or freed.
    pub objects: Vec<u32>,
}

/// A file that was read; objects are parsed when they are asked for.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<u32, Entry>,
    trailer: Dict,
    revisions: Vec<Revision>,
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
        let sections = chain(bytes, budget)?;
        let Some(newest) = sections.first() else { return fault(0, "no cross-reference") };
        let trailer = newest.trailer.clone();
        let mut entries = BTreeMap::new();
        for section in &sections {
            for (number, entry) in &section.entries {
                entries.entry(*number).or_insert(*entry);
            }
        }
        let revisions = sections
            .iter()
            .rev()
            .map(|section| {
                let objects = section.entries.keys().copied().collect();
                Ok(Revision { xref: section.offset, end: end_of(bytes, section)?, objects })
            })
            .collect::<Result<Vec<_>, ReadError>>()?;
        Ok(Self { bytes, entries, trailer, revisions })
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
    pub fn catalog(&self, budget: &mut Budget) -> Result<Dict, ReadError> {
        let root = self.trailer.get("Root").unwrap_or(&Object::Null);
        match self.resolve(root, budget)? {
            Object::Dict(dict) => Ok(dict),
            _ => fault(0, "the catalog is missing"),
        }
    }

    /// The object itself, or the one that a reference names; a missing one is `null` (7.3.10).
    pub fn resolve(&self, object: &Object, budget: &mut Budget) -> Result<Object, ReadError> {
        let Object::Ref(number, generation) = object else { return Ok(object.clone()) };
        Budget::spend(&mut budget.steps, 1, "references")?;
        match self.entries.get(number) {
            None | Some(Entry::Free) => Ok(Object::Null),
            Some(Entry::At { offset, generation: known }) => {
                if known != generation {
                    return Ok(Object::Null);
                }
                match indirect(self.bytes, *offset, Some((self, *number, *generation)), budget)? {
                    Some((_, Object::Ref(..))) => fault(*offset, "a reference to a reference"),
                    Some((_, object)) => Ok(object),
                    None => fault(*offset, "no object stands where the cross-reference points"),
                }
            }
            Some(Entry::Inside { stream, index }) => {
                self.compressed(*number, *stream, *index, budget)
            }
        }
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
        filter::decode(&stream.dict, raw, stream.span.start, budget)
    }

    fn compressed(
        &self,
        number: u32,
        stream: u32,
        index: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        let Some(Entry::At { offset, .. }) = self.entries.get(&stream) else {
            return fault(0, "an object stream that does not stand in the file itself");
        };
        let Some((_, Object::Stream(container))) =
            indirect(self.bytes, *offset, Some((self, stream, 0)), budget)?
        else {
            return fault(*offset, "an object stream is missing");
        };
        if !container.dict.is("ObjStm") {
            return fault(*offset, "an object stream is missing");
        }
        let Some(data) = self.stream(&container, budget)? else {
            return fault(*offset, "an object stream with an unknown filter");
        };
        let first = container.dict.get("First").and_then(Object::int);
        let Some(first) = first.and_then(|first| usize::try_from(first).ok()) else {
            return fault(*offset, "a malformed object stream");
        };
        let mut head = Lexer::new(&data, 0, false);
        for step in 0..=index {
            let pair = (head.unsigned(), head.unsigned());
            let (Some(found), Some(relative)) = pair else {
                return fault(*offset, "a malformed object stream");
            };
            if step == index {
                let relative = usize::try_from(relative).unwrap_or(usize::MAX);
                if found != u64::from(number) {
                    return fault(*offset, "an object stream holds another object there");
                }
                let at = first.saturating_add(relative);
                return Lexer::new(&data, at, false).object(budget.depth, budget);
            }
        }
        fault(*offset, "a malformed object stream")
    }
}

/// Reads `N G obj …` at an offset. With `known`, number and generation must be those; without,
/// `/Length` must be direct.
pub(super) fn indirect(
    bytes: &[u8],
    offset: usize,
    known: Option<(&Document<'_>, u32, u16)>,
    budget: &mut Budget,
) -> Result<Option<(u32, Object)>, ReadError> {
    Budget::spend(&mut budget.objects, 1, "objects")?;
    if bytes.get(offset).is_none_or(|byte| !byte.is_ascii_digit()) {
        return Ok(None);
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
    Ok(Some((number, object)))
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
    if !lexer.keyword("endstream") {
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
        let Object::Ref(number, _) = reference else { return Ok(None) };
        let Some(Entry::At { offset, .. }) = self.entries.get(number) else { return Ok(None) };
        let mut lexer = Lexer::new(self.bytes, *offset, true);
        let found = lexer.unsigned() == Some(u64::from(*number));
        let whole = found && lexer.unsigned().is_some() && lexer.keyword("obj");
        if !whole {
            return fault(*offset, "the cross-reference points to another object");
        }
        Budget::spend(&mut budget.objects, 1, "objects")?;
        Ok(lexer.unsigned().and_then(|length| i64::try_from(length).ok()))
    }
}

/// The sections from the newest to the oldest.
fn chain(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Section>, ReadError> {
    let from = bytes.len().saturating_sub(END_WINDOW);
    let window = bytes.get(from..).unwrap_or_default();
    let Some(at) = window.windows(9).rposition(|word| word == b"startxref") else {
        return fault(
            bytes.len(),
            "no startxref near the end: the file is cut or has something behind it",
        );
    };
    let place = from.saturating_add(at);
    let mut lexer = Lexer::new(bytes, place.saturating_add(9), true);
    let offset = lexer.unsigned().and_then(|offset| usize::try_from(offset).ok());
    let Some(mut offset) = offset.filter(|offset| *offset < place) else {
        return fault(place, "startxref does not point into the file");
    };
    let mut sections = Vec::new();
    loop {
        Budget::spend(&mut budget.revisions, 1, "revisions")?;
        let section = xref::section(bytes, offset, budget)?;
        let prev = section.prev;
        sections.push(section);
        match prev {
            Some(prev) => offset = prev,
            None => return Ok(sections),
        }
    }
}

/// Where the revision of a section ends: after the `%%EOF` that follows it, and one line end.
fn end_of(bytes: &[u8], section: &Section) -> Result<usize, ReadError> {
    let rest = bytes.get(section.offset..).unwrap_or_default();
    let Some(at) = rest.windows(5).position(|word| word == b"%%EOF") else {
        return fault(section.offset, "no %%EOF after the cross-reference");
    };
    let mut end = section.offset.saturating_add(at).saturating_add(5);
    if bytes.get(end) == Some(&b'\r') {
        end = end.saturating_add(1);
    }
    if bytes.get(end) == Some(&b'\n') {
        end = end.saturating_add(1);
    }
    Ok(end)
}

/// Where `startxref` is looked for: the last kilobyte, as ISO 32000-1, annex H.3.18 lets readers do.
const END_WINDOW: usize = 1024;
