//! The messages of a destination and their signatures: the rules, in this process.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::desk::Desk;
use crate::world::example;
use axum::http::Method;
use serde_json::Value;
use yinzheng::base::actor::Actor;
use yinzheng::base::secret::Secret;
use yinzheng::base::time::Timestamp;
use yinzheng::domain::access::Caller;
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::webhooks::{State, Turn};
use yinzheng::edge::config::OfficeFolder;
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::edge::webhooks::{Courier, kept};
use yinzheng::service::keys::Keys as _;
use yinzheng::service::webhooks::{
    DestinationError, HookError, Message, NewDestination, Progress, Registered, signature,
};
use yinzheng::store::{Collection, EventKind, Memory, OpenOptions, StoreError};

const URL: &str = "https://hooks.example.org/in";

fn register(desk: &Desk, name: &str, client: &str) -> (Registered, Progress) {
    let new = NewDestination { name, client, url: URL, roots: None };
    desk.office.add_destination(new, &Actor::LocalOperator).unwrap();
    let registered = desk.office.destination(name).unwrap();
    let progress = Progress::new(&registered, desk.office.store().reader().epoch().unwrap());
    (registered, progress)
}

/// All messages from here on, each acknowledged.
fn deliver(desk: &Desk, one: &Registered, progress: &mut Progress) -> Vec<Message> {
    let mut messages = Vec::new();
    loop {
        desk.office.in_this_epoch(progress).unwrap();
        let looked = desk.office.look_for(&one.destination, progress).unwrap();
        match looked.message {
            Some(message) => {
                progress.arrived(message.next, desk.now());
                messages.push(message);
            }
            None => progress.passed(looked.next),
        }
        if !looked.more {
            return messages;
        }
    }
}

fn changes(messages: &[Message]) -> Vec<(String, String)> {
    let read = |message: &Message| serde_json::from_str::<Value>(&message.body).unwrap();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    messages
        .iter()
        .flat_map(|message| read(message)["data"]["changes"].as_array().unwrap().clone())
        .map(|one| (text(&one, "id"), text(&one, "at")))
        .collect()
}

/// The same from the feed, in small pages.
fn feed(desk: &Desk, caller: &Caller, since: u64) -> Vec<(String, String)> {
    let (mut since, mut all) = (since, Vec::new());
    loop {
        let page = desk.office.changes(caller, since, 3).unwrap();
        all.extend(page.changes.into_iter().map(|one| (one.id, one.at.to_string())));
        since = page.next;
        if !page.more {
            return all;
        }
    }
}

fn pass(desk: &Desk, seconds: i64) {
    desk.clock.set(&desk.now().plus(seconds).to_string());
}

#[test]
fn a_destination_is_told_exactly_what_its_client_is_shown() {
    let desk = Desk::new();
    let clients = [
        ("all-desk", "social", &["feed:*"][..]),
        ("one-desk", "social", &["feed:private-school", "read:*"]),
        ("other-desk", "social", &["feed:residence-permit"]),
        ("market-desk", "market", &["feed:*"]),
        ("police-desk", "police", &["feed:business"]),
    ];
    let callers = clients.map(|(name, department, scopes)| {
        let caller = desk.client(name, department, scopes, &[]);
        (caller, register(&desk, name, name))
    });
    let start = desk.office.store().head().0;
    let kinds = ["private-school", "residence-permit", "business", "food-operation"];
    let mut grants = Vec::new();
    for round in 0..12_usize {
        let issued = desk.issue(kinds[round % 4], &example(kinds[round % 4])).licence;
        pass(&desk, 1);
        match round {
            2 => grants.push(desk.grant(("social", "residence-permit"), &["name"], &[], &["甲"])),
            3 => grants.push(desk.grant(("market", "private-school"), &[], &[], &["乙"])),
            6 => drop(desk.office.withdraw_grant(grants[0], &Actor::LocalOperator).unwrap()),
            _ => {}
        }
        if round % 3 == 0 {
            let act = if round == 3 {
                StatusChange::Revoke(Reason::Ceased)
            } else {
                StatusChange::Suspend(Reason::Ceased)
            };
            desk.office.change(issued.id.as_str(), act, &Actor::LocalOperator).unwrap();
            pass(&desk, 1);
        }
    }
    let mut delivered = Vec::new();
    for (caller, (registered, mut progress)) in callers {
        let messages = deliver(&desk, &registered, &mut progress);
        let shown = feed(&desk, &caller, start);
        assert_eq!(changes(&messages), shown, "{}", caller.client());
        delivered.push(shown.len());
        // There is nothing more, and nothing is sent twice.
        assert!(deliver(&desk, &registered, &mut progress).is_empty());
        assert_eq!(progress.next, desk.office.store().head().0);
    }
    assert_eq!(delivered, [4, 4, 0, 12, 0]);
}

