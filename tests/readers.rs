//! Programs in Go, RustCrypto's crates, iText and PDFBox read the artefacts of an office:
//! certificates, lists, licences. A missing one is a failure whose message tells how to install it.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// The demo, and an office with keys and an arc of its own.
static OFFICES: LazyLock<Offices> = LazyLock::new(Offices::new);

struct Offices {
    folder: TempDir,
}

impl Offices {
    fn new() -> Self {
        let offices = Self { folder: tempfile::tempdir().unwrap() };
        let [demo, own, toml] = ["demo", "own", "office.toml"].map(|name| offices.path(name));
        yinzheng(&["demo", "--no-serve", "--dir", &demo]);
        // The address at which pdfcpu looks for the lists.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text =
            std::fs::read_to_string("tests/data/earlier/0.1.0-old-identifiers/office/office.toml")
                .unwrap();
        let text = text.replace("https://licences.example", &format!("http://127.0.0.1:{port}"));
        write(Path::new(&toml), &format!("oid_arc = \"1.2.156.2000000001\"\n{text}"));
        yinzheng(&["init", "--dir", &own, "--office", &toml]);
        let input = "schemas/examples/food-operation.json";
        let out = offices.path("out");
        yinzheng(&["issue", "--dir", &own, "--type", "food-operation", input, "--out", &out]);
        offices
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn files(&self, folder: &str, extension: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.path(folder)).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        let fits = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
        files.filter(fits).map(|path| path.to_str().unwrap().to_owned()).collect()
    }

    /// The licence that the office of its own issued.
    fn licence(&self) -> String {
        self.files("out", "pdf").remove(0)
    }
}

