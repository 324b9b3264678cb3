//! A strict PDF reader (ISO 32000-1, 7): revisions with their byte spans, objects, the exact hole.
//!
//! Nothing is repaired. Where two readers could understand a file differently (a key twice in a
//! dictionary, a cross-reference that points beside its object, bytes before the header) the file
//! is refused, because a forger could show each reader something else.

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

/// Faults of a file that may be whole, and that two programs would read differently.
pub mod ambiguous {
    /// An entry in use names a place where its object does not stand.
    pub const NO_OBJECT: &str = "no object stands where the cross-reference points";
    /// `startxref` or `/Prev` names a place where no cross-reference stands.
    pub const NO_SECTION: &str = "no cross-reference stands here";
    /// Table and stream of one saving have two places for an object.
    pub const TWO_PLACES: &str = "a hybrid cross-reference that contradicts itself";
    /// A field that is listed twice is two fields to some programs.
    pub const FIELD_TWICE: &str = "a form field stands twice in the form";
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No PDF header at the very beginning.
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
    /// A signature field holds what is no signature: it was meant to look like one.
    #[error("at byte {at}: {what}")]
    Signature {
        /// Where; 0 when the object has no place of its own.
        at: usize,
        /// The rule that it breaks.
        what: &'static str,
    },
    /// A whole signature over another arrangement of bytes: the result when a program rewrites a
    /// signed file.
    #[error("at byte {at}: {what}")]
    Misplaced {
        /// Where; 0 when the object has no place of its own.
        at: usize,
        /// What does not fit.
        what: &'static str,
    },
    /// Too much of something.
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
