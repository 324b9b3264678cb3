//! The objects that other readers find in a file, in one form for comparison.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

pub(crate) mod hayro;
pub(crate) mod qpdf;

use std::collections::BTreeMap;

use yinzheng::base::limits::Budget;
use yinzheng::format::pdf::read::{Dict, Document, Object, ReadError};

/// An object without its position in the file.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As a floating-point number and truncated to an integer: large integers do not fit into the
    /// first.
    Number(f64, i64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    /// A string of which a reader only gives the text.
    Unicode(String),
    Array(Vec<Self>),
    /// Entries that are `null` are left out: they count as missing (7.3.7).
    Dict(BTreeMap<Vec<u8>, Self>),
    /// The decoded bytes, unless the reader does not know a filter.
    Stream(BTreeMap<Vec<u8>, Self>, Option<Vec<u8>>),
    Ref(u32, u16),
}

/// Number and generation, and the object.
pub(crate) type Objects = BTreeMap<(u32, u16), Value>;

/// All objects that our reader finds, without `null`.
pub(crate) fn ours(bytes: &[u8]) -> Result<Objects, ReadError> {
    let budget = &mut Budget::default();
    let document = Document::parse(bytes, budget)?;
    document.catalog(budget)?;
    let mut objects = Objects::new();
    for number in document.numbers() {
        let (object, generation) = document.numbered(number, budget)?;
        let value = match &object {
            Object::Stream(stream) => {
                Value::Stream(dict(&stream.dict), document.stream(stream, budget)?)
            }
            other => value(other),
        };
        if !matches!(value, Value::Null) {
            objects.insert((number, generation), value);
        }
    }
    Ok(objects)
}

fn value(object: &Object) -> Value {
    match object {
        Object::Null => Value::Null,
        Object::Bool(bool) => Value::Bool(*bool),
        #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "both are compared")]
        Object::Int(whole) => Value::Number(*whole as f64, *whole),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::as_conversions,
            reason = "cut on purpose"
        )]
        Object::Real(real) => Value::Number(*real, *real as i64),
        Object::Name(name) => Value::Name(name.to_vec()),
        Object::String { bytes, .. } => Value::Text(bytes.to_vec()),
        Object::Array(items) => Value::Array(items.iter().map(value).collect()),
        Object::Dict(entries) => Value::Dict(dict(entries)),
        Object::Ref(number, generation) => Value::Ref(*number, *generation),
        Object::Stream(_) => unreachable!("a stream inside of an object"),
    }
}

fn dict(entries: &Dict) -> BTreeMap<Vec<u8>, Value> {
    let entries = entries.iter().map(|(key, object)| (key.to_vec(), value(object)));
    entries.filter(|(_, value)| !matches!(value, Value::Null)).collect()
}

/// Compares the values of two readers; a difference is described by its path and both values.
pub(crate) fn difference(path: &str, ours: &Value, theirs: &Value) -> Option<String> {
    let both = |at: &BTreeMap<Vec<u8>, Value>, other: &BTreeMap<Vec<u8>, Value>| {
        let keys = at.keys().chain(other.keys().filter(|key| !at.contains_key(*key)));
        let mut found = keys.filter_map(|key| {
            let path = format!("{path}/{}", String::from_utf8_lossy(key));
            match (at.get(key), other.get(key)) {
                (Some(one), Some(two)) => difference(&path, one, two),
                (one, two) => Some(format!("{path}: {one:?} and {two:?}")),
            }
        });
        found.next()
    };
    let same = match (ours, theirs) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(two)) => one == two,
        (Value::Number(one, cut), Value::Number(two, other)) => {
            let near = (one - two).abs() <= 1e-9 * one.abs().max(1.0);
            near && (cut == other || one.fract() != 0.0 || two.fract() != 0.0)
        }
        (Value::Name(one), Value::Name(two)) | (Value::Text(one), Value::Text(two)) => one == two,
        (Value::Text(one), Value::Unicode(two)) => unicode(one) == *two,
        (Value::Ref(one, of), Value::Ref(two, other)) => (one, of) == (two, other),
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            let pairs = one.iter().zip(two).enumerate();
            let mut found =
                pairs.filter_map(|(at, (a, b))| difference(&format!("{path}[{at}]"), a, b));
            return found.next();
        }
        (Value::Dict(one), Value::Dict(two)) => return both(one, two),
        (Value::Stream(one, data), Value::Stream(two, other)) => {
            if let Some(found) = both(one, two) {
                return Some(found);
            }
            // Streams that one of them does not decode are not compared.
            data.is_none() || other.is_none() || data == other
        }
        _ => false,
    };
    (!same).then(|| format!("{path}: {ours:?} and {theirs:?}"))
}

/// The bytes of `PDFDocEncoding` that are not those of Latin-1 (annex D.3).
const FROM_18: &str = "˘ˇˆ˙˝˛˚˜";
const FROM_80: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\u{FFFD}€";

/// A string as qpdf decodes it: UTF-16 and UTF-8 with byte order marks, else `PDFDocEncoding`.
fn unicode(bytes: &[u8]) -> String {
    let utf16 = |pair: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes[2..].as_chunks::<2>();
        String::from_utf16_lossy(&pairs.iter().map(|two| pair(*two)).collect::<Vec<_>>())
    };
    match bytes {
        [0xFE, 0xFF, ..] => utf16(u16::from_be_bytes),
        [0xFF, 0xFE, ..] => utf16(u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| pdf_doc(*byte)).collect(),
    }
}

fn pdf_doc(byte: u8) -> char {
    let from = |start: u8, table: &str| table.chars().nth(usize::from(byte - start));
    let found = match byte {
        0x18..=0x1F => from(0x18, FROM_18),
        0x80..=0xA0 => from(0x80, FROM_80),
        _ => None,
    };
    found.unwrap_or_else(|| char::from(byte))
}
