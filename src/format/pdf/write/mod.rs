//! Writing PDF/A-3a (ISO 19005-3) with one signature field, and appending to a file.
//!
//! The same input gives the same bytes. Pages are drawn on [`Canvas`]es; [`write`](fn@write) adds
//! everything else, and leaves only the hole for the signature open.

mod append;
mod canvas;
mod cff;
mod face;
mod file;
mod literal;
mod metadata;
mod pack;

pub use append::Revision;
pub use canvas::{Canvas, Colour, Font, Tag, points};
pub use face::{Face, FontUse, to_unicode};
pub use file::{
    Attachment, Drawn, FileParts, FormXObject, Plain, SignatureField, Unsealed, write, write_plain,
    write_plain_to_seal,
};
pub use metadata::Metadata;
pub use pack::{Packer, deflate};

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// Width and height of A4 in millimetres.
pub const A4: (f32, f32) = (210.0, 297.0);
