//! Dimensions, type and colours of the report, in millimetres and points.

use super::flow::{Column, Style};
use crate::format::pdf::write::{Colour, Font};

pub(super) const LEFT: f32 = 20.0;
pub(super) const RIGHT: f32 = 190.0;
pub(super) const MIDDLE: f32 = 107.0;
pub(super) const LABELS: f32 = 31.0;
pub(super) const WHOLE: Column = Column { left: LEFT, width: RIGHT - LEFT };
pub(super) const VALUES: Column = Column { left: LEFT + LABELS, width: RIGHT - LEFT - LABELS };

pub(super) const TEXT: Style = Style { font: Font::Serif, size: 9.4, colour: INK, leading: 4.6 };
pub(super) const SECOND: Style = Style { font: Font::Sans, size: 7.8, colour: GREY, leading: 3.9 };
pub(super) const FIGURES: Style = Style { font: Font::Sans, size: 7.8, colour: GREY, leading: 4.0 };
pub(super) const SMALL: Style = Style { font: Font::Sans, size: 8.0, colour: GREY, leading: 4.4 };

/// Height of a heading with the space above and below it.
pub(super) const HEADING: f32 = 8.8;

pub(super) const INK: Colour = Colour(27, 39, 51);
pub(super) const GREY: Colour = Colour(74, 85, 96);
pub(super) const RED: Colour = Colour(179, 38, 30);
pub(super) const DARK: [f32; 3] = [0.122, 0.306, 0.322];
pub(super) const GOLD: [f32; 3] = [0.69, 0.54, 0.24];
pub(super) const RULE: [f32; 3] = [0.70, 0.72, 0.74];
