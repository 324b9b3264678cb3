//! Our reader beside other people's: where they read a clean file, we read the same objects, and
//! where a file is damaged, we refuse or agree.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

mod others;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use others::{Objects, Value, difference, hayro, ours, qpdf};
use world::{EXAMPLES, TestOffice};
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::format::pdf::read::{Document, Object};
use yinzheng::store::Memory;

struct Clean {
    name: String,
    bytes: Vec<u8>,
    path: PathBuf,
}

/// Files of every producer, and ours of every type.
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
    for (kind, _) in EXAMPLES {
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

/// What we read as qpdf tells it: as if it were to be written again.
fn told_by_qpdf(ours: Objects, theirs: &mut Objects) -> Objects {
    // A cross-reference stream that does not list itself is no object of the file to us.
    theirs.retain(|id, value| ours.contains_key(id) || !is_cross_reference(value));
    let known: BTreeSet<_> = ours.keys().copied().collect();
    theirs.values_mut().for_each(|value| drop_dangling(value, &known));
    let mut told = Objects::new();
    for (id, mut value) in ours {
        drop_dangling(&mut value, &known);
        if let (Value::Stream(dict, _), Some(Value::Stream(other, _))) =
            (&mut value, theirs.get(&id))
        {
            // The length goes always, the filters when it applied them.
            for key in [b"Length".as_slice(), b"Filter", b"DecodeParms"] {
                if !other.contains_key(key) {
                    dict.remove(key);
                }
            }
        }
        told.insert(id, value);
    }
    told
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
        Value::Array(items) => items.iter_mut().for_each(|item| drop_dangling(item, known)),
        Value::Dict(dict) | Value::Stream(dict, _) => {
            dict.values_mut().for_each(|value| drop_dangling(value, known));
            dict.retain(|_, value| !matches!(value, Value::Null));
        }
        _ => {}
    }
}

/// Every object that both readers do not read alike.
fn differences(ours: &Objects, theirs: &Objects) -> impl Iterator<Item = String> {
    let missing = theirs.keys().filter(|id| !ours.contains_key(id));
    let missing = missing.map(|id| format!("{id:?}: not found by us"));
    let differ = ours.iter().filter_map(|(id, value)| match theirs.get(id) {
        None => Some(format!("{id:?}: found by us alone: {value:?}")),
        Some(other) => difference(&format!("{id:?}"), value, other),
    });
    missing.chain(differ).collect::<Vec<_>>().into_iter()
}

/// Flips of bytes outside of streams, in files of many forms, always the same ones.
#[test]
fn damaged_structure_is_refused_or_read_alike() {
    const ROUNDS: u64 = 400;
    let folder = tempfile::tempdir().unwrap();
    let (mut wrong, mut read, mut refused) = (Vec::new(), 0, 0);
    for name in MUTATED {
        let clean = std::fs::read(format!("tests/data/producers/{name}.pdf")).unwrap();
        let places = outside_of_streams(&clean);
        let mut chance = Chance(Digest::of(&[name.as_bytes()]).as_bytes()[0].into());
        for round in 0..ROUNDS {
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

/// The same numbers in every run.
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
