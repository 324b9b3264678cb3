//! Guilloche, rosette and frame: drawn once and repeated as form objects, a few kilobytes in total.

use std::f32::consts::{PI, TAU};

use pdf_writer::types::LineCapStyle;
use pdf_writer::{Content, Name, Settings};

use crate::format::pdf::write::{A4, FormXObject, MM, deflate};

/// Drawings shared by every page.
#[derive(Debug)]
pub(super) struct Art {
    /// In writing order: each before those that draw it.
    pub(super) forms: Vec<FormXObject>,
}

impl Art {
    pub(super) fn draw() -> Self {
        let forms = vec![
            wave(),
            band(WIDE_BAND),
            band(TALL_BAND),
            leaf(),
            corner(),
            arc(),
            petal(),
            frame(),
        ];
        Self { forms }
    }
}

/// Name of the form that draws the whole frame and the rosette.
pub(super) const FRAME: &str = "Frame";
const WIDE_BAND: Band = Band { name: "BandW", periods: 46 };
const TALL_BAND: Band = Band { name: "BandT", periods: 67 };

/// One edge of the frame.
#[derive(Clone, Copy)]
struct Band {
    name: &'static str,
    periods: u8,
}

/// Repetitions of the medallion's curves in one turn.
const LEAVES: u8 = 8;
/// Repetitions of the rosette's curves in one turn.
const WAVES: u8 = 24;
/// Distance of the frame's outer line from the edge of the paper.
const OUTER: f32 = 11.4;
/// Width of the guilloche band.
const BAND: f32 = 7.2;
/// One period of the band; both edges are a whole number of them.
const PERIOD: f32 = 3.736;

/// One period of the band: seven strands, a sine each, shifted against each other.
fn wave() -> FormXObject {
    let mut content = empty();
    content.set_line_width(0.13);
    for strand in 0..7_u8 {
        let colour = if strand % 2 == 0 { GOLD } else { TEAL };
        content.set_stroke_rgb(colour[0], colour[1], colour[2]);
        let phase = f32::from(strand) * TAU / 7.0;
        let at = |t: f32| (t * PERIOD, 2.45 * (TAU * t + phase).sin());
        curve(&mut content, at, 8, 0.0, 1.0);
        content.stroke();
    }
    form("Wave", [-0.1, -3.0, PERIOD + 0.1, 3.0], content, &[])
}

/// An edge: periods side by side.
fn band(band: Band) -> FormXObject {
    let mut content = empty();
    // Each step is relative to the previous one: the same few operators, which compress well.
    for _ in 0..band.periods {
        content.x_object(Name(b"Wave")).transform([1.0, 0.0, 0.0, 1.0, PERIOD, 0.0]);
    }
    let length = f32::from(band.periods) * PERIOD;
    form(band.name, [-0.2, -3.0, length + 0.2, 3.0], content, &["Wave"])
}

/// An eighth of the medallion: its curves repeat as often in one turn.
fn leaf() -> FormXObject {
    let mut content = empty();
    // Round ends, so that no seam shows where one eighth meets the next.
    content.set_line_width(0.13).set_line_cap(LineCapStyle::RoundCap);
    for (turn, colour) in [(0.0, GOLD), (PI / f32::from(LEAVES), TEAL)] {
        content.set_stroke_rgb(colour[0], colour[1], colour[2]);
        for (radius, depth) in [(2.5, 0.32), (1.55, 0.42)] {
            let at = move |t: f32| {
                let angle = TAU * t + turn;
                let r = radius * (1.0 + depth * (f32::from(LEAVES) * TAU * t).sin());
                (r * angle.cos(), r * angle.sin())
            };
            curve(&mut content, at, 8, 0.0, 1.0 / f32::from(LEAVES));
            content.stroke();
        }
    }
    form("Leaf", [-3.6, -3.6, 3.6, 3.6], content, &[])
}

/// A medallion for the corner, where bands end instead of crossing.
fn corner() -> FormXObject {
    let mut content = empty();
    turned(&mut content, b"Leaf", LEAVES);
    content.set_stroke_rgb(GOLD[0], GOLD[1], GOLD[2]).set_line_width(0.22);
    content.rect(-3.3, -3.3, 6.6, 6.6).stroke();
    form("Corner", [-3.6, -3.6, 3.6, 3.6], content, &["Leaf"])
}

/// One wave of a curve of the rosette.
fn arc() -> FormXObject {
    let mut content = empty();
    content.set_line_width(0.005).set_line_cap(LineCapStyle::RoundCap);
    let at = |t: f32| {
        let r = 1.0 + 0.1 * (f32::from(WAVES) * TAU * t).sin();
        (r * (TAU * t).cos(), r * (TAU * t).sin())
    };
    curve(&mut content, at, 6, 0.0, 1.0 / f32::from(WAVES));
    content.stroke();
    form("Arc", [0.8, -0.1, 1.2, 0.4], content, &[])
}

/// One curve of the rosette behind the table, of radius 1.
fn petal() -> FormXObject {
    let mut content = empty();
    turned(&mut content, b"Arc", WAVES);
    form("Petal", [-1.2, -1.2, 1.2, 1.2], content, &["Arc"])
}

