//! Files of other producers that must stay valid, and attack files that must never be: every file
//! of `tests/data/foreign` and `tests/data/attacks` is compared with the expectation stored with
//! it.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde::Deserialize;
use yinzheng::base::limits::{Budget, Purse};
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::pdf::document;
use yinzheng::format::x509::Certificate;
use yinzheng::verify::{Answer, Report, Severity, Timestamp, Verdict, Verifier};

const FOREIGN: &str = "tests/data/foreign";
const ATTACKS: &str = "tests/data/attacks";
/// Second signatures and spellings that honest programs write, and attacks that look like them.
const SECOND: &str = "tests/data/faults/second";

/// The expectation for a file of another producer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    about: String,
    made_with: String,
    verdict: String,
    at: String,
    trust: String,
    crl: Vec<String>,
    /// A finding that must be among the findings.
    finding: Option<String>,
    signature: Vec<ForeignSignature>,
}

/// The expectation for one signature; absent members are not compared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForeignSignature {
    field: String,
    kind: String,
    level: Option<String>,
    changes: String,
    time_source: String,
    revocation: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Never authentic.
    Attack,
    /// Harmless, and as close to an attack as possible.
    Control,
}

/// One attack, or the control of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    kind: Kind,
    family: String,
    source: String,
    about: String,
    allowed: Vec<String>,
    at: String,
    trust: String,
    crl: Vec<String>,
    status: Option<String>,
    require_revocation: bool,
    /// There must be a warning other than missing revocation data.
    warns: bool,
    /// Its folder.
    #[serde(skip)]
    folder: &'static str,
}

fn table(folder: &'static str) -> Vec<Case> {
    let text = fs::read_to_string(Path::new(folder).join("expected.toml")).unwrap();
    let cases = toml::from_str::<Table>(&text).unwrap().case;
    cases.into_iter().map(|case| Case { folder, ..case }).collect()
}

fn cases(kind: Kind) -> Vec<Case> {
    let all = [ATTACKS, SECOND].into_iter().flat_map(table);
    all.filter(|case| case.kind == kind).collect()
}

fn foreign() -> BTreeMap<String, Foreign> {
    let expectations = names(FOREIGN, "toml").into_iter().map(|name| {
        let text = fs::read_to_string(Path::new(FOREIGN).join(format!("{name}.toml"))).unwrap();
        let parsed = toml::from_str(&text).unwrap_or_else(|error| unreachable!("{name}: {error}"));
        (name, parsed)
    });
    expectations.collect()
}

/// The names of a folder's files with this extension, without it.
fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|found| found == extension));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn read(folder: &str, name: &str) -> Vec<u8> {
    fs::read(Path::new(folder).join(name)).unwrap_or_else(|error| unreachable!("{name}: {error}"))
}

fn verifier(folder: &str, trust: &str, crls: &[String]) -> Verifier {
    let roots = String::from_utf8(read(folder, trust)).unwrap();
    let mut verifier = Verifier::with_roots(&roots).unwrap();
    for crl in crls {
        verifier.add_crl(&read(folder, crl)).unwrap();
    }
    verifier
}

/// Verifies with a guard against hanging, which is the only use of a clock.
fn judge(verifier: Verifier, name: &str, file: Vec<u8>, now: Timestamp) -> Report {
    let (done, wait) = mpsc::channel();
    let (verifier, label) = (Arc::new(verifier), name.to_owned());
    std::thread::spawn(move || {
        // The receiver may have given up.
        drop(done.send(verifier.verify(&label, &file, now)));
    });
    wait.recv_timeout(Duration::from_secs(30))
        .unwrap_or_else(|error| unreachable!("{name}: no answer, {error}"))
}

/// The name of a value as in JSON.
fn code(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// The differences between a report and the expectation; empty when there are none.
fn differences(expected: &Foreign, report: &Report) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: String, wanted: &str, got: String| {
        if wanted != got {
            found.push(format!("{what} is {got}, not {wanted}"));
        }
    };
    compare("verdict".to_owned(), &expected.verdict, report.verdict.code().to_owned());
    let wanted: Vec<_> = expected.signature.iter().map(|one| one.field.as_str()).collect();
    let got: Vec<_> = report.signatures.iter().map(|one| one.field.as_str()).collect();
    compare("fields".to_owned(), &wanted.join(" "), got.join(" "));
    for (wanted, got) in expected.signature.iter().zip(&report.signatures) {
        let mut of = |what: &str, wanted: &str, value: String| {
            compare(format!("{what} of {}", got.field), wanted, value);
        };
        of("kind", &wanted.kind, code(got.kind));
        of("changes", &wanted.changes, code(got.changes));
        of("time_source", &wanted.time_source, code(got.time_source));
        if let Some(level) = &wanted.level {
            of("level", level, got.level.clone());
        }
        if let Some(revocation) = &wanted.revocation {
            of("revocation", revocation, code(got.revocation));
        }
    }
    if let Some(finding) = &expected.finding {
        let codes: Vec<_> = report.findings.iter().map(|one| one.code.name()).collect();
        if !codes.contains(&finding.as_str()) {
            found.push(format!("no finding {finding} among {codes:?}"));
        }
    }
    found
}

