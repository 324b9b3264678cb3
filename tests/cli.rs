//! The command line as a newcomer runs it: output and exit codes.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::io::BufRead as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use yinzheng::base::actor::Actor;
use yinzheng::base::codes::Uscc;
use yinzheng::base::ids::{LicenceId, TypeCode, Version};
use yinzheng::base::localized::Localized;
use yinzheng::base::time::{Clock as _, Timestamp};
use yinzheng::domain::licence::record::Licence;
use yinzheng::edge::clock::SystemClock;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::edge::doctor::{Remembered, Weight, examine};
use yinzheng::format::jose::jws;
use yinzheng::store::{EventKind, OpenOptions, Transaction};

fn yinzheng(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(arguments)
        .env("YINZHENG_PASSPHRASE", "correct horse battery staple")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn demo(dir: &Path) -> Output {
    yinzheng(&["demo", "--no-serve", "--dir", dir.to_str().unwrap()])
}

#[test]
fn the_demo_is_made_and_made_again_and_its_samples_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    for _ in 0..2 {
        let output = demo(&dir);
        assert!(output.status.success(), "{}", text(&output));
        assert!(text(&output).contains("root SHA-256"));
    }
    let sample = |name: &str| format!("{}/samples/{name}", dir.display());
    let dir = dir.to_str().unwrap();
    let names = ["valid.pdf", "altered.pdf", "unknown-issuer.pdf", "revoked.pdf", "unsigned.pdf"];
    for (name, code) in names.into_iter().zip(0..) {
        let output = yinzheng(&["verify", &sample(name), "--dir", dir]);
        assert_eq!(output.status.code(), Some(code), "{name}: {}", text(&output));
    }
    let (root, status) = (sample("root.pem"), sample("status.jwt"));
    for file in [sample("valid.pdf"), sample("valid.sd-jwt")] {
        let with = yinzheng(&["verify", &file, "--trust", &root, "--status", &status]);
        assert_eq!(with.status.code(), Some(0), "{}", text(&with));
        let without = yinzheng(&["verify", &file, "--trust", &root]);
        assert_eq!(without.status.code(), Some(2), "{}", text(&without));
    }
    let (issuing, above) = (sample("issuing.crl"), sample("root.crl"));
    let strict = |more: &[&str]| {
        let file = sample("valid.pdf");
        let first =
            ["verify", &file, "--trust", &root, "--status", &status, "--require-revocation"];
        yinzheng(&[&first[..], more].concat()).status.code()
    };
    // Required for the whole path: the issuing CA could be revoked as well as the seal.
    assert_eq!((strict(&[]), strict(&["--crl", &issuing])), (Some(2), Some(2)));
    assert_eq!(strict(&["--crl", &above]), Some(2));
    assert_eq!(strict(&["--crl", &issuing, "--crl", &above]), Some(0));
    let all = yinzheng(&["verify", &sample(""), "--dir", dir, "--json"]);
    assert_eq!(all.status.code(), Some(1));
    let verdicts: Vec<_> =
        String::from_utf8_lossy(&all.stdout).lines().map(str::to_owned).collect();
    assert!(verdicts.len() > 10 && verdicts.iter().all(|line| line.starts_with('{')));
    let missing = yinzheng(&["verify", "/nonexistent.pdf", &sample("valid.pdf"), "--dir", dir]);
    assert_eq!(missing.status.code(), Some(66));
    let check = yinzheng(&["check", "--dir", dir]);
    assert!(check.status.success(), "{}", text(&check));
    assert!(!text(&check).contains("torn write"), "{}", text(&check));
    assert!(yinzheng(&["reindex", "--dir", dir]).status.success());
    assert!(text(&yinzheng(&["list", "--dir", dir])).contains("revoked"));
}

