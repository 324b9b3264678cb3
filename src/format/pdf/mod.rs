//! PDF (ISO 32000): a writer for this program's documents, and a strict reader for untrusted files.

pub mod read;
pub mod write;

/// The XMP namespace of the properties that a licence's document has.
pub const LICENCE_NAMESPACE: &str = "https://yinzheng.example/ns/licence/1.0/";
