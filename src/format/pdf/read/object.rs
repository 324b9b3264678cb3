//! Objects as values.

use std::collections::BTreeMap;
use std::ops::Range;

use smallvec::SmallVec;

use super::encoding::pdf_doc;

/// The bytes of a name. Those that the standard has are hardly ever longer than sixteen.
pub type Name = SmallVec<[u8; 16]>;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// `/Name`, escapes resolved.
    Name(Name),
    /// A string with its place in the file, delimiters included.
    String {
        /// The bytes that it stands for.
        bytes: Vec<u8>,
        /// Where it stands; empty inside object streams.
        span: Range<usize>,
        /// Whether it was written in hexadecimal.
        hex: bool,
    },
    /// `[ … ]`
    Array(Vec<Self>),
    /// `<< … >>`
    Dict(Dict),
    /// A dictionary with bytes.
    Stream(Stream),
    /// `12 0 R`
    Ref(u32, u16),
}

/// A dictionary; no key stands twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict(pub(super) Vec<(Name, Object)>);

/// A stream: its dictionary and where its bytes lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The dictionary.
    pub dict: Dict,
    /// The bytes as they stand in the file, filters not applied.
    pub span: Range<usize>,
}

impl Dict {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().find(|(known, _)| known.as_slice() == key.as_bytes()).map(|(_, value)| value)
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value))
    }

    /// The values in their order.
    pub fn into_values(self) -> impl Iterator<Item = Object> {
        self.0.into_iter().map(|(_, value)| value)
    }

    /// Whether both have the same keys with values that mean the same, in any order.
    pub fn means(&self, other: &Self, bytes: &[u8]) -> bool {
        self.0.len() == other.0.len() && self.differing(other, bytes).is_empty()
    }

    /// The keys whose values differ, or that only one of both has.
    pub fn differing<'a>(&'a self, other: &'a Self, bytes: &[u8]) -> Vec<&'a [u8]> {
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
    /// Whether both mean the same: places in the file do not count, the bytes of streams do.
    /// `bytes` is the file that both were read from.
    pub fn means(&self, other: &Self, bytes: &[u8]) -> bool {
        match (self, other) {
            (Self::String { bytes: one, .. }, Self::String { bytes: two, .. }) => one == two,
            (Self::Array(one), Self::Array(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.means(b, bytes))
            }
            (Self::Dict(one), Self::Dict(two)) => one.means(two, bytes),
            (Self::Stream(one), Self::Stream(two)) => {
                one.dict.means(&two.dict, bytes)
                    && bytes.get(one.span.clone()) == bytes.get(two.span.clone())
            }
            _ => self == other,
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

    /// A name's bytes.
    pub fn name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    /// A string's bytes.
    pub fn string(&self) -> Option<&[u8]> {
        if let Self::String { bytes, .. } = self { Some(bytes) } else { None }
    }

    /// A whole number.
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
