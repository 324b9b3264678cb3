//! Object identifiers in the artefacts of an office: all programs can read them, entitlements under
//! the earlier identifier still verify, and an identifier that no authority names grants nothing.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::earlier::Earlier;
use crate::forge::{Forge, part, signed, x5c};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, CustomExtension, Issuer, KeyPair, KeyUsagePurpose, SanType};
use serde_json::Value;
use yinzheng::base::limits::Budget;
use yinzheng::base::oid::OidArc;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::trust::{self, Entitled, Material, Usage};
use yinzheng::domain::verify::report::Verdict;
use yinzheng::format::x509::{Certificate, ENTITLEMENT, OFFICE_ARC};

const EARLIER: &str = "tests/data/earlier/0.1.0-old-identifiers";
/// When the earlier files are looked at: they were made the day before.
const THEN: &str = "2026-12-01T00:00:00Z";
/// An arc such as an office could have; this one is not assigned.
const ARC: &str = "1.2.156.2000000001";

/// Identifier and value.
type Extension = (Vec<u64>, Vec<u8>);

/// Runs a command with the passphrase of the earlier office, which is shorter than new ones may be.
fn yinzheng(arguments: &[&str]) -> String {
    with("example", arguments)
}

fn with(passphrase: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(arguments)
        .env("YINZHENG_PASSPHRASE", passphrase)
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {said}");
    said
}

/// Verifies the file with a root alone: genuine, with an unknown status.
fn is_genuine(file: &Path, root: &Path, more: &[&str]) {
    let (file, root) = (file.to_str().unwrap(), root.to_str().unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["verify", file, "--trust", root, "--json"])
        .args(more)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "status_unknown", "{file}: {report:#}");
    assert_eq!(report["authentic"], "yes", "{file}");
}

#[test]
fn every_identifier_that_an_office_writes_is_read_by_everybody() {
    let yinzheng = |arguments: &[&str]| with("an example passphrase", arguments);
    let folder = tempfile::tempdir().unwrap();
    let (demo, own) = (folder.path().join("demo"), folder.path().join("own"));
    yinzheng(&["demo", "--no-serve", "--dir", demo.to_str().unwrap()]);
    let toml = fs::read_to_string("keys-example/office.toml").unwrap();
    let toml =
        toml.replacen("[[departments]]", &format!("oid_arc = \"{ARC}\"\n[[departments]]"), 1);
    let office = folder.path().join("office.toml");
    write(&office, &toml);
    yinzheng(&["init", "--dir", own.to_str().unwrap(), "--office", office.to_str().unwrap()]);
    let out = folder.path().join("out");
    let (input, kind) = ("schemas/examples/food-operation.json", "food-operation");
    let dirs = [own.to_str().unwrap(), out.to_str().unwrap()];
    yinzheng(&["issue", "--dir", dirs[0], "--type", kind, input, "--out", dirs[1]]);
    let licence = only(&out, "pdf");
    let report = out.join("report.pdf");
    let report = ["--report", report.to_str().unwrap()];
    yinzheng(&[&["verify", licence.to_str().unwrap(), "--dir", dirs[0]][..], &report].concat());
    is_genuine(&licence, &own.join("certs/root.pem"), &[]);
    is_genuine(&only(&out, "sd-jwt"), &own.join("certs/root.pem"), &[]);

    let folders = [demo.join("certs"), demo.join("samples"), own.join("certs"), out];
    let mut found = Vec::new();
    for path in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = path.unwrap().path();
        let identifiers = identifiers_of(&path);
        for arcs in &identifiers {
            assert!(arcs.iter().all(|arc| *arc < 1 << 31), "{}: {arcs:?}", path.display());
            // RustCrypto's readers want the first two in one byte.
            assert!(arcs[1] < 40, "{}: {arcs:?}", path.display());
        }
        found.extend(identifiers);
    }
    for arc in [OidArc::example(), OidArc::parse(ARC).unwrap()] {
        assert!(found.contains(&arc.child(ENTITLEMENT)), "{arc}");
    }
    assert!(found.contains(&OidArc::parse(ARC).unwrap().child(OFFICE_ARC)));
    // The search finds the earlier identifier.
    let earlier = identifiers_of(&Path::new(EARLIER).join("office/certs/market-seal.pem"));
    assert!(earlier.iter().flatten().any(|arc| *arc >= 1 << 31), "{earlier:?}");
}

