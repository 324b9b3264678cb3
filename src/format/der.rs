//! DER elements (X.690) as spans of the original bytes, so that signed bytes are hashed as
//! received.
//!
//! Only what CMS needs: definite minimal lengths and tags below 31. Everything else is refused,
//! with one exception that a reader may ask for: indefinite lengths (X.690, 8.1.3.6) around signed
//! bytes, which widespread producers write. Signed bytes themselves may not have them.

use std::borrow::Cow;

use crate::base::time::Timestamp;

/// One element: its tag, its content, and all its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet, tag and class.
    pub tag: u8,
    /// The content octets, without the header.
    pub content: &'a [u8],
    /// Tag, length and content as received.
    pub raw: &'a [u8],
    /// How many levels of indefinite lengths are allowed inside.
    lenient: u8,
}

/// Reads elements one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    lenient: u8,
}

/// Not DER, or not the expected element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed DER")]
pub struct BadDer;

impl<'a> Reader<'a> {
    /// A reader over these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, lenient: 0 }
    }

    /// A reader over these bytes in which constructed elements may have indefinite lengths.
    pub fn lenient(bytes: &'a [u8]) -> Self {
        Self { bytes, lenient: INDEFINITE_LEVELS }
    }

    /// The bytes that have not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Element<'a>, BadDer> {
        let (tag, after) = self.bytes.split_first().ok_or(BadDer)?;
        if tag & 0x1F == 0x1F {
            return Err(BadDer);
        }
        let (first, after) = after.split_first().ok_or(BadDer)?;
        let (content, rest) = match first {
            0x80 if tag & 0x20 != 0 => self.until_end(after)?,
            short @ 0..=0x7F => after.split_at_checked(usize::from(*short)).ok_or(BadDer)?,
            long @ 0x81..=0x84 => {
                let (bytes, after) =
                    after.split_at_checked(usize::from(long & 0x0F)).ok_or(BadDer)?;
                let length = bytes.iter().fold(0, |sum: usize, byte| sum << 8 | usize::from(*byte));
                let minimal = length > 0x7F && bytes.first() != Some(&0);
                let length = minimal.then_some(length).ok_or(BadDer)?;
                after.split_at_checked(length).ok_or(BadDer)?
            }
            _ => return Err(BadDer),
        };
        let used = self.bytes.len().checked_sub(rest.len()).ok_or(BadDer)?;
        let raw = self.bytes.get(..used).ok_or(BadDer)?;
        self.bytes = rest;
        Ok(Element { tag: *tag, content, raw, lenient: self.lenient })
    }

    /// Content up to the end-of-contents octets, and what follows them.
    fn until_end(&self, after: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), BadDer> {
        let lenient = self.lenient.checked_sub(1).ok_or(BadDer)?;
        let mut inside = Self { bytes: after, lenient };
        loop {
            let length = after.len().checked_sub(inside.bytes.len()).ok_or(BadDer)?;
            if let Some(rest) = inside.bytes.strip_prefix(&[0, 0]) {
                return Ok((after.get(..length).ok_or(BadDer)?, rest));
            }
            inside.any()?;
        }
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>, BadDer> {
        let element = self.any()?;
        (element.tag == tag).then_some(element).ok_or(BadDer)
    }

    /// The next element when it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, BadDer> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Fails when anything is left.
    pub fn finish(self) -> Result<(), BadDer> {
        self.bytes.is_empty().then_some(()).ok_or(BadDer)
    }
}

