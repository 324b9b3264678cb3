//! PDF (ISO 32000): what we write, and a strict reader for what strangers send.

pub mod read;
pub mod write;

/// The XMP namespace of the properties that a licence's document has.
pub const LICENCE_NAMESPACE: &str = "https://yinzheng.example/ns/licence/1.0/";