/// The commands that the demo prints work in another shell while it serves.
#[test]
fn what_the_demo_says_to_try_works_while_it_serves_and_it_stops_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let mut child = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["demo", "--listen", "127.0.0.1:0", "--dir", dir.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    for line in std::io::BufReader::new(child.stdout.take().unwrap()).lines() {
        said.push(line.unwrap());
        if said.last().unwrap().starts_with("serving http://127.0.0.1:") {
            break;
        }
    }
    let at = said.iter().position(|line| line.starts_with("try next")).unwrap();
    let commands: Vec<_> = said[at + 1..].iter().take_while(|line| !line.is_empty()).collect();
    assert!(commands.len() >= 4, "{said:?}");
    for command in commands {
        let output = Command::new("sh").args(["-c", command]).output().unwrap();
        let expected = i32::from(command.contains("altered.pdf"));
        assert_eq!(output.status.code(), Some(expected), "{command}: {}", text(&output));
        assert!(!text(&output).contains("no_revocation_data"), "{command}: {}", text(&output));
    }
    let dir = dir.to_str().unwrap();
    let issue = || {
        let input = "schemas/examples/business.json";
        let out = folder.path().join("out");
        let out = out.to_str().unwrap();
        let issued = yinzheng(&["issue", "--dir", dir, "--type", "business", input, "--out", out]);
        let words = text(&issued);
        words.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let first = issue();
    let number = first.to_string();
    for (act, reason) in [("suspend", &["--reason", "penalty"][..]), ("resume", &[])] {
        let done = yinzheng(&[&[act, "--dir", dir, &number][..], reason].concat());
        assert!(done.status.success() && text(&done).contains(&number), "{act}: {}", text(&done));
    }
    let locked = yinzheng(&["reindex", "--dir", dir]);
    assert!(text(&locked).contains("another yinzheng process is using this office; stop it"));
    assert!(yinzheng(&["recover", "--accept-clock", "--dir", dir]).status.success());
    let twice = yinzheng(&["demo", "--no-serve", "--dir", dir]);
    assert!(text(&twice).contains("being served already"), "{}", text(&twice));
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!Path::new(dir).join("office.sock").exists());
    // Both indexes are on the disk, and the next boot of the machine may trust them.
    for mark in ["index/open", "access/index/open"] {
        assert!(!Path::new(dir).join(mark).exists(), "{mark}");
    }
    // After an orderly shutdown the numbers continue without a gap, however often the office is
    // opened.
    assert_eq!([issue(), issue()], [first + 1, first + 2]);
    std::fs::remove_file(Path::new(dir).join("samples/altered.pdf")).unwrap();
    assert!(demo(Path::new(dir)).status.success());
    assert!(Path::new(dir).join("samples/altered.pdf").exists());
}

#[test]
fn an_address_that_others_reach_is_refused_without_a_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    assert!(demo(&dir).status.success());
    for command in ["serve", "demo"] {
        let refused =
            yinzheng(&[command, "--dir", dir.to_str().unwrap(), "--listen", "192.0.2.1:80"]);
        assert_eq!(refused.status.code(), Some(64), "{}", text(&refused));
        assert!(text(&refused).contains("loopback"), "{}", text(&refused));
    }
}

/// Every way in which a directory cannot be used has its sentence, which says what to do.
#[test]
fn a_store_that_cannot_be_used_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    assert!(demo(&dir).status.success());
    let segment = dir.join("journal/00000001.journal");
    let whole = std::fs::read(&segment).unwrap();
    let rewrite = |bytes: &[u8]| {
        std::fs::File::create(&segment)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
    };
    let said = |command| text(&yinzheng(&[command, "--dir", dir.to_str().unwrap()]));
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    for (bytes, command, sentence) in [
        // A start reads the last commit alone.
        (damaged, "check", "restore a backup with `yinzheng restore`"),
        (whole[..whole.len() / 2].to_vec(), "list", "restore a backup with `yinzheng restore`"),
        (
            [b"YZJ3", &whole[4..]].concat(),
            "list",
            "newer version (3) of yinzheng; use that version",
        ),
        (b"something else".to_vec(), "list", "it does not begin as a journal; restore a backup"),
    ] {
        rewrite(&bytes);
        let said = said(command);
        assert!(said.contains(sentence), "{sentence}: {said}");
        assert_eq!(std::fs::read(&segment).unwrap(), bytes, "nothing was changed");
    }
    rewrite(&whole);
    assert!(said("list").contains("active"), "{}", said("list"));
    for command in ["list", "check", "doctor", "serve", "reindex"] {
        let nothing = yinzheng(&[command, "--dir", folder.path().to_str().unwrap()]);
        assert_eq!(nothing.status.code(), Some(1), "{command}: {}", text(&nothing));
        assert!(text(&nothing).contains("there is no office here"), "{}", text(&nothing));
    }
}

