//! Paths over a matrix of certificates (`tests/data/paths`), with the results of other verifiers
//! for the same files.
//!
//! A case has the certificates and lists in PEM, OCSP responses in base64, the instant `at`, the
//! `usage`, and the expectation: `trusted`, or the kind of the error and a part of its text
//! (`says`); `revocation` is the known state (`none`, `leaf`, `whole`). `refused_lists` is the
//! number of lists that cannot be parsed. `openssl.accepts` and `certvalidator` are the results of
//! others; where they differ, `differs` gives the reason.
#![expect(
    clippy::unwrap_used,
    clippy::unreachable,
    clippy::disallowed_methods,
    reason = "a failed helper is a failed test; temporary files need no sync"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::Table;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Timestamp;
use yinzheng::domain::trust::{
    self, Material, PathCache, PathError, PathTrusted, RevocationKnown, TrustSnapshot, Usage,
};
use yinzheng::format::revocation::{Crl, OcspResponse, Reason};
use yinzheng::format::x509::Certificate;

const FOLDER: &str = "tests/data/paths";

struct Case {
    title: String,
    table: Table,
}

/// The parsed input of a case.
struct Ready {
    leaf: Certificate,
    pool: Vec<Certificate>,
    roots: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsp: Vec<OcspResponse>,
    refused_lists: usize,
    usage: Usage,
    at: Timestamp,
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<_> = fs::read_dir(FOLDER).unwrap().map(|one| one.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    assert!(paths.len() > 190, "{}", paths.len());
    let read = |path: &PathBuf| Case {
        title: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        table: fs::read_to_string(path).unwrap().parse().unwrap(),
    };
    paths.iter().map(read).collect()
}

fn case(title: &str) -> Case {
    let text = fs::read_to_string(format!("{FOLDER}/{title}.toml")).unwrap();
    Case { title: title.to_owned(), table: text.parse().unwrap() }
}

impl Case {
    fn text(&self, key: &str) -> &str {
        self.table.get(key).map_or("", |value| value.as_str().unwrap())
    }

    fn der(&self, key: &str) -> Vec<Vec<u8>> {
        let blocks = self.text(key).split("-----BEGIN ").skip(1);
        let body = |block: &str| {
            let (_, rest) = block.split_once("-----\n").unwrap();
            rest.split_once("-----END").unwrap().0.replace('\n', "")
        };
        blocks.map(|block| STANDARD.decode(body(block)).unwrap()).collect()
    }

    fn at(&self) -> Timestamp {
        Timestamp::parse(self.text("at")).unwrap()
    }

    /// `None` when the leaf cannot be read. Other unreadable certificates are skipped, as callers
    /// do.
    fn ready(&self) -> Option<Ready> {
        let readable = |key: &str| -> Vec<Certificate> {
            self.der(key).iter().filter_map(|der| Certificate::parse(der).ok()).collect()
        };
        let lists = self.der("crls");
        let crls: Vec<Crl> = lists.iter().filter_map(|der| Crl::parse(der).ok()).collect();
        let answers = self.table["ocsp"].as_array().unwrap().iter();
        let answers = answers.map(|one| STANDARD.decode(one.as_str().unwrap()).unwrap());
        Some(Ready {
            leaf: readable("leaf").pop()?,
            pool: readable("untrusted"),
            roots: readable("roots"),
            refused_lists: lists.len() - crls.len(),
            crls,
            ocsp: answers.map(|der| OcspResponse::parse(&der).unwrap()).collect(),
            usage: match self.text("usage") {
                "document" => Usage::Document,
                "token" => Usage::Token,
                "timestamp" => Usage::Timestamp,
                "responder" => Usage::OcspResponder,
                other => unreachable!("{other}"),
            },
            at: self.at(),
        })
    }

    fn check(&self, found: &Result<PathTrusted, PathError>, wrong: &mut Vec<String>) {
        let (outcome, known, said) = match found {
            Ok(path) => ("trusted", known(path), String::new()),
            Err(error) => (kind(error), "none", error.to_string()),
        };
        let fits = outcome == self.text("expect")
            && known == self.text("revocation")
            && said.contains(self.text("says"));
        if !fits {
            wrong.push(format!("{}: {outcome}, {known}, {said}", self.title));
        }
    }
}

impl Ready {
    /// Builds a path with the revocation data as material of the file, or as given by the caller.
    fn build(
        &self,
        lists_from_caller: bool,
        budget: &mut Budget,
        cache: Option<&PathCache>,
    ) -> Result<PathTrusted, PathError> {
        let mut material = Material::of(&self.pool);
        let mut trust = TrustSnapshot::new(self.roots.clone());
        if lists_from_caller {
            trust = self.crls.iter().cloned().fold(trust, TrustSnapshot::with_crl);
            trust = self.ocsp.iter().cloned().fold(trust, TrustSnapshot::with_ocsp);
        } else {
            material.crls.clone_from(&self.crls);
            material.ocsp.clone_from(&self.ocsp);
        }
        trust::build(&self.leaf, &material, &trust, self.usage, self.at, budget, cache)
    }
}

fn known(path: &PathTrusted) -> &'static str {
    match (path.revocation(), path.whole_path()) {
        (RevocationKnown::NoData, _) => "none",
        (_, RevocationKnown::NoData) => "leaf",
        _ => "whole",
    }
}

