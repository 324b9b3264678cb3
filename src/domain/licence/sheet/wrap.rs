//! Line breaking by the rules of Chinese typesetting (GB/T 15834: closing marks do not begin a
//! line, opening marks do not end one), without separating numbers from units or breaking Latin
//! words.

/// Breaks `text` into lines of at most `width`; `advance` gives the width of a character. Line
/// feeds in the text break too.
pub fn wrap(text: &str, width: f32, advance: impl Fn(char) -> f32) -> Vec<String> {
    text.split('\n').flat_map(|paragraph| wrap_line(paragraph, width, &advance)).collect()
}

fn wrap_line(text: &str, width: f32, advance: &impl Fn(char) -> f32) -> Vec<String> {
    let mut lines = Vec::new();
    // The line so far, and the next piece.
    let (mut line, mut rest) = (0..0, 0);
    let mut used = 0.0;
    let mut end = |line: &mut std::ops::Range<usize>| {
        lines.push(text.get(line.clone()).unwrap_or_default().trim_end().to_owned());
        line.start = line.end;
    };
    for piece in pieces(text) {
        let (mut size, mut visible) = (0.0, 0.0);
        for character in piece.chars() {
            size += advance(character);
            if !character.is_whitespace() {
                visible = size;
            }
        }
        if used + visible > width && !line.is_empty() {
            end(&mut line);
            used = 0.0;
        }
        if visible > width {
            // A word longer than a line breaks at its end.
            for character in piece.chars() {
                let step = advance(character);
                if used + step > width && !line.is_empty() {
                    end(&mut line);
                    used = 0.0;
                }
                line.end += character.len_utf8();
                used += step;
            }
        } else {
            line.end = rest + piece.len();
            used += size;
        }
        rest += piece.len();
    }
    end(&mut line);
    lines
}

/// The unbreakable pieces of a text.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut length = 0;
    for character in text.chars() {
        length += character.len_utf8();
        let (before, after) = rest.split_at(length);
        let next = after.chars().next();
        if next.is_none_or(|next| may_break(before, next, after)) {
            pieces.push(before);
            (rest, length) = (after, 0);
        }
    }
    pieces
}

/// Whether a line may end after `before`, the present piece; `after` begins with `next`.
fn may_break(before: &str, next: char, after: &str) -> bool {
    let Some(last) = before.chars().next_back() else { return false };
    if is_closing(next) || is_opening(last) || next == ' ' {
        return false;
    }
    if last == ' ' {
        // "3 栋": the space is between a number and its unit.
        let number = before.trim_end_matches(' ').chars().next_back();
        return !(number.is_some_and(|last| last.is_ascii_digit()) && is_ideograph(next));
    }
    if last.is_ascii_digit() && is_ideograph(next) {
        return false;
    }
    // 二〇二六年, 十一月: a Chinese number stays with its unit.
    if is_numeral(last) && (is_numeral(next) || matches!(next, '年' | '月' | '日')) {
        return after.chars().take_while(|c| is_numeral(*c)).count() > 8;
    }
    let wordlike = |character: char| !is_ideograph(character) && !is_cjk_mark(character);
    !(wordlike(last) && wordlike(next))
}

fn is_closing(character: char) -> bool {
    matches!(
        character,
        '，' | '。'
            | '；'
            | '：'
            | '、'
            | '！'
            | '？'
            | '）'
            | '》'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〉'
            | '”'
            | '’'
            | '…'
            | '—'
            | '·'
            | '%'
            | '‰'
            | '℃'
            | ','
            | '.'
            | ';'
            | ':'
            | '!'
            | '?'
            | ')'
            | ']'
            | '}'
    )
}

fn is_opening(character: char) -> bool {
    matches!(
        character,
        '（' | '《' | '「' | '『' | '【' | '〔' | '〈' | '“' | '‘' | '(' | '[' | '{'
    )
}

fn is_numeral(character: char) -> bool {
    matches!(character, '〇' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}

fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character), 0x3007 | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn is_cjk_mark(character: char) -> bool {
    matches!(u32::from(character), 0x2014..=0x2026 | 0x3000..=0x303F | 0xFF00..=0xFFEF | 0xB7)
}

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
