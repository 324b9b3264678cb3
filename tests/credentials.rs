//! Attacks on the form of a credential, row by row: each changes one thing of a valid one, signed
//! with the office's keys where the attack needs them, and must be refused for the expected reason.

use crate::forge::{Forge, is_because, key, part, signed, signed_text, stranger};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use yinzheng::crypto::signer::Signer as _;
use yinzheng::domain::verify::report::Verdict;
use yinzheng::format::jose::jws;

const REFUSED: &str = "credential_refused";
const NOT_CHECKED: &str = "unsupported_credential";

/// The control for all rows below: a credential built with the same tools is accepted.
#[test]
fn a_credential_made_with_the_same_tools_is_valid() {
    let forge = Forge::of("residence-permit");
    for text in [forge.issued.credential.clone(), forge.reissued(|_| {}), forge.headed(|_| {})] {
        assert_eq!(forge.verify(&text, None).verdict, Verdict::Valid);
        assert_eq!(forge.test.office.verify("", text.as_bytes()).verdict, Verdict::Valid);
    }
    // Fewer disclosures, none, and in another order.
    let parts = forge.parts();
    assert!(parts.len() > 2);
    let reversed: Vec<&str> = parts[1..].iter().rev().copied().collect();
    for text in [
        format!("{}~", parts[0]),
        format!("{}~{}~", parts[0], parts[2]),
        format!("{}~{}~", parts[0], reversed.join("~")),
    ] {
        assert_eq!(forge.verify(&text, None).verdict, Verdict::Valid);
    }
}

#[test]
fn alg_none_and_hmac() {
    let forge = Forge::new();
    for alg in ["none", "None", "HS256", "HS512", "RS1", "es384", ""] {
        let text = forge.headed(|head| head["alg"] = alg.into());
        forge.refused(alg, &text, REFUSED, "not ES256");
    }
    for alg in ["RS256", "PS512", "ES384", "EdDSA", "ES256K"] {
        let text = forge.headed(|head| head["alg"] = alg.into());
        forge.not_checked(alg, &text, NOT_CHECKED, "not ES256");
    }
    let (head, rest) = forge.parts()[0].split_once('.').unwrap();
    let payload = rest.split_once('.').unwrap().0;
    forge.refused("no signature", &forge.with_token(&format!("{head}.{payload}.")), REFUSED, "64");
    // HMAC over the token with the leaf's public key as the secret.
    let hmac = ring::hmac::Key::new(
        ring::hmac::HMAC_SHA256,
        forge.leaf("market-credential").public_key().unwrap().bits(),
    );
    let mut confused = forge.head();
    confused["alg"] = "HS256".into();
    let message = format!("{}.{payload}", jws::encode(confused.to_string().as_bytes()));
    let tag = ring::hmac::sign(&hmac, message.as_bytes());
    for tag in [tag.as_ref().to_vec(), [tag.as_ref(), tag.as_ref()].concat()] {
        let text = forge.with_token(&format!("{message}.{}", jws::encode(&tag)));
        forge.refused("HMAC with the public key", &text, REFUSED, "not ES256");
    }
}

#[test]
fn key_sources_in_the_header() {
    let forge = Forge::new();
    for name in ["jwk", "jku", "x5u", "kid", "x5t", "x5t#S256"] {
        for signer in [key("market-credential"), std::sync::Arc::new(stranger())] {
            let mut head = forge.head();
            head[name] = "https://keys.example/1".into();
            let text = forge.with_token(&signed(&head, &forge.payload(), &*signer));
            forge.refused(name, &text, REFUSED, "the header has the parameter");
        }
    }
    let text = forge.headed(|head| drop(head.as_object_mut().unwrap().remove("x5c")));
    forge.refused("no x5c", &text, REFUSED, "x5c is missing");
}

/// A trailing line end comes from copying; other white space is not accepted by token readers.
#[test]
fn white_space_behind_a_credential_is_that_of_ascii() {
    let forge = Forge::new();
    let credential = &forge.issued.credential;
    for space in ["\n", "\r\n", " ", "\t"] {
        let report = forge.verify(&format!("{credential}{space}"), None);
        assert_eq!(report.verdict, Verdict::Valid, "{space:?}");
    }
    for other in ["\u{b}", "\u{a0}", "\u{3000}", "\u{2028}", "\0"] {
        let report = forge.verify(&format!("{credential}{other}"), None);
        assert_eq!(report.verdict, Verdict::Unreadable, "{other:?}");
    }
}

#[test]
fn unknown_crit() {
    let forge = Forge::new();
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!(null)] {
        let text = forge.headed(|head| head["crit"] = crit);
        forge.refused("crit", &text, REFUSED, "\"crit\"");
    }
}