fn yinzheng(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(arguments)
        .env("YINZHENG_PASSPHRASE", "an example passphrase")
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// The output of a reader for files; `first` are the arguments before them.
fn ask(reader: &str, tool: Option<&str>, first: &[&str], files: &[String]) -> String {
    let program = format!("tests/peers/{reader}/run");
    let arguments = tool.iter().chain(first).copied().chain(files.iter().map(String::as_str));
    let output = Command::new(&program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "run tests/peers/setup: {said}");
    said
}

fn accepts(tool: &str, said: &str, files: &[String]) {
    assert!(!files.is_empty());
    for file in files {
        assert!(said.contains(&format!("{tool} {file} accepted\n")), "{file}:\n{said}");
    }
}

fn refuses(tool: &str, said: &str, file: &str, why: &str) {
    let start = format!("{tool} {file} refused: ");
    let line = said.split_once(&start).map(|(_, rest)| rest.split(&format!("\n{tool} ")).next());
    let line = line.unwrap_or_else(|| unreachable!("{file} is not refused:\n{said}")).unwrap();
    assert!(line.contains(why), "{file}: {why:?} is not in {line}");
}

const SHEETS: [&str; 6] = [
    "valid.pdf",
    "business.pdf",
    "private-school.pdf",
    "medical-institution.pdf",
    "construction-permit.pdf",
    "residence-permit.pdf",
];
/// Certificates of an earlier version, whose identifier few programs can read.
const EARLIER: &str = "tests/data/earlier/0.1.0-old-identifiers/office/certs";

/// The licences of the demo, the altered one, the one of an unknown issuer.
fn samples() -> (Vec<String>, String, String) {
    let at = |name: &str| OFFICES.path(&format!("demo/samples/{name}"));
    (SHEETS.iter().map(|name| at(name)).collect(), at("altered.pdf"), at("unknown-issuer.pdf"))
}

/// Certificates of an office, and its root and issuing CA.
fn certificates(office: &str) -> (Vec<String>, [String; 2]) {
    let all = OFFICES.files(&format!("{office}/certs"), "pem");
    let issuers =
        ["root", "issuing"].map(|name| OFFICES.path(&format!("{office}/certs/{name}.pem")));
    (all, issuers)
}

#[test]
fn crypto_x509_reads_every_certificate_and_list_and_builds_the_paths() {
    for (office, least) in [("demo", 15), ("own", 7)] {
        let (all, [root, issuing]) = certificates(office);
        assert!(all.len() >= least, "{all:?}");
        let said = ask("go", Some("certificates"), &[&root, &issuing], &all);
        accepts("certificates", &said, &all);
        for (issuer, name) in [(root, "root"), (issuing, "issuing")] {
            let list = [OFFICES.path(&format!("{office}/certs/{name}.crl"))];
            accepts("lists", &ask("go", Some("lists"), &[&issuer], &list), &list);
        }
    }
    let [root, issuing, seal] =
        ["root", "issuing", "market-seal"].map(|name| format!("{EARLIER}/{name}.pem"));
    let said = ask("go", Some("certificates"), &[&root, &issuing], std::slice::from_ref(&seal));
    refuses("certificates", &said, &seal, "malformed extension OID");
}

#[test]
fn pdfsign_and_pdfcpu_accept_licences() {
    let (mut files, altered, unknown) = samples();
    let (_, [root, _]) = certificates("demo");
    let all = [&files[..], &[altered.clone(), unknown.clone()]].concat();
    let said = ask("go", Some("pdfsign"), &[&root], &all);
    accepts("pdfsign", &said, &files);
    refuses("pdfsign", &said, &altered, "digest mismatch");
    refuses("pdfsign", &said, &unknown, "trusted false");
    files = vec![OFFICES.licence()];
    let (_, [root, _]) = certificates("own");
    accepts("pdfsign", &ask("go", Some("pdfsign"), &[&root], &files), &files);

    let published = OFFICES.path("own/certs");
    let all = [&files[..], &[altered.clone(), unknown.clone()]].concat();
    let said = ask("go", Some("pdfcpu"), &[&root, &published], &all);
    accepts("pdfcpu", &said, &files);
    refuses("pdfcpu", &said, &altered, "document has been modified");
    refuses("pdfcpu", &said, &unknown, "not in the trusted list");
}

#[test]
fn rustcrypto_reads_certificates_lists_and_licences() {
    for office in ["demo", "own"] {
        let (mut files, [root, issuing]) = certificates(office);
        files.extend(OFFICES.files(&format!("{office}/certs"), "crl"));
        files.extend(if office == "own" { vec![OFFICES.licence()] } else { samples().0 });
        let said = ask("rustcrypto", None, &[&root, &issuing], &files);
        accepts("rustcrypto", &said, &files);
    }
    let (_, altered, unknown) = samples();
    let (_, [root, issuing]) = certificates("demo");
    let files = [altered.clone(), unknown.clone(), format!("{EARLIER}/market-seal.pem")];
    let said = ask("rustcrypto", None, &[&root, &issuing], &files);
    refuses("rustcrypto", &said, &altered, "content was changed");
    refuses("rustcrypto", &said, &unknown, "signature error");
    refuses("rustcrypto", &said, &files[2], "malformed OID");
}

#[test]
fn itext_and_pdfbox_accept_licences() {
    let (files, altered, unknown) = samples();
    let (_, [root, _]) = certificates("demo");
    let all = [&files[..], &[altered.clone(), unknown.clone()]].concat();
    let published = OFFICES.path("demo/certs");
    let said = ask("itext", Some("itext"), &[&root, &published], &all);
    accepts("itext", &said, &files);
    refuses("itext", &said, &altered, "does not hold");
    refuses("itext", &said, &unknown, "cannot be mathematically verified");
    let said = ask("itext", Some("pdfbox"), &[&root, &published], &all);
    accepts("pdfbox", &said, &files);
    refuses("pdfbox", &said, &altered, "does not match calculated value");
    refuses("pdfbox", &said, &unknown, "unable to find valid certification path");

    let (_, [root, _]) = certificates("own");
    let (files, published) = ([OFFICES.licence()], OFFICES.path("own/certs"));
    for tool in ["itext", "pdfbox"] {
        accepts(tool, &ask("itext", Some(tool), &[&root, &published], &files), &files);
    }
}

/// iText writes NULL parameters with ecdsa-with-SHA256 (RFC 5758, 3.2 omits them).
#[test]
fn what_itext_signs_with_our_key_is_read() {
    let (demo, [root, issuing]) = certificates("demo");
    let seal = demo.iter().find(|name| name.ends_with("/market-seal.pem")).unwrap();
    let chain = [seal, &issuing].map(|name| std::fs::read_to_string(name).unwrap()).concat();
    let (path, signed) = (OFFICES.path("chain.pem"), OFFICES.path("itext.pdf"));
    write(Path::new(&path), &chain);
    let key = "keys-example/market-seal.key.pem";
    let plain = "tests/data/producers/reportlab.pdf";
    let said = ask("itext", Some("sign"), &[key, &path, plain, &signed], &[]);
    assert!(Path::new(&signed).exists(), "{said}");
    let lists = ["issuing", "root"].map(|name| OFFICES.path(&format!("demo/certs/{name}.crl")));
    let said = yinzheng(&[
        "verify", &signed, "--trust", &root, "--crl", &lists[0], "--crl", &lists[1], "--json",
    ]);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["verdict"], "valid", "{report:#}");
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}
