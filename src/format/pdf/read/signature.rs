//! Signature fields and the exact bytes that each of them covers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use super::document::Document;
use super::object::{Dict, Object};
use super::{ReadError, ambiguous, fault, forged};
use crate::base::limits::{Budget, Purse};

/// The bytes before and after the hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    head: usize,
    tail: usize,
    end: usize,
}

impl ByteRange {
    /// Parses the four numbers: they must start at byte 0, leave a hole, and lie within the file.
    pub fn parse(raw: [i64; 4], file_len: usize) -> Option<Self> {
        let [start, head, tail, len] = raw.map(usize::try_from);
        let (Ok(0), Ok(head), Ok(tail), Ok(len)) = (start, head, tail, len) else { return None };
        let end = tail.checked_add(len).filter(|end| *end <= file_len)?;
        (head < tail && head > 0 && len > 0).then_some(Self { head, tail, end })
    }

    /// Position of the hole, delimiters included.
    pub fn hole(&self) -> Range<usize> {
        self.head..self.tail
    }

    /// The byte after the last covered one.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The two covered parts.
    pub fn covered<'a>(&self, bytes: &'a [u8]) -> [&'a [u8]; 2] {
        let part = |range| bytes.get(range).unwrap_or_default();
        [part(0..self.head), part(self.tail..self.end)]
    }
}

/// A field that holds a signature.
#[derive(Clone, Debug)]
pub struct SignatureField {
    /// The fully qualified name: partial names from the root of the form, separated by dots.
    pub name: String,
    /// Object number of the field.
    pub field: u32,
    /// The field's own lock of other fields; `null` without one.
    pub lock: Object,
    /// Object number of the signature dictionary.
    pub object: u32,
    /// The signature dictionary, as read.
    pub dict: Dict,
    /// The bytes that it covers.
    pub byte_range: ByteRange,
    /// The signature message with its padding.
    pub contents: Rc<Vec<u8>>,
}

impl SignatureField {
    /// The sub-filter of document timestamps (ISO 32000-2, 12.8.5).
    pub const TIMESTAMP: &'static [u8] = b"ETSI.RFC3161";

    /// `/SubFilter`.
    pub fn sub_filter(&self) -> &[u8] {
        self.dict.get("SubFilter").and_then(Object::name).unwrap_or_default()
    }
}

