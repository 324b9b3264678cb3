//! The strings of a name: read by their type, and folded as RFC 4518, 2 prepares them.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;

use crate::format::der::{BadDer, Element};

/// The text of a string type; `None` for other values.
pub(super) fn decode(value: Element<'_>) -> Result<Option<String>, BadDer> {
    let bytes = value.content;
    Ok(Some(match value.tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString
        0x0C | 0x12 | 0x13 | 0x16 | 0x1A => {
            std::str::from_utf8(bytes).map_err(|_| BadDer)?.to_owned()
        }
        // TeletexString, in practice Latin-1
        0x14 => bytes.iter().copied().map(char::from).collect(),
        // BMPString
        0x1E => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
            let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
            text.ok_or(BadDer)?
        }
        // UniversalString
        0x1C => {
            let (units, rest) = bytes.as_chunks::<4>();
            let letters = units.iter().map(|unit| char::from_u32(u32::from_be_bytes(*unit)));
            let text = letters.collect::<Option<String>>().filter(|_| rest.is_empty());
            text.ok_or(BadDer)?
        }
        _ => return Ok(None),
    }))
}

/// Text folded for comparison regardless of case, width and repeated spaces; `None` when it has a
/// replacement character.
pub(super) fn fold(text: &str) -> Option<String> {
    if text.is_ascii() {
        let letters = text.chars().filter(|letter| !is_ignored(*letter));
        return Some(words(&letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()));
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    let letters = text.chars().filter(|letter| !is_ignored(*letter));
    Some(words(&letters.nfkc().default_case_fold().nfkc().collect::<String>()))
}

/// Leading, trailing and repeated spaces do not count (RFC 5280, 7.1).
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that RFC 4518, 2.2 maps to nothing: soft hyphens, joiners, direction marks, variation
/// selectors and controls.
fn is_ignored(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{6DD}' | '\u{70F}' | '\u{1806}' | '\u{180B}'..='\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2063}'
        | '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}')
}
