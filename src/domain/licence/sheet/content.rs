//! What a sheet shows, and what can be wrong with it.

use crate::base::time::Timestamp;
use crate::domain::licence::kind::Layout;
use crate::format::pdf::write::FormXObject;

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
