//! The real program, killed at random instants while clients of several departments issue, change,
//! approve and query over HTTP, and retry unanswered requests. Loopback only.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

mod client;
mod numbers;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::served::{Department, Server, YINZHENG, now, text};
use client::{Client, Door, Full};
use serde_json::Value;
use worker::{Acknowledged, Chance, Worker, files, idempotent};
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Timestamp;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::format::merkle::proof::verify_consistency;
use yinzheng::format::note::checkpoint::SignedCheckpoint;
use yinzheng::service::log::LogName;
use yinzheng::service::office::Office;
use yinzheng::store::{Collection, OpenOptions};

/// The last of these rounds does not end with a kill.
const ROUNDS: u32 = 8;
const PURPOSE: &str = "办件核验";

/// Signed heads of both logs that were observed meanwhile, by their sizes.
type Seen = BTreeMap<&'static str, BTreeMap<u64, (Digest, String)>>;

const LOGS: [(&str, LogName); 2] =
    [("/log/checkpoint", LogName::Acts), ("/log/access/checkpoint", LogName::Accesses)];

#[test]
fn killed_while_departments_work_nothing_answered_is_lost_and_nothing_is_done_twice() {
    let seed = u64::try_from(now()).unwrap();
    let World { mut server, departments } = World::new();
    let mut chance = Chance(seed);
    let before = licences_of(&server);
    let door = Door::new(server.port, &server.base);
    let stop = AtomicBool::new(false);
    let answered = AtomicUsize::new(0);
    let (done, seen) = std::thread::scope(|scope| {
        let _end = AtEnd(&stop);
        let workers: Vec<_> = (0..departments.len())
            .map(|number| {
                let (door, stop, answered) = (&door, &stop, &answered);
                let people = &departments[number];
                let chance = Chance(seed ^ (number as u64 + 1) << 32);
                scope.spawn(move || {
                    let mut worker = Worker::new(number, door, people, chance, answered);
                    while !stop.load(Ordering::Relaxed) {
                        worker.task();
                    }
                    worker.done
                })
            })
            .collect();
        let watcher = scope.spawn(|| watch(&door, &stop));
        for round in 1..ROUNDS {
            await_some(&answered, if round % 4 == 0 { 0 } else { 8 }, &workers);
            // In every fourth round it is killed while it reads its journal.
            std::thread::sleep(Duration::from_millis(chance.below(300)));
            server.kill();
            server.start_again();
        }
        await_some(&answered, 8, &workers);
        stop.store(true, Ordering::Relaxed);
        let done: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        (done, watcher.join().unwrap())
    });
    let kept: Vec<_> = done.iter().flat_map(|one| &one.kept).collect();
    let cut = door.cut.load(Ordering::Relaxed);
    assert!(kept.len() >= 20 && cut >= 3, "seed {seed}: {} licences, {cut} cut", kept.len());
    assert!(seen[LOGS[0].0].len() > 10 && seen[LOGS[1].0].len() > 3, "seed {seed}");

    for (people, done) in departments.iter().zip(&done) {
        let mut clients: Vec<_> = people.iter().map(|one| Client::new(&door, one)).collect();
        done.kept.iter().for_each(|one| still_there(&mut clients, one, seed));
    }
    server.kill();
    check_folder(&server, seed);
    let after = licences_of(&server);
    let new: BTreeSet<_> = after.difference(&before).map(|(id, _)| id.as_str()).collect();
    let acknowledged: BTreeSet<_> =
        kept.iter().map(|one| one.licence["id"].as_str().unwrap()).collect();
    assert_eq!(acknowledged.len(), kept.len(), "seed {seed}: one licence for two requests");
    assert_eq!(new, acknowledged, "seed {seed}: licences that nobody asked for, or that are lost");
    let numbers: BTreeSet<_> = after.iter().map(|(_, number)| number).collect();
    assert_eq!(numbers.len(), after.len(), "seed {seed}: a number stands twice");

    let queries: Vec<_> = done.iter().flat_map(|one| &one.queries).collect();
    assert!(queries.len() > 3, "seed {seed}: {} queries", queries.len());
    check_journals(&server, &seen, &queries, seed);
}

/// Stops the clients when the test fails.
struct AtEnd<'a>(&'a AtomicBool);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An office of several departments. Where approval is needed, one worker has two clients.
struct World {
    server: Server,
    departments: Vec<Vec<Department>>,
}

impl World {
    fn new() -> Self {
        let types = "types = [\"construction-permit\"]";
        let server = Server::of(&[], |toml| {
            assert!(toml.contains(types));
            toml.replacen(types, &format!("{types}\nfour_eyes = [\"construction-permit\"]"), 1)
        });
        let clerk = |name: &str, department: &str| {
            let mut rights = vec!["--department", department, "--purpose", PURPOSE];
            for scope in ["issue:*", "read:*", "change:*", "query:*"] {
                rights.extend(["--scope", scope]);
            }
            server.register_with(name, &rights)
        };
        let head = ["--department", "construction", "--scope", "approve:*", "--scope", "read:*"];
        let departments = vec![
            vec![clerk("market-one", "market")],
            vec![clerk("market-two", "market")],
            vec![clerk("health-one", "health")],
            vec![clerk("permit-desk", "construction"), server.register_with("permit-head", &head)],
        ];
        let until = Timestamp::from_unix(now()).unwrap().plus(30 * 86_400).to_string();
        for department in ["market", "health"] {
            let mut grant = vec!["grant", "add", "--to", department, "--type", "residence-permit"];
            grant.extend(["--field", "name", "--purpose", PURPOSE, "--until", &until[..10]]);
            yinzheng(&server, &grant);
        }
        Self { server, departments }
    }
}