#[test]
fn licences_are_found_by_what_is_remembered_and_written_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    assert!(demo(&dir).status.success());
    let dir = dir.to_str().unwrap();
    let list = |more: &[&str]| {
        let output = yinzheng(&[&["list", "--dir", dir][..], more].concat());
        let found: Vec<_> =
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        (found, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (all, said) = list(&[]);
    assert!(all.len() == 7 && said.contains("7 licences"), "{said}");
    let permit = all.iter().find(|line| line.contains("  residence-permit  ")).unwrap();
    let [number, kind, state, holder, day, id] =
        permit.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((kind, state), ("residence-permit", "active"));
    for (more, count) in [
        (&["--holder", "餐饮 管理"][..], 3),
        (&["--number", &number[..number.len() - 1], "--type", kind], 1),
        (&["--number", &number[1..]], 0),
        (&["--type", "food-operation"], 2),
        (&["--state", "revoked"], 1),
        (&["--state", "active", "--type", "food-operation"], 1),
        (&["--state", "expired"], 0),
        (&["--from", day, "--until", day], 7),
        (&["--until", "2020-01-01"], 0),
        (&["--from", "2999-01-01"], 0),
    ] {
        let (found, said) = list(more);
        assert_eq!(found.len(), count, "{more:?}: {found:?}");
        assert!(said.contains(&format!("{count} licence")), "{more:?}: {said}");
    }
    let (some, said) = list(&["--limit", "2"]);
    let cells = |lines: &[String]| -> Vec<Vec<String>> {
        let of = |line: &String| line.split_whitespace().map(str::to_owned).collect();
        lines.iter().map(of).collect()
    };
    assert!(cells(&some) == cells(&all[..2]) && said.contains("7 licences, 2 shown"), "{said}");
    // In columns, where a Chinese character takes two; and with the state in the reader's language.
    let (chinese, _) = list(&["--lang", "zh"]);
    let columns = |line: &String, until: &str| {
        let before = line.split_once(until).unwrap().0;
        before.chars().map(|one| if one.is_ascii() { 1 } else { 2 }).sum::<usize>()
    };
    let days: Vec<_> = chinese.iter().map(|line| columns(line, &format!("  {day}"))).collect();
    assert!(days.iter().all(|column| *column == days[0]), "{chinese:#?}");
    assert!(chinese.iter().any(|line| line.contains("  已撤销  ")), "{chinese:#?}");
    let (json, _) = list(&["--json", "--number", number]);
    let found: serde_json::Value = serde_json::from_str(&json[0]).unwrap();
    let expected = serde_json::json!({
        "number": number, "type": kind, "state": state, "holder": holder, "issued_on": day, "id": id
    });
    assert_eq!(found, expected);
    for (bad, words) in [
        (["--type", "resident-permit"], "`yinzheng types --dir"),
        (["--from", "24.11.2026"], "2026-11-24"),
        (["--state", "expird"], "superseded"),
    ] {
        let refused = yinzheng(&[&["list", "--dir", dir][..], &bad].concat());
        assert_eq!(refused.status.code(), Some(64), "{bad:?}");
        assert!(text(&refused).contains(words), "{bad:?}: {}", text(&refused));
    }
    // Whatever the case of its letters, as on the page.
    let small = all.iter().find_map(|line| line.split_once("  ")?.0.strip_prefix("JY")).unwrap();
    let shown = yinzheng(&["show", "--dir", dir, &format!("jy{small}")]);
    assert!(text(&shown).contains(&format!("\"JY{small}\"")), "{}", text(&shown));
    let none = text(&yinzheng(&["accesses", "--dir", dir, id]));
    assert_eq!(none, "yinzheng: no look-ups on record\n");
    let out = folder.path().join("again");
    let shown = yinzheng(&["show", "--dir", dir, id, "--out", out.to_str().unwrap()]);
    assert!(shown.status.success(), "{}", text(&shown));
    let pdf = out.join(format!("{number}.pdf"));
    let pdf = pdf.to_str().unwrap();
    assert!(text(&shown).contains(&format!("{number} {id}\n  {pdf}\n")), "{}", text(&shown));
    assert!(yinzheng(&["verify", pdf, "--dir", dir]).status.success());
    // Another licence's file is not overwritten; the file name is free.
    let again = |name: &[&str]| {
        let first = ["show", "--dir", dir, id, "--out", out.to_str().unwrap()];
        text(&yinzheng(&[&first[..], name].concat()))
    };
    write(Path::new(pdf), "another licence");
    for name in [&[][..], &["--name", "id"]] {
        assert!(again(name).contains(&format!("/{id}.pdf\n")), "{}", again(name));
    }
    assert_eq!(std::fs::read(pdf).unwrap(), b"another licence");
    let file = out.join(format!("{id}.sd-jwt")).to_str().unwrap().to_owned();
    let input = "schemas/examples/business.json";
    let refused = yinzheng(&["issue", "--dir", dir, "--type", "business", input, "--out", &file]);
    assert!(!refused.status.success());
    assert_eq!(list(&[]).0, all, "nothing was issued");
    more_licences(Path::new(dir), 1100);
    let (found, said) = list(&[]);
    assert!(found.len() == 1107 && said.contains("1107"), "{said}");
    assert_eq!(list(&["--number", "many-109"]).0.len(), 11, "many-109 and many-1090 to 1099");
    assert_eq!(list(&["--limit", "1", "--number", "many-"]).0.len(), 1);
}

/// Records in the store's form, without the parts that take time to build.
fn more_licences(dir: &Path, count: u32) {
    let (office, _) = OfficeFolder::new(dir).open(None, OpenOptions::default()).unwrap();
    let first = office.store().reader().list("", 1).unwrap().remove(0);
    let mut licence: Licence = first.read().unwrap();
    let kind = TypeCode::parse(licence.id.type_code()).unwrap();
    let issuer = Uscc::parse(licence.id.issuer()).unwrap();
    for serial in 0..count {
        let id = LicenceId::new(&kind, &issuer, u128::from(serial) + 1_000_000, Version::FIRST);
        (licence.id, licence.number) = (id.clone(), format!("many-{serial}"));
        let record = serde_json::to_string(&licence).unwrap();
        let act = Transaction {
            licence: Some((id.to_string(), record)),
            ..Transaction::new(EventKind::Issued, Actor::System, SystemClock.now(), [7; 16])
        };
        office.store().commit(act).unwrap();
    }
    office.close().unwrap();
}

#[test]
fn a_list_speaks_for_its_time_and_a_challenge_wants_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    assert!(demo(&dir).status.success());
    let sample = |name: &str| format!("{}/samples/{name}", dir.display());
    let (root, status) = (sample("root.pem"), sample("status.jwt"));
    let verify = |name: &str, more: &[&str]| {
        let file = sample(name);
        let first = ["verify", &file, "--trust", &root, "--status", &status];
        yinzheng(&[&first[..], more].concat())
    };
    let token = std::fs::read_to_string(&status).unwrap();
    let payload = jws::decode(token.split('.').nth(1).unwrap()).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let time = |name: &str| Timestamp::from_unix(payload[name].as_i64().unwrap()).unwrap();
    let covers = format!("made {}, good until {}", time("iat"), time("exp"));
    for name in ["valid.sd-jwt", "valid.pdf"] {
        let inside = verify(name, &["--at", &time("exp").plus(-1).to_string()]);
        assert_eq!(inside.status.code(), Some(0), "{}", text(&inside));
        let beyond = verify(name, &["--details", "--at", &time("exp").to_string()]);
        assert_eq!(beyond.status.code(), Some(2), "{}", text(&beyond));
        assert!(text(&beyond).contains("status_unknown") && text(&beyond).contains(&covers));
    }
    let asked = ["--nonce", "n", "--aud", "https://desk.example"];
    let unanswered = verify("valid.sd-jwt", &asked);
    assert_eq!(unanswered.status.code(), Some(2), "{}", text(&unanswered));
    assert!(text(&unanswered).contains("The holder did not sign this request"));
    let document = verify("valid.pdf", &asked);
    assert_eq!(document.status.code(), Some(2), "{}", text(&document));
    for half in [&["--nonce", "n"][..], &["--aud", "a"], &["--nonce", "", "--aud", ""]] {
        assert_eq!(verify("valid.sd-jwt", half).status.code(), Some(64), "{half:?}");
    }
}

