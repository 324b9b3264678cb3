//! Reports are consistent and do not accuse anyone, for every PDF among the test data and for files
//! chosen by mistake.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::forge::Forge;
use yinzheng::domain::verify::credential::binding::Challenge;
use yinzheng::domain::verify::report::{Answer, Changes, FileKind, Outcome};
use yinzheng::verify::{Report, Timestamp, Verdict, Verifier};

fn pdfs(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pdfs(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "pdf") {
            found.push(path);
        }
    }
}

/// Judged with the root in its folder, if there is one, at a time when most of them are valid.
fn judge(path: &Path) -> Report {
    let root = fs::read_to_string(path.with_file_name("root.pem"));
    let verifier =
        root.map_or_else(|_| Verifier::default(), |root| Verifier::with_roots(&root).unwrap());
    let at = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    verifier.verify(&path.display().to_string(), &fs::read(path).unwrap(), at)
}

fn ticked(report: &Report, name: &str) -> usize {
    let passed = |check: &&yinzheng::domain::verify::report::Check| {
        check.check == name && check.outcome == Outcome::Passed
    };
    report.checks.iter().filter(passed).count()
}

#[test]
fn what_is_ticked_was_judged_and_headlines_say_what_happened() {
    let mut files = Vec::new();
    pdfs(Path::new("tests/data"), &mut files);
    assert!(files.len() > 400, "{}", files.len());
    let mut filled = 0;
    for path in files {
        let report = judge(&path);
        let name = path.display();
        if report.verdict == Verdict::Unreadable {
            assert!(report.checks.is_empty() && report.signatures.is_empty(), "{name}");
        }
        let held = report.signatures.iter().filter(|one| {
            [one.digest, one.signature] == [Outcome::Passed; 2] && one.changes != Changes::Other
        });
        assert_eq!(ticked(&report, "changes"), held.count(), "{name}: {report:#?}");
        let more = report.signatures.iter().any(|one| one.changes > Changes::Signature);
        let headline = &report.headline;
        if report.verdict == Verdict::Valid && more {
            assert!(headline.zh.contains("按许可") && headline.en.contains("permitted"), "{name}");
            filled += 1;
        }
        // A file cannot prove forgery.
        let accuses = headline.zh.contains("伪造") && !headline.zh.contains("不");
        assert!(!accuses, "{name}: {}", headline.zh);
    }
    assert!(filled > 3, "{filled}");
}

#[test]
fn a_filled_field_is_named_with_what_it_holds() {
    let folder = Path::new("tests/data/faults/looks");
    let root = fs::read_to_string(folder.join("root.pem")).unwrap();
    let at = Timestamp::parse("2026-07-01T00:00:00Z").unwrap();
    let file = fs::read(folder.join("ctl-fill.pdf")).unwrap();
    let report = Verifier::with_roots(&root).unwrap().verify("", &file, at);
    assert_eq!(report.verdict, Verdict::Valid);
    let details: Vec<_> = report.findings.iter().filter(|one| one.code == "form_filled").collect();
    assert_eq!(details.len(), 1, "{report:#?}");
    assert!(details[0].detail.contains(": "), "{}", details[0].detail);
}

#[test]
fn what_is_no_licence_is_called_what_it_is() {
    let forge = Forge::new();
    let list = forge.relisted(|_| {});
    let credential = &forge.issued.credential;
    let cut = credential.split('~').next().unwrap();
    for (text, zh) in [(list.as_str(), "状态列表，不是证照"), (cut, "结尾的“~”")] {
        let report = forge.verify(text, None);
        assert_eq!((report.verdict, report.kind), (Verdict::Unreadable, FileKind::Other));
        assert_eq!(report.authentic, Answer::Unknown);
        assert!(report.headline.zh.contains(zh), "{}", report.headline.zh);
    }
    // It is nevertheless from its issuer.
    let challenge = Challenge::new("nonce", "audience").unwrap();
    let report = forge.verify(credential, Some(&challenge));
    assert_eq!((report.verdict, report.authentic), (Verdict::NotEnoughEvidence, Answer::Unknown));
    assert!(report.headline.zh.contains("没有证明自己是持证人"), "{}", report.headline.zh);
}

#[test]
fn a_file_that_was_saved_again_is_not_called_false() {
    for name in ["qpdf.pdf", "pypdf.pdf"] {
        let report = judge(&Path::new("tests/data/faults/saved").join(name));
        assert_eq!((report.verdict, report.authentic), (Verdict::Invalid, Answer::Unknown));
        assert!(report.headline.zh.contains("请索取原件"), "{}", report.headline.zh);
        assert!(report.headline.en.contains("saved again"), "{}", report.headline.en);
    }
}

#[test]
fn a_weak_algorithm_is_not_called_a_forgery() {
    let mut seen = 0;
    for name in ["cms-digest-sha1.pdf", "x509-weak-key.pdf"] {
        let report = judge(&Path::new("tests/data/attacks").join(name));
        assert_eq!(report.verdict, Verdict::Invalid, "{name}");
        assert!(report.findings.iter().any(|one| one.code == "weak_algorithm"), "{name}");
        assert_eq!(report.authentic, Answer::Unknown, "{name}");
        assert!(report.headline.zh.contains("不安全"), "{}", report.headline.zh);
        assert!(report.signatures.iter().all(|one| one.signature != Outcome::Failed), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_certificate_that_is_not_yet_good_is_not_called_expired() {
    let forge = Forge::new();
    let mut verifier = Verifier::with_roots(&forge.trust.anchors()[0].to_pem()).unwrap();
    verifier.set_clock(forge.now());
    let early = Timestamp::parse("2001-01-01T00:00:00Z").unwrap();
    for file in [&forge.issued.pdf[..], forge.issued.credential.as_bytes()] {
        let report = verifier.verify("", file, early);
        assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
        assert!(report.headline.zh.contains("尚未生效"), "{}", report.headline.zh);
    }
}
