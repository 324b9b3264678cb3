//! Characters of names that old systems wrote in Unicode's private-use area.
//!
//! GBK and the editions of GB 18030 before 2022 had characters that Unicode lacked at the time, and
//! gave them private-use code points (GB 18030-2000, annex E). All of them have standard code
//! points since, which the edition of 2022 requires. The position of a private-use code point in
//! the two-byte table gives the character there now, by the decoder of the WHATWG standard
//! (`encoding_rs`), except for six that its index keeps as they were.

/// The code point that the standard assigned in place of a private-use one, if any.
pub fn assigned(character: char) -> Option<char> {
    let (first, bytes): (u32, [u8; 2]) = match u32::from(character) {
        0xE816 => return Some('\u{20087}'),
        0xE817 => return Some('\u{20089}'),
        0xE818 => return Some('\u{200CC}'),
        0xE831 => return Some('\u{215D7}'),
        0xE83B => return Some('\u{2298F}'),
        0xE855 => return Some('\u{241FE}'),
        0xE78D..=0xE793 => (0xE78D, [0xA6, 0xD9]),
        0xE794..=0xE795 => (0xE794, [0xA6, 0xEC]),
        0xE796 => (0xE796, [0xA6, 0xF3]),
        0xE7C7 => (0xE7C7, [0xA8, 0xBC]),
        0xE7C8 => (0xE7C8, [0xA8, 0xBF]),
        0xE7E7..=0xE7F3 => (0xE7E7, [0xA9, 0x89]),
        0xE815..=0xE843 => (0xE815, [0xFE, 0x50]),
        // The byte 0x7F ends no pair.
        0xE844..=0xE864 => (0xE844, [0xFE, 0x80]),
        _ => return None,
    };
    let [lead, trail] = bytes;
    let offset = u8::try_from(u32::from(character).checked_sub(first)?).ok()?;
    let pair = [lead, trail.checked_add(offset)?];
    let (text, faulty) = encoding_rs::GB18030.decode_without_bom_handling(&pair);
    text.chars().next().filter(|found| !faulty && !is_private_use(*found))
}

/// Whether a character is in the private-use area, so that the font decides what it shows.
pub fn is_private_use(character: char) -> bool {
    matches!(u32::from(character), 0xE000..=0xF8FF | 0xF_0000..=0xF_FFFD | 0x10_0000..=0x10_FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_standard_assigned_is_named() {
        for (old, new) in [
            ('\u{E863}', '䶮'),
            ('\u{E815}', '\u{2E81}'),
            ('\u{E81A}', '\u{3473}'),
            ('\u{E81E}', '\u{9FB4}'),
            ('\u{E843}', '\u{9FB9}'),
            ('\u{E844}', '\u{4723}'),
            ('\u{E854}', '\u{9FBA}'),
            ('\u{E855}', '\u{241FE}'),
            ('\u{E864}', '\u{9FBB}'),
            ('\u{E78D}', '\u{FE10}'),
            ('\u{E78F}', '\u{FE11}'),
            ('\u{E796}', '\u{FE19}'),
            ('\u{E7C7}', 'ḿ'),
            ('\u{E7C8}', 'ǹ'),
            ('\u{E7F3}', '\u{2FFB}'),
        ] {
            assert_eq!(assigned(old), Some(new), "{old:?}");
        }
        for unknown in ['\u{E000}', '\u{E4C6}', '\u{E797}', '\u{E865}', '\u{F8FF}', '䶮', 'a'] {
            assert_eq!(assigned(unknown), None, "{unknown:?}");
        }
        // The row of eighty characters has no hole.
        let row = (0xE815..=0xE864).filter_map(char::from_u32);
        assert_eq!(row.filter_map(assigned).count(), 80);
        let count = (0xE000..=0xF8FF).filter_map(char::from_u32).filter_map(assigned).count();
        assert_eq!(count, 80 + 10 + 2 + 13);
    }
}