#[test]
fn what_an_earlier_office_issued_verifies_and_the_office_goes_on() {
    let earlier_office = Earlier::of("0.1.0-old-identifiers");
    let dir = earlier_office.dir();
    let root = Path::new(EARLIER).join("office/certs/root.pem");
    let earlier = || {
        for name in ["licence.pdf", "licence.sd-jwt"] {
            is_genuine(&Path::new(EARLIER).join(name), &root, &["--at", THEN]);
        }
    };
    earlier();
    let office = dir.to_str().unwrap();
    let certificate = |name: &str| {
        let pem = fs::read_to_string(dir.join("certs").join(format!("{name}.pem"))).unwrap();
        Certificate::from_pem(&pem).unwrap().remove(0)
    };
    let leaves = ["market-seal", "market-credential", "status", "report", "answer"];
    // Without its passphrase the office opens as before, and nothing is issued.
    let before = certificate("market-seal");
    let mut list = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
    let listed = list.args(["list", "--dir", office]).env_remove("YINZHENG_PASSPHRASE").output();
    assert!(listed.unwrap().status.success());
    let said = yinzheng(&["doctor", "--dir", office]);
    assert!(said.contains("object identifier of before"), "{said}");
    assert_eq!(certificate("market-seal"), before);

    let issue = |name: &str| {
        let out = earlier_office.beside(name);
        let input = "schemas/examples/food-operation.json";
        let out_dir = out.to_str().unwrap();
        yinzheng(&["issue", "--dir", office, "--type", "food-operation", input, "--out", out_dir]);
        (only(&out, "pdf"), only(&out, "sd-jwt"))
    };
    let issuing = certificate("issuing");
    let (pdf, credential) = issue("example");
    for name in leaves {
        assert!(certificate(name).has_entitlement_below(&OidArc::example()), "{name}");
    }
    assert_eq!(certificate("issuing"), issuing);

    let toml = fs::read_to_string(dir.join("office.toml")).unwrap();
    // It has an arc and another name now.
    let toml = toml.replacen("示例新区", "示例大区", 1);
    write(&dir.join("office.toml"), &format!("oid_arc = \"{ARC}\"\n{toml}"));
    let root_key = dir.join("keys/root.key.pem");
    let away = earlier_office.beside("root.key.pem");
    fs::rename(&root_key, &away).unwrap();
    let said = yinzheng(&["doctor", "--dir", office]);
    assert!(said.contains("oid_arc"), "{said}");
    yinzheng(&["list", "--dir", office]);
    assert_eq!(certificate("issuing"), issuing);
    fs::rename(&away, &root_key).unwrap();
    let (own_pdf, own_credential) = issue("own");
    let arc = OidArc::parse(ARC).unwrap();
    for name in leaves {
        assert!(certificate(name).has_entitlement_below(&arc), "{name}");
    }
    let renewed = certificate("issuing");
    assert_eq!(renewed.office_arc(), Some(&arc));
    assert_eq!(renewed.subject(), issuing.subject());
    assert_eq!(renewed.public_key(), issuing.public_key());
    let said = yinzheng(&["doctor", "--dir", office]);
    assert!(!said.contains("oid_arc") && !said.contains("object identifier"), "{said}");

    earlier();
    let crl = dir.join("certs/issuing.crl");
    let crl = ["--crl", crl.to_str().unwrap()];
    for file in [&pdf, &credential, &own_pdf, &own_credential] {
        is_genuine(file, &root, &crl);
        let said = yinzheng(&["verify", file.to_str().unwrap(), "--dir", office]);
        assert!(said.contains("Genuine"), "{said}");
    }
}