#[test]
fn wrong_typ() {
    let forge = Forge::new();
    for kind in ["JWT", "VC+SD-JWT", "statuslist+jwt", "kb+jwt", "DC+SD-JWT", "", "vc+jwt"] {
        let text = forge.headed(|head| head["typ"] = kind.into());
        forge.refused(kind, &text, REFUSED, "the type is not dc+sd-jwt");
    }
    let text = forge.headed(|head| head["typ"] = "vc+sd-jwt".into());
    forge.not_checked("the older name", &text, NOT_CHECKED, "the type is not dc+sd-jwt");
    // A status list or a key binding token in place of a credential.
    forge.refused("a list", &format!("{}~", forge.status()), REFUSED, "the type is not dc+sd-jwt");
}

#[test]
fn duplicate_keys() {
    let forge = Forge::new();
    let (head, payload) = (forge.head().to_string(), forge.payload().to_string());
    let signer = key("market-credential");
    let twice = |text: &str, extra: &str| text.replacen('{', &format!("{{{extra},"), 1);
    for (head, payload) in [
        (twice(&head, r#""alg":"none""#), payload.clone()),
        (head.clone(), twice(&payload, r#""exp":9999999999"#)),
        (head.clone(), twice(&payload, r#""\u0065xp":9999999999"#)),
        (head.clone(), payload.replacen(r#""uri":"#, r#""uri":"x","uri":"#, 1)),
    ] {
        let text = forge.with_token(&signed_text(&head, &payload, &*signer));
        forge.refused("a key twice", &text, REFUSED, "stands twice");
    }
}

#[test]
fn non_canonical_base64_and_trailing_bits() {
    let forge = Forge::new();
    let parts = forge.parts();
    let pieces: Vec<&str> = parts[0].split('.').collect();
    let last = |text: &str| {
        // The last character of a part that does not fill whole bytes has unused bits.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let at = alphabet.find(text.chars().last().unwrap()).unwrap();
        format!("{}{}", &text[..text.len() - 1], alphabet.as_bytes()[at ^ 1] as char)
    };
    let signature = pieces[2];
    assert_ne!(signature.len() % 4, 0);
    assert_eq!(URL_SAFE.decode(format!("{signature}==")).unwrap().len(), 64);
    for bad in [
        last(signature),
        format!("{signature}=="),
        format!("{signature}="),
        format!(" {signature}"),
    ] {
        let text = forge.with_token(&format!("{}.{}.{bad}", pieces[0], pieces[1]));
        let report = forge.verify(&text, None);
        assert!(matches!(report.verdict, Verdict::Invalid | Verdict::Unreadable), "{bad}");
    }
    forge.refused(
        "trailing bits",
        &forge.with_token(&format!("{}.{}.{}", pieces[0], pieces[1], last(signature))),
        REFUSED,
        "canonical base64url",
    );
    // A disclosure in another spelling has another digest, whatever it decodes to.
    let other = format!("{}~{}~", parts[0], last(parts[1]));
    forge.refused("a disclosure in another spelling", &other, REFUSED, "did not sign");
    // x5c is padded base64: without padding, with other bits, and in the other alphabet.
    let leaf = STANDARD.encode(forge.leaf("market-credential").der());
    for bad in [
        format!("{leaf}="),
        leaf.trim_end_matches('=')[..leaf.len() - 3].to_owned(),
        leaf.replace('+', "-") + "\n",
    ] {
        let text = forge.headed(|head| head["x5c"][0] = bad.into());
        forge.refused("x5c", &text, REFUSED, "x5c is not base64");
    }
}

#[test]
fn disclosures_repeated_unreferenced_or_tampered() {
    let forge = Forge::new();
    let parts = forge.parts();
    let (token, first) = (parts[0], parts[1]);
    forge.refused("repeated", &format!("{token}~{first}~{first}~"), REFUSED, "stands twice");
    let foreign = jws::encode(br#"["AAAAAAAAAAAAAAAAAAAAAA","holder","other"]"#);
    forge.refused("unreferenced", &format!("{token}~{foreign}~"), REFUSED, "did not sign");
    let content = String::from_utf8(jws::decode(first).unwrap()).unwrap();
    let tampered = jws::encode(content.replacen("\"]", "x\"]", 1).as_bytes());
    assert_ne!(tampered, first);
    forge.refused("tampered", &format!("{token}~{tampered}~"), REFUSED, "did not sign");
    forge.refused("empty", &format!("{token}~~{first}~"), REFUSED, "did not sign");
    let other = forge.test.issue("food-operation").unwrap().credential;
    let borrowed = other.split('~').nth(1).unwrap();
    forge.refused(
        "of another credential",
        &format!("{token}~{borrowed}~"),
        REFUSED,
        "did not sign",
    );
}

/// Disclosures that only the office could sign: they must not change openly signed claims.
#[test]
fn disclosures_with_reserved_or_colliding_names() {
    let forge = Forge::new();
    let with = |name: &str, value: Value| {
        let disclosure = json!(["AAAAAAAAAAAAAAAAAAAAAA", name, value]).to_string();
        let disclosure = jws::encode(disclosure.as_bytes());
        let digest = ring::digest::digest(&ring::digest::SHA256, disclosure.as_bytes());
        let text = forge.reissued(|payload| {
            payload.as_object_mut().unwrap().remove(name);
            payload["_sd"] = json!([jws::encode(digest.as_ref())]);
            payload["_sd_alg"] = "sha-256".into();
        });
        format!("{}~{disclosure}~", text.split('~').next().unwrap())
    };
    for name in [
        "_sd",
        "_sd_alg",
        "...",
        "iss",
        "iat",
        "nbf",
        "exp",
        "cnf",
        "vct",
        "vct#integrity",
        "status",
        "use",
    ] {
        forge.refused(name, &with(name, json!(9_999_999_999_u64)), REFUSED, "may not be disclosed");
    }
    for name in
        ["id", "number", "version", "type", "type_code", "issuer", "valid_from", "valid_until"]
    {
        let open = forge.payload()[name].clone();
        let report = forge.verify(&with(name, open), None);
        is_because(name, &report, REFUSED, &format!("the claim {name:?}"));
    }
    for (name, value) in [("id", json!("x")), ("valid_until", json!(null))] {
        let disclosed = with("extra", value.clone());
        let (token, _) = disclosed.split_once('~').unwrap();
        let disclosure = jws::encode(json!(["AAAA", name, value]).to_string().as_bytes());
        let digest = ring::digest::digest(&ring::digest::SHA256, disclosure.as_bytes());
        let mut payload = part(token, 1);
        payload["_sd"] = json!([jws::encode(digest.as_ref())]);
        let token = signed(&forge.head(), &payload, &*key("market-credential"));
        forge.refused("colliding", &format!("{token}~{disclosure}~"), REFUSED, "there already");
    }
}

#[test]
fn nested_digests_and_unknown_sd_alg() {
    let forge = Forge::new();
    for (name, value) in
        [("address", json!({ "_sd": ["AAAA"] })), ("scope", json!([{ "...": "AAAA" }]))]
    {
        let text = forge.reissued(|payload| payload[name] = value);
        forge.not_checked(name, &text, NOT_CHECKED, "nested _sd or ...");
    }
    let text = forge.reissued(|payload| payload["..."] = json!("AAAA"));
    forge.refused("...", &text, REFUSED, "nested _sd or ...");
    let text = forge.reissued(|payload| payload["_sd_alg"] = json!("sha-512"));
    forge.not_checked("_sd_alg", &text, NOT_CHECKED, "sha-512");
    for alg in [json!("SHA-256"), json!("md5"), json!(null), json!(["sha-256"])] {
        let text = forge.reissued(|payload| payload["_sd_alg"] = alg);
        forge.refused("_sd_alg", &text, REFUSED, "unknown _sd_alg");
    }
    let text = forge.reissued(|payload| {
        let digest = payload["_sd"][0].clone();
        payload["_sd"].as_array_mut().unwrap().push(digest);
    });
    forge.refused("a digest twice", &text, REFUSED, "twice in _sd");
}

#[test]
fn signatures_of_zeros_in_der_or_by_another_key() {
    let forge = Forge::new();
    let (message, signature) = forge.parts()[0].rsplit_once('.').unwrap();
    let fixed = jws::decode(signature).unwrap();
    let with =
        |signature: &[u8]| forge.with_token(&format!("{message}.{}", jws::encode(signature)));
    let (r, s) = fixed.split_at(32);
    for (name, bytes) in [
        ("r=s=0", vec![0; 64]),
        ("r=0", [&[0; 32], s].concat()),
        ("s=0", [r, &[0; 32]].concat()),
        ("the order of the curve", [&ORDER[..], s].concat()),
        ("r and s swapped", [s, r].concat()),
        ("another message", stranger().sign(b"x").unwrap().as_fixed().to_vec()),
        ("another key", stranger().sign(message.as_bytes()).unwrap().as_fixed().to_vec()),
    ] {
        forge.refused(name, &with(&bytes), REFUSED, "the signature does not hold");
    }
    let der = key("market-credential").sign(message.as_bytes()).unwrap().to_der();
    for (name, bytes) in [
        ("DER", der.as_slice()),
        ("a byte short", &fixed[..63]),
        ("a byte long", &[fixed.as_slice(), &[0]].concat()),
    ] {
        forge.refused(name, &with(bytes), REFUSED, "64 bytes");
    }
}

/// n of P-256.
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6,
    0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];
