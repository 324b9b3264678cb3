//! The files of webhook keys: a crash between the steps, lost and wrong files, and what receivers
//! and operators see. The last tests run the real program, on loopback.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::hook_keys::{is_signed_by, message, replace};
use crate::served::destinations::{add, done, get, issue, receive, run};
use crate::served::receiver::{OK, Receiver};
use crate::served::{Server, now, put, text};
use serde_json::Value;
use tempfile::TempDir;
use yinzheng::base::secret::Secret;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::edge::entropy::SystemEntropy;
use yinzheng::edge::keys::KeyFolder;
use yinzheng::service::keys::{KeyName, Keys as _};
use yinzheng::service::office::Office;
use yinzheng::service::webhooks::NotReplaced;
use yinzheng::store::OpenOptions;

/// An office with keys of its own, on disk.
struct OfficeDir(TempDir);

impl OfficeDir {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let toml = fs::read_to_string("keys-example/office.toml").unwrap();
        OfficeFolder::new(&place.dir()).create(&toml, secret(ONE)).unwrap();
        put(place.0.path().join("pass"), ONE);
        place
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("office")
    }

    fn open_with(&self, passphrase: Option<Secret>) -> Office {
        OfficeFolder::new(&self.dir()).open(passphrase, OpenOptions::default()).unwrap().0
    }

    fn open(&self) -> Office {
        self.open_with(Some(secret(ONE)))
    }

    fn keys(&self) -> KeyFolder {
        KeyFolder::new(self.dir().join("keys"), Some(secret(ONE)))
    }

    fn first(&self) -> PathBuf {
        self.dir().join("keys/webhook.key.pem")
    }

    fn run(&self, arguments: &[&str]) -> String {
        let (dir, pass) = (self.dir(), self.0.path().join("pass"));
        let place = ["--dir", path(&dir), "--passphrase-file", path(&pass)];
        yinzheng(&[arguments, &place].concat())
    }

    fn doctor(&self) -> String {
        yinzheng(&["doctor", "--dir", path(&self.dir())])
    }
}

const ONE: &str = "a long passphrase";

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn yinzheng(arguments: &[&str]) -> String {
    let program = env!("CARGO_BIN_EXE_yinzheng");
    text(&std::process::Command::new(program).args(arguments).output().unwrap())
}

#[test]
fn a_death_between_the_steps_leaves_the_old_key_or_both() {
    let place = OfficeDir::new();
    let office = place.open();
    let old = office.webhook_keys().unwrap().key;
    drop(office);
    // The new key is on disk, but not in the journal: the old one continues alone.
    let begun = place.keys().new_webhook_key(&SystemEntropy::default()).unwrap();
    let office = place.open();
    assert!(is_signed_by(&office, &place.keys(), &[old]));
    let stray = place.keys().path(&KeyName::LaterWebhook(begun));
    // Another attempt generates another key.
    let made = replace(&office, 14).unwrap();
    assert_ne!(made.key, begun);
    drop(office);
    let said = place.doctor();
    assert!(said.contains(&format!("the key {} signs no webhooks", stray.display())), "{said}");
    // The journal names the new key: nothing is left to do.
    let office = place.open();
    assert!(is_signed_by(&office, &place.keys(), &[made.key, old]));
    assert_eq!(office.sign_message(&message(), office.now()).unwrap().lacks, None);
    // The old key is lost, which does not stop delivery.
    let aside = place.0.path().join("aside.pem");
    fs::rename(place.first(), &aside).unwrap();
    drop(office);
    let office = place.open();
    assert!(!place.first().exists(), "another first key would fit nothing");
    assert!(is_signed_by(&office, &place.keys(), &[made.key]));
    assert!(
        office
            .sign_message(&message(), office.now())
            .unwrap()
            .lacks
            .unwrap()
            .contains(&old.to_string())
    );
    drop(office);
    let said = place.doctor();
    assert!(said.contains(&format!("the key {old} that should sign webhooks until")), "{said}");
}

