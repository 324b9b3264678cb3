//! `yinzheng verify` over many files, archives and pipes, its tables and its printed reports.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use yinzheng::domain::schema;
use yinzheng::domain::trust::PathError;
use yinzheng::format::x509::Certificate;

/// One demo office for all tests: they only read it.
static DEMO: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let made = yinzheng(&["demo", "--no-serve", "--dir", dir.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    (folder, dir)
});

fn sample(name: &str) -> PathBuf {
    DEMO.1.join("samples").join(name)
}

fn yinzheng<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yinzheng")).args(arguments).output().unwrap()
}

/// Verifies with root, status list and revocation list of the demo.
fn verify<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    command(arguments).output().unwrap()
}

fn command<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
    command.arg("verify").args(arguments);
    for (option, file) in [
        ("--trust", "root.pem"),
        ("--status", "status.jwt"),
        ("--crl", "issuing.crl"),
        ("--crl", "root.crl"),
    ] {
        command.arg(option).arg(sample(file));
    }
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The reports of `--json`, each checked against the published schema.
fn reports(output: &Output) -> Vec<Value> {
    static VALIDATOR: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::draft202012::new(&schema::report()).unwrap());
    let lines = stdout(output);
    let parse = |line: &str| -> Value {
        let value =
            serde_json::from_str(line).unwrap_or_else(|error| unreachable!("{error}: {line}"));
        let faults: Vec<_> = VALIDATOR.iter_errors(&value).map(|one| one.to_string()).collect();
        assert!(faults.is_empty(), "{line}: {faults:?}");
        value
    };
    lines.lines().map(parse).collect()
}

/// File and verdict of each report; of the file only the part after `prefix`.
fn verdicts(output: &Output, prefix: &Path) -> Vec<(String, String)> {
    let prefix = format!("{}/", prefix.display());
    let one = |report: &Value| {
        let file = report["file"].as_str().unwrap();
        let file = file.strip_prefix(&prefix).unwrap_or(file).to_owned();
        (file, report["verdict"].as_str().unwrap().to_owned())
    };
    reports(output).iter().map(one).collect()
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).and_then(|mut file| file.write_all(bytes)).unwrap();
}

/// A stored entry: name, content, flags, attributes.
type Stored<'a> = (&'a [u8], &'a [u8], u16, u32);

fn archive(entries: &[Stored<'_>]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content, flags, attributes) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let size = u32::try_from(content.len()).unwrap();
        let mut common = vec![20, 0];
        common.extend(flags.to_le_bytes());
        common.extend([0; 6]);
        common.extend([crc.sum(), size, size].map(u32::to_le_bytes).concat());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]);
        directory.extend(b"PK\x01\x02\x1e\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend(attributes.to_le_bytes());
        directory.extend(u32::try_from(file.len()).unwrap().to_le_bytes());
        directory.extend(*name);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(*name);
        file.extend(*content);
    }
    let at = u32::try_from(file.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].concat());
    file.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend([0; 2]);
    file
}

