//! Change of an office's passphrase: it applies to all keys that a start may need, or to none.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::Path;

use yinzheng::base::actor::Actor;
use yinzheng::base::secret::Secret;
use yinzheng::domain::webhooks::Overlap;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::edge::entropy::SystemEntropy;
use yinzheng::edge::keys::KeyFolder;
use yinzheng::edge::log_key_rotation::LogKeyRotation;
use yinzheng::service::issue_command::{Request, Requester};
use yinzheng::service::keys::{KeyName, Keys as _};
use yinzheng::service::log::LogName;
use yinzheng::service::office::Office;
use yinzheng::store::OpenOptions;

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

fn create(dir: &Path) -> OfficeFolder {
    let folder = OfficeFolder::new(dir);
    let toml = fs::read_to_string("keys-example/office.toml").unwrap();
    folder.create(&toml, secret("one")).unwrap();
    folder
}

fn open(folder: &OfficeFolder, passphrase: &str) -> Office {
    folder.open(Some(secret(passphrase)), OpenOptions::default()).unwrap().0
}

/// The bytes of every file in `keys/`, by name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(dir.join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    let mut all: Vec<_> = entries.map(read).collect();
    all.sort();
    all
}

#[test]
fn keys_that_wait_and_keys_that_came_later_are_encrypted_anew_too() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("office");
    let folder = create(&dir);
    let office = open(&folder, "one");
    let made =
        office.replace_webhook_key(Overlap::try_from(14).unwrap(), &Actor::LocalOperator).unwrap();
    // The successor of the log's key is on disk, and named in the journal.
    let id = office.log(LogName::Acts).key().unwrap().id_hex();
    let succession = LogKeyRotation::of(&dir, &id);
    let keys = KeyFolder::new(dir.join("keys"), Some(secret("one")));
    keys.create_at(&succession.next(), &KeyName::Log, &SystemEntropy::default()).unwrap();
    office.retire_log_key(&id, &Actor::LocalOperator).unwrap();
    drop(office);
    let before = files(&dir);
    assert_eq!(folder.change_passphrase(secret("one"), &secret("two")).unwrap(), before.len());
    for ((name, old), (_, new)) in before.iter().zip(&files(&dir)) {
        assert_ne!(old, new, "{name}");
    }
    let office = open(&folder, "two");
    assert_ne!(office.log(LogName::Acts).key().unwrap().id_hex(), id);
    assert!(succession.retired().exists() && !succession.next().exists());
    let keys = KeyFolder::new(dir.join("keys"), Some(secret("two")));
    for key in [made.key, made.instead_of] {
        assert!(keys.webhook_signer_of(&key).is_ok(), "{key}");
    }
}

/// A number that nobody was given has to be explained in the journal for ever.
#[test]
fn without_its_keys_an_office_draws_no_number() {
    let place = tempfile::tempdir().unwrap();
    let folder = create(&place.path().join("office"));
    let text = fs::read_to_string("schemas/examples/food-operation.json").unwrap();
    let input = serde_json::from_str(&text).unwrap();
    let requester = Requester::Operator(Actor::LocalOperator);
    let issue = |passphrase| {
        let office = open(&folder, passphrase);
        let request = Request {
            requester: &requester,
            kind: "food-operation",
            input: &input,
            idempotency: None,
        };
        let issued = office.issue(&request).map(|issued| issued.licence.number);
        office.close().unwrap();
        issued
    };
    let serial = |number: String| number.get(9..15).unwrap().parse::<u32>().unwrap();
    let first = serial(issue("one").unwrap());
    for _ in 0..3 {
        assert!(issue("two").is_err());
    }
    assert_eq!(serial(issue("one").unwrap()), first + 1);
}

#[test]
fn when_one_key_does_not_open_none_is_changed() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("office");
    let folder = create(&dir);
    let succession = LogKeyRotation::of(&dir, "00000000");
    let keys = KeyFolder::new(dir.join("keys"), Some(secret("of before")));
    keys.create_at(&succession.next(), &KeyName::Log, &SystemEntropy::default()).unwrap();
    let before = files(&dir);
    let refused = folder.change_passphrase(secret("one"), &secret("two")).unwrap_err().to_string();
    assert!(refused.contains("log-00000000.next.pem: the passphrase does not open"), "{refused}");
    assert_eq!(files(&dir), before);
}

/// A full disk halfway leaves some keys under the new passphrase and some under the old.
#[test]
fn a_change_that_was_cut_short_is_finished_by_the_same_call() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("office");
    let folder = create(&dir);
    let before = files(&dir);
    folder.change_passphrase(secret("one"), &secret("two")).unwrap();
    let (name, old) = before.last().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
    fs::write(dir.join("keys").join(name), old).unwrap();
    let half = files(&dir);
    folder.change_passphrase(secret("one"), &secret("two")).unwrap();
    let changed: Vec<_> =
        files(&dir).into_iter().zip(half).filter(|(new, old)| new != old).collect();
    assert_eq!(changed.len(), 1, "those that were changed stay");
    drop(open(&folder, "two"));
    assert!(folder.change_passphrase(secret("three"), &secret("four")).is_err());
}
