//! The encodings of simple fonts and of text strings (ISO 32000-1, annex D).

use unicode_normalization::char::compose;

/// The base encoding of a simple font, to which its differences apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Standard,
    WinAnsi,
    MacRoman,
    PdfDoc,
}

impl Encoding {
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"StandardEncoding" => Self::Standard,
            b"WinAnsiEncoding" => Self::WinAnsi,
            b"MacRomanEncoding" => Self::MacRoman,
            b"PDFDocEncoding" => Self::PdfDoc,
            _ => return None,
        })
    }

    /// The character of a code.
    pub(super) fn character(self, code: u8) -> Option<char> {
        match (self, code) {
            (Self::PdfDoc, _) => Some(pdf_doc(code)),
            (Self::Standard, b'\'') => Some('\u{2019}'),
            (Self::Standard, b'`') => Some('\u{2018}'),
            (_, 0..0x20 | 0x7F) => None,
            (_, 0x20..0x7F) => Some(char::from(code)),
            (Self::Standard, _) => {
                STANDARD.iter().find(|(known, _)| *known == code).map(|(_, character)| *character)
            }
            (Self::WinAnsi, _) => above_ascii(encoding_rs::WINDOWS_1252, code),
            (Self::MacRoman, _) => above_ascii(encoding_rs::MACINTOSH, code),
        }
    }
}

fn above_ascii(encoding: &'static encoding_rs::Encoding, code: u8) -> Option<char> {
    let bytes = [code];
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    text.chars().next().filter(|character| !character.is_control())
}

/// The character of a code in text strings.
pub(super) fn pdf_doc(code: u8) -> char {
    let within = |first: u8, table: &[char]| {
        code.checked_sub(first).and_then(|at| table.get(usize::from(at)).copied())
    };
    match code {
        0xA0 => '\u{20AC}',
        0x18..0x20 => within(0x18, &PDF_DOC_LOW).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x80..0xA0 => within(0x80, &PDF_DOC_HIGH).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(code),
    }
}

/// The character of a glyph name.
pub(super) fn named_glyph(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let mut characters = name.chars();
    let first = characters.next()?;
    if let Ok(at) = NAMES.binary_search_by_key(&name, |(known, _)| *known) {
        return NAMES.get(at).map(|(_, character)| *character);
    }
    if !first.is_ascii_alphabetic() {
        return None;
    }
    let accent = match characters.as_str() {
        "" => return Some(first),
        "grave" => '\u{300}',
        "acute" => '\u{301}',
        "circumflex" => '\u{302}',
        "tilde" => '\u{303}',
        "dieresis" => '\u{308}',
        "ring" => '\u{30A}',
        "caron" => '\u{30C}',
        "cedilla" => '\u{327}',
        _ => return None,
    };
    compose(first, accent)
}

