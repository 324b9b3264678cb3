//! The log of accesses from outside: it is append-only, each access can be proved to be in it, and
//! heads, tiles and proofs do not reveal what was read.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use crate::desk::{Desk, ask};
use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use yinzheng::base::actor::Actor;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::access::Caller;
use yinzheng::domain::sharing::Access;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::keybinding;
use yinzheng::format::merkle::tile::Tile;
use yinzheng::service::log::{LogError, LogName};
use yinzheng::store::{
    Collection, Disk, EventKind, Memory, OpenOptions, Record, Store, Transaction,
};

const PURPOSE: &str = "入学登记";

fn school(desk: &Desk) -> Caller {
    desk.grant(("social", "residence-permit"), &["name", "address"], &[], &[PURPOSE]);
    desk.client("school-desk", "social", &["query:residence-permit"], &[PURPOSE])
}

struct Shelf(TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Another implementation, which gets only files and a key.
fn peer(arguments: &[&str]) -> (bool, String) {
    let python = "target/peers/venv/bin/python";
    let output = Command::new(python)
        .arg("tests/peers/log_check.py")
        .args(arguments)
        .output()
        .expect("run tests/peers/setup first");
    let text = String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat())
        .trim()
        .to_owned();
    let refused = output.status.code() == Some(1) && text.starts_with("refused: ");
    assert!(output.status.success() || refused, "{arguments:?}: {text}");
    (output.status.success(), text)
}

fn yinzheng(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yinzheng")).args(arguments).output().unwrap()
}

fn done(arguments: &[&str]) -> String {
    let output = yinzheng(arguments);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {printed}");
    String::from_utf8(output.stdout).unwrap()
}

fn page(desk: &Desk, path: &str) -> String {
    let reply = desk.send(None, Method::GET, path, "");
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    assert_eq!(reply.headers["content-type"], "text/plain; charset=utf-8");
    reply.text
}

/// Checkpoint and tiles as they are served.
fn take_copy(desk: &Desk, shelf: &Shelf, name: &str) -> String {
    let note = page(desk, "/log/access/checkpoint");
    let size = note.split('\n').nth(1).unwrap().parse().unwrap();
    for tile in Tile::all_of(size) {
        let path = format!("/log/access/tile/{}", tile.path());
        let reply = desk.send(None, Method::GET, &path, "");
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.headers["cache-control"].to_str().unwrap().contains("immutable"));
        let bytes = desk.office.log(LogName::Accesses).tile(tile).unwrap().unwrap();
        shelf.put(&format!("{name}/tile/{}", tile.path()), bytes);
    }
    shelf.put(&format!("{name}/checkpoint"), note);
    shelf.at(name).to_str().unwrap().to_owned()
}

