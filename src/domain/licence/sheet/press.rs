//! Fonts and drawings, loaded once.

use std::collections::BTreeMap;

use super::art::Art;
use crate::format::pdf::write::{
    Canvas, Drawn, Face, FontUse, FormXObject, Packer, deflate, to_unicode,
};

/// Fonts and drawings shared by every sheet.
#[derive(Debug)]
pub struct Press {
    pub(super) serif: Face,
    pub(super) title: Face,
    pub(super) sans: Face,
    pub(super) art: Art,
    packer: Packer,
    /// The ICC profile, compressed.
    profile: Vec<u8>,
    /// The table from codes to Unicode, compressed.
    unicode: Vec<u8>,
}

impl Press {
    /// Loads the embedded fonts and draws the constant parts.
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
            art: Art::draw(),
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

    /// Pages with their forms. A form precedes the ones that draw it.
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
}

static SERIF: &[u8] = include_bytes!("../../../../assets/fonts/NotoSerifSC-Regular.otf");
static TITLE: &[u8] = include_bytes!("../../../../assets/fonts/NotoSerifSC-SemiBold.otf");
static SANS: &[u8] = include_bytes!("../../../../assets/fonts/NotoSansSC-Regular.otf");
static PROFILE: &[u8] = include_bytes!("../../../../assets/colour/sRGB.icc");