/// The glyphs of the Latin character set (annex D.2), except letters with and without accents.
const NAMES: [(&str, char); 119] = [
    ("AE", '\u{c6}'),
    ("Eth", '\u{d0}'),
    ("Euro", '\u{20ac}'),
    ("Lslash", '\u{141}'),
    ("OE", '\u{152}'),
    ("Oslash", '\u{d8}'),
    ("Thorn", '\u{de}'),
    ("acute", '\u{b4}'),
    ("ae", '\u{e6}'),
    ("ampersand", '&'),
    ("asciicircum", '^'),
    ("asciitilde", '~'),
    ("asterisk", '*'),
    ("at", '@'),
    ("backslash", '\\'),
    ("bar", '|'),
    ("braceleft", '{'),
    ("braceright", '}'),
    ("bracketleft", '['),
    ("bracketright", ']'),
    ("breve", '\u{2d8}'),
    ("brokenbar", '\u{a6}'),
    ("bullet", '\u{2022}'),
    ("caron", '\u{2c7}'),
    ("cedilla", '\u{b8}'),
    ("cent", '\u{a2}'),
    ("circumflex", '\u{2c6}'),
    ("colon", ':'),
    ("comma", ','),
    ("copyright", '\u{a9}'),
    ("currency", '\u{a4}'),
    ("dagger", '\u{2020}'),
    ("daggerdbl", '\u{2021}'),
    ("degree", '\u{b0}'),
    ("dieresis", '\u{a8}'),
    ("divide", '\u{f7}'),
    ("dollar", '$'),
    ("dotaccent", '\u{2d9}'),
    ("dotlessi", '\u{131}'),
    ("eight", '8'),
    ("ellipsis", '\u{2026}'),
    ("emdash", '\u{2014}'),
    ("endash", '\u{2013}'),
    ("equal", '='),
    ("eth", '\u{f0}'),
    ("exclam", '!'),
    ("exclamdown", '\u{a1}'),
    ("fi", '\u{fb01}'),
    ("five", '5'),
    ("fl", '\u{fb02}'),
    ("florin", '\u{192}'),
    ("four", '4'),
    ("fraction", '\u{2044}'),
    ("germandbls", '\u{df}'),
    ("grave", '`'),
    ("greater", '>'),
    ("guillemotleft", '\u{ab}'),
    ("guillemotright", '\u{bb}'),
    ("guilsinglleft", '\u{2039}'),
    ("guilsinglright", '\u{203a}'),
    ("hungarumlaut", '\u{2dd}'),
    ("hyphen", '-'),
    ("less", '<'),
    ("logicalnot", '\u{ac}'),
    ("lslash", '\u{142}'),
    ("macron", '\u{af}'),
    ("minus", '\u{2212}'),
    ("mu", '\u{b5}'),
    ("multiply", '\u{d7}'),
    ("nine", '9'),
    ("numbersign", '#'),
    ("oe", '\u{153}'),
    ("ogonek", '\u{2db}'),
    ("one", '1'),
    ("onehalf", '\u{bd}'),
    ("onequarter", '\u{bc}'),
    ("onesuperior", '\u{b9}'),
    ("ordfeminine", '\u{aa}'),
    ("ordmasculine", '\u{ba}'),
    ("oslash", '\u{f8}'),
    ("paragraph", '\u{b6}'),
    ("parenleft", '('),
    ("parenright", ')'),
    ("percent", '%'),
    ("period", '.'),
    ("periodcentered", '\u{b7}'),
    ("perthousand", '\u{2030}'),
    ("plus", '+'),
    ("plusminus", '\u{b1}'),
    ("question", '?'),
    ("questiondown", '\u{bf}'),
    ("quotedbl", '"'),
    ("quotedblbase", '\u{201e}'),
    ("quotedblleft", '\u{201c}'),
    ("quotedblright", '\u{201d}'),
    ("quoteleft", '\u{2018}'),
    ("quoteright", '\u{2019}'),
    ("quotesinglbase", '\u{201a}'),
    ("quotesingle", '\''),
    ("registered", '\u{ae}'),
    ("ring", '\u{2da}'),
    ("section", '\u{a7}'),
    ("semicolon", ';'),
    ("seven", '7'),
    ("six", '6'),
    ("slash", '/'),
    ("space", ' '),
    ("sterling", '\u{a3}'),
    ("thorn", '\u{fe}'),
    ("three", '3'),
    ("threequarters", '\u{be}'),
    ("threesuperior", '\u{b3}'),
    ("tilde", '\u{2dc}'),
    ("trademark", '\u{2122}'),
    ("two", '2'),
    ("twosuperior", '\u{b2}'),
    ("underscore", '_'),
    ("yen", '\u{a5}'),
    ("zero", '0'),
];
/// The upper half of the standard encoding.
const STANDARD: [(u8, char); 54] = [
    (0xa1, '\u{a1}'),
    (0xa2, '\u{a2}'),
    (0xa3, '\u{a3}'),
    (0xa4, '\u{2044}'),
    (0xa5, '\u{a5}'),
    (0xa6, '\u{192}'),
    (0xa7, '\u{a7}'),
    (0xa8, '\u{a4}'),
    (0xa9, '\''),
    (0xaa, '\u{201c}'),
    (0xab, '\u{ab}'),
    (0xac, '\u{2039}'),
    (0xad, '\u{203a}'),
    (0xae, '\u{fb01}'),
    (0xaf, '\u{fb02}'),
    (0xb1, '\u{2013}'),
    (0xb2, '\u{2020}'),
    (0xb3, '\u{2021}'),
    (0xb4, '\u{b7}'),
    (0xb6, '\u{b6}'),
    (0xb7, '\u{2022}'),
    (0xb8, '\u{201a}'),
    (0xb9, '\u{201e}'),
    (0xba, '\u{201d}'),
    (0xbb, '\u{bb}'),
    (0xbc, '\u{2026}'),
    (0xbd, '\u{2030}'),
    (0xbf, '\u{bf}'),
    (0xc1, '`'),
    (0xc2, '\u{b4}'),
    (0xc3, '\u{2c6}'),
    (0xc4, '\u{2dc}'),
    (0xc5, '\u{af}'),
    (0xc6, '\u{2d8}'),
    (0xc7, '\u{2d9}'),
    (0xc8, '\u{a8}'),
    (0xca, '\u{2da}'),
    (0xcb, '\u{b8}'),
    (0xcd, '\u{2dd}'),
    (0xce, '\u{2db}'),
    (0xcf, '\u{2c7}'),
    (0xd0, '\u{2014}'),
    (0xe1, '\u{c6}'),
    (0xe3, '\u{aa}'),
    (0xe8, '\u{141}'),
    (0xe9, '\u{d8}'),
    (0xea, '\u{152}'),
    (0xeb, '\u{ba}'),
    (0xf1, '\u{e6}'),
    (0xf5, '\u{131}'),
    (0xf8, '\u{142}'),
    (0xf9, '\u{f8}'),
    (0xfa, '\u{153}'),
    (0xfb, '\u{df}'),
];
/// Characters from 0x18 on.
const PDF_DOC_LOW: [char; 8] =
    ['\u{2d8}', '\u{2c7}', '\u{2c6}', '\u{2d9}', '\u{2dd}', '\u{2db}', '\u{2da}', '\u{2dc}'];
