//! Attacks on a credential, row by row: each changes one thing of a good one, signed with the
//! office's own keys where the attack has them, and must be refused for its own reason.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

#[path = "world/forge.rs"]
mod forge;
mod world;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use forge::{Forge, is_because, key, part, signed, signed_text, stranger, x5c};
use serde_json::{Value, json};
use yinzheng::base::time::Timestamp;
use yinzheng::crypto::signer::Signer;
use yinzheng::domain::authority::{self, Ca, Leaf, RevokedCertificate, Urls};
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::report::{Outcome, Severity, Verdict};
use yinzheng::format::jose::jws;
use yinzheng::format::revocation::Crl;
use yinzheng::format::x509::{Certificate, Entitlement, Role};
use yinzheng::service::keys::{KeyName, Keys as _};

const REFUSED: &str = "credential_refused";

/// The control of every row below: the same tools make a credential that is accepted.
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
    for alg in ["none", "None", "HS256", "HS512", "RS256", "ES384", "EdDSA", "ES256K"] {
        let text = forge.headed(|head| head["alg"] = alg.into());
        forge.refused(alg, &text, REFUSED, "not ES256");
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
        let why = if tag.len() == 64 { "not ES256" } else { "64" };
        forge.refused("HMAC with the public key", &text, REFUSED, why);
    }
}