/// Leaves of an attacker who may choose extensions, each under the true issuing CA, or under the
/// same CA certified again with an arc.
#[test]
fn an_identifier_that_no_authority_above_names_grants_nothing() {
    let forge = Forge::new();
    let arc = OidArc::parse(ARC).unwrap();
    let [plain, naming] = [None, Some(&arc)].map(|arc| issuing(&forge, arc));
    let good = forge.leaf("market-credential").entitlement().unwrap().to_der().unwrap();
    let own = |number| arc.child(number);
    let entitled = (own(ENTITLEMENT), good.clone());
    let example = (OidArc::example().child(ENTITLEMENT), good);
    let named = (own(OFFICE_ARC), [&[6, 8][..], &arc.to_der()].concat());
    assert_eq!(named.1.len(), arc.to_der().len() + 2);
    let later = (own(ENTITLEMENT), vec![0x30, 3, 0x0A, 1, 9]);
    let rows: [(&str, Vec<Extension>, &Certificate, Option<&str>); 8] = [
        ("control: below the arc of its CA", vec![entitled.clone()], &naming, None),
        ("control: below the arc for examples", vec![example.clone()], &plain, None),
        ("control: the same, under a CA with an arc", vec![example.clone()], &naming, None),
        ("nobody names the arc", vec![entitled.clone()], &plain, Some("no authority above it")),
        (
            "the leaf names it itself",
            vec![entitled.clone(), named],
            &plain,
            Some("no authority above it"),
        ),
        ("none", vec![], &naming, Some("does not say what it may sign")),
        ("of a later form", vec![later], &naming, Some("cannot be read")),
        ("two", vec![entitled, example], &naming, Some("two entitlement extensions")),
    ];
    for (name, extensions, issuing, refused) in rows {
        let (der, key) = leaf(&forge, extensions);
        let mut head = forge.head();
        head["x5c"] = vec![STANDARD.encode(&der), STANDARD.encode(issuing.der())].into();
        let text = forge.with_token(&signed(&head, &forge.payload(), &key));
        let report = forge.verify(&text, None);
        let Some(why) = refused else {
            assert_eq!(report.verdict, Verdict::Valid, "{name}: {report:#?}");
            continue;
        };
        assert_eq!(report.verdict, Verdict::Invalid, "{name}: {report:#?}");
        let reported = report.findings.iter().any(|finding| finding.detail.contains(why));
        assert!(reported, "{name}: {report:#?}");
        // A key for credentials, or with an unreadable entitlement, cannot sign other documents
        // either.
        if let Ok(leaf) = Certificate::parse(&der) {
            let material = Material::of(std::slice::from_ref(issuing));
            let (at, budget) = (forge.now(), &mut Budget::default());
            let path =
                trust::build(&leaf, &material, &forge.trust, Usage::Document, at, budget, None);
            assert_eq!(Entitled::documents(&path.unwrap()).is_ok(), name == "none", "{name}");
        }
    }
    assert_eq!(part(forge.parts()[0], 0)["x5c"], x5c(&[forge.leaf("market-credential"), &plain]));
}

/// The issuing CA of the forge, or another certificate for its key that names an arc.
fn issuing(forge: &Forge, arc: Option<&OidArc>) -> Certificate {
    use yinzheng::base::localized::Localized;
    use yinzheng::domain::authority::{self, Ca, IssuingCa, Names};
    use yinzheng::edge::keys::ExampleKeys;
    use yinzheng::service::keys::{KeyName, Keys as _};

    let known = &forge.test.parts.certificates;
    if arc.is_none() {
        return known.issuing.clone();
    }
    let [root, key] =
        [KeyName::Root, KeyName::Issuing].map(|name| ExampleKeys.signer(&name).unwrap());
    let names = Names {
        common: known.issuing.name().to_owned(),
        organization: Localized::new(known.issuing.organization(), ""),
        uscc: None,
    };
    let crl = "http://127.0.0.1:8080/crl/root.crl".to_owned();
    let issuing = IssuingCa { names, crl, arc: arc.cloned() };
    let ca = Ca { certificate: &known.root, key: &*root };
    authority::issuing(&issuing, ca, key.public_key(), [5; 16], forge.now()).unwrap()
}

