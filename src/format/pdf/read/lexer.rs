//! From bytes to objects (ISO 32000-1, 7.2 and 7.3).

use super::object::{Dict, Name, Object};
use super::{ReadError, fault};
use crate::base::limits::{Budget, Purse};

/// Reads objects from a position on.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Strings in object streams have no position in the file.
    in_file: bool,
    /// Whether a name or a string was written so that readers differ about it.
    is_odd: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, in_file: bool) -> Self {
        Self { bytes, at, in_file, is_odd: false }
    }

    /// Whether a name or a string that was read so far is written in a way that programs do not
    /// write, and readers differ about: a name with the byte 80 or FF, which some take for white
    /// space; one that is longer than they keep; an octal escape above 377.
    pub(super) fn is_odd(&self) -> bool {
        self.is_odd
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn step(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    /// White space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\r' && byte != b'\n') {
                    self.at = self.at.saturating_add(1);
                }
            } else if is_space(byte) {
                self.at = self.at.saturating_add(1);
            } else {
                return;
            }
        }
    }

    /// Skips this keyword, when it follows as a whole word.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        self.skip_space();
        let end = self.at.saturating_add(word.len());
        let ends = self.bytes.get(end).is_none_or(|byte| is_space(*byte) || is_delimiter(*byte));
        let found = self.starts_with(word.as_bytes()) && ends;
        if found {
            self.at = end;
        }
        found
    }

    /// The operator of a content stream at this position; `None` when an operand follows.
    pub(super) fn operator(&mut self) -> Option<Vec<u8>> {
        let rest = self.bytes.get(self.at..)?;
        let ends = |byte: &u8| is_space(*byte) || is_delimiter(*byte);
        let word = rest.split(ends).next()?;
        let first = word.first()?;
        let letters = first.is_ascii_alphabetic() || matches!(first, b'\'' | b'"');
        let operand = [&b"true"[..], b"false", b"null"].contains(&word);
        (letters && !operand).then(|| {
            self.at = self.at.saturating_add(word.len());
            word.to_vec()
        })
    }

    /// A whole number without sign, as in `12 0 obj`.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        self.skip_space();
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at = self.at.saturating_add(1);
        }
        // `0R` is one word, not a number and another word.
        self.peek().is_none_or(|byte| is_space(byte) || is_delimiter(byte)).then_some(())?;
        let digits = self.bytes.get(start..self.at).filter(|digits| digits.len() <= 15)?;
        let digit = |digit: &u8| u64::from(digit.wrapping_sub(b'0'));
        let value = |sum: u64, next: &u8| sum.saturating_mul(10).saturating_add(digit(next));
        (!digits.is_empty()).then(|| digits.iter().fold(0, value))
    }

    /// The line end after `stream`: LF or CR LF.
    pub(super) fn stream_start(&mut self) -> bool {
        if self.starts_with(b"\r\n") {
            self.at = self.at.saturating_add(2);
            return true;
        }
        let found = self.peek() == Some(b'\n');
        if found {
            self.at = self.at.saturating_add(1);
        }
        found
    }

    /// `endstream`, preceded only by white space.
    pub(super) fn stream_end(&mut self) -> bool {
        while self.peek().is_some_and(is_space) {
            self.at = self.at.saturating_add(1);
        }
        self.peek() == Some(b'e') && self.keyword("endstream")
    }

    pub(super) fn object(
        &mut self,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        self.skip_space();
        if depth == 0 {
            return Err(crate::base::limits::OverBudget("nesting").into());
        }
        let Some(byte) = self.peek() else { return fault(self.at, "the file ends in an object") };
        match byte {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal(),
            b'<' if self.starts_with(b"<<") => self.dict(depth, budget).map(Object::Dict),
            b'<' => self.hex(),
            b'[' => self.array(depth, budget),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Object, ReadError> {
        if self.keyword("true") {
            Ok(Object::Bool(true))
        } else if self.keyword("false") {
            Ok(Object::Bool(false))
        } else if self.keyword("null") {
            Ok(Object::Null)
        } else {
            fault(self.at, "no object stands here")
        }
    }

    fn number(&mut self) -> Result<Object, ReadError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| !is_space(byte) && !is_delimiter(byte)) {
            self.at = self.at.saturating_add(1);
        }
        let text = self.bytes.get(start..self.at).and_then(|text| std::str::from_utf8(text).ok());
        let Some(text) = text.filter(|text| text.len() <= 32) else {
            return fault(start, "a malformed number");
        };
        if let Some(reference) = self.reference(text) {
            return Ok(reference);
        }
        let plain = text.bytes().enumerate().all(|(at, byte)| {
            byte.is_ascii_digit() || byte == b'.' || (at == 0 && matches!(byte, b'+' | b'-'))
        });
        if !plain {
            return fault(start, "a malformed number");
        }
        if let Ok(whole) = text.parse() {
            return Ok(Object::Int(whole));
        }
        match text.parse::<f64>() {
            Ok(real) if real.is_finite() => Ok(Object::Real(real)),
            _ => fault(start, "a malformed number"),
        }
    }

    /// `12 0 R`, by lookahead.
    fn reference(&mut self, first: &str) -> Option<Object> {
        let number: u32 =
            first.bytes().all(|b| b.is_ascii_digit()).then(|| first.parse().ok())??;
        let mut ahead = self.clone();
        let generation = ahead.unsigned().and_then(|g| u16::try_from(g).ok())?;
        ahead.keyword("R").then(|| {
            *self = ahead;
            Object::Ref(number, generation)
        })
    }

    fn name(&mut self) -> Result<Name, ReadError> {
        let start = self.at;
        let rest = self.bytes.get(start.saturating_add(1)..).unwrap_or_default();
        let ends = |byte: &u8| is_space(*byte) || is_delimiter(*byte);
        let written = rest.split(ends).next().unwrap_or_default();
        self.at = start.saturating_add(1).saturating_add(written.len());
        if written.iter().any(|byte| *byte < b' ') {
            // Some readers take it as white space (a vertical tab, for instance), others as part of
            // the name.
            return fault(start, "a control character in a name");
        }
        self.is_odd |=
            written.len() > LONGEST_WORD || written.iter().any(|byte| matches!(byte, 0x80 | 0xFF));
        let name = if written.contains(&b'#') {
            match unescaped(written) {
                Some(name) => name,
                None => return fault(start, "a malformed escape in a name"),
            }
        } else {
            Name::from_slice(written)
        };
        if name.len() > 1024 { fault(start, "a name of over 1,024 bytes") } else { Ok(name) }
    }

    /// A vector that grows reserves twice its length, and is copied: each value is paid for twice.
    fn array(&mut self, depth: usize, budget: &mut Budget) -> Result<Object, ReadError> {
        self.at = self.at.saturating_add(1);
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at = self.at.saturating_add(1);
                return Ok(Object::Array(items.into()));
            }
            budget.pay(Purse::Steps, 1, "array elements")?;
            budget.pay(Purse::Memory, size_of::<[Object; 2]>(), "memory for values")?;
            items.push(self.object(depth.saturating_sub(1), budget)?);
        }
    }

    fn dict(&mut self, depth: usize, budget: &mut Budget) -> Result<Dict, ReadError> {
        let start = self.at;
        self.at = self.at.saturating_add(2);
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            if self.starts_with(b">>") {
                self.at = self.at.saturating_add(2);
                break;
            }
            if self.peek() != Some(b'/') {
                return fault(self.at, "a dictionary key is missing");
            }
            budget.pay(Purse::Steps, 1, "dictionary entries")?;
            budget.pay(Purse::Memory, size_of::<[(Name, Object); 2]>(), "memory for values")?;
            let key = self.name()?;
            let value = self.object(depth.saturating_sub(1), budget)?;
            entries.push((key, value));
        }
        Dict::new(entries).map_or_else(|| fault(start, "a key stands twice in one dictionary"), Ok)
    }
}

