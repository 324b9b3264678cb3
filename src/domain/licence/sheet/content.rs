//! Content of a sheet, and its errors.

use crate::base::time::Timestamp;
use crate::domain::licence::kind::Layout;
use crate::format::pdf::write::FormXObject;

/// Content of the page, already checked.
#[derive(Clone, Debug)]
pub struct SheetContent {
    /// 证照标识, for the metadata.
    pub id: String,
    /// 证照版本号 in three digits.
    pub version: String,
    /// Printed title in Chinese.
    pub title: String,
    /// Printed title in English.
    pub title_en: String,
    /// The small line above the title.
    pub organ: String,
    /// Labels and values, in order.
    pub rows: Vec<SheetRow>,
    /// Name of the issuing department.
    pub issuer: String,
    /// The day of issue, in Chinese numerals.
    pub issued_on: String,
    /// The verification code in groups of four.
    pub code: String,
    /// Address in the QR symbol.
    pub verify_url: String,
    /// The host that readers compare with.
    pub host: String,
    /// Dimensions for this type.
    pub layout: Layout,
    /// Time of sealing.
    pub sealed_at: Timestamp,
    /// Whether the demo office issues it.
    pub demo: bool,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// Printed label.
    pub label: String,
    /// Printed value; may have line breaks.
    pub value: String,
    /// Whether figures and capitals are set with equal width.
    pub tabular: bool,
    /// JSON pointer of the field, for messages.
    pub pointer: String,
}

/// Why a page could not be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// A character that none of the fonts has.
    #[error("no glyph for {character:?} in {place}")]
    NoGlyph {
        /// The missing character.
        character: char,
        /// The text that has it, for the message.
        place: String,
    },
    /// More than fits on the pages that the type allows.
    #[error("the values need more than {0} pages")]
    TooLong(usize),
    /// The fonts or the QR symbol failed, which tested input never causes.
    #[error("the page could not be drawn")]
    Internal,
}

/// The department's seal, and the signature parameters.
#[derive(Clone, Copy, Debug)]
pub struct SealPlan<'a> {
    /// Image of the seal.
    pub art: &'a FormXObject,
    /// Diameter in millimetres.
    pub diameter_mm: u8,
    /// Name of the sealing department.
    pub signer: &'a str,
    /// Largest size of the signature message.
    pub hole: usize,
    /// DocMDP permissions, `P`.
    pub permissions: i32,
}