fn tool(name: &str, arguments: &[&Path]) -> String {
    let output = Command::new(name).args(arguments).output();
    let output = output
        .unwrap_or_else(|error| unreachable!("{name}: {error}; install it with tests/peers/setup"));
    assert!(output.status.success(), "{name} {arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn what_is_missing_of_revocation_is_said_by_name() {
    let [root, status, issuing] = ["root.pem", "status.jwt", "issuing.crl"].map(sample);
    for file in ["valid.pdf", "valid.sd-jwt"].map(sample) {
        let mut arguments = vec![OsStr::new("verify"), file.as_os_str()];
        for (option, file) in [("--trust", &root), ("--status", &status), ("--crl", &issuing)] {
            arguments.extend([OsStr::new(option), file.as_os_str()]);
        }
        let finding = |report: &Value| {
            let findings = report["findings"].as_array().unwrap();
            let about = |one: &&Value| one["code"] == "no_revocation_data";
            findings.iter().find(about).unwrap().clone()
        };
        arguments.push(OsStr::new("--json"));
        let report = reports(&yinzheng(&arguments)).remove(0);
        assert_eq!(
            (&report["verdict"], &finding(&report)["severity"]),
            (&"valid".into(), &"warning".into())
        );
        let signature = &report["signatures"][0];
        assert_eq!(
            (&signature["trust"], &signature["revocation"]),
            (&"passed".into(), &"unknown".into())
        );
        arguments.push(OsStr::new("--require-revocation"));
        // The status list cannot be used either, for the same reason.
        let report = reports(&yinzheng(&arguments)).remove(0);
        assert_eq!(report["verdict"], "not_enough_evidence", "{report}");
        assert_eq!(report["findings"][0], finding(&report), "{report}");
        assert_eq!(finding(&report)["severity"], "fatal");
        let above = report["signatures"][0]["details"]["path"][0].as_str().unwrap();
        let (above, _) = above.split_once(" (").unwrap();
        for words in ["zh", "en"] {
            let said = finding(&report)["message"][words].as_str().unwrap().to_owned();
            assert!(said.contains(above), "{above} is not in {said}");
            let said = report["headline"][words].as_str().unwrap();
            assert!(said.contains(above), "{above} is not in {said}");
        }
        let detail = finding(&report)["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.contains("/crl/root.crl") && !detail.contains("/crl/issuing.crl"),
            "{detail}"
        );
    }
}

#[test]
fn a_directory_is_read_in_order_with_everything_below() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    let put = |name: &str, from: &str| {
        write(&inbox.join(name), &fs::read(sample(from)).unwrap());
    };
    put("c.pdf", "valid.pdf");
    put("b/2.pdf", "revoked.pdf");
    put("b/1/x.sd-jwt", "valid.sd-jwt");
    put("a.pdf", "altered.pdf");
    put(".hidden.pdf", "valid.pdf");
    put(".folder/x.pdf", "valid.pdf");
    fs::create_dir(inbox.join("empty")).unwrap();
    std::os::unix::fs::symlink(sample("valid.pdf"), inbox.join("link.pdf")).unwrap();
    std::os::unix::fs::symlink(&inbox, inbox.join("loop")).unwrap();
    let all = verify(&[inbox.as_os_str(), OsStr::new("--json")]);
    let expected = [
        ("a.pdf", "altered"),
        ("b/1/x.sd-jwt", "valid"),
        ("b/2.pdf", "revoked"),
        ("c.pdf", "valid"),
    ];
    let expected = expected.map(|(file, verdict)| (file.to_owned(), verdict.to_owned()));
    assert_eq!(verdicts(&all, &inbox), expected);
    assert_eq!(all.status.code(), Some(1));
    let summary = stderr(&all);
    let english = "4 files: valid 2 · altered 1 · revoked 1; left out 4";
    assert!(summary.contains(english), "{summary}");
    // The same as text: the summary is the last line, and nothing goes to standard error.
    let all = verify(&[&inbox]);
    let text = stdout(&all);
    assert!(text.lines().last().unwrap().starts_with("4 files: valid 2"), "{text}");
    assert!(!text.contains('\u{1b}') && all.stderr.is_empty(), "{all:?}");
}

/// A directory may contain things that are not documents.
#[test]
fn pipes_and_links_beside_documents_hold_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(sample("valid.pdf"), at("a.pdf")).unwrap();
    fs::copy(sample("valid.pdf"), at("b.pdf")).unwrap();
    for pipe in ["a.tlog-proof", "c.pdf", "d.zip"] {
        assert!(Command::new("mkfifo").arg(at(pipe)).status().unwrap().success());
    }
    std::os::unix::fs::symlink("/dev/zero", at("b.tlog-proof")).unwrap();
    std::os::unix::fs::symlink(at("c.pdf"), at("e.pdf")).unwrap();
    let found = verdicts(&verify(&[folder.path(), Path::new("--json")]), folder.path());
    let valid = |name: &str| (name.to_owned(), "valid".to_owned());
    assert_eq!(found, [valid("a.pdf"), valid("b.pdf")]);
    // A pipe that is named explicitly is waited for, but not for ever.
    let output = verify(&[at("a.pdf"), at("c.pdf"), PathBuf::from("--json")]);
    let found = verdicts(&output, folder.path());
    assert_eq!(found, [valid("a.pdf"), ("c.pdf".to_owned(), "unreadable".to_owned())]);
    assert!(stdout(&output).contains("nobody writes into this pipe"));
}

