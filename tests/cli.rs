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

fn write(path: &Path, text: &str) {
    std::fs::File::create(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .unwrap();
}
