//! The real process: killed at random moments, and watched by strace.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use yinzheng::edge::local::{self, LocalAct, LocalAnswer};

const BINARY: &str = env!("CARGO_BIN_EXE_yinzheng");

fn issue_act() -> LocalAct {
    let text = include_str!("../schemas/examples/business.json");
    let input = serde_json::from_str(text).unwrap();
    LocalAct::Issue { kind: "business".to_owned(), input, idempotency: None }
}

fn serve(dir: &Path, port: u16) -> Child {
    let mut child = Command::new(BINARY)
        .args(["serve", "--dir", dir.to_str().unwrap(), "--listen", &format!("127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
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
        let asking = dir.clone();
        let asker = std::thread::spawn(move || {
            let mut done = Vec::new();
            while let Ok(Some(LocalAnswer::Done(value))) = local::ask(&asking, &issue_act()) {
                let licence = &value["licence"];
                done.push((licence["id"].to_string(), licence["number"].to_string()));
            }
            done
        });
        // Another moment in each round.
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
    // Number and type of each line.
    let numbers: Vec<Vec<&str>> =
        listed.lines().map(|line| line.split_whitespace().skip(2).take(2).collect()).collect();
    let distinct: BTreeSet<&Vec<&str>> = numbers.iter().collect();
    assert_eq!(distinct.len(), numbers.len(), "a number stands twice");
    let check =
        Command::new(BINARY).args(["check", "--dir", dir.to_str().unwrap()]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

/// A kill cannot show this: the page cache survives it. The order of the system calls can.
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
    // The files of the answer are written only by who has the answer.
    let answered =
        lines.iter().position(|line| line.contains("write(") && line.contains(".pdf")).unwrap();
    assert!(written < synced && synced < answered, "{written} {synced} {answered}");
}
