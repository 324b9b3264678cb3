//! Parsers and writers of the formats; nothing here knows what a licence is.
//!
//! Every parser here reads untrusted bytes: it spends from a [`crate::base::limits::Budget`], never
//! panics, and refuses what two readers could understand differently.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every byte here comes from a stranger"
)]

pub mod cms;
pub mod der;
pub mod jose;
pub mod merkle;
pub mod note;
pub mod pdf;
pub mod qr;
pub mod revocation;
pub mod timestamp;
pub mod x509;
pub mod zip;
