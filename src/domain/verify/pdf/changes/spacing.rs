//! White space in a field's appearance, compared with its value.
//!
//! Fields may break lines anywhere. But a number with a gap in it, or one that continues far away
//! or in the next line, is read as two numbers.

/// Whether a visible text has the white space that its value needs; without white space both are
/// equal. An em space is a gap of more than an em, a line feed the next line, other white space an
/// ordinary gap.
pub(super) fn is_spaced_like(seen: &str, value: &str) -> bool {
    let mut before = None;
    pieces(seen).zip(pieces(value)).all(|((character, gap), (_, wanted))| {
        let Some(before) = before.replace(character) else { return true };
        let in_number = part_of_number(before) && part_of_number(character);
        let figures = before.is_numeric() && character.is_numeric();
        match (gap, wanted) {
            (Gap::None, wanted) => wanted == Gap::None || !figures,
            (Gap::Usual | Gap::Line, Gap::None) => !in_number,
            (Gap::Wide, wanted) => wanted == Gap::Line || (wanted != Gap::None && !figures),
            _ => true,
        }
    })
}

/// White space in front of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Usual,
    Line,
    Wide,
}

/// The characters of a text, each with the white space in front of it.
fn pieces(text: &str) -> impl Iterator<Item = (char, Gap)> {
    let mut gap = Gap::None;
    text.chars().flat_map(move |character| {
        gap = gap.max(match character {
            '\n' | '\r' | '\t' => Gap::Line,
            '\u{2003}' => Gap::Wide,
            one if one.is_whitespace() => Gap::Usual,
            _ => Gap::None,
        });
        let [first, second] = written(character);
        let first = first.map(|one| (one, std::mem::replace(&mut gap, Gap::None)));
        first.into_iter().chain(second.map(|one| (one, Gap::None)))
    })
}

fn part_of_number(character: char) -> bool {
    character.is_numeric() || ".,'-+/:%".contains(character)
}

/// A text without white space, and with normalised quotes and ligatures, which programs choose by
/// the font.
pub(super) fn plain(text: &str) -> String {
    text.chars().flat_map(written).flatten().collect()
}

fn written(character: char) -> [Option<char>; 2] {
    match character {
        '\u{2018}' | '\u{2019}' | '`' => [Some('\''), None],
        '\u{AD}' => [Some('-'), None],
        '\u{FB01}' => [Some('f'), Some('i')],
        '\u{FB02}' => [Some('f'), Some('l')],
        one if one.is_whitespace() => [None, None],
        one => [Some(one), None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_together() {
        for (seen, value, fine) in [
            ("1000", "1000", true),
            ("1\u{2009}000", "1 000", true),
            ("1\u{2009}000", "1000", false),
            ("1\u{2003}000", "1000", false),
            ("1\u{2003}000", "1 000", false),
            ("10\n00", "1000", false),
            ("1.\n00", "1.00", false),
            ("10\n.00", "10.00", false),
            ("10\n20", "10 20", true),
            ("1020", "10 20", false),
            ("10\u{2003}20", "10\t20", true),
            ("Exam\nple", "Example", true),
            ("Exam\u{2003}ple", "Example", false),
            ("Exam\u{2009}ple", "Example", true),
            ("Example\u{2003}Person", "Example Person", true),
            ("\u{FB01}ne", "fine", true),
        ] {
            assert_eq!(is_spaced_like(seen, value), fine, "{seen:?} {value:?}");
        }
    }
}