/// Everything that was acknowledged to a client is still there.
fn still_there(clients: &mut [Client<'_>], one: &Acknowledged, seed: u64) {
    let id = one.licence["id"].as_str().unwrap();
    let place = format!("seed {seed}: {id}");
    let reader = clients.last_mut().unwrap();
    let shown = reader.get(&format!("/v1/licences/{id}"));
    assert_eq!((shown.status, shown.json()), (200, one.licence.clone()), "{place}");
    assert_eq!(files(reader, &one.licence), (one.pdf, one.credential), "{place}");
    if let Some((key, body)) = &one.request {
        let again = clients[0].send("POST", "/v1/licences", &[idempotent(key)], body);
        assert_eq!(again.status, 201, "{place}: {again:?}");
        assert_eq!(again.json()["licence"]["id"], id, "{place}: one key, two licences");
        assert!(one.changed || again.body == one.answer, "{place}: another answer");
    }
}

/// Polls the heads of both trees.
fn watch(door: &Door, stop: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        for (path, _) in LOGS {
            if let Some(full) = door.once("GET", path, &[], "").filter(Full::is_ok) {
                let text = String::from_utf8(full.body).unwrap();
                let head = SignedCheckpoint::parse(&text, &mut Budget::default()).unwrap();
                let (size, root) = (head.unproved().size(), *head.unproved().root());
                let known = seen.entry(path).or_default().insert(size, (root, text));
                assert!(known.is_none_or(|(known, _)| known == root), "two trees of one size");
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    seen
}

fn await_some<T>(
    answered: &AtomicUsize,
    count: usize,
    workers: &[std::thread::ScopedJoinHandle<'_, T>],
) {
    let wanted = answered.load(Ordering::Relaxed) + count;
    // Waits however slow the machine is; ends when a client gives up.
    while answered.load(Ordering::Relaxed) < wanted {
        assert!(
            !workers.iter().any(std::thread::ScopedJoinHandle::is_finished),
            "a client gave up"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Checks the folder with the operator's commands.
fn check_folder(server: &Server, seed: u64) {
    for command in ["check", "doctor"] {
        let output = Command::new(YINZHENG).arg(command).arg("--dir").arg(server.dir()).output();
        let output = output.unwrap();
        let said = text(&output);
        assert!(output.status.success() && !said.contains('✗'), "seed {seed}: {said}");
    }
}

/// Reads both journals from disk, without the server.
fn check_journals(server: &Server, seen: &Seen, queries: &[&String], seed: u64) {
    let place = OfficeFolder::new(&server.dir());
    let office: Office = place.open(None, OpenOptions::default()).unwrap().0;
    // Numbers that the last process left open are void from the next act on.
    let grant = office.grants().first().unwrap().number;
    office.withdraw_grant(grant, &yinzheng::base::actor::Actor::LocalOperator).unwrap();
    for (path, name) in LOGS {
        let log = office.log(name);
        let key = log.key().unwrap();
        let newest = log.checkpoint().unwrap();
        let (size, head) = (newest.unproved().size(), *newest.unproved().root());
        for (old, (root, text)) in &seen[path] {
            let budget = &mut Budget::default();
            let checkpoint = SignedCheckpoint::parse(text, budget).unwrap();
            checkpoint.by_log(std::slice::from_ref(&key), budget).unwrap();
            let proof = log.consistency(*old, size);
            let proof = proof.unwrap_or_else(|error| panic!("seed {seed}: {path} {old} {error}"));
            let continued = verify_consistency((*old, root), (size, &head), &proof);
            assert!(continued.is_ok(), "seed {seed}: {path} forgot its head of {old}");
        }
    }
    for id in queries {
        let line = office.accesses().reader().entry(Collection::Access, id).unwrap();
        let line = line.unwrap_or_else(|| panic!("seed {seed}: {id} was answered unseen"));
        let line: Value = serde_json::from_str(&line.value).unwrap();
        assert_eq!(line["result"], "answered", "seed {seed}: {line}");
    }
    drop(office);
    let voids = numbers::check(&server.dir().join("journal"))
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    assert!(voids > 0, "seed {seed}: no process left a number behind");
}

/// Identifier and number of every licence.
fn licences_of(server: &Server) -> BTreeSet<(String, String)> {
    let listed = yinzheng(server, &["list", "--limit", "100000"]);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    listed
        .lines()
        .map(words)
        .map(|line| (line[line.len() - 1].clone(), line[..2].join(" ")))
        .collect()
}

fn yinzheng(server: &Server, arguments: &[&str]) -> String {
    let output = Command::new(YINZHENG).args(arguments).arg("--dir").arg(server.dir()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}
