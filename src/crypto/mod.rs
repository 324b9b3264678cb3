//! Signing and verification, without file formats.
//!
//! The list of algorithms is closed. Successful verification returns a [`verify::SignatureValid`],
//! which nothing else can make.

pub mod algorithm;
pub mod curves;
pub mod digest;
pub mod ed25519;
mod pss;
pub mod signer;
pub mod software;
pub mod verify;
