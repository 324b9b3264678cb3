//! Drawings: the frame of every page, symbols that are distinct without colour, the image of the
//! seal.

use pdf_writer::Content as Drawing;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};

use super::flow::{Flow, Style};
use super::look::{DARK, GOLD, GREY, LEFT, RED, RIGHT};
use crate::domain::verify::report::{Outcome, Verdict};
use crate::format::pdf::write::{Font, FormXObject, deflate};

/// Rules above and below, name, page number and small print.
pub(super) fn frame(flow: &mut Flow<'_>, number: usize, count: usize, demo: bool) -> Option<()> {
    flow.draw(|art| {
        art.set_stroke_rgb(DARK[0], DARK[1], DARK[2]).set_line_width(0.6);
        art.move_to(LEFT, 13.0).line_to(RIGHT, 13.0).stroke();
        art.set_stroke_rgb(GOLD[0], GOLD[1], GOLD[2]).set_line_width(0.2);
        art.move_to(LEFT, 14.2).line_to(RIGHT, 14.2).move_to(LEFT, 279.6).line_to(RIGHT, 279.6);
        art.stroke();
    });
    let small = Style { font: Font::Sans, size: 7.6, colour: GREY, leading: 4.0 };
    flow.place(small, (LEFT, 18.6), "印证 Yinzheng")?;
    if demo {
        let style = Style { colour: RED, ..small };
        let text = "演示 DEMO · 以公开示例密钥得出，不证明任何事项 · proves nothing";
        let width = flow.width(style, text);
        flow.place(style, (f32::midpoint(LEFT, RIGHT) - width / 2.0, 18.6), text)?;
    }
    let pages = format!("第 {number} 页，共 {count} 页 · page {number} of {count}");
    let width = flow.width(small, &pages);
    flow.place(small, (RIGHT - width, 18.6), &pages)?;
    for (text, y) in [
        ("本报告记录上述时刻的核验结果，不是证照；状态随后可能改变，采信前请再次核验。", 283.4),
        (
            "This report records what was found at that instant; it is no licence. The status may change: verify again before you rely on it.",
            286.8,
        ),
    ] {
        let small = Style { size: 7.0, ..small };
        flow.place(small, (LEFT, y), text)?;
    }
    Some(())
}

/// The mark of a verdict or a check: a symbol and a colour.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Good,
    Stop,
    Caution,
}

impl Tone {
    pub(super) fn of(verdict: Verdict) -> Self {
        match verdict.exit_code() {
            0 => Self::Good,
            1 | 3 => Self::Stop,
            _ => Self::Caution,
        }
    }

    pub(super) fn of_check(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Good,
            Outcome::Failed => Self::Stop,
            Outcome::Unknown => Self::Caution,
        }
    }

    pub(super) fn colour(self) -> [f32; 3] {
        match self {
            Self::Good => [0.043, 0.42, 0.227],
            Self::Stop => [0.702, 0.149, 0.118],
            Self::Caution => [0.541, 0.282, 0.0],
        }
    }

    /// The large symbol around a centre.
    pub(super) fn draw(self, art: &mut Drawing, x: f32, y: f32) {
        art.transform([1.0, 0.0, 0.0, 1.0, x, y]);
        match self {
            Self::Stop => {
                art.move_to(0.0, -8.0).line_to(8.6, 7.0).line_to(-8.6, 7.0);
                art.close_path().fill_nonzero();
            }
            Self::Good | Self::Caution => {
                circle(art, 8.0);
                art.fill_nonzero();
            }
        }
        art.set_stroke_rgb(1.0, 1.0, 1.0).set_line_width(1.5);
        art.set_line_cap(LineCapStyle::RoundCap);
        art.set_line_join(LineJoinStyle::RoundJoin);
        match self {
            Self::Good => art.move_to(-3.7, 0.2).line_to(-1.0, 3.0).line_to(4.0, -3.0).stroke(),
            Self::Stop => art
                .move_to(0.0, -2.6)
                .line_to(0.0, 1.9)
                .move_to(0.0, 4.5)
                .line_to(0.0, 4.55)
                .stroke(),
            Self::Caution => {
                art.move_to(-2.3, -1.8).cubic_to(-2.3, -5.2, 2.5, -5.2, 2.5, -1.9);
                art.cubic_to(2.5, 0.2, 0.0, 0.2, 0.0, 2.0);
                art.move_to(0.0, 4.4).line_to(0.0, 4.45).stroke()
            }
        };
    }

    /// The small symbol before a check.
    pub(super) fn small(self, art: &mut Drawing, x: f32, y: f32) {
        let [red, green, blue] = self.colour();
        art.set_stroke_rgb(red, green, blue).set_line_width(0.55);
        art.set_line_cap(LineCapStyle::RoundCap);
        art.transform([1.0, 0.0, 0.0, 1.0, x, y]);
        match self {
            Self::Good => art.move_to(-1.3, 0.1).line_to(-0.4, 1.1).line_to(1.4, -1.1),
            Self::Stop => {
                art.move_to(-1.1, -1.1).line_to(1.1, 1.1).move_to(1.1, -1.1).line_to(-1.1, 1.1)
            }
            Self::Caution => art.move_to(-1.2, 0.0).line_to(1.2, 0.0),
        };
        art.stroke();
    }
}

/// A circle of four curves.
fn circle(art: &mut Drawing, r: f32) {
    let k = r * 0.552_3;
    art.move_to(r, 0.0).cubic_to(r, k, k, r, 0.0, r).cubic_to(-k, r, -r, k, -r, 0.0);
    art.cubic_to(-r, -k, -k, -r, 0.0, -r).cubic_to(k, -r, r, -k, r, 0.0).close_path();
}

/// The image of the report's seal: the program's logo, 印, in a square. It is unlike a department's
/// seal, and not a tick, which would look like approval below a negative verdict.
pub(super) fn mark() -> FormXObject {
    let mut art = Drawing::new();
    art.set_stroke_rgb(0.659, 0.125, 0.102).set_line_width(2.6);
    // In the units of assets/web/mark.svg, y downwards.
    art.transform([1.0 / 42.0, 0.0, 0.0, -1.0 / 42.0, 0.0, 1.0]);
    art.rect(2.0, 2.0, 38.0, 38.0);
    art.move_to(12.0, 12.0).line_to(19.0, 12.0).move_to(12.0, 12.0).line_to(12.0, 29.0);
    art.move_to(12.0, 20.0).line_to(19.0, 20.0).move_to(12.0, 29.0).line_to(19.0, 29.0);
    art.move_to(24.0, 12.0).line_to(31.0, 12.0).line_to(31.0, 25.0);
    art.cubic_to(31.0, 27.7, 29.7, 28.7, 27.0, 28.0);
    art.move_to(24.0, 12.0).line_to(24.0, 33.0).stroke();
    let deflated = deflate(art.finish().as_slice());
    FormXObject { name: MARK, bounds: [0.0, 0.0, 1.0, 1.0], deflated, draws: Vec::new() }
}

/// Name of the seal's form.
pub(super) const MARK: &str = "Mark";
/// Its area on the last page.
pub(super) const MARK_PLACE: (f32, f32, f32, f32) = (RIGHT - 11.0, 281.0, 11.0, 11.0);