/// Draws a form as often as it fits into one turn.
fn turned(content: &mut Content, name: &[u8], times: u8) {
    for step in 0..times {
        let angle = TAU * f32::from(step) / f32::from(times);
        let (sin, cos) = (angle.sin(), angle.cos());
        let fine = |part: f32| (part * 10_000.0).round() / 10_000.0;
        place(content, name, [cos, sin, -sin, cos, 0.0, 0.0].map(fine));
    }
}

fn frame() -> FormXObject {
    let mut content = empty();
    content.transform([MM, 0.0, 0.0, MM, 0.0, 0.0]);
    rosette(&mut content);
    let middle = OUTER + 0.25 + BAND / 2.0;
    let (left, right) = (middle, A4.0 - middle);
    let (bottom, top) = (middle, A4.1 - middle);
    let gap = 3.6;
    for (y, x) in [(bottom, left + gap), (top, left + gap)] {
        place(
            &mut content,
            b"BandW",
            [fit(right - left - 2.0 * gap, WIDE_BAND), 0.0, 0.0, 1.0, x, y],
        );
    }
    for x in [left, right] {
        let stretch = fit(top - bottom - 2.0 * gap, TALL_BAND);
        place(&mut content, b"BandT", [0.0, stretch, -1.0, 0.0, x, bottom + gap]);
    }
    for (x, y) in [(left, bottom), (left, top), (right, bottom), (right, top)] {
        place(&mut content, b"Corner", [1.0, 0.0, 0.0, 1.0, x, y]);
    }
    for (inset, width, colour) in [
        (OUTER, 0.5, DARK),
        (OUTER + BAND + 0.6, 0.22, GOLD_DARK),
        (OUTER + BAND + 1.5, 0.45, DARK),
    ] {
        content.set_stroke_rgb(colour[0], colour[1], colour[2]).set_line_width(width);
        content.rect(inset, inset, A4.0 - 2.0 * inset, A4.1 - 2.0 * inset).stroke();
    }
    let bounds = [0.0, 0.0, A4.0 * MM, A4.1 * MM];
    form(FRAME, bounds, content, &["BandW", "BandT", "Corner", "Petal"])
}

/// By how much an edge is stretched so that its periods fill it exactly.
fn fit(length: f32, band: Band) -> f32 {
    length / (f32::from(band.periods) * PERIOD)
}

fn rosette(content: &mut Content) {
    for ring in 0..6_u8 {
        let radius = 32.0 + f32::from(ring) * 5.4;
        for (turn, colour) in [(0.021_8, PALE_TEAL), (0.152_7, PALE_GOLD)] {
            let angle = turn + f32::from(ring) * 0.021_8;
            let (sin, cos) = (radius * angle.sin(), radius * angle.cos());
            content.set_stroke_rgb(colour[0], colour[1], colour[2]);
            place(content, b"Petal", [cos, sin, -sin, cos, A4.0 / 2.0, 139.0]);
        }
    }
}

fn place(content: &mut Content, name: &[u8], matrix: [f32; 6]) {
    content.save_state().transform(matrix);
    content.x_object(Name(name)).restore_state();
}

fn empty() -> Content {
    Content::with_settings(Settings { pretty: false })
}

/// Rounds to a micrometre, where the unit is a millimetre.
fn round(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

/// A smooth curve through points of `at`, as cubic pieces with the tangents of the curve itself.
fn curve(content: &mut Content, at: impl Fn(f32) -> (f32, f32), pieces: u8, from: f32, to: f32) {
    let step = (to - from) / f32::from(pieces);
    let slope = |t: f32| {
        let (a, b) = (at(t - 0.000_5), at(t + 0.000_5));
        ((b.0 - a.0) * 1000.0, (b.1 - a.1) * 1000.0)
    };
    let r = round;
    let start = at(from);
    content.move_to(r(start.0), r(start.1));
    for piece in 0..pieces {
        let t0 = from + step * f32::from(piece);
        let t1 = t0 + step;
        let (p0, p1, d0, d1) = (at(t0), at(t1), slope(t0), slope(t1));
        let third = step / 3.0;
        content.cubic_to(
            r(p0.0 + d0.0 * third),
            r(p0.1 + d0.1 * third),
            r(p1.0 - d1.0 * third),
            r(p1.1 - d1.1 * third),
            r(p1.0),
            r(p1.1),
        );
    }
}

fn form(
    name: &'static str,
    bounds: [f32; 4],
    content: Content,
    draws: &[&'static str],
) -> FormXObject {
    let deflated = deflate(content.finish().as_slice());
    FormXObject { name, bounds, deflated, draws: draws.to_vec() }
}

const GOLD: [f32; 3] = [0.82, 0.74, 0.57];
const TEAL: [f32; 3] = [0.58, 0.72, 0.73];
const GOLD_DARK: [f32; 3] = [0.69, 0.54, 0.24];
const DARK: [f32; 3] = [0.122, 0.306, 0.322];
const PALE_TEAL: [f32; 3] = [0.905, 0.935, 0.93];
const PALE_GOLD: [f32; 3] = [0.955, 0.94, 0.905];