#[test]
fn answers_come_in_the_order_of_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path();
    let valid = fs::read(sample("valid.pdf")).unwrap();
    // Those that take longest come first.
    let slow = [b"%PDF-1.7\n".as_slice(), &vec![b' '; 4 << 20]].concat();
    let mut expected = Vec::new();
    for number in 0..60 {
        let name = format!("{number:03}.pdf");
        write(&inbox.join(&name), if number % 10 == 0 { &slow } else { &valid });
        expected.push(name);
    }
    let all = verify(&[inbox.as_os_str(), OsStr::new("--json")]);
    let files: Vec<_> = verdicts(&all, inbox).into_iter().map(|(file, _)| file).collect();
    assert_eq!(files, expected);
    assert_eq!(all.status.code(), Some(66));
}

#[test]
fn archives_are_verified_entry_by_entry() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
import sys, zipfile, io, os
out, *files = sys.argv[1:]
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def writable(self): return True
    def write(self, data): return self.file.write(data)
for number, (method, pipe) in enumerate([(0, 0), (8, 0), (0, 1), (8, 1)]):
    with open(f"{out}/{number}.zip", "wb") as file:
        with zipfile.ZipFile(Pipe(file) if pipe else file, "w", method) as made:
            made.writestr("__MACOSX/._x", b"fork")
            made.writestr("证照/", b"")
            for name in files:
                made.write(name, "证照/" + os.path.basename(name))
with zipfile.ZipFile(f"{out}/empty.zip", "w"): pass
with zipfile.ZipFile(f"{out}/ofd.zip", "w") as made: made.writestr("OFD.xml", b"<x/>")
"#;
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(folder.path());
    let names = ["valid.pdf", "valid.sd-jwt", "unsigned.pdf"];
    python.args(names.map(sample));
    assert!(python.status().unwrap().success());
    // Info-ZIP into a pipe.
    let shell = "zip -q - valid.pdf unsigned.pdf | cat > \"$0\"";
    let path = folder.path().join("info.zip");
    let mut zip = Command::new("sh");
    zip.args(["-c", shell]).arg(&path).current_dir(sample(""));
    assert!(zip.status().unwrap().success());
    let all = verify(&[path.as_os_str(), OsStr::new("--json")]);
    let first = verdicts(&all, folder.path()).into_iter().next();
    let valid = ("info.zip!/valid.pdf".to_owned(), "valid".to_owned());
    assert_eq!(first, Some(valid), "is zip there? tests/peers/setup installs it: {all:?}");
    let expected =
        [("valid.pdf", "valid"), ("valid.sd-jwt", "valid"), ("unsigned.pdf", "not_signed")];
    for number in 0..4 {
        let path = folder.path().join(format!("{number}.zip"));
        let all = verify(&[path.as_os_str(), OsStr::new("--json")]);
        let expected = expected
            .map(|(file, verdict)| (format!("{number}.zip!/证照/{file}"), verdict.to_owned()));
        assert_eq!(verdicts(&all, folder.path()), expected);
        assert_eq!(all.status.code(), Some(4));
        assert!(stderr(&all).contains("left out 1"), "{all:?}");
        // The same through a pipe.
        let piped =
            command(&["-", "--json"]).stdin(fs::File::open(&path).unwrap()).output().unwrap();
        assert_eq!(
            verdicts(&piped, folder.path())[0],
            ("-!/证照/valid.pdf".into(), "valid".into())
        );
    }
    for (name, words) in
        [("empty.zip", "the archive is empty"), ("ofd.zip", "OFD or office document")]
    {
        let path = folder.path().join(name);
        let output = verify(&[&path]);
        assert_eq!(output.status.code(), Some(66));
        assert!(stdout(&output).contains(words), "{output:?}");
    }
}

