//! Positioned characters, and their reading order.

use super::super::colour::Colour;

/// A character at its position in the form's own space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) character: char,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
    /// `None` for a colour that is not understood.
    pub(super) fill: Option<Colour>,
    /// Number of shapes painted before it.
    pub(super) above: usize,
}

impl Placed {
    /// Left, bottom, right, top of its glyph, clipped to a box.
    pub(super) fn area(&self, [left, bottom, right, top]: [f64; 4]) -> [f64; 4] {
        let flat = self.character.is_ascii_alphanumeric() && !"gjpqyQJ".contains(self.character);
        let depth = if flat { FLAT } else { DEEP };
        let height = if self.character.is_ascii() { HIGH } else { ACCENTED };
        let (low, high) = (self.baseline - depth * self.size, self.baseline + height * self.size);
        [self.left.max(left), low.max(bottom), self.right.min(right), high.min(top)]
    }

    /// The visible white space between it and the next character of its line.
    fn space_to(&self, next: &Self, cell: Option<f64>) -> Option<char> {
        let size = self.size.max(next.size);
        let gap = next.left - self.right;
        if let Some(cell) = cell {
            let step = (next.left + next.right - self.left - self.right) / 2.0;
            return (step > CELLS_APART * cell).then_some('\u{2003}');
        }
        let level = (self.baseline - next.baseline).abs() <= APART * size;
        match gap {
            gap if gap > size => Some('\u{2003}'),
            gap if gap > APART * size || !level => Some('\u{2009}'),
            _ => None,
        }
    }
}

/// The characters in reading order, with the visible white space between them. `cell` is the width
/// of a cell of a field with cells. `None` when characters overlap.
pub(super) fn in_reading_order(placed: &mut [Placed], cell: Option<f64>) -> Option<String> {
    let from_above = |one: &Placed, two: &Placed| two.baseline.total_cmp(&one.baseline);
    placed.sort_by(from_above);
    let mut text = String::new();
    let mut above: Option<f64> = None;
    // A line continues as long as the next baseline is near the previous one.
    let same_line =
        |one: &Placed, two: &Placed| one.baseline - two.baseline <= LINE * one.size.min(two.size);
    for line in placed.chunk_by_mut(same_line) {
        let first = line.first()?;
        let (top, size) = (first.baseline, first.size);
        // Lines that are closer than this overlap.
        if above.is_some_and(|above| above - top < CLOSE * size) {
            return None;
        }
        line.sort_by(|one, two| one.left.total_cmp(&two.left));
        let free = line.windows(2).all(|pair| match pair {
            [one, two] => two.left >= one.right - OVERLAP * one.size.min(two.size),
            _ => true,
        });
        if !free {
            return None;
        }
        if above.is_some() {
            text.push('\n');
        }
        let mut before: Option<&Placed> = None;
        for placed in line.iter() {
            text.extend(before.and_then(|before| before.space_to(placed, cell)));
            text.push(placed.character);
            before = Some(placed);
        }
        above = line.iter().map(|placed| placed.baseline).reduce(f64::min);
    }
    Some(text)
}

/// As fractions of the font size: how far baselines of one line may differ, and how close lines and
/// characters may be.
const LINE: f64 = 0.35;
const CLOSE: f64 = 0.7;
const OVERLAP: f64 = 0.15;
/// How far characters extend below and above the baseline, and the gap that is visible as a space:
/// a space of Helvetica has 0.278, and figures of a standard font are at most 0.1 apart.
const FLAT: f64 = 0.03;
const DEEP: f64 = 0.25;
const HIGH: f64 = 0.75;
const ACCENTED: f64 = 1.0;
const APART: f64 = 0.15;
/// In cells, between the centres of characters.
const CELLS_APART: f64 = 1.5;
