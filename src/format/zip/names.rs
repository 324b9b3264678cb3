//! Whether two names of an archive are the same file.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use crate::base::digest::Digest;

/// Equal for all names that some unpacker writes to the same path: in another encoding, in the
/// other case (Windows, macOS), with the other slash, with trailing dots and spaces in a component
/// (Windows). A digest, so that long names take no memory.
pub(super) fn place_of(name: &[u8]) -> Digest {
    let name = decoded(name);
    let parts = name.split(['/', '\\']).map(|part| part.trim_end_matches(['.', ' ']));
    // An empty component was `.`, or between two slashes.
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let joined = parts.join("/");
    if joined.is_ascii() {
        return Digest::of(&[joined.to_ascii_lowercase().as_bytes()]);
    }
    let folded = joined.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    Digest::of(&[folded.nfc().collect::<String>().as_bytes()])
}

/// The name as text: UTF-8, else GB 18030, else escaped.
pub(super) fn decoded(name: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(name) {
        return Cow::Borrowed(text);
    }
    let (text, faulty) = encoding_rs::GB18030.decode_without_bom_handling(name);
    if faulty { Cow::Owned(name.escape_ascii().to_string()) } else { text }
}
