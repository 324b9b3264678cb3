//! Text operators (9.4), and the characters that they place.

use super::super::ReadError;
use super::super::object::Object;
use super::placed::Placed;
use super::{Pen, paint};
use crate::base::limits::{Budget, Purse};

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
                    part => match part.number().filter(|_| operator == b"TJ") {
                        Some(back) => {
                            let back = back / 1000.0 * self.state.size;
                            self.advance(-back * self.state.stretch);
                        }
                        None if part.number().is_some() => {}
                        None => fine = None,
                    },
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
            // A vector or string that grows reserves twice its length, and is copied.
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

    /// Records a character at its position. `None` when it may look different.
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

/// Points. Programs that fit text automatically use 4 or more.
const SMALLEST: f64 = 3.0;
/// As fractions of the font size: how far a character may extend beyond the field, and the height
/// of a small letter.
const OUTSIDE: f64 = 0.2;
const HALF: f64 = 0.5;
