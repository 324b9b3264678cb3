//! Files that were changed after signing, in their pages or metadata: each file of
//! `tests/data/faults` is compared with the expectation stored with it.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod comments;
mod fields;
mod metadata;
mod saving;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use yinzheng::base::limits::Budget;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::pdf::document;
use yinzheng::format::x509::Certificate;
use yinzheng::verify::{Report, Severity, Timestamp, Verifier};

const FOLDER: &str = "tests/data/faults";
const PARTS: [&str; 4] = ["looks", "looks2", "metadata", "saved"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    about: String,
    verdict: String,
    /// A warning that must be among the findings; no other may be.
    warning: Option<String>,
    /// A finding that must be among the findings.
    finding: Option<String>,
}

fn judge(folder: &Path, file: &str) -> Report {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let root = String::from_utf8(read("root.pem")).unwrap();
    let mut verifier = Verifier::with_roots(&root).unwrap();
    for list in ["issuing.crl", "root.crl"] {
        verifier.add_crl(&read(list)).unwrap();
    }
    let at = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
    verifier.verify(file, &read(file), at)
}

fn files_of(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| Path::new(name).extension().is_some_and(|found| found == "pdf")).collect()
}

#[test]
fn what_readers_see_is_what_was_signed() {
    let mut wrong = Vec::new();
    for part in PARTS {
        let folder = Path::new(FOLDER).join(part);
        let table = fs::read_to_string(folder.join("expected.toml")).unwrap();
        let table: Table = toml::from_str(&table).unwrap();
        let listed: BTreeSet<_> = table.case.iter().map(|case| case.file.clone()).collect();
        assert_eq!(listed, files_of(&folder), "{part}");
        for case in table.case {
            assert!(case.about.len() > 5, "{}", case.file);
            let report = judge(&folder, &case.file);
            let warnings: Vec<_> = report
                .findings
                .iter()
                .filter(|one| one.severity == Severity::Warning)
                .map(|one| one.code)
                .collect();
            let expected: Vec<_> = case.warning.iter().map(String::as_str).collect();
            let verdict = report.verdict.code();
            let said = case
                .finding
                .as_deref()
                .is_none_or(|finding| report.findings.iter().any(|one| one.code == finding));
            let fine =
                said && verdict == case.verdict && (verdict != "valid" || warnings == expected);
            if !fine {
                let details: Vec<_> = report
                    .findings
                    .iter()
                    .map(|one| format!("{}: {}", one.code, one.detail))
                    .collect();
                wrong.push(format!("{part}/{}: {verdict} {details:?}", case.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that were once expensive: metadata with thousands of unclosed elements, and a value of
/// thousands of strings with an appearance of as many characters.
#[test]
fn hostile_changes_cost_little() {
    let hostile = Path::new("tests/data/hostile");
    let root = fs::read_to_string(Path::new(FOLDER).join("looks/root.pem")).unwrap();
    let trust = TrustSnapshot::new(Certificate::from_pem(&root).unwrap());
    let now = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    for (file, most) in [("meta-quad-1M.pdf", 20_000), ("look-quad-10k-200k.pdf", 400_000)] {
        let (whole, mut left) = (Budget::default(), Budget::default());
        let report =
            document::authenticate(&fs::read(hostile.join(file)).unwrap(), &context, &mut left);
        let spent = (whole.steps - left.steps, whole.read_bytes - left.read_bytes);
        assert!(spent.0 <= most && spent.1 <= 8 << 20, "{file}: {spent:?}");
        let codes: Vec<_> = report.findings.iter().map(|one| one.code.name()).collect();
        assert!(codes.contains(&"changed_after_seal"), "{file}: {codes:?}");
    }
}
