//! Typed text: bounded, NFC, without control or direction characters.
//!
//! A name that mixes scripts can imitate another; that is not refused (minority names and
//! trade names do it) but flagged.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};

/// Text that is safe to print, sign and show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(String);

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadText {
    /// It has nothing but white space.
    Empty,
    /// More characters than allowed.
    TooLong {
        /// Most characters allowed.
        max: usize,
    },
    /// A control, direction, zero-width or private-use character.
    Forbidden(char),
    /// A line break in a text of one line.
    LineBreak,
}

impl Text {
    /// One line of at most `max` characters. White space at the ends is removed.
    pub fn line(text: &str, max: usize) -> Result<Self, BadText> {
        let text = Self::lines(text, max)?;
        if text.0.contains('\n') { Err(BadText::LineBreak) } else { Ok(text) }
    }

    /// Several lines, separated by `\n` (`\r\n` is read as one), of at most `max` characters.
    pub fn lines(text: &str, max: usize) -> Result<Self, BadText> {
        // NFC expands a character threefold at the most (Unicode annex 15); the bound before it
        // keeps hostile input from being normalised at all.
        if text.len() > max.saturating_mul(12) {
            return Err(BadText::TooLong { max });
        }
        let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
        if text.is_empty() {
            return Err(BadText::Empty);
        }
        if text.chars().count() > max {
            return Err(BadText::TooLong { max });
        }
        match text.chars().find(|character| is_forbidden(*character)) {
            Some(character) => Err(BadText::Forbidden(character)),
            None => Ok(Self(text)),
        }
    }

    /// The text, in NFC.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may imitate another text (Unicode technical standard 39, 5): letters of more than
    /// one alphabet, letters that imitate Latin ones beside Chinese, or a radical that imitates a
    /// character. Chinese with Latin is usual, and so is Chinese with the script of a minority.
    pub fn mixes_scripts(&self) -> bool {
        let (mut first, mut imitates, mut chinese) = (None, false, false);
        for character in self.0.chars() {
            match character.script() {
                Script::Common | Script::Inherited | Script::Unknown => {}
                Script::Han if is_radical(character) => return true,
                Script::Han => chinese = true,
                script => {
                    if *first.get_or_insert(script) != script {
                        return true;
                    }
                    imitates |= LIKE_LATIN.contains(&script);
                }
            }
        }
        chinese && imitates
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two names read the same aloud.
///
/// Compatibility forms such as full-width letters are normalised (NFKC); white space and case do
/// not count. Letters of different alphabets stay different ([`Text::mixes_scripts`]).
pub fn is_same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

fn folded(name: &str) -> String {
    let plain = name.nfkc().filter(|character| !character.is_whitespace());
    // A small letter may be composed of others.
    plain.flat_map(char::to_lowercase).nfkc().collect()
}

/// The radicals of dictionaries look like the characters that they stand for.
fn is_radical(character: char) -> bool {
    ('\u{2E80}'..='\u{2FDF}').contains(&character)
}

/// Scripts with letters that look like Latin ones.
const LIKE_LATIN: [Script; 6] = [
    Script::Cyrillic,
    Script::Greek,
    Script::Armenian,
    Script::Cherokee,
    Script::Coptic,
    Script::Lisu,
];
/// Untrusted text for one line of a terminal or a page: characters that are invisible, or change
/// how their neighbours are displayed, are replaced by their code, such as 〔U+202E〕.
pub fn visible(text: &str) -> Cow<'_, str> {
    spelled(text, |_| true)
}

/// The same for a medium that can display only some characters.
pub fn spelled(text: &str, can_show: impl Fn(char) -> bool) -> Cow<'_, str> {
    let shown =
        |character: char| character != '\n' && !is_forbidden(character) && can_show(character);
    if text.chars().all(shown) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len().saturating_mul(2));
    for character in text.chars() {
        if shown(character) {
            line.push(character);
        } else {
            line.extend(format!("〔U+{:04X}〕", u32::from(character)).chars());
        }
    }
    Cow::Owned(line)
}

/// JSON with every invisible character escaped: it can be shown on a terminal, and has the same
/// value. `json` is a whole value, so that such characters occur in strings alone.
pub fn visible_json(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        if is_forbidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                line.extend(format!("\\u{unit:04x}").chars());
            }
        } else {
            line.push(character);
        }
    }
    line
}

/// JSON or TOML without the byte order mark that some editors write before it (RFC 8259, 8.1).
pub fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Control characters but the line feed; zero-width and direction characters; tags, private use,
/// noncharacters and specials, all invisible on paper.
fn is_forbidden(character: char) -> bool {
    let code = u32::from(character);
    (character.is_control() && character != '\n')
        || matches!(code,
            0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFF | 0xE000..=0xF8FF | 0x1D173..=0x1D17A
            | 0xE0000..=0x10_FFFF)
        || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_typed() {
        for (one, other, same) in [
            ("wang", "Wang", true),
            ("wang", "ｗａｎｇ", true),
            ("王小明", "王 小明", true),
            ("王小明", "王\u{3000}小 明", true),
            ("É", "e\u{301}", true),
            ("K", "\u{212A}", true),
            ("王小明", "王小朋", false),
            ("a", "\u{430}", false),
        ] {
            assert_eq!(is_same_name(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn lines_are_trimmed_normalised_and_bounded() {
        assert_eq!(Text::line(" 示例 ", 2).unwrap().as_str(), "示例");
        assert_eq!(Text::line("e\u{301}", 1).unwrap().as_str(), "é");
        assert_eq!(Text::line("示例三", 2), Err(BadText::TooLong { max: 2 }));
        assert_eq!(Text::line(" \n", 9), Err(BadText::Empty));
        assert_eq!(Text::line("a\nb", 9), Err(BadText::LineBreak));
        assert_eq!(Text::lines("a\r\nb", 9).unwrap().as_str(), "a\nb");
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for hidden in ['\u{202E}', '\u{200B}', '\u{7}', '\u{FEFF}', '\u{E001}', '\t'] {
            assert_eq!(Text::lines(&format!("a{hidden}b"), 9), Err(BadText::Forbidden(hidden)));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_spelled() {
        assert_eq!(visible("示例 a.pdf"), "示例 a.pdf");
        assert_eq!(visible("a\u{1b}[2J\u{202e}fdp\n"), "a〔U+001B〕[2J〔U+202E〕fdp〔U+000A〕");
        assert_eq!(spelled("aš", |character| character.is_ascii()), "a〔U+0161〕");
        let json = visible_json("[\"\u{9b}31m\u{e0041}é\"]");
        assert_eq!(json, "[\"\\u009b31m\\udb40\\udc41é\"]");
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, ["\u{9b}31m\u{e0041}é"]);
    }

    #[test]
    fn look_alikes_are_flagged() {
        for alike in ["Аpple", "示例А公司", "示例Ο店", "⼭东示例", "ꓮ示例"] {
            assert!(Text::line(alike, 9).unwrap().mixes_scripts(), "{alike}");
        }
        for usual in ["示例Apple", "示例ئابدۇ", "Пётр", "阿卜·示例", "ꓮꓯ", "Ａ座〇号"]
        {
            assert!(!Text::line(usual, 9).unwrap().mixes_scripts(), "{usual}");
        }
    }
}
