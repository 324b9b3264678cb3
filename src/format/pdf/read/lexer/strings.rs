//! Strings, in hexadecimal digits and in parentheses (ISO 32000-1, 7.3.4).

use super::{Lexer, is_space};
use crate::format::pdf::read::object::Object;
use crate::format::pdf::read::{ReadError, fault};

impl Lexer<'_> {
    pub(super) fn hex(&mut self) -> Result<Object, ReadError> {
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
            // White space between the digits, or a digit alone, which counts as followed by 0.
            bytes.clear();
            let mut digits = text.iter().filter_map(|byte| hex_value(*byte));
            while let Some(high) = digits.next() {
                bytes.push(high << 4 | digits.next().unwrap_or(0));
            }
        }
        Ok(self.string(bytes, start, true))
    }

    pub(super) fn literal(&mut self) -> Result<Object, ReadError> {
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
                // High-order overflow is ignored (7.3.4.2).
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

pub(super) fn hex_value(byte: u8) -> Option<u8> {
    DIGITS.get(usize::from(byte)).copied().filter(|value| *value < 16)
}

/// What each character is worth as a hexadecimal digit; 16 when it is none. A signature is thousands
/// of digits.
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
