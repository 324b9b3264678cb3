//! Other verifiers on every attack and every harmless file: where one of them disagrees,
//! `tests/data/oracles.toml` states why.
//!
//! `tests/foreign.rs` compares this verifier with the expectations, so here the expectations are
//! used in place of its results.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

const DATA: &str = "tests/data";

/// Seconds that a tool has for one file; the slowest honest file takes a tenth of it.
const LIMIT: &str = "20";

/// The input of the tools for one file.
#[derive(Clone, Debug, Serialize)]
struct Job {
    file: String,
    trust: String,
    crl: Vec<String>,
    at: String,
    require_revocation: bool,
    #[serde(skip_serializing)]
    ours: Side,
    #[serde(skip_serializing)]
    harmless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    Accepts,
    Refuses,
}

/// The result of a tool for one file.
#[derive(Clone, Debug, Deserialize)]
struct Said {
    file: String,
    outcome: Outcome,
    /// The details, as the tool prints them.
    saw: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Accepts,
    /// Accepted with a warning.
    Warns,
    Refuses,
    /// No signature was found.
    None,
    Error,
    Hang,
}

impl Outcome {
    fn side(self) -> Side {
        match self {
            Self::Accepts | Self::Warns => Side::Accepts,
            Self::Refuses | Self::None | Self::Error | Self::Hang => Side::Refuses,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    disagreement: Vec<Disagreement>,
}

/// Files for which a tool's result is the opposite of ours, for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disagreement {
    tool: String,
    theirs: Side,
    reason: String,
    /// The details that it prints for each of them.
    saw: Option<String>,
    files: Vec<String>,
}

/// The parts of an expectation that matter here.
#[derive(Debug, Deserialize)]
struct Expected {
    #[serde(default)]
    file: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    allowed: Vec<String>,
    verdict: Option<String>,
    at: String,
    trust: String,
    crl: Vec<String>,
    #[serde(default)]
    require_revocation: bool,
}

#[derive(Debug, Deserialize)]
struct Attacks {
    case: Vec<Expected>,
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| unreachable!("{}: {error}", path.display()))
}

/// Every PDF with an expectation.
fn jobs() -> Vec<Job> {
    let folder = Path::new(DATA).join("attacks");
    let attacks: Attacks = toml::from_str(&text(&folder.join("expected.toml"))).unwrap();
    let mut jobs: Vec<Job> = attacks.case.into_iter().map(|case| job("attacks", case)).collect();
    for entry in fs::read_dir(Path::new(DATA).join("foreign")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let mut case: Expected = toml::from_str(&text(&path)).unwrap();
            case.file = path.with_extension("pdf").file_name().unwrap().to_string_lossy().into();
            jobs.push(job("foreign", case));
        }
    }
    jobs.retain(|job| Path::new(&job.file).extension().is_some_and(|found| found == "pdf"));
    jobs.sort_by(|one, two| one.file.cmp(&two.file));
    jobs
}

fn job(folder: &str, case: Expected) -> Job {
    let at = |name: &str| format!("{DATA}/{folder}/{name}");
    let verdicts = case.allowed.iter().chain(&case.verdict);
    let genuine = |verdict: &String| ["valid", "status_unknown"].contains(&verdict.as_str());
    Job {
        file: at(&case.file),
        trust: at(&case.trust),
        crl: case.crl.iter().map(|name| at(name)).collect(),
        at: case.at,
        require_revocation: case.require_revocation,
        ours: if verdicts.clone().any(genuine) { Side::Accepts } else { Side::Refuses },
        harmless: case.kind != "attack",
    }
}

/// The name of a file in the table and in messages.
fn short(file: &str) -> &str {
    file.strip_prefix(DATA).and_then(|name| name.strip_prefix('/')).unwrap_or(file)
}

/// Runs a tool over all files and reads a line for each.
fn ask(program: &str, arguments: &[&str], jobs: &Path) -> BTreeMap<String, Said> {
    let output = Command::new(program).args(arguments).arg(jobs).arg(LIMIT).output();
    let output = output.unwrap_or_else(|error| {
        unreachable!("{program}: {error}; install it with tests/peers/setup")
    });
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {printed}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let said = lines.lines().filter(|line| line.starts_with('{'));
    let said = said.map(|line| serde_json::from_str::<Said>(line).unwrap());
    said.map(|said| (short(&said.file).to_owned(), said)).collect()
}

