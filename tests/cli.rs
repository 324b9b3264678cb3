//! The command line as a newcomer runs it: output and exit codes.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::path::Path;
use std::process::{Command, Output};

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
    let crl = sample("issuing.crl");
    let strict = |more: &[&str]| {
        let file = sample("valid.pdf");
        let first =
            ["verify", &file, "--trust", &root, "--status", &status, "--require-revocation"];
        yinzheng(&[&first[..], more].concat()).status.code()
    };
    assert_eq!((strict(&[]), strict(&["--crl", &crl])), (Some(2), Some(0)));
    let all = yinzheng(&["verify", &sample(""), "--dir", dir, "--json"]);
    assert_eq!(all.status.code(), Some(1));
    let verdicts: Vec<_> =
        String::from_utf8_lossy(&all.stdout).lines().map(str::to_owned).collect();
    assert!(verdicts.len() > 10 && verdicts.iter().all(|line| line.starts_with('{')));
    let missing = yinzheng(&["verify", "/nonexistent.pdf", &sample("valid.pdf"), "--dir", dir]);
    assert_eq!(missing.status.code(), Some(66));
    let check = yinzheng(&["check", "--dir", dir]);
    assert!(check.status.success(), "{}", text(&check));
    assert!(yinzheng(&["reindex", "--dir", dir]).status.success());
    assert!(text(&yinzheng(&["list", "--dir", dir])).contains("revoked"));
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
    let id = text(&issued).split_whitespace().nth(2).unwrap().to_owned();
    let pdf = out.join(format!("{id}.pdf"));
    let verify = || yinzheng(&["verify", pdf.to_str().unwrap(), "--dir", dir]).status.code();
    assert_eq!(verify(), Some(0));
    let wrong = yinzheng(&["revoke", "--dir", dir, &id, "--reason", "mood"]);
    assert!(text(&wrong).contains("one of: issued_in_error"));
    assert!(yinzheng(&["revoke", "--dir", dir, &id, "--reason", "ceased"]).status.success());
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
    write(&office.join("office.toml"), &format!("{toml}\n[[departments]]{department}"));
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

    // Another passphrase: the old one opens nothing any more.
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

    // A copy with one byte changed, and one that lost its list.
    let key = folder.path().join("copy/keys/issuing.pem");
    let key = if key.exists() { key } else { first_file(&folder.path().join("copy/keys")) };
    let mut bytes = std::fs::read(&key).unwrap();
    bytes[60] ^= 1;
    std::fs::File::create(&key)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
        .unwrap();
    let changed = restore(&copy, &place("changed"));
    assert!(text(&changed).contains("is not the one that was copied"), "{}", text(&changed));
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
    write(&dir.join("office.toml"), &format!("second_path = \"/nonexistent/mark\"\n{toml}"));
    let ill = doctor();
    assert_eq!(ill.status.code(), Some(1));
    for fault in ["chmod 600", "issuing.crl cannot be read", "/nonexistent/mark"] {
        assert!(text(&ill).contains(fault), "{fault}: {}", text(&ill));
    }
}

fn first_file(folder: &Path) -> std::path::PathBuf {
    let mut all: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all.remove(0)
}

fn write(path: &Path, text: &str) {
    std::fs::File::create(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .unwrap();
}