#[test]
fn an_office_of_ones_own_from_init_to_revoke() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let dir = dir.to_str().unwrap();
    let made = yinzheng(&["init", "--dir", dir, "--office", "keys-example/office.toml"]);
    assert!(made.status.success(), "{}", text(&made));
    let again = yinzheng(&["init", "--dir", dir, "--office", "keys-example/office.toml"]);
    assert!(text(&again).contains("an office here already"));
    let out = folder.path().join("out");
    let input = "schemas/examples/residence-permit.json";
    let issue = |input: &str| {
        yinzheng(&[
            "issue",
            "--dir",
            dir,
            "--type",
            "residence-permit",
            input,
            "--out",
            out.to_str().unwrap(),
        ])
    };
    let issued = issue(input);
    assert!(issued.status.success(), "{}", text(&issued));
    let said = text(&issued);
    let [number, id] = [1, 2].map(|at| said.split_whitespace().nth(at).unwrap().to_owned());
    for suffix in ["sd-jwt", "tlog-proof"] {
        assert!(out.join(format!("{number}.{suffix}")).is_file(), "{suffix}: {said}");
    }
    let pdf = out.join(format!("{number}.pdf"));
    let verify = || yinzheng(&["verify", pdf.to_str().unwrap(), "--dir", dir]).status.code();
    assert_eq!(verify(), Some(0));
    for command in ["revoke", "suspend"] {
        let wrong = yinzheng(&[command, "--dir", dir, &id, "--reason", "mood"]);
        assert!(text(&wrong).contains("one of: issued_in_error"));
    }
    let early = text(&yinzheng(&["resume", "--dir", dir, &id]));
    assert!(early.contains("a licence that is active cannot be"), "{early}");
    let suspended = text(&yinzheng(&["suspend", "--dir", dir, &id, "--reason", "investigation"]));
    assert!(suspended.contains("  under investigation"), "{suspended}");
    assert_eq!(verify(), Some(3));
    let resumed = text(&yinzheng(&["resume", "--dir", dir, &id]));
    assert!(resumed.starts_with(&format!("resumed: {id}\n  ")), "{resumed}");
    assert_eq!(verify(), Some(0));
    // Revocation is permanent: the operator sees the holder's name.
    let revoked = text(&yinzheng(&["revoke", "--dir", dir, &id, "--reason", "ceased"]));
    let listed = text(&yinzheng(&["list", "--dir", dir]));
    let listed: Vec<_> = listed.split_whitespace().collect();
    for expected in [listed[0], listed[3], "holder ceased to exist"] {
        assert!(revoked.contains(expected), "{expected}: {revoked}");
    }
    let twice = yinzheng(&["suspend", "--dir", dir, &id, "--reason", "penalty"]);
    assert!(text(&twice).contains("a licence that is revoked cannot be"), "{}", text(&twice));
    // When a file cannot be written, the message has a command that works unchanged.
    std::fs::create_dir_all(out.join(format!("again/{number}.pdf"))).unwrap();
    let again = out.join("again");
    let failed = yinzheng(&["show", &id, "--dir", dir, "--out", again.to_str().unwrap()]);
    let hint = format!("yinzheng show {id} --dir {dir} --out ");
    assert!(text(&failed).contains(&hint), "{}", text(&failed));
    let cut = folder.path().join("cut.json");
    write(&cut, "{\"fields\":{");
    let refused = text(&issue(cut.to_str().unwrap()));
    for expected in ["cut.json: this is", "no whole and correct JSON", "column 11"] {
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
    assert_eq!(verify(), Some(3));
    let faulty = folder.path().join("faulty.json");
    std::fs::copy("schemas/examples/business.json", &faulty).unwrap();
    let refused = issue(faulty.to_str().unwrap());
    assert!(text(&refused).contains("/fields/citizen_id [required]"), "{}", text(&refused));
    assert_eq!(yinzheng(&["verify"]).status.code(), Some(64));

    // Another department, with a type of the office's own.
    let toml = std::fs::read_to_string("keys-example/office.toml").unwrap();
    let department = toml.split("[[departments]]").nth(1).unwrap();
    let department = department
        .replace("market", "culture")
        .replace("11519999MB0000019Y", "11220000013544541J")
        .replace(r#"["business", "food-operation"]"#, r#"["bookshop"]"#);
    let kind = std::fs::read_to_string("schemas/types/private-school.toml").unwrap();
    let kind = kind.replace("private-school", "bookshop").replace("003\"", "103\"");
    let office = Path::new(dir);
    write(&office.join("types/bookshop.toml"), &kind);
    write(&office.join("office.toml"), format!("{toml}\n[[departments]]{department}"));
    let issued = yinzheng(&[
        "issue",
        "--dir",
        dir,
        "--type",
        "bookshop",
        "schemas/examples/private-school.json",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(issued.status.success(), "{}", text(&issued));
    write(&office.join("types/wrong.toml"), "slug = 1\n");
    assert!(text(&yinzheng(&["list", "--dir", dir])).contains("wrong.toml: line 1"));
    std::fs::remove_file(office.join("types/wrong.toml")).unwrap();

    // After a change of passphrase the old one is refused.
    let secret = folder.path().join("new");
    write(&secret, "another passphrase\n");
    let wide =
        yinzheng(&["passphrase", "--dir", dir, "--new-passphrase-file", secret.to_str().unwrap()]);
    assert!(text(&wide).contains("chmod 600"), "{}", text(&wide));
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let changed =
        yinzheng(&["passphrase", "--dir", dir, "--new-passphrase-file", secret.to_str().unwrap()]);
    assert!(changed.status.success(), "{}", text(&changed));
    assert!(text(&issue(input)).contains("does not open this key"));
}

#[test]
fn a_backup_is_restored_as_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (dir, copy, back) = (place("office"), place("copy"), place("back"));
    let made = yinzheng(&["init", "--dir", &dir, "--office", "keys-example/office.toml"]);
    assert!(made.status.success(), "{}", text(&made));
    let issue = |dir: &str| {
        let input = "schemas/examples/food-operation.json";
        let out = place("out");
        let issued =
            yinzheng(&["issue", "--dir", dir, "--type", "food-operation", input, "--out", &out]);
        assert!(issued.status.success(), "{}", text(&issued));
        let words: Vec<_> = text(&issued).split_whitespace().map(str::to_owned).collect();
        (words[1].clone(), words[2].clone())
    };
    let first = issue(&dir);
    let taken = yinzheng(&["backup", "--dir", &dir, "--to", &copy]);
    assert!(taken.status.success(), "{}", text(&taken));
    let again = yinzheng(&["backup", "--dir", &dir, "--to", &copy]);
    assert!(text(&again).contains("is not empty"), "{}", text(&again));
    let lost = issue(&dir);
    let restore = |from: &str, to: &str| yinzheng(&["restore", "--from", from, "--dir", to]);
    let refused = restore(&copy, &dir);
    assert!(text(&refused).contains("is not empty"), "{}", text(&refused));
    let restored = restore(&copy, &back);
    assert!(restored.status.success(), "{}", text(&restored));
    assert!(text(&restored).contains("epoch 1 begins"), "{}", text(&restored));
    let after = issue(&back);
    assert!(after.0 != first.0 && after.0 != lost.0 && after.1 != lost.1);
    assert!(after.0.get(9..15).unwrap() > "100000", "{after:?}");
    let all = text(&yinzheng(&["list", "--dir", &back]));
    assert!(all.contains(&first.1) && all.contains(&after.1) && !all.contains(&lost.1), "{all}");
    assert!(yinzheng(&["check", "--dir", &back]).status.success());

    // A backup with one byte changed, and one without its manifest.
    let key = folder.path().join("copy/keys/issuing.pem");
    let key = if key.exists() { key } else { first_file(&folder.path().join("copy/keys")) };
    let mut bytes = std::fs::read(&key).unwrap();
    bytes[60] ^= 1;
    std::fs::File::create(&key)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
        .unwrap();
    let not_copied = |to: &str| {
        let changed = restore(&copy, &place(to));
        assert!(text(&changed).contains("this file is not what was copied (backup.json lists "));
        assert!(!Path::new(&place(to)).exists(), "{to}");
    };
    not_copied("changed");
    write(&key, [&bytes[..], b"more"].concat());
    not_copied("longer");
    std::fs::remove_file(&key).unwrap();
    let missing = restore(&copy, &place("changed"));
    assert!(text(&missing).contains("was copied and is missing"), "{}", text(&missing));
    let half = yinzheng(&["list", "--dir", &place("changed")]);
    assert!(text(&half).contains("there is no office here"), "{}", text(&half));
    std::fs::remove_file(folder.path().join("copy/backup.json")).unwrap();
    assert_eq!(restore(&copy, &place("none")).status.code(), Some(1));
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let made =
        yinzheng(&["init", "--dir", dir.to_str().unwrap(), "--office", "keys-example/office.toml"]);
    assert!(made.status.success(), "{}", text(&made));
    let doctor = || yinzheng(&["doctor", "--dir", dir.to_str().unwrap()]);
    let healthy = doctor();
    assert_eq!(healthy.status.code(), Some(0), "{}", text(&healthy));
    for warning in ["no second_path is set", "the root key lies here", "is not https"] {
        assert!(text(&healthy).contains(warning), "{warning}: {}", text(&healthy));
    }
    let key = first_file(&dir.join("keys"));
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    write(&dir.join("certs/issuing.crl"), "no list");
    let toml = std::fs::read_to_string(dir.join("office.toml")).unwrap();
    write(&dir.join("office.toml"), format!("second_path = \"/nonexistent/mark\"\n{toml}"));
    write(&dir.join("keys/log.key.pem"), "no key");
    write(&dir.join("let-in"), "2099-01-01T00:00:00Z\n");
    let ill = doctor();
    assert_eq!(ill.status.code(), Some(1));
    for fault in [
        "chmod 600",
        "issuing.crl cannot be read",
        "/nonexistent/mark",
        "no client can be let in",
        "the log's key cannot be used",
    ] {
        assert!(text(&ill).contains(fault), "{fault}: {}", text(&ill));
    }
}

/// The doctor refuses what the start refuses.
#[test]
fn the_doctor_sees_what_the_start_would_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    assert!(demo(&dir).status.success());
    let dir = dir.to_str().unwrap();
    let at = |name: &str| Path::new(dir).join(name);
    let agree = |expected: &str, code: i32| {
        let doctor = yinzheng(&["doctor", "--dir", dir]);
        assert!(text(&doctor).contains(expected), "{expected}: {}", text(&doctor));
        let list = yinzheng(&["list", "--dir", dir]);
        let codes = (doctor.status.code(), list.status.code());
        assert_eq!(codes, (Some(code), Some(code)), "{}{}", text(&doctor), text(&list));
    };
    let kind = std::fs::read_to_string("schemas/types/private-school.toml").unwrap();
    let kind = kind.replace("private-school", "bookshop").replace("003\"", "103\"");
    write(&at("types/bookshop.toml"), &kind);
    agree(" MB left", 0);
    write(&at("types/bookshop.toml"), kind.replace("en = \"", "en = \"Own "));
    agree("\"bookshop\" was changed", 1);
    write(&at("types/bookshop.toml"), &kind);
    for name in ["certs/issuing.pem", "certs/root.crl"] {
        let kept = std::fs::read(at(name)).unwrap();
        std::fs::remove_file(at(name)).unwrap();
        agree("a backup's certs/", 1);
        write(&at(name), kept);
    }
    agree("certificates are complete", 0);
    // The process that serves is asked which definitions are in use.
    let mut child = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["demo", "--listen", "127.0.0.1:0", "--dir", dir])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map(Result::unwrap).find(|line| line.starts_with("serving http://")).unwrap();
    write(&at("types/bookshop.toml"), kind.replace("en = \"", "en = \"Own "));
    let served = yinzheng(&["doctor", "--dir", dir]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(served.status.code(), Some(1));
    assert!(text(&served).contains("\"bookshop\" was changed"), "{}", text(&served));
    let refusing = Remembered {
        last_event: None,
        webhook_keys: None,
        closed_door: None,
        log_key: None,
        refuses: Some(Localized::new("磁盘已满", "the disk is full")),
        next_start: None,
        numbers: Vec::new(),
    };
    let found = examine(&OfficeFolder::new(Path::new(dir)), &Ok(refusing), SystemClock.now());
    let fault = found.iter().find(|one| one.weight == Weight::Fault).unwrap();
    assert!(fault.words.en.contains("the disk is full"), "{fault:?}");
}

#[test]
fn a_type_of_ones_own_may_lie_there_before_the_office_and_a_failed_init_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (dir, toml) = (at("office"), at("office.toml"));
    let example = std::fs::read_to_string("keys-example/office.toml").unwrap();
    write(Path::new(&toml), example.replace("\"food-operation\"]", "\"bookshop\"]"));
    let init = || yinzheng(&["init", "--dir", &dir, "--office", &toml]);
    let failed = init();
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed).contains("a file types/bookshop.toml"), "{}", text(&failed));
    assert!(!Path::new(&dir).exists());
    let kind = std::fs::read_to_string("schemas/types/private-school.toml").unwrap();
    let kind = kind.replace("private-school", "bookshop").replace("003\"", "103\"");
    let own = Path::new(&dir).join("types/bookshop.toml");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    write(&own, "slug = 1\n");
    assert!(text(&init()).contains("bookshop.toml: line 1"));
    let left: Vec<_> =
        std::fs::read_dir(&dir).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left, ["types"]);
    write(&own, &kind);
    let made = init();
    assert!(made.status.success(), "{}", text(&made));
    assert!(text(&yinzheng(&["types", "--dir", &dir])).contains("bookshop"));
}

