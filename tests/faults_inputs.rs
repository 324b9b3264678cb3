//! Inputs that were once judged wrongly: applications, lists, credentials, archives. The expected
//! result of each is in `tests/data/faults/inputs.toml`.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::world::TestOffice;
use serde::Deserialize;
use yinzheng::base::actor::Actor;
use yinzheng::base::limits::Budget;
use yinzheng::base::text::without_byte_order_mark;
use yinzheng::format::jose::json;
use yinzheng::format::zip::{Archive, EntryFault};
use yinzheng::service::issue_command::{IssueError, Request, Requester};
use yinzheng::service::office::Office;
use yinzheng::store::Memory;
use yinzheng::verify::{Answer, Challenge, Timestamp, Verifier};

const FOLDER: &str = "tests/data/faults";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    issue: Vec<Application>,
    list: Vec<Token>,
    credential: Vec<Token>,
    archive: Vec<Zip>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    file: String,
    fault: Option<String>,
    says: Option<String>,
    /// The code that an office must list for it to be issued.
    listed: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    file: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Zip {
    file: String,
    entries: Vec<String>,
    why: String,
}

fn table() -> Table {
    let text = fs::read_to_string(Path::new(FOLDER).join("inputs.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn read(folder: &str, file: &str) -> Vec<u8> {
    fs::read(Path::new(FOLDER).join(folder).join(file)).unwrap()
}

/// When the tokens were issued, and the holder signed.
fn at() -> Timestamp {
    Timestamp::from_unix(1_796_024_050).unwrap()
}

/// The demo's root has the key that signed the path of the tokens.
fn verifier() -> Verifier {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    Verifier::with_roots(&test.parts.certificates.root.to_pem()).unwrap()
}

#[test]
fn applications() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    for case in table().issue {
        let kind = ["residence-permit", "business", "food-operation"];
        let kind = kind.into_iter().find(|kind| case.file.starts_with(kind)).unwrap();
        let bytes = read("issue", &case.file);
        let input = json::parse(without_byte_order_mark(&bytes), 16).unwrap();
        let issue = |office: &Office| {
            let actor = &Actor::LocalOperator;
            office.issue(&Request {
                requester: &Requester::Operator(actor.clone()),
                kind,
                input: &input,
                idempotency: None,
            })
        };
        match (issue(&test.office), &case.fault) {
            (Ok(_), None) => {}
            (Err(IssueError::Faults(faults)), Some(place)) => {
                let found = faults.iter().find(|one| one.pointer == *place);
                let said = found.map(|fault| fault.message.en.as_str()).unwrap_or_default();
                let says = case.says.as_deref().unwrap();
                assert!(said.contains(says), "{}: {} {faults:?}", case.file, case.why);
            }
            (other, _) => panic!("{}: {} {other:?}", case.file, case.why),
        }
        if let Some(code) = &case.listed {
            let from = "[[departments]]";
            let listed = format!("accept_listed_codes = [{code:?}]\n{from}");
            let office = test.with_profile(from, &listed);
            assert!(issue(&office).is_ok(), "{}: {}", case.file, case.why);
        }
    }
}

#[test]
fn status_lists() {
    for case in table().list {
        let token = String::from_utf8(read("credentials", &case.file)).unwrap();
        let added = verifier().add_status_list(&token, at());
        assert!(added.is_ok(), "{}: {} {added:?}", case.file, case.why);
    }
}

#[test]
fn credentials() {
    let verifier = verifier();
    let challenge = Challenge::new("n-1", "https://desk.example").unwrap();
    for case in table().credential {
        let token = read("credentials", &case.file);
        let report = if case.file.starts_with("kb-") {
            verifier.verify_answer(&case.file, &token, &challenge, at())
        } else {
            verifier.verify(&case.file, &token, at())
        };
        assert_eq!(report.authentic, Answer::Yes, "{}: {} {report:#?}", case.file, case.why);
    }
}

#[test]
fn a_list_that_cannot_be_used_is_told_in_the_report() {
    let mut verifier = verifier();
    let token = String::from_utf8(read("credentials", "list-large.jwt")).unwrap();
    let (head, rest) = token.trim_end().split_at(token.len() / 2);
    assert!(verifier.add_status_list(&format!("{head}A{rest}"), at()).is_err());
    let report = verifier.verify("a", &read("credentials", "exp-float.sd-jwt"), at());
    let refusals = report.findings.iter().filter(|one| one.code == "status_list_refused");
    assert_eq!(refusals.count(), 1, "{report:#?}");
    // Once the list itself is given, the failed attempt need not be mentioned.
    verifier.add_status_list(&token, at()).unwrap();
    let report = verifier.verify("a", &read("credentials", "exp-float.sd-jwt"), at());
    assert_ne!(report.in_force, Answer::Unknown, "{report:#?}");
}

#[test]
fn archives() {
    for case in table().archive {
        let bytes = read("archives", &case.file);
        let archive = Archive::open(bytes, &mut Budget::default()).unwrap();
        let found = archive.entries().iter().map(|entry| match archive.read(entry).unwrap() {
            Ok(_) => "read",
            Err(EntryFault::Repeated) => "repeated",
            Err(EntryFault::Renamed) => "renamed",
            Err(_) => "another fault",
        });
        assert_eq!(found.collect::<Vec<_>>(), case.entries, "{}: {}", case.file, case.why);
    }
}

#[test]
fn every_input_has_a_row() {
    let table = table();
    let rows = |folder: &str| -> Vec<String> {
        match folder {
            "issue" => table.issue.iter().map(|case| case.file.clone()).collect(),
            "archives" => table.archive.iter().map(|case| case.file.clone()).collect(),
            _ => table.list.iter().chain(&table.credential).map(|one| one.file.clone()).collect(),
        }
    };
    for folder in ["issue", "credentials", "archives"] {
        let mut rows = rows(folder);
        let files = fs::read_dir(Path::new(FOLDER).join(folder)).unwrap();
        let mut files: Vec<_> =
            files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        rows.sort();
        files.sort();
        assert_eq!(rows, files, "{folder}");
    }
}
