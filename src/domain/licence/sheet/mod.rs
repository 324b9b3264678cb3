//! The printed page of a licence: content in, a PDF without its signature out.
//!
//! The layout is one for all types: title, a table of labels and values, QR at the bottom left,
//! issuer, date and seal at the bottom right. Long values wrap by the rules of Chinese
//! typesetting, then shrink within bounds, then go on to another page; nothing is cut.

mod art;
mod layout;
mod specimen;
mod table;
mod wrap;

use std::collections::BTreeMap;
pub use wrap::wrap;

use super::kind::Layout;
use crate::base::time::Timestamp;
use crate::format::pdf::write::{
    Canvas, Drawn, Face, FontUse, FormXObject, Packer, Unsealed, deflate, to_unicode,
};

/// What the page shows. All of it was checked before.
#[derive(Clone, Debug)]
pub struct Content {
    /// 证照标识, for the metadata.
    pub id: String,
    /// Three digits.
    pub version: String,
    /// Title in Chinese.
    pub title: String,
    /// Title in English.
    pub title_en: String,
    /// The small line above the title.
    pub organ: String,
    /// Labels and values, in order.
    pub rows: Vec<Row>,
    /// Who issued it.
    pub issuer: String,
    /// The day, in Chinese numerals.
    pub issued_on: String,
    /// The verification code in groups of four.
    pub code: String,
    /// What the QR symbol holds.
    pub verify_url: String,
    /// The host to compare with.
    pub host: String,
    /// How the type wants the page to be set.
    pub layout: Layout,
    /// When it is sealed.
    pub sealed_at: Timestamp,
    /// Whether the document is of the demo.
    pub demo: bool,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The label.
    pub label: String,
    /// The value; may have line breaks.
    pub value: String,
    /// Whether figures and capitals should stand on one width.
    pub tabular: bool,
    /// JSON pointer of the field, for messages.
    pub pointer: String,
}

/// Why a page could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// A character that none of the fonts has.
    #[error("no glyph for {character:?} in {place}")]
    NoGlyph {
        /// The character.
        character: char,
        /// Where it stands.
        place: String,
    },
    /// More than fits on the pages that a licence may have.
    #[error("the values need more than {0} pages")]
    TooLong(usize),
    /// The fonts or the QR symbol failed, which tested input never causes.
    #[error("the page could not be drawn")]
    Internal,
}

/// The seal of the department and how the file will be signed.
#[derive(Clone, Copy, Debug)]
pub struct SealPlan<'a> {
    /// The picture.
    pub art: &'a FormXObject,
    /// Its diameter in millimetres.
    pub diameter_mm: u8,
    /// Who signs.
    pub signer: &'a str,
    /// Size of the signature message at the most.
    pub hole: usize,
    /// DocMDP permissions.
    pub permissions: i32,
}

/// Fonts and drawings that every sheet shares.
#[derive(Debug)]
pub struct Press {
    serif: Face,
    title: Face,
    sans: Face,
    art: art::Art,
    packer: Packer,
    /// The ICC profile, compressed.
    profile: Vec<u8>,
    /// The table from codes to Unicode, compressed.
    unicode: Vec<u8>,
}

impl Press {
    /// Loads the embedded fonts and draws what never changes.
    pub fn new() -> Option<Self> {
        let serif = Face::new("NotoSerifSC-Regular", true, SERIF)?;
        let title = Face::new("NotoSerifSC-SemiBold", true, TITLE)?;
        let sans = Face::new("NotoSansSC-Regular", false, SANS)?;
        let unicode = to_unicode(&[&serif, &title, &sans], &BTreeMap::new());
        Some(Self {
            unicode: deflate(&unicode),
            serif,
            title,
            sans,
            art: art::Art::draw(),
            packer: Packer::default(),
            profile: deflate(PROFILE),
        })
    }

    /// Whether a value may contain the character.
    pub fn can_print(&self, character: char) -> bool {
        character == '\n' || (self.serif.covers(character) && self.sans.covers(character))
    }

    /// The fonts in the order of [`Font::ALL`](crate::format::pdf::write::Font::ALL).
    pub fn faces(&self) -> [&Face; 3] {
        [&self.serif, &self.title, &self.sans]
    }

    /// Pages with what they are drawn with. Forms come before the ones that draw them.
    pub fn drawn<'a>(
        &'a self,
        pages: Vec<Canvas>,
        fonts: [FontUse<'a>; 3],
        forms: Vec<&'a FormXObject>,
    ) -> Drawn<'a> {
        let Self { packer, profile, unicode, .. } = self;
        Drawn { pages, fonts, packer, forms, profile, unicode }
    }

    /// Draws a department's seal.
    pub fn seal(&self, seal: &crate::domain::office::Seal) -> Option<FormXObject> {
        crate::domain::seal::appearance::draw(seal, &self.title, &self.sans)
    }

    /// Makes the file. The same input gives the same bytes.
    pub fn compose(
        &self,
        content: &Content,
        credential: &str,
        seal: &SealPlan<'_>,
    ) -> Result<Unsealed, SheetFault> {
        layout::compose(self, content, credential, seal)
    }

    /// The same pages as a specimen (样张): no seal, no code, no credential, and a word across them.
    pub fn specimen(&self, content: &Content) -> Result<Vec<u8>, SheetFault> {
        specimen::compose(self, content)
    }
}

static SERIF: &[u8] = include_bytes!("../../../../assets/fonts/NotoSerifSC-Regular.otf");
static TITLE: &[u8] = include_bytes!("../../../../assets/fonts/NotoSerifSC-SemiBold.otf");
static SANS: &[u8] = include_bytes!("../../../../assets/fonts/NotoSansSC-Regular.otf");
static PROFILE: &[u8] = include_bytes!("../../../../assets/colour/sRGB.icc");
