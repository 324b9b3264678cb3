//! What operators do in the shell: two persons for one licence, rights of clients, a log that is
//! fetched, and a new key for it.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

fn yinzheng(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn done(arguments: &[&str]) -> String {
    let (code, said) = yinzheng(arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    said
}

fn failed(arguments: &[&str], code: i32) -> String {
    let (given, said) = yinzheng(arguments);
    assert_eq!(given, Some(code), "{arguments:?}: {said}");
    said
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
}

struct Place(TempDir);

impl Place {
    /// A demo office whose construction permits need two persons.
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        done(&["demo", "--no-serve", "--dir", &place.dir()]);
        let toml = place.at("office/office.toml");
        let text = fs::read_to_string(&toml).unwrap();
        let types = "types = [\"construction-permit\"]";
        let two = format!("{types}\nfour_eyes = [\"construction-permit\"]");
        assert!(text.contains(types));
        write(&toml, text.replace(types, &two));
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn dir(&self) -> String {
        self.path("office")
    }

    fn issue(&self, more: &[&str]) -> String {
        let (dir, out) = (self.dir(), self.path("out"));
        let first = ["issue", "--dir", &dir, "--type", "construction-permit"];
        let input = "schemas/examples/construction-permit.json";
        done(&[&first[..], &[input, "--out", &out], more].concat())
    }

    fn proposals(&self, command: &[&str], more: &[&str]) -> (Option<i32>, String) {
        let dir = self.dir();
        yinzheng(&[&["proposals"], command, &["--dir", &dir], more].concat())
    }
}

#[test]
fn a_second_officer_approves_what_is_shown_and_nobody_their_own() {
    let place = Place::new();
    let said = place.issue(&["--as", "王小明"]);
    assert!(said.contains("proposal 1, digest "), "{said}");
    let (_, listed) = place.proposals(&["list"], &[]);
    assert!(
        listed.starts_with("1  pending  construction-permit  proposed by 王小明 at "),
        "{listed}"
    );
    let (_, shown) = place.proposals(&["show", "1"], &[]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let digest = shown["digest"].as_str().unwrap();
    assert!(listed.contains(digest) && shown["application"]["fields"].is_object(), "{shown}");
    let out = place.path("approved");
    let approve = |officer: &str, digest: &str| {
        place.proposals(&["approve", "1"], &["--as", officer, "--digest", digest, "--out", &out])
    };
    let other = "0".repeat(64);
    for (officer, digest, why) in [
        ("王小明", digest, "nobody approves a proposal that they made"),
        (" 王小明 ", digest, "nobody approves a proposal that they made"),
        ("李四", other.as_str(), "look at it again"),
        ("李四", "12", "64 hexadecimal digits"),
        ("local_operator", digest, "a name of"),
        ("", digest, "a name of"),
    ] {
        let (code, said) = approve(officer, digest);
        assert!(code == Some(1) && said.contains(why), "{officer}: {said}");
    }
    assert!(failed(&["proposals", "approve", "1", "--dir", &place.dir()], 64).contains("--as"));
    let (code, said) = approve("李四", digest);
    assert_eq!(code, Some(0), "{said}");
    let id = said.split_whitespace().nth(4).unwrap();
    let pdf = place.at("approved").join(format!("{id}.pdf"));
    done(&["verify", pdf.to_str().unwrap(), "--dir", &place.dir()]);
    // The same approval once more has the same answer; another person's comes too late.
    assert!(approve("李四", digest).1.contains(id));
    let (code, said) = approve("赵六", digest);
    assert!(code == Some(1) && said.contains("approved already"), "{said}");
    assert_eq!(place.proposals(&["list"], &[]).1, "");
    assert!(place.proposals(&["list"], &["--state", "approved"]).1.contains("1  approved"));
    // The journal names both.
    let (first, second) = ("王小明", "李四");
    let audit = |name: &str| done(&["audit", "--dir", &place.dir(), "--actor", name]);
    assert!(audit(first).contains("proposed") && audit(second).contains("issued"));
    assert!(audit(second).contains("proposal/000000000001"));
}

#[test]
fn what_was_proposed_without_a_name_is_approved_by_no_name() {
    let place = Place::new();
    place.issue(&[]);
    let shown: Value = serde_json::from_str(&place.proposals(&["show", "1"], &[]).1).unwrap();
    let digest = shown["digest"].as_str().unwrap();
    let (code, said) = place.proposals(&["approve", "1"], &["--as", "李四", "--digest", digest]);
    assert!(code == Some(1) && said.contains("propose again with --as NAME"), "{said}");
    for (number, reason) in [("2", "材料不全"), ("1", ""), ("1", "a\nb")] {
        let (code, _) = place.proposals(&["refuse", number], &["--as", "李四", "--reason", reason]);
        assert_eq!(code, Some(1));
    }
    let (code, said) = place.proposals(&["refuse", "1"], &["--as", "李四", "--reason", "材料不全"]);
    assert_eq!((code, said.as_str()), (Some(0), "refused: proposal 1\n"));
    let (_, said) = place.proposals(&["refuse", "1"], &["--as", "李四", "--reason", "材料不全"]);
    assert!(said.contains("refused already"), "{said}");
    let (_, shown) = place.proposals(&["show", "1"], &[]);
    assert!(shown.contains("材料不全") && shown.contains("李四"), "{shown}");
}

#[test]
fn rights_of_a_client_are_changed_and_it_is_let_in_again() {
    let place = Place::new();
    let (dir, key) = (place.dir(), place.path("desk.pem"));
    let client = |command: &str, more: &[&str]| {
        yinzheng(&[&["client", command, "desk-one", "--dir", &dir], more].concat())
    };
    let new = ["--department", "market", "--scope", "read:*", "--new-key", &key];
    assert_eq!(client("add", &new).0, Some(0));
    let shown = || {
        let shown: Value = serde_json::from_str(&client("show", &[]).1).unwrap();
        (shown["scopes"].to_string(), shown["purposes"].to_string(), shown["disabled"] == true)
    };
    let (code, said) = client("change", &["--scope", "query:*", "--scope", "read:business"]);
    assert!(code == Some(1) && said.contains("at least one purpose"), "{said}");
    let (code, said) = client("change", &["--scope", "query:*", "--purpose", "企业开办"]);
    assert!(code == Some(0) && said.contains("rights query:*"), "{said}");
    assert_eq!(shown(), ("[\"query:*\"]".to_owned(), "[\"企业开办\"]".to_owned(), false));
    // What is not named stays.
    client("change", &["--purpose", "年报"]);
    assert_eq!(shown(), ("[\"query:*\"]".to_owned(), "[\"年报\"]".to_owned(), false));
    let (code, said) = client("change", &["--scope", "issue:residence-permit"]);
    assert!(code == Some(1) && said.contains("reaches nothing"), "{said}");
    assert_eq!(client("change", &[]).0, Some(64));
    assert!(client("enable", &[]).1.contains("is not disabled"));
    client("disable", &[]);
    assert!(shown().2);
    assert_eq!(client("enable", &[]), (Some(0), "enabled: desk-one\n".to_owned()));
    assert!(!shown().2);
    let nobody = ["client", "change", "nobody", "--dir", &dir, "--scope", "read:*"];
    assert!(failed(&nobody, 1).contains("client list"));
}