/// A credential leaf for a key of the attacker's, with these extensions besides.
fn leaf(forge: &Forge, extensions: Vec<Extension>) -> (Vec<u8>, SoftwareKey) {
    let ca_key = KeyPair::from_pem(include_str!("../keys-example/issuing.key.pem")).unwrap();
    let ca = forge.test.parts.certificates.issuing.der().into();
    let ca = Issuer::from_ca_cert_der(&ca, ca_key).unwrap();
    let own = SoftwareKey::generate().unwrap();
    let known = forge.leaf("market-credential");
    let (from, until) = known.key_use().unwrap();
    let time = |tag: u8, at: String| {
        let at: String = at.chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect();
        [&[tag, 15][..], at.as_bytes()].concat()
    };
    let period = [time(0x80, from.to_string()), time(0x81, until.to_string())].concat();
    let period = [&[0x30, 34][..], &period].concat();
    let mut params = CertificateParams::default();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params.subject_alt_names = vec![SanType::URI(known.uris()[0].as_str().try_into().unwrap())];
    let seconds = |at: yinzheng::base::time::Timestamp| {
        time::OffsetDateTime::from_unix_timestamp(at.unix()).unwrap()
    };
    let (begins, ends) = known.validity();
    (params.not_before, params.not_after) = (seconds(begins), seconds(ends));
    params.custom_extensions = extensions
        .into_iter()
        .chain([(vec![2, 5, 29, 16], period)])
        .map(|(identifier, value)| CustomExtension::from_oid_content(&identifier, value))
        .collect();
    let pair = KeyPair::try_from(own.expose()).unwrap();
    let der = params.signed_by(&pair, &ca).unwrap().der().to_vec();
    (der, SoftwareKey::from_pkcs8(&own).unwrap())
}

/// Every identifier in the certificates, lists, messages and tokens of a file. An unknown kind of
/// file is a failure, so that new artefacts of an office are examined too.
fn identifiers_of(path: &Path) -> Vec<Vec<u64>> {
    let bytes = fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let mut found = Vec::new();
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "pem" => {
            for certificate in Certificate::from_pem(&text).unwrap() {
                collect(certificate.der(), &mut found);
            }
        }
        "crl" => collect(&bytes, &mut found),
        "pdf" => {
            for message in text.split("/Contents<").skip(1) {
                let digits: Vec<_> = message.bytes().take_while(u8::is_ascii_hexdigit).collect();
                let digit = |at: u8| char::from(at).to_digit(16).unwrap();
                let pairs = digits.chunks_exact(2);
                let der: Vec<u8> = pairs
                    .map(|pair| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).unwrap())
                    .collect();
                collect(&der, &mut found);
            }
        }
        "jwt" | "sd-jwt" => {
            for der in part(text.split('~').next().unwrap(), 0)["x5c"].as_array().unwrap() {
                collect(&STANDARD.decode(der.as_str().unwrap()).unwrap(), &mut found);
            }
        }
        "vkey" | "tlog-proof" => return found,
        other => unreachable!("{}: what is {other:?} made of?", path.display()),
    }
    // The sample that is not a licence has none.
    let unsigned = path.file_name().is_some_and(|name| name == "unsigned.pdf");
    assert_eq!(found.is_empty(), unsigned, "{}", path.display());
    found
}

/// Walks DER, and strings that contain DER; padding after it is ignored.
fn collect(der: &[u8], found: &mut Vec<Vec<u64>>) {
    let mut rest = der;
    while let Some((tag, content, after)) = element(rest) {
        match tag {
            0 => return,
            6 => found.push(arcs(content)),
            3 if is_der(content.get(1..).unwrap_or_default()) => collect(&content[1..], found),
            // Digests and key identifiers do not contain DER.
            4 if is_der(content) => collect(content, found),
            _ if tag & 0x20 != 0 => collect(content, found),
            _ => {}
        }
        rest = after;
    }
}

/// Whether these are one sequence or identifier, whole: a digest hardly ever looks like that.
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0x30 | 6))
        && element(bytes).is_some_and(|(_, _, after)| after.is_empty())
}

fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, short, rest @ ..] = der else { return None };
    let count = usize::from(short & 0x7F);
    let (length, rest) = match short {
        0..0x80 => (count, rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(count)?;
            (digits.iter().fold(0, |sum: usize, digit| sum << 8 | usize::from(*digit)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

fn arcs(content: &[u8]) -> Vec<u64> {
    let parts = content.split_inclusive(|byte| byte & 0x80 == 0);
    let value =
        |part: &[u8]| part.iter().fold(0, |sum: u64, byte| sum << 7 | u64::from(byte & 0x7F));
    let mut numbers: Vec<u64> = parts.map(value).collect();
    let first = (numbers[0] / 40).min(2);
    numbers[0] -= first * 40;
    numbers.insert(0, first);
    numbers
}

fn only(folder: &Path, extension: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.extension().is_some_and(|found| found == extension));
    files.next().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}
