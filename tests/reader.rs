//! Our PDF reader compared with others: in clean files all read the same objects, and a damaged
//! file we refuse or read like them.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::others::{Objects, Value, difference, hayro, ours, qpdf};
use crate::world::{EXAMPLES, TestOffice};
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::format::pdf::read::{Document, Object};
use yinzheng::store::Memory;

struct Clean {
    name: String,
    bytes: Vec<u8>,
    path: PathBuf,
}

/// Files of every producer, and our own of every type.
fn clean_files(folder: &Path) -> Vec<Clean> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir("tests/data/producers").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pdf") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push(Clean { name, bytes: std::fs::read(&path).unwrap(), path });
        }
    }
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    for &(kind, _) in EXAMPLES {
        let bytes = test.issue(kind).unwrap().pdf;
        let path = file_of(folder, &format!("{kind}.pdf"), &bytes);
        files.push(Clean { name: kind.to_owned(), bytes, path });
    }
    files.sort_by(|one, two| one.name.cmp(&two.name));
    files
}

#[test]
fn clean_files_of_every_producer_are_read_as_hayro_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for Clean { name, bytes, .. } in clean_files(folder.path()) {
        let objects = match ours(&bytes) {
            Ok(objects) => objects,
            Err(error) => {
                wrong.push(format!("{name}: refused: {error}"));
                continue;
            }
        };
        let Some(found) = hayro::read(&bytes, &objects) else {
            wrong.push(format!("{name}: hayro cannot read it"));
            continue;
        };
        wrong.extend(differences(&objects, &found).map(|text| format!("{name} {text}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clean_files_of_every_producer_are_read_as_qpdf_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for Clean { name, bytes, path } in clean_files(folder.path()) {
        let objects = match ours(&bytes) {
            Ok(objects) => objects,
            Err(error) => {
                wrong.push(format!("{name}: refused: {error}"));
                continue;
            }
        };
        let Some(mut found) = qpdf::read(&path) else {
            wrong.push(format!("{name}: qpdf cannot read it"));
            continue;
        };
        let objects = told_by_qpdf(objects, &mut found);
        wrong.extend(differences(&objects, &found).map(|text| format!("{name} {text}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Our objects in the form of qpdf's output, which is adjusted for rewriting.
fn told_by_qpdf(ours: Objects, theirs: &mut Objects) -> Objects {
    // Our reader does not list a cross-reference stream that does not list itself.
    theirs.retain(|id, value| ours.contains_key(id) || !is_cross_reference(value));
    let known: BTreeSet<_> = ours.keys().copied().collect();
    for value in theirs.values_mut() {
        drop_dangling(value, &known);
    }
    let mut adjusted = Objects::new();
    for (id, mut value) in ours {
        drop_dangling(&mut value, &known);
        if let (Value::Stream(dict, _), Some(Value::Stream(other, _))) =
            (&mut value, theirs.get(&id))
        {
            // qpdf always removes the length, and the filters that it applied.
            for key in [b"Length".as_slice(), b"Filter", b"DecodeParms"] {
                if !other.contains_key(key) {
                    dict.remove(key);
                }
            }
        }
        adjusted.insert(id, value);
    }
    adjusted
}

fn is_cross_reference(value: &Value) -> bool {
    let Value::Stream(dict, _) = value else { return false };
    matches!(dict.get(b"Type".as_slice()), Some(Value::Name(name)) if name == b"XRef")
}

/// A reference to nothing is `null` (7.3.10).
fn drop_dangling(value: &mut Value, known: &BTreeSet<(u32, u16)>) {
    match value {
        Value::Ref(number, generation) if !known.contains(&(*number, *generation)) => {
            *value = Value::Null;
        }
        Value::Array(items) => {
            for item in items {
                drop_dangling(item, known);
            }
        }
        Value::Dict(dict) | Value::Stream(dict, _) => {
            for value in dict.values_mut() {
                drop_dangling(value, known);
            }
            dict.retain(|_, value| !matches!(value, Value::Null));
        }
        _ => {}
    }
}

/// Every object that the two readers read differently.
fn differences(ours: &Objects, theirs: &Objects) -> impl Iterator<Item = String> {
    let missing = theirs.keys().filter(|id| !ours.contains_key(id));
    let missing = missing.map(|id| format!("{id:?}: not found by us"));
    let differ = ours.iter().filter_map(|(id, value)| match theirs.get(id) {
        None => Some(format!("{id:?}: found by us alone: {value:?}")),
        Some(other) => difference(&format!("{id:?}"), value, other),
    });
    missing.chain(differ).collect::<Vec<_>>().into_iter()
}

/// Changed bytes outside of streams, in files of many forms, the same in every run.
#[test]
fn damaged_structure_is_refused_or_read_alike() {
    const ROUNDS: u64 = 400;
    let folder = tempfile::tempdir().unwrap();
    let (mut wrong, mut read, mut refused) = (Vec::new(), 0, 0);
    for name in MUTATED {
        let clean = std::fs::read(format!("tests/data/producers/{name}.pdf")).unwrap();
        let places = outside_of_streams(&clean);
        let mut chance = Chance(Digest::of(&[name.as_bytes()]).as_bytes()[0].into());
        for _ in 0..ROUNDS {
            let mut file = clean.clone();
            let at = places[chance.below(places.len())];
            file[at] = match chance.below(3) {
                0 => b"0123456789 <>[]()/%#"[chance.below(20)],
                1 => file[at] ^ (1 << chance.below(8)),
                _ => file[at].wrapping_add(1),
            };
            if file == clean {
                continue;
            }
            let Ok(objects) = ours(&file) else {
                refused += 1;
                continue;
            };
            read += 1;
            let near = || {
                String::from_utf8_lossy(&file[at.saturating_sub(20)..file.len().min(at + 9)])
                    .into_owned()
            };
            if let Some(found) = hayro::read(&file, &objects)
                && let Some(text) = differences(&objects, &found).next()
            {
                wrong.push(format!("{name}, hayro: {:?}: {text}", near()));
            }
            // Starting a process takes longer than reading.
            if read % 16 == 0
                && let Some(mut found) = qpdf::read(&file_of(folder.path(), "mutated.pdf", &file))
                && let Some(text) = differences(&told_by_qpdf(objects, &mut found), &found).next()
            {
                wrong.push(format!("{name}, qpdf: {:?}: {text}", near()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

fn file_of(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    #[expect(clippy::disallowed_methods, reason = "a file for another program")]
    std::fs::write(&path, bytes).unwrap();
    path
}

const MUTATED: &[&str] = &[
    "cairo",
    "fpdf2",
    "pdf-lib",
    "pdfbox-incremental",
    "pdfbox-objstm-incremental",
    "pikepdf",
    "pyhanko-stream-incremental",
    "pyhanko-table-incremental",
    "qpdf-linearized",
    "qpdf-linearized-objstm",
    "qpdf-plain-objstm",
    "reportlab-plain",
];

fn outside_of_streams(bytes: &[u8]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..bytes.len()).collect();
    let budget = &mut Budget::default();
    let document = Document::parse(bytes, budget).unwrap();
    for number in document.numbers() {
        if let (Object::Stream(stream), _) = document.numbered(number, budget).unwrap() {
            places.retain(|place| !stream.span.contains(place));
        }
    }
    places
}

/// A seeded random generator.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let limit = u64::try_from(limit).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap()
    }
}

/// Legal but rare syntax: an object in its rare and in its usual form.
const RARE: &[(&str, &str)] = &[
    ("[-.5 4. +1 .25 -0 007 -2147483648 1.50]", "[-0.5 4.0 1 0.25 0 7 -2147483648 1.5]"),
    ("[1%a comment\n2 %another\r3%\r\n4]", "[1 2 3 4]"),
    ("<</A null/B 1>>", "<</B 1>>"),
    ("[/A#20B/#41/A.B-C_D*E]", "[/A#20B /A /A.B-C_D*E]"),
    (r"[(a\(\)(b)c)(\101\7\53x)(\q)]", "[<612829286229 63><41072B78><71>]"),
    ("[(a\\\nb)(a\rb)(a\r\nb)]", "[<6162><610A62><610A62>]"),
    ("[<4 1 4><><7>]", "[<4140><><70>]"),
    ("[true false[]<<>>]", "[true false [] <<>>]"),
    ("[1 0 R 2  0\nR 3]", "[1 0 R 2 0 R 3]"),
];

#[test]
fn rare_but_legal_syntax_is_read_as_others_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let bodies = RARE.iter().flat_map(|(rare, usual)| [*rare, *usual]);
    let file = by_hand(&bodies.collect::<Vec<_>>());
    let objects = ours(&file).unwrap();
    for (index, (rare, _)) in RARE.iter().enumerate() {
        let number = 3 + 2 * u32::try_from(index).unwrap();
        let pair = [(number, 0), (number + 1, 0)].map(|id| objects.get(&id).unwrap());
        assert_eq!(difference(rare, pair[0], pair[1]), None);
    }
    let found = hayro::read(&file, &objects).unwrap();
    assert_eq!(differences(&objects, &found).collect::<Vec<_>>(), [""; 0]);
    // qpdf prints numbers as written, which for the first row is not JSON.
    let rest = by_hand(&RARE[1..].iter().map(|(rare, _)| *rare).collect::<Vec<_>>());
    let mut found = qpdf::read(&file_of(folder.path(), "rare.pdf", &rest)).unwrap();
    let objects = told_by_qpdf(ours(&rest).unwrap(), &mut found);
    assert_eq!(differences(&objects, &found).collect::<Vec<_>>(), [""; 0]);
}

/// Objects that readers read differently, although most of them accept them.
#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let stream = |dict: &str, data: &str| format!("<<{dict}>>stream\n{data}\nendstream");
    for body in [
        "<</A 1/#41 2>>",
        "/A#4",
        "/A\u{b}/B",
        "[1 0R]",
        "[1 0 R 1 3 R]x",
        &stream("/Length 3", "abcd"),
        &stream("/Length 3", "abc%d"),
        &stream("/Length 4.0", "abcd"),
        &stream("/Length 4/F(other)", "abcd"),
        &stream("/Length 2/Filter[/ASCIIHexDecode]/DecodeParms<</Predictor 12>>", "41"),
        &stream("/Length 2/Filter[/ASCIIHexDecode/ASCIIHexDecode]/DecodeParms[null]", "41"),
        &stream("/Length 2/Filter[/ASCIIHexDecode null]", "41"),
    ] {
        assert!(ours(&by_hand(&[body])).is_err(), "{body}");
    }
    assert!(ours(&by_hand(&["1"])).is_ok());
}

/// A file whose catalog is object 1, with these objects from number 3 on.
fn by_hand(bodies: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = vec!["0000000000 65535 f \n".to_owned()];
    let fixed = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"];
    for (index, body) in fixed.iter().chain(bodies).enumerate() {
        table.push(format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let (size, at) = (bodies.len() + 3, file.len());
    let head = format!("xref\n0 {size}\n{}", table.concat());
    let tail = format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n");
    file.extend([head, tail].concat().bytes());
    file
}
