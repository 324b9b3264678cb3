//! PDF (ISO 32000): what we write, and a strict reader for what strangers send.

pub mod read;
pub mod write;
