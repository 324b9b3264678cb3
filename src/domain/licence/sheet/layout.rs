//! Positions on the page. Millimetres from the top left corner; sizes in points.

use pdf_writer::Name;

use super::art::FRAME;
use super::content::{SealPlan, SheetContent, SheetFault};
use super::press::Press;
use super::specimen;
use super::table::{self, Density, LABEL_SCALE, LEFT, Plan, RIGHT, Set, TABLE_TOP};
use crate::base::digest::Digest;
use crate::domain::seal::appearance::APPEARANCE;
use crate::format::pdf::write::{
    A4, Attachment, Canvas, Colour, FileParts, Font, FontUse, MM, Metadata, Plain, SignatureField,
    Tag, Unsealed, points, write, write_plain,
};
use crate::format::qr::Symbol;

pub(super) fn compose(
    press: &Press,
    content: &SheetContent,
    credential: &str,
    seal: &SealPlan<'_>,
) -> Result<Unsealed, SheetFault> {
    let (pages, fonts) = draw(press, content, false)?;
    let metadata = Metadata {
        title: format!("{} {}", content.title, content.title_en),
        created: iso(content),
        id: content.id.clone(),
        version: content.version.clone(),
        credential: Digest::of(&[credential.as_bytes()]),
    };
    let mut forms: Vec<_> = press.art.forms.iter().collect();
    forms.push(seal.art);
    let diameter = f32::from(seal.diameter_mm);
    let parts = FileParts {
        drawn: press.drawn(pages, fonts, forms),
        metadata: &metadata,
        created: content.sealed_at,
        attachment: Attachment {
            name: "credential.sd-jwt",
            media_type: "application/dc+sd-jwt",
            description: "The same licence as a credential for systems",
            bytes: credential.as_bytes(),
        },
        signature: SignatureField {
            name: "Seal",
            signer: seal.signer,
            reason: "签发电子证照",
            signed_at: content.sealed_at,
            permissions: seal.permissions,
            hole: seal.hole,
            appearance: APPEARANCE,
            place: (SEAL_X - diameter / 2.0, SEAL_Y - diameter / 2.0, diameter, diameter),
        },
    };
    write(parts).ok_or(SheetFault::Internal)
}

/// The same pages as a specimen: no seal, no code, no credential, and 样张 across them.
pub(super) fn specimen(press: &Press, content: &SheetContent) -> Result<Vec<u8>, SheetFault> {
    let (pages, fonts) = draw(press, content, true)?;
    let shown: Vec<&[u8]> = content.rows.iter().map(|row| row.value.as_bytes()).collect();
    let plain = Plain {
        drawn: press.drawn(pages, fonts, press.art.forms.iter().collect()),
        title: "样张 Specimen",
        digest: Digest::of(&shown),
        created: content.sealed_at,
    };
    write_plain(plain).ok_or(SheetFault::Internal)
}

