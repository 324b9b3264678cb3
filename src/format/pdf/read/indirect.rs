//! Indirect objects: their frame, and the bytes of a stream.

use super::lexer::{Lexer, after_line_end};
use super::object::{Dict, Object, Stream};
use super::{ReadError, fault};
use crate::base::limits::{Budget, Purse};

/// Resolves a stream's length when it is an indirect object.
pub(super) trait Numbers {
    /// The number that a reference names; `None` for any other object.
    fn plain_number(
        &self,
        reference: &Object,
        budget: &mut Budget,
    ) -> Result<Option<i64>, ReadError>;
}

/// An object with its frame, `12 0 obj … endobj`.
#[derive(Clone, Debug)]
pub(super) struct Indirect {
    pub(super) object: Object,
    /// The byte after `endobj`.
    pub(super) end: usize,
    /// Whether readers differ about a name or a string in it ([`Lexer::is_odd`]).
    pub(super) is_odd: bool,
}

/// Reads `N G obj …` at an offset. With `known`, number and generation must be those; without,
/// `/Length` must be direct.
pub(super) fn indirect(
    bytes: &[u8],
    offset: usize,
    known: Option<(&dyn Numbers, u32, u16)>,
    budget: &mut Budget,
) -> Result<Option<Indirect>, ReadError> {
    budget.pay(Purse::Objects, 1, "objects")?;
    let offset = after_line_end(bytes, offset);
    if bytes.get(offset).is_none_or(|byte| !byte.is_ascii_digit()) {
        return Ok(None);
    }
    // `12 0 obj` contains `2 0 obj`.
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
    let is_odd = lexer.is_odd();
    let read = lexer.at().saturating_sub(offset);
    budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
    let object = match object {
        Object::Dict(dict) if lexer.keyword("stream") => {
            let span = stream_span(bytes, &mut lexer, &dict, known.map(|known| known.0), budget)?;
            Object::Stream(Stream { dict, span })
        }
        other => other,
    };
    let ends = lexer.keyword("endobj");
    // White space and comments behind the object itself.
    let span = if let Object::Stream(Stream { span, .. }) = &object { span.len() } else { 0 };
    let rest = lexer.at().saturating_sub(offset).saturating_sub(read).saturating_sub(span);
    budget.pay(Purse::ReadBytes, rest, "bytes of objects")?;
    if !ends {
        return fault(lexer.at(), "endobj is missing");
    }
    Ok(Some(Indirect { object, end: lexer.at(), is_odd }))
}

/// The number in the head of an object at this place.
pub(super) fn header_number(bytes: &[u8], offset: usize) -> Option<u32> {
    let mut lexer = Lexer::new(bytes, after_line_end(bytes, offset), true);
    let (number, _) = (lexer.unsigned()?, lexer.unsigned()?);
    u32::try_from(number).ok().filter(|_| lexer.keyword("obj"))
}

fn stream_span<'a>(
    bytes: &'a [u8],
    lexer: &mut Lexer<'a>,
    dict: &Dict,
    numbers: Option<&dyn Numbers>,
    budget: &mut Budget,
) -> Result<std::ops::Range<usize>, ReadError> {
    if dict.get("F").is_some() {
        return fault(lexer.at(), "a stream whose bytes are in another file");
    }
    if dict.get("DP").is_some() {
        // Other readers take the short names of inline images (8.9.7) here too.
        return fault(lexer.at(), "a stream with /DP");
    }
    if !lexer.stream_start() {
        return fault(lexer.at(), "a malformed line end after stream");
    }
    let start = lexer.at();
    let length = match (dict.get("Length"), numbers) {
        (Some(Object::Int(length)), _) => Some(*length),
        (Some(reference @ Object::Ref(..)), Some(numbers)) => {
            // A length is a number, so this does not recurse.
            budget.pay(Purse::Steps, 1, "stream lengths")?;
            numbers.plain_number(reference, budget)?
        }
        _ => None,
    };
    let length = length.and_then(|length| usize::try_from(length).ok());
    let end = length.and_then(|length| start.checked_add(length));
    let Some(end) = end.filter(|end| *end <= bytes.len()) else {
        return fault(start, "a stream without a right length");
    };
    *lexer = Lexer::new(bytes, end, true);
    // Readers that search for the end of the stream would count a comment here as part of it.
    if !lexer.stream_end() {
        return fault(end, "a stream is longer or shorter than its length");
    }
    Ok(start..end)
}