#[test]
fn no_office_is_made_among_the_files_of_others_nor_a_demo_that_cannot_be_served() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let init = ["init", "--dir", dir, "--office", "keys-example/office.toml"];
    let made = ["demo", "--no-serve", "--dir", dir];
    for name in ["notes.txt", "a.pdf", "b.pdf", "c.pdf", "office.toml"] {
        write(&folder.path().join(name), "mine");
    }
    for (command, code) in [(&init[..], 1), (&made, 64)] {
        assert_eq!(yinzheng(command).status.code(), Some(code), "{command:?}");
    }
    let refused = text(&yinzheng(&init));
    assert!(refused.contains("not empty (a.pdf, b.pdf, c.pdf, notes.txt, …)"), "{refused}");
    std::fs::remove_file(folder.path().join("office.toml")).unwrap();
    for command in [&init[..], &made] {
        let refused = yinzheng(command);
        assert_eq!(refused.status.code(), Some(1), "{command:?}");
        assert!(text(&refused).contains("(a.pdf, b.pdf, c.pdf, notes.txt)"), "{}", text(&refused));
        let chinese = yinzheng(&[&["--lang", "zh"][..], command].concat());
        assert!(text(&chinese).contains("目录不是空的（有 a.pdf、b.pdf"), "{}", text(&chinese));
    }
    assert_eq!(std::fs::read_dir(dir).unwrap().count(), 4);

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let place = folder.path().join("demo");
    let place = place.to_str().unwrap();
    let refused = yinzheng(&["demo", "--dir", place, "--listen", &taken]);
    drop(listener);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    assert!(text(&refused).contains(&taken) && text(&refused).contains("--listen"));
    assert!(!Path::new(place).exists());
    let made = yinzheng(&["demo", "--no-serve", "--dir", place, "--listen", &taken]);
    assert!(made.status.success(), "{}", text(&made));
    // A demo that was killed while it was made.
    std::fs::remove_file(format!("{place}/office.toml")).unwrap();
    assert!(yinzheng(&["demo", "--no-serve", "--dir", place]).status.success());
}