/// Compares failures with the known ones: a file that passes must be removed from the list.
fn settle(failed: &BTreeMap<String, String>, open: &[&str]) -> Result<(), String> {
    let known: BTreeSet<_> = open.iter().copied().collect();
    let new: Vec<_> = failed
        .iter()
        .filter(|(name, _)| !known.contains(name.as_str()))
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    let settled: Vec<_> = known.iter().filter(|name| !failed.contains_key(**name)).collect();
    if new.is_empty() && settled.is_empty() {
        return Ok(());
    }
    let new = new.join("\n");
    Err(format!("{} fail\n{new}\nright now, take them off the list: {settled:?}", failed.len()))
}

/// The difference between the verdict of a case and the expected one.
fn verdict_fault(case: &Case, report: &Report) -> Option<String> {
    let codes: Vec<_> = report.findings.iter().map(|one| one.code.name()).collect();
    let details: Vec<_> = report.findings.iter().map(|one| one.detail.as_str()).collect();
    if !case.allowed.iter().any(|allowed| allowed == report.verdict.code()) {
        let verdict = report.verdict.code();
        return Some(format!("{verdict}, not {:?}: {codes:?} {details:?}", case.allowed));
    }
    let warned = report.findings.iter().any(|finding| {
        finding.severity >= Severity::Warning && finding.code != "no_revocation_data"
    });
    (case.warns && !warned).then(|| format!("nothing is pointed out: {codes:?}"))
}

fn judge_case(case: &Case) -> Report {
    let at = Timestamp::parse(&case.at).unwrap();
    let mut verifier = verifier(case.folder, &case.trust, &case.crl);
    verifier.require_revocation(case.require_revocation);
    if let Some(status) = &case.status {
        let token = String::from_utf8(read(case.folder, status)).unwrap();
        // An unusable list counts as absent: the expected verdict reflects that.
        drop(verifier.add_status_list(token.trim(), at));
    }
    judge(verifier, &case.file, read(case.folder, &case.file), at)
}

#[test]
fn files_of_other_producers_stay_valid() {
    let mut failed = BTreeMap::new();
    for (name, expected) in foreign() {
        let verifier = verifier(FOREIGN, &expected.trust, &expected.crl);
        let at = Timestamp::parse(&expected.at).unwrap();
        let report = judge(verifier, &name, read(FOREIGN, &format!("{name}.pdf")), at);
        let different = differences(&expected, &report);
        if !different.is_empty() {
            let details = report.findings.iter().map(|one| format!("{} {}", one.code, one.detail));
            let details = details.collect::<Vec<_>>().join("; ");
            failed.insert(name, format!("{} [{details}]", different.join("; ")));
        }
    }
    settle(&failed, OPEN_FOREIGN).unwrap_or_else(|why| unreachable!("{why}"));
}

