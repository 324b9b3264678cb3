//! Attacks on a sealed file, row by row: the expected verdict of each, within the budget.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use crate::world::TestOffice;
use pdf_writer::{Chunk, Name, Ref};
use yinzheng::base::limits::Budget;
use yinzheng::domain::verify::report::{Answer, Verdict};
use yinzheng::format::pdf::read::{Document, Object};
use yinzheng::format::pdf::write::Revision;
use yinzheng::store::Memory;

struct Target {
    test: TestOffice,
    pdf: Vec<u8>,
}

impl Target {
    fn new() -> Self {
        let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
        let pdf = test.issue("food-operation").unwrap().pdf;
        Self { test, pdf }
    }

    /// Verifies under a hang guard, which is the only use of a clock.
    fn judge(&self, name: &str, file: Vec<u8>, allowed: &[Verdict]) {
        let (done, wait) = std::sync::mpsc::channel();
        let report = std::thread::scope(|scope| {
            scope.spawn(|| {
                // The receiver may have given up.
                drop(done.send(self.test.office.verify(name, &file)));
            });
            wait.recv_timeout(Duration::from_secs(20))
        });
        let report = report.unwrap_or_else(|_| unreachable!("{name} takes forever"));
        assert!(allowed.contains(&report.verdict), "{name}: {report:#?}");
        assert_ne!(report.authentic, Answer::Yes, "{name}");
    }

    /// The file with one piece of its text replaced by another of the same length.
    fn with(&self, from: &str, to: &str) -> Vec<u8> {
        assert_eq!(from.len(), to.len(), "{from} {to}");
        let mut file = self.pdf.clone();
        let at = find(&file, from.as_bytes());
        file[at..at + to.len()].copy_from_slice(to.as_bytes());
        file
    }