fn kind(error: &PathError) -> &'static str {
    match error {
        PathError::Untrusted { .. } => "untrusted",
        PathError::Expired { .. } => "expired",
        PathError::NotYetValid { .. } => "not yet valid",
        PathError::Revoked { .. } => "revoked",
        PathError::Rule { .. } => "rule",
        PathError::Budget(_) => "budget",
    }
}

#[test]
fn every_case_is_judged_as_expected() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(ready) = case.ready() else {
            assert_eq!(case.text("expect"), "unreadable", "{}", case.title);
            continue;
        };
        let refused = case.table.get("refused_lists").map_or(0, |n| n.as_integer().unwrap());
        assert_eq!(i64::try_from(ready.refused_lists).unwrap(), refused, "{}", case.title);
        for lists_from_caller in [false, true] {
            let found = ready.build(lists_from_caller, &mut Budget::default(), None);
            case.check(&found, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_cache_changes_nothing() {
    let (cache, mut wrong) = (PathCache::default(), Vec::new());
    for _ in 0..2 {
        for case in cases() {
            if let Some(ready) = case.ready() {
                let found = ready.build(false, &mut Budget::default(), Some(&cache));
                case.check(&found, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The cost of a case in public-key operations and steps.
fn cost(title: &str, cache: Option<&PathCache>) -> (usize, usize) {
    let ample = Budget { signature_checks: 10_000, ..Budget::default() };
    let mut budget = ample.clone();
    drop(case(title).ready().unwrap().build(false, &mut budget, cache));
    (ample.signature_checks - budget.signature_checks, ample.path_steps - budget.path_steps)
}

#[test]
fn each_public_key_operation_is_paid_once() {
    for (title, checks) in [
        ("good", 2),
        ("crl-whole-path", 4),
        // Only the newest of thirty lists with the same content.
        ("crl-of-every-day", 3),
        ("ocsp-delegated", 4),
        // Signature checks for the one of 25 that signed, and for those before it.
        ("many-of-one-name", 26),
        // The names are equal, the keys differ by their identifiers.
        ("look-alike-beside-the-true-one", 2),
    ] {
        assert_eq!(cost(title, None).0, checks, "{title}");
    }
    // 31 certificates that any of six keys may have signed, in more than a thousand chains.
    let (checks, steps) = cost("maze", None);
    assert!(checks <= 31 * 6, "{checks}");
    assert!(steps > 31 * 1000, "{steps}");
    let cache = PathCache::default();
    assert_eq!(cost("crl-whole-path", Some(&cache)).0, 4);
    assert_eq!(cost("crl-whole-path", Some(&cache)).0, 0);
}

#[test]
fn a_search_ends_when_its_budget_does() {
    let maze = case("maze").ready().unwrap();
    for budget in [
        Budget { signature_checks: 5, ..Budget::default() },
        Budget { path_steps: 500, ..Budget::default() },
        Budget { path_length: 3, ..Budget::default() },
    ] {
        let found = maze.build(false, &mut budget.clone(), None);
        assert!(matches!(found, Err(PathError::Budget(_))), "{found:?}");
    }
    // A revocation found before the budget is exhausted is still reported.
    let revoked = case("crl-leaf-revoked").ready().unwrap();
    let mut none = Budget { signature_checks: 2, ..Budget::default() };
    assert!(matches!(revoked.build(false, &mut none, None), Err(PathError::Budget(_))));
}

#[test]
fn now_and_a_proven_time_are_asked_alike() {
    let time = |text: &str| Timestamp::parse(text).unwrap();
    let ask = |title: &str, at: &str| {
        let mut ready = case(title).ready().unwrap();
        ready.at = time(at);
        ready.build(false, &mut Budget::default(), None)
    };
    let (now, proven) = ("2030-06-01T00:00:00Z", "2030-04-01T00:00:00Z");
    let until = time("2030-05-01T00:00:00Z");
    assert_eq!(
        ask("leaf-expired", now).unwrap_err(),
        PathError::Expired { name: "Synthetic Seal".to_owned(), until }
    );
    let path = ask("leaf-expired", proven).unwrap();
    assert_eq!((path.at(), path.usage()), (time(proven), Usage::Document));
    assert_eq!(path.chain().len(), 3);
    let from = time("2030-07-01T00:00:00Z");
    assert_eq!(
        ask("leaf-not-yet-valid", now).unwrap_err(),
        PathError::NotYetValid { name: "Synthetic Seal".to_owned(), from }
    );
    assert_eq!(
        ask("crl-leaf-revoked", now).unwrap_err(),
        PathError::Revoked {
            name: "Synthetic Seal".to_owned(),
            when: until,
            reason: Reason::Unspecified
        }
    );
    let as_of = time("2030-05-25T00:00:00Z");
    let path = ask("crl-leaf-revoked", proven).unwrap();
    assert_eq!(path.revocation(), RevocationKnown::Checked { as_of });
    assert_eq!(path.whole_path(), RevocationKnown::Checked { as_of });
}

#[test]
fn of_whom_nothing_is_known_is_told_from_the_leaf_upwards() {
    for (title, expected) in [
        ("good", &["Synthetic Seal", "Synthetic Issuing CA"][..]),
        ("crl-leaf-only", &["Synthetic Issuing CA"]),
        ("crl-authority-only", &["Synthetic Seal"]),
        ("crl-whole-path", &[]),
        ("ocsp-whole-path", &[]),
        ("good-under-the-root", &["Synthetic Seal"]),
        ("anchor-is-the-self-signed-signer", &["Synthetic Self-Signed"]),
    ] {
        let path = case(title).ready().unwrap().build(true, &mut Budget::default(), None).unwrap();
        let names: Vec<_> = path.unchecked().iter().map(trust::Unchecked::name).collect();
        assert_eq!(names, expected, "{title}");
        let whole = path.whole_path() != RevocationKnown::NoData;
        assert_eq!(whole, expected.is_empty(), "{title}");
    }
}

#[test]
fn openssl_agrees_or_the_case_says_why_not() {
    let mut wrong = Vec::new();
    for case in cases() {
        let openssl = case.table["openssl"].as_table().unwrap();
        let flags: Vec<_> =
            openssl["flags"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (accepts, said) = match flags.as_slice() {
            ["ocsp", digest @ ..] => openssl_ocsp(&case, digest, &file),
            flags => openssl_verify(&case, flags, &file),
        };
        if accepts != openssl["accepts"].as_bool().unwrap() {
            wrong.push(format!("{}: {said}", case.title));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn openssl_verify(
    case: &Case,
    flags: &[&str],
    file: &dyn Fn(&str, &[u8]) -> String,
) -> (bool, String) {
    let at = case.at().unix().to_string();
    let mut arguments = vec!["verify", "-no-CApath", "-no-CAstore", "-attime", &at];
    let pem = |key: &str| file(&format!("{key}.pem"), case.text(key).trim_start().as_bytes());
    let (leaf, roots, pool, lists) = (pem("leaf"), pem("roots"), pem("untrusted"), pem("crls"));
    arguments.extend(["-CAfile", &roots]);
    if !case.text("untrusted").trim().is_empty() {
        arguments.extend(["-untrusted", &pool]);
    }
    if !case.text("crls").trim().is_empty() {
        arguments.extend(["-CRLfile", &lists]);
    }
    arguments.extend(flags);
    arguments.push(&leaf);
    run("openssl", &arguments)
}

/// Asks openssl for the status of the leaf in each response, and whether it trusts the responder.
/// Its clock cannot be set for the dates of a response, so those are not compared.
fn openssl_ocsp(
    case: &Case,
    digest: &[&str],
    file: &dyn Fn(&str, &[u8]) -> String,
) -> (bool, String) {
    let pem = |key: &str| file(&format!("{key}.pem"), case.text(key).trim_start().as_bytes());
    let (leaf, roots, pool) = (pem("leaf"), pem("roots"), pem("untrusted"));
    let at = case.at().unix().to_string();
    let answers = case.table["ocsp"].as_array().unwrap();
    let answer = file("answer.der", &STANDARD.decode(answers[0].as_str().unwrap()).unwrap());
    let mut arguments = vec!["ocsp", "-respin", &answer];
    arguments.extend(digest);
    arguments.extend(["-issuer", &pool, "-cert", &leaf, "-CAfile", &roots, "-verify_other", &pool]);
    arguments.extend(["-no-CApath", "-no-CAstore", "-no_nonce", "-attime", &at]);
    let (_, said) = run("openssl", &arguments);
    let is_good = said.lines().any(|line| line == "good" || line.ends_with(": good"));
    (is_good && said.contains("Response verify OK"), said)
}

fn run(program: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        unreachable!("{program}: {error}; install it with tests/peers/setup")
    });
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_difference_stands_in_the_documents() {
    let page = fs::read_to_string("docs/CONFORMANCE.md").unwrap();
    for case in cases() {
        let row = page.lines().find(|line| line.contains(&format!("`{}`", case.title)));
        let why = case.text("differs");
        let documented = row.is_some_and(|row| row.starts_with(&format!("| {why} |")));
        assert!(why.is_empty() || documented, "{}: {why}", case.title);
    }
}

#[test]
fn certvalidator_agrees_or_the_case_says_why_not() {
    let python = "target/peers/venv/bin/python";
    let (ran, said) = run(python, &["tests/peers/certvalidator.py", FOLDER]);
    assert!(ran, "{said}");
    let mut wrong = Vec::new();
    let verdicts: BTreeMap<&str, &str> =
        said.lines().filter_map(|line| line.split_once(' ')).collect();
    for case in cases() {
        let Some(expected) = case.table.get("certvalidator") else { continue };
        let said = verdicts[case.title.as_str()];
        if (said == "accepted") != expected.as_bool().unwrap() {
            wrong.push(format!("{}: {said}", case.title));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
