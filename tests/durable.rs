//! The real process: killed at random moments, and traced by strace.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use yinzheng::edge::local::{self, LocalAct, LocalAnswer};

const BINARY: &str = env!("CARGO_BIN_EXE_yinzheng");

fn issue_act() -> LocalAct {
    let text = include_str!("../schemas/examples/business.json");
    let input = serde_json::from_str(text).unwrap();
    LocalAct::Issue { kind: "business".to_owned(), input, idempotency: None, officer: None }
}

fn serve(dir: &Path, port: u16) -> Child {
    let child = Command::new(BINARY)
        .args(["serve", "--dir", dir.to_str().unwrap(), "--listen", &format!("127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait(dir, child)
}

fn wait(dir: &Path, mut child: Child) -> Child {
    for _ in 0..500 {
        if matches!(local::ask(dir, &LocalAct::Status), Ok(Some(_))) {
            return child;
        }
        assert_eq!(child.try_wait().unwrap(), None, "the server ended");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    unreachable!("the server did not answer within five seconds");
}

#[test]
fn killed_at_random_moments_nothing_acknowledged_is_lost_and_no_number_is_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let made = Command::new(BINARY)
        .args(["demo", "--no-serve", "--dir", dir.to_str().unwrap()])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut acknowledged = BTreeSet::new();
    for round in 0..20_u64 {
        let mut child = serve(&dir, port);
        let (asking, answered) = (dir.clone(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&answered);
        let asker = std::thread::spawn(move || {
            let mut done = Vec::new();
            while let Ok(Some(LocalAnswer::Done(value))) = local::ask(&asking, &issue_act()) {
                let licence = &value["licence"];
                done.push((licence["id"].to_string(), licence["number"].to_string()));
                counter.fetch_add(1, Ordering::Relaxed);
            }
            done
        });
        // At another moment in each round: among the first licences in every fourth, after some
        // licences in the others, however slow the machine is.
        let wanted = if round % 4 == 0 { 0 } else { 3 };
        while answered.load(Ordering::Relaxed) < wanted && !asker.is_finished() {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(20 + round * 37 % 101));
        child.kill().unwrap();
        child.wait().unwrap();
        for (id, number) in asker.join().unwrap() {
            assert!(acknowledged.insert((id, number)), "a number was given twice");
        }
    }
    assert!(acknowledged.len() > 40, "only {} licences", acknowledged.len());
    let listed = Command::new(BINARY)
        .args(["list", "--limit", "100000", "--dir", dir.to_str().unwrap()])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for (id, number) in &acknowledged {
        let (id, number) = (id.trim_matches('"'), number.trim_matches('"'));
        assert!(listed.contains(id) && listed.contains(number), "{id} was lost");
    }
    // Each line begins with number and type.
    let numbers: Vec<Vec<&str>> =
        listed.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
    let distinct: BTreeSet<&Vec<&str>> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len(), "a number stands twice");
    let check =
        Command::new(BINARY).args(["check", "--dir", dir.to_str().unwrap()]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

/// A limit on file sizes simulates a full disk: refused acts are not stored, and reading still
/// works.
#[test]
fn on_a_full_disk_what_is_refused_is_not_stored_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let run = |arguments: &[&str]| {
        Command::new(BINARY).args(arguments).arg("--dir").arg(&dir).output().unwrap()
    };
    assert!(run(&["demo", "--no-serve"]).status.success());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // One and a half megabytes, which the journal reaches and the index does not.
    let limited = format!(
        "trap '' XFSZ; ulimit -f 1500; exec {BINARY} serve --listen 127.0.0.1:{port} --dir {}",
        dir.display()
    );
    let mut child = wait(
        &dir,
        Command::new("bash")
            .args(["-c", &limited])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut acknowledged = BTreeSet::new();
    let refused = loop {
        match local::ask(&dir, &issue_act()).unwrap().unwrap() {
            LocalAnswer::Done(value) => {
                acknowledged.insert(value["licence"]["id"].as_str().unwrap().to_owned());
            }
            LocalAnswer::Failed { message, .. } => break message.en,
        }
        assert!(acknowledged.len() < 200, "the disk is never full");
    };
    assert!(refused.contains("Free space or repair the disk"), "{refused}");
    assert!(acknowledged.len() > 5, "{}", acknowledged.len());
    let again = local::ask(&dir, &issue_act()).unwrap().unwrap();
    assert!(matches!(&again, LocalAnswer::Failed { message, .. } if message.en.contains("start")));
    let valid = dir.join("samples/valid.pdf");
    assert!(run(&["verify", valid.to_str().unwrap()]).status.success());
    let listed = |limit: &str| {
        let output = run(&["list", "--limit", limit]);
        let output = String::from_utf8(output.stdout).unwrap();
        let ids = output.lines().map(|line| line.rsplit(' ').next().unwrap().to_owned());
        ids.collect::<BTreeSet<_>>()
    };
    let seen = listed("1000");
    assert_eq!(seen.len(), acknowledged.len() + 7, "the demo's seven and what was acknowledged");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(listed("1000"), seen);
    assert!(run(&["check"]).status.success());
    let input = "schemas/examples/business.json";
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let issued = run(&["issue", "--type", "business", input, "--out", out]);
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    assert_eq!(listed("1000").len(), seen.len() + 1);
}

/// A kill cannot show this, since the page cache survives it; the order of the system calls can.
#[test]
fn the_answer_never_precedes_the_sync() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let (trace, out) = (folder.path().join("trace"), folder.path().join("out"));
    let made = Command::new(BINARY)
        .args(["demo", "--no-serve", "--dir", dir.to_str().unwrap()])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let status = Command::new("strace")
        .args(["-f", "-y", "-s", "8", "-e", "trace=pwrite64,write,fdatasync,fsync", "-o"])
        .arg(&trace)
        .arg(BINARY)
        .args(["issue", "--type", "business", "schemas/examples/business.json", "--dir"])
        .arg(&dir)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null())
        .status();
    let Ok(status) = status else { unreachable!("strace is missing; run tests/peers/setup") };
    assert!(status.success());
    let trace = std::fs::read_to_string(&trace).unwrap();
    let lines: Vec<&str> = trace.lines().collect();
    let last =
        |what: &[&str]| lines.iter().rposition(|line| what.iter().all(|part| line.contains(part)));
    let written = last(&["pwrite64(", ".journal>"]).unwrap();
    let synced = last(&["fdatasync(", ".journal>"]).unwrap();
    // The output files are written only after the answer was received.
    let answered =
        lines.iter().position(|line| line.contains("write(") && line.contains(".pdf")).unwrap();
    assert!(written < synced && synced < answered, "{written} {synced} {answered}");
}

/// After a kill at a sync, the next process reads the journal's write like any other. It may be in
/// memory only, so before it is used it is rewritten and synced, with its directory entry.
#[test]
fn what_a_killed_process_did_not_sync_the_next_one_syncs_before_it_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let out = folder.path().join("out");
    let demo = Command::new(BINARY)
        .args(["demo", "--no-serve", "--dir", dir.to_str().unwrap()])
        .stdout(Stdio::null())
        .status();
    assert!(demo.unwrap().success());
    let journal = dir.join("journal/00000001.journal");
    let size = || std::fs::metadata(&journal).unwrap().len();
    let strace = |options: &[&str], command: &[&str]| {
        let trace = folder.path().join("trace");
        let output = Command::new("strace")
            .args(["-f", "-y", "-s", "8", "-o", trace.to_str().unwrap()])
            .args(options)
            .arg(BINARY)
            .args(command)
            .args(["--dir", dir.to_str().unwrap()])
            .output();
        let Ok(output) = output else { unreachable!("strace is missing; run tests/peers/setup") };
        (output, std::fs::read_to_string(&trace).unwrap())
    };
    // The first two syncs are of reserved numbers, the third is of the licence.
    let issue = ["issue", "--type", "business", "schemas/examples/business.json", "--out"];
    let issue = [&issue[..], &[out.to_str().unwrap()]].concat();
    for (fault, sync) in [("signal=KILL", 3), ("error=EIO", 3), ("signal=KILL", 1)] {
        let before = size();
        let inject = format!("inject=fdatasync:{fault}:when={sync}");
        let (ended, trace) = strace(&["-e", "trace=fdatasync", "-e", &inject], &issue);
        assert!(!ended.status.success(), "{trace}");
        let answered = std::fs::read_dir(&out).unwrap().count();
        assert_eq!(answered, 0, "it answered what it had not synced");
        let written = size();
        let least = if sync == 3 { 50_000 } else { 1 };
        assert!(written >= before + least, "{fault}: nothing was written before the sync");
        let calls = "trace=pwrite64,write,fdatasync,fsync";
        let (listed, trace) = strace(&["-e", calls], &["list", "--limit", "100"]);
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        assert_eq!(size(), written, "{fault}: it was cut off");
        let lines: Vec<&str> = trace.lines().collect();
        let first = |what: &[&str]| {
            lines.iter().position(|line| what.iter().all(|part| line.contains(part)))
        };
        let rewritten = first(&["pwrite64(", "00000001.journal>"]).unwrap();
        let end = format!("= {}", written - last_group(lines[rewritten]));
        assert!(lines[rewritten].ends_with(&end), "not to the end: {}", lines[rewritten]);
        let synced = first(&["fsync(", "00000001.journal>"]).unwrap();
        let named = lines.iter().skip(synced).position(|line| line.contains("demo/journal>"));
        let named = synced + named.unwrap();
        let answered = first(&["write(1<"]).unwrap();
        assert!(rewritten < synced && synced < named && named < answered, "{trace}");
    }
}

/// The offset of a write: its last argument.
fn last_group(line: &str) -> u64 {
    let (_, offset) = line.rsplit_once(", ").unwrap();
    offset.split(')').next().unwrap().parse().unwrap()
}

/// After a failed sync of the index another one would succeed and prove nothing: the system marks
/// the pages as clean. The index is rebuilt.
#[test]
fn an_index_of_which_a_sync_failed_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let run = |arguments: &[&str]| {
        Command::new(BINARY).args(arguments).arg("--dir").arg(&dir).output().unwrap()
    };
    assert!(run(&["demo", "--no-serve"]).status.success());
    let db = dir.join("index/db");
    let failed = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-P", db.to_str().unwrap()])
        // The first sync is sled's own at opening.
        .args(["-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=2+"])
        .args([BINARY, "list", "--limit", "1", "--dir"])
        .arg(&dir)
        .output();
    let Ok(failed) = failed else { unreachable!("strace is missing; run tests/peers/setup") };
    assert!(failed.status.success(), "{}", String::from_utf8_lossy(&failed.stderr));
    let open = dir.join("index/open");
    assert!(open.exists(), "an index of which a sync failed counts as whole");
    let made = || std::fs::metadata(dir.join("index")).unwrap().ino();
    let before = made();
    assert!(run(&["list", "--limit", "100"]).status.success());
    assert_ne!(made(), before, "it is not made anew");
    assert!(!open.exists());
    assert!(run(&["check"]).status.success());
}