/// A name with its escapes resolved (7.3.5).
fn unescaped(written: &[u8]) -> Option<Name> {
    let mut name = Name::new();
    let mut rest = written.iter().copied();
    while let Some(byte) = rest.next() {
        name.push(match byte {
            b'#' => rest.next().and_then(hex_value)? << 4 | rest.next().and_then(hex_value)?,
            byte => byte,
        });
    }
    Some(name)
}

/// The position after a line end at this offset, if there is one: signing programs give the offset
/// of the line end instead of that of what follows it.
pub(super) fn after_line_end(bytes: &[u8], offset: usize) -> usize {
    let rest = bytes.get(offset..).unwrap_or_default();
    let line_end = [&b"\r\n"[..], b"\n", b"\r"].into_iter().find(|end| rest.starts_with(end));
    offset.saturating_add(line_end.map_or(0, <[u8]>::len))
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl Lexer<'_> {
    fn hex(&mut self) -> Result<Object, ReadError> {
        let start = self.at;
        let text = self.bytes.get(start.saturating_add(1)..).unwrap_or_default();
        let other = |byte: &u8| hex_value(*byte).is_none() && !is_space(*byte);
        let length = text.iter().position(other).unwrap_or(text.len());
        let (text, behind) = text.split_at_checked(length).unwrap_or_default();
        match behind.first() {
            None => return fault(start, "a string without an end"),
            Some(b'>') => {}
            Some(_) => {
                return fault(start, "a character in a hexadecimal string that is no digit");
            }
        }
        self.at = start.saturating_add(length).saturating_add(2);
        let mut bytes = Vec::with_capacity(length.div_ceil(2));
        let (pairs, odd) = text.as_chunks::<2>();
        let pair = |[high, low]: &[u8; 2]| Some(hex_value(*high)? << 4 | hex_value(*low)?);
        bytes.extend(pairs.iter().map_while(pair));
        if bytes.len() < pairs.len() || !odd.is_empty() {
            // White space between the digits, or an odd last digit, which counts as followed by 0.
            bytes.clear();
            let mut digits = text.iter().filter_map(|byte| hex_value(*byte));
            while let Some(high) = digits.next() {
                bytes.push(high << 4 | digits.next().unwrap_or(0));
            }
        }
        Ok(self.string(bytes, start, true))
    }

    fn literal(&mut self) -> Result<Object, ReadError> {
        let start = self.at;
        self.at = self.at.saturating_add(1);
        let mut bytes = Vec::new();
        let mut open = 1_usize;
        while open > 0 {
            let Some(byte) = self.step() else { return fault(start, "a string without an end") };
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => open = open.saturating_sub(1),
                b'\\' => {
                    self.escape(&mut bytes);
                    continue;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at = self.at.saturating_add(1);
                    }
                    bytes.push(b'\n');
                    continue;
                }
                _ => {}
            }
            if open > 0 {
                bytes.push(byte);
            }
        }
        Ok(self.string(bytes, start, false))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let Some(byte) = self.step() else { return };
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'0'..=b'7' => {
                let mut value = u16::from(byte.saturating_sub(b'0'));
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|d| (b'0'..=b'7').contains(d)) else {
                        break;
                    };
                    self.at = self.at.saturating_add(1);
                    value = value
                        .saturating_mul(8)
                        .saturating_add(u16::from(digit.saturating_sub(b'0')));
                }
                // High-order overflow is ignored (7.3.4.2), which not every reader does.
                self.is_odd |= value > 0xFF;
                bytes.push(u8::try_from(value & 0xFF).unwrap_or_default());
            }
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at = self.at.saturating_add(1);
                }
            }
            b'\n' => {}
            other => bytes.push(other),
        }
    }

    fn string(&self, bytes: Vec<u8>, start: usize, hex: bool) -> Object {
        let span = if self.in_file { start..self.at } else { 0..0 };
        Object::String { bytes: bytes.into(), span, hex }
    }
}

