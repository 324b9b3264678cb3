//! Names, revocation data, time stamps and algorithms, compared and read as the standards require
//! (`tests/data/faults/evidence`): each file with its lists, the verdict, and the findings that
//! must and must not occur.
//!
//! `given.json` lists files as users of other programs would send them, `made.json` those that
//! `make.py` in the same folder builds with discarded keys.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;
use yinzheng::verify::{Outcome, Report, Severity, Timestamp, Verdict, Verifier};

const FOLDER: &str = "tests/data/faults/evidence";
const AT: &str = "2026-11-30T08:00:00Z";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    about: String,
    verdict: String,
    /// Names of findings that must be there.
    findings: Vec<String>,
    /// Names of findings that must not.
    without: Vec<String>,
    /// A part of some finding's detail.
    says: String,
    trust: String,
    crl: Vec<String>,
    ocsp: Vec<String>,
    #[serde(default)]
    require_revocation: bool,
    #[serde(default)]
    time_source: Option<String>,
}

fn read(name: &str) -> Vec<u8> {
    fs::read(format!("{FOLDER}/{name}")).unwrap_or_else(|error| unreachable!("{name}: {error}"))
}

fn cases() -> Vec<Case> {
    let list = |name: &str| serde_json::from_slice::<Vec<Case>>(&read(name)).unwrap();
    let mut all = list("given.json");
    all.extend(list("made.json"));
    all
}

impl Case {
    fn judge(&self) -> Report {
        let roots = String::from_utf8(read(&self.trust)).unwrap();
        let mut verifier = Verifier::with_roots(&roots).unwrap();
        for list in &self.crl {
            verifier.add_crl(&read(list)).unwrap();
        }
        for answer in &self.ocsp {
            verifier.add_ocsp(&read(answer)).unwrap();
        }
        verifier.require_revocation(self.require_revocation);
        verifier.verify(&self.file, &read(&self.file), Timestamp::parse(AT).unwrap())
    }

    fn faults(&self, report: &Report) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |holds: bool, what: String| {
            if !holds {
                faults.push(format!("{}: {what}", self.file));
            }
        };
        let verdict = report.verdict.code();
        check(verdict == self.verdict, format!("{verdict}, not {}", self.verdict));
        let codes: BTreeSet<_> = report.findings.iter().map(|one| one.code.name()).collect();
        for wanted in &self.findings {
            check(codes.contains(wanted.as_str()), format!("no {wanted} in {codes:?}"));
        }
        for unwanted in &self.without {
            check(!codes.contains(unwanted.as_str()), format!("{unwanted} is there"));
        }
        let details = || report.findings.iter().map(|one| one.detail.as_str());
        let said = details().any(|detail| detail.contains(&self.says));
        check(
            self.says.is_empty() || said,
            format!("{:?} is not said in {:?}", self.says, details().collect::<Vec<_>>()),
        );
        if let Some(wanted) = &self.time_source {
            let source = serde_json::to_value(report.signatures[0].time_source).unwrap();
            check(source == wanted.as_str(), format!("the time is {source}"));
        }
        // Unusable revocation data never counts silently as "not revoked".
        let unused = codes.contains("revocation_data_unused");
        let passed = report.signatures.iter().any(|one| one.revocation == Outcome::Passed);
        check(!(unused && passed), "unused revocation data, and revocation passed".to_owned());
        let both = |words: &yinzheng::base::localized::Localized| {
            !words.zh.is_empty() && !words.en.is_empty()
        };
        check(both(&report.headline), "no headline in both languages".to_owned());
        check(report.findings.iter().all(|one| both(&one.message)), "words missing".to_owned());
        faults
    }
}

#[test]
fn each_file_is_judged_by_what_the_standards_compare() {
    let faults: Vec<_> = cases().iter().flat_map(|case| case.faults(&case.judge())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What this program cannot check is not a fault of the file, and the report does not advise the
/// reader to trust a root because of it.
#[test]
fn what_cannot_be_told_accuses_nobody() {
    let mut seen = 0;
    for case in cases().iter().filter(|case| case.verdict == "not_enough_evidence") {
        let report = case.judge();
        for accusing in
            ["signature_broken", "digest_mismatch", "unknown_issuer", "changed_after_seal"]
        {
            let found = report.findings.iter().find(|one| one.code == accusing);
            assert!(found.is_none(), "{}: {accusing}", case.file);
        }
        assert!(
            report.findings.iter().any(|one| one.severity >= Severity::Warning),
            "{}",
            case.file
        );
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn every_file_of_the_folder_is_judged() {
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name());
    let mut files: BTreeSet<String> = entries.map(|name| name.into_string().unwrap()).collect();
    for known in ["given.json", "made.json", "make.py"] {
        assert!(files.remove(known), "{known}");
    }
    let mut used = BTreeSet::new();
    for case in cases() {
        assert!(used.insert(case.file.clone()), "{} stands twice", case.file);
        assert!(Verdict::ALL.iter().any(|known| known.code() == case.verdict), "{}", case.file);
        assert!(case.about.len() > 5, "{}", case.file);
        used.extend([case.trust]);
        used.extend(case.crl);
        used.extend(case.ocsp);
    }
    assert_eq!(files, used);
}