#[test]
fn the_log_of_accesses_grows_apart_from_that_of_acts_and_only_grows() {
    let desk = Desk::new();
    let caller = school(&desk);
    desk.permit(1, None);
    let shelf = Shelf::new();
    let query = || desk.post(Some(&caller), "/v1/query", &ask(1, json!({})));
    let acts = || page(&desk, "/log/checkpoint");
    let vkey = page(&desk, "/log/access/vkey");
    let vkey = vkey.trim();
    assert!(vkey.starts_with("127.0.0.1:8080/log/access+"), "{vkey}");
    assert_ne!(vkey, page(&desk, "/log/vkey").trim());
    query();
    let (old, of_acts) = (take_copy(&desk, &shelf, "old"), acts());
    assert_eq!(peer(&["copy", &old, vkey]), (true, "1 leaves".to_owned()));
    for _ in 0..300 {
        query();
    }
    assert_eq!(acts(), of_acts, "a query is no act of the office");
    let new = take_copy(&desk, &shelf, "new");
    let (earlier, now) = (format!("{old}/checkpoint"), format!("{new}/checkpoint"));
    assert_eq!(peer(&["copy", &new, vkey, &earlier]), (true, "301 leaves".to_owned()));
    assert!(peer(&["extend", &new, &earlier, &now, vkey]).0);
    done(&["log", "verify", &new, "--from", &earlier, "--log-key", vkey]);
    // The head of one log is not accepted for the other, although one key signs both.
    let main = page(&desk, "/log/vkey");
    assert!(!peer(&["copy", &new, main.trim()]).0);
    let wrong = yinzheng(&["log", "verify", &new, "--from", &earlier, "--log-key", main.trim()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(desk.send(None, Method::GET, "/v1/access-root", "").status, 404);
}

#[test]
fn each_access_is_shown_to_be_in_the_log_by_whoever_knows_it_and_nothing_else_is_told() {
    let desk = Desk::new();
    let caller = school(&desk);
    let licences = [desk.permit(1, None).licence, desk.permit(2, None).licence];
    let shelf = Shelf::new();
    let vkey = page(&desk, "/log/access/vkey");
    let vkey = vkey.trim();
    desk.post(Some(&caller), "/v1/query", &ask(1, json!({})));
    let both = json!({ "queries": [ask(1, json!({})), ask(2, json!({})), ask(7, json!({}))] });
    desk.post(Some(&caller), "/v1/query/batch", &both);
    desk.post(Some(&caller), "/v1/match", &ask(2, json!({ "fields": { "name": "李" } })));
    let lines = desk.lines();
    assert_eq!(lines.len(), 5);
    let text = |line: &Access| {
        desk.office.accesses().reader().entry(Collection::Access, &line.id).unwrap().unwrap().value
    };
    for (at, line) in lines.iter().enumerate() {
        let proof = page(&desk, &format!("/log/access/proof/{}", line.id));
        let proof_path = shelf.put("proof", &proof);
        for (other, shown) in lines.iter().enumerate() {
            let shown = shelf.put("line", text(shown));
            let (accepted, printed) = peer(&["access", &proof_path, &shown, vkey]);
            // The three accesses of the batch are one leaf.
            let one_leaf = (1..4).contains(&at) && (1..4).contains(&other);
            assert_eq!(accepted, at == other || one_leaf, "{at} {other} {printed}");
        }
        let changed = shelf.put("changed", text(line).replace("school", "schoo1"));
        assert!(!peer(&["access", &proof_path, &changed, vkey]).0);
        // The proof has no name, licence, purpose or other access.
        let extra = proof.lines().find_map(|line| line.strip_prefix("extra ")).unwrap();
        let extra = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, extra);
        let printed = format!("{proof}{}", String::from_utf8(extra.unwrap()).unwrap());
        for secret in [licences[0].id.as_str(), licences[1].id.as_str(), PURPOSE, "school-desk"] {
            assert!(!printed.contains(secret), "{secret}");
        }
        assert!(lines.iter().all(|line| !printed.contains(&line.id)));
    }
    // The act's own blinding is not disclosed: with it, the rest of the act could be guessed.
    let id = &lines[1].id;
    let (_, content) = desk.office.accesses().reader().leaf_of_access(id).unwrap().unwrap();
    assert_eq!((content.parts.len(), content.blinding.len()), (4, 32));
    for unknown in ["0".repeat(32), "x".to_owned()] {
        let reply = desk.send(None, Method::GET, &format!("/log/access/proof/{unknown}"), "");
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
        assert!(matches!(desk.office.access_proof(&unknown), Err(LogError::NoAccess(_))));
    }
}

fn access(id: &str, licence: &str) -> Access {
    serde_json::from_value(json!({
        "id": id, "at": "2026-11-24T06:00:00Z", "act": "query", "client": "school-desk",
        "department": "social", "type": "residence-permit", "purpose": PURPOSE, "item": "1",
        "licences": [licence], "fields": ["name"], "result": "answered",
    }))
    .unwrap()
}

/// Records `count` accesses to a licence as one act.
fn write_down(store: &dyn Store, licence: &str, count: u32, blinding: u8) {
    let at = yinzheng::base::time::Timestamp::parse("2026-11-24T06:00:00Z").unwrap();
    let mut act = Transaction::new(EventKind::Accessed, Actor::System, at, [blinding; 16]);
    act.about.push(licence.to_owned());
    for number in 0..count {
        let key = format!("{blinding:02x}{number:030x}");
        let value = serde_json::to_string(&access(&key, licence)).unwrap();
        act.entries.push(Record { room: Collection::Access, key, revision: 1, value });
    }
    store.commit(act).unwrap();
}

#[test]
fn a_holder_reads_page_after_page_and_checks_each_line() {
    let desk = Desk::new();
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
    let issued = desk.permit(1, Some(Jwk::new(key.public_key()).unwrap().to_json()));
    let id = issued.licence.id.as_str();
    write_down(desk.office.accesses(), id, 700, 1);
    write_down(desk.office.accesses(), "another licence", 3, 2);
    write_down(desk.office.accesses(), id, 301, 3);
    let read = |before: Option<&Value>| {
        let nonce = desk.post(None, "/v1/holder/nonce", &json!({ "for": "accesses" })).json();
        let (audience, nonce) = (nonce["audience"].as_str().unwrap(), nonce["nonce"].clone());
        let token = format!("{}~", issued.credential.split('~').next().unwrap());
        let to = (audience, nonce.as_str().unwrap());
        let shown = keybinding::bind(&token, to, desk.now(), &key).unwrap();
        let mut body = json!({ "nonce": nonce, "presentation": shown });
        if let Some(before) = before {
            body["before"] = before.clone();
        }
        let reply = desk.post(None, "/v1/holder/accesses", &body);
        assert_eq!(reply.status, 200, "{}", reply.text);
        // A nonce is valid for one page.
        assert_eq!(desk.post(None, "/v1/holder/accesses", &body).code(), "bad_nonce");
        reply.json()
    };
    let (mut all, mut sizes, mut next) = (Vec::new(), Vec::new(), None);
    loop {
        let page = read(next.as_ref());
        sizes.push(page["accesses"].as_array().unwrap().len());
        all.extend(page["accesses"].as_array().unwrap().clone());
        if page["next"].is_null() {
            break;
        }
        next = Some(page["next"].clone());
    }
    assert_eq!(sizes, [500, 500, 1]);
    let ids: Vec<_> = all.iter().map(|line| line["id"].as_str().unwrap()).collect();
    let expected = |blinding: u8, count: u32| {
        (0..count).rev().map(move |number| format!("{blinding:02x}{number:030x}"))
    };
    assert!(expected(3, 301).chain(expected(1, 700)).eq(ids.iter().copied()));
    assert_eq!(read(Some(&json!("no such access")))["accesses"], json!([]));
    let (shelf, vkey) = (Shelf::new(), page(&desk, "/log/access/vkey"));
    let line = &all[700];
    let proof = page(&desk, &format!("/log/access/proof/{}", line["id"].as_str().unwrap()));
    let (proof, text) = (shelf.put("proof", proof), line["line"].as_str().unwrap());
    assert!(peer(&["access", &proof, &shelf.put("line", text), vkey.trim()]).0);
    assert_eq!(serde_json::from_str::<Value>(text).unwrap()["licences"], json!([id]));
}

#[test]
fn proofs_of_accesses_are_there_after_a_restart_and_a_reindex() {
    let folder = tempfile::tempdir().unwrap();
    let open = |reindex| {
        let options = OpenOptions { reindex, ..OpenOptions::default() };
        Disk::open(folder.path(), &options).unwrap().0
    };
    let id = format!("{:02x}{:030x}", 5, 2);
    let first = {
        let disk = open(false);
        write_down(&disk, "a licence", 1, 4);
        write_down(&disk, "a licence", 4, 5);
        disk.reader().leaf_of_access(&id).unwrap().unwrap()
    };
    assert_eq!((first.0, first.1.parts.len()), (1, 5));
    for reindex in [false, true, false] {
        let disk = Arc::new(open(reindex));
        assert_eq!(disk.reader().leaf_of_access(&id).unwrap().as_ref(), Some(&first));
        let desk = Desk::over(Arc::new(Memory::new().unwrap()), disk);
        // The path leads to the root of the journal's tree.
        assert_eq!(desk.office.access_proof(&id).unwrap().index, 1);
    }
}

#[test]
fn operators_and_witnesses_do_with_it_what_they_do_with_the_other() {
    let shelf = Shelf::new();
    let at = |name: &str| shelf.at(name).to_str().unwrap().to_owned();
    let (dir, copy, backup, keys) = (at("office"), at("copy"), at("backup"), at("witness"));
    let pass = shelf.put("pass", "a passphrase");
    fs::set_permissions(&pass, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let own = ["--name", "witness.example/one", "--keys", &keys, "--passphrase-file", &pass];
    let witness = |more: &[&str]| done(&[&["log"], more, &own].concat());
    let known = witness(&["witness"]);
    let toml = include_str!("../keys-example/office.toml");
    let log = format!("[log]\nwitnesses = [{:?}]\n\n[[departments]]", known.trim());
    let toml = toml.replacen("[[departments]]", &log, 1);
    OfficeFolder::new(Path::new(&dir)).create_demo(&toml).unwrap();
    let write = |blinding| {
        let (office, _) =
            OfficeFolder::new(Path::new(&dir)).open(None, OpenOptions::default()).unwrap();
        write_down(office.accesses(), "a licence", 2, blinding);
    };
    write(1);
    let of_it = ["--dir", &dir, "--access"];
    let vkey = done(&[&["log", "vkey"], &of_it[..]].concat());
    let vkey = vkey.trim();
    done(&[&["log", "export"], &of_it[..], &["--to", &copy]].concat());
    let kept = shelf.put("kept", fs::read(format!("{copy}/checkpoint")).unwrap());
    let signed = shelf.put("signed", witness(&["cosign", &copy, "--log-key", vkey]));
    done(&["log", "add-cosignature", "--dir", &dir, &signed]);
    // Each log keeps its own head, also across a restart.
    let witnessed = done(&[&["log", "checkpoint", "--witnessed"], &of_it[..]].concat());
    assert!(witnessed.contains("witness.example/one") && witnessed.contains("/log/access\n"));
    let none = yinzheng(&["log", "checkpoint", "--witnessed", "--dir", &dir]);
    assert_eq!(none.status.code(), Some(1));
    write(2);
    let id = format!("{:02x}{:030x}", 1, 1);
    let proof = done(&[&["log", "proof"], &of_it[..], &[&id]].concat());
    let line = shelf.put("line", serde_json::to_string(&access(&id, "a licence")).unwrap());
    let proof = shelf.put("proof", &proof);
    let (accepted, printed) = peer(&["access", &proof, &line, vkey, known.trim()]);
    assert!(accepted && printed.contains("witness.example/one@"), "{printed}");
    done(&["backup", "--dir", &dir, "--to", &backup]);
    let journal = format!("{backup}/access");
    let printed = done(&["log", "verify", &journal, "--from", &kept, "--log-key", vkey]);
    assert!(printed.contains("now 2 leaves"), "{printed}");
    // A line is removed.
    fs::remove_dir_all(format!("{dir}/access")).unwrap();
    write(9);
    let printed =
        yinzheng(&["log", "verify", &at("office/access"), "--from", &kept, "--log-key", vkey]);
    let printed = String::from_utf8_lossy(&printed.stderr).into_owned();
    assert!(printed.contains("REWRITTEN"), "{printed}");
}
