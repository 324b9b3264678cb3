//! Everything that an untrusted file can have many of, each built in one size and four times as
//! large: paid work and memory grow no faster than the file, and stay within the budget.
//!
//! A feature of a parser that reads many of something needs a row. The budget does the counting: a
//! loop that pays nothing is not noticed here.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed helper is a failed test")]
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

mod asn1;
mod pdf;
mod rows;

use std::collections::BTreeSet;

use crate::forge::Forge;
use crate::{ALLOCATED, alone};
use rows::{ROWS, Row};
use yinzheng::base::limits::{Budget, Interrupt, Interrupted, OverBudget, Purse};
use yinzheng::base::time::Timestamp;
use yinzheng::domain::verify::assess;
use yinzheng::domain::verify::report::{FileKind, Outcome, Report, Verdict};
use yinzheng::domain::verify::status::status_lists::StatusListValid;
use yinzheng::format::note::proof::LogProof;
use yinzheng::format::zip::Archive;

/// The cost of one input.
struct Cost {
    spent: Vec<(Purse, usize)>,
    peak: usize,
    ran_out: Option<OverBudget>,
}

fn cost(forge: &Forge, row: &Row, count: u32) -> Cost {
    let input = (row.make)(forge, count);
    let mut budget = Budget::default();
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let report = read(forge, &input, &mut budget);
    let peak = ALLOCATED.peak_usage() - before;
    if let Some(report) = report {
        assert_ne!(report.verdict, Verdict::Valid, "{}", row.name);
        // A row that the reader refuses early measures nothing.
        let shown = serde_json::to_string(&report).unwrap();
        assert!(shown.contains(row.shows), "{} of {count}: {shown:.2000}", row.name);
    }
    let mut whole = Budget::default();
    let spent = |purse| (purse, whole.left(purse) - budget.left(purse));
    let spent = Purse::ALL.iter().copied().map(spent).collect();
    let bound = 3 * input.len() + (128 << 20);
    assert!(peak <= bound, "{} of {count}: {peak} bytes of memory", row.name);
    Cost { spent, peak, ran_out: budget.ran_out }
}

/// Reads an input by its type.
fn read(forge: &Forge, input: &[u8], budget: &mut Budget) -> Option<Report> {
    if input.starts_with(b"PK") {
        drop(Archive::open(input.to_vec(), budget));
        return None;
    }
    let text = std::str::from_utf8(input).unwrap_or_default();
    if text.starts_with("c2sp.org/tlog-proof") {
        let proof = LogProof::parse(text, budget).unwrap();
        let head = proof.checkpoint.by_log(&rows::log_keys(), budget);
        assert!(head.is_err());
        return None;
    }
    if let Some(token) = text.strip_prefix("list:") {
        drop(StatusListValid::check(token, &forge.context(), budget));
        return None;
    }
    let none: [StatusListValid; 0] = [];
    Some(assess::verify("", input, &forge.context(), none.as_slice(), budget))
}

#[test]
fn work_and_memory_grow_no_faster_than_the_file() {
    let _alone = alone();
    let forge = Forge::new();
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    for row in ROWS {
        let [small, large] = [row.count, 4 * row.count].map(|count| cost(&forge, row, count));
        let (mut most, mut what) = (0, "nothing".to_owned());
        for ((purse, small), (_, large)) in small.spent.iter().zip(&large.spent) {
            if *large > 0 {
                used.insert(*purse);
            }
            if *large > row.growth * small + FEW {
                faults.push(format!("{}: {purse:?} {small} and then {large}", row.name));
            }
            if *large > most && *purse != Purse::Memory && !format!("{purse:?}").contains("Bytes") {
                (most, what) = (*large, format!("{large} {purse:?}"));
            }
        }
        // A row that the reader refuses or gives up early measures nothing.
        if let Some(over) = small.ran_out.or(large.ran_out) {
            faults.push(format!("{}: {over}", row.name));
        }
        let paid = small.spent.iter().zip(&large.spent).any(|((purse, small), (_, large))| {
            let by_bytes = matches!(purse, Purse::ReadBytes | Purse::TokenBytes);
            !by_bytes && *large > 8 && *large * 2 > *small * 5
        });
        if !paid && !row.by_bytes {
            faults.push(format!("{}: none of them was read", row.name));
        }
        if large.peak > row.growth * small.peak + (1 << 20) {
            faults.push(format!("{}: {} bytes and then {}", row.name, small.peak, large.peak));
        }
        println!("{:24} {:>7}: {what}, {} KB", row.name, 4 * row.count, large.peak >> 10);
    }
    let unused: Vec<_> = Purse::ALL.iter().copied().filter(|purse| !used.contains(purse)).collect();
    assert!(unused.is_empty(), "no row spends from {unused:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Many references to one array: it is read and paid for each time.
#[test]
fn a_list_that_many_name_is_paid_for_each_time() {
    let _alone = alone();
    let forge = Forge::new();
    for (name, catalog) in rows::SHARED {
        let mut budget = Budget::default();
        let report = read(&forge, &rows::sharing(&catalog(4_000), 20_000), &mut budget).unwrap();
        assert_ne!(report.verdict, Verdict::Valid, "{name}");
        assert_eq!(budget.left(Purse::Steps), 0, "{name}: {report:#?}");
    }
}

/// Each target has a row that its parser reads, or the reason why it needs none.
#[test]
fn every_parser_that_is_fuzzed_has_a_row() {
    let targets = std::fs::read_dir("fuzz/targets").unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_string_lossy().into_owned()
    });
    let known: BTreeSet<&str> = ROWS.iter().flat_map(|row| row.targets).copied().collect();
    let missing: Vec<_> = targets
        .filter(|target| !known.contains(target.as_str()))
        .filter(|target| !ELSEWHERE.iter().any(|(name, _)| name == target))
        .collect();
    assert!(missing.is_empty(), "no row reads what these read: {missing:?}");
}

