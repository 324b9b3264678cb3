//! Breaking lines by the rules of Chinese typesetting (GB/T 15834: marks do not begin or end a line
//! on the wrong side), without tearing numbers from their units or Latin words apart.

/// Breaks `text` into lines of at most `width`; `advance` gives the width of a character. Line
/// feeds in the text break too.
pub fn wrap(text: &str, width: f32, advance: impl Fn(char) -> f32) -> Vec<String> {
    text.split('\n').flat_map(|paragraph| wrap_line(paragraph, width, &advance)).collect()
}

fn wrap_line(text: &str, width: f32, advance: &impl Fn(char) -> f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0;
    for piece in pieces(text) {
        let size: f32 = piece.chars().map(advance).sum();
        let visible: f32 = piece.trim_end().chars().map(advance).sum();
        if used + visible > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0.0;
        }
        if visible > width {
            // A word longer than a line: it breaks where the line ends.
            for character in piece.chars() {
                let step = advance(character);
                if used + step > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(character);
                used += step;
            }
        } else {
            line.push_str(&piece);
            used += size;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The unbreakable pieces of a text.
fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    for (at, character) in characters.iter().enumerate() {
        piece.push(*character);
        let next = characters.get(at + 1);
        if next.is_none_or(|next| may_break(&characters[..=at], *next, &characters[at + 1..])) {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces
}

fn may_break(before: &[char], next: char, after: &[char]) -> bool {
    let Some(last) = before.last().copied() else { return false };
    if CLOSING.contains(next) || OPENING.contains(last) || next == ' ' {
        return false;
    }
    if last == ' ' {
        // "3 栋": the space stands between a number and its unit.
        let number = before.iter().rev().find(|character| **character != ' ');
        return !(number.is_some_and(char::is_ascii_digit) && is_ideograph(next));
    }
    if last.is_ascii_digit() && is_ideograph(next) {
        return false;
    }
    // 二〇二六年, 十一月: a Chinese number stays with its unit.
    if NUMERALS.contains(last) && (NUMERALS.contains(next) || UNITS.contains(next)) {
        return !after.iter().take_while(|c| NUMERALS.contains(**c)).count().le(&8);
    }
    let wordlike = |character: char| !is_ideograph(character) && !is_cjk_mark(character);
    !(wordlike(last) && wordlike(next))
}

fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character), 0x3007 | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn is_cjk_mark(character: char) -> bool {
    matches!(u32::from(character), 0x2014..=0x2026 | 0x3000..=0x303F | 0xFF00..=0xFFEF | 0xB7)
}

const CLOSING: &str = "，。；：、！？）》」』】〕〉”’…—·%‰℃,.;:!?)]}";
const OPENING: &str = "（《「『【〔〈“‘([{";
const NUMERALS: &str = "〇一二三四五六七八九十";
const UNITS: &str = "年月日";

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: f32) -> Vec<String> {
        wrap(text, width, |character| if character.is_ascii() { 0.5 } else { 1.0 })
    }

    #[test]
    fn marks_stay_on_their_side() {
        assert_eq!(
            lines("热食类，冷食类（含糕点）", 4.0),
            ["热食类，", "冷食类", "（含糕", "点）"]
        );
    }

    #[test]
    fn numbers_keep_their_units() {
        assert_eq!(lines("湖畔 3 栋 1 层", 4.0), ["湖畔", "3 栋", "1 层"]);
        assert_eq!(lines("至二〇三一年十一月", 6.0), ["至二〇三一年", "十一月"]);
        assert_eq!(lines("面积120平方米", 4.0), ["面积", "120平方", "米"]);
    }

    #[test]
    fn a_word_longer_than_the_line_breaks_and_nothing_is_lost() {
        let text = "abcdefghijklmnop示例";
        let broken = lines(text, 3.0);
        assert_eq!(broken.concat(), text);
        assert!(broken.iter().all(|line| line.chars().count() <= 6));
        assert_eq!(lines("a\nb", 9.0), ["a", "b"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(
            text in "[示例新区，。（）、：0-9a-z ]{0,120}",
            width in 4.0_f32..30.0,
        ) {
            let broken = lines(&text, width);
            let plain = |text: &str| text.replace(' ', "");
            proptest::prop_assert_eq!(plain(&broken.concat()), plain(&text));
            for line in &broken {
                let wide: f32 = line.chars().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).sum();
                proptest::prop_assert!(wide <= width, "{line:?} is {wide} wide of {width}");
            }
        }
    }
}
