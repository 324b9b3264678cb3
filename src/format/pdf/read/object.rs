//! Objects as values.

use std::ops::Range;

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
    Name(Vec<u8>),
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
pub struct Dict(pub(super) Vec<(Vec<u8>, Object)>);

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
        self.0.iter().find(|(known, _)| known == key.as_bytes()).map(|(_, value)| value)
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value))
    }

    /// Whether `/Type` has this value.
    pub fn is(&self, kind: &str) -> bool {
        self.get("Type").and_then(Object::name) == Some(kind.as_bytes())
    }
}

impl Object {
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

    /// A text string as Unicode: UTF-16 with its mark, UTF-8 with its mark, else Latin-1.
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
        Some(bytes.iter().map(|byte| char::from(*byte)).collect())
    }
}
