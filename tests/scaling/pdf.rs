//! Signed files with later revisions, built by hand. The signature's message is empty unless one is
//! given: changes after a signature are compared whether or not it is valid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A file under construction.
pub(crate) struct Pdf {
    bytes: Vec<u8>,
    /// Offsets of the objects written since the last revision.
    offsets: BTreeMap<u32, usize>,
    size: u32,
    previous: Option<usize>,
}

impl Pdf {
    pub(crate) fn new() -> Self {
        let bytes = b"%PDF-1.7\n".to_vec();
        Self { bytes, offsets: BTreeMap::new(), size: 1, previous: None }
    }

    /// A saved file with one signature: 1 is the catalog, 2 the pages, 3 the page, 5 the field, 6
    /// the signature. `catalog`, `form`, `field` and `page` are added to the dictionaries of that
    /// name.
    pub(crate) fn signed(with: Signed<'_>) -> Self {
        let mut file = Self::new();
        let Signed { catalog, form, fields, field, page, message, objects } = with;
        file.object(
            1,
            &format!(
                "<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[5 0 R {fields}]{form}>>\
                 {catalog}>>"
            ),
        );
        file.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
        file.object(3, &format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]{page}>>"));
        file.object(5, &format!("<</FT/Sig/T(S)/V 6 0 R{field}>>"));
        for (number, body) in objects {
            file.object(number, &body);
        }
        file.sign(6, message);
        file
    }

    pub(crate) fn object(&mut self, number: u32, body: &str) {
        self.bytes_object(number, body.as_bytes());
    }

    pub(crate) fn stream(&mut self, number: u32, dict: &str, data: &[u8]) {
        let head = format!("<<{dict}/Length {}>>stream\n", data.len());
        self.bytes_object(number, &[head.as_bytes(), data, b"\nendstream"].concat());
    }

    fn bytes_object(&mut self, number: u32, body: &[u8]) {
        self.offsets.insert(number, self.bytes.len());
        self.size = self.size.max(number + 1);
        self.bytes.extend(format!("{number} 0 obj\n").bytes());
        self.bytes.extend(body);
        self.bytes.extend(b"\nendobj\n");
    }

    /// Saves with a signature dictionary that covers all of it.
    pub(crate) fn sign(&mut self, number: u32, message: &[u8]) {
        let wide = "[0 0000000000 0000000000 0000000000]";
        let front = format!("<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange{wide}/Contents");
        let digits: String = message.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string");
            text
        });
        self.object(number, &format!("{front}<{digits}>>>"));
        let at = self.offsets[&number] + format!("{number} 0 obj\n").len() + front.len();
        let end = at + digits.len() + 2;
        self.save("");
        let range = format!("[0 {at:010} {end:010} {:010}]", self.bytes.len() - end);
        let place = at - "/Contents".len() - wide.len();
        self.bytes[place..place + wide.len()].copy_from_slice(range.as_bytes());
    }

    /// Writes the table of the objects written since the last revision; `more` is added to the
    /// trailer.
    pub(crate) fn save(&mut self, more: &str) {
        let table = self.bytes.len();
        let mut text = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for (number, offset) in std::mem::take(&mut self.offsets) {
            write!(text, "{number} 1\n{offset:010} 00000 n \n").expect("a string");
        }
        let previous = self.previous.map_or_else(String::new, |at| format!("/Prev {at}"));
        let size = self.size;
        writeln!(text, "trailer\n<</Size {size}/Root 1 0 R{previous}{more}>>").expect("a string");
        write!(text, "startxref\n{table}\n%%EOF\n").expect("a string");
        self.bytes.extend(text.bytes());
        self.previous = Some(table);
    }

    /// Saves with an empty table and a hybrid stream, which has `count` numbers from `first` on,
    /// all free.
    pub(crate) fn save_hybrid(&mut self, first: u32, count: u32) {
        let number = first + count;
        let stream = self.bytes.len();
        let rows = [0, 0, 0, 0].repeat(usize::try_from(count).expect("a count"));
        self.size = self.size.max(number + 1);
        let dict = format!("/Type/XRef/Size {number}/W[1 2 1]/Index[{first} {count}]");
        self.stream(number, &dict, &rows);
        self.save(&format!("/XRefStm {stream}"));
    }

    /// Saves with a cross-reference stream in which `count` numbers from `first` on are in an
    /// object stream.
    pub(crate) fn save_in_stream(&mut self, stream: u32, first: u32, count: u32) {
        let number = first + count;
        let mut rows = Vec::new();
        let mut row = |kind: u8, second: u32, third: u32| {
            rows.push(kind);
            rows.extend(second.to_be_bytes());
            rows.extend(third.to_be_bytes());
        };
        let mut index = String::new();
        for (number, offset) in std::mem::take(&mut self.offsets) {
            write!(index, "{number} 1 ").expect("a string");
            row(1, u32::try_from(offset).expect("a small file"), 0);
        }
        write!(index, "{first} {count}").expect("a string");
        (0..count).for_each(|at| row(2, stream, at));
        let (table, size) = (self.bytes.len(), number + 1);
        let previous = self.previous.map_or_else(String::new, |at| format!("/Prev {at}"));
        let dict = format!("/Type/XRef/Size {size}/W[1 4 4]/Index[{index}]/Root 1 0 R{previous}");
        self.stream(number, &dict, &rows);
        self.offsets.clear();
        self.bytes.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
        self.previous = Some(table);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Additions to a signed file.
#[derive(Default)]
pub(crate) struct Signed<'a> {
    pub(crate) catalog: &'a str,
    pub(crate) form: &'a str,
    pub(crate) fields: &'a str,
    pub(crate) field: &'a str,
    pub(crate) page: &'a str,
    pub(crate) message: &'a [u8],
    pub(crate) objects: Vec<(u32, String)>,
}

/// Texts one after the other.
pub(crate) fn each(count: u32, mut text: impl FnMut(u32) -> String) -> String {
    (0..count).fold(String::new(), |all, at| all + &text(at))
}
