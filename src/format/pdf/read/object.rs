//! PDF objects as values. Their content is shared, so that a clone is cheap.

use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use std::rc::Rc;

use smallvec::SmallVec;

use super::encoding::pdf_doc;

/// The bytes of a name. Names of the standard rarely exceed sixteen.
pub type Name = SmallVec<[u8; 16]>;

/// A PDF object.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An integer number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// `/Name`, escapes resolved.
    Name(Name),
    /// A string with its position in the file, delimiters included.
    String {
        /// The decoded bytes.
        bytes: Rc<Vec<u8>>,
        /// Its position; empty inside object streams.
        span: Range<usize>,
        /// Whether it was written in hexadecimal.
        hex: bool,
    },
    /// `[ … ]`
    Array(Array),
    /// `<< … >>`
    Dict(Dict),
    /// A dictionary with bytes.
    Stream(Stream),
    /// `12 0 R`
    Ref(u32, u16),
}

/// The elements of an array; they are read as a slice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Array(Rc<Items>);

#[derive(Debug, Default, PartialEq)]
struct Items {
    items: Vec<Object>,
    weight: usize,
}

impl From<Vec<Object>> for Array {
    fn from(items: Vec<Object>) -> Self {
        let weight = items.iter().map(Object::weight).fold(1, usize::saturating_add);
        Self(Rc::new(Items { items, weight }))
    }
}

impl Deref for Array {
    type Target = [Object];

    fn deref(&self) -> &[Object] {
        &self.0.items
    }
}

impl Array {
    /// The elements, references unresolved.
    pub fn as_slice(&self) -> &[Object] {
        self
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Object;
    type IntoIter = std::slice::Iter<'a, Object>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Array {
    type Item = Object;
    type IntoIter = Elements;

    fn into_iter(self) -> Elements {
        Elements { array: self, next: 0 }
    }
}

/// An iterator over the elements of an array, which shares the array.
#[derive(Clone, Debug)]
pub struct Elements {
    array: Array,
    next: usize,
}

impl Iterator for Elements {
    type Item = Object;

    fn next(&mut self) -> Option<Object> {
        let item = self.array.get(self.next)?.clone();
        self.next = self.next.saturating_add(1);
        Some(item)
    }
}

/// A dictionary; no key is repeated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict(Rc<Entries>);

#[derive(Debug, Default, PartialEq)]
struct Entries {
    /// The entries in the order of the file.
    pairs: Vec<(Name, Object)>,
    /// Indices of the entries in the order of their keys, when there are many.
    order: Vec<u32>,
    weight: usize,
}

/// A stream: its dictionary and the position of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The stream's dictionary.
    pub dict: Dict,
    /// The raw bytes in the file, filters not applied.
    pub span: Range<usize>,
}

impl Dict {
    /// A dictionary of these entries; `None` when a key is repeated, also for readers that turn names
    /// into text.
    pub(super) fn new(entries: Vec<(Name, Object)>) -> Option<Self> {
        let key = |place: &u32| {
            let place = usize::try_from(*place).unwrap_or(usize::MAX);
            entries.get(place).map(|(key, _)| key.as_slice())
        };
        let keys = || entries.iter().map(|(key, _)| key.as_slice());
        let (order, repeated) = if entries.len() <= FEW {
            let repeated =
                keys().enumerate().any(|(at, key)| keys().take(at).any(|before| before == key));
            (Vec::new(), repeated)
        } else {
            let mut order: Vec<u32> = (0..u32::try_from(entries.len()).ok()?).collect();
            order.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
            let twice = |pair: &[u32]| matches!(pair, [one, other] if key(one) == key(other));
            let repeated = order.windows(2).any(twice);
            (order, repeated)
        };
        let repeated = repeated || has_a_key_twice_as_text(&entries);
        let weights = entries.iter().map(|(_, value)| value.weight().saturating_add(1));
        let weight = weights.fold(1, usize::saturating_add);
        (!repeated).then(|| Self(Rc::new(Entries { pairs: entries, order, weight })))
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.find(key.as_bytes())
    }

    /// The value under a key that comes from a document.
    pub fn find(&self, key: &[u8]) -> Option<&Object> {
        let Entries { pairs: entries, order, .. } = &*self.0;
        if order.is_empty() {
            return entries
                .iter()
                .find(|(known, _)| known.as_slice() == key)
                .map(|(_, value)| value);
        }
        let entry = |place: &u32| entries.get(usize::try_from(*place).ok()?);
        let key_of = |place: &u32| entry(place).map(|(known, _)| known.as_slice());
        let found = order.binary_search_by(|place| key_of(place).cmp(&Some(key))).ok()?;
        order.get(found).and_then(entry).map(|(_, value)| value)
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.pairs.iter().map(|(key, value)| (key.as_slice(), value))
    }

    /// The values in their order.
    pub fn into_values(self) -> impl Iterator<Item = Object> {
        let mut next = 0_usize;
        std::iter::from_fn(move || {
            let (_, value) = self.0.pairs.get(next)?;
            next = next.saturating_add(1);
            Some(value.clone())
        })
    }

    /// The cost of walking its content, in steps.
    pub fn weight(&self) -> usize {
        self.0.weight
    }