fn ask_both(jobs: &[Job]) -> [(&'static str, BTreeMap<String, Said>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("jobs.json");
    #[expect(clippy::disallowed_methods, reason = "a file for another program")]
    fs::write(&path, serde_json::to_vec(jobs).unwrap()).unwrap();
    let pyhanko = ["tests/peers/pyhanko_verify.py"];
    [
        ("pyhanko", ask("target/peers/venv/bin/python", &pyhanko, &path)),
        ("dss", ask("tests/peers/java/run", &["oracle"], &path)),
    ]
}

#[test]
fn every_disagreement_is_listed_with_its_reason() {
    let jobs = jobs();
    let table: Table = toml::from_str(&text(&Path::new(DATA).join("oracles.toml"))).unwrap();
    let mut wrong = Vec::new();
    let mut rows = Vec::new();
    for (tool, said) in ask_both(&jobs) {
        let mut listed = BTreeMap::new();
        for entry in table.disagreement.iter().filter(|entry| entry.tool == tool) {
            assert!(entry.reason.len() > 20, "{}", entry.reason);
            for file in &entry.files {
                assert!(listed.insert(file.as_str(), entry).is_none(), "{tool}: {file} twice");
            }
        }
        for job in &jobs {
            let file = short(&job.file);
            let Some(said) = said.get(file) else {
                wrong.push(format!("{tool} says nothing of {file}"));
                continue;
            };
            let theirs = said.outcome.side();
            match listed.remove(file) {
                None if theirs == job.ours => {}
                None => wrong.push(format!("not listed: {tool} {theirs:?} {file}: {said:?}")),
                Some(_) if theirs == job.ours => {
                    wrong.push(format!("no longer so: {tool} agrees on {file}: {said:?}"));
                }
                Some(entry) => {
                    wrong.extend(unlike(entry, said).map(|why| format!("{file}: {why}")));
                }
            }
        }
        wrong.extend(listed.keys().map(|file| format!("{tool}: {file} is no file with a job")));
        rows.push(row(tool, &jobs, &said));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let threats = text(Path::new("docs/THREATS.md"));
    let missing: Vec<_> = rows.iter().filter(|row| !threats.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/THREATS.md does not have the row\n{missing:#?}");
}

/// The difference between a tool's result and its entry.
fn unlike(entry: &Disagreement, said: &Said) -> Option<String> {
    if entry.theirs != said.outcome.side() {
        return Some(format!("{} is listed as {:?}: {said:?}", entry.tool, entry.theirs));
    }
    let saw = entry.saw.as_ref()?;
    let printed = said.saw.iter().any(|line| line.contains(saw.as_str()));
    (!printed).then(|| format!("{} does not tell {saw}: {said:?}", entry.tool))
}

/// Tool, attacks refused, accepted with a warning, accepted; harmless files accepted, refused.
fn row(tool: &str, jobs: &[Job], said: &BTreeMap<String, Said>) -> String {
    let count = |harmless: bool, wanted: fn(Outcome) -> bool| {
        let fits = |job: &&Job| {
            // A harmless file without a signature cannot be accepted.
            let counted = job.harmless == harmless && (job.ours == Side::Accepts) == harmless;
            counted && said.get(short(&job.file)).is_some_and(|said| wanted(said.outcome))
        };
        jobs.iter().filter(fits).count()
    };
    let refused = |outcome: Outcome| outcome.side() == Side::Refuses;
    let accepted = |outcome: Outcome| outcome.side() == Side::Accepts;
    format!(
        "| {tool} | {} | {} | {} | {} | {} |",
        count(false, refused),
        count(false, |outcome| outcome == Outcome::Warns),
        count(false, |outcome| outcome == Outcome::Accepts),
        count(true, accepted),
        count(true, refused),
    )
}

/// Every file in the table exists; this needs no tool.
#[test]
fn every_listed_file_exists() {
    let known: BTreeSet<String> = jobs().iter().map(|job| short(&job.file).to_owned()).collect();
    let table: Table = toml::from_str(&text(&Path::new(DATA).join("oracles.toml"))).unwrap();
    let files = table.disagreement.iter().flat_map(|entry| &entry.files);
    let gone: Vec<_> = files.filter(|file| !known.contains(*file)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}