#[test]
fn messages_are_bounded_and_their_ids_are_what_they_say() {
    let desk = Desk::new();
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let (registered, progress) = register(&desk, "school-hooks", "school-desk");
    let (other, _) = register(&desk, "other-hooks", "school-desk");
    let id = desk.issue("private-school", &example("private-school")).licence.id;
    for round in 0..120 {
        let act = if round % 2 == 0 {
            StatusChange::Suspend(Reason::Ceased)
        } else {
            StatusChange::Resume
        };
        desk.office.change(id.as_str(), act, &Actor::LocalOperator).unwrap();
    }
    let look = |one: &Registered, progress: &Progress| {
        desk.office.look_for(&one.destination, progress).unwrap().message.unwrap()
    };
    let first = look(&registered, &progress);
    assert_eq!(changes(std::slice::from_ref(&first)).len(), 100);
    assert!(first.body.len() < 32 << 10, "{}", first.body.len());
    assert_eq!(deliver(&desk, &registered, &mut progress.clone()).len(), 2);
    // An unacknowledged message is repeated unchanged, however much happened since.
    let sent = Progress { sending: Some(first.next), ..progress.clone() };
    desk.office
        .change(id.as_str(), StatusChange::Suspend(Reason::Ceased), &Actor::LocalOperator)
        .unwrap();
    assert_eq!(look(&registered, &sent), first);
    assert!(desk.office.look_for(&registered.destination, &sent).unwrap().more);
    // The same changes to another destination are another message.
    assert_ne!(look(&other, &progress).id, first.id);
    // When the client may see more of the same events, it is another message too.
    let (second, before) = register(&desk, "permits", "school-desk");
    desk.permit(1, None);
    desk.issue("private-school", &example("private-school"));
    let narrow = look(&second, &before);
    desk.grant(("social", "residence-permit"), &["name"], &[], &["甲"]);
    let sent = Progress { sending: Some(narrow.next), ..before };
    let wide = look(&second, &sent);
    assert_ne!((wide.id, wide.next), (narrow.id.clone(), 0));
    assert_eq!((wide.next, changes(&[wide_of(&wide.body)]).len()), (narrow.next, 2));
}

fn wide_of(body: &str) -> Message {
    Message { id: String::new(), body: body.to_owned(), next: 0 }
}

#[test]
fn a_client_that_may_not_follow_is_told_nothing() {
    let desk = Desk::new();
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let (registered, progress) = register(&desk, "school-hooks", "school-desk");
    desk.issue("private-school", &example("private-school"));
    assert!(desk.office.look_for(&registered.destination, &progress).unwrap().message.is_some());
    desk.office.disable_client("school-desk", &Actor::LocalOperator).unwrap();
    let found = desk.office.look_for(&registered.destination, &progress);
    assert!(matches!(found, Err(HookError::NoClient(_))), "{found:?}");
    // A destination cannot be registered for it.
    let new = NewDestination { name: "more-hooks", client: "school-desk", url: URL, roots: None };
    let refused = desk.office.add_destination(new, &Actor::LocalOperator);
    assert!(matches!(refused, Err(DestinationError::NoFeed(_))), "{refused:?}");
}

#[test]
fn every_change_of_a_registration_is_a_line_of_the_journal() {
    let desk = Desk::new();
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let before = desk.office.store().head().0;
    register(&desk, "school-hooks", "school-desk");
    let turn = |turn| desk.office.turn_destination("school-hooks", turn, &Actor::LocalOperator);
    turn(Turn::Pause).unwrap();
    assert!(matches!(turn(Turn::Pause), Err(DestinationError::NotAllowed(_))));
    turn(Turn::Resume).unwrap();
    desk.office.turn_destination("school-hooks", Turn::Disable, &Actor::System).unwrap();
    turn(Turn::Remove).unwrap();
    assert!(matches!(turn(Turn::Resume), Err(DestinationError::Unknown(_))));
    assert!(desk.office.destinations().unwrap().is_empty());
    let lines = desk.office.store().reader().events(before, 100).unwrap();
    let said: Vec<_> = lines.iter().map(|line| line.note.as_deref().unwrap()).collect();
    let states = ["active", "paused", "active", "disabled", "removed"];
    assert_eq!(said, states.map(|state| format!("destination_{state}")));
    for line in &lines {
        assert_eq!(line.kind, EventKind::Registered);
        assert_eq!(line.entries, [(Collection::Destination, "school-hooks".to_owned())]);
    }
    assert_eq!((&lines[3].actor, &lines[4].actor), (&Actor::System, &Actor::LocalOperator));
    // The name may be used again; stored progress of the earlier destination is ignored.
    let old = Progress { next: 99, ..register(&desk, "other-hooks", "school-desk").1 };
    let (again, fresh) = register(&desk, "school-hooks", "school-desk");
    assert_eq!((again.revision, again.destination.state), (6, State::Active));
    assert_eq!(Progress::follow(Some(old), &again, 0), fresh);
}

