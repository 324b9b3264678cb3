//! The log from outside: another implementation reads it, witnesses sign it, and every alteration
//! is refused.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use crate::served::Server;
use crate::world::TestOffice;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::{Clock as _, Date};
use yinzheng::crypto::ed25519::{Ed25519Key, LogSigner as _};
use yinzheng::edge::log::copy::{CopyError, LogCopy};
use yinzheng::format::merkle::content::LeafContent;
use yinzheng::format::merkle::tile::Tile;
use yinzheng::format::note::checkpoint::SignedCheckpoint;
use yinzheng::format::note::key::{Kind, NoteKey};
use yinzheng::format::note::proof::LogProof;
use yinzheng::service::log::{LogError, LogName, tile};
use yinzheng::store::{Disk, Memory, OpenOptions, Store};
use yinzheng::verify::{Answer, LogPolicy, Outcome, Report, Severity, Verdict, Verifier};

fn peer(arguments: &[&str]) -> Output {
    let python = "target/peers/venv/bin/python";
    let output = Command::new(python).arg("tests/peers/log_check.py").args(arguments).output();
    output.unwrap_or_else(|error| {
        unreachable!("{python}: {error}; install it with tests/peers/setup")
    })
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).trim().to_owned()
}

fn accepts(arguments: &[&str]) -> String {
    let output = peer(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

fn refuses(arguments: &[&str]) -> String {
    let output = peer(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
    assert!(said(&output).starts_with("refused: "), "{}", said(&output));
    said(&output)
}

fn yinzheng(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yinzheng")).args(arguments).output().unwrap()
}

/// Runs a command that must succeed; returns its output.
fn done(arguments: &[&str]) -> String {
    let output = yinzheng(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn failed(arguments: &[&str], code: i32) -> String {
    let output = yinzheng(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    said(&output)
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
}

/// Changes one byte of a file.
fn damage(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    write(path, bytes);
}

fn copy_of(from: &str, to: &str) -> PathBuf {
    assert!(Command::new("cp").args(["-r", from, to]).status().unwrap().success());
    PathBuf::from(to)
}

const WITNESS: (&str, &str) =
    ("witness.example/one", "0101010101010101010101010101010101010101010101010101010101010101");

#[test]
fn a_second_implementation_reads_a_served_log_and_sees_every_change() {
    let server = Server::start();
    let at = |name: &str| server.at(name).to_str().unwrap().to_owned();
    let (office, old, new, url) =
        (at("office"), at("old"), at("new"), server.base.clone() + "/log");
    let vkey = done(&["log", "vkey", "--dir", &office]);
    let vkey = vkey.trim();
    assert!(vkey.starts_with(&format!("127.0.0.1:{}/log+", server.port)));
    accepts(&["fetch", &url, &old]);
    let before: u64 = accepts(&["copy", &old, vkey]).split(' ').next().unwrap().parse().unwrap();
    let sample = |name: &str| at(&format!("office/samples/{name}"));
    let (proof, pdf) = (sample("valid.tlog-proof"), sample("valid.pdf"));
    accepts(&["proof", &proof, &pdf, vkey]);
    refuses(&["proof", &proof, &sample("business.pdf"), vkey]);
    // The log grows; the new copy continues the old one, for both implementations.
    for _ in 0..3 {
        let (example, out) = ("schemas/examples/business.json", at("out"));
        done(&["issue", "--dir", &office, "--type", "business", example, "--out", &out]);
    }
    accepts(&["fetch", &url, &new]);
    let earlier = format!("{old}/checkpoint");
    let after = accepts(&["copy", &new, vkey, &earlier]);
    assert!(after.split(' ').next().unwrap().parse::<u64>().unwrap() > before);
    let now = format!("{new}/checkpoint");
    accepts(&["extend", &new, &earlier, &now, vkey]);
    let printed = done(&["log", "verify", &new, "--from", &earlier, "--log-key", vkey]);
    assert!(printed.contains("continues the earlier checkpoint"), "{printed}");
    // The exported log equals the served one.
    let exported = at("exported");
    done(&["log", "export", "--dir", &office, "--to", &exported]);
    accepts(&["copy", &exported, vkey, &earlier]);
    // A changed leaf, signature or size, and another key: both refuse each.
    let tile = fs::read_dir(format!("{new}/tile/0/000.p")).unwrap().next().unwrap().unwrap().path();
    let tile = tile.strip_prefix(&new).unwrap().to_owned();
    let stranger = fs::read_to_string("keys-example/log.key.pem").unwrap();
    assert!(stranger.contains("PRIVATE KEY"));
    let other = accepts(&["wkey", WITNESS.0, WITNESS.1]);
    for (name, change) in [
        ("leaf", &(|copy: &Path| damage(&copy.join(&tile), 40)) as &dyn Fn(&Path)),
        ("short tile", &|copy| {
            let path = copy.join(&tile);
            let bytes = fs::read(&path).unwrap();
            write(&path, &bytes[..bytes.len() - 32]);
        }),
        ("size", &|copy| edit(&copy.join("checkpoint"), |text| text.replacen('\n', "\n1", 1))),
        ("root", &|copy| {
            edit(&copy.join("checkpoint"), |text| {
                let root = text.split('\n').nth(2).unwrap().to_owned();
                text.replacen(&root, &STANDARD.encode([7; 32]), 1)
            });
        }),
        ("older", &|copy| {
            fs::copy(&earlier, copy.join("checkpoint")).unwrap();
        }),
    ] {
        let copy = copy_of(&new, &at(&format!("changed {name}")));
        change(&copy);
        let copy = copy.to_str().unwrap();
        if name == "older" {
            // A log that is shorter than before.
            refuses(&["copy", copy, vkey, &now]);
            failed(&["log", "verify", copy, "--from", &now, "--log-key", vkey], 1);
            continue;
        }
        refuses(&["copy", copy, vkey, &earlier]);
        failed(&["log", "verify", copy, "--from", &earlier, "--log-key", vkey], 1);
    }
    refuses(&["copy", &new, &other]);
    failed(&["log", "verify", &new, "--from", &earlier, "--log-key", &other], 1);
    failed(&["log", "verify", &new, "--from", &earlier, "--log-key", "nonsense"], 64);
}

fn edit(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    write(path, changed);
}

#[test]
fn a_backup_is_checked_against_a_checkpoint_and_a_rewritten_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (demo, backup, kept) = (at("demo"), at("backup"), at("kept"));
    done(&["demo", "--no-serve", "--dir", &demo]);
    write(&kept, done(&["log", "checkpoint", "--dir", &demo]));
    let vkey = done(&["log", "vkey", "--dir", &demo]);
    let vkey = vkey.trim();
    done(&["backup", "--dir", &demo, "--to", &backup]);
    let printed = done(&["log", "verify", &backup, "--from", &kept, "--log-key", vkey]);
    assert!(printed.contains("now "), "{printed}");
    // An office with the same key and another history.
    let other = at("other");
    done(&["demo", "--no-serve", "--dir", &other]);
    for path in [&other, &at("nothing")] {
        let printed = failed(&["log", "verify", path, "--from", &kept, "--log-key", vkey], 1);
        assert!(printed.contains("REWRITTEN") || printed.contains("neither"), "{printed}");
    }
    let printed = failed(&["log", "verify", &other, "--from", &kept, "--log-key", vkey], 1);
    assert!(printed.contains("REWRITTEN"), "{printed}");
}

/// An office with a witness, in memory.
fn office() -> TestOffice {
    TestOffice::over(Arc::new(Memory::new().unwrap()))
}

#[test]
fn proofs_of_consistency_hold_for_another_implementation_and_changed_ones_do_not() {
    let test = office();
    let folder = tempfile::tempdir().unwrap();
    let kept = |name: &str, text: &str| {
        let path = folder.path().join(name);
        write(&path, text);
        path.to_str().unwrap().to_owned()
    };
    let vkey = test.office.log(LogName::Acts).key().unwrap().to_string();
    let mut heads = Vec::new();
    for round in 0..9 {
        let note = test.office.log(LogName::Acts).checkpoint().unwrap();
        heads.push((note.unproved().size(), kept(&format!("head-{round}"), &note.to_string())));
        test.issue("food-operation").unwrap();
    }
    let lines = |hashes: &[Digest]| {
        let lines: Vec<_> = hashes.iter().map(|one| STANDARD.encode(one.as_bytes())).collect();
        lines.join("\n")
    };
    for (old, new) in [(0, 8), (1, 8), (2, 3), (4, 4), (3, 7), (7, 8)] {
        let ((old, old_note), (new, new_note)) = (&heads[old], &heads[new]);
        let hashes = test.office.log(LogName::Acts).consistency(*old, *new).unwrap();
        let good = kept("hashes", &lines(&hashes));
        accepts(&["consistency", old_note, new_note, &good, &vkey]);
        let mut changed = hashes.clone();
        changed.push(Digest::of(&[b"more"]));
        let bad = kept("bad", &lines(&changed));
        refuses(&["consistency", old_note, new_note, &bad, &vkey]);
        if old < new {
            refuses(&["consistency", new_note, old_note, &good, &vkey]);
            for at in 0..hashes.len() {
                let mut changed = hashes.clone();
                changed[at] = Digest::of(&[b"other"]);
                let bad = kept("bad", &lines(&changed));
                refuses(&["consistency", old_note, new_note, &bad, &vkey]);
            }
        }
    }
    assert!(test.office.log(LogName::Acts).consistency(0, u64::MAX).is_err());
}

#[test]
fn an_office_has_its_tiles_and_proofs_after_a_restart_and_a_reindex() {
    let folder = tempfile::tempdir().unwrap();
    let open = |reindex| {
        let options = OpenOptions { reindex, ..OpenOptions::default() };
        Disk::open(folder.path(), &options).unwrap().0
    };
    let (mut seen, mut leaves): (Vec<(Tile, Vec<u8>)>, Vec<_>) = (Vec::new(), Vec::new());
    {
        let test = TestOffice::over(Arc::new(open(false)));
        for _ in 0..8 {
            let issued = test.issue("food-operation").unwrap();
            let id = issued.licence.id.to_string();
            let proof = test.office.log_proof(&id).unwrap();
            let content = LeafContent::parse(proof.extra.as_deref().unwrap()).unwrap();
            assert_eq!(content.artefacts[0], Digest::of(&[&issued.pdf]));
            assert_eq!(content.artefacts[1], Digest::of(&[issued.credential.as_bytes()]));
            assert!(proof.verify(&content.hash()).is_ok());
            let size = test.office.store().head().0;
            for tile in Tile::all_of(size) {
                seen.push((tile, test.office.log(LogName::Acts).tile(tile).unwrap().unwrap()));
            }
            let beyond = Tile::parse(&format!("0/000.p/{}", size + 1)).unwrap();
            assert_eq!(test.office.log(LogName::Acts).tile(beyond).unwrap(), None);
            leaves.push((id, proof.index, content));
        }
        assert!(matches!(test.office.log_proof("no such licence"), Err(LogError::NotFound(_))));
    }
    for reindex in [false, true, false] {
        let disk = open(reindex);
        let store: &dyn Store = &disk;
        let size = store.head().0;
        for (wanted, bytes) in &seen {
            assert_eq!(tile(store.reader(), *wanted, size).unwrap().as_ref(), Some(bytes));
        }
        for (id, index, content) in &leaves {
            assert_eq!(store.reader().leaf_of(id).unwrap(), Some((*index, content.clone())));
        }
    }
}

#[test]
fn witnesses_sign_and_their_signatures_are_kept_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (demo, pass, keys) = (at("demo"), at("pass"), at("witness"));
    write(&pass, "a passphrase");
    fs::set_permissions(&pass, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    done(&["demo", "--no-serve", "--dir", &demo]);
    let vkey = done(&["log", "vkey", "--dir", &demo]);
    let vkey = vkey.trim();
    let own = ["--name", "witness.example/two", "--keys", &keys, "--passphrase-file", &pass];
    let witness = |more: &[&str]| done(&[&["log"], more, &own].concat());
    let (one, two) = (accepts(&["wkey", WITNESS.0, WITNESS.1]), witness(&["witness"]));
    let two = two.trim();
    assert_eq!(witness(&["witness"]).trim(), two);
    let toml = format!("{demo}/office.toml");
    edit(Path::new(&toml), |text| {
        // The keys must precede the tables.
        text.replacen(
            "[[departments]]",
            &format!("[log]\nwitnesses = [{one:?}, {two:?}]\n\n[[departments]]"),
            1,
        )
    });
    failed(&["log", "checkpoint", "--dir", &demo, "--witnessed"], 1);
    let copy = at("copy");
    done(&["log", "export", "--dir", &demo, "--to", &copy]);
    let note = format!("{copy}/checkpoint");
    let (by_one, by_two) = (at("by-one"), at("by-two"));
    write(&by_one, accepts(&["cosign", &note, WITNESS.0, WITNESS.1, "1795500000"]) + "\n");
    write(&by_two, witness(&["cosign", &copy, "--log-key", vkey]));
    let add = |file: &str| ["log", "add-cosignature", "--dir", &demo, file].map(str::to_owned);
    for file in [&by_one, &by_two] {
        let arguments = add(file);
        done(&arguments.each_ref().map(String::as_str));
    }
    let printed = failed(&add(&note).each_ref().map(String::as_str), 1);
    assert!(printed.contains("no witness"), "{printed}");
    let shown = done(&["log", "checkpoint", "--dir", &demo, "--witnessed"]);
    assert!(shown.contains(WITNESS.0) && shown.contains("witness.example/two"), "{shown}");
    // The newest head is this one as long as there are no new events.
    assert_eq!(done(&["log", "checkpoint", "--dir", &demo]), shown);
    // The verifier keys are shown on the page with the root.
    for path in ["/trust", "/en/trust"] {
        let page = page(&demo, path);
        let offline = "--status status.jwt --crl issuing.crl --crl root.crl";
        for text in [vkey, "log/access+", WITNESS.0, "witness.example/two", offline] {
            assert!(page.contains(text), "{path} does not show {text}:\n{page}");
        }
    }
    // A proof has both; another implementation counts them.
    let id = id_of(&format!("{demo}/samples/valid.pdf"), &demo);
    done(&["log", "proof", "--dir", &demo, &id, "--out", &at("proofs"), "--name", "id"]);
    let proof = format!("{}/{id}.tlog-proof", at("proofs"));
    let pdf = format!("{demo}/samples/valid.pdf");
    let printed = accepts(&["proof", &proof, &pdf, vkey, &one, two]);
    assert!(printed.contains("witness.example/one@1795500000"), "{printed}");
    assert!(printed.contains("witness.example/two@"), "{printed}");
    let verify = |more: &[&str]| {
        let root = format!("{demo}/samples/root.pem");
        let status = format!("{demo}/samples/status.jwt");
        let fixed =
            ["verify", &pdf, "--trust", &root, "--status", &status, "--json", "--proof", &proof];
        yinzheng(&[&fixed[..], more].concat())
    };
    let known = ["--log-key", vkey, "--witness", &one, "--witness", two, "--witnesses", "2"];
    let output = verify(&[&known[..], &["--log-required-since", "2020-01-01"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["log"]["witnesses"].as_array().unwrap().len(), 2, "{report}");
    // A forged line of a known witness invalidates the whole proof.
    edit(Path::new(&proof), |text| {
        let line = text.lines().find(|line| line.contains(WITNESS.0)).unwrap().to_owned();
        let (head, blob) = line.rsplit_once(' ').unwrap();
        let mut bytes = STANDARD.decode(blob).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        text.replacen(&line, &format!("{head} {}", STANDARD.encode(bytes)), 1)
    });
    refuses(&["proof", &proof, &pdf, vkey, &one, two]);
    let output = verify(&[&known[..], &["--log-required-since", "2020-01-01"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    // A late signature on an older head does not replace a newer one, in memory or on disk.
    let out = at("out");
    let example = "schemas/examples/business.json";
    done(&["issue", "--dir", &demo, "--type", "business", example, "--out", &out]);
    let (newer, newest) = (at("newer"), at("newest"));
    done(&["log", "export", "--dir", &demo, "--to", &newer]);
    write(&newest, witness(&["cosign", &newer, "--log-key", vkey]));
    for (file, is_older) in [(&newest, false), (&by_one, true)] {
        let before = fs::read_to_string(format!("{demo}/log/witnessed")).unwrap();
        done(&add(file).each_ref().map(String::as_str));
        let now = done(&["log", "checkpoint", "--dir", &demo, "--witnessed"]);
        assert_eq!(fs::read_to_string(format!("{demo}/log/witnessed")).unwrap(), now);
        assert_eq!(now == before, is_older, "{file}");
    }
    // The witness signs only a head that is consistent with the one it saw.
    let again = at("again");
    fs::remove_dir_all(format!("{demo}/journal")).unwrap();
    fs::remove_dir_all(format!("{demo}/index")).unwrap();
    fs::remove_dir_all(format!("{demo}/samples")).unwrap();
    done(&["demo", "--no-serve", "--dir", &demo]);
    done(&["log", "export", "--dir", &demo, "--to", &again]);
    let more: Vec<_> =
        ["log", "cosign", &again, "--log-key", vkey].into_iter().chain(own).collect();
    let printed = failed(&more, 1);
    assert!(printed.contains("REWRITTEN") || printed.contains("has seen"), "{printed}");
}

/// A page as it is served.
fn page(demo: &str, path: &str) -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Server::serve(Path::new(demo), &format!("127.0.0.1:{port}"), &[]);
    let connect = || std::net::TcpStream::connect(("127.0.0.1", port)).ok();
    let wait = |_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        connect()
    };
    let stream = connect().or_else(|| (0..500).find_map(wait));
    let mut text = String::new();
    if let Some(mut stream) = stream {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        stream.read_to_string(&mut text).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    text
}

fn id_of(pdf: &str, demo: &str) -> String {
    let report = done(&["verify", pdf, "--dir", demo, "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["log"]["size"].as_u64().map(|size| size > 0), Some(true), "{report}");
    report["licence"]["id"].as_str().unwrap().to_owned()
}

/// The report for a reader with the root, a status list and this policy.
fn judge(test: &TestOffice, file: &[u8], proof: Option<&str>, policy: LogPolicy) -> Report {
    let root = test.parts.certificates.root.to_pem();
    let mut verifier = Verifier::with_roots(&root).unwrap();
    let now = test.clock.now();
    verifier.add_crl(&test.parts.crl).unwrap();
    verifier.add_status_list(&test.office.status_token(1).unwrap(), now).unwrap();
    verifier.set_log_policy(policy);
    verifier.verify_with_proof("", file, proof, now)
}

#[test]
fn a_reader_who_requires_the_log_takes_nothing_without_a_proof() {
    let test = office();
    let issued = test.issue("food-operation").unwrap();
    let other = test.issue("business").unwrap();
    let key = test.office.log(LogName::Acts).key().unwrap();
    let proof = |id: &str| test.office.log_proof(id).unwrap();
    let own = proof(issued.licence.id.as_str()).to_string();
    let foreign = proof(other.licence.id.as_str()).to_string();
    let knows = LogPolicy { logs: vec![key.clone()], ..LogPolicy::default() };
    let day = |text: &str| Some(Date::parse(text).unwrap());
    let requires = LogPolicy { required_since: day("2026-11-24"), ..knows.clone() };
    let since_tomorrow = LogPolicy { required_since: day("2026-11-25"), ..knows.clone() };
    let wants_one = LogPolicy { needed: 1, ..requires.clone() };
    let changed = own.replacen("index 0", "index 1", 1).replacen("index ", "index 9", 1);
    let log = |report: &Report| {
        report.checks.iter().find(|one| one.check == "log").map(|one| one.outcome)
    };
    let (passed, unknown, lacking) =
        (Some(Outcome::Passed), Some(Outcome::Unknown), Some(Outcome::Failed));
    let nobody = LogPolicy::default();
    for (name, proof, policy, verdict, check, code) in [
        ("asks nothing", None, &nobody, Verdict::Valid, None, None),
        ("knows no log", Some(&own), &nobody, Verdict::Valid, None, Some("log_key_unknown")),
        ("own", Some(&own), &requires, Verdict::Valid, passed, Some("log_account")),
        ("own, not required", Some(&own), &knows, Verdict::Valid, passed, Some("log_account")),
        ("none, not required", None, &knows, Verdict::Valid, unknown, Some("not_in_log")),
        ("none", None, &requires, Verdict::NotEnoughEvidence, lacking, Some("not_in_log")),
        (
            "foreign",
            Some(&foreign),
            &requires,
            Verdict::NotEnoughEvidence,
            lacking,
            Some("log_proof_refused"),
        ),
        (
            "foreign, not required",
            Some(&foreign),
            &knows,
            Verdict::Valid,
            unknown,
            Some("log_proof_refused"),
        ),
        (
            "changed",
            Some(&changed),
            &requires,
            Verdict::NotEnoughEvidence,
            lacking,
            Some("log_proof_refused"),
        ),
        ("sealed before", None, &since_tomorrow, Verdict::Valid, unknown, Some("not_in_log")),
        (
            "no witness",
            Some(&own),
            &wants_one,
            Verdict::NotEnoughEvidence,
            unknown,
            Some("log_not_witnessed"),
        ),
    ] {
        let report = judge(&test, &issued.pdf, proof.map(String::as_str), policy.clone());
        assert_eq!(report.verdict, verdict, "{name}: {report:#?}");
        assert_eq!(log(&report), check, "{name}");
        let found = report.findings.iter().find(|one| Some(one.code.name()) == code);
        assert_eq!(found.is_some(), code.is_some(), "{name}: {:?}", report.findings);
        let fatal = found.is_some_and(|one| one.severity == Severity::Fatal);
        assert_eq!(fatal, verdict == Verdict::NotEnoughEvidence, "{name}");
        let genuine = if fatal { Answer::Unknown } else { Answer::Yes };
        assert_eq!((report.authentic, report.in_force), (genuine, genuine), "{name}");
        assert!(!fatal || report.findings[0].severity == Severity::Fatal, "{name}");
    }
    // The holder credential is in the leaf too; a presentation that withholds claims has no proof.
    let credential = issued.credential.as_bytes();
    let report = judge(&test, credential, Some(&own), requires.clone());
    assert_eq!((report.verdict, log(&report)), (Verdict::Valid, passed));
    // A log does not make an invalid seal better, and is not consulted for one.
    let mut altered = issued.pdf.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    let report = judge(&test, &altered, Some(&own), requires);
    assert!(report.log.is_none() && report.verdict != Verdict::Valid);
    // The office reads its own log without a proof.
    let report = test.office.verify("", &issued.pdf);
    let printed = report.log.as_ref().unwrap();
    assert_eq!((printed.origin.as_str(), report.verdict), (key.name(), Verdict::Valid));
}

/// A witness signature that is dated in the future does not count yet.
#[test]
fn a_witness_of_the_future_is_not_counted() {
    let test = office();
    let issued = test.issue("food-operation").unwrap();
    let proof = test.office.log_proof(issued.licence.id.as_str()).unwrap();
    let key = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
    let name = "witness.example/late";
    let witness = NoteKey::new(name, Kind::Witness, key.public_key().clone()).unwrap();
    let policy = LogPolicy {
        logs: vec![test.office.log(LogName::Acts).key().unwrap()],
        witnesses: vec![witness],
        needed: 1,
        required_since: Some(Date::parse("2026-01-01").unwrap()),
        ..LogPolicy::default()
    };
    let now = test.clock.now();
    for (seconds, expected) in [
        (0, Verdict::Valid),
        (300, Verdict::Valid),
        (301, Verdict::NotEnoughEvidence),
        (8 * 365 * 86_400, Verdict::NotEnoughEvidence),
    ] {
        let mut proof = proof.clone();
        proof.checkpoint.cosign(name, &key, now.plus(seconds)).unwrap();
        let report = judge(&test, &issued.pdf, Some(&proof.to_string()), policy.clone());
        assert_eq!(report.verdict, expected, "{seconds}");
        let listed = report.log.as_ref().unwrap().witnesses.len();
        assert_eq!(listed, usize::from(expected == Verdict::Valid), "{seconds}");
        let printed = report.findings.iter().any(|one| one.detail.contains("of the future"));
        assert_eq!(printed, expected != Verdict::Valid, "{seconds}");
    }
}

#[test]
fn a_seal_that_its_office_never_logged_is_found_where_the_log_is_required() {
    let (honest, thief) = (office(), office());
    // The thief has every key of the office, and another journal.
    for _ in 0..3 {
        honest.issue("business").unwrap();
    }
    let forged = thief.issue("food-operation").unwrap();
    let key = honest.office.log(LogName::Acts).key().unwrap();
    let policy = LogPolicy {
        logs: vec![key],
        required_since: Some(Date::parse("2026-01-01").unwrap()),
        ..LogPolicy::default()
    };
    let report = judge(&honest, &forged.pdf, None, policy.clone());
    assert!(report.findings.iter().any(|one| one.code == "not_in_log"), "{report:#?}");
    assert_ne!(report.verdict, Verdict::Valid);
    // With the log's key the thief can present a log that no other reader has seen: only witnesses
    // prevent that.
    let proof = thief.office.log_proof(forged.licence.id.as_str()).unwrap();
    assert_eq!(
        judge(&honest, &forged.pdf, Some(&proof.to_string()), policy.clone()).verdict,
        Verdict::Valid
    );
    let wants = LogPolicy { needed: 1, ..policy };
    let report = judge(&honest, &forged.pdf, Some(&proof.to_string()), wants);
    assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
    // The two heads together prove the fork.
    let (ours, his) = (
        honest.office.log(LogName::Acts).checkpoint().unwrap(),
        thief.office.log(LogName::Acts).checkpoint().unwrap(),
    );
    let copy = tempfile::tempdir().unwrap();
    for tile in Tile::all_of(ours.unproved().size()) {
        let path = copy.path().join("tile").join(tile.path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(path, honest.office.log(LogName::Acts).tile(tile).unwrap().unwrap());
    }
    let copy = LogCopy::open(copy.path()).unwrap();
    assert!(copy.check(Some(ours.unproved()), &[]).is_ok());
    assert!(matches!(
        copy.check(Some(ours.unproved()), &[("his", his.unproved())]),
        Err(CopyError::Rewritten { .. } | CopyError::Short { .. })
    ));
    let offered = his.to_string();
    assert!(matches!(
        honest.office.accept_cosignatures(&offered),
        Err(LogError::Foreign(_) | LogError::OtherTree(_) | LogError::NoWitness)
    ));
}

#[test]
fn proofs_beside_documents_are_found_and_a_trust_folder_speaks_of_logs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (demo, trust, inbox) = (at("demo"), at("trust"), at("inbox"));
    done(&["demo", "--no-serve", "--dir", &demo]);
    for (to, names) in [
        (&trust, &["root.pem"][..]),
        (&inbox, &["valid.pdf", "valid.tlog-proof", "valid.sd-jwt", "business.pdf"]),
    ] {
        fs::create_dir(to).unwrap();
        for name in names {
            fs::copy(format!("{demo}/samples/{name}"), format!("{to}/{name}")).unwrap();
        }
    }
    let status = format!("{demo}/samples/status.jwt");
    let vkey = fs::read_to_string(format!("{demo}/samples/log.vkey")).unwrap();
    let policy = format!("{trust}/log.toml");
    let archive = at("delivered.zip");
    let zipped = Command::new("zip").args(["-q", "-r", &archive, "."]).current_dir(&inbox).status();
    assert!(zipped.unwrap().success());
    let verdicts = |file: &str| {
        let output = yinzheng(&["verify", file, "--trust", &trust, "--status", &status, "--json"]);
        let reports = String::from_utf8(output.stdout).unwrap();
        let reports = reports.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut printed: Vec<_> = reports
            .map(|report| {
                let name = report["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                let verdict = report["verdict"].as_str().unwrap().to_owned();
                (name, verdict, !report["log"].is_null())
            })
            .collect();
        printed.sort();
        printed
    };
    let row = |name: &str, verdict: &str, log| (name.to_owned(), verdict.to_owned(), log);
    write(
        &policy,
        format!("log_keys = [{:?}]\nlog_required_since = \"2026-01-01\"\n", vkey.trim()),
    );
    for place in [&inbox, &archive] {
        let expected = [
            row("business.pdf", "not_enough_evidence", false),
            row("valid.pdf", "valid", true),
            row("valid.sd-jwt", "valid", false),
        ];
        assert_eq!(verdicts(place), expected, "{place}");
    }
    write(&policy, format!("log_keys = [{:?}]\n", vkey.trim()));
    assert_eq!(verdicts(&format!("{inbox}/business.pdf")), [row("business.pdf", "valid", false)]);
    for bad in [
        "log_keys = [\"x\"]\n".to_owned(),
        "log_required_since = \"2026-01-01\"\n".to_owned(),
        format!("log_keys = [{:?}]\nwitnesses = 1\n", vkey.trim()),
        format!("log_keys = [{:?}]\nlog_required_since = \"soon\"\n", vkey.trim()),
        "more = 1\n".to_owned(),
    ] {
        write(&policy, &bad);
        failed(&["verify", &inbox, "--trust", &trust], 64);
    }
}

#[test]
fn the_program_of_the_documentation_accepts_a_proof_and_no_other() {
    let text = fs::read_to_string("docs/LOG.md").unwrap();
    let program = text.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write(at("check.py"), program);
    let test = office();
    for _ in 0..5 {
        test.issue("business").unwrap();
    }
    let issued = test.issue("food-operation").unwrap();
    test.issue("business").unwrap();
    let proof = test.office.log_proof(issued.licence.id.as_str()).unwrap();
    let other = test.issue("business").unwrap();
    let vkey = test.office.log(LogName::Acts).key().unwrap().to_string();
    let check = |proof: &str, pdf: &[u8], vkey: &str| {
        write(at("x.tlog-proof"), proof);
        write(at("x.pdf"), pdf);
        let run = Command::new("target/peers/venv/bin/python")
            .args([at("check.py"), at("x.tlog-proof"), at("x.pdf")])
            .arg(vkey)
            .output()
            .unwrap();
        (run.status.success(), said(&run))
    };
    let (accepted, printed) = check(&proof.to_string(), &issued.pdf, &vkey);
    assert!(accepted && printed.starts_with(&format!("entry {} of", proof.index)), "{printed}");
    let mut damaged = proof.clone();
    damaged.path[1] = Digest::of(&[b"other"]);
    let moved = LogProof { index: proof.index + 1, ..proof.clone() };
    let text = proof.to_string();
    let size = format!("\n{}\n", proof.checkpoint.unproved().size());
    let grown = text.replacen(&size, "\n1000\n", 1);
    assert_ne!(grown, text);
    for (proof, pdf) in [
        (text.as_str(), &other.pdf),
        (damaged.to_string().as_str(), &issued.pdf),
        (moved.to_string().as_str(), &issued.pdf),
        (grown.as_str(), &issued.pdf),
    ] {
        let (accepted, printed) = check(proof, pdf, &vkey);
        assert!(!accepted, "{printed}");
    }
    let stranger = accepts(&["wkey", WITNESS.0, WITNESS.1]);
    assert!(!check(&text, &issued.pdf, &stranger).0);
}

#[test]
fn no_proof_names_a_person() {
    let test = office();
    let issued = test.issue("residence-permit").unwrap();
    let proof = test.office.log_proof(issued.licence.id.as_str()).unwrap();
    let text = proof.to_string();
    let extra = String::from_utf8(proof.extra.clone().unwrap()).unwrap();
    let record = serde_json::to_string(&issued.licence).unwrap();
    let input = crate::world::example("residence-permit");
    let mut values = Vec::new();
    collect(&input, &mut values);
    values.push(issued.licence.number.clone());
    values.push(issued.licence.id.to_string());
    let named = values.iter().filter(|one| one.chars().count() > 1 && record.contains(*one));
    let mut count = 0;
    for value in named {
        assert!(!extra.contains(value.as_str()) && !text.contains(value.as_str()), "{value}");
        count += 1;
    }
    assert!(count > 3, "{count}");
    let read = LogProof::parse(&text, &mut Budget::default()).unwrap();
    assert_eq!(read, proof);
    let head: &SignedCheckpoint = &read.checkpoint;
    assert_eq!(head.unproved().origin(), "127.0.0.1:8080/log");
}

fn collect(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Object(map) => map.values().for_each(|one| collect(one, all)),
        Value::Array(list) => list.iter().for_each(|one| collect(one, all)),
        _ => {}
    }
}
