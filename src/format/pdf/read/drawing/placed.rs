//! Characters at their places, and the order in which people read them.

use super::super::colour::Colour;

/// A character at its place, in the form's own space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) character: char,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
    /// `None` for a colour that is not understood.
    pub(super) fill: Option<Colour>,
    /// How much had been painted before.
    pub(super) above: usize,
}

impl Placed {
    /// Left, bottom, right, top of where it is drawn, as far as a box shows it.
    pub(super) fn area(&self, [left, bottom, right, top]: [f64; 4]) -> [f64; 4] {
        let flat = self.character.is_ascii_alphanumeric() && !"gjpqyQJ".contains(self.character);
        let depth = if flat { FLAT } else { DEEP };
        let height = if self.character.is_ascii() { HIGH } else { ACCENTED };
        let (low, high) = (self.baseline - depth * self.size, self.baseline + height * self.size);
        [self.left.max(left), low.max(bottom), self.right.min(right), high.min(top)]
    }

    /// The white space that is seen between it and the next one of its line.
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

/// The characters in the order in which they are read, with the white space that is seen between
/// them. `cell` is the width of a cell of a field that has some. `None` when one lies over another.
pub(super) fn in_reading_order(placed: &mut [Placed], cell: Option<f64>) -> Option<String> {
    let from_above = |one: &Placed, two: &Placed| two.baseline.total_cmp(&one.baseline);
    placed.sort_by(from_above);
    let mut text = String::new();
    let mut above: Option<f64> = None;
    // A line goes on as long as the next baseline is near the one before.
    let same_line =
        |one: &Placed, two: &Placed| one.baseline - two.baseline <= LINE * one.size.min(two.size);
    for line in placed.chunk_by_mut(same_line) {
        let first = line.first()?;
        let (top, size) = (first.baseline, first.size);
        // Lines that are set closer than this run into each other.
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

/// In parts of the size: how much higher or lower a line goes on, how close lines and letters may
/// come.
const LINE: f64 = 0.35;
const CLOSE: f64 = 0.7;
const OVERLAP: f64 = 0.15;
/// How deep and high characters reach, and with what between them they are seen apart: a space of
/// Helvetica has 0.278, and no two figures of a standard font have more than 0.1 between them.
const FLAT: f64 = 0.03;
const DEEP: f64 = 0.25;
const HIGH: f64 = 0.75;
const ACCENTED: f64 = 1.0;
const APART: f64 = 0.15;
/// In cells, between the middles of characters.
const CELLS_APART: f64 = 1.5;