#[test]
fn after_a_pause_it_is_tried_at_once_from_where_it_stopped() {
    let desk = Desk::new();
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let (_, mut progress) = register(&desk, "school-hooks", "school-desk");
    (progress.next, progress.sending) = (40, Some(44));
    for _ in 0..20 {
        progress.failed("status 500".to_owned(), desk.now(), 1, None);
    }
    assert!(progress.is_failing() && !progress.is_due(desk.now()));
    for turn in [Turn::Pause, Turn::Resume] {
        desk.office.turn_destination("school-hooks", turn, &Actor::LocalOperator).unwrap();
    }
    let registered = desk.office.destination("school-hooks").unwrap();
    let progress = Progress::follow(Some(progress), &registered, 0);
    assert!(progress.is_due(desk.now()) && !progress.is_failing());
    assert_eq!((progress.next, progress.sending), (40, Some(44)));
}

/// A backup was restored: the numbers of delivered events are used again for others.
#[test]
fn after_events_were_lost_it_goes_on_where_the_new_epoch_begins() {
    let desk = Desk::new();
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let (registered, mut progress) = register(&desk, "school-hooks", "school-desk");
    desk.issue("private-school", &example("private-school"));
    deliver(&desk, &registered, &mut progress);
    let opened = desk.office.store().head().0;
    // Events up to 500 were delivered and lost; then two epochs begin, and a licence is issued in
    // each.
    progress.next = 500;
    let mut wanted = Vec::new();
    for epoch in 1..=2 {
        assert_eq!(desk.office.begin_epoch(&Actor::LocalOperator, 10).unwrap(), epoch);
        wanted
            .push(desk.issue("private-school", &example("private-school")).licence.id.to_string());
    }
    let (mut late, mut lost) = (progress.clone(), Progress { epoch: 9, ..progress.clone() });
    let delivered = deliver(&desk, &registered, &mut progress);
    assert_eq!(changes(&delivered).into_iter().map(|(id, _)| id).collect::<Vec<_>>(), wanted);
    assert!(progress.next > opened && progress.epoch == 2);
    // Events of an epoch that it has seen, and earlier ones, are not repeated.
    late.epoch = 1;
    let delivered = deliver(&desk, &registered, &mut late);
    assert_eq!(changes(&delivered).into_iter().map(|(id, _)| id).collect::<Vec<_>>(), wanted[1..]);
    // Progress of another journal, or beyond the end of this one, is not trusted.
    desk.office.in_this_epoch(&mut lost).unwrap();
    assert_eq!((lost.epoch, lost.next, lost.sending), (2, lost.first, None));
    let head = desk.office.store().head().0;
    let mut ahead = Progress { next: head + 1, sending: Some(head + 3), ..lost.clone() };
    desk.office.in_this_epoch(&mut ahead).unwrap();
    assert_eq!(ahead, lost);
    assert!(!deliver(&desk, &registered, &mut ahead).is_empty());
    // Progress up to the end of the journal is trusted.
    let mut present = Progress { next: head, sending: Some(head + 3), ..lost.clone() };
    desk.office.in_this_epoch(&mut present).unwrap();
    assert_eq!((present.next, present.sending), (head, Some(head + 3)));
}