    /// The file with an incremental update.
    fn updated(&self, change: impl FnOnce(&mut Revision<'_>, &Names)) -> Vec<u8> {
        let mut budget = Budget::default();
        let document = Document::parse(&self.pdf, &mut budget).unwrap();
        let names = Names::of(&document);
        let mut revision = Revision::of(&document).unwrap();
        change(&mut revision, &names);
        revision.finish()
    }
}

/// Object numbers that attacks target.
struct Names {
    catalog: Ref,
    pages: Ref,
    page: Ref,
    content: Ref,
    font: Ref,
    field: Ref,
    signature: Ref,
    info: Ref,
    attachment: Ref,
}

impl Names {
    fn of(document: &Document<'_>) -> Self {
        let mut budget = Budget::default();
        let mut follow = |from: Ref, path: &[&str]| {
            let mut at = Object::Ref(u32::try_from(from.get()).unwrap(), 0);
            let mut last = from;
            for key in path {
                let found = document.resolve(&at, &mut budget).unwrap();
                at = match (&found, key.parse::<usize>()) {
                    (Object::Array(items), Ok(index)) => items[index].clone(),
                    _ => found.dict().unwrap().get(key).unwrap().clone(),
                };
                if let Object::Ref(number, _) = at {
                    last = Ref::new(i32::try_from(number).unwrap());
                }
            }
            last
        };
        let root = |key: &str| match document.trailer().get(key) {
            Some(Object::Ref(number, _)) => Ref::new(i32::try_from(*number).unwrap()),
            other => unreachable!("{other:?}"),
        };
        let catalog = root("Root");
        Self {
            pages: follow(catalog, &["Pages"]),
            page: follow(catalog, &["Pages", "Kids", "0"]),
            content: follow(catalog, &["Pages", "Kids", "0", "Contents"]),
            font: follow(catalog, &["Pages", "Kids", "0", "Resources", "Font", "F0"]),
            field: follow(catalog, &["AcroForm", "Fields", "0"]),
            signature: follow(catalog, &["AcroForm", "Fields", "0", "V"]),
            attachment: follow(catalog, &["AF", "0", "EF", "F"]),
            info: root("Info"),
            catalog,
        }
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|window| window == needle).unwrap()
}

fn null(chunk: &mut Chunk, id: Ref) {
    chunk.indirect(id).primitive(pdf_writer::Null);
}

#[test]
fn universal_forgery() {
    let target = Target::new();
    let start = find(&target.pdf, b"/ByteRange");
    let range = String::from_utf8_lossy(&target.pdf[start..start + 80]).into_owned();
    let range = &range[..=range.find(']').unwrap()];
    let body = range.strip_prefix("/ByteRange").unwrap();
    let fill = |value: &str| format!("/ByteRange{value:<width$}", width = body.len());
    let numbers: Vec<i64> = body
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    let [_, head, tail, length] = numbers.as_slice() else { unreachable!("{body}") };
    let refused = [Verdict::Invalid, Verdict::Altered];
    for value in [
        " null".to_owned(),
        "[]".to_owned(),
        "[0]".to_owned(),
        format!("[0 {head}]"),
        format!("[0 {head} {tail}]"),
        format!("[0 {head} {tail} 0 0]"),
        "[0 999 9999 999 0 9]".to_owned(),
        format!("[0 {head} {tail} -1]"),
        format!("[0 -{head} {tail} 9]"),
        format!("[1 {head} {tail} {length}]"),
        format!("[0 {head} {tail} 9999]"),
        "[0 9999999999 99 9]".to_owned(),
        format!("[0 {head} {head} {length}]"),
        format!("[0 {} {tail} {length}]", head - 1),
        format!("[0 {head} {} {}]", tail + 2, length - 2),
        format!("[0 {head} {tail} {}]", length - 9),
        "[0 9 99 999]".to_owned(),
        "[(0) (9) (9) (9)]".to_owned(),
        "[0.5 9 9 9]".to_owned(),
    ] {
        target.judge(&value, target.with(range, &fill(&value)), &refused);
    }
    target.judge("no ByteRange", target.with("/ByteRange[", "/BiteRange["), &refused);
    target.judge("no Contents", target.with("/Contents<", "/Contemps<"), &refused);
    let hole = find(&target.pdf, b"/Contents<") + 10;
    let end = hole + target.pdf[hole..].iter().position(|byte| *byte == b'>').unwrap();
    for (name, fill) in [("zeroed", b'0'), ("blank", b' '), ("no digits", b'g')] {
        let mut file = target.pdf.clone();
        file[hole..end].fill(fill);
        target.judge(name, file, &[Verdict::Invalid, Verdict::Altered, Verdict::Unreadable]);
    }
    for kept in [2, 20, 400, 2000] {
        let mut file = target.pdf.clone();
        file[hole + kept..end].fill(b'0');
        target.judge("truncated message", file, &refused);
    }
    // White space in place of a digit leaves an odd number of digits, which a lenient reader pads.
    for at in [hole, hole + 1, hole + 500, end - 60, end - 1] {
        for space in [b' ', b'\r', b'\n', b'\t', 0, 12] {
            let mut file = target.pdf.clone();
            file[at] = space;
            target.judge("white space among the digits", file, &refused);
        }
    }
    let mut file = target.pdf.clone();
    file[end - 1] = b'1';
    target.judge("padding that is no zero", file, &refused);
    let kinds = ["adbe.x509.rsa_sha1aaaaaa", "adbe.pkcs7.detached", "adbe.pkcs7.sha1xxxxxx"];
    for kind in kinds {
        let kind: String = kind.chars().take("ETSI.CAdES.detached".len()).collect();
        let file = target.with("/ETSI.CAdES.detached", &format!("/{kind}"));
        target.judge(&kind, file, &refused);
    }
}

#[test]
fn incremental_updates() {
    let target = Target::new();
    let update = |name: &str, change: &dyn Fn(&mut Revision<'_>, &Names)| {
        let file = target.updated(|revision, names| change(revision, names));
        // A signature that is removed from its field is refused as well.
        target.judge(name, file, &[Verdict::Altered, Verdict::Invalid]);
    };
    update("nothing new but a table", &|_, _| {});
    update("content replaced", &|new, names| {
        new.write(names.content, |chunk| {
            chunk.stream(names.content, b"BT ET");
        });
    });
    update("content freed", &|new, names| {
        new.write(names.content, |chunk| null(chunk, names.content));
    });
    update("page replaced", &|new, names| {
        new.write(names.page, |chunk| {
            chunk.page(names.page).parent(names.pages);
        });
    });
    update("pages removed", &|new, names| {
        new.write(names.pages, |chunk| {
            chunk.pages(names.pages).count(0);
        });
    });
    update("page added", &|new, names| {
        let page = new.id();
        new.write(page, |chunk| {
            chunk.page(page).parent(names.pages);
        });
        new.write(names.pages, |chunk| {
            chunk.pages(names.pages).count(2).kids([names.page, page]);
        });
    });
    update("new catalog", &|new, names| {
        new.write(names.catalog, |chunk| {
            chunk.indirect(names.catalog).dict().pair(Name(b"Type"), Name(b"Catalog"));
        });
    });
    update("font redefined", &|new, names| {
        new.write(names.font, |chunk| {
            chunk.type1_font(names.font).base_font(Name(b"Symbol"));
        });
    });
    update("field removed", &|new, names| {
        new.write(names.field, |chunk| null(chunk, names.field));
    });
    update("widget moved", &|new, names| {
        new.write(names.field, |chunk| {
            let mut field = chunk.indirect(names.field).dict();
            field.pair(Name(b"FT"), Name(b"Sig")).pair(Name(b"V"), names.signature);
            field.insert(Name(b"Rect")).array().items([0, 0, 9, 9]);
        });
    });
    update("signature replaced", &|new, names| {
        new.write(names.signature, |chunk| null(chunk, names.signature));
    });
    update("Info changed", &|new, names| {
        new.write(names.info, |chunk| {
            chunk.indirect(names.info).dict().pair(Name(b"Title"), pdf_writer::Str(b"other"));
        });
    });
    update("attachment replaced", &|new, names| {
        new.write(names.attachment, |chunk| {
            chunk.stream(names.attachment, b"other");
        });
    });
    for key in ["OpenAction", "AA", "Names", "OCProperties", "Metadata", "Perms", "DSS", "AcroForm"]
    {
        update(key, &|new, _| {
            let id = new.id();
            new.write(id, |chunk| {
                let mut action = chunk.indirect(id).dict();
                action.pair(Name(b"S"), Name(b"JavaScript"));
                action.pair(Name(b"JS"), pdf_writer::Str(b"app.alert(1)"));
            });
            new.extend_catalog(&[(key, id)], &mut Budget::default()).unwrap();
        });
    }
    for tail in ["\n", "\0", "%%EOF", "trailer\n<</Root 1 0 R>>\n%%EOF\n", "startxref\n0\n%%EOF\n"]
    {
        let file = [target.pdf.as_slice(), tail.as_bytes()].concat();
        let allowed = [Verdict::Altered, Verdict::Unreadable];
        target.judge(&format!("behind the end: {tail:?}"), file, &allowed);
    }
}

#[test]
fn ambiguous_structure() {
    let target = Target::new();
    let refused = [Verdict::Unreadable, Verdict::Altered, Verdict::Invalid];
    for front in ["\n", "MZ", "PK\u{3}\u{4}", "%PDF-1.4\n"] {
        let file = [front.as_bytes(), &target.pdf].concat();
        target.judge(&format!("before the header: {front:?}"), file, &refused);
    }
    target.judge(
        "a key twice",
        target.with("/Filter/Adobe.PPKLite", "/Filter/X/Filter/Adob"),
        &refused,
    );
    target.judge("an escaped key", target.with("/Contents<", "/C#6Fnten<"), &refused);
    let last = |needle: &[u8]| {
        target.pdf.windows(needle.len()).rposition(|window| window == needle).unwrap()
    };
    let xref = last(b"startxref\n") + 10;
    let mut decoy = target.pdf.clone();
    decoy[xref] = b'9';
    target.judge("a decoy startxref", decoy, &refused);
    let entry = last(b" 00000 n");
    let mut moved = target.pdf.clone();
    moved[entry - 1] = if moved[entry - 1] == b'1' { b'2' } else { b'1' };
    target.judge("an offset beside its object", moved, &refused);
}

#[test]
fn exhausting_files() {
    let target = Target::new();
    let refused = [Verdict::Unreadable, Verdict::NotSigned, Verdict::Invalid];
    let deep = "[".repeat(200_000);
    target.judge("200,000 levels", file_of(&[&deep]), &refused);
    target.judge("dictionaries without an end", file_of(&[&"<<".repeat(100_000)]), &refused);
    target.judge(
        "a length that names itself",
        file_of(&["<</Length 2 0 R>>stream\nx\nendstream"]),
        &refused,
    );
    let shared = "<</FT/Sig/V 4 0 R/T(a)>>";
    let fields: Vec<String> = (5..2005).map(|number| format!("{number} 0 R")).collect();
    let form = format!("<</Fields[{}]>>", fields.join(" "));
    let mut objects = vec!["null", form.as_str(), "<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>"];
    objects.extend(std::iter::repeat_n(shared, 2000));
    target.judge("2,000 fields on one signature", file_of(&objects), &refused);
    let cycle = ["null", "<</Fields[3 0 R]/Kids[3 0 R]/FT/Sig>>"];
    target.judge("a form that is its own field", file_of(&cycle), &refused);
    let prev = String::from_utf8_lossy(&file_of(&["null"])).into_owned();
    let at: usize =
        prev.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let circle = prev.replace("/Root 1 0 R", &format!("/Root 1 0 R/Prev {at}"));
    target.judge("Prev in a circle", circle.into_bytes(), &refused);
    let size = prev.replace("/Size 3", "/Size 99999999999999");
    target.judge("a huge Size", size.into_bytes(), &refused);
    let encrypted = prev.replace("/Root 1 0 R", "/Root 1 0 R/Encrypt<</Filter/Standard>>");
    target.judge("encrypted", encrypted.into_bytes(), &refused);
    let bomb = bomb();
    let head = format!(
        "<</Length {}/Filter[/FlateDecode/FlateDecode]/Type/ObjStm/N 1/First 4>>",
        bomb.len()
    );
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, body) in [
        (1, b"<</AcroForm 2 0 R/Metadata 2 0 R>>".to_vec()),
        (2, [head.as_bytes(), b"stream\n", &bomb, b"\nendstream"].concat()),
    ] {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(body);
        file.extend(b"\nendobj\n");
    }
    finish(&mut file, &offsets);
    target.judge("a bomb", file, &refused);
}