/// Characters from 0x80 on.
const PDF_DOC_HIGH: [char; 31] = [
    '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}', '\u{2044}',
    '\u{2039}', '\u{203a}', '\u{2212}', '\u{2030}', '\u{201e}', '\u{201c}', '\u{201d}', '\u{2018}',
    '\u{2019}', '\u{201a}', '\u{2122}', '\u{fb01}', '\u{fb02}', '\u{141}', '\u{152}', '\u{160}',
    '\u{178}', '\u{17d}', '\u{131}', '\u{142}', '\u{153}', '\u{161}', '\u{17e}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encodings_differ_where_they_do() {
        assert_eq!(Encoding::WinAnsi.character(0x80), Some('\u{20AC}'));
        assert_eq!(Encoding::WinAnsi.character(0x81), None);
        assert_eq!(Encoding::PdfDoc.character(0xA0), Some('\u{20AC}'));
        assert_eq!(Encoding::PdfDoc.character(0x84), Some('\u{2014}'));
        assert_eq!(Encoding::Standard.character(0xE1), Some('\u{C6}'));
        assert_eq!(Encoding::Standard.character(0xE9), Some('\u{D8}'));
        assert_eq!(Encoding::Standard.character(0xE0), None);
        assert_eq!(Encoding::MacRoman.character(0x8A), Some('\u{E4}'));
    }

    #[test]
    fn glyphs_have_names() {
        assert!(NAMES.is_sorted());
        for (name, character) in [
            ("A", 'A'),
            ("eacute", '\u{E9}'),
            ("seven", '7'),
            ("Zcaron", '\u{17D}'),
            ("fi", '\u{FB01}'),
        ] {
            assert_eq!(named_glyph(name.as_bytes()), Some(character), "{name}");
        }
        for name in ["a123", "g7", "", ".notdef", "eacute.alt", "xacute"] {
            assert_eq!(named_glyph(name.as_bytes()), None, "{name}");
        }
    }
}
