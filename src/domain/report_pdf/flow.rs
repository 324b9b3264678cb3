//! Text flow over pages: all wrapping, page breaks and escaping of untrusted text.

use std::borrow::Cow;

use pdf_writer::Content as Drawing;

use crate::base::limits::Budget;
use crate::base::text::spelled;
use crate::domain::licence::sheet::{Press, wrap};
use crate::format::pdf::write::{A4, Canvas, Colour, Face, Font, FontUse, MM, Tag};

/// Style of a text: font, size in points, colour, and line height in millimetres.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) font: Font,
    pub(super) size: f32,
    pub(super) colour: Colour,
    pub(super) leading: f32,
}

/// A column of the page: left edge and width in millimetres.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) left: f32,
    pub(super) width: f32,
}

/// Pages, and the position of the next text.
pub(super) struct Flow<'a> {
    press: &'a Press,
    fonts: [FontUse<'a>; 3],
    pages: Vec<Canvas>,
    page: Canvas,
    /// From the top of the page, in millimetres.
    pub(super) y: f32,
    /// Scale factor for sizes and distances.
    scale: f32,
    longest: usize,
}

impl<'a> Flow<'a> {
    pub(super) fn new(press: &'a Press, scale: f32) -> Self {
        let longest = Budget::default().printed_characters;
        let fonts = press.faces().map(FontUse::new);
        Self { press, fonts, pages: Vec::new(), page: Canvas::new(), y: TOP, scale, longest }
    }

    /// The printed form of a text: bounded, and without invisible characters.
    pub(super) fn inert<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let shown = |character| self.press.can_print(character);
        match text.char_indices().nth(self.longest) {
            None => spelled(text, shown),
            Some((end, _)) => {
                let start = spelled(text.get(..end).unwrap_or_default(), shown);
                let count = text.chars().count();
                Cow::Owned(format!("{start}……（共 {count} 个字符 of {count} characters）"))
            }
        }
    }

    /// The lines of a text in a column.
    pub(super) fn lines(&self, style: Style, column: Column, text: &str) -> Vec<String> {
        let (style, face) = (self.scaled(style), self.face(style.font));
        let advance = |character| face.advance(character) * style.size / 1000.0;
        wrap(&self.inert(text), column.width * MM, advance)
    }

    /// Width of a text on one line, in millimetres.
    pub(super) fn width(&self, style: Style, text: &str) -> f32 {
        let (style, face) = (self.scaled(style), self.face(style.font));
        let text = self.inert(text);
        text.chars().map(|character| face.advance(character)).sum::<f32>() * style.size
            / 1000.0
            / MM
    }

    /// A text that continues over pages. Moves down.
    pub(super) fn text(
        &mut self,
        tag: Tag,
        style: Style,
        column: Column,
        text: &str,
    ) -> Option<()> {
        self.set(tag, style, column, &self.lines(style, column, text))
    }

    /// Like [`Self::text`], for lines that are already broken.
    pub(super) fn set(
        &mut self,
        tag: Tag,
        style: Style,
        column: Column,
        lines: &[String],
    ) -> Option<()> {
        self.room(style.leading);
        let style = self.scaled(style);
        self.page.begin_text(tag);
        for line in lines {
            if self.y + style.leading > BOTTOM {
                self.page.end_text();
                self.turn();
                self.page.begin_text(tag);
            }
            self.show(style, column.left, self.y + style.leading * BASELINE, line)?;
            self.y += style.leading;
        }
        self.page.end_text();
        Some(())
    }

    /// Pieces side by side on one line. Moves down.
    pub(super) fn line(
        &mut self,
        tag: Tag,
        left: f32,
        gap: f32,
        pieces: &[(Style, &str)],
    ) -> Option<()> {
        let leading = pieces.iter().map(|(style, _)| style.leading).fold(0.0, f32::max);
        self.room(leading);
        let leading = leading * self.scale;
        let baseline = self.y + leading * BASELINE;
        self.page.begin_text(tag);
        let mut x = left;
        for (style, text) in pieces {
            let text = self.inert(text).into_owned();
            self.show(self.scaled(*style), x, baseline, &text)?;
            x += self.width(*style, &text) + gap;
        }
        self.page.end_text();
        self.y += leading;
        Some(())
    }

    /// Moves down by a distance in millimetres.
    pub(super) fn down(&mut self, distance: f32) {
        self.y += distance * self.scale;
    }

    /// Draws decoration in millimetres from the top left corner, y downwards.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Drawing)) {
        decorate(&mut self.page, draw);
    }

    /// Begins a new page unless this height fits on the present one.
    pub(super) fn room(&mut self, height: f32) {
        if self.y + height * self.scale > BOTTOM && self.y > TOP {
            self.turn();
        }
    }

    /// Number of full pages.
    pub(super) fn page_number(&self) -> usize {
        self.pages.len()
    }

    /// The pages. `frame` draws the common parts of every page, once the number of pages is known.
    pub(super) fn finish(
        mut self,
        frame: impl Fn(&mut Self, usize, usize) -> Option<()>,
    ) -> Option<(Vec<Canvas>, [FontUse<'a>; 3])> {
        self.scale = 1.0;
        let last = std::mem::take(&mut self.page);
        let mut pages = std::mem::take(&mut self.pages);
        pages.push(last);
        let count = pages.len();
        let mut framed = Vec::new();
        for (page, number) in pages.into_iter().zip(1..) {
            self.page = page;
            frame(&mut self, number, count)?;
            framed.push(std::mem::take(&mut self.page));
        }
        Some((framed, self.fonts))
    }

    fn scaled(&self, style: Style) -> Style {
        let Style { size, leading, .. } = style;
        Style { size: size * self.scale, leading: leading * self.scale, ..style }
    }

    /// One line at a position, without moving.
    fn show(&mut self, style: Style, x: f32, baseline: f32, text: &str) -> Option<()> {
        let Style { font, size, colour, .. } = style;
        self.page.line(&mut self.fonts, (font, size, colour, 0.0), (x, baseline), text)
    }

    /// A marked line at a position and in its own size, without moving.
    pub(super) fn place(
        &mut self,
        style: Style,
        (x, baseline): (f32, f32),
        text: &str,
    ) -> Option<()> {
        self.page.begin_text(Tag::Paragraph);
        self.show(style, x, baseline, text)?;
        self.page.end_text();
        Some(())
    }

    fn turn(&mut self) {
        self.pages.push(std::mem::take(&mut self.page));
        self.y = TOP;
    }

    fn face(&self, font: Font) -> &'a Face {
        let [serif, title, sans] = self.press.faces();
        match font {
            Font::Serif => serif,
            Font::Title => title,
            Font::Sans => sans,
        }
    }
}

fn decorate(page: &mut Canvas, draw: impl FnOnce(&mut Drawing)) {
    page.artifact(|art| {
        art.transform([MM, 0.0, 0.0, -MM, 0.0, A4.1 * MM]);
        draw(art);
    });
}

/// Top and bottom of the text area of a page.
pub(super) const TOP: f32 = 22.5;
pub(super) const BOTTOM: f32 = 278.4;
/// Position of a text's baseline in its line.
const BASELINE: f32 = 0.74;