/// The pages, and the fonts with their used glyphs.
pub(super) fn draw<'a>(
    press: &'a Press,
    content: &'a SheetContent,
    specimen: bool,
) -> Result<(Vec<Canvas>, [FontUse<'a>; 3]), SheetFault> {
    check_glyphs(press, content)?;
    let plan = table::plan(press, content)?;
    let mut fonts = [&press.serif, &press.title, &press.sans].map(FontUse::new);
    // Numbers and codes differ in every document: when all their characters are always included,
    // and first, the subset of the labels is the same for all licences of a type.
    let [_, _, sans] = &mut fonts;
    sans.encode(ALWAYS).ok_or(SheetFault::Internal)?;
    let mut sheet = Sheet { press, content, specimen, fonts, pages: Vec::new() };
    sheet.draw(&plan).ok_or(SheetFault::Internal)?;
    Ok((sheet.pages, sheet.fonts))
}

/// `2026-11-24T15:20:11+08:00`
fn iso(content: &SheetContent) -> String {
    let at = content.sealed_at.civil(crate::base::time::CHINA_SECONDS);
    format!("{at}+08:00")
}

fn check_glyphs(press: &Press, content: &SheetContent) -> Result<(), SheetFault> {
    let fixed = [
        (&content.title, "title"),
        (&content.title_en, "title"),
        (&content.organ, "organ"),
        (&content.issuer, "issuer"),
        (&content.host, "host"),
    ];
    let rows = content
        .rows
        .iter()
        .flat_map(|row| [(&row.value, row.pointer.as_str()), (&row.label, row.pointer.as_str())]);
    for (text, place) in fixed.into_iter().chain(rows) {
        if let Some(character) = text.chars().find(|character| !press.can_print(*character)) {
            return Err(SheetFault::NoGlyph { character, place: place.to_owned() });
        }
    }
    Ok(())
}

struct Sheet<'a> {
    press: &'a Press,
    content: &'a SheetContent,
    specimen: bool,
    fonts: [FontUse<'a>; 3],
    pages: Vec<Canvas>,
}

impl Sheet<'_> {
    fn draw(&mut self, plan: &Plan<'_>) -> Option<()> {
        let last = plan.pages.len().saturating_sub(1);
        for (number, rows) in plan.pages.iter().enumerate() {
            let mut page = Canvas::new();
            page.artifact(|art| {
                art.set_fill_rgb(PAPER[0], PAPER[1], PAPER[2]);
                art.rect(0.0, 0.0, A4.0 * MM, A4.1 * MM).fill_nonzero();
                art.x_object(Name(FRAME.as_bytes()));
            });
            if self.specimen {
                specimen::across(self.press, &mut page, &mut self.fonts)?;
            }
            self.head(&mut page)?;
            self.table(&mut page, rows, plan.density)?;
            if number == last {
                self.foot(&mut page)?;
            }
            self.small_print(&mut page, number, plan.pages.len())?;
            self.pages.push(page);
        }
        Some(())
    }

    fn head(&mut self, page: &mut Canvas) -> Option<()> {
        let content = self.content;
        self.centred(page, Tag::Paragraph, (Font::Sans, 10.0, GREY, 2.0), 41.0, &content.organ)?;
        let size = if content.title.chars().count() > 11 { 26.0 } else { 34.0 };
        self.centred(page, Tag::Heading, (Font::Title, size, INK, 4.4), 60.0, &content.title)?;
        let english = content.title_en.to_uppercase();
        self.centred(page, Tag::Paragraph, (Font::Sans, 9.0, PALE, 2.2), 69.0, &english)?;
        page.artifact(|art| {
            art.set_stroke_rgb(GOLD[0], GOLD[1], GOLD[2]).set_fill_rgb(GOLD[0], GOLD[1], GOLD[2]);
            art.transform([MM, 0.0, 0.0, MM, A4.0 / 2.0 * MM, (A4.1 - 75.5) * MM]);
            art.set_line_width(0.35).move_to(-30.0, 0.0).line_to(-3.4, 0.0);
            art.move_to(3.4, 0.0).line_to(30.0, 0.0).stroke();
            art.move_to(-2.1, 0.0).line_to(0.0, 2.1).line_to(2.1, 0.0).line_to(0.0, -2.1);
            art.close_path().fill_nonzero();
        });
        let notice = match (self.specimen, content.demo) {
            (true, _) => specimen::NOTICE,
            (false, true) => "演示 DEMO · 无法律效力 NOT A LEGAL DOCUMENT",
            (false, false) => return Some(()),
        };
        self.centred(page, Tag::Paragraph, (Font::Sans, 9.0, RED, 1.0), 82.3, notice)
    }

    fn table(&mut self, page: &mut Canvas, rows: &[Set<'_>], density: Density) -> Option<()> {
        let mut y = TABLE_TOP;
        let values = LEFT + f32::from(self.content.layout.label_mm);
        for set in rows {
            let Set { row, label, lines } = set;
            let first = y + density.gap / 2.0 + density.leading * 0.72;
            page.begin_text(Tag::Label);
            let style = (Font::Sans, density.size * LABEL_SCALE, LABEL, 0.0);
            for (line, at) in label.iter().zip(0_u16..) {
                let place = (LEFT, first + f32::from(at) * density.leading);
                page.line(&mut self.fonts, style, place, line)?;
            }
            page.end_text();
            page.begin_text(Tag::Value);
            let font = if row.tabular { Font::Sans } else { Font::Serif };
            for (line, at) in lines.iter().zip(0_u16..) {
                let place = (values, first + f32::from(at) * density.leading);
                page.line(&mut self.fonts, (font, density.size, INK, 0.0), place, line)?;
            }
            page.end_text();
            y += set.height(density);
            page.artifact(|art| {
                art.set_stroke_rgb(RULE[0], RULE[1], RULE[2]).set_line_width(0.5);
                let y = points(A4.1 - y);
                art.move_to(points(LEFT), y).line_to(points(RIGHT), y).stroke();
            });
        }
        Some(())
    }

    fn foot(&mut self, page: &mut Canvas) -> Option<()> {
        let content = self.content;
        if !self.specimen {
            self.code(page)?;
        }
        let issuer = (Font::Serif, 13.0, INK, 0.0);
        self.centred_at(page, Tag::Paragraph, issuer, (SEAL_X, SEAL_Y - 1.5), &content.issuer)?;
        if self.specimen {
            return Some(());
        }
        let date = (Font::Serif, 12.0, INK, 0.0);
        self.centred_at(page, Tag::Paragraph, date, (SEAL_X, SEAL_Y + 7.0), &content.issued_on)
    }

    fn code(&mut self, page: &mut Canvas) -> Option<()> {
        let content = self.content;
        let symbol = Symbol::of(&content.verify_url)?;
        let alternative = format!("QR: {}", content.verify_url);
        page.figure(&alternative, |art| qr(art, &symbol));
        let beside = QR_X + QR_SIDE + 5.0;
        let lines = [
            ("扫码核验 Verify", 9.5, INK, 5.0),
            (content.code.as_str(), 9.5, INK, 11.2),
            (content.host.as_str(), 8.5, GREY, 16.9),
        ];
        page.begin_text(Tag::Paragraph);
        for (text, size, colour, down) in lines {
            page.line(
                &mut self.fonts,
                (Font::Sans, size, colour, 0.0),
                (beside, QR_Y + down),
                text,
            )?;
        }
        let version = format!("第 {} 版", content.version);
        let style = (Font::Sans, 8.5, GREY, 0.0);
        page.line(&mut self.fonts, style, (beside, QR_Y + 25.6), &version)?;
        page.end_text();
        Some(())
    }

    fn small_print(&mut self, page: &mut Canvas, number: usize, count: usize) -> Option<()> {
        let text = if self.specimen {
            specimen::SMALL_PRINT
        } else if self.content.demo {
            "本文件由演示系统以公开示例密钥签章，不证明任何事项。"
        } else {
            "本证照经电子印章签章。真伪及现时状态以核验结果为准。"
        };
        let text = if count > 1 {
            format!("{text}　第 {} 页，共 {count} 页", number + 1)
        } else {
            text.to_owned()
        };
        self.centred(page, Tag::Paragraph, (Font::Sans, 7.6, PALE, 0.2), 273.2, &text)
    }

    fn centred(
        &mut self,
        page: &mut Canvas,
        tag: Tag,
        style: (Font, f32, Colour, f32),
        y: f32,
        text: &str,
    ) -> Option<()> {
        self.centred_at(page, tag, style, (A4.0 / 2.0, y), text)
    }

    fn centred_at(
        &mut self,
        page: &mut Canvas,
        tag: Tag,
        style: (Font, f32, Colour, f32),
        (x, y): (f32, f32),
        text: &str,
    ) -> Option<()> {
        let (font, size, _, spacing) = style;
        let face = match font {
            Font::Serif => &self.press.serif,
            Font::Title => &self.press.title,
            Font::Sans => &self.press.sans,
        };
        let width: f32 =
            text.chars().map(|character| face.advance(character) * size / 1000.0 + spacing).sum();
        // Letter-spacing follows the last character too, and must not shift the line.
        let left = (x - (width - spacing) / MM / 2.0).max(LEFT);
        // The seal's text must stay inside the frame.
        let left = left.min(A4.0 - 23.0 - (width - spacing) / MM);
        page.begin_text(tag);
        page.line(&mut self.fonts, style, (left, y), text)?;
        page.end_text();
        Some(())
    }
}

fn qr(art: &mut pdf_writer::Content, symbol: &Symbol) {
    let side = f32::from(u16::try_from(symbol.size).unwrap_or(u16::MAX));
    let square = QR_SIDE / side;
    art.set_fill_rgb(1.0, 1.0, 1.0);
    art.rect(
        (QR_X - 1.8) * MM,
        (A4.1 - QR_Y - QR_SIDE - 1.8) * MM,
        (QR_SIDE + 3.6) * MM,
        (QR_SIDE + 3.6) * MM,
    );
    art.fill_nonzero().set_fill_rgb(0.06, 0.09, 0.12);
    // Modules are drawn in units of their size, so that their edges meet exactly.
    let unit = square * MM;
    art.transform([unit, 0.0, 0.0, -unit, QR_X * MM, (A4.1 - QR_Y) * MM]);
    let number = |value: usize| f32::from(u16::try_from(value).unwrap_or(u16::MAX));
    for rectangle in symbol.rectangles() {
        let [column, row, width, height] = rectangle.map(number);
        art.rect(column, row, width, height);
    }
    art.fill_nonzero();
}

/// Every character of a number or a code.
const ALWAYS: &str = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const QR_X: f32 = 33.0;
const QR_Y: f32 = 234.0;
const QR_SIDE: f32 = 27.0;
const SEAL_X: f32 = 150.0;
const SEAL_Y: f32 = 243.5;

const INK: Colour = Colour(27, 39, 51);
const GREY: Colour = Colour(74, 85, 96);
const LABEL: Colour = Colour(90, 101, 112);
const PALE: Colour = Colour(95, 106, 117);
const RED: Colour = Colour(179, 38, 30);
const PAPER: [f32; 3] = [1.0, 0.992, 0.973];
const GOLD: [f32; 3] = [0.69, 0.54, 0.24];
const RULE: [f32; 3] = [0.79, 0.80, 0.79];
