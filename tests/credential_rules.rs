//! Attacks on the claims and the signer of a credential, row by row, and the report on a valid one.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use crate::forge::{Forge, is_because, key, signed, stranger, x5c};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use yinzheng::base::limits::Budget;
use yinzheng::base::localized::Localized;
use yinzheng::base::time::Timestamp;
use yinzheng::crypto::signer::Signer;
use yinzheng::domain::authority::{self, Ca, Leaf, RevokedCertificate, Urls};
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::assess;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::credential::CredentialError;
use yinzheng::domain::verify::report::{Answer, Outcome, Severity, Verdict};
use yinzheng::domain::verify::status::status_lists::StatusListValid;
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::format::revocation::Crl;
use yinzheng::format::x509::{Certificate, Entitlement, Role};
use yinzheng::service::keys::{KeyName, Keys as _};

const REFUSED: &str = "credential_refused";

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
        // A fractional end is rounded down, a fractional start up.
        ("exp", json!(4e9), "the end of the signer's certificate"),
        ("exp", fraction(now, 0.9), "over at"),
        ("nbf", fraction(now + 300, 0.1), "after"),
        ("iat", fraction(now + 300, 0.1), "after"),
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
    for (name, value) in [
        ("nbf", json!(now + 299)),
        ("nbf", fraction(now + 299, 0.5)),
        ("iat", fraction(now, 0.25)),
        ("exp", fraction(now + 86_400, 0.0)),
    ] {
        let good = forge.reissued(|payload| payload[name] = value.clone());
        assert_eq!(forge.verify(&good, None).verdict, Verdict::Valid, "{name} {value}");
    }
}

/// A time with a fraction, as other programs write it.
fn fraction(seconds: i64, part: f64) -> Value {
    json!(std::time::Duration::from_secs(seconds.unsigned_abs()).as_secs_f64() + part)
}

#[test]
fn a_leaf_that_is_not_entitled() {
    let forge = Forge::new();
    let issuing = &forge.test.parts.certificates.issuing;
    // Each has the matching iss, so that only its entitlement is wrong.
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

/// A leaf that the issuing CA signs for an attacker's key.
fn leaf(
    forge: &Forge,
    entitlement: Entitlement,
    uri: Option<String>,
    key: &dyn Signer,
    made: Timestamp,
) -> Certificate {
    let issuing_key = ExampleKeys.signer(&KeyName::Issuing).unwrap();
    let ca = Ca { certificate: &forge.test.parts.certificates.issuing, key: &*issuing_key };
    let name = "示例".to_owned();
    let names = authority::Names {
        common: name.clone(),
        organization: Localized::new(name, "Example"),
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
    // Another definition is noticed only by verifiers that have the definition.
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
        // A wrong type is first noticed in the address of its definition.
        let said = if name == "type" { "vct" } else { name };
        forge.refused(&format!("{name} {value}"), &text, REFUSED, &format!("the claim {said:?}"));
    }
}

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
        ("too long", [vec![leaf], vec![issuing; 128]].concat(), "too long"),
        ("none", vec![], "empty"),
    ] {
        let text = forge.headed(|head| head["x5c"] = x5c(&chain));
        forge.refused(name, &text, REFUSED, why);
    }
    let text = forge.headed(|head| head["x5c"][1] = STANDARD.encode(b"no certificate").into());
    forge.refused("no certificate", &text, REFUSED, "x5c: not an X.509 certificate");
    // Without the issuing CA, or with another key of the same name, there is no path.
    let own = stranger();
    let named = |like: &Certificate| authority::Names {
        common: like.name().to_owned(),
        organization: Localized::new(like.organization(), ""),
        uscc: None,
    };
    let fake_root = authority::root(&named(root), &own, [1; 16], forge.now()).unwrap();
    let crl = "http://127.0.0.1:8080/crl".to_owned();
    let fake = authority::issuing(
        &authority::IssuingCa { names: named(issuing), crl, arc: None },
        Ca { certificate: &fake_root, key: &own },
        own.public_key(),
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
    let issuing_key = ExampleKeys.signer(&KeyName::Issuing).unwrap();
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

/// Genuine and not yet in force: a script that uses only the exit code must not treat it as valid.
#[test]
fn a_licence_is_not_in_force_before_its_first_day() {
    let forge = Forge::new();
    let future = forge.reissued(|payload| payload["valid_from"] = json!("2026-11-25"));
    let lists = [forge.list(&forge.status()).unwrap()];
    for (lists, time, verdict) in [
        (&lists[..], "2026-11-24T15:59:59Z", Verdict::NotYetInForce),
        (&[], "2026-11-24T15:59:59Z", Verdict::NotYetInForce),
        // Midnight in China.
        (&lists, "2026-11-24T16:00:00Z", Verdict::Valid),
    ] {
        let report = forge.verify_with(&future, None, lists, Timestamp::parse(time).unwrap());
        assert_eq!(report.verdict, verdict, "{report:#?}");
        assert_eq!(report.authentic, Answer::Yes);
        let begun = verdict == Verdict::Valid;
        assert_eq!(report.in_force, if begun { Answer::Yes } else { Answer::No });
        assert_eq!(verdict.exit_code(), if begun { 0 } else { 3 });
        assert_eq!(report.headline.zh.contains("2026-11-25"), !begun);
    }
}

#[test]
fn without_revocation_data_it_is_said_or_refused() {
    let mut forge = Forge::new();
    forge.trust = TrustSnapshot::new(vec![forge.test.parts.certificates.root.clone()]);
    let report = forge.verify(&forge.issued.credential, None);
    assert_eq!(report.verdict, Verdict::Valid);
    let warned = report.findings.iter().any(|finding| {
        (finding.code.name(), finding.severity) == ("no_revocation_data", Severity::Warning)
    });
    assert!(warned, "{report:#?}");
    let context = Context { require_revocation: true, ..forge.context() };
    // A status list is verified with the same rules.
    let refused = StatusListValid::check(&forge.status(), &context, &mut Budget::default());
    assert!(
        matches!(refused, Err(CredentialError::NoRevocationData(missing)) if missing.len() == 2)
    );
    let mut budget = Budget::default();
    let lists: &[StatusListValid] = &[];
    let report =
        assess::verify("", forge.issued.credential.as_bytes(), &context, lists, &mut budget);
    assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
    is_because("no data", &report, "no_revocation_data", "");
}
