//! Other verifiers on the artefacts of the demo. A missing one is a failure whose message tells how
//! to install it.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use yinzheng::base::time::Timestamp;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::keybinding;

struct Samples {
    folder: tempfile::TempDir,
    path: PathBuf,
}

fn samples() -> Samples {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let made = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["demo", "--no-serve", "--dir", dir.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(made.status.success());
    Samples { path: dir.join("samples"), folder }
}

fn run(program: &Path, arguments: &[&Path]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| {
        unreachable!("{}: {error}; install it with tests/peers/setup", program.display())
    })
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn python() -> PathBuf {
    PathBuf::from("target/peers/venv/bin/python")
}

const SHEETS: [&str; 6] = [
    "valid.pdf",
    "business.pdf",
    "private-school.pdf",
    "medical-institution.pdf",
    "construction-permit.pdf",
    "residence-permit.pdf",
];

#[test]
fn pyhanko_accepts_every_type_and_refuses_the_altered_one() {
    let samples = samples();
    let at = |name: &str| samples.path.join(name);
    let check = |name: &str| {
        let script = Path::new("tests/peers/pyhanko_pdf.py");
        run(&python(), &[script, &at(name), &at("root.pem"), &at("issuing.crl")])
    };
    for name in SHEETS {
        let output = check(name);
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
    assert!(!check("altered.pdf").status.success());
    assert!(!check("unknown-issuer.pdf").status.success());
}

#[test]
fn poppler_trusts_the_seal_with_our_root() {
    let samples = samples();
    let store = tempfile::tempdir().unwrap();
    let database = PathBuf::from(format!("sql:{}", store.path().display()));
    let certutil = |arguments: &[&str]| {
        let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
        let output = run(Path::new("certutil"), &paths);
        assert!(output.status.success(), "{}", said(&output));
    };
    let database = database.to_str().unwrap();
    let root = samples.path.join("root.pem");
    certutil(&["-N", "-d", database, "--empty-password"]);
    certutil(&["-A", "-d", database, "-n", "root", "-t", "CT,CT,CT", "-i", root.to_str().unwrap()]);
    for name in SHEETS {
        let file = samples.path.join(name);
        let said = said(&run(Path::new("pdfsig"), &[Path::new("-nssdir"), store.path(), &file]));
        for line in ["Signature is Valid.", "Certificate is Trusted.", "Total document signed"] {
            assert!(said.contains(line), "{name}: {line} is missing in\n{said}");
        }
    }
}

#[test]
fn qpdf_finds_nothing_to_complain_of() {
    let samples = samples();
    for name in SHEETS {
        let output = run(Path::new("qpdf"), &[Path::new("--check"), &samples.path.join(name)]);
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
}

#[test]
fn openssl_verifies_message_chain_and_list() {
    let samples = samples();
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| samples.path.join(name).to_str().unwrap().to_owned();
    let out = |name: &str| work.path().join(name).to_str().unwrap().to_owned();
    let python = Command::new("python3")
        .args(["tests/peers/cms.py", &at("valid.pdf")])
        .arg(work.path())
        .output();
    assert!(python.unwrap().status.success());
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output();
        let output =
            output.unwrap_or_else(|_| unreachable!("openssl is missing; run tests/peers/setup"));
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    };
    let (message, content, root) = (out("message.der"), out("content.bin"), at("root.pem"));
    openssl(&[
        "cms",
        "-verify",
        "-cades",
        "-binary",
        "-inform",
        "DER",
        "-in",
        &message,
        "-content",
        &content,
        "-CAfile",
        &root,
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    ]);
    let dir = samples.path.parent().unwrap().join("certs");
    let cert = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let crl = out("issuing.pem");
    openssl(&[
        "crl",
        "-inform",
        "DER",
        "-in",
        &at("issuing.crl"),
        "-CAfile",
        &cert("issuing.pem"),
        "-out",
        &crl,
    ]);
    for leaf in ["market-seal.pem", "market-credential.pem", "police-seal.pem", "status.pem"] {
        openssl(&[
            "verify",
            "-x509_strict",
            "-CAfile",
            &root,
            "-untrusted",
            &cert("issuing.pem"),
            "-CRLfile",
            &crl,
            "-crl_check",
            &cert(leaf),
        ]);
    }
}

#[test]
fn the_sd_jwt_library_accepts_credential_and_status() {
    let samples = samples();
    let at = |name: &str| samples.path.join(name);
    let script = Path::new("tests/peers/sdjwt.py");
    let output = run(&python(), &[script, &at("valid.sd-jwt"), &at("root.pem"), &at("status.jwt")]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn the_qr_symbol_on_the_rendered_page_opens_the_code() {
    let samples = samples();
    let image = samples.path.join("page");
    let output = run(
        Path::new("pdftoppm"),
        &[
            Path::new("-gray"),
            Path::new("-r"),
            Path::new("150"),
            Path::new("-singlefile"),
            &samples.path.join("valid.pdf"),
            &image,
        ],
    );
    assert!(output.status.success(), "{}", said(&output));
    let pgm = std::fs::read(image.with_extension("pgm")).unwrap();
    let mut fields = pgm.splitn(4, u8::is_ascii_whitespace).map(<[u8]>::to_vec);
    assert_eq!(fields.next().unwrap(), b"P5");
    let mut number =
        || String::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(), number());
    let pixels = &pgm[pgm.len() - width * height..];
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = picture.detect_grids();
    let (_, text) = grids.first().unwrap().decode().unwrap();
    let code = text.strip_prefix("http://127.0.0.1:8080/v/").unwrap();
    assert!(yinzheng::base::ids::Code::parse(code).is_some());
}

#[test]
fn verapdf_says_pdf_a_3a_of_every_type() {
    let samples = samples();
    let files: Vec<PathBuf> = SHEETS.iter().map(|name| samples.path.join(name)).collect();
    let mut arguments = vec![Path::new("verapdf"), Path::new("3a")];
    arguments.extend(files.iter().map(PathBuf::as_path));
    let output = run(Path::new("tests/peers/java/run"), &arguments);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("verapdf 3a true").count(), SHEETS.len(), "{said}");
}

#[test]
fn a_printed_report_is_pdf_a_and_its_seal_is_accepted() {
    let samples = samples();
    let dir = samples.path.parent().unwrap();
    let (sealed, plain) = (dir.join("sealed.pdf"), dir.join("plain.pdf"));
    let report = |more: &[&Path], out: &Path| {
        let file = samples.path.join("valid.pdf");
        let mut arguments = vec![Path::new("verify"), &file, Path::new("--report"), out];
        arguments.extend(more);
        run(Path::new(env!("CARGO_BIN_EXE_yinzheng")), &arguments);
        assert!(out.exists());
    };
    report(&[Path::new("--dir"), dir], &sealed);
    report(&[Path::new("--trust"), &samples.path.join("root.pem")], &plain);
    let arguments = [Path::new("verapdf"), Path::new("3a"), &sealed, &plain];
    let said_of = said(&run(Path::new("tests/peers/java/run"), &arguments));
    assert_eq!(said_of.matches("verapdf 3a true").count(), 2, "{said_of}");
    let (script, root) = (Path::new("tests/peers/pyhanko_pdf.py"), samples.path.join("root.pem"));
    let arguments = [script, &sealed, &root, &samples.path.join("issuing.crl")];
    let output = run(&python(), &arguments);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn the_european_reference_validator_passes_the_seal_and_fails_the_altered_one() {
    let samples = samples();
    let at = |name: &str| samples.path.join(name);
    let lists = format!("{},{}", at("issuing.crl").display(), at("root.crl").display());
    let check = |name: &str| {
        let arguments = [Path::new("dss"), &at("root.pem"), Path::new(&lists), &at(name)];
        run(Path::new("tests/peers/java/run"), &arguments)
    };
    for name in SHEETS {
        let output = check(name);
        let said = said(&output);
        assert!(output.status.success(), "{name}: {said}");
        assert!(said.contains("dss TOTAL_PASSED null PAdES-BASELINE-B"), "{said}");
    }
    assert!(said(&check("altered.pdf")).contains("TOTAL_FAILED"));
    assert!(said(&check("unknown-issuer.pdf")).contains("INDETERMINATE"));
}

#[test]
fn the_npm_library_accepts_credential_and_status_and_no_other_root() {
    let samples = samples();
    let at = |name: &str| samples.path.join(name);
    let folder = std::fs::canonicalize("target/peers/node");
    let folder = folder.unwrap_or_else(|_| unreachable!("run tests/peers/setup"));
    let check = |root: &Path| {
        let script = Path::new("tests/peers/node/sdjwt.mjs");
        run(Path::new("node"), &[script, &at("valid.sd-jwt"), root, &at("status.jwt"), &folder])
    };
    let output = check(&at("root.pem"));
    assert!(output.status.success(), "{}", said(&output));
    // Demo offices share the published root key; another certificate of the office is not a root.
    let other = samples.path.parent().unwrap().join("certs/market-seal.pem");
    assert!(!check(&other).status.success());
}

/// A residence permit of the demo office, bound to a holder's key.
fn bound_to(samples: &Samples, key: &serde_json::Value) -> PathBuf {
    let example = std::fs::read_to_string("schemas/examples/residence-permit.json").unwrap();
    let mut application: serde_json::Value = serde_json::from_str(&example).unwrap();
    application["holder_key"] = key.clone();
    let folder = tempfile::tempdir_in(samples.folder.path()).unwrap().keep();
    let input = folder.join("application.json");
    put(&input, &application.to_string());
    let dir = samples.path.parent().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(["issue", "--type", "residence-permit"])
        .args([Path::new("--dir"), dir, &input, Path::new("--out"), &folder])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "sd-jwt")).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
fn put(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

const ASKED: [&str; 2] = ["n-7f31", "https://desk.example"];

/// Our exit code and output for a presentation, with the expected nonce and audience.
fn our_word(samples: &Samples, file: &Path, [nonce, aud]: [&str; 2]) -> (Option<i32>, String) {
    let at = |name: &str| samples.path.join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args([Path::new("verify"), file, Path::new("--trust"), &at("root.pem")])
        .args([Path::new("--status"), &at("status.jwt"), Path::new("--crl"), &at("issuing.crl")])
        .args(["--nonce", nonce, "--aud", aud])
        .output()
        .unwrap();
    (output.status.code(), said(&output))
}

fn answers_its_request_alone(samples: &Samples, file: &Path) {
    let (code, said) = our_word(samples, file, ASKED);
    assert_eq!(code, Some(0), "{said}");
    for other in [["n-7f32", ASKED[1]], [ASKED[0], "https://other.example"]] {
        let (code, said) = our_word(samples, file, other);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("signed for another request"), "{said}");
    }
}

fn wallet(arguments: &[&Path]) -> Output {
    run(&python(), &[&[Path::new("tests/peers/sdjwt_holder.py")], arguments].concat())
}

#[test]
fn what_a_holder_signs_with_the_pypi_library_is_accepted_for_its_request_alone() {
    let samples = samples();
    for alg in ["ES256", "EdDSA"] {
        let at = |name: &str| samples.path.join(format!("{alg}-{name}"));
        let (private, public, out) = (at("private.jwk"), at("public.jwk"), at("shown.sd-jwt"));
        let made = wallet(&[Path::new("key"), Path::new(alg), &private, &public]);
        assert!(made.status.success(), "{}", said(&made));
        let key = serde_json::from_str(&std::fs::read_to_string(&public).unwrap()).unwrap();
        let credential = bound_to(&samples, &key);
        let [nonce, aud] = ASKED.map(Path::new);
        let shown =
            [Path::new("present"), &credential, &private, nonce, aud, Path::new("born"), &out];
        let shown = wallet(&shown);
        assert!(shown.status.success(), "{}", said(&shown));
        answers_its_request_alone(&samples, &out);
    }
}

#[test]
fn what_a_holder_signs_with_the_npm_library_is_accepted_for_its_request_alone() {
    let samples = samples();
    let at = |name: &str| samples.path.join(name);
    let (private, public, out) = (at("private.jwk"), at("public.jwk"), at("shown.sd-jwt"));
    let made = wallet(&[Path::new("key"), Path::new("ES256"), &private, &public]);
    assert!(made.status.success(), "{}", said(&made));
    let key = serde_json::from_str(&std::fs::read_to_string(&public).unwrap()).unwrap();
    let credential = bound_to(&samples, &key);
    let folder = std::fs::canonicalize("target/peers/node");
    let folder = folder.unwrap_or_else(|_| unreachable!("run tests/peers/setup"));
    let [nonce, aud] = ASKED.map(Path::new);
    let script = Path::new("tests/peers/node/present.mjs");
    let claim = Path::new("born");
    let output =
        run(Path::new("node"), &[script, &credential, &private, nonce, aud, claim, &out, &folder]);
    assert!(output.status.success(), "{}", said(&output));
    answers_its_request_alone(&samples, &out);
}

#[test]
fn what_our_holder_signs_the_pypi_library_accepts_for_its_request_alone() {
    let samples = samples();
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
    let jwk = Jwk::new(key.public_key()).unwrap().to_json();
    let credential = std::fs::read_to_string(bound_to(&samples, &jwk)).unwrap();
    let now = Timestamp::parse("2026-11-24T06:00:00Z").unwrap();
    let [nonce, aud] = ASKED;
    let shown = keybinding::bind(credential.trim_end(), (aud, nonce), now, &key).unwrap();
    let (file, root) = (samples.path.join("shown.sd-jwt"), samples.path.join("root.pem"));
    put(&file, &shown);
    let check = |nonce: &str, aud: &str| {
        wallet(&[Path::new("verify"), &file, &root, Path::new(nonce), Path::new(aud)])
    };
    let output = check(nonce, aud);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!check("n-7f32", aud).status.success());
    assert!(!check(nonce, "https://other.example").status.success());
}