/// Verification of every row ends in time, without a verdict.
#[test]
fn every_row_ends_when_its_time_is_over() {
    let _alone = alone();
    let forge = Forge::new();
    let mut ended = 0;
    for row in ROWS {
        let input = (row.make)(&forge, row.count);
        for why in [Interrupted::Deadline, Interrupted::CallerLeft] {
            let mut budget = Budget::default().ended_by(Interrupt::new(move || Some(why)));
            let report = read(&forge, &input, &mut budget);
            ended += usize::from(budget.interrupted().is_some());
            let Some(report) = report.filter(|_| budget.interrupted().is_some()) else { continue };
            assert_eq!(report.verdict, Verdict::Unreadable, "{}", row.name);
            let said = match why {
                Interrupted::Deadline => "超过了规定的时间",
                Interrupted::CallerLeft => "已断开",
            };
            assert!(report.headline.zh.contains(said), "{}", report.headline.zh);
            assert!(report.kind == FileKind::Pdf || report.kind == FileKind::Credential);
        }
    }
    // Small ones are read before the interrupt is asked.
    assert!(ended > ROWS.len(), "{ended} of {}", 2 * ROWS.len());
}

/// Files that once took seconds or gigabytes: a certificate with twenty million names, an object
/// stream of sixty million bytes, hybrid tables, quadratic comparisons.
#[test]
fn files_that_were_made_to_be_costly_stay_within_the_budget() {
    let _alone = alone();
    let forge = Forge::new();
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(HOSTILE).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "pdf") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file = std::fs::read(&path).unwrap();
        let mut budget = Budget::default();
        let before = ALLOCATED.current_usage();
        ALLOCATED.reset_peak_usage();
        let report = read(&forge, &file, &mut budget).unwrap();
        let peak = ALLOCATED.peak_usage() - before;
        println!("{name}: {:?}, {} KB, {:?}", report.verdict, peak >> 10, budget.ran_out);
        assert_ne!(report.verdict, Verdict::Valid, "{name}");
        assert!(peak <= 3 * file.len() + (128 << 20), "{name}: {peak} bytes of memory");
        names.insert(name);
    }
    assert_eq!(names.len(), 6, "{names:?}");
}

/// Every member of a board signs.
#[test]
fn each_of_seventeen_signatures_is_judged() {
    let _alone = alone();
    let file = std::fs::read(format!("{HOSTILE}/signatures-17.pdf")).unwrap();
    let root = std::fs::read_to_string(format!("{HOSTILE}/root.pem")).unwrap();
    let verifier = yinzheng::verify::Verifier::with_roots(&root).unwrap();
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    let report = verifier.verify("", &file, now);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(report.signatures.len(), 17);
    assert!(report.signatures.iter().all(|one| one.digest == Outcome::Passed));
}

const HOSTILE: &str = "tests/data/hostile";
/// The cost of any file, regardless of its content.
const FEW: usize = 4_000;
/// Targets whose parsers only get bounded input.
const ELSEWHERE: &[(&str, &str)] = &[
    ("access", "tokens of clients, of which the head of a request holds 32 KB"),
    ("application", "the office's own forms, of which a request holds 64 KB"),
    ("strict_json", "read through sd_jwt and status_list"),
];