#[test]
fn a_key_that_is_lost_or_another_is_noticed_and_can_be_replaced() {
    let place = OfficeDir::new();
    let office = place.open();
    let first = replace(&office, 0).unwrap();
    drop(office);
    let file = place.keys().path(&KeyName::LaterWebhook(first.key));
    // The first key no longer signs and may be removed.
    let said = place.doctor();
    assert!(said.contains(&format!("the key {} signs no webhooks", place.first().display())));
    fs::remove_file(place.first()).unwrap();
    assert!(!place.doctor().contains("webhooks"), "{}", place.doctor());
    // Another key in its file.
    let other = place.keys().new_webhook_key(&SystemEntropy::default()).unwrap();
    let aside = place.0.path().join("aside.pem");
    fs::rename(&file, &aside).unwrap();
    fs::rename(place.keys().path(&KeyName::LaterWebhook(other)), &file).unwrap();
    let office = place.open();
    let refused = office.sign_message(&message(), office.now()).unwrap_err().to_string();
    assert!(refused.contains("that the journal names is not there"), "{refused}");
    fs::remove_file(&file).unwrap();
    let refused = office.sign_message(&message(), office.now()).unwrap_err().to_string();
    assert!(refused.contains(path(&file)) && refused.contains("new-key --overlap 0"), "{refused}");
    // It cannot sign besides another, and can be replaced nevertheless.
    let said = replace(&office, 14).unwrap_err();
    assert!(matches!(said, NotReplaced::Old(_)), "{said}");
    drop(office);
    let said = place.doctor();
    assert!(said.contains(&format!("the key {} that signs webhooks is missing", first.key)));
    let said = place.run(&["destination", "new-key", "--overlap", "0"]);
    assert!(said.contains("signs nothing any more"), "{said}");
    let office = place.open();
    let key = office.webhook_keys().unwrap().key;
    assert!(said.contains(&key.to_string()), "{said}");
    assert!(is_signed_by(&office, &place.keys(), &[key]));
    drop(office);
    // The file is readable by others.
    let file = place.keys().path(&KeyName::LaterWebhook(key));
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let said = place.doctor();
    assert!(said.contains(&format!("others may read the key {}", file.display())), "{said}");
}

#[test]
fn nobody_makes_a_key_without_the_passphrase_or_with_one_of_before() {
    let place = OfficeDir::new();
    let made = replace(&place.open(), 14).unwrap();
    let count = || place.keys().later_webhook_paths().unwrap().len();
    let office = place.open_with(None);
    let said = replace(&office, 0).unwrap_err().to_string();
    assert!(said.contains("YINZHENG_PASSPHRASE"), "{said}");
    drop(office);
    // The passphrase of the keys is changed while the office is open.
    let office = place.open();
    let folder = OfficeFolder::new(&place.dir());
    folder.change_passphrase(secret(ONE), &secret("two")).unwrap();
    let said = replace(&office, 0).unwrap_err().to_string();
    assert!(said.contains("does not open"), "{said}");
    assert_eq!(count(), 1, "only {} was made", made.key);
    drop(office);
    // All keys can be opened with the new passphrase: both sign.
    let office = place.open_with(Some(secret("two")));
    let signed = office.sign_message(&message(), office.now()).unwrap().signature;
    assert_eq!(signed.split(' ').count(), 2);
    assert!(replace(&office, 0).is_ok());
}

#[test]
fn a_backup_during_the_overlap_has_both_keys() {
    let place = OfficeDir::new();
    let office = place.open();
    let made = replace(&office, 14).unwrap();
    drop(office);
    let (copy, again) = (place.0.path().join("copy"), OfficeDir(tempfile::tempdir().unwrap()));
    yinzheng(&["backup", "--dir", path(&place.dir()), "--to", path(&copy)]);
    put(again.0.path().join("pass"), ONE);
    again.run(&["restore", "--from", path(&copy)]);
    let office = again.open();
    assert!(is_signed_by(&office, &again.keys(), &[made.key, made.instead_of]));
}

