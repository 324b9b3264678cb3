//! Messages, tokens and OCSP responses of openssl and pyHanko: the results agree with openssl over
//! a matrix of keys, digests and forms, or the row states why not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::disallowed_methods,
    reason = "a failed helper is a failed test"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Timestamp;
use yinzheng::format::cms::{BadCms, Binding, CmsValid, SignedData};
use yinzheng::format::revocation::{Crl, OcspResponse, Reason, Status};
use yinzheng::format::timestamp::Token;
use yinzheng::format::x509::Certificate;

/// A folder in which openssl works.
struct Shop(TempDir);

impl Shop {
    fn open() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Whether openssl succeeded, and its output.
    fn openssl(&self, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .unwrap_or_else(|_| unreachable!("openssl is missing; run tests/peers/setup"));
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn must(&self, arguments: &str) -> String {
        let (good, said) = self.openssl(arguments);
        assert!(good, "openssl {arguments}: {said}");
        said
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn certificate(&self, name: &str) -> Certificate {
        let pem = String::from_utf8(self.read(name)).unwrap();
        Certificate::from_pem(&pem).unwrap().remove(0)
    }

    /// A key of the kind, and a certificate of its own for it.
    fn holder(&self, name: &str, kind: &str) {
        self.must(&format!("genpkey {kind} -out {name}.key"));
        self.must(&format!(
            "req -x509 -new -key {name}.key -sha256 -subj /CN={name} -days 30 -out {name}.pem \
             -addext keyUsage=critical,digitalSignature"
        ));
    }
}

const CONTENT: &[u8] = b"%PDF-1.7 what was signed\n";

fn judge(message: &[u8], content: &[u8]) -> Result<CmsValid, BadCms> {
    judge_within(Budget::default(), message, content)
}

fn judge_within(mut budget: Budget, message: &[u8], content: &[u8]) -> Result<CmsValid, BadCms> {
    let data = SignedData::parse(message, &mut budget)?;
    let signer = data.signer().ok_or(BadCms::Rule("no signer"))?.clone();
    data.verify_over(&signer, &[content], &mut budget)
}

/// Our result for a message that openssl created and accepts.
enum Ours {
    Holds,
    Refused(&'static str),
}
use Ours::{Holds, Refused};

const KEYS: [(&str, &str); 11] = [
    ("rsa2048", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    ("rsa3072", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
    ("rsa4096", "-algorithm RSA -pkeyopt rsa_keygen_bits:4096"),
    // The encoded message of PSS fills whole bytes here, without spare bits.
    ("rsa2049", "-algorithm RSA -pkeyopt rsa_keygen_bits:2049"),
    ("rsa1024", "-algorithm RSA -pkeyopt rsa_keygen_bits:1024"),
    ("p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    ("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
    ("p521", "-algorithm EC -pkeyopt ec_paramgen_curve:P-521"),
    ("bp256", "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1"),
    ("bp384", "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1"),
    ("bp512", "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1"),
];

const PSS: &str = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen";

#[test]
fn openssl_and_we_agree_over_a_matrix_of_algorithms() {
    let shop = Shop::open();
    shop.write("content", CONTENT);
    for (name, kind) in KEYS {
        shop.holder(name, kind);
    }
    let pss = |salt: &str| format!("{PSS}:{salt}");
    let (digest, twenty) = (pss("digest"), pss("20"));
    let mixed = format!("{digest} -keyopt rsa_mgf1_md:sha512");
    let rows: [(&str, &str, &str, Ours); 42] = [
        ("rsa2048", "sha256", "", Holds),
        ("rsa2048", "sha384", "", Holds),
        ("rsa2048", "sha512", "-keyid", Holds),
        ("rsa2048", "sha256", "-cades", Holds),
        ("rsa2048", "sha256", "-noattr", Holds),
        ("rsa2048", "sha256", "-cades -nosmimecap", Holds),
        ("rsa2048", "sha1", "", Refused("SHA-1")),
        ("rsa2048", "md5", "", Refused("MD5")),
        ("rsa2048", "sha224", "", Refused("SHA-224")),
        ("rsa3072", "sha256", "", Holds),
        ("rsa3072", "sha256", &digest, Holds),
        ("rsa3072", "sha384", &digest, Holds),
        ("rsa3072", "sha512", &digest, Holds),
        ("rsa3072", "sha1", &digest, Refused("SHA-1")),
        ("rsa3072", "sha256", &twenty, Holds),
        ("rsa2049", "sha256", &twenty, Holds),
        ("rsa2049", "sha256", &pss("max"), Holds),
        ("rsa3072", "sha256", &pss("0"), Holds),
        ("rsa2048", "sha512", &pss("max"), Holds),
        ("rsa4096", "sha256", &pss("max"), Holds),
        // PSS with two digests.
        ("rsa3072", "sha256", &mixed, Refused("mask")),
        ("rsa4096", "sha512", "", Holds),
        ("rsa4096", "sha256", &digest, Holds),
        ("rsa1024", "sha256", "", Refused("RSA with 1024 bits, too short")),
        ("p256", "sha256", "-cades", Holds),
        ("p256", "sha256", "-noattr", Holds),
        ("p256", "sha384", "-keyid", Holds),
        // Combinations that ring does not support.
        ("p256", "sha512", "", Holds),
        ("p256", "sha512", "-cades", Holds),
        ("p384", "sha512", "", Holds),
        ("p384", "sha256", "", Holds),
        ("p384", "sha384", "-cades", Holds),
        ("p521", "sha256", "", Holds),
        ("p521", "sha384", "-keyid", Holds),
        ("p521", "sha512", "-cades", Holds),
        ("p521", "sha512", "-noattr", Holds),
        ("bp256", "sha256", "-cades", Holds),
        ("bp256", "sha512", "-noattr", Holds),
        ("bp384", "sha256", "", Holds),
        ("bp384", "sha384", "-cades", Holds),
        ("bp384", "sha512", "-keyid", Holds),
        ("bp512", "sha512", "", Refused("brainpoolP512r1")),
    ];
    for (key, md, options, ours) in rows {
        let row = format!("{key} {md} {options}");
        shop.must(&format!(
            "cms -sign -binary -in content -signer {key}.pem -inkey {key}.key -md {md} \
             -outform DER -out message {options}"
        ));
        let message = shop.read("message");
        let theirs = |shop: &Shop| {
            let verify = "cms -verify -binary -inform DER -in message -content content -out out";
            shop.openssl(&format!("{verify} -noverify")).0
        };
        assert!(theirs(&shop), "{row}: openssl does not accept its own");
        match (ours, judge(&message, CONTENT)) {
            (Holds, Ok(valid)) => {
                assert_eq!(valid.is_bound(), options.contains("-cades"), "{row}");
                // A slower curve is paid for as several checks.
                let one = Budget { signature_checks: 1, ..Budget::default() };
                let slow = matches!(key, "p384" | "p521" | "bp256" | "bp384");
                assert_eq!(judge_within(one, &message, CONTENT).is_err(), slow, "{row}");
            }
            (Refused(why), Err(error)) => {
                assert!(error.to_string().contains(why), "{row}: {error}");
            }
            (_, said) => unreachable!("{row}: {said:?}"),
        }
        // Other content, and a signature with one bit changed: both refuse it.
        assert!(judge(&message, b"%PDF-1.7 what was swapped\n").is_err(), "{row}");
        let mut bad = message;
        let at = bad.len() - if options.contains("-noattr") { 9 } else { 5 };
        bad[at] ^= 1;
        shop.write("message", &bad);
        assert!(!theirs(&shop), "{row}");
        assert!(judge(&bad, CONTENT).is_err(), "{row}");
    }
}

#[test]
fn a_key_for_pss_alone_is_held_to_it() {
    let shop = Shop::open();
    shop.write("content", CONTENT);
    let restricted = "-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256";
    shop.holder("free", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048");
    shop.holder("bound", &format!("-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 {restricted}"));
    for (key, md) in [("free", "sha384"), ("bound", "sha256")] {
        shop.must(&format!(
            "cms -sign -binary -in content -signer {key}.pem -inkey {key}.key -md {md} {PSS}:digest \
             -outform DER -out message"
        ));
        judge(&shop.read("message"), CONTENT).unwrap();
    }
}

#[test]
fn openssl_and_we_read_the_same_time_from_a_token() {
    let shop = Shop::open();
    shop.write("content", CONTENT);
    shop.write("serial", b"0A07\n");
    shop.must("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out tsa.key");
    shop.must(
        "req -x509 -new -key tsa.key -subj /CN=Synthetic -days 30 -out tsa.pem \
         -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=critical,timeStamping",
    );
    let tsa = shop.certificate("tsa.pem");
    assert!(tsa.time_stamping() && tsa.extended_is_critical());
    for (md, digits, ess, binding) in [
        ("sha256", 0, "sha256", Binding::V2),
        ("sha384", 3, "sha384", Binding::V2),
        ("sha512", 6, "sha1", Binding::V1),
    ] {
        let configuration = format!(
            "[tsa]\ndefault_tsa = one\n[one]\nserial = serial\nsigner_cert = tsa.pem\n\
             signer_key = tsa.key\nsigner_digest = {md}\ndefault_policy = 1.2.3.4.1\n\
             digests = sha256, sha384, sha512, sha1\naccuracy = secs:2\ntsa_name = yes\n\
             clock_precision_digits = {digits}\ness_cert_id_alg = {ess}\n"
        );
        shop.write("configuration", configuration.as_bytes());
        shop.must(&format!("ts -query -data content -{md} -cert -out query"));
        shop.must("ts -reply -config configuration -queryfile query -token_out -out token");
        shop.must("ts -verify -data content -in token -token_in -CAfile tsa.pem");
        let mut budget = Budget::default();
        let token = Token::parse(&shop.read("token"), &mut budget).unwrap();
        assert!(token.covers(&[CONTENT]) && !token.covers(&[b"other"]));
        let signer = token.signed().signer().unwrap();
        assert_eq!(*signer, tsa);
        assert_eq!(token.verify(signer, &mut budget).unwrap().binding(), binding, "{md}");
        let text = shop.must("ts -reply -in token -token_in -text");
        assert!(
            text.contains(&format!("Policy OID: tsa_policy1\nHash Algorithm: {md}"))
                || text.contains(&format!("Policy OID: {}\nHash Algorithm: {md}", token.policy())),
            "{text}"
        );
        assert!(text.contains(&format!("Serial number: 0x{}", token.serial_hex().to_uppercase())));
        assert_eq!(token.accuracy().unwrap().seconds, 2);
        assert_eq!(openssl_time(&text, "Time stamp: "), token.time());
    }
    // A time stamp over SHA-1 is not accepted.
    shop.must("ts -query -data content -sha1 -cert -out query");
    shop.must("ts -reply -config configuration -queryfile query -token_out -out token");
    let error = Token::parse(&shop.read("token"), &mut Budget::default()).unwrap_err();
    assert!(error.to_string().contains("SHA-1"), "{error}");
}

/// `Nov 24 07:20:11.25 2026 GMT` after a label.
fn openssl_time(text: &str, label: &str) -> Timestamp {
    let line = text.split_once(label).unwrap().1.lines().next().unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(words[0]).unwrap() / 3 + 1;
    let clock = words[2].split('.').next().unwrap();
    let day: u8 = words[1].parse().unwrap();
    Timestamp::parse(&format!("{}-{month:02}-{day:02}T{clock}Z", words[3])).unwrap()
}

#[test]
fn openssl_and_we_read_the_same_answers_and_lists() {
    let shop = Shop::open();
    shop.must("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key");
    shop.must(
        "req -x509 -new -key ca.key -subj /CN=Authority -days 30 -out ca.pem \
         -addext keyUsage=critical,keyCertSign,cRLSign",
    );
    shop.must("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out leaf.key");
    for (name, serial) in [("good", "0x1001"), ("held", "0x1002"), ("strange", "0x1003")] {
        shop.must(&format!("req -new -key leaf.key -subj /CN={name} -out request"));
        shop.must(&format!(
            "x509 -req -in request -CA ca.pem -CAkey ca.key -set_serial {serial} -out {name}.pem"
        ));
    }
    let index = "V\t361231000000Z\t\t1001\tunknown\t/CN=good\n\
                 R\t361231000000Z\t261101080000Z,certificateHold\t1002\tunknown\t/CN=held\n";
    shop.write("index", index.as_bytes());
    shop.write("number", b"01\n");
    let configuration = "[ca]\ndefault_ca = one\n[one]\ndatabase = index\ncrlnumber = number\n\
                         default_md = sha256\ndefault_crl_days = 7\n";
    shop.write("configuration", configuration.as_bytes());
    shop.must("ca -config configuration -gencrl -keyfile ca.key -cert ca.pem -out list.pem");
    shop.must("crl -in list.pem -outform DER -out list");
    let ca = shop.certificate("ca.pem");
    let list = Crl::parse(&shop.read("list")).unwrap();
    assert!(list.signed_by(ca.public_key().unwrap()).is_ok());
    let text = shop.must("crl -in list.pem -noout -text");
    assert_eq!(openssl_time(&text, "Last Update: "), list.window().0);
    assert_eq!(openssl_time(&text, "Next Update: "), list.window().1);
    let when = Timestamp::parse("2026-11-01T08:00:00Z").unwrap();
    for (md, id) in [("sha1", ""), ("sha256", "-resp_key_id"), ("sha512", "")] {
        for name in ["good", "held", "strange"] {
            shop.must(&format!(
                "ocsp -issuer ca.pem -{md} -cert {name}.pem -no_nonce -reqout query"
            ));
            shop.must(&format!(
                "ocsp -index index -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin query \
                 -respout answer -ndays 3 {id}"
            ));
            let said = shop.must(&format!(
                "ocsp -issuer ca.pem -{md} -cert {name}.pem -respin answer -CAfile ca.pem \
                 -no_nonce"
            ));
            let response = OcspResponse::parse(&shop.read("answer")).unwrap();
            assert!(response.responder().names(&ca), "{md}");
            assert!(response.signed_by(ca.public_key().unwrap()).is_ok(), "{md}");
            let serial = shop.certificate(&format!("{name}.pem"));
            let answer = response.answer(serial.serial(), &ca).unwrap();
            let (word, status) = match name {
                "good" => ("good", Status::Good),
                "held" => ("revoked", Status::Revoked { when, reason: Reason::Hold }),
                _ => ("unknown", Status::Unknown),
            };
            assert!(said.contains(&format!("{name}.pem: {word}")), "{said}");
            assert_eq!(answer.status, status, "{md} {name}");
            assert_eq!(openssl_time(&said, "This Update: "), answer.this_update);
            assert_eq!(openssl_time(&said, "Next Update: "), answer.next_update.unwrap());
            let entry = list.entry(serial.serial());
            let listed = matches!(status, Status::Revoked { .. });
            assert_eq!(entry.map(|entry| (entry.when, entry.reason)).is_some(), listed);
        }
    }
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new("tests/data/formats").join(name)).unwrap()
}

#[test]
fn messages_of_pyhanko_bring_what_proves_them() {
    let root = Certificate::parse(&fixture("root.cer")).unwrap();
    let tsa = Certificate::parse(&fixture("tsa.cer")).unwrap();
    let at = Timestamp::parse("2026-11-24T08:00:00Z").unwrap();
    for (name, algorithm) in [
        ("pyhanko-adobe.der", "ECDSA SHA-256"),
        ("pyhanko-pss.der", "RSA-PSS SHA-256, salt of 222 bytes"),
        ("pyhanko-ed25519.der", "Ed25519"),
    ] {
        let budget = &mut Budget::default();
        let data = SignedData::parse(&fixture(name), budget).unwrap();
        assert_eq!(data.signature_algorithm(), algorithm);
        let signer = data.signer().unwrap();
        let valid = data.verify_over(signer, &[b"content"], budget).unwrap();
        assert_eq!(valid.binding(), Binding::V2);
        assert!(signer.signed_by(root.public_key().unwrap()).is_ok());
        assert_eq!(data.signature_timestamps().len(), 1);
        let token = Token::parse(data.signature_timestamp().unwrap(), budget).unwrap();
        assert!(token.covers(&[data.signature()]) && !token.covers(&[b"content"]));
        assert_eq!(token.time(), at);
        assert!(token.verify(&tsa, budget).is_ok());
        let adobe = name.contains("adobe");
        assert_eq!(data.signing_time(), Some(at));
        assert_eq!(data.crls().len(), usize::from(adobe));
        assert_eq!(data.ocsp_responses().len(), usize::from(adobe));
        for list in data.crls() {
            let list = Crl::parse(list).unwrap();
            assert!(list.signed_by(root.public_key().unwrap()).is_ok());
        }
        for response in data.ocsp_responses() {
            let response = OcspResponse::parse(response).unwrap();
            assert_eq!(response.answer(signer.serial(), &root).unwrap().status, Status::Good);
        }
    }
}