impl Document<'_> {
    /// Every signed signature field, in the order of the ends of their byte ranges. A malformed
    /// signature is an error: the file claims to be signed.
    pub fn signatures(&self, budget: &mut Budget) -> Result<Vec<SignatureField>, ReadError> {
        let catalog = self.catalog(budget)?;
        let Object::Dict(form) = self.get(&catalog, "AcroForm", budget)? else {
            return Ok(Vec::new());
        };
        let mut queue: Vec<(Object, Inherited)> = match self.get(&form, "Fields", budget)? {
            Object::Array(fields) => {
                fields.into_iter().map(|field| (field, Inherited::default())).collect()
            }
            _ => Vec::new(),
        };
        let mut found: Vec<SignatureField> = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some((reference, inherited)) = queue.pop() {
            budget.pay(Purse::Steps, 1, "form fields")?;
            if inherited.depth > budget.depth {
                return Err(crate::base::limits::OverBudget("nesting of fields").into());
            }
            // A field is an indirect object (12.7.3.1); programs ignore direct ones.
            let Object::Ref(number, _) = reference else { continue };
            if !seen.insert(number) {
                return fault(0, ambiguous::FIELD_TWICE);
            }
            let Object::Dict(field) = self.resolve(&reference, budget)? else { continue };
            // The type of a field is inheritable (12.7.3.1).
            let is_signature = match self.get(&field, "FT", budget)? {
                Object::Name(kind) => kind.as_slice() == b"Sig",
                _ => inherited.is_signature,
            };
            let name = inherited.name(self.get(&field, "T", budget)?.text());
            budget.pay(Purse::Memory, name.len(), "names of fields")?;
            let name: Rc<str> = name.into();
            if let Object::Array(kids) = self.get(&field, "Kids", budget)? {
                let depth = inherited.depth.saturating_add(1);
                let below = Inherited { depth, is_signature, name: Rc::clone(&name) };
                queue.extend(kids.into_iter().map(|kid| (kid, below.clone())));
            }
            if !is_signature {
                continue;
            }
            let Some(Object::Ref(object, _)) = field.get("V") else {
                if matches!(field.get("V"), None | Some(Object::Null)) {
                    continue;
                }
                return forged(0, "a signature that stands directly in its field");
            };
            budget.pay(Purse::Signatures, 1, "signatures")?;
            let value = field.get("V").cloned().unwrap_or(Object::Null);
            let value = self.resolve(&value, budget)?;
            if found.iter().any(|known| known.object == *object) {
                return forged(0, "two fields share one signature");
            }
            let lock = field.get("Lock").cloned().unwrap_or(Object::Null);
            let name = name.as_ref().to_owned();
            found.push(self.signature(
                LocatedField { name, field: number, lock },
                *object,
                value,
            )?);
        }
        found.sort_by_key(|signature| signature.byte_range.end());
        Ok(found)
    }

    fn signature(
        &self,
        place: LocatedField,
        object: u32,
        value: Object,
    ) -> Result<SignatureField, ReadError> {
        let Object::Dict(dict) = value else { return forged(0, "a signature is no dictionary") };
        let numbers = dict.get("ByteRange").and_then(Object::array).unwrap_or_default();
        let numbers: Vec<i64> = numbers.iter().filter_map(Object::int).collect();
        let range = <[i64; 4]>::try_from(numbers).ok();
        let is_whole = matches!(range, Some([0, head, tail, _]) if 0 < head && head < tail)
            && dict.get("Contents").and_then(Object::string).is_some_and(is_message);
        let misplaced = |at, what| {
            if is_whole { Err(ReadError::Misplaced { at, what }) } else { forged(at, what) }
        };
        let range = range.and_then(|raw| ByteRange::parse(raw, self.bytes().len()));
        let Some(byte_range) = range else {
            return misplaced(0, "a signature without a usable ByteRange");
        };
        let Some(Object::String { bytes, span, hex: true }) = dict.get("Contents") else {
            return misplaced(0, "a signature without hexadecimal Contents");
        };
        if *span != byte_range.hole() {
            return misplaced(
                span.start,
                "the ByteRange leaves out more or less than the Contents",
            );
        }
        // White space between the digits, or an odd number of digits, would allow bytes to be
        // hidden.
        let text = self.bytes().get(span.clone()).unwrap_or_default();
        let digits = text.strip_prefix(b"<").and_then(|text| text.strip_suffix(b">"));
        let plain = |digits: &[u8]| {
            digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit)
        };
        if !digits.is_some_and(plain) {
            return forged(
                span.start,
                "something else than pairs of digits stands in the Contents",
            );
        }
        let contents = Rc::clone(bytes);
        let LocatedField { name, field, lock } = place;
        Ok(SignatureField { name, field, lock, object, dict, byte_range, contents })
    }
}

/// Whether bytes look like a signature message: a long sequence, with a length of several bytes.
fn is_message(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0x84, ..]) && bytes.len() > 256
}

/// What a field inherits from its ancestors.
#[derive(Clone, Debug, Default)]
struct Inherited {
    depth: usize,
    is_signature: bool,
    name: Rc<str>,
}

impl Inherited {
    fn name(&self, partial: Option<String>) -> String {
        match partial {
            Some(partial) if self.name.is_empty() => partial,
            Some(partial) => format!("{}.{partial}", self.name),
            None => self.name.as_ref().to_owned(),
        }
    }
}

/// A field of the form that has a signature as its value.
struct LocatedField {
    name: String,
    field: u32,
    lock: Object,
}