impl<'a> Element<'a> {
    /// A reader over the content.
    pub fn inside(&self) -> Reader<'a> {
        Reader { bytes: self.content, lenient: self.lenient }
    }

    /// The same element, restricted to DER: signed bytes must have one encoding.
    pub fn strictly(&self) -> Result<Self, BadDer> {
        let mut reader = Reader::new(self.raw);
        let element = reader.any()?;
        reader.finish().map(|()| element)
    }

    /// The same content under another tag, for implicit tagging.
    pub fn tagged(&self, tag: u8) -> Self {
        Self { tag, ..*self }
    }

    /// The value of an `OCTET STRING`; where indefinite lengths are allowed it may be constructed
    /// of pieces.
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, BadDer> {
        match self.tag {
            OCTETS => Ok(Cow::Borrowed(self.content)),
            OCTETS_IN_PIECES if self.lenient > 0 => {
                let mut pieces = self.inside();
                let mut all = Vec::new();
                while pieces.peek().is_some() {
                    all.extend(pieces.expect(OCTETS)?.content);
                }
                Ok(Cow::Owned(all))
            }
            _ => Err(BadDer),
        }
    }

    /// The one element inside an explicit tag.
    pub fn only(&self) -> Result<Self, BadDer> {
        let mut inside = self.inside();
        let one = inside.any()?;
        inside.finish().map(|()| one)
    }

    /// A `GeneralizedTime` or `UTCTime` as RFC 5280, 4.1.2.5 narrows them: seconds, `Z`, no
    /// fraction.
    pub fn time(&self) -> Result<Timestamp, BadDer> {
        let text = self.ascii()?;
        match self.tag {
            GENERALIZED_TIME => instant(text),
            UTC_TIME => {
                let young = text.get(..2).ok_or(BadDer)? < "50";
                instant(&format!("{}{text}", if young { "20" } else { "19" }))
            }
            _ => Err(BadDer),
        }
    }

    /// A `GeneralizedTime` that may have a fraction of a second (RFC 3161, 2.4.2), which is cut
    /// off. Trailing zeros, which X.690, 11.7.3 forbids and some authorities write, are accepted.
    pub fn fine_time(&self) -> Result<Timestamp, BadDer> {
        let text = self.ascii()?;
        if self.tag != GENERALIZED_TIME {
            return Err(BadDer);
        }
        let Some((whole, fraction)) = text.split_once('.') else { return instant(text) };
        let digits = fraction.strip_suffix('Z').ok_or(BadDer)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { instant(&format!("{whole}Z")) } else { Err(BadDer) }
    }

    /// A minimal `INTEGER` that is not negative and fits.
    pub fn unsigned(&self) -> Result<u64, BadDer> {
        let digits = match self.content {
            [0] => return Ok(0),
            [0, digits @ ..] if digits.first().is_some_and(|byte| byte & 0x80 != 0) => digits,
            [first, ..] if (1..0x80).contains(first) => self.content,
            _ => return Err(BadDer),
        };
        if digits.len() > 8 {
            return Err(BadDer);
        }
        Ok(digits.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte)))
    }

    /// Reads a `BOOLEAN`; DER allows two values only.
    pub fn boolean(&self) -> Result<bool, BadDer> {
        match (self.tag, self.content) {
            (BOOLEAN, [0]) => Ok(false),
            (BOOLEAN, [0xFF]) => Ok(true),
            _ => Err(BadDer),
        }
    }

    /// A `BIT STRING` of whole octets.
    pub fn octet_bits(&self) -> Result<&'a [u8], BadDer> {
        match (self.tag, self.content.split_first()) {
            (BIT_STRING, Some((0, bits))) => Ok(bits),
            _ => Err(BadDer),
        }
    }

    fn ascii(&self) -> Result<&'a str, BadDer> {
        let text = std::str::from_utf8(self.content).map_err(|_| BadDer)?;
        text.is_ascii().then_some(text).ok_or(BadDer)
    }
}

/// `YYYYMMDDHHMMSSZ`.
fn instant(text: &str) -> Result<Timestamp, BadDer> {
    let digits = text.strip_suffix('Z').ok_or(BadDer)?;
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadDer);
    }
    let (date, clock) = digits.split_at_checked(8).ok_or(BadDer)?;
    let (year, day) = date.split_at_checked(4).ok_or(BadDer)?;
    let (month, day) = day.split_at_checked(2).ok_or(BadDer)?;
    let (hour, rest) = clock.split_at_checked(2).ok_or(BadDer)?;
    let (minute, second) = rest.split_at_checked(2).ok_or(BadDer)?;
    // A leap second would be read as the second before it.
    if second > "59" {
        return Err(BadDer);
    }
    Timestamp::parse_nearest(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
        .ok_or(BadDer)
}

