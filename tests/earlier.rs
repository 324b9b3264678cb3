//! Offices that earlier versions made open, hold what they held, and go on. `tests/data/earlier` has
//! one of each version.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const VERSIONS: &str = "tests/data/earlier";
/// Every file there is valid at this time.
const THEN: &str = "2026-12-01T12:00:00Z";

/// A copy of the office that this version made, and what it gave out.
pub(crate) struct Earlier {
    folder: TempDir,
    /// Files that the version gave out.
    pub(crate) files: PathBuf,
    passphrase: String,
}

impl Earlier {
    pub(crate) fn of(version: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Path::new(VERSIONS).join(version);
        copy(&files.join("office"), &folder.path().join("office"));
        for key in fs::read_dir(folder.path().join("office/keys")).unwrap() {
            let mode = fs::Permissions::from_mode(0o600);
            fs::set_permissions(key.unwrap().path(), mode).unwrap();
        }
        let passphrase = fs::read_to_string(files.join("passphrase")).unwrap();
        Self { folder, files, passphrase }
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("office")
    }

    /// A file or directory beside the office.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(arguments)
            .env("YINZHENG_PASSPHRASE", &self.passphrase)
            .output()
            .unwrap()
    }

    /// What the present program prints about the office.
    pub(crate) fn run(&self, command: &[&str], more: &[&str]) -> String {
        let dir = self.dir();
        let arguments = [command, &["--dir", dir.to_str().unwrap()], more].concat();
        let output = self.output(&arguments);
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {printed}");
        printed
    }

    /// A document that the version gave out is authentic for a verifier who has the root alone.
    fn is_authentic(&self, name: &str) {
        let (file, root) = (self.files.join(name), self.files.join("office/certs/root.pem"));
        let (file, root) = (file.to_str().unwrap(), root.to_str().unwrap());
        let output = self.output(&["verify", file, "--trust", root, "--json", "--at", THEN]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["authentic"], "yes", "{file}: {report:#}");
    }
}

#[test]
fn the_office_of_every_version_opens_holds_what_it_held_and_goes_on() {
    let mut versions = 0;
    for entry in fs::read_dir(VERSIONS).unwrap().map(Result::unwrap) {
        if !entry.path().is_dir() {
            continue;
        }
        versions += 1;
        let earlier = Earlier::of(entry.file_name().to_str().unwrap());
        for name in ["licence.pdf", "licence.sd-jwt"] {
            earlier.is_authentic(name);
        }
        let number = |text: &str| {
            let line = text.lines().rev().find(|line| line.contains("licences")).unwrap();
            line.split(' ').rev().nth(1).unwrap().parse::<u32>().unwrap()
        };
        let segment = earlier.dir().join("journal/00000001.journal");
        let written = fs::read(&segment).unwrap();
        let before = number(&earlier.run(&["check"], &[]));
        let journal = earlier.run(&["audit", "--all"], &[]);
        assert!(journal.contains("issued"), "{journal}");

        let id = journal.split_whitespace().find(|word| word.starts_with("1.2.156.3005.2."));
        let (again, id) = (earlier.beside("again"), id.unwrap());
        earlier.run(&["show", id, "--name", "id", "--out", again.to_str().unwrap()], &[]);
        for kind in ["pdf", "sd-jwt"] {
            let shown = fs::read(again.join(format!("{id}.{kind}"))).unwrap();
            let given = fs::read(earlier.files.join(format!("licence.{kind}"))).unwrap();
            assert!(shown == given, "{id}.{kind} is not what was given out");
        }

        let (out, input) = (earlier.beside("out"), "schemas/examples/food-operation.json");
        let out = out.to_str().unwrap();
        earlier.run(&["issue", "--type", "food-operation", input, "--out", out], &[]);
        earlier.run(&["revoke", id, "--reason", "ceased"], &[]);
        // What an earlier version wrote is left as it is.
        if written.starts_with(b"YZJ1") {
            assert!(fs::read(&segment).unwrap() == written);
            let next = fs::read(earlier.dir().join("journal/00000002.journal")).unwrap();
            assert!(next.starts_with(b"YZJ2"));
        }
        earlier.run(&["reindex"], &[]);
        assert_eq!(number(&earlier.run(&["check"], &[])), before + 1);
        let listed = earlier.run(&["list"], &["--state", "revoked"]);
        assert!(listed.contains(id), "{listed}");
    }
    assert!(versions >= 2, "{versions} versions");
}

/// The newest fixture has all that is written into a journal, but what no command leads to.
#[test]
fn the_newest_fixture_has_events_of_every_kind() {
    let earlier = Earlier::of("0.1.0");
    let journal = earlier.run(&["audit", "--all", "--json"], &[]);
    for kind in [
        "defined",
        "reserved",
        "returned",
        "issued",
        "standing",
        "registered",
        "proposed",
        "reported",
    ] {
        assert!(
            journal.lines().any(|line| line.contains(&format!("\"event\":\"{kind}\""))),
            "{kind}"
        );
    }
    let accesses = earlier.run(&["check"], &[]);
    assert!(accesses.contains("events about accesses: "), "{accesses}");
    for line in ["suspended investigation", "revoked ceased", "\"proposed\",\"note\":\"refused\""] {
        assert!(journal.contains(line), "{line}: {journal}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, place) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            copy(&path, &place);
        } else {
            fs::copy(&path, &place).unwrap();
        }
    }
}
