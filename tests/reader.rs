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
        let path = folder.join(format!("{kind}.pdf"));
        #[expect(clippy::disallowed_methods, reason = "a file for another program")]
        std::fs::write(&path, &bytes).unwrap();
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