/// The program, serving an office with keys of its own that may send to this receiver.
fn serve(place: OfficeDir, receiver: &Receiver) -> Server {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (dir, base) = (place.dir(), format!("http://127.0.0.1:{port}"));
    let toml = fs::read_to_string(dir.join("office.toml")).unwrap();
    let allowed = format!("allow_private_destinations = [\"localhost:{}\"]", receiver.port);
    let toml = toml.replacen("[[departments]]", &format!("{allowed}\n\n[[departments]]"), 1);
    put(dir.join("office.toml"), toml);
    let child = start(place.0.path(), port);
    let server = Server { child, port, base, folder: place.0 };
    server.wait();
    let scopes = ["--department", "social", "--scope", "feed:*", "--new-key", "school.pem"];
    let added = server.client(&[&["add", "school-desk"], &scopes[..]].concat());
    assert!(added.status.success(), "{}", text(&added));
    server
}

fn start(folder: &Path, port: u16) -> std::process::Child {
    let pass = folder.join("pass");
    let listen = format!("127.0.0.1:{port}");
    Server::serve(&folder.join("office"), &listen, &["--passphrase-file", path(&pass)])
}

#[test]
fn receivers_that_know_either_key_accept_until_the_old_one_is_ended() {
    let receiver = Receiver::new(|_| OK);
    let mut server = serve(OfficeDir::new(), &receiver);
    add(&server, "school-hooks", &receiver);
    let published_key = |server: &Server| get(server, "/trust/webhook.pub");
    let old = published_key(&server).trim().to_owned();
    let said = done(&server, &["destination", "new-key"]);
    let new = published_key(&server).lines().next().unwrap().to_owned();
    assert_ne!(new, old);
    let wanted = format!("key {new}\nthe one before, {old}, signs beside it until ");
    assert!(
        said.starts_with(&wanted) && said.contains("keys/webhook.key.pem: take it away"),
        "{said}"
    );
    assert!(published_key(&server).lines().nth(1).unwrap().starts_with(&format!("{old} until 20")));
    let listed = done(&server, &["destination", "list"]);
    assert!(listed.contains(&format!("\nkey {new}\n  until 20")), "{listed}");
    assert!(listed.trim_end().ends_with(&format!("also {old}")), "{listed}");
    let listed: Value =
        serde_json::from_str(&done(&server, &["destination", "list", "--json"])).unwrap();
    assert_eq!((&listed["key"], &listed["key_before"]["key"]), (&new.into(), &old.clone().into()));
    let new = listed["key"].as_str().unwrap();
    // The same after a restart.
    for restart in [false, true] {
        if restart {
            server.kill();
            server.child = start(server.folder.path(), server.port);
            server.wait();
        }
        issue(&server, "private-school");
        let got = receiver.next();
        assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
        for key in [new, &old] {
            receive(key, "school-hooks", &got.as_text(), now()).unwrap();
        }
        let mut changed = got.as_text();
        changed = changed.replace("issued", "issueD");
        assert!(receive(&old, "school-hooks", &changed, now()).is_err());
    }
    let again = run(&server, &["destination", "new-key", "--overlap", "1"]);
    assert!(!again.status.success() && text(&again).contains("--overlap 0"), "{}", text(&again));
    // The key leaked.
    let said = done(&server, &["destination", "new-key", "--overlap", "0"]);
    assert!(
        said.contains(&format!("the one before, {new}, signs nothing any more, nor does {old}")),
        "{said}"
    );
    let last = published_key(&server).trim().to_owned();
    issue(&server, "private-school");
    let got = receiver.next();
    receive(&last, "school-hooks", &got.as_text(), now()).unwrap();
    for key in [new, &old] {
        let refused = receive(key, "school-hooks", &got.as_text(), now()).unwrap_err();
        assert!(refused.contains("no signature holds"), "{refused}");
    }
    let audit = done(&server, &["audit", "--json"]);
    assert!(
        audit.contains(&format!("webhook key {new} instead of {old}, which ends 20")),
        "{audit}"
    );
    assert!(audit.contains(&format!("webhook key {last} instead of {new}, which ends 20")));
}

#[test]
fn published_keys_have_no_successor_and_days_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    yinzheng(&["demo", "--no-serve", "--dir", path(&dir)]);
    let said = yinzheng(&["destination", "new-key", "--dir", path(&dir)]);
    assert!(said.contains("published keys"), "{said}");
    for bad in ["91", "1.5", "x"] {
        let said = yinzheng(&["destination", "new-key", "--overlap", bad, "--dir", path(&dir)]);
        assert!(said.contains("the overlap: 0 to 90 days"), "{said}");
    }
}
