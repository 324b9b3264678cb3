//! The printed report, as another renderer sees it.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use yinzheng::base::digest::Digest;
use yinzheng::base::time::Timestamp;
use yinzheng::domain::licence::sheet::Press;
use yinzheng::domain::report_pdf::{self, ReportContent};
use yinzheng::verify::Verifier;

/// Prints the report on a test file, and returns its folder.
fn print(file: &str, arguments: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["verify", file, "--report"])
        .arg(folder.path().join("report.pdf"))
        .args(arguments)
        .output()
        .unwrap();
    folder
}

fn text(folder: &TempDir, options: &[&str]) -> String {
    let report = folder.path().join("report.pdf");
    let output = Command::new("pdftotext").args(options).arg(report).arg("-").output();
    let output = output.unwrap_or_else(|error| {
        unreachable!("pdftotext: {error}; install it with tests/peers/setup")
    });
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn many() -> TempDir {
    let root = "tests/data/hostile/root.pem";
    let arguments = ["--trust", root, "--at", "2026-11-30T08:00:00Z"];
    print("tests/data/hostile/signatures-17.pdf", &arguments)
}

#[test]
fn nothing_leaves_the_paper() {
    let folder = many();
    let boxes = text(&folder, &["-bbox"]);
    for word in boxes.lines().filter(|line| line.contains("<word ")) {
        let (_, rest) = word.split_once("xMax=\"").unwrap();
        let right: f32 = rest.split('"').next().unwrap().parse().unwrap();
        // 190 mm: the right edge of the boxes.
        assert!(right <= 538.6, "{word}");
    }
}

#[test]
fn no_heading_stands_alone_at_the_foot_of_a_page() {
    let file = fs::read("tests/data/hostile/signatures-17.pdf").unwrap();
    let root = fs::read_to_string("tests/data/hostile/root.pem").unwrap();
    let verifier = Verifier::with_roots(&root).unwrap();
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    let mut report = verifier.verify("x", &file, now);
    let press = Press::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for count in 0..72 {
        // At a lower position each time.
        if count % 3 == 0 {
            let mut more = report.findings[0].clone();
            more.message.zh = format!("{count}");
            report.findings.push(more);
        }
        report.findings.last_mut().unwrap().detail = "长".repeat(40 * (count % 3));
        let (size, digest) = (file.len(), Digest::of(&[file.as_slice()]));
        let content =
            ReportContent { report: &report, size, digest, roots: &[], office: None, demo: false };
        let pdf = report_pdf::compose(&press, &content).unwrap();
        let mut out = fs::File::create(folder.path().join("report.pdf")).unwrap();
        out.write_all(&pdf).unwrap();
        for page in text(&folder, &["-layout"]).split('\u{c}') {
            let mut lines: Vec<_> = page.lines().filter(|line| !line.trim().is_empty()).collect();
            lines.retain(|line| {
                !line.contains("采信前请再次核验") && !line.contains("verify again")
            });
            let last = lines.last().copied().unwrap_or_default().trim();
            for heading in ["检查", "签章 1", "信任的根证书", "怎样自己复核", "技术细节"]
            {
                assert!(!last.starts_with(heading), "{count}: {last}");
            }
        }
    }
}

#[test]
fn what_is_said_of_many_signatures_stands_there_once() {
    let folder = many();
    let text = text(&folder, &["-layout"]);
    assert!(text.contains("1–16/17") && text.contains("17/17"), "{text}");
    assert!(text.contains("另有 6 个 and 6 more"), "{text}");
    assert_eq!(text.matches("The certificate comes from a trusted root").count(), 1, "{text}");
    assert!(text.contains("全部 17 个签章 all 17 signatures"), "{text}");
    assert!(text.contains("2026-11-30 16:00（北京时间 China time）"), "{text}");
}

#[test]
fn only_what_decides_is_said_to_decide_and_equal_findings_are_one() {
    let root = "tests/data/faults/looks/root.pem";
    let file = "tests/data/faults/looks/p3-notes-tiled.pdf";
    let at = ["--at", "2026-07-01T00:00:00Z"];
    let folder = print(file, &[&["--trust", root][..], &at].concat());
    let known = text(&folder, &["-layout"]);
    assert_eq!(known.matches("An annotation paints on a page").count(), 1, "{known}");
    assert!(known.contains("另有 142 处 and 142 more"), "{known}");
    // Without a root there are two faults, only one of which decides the verdict.
    let folder = print(file, &at);
    let unknown = text(&folder, &["-layout"]);
    assert_eq!(unknown.matches("decides").count(), 1, "{unknown}");
    assert!(unknown.contains("另有疑问 also open"), "{unknown}");
}

#[test]
fn every_report_has_its_code() {
    for (file, code) in [
        ("tests/data/faults/looks/p3-notes-tiled.pdf", "altered"),
        ("tests/data/attacks/encrypted.pdf", "unreadable"),
        ("tests/data/faults/bases/page-p1.pdf", "valid"),
    ] {
        assert!(Path::new(file).exists());
        let root = "tests/data/faults/bases/root.pem";
        let folder = print(file, &["--trust", root, "--at", "2026-07-01T00:00:00Z"]);
        let text = text(&folder, &["-layout"]);
        let head: String = text.lines().take(12).collect();
        assert!(head.split_whitespace().any(|word| word == code), "{file}: {head}");
    }
}
