//! Going on with an older copy ends no licence type silently.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use yinzheng::base::localized::Localized;
use yinzheng::base::secret::Secret;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::store::OpenOptions;

/// An office whose market department issues a type with four digits.
struct Place(TempDir);

impl Place {
    fn new(head: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let toml = fs::read_to_string("keys-example/office.toml").unwrap();
        let own = toml.replace("\"food-operation\"]", "\"food-operation\", \"bookshop\"]");
        write(&place.at("office.toml"), &format!("{head}{own}"));
        let kind = fs::read_to_string("schemas/types/private-school.toml").unwrap();
        let kind = kind.replace("private-school", "bookshop").replace("003\"", "103\"");
        fs::create_dir_all(place.at("office/types")).unwrap();
        let short = kind.replace("{serial:6}", "{serial:4}");
        assert_ne!(short, kind);
        write(&place.at("office/types/bookshop.toml"), &short);
        place.done(&["init", "--dir", "office", "--office", "office.toml"]);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str], code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("YINZHENG_PASSPHRASE", "correct horse battery staple")
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    fn done(&self, arguments: &[&str]) -> String {
        self.run(arguments, 0)
    }

    fn issue(&self, dir: &str) -> String {
        let input = Path::new("schemas/examples/private-school.json").canonicalize().unwrap();
        let input = input.to_str().unwrap();
        self.done(&["issue", "--dir", dir, "--type", "bookshop", input, "--out", "out"])
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
}

const RESTORE: [&str; 5] = ["restore", "--from", "copy", "--dir", "back"];

#[test]
fn a_restore_that_would_end_a_type_asks_how_many_numbers_are_left_out() {
    let place = Place::new("");
    place.issue("office");
    place.done(&["backup", "--dir", "office", "--to", "copy"]);
    let refused = place.run(&RESTORE, 1);
    assert!(refused.contains("nothing was written"), "{refused}");
    assert!(refused.contains("bookshop (9998 left)\n"), "{refused}");
    assert!(refused.contains("--leave-out N") && refused.contains("back/types"), "{refused}");
    assert!(!refused.contains("food-operation"), "{refused}");
    assert!(!place.at("back").exists());
    let chinese = place.run(&[&["--lang", "zh"][..], &RESTORE].concat(), 1);
    assert!(chinese.contains("bookshop（还剩 9998 个）"), "{chinese}");

    let restored = place.done(&[&RESTORE[..], &["--leave-out", "40"]].concat());
    assert!(restored.contains("bookshop: next serial 42, 9958 of 9999 left"), "{restored}");
    assert!(!restored.contains("food-operation"), "it has issued nothing: {restored}");
    assert!(place.issue("back").contains("0042"));
    let doctor = place.done(&["doctor", "--dir", "back"]);
    assert!(!doctor.contains("bookshop"), "{doctor}");
}

#[test]
fn a_type_with_few_numbers_left_is_told_and_a_longer_serial_mends_it() {
    let place = Place::new("");
    place.issue("office");
    place.done(&["backup", "--dir", "office", "--to", "copy"]);
    let restored = place.done(&[&RESTORE[..], &["--leave-out", "9500"]].concat());
    assert!(restored.contains("! 498 of the 9999 numbers of bookshop are left"), "{restored}");
    let doctor = place.done(&["doctor", "--dir", "back"]);
    assert!(doctor.contains("! 498 of the 9999 numbers of bookshop are left"), "{doctor}");

    fs::remove_dir_all(place.at("back")).unwrap();
    let ended = place.done(&[&RESTORE[..], &["--leave-out", "100000"]].concat());
    assert!(ended.contains("the 9999 numbers of bookshop are used up"), "{ended}");
    let doctor = place.run(&["doctor", "--dir", "back"], 1);
    assert!(doctor.contains("✗ the 9999 numbers of bookshop are used up"), "{doctor}");
    let file = place.at("back/types/bookshop.toml");
    let longer = fs::read_to_string(&file).unwrap().replace("{serial:4}", "{serial:6}");
    write(&file, &longer);
    assert!(place.issue("back").contains("100002"));
}

#[test]
fn a_second_mark_says_how_many_numbers_are_left_out_at_least() {
    let mark = tempfile::tempdir().unwrap();
    let mark = mark.path().join("mark");
    let place = Place::new(&format!("second_path = \"{}\"\n", mark.display()));
    place.issue("office");
    place.done(&["backup", "--dir", "office", "--to", "copy"]);
    for _ in 0..3 {
        place.issue("office");
    }
    let seen = fs::read_to_string(&mark).unwrap();
    fs::rename(place.at("office"), place.at("newest")).unwrap();
    assert!(place.run(&RESTORE, 1).contains("with 200"), "20,000 and what is known to be lost");
    let restored = place.done(&[&RESTORE[..], &["--leave-out", "1"]].concat());
    let lost = restored.split(" events are lost").next().unwrap();
    let lost: u64 = lost.rsplit('\n').next().unwrap().parse().unwrap();
    assert!(lost >= 3, "{restored}");
    assert!(restored.contains(&format!("next serial {}, ", 2 + lost)), "{restored}");

    // The same for a copy that was put back by hand.
    fs::rename(place.at("back"), place.at("restored")).unwrap();
    write(&mark, &seen);
    fs::create_dir(place.at("back")).unwrap();
    for name in ["access", "certs", "journal", "keys", "types", "office.toml"] {
        fs::rename(place.at("copy").join(name), place.at("back").join(name)).unwrap();
    }
    let recover = ["recover", "--dir", "back", "--accept-rollback"];
    let before = fs::read_dir(place.at("back/journal")).unwrap().count();
    assert!(place.run(&recover, 1).contains("bookshop (9998 left)"));
    assert_eq!(fs::read_to_string(&mark).unwrap(), seen, "nothing was written");
    assert_eq!(fs::read_dir(place.at("back/journal")).unwrap().count(), before);
    assert!(place.run(&["list", "--dir", "back"], 1).contains("--accept-rollback"));
    let recovered = place.done(&[&recover[..], &["--leave-out", "500"]].concat());
    assert!(recovered.contains("bookshop: next serial 502, 9498 of 9999 left"), "{recovered}");
    // Once more would cost numbers for nothing.
    assert!(place.run(&recover, 1).contains("sees nothing missing"));
    let other = ["recover", "--dir", "back", "--accept-clock", "--leave-out", "5"];
    assert!(place.run(&other, 64).contains("--accept-rollback"));
}

#[test]
fn what_was_issued_after_the_copy_is_not_called_unknown_or_never_looked_up() {
    let place = Place::new("");
    place.done(&["backup", "--dir", "office", "--to", "copy"]);
    let lost = place.issue("office");
    let number = lost.split_whitespace().nth(1).unwrap();
    let pdf = format!("out/{number}.pdf");
    let nothing = place.run(&["accesses", "--dir", "office", "教民000"], 1);
    assert_eq!(nothing, "yinzheng: there is no licence 教民000\n", "an office that lost nothing");
    place.done(&[&RESTORE[..], &["--leave-out", "40"]].concat());
    for command in ["accesses", "show"] {
        let said = place.run(&[command, "--dir", "back", number], 1);
        assert!(said.contains("; this office was restored from a backup"), "{said}");
    }
    let said = place.run(&["verify", &pdf, "--dir", "back"], 2);
    assert!(said.contains("Genuine; but its office has no record of it"), "{said}");
    let said = place.run(&["verify", &pdf, "--dir", "back", "--details"], 2);
    assert!(said.contains("not_on_record"), "{said}");
    let office = OfficeFolder::new(&place.at("back"));
    let passphrase = Secret::new(b"correct horse battery staple".to_vec());
    let (office, _) = office.open(Some(passphrase), OpenOptions::default()).unwrap();
    let words = office.with_lost_records(Localized::new("没有", "none"));
    assert!(words.zh.contains("从备份恢复过"), "{words:?}");
}
