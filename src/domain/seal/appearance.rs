//! The image of a round seal: ring, star, name along the arc, number (国发〔1999〕25号).
//!
//! Characters are outlines, so the image needs no font. No emblem is ever drawn.

use std::f32::consts::PI;

use pdf_writer::{Content, Settings};
use ttf_parser::OutlineBuilder;

use crate::domain::office::Seal;
use crate::format::pdf::write::{Face, FormXObject, MM, deflate};

/// Draws the seal as a form with its centre in the middle. `None` when a character has no glyph.
pub fn draw(seal: &Seal, face: &Face, digits: &Face) -> Option<FormXObject> {
    let radius = f32::from(seal.diameter_mm) / 2.0;
    let mut content = Content::with_settings(Settings { pretty: false });
    content.set_fill_rgb(RED[0], RED[1], RED[2]).set_stroke_rgb(RED[0], RED[1], RED[2]);
    content.transform([MM / GRID, 0.0, 0.0, MM / GRID, radius * MM, radius * MM]);
    circle(&mut content, (radius - RING / 2.0) * GRID);
    star(&mut content, radius / 3.0 * GRID);
    name(&mut content, seal, face, radius)?;
    if let Some(number) = &seal.number {
        arc_number(&mut content, number, digits, radius)?;
    }
    let side = 2.0 * radius * MM;
    Some(FormXObject {
        name: APPEARANCE,
        bounds: [0.0, 0.0, side, side],
        deflated: deflate(content.finish().as_slice()),
        draws: Vec::new(),
    })
}

/// Name of the form in the resources.
pub const APPEARANCE: &str = "Seal";

fn circle(content: &mut Content, radius: f32) {
    const K: f32 = 0.552_284_8;
    let (r, k) = (radius, radius * K);
    content.set_line_width(RING * GRID).move_to(r, 0.0);
    content.cubic_to(r, k, k, r, 0.0, r).cubic_to(-k, r, -r, k, -r, 0.0);
    content.cubic_to(-r, -k, -k, -r, 0.0, -r).cubic_to(k, -r, r, -k, r, 0.0);
    content.close_and_stroke();
}

fn star(content: &mut Content, radius: f32) {
    for corner in 0..10_u8 {
        // The inner corners of a regular pentagram.
        let r = if corner % 2 == 0 { radius } else { radius * 0.381_966 };
        let angle = f32::from(corner) * PI / 5.0;
        let (x, y) = (r * angle.sin(), r * angle.cos());
        if corner == 0 {
            content.move_to(x, y)
        } else {
            content.line_to(x, y)
        };
    }
    content.close_path().fill_nonzero();
}

/// The name from left to right along the upper arc, tall and narrow as on engraved seals.
fn name(content: &mut Content, seal: &Seal, face: &Face, radius: f32) -> Option<()> {
    let count = u8::try_from(seal.name.chars().count()).ok()?;
    // Characters are 23° apart; those of long names are closer, within 250°.
    let span = (f32::from(count.saturating_sub(1)) * 23.0).min(250.0).to_radians();
    let step = if count > 1 { span / f32::from(count - 1) } else { 0.0 };
    let height = radius * 0.25;
    let width = height.min(step.max(0.2) * (radius * 0.72) * 0.92).max(1.0);
    // The font's baseline, below which a character reaches by an eighth.
    let baseline = radius - RING - 1.0 - height * 0.93 + height * 0.12;
    for (character, at) in seal.name.chars().zip(0_u8..) {
        let angle = -span / 2.0 + step * f32::from(at);
        glyph(content, face, character, (angle, baseline), (width / 1000.0, height / 1000.0))?;
    }
    Some(())
}

/// The registered number along the lower arc, upright from inside.
fn arc_number(content: &mut Content, number: &str, face: &Face, radius: f32) -> Option<()> {
    let count = u8::try_from(number.chars().count()).ok()?;
    let step = 5.2_f32.to_radians();
    let height = 2.3;
    let baseline = radius - RING - 0.9;
    for (character, at) in number.chars().zip(0_u8..) {
        let angle = (f32::from(at) - f32::from(count.saturating_sub(1)) / 2.0) * step;
        let scale = height / 1000.0;
        glyph(content, face, character, (-angle, -baseline), (scale, scale))?;
    }
    Some(())
}

/// Draws a character in font units, rotated about the seal's centre by a matrix. So its outline
/// keeps the small integers of the font: a third of the size of rotated points.
fn glyph(
    content: &mut Content,
    face: &Face,
    character: char,
    (angle, baseline): (f32, f32),
    (wide, high): (f32, f32),
) -> Option<()> {
    face.covers(character).then_some(())?;
    let half = face.advance(character) / 2.0;
    let (sin, cos) = angle.sin_cos();
    let place = |x: f32, y: f32| (x * cos + y * sin, -x * sin + y * cos);
    let ((a, b), (c, d)) = (place(wide, 0.0), place(0.0, high));
    let (x, y) = place(-half * wide, baseline);
    let matrix = [a, b, c, d].map(|part| (part * GRID * 10_000.0).round() / 10_000.0);
    let [a, b, c, d] = matrix;
    content.save_state().transform([a, b, c, d, (x * GRID).round(), (y * GRID).round()]);
    face.outline(character, &mut Path { content, at: (0.0, 0.0) });
    content.fill_nonzero().restore_state();
    Some(())
}

/// A glyph's outline as drawn, in the font's integer units.
struct Path<'a> {
    content: &'a mut Content,
    at: (f32, f32),
}

impl OutlineBuilder for Path<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = (x, y);
        self.content.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = (x, y);
        self.content.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let third = |from: f32, to: f32| from + (to - from) * 2.0 / 3.0;
        let (x0, y0) = self.at;
        self.curve_to(third(x0, x1), third(y0, y1), third(x, x1), third(y, y1), x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.at = (x, y);
        self.content.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.content.close_path();
    }
}

/// Outlines are on a grid of 1/50 mm, as fine as a printer's 1,200 dpi, so that integers are short.
const GRID: f32 = 50.0;
/// Seal red, #a8201a at its fullest as ink on paper.
const RED: [f32; 3] = [0.757, 0.153, 0.176];
/// Width of the ring in millimetres.
const RING: f32 = 1.2;