#[test]
fn no_attack_is_authentic() {
    let mut failed = BTreeMap::new();
    let mut accepted = BTreeMap::new();
    for case in &cases(Kind::Attack) {
        let report = judge_case(case);
        if report.authentic == Answer::Yes {
            accepted.insert(case.file.clone(), format!("ACCEPTED: {}", case.about));
        } else if let Some(fault) = verdict_fault(case, &report) {
            failed.insert(case.file.clone(), fault);
        }
    }
    let accepted = settle(&accepted, OPEN_ACCEPTED);
    let failed = settle(&failed, OPEN_ATTACKS);
    let faults: Vec<_> = [accepted, failed].into_iter().filter_map(Result::err).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn every_control_is_accepted() {
    let mut failed = BTreeMap::new();
    for case in &cases(Kind::Control) {
        if let Some(fault) = verdict_fault(case, &judge_case(case)) {
            failed.insert(case.file.clone(), fault);
        }
    }
    settle(&failed, OPEN_CONTROLS).unwrap_or_else(|why| unreachable!("{why}"));
}

/// A file that is refused for strictness is reported as ambiguous, not as damaged.
#[test]
fn what_programs_read_differently_is_said_in_words() {
    for (file, zh, en) in [
        ("offset-0-in-use.pdf", "没有对象", "no object stands"),
        ("prev-0.pdf", "没有交叉引用", "where none stands"),
        ("fields-twice.pdf", "列了两次", "lists a field twice"),
    ] {
        let all = cases(Kind::Attack);
        let case = all.iter().find(|case| case.file == file).unwrap();
        let headline = judge_case(case).headline;
        assert!(headline.zh.contains(zh) && headline.en.contains(en), "{file}: {headline:?}");
        assert!(headline.zh.contains("请索取原文件"), "{file}: {headline:?}");
    }
}

/// Each file has an expectation, and each expectation a file.
#[test]
fn every_file_has_its_expectation() {
    assert_eq!(names(FOREIGN, "pdf"), names(FOREIGN, "toml"));
    let mut used = BTreeSet::from(["root.pem".to_owned()]);
    for (name, expected) in foreign() {
        used.extend([format!("{name}.pdf"), format!("{name}.toml"), expected.trust]);
        used.extend(expected.crl);
        assert!(expected.about.len() > 5 && !expected.made_with.is_empty(), "{name}");
        assert!(!expected.signature.is_empty(), "{name}");
    }
    assert_eq!(all_files(FOREIGN), used);

    for folder in [ATTACKS, SECOND] {
        each_case_is_whole(folder);
    }
}

fn each_case_is_whole(folder: &'static str) {
    let mut used = BTreeSet::from(["expected.toml".to_owned()]);
    let mut count = BTreeMap::new();
    let codes: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.code()).collect();
    for case in table(folder) {
        assert!(used.insert(case.file.clone()), "{} stands twice", case.file);
        assert!(case.about.len() > 5 && !case.source.is_empty(), "{}", case.file);
        assert!(!case.allowed.is_empty(), "{}", case.file);
        for allowed in &case.allowed {
            assert!(codes.contains(&allowed.as_str()), "{}: {allowed}", case.file);
            // A file without a signature cannot be accepted: correct for both.
            let good = ["valid", "status_unknown"].contains(&allowed.as_str());
            let fits = allowed == "not_signed" || good == (case.kind == Kind::Control);
            assert!(fits, "{}: {allowed}", case.file);
        }
        let counts: &mut (usize, usize) = count.entry(case.family).or_default();
        match case.kind {
            Kind::Attack => counts.0 += 1,
            Kind::Control => counts.1 += 1,
        }
        used.insert(case.trust);
        used.extend(case.crl);
        used.extend(case.status);
    }
    assert_eq!(all_files(folder), used);
    for (family, (attacks, controls)) in count {
        assert!(attacks > 0 && controls > 0, "{family}: {attacks} attacks, {controls} controls");
    }
}

/// The files of a folder, without the scripts that built them.
fn all_files(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let paths = files.map(|entry| entry.path());
    let paths = paths.filter(|path| path.extension().is_none_or(|found| found != "py"));
    paths.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The bounds are for attacks: files of honest producers use a small part of each purse.
#[test]
fn honest_files_stay_far_from_every_bound() {
    let whole = Budget::default();
    for (name, expected) in foreign() {
        let file = read(FOREIGN, &format!("{name}.pdf"));
        let roots = String::from_utf8(read(FOREIGN, &expected.trust)).unwrap();
        let trust = TrustSnapshot::new(Certificate::from_pem(&roots).unwrap());
        let now = Timestamp::parse(&expected.at).unwrap();
        let context = Context { trust: &trust, now, cache: None, require_revocation: false };
        let mut left = whole.clone();
        document::authenticate(&file, &context, &mut left);
        let mut whole = whole.clone();
        let work = (whole.work, left.work);
        let of = |purse: Purse| (format!("{purse:?}"), (whole.left(purse), left.left(purse)));
        let purses: Vec<_> = Purse::ALL.iter().copied().map(of).collect();
        for (purse, (had, has)) in purses.into_iter().chain([("work".to_owned(), work)]) {
            let spent = had - has;
            assert!(spent <= had / 3, "{name}: {spent} of {had} {purse}");
        }
    }
}

/// Files of other producers that are not judged as they should be.
const OPEN_FOREIGN: &[&str] = &[];

/// Attacks that are accepted as authentic. Must be empty at a release.
const OPEN_ACCEPTED: &[&str] = &[];

/// Attacks that are refused, but not with the verdict that they should have.
const OPEN_ATTACKS: &[&str] = &[];

/// Harmless files that are refused.
const OPEN_CONTROLS: &[&str] = &[];
