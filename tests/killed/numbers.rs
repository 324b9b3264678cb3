//! The reserved numbers of a journal, read from its bytes alone: each is used by one licence, void,
//! or returned.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Drawn,
    Void,
    Returned,
}

/// Reads all segments, and returns how many numbers are void.
pub(crate) fn check(journal: &Path) -> Result<usize, String> {
    let mut segments: Vec<_> =
        std::fs::read_dir(journal).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    let mut fates = BTreeMap::new();
    for segment in segments {
        for event in events(&std::fs::read(segment).unwrap()) {
            follow(&mut fates, &event)?;
        }
    }
    let open: Vec<_> = fates.iter().filter(|(_, fate)| **fate == Fate::Open).collect();
    if !open.is_empty() {
        return Err(format!("nobody knows what became of {open:?}"));
    }
    Ok(fates.values().filter(|fate| **fate == Fate::Void).count())
}

type Fates = BTreeMap<(String, u64), Fate>;

fn follow(fates: &mut Fates, event: &Value) -> Result<(), String> {
    let mut turn = |range: &Value, number: u64, to: Fate| {
        let key = (range.as_str().unwrap().to_owned(), number);
        let from = fates.insert(key, to);
        let may = match to {
            Fate::Open => matches!(from, None | Some(Fate::Returned)),
            _ => from == Some(Fate::Open),
        };
        if may { Ok(()) } else { Err(format!("{range} {number}: {from:?}, then {to:?}")) }
    };
    if let Some(range) = event["range"].as_array() {
        let to = match event["kind"].as_str() {
            Some("reserved") => Fate::Open,
            Some("void") => Fate::Void,
            Some("returned") => Fate::Returned,
            other => return Err(format!("{other:?} with a range")),
        };
        for number in range[1].as_u64().unwrap()..range[2].as_u64().unwrap() {
            turn(&range[0], number, to)?;
        }
    }
    for drawn in event["drawn"].as_array().into_iter().flatten() {
        turn(&drawn[0], drawn[1].as_u64().unwrap(), Fate::Drawn)?;
    }
    Ok(())
}

/// Finds the events, which are JSON between frames and documents.
fn events(bytes: &[u8]) -> Vec<Value> {
    let begin = b"{\"form\":";
    let starts = bytes.windows(begin.len()).enumerate().filter(|(_, found)| found == begin);
    let read = |at: usize| serde_json::Deserializer::from_slice(&bytes[at..]).into_iter().next();
    starts.filter_map(|(at, _)| read(at)?.ok()).collect()
}