/// A gigabyte of zeros, deflated twice.
fn bomb() -> Vec<u8> {
    let pack = |write: &dyn Fn(&mut dyn std::io::Write)| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        write(&mut packer);
        packer.finish().unwrap()
    };
    let zeros = vec![0; 1 << 20];
    let once = pack(&|out| (0..256).for_each(|_| out.write_all(&zeros).unwrap()));
    pack(&|out| out.write_all(&once).unwrap())
}

/// A file whose catalog is object 1, with the form in object 3.
fn file_of(objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = vec![file.len()];
    file.extend(b"1 0 obj\n<</Type/Catalog/AcroForm 3 0 R/Pages 2 0 R/Metadata 2 0 R>>\nendobj\n");
    for (number, body) in (2..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    finish(&mut file, &offsets);
    file
}

fn finish(file: &mut Vec<u8>, offsets: &[usize]) {
    let table = file.len();
    let size = offsets.len() + 1;
    file.extend(format!("xref\n0 {size}\n0000000000 65535 f\r\n").bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n\r\n").bytes());
    }
    file.extend(
        format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes(),
    );
}

/// The control for all attacks above: files changed harmlessly with the same tools stay valid.
#[test]
fn harmless_files_stay_valid() {
    let target = Target::new();
    let verdict = |file: &[u8]| target.test.office.verify("", file).verdict;
    assert_eq!(verdict(&target.pdf), Verdict::Valid);
    let hole = find(&target.pdf, b"/Contents<") + 10;
    let end = hole + target.pdf[hole..].iter().position(|byte| *byte == b'>').unwrap();
    let mut capitals = target.pdf.clone();
    capitals[hole..end].make_ascii_uppercase();
    assert_eq!(verdict(&capitals), Verdict::Valid);
    assert_eq!(verdict(&file_of(&["null", "<</Fields[]>>"])), Verdict::NotSigned);
}
