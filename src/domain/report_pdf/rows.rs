//! Headings, labels and values, and bounded lists.

use super::flow::{Column, Style};
use super::look::{
    FIGURES, GREY, INK, LABELS, LEFT, MIDDLE, RIGHT, RULE, SECOND, SMALL, TEXT, WHOLE,
};
use super::page::Page;
use super::texts::Pair;
use crate::base::localized::Localized;
use crate::format::pdf::write::{Font, Tag};

impl Page<'_, '_> {
    /// A heading with its hairline.
    pub(super) fn section(&mut self, zh: &str, en: &str) -> Option<()> {
        self.flow.down(1.6);
        // A heading must not be alone at the foot of a page.
        self.flow.room(17.0);
        let title = Style { font: Font::Title, size: 11.0, colour: INK, leading: 5.6 };
        let second = Style { font: Font::Sans, size: 8.0, colour: GREY, leading: 5.6 };
        self.flow.line(Tag::Section, LEFT, 2.0, &[(title, zh), (second, en)])?;
        let y = self.flow.y + 0.4;
        self.flow.draw(|art| {
            art.set_stroke_rgb(RULE[0], RULE[1], RULE[2]).set_line_width(0.25);
            art.move_to(LEFT, y).line_to(RIGHT, y).stroke();
        });
        self.flow.y = y + 1.2;
        Some(())
    }

    /// Labels and values, two side by side where they fit.
    pub(super) fn pairs(&mut self, pairs: Vec<Pair>) -> Option<()> {
        let half = MIDDLE - LEFT - LABELS - 3.0;
        let mut waiting: Option<Pair> = None;
        for pair in pairs {
            let style = if pair.figures { FIGURES } else { TEXT };
            let short = self.flow.width(style, &pair.value) <= half;
            waiting = match (waiting.take(), short) {
                (None, true) => Some(pair),
                (None, false) => {
                    self.row(&[(pair, LEFT, RIGHT - LEFT - LABELS)])?;
                    None
                }
                (Some(first), true) => {
                    self.row(&[(first, LEFT, half), (pair, MIDDLE, half)])?;
                    None
                }
                (Some(first), false) => {
                    self.row(&[(first, LEFT, half)])?;
                    self.row(&[(pair, LEFT, RIGHT - LEFT - LABELS)])?;
                    None
                }
            };
        }
        match waiting {
            Some(first) => self.row(&[(first, LEFT, half)]),
            None => Some(()),
        }
    }

    fn row(&mut self, cells: &[(Pair, f32, f32)]) -> Option<()> {
        self.flow.room(TEXT.leading);
        let (top, page) = (self.flow.y, self.flow.page_number());
        let mut bottom = top;
        for (pair, left, width) in cells {
            self.flow.y = top;
            self.pair_label(&pair.label, *left)?;
            bottom = bottom.max(self.flow.y);
            self.flow.y = top;
            let style = if pair.figures { FIGURES } else { TEXT };
            let column = Column { left: left + LABELS, width: *width };
            let lines = self.flow.lines(style, column, &pair.value);
            self.flow.set(Tag::Value, Style { leading: TEXT.leading, ..style }, column, &lines)?;
            bottom = bottom.max(self.flow.y);
        }
        // When the pair continued on another page, the position is that on the new page.
        if self.flow.page_number() == page {
            self.flow.y = bottom;
        }
        self.flow.down(0.5);
        Some(())
    }

    /// A label; one that is too long for its column continues below.
    fn pair_label(&mut self, label: &Localized, left: f32) -> Option<()> {
        let (zh, en) = (label.zh.as_str(), label.en.as_str());
        let en = if en == zh { "" } else { en };
        let style = Style { size: 8.2, leading: TEXT.leading, ..SECOND };
        let small = Style { size: 7.2, ..SECOND };
        let wide = self.flow.width(style, zh) + 1.2 + self.flow.width(small, en);
        if wide > LABELS - 1.0 {
            let column = Column { left, width: LABELS - 2.0 };
            let style = Style { size: 7.2, leading: 3.6, ..style };
            return self.flow.text(Tag::Label, style, column, format!("{zh} {en}").trim());
        }
        self.flow.line(Tag::Label, left, 1.2, &[(style, zh), (small, en)])
    }

    pub(super) fn label(&mut self, words: &Localized) -> Option<()> {
        let style = Style { size: 8.6, colour: INK, leading: TEXT.leading, ..SECOND };
        let second = Style { size: 7.6, ..SECOND };
        self.flow.line(Tag::Label, LEFT, 1.4, &[(style, words.zh.as_str()), (second, &words.en)])
    }

    /// The number of unlisted items.
    pub(super) fn more(&mut self, more: usize) -> Option<()> {
        if more == 0 {
            return Some(());
        }
        let text =
            format!("另有 {more} 项未列出，见 JSON 报告 and {more} more: see the JSON report");
        self.flow.text(Tag::Paragraph, SMALL, WHOLE, &text)
    }
}
