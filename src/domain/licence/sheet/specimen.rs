//! A preview of a licence: without number, seal and code, with 样张 across every page, and without
//! licence metadata.

use super::press::Press;
use crate::format::pdf::write::{A4, Canvas, Colour, Font, FontUse, MM};

pub(super) const NOTICE: &str = "样张 SPECIMEN · 未编号、未签章 NOT A LICENCE";
pub(super) const SMALL_PRINT: &str = "本样张仅供核对版式与内容，不证明任何事项。";

/// Draws 样张 below the page's text, so that both can be read.
pub(super) fn across(press: &Press, page: &mut Canvas, fonts: &mut [FontUse<'_>; 3]) -> Option<()> {
    let (sin, cos) = ANGLE.to_radians().sin_cos();
    let half = WORD.chars().map(|one| press.title.advance(one) * SIZE / 1000.0).sum::<f32>() / 2.0;
    for middle in MIDDLES {
        // From the centre of the page back along the slope.
        let x = A4.0 / 2.0 * MM - half * cos;
        let y = (A4.1 - middle) * MM - half * sin;
        let matrix = [cos, sin, -sin, cos, x, y].map(|part| (part * 1000.0).round() / 1000.0);
        page.across(fonts, (Font::Title, SIZE, PALE_RED), matrix, WORD)?;
    }
    Some(())
}

const WORD: &str = "样张 SPECIMEN";
/// Size of the word in points.
const SIZE: f32 = 60.0;
const ANGLE: f32 = 32.0;
/// Middle of each word, in millimetres from the top.
const MIDDLES: [f32; 3] = [96.0, 166.0, 236.0];
const PALE_RED: Colour = Colour(243, 205, 200);