#[test]
fn key_sources_in_the_header() {
    let forge = Forge::new();
    for name in ["jwk", "jku", "x5u", "kid", "x5t", "x5t#S256", "iss", "vctm"] {
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
    for kind in ["JWT", "vc+sd-jwt", "statuslist+jwt", "kb+jwt", "DC+SD-JWT", "", "vc+jwt"] {
        let text = forge.headed(|head| head["typ"] = kind.into());
        forge.refused(kind, &text, REFUSED, "the type is not dc+sd-jwt");
    }
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
        // The last character of a part that does not fill whole bytes has bits that mean nothing.
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

/// Disclosures that the office itself would have to sign: a reader must not let them change what
/// was signed openly.
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
    for (name, value) in [
        ("address", json!({ "_sd": ["AAAA"] })),
        ("scope", json!([{ "...": "AAAA" }])),
        ("...", json!("AAAA")),
    ] {
        let text = forge.reissued(|payload| payload[name] = value);
        forge.refused(name, &text, REFUSED, "nested _sd or ...");
    }
    for alg in [json!("sha-512"), json!("SHA-256"), json!("md5"), json!(null), json!(["sha-256"])] {
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
fn exp_missing_past_or_beyond_the_leaf_and_times_of_the_future() {
    let forge = Forge::new();
    let now = forge.now().unix();
    let ends = forge.leaf("market-credential").validity().1.unix();
    let text = forge.reissued(|payload| drop(payload.as_object_mut().unwrap().remove("exp")));
    forge.refused("no exp", &text, REFUSED, "\"exp\" is missing");
    for (name, value, why) in [
        ("exp", json!(now), "over at"),
        ("exp", json!(now - 1), "over at"),
        ("exp", json!(ends + 2), "the end of the signer's certificate"),
        ("exp", json!(now + 5 * 366 * 86_400), "more than five years"),
        ("exp", json!("2099-01-01"), "no time"),
        ("exp", json!(4e9), "no time"),
        ("exp", json!(-1), "no time"),
        ("exp", json!(null), "no time"),
        ("nbf", json!(now + 301), "after"),
        ("iat", json!(now + 301), "after"),
        ("nbf", json!(null), "no time"),
        ("iat", json!("now"), "no time"),
    ] {
        let text = forge.reissued(|payload| payload[name] = value.clone());
        forge.refused(&format!("{name} {value}"), &text, REFUSED, why);
    }
    let late = forge.reissued(|payload| payload["nbf"] = (now + 299).into());
    assert_eq!(forge.verify(&late, None).verdict, Verdict::Valid);
}

#[test]
fn a_leaf_that_is_not_entitled() {
    let forge = Forge::new();
    let issuing = &forge.test.parts.certificates.issuing;
    // Each has its own iss, so that only its entitlement is at fault.
    for (name, iss, why) in [
        ("health-credential", "health", "belongs to another department"),
        ("police-credential", "police", "belongs to another department"),
    ] {
        let mut head = forge.head();
        head["x5c"] = x5c(&[forge.leaf(name), issuing]);
        let mut payload = forge.payload();
        payload["iss"] = format!("http://127.0.0.1:8080/dept/{iss}").into();
        let text = forge.with_token(&signed(&head, &payload, &*key(name)));
        forge.refused(name, &text, "not_entitled", why);
    }
    let market = forge.leaf("market-credential");
    let iss = market.uris()[0].clone();
    let known = market.entitlement().unwrap().clone();
    let now = forge.now();
    let rows: [(&str, Entitlement, Timestamp, &str); 4] = [
        ("a seal", Entitlement { role: Role::Seal, ..known.clone() }, now, "another kind"),
        ("a list", Entitlement { role: Role::Status, ..known.clone() }, now, "another kind"),
        (
            "no such type",
            Entitlement {
                types: forge.leaf("health-credential").entitlement().unwrap().types.clone(),
                ..known.clone()
            },
            now,
            "may not issue this licence type",
        ),
        ("a key past its year", known, now.plus(-400 * 86_400), "outside of the period"),
    ];
    for (name, entitlement, made, why) in rows {
        let own = stranger();
        let leaf = leaf(&forge, entitlement, Some(iss.clone()), &own, made);
        let mut head = forge.head();
        head["x5c"] = x5c(&[&leaf, issuing]);
        let mut payload = forge.payload();
        payload["exp"] = forge.now().plus(86_400).unix().into();
        let text = forge.with_token(&signed(&head, &payload, &own));
        forge.refused(name, &text, "not_entitled", why);
    }
}

/// A leaf that the issuing CA makes for a key of the attacker's.
fn leaf(
    forge: &Forge,
    entitlement: Entitlement,
    uri: Option<String>,
    key: &dyn Signer,
    made: Timestamp,
) -> Certificate {
    let issuing_key = yinzheng::edge::keys::ExampleKeys.signer(&KeyName::Issuing).unwrap();
    let ca = Ca { certificate: &forge.test.parts.certificates.issuing, key: &*issuing_key };
    let name = "示例".to_owned();
    let names = authority::Names {
        common: name.clone(),
        organization: yinzheng::base::words::Words::new(name, "Example"),
        uscc: None,
    };
    let url = "http://127.0.0.1:8080/x".to_owned();
    let urls = Urls { ca_issuers: url.clone(), crl: url };
    let leaf = Leaf { names, entitlement, uri, urls };
    authority::leaf(&leaf, ca, key.public_key(), [7; 16], made).unwrap()
}

#[test]
fn iss_that_the_leaf_does_not_have() {
    let forge = Forge::new();
    for iss in [
        json!("http://127.0.0.1:8080/dept/health"),
        json!("http://127.0.0.1:8080/dept/market/"),
        json!("HTTP://127.0.0.1:8080/dept/market"),
        json!("https://look-alike.example/dept/market"),
        json!(""),
        json!(null),
        json!(["http://127.0.0.1:8080/dept/market"]),
    ] {
        let text = forge.reissued(|payload| payload["iss"] = iss.clone());
        forge.refused(&iss.to_string(), &text, REFUSED, "the claim \"iss\"");
    }
    // A leaf without any address.
    let own = stranger();
    let known = forge.leaf("market-credential").entitlement().unwrap().clone();
    let leaf = leaf(&forge, known, None, &own, forge.now());
    let mut head = forge.head();
    head["x5c"] = x5c(&[&leaf, &forge.test.parts.certificates.issuing]);
    let text = forge.with_token(&signed(&head, &forge.payload(), &own));
    forge.refused("no SAN", &text, REFUSED, "no alternative name");
}

#[test]
fn vct_and_integrity_that_do_not_fit_the_type() {
    let forge = Forge::new();
    let base = "http://127.0.0.1:8080";
    for (vct, why) in [
        (json!(format!("{base}/vct/business/1")), "another type"),
        (json!("https://look-alike.example/vct/food-operation/1"), "another office"),
        (json!(format!("{base}/vct/food-operation/0")), "no version"),
        (json!(format!("{base}/vct/food-operation/01")), "no version"),
        (json!(format!("{base}/vct/food-operation/+1")), "no version"),
        (json!(format!("{base}/vct/food-operation/1/x")), "no version"),
        (json!(format!("{base}/vct/food-operation")), "another office"),
        (json!(null), "missing"),
    ] {
        let text = forge.reissued(|payload| payload["vct"] = vct.clone());
        forge.refused(&vct.to_string(), &text, REFUSED, why);
    }
    for integrity in [json!("sha256-AAAA"), json!("sha512-AAAA"), json!("md5-AAAA"), json!(null)] {
        let text = forge.reissued(|payload| payload["vct#integrity"] = integrity.clone());
        forge.refused(&integrity.to_string(), &text, REFUSED, "vct#integrity");
    }
    // Another definition is only noticed by who has the definition.
    let other = format!("sha256-{}", STANDARD.encode([7; 32]));
    let text = forge.reissued(|payload| payload["vct#integrity"] = other.into());
    assert_eq!(forge.verify(&text, None).verdict, Verdict::Valid);
    let report = forge.test.office.verify("", text.as_bytes());
    assert_eq!(report.verdict, Verdict::Invalid);
    is_because("another definition", &report, "definition_mismatch", "vct#integrity");
}

#[test]
fn claims_of_a_licence_that_are_missing_or_disagree() {
    let forge = Forge::new();
    for (name, value) in [
        ("id", json!("1.2.156.3005.2.1")),
        ("type_code", json!("999999")),
        ("type", json!("business")),
        ("version", json!(70_000)),
        ("valid_from", json!("2026-02-30")),
        ("valid_until", json!("never")),
        ("number", json!(5)),
        ("use", json!("other")),
        ("issuer", json!({ "zh": "某局", "en": "Bureau", "uscc": "11519999MB0000027R" })),
        ("status", json!({})),
        (
            "status",
            json!({ "status_list": { "idx": -1, "uri": "http://127.0.0.1:8080/status/1" } }),
        ),
        (
            "status",
            json!({ "status_list": { "idx": 1_u64 << 32, "uri": "http://127.0.0.1:8080/status/1" } }),
        ),
        (
            "status",
            json!({ "status_list": { "idx": 1, "uri": "https://look-alike.example/status/1" } }),
        ),
        (
            "status",
            json!({ "status_list": { "idx": 1, "uri": "http://127.0.0.1:8080/x/status/1" } }),
        ),
    ] {
        let text = forge.reissued(|payload| payload[name] = value.clone());
        // A type that does not fit shows first in the address of its definition.
        let said = if name == "type" { "vct" } else { name };
        forge.refused(&format!("{name} {value}"), &text, REFUSED, &format!("the claim {said:?}"));
    }
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

#[test]
fn x5c_swapped_out_of_order_with_the_root_or_too_long() {
    let forge = Forge::new();
    let certificates = &forge.test.parts.certificates;
    let (root, issuing) = (&certificates.root, &certificates.issuing);
    let (leaf, other) = (forge.leaf("market-credential"), forge.leaf("health-credential"));
    let held = "the signature does not hold";
    for (name, chain, why) in [
        ("another leaf", vec![other, issuing], held),
        ("reversed", vec![issuing, leaf], held),
        ("the root alone", vec![root], held),
        ("with the root", vec![leaf, issuing, root], "is a root"),
        ("root in the middle", vec![leaf, root, issuing], "is a root"),
        ("a stranger between", vec![leaf, other, issuing], "whose issuer it is not"),
        ("a stranger behind", vec![leaf, issuing, other], "whose issuer it is not"),
        ("twice", vec![leaf, issuing, issuing], "whose issuer it is not"),
        ("too long", [vec![leaf], vec![issuing; 32]].concat(), "too long"),
        ("none", vec![], "empty"),
    ] {
        let text = forge.headed(|head| head["x5c"] = x5c(&chain));
        forge.refused(name, &text, REFUSED, why);
    }
    let text = forge.headed(|head| head["x5c"][1] = STANDARD.encode(b"no certificate").into());
    forge.refused("no certificate", &text, REFUSED, "x5c: not an X.509 certificate");
    // The issuing CA missing, or one of the same name with another key: nobody vouches.
    let own = stranger();
    let named = |like: &Certificate| authority::Names {
        common: like.name().to_owned(),
        organization: yinzheng::base::words::Words::new(like.organization(), ""),
        uscc: None,
    };
    let fake_root = authority::root(&named(root), &own, [1; 16], forge.now()).unwrap();
    let fake = authority::issuing(
        &named(issuing),
        Ca { certificate: &fake_root, key: &own },
        own.public_key(),
        "http://127.0.0.1:8080/crl",
        [2; 16],
        forge.now(),
    );
    for (name, chain) in [("no CA", vec![leaf]), ("a look-alike", vec![leaf, &fake.unwrap()])] {
        let text = forge.headed(|head| head["x5c"] = x5c(&chain));
        let report = forge.verify(&text, None);
        assert_eq!(report.verdict, Verdict::UnknownIssuer, "{name}: {report:#?}");
        is_because(name, &report, "unknown_issuer", "SHA-256");
    }
}

#[test]
fn a_signer_that_was_revoked_has_expired_or_is_unknown() {
    let forge = Forge::new();
    let certificates = &forge.test.parts.certificates;
    let issuing_key = yinzheng::edge::keys::ExampleKeys.signer(&KeyName::Issuing).unwrap();
    let ca = Ca { certificate: &certificates.issuing, key: &*issuing_key };
    let serial = forge.leaf("market-credential").serial().to_vec();
    let now = forge.now();
    let revoked = [RevokedCertificate { serial, when: now.plus(-60) }];
    let crl = authority::crl(ca, &revoked, 9, now.plus(-60), now.plus(86_400)).unwrap();
    let mut revoking = Forge::new();
    revoking.trust =
        TrustSnapshot::new(vec![certificates.root.clone()]).with_crl(Crl::parse(&crl).unwrap());
    let report = revoking.verify(&forge.issued.credential, None);
    assert_eq!(report.verdict, Verdict::Invalid);
    is_because("revoked", &report, "credential_signer_revoked", "revoked on");
    assert_eq!(report.signatures[0].revocation, Outcome::Failed);
    let late = Timestamp::parse("2033-01-01T00:00:00Z").unwrap();
    let report = forge.verify_with(&forge.issued.credential, None, &[], late);
    assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
    is_because("expired", &report, "certificate_expired", "expired");
    let mut foreign = Forge::new();
    foreign.trust = TrustSnapshot::default();
    let report = foreign.verify_with(&forge.issued.credential, None, &[], now);
    assert_eq!(report.verdict, Verdict::UnknownIssuer);
    is_because("unknown", &report, "unknown_issuer", "SHA-256");
}

/// Every refusal is kept; the one that decides leads.
#[test]
fn several_faults_are_all_told() {
    let forge = Forge::new();
    let text = forge.reissued(|payload| {
        payload["exp"] = 5.into();
        payload["vct"] = "x".into();
        payload["use"] = "document".into();
    });
    let report = forge.verify(&text, None);
    assert_eq!(report.verdict, Verdict::Invalid);
    let fatal = report.findings.iter().filter(|finding| finding.severity == Severity::Fatal);
    let details: Vec<&str> = fatal.map(|finding| finding.detail.as_str()).collect();
    assert_eq!(details.len(), 3, "{details:?}");
    for why in ["\"exp\"", "\"vct\"", "not a presentation"] {
        assert!(details.iter().any(|detail| detail.contains(why)), "{why}");
    }
}

/// The technical part names each key, digest, index and time.
#[test]
fn the_account_lets_a_colleague_repeat_each_check() {
    let forge = Forge::new();
    let report = forge.verify(&forge.issued.credential, None);
    let detail = |code: &str| {
        let found = report.findings.iter().find(|finding| finding.code == code);
        found.map(|finding| finding.detail.clone()).unwrap()
    };
    let (leaf, payload) = (forge.leaf("market-credential"), forge.payload());
    let credential = detail("credential_account");
    for part in [
        leaf.fingerprint().to_hex(),
        leaf.serial_hex(),
        forge.test.parts.certificates.root.fingerprint().to_hex(),
        payload["vct"].as_str().unwrap().to_owned(),
        format!("entry {}", payload["status"]["status_list"]["idx"]),
        forge.now().to_string(),
        "does not name the leaf".to_owned(),
        "\"legal_representative\"".to_owned(),
    ] {
        assert!(credential.contains(&part), "{part} is not in {credential}");
    }
    let status = detail("status_account");
    let index = format!("entry {} is 0", payload["status"]["status_list"]["idx"]);
    for part in [index.as_str(), "http://127.0.0.1:8080/status/1", "2026-11-25T06:00:00Z"] {
        assert!(status.contains(part), "{part} is not in {status}");
    }
    assert!(detail("validity_account").contains("2026-11-24"));
    let [signature] = report.signatures.as_slice() else { unreachable!("{report:#?}") };
    assert_eq!(signature.signed_at, Some(forge.now()));
    assert_eq!((signature.trust, signature.revocation), (Outcome::Passed, Outcome::Passed));
    let checks: Vec<&str> = report.checks.iter().map(|check| check.check).collect();
    assert_eq!(checks, ["signature", "trust", "revocation", "entitlement", "status", "validity"]);
    assert!(report.checks.iter().all(|check| check.outcome == Outcome::Passed));
}

#[test]
fn without_revocation_data_it_is_said_or_refused() {
    let mut forge = Forge::new();
    forge.trust = TrustSnapshot::new(vec![forge.test.parts.certificates.root.clone()]);
    let report = forge.verify(&forge.issued.credential, None);
    assert_eq!(report.verdict, Verdict::Valid);
    let warned = report.findings.iter().any(|finding| {
        (finding.code, finding.severity) == ("no_revocation_data", Severity::Warning)
    });
    assert!(warned, "{report:#?}");
    let context = yinzheng::domain::verify::credential::Context {
        require_revocation: true,
        ..forge.context()
    };
    let mut budget = yinzheng::base::limits::Budget::default();
    let lists: &[yinzheng::domain::verify::credential::StatusListValid] = &[];
    let report = yinzheng::domain::verify::assess::verify(
        "",
        forge.issued.credential.as_bytes(),
        &context,
        lists,
        &mut budget,
    );
    assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
    is_because("no data", &report, "no_revocation_data", "");
}