/// An object identifier in dots, for messages and tables.
pub fn dotted(content: &[u8]) -> String {
    ::der::asn1::ObjectIdentifier::from_bytes(content)
        .map_or_else(|_| "that cannot be read".to_owned(), |oid| oid.to_string())
}

/// There are six from the message to the pieces of its content; each level is scanned once more.
const INDEFINITE_LEVELS: u8 = 8;
/// `OCTET STRING`, constructed.
const OCTETS_IN_PIECES: u8 = 0x24;
/// `BOOLEAN`.
pub const BOOLEAN: u8 = 0x01;
/// `BIT STRING`.
pub const BIT_STRING: u8 = 0x03;
/// `ENUMERATED`.
pub const ENUMERATED: u8 = 0x0A;
/// `UTCTime`.
pub const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// `SEQUENCE`.
pub const SEQUENCE: u8 = 0x30;
/// `SET`.
pub const SET: u8 = 0x31;
/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `OCTET STRING`.
pub const OCTETS: u8 = 0x04;
/// `NULL`.
pub const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`.
pub const OID: u8 = 0x06;
/// `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xA0;
/// `[1]`, constructed.
pub const CONTEXT_1: u8 = 0xA1;
/// `[2]`, constructed.
pub const CONTEXT_2: u8 = 0xA2;

/// One element with this tag and content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = Vec::with_capacity(content.len().saturating_add(6));
    der.push(tag);
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    match length {
        [0, 0, 0, short @ 0..=0x7F] => der.push(short),
        [0, 0, 0, one] => der.extend([0x81, one]),
        [0, 0, two, one] => der.extend([0x82, two, one]),
        [0, three, two, one] => der.extend([0x83, three, two, one]),
        [four, three, two, one] => der.extend([0x84, four, three, two, one]),
    }
    der.extend(content);
    der
}

/// A `SEQUENCE` of the parts.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// A `SET OF` the parts, sorted as X.690, 11.6 requires.
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(SET, &parts.concat())
}

/// One extension (RFC 5280, 4.1) as certificates, lists, answers and time stamps carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Content of the object identifier.
    pub name: &'a [u8],
    /// Whether a reader that does not know the extension must refuse the whole.
    pub critical: bool,
    /// Content of the octet string.
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Reads the content of `Extensions`; a repeated name is an error.
    pub fn read_all(mut reader: Reader<'a>) -> Result<Vec<Self>, BadDer> {
        let mut all: Vec<Self> = Vec::new();
        while reader.peek().is_some() {
            let mut inside = reader.expect(SEQUENCE)?.inside();
            let name = inside.expect(OID)?.content;
            let critical = match inside.optional(BOOLEAN)? {
                Some(flag) => flag.boolean()?,
                None => false,
            };
            let value = inside.expect(OCTETS)?.content;
            inside.finish()?;
            if all.len() >= MAX_EXTENSIONS || all.iter().any(|known| known.name == name) {
                return Err(BadDer);
            }
            all.push(Self { name, critical, value });
        }
        Ok(all)
    }
}