#[test]
fn a_short_passphrase_protects_no_new_key_and_serving_says_when_no_key_opens() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let dir = at("office");
    let with = |passphrase: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
        command.args(arguments).env("YINZHENG_PASSPHRASE", passphrase);
        command
    };
    let init = ["init", "--dir", &dir, "--office", "keys-example/office.toml"];
    let witness = ["log", "witness", "--name", "witness.example/one", "--keys", &at("witness")];
    for arguments in [&init[..], &witness] {
        let short = with("elf letters", arguments).output().unwrap();
        assert_eq!(short.status.code(), Some(64), "{}", text(&short));
        assert!(text(&short).contains("12 characters or more"), "{}", text(&short));
    }
    assert!(!Path::new(&dir).exists());
    assert!(with("12 characters", &init).output().unwrap().status.success());
    let short = at("short");
    write(Path::new(&short), "elf letters");
    std::fs::set_permissions(&short, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let change = ["passphrase", "--dir", &dir, "--new-passphrase-file", &short];
    assert_eq!(with("12 characters", &change).output().unwrap().status.code(), Some(64));
    for (passphrase, why) in
        [("", "no passphrase"), ("another passphrase", "does not open the keys")]
    {
        let serve = ["-c", "exec \"$@\" 2>&1", "sh", env!("CARGO_BIN_EXE_yinzheng"), "serve"];
        let mut command = Command::new("sh");
        command.args(serve).args(["--dir", &dir, "--listen", "127.0.0.1:0"]);
        command.env_remove("YINZHENG_PASSPHRASE");
        if !passphrase.is_empty() {
            command.env("YINZHENG_PASSPHRASE", passphrase);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        let before: Vec<_> =
            lines.map(Result::unwrap).take_while(|line| !line.contains("serving http")).collect();
        let warns = |line: &String| line.contains(why) && line.contains("nothing can be issued");
        assert!(before.iter().any(warns), "{why}: {before:?}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

fn first_file(folder: &Path) -> std::path::PathBuf {
    let mut all: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all.remove(0)
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::File::create(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, content.as_ref()))
        .unwrap();
}

/// `LC_ALL`, then `LC_MESSAGES`, then `LANG` (POSIX, XBD 8.2); `--lang` before all of them.
#[test]
fn messages_are_in_the_reader_s_language_once() {
    let said = |locale: &[(&str, &str)], more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        command.envs(locale.iter().copied()).args(["recover", "--dir", "x"]).args(more);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(64));
        text(&output)
    };
    let (zh, en) = ("请写明认可什么", "say what is accepted");
    for (locale, more, expected, other) in [
        (&[][..], &[][..], en, zh),
        (&[("LANG", "zh_CN.UTF-8")], &[], zh, en),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], &[], en, zh),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], &[], en, zh),
        (&[("LC_ALL", ""), ("LC_MESSAGES", "zh_HK")], &[], zh, en),
        (&[("LC_ALL", "zh_CN.UTF-8")], &["--lang", "en"], en, zh),
        (&[], &["--lang=zh"], zh, en),
        (&[], &["--lang", "zh", "--no-such"], "没有参数 '--no-such'", "unexpected"),
    ] {
        let said = said(locale, more);
        assert!(said.contains(expected) && !said.contains(other), "{locale:?} {more:?}: {said}");
    }
    // So is what a lower layer noticed, where the operator can do something about it.
    let missing = yinzheng(&["list", "--dir", "/nonexistent", "--lang", "zh"]);
    assert!(text(&missing).contains("这里没有机构"), "{}", text(&missing));
}