/// The answer to an attempt may arrive when the name belongs to another registration.
#[test]
fn only_what_was_asked_can_say_that_it_is_gone() {
    let desk = Desk::new();
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let (seen, _) = register(&desk, "school-hooks", "school-desk");
    desk.office.turn_destination("school-hooks", Turn::Remove, &Actor::LocalOperator).unwrap();
    let (again, _) = register(&desk, "school-hooks", "school-desk");
    let refused = desk.office.destination_is_gone(&seen);
    assert!(matches!(refused, Err(DestinationError::Store(StoreError::Changed(_)))), "{refused:?}");
    assert_eq!(desk.office.destination("school-hooks").unwrap(), again);
    desk.office.destination_is_gone(&again).unwrap();
    let state = desk.office.destination("school-hooks").unwrap().destination.state;
    assert_eq!(state, State::Disabled);
}

/// With unusable roots the receiver is not contacted, so it did not fail.
#[test]
fn what_the_office_cannot_do_is_no_failure_of_the_receiver() {
    let (desk, folder) = (Desk::new(), tempfile::tempdir().unwrap());
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let roots = Some("no certificate");
    let new = NewDestination { name: "school-hooks", client: "school-desk", url: URL, roots };
    desk.office.add_destination(new, &Actor::LocalOperator).unwrap();
    desk.issue("private-school", &example("private-school"));
    let courier = Courier::start(folder.path(), Arc::clone(&desk.office)).unwrap();
    let kept = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        kept(folder.path(), "school-hooks").unwrap().filter(|one| one.fault.is_some())
    });
    courier.stop();
    let kept = kept.unwrap();
    assert!(kept.fault.unwrap().starts_with("TLS: "));
    assert_eq!((kept.failures, desk.office.deliveries()["school-hooks"].failed), (0, 0));
    assert!(kept.not_before.is_some());
}

/// The vectors of docs/SHARING.md, signed with the published key of the demo.
#[test]
fn the_vectors_of_the_docs_hold() {
    let page = std::fs::read_to_string("docs/SHARING.md").unwrap();
    let block = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let key = ExampleKeys.webhook_signer().unwrap();
    let mut vectors = 0;
    for vector in block.split("\n\n") {
        let value = |name: &str| {
            let line = vector.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_else(|| panic!("no {name} in {vector}")).to_owned()
        };
        let (id, at, body) = (value("webhook-id"), value("webhook-timestamp"), value("body"));
        let at = Timestamp::from_unix(at.parse().unwrap()).unwrap();
        assert_eq!(signature(&*key, &id, at, &body).unwrap(), value("webhook-signature"), "{id}");
        vectors += 1;
    }
    assert_eq!(vectors, 2);
    let desk = Desk::new();
    let key = desk.office.webhook_keys().unwrap().key.to_string();
    assert!(page.contains(&key));
    assert_eq!(desk.send(None, Method::GET, "/trust/webhook.pub", "").text, format!("{key}\n"));
}

#[test]
fn an_office_of_before_gets_its_key_with_the_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let toml = std::fs::read_to_string("keys-example/office.toml").unwrap();
    let passphrase = || Secret::new(b"a long passphrase".to_vec());
    OfficeFolder::new(&dir).create(&toml, passphrase()).unwrap();
    let key = dir.join("keys/webhook.key.pem");
    assert!(key.exists(), "made with the others");
    std::fs::remove_file(&key).unwrap();
    let open = |passphrase| OfficeFolder::new(&dir).open(passphrase, OpenOptions::default());
    // Without the passphrase the office opens and cannot sign; with it the key is generated once.
    let (office, _) = open(None).unwrap();
    assert!(office.webhook_keys().is_err() && !key.exists());
    drop(office);
    let made = open(Some(passphrase())).unwrap().0.webhook_keys().unwrap();
    assert!(key.exists());
    assert_eq!(open(Some(passphrase())).unwrap().0.webhook_keys().unwrap(), made);
    // The doctor reports what is missing.
    std::fs::remove_file(&key).unwrap();
    let doctor = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["doctor", "--dir"])
        .arg(Path::new(&dir))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("webhooks have no key yet"), "{said}");
}

/// Old journals have no destinations; new ones survive a restart.
#[test]
fn destinations_outlive_a_restart() {
    let store = Arc::new(Memory::new().unwrap());
    let desk = Desk::over(Arc::clone(&store) as Arc<_>, Arc::new(Memory::new().unwrap()));
    assert!(desk.office.destinations().unwrap().is_empty());
    desk.client("school-desk", "social", &["feed:*"], &[]);
    let (registered, _) = register(&desk, "school-hooks", "school-desk");
    let again = Desk::over(store, Arc::new(Memory::new().unwrap()));
    assert_eq!(again.office.destinations().unwrap(), [registered]);
}