/// Real objects have at most a dozen; the search for repeated names is quadratic.
const MAX_EXTENSIONS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_minimal_or_refused() {
        for size in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let der = element(OCTETS, &vec![7; size]);
            let mut reader = Reader::new(&der);
            assert_eq!(reader.expect(OCTETS).unwrap().content.len(), size);
            assert!(reader.finish().is_ok());
        }
        for bad in
            [&[4, 0x81, 5, 1, 2, 3, 4, 5][..], &[4, 0x80, 0, 0], &[4, 2, 1], &[0x1F, 1, 0], &[4]]
        {
            assert_eq!(Reader::new(bad).any(), Err(BadDer), "{bad:?}");
        }
    }
    #[test]
    fn indefinite_lengths_are_for_those_who_ask() {
        let message = [0x30, 0x80, 0x24, 0x80, 4, 1, 7, 4, 2, 0, 0, 0, 0, 2, 1, 5, 0, 0, 9];
        assert_eq!(Reader::new(&message).any(), Err(BadDer));
        let mut reader = Reader::lenient(&message);
        let outer = reader.expect(SEQUENCE).unwrap();
        assert_eq!(reader.rest(), [9]);
        assert_eq!(outer.raw.len(), 18);
        assert!(outer.strictly().is_err());
        let mut inside = outer.inside();
        assert_eq!(*inside.any().unwrap().octets().unwrap(), [7, 0, 0]);
        assert_eq!(inside.expect(INTEGER).unwrap().content, [5]);
        assert!(inside.finish().is_ok());
        for bad in [&[0x30, 0x80, 2, 1, 5][..], &[0x30, 0x80, 2, 1, 5, 0], &[0x04, 0x80, 0, 0]] {
            assert_eq!(Reader::lenient(bad).any(), Err(BadDer), "{bad:?}");
        }
        let deep = [[0x30, 0x80].repeat(9), [0, 0].repeat(9)].concat();
        assert_eq!(Reader::lenient(&deep).any(), Err(BadDer));
        assert!(Reader::lenient(&deep[2..34]).any().is_ok());
        let pieces = [0x24, 3, 4, 1, 7];
        assert_eq!(Reader::new(&pieces).any().unwrap().octets(), Err(BadDer));
    }

    #[test]
    fn times_have_one_spelling() {
        let read = |tag: u8, text: &str| {
            let der = element(tag, text.as_bytes());
            Reader::new(&der).any().unwrap().time().ok().map(|at| at.to_string())
        };
        let at = |text: &str| Some(text.to_owned());
        assert_eq!(read(GENERALIZED_TIME, "20261124072011Z"), at("2026-11-24T07:20:11Z"));
        assert_eq!(read(UTC_TIME, "261124072011Z"), at("2026-11-24T07:20:11Z"));
        assert_eq!(read(UTC_TIME, "990101000000Z"), at("1999-01-01T00:00:00Z"));
        // Years before the first of [`Timestamp`].
        assert_eq!(read(UTC_TIME, "500101000000Z"), at("1970-01-01T00:00:00Z"));
        assert_eq!(read(UTC_TIME, "491231235959Z"), at("2049-12-31T23:59:59Z"));
        for bad in [
            "20261124072011",
            "202611240720Z",
            "20261124072011.5Z",
            "20261124072011+0800",
            "20261324072011Z",
            "20261124072060Z",
            "+0261124072011Z",
            "20261124072011z",
        ] {
            assert_eq!(read(GENERALIZED_TIME, bad), None, "{bad}");
        }
        let fine = |text: &str| {
            let der = element(GENERALIZED_TIME, text.as_bytes());
            Reader::new(&der).any().unwrap().fine_time().ok().map(|at| at.to_string())
        };
        assert_eq!(fine("20261124072011.25Z"), at("2026-11-24T07:20:11Z"));
        assert_eq!(fine("20261124072011Z"), at("2026-11-24T07:20:11Z"));
        for zeros in ["20261124072011.500Z", "20261124072011.0Z"] {
            assert_eq!(fine(zeros), at("2026-11-24T07:20:11Z"));
        }
        for bad in ["20261124072011.Z", "20261124072011.5", "x.5Z", "20261124072011.-1Z"] {
            assert_eq!(fine(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_are_minimal_and_not_negative() {
        let read = |content: &[u8]| {
            let der = element(INTEGER, content);
            Reader::new(&der).any().unwrap().unsigned().ok()
        };
        assert_eq!(read(&[0]), Some(0));
        assert_eq!(read(&[0, 0x80]), Some(128));
        assert_eq!(read(&[0x7F, 0xFF]), Some(32_767));
        for bad in [&[][..], &[0, 1], &[0x80], &[0xFF, 1], &[1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_extension_stands_once() {
        let one = sequence(&[&element(OID, &[42]), &element(OCTETS, &[5, 0])]);
        let read = |der: &[u8]| Extension::read_all(Reader::new(der)).map(|all| all.len());
        assert_eq!(read(&one), Ok(1));
        assert_eq!(read(&[one.clone(), one].concat()), Err(BadDer));
    }
}
