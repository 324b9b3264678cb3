//! Signed files of any size: one huge stream, and one signature with the office's own key.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use yinzheng::domain::seal::prepared::PreparedSeal;
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::format::cms::{self, Level};
use yinzheng::format::pdf::write::Unsealed;
use yinzheng::service::keys::{KeyName, Keys as _};

use crate::world::TestOffice;

/// A signed file with a single stream of `bytes` bytes.
pub(crate) fn signed(test: &TestOffice, bytes: usize) -> Vec<u8> {
    let name = KeyName::Seal("market".to_owned());
    let certificate = &test.parts.certificates.leaves[&name.to_string()];
    let chain = [test.parts.certificates.issuing.clone()];
    let digits = 2 * cms::size_bound(certificate, &chain, Level::B);
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let mut add = |file: &mut Vec<u8>, parts: &[&[u8]]| {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", offsets.len()).bytes());
        for part in parts {
            file.extend(*part);
        }
        file.extend(b"\nendobj\n");
    };
    let catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/SigFlags 3>>>>";
    add(&mut file, &[catalog]);
    add(&mut file, &[b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]);
    add(&mut file, &[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"]);
    let head = format!("<</Length {bytes}>>stream\n");
    let content: Vec<u8> = (0..bytes).map(|at| b' ' + (at % 90).to_le_bytes()[0]).collect();
    add(&mut file, &[head.as_bytes(), &content, b"\nendstream"]);
    drop(content);
    add(&mut file, &[b"<</FT/Sig/T(Large)/V 6 0 R>>"]);
    let wide = "[0 0000000000 0000000000 0000000000]";
    let signature = format!("<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange{wide}/Contents<");
    add(&mut file, &[signature.as_bytes(), &b"0".repeat(digits), b">>>"]);
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).bytes());
    for offset in &offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let end = format!("trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
    file.extend(end.bytes());
    let start = offsets[5] + "6 0 obj\n".len() + signature.len();
    let hole = start..start + digits;
    let (head, tail) = (hole.start - 1, hole.end + 1);
    let range = format!("[0 {head:010} {tail:010} {:010}]", file.len() - tail);
    let at = start - "/Contents<".len() - wide.len();
    file[at..at + wide.len()].copy_from_slice(range.as_bytes());
    let key = ExampleKeys.signer(&name).unwrap();
    let sealed = PreparedSeal::new(Unsealed { bytes: file, hole });
    sealed.seal(&*key, certificate, &chain).unwrap().into_bytes()
}
