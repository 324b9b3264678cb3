//! A strict PDF reader (ISO 32000-1, 7): revisions with their byte spans, objects, the exact hole.
//!
//! Nothing is repaired. Where two readers could understand a file differently (a repeated key in a
//! dictionary, a cross-reference that misses its object, bytes before the header) the file is
//! refused, because a forger could show each reader something else.

mod cache;
mod colour;
mod content;
mod document;
mod drawing;
mod encoding;
mod filter;
mod font;
mod indirect;
mod lexer;
mod object;
mod object_stream;
mod revision;
mod signature;
mod standard_fonts;
mod structure;
mod table;
mod xmp;
mod xref;

pub use colour::Colour;
pub use document::Document;
pub use drawing::{Drawing, Frame};
pub use font::Fonts;
pub use object::{Array, Dict, Elements, Name, Object, Stream};
pub use revision::Revision;
pub use signature::{ByteRange, SignatureField};
pub use xmp::Packet;

use crate::base::limits::OverBudget;

/// Faults that an honest file may have, and that two programs would read differently.
pub mod ambiguous {
    /// The offset of an entry in use is not that of its object.
    pub const NO_OBJECT: &str = "no object stands where the cross-reference points";
    /// `startxref` or `/Prev` has an offset without a cross-reference section.
    pub const NO_SECTION: &str = "no cross-reference stands here";
    /// The table and the stream of one revision disagree about an object.
    pub const TWO_PLACES: &str = "a hybrid cross-reference that contradicts itself";
    /// Some programs treat a field that is listed twice as two fields.
    pub const FIELD_TWICE: &str = "a form field stands twice in the form";
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No PDF header at offset 0.
    #[error("not a PDF: it does not begin with %PDF-")]
    NotPdf,
    /// Encrypted with a password.
    #[error("the PDF is encrypted")]
    Encrypted,
    /// The structure is damaged or ambiguous.
    #[error("at byte {at}: {what}")]
    Structure {
        /// Offset of the fault.
        at: usize,
        /// The rule that it breaks.
        what: &'static str,
    },
    /// The value of a signature field is not a signature, and was meant to look like one.
    #[error("at byte {at}: {what}")]
    Signature {
        /// Offset of the fault; 0 when the object has none.
        at: usize,
        /// The rule that it breaks.
        what: &'static str,
    },
    /// A complete signature over another byte layout, as when a program rewrites a signed file.
    #[error("at byte {at}: {what}")]
    Misplaced {
        /// Offset of the fault; 0 when the object has none.
        at: usize,
        /// What does not fit.
        what: &'static str,
    },
    /// The budget is exhausted.
    #[error(transparent)]
    Budget(#[from] OverBudget),
}

/// A fault of a signature.
pub(crate) fn forged<T>(at: usize, what: &'static str) -> Result<T, ReadError> {
    Err(ReadError::Signature { at, what })
}

/// A fault of the structure.
pub(crate) fn fault<T>(at: usize, what: &'static str) -> Result<T, ReadError> {
    Err(ReadError::Structure { at, what })
}
