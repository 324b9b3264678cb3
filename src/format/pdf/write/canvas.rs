//! One page: drawing in millimetres from the top left corner, with tags for screen readers.

use pdf_writer::{Content, Finish as _, Name, Settings, Str};

use super::face::FontUse;
use super::{A4, MM};

/// Which of the three fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// The serif face, for values.
    Serif,
    /// The face of titles.
    Title,
    /// Labels, numbers and small print.
    Sans,
}

impl Font {
    /// All of them, in the order of the fonts of a canvas.
    pub const ALL: [Self; 3] = [Self::Serif, Self::Title, Self::Sans];

    pub(super) const fn resource(self) -> &'static [u8] {
        match self {
            Self::Serif => b"F0",
            Self::Title => b"F1",
            Self::Sans => b"F2",
        }
    }

    /// Whether other documents use the same characters of it, as titles and labels do.
    pub(super) const fn recurs(self) -> bool {
        !matches!(self, Self::Serif)
    }

    const fn index(self) -> usize {
        match self {
            Self::Serif => 0,
            Self::Title => 1,
            Self::Sans => 2,
        }
    }
}

/// A colour of the sRGB output intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Three decimals distinguish the 256 values of a component.
    pub(super) fn parts(self) -> [f32; 3] {
        [self.0, self.1, self.2].map(|part| (f32::from(part) / 0.255).round() / 1000.0)
    }
}

/// The structure type of a piece of text, for screen readers (ISO 32000-1, 14.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The title.
    Heading,
    /// The title of a section.
    Section,
    /// Running text.
    Paragraph,
    /// A label of the table.
    Label,
    /// The value of the preceding label.
    Value,
    /// A picture with an alternative text.
    Figure,
}

impl Tag {
    pub(super) const fn name(self) -> &'static [u8] {
        match self {
            Self::Heading => b"H1",
            Self::Section => b"H2",
            Self::Paragraph => b"P",
            Self::Label => b"TH",
            Self::Value => b"TD",
            Self::Figure => b"Figure",
        }
    }
}

/// A page that is being drawn.
pub struct Canvas {
    content: Content,
    /// The current font and size, colour and spacing. Drawings restore what they change.
    font: Option<(Font, f32)>,
    colour: Option<Colour>,
    spacing: f32,
    /// Where the last line of this piece of text began.
    at: (f32, f32),
    /// The tag and the alternative text of each marked piece, in order.
    pub(super) marks: Vec<(Tag, Option<String>)>,
}

impl Canvas {
    /// An empty A4 page.
    pub fn new() -> Self {
        let settings = Settings { pretty: false };
        Self {
            content: Content::with_settings(settings),
            font: None,
            colour: None,
            spacing: 0.0,
            at: (0.0, 0.0),
            marks: Vec::new(),
        }
    }

    /// Draws decoration, which screen readers skip.
    pub fn artifact(&mut self, draw: impl FnOnce(&mut Content)) {
        self.content.begin_marked_content(Name(b"Artifact"));
        self.content.save_state();
        draw(&mut self.content);
        self.content.restore_state();
        self.content.end_marked_content();
    }

    /// Draws a picture with its alternative text.
    pub fn figure(&mut self, alternative: &str, draw: impl FnOnce(&mut Content)) {
        self.begin(Tag::Figure, Some(alternative.to_owned()));
        self.content.save_state();
        draw(&mut self.content);
        self.content.restore_state();
        self.content.end_marked_content();
    }

    /// Opens a piece of text.
    pub fn begin_text(&mut self, tag: Tag) {
        self.begin(tag, None);
        self.content.begin_text();
        self.at = (0.0, 0.0);
    }

    /// Closes the piece of text.
    pub fn end_text(&mut self) {
        self.content.end_text();
        self.content.end_marked_content();
    }

    /// Shows one line with its baseline at `y`. `None` when a character has no glyph.
    pub fn line(
        &mut self,
        fonts: &mut [FontUse<'_>; 3],
        style: (Font, f32, Colour, f32),
        (x, y): (f32, f32),
        text: &str,
    ) -> Option<()> {
        let (font, size, colour, spacing) = style;
        let codes = fonts.get_mut(font.index())?.encode(text)?;
        if self.colour.replace(colour) != Some(colour) {
            let [red, green, blue] = colour.parts();
            self.content.set_fill_rgb(red, green, blue);
        }
        if self.font.replace((font, size)) != Some((font, size)) {
            self.content.set_font(Name(font.resource()), size);
        }
        if (std::mem::replace(&mut self.spacing, spacing) - spacing).abs() > 0.0 {
            self.content.set_char_spacing(spacing);
        }
        let at = (points(x), points(A4.1 - y));
        let before = std::mem::replace(&mut self.at, at);
        self.content.next_line(hundredth(at.0 - before.0), hundredth(at.1 - before.1));
        self.content.show(Str(&codes));
        Some(())
    }

    /// Shows text across the page as decoration. `matrix` maps text space to the page. `None` when
    /// a character has no glyph.
    pub fn across(
        &mut self,
        fonts: &mut [FontUse<'_>; 3],
        (font, size, colour): (Font, f32, Colour),
        matrix: [f32; 6],
        text: &str,
    ) -> Option<()> {
        let codes = fonts.get_mut(font.index())?.encode(text)?;
        let [red, green, blue] = colour.parts();
        self.artifact(|art| {
            art.begin_text().set_fill_rgb(red, green, blue).set_char_spacing(0.0);
            art.set_font(Name(font.resource()), size).set_text_matrix(matrix);
            art.show(Str(&codes)).end_text();
        });
        Some(())
    }

    pub(super) fn finish(self) -> (Vec<u8>, Vec<(Tag, Option<String>)>) {
        (self.content.finish().to_vec(), self.marks)
    }

    fn begin(&mut self, tag: Tag, alternative: Option<String>) {
        let id = i32::try_from(self.marks.len()).unwrap_or(i32::MAX);
        let mut mark = self.content.begin_marked_content_with_properties(Name(tag.name()));
        mark.properties().identify(id).finish();
        mark.finish();
        self.marks.push((tag, alternative));
    }
}

/// Millimetres in points, rounded below the resolution of printers: each digit less makes a number
/// a tenth shorter.
pub fn points(millimetres: f32) -> f32 {
    hundredth(millimetres * MM)
}

fn hundredth(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

impl Default for Canvas {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canvas").field("marks", &self.marks).finish_non_exhaustive()
    }
}
