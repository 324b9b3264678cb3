//! Elements put together.

use super::{SEQUENCE, SET};

/// One element of the tag with the content.
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

/// `SEQUENCE` of the parts.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// `SET OF` the parts, sorted as X.690, 11.6 wants it.
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(SET, &parts.concat())
}