    /// Whether both have the same keys with equal values ([`Object::means`]), in any order.
    pub fn means(&self, other: &Self, bytes: &[u8]) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
            || (self.0.pairs.len() == other.0.pairs.len()
                && self.differing(other, bytes).is_empty())
    }

    /// The keys whose values differ, or that only one of both has.
    pub fn differing<'a>(&'a self, other: &'a Self, bytes: &[u8]) -> Vec<&'a [u8]> {
        if Rc::ptr_eq(&self.0, &other.0) {
            return Vec::new();
        }
        let before: BTreeMap<&[u8], &Object> = self.iter().collect();
        let after: BTreeMap<&[u8], &Object> = other.iter().collect();
        let same =
            |key: &[u8], value: &Object| after.get(key).is_some_and(|now| value.means(now, bytes));
        let changed = before.iter().filter(|(key, value)| !same(key, value)).map(|(key, _)| *key);
        let added = after.keys().filter(|key| !before.contains_key(*key)).copied();
        changed.chain(added).collect()
    }

    /// Whether `/Type` has this value.
    pub fn is(&self, kind: &str) -> bool {
        self.get("Type").and_then(Object::name) == Some(kind.as_bytes())
    }
}

impl Object {
    /// Whether both have the same meaning: positions in the file do not count, the bytes of streams
    /// do. `bytes` is the file that both were read from.
    pub fn means(&self, other: &Self, bytes: &[u8]) -> bool {
        match (self, other) {
            (Self::String { bytes: one, .. }, Self::String { bytes: two, .. }) => one == two,
            (Self::Array(one), Self::Array(two)) => {
                Rc::ptr_eq(&one.0, &two.0)
                    || (one.len() == two.len()
                        && one.iter().zip(two.iter()).all(|(a, b)| a.means(b, bytes)))
            }
            (Self::Dict(one), Self::Dict(two)) => one.means(two, bytes),
            (Self::Stream(one), Self::Stream(two)) => {
                one.dict.means(&two.dict, bytes)
                    && bytes.get(one.span.clone()) == bytes.get(two.span.clone())
            }
            _ => self == other,
        }
    }

    /// The cost of walking its content, in steps: one for each value, and more for long strings.
    /// References are not followed.
    pub fn weight(&self) -> usize {
        match self {
            Self::Array(items) => items.0.weight,
            Self::Dict(dict) | Self::Stream(Stream { dict, .. }) => dict.weight(),
            Self::String { bytes, .. } => (bytes.len() / BYTES_OF_A_STEP).saturating_add(1),
            _ => 1,
        }
    }

    /// The dictionary, also that of a stream.
    pub fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) | Self::Stream(Stream { dict, .. }) => Some(dict),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The bytes of a name; `None` for other objects.
    pub fn name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    /// The bytes of a string; `None` for other objects.
    pub fn string(&self) -> Option<&[u8]> {
        if let Self::String { bytes, .. } = self { Some(bytes) } else { None }
    }

    /// An integer; `None` for other objects.
    pub fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// A number of either kind.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "coordinates")]
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// A text string as Unicode: UTF-16 with its mark, UTF-8 with its mark, else `PDFDocEncoding`.
    pub fn text(&self) -> Option<String> {
        let bytes = self.string()?;
        if let Some(utf16) = bytes.strip_prefix(&[0xFE, 0xFF]) {
            let (pairs, rest) = utf16.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            return rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten();
        }
        if let Some(utf8) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
            return String::from_utf8(utf8.to_vec()).ok();
        }
        Some(bytes.iter().map(|byte| pdf_doc(*byte)).collect())
    }
}

/// Whether two keys may be one for a reader that takes a name for UTF-8 where it is, and for one of
/// the 8-bit encodings where it is not: `F#C3#A4` and `F#E4`, or two with a byte that those
/// encodings leave undefined. Characters outside of ASCII all count as equal here.
fn has_a_key_twice_as_text(entries: &[(Name, Object)]) -> bool {
    let is_undefined = |byte: &u8| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
    let mut known: BTreeMap<String, (bool, bool, bool)> = BTreeMap::new();
    for (key, _) in entries.iter().filter(|(key, _)| !key.is_ascii()) {
        let of = |one: char| if one.is_ascii() { one } else { '\u{80}' };
        let text = std::str::from_utf8(key);
        let shape = match text {
            Ok(text) => text.chars().map(of).collect(),
            Err(_) => key.iter().map(|byte| of(char::from(*byte))).collect(),
        };
        let (is_text, undefined) = (text.is_ok(), key.iter().any(is_undefined));
        let before = known.entry(shape).or_default();
        let (texts, others, others_undefined) = *before;
        if (is_text && others) || (!is_text && (texts || (undefined && others_undefined))) {
            return true;
        }
        *before =
            (texts || is_text, others || !is_text, others_undefined || (!is_text && undefined));
    }
    false
}

/// Up to this many keys, a linear search is faster than sorting.
const FEW: usize = 12;
/// Bytes that are copied or compared in the time of one step.
const BYTES_OF_A_STEP: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_some_readers_see_twice_is_refused() {
        let dict = |keys: &[&[u8]]| {
            let entry = |key: &&[u8]| (Name::from_slice(key), Object::Null);
            Dict::new(keys.iter().map(entry).collect())
        };
        for good in [
            &[&b"F\xC3\xA4"[..], b"F\xC3\xB6"][..],
            &[b"\xCB\xCE\xCC\xE5", b"\xBA\xDA\xCC\xE5"],
            &[b"F\xE4", b"G\xC3\xA4"],
            &[b"F\xE4", b"F\xFC"],
        ] {
            assert!(dict(good).is_some(), "{good:?}");
        }
        for bad in [
            &[&b"A"[..], b"A"][..],
            &[b"F\xC3\xA4", b"F\xE4"],
            &[b"F\x80", b"B", b"F\xE2\x82\xAC"],
            &[b"F\x81", b"F\x8D"],
        ] {
            assert!(dict(bad).is_none(), "{bad:?}");
        }
    }
}