/// Bytes of a name as it is written, escapes unresolved: the most that every reader keeps. Names of
/// the standard have up to 127 (annex C.2).
const LONGEST_WORD: usize = 255;

fn hex_value(byte: u8) -> Option<u8> {
    DIGITS.get(usize::from(byte)).copied().filter(|value| *value < 16)
}

/// The value of each character as a hexadecimal digit; 16 for others. A table, since a signature
/// has thousands of digits.
const DIGITS: [u8; 256] = {
    let mut values = [16; 256];
    let (mut rest, mut value): (&[u8], u8) = (b"0123456789ABCDEF", 0);
    while let [digit, behind @ ..] = rest {
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            reason = "a byte is below 256; nothing else can be said in a constant"
        )]
        {
            values[*digit as usize] = value;
            values[digit.to_ascii_lowercase() as usize] = value;
        }
        (rest, value) = (behind, value.saturating_add(1));
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Object, ReadError> {
        Lexer::new(text.as_bytes(), 0, true).object(16, &mut Budget::default())
    }

    #[test]
    fn objects() {
        assert_eq!(read("/A#42").unwrap().name(), Some(&b"AB"[..]));
        assert_eq!(read("<4 14>").unwrap().string(), Some(&b"A@"[..]));
        assert_eq!(read(r"(a\(\051\n(b))").unwrap().string(), Some(&b"a()\n(b)"[..]));
        assert_eq!(read("12 0 R").unwrap(), Object::Ref(12, 0));
        assert_eq!(read("[1 -2.5 true null]").unwrap().array().unwrap().len(), 4);
        assert_eq!(read("<FEFF793A>").unwrap().text().unwrap(), "示");
    }

    #[test]
    fn names_and_strings_that_readers_differ_about_are_seen() {
        let is_odd = |text: &[u8]| {
            let mut lexer = Lexer::new(text, 0, true);
            lexer.object(16, &mut Budget::default()).unwrap();
            lexer.is_odd()
        };
        let name = |length: usize| [b"/".to_vec(), vec![b'A'; length]].concat();
        for plain in [&b"/A#80"[..], b"/\xC3\xA4", b"(\x80\xFF)", b"(\\377)", b"<80FF>", &name(255)]
        {
            assert!(!is_odd(plain), "{plain:?}");
        }
        for odd in [
            &b"/A\x80"[..],
            b"/A\xFF 1",
            b"[1 <</B<</A\x80 1>>>>]",
            b"(\\400)",
            b"(\\777)",
            &name(256),
            &[b"/".to_vec(), b"#41".repeat(86)].concat(),
        ] {
            assert!(is_odd(odd), "{odd:?}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for bad in [
            "<</A 1/#41 2>>",
            "1e5",
            "--1",
            "<4G>",
            "(a",
            "[1",
            "<</A>>",
            "/A#4",
            "[1 0R]",
            "/A\u{b}",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let deep = "[".repeat(1000);
        assert!(matches!(read(&deep), Err(ReadError::Budget(_))));
    }
}
