//! Commands of operators: dual approval, rights of clients, copies of the log, and a new key for
//! it.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::served::Server;
use serde_json::Value;
use tempfile::TempDir;
use yinzheng::base::actor::Actor;
use yinzheng::base::secret::Secret;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::edge::entropy::SystemEntropy;
use yinzheng::edge::keys::KeyFolder;
use yinzheng::edge::log_key_rotation::LogKeyRotation;
use yinzheng::service::keys::KeyName;
use yinzheng::store::OpenOptions;

fn yinzheng(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn done(arguments: &[&str]) -> String {
    let (code, said) = yinzheng(arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    said
}

fn failed(arguments: &[&str], code: i32) -> String {
    let (given, said) = yinzheng(arguments);
    assert_eq!(given, Some(code), "{arguments:?}: {said}");
    said
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
}

struct OfficeDir(TempDir);

impl OfficeDir {
    /// A demo office whose construction permits need two persons.
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        done(&["demo", "--no-serve", "--dir", &place.dir()]);
        let toml = place.at("office/office.toml");
        let text = fs::read_to_string(&toml).unwrap();
        let types = "types = [\"construction-permit\"]";
        let two = format!("{types}\nfour_eyes = [\"construction-permit\"]");
        assert!(text.contains(types));
        write(&toml, text.replace(types, &two));
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn dir(&self) -> String {
        self.path("office")
    }

    fn issue(&self, more: &[&str]) -> String {
        let (dir, out) = (self.dir(), self.path("out"));
        let first = ["issue", "--dir", &dir, "--type", "construction-permit"];
        let input = "schemas/examples/construction-permit.json";
        done(&[&first[..], &[input, "--out", &out], more].concat())
    }

    fn proposals(&self, command: &[&str], more: &[&str]) -> (Option<i32>, String) {
        let dir = self.dir();
        yinzheng(&[&["proposals"], command, &["--dir", &dir], more].concat())
    }
}

#[test]
fn a_second_officer_approves_what_is_shown_and_nobody_their_own() {
    let place = OfficeDir::new();
    let said = place.issue(&["--as", "王小明"]);
    assert!(said.contains("proposal 1, digest "), "{said}");
    let (_, listed) = place.proposals(&["list"], &[]);
    assert!(
        listed.starts_with("1  pending  construction-permit  proposed by 王小明 at "),
        "{listed}"
    );
    let (_, shown) = place.proposals(&["show", "1"], &[]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let digest = shown["digest"].as_str().unwrap();
    assert!(listed.contains(digest) && shown["application"]["fields"].is_object(), "{shown}");
    let out = place.path("approved");
    let approve = |officer: &str, digest: &str| {
        place.proposals(&["approve", "1"], &["--as", officer, "--digest", digest, "--out", &out])
    };
    let other = "0".repeat(64);
    for (officer, digest, why) in [
        ("王小明", digest, "nobody approves a proposal that they made"),
        (" 王小明 ", digest, "nobody approves a proposal that they made"),
        ("王 小明", digest, "nobody approves a proposal that they made"),
        ("李四", other.as_str(), "look at it again"),
        ("李四", "12", "64 hexadecimal digits"),
        ("local_operator", digest, "a name of"),
        ("Local_Operator", digest, "a name of"),
        ("", digest, "a name of"),
    ] {
        let (code, said) = approve(officer, digest);
        assert!(code == Some(1) && said.contains(why), "{officer}: {said}");
    }
    assert!(failed(&["proposals", "approve", "1", "--dir", &place.dir()], 64).contains("--as"));
    let (code, said) = approve("李四", digest);
    assert_eq!(code, Some(0), "{said}");
    let words: Vec<_> = said.split_whitespace().collect();
    let (number, id) = (words[3], words[4]);
    let pdf = place.at("approved").join(format!("{number}.pdf"));
    done(&["verify", pdf.to_str().unwrap(), "--dir", &place.dir()]);
    // A repeated approval gets the same answer; another person's is too late.
    assert!(approve("李四", digest).1.contains(id));
    let (code, said) = approve("赵六", digest);
    assert!(code == Some(1) && said.contains("approved already"), "{said}");
    assert_eq!(place.proposals(&["list"], &[]).1, "");
    assert!(place.proposals(&["list"], &["--state", "approved"]).1.contains("1  approved"));
    // The journal names both.
    let (first, second) = ("王小明", "李四");
    let audit = |name: &str| done(&["audit", "--dir", &place.dir(), "--actor", name]);
    assert!(audit(first).contains("proposed") && audit(second).contains("issued"));
    assert!(audit(second).contains("proposal/000000000001"));
}

#[test]
fn what_was_proposed_without_a_name_is_approved_by_no_name() {
    let place = OfficeDir::new();
    place.issue(&[]);
    let shown: Value = serde_json::from_str(&place.proposals(&["show", "1"], &[]).1).unwrap();
    let digest = shown["digest"].as_str().unwrap();
    let (code, said) = place.proposals(&["approve", "1"], &["--as", "李四", "--digest", digest]);
    assert!(code == Some(1) && said.contains("propose again with --as NAME"), "{said}");
    for (number, reason) in [("2", "材料不全"), ("1", ""), ("1", "a\nb")] {
        let (code, _) = place.proposals(&["refuse", number], &["--as", "李四", "--reason", reason]);
        assert_eq!(code, Some(1));
    }
    let (code, said) = place.proposals(&["refuse", "1"], &["--as", "李四", "--reason", "材料不全"]);
    assert_eq!((code, said.as_str()), (Some(0), "refused: proposal 1\n"));
    let (_, said) = place.proposals(&["refuse", "1"], &["--as", "李四", "--reason", "材料不全"]);
    assert!(said.contains("refused already"), "{said}");
    let (_, shown) = place.proposals(&["show", "1"], &[]);
    assert!(shown.contains("材料不全") && shown.contains("李四"), "{shown}");
}

#[test]
fn rights_of_a_client_are_changed_and_it_is_let_in_again() {
    let place = OfficeDir::new();
    let (dir, key) = (place.dir(), place.path("desk.pem"));
    let client = |command: &str, more: &[&str]| {
        yinzheng(&[&["client", command, "desk-one", "--dir", &dir], more].concat())
    };
    let new = ["--department", "market", "--scope", "read:*", "--new-key", &key];
    assert_eq!(client("add", &new).0, Some(0));
    let shown = || {
        let shown: Value = serde_json::from_str(&client("show", &[]).1).unwrap();
        (shown["scopes"].to_string(), shown["purposes"].to_string(), shown["disabled"] == true)
    };
    let (code, said) = client("change", &["--scope", "query:*", "--scope", "read:business"]);
    assert!(code == Some(1) && said.contains("at least one purpose"), "{said}");
    let (code, said) = client("change", &["--scope", "query:*", "--purpose", "企业开办"]);
    assert!(code == Some(0) && said.contains("rights query:*"), "{said}");
    assert_eq!(shown(), ("[\"query:*\"]".to_owned(), "[\"企业开办\"]".to_owned(), false));
    // Values that are not given remain.
    client("change", &["--purpose", "年报"]);
    assert_eq!(shown(), ("[\"query:*\"]".to_owned(), "[\"年报\"]".to_owned(), false));
    let (code, said) = client("change", &["--scope", "issue:residence-permit"]);
    assert!(code == Some(1) && said.contains("reaches nothing"), "{said}");
    assert_eq!(client("change", &[]).0, Some(64));
    assert!(client("enable", &[]).1.contains("is not disabled"));
    client("disable", &[]);
    assert!(shown().2);
    assert_eq!(client("enable", &[]), (Some(0), "enabled: desk-one\n".to_owned()));
    assert!(!shown().2);
    let nobody = ["client", "change", "nobody", "--dir", &dir, "--scope", "read:*"];
    assert!(failed(&nobody, 1).contains("client list"));
}

#[test]
fn a_log_is_fetched_from_the_named_server_and_must_continue_what_was_seen() {
    let mut server = Server::start();
    let dir = server.dir().to_str().unwrap().to_owned();
    let at = |name: &str| server.at(name).to_str().unwrap().to_owned();
    let (copy, accesses) = (at("copy"), at("accesses"));
    let vkey = done(&["log", "vkey", "--dir", &dir]);
    let url = format!("{}/log", server.base);
    let verify = |copy: &str, more: &[&str]| {
        yinzheng(&[&["log", "verify", copy, "--log-key", vkey.trim()], more].concat())
    };
    let from_url = ["--url", url.as_str()];
    let (code, said) = verify(&copy, &from_url);
    assert!(code == Some(0) && said.contains("the first checkpoint of this log"), "{said}");
    let first = fs::read_to_string(format!("{copy}/checkpoint")).unwrap();
    let out = at("out");
    for _ in 0..3 {
        let input = "schemas/examples/business.json";
        done(&["issue", "--dir", &dir, "--type", "business", input, "--out", &out]);
    }
    let (code, said) = verify(&copy, &from_url);
    assert!(
        code == Some(0) && said.contains("continues the checkpoint of the time before"),
        "{said}"
    );
    assert!(said.contains("1 tiles fetched"), "{said}");
    let second = fs::read_to_string(format!("{copy}/checkpoint")).unwrap();
    assert_ne!(first, second);
    // Then offline, and existing tiles are not fetched again.
    assert_eq!(verify(&copy, &["--from", &format!("{copy}/checkpoint")]).0, Some(0));
    assert!(verify(&copy, &from_url).1.contains("0 tiles fetched"));
    let of_accesses = done(&["log", "vkey", "--dir", &dir, "--access"]);
    let url_of_accesses = format!("{url}/access");
    let both = ["--log-key", of_accesses.trim(), "--url", &url_of_accesses];
    assert_eq!(verify(&accesses, &both).0, Some(0));
    // A checkpoint of one log is not evidence against a copy of the other.
    let (of_acts, both) = (format!("{copy}/checkpoint"), [vkey.trim(), of_accesses.trim()]);
    let journal = format!("{dir}/access");
    // Tiles alone do not identify their log.
    let tiles = at("tiles");
    fs::create_dir(&tiles).unwrap();
    let whole = format!("{copy}/tile");
    assert!(Command::new("cp").args(["-r", &whole, &tiles]).status().unwrap().success());
    for entry in fs::read_dir(format!("{tiles}/tile/0/000.p")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        write(&path, &bytes);
    }
    for (copy, expected) in [
        (&accesses, "the copy is of another log ("),
        (&journal, "the copy is of another log ("),
        (&tiles, "either it is of another log, or"),
    ] {
        let keys = ["--log-key", both[0], "--log-key", both[1], "--from", &of_acts];
        let said = failed(&[&["log", "verify", copy][..], &keys].concat(), 1);
        assert!(said.contains(expected) && !said.contains("REWRITTEN"), "{copy}: {said}");
    }
    // The key of neither log; an address without a log; an address that is not allowed.
    let stranger = at("stranger");
    assert!(verify(&stranger, &["--url", &url_of_accesses]).1.contains("no key that is trusted"));
    let (code, said) = verify(&stranger, &["--url", &server.base]);
    assert!(code == Some(1) && said.contains("HTTP 404"), "{said}");
    assert!(said.contains(&format!("--url {}/log", server.base)), "{said}");
    for bad in ["http://192.0.2.1/log", "ftp://localhost/log", "localhost/log"] {
        assert_eq!(verify(&stranger, &["--url", bad]).0, Some(64), "{bad}");
    }
    assert!(!Path::new(&stranger).exists());
    assert_eq!(verify(&copy, &[]).0, Some(64));
    // Another history under the same key.
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    for folder in ["journal", "index", "samples"] {
        fs::remove_dir_all(server.dir().join(folder)).unwrap();
    }
    done(&["demo", "--no-serve", "--dir", &dir]);
    for _ in 0..6 {
        let input = "schemas/examples/business.json";
        done(&["issue", "--dir", &dir, "--type", "business", input, "--out", &out]);
    }
    server.restart();
    let (code, said) = verify(&copy, &from_url);
    assert!(code == Some(1) && said.contains("REWRITTEN"), "{said}");
    assert_eq!(fs::read_to_string(format!("{copy}/checkpoint")).unwrap(), second);
    assert!(said.contains(&format!("{copy}/refused/")), "{said}");
}

/// Answers each request with the next of these responses.
fn scripted(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (stream, answer) in listener.incoming().zip(answers) {
            let mut stream = stream.unwrap();
            let mut some = [0; 4096];
            drop(stream.read(&mut some));
            drop(stream.write_all(&answer));
        }
    });
    format!("http://127.0.0.1:{port}/log")
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    [format!("{head}Connection: close\r\n\r\n").as_bytes(), body].concat()
}

#[test]
fn a_server_that_answers_with_something_else_leaves_no_checkpoint() {
    let place = OfficeDir::new();
    let vkey = done(&["log", "vkey", "--dir", &place.dir()]);
    let note = done(&["log", "checkpoint", "--dir", &place.dir()]);
    let redirect =
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let checkpoint = || answer("200 OK", note.as_bytes());
    for (answers, why) in [
        (vec![redirect.to_vec()], "redirects are not followed"),
        (vec![answer("200 OK", &vec![b'a'; 1 << 20])], "cannot be read"),
        (vec![answer("200 OK", b"nonsense")], "the checkpoint that is served"),
        (vec![answer("200 OK", note.replacen('\n', "\n1", 1).as_bytes())], "does not hold"),
        (vec![checkpoint(), answer("200 OK", &[7; 32])], "a tile of 32 bytes"),
        (vec![checkpoint(), answer("200 OK", &[7; 9000])], "cannot be read"),
        (vec![checkpoint(), answer("404 Not Found", b"")], "HTTP 404"),
        (vec![checkpoint(), b"SSH-2.0-x\r\n".to_vec()], "127.0.0.1"),
        (vec![Vec::new()], "127.0.0.1"),
    ] {
        let copy = place.path("copy");
        let url = scripted(answers);
        let (code, said) =
            yinzheng(&["log", "verify", &copy, "--log-key", vkey.trim(), "--url", &url]);
        assert!(code == Some(1) && said.contains(why), "{why}: {said}");
        assert!(!place.at("copy/checkpoint").exists());
    }
}

#[test]
fn a_log_gets_another_key_when_the_operator_names_the_one_in_use() {
    let place = OfficeDir(tempfile::tempdir().unwrap());
    let dir = place.dir();
    let (pass, copy) = (place.path("pass"), place.path("copy"));
    write(&pass, "a passphrase");
    fs::set_permissions(&pass, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let with = |arguments: &[&str]| {
        yinzheng(&[arguments, &["--dir", &dir, "--passphrase-file", &pass]].concat())
    };
    assert_eq!(with(&["init", "--office", "keys-example/office.toml"]).0, Some(0));
    let (_, old) = with(&["log", "vkey"]);
    let id = old.split('+').nth(1).unwrap();
    assert_eq!(with(&["log", "export", "--to", &copy]).0, Some(0));
    let (code, said) = with(&["log", "new-key", "--instead-of", "00000000"]);
    assert!(code == Some(1) && said.contains(&format!("--instead-of {id}")), "{said}");
    let (code, said) = with(&["log", "new-key", "--instead-of", id]);
    assert_eq!(code, Some(0), "{said}");
    let (_, new) = with(&["log", "vkey"]);
    let (_, of_accesses) = with(&["log", "vkey", "--access"]);
    assert!(new != old && said.contains(new.trim()) && said.contains(of_accesses.trim()), "{said}");
    assert!(place.at(&format!("office/keys/log-{id}.retired.pem")).exists());
    let (code, said) = with(&["log", "new-key", "--instead-of", id]);
    assert!(
        code == Some(0) && said.contains("done already") && said.contains(new.trim()),
        "{said}"
    );
    assert_eq!(with(&["log", "vkey"]).1, new);
    let kept = format!("{copy}/checkpoint");
    let journal = ["log", "verify", &dir, "--from", &kept, "--log-key"];
    assert!(failed(&[&journal[..], &[new.trim()]].concat(), 1).contains("no key that is trusted"));
    done(&[&journal[..], &[old.trim()]].concat());
    let events = done(&["check", "--dir", &dir]);
    assert!(!events.is_empty());
    let audit = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["audit", "--dir", &dir])
        .env("YINZHENG_PASSPHRASE_FILE", &pass)
        .output()
        .unwrap();
    let audit = String::from_utf8(audit.stdout).unwrap();
    assert!(audit.contains(&format!("log key {id} retired")), "{audit}");
    // Refused while the office is served, and for published keys.
    let server = Server::start();
    let demo = server.dir().to_str().unwrap().to_owned();
    let of = |demo: &str| {
        let arguments = ["log", "new-key", "--instead-of", id, "--dir", demo];
        failed(&[&arguments[..], &["--passphrase-file", &pass]].concat(), 1)
    };
    assert!(of(&demo).contains("stop it first"));
    assert!(of(&OfficeDir::new().dir()).contains("published key"));
}

#[test]
fn a_new_key_that_was_begun_takes_its_place_at_the_next_start() {
    let place = OfficeDir(tempfile::tempdir().unwrap());
    let (dir, pass) = (place.dir(), place.path("pass"));
    write(&pass, "a passphrase");
    fs::set_permissions(&pass, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let with = |arguments: &[&str]| {
        yinzheng(&[arguments, &["--dir", &dir, "--passphrase-file", &pass]].concat())
    };
    assert_eq!(with(&["init", "--office", "keys-example/office.toml"]).0, Some(0));
    // The key is preceded by warnings about a finished rotation.
    let vkey = || with(&["log", "vkey"]).1.lines().last().unwrap().to_owned();
    let id_of = |vkey: &str| vkey.split('+').nth(1).unwrap().to_owned();
    let passphrase = || Secret::new(b"a passphrase".to_vec());
    let begin = |succession: &LogKeyRotation| {
        let keys = KeyFolder::new(place.at("office/keys"), Some(passphrase()));
        let entropy = SystemEntropy::default();
        keys.create_at(&succession.next(), &KeyName::Log, &entropy).unwrap();
        fs::read(succession.next()).unwrap()
    };
    let retire = |id: &str| {
        let folder = OfficeFolder::new(&place.at("office"));
        let (office, _) = folder.open(Some(passphrase()), OpenOptions::default()).unwrap();
        office.retire_log_key(id, &Actor::LocalOperator).unwrap();
    };
    let present = || fs::read(place.at("office/keys/log.key.pem")).unwrap();
    // The journal names the successor only after it is on disk, and it is used only after that.
    let first = vkey();
    let succession = LogKeyRotation::of(&place.at("office"), &id_of(&first));
    let successor = begin(&succession);
    assert_eq!(vkey(), first);
    assert!(succession.next().exists() && !succession.retired().exists());
    retire(&id_of(&first));
    fs::create_dir_all(place.at("office/log")).unwrap();
    write(place.at("office/log/witnessed"), "of the old key");
    let second = vkey();
    assert_ne!(second, first);
    assert_eq!(present(), successor);
    assert!(!succession.next().exists() && succession.retired().exists());
    assert!(place.at(&format!("office/log/witnessed-{}", id_of(&first))).exists());
    let (code, said) = with(&["log", "new-key", "--instead-of", &id_of(&first)]);
    assert!(code == Some(0) && said.contains(second.trim()), "{said}");
    // Between the two renames no third key is generated.
    let succession = LogKeyRotation::of(&place.at("office"), &id_of(&second));
    let successor = begin(&succession);
    retire(&id_of(&second));
    fs::rename(place.at("office/keys/log.key.pem"), succession.retired()).unwrap();
    let third = vkey();
    assert!(third != second && third != first);
    assert_eq!(present(), successor);
    assert!(!succession.next().exists());
}

#[test]
fn a_change_names_the_etag_that_was_read() {
    let server = Server::start();
    let key = server.at("counter.pem");
    let rights = ["--department", "market", "--scope", "read:*", "--scope", "change:*"];
    let added = ["add", "counter", "--new-key", key.to_str().unwrap()];
    let added = server.client(&[&added[..], &rights].concat());
    assert!(added.status.success(), "{added:?}");
    let profile = key.with_extension("toml");
    let call = |arguments: &[&str]| {
        let first = ["call", "--as", profile.to_str().unwrap()];
        yinzheng(&[&first[..], arguments].concat())
    };
    let dir = server.dir();
    let listed = done(&["list", "--dir", dir.to_str().unwrap()]);
    let line = listed.lines().find(|line| line.contains("food-operation")).unwrap();
    let id = line.split_whitespace().find(|word| word.starts_with("1.2.156.")).unwrap();
    let path = format!("/v1/licences/{id}");
    let (code, said) = call(&["GET", &path]);
    let tag = said.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
    assert!(code == Some(0) && tag.starts_with('"') && tag.ends_with('"'), "{said}");
    let (reason, suspend) = (server.at("reason.json"), format!("{path}/suspend"));
    write(&reason, "{\"reason\":\"investigation\"}");
    let suspend = |more: &[&str]| {
        call(&[&["POST", suspend.as_str(), "--data", reason.to_str().unwrap()], more].concat())
    };
    assert!(suspend(&[]).1.contains("HTTP 428"));
    // Without the quotes, which the shell removes.
    let (code, said) = suspend(&["--if-match", tag.trim_matches('"')]);
    assert!(code == Some(0) && said.contains("ETag: \""), "{said}");
    let (code, said) = suspend(&["--if-match", tag]);
    assert!(code == Some(1) && said.contains("HTTP 412"), "{said}");
}