#[test]
fn hostile_archives_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let valid = fs::read(sample("valid.pdf")).unwrap();
    let good: Stored<'_> = (b"good.pdf", &valid, 0, 0);
    let inner = archive(&[good]);
    let path = folder.path().join("hostile.zip");
    // Each with a valid entry, which is still verified.
    let entries: [(Stored<'_>, &str); 6] = [
        ((b"../../etc/evil.pdf", &valid, 0, 0), "would leave the folder"),
        ((b"/etc/evil.pdf", &valid, 0, 0), "would leave the folder"),
        ((b"locked.pdf", &valid, 1, 0), "has a password"),
        ((b"link.pdf", b"/etc/passwd", 0, 0o120_777 << 16), "a link or a device"),
        ((b"inner.zip", &inner, 0, 0), "an archive inside of an archive"),
        ((b"good.pdf", &valid, 0, 0), "several entries have this name"),
    ];
    for (hostile, words) in entries {
        let file = archive(&[hostile, (b"other.pdf", &valid, 0, 0), good]);
        write(&path, &file);
        let output = verify(&[path.as_os_str(), OsStr::new("--json")]);
        let found = reports(&output);
        assert_eq!(found[0]["verdict"], "unreadable", "{words}");
        let headline = found[0]["headline"]["en"].as_str().unwrap();
        assert!(headline.contains(words), "{words}: {headline}");
        assert_eq!(found[1]["verdict"], "valid", "{words}");
        assert_eq!(output.status.code(), Some(66));
    }
    // Those that unpackers could read differently, or that would fill the memory.
    let mut gap = archive(&[good]);
    gap.extend(b"more");
    let mut cut = archive(&[good]);
    cut.truncate(cut.len() - 7);
    let mut overlap = archive(&[good, (b"other.pdf", &valid, 0, 0)]);
    let second = overlap.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    overlap[second + 42..second + 46].fill(0);
    let names: Vec<_> = (0..10_000).map(|number| format!("{number}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_bytes(), &b""[..], 0, 0)).collect();
    for (file, words) in [
        (gap, "damaged"),
        (cut, "damaged"),
        (overlap, "damaged"),
        (vec![b'P', b'K', 3, 4], "damaged"),
    ] {
        write(&path, &file);
        let output = verify(&[&path]);
        assert!(stdout(&output).contains(words), "{output:?}");
        assert_eq!(output.status.code(), Some(66));
    }
    write(&path, &archive(&many));
    let output = verify(&[path.as_os_str(), OsStr::new("--csv")]);
    assert_eq!(stdout(&output).lines().count(), 10_001);
    assert!(stderr(&output).contains("10000 files: unreadable 10000"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_read_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let large = folder.path().join("large.pdf");
    fs::File::create(&large).unwrap().set_len(65 << 20).unwrap();
    let dangling = folder.path().join("dangling");
    std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
    let none = folder.path().join("none.pdf");
    for (path, words) in [
        (&empty, "there is no file to verify in the directory"),
        (&large, "larger than 64 MB"),
        (&dangling, "there is no such file"),
        (&none, "there is no such file"),
    ] {
        let output = verify(&[path.as_os_str(), OsStr::new("--json")]);
        let found = reports(&output);
        let headline = found[0]["headline"]["en"].as_str().unwrap();
        assert!(found.len() == 1 && headline.contains(words), "{headline}");
        assert_eq!(output.status.code(), Some(66));
    }
    let twice = command(&["-", "-", "--json"]).stdin(Stdio::null()).output().unwrap();
    let found = reports(&twice);
    assert!(found[0]["headline"]["en"].as_str().unwrap().contains("the file is empty"));
    assert!(found[1]["headline"]["en"].as_str().unwrap().contains("only once"));
    let pipe =
        command(&["-"]).stdin(fs::File::open(sample("valid.pdf")).unwrap()).output().unwrap();
    assert_eq!(pipe.status.code(), Some(0), "{pipe:?}");
}

#[test]
fn the_worst_file_decides_and_each_verdict_has_its_code() {
    let path = |name: &str| sample(name).into_os_string();
    let code = |names: &[&str]| {
        let files: Vec<_> = names.iter().map(|name| path(name)).collect();
        verify(&files).status.code().unwrap()
    };
    assert_eq!(code(&["valid.pdf", "valid.sd-jwt"]), 0);
    assert_eq!(code(&["valid.pdf", "revoked.pdf"]), 3);
    assert_eq!(code(&["revoked.pdf", "unknown-issuer.pdf"]), 2);
    assert_eq!(code(&["unknown-issuer.pdf", "unsigned.pdf"]), 4);
    assert_eq!(code(&["unsigned.pdf", "root.pem"]), 66);
    assert_eq!(code(&["root.pem", "altered.pdf", "valid.pdf"]), 1);
    assert_eq!(yinzheng(&["verify", "--json", "--csv", "a"]).status.code(), Some(64));
}

#[test]
fn names_do_nothing_on_a_terminal_in_a_table_or_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    let valid = fs::read(sample("valid.pdf")).unwrap();
    let names: [&[u8]; 6] = [
        b"=cmd|' ~C calc'!A0.pdf",
        b"@SUM(A1).pdf",
        b"a\x1b[2J\x1b]0;owned\x07.pdf",
        "b\u{202e}fdp.exe\u{200b}\u{e000}\u{1f600}".as_bytes(),
        b"c\xB6\xFF.pdf",
        b"d\",\"=1+1\n\"=2.pdf",
    ];
    for name in names {
        write(&inbox.join(OsStr::from_bytes(name)), &valid);
    }
    let found = reports(&verify(&[inbox.as_os_str(), OsStr::new("--json")]));
    assert!(found.iter().all(|report| report["verdict"] == "valid"));
    assert!(found[4]["file"].as_str().unwrap().ends_with("/c\\xB6\\xFF.pdf"));
    let raw = stdout(&verify(&[inbox.as_os_str(), OsStr::new("--json")]));
    let hidden = |text: &str| {
        let turns = ['\u{202e}', '\u{200b}', '\u{e000}'];
        text.chars().any(|one| one != '\n' && (one.is_control() || turns.contains(&one)))
    };
    assert!(!hidden(&raw));
    let text = stdout(&verify(&[&inbox]));
    assert!(!hidden(&text) && text.contains("〔U+001B〕"), "{text}");

    // Verified from inside the folder, so that the cell begins with the name.
    let table = command(&[".", "--csv"]).current_dir(&inbox).output().unwrap();
    let direct =
        command(&names[..2].iter().map(|name| OsStr::from_bytes(name)).collect::<Vec<_>>())
            .arg("--csv")
            .current_dir(&inbox)
            .output()
            .unwrap();
    for output in [table, direct] {
        let text = stdout(&output);
        let text = text.strip_prefix('\u{FEFF}').unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let head: Vec<_> = reader.headers().unwrap().iter().take(2).collect();
        assert_eq!(head, ["file", "verdict"]);
        let mut rows = 0;
        for record in reader.records() {
            let record = record.unwrap();
            rows += 1;
            assert_eq!((record.len(), &record[1]), (14, "valid"));
            for cell in &record {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                assert!(!cell.contains('\n'), "{cell}");
            }
        }
        assert!(rows == 6 || rows == 2, "{text}");
    }

    let out = folder.path().join("out");
    let output = verify(&[inbox.as_os_str(), OsStr::new("--report"), out.as_os_str()]);
    assert_eq!(output.status.code(), Some(64), "one file for several reports: {output:?}");
    let out = folder.path().join("out/");
    let output = verify(&[inbox.as_os_str(), OsStr::new("--report"), out.join("").as_os_str()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut made: Vec<_> = fs::read_dir(&out).unwrap().map(|one| one.unwrap().path()).collect();
    made.sort();
    assert_eq!(made.len(), 6);
    for (report, shown) in
        made.iter().zip(["=cmd", "@SUM", "〔U+001B〕", "〔U+202E〕", "\\xB6", "〔U+000A〕"])
    {
        tool("qpdf", &[Path::new("--check"), report]);
        let text = tool("pdftotext", &[Path::new("-layout"), report, Path::new("-")]);
        assert!(text.contains(shown), "{shown}: {text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'));
        assert!(text.contains("核验报告") && text.contains("有效"));
        let name = report.file_name().unwrap().to_str().unwrap();
        assert!(name.chars().all(|one| one.is_alphanumeric() || "-_.".contains(one)), "{name}");
    }
}

#[test]
fn a_printed_report_says_everything_and_how_to_repeat_it() {
    let folder = tempfile::tempdir().unwrap();
    let sha256 = |path: &Path| tool("sha256sum", &[path])[..64].to_owned();
    for (name, code, words) in [
        ("valid.pdf", 0, ["有效：由示例新区市场监督管理局签发", "in force as of"]),
        ("valid.sd-jwt", 0, ["dc+sd-jwt", "食品经营许可证"]),
        ("altered.pdf", 1, ["内容在盖章后被改动，请勿采信", "digest_mismatch"]),
        ("revoked.pdf", 3, ["真实，但已于", "Do not accept; contact the issuer."]),
        ("unknown-issuer.pdf", 2, ["签发者不在信任名单", "Origin not confirmed"]),
        ("unsigned.pdf", 4, ["未发现电子签章", "not necessarily fake"]),
        ("root.pem", 66, ["无法读取该文件", "neither a PDF nor a credential"]),
    ] {
        let out = folder.path().join(format!("{name}.report.pdf"));
        let file = sample(name);
        let output = verify(&[file.as_os_str(), OsStr::new("--report"), out.as_os_str()]);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        tool("qpdf", &[Path::new("--check"), &out]);
        let text = tool("pdftotext", &[Path::new("-raw"), &out, Path::new("-")]);
        let plain =
            |text: &str| text.chars().filter(|one| !one.is_whitespace()).collect::<String>();
        let said = plain(&text);
        let fingerprint = {
            let arguments = ["x509", "-noout", "-fingerprint", "-sha256", "-in"].map(Path::new);
            let said = tool("openssl", &[&arguments[..], &[&sample("root.pem")]].concat());
            said.trim().rsplit('=').next().unwrap().to_owned()
        };
        let hash = sha256(&file);
        let fixed =
            ["真实吗 Genuine?", "现在有效吗 In force?", &hash, &fingerprint, "--trust ROOT.pem"];
        for expected in words.iter().chain(&fixed) {
            assert!(said.contains(&plain(expected)), "{name}: {expected} is not in {text}");
        }
        let info = tool("pdfinfo", &[&out]);
        assert!(info.contains("Pages:           1\n"), "{name}: {info}");
        // The report is not a licence, and without an office it is not sealed.
        let itself = verify(&[&out]);
        assert_eq!(itself.status.code(), Some(4), "{itself:?}");
    }
    let over = sample("valid.pdf");
    let output = verify(&[over.as_os_str(), OsStr::new("--report"), over.as_os_str()]);
    assert_eq!(output.status.code(), Some(64), "the file itself: {output:?}");
}

#[test]
fn an_office_seals_its_reports_served_or_not_and_they_are_no_licences() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let dir = dir.to_str().unwrap();
    let made = yinzheng(&["demo", "--no-serve", "--listen", &address, "--dir", dir]);
    assert!(made.status.success(), "{made:?}");
    let samples = format!("{dir}/samples");
    let run = |out: &str| {
        let out = folder.path().join(out);
        let output = yinzheng(&[
            "verify",
            &samples,
            "--dir",
            dir,
            "--json",
            "--report",
            out.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let files: Vec<_> = verdicts(&output, Path::new(&samples));
        assert!(files.is_sorted() && files.len() > 10, "{files:?}");
        let made = fs::read_dir(&out).unwrap().map(|one| one.unwrap().path());
        let mut made: Vec<_> = made.collect();
        made.sort();
        assert_eq!(made.len(), files.len());
        (files, made)
    };
    let (here, made) = run("here/");
    let root = format!("{samples}/root.pem");
    for report in &made {
        let report = report.to_str().unwrap();
        let output = yinzheng(&["verify", report, "--trust", &root, "--json"]);
        let found = &reports(&output)[0];
        assert_eq!(found["verdict"], "valid", "{found:#}");
        assert!(found["licence"].is_null() && found["in_force"] == "not_applicable");
        assert_eq!(found["signatures"][0]["signer"], "示例新区核验报告");
        // One byte of it changed.
        let mut bytes = fs::read(report).unwrap();
        bytes[100] ^= 1;
        let changed = folder.path().join("changed.pdf");
        write(&changed, &bytes);
        let output = yinzheng(&["verify", changed.to_str().unwrap(), "--trust", &root]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
    let said = tool("pdfsig", &[&made[0]]);
    assert!(
        said.contains("Signature is Valid") && said.contains("Total document signed"),
        "{said}"
    );

    let mut server = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["serve", "--dir", dir, "--listen", &address])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let socket = Path::new(dir).join("office.sock");
    for _ in 0..500 {
        if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (served, made) = run("served/");
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(served, here);
    let output = yinzheng(&["verify", made[0].to_str().unwrap(), "--trust", &root]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn colours_and_the_bar_are_for_terminals_alone() {
    let script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let on_a_terminal = |no_color: &str, arguments: &[&OsStr]| {
        let mut command = Command::new("python3");
        command.args(["-c", script, env!("CARGO_BIN_EXE_yinzheng"), "verify"]).args(arguments);
        command.env("NO_COLOR", no_color).env("TERM", "xterm-256color").stdin(Stdio::null());
        stdout(&command.output().unwrap())
    };
    let (file, all) = (sample("unsigned.pdf"), sample(""));
    let coloured = on_a_terminal("", &[file.as_os_str()]);
    assert!(coloured.contains("\u{1b}[1;33m? not_signed\u{1b}[0m"), "{coloured:?}");
    let plain = on_a_terminal("1", &[file.as_os_str()]);
    assert!(plain.contains("? not_signed") && !plain.contains("\u{1b}["), "{plain:?}");
    // The progress bar rewrites its line; without a terminal there is none.
    assert!(on_a_terminal("1", &[all.as_os_str()]).contains('\u{2588}'));
    let piped = verify(&[&all]);
    assert!(!stdout(&piped).contains('\u{1b}') && piped.stderr.is_empty());
}

#[test]
fn an_answer_is_short_and_the_details_are_asked_for() {
    let count = |text: &str| text.lines().count();
    let names = ["valid", "altered", "unknown-issuer", "revoked", "unsigned"];
    let files = names.map(|name| sample(&format!("{name}.pdf")));
    for file in files.iter().chain([&sample("valid.sd-jwt"), &sample("root.pem")]) {
        // Without any of the office's lists, so that something is missing.
        let bare = yinzheng(&[OsStr::new("verify"), file.as_os_str()]);
        for output in [verify(&[file]), bare] {
            let said = stdout(&output);
            assert!(count(&said) <= 15, "{said}");
            assert!(said.ends_with("  More with --details\n"), "{said}");
            for expected in ["  Genuine? ", "  In force? ", " +08:00\n"] {
                assert!(said.contains(expected), "{said}");
            }
        }
    }
    let short = stdout(&verify(&[&files[0]]));
    assert!(
        short.starts_with("✓ valid  ") && short.contains("  Licence: Food Operation Licence · ")
    );
    let chinese = stdout(&verify(&[files[0].as_os_str(), OsStr::new("--lang=zh")]));
    for expected in ["✓ 有效 (valid)  ", "\n  真实吗？是\n", "\n  证照：食品经营许可证 · "]
    {
        assert!(chinese.contains(expected), "{expected}: {chinese}");
    }
    assert!(chinese.ends_with("\n  更多细节：--details\n"), "{chinese}");
    let long = stdout(&verify(&[files[0].as_os_str(), OsStr::new("--details")]));
    for detail in ["  ✓ ", "Signature 1", "1.2.156.3005.2."] {
        assert!(long.contains(detail) && !short.contains(detail), "{detail}: {short}{long}");
    }
    assert!(!long.contains("More with"), "{long}");
    // The longest output: with omitted findings, and a written report.
    let (folder, file) = (tempfile::tempdir().unwrap(), "tests/data/hostile/signatures-17.pdf");
    let report = folder.path().join("report.pdf").display().to_string();
    let said = stdout(&yinzheng(&["verify", file, "--report", &report]));
    assert!(said.contains("report.pdf") && count(&said) <= 15, "{said}");
    assert_eq!(yinzheng(&["verify", file, "--details", "--json"]).status.code(), Some(64));
}

#[test]
fn the_help_has_examples_and_every_exit_code() {
    let help = stdout(&yinzheng(&["verify", "--help"]));
    for expected in [
        "Examples:",
        "--csv > result.csv",
        "--report report.pdf",
        "66  unreadable",
        "74  the output",
        "NO_COLOR",
    ] {
        assert!(help.contains(expected), "{expected}: {help}");
    }
}

/// Runs with a standard output that fails, as on a full disk.
fn on_a_full_disk<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    let out = tempfile::tempfile().unwrap();
    Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_yinzheng"))
        .args(arguments)
        .stdout(out)
        .output()
        .unwrap()
}

#[test]
fn an_answer_that_cannot_be_written_is_none_and_a_reader_may_go_away() {
    let [valid, root, status] =
        ["valid.pdf", "root.pem", "status.jwt"].map(|name| sample(name).display().to_string());
    let verify = ["verify", &valid, "--trust", &root, "--status", &status];
    for arguments in [
        verify.to_vec(),
        [&verify[..], &["--json"]].concat(),
        [&verify[..], &["--csv"]].concat(),
        vec!["types"],
        vec!["--help"],
    ] {
        let lost = on_a_full_disk(&arguments);
        assert_eq!(lost.status.code(), Some(74), "{arguments:?}: {lost:?}");
        assert!(stderr(&lost).contains("the output could not be written"), "{}", stderr(&lost));
        let mut child = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let left = child.wait_with_output().unwrap();
        assert_eq!((left.status.code(), stderr(&left)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn an_issuer_that_is_not_trusted_is_named_with_what_it_is() {
    let file = sample("unknown-issuer.pdf");
    let short = stdout(&verify(&[&file]));
    assert!(short.contains("then trust it with --trust ROOT.pem"), "{short}");
    let print = short.split_once("topmost certificate found (no root): SHA-256 ").unwrap().1;
    assert_eq!(print.split('\n').next().unwrap().len(), 32 * 3 - 1, "{short}");
    let said = stdout(&verify(&[file.as_os_str(), OsStr::new("--details")]));
    for expected in [
        "which is no root",
        "whose certificate is not at hand",
        "does not mean that the licence is",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let root = fs::read_to_string(sample("root.pem")).unwrap();
    let top = Certificate::from_pem(&root).unwrap().remove(0);
    let said = PathError::Untrusted { top, gap: None }.to_string();
    assert!(said.ends_with("which is not trusted") && said.contains("the root "), "{said}");
}

#[test]
fn a_trust_directory_may_hold_other_files_but_not_only_those() {
    let folder = tempfile::tempdir().unwrap();
    let trust = |folder: &Path| {
        let (file, status) = (sample("valid.pdf"), sample("status.jwt"));
        let options = ["--trust".as_ref(), folder.as_os_str(), "--status".as_ref()];
        let mut arguments = vec![OsStr::new("verify"), file.as_os_str()];
        arguments.extend(options);
        arguments.push(status.as_os_str());
        yinzheng(&arguments)
    };
    for content in [None, Some("note.txt")] {
        if let Some(name) = content {
            write(&folder.path().join(name), b"to be trusted");
        }
        let none = trust(folder.path());
        assert_eq!(none.status.code(), Some(64), "{none:?}");
        assert!(stderr(&none).contains("no root certificate"), "{none:?}");
    }
    fs::copy(sample("root.pem"), folder.path().join("root.pem")).unwrap();
    let some = trust(folder.path());
    assert_eq!(some.status.code(), Some(0), "{some:?}");
    assert!(stderr(&some).contains("note.txt") && stderr(&some).contains("left out"), "{some:?}");
}
