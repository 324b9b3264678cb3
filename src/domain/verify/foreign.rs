//! Recognises files that are neither a PDF nor a credential by their first bytes, so that a user
//! who chose the wrong file learns what to do next.

use super::report::words::{self, Fixed};
use crate::base::limits::Budget;
use crate::base::localized::Localized;
use crate::format::zip::{Archive, is_zip};

/// The text of a credential: base64url, dots and tildes. Editors may add a byte order mark.
pub(super) fn credential_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii_end();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    (text.starts_with("ey") && text.bytes().all(fits)).then_some(text)
}

/// Why a file of another kind is not read, and what to do. `None` for a PDF, and for an unknown
/// kind.
pub(super) fn other_kind(bytes: &[u8]) -> Option<Fixed> {
    let begins = |starts: &[&[u8]]| starts.iter().any(|start| bytes.starts_with(start));
    if is_zip(bytes) {
        return Some(if holds_a_document(bytes) { PACKAGE } else { words::ARCHIVE });
    }
    // The binary format of older office programs.
    if begins(&[b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"]) {
        return Some(PACKAGE);
    }
    let brand = bytes.get(4..12).and_then(|part| part.strip_prefix(b"ftyp"));
    let of_camera = brand.is_some_and(|brand| PHOTOS.contains(&brand));
    if of_camera || begins(PICTURES) || bytes.get(8..12) == Some(b"WEBP") {
        return Some(words::PICTURE);
    }
    if begins(&[b"7z\xBC\xAF\x27\x1C", b"Rar!\x1A\x07", b"\x1F\x8B"]) {
        return Some(words::ARCHIVE);
    }
    // The range that lenient PDF readers search.
    let head = bytes.get(..1024).unwrap_or(bytes);
    let at = head.windows(5).position(|part| part == b"%PDF-");
    at.is_some_and(|at| at > 0).then_some(words::NOT_AT_THE_BEGINNING)
}

/// An unreadable archive counts as an ordinary archive.
fn holds_a_document(bytes: &[u8]) -> bool {
    let archive = Archive::open(bytes, &mut Budget::default());
    archive.is_ok_and(|archive| is_package(archive.entries().iter().map(|entry| entry.name())))
}

/// Whether an archive with these names in it is a document: OFD, or one of an office program.
pub fn is_package<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> bool {
    const MARKS: [&str; 3] = ["OFD.xml", "[Content_Types].xml", "mimetype"];
    names.into_iter().any(|name| MARKS.contains(&name.as_ref()))
}

/// The advice for such a document.
pub fn package() -> Localized {
    PACKAGE.words()
}

const PACKAGE: Fixed = Fixed(
    "这是 OFD 或办公文档，目前只核验 PDF 和凭证；请索取 PDF，或扫二维码、用编号查询",
    "it is an OFD or office document; PDFs and credentials are verified: ask for the PDF, or scan \
     the QR symbol or look the number up",
);
/// JPEG, PNG, GIF, TIFF, BMP.
const PICTURES: &[&[u8]] =
    &[b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"GIF8", b"II*\0", b"MM\0*", b"BM"];
/// HEIF and AVIF, the formats of telephone cameras.
const PHOTOS: [&[u8]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_may_begin_with_a_byte_order_mark() {
        assert_eq!(credential_text(b"\xEF\xBB\xBFeyJ.a~\r\n"), Some("eyJ.a~"));
        assert_eq!(credential_text(b"\xEF\xBB\xBF\xEF\xBB\xBFeyJ.a~"), None);
    }

    #[test]
    fn what_people_choose_by_mistake_is_told_apart() {
        for (bytes, expected) in [
            (&b"\xFF\xD8\xFF\xE0\0\x10JFIF"[..], Some(words::PICTURE)),
            (b"\x89PNG\r\n\x1A\n\0", Some(words::PICTURE)),
            (b"\0\0\0\x18ftypheic\0\0", Some(words::PICTURE)),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Some(PACKAGE)),
            (b"PK\x03\x04 and nothing behind it", Some(words::ARCHIVE)),
            (b"7z\xBC\xAF\x27\x1C", Some(words::ARCHIVE)),
            (b"\xEF\xBB\xBF%PDF-1.7", Some(words::NOT_AT_THE_BEGINNING)),
            (b"%PDF-1.7", None),
            (b"a text", None),
            (b"", None),
        ] {
            assert_eq!(other_kind(bytes).map(|why| why.0), expected.map(|why| why.0), "{bytes:?}");
        }
        assert!(is_package(["Doc_0/Document.xml", "OFD.xml"]) && !is_package(["a/OFD.xml"]));
    }
}
