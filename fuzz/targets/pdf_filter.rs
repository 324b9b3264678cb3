//! The stream filters, alone and in chains, on arbitrary bytes.

use yinzheng::base::limits::Budget;
use yinzheng::format::pdf::read::{Document, Object};

const FILTERS: [&str; 5] = [
    "/Filter/FlateDecode",
    "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>",
    "/Filter/ASCIIHexDecode",
    "/Filter/ASCII85Decode",
    "/Filter[/ASCIIHexDecode/FlateDecode]",
];

pub fn run(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let filter = FILTERS[usize::from(*choice) % FILTERS.len()];
    let mut file = b"%PDF-1.7\n".to_vec();
    let object = file.len();
    file.extend(format!("1 0 obj\n<</Length {}{filter}>>stream\n", data.len()).bytes());
    file.extend(data);
    file.extend(b"\nendstream\nendobj\n");
    let table = file.len();
    file.extend(
        format!("xref\n0 2\n0000000000 65535 f\r\n{object:010} 00000 n\r\ntrailer\n<</Size 2/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n")
            .bytes(),
    );
    let mut budget = Budget::default();
    let document = Document::parse(&file, &mut budget).expect("the file around it is right");
    if let Ok(Object::Stream(stream)) = document.resolve(&Object::Ref(1, 0), &mut budget) {
        drop(document.stream(&stream, &mut budget));
    }
}
