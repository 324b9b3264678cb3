//! Text operators (9.4), and the order in which people read what they place.

use super::super::ReadError;
use super::super::colour::Colour;
use super::super::object::Object;
use super::{Pen, paint};
use crate::base::limits::{Budget, Purse};

/// A character at its place, in the form's own space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    character: char,
    left: f64,
    right: f64,
    baseline: f64,
    size: f64,
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

impl Pen {
    /// Operators of text that show none; `None` for all others.
    pub(super) fn text_operator(&mut self, operator: &[u8], numbers: &[f64]) -> Option<()> {
        let state = &mut self.state;
        match (operator, numbers) {
            (b"Tf", &[size]) => state.size = size,
            (b"Tc", &[space]) => state.character_space = space,
            (b"Tw", &[space]) => state.word_space = space,
            (b"Tz", &[percent]) => state.stretch = percent / 100.0,
            (b"TL", &[leading]) => state.leading = leading,
            (b"Ts", &[rise]) => state.rise = rise,
            (b"Tr", &[mode]) => state.render = mode,
            (b"Td", &[x, y]) => self.next_line(x, y),
            (b"TD", &[x, y]) => {
                state.leading = -y;
                self.next_line(x, y);
            }
            (b"Tm", &[a, b, c, d, e, f]) => {
                self.line_matrix = [a, b, c, d, e, f];
                self.text_matrix = self.line_matrix;
            }
            (b"T*", []) => self.next_line(0.0, -self.state.leading),
            _ => return None,
        }
        Some(())
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line_matrix = paint::multiply(&[1.0, 0.0, 0.0, 1.0, x, y], &self.line_matrix);
        self.text_matrix = self.line_matrix;
    }

    /// Operators that show text.
    pub(super) fn show_operator(
        &mut self,
        operator: &[u8],
        operands: &[Object],
        numbers: &[f64],
        budget: &mut Budget,
    ) -> Result<Option<()>, ReadError> {
        if operator == b"\""
            && let [word, character] = *numbers
        {
            (self.state.word_space, self.state.character_space) = (word, character);
        }
        if operator != b"Tj" && operator != b"TJ" {
            self.next_line(0.0, -self.state.leading);
        }
        let mut fine = Some(());
        for operand in operands {
            for part in operand.array().unwrap_or_else(|| std::slice::from_ref(operand)) {
                match part {
                    Object::String { bytes, .. } => {
                        budget.pay(Purse::Steps, bytes.len(), "characters of a field")?;
                        let shown = self.show(bytes, budget)?;
                        fine = fine.and(shown);
                    }
                    part if operator == b"TJ" => {
                        let back = part.number().unwrap_or_default() / 1000.0 * self.state.size;
                        self.advance(-back * self.state.stretch);
                    }
                    _ => {}
                }
            }
        }
        Ok(fine)
    }

    fn show(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<Option<()>, ReadError> {
        let Some(font) = self.state.font.clone() else {
            (self.claimed, self.drawn) = (None, None);
            return Ok(None);
        };
        let mut fine = Some(());
        for code in bytes.chunks(font.code_bytes) {
            // Lists and texts that grow have twice the room, and are copied then.
            budget.pay(Purse::Memory, size_of::<[Placed; 3]>(), "characters of a field")?;
            if let Some(text) = &mut self.claimed {
                if let Some(claims) = font.claims(code) {
                    budget.pay(Purse::Memory, claims.len().saturating_mul(3), "text of a field")?;
                    text.push_str(&claims);
                } else {
                    self.claimed = None;
                }
            }
            let Some(drawn) = font.drawn(code).filter(|drawn| drawn.is_proved) else {
                self.drawn = None;
                fine = None;
                continue;
            };
            if let Some(text) = &mut self.drawn {
                text.push(drawn.character);
            }
            let width = drawn.width / 1000.0 * self.state.size * self.state.stretch;
            let placed = self.place(drawn.character, width);
            fine = fine.and(placed);
            let space = if code == b" " { self.state.word_space } else { 0.0 };
            self.advance(width + (self.state.character_space + space) * self.state.stretch);
        }
        Ok(fine)
    }

    fn advance(&mut self, distance: f64) {
        self.text_matrix = paint::multiply(&[1.0, 0.0, 0.0, 1.0, distance, 0.0], &self.text_matrix);
    }

    /// Notes a character where it stands. `None` when it may not be seen as it is.
    fn place(&mut self, character: char, width: f64) -> Option<()> {
        let [a, b, c, d, left, baseline] = paint::multiply(
            &[1.0, 0.0, 0.0, 1.0, 0.0, self.state.rise],
            &paint::multiply(&self.text_matrix, &self.state.matrix),
        );
        let (size, right) = (d * self.state.size, left + a * width);
        if character == ' ' || character == '\u{A0}' {
            return Some(());
        }
        let (fill, above) = (self.state.fill, self.painted.len());
        self.placed.push(Placed { character, left, right, baseline, size, fill, above });
        let (across, up) = self.frame.scale;
        let upright = b.abs() + c.abs() <= 0.01 * a.abs() && a > 0.0 && size > 0.0;
        let proportion = a * self.state.stretch * across / (d * up);
        let legible = size * up >= SMALLEST && (0.4..=2.5).contains(&proportion);
        let seen = self.state.render == 0.0;
        let [l, bottom, r, top] = self.state.clip;
        let tolerance = OUTSIDE * size;
        let inside = left >= l - tolerance
            && right <= r + tolerance
            && baseline >= bottom - tolerance
            && baseline + HALF * size <= top + tolerance;
        (upright && legible && seen && inside).then_some(())
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

/// Points. Programs set text that fits by itself no smaller than 4.
const SMALLEST: f64 = 3.0;
/// In parts of the size: how far a character may reach out of the field, how high a small letter
/// is, how much higher or lower a line goes on, how close lines and letters may come.
const OUTSIDE: f64 = 0.2;
const HALF: f64 = 0.5;
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
