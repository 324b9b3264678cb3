//! Replacement of the webhook key: which keys sign when, and a journal that fails.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::sync::Arc;

use crate::desk::Desk;
use crate::hook_keys::{is_signed_by, replace};
use crate::world::TestOffice;
use axum::http::Method;
use yinzheng::base::actor::Actor;
use yinzheng::base::time::DAY;
use yinzheng::service::webhooks::{NotReplaced, Replaced};
use yinzheng::store::{Collection, EventKind, FaultPlan, FaultyFiles, Memory};

fn pass(desk: &Desk, seconds: i64) {
    desk.clock.set(&desk.now().plus(seconds).to_string());
}

#[test]
fn both_keys_sign_until_the_old_one_ends_by_itself() {
    let desk = Desk::new();
    let (office, keys) = (&*desk.office, &*desk.parts.keys);
    let document = desk.send(None, Method::GET, "/openapi.json", "").json();
    let answer = &document["paths"]["/trust/webhook.pub"]["get"]["responses"]["200"]["content"];
    let described = jsonschema::draft202012::new(&answer["text/plain"]["schema"]).unwrap();
    let published = || {
        let reply = desk.send(None, Method::GET, "/trust/webhook.pub", "");
        assert!(described.is_valid(&reply.text.clone().into()), "{}", reply.text);
        reply.text
    };
    let old = office.webhook_keys().unwrap().key;
    assert!(is_signed_by(office, keys, &[old]));
    let begun = desk.now();
    let before = office.store().head().0;
    let Replaced { key: new, instead_of, until, .. } = replace(office, 14).unwrap();
    assert_eq!((instead_of, until), (old, begun.plus(14 * DAY)));
    // The line of the journal: author, time, keys and end.
    let lines = office.store().reader().events(before, 10).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].kind, &lines[0].actor), (EventKind::Registered, &Actor::LocalOperator));
    assert_eq!((lines[0].at, lines[0].entries[0].0), (begun, Collection::WebhookKey));
    let note = format!("webhook key {new} instead of {old}, which ends {until}");
    assert_eq!(lines[0].note.as_deref(), Some(note.as_str()));
    // The new one first, until the last second.
    for wait in [0, 14 * DAY - 1] {
        pass(&desk, wait);
        assert!(is_signed_by(office, keys, &[new, old]));
        assert_eq!(published(), format!("{new}\n{old} until {until}\n"));
    }
    pass(&desk, 1);
    assert!(is_signed_by(office, keys, &[new]));
    assert_eq!(published(), format!("{new}\n"));
    assert_eq!(office.store().head().0, before + 1, "nobody did anything for it");
}

#[test]
fn two_keys_sign_at_the_most_and_one_that_leaked_ends_at_once() {
    let desk = Desk::new();
    let (office, keys) = (&*desk.office, &*desk.parts.keys);
    let first = replace(office, 30).unwrap();
    pass(&desk, DAY);
    let head = office.store().head();
    for overlap in [1, 90] {
        let refused = replace(office, overlap).unwrap_err();
        assert!(matches!(refused, NotReplaced::StillTwo(_)), "{refused}");
        let said = refused.to_string();
        assert!(said.contains(&first.until.to_string()) && said.contains("--overlap 0"), "{said}");
    }
    assert_eq!((office.store().head(), keys.drawn()), (head, 1), "nothing was begun");
    let alone = replace(office, 0).unwrap();
    assert_eq!((alone.instead_of, alone.until), (first.key, desk.now()));
    assert_eq!(alone.ended_too, Some(first.instead_of));
    let line = office.store().reader().events(head.0, 1).unwrap().remove(0);
    assert!(line.note.unwrap().ends_with(&format!("{}, as does {}", desk.now(), first.instead_of)));
    assert!(is_signed_by(office, keys, &[alone.key]));
    let published = desk.send(None, Method::GET, "/trust/webhook.pub", "").text;
    assert_eq!(published, format!("{}\n", alone.key));
    // Expired keys do not delay another replacement.
    let next = replace(office, 1).unwrap();
    assert!(is_signed_by(office, keys, &[next.key, alone.key]));
}

/// Which write fails × how much of it reaches the disk × power cut or end of the process: only keys
/// in the journal sign, an acknowledged replacement survives a restart, and there is always a key
/// that signs.
#[test]
fn a_journal_that_fails_leaves_the_old_key_or_both() {
    for fails_at in 0..4 {
        for lands in [0, 1, 500, usize::MAX] {
            for power_cut in [true, false] {
                damage(FaultPlan { fails_at, lands }, power_cut);
            }
        }
    }
}

fn damage(plan: FaultPlan, power_cut: bool) {
    let files = FaultyFiles::default();
    let test = TestOffice::over(Arc::new(Memory::over(files.clone()).unwrap()));
    let keys = &*test.parts.keys;
    let old = test.office.webhook_keys().unwrap().key;
    files.plan(plan);
    let made = replace(&test.office, 14).map(|made| made.key).ok();
    let by: Vec<_> = made.into_iter().chain([old]).collect();
    assert!(is_signed_by(&test.office, keys, &by), "{plan:?}");
    // After a disk error, another attempt generates no key.
    let drawn = keys.drawn();
    assert!(replace(&test.office, 14).is_err());
    assert_eq!(keys.drawn(), drawn, "{plan:?}");
    if power_cut {
        files.power_cut();
    } else {
        files.process_ends();
    }
    let store = Arc::new(Memory::over(files).unwrap());
    let again = TestOffice::again(store, &test.parts, Arc::clone(&test.clock));
    let found = again.office.webhook_keys().unwrap();
    assert!(made.is_none_or(|made| made == found.key), "{plan:?} {power_cut}");
    let before = found.before(again.office.now()).map(|ending| ending.key);
    assert_eq!(before, (found.key != old).then_some(old));
    let by: Vec<_> = [found.key].into_iter().chain(before).collect();
    assert!(is_signed_by(&again.office, keys, &by));
}
