//! Presentations signed by a holder, and ways to replay or forge one (RFC 9901, 4.3 and 7.3).
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use crate::forge::{Forge, is_because, signed, stranger};
use serde_json::{Value, json};
use yinzheng::base::digest::Digest;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::verify::credential::binding::Challenge;
use yinzheng::domain::verify::report::{Answer, Outcome, Report, Severity, Verdict};
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::{jws, keybinding};

const AUDIENCE: &str = "https://desk.example";
const NONCE: &str = "9f3c0e6b5d";

/// A credential that is bound to a holder's key.
struct Wallet {
    forge: Forge,
    key: SoftwareKey,
    credential: String,
}

impl Wallet {
    fn new() -> Self {
        let (forge, key) = (Forge::of("residence-permit"), stranger());
        let credential = bound(&forge, &key);
        Self { forge, key, credential }
    }

    fn claims(&self) -> Value {
        let hash = Digest::of(&[self.credential.as_bytes()]);
        json!({
            "iat": self.forge.now().unix(), "aud": AUDIENCE, "nonce": NONCE,
            "sd_hash": jws::encode(hash.as_bytes()),
        })
    }

    /// The credential with a key binding token of the holder.
    fn shown(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims();
        change(&mut claims);
        let token = signed(&json!({ "alg": "ES256", "typ": "kb+jwt" }), &claims, &self.key);
        format!("{}{token}", self.credential)
    }

    fn ask(&self, text: &str) -> Report {
        self.forge.verify(text, Some(&challenge()))
    }

    fn refused(&self, name: &str, text: &str, code: &str, why: &str) {
        let office = self.forge.test.office.verify_answer("", text.as_bytes(), &challenge());
        for report in [self.ask(text), office] {
            assert_eq!(report.verdict, Verdict::Invalid, "{name}: {report:#?}");
            assert_eq!(report.authentic, Answer::No, "{name}");
            is_because(name, &report, code, why);
            let check = report.checks.iter().find(|check| check.check == "key_binding");
            assert_eq!(check.map(|check| check.outcome), Some(Outcome::Failed), "{name}");
        }
    }
}

fn bound(forge: &Forge, key: &SoftwareKey) -> String {
    let jwk = Jwk::new(key.public_key()).unwrap().to_json();
    forge.reissued(|payload| payload["cnf"] = json!({ "jwk": jwk }))
}

fn challenge() -> Challenge {
    Challenge::new(NONCE, AUDIENCE).unwrap()
}

#[test]
fn an_answer_is_accepted_and_its_account_is_complete() {
    let wallet = Wallet::new();
    let now = wallet.forge.now();
    let text = keybinding::bind(&wallet.credential, (AUDIENCE, NONCE), now, &wallet.key).unwrap();
    let report = wallet.ask(&text);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let office = wallet.forge.test.office.verify_answer("", text.as_bytes(), &challenge());
    assert_eq!(office.verdict, Verdict::Valid);
    let check = report.checks.iter().find(|check| check.check == "key_binding").unwrap();
    assert_eq!(check.outcome, Outcome::Passed);
    let thumbprint = Jwk::new(wallet.key.public_key()).unwrap().thumbprint();
    let [_, holder] = report.signatures.as_slice() else { unreachable!("{report:#?}") };
    assert_eq!((holder.field.as_str(), holder.level.as_str()), ("key_binding", "kb+jwt"));
    assert_eq!((&holder.signer, holder.signed_at), (&thumbprint, Some(now)));
    let account = report.findings.iter().find(|one| one.code == "key_binding_account").unwrap();
    let hash = Digest::of(&[wallet.credential.as_bytes()]).to_hex();
    for part in [thumbprint.as_str(), &hash, AUDIENCE, NONCE, &now.to_string()] {
        assert!(account.detail.contains(part), "{part}: {}", account.detail);
    }
    // A subset of the disclosures is signed as such.
    let parts: Vec<&str> = wallet.credential.split('~').collect();
    let some = format!("{}~{}~", parts[0], parts[2]);
    let text = keybinding::bind(&some, (AUDIENCE, NONCE), now, &wallet.key).unwrap();
    assert_eq!(wallet.ask(&text).verdict, Verdict::Valid);
}

#[test]
fn a_replayed_answer_is_refused() {
    let wallet = Wallet::new();
    let now = wallet.forge.now().unix();
    let replayed = "key_binding_replayed";
    for (name, value, why) in [
        ("nonce", json!("another"), "nonce is \"another\", expected \"9f3c0e6b5d\""),
        ("nonce", json!("9f3c0e6b5D"), "nonce is"),
        ("aud", json!("https://other.example"), "aud is \"https://other.example\""),
        ("aud", json!("https://desk.example/"), "aud is"),
        ("sd_hash", json!(jws::encode(&[7; 32])), "sd_hash is"),
        ("iat", json!(now - 601), "too old"),
        ("iat", json!(now + 301), "in the future"),
        ("exp", json!(now), "expired"),
        ("nbf", json!(now + 301), "not valid yet"),
    ] {
        let text = wallet.shown(|claims| claims[name] = value.clone());
        wallet.refused(&format!("{name} {value}"), &text, replayed, why);
    }
    let old = wallet.shown(|claims| claims["iat"] = (now - 599).into());
    assert_eq!(wallet.ask(&old).verdict, Verdict::Valid);
    let strict = challenge().within(60);
    let report = wallet.forge.verify(&old, Some(&strict));
    is_because("a short age", &report, replayed, "too old");
    // One disclosure more or less than was signed, another order, another credential.
    let answer = wallet.shown(|_| {});
    let token = answer.rsplit_once('~').unwrap().1;
    let parts: Vec<&str> = wallet.credential.trim_end_matches('~').split('~').collect();
    let other = bound(&wallet.forge, &wallet.key);
    for (name, shown) in [
        ("fewer", format!("{}~", parts[..parts.len() - 1].join("~"))),
        ("none", format!("{}~", parts[0])),
        ("reordered", format!("{}~{}~{}~", parts[0], parts[2], parts[1])),
        ("another credential", other),
    ] {
        wallet.refused(name, &format!("{shown}{token}"), replayed, "sd_hash is");
    }
}

#[test]
fn a_signature_by_anyone_but_the_holder_is_refused() {
    let wallet = Wallet::new();
    let refused = "key_binding_refused";
    let head = json!({ "alg": "ES256", "typ": "kb+jwt" });
    let with = |head: &Value, key: &SoftwareKey| {
        format!("{}{}", wallet.credential, signed(head, &wallet.claims(), key))
    };
    wallet.refused("another key", &with(&head, &stranger()), refused, "does not hold");
    let answer = wallet.shown(|_| {});
    let (before, signature) = answer.rsplit_once('.').unwrap();
    let zeros = jws::encode(&[0; 64]);
    assert_ne!(signature, zeros);
    wallet.refused("r=s=0", &format!("{before}.{zeros}"), refused, "does not hold");
    for alg in ["EdDSA", "none", "HS256", "ES384"] {
        let head = json!({ "alg": alg, "typ": "kb+jwt" });
        wallet.refused(alg, &with(&head, &wallet.key), refused, "not the one of the holder's key");
    }
    // A malformed token makes the whole presentation invalid.
    for (name, head) in [
        ("no typ", json!({ "alg": "ES256" })),
        ("the typ of a credential", json!({ "alg": "ES256", "typ": "dc+sd-jwt" })),
        ("its own key", json!({ "alg": "ES256", "typ": "kb+jwt", "jwk": {} })),
        ("crit", json!({ "alg": "ES256", "typ": "kb+jwt", "crit": ["exp"] })),
    ] {
        let report = wallet.ask(&with(&head, &wallet.key));
        assert_eq!(report.verdict, Verdict::Invalid, "{name}");
        is_because(name, &report, "credential_refused", "key binding");
    }
    // A `kid` is only a hint: the key is always that of the credential.
    let hint = json!({ "alg": "ES256", "typ": "kb+jwt", "kid": "1" });
    assert_eq!(wallet.ask(&with(&hint, &wallet.key)).verdict, Verdict::Valid);
    wallet.refused("a kid and another key", &with(&hint, &stranger()), refused, "does not hold");
    let report = wallet.ask(&format!("{answer}~"));
    assert_eq!(report.verdict, Verdict::Invalid, "a token among the disclosures");
    let report = wallet.ask(&format!("{answer}~{}", answer.rsplit_once('~').unwrap().1));
    assert_eq!(report.verdict, Verdict::Invalid, "two tokens");
}

#[test]
fn who_asks_gets_an_answer_or_refuses() {
    let wallet = Wallet::new();
    let missing = "key_binding_missing";
    let unbound = wallet.forge.issued.credential.clone();
    for (text, why) in [(&wallet.credential, "no key binding token"), (&unbound, "bound to no key")]
    {
        let report = wallet.ask(text);
        let missed = (Verdict::NotEnoughEvidence, Answer::Unknown);
        assert_eq!((report.verdict, report.authentic), missed, "{why}");
        is_because(why, &report, missing, why);
    }
    // The holder's signature over a credential that names no key.
    let token = keybinding::bind(&unbound, (AUDIENCE, NONCE), wallet.forge.now(), &wallet.key);
    wallet.refused("no key to check with", &token.unwrap(), "key_binding_refused", "names no key");
    // A document proves nothing about its presenter.
    let pdf = &wallet.forge.issued.pdf;
    let office = &wallet.forge.test.office;
    assert_eq!(office.verify("", pdf).verdict, Verdict::Valid);
    let report = office.verify_answer("", pdf, &challenge());
    assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
    assert_eq!((report.authentic, report.in_force), (Answer::Unknown, Answer::Unknown));
    assert_eq!(report.findings[0].code, missing);
    assert!(report.headline.en.contains("the holder's signature on this request"));
    assert_eq!(Challenge::new("", AUDIENCE), None);
    assert_eq!(Challenge::new(NONCE, ""), None);
}

#[test]
fn who_does_not_ask_is_told_what_was_not_compared() {
    let wallet = Wallet::new();
    let warned = |report: &Report, code: &str| {
        let found = report.findings.iter().find(|finding| finding.code == code);
        found.is_some_and(|finding| finding.severity == Severity::Warning)
    };
    let report = wallet.forge.verify(&wallet.shown(|_| {}), None);
    assert_eq!(report.verdict, Verdict::Valid);
    assert!(warned(&report, "key_binding_not_compared"), "{report:#?}");
    let check = report.checks.iter().find(|check| check.check == "key_binding").unwrap();
    assert_eq!(check.outcome, Outcome::Unknown);
    let report = wallet.forge.verify(&wallet.credential, None);
    assert_eq!(report.verdict, Verdict::Valid);
    assert!(warned(&report, "key_binding_not_shown"), "{report:#?}");
    // Signature and digest are checked nevertheless; age, nonce and audience cannot be.
    let stale = wallet.shown(|claims| {
        claims["iat"] = 1.into();
        claims["nonce"] = "x".into();
    });
    assert_eq!(wallet.forge.verify(&stale, None).verdict, Verdict::Valid);
    let wrong = wallet.shown(|claims| claims["sd_hash"] = jws::encode(&[7; 32]).into());
    let report = wallet.forge.verify(&wrong, None);
    is_because("hash", &report, "key_binding_replayed", "sd_hash is");
    let head = json!({ "alg": "ES256", "typ": "kb+jwt" });
    let forged = signed(&head, &wallet.claims(), &stranger());
    let report = wallet.forge.verify(&format!("{}{forged}", wallet.credential), None);
    is_because("signature", &report, "key_binding_refused", "does not hold");
}

#[test]
fn a_credential_with_a_key_that_cannot_be_is_refused() {
    let wallet = Wallet::new();
    let jwk = Jwk::new(wallet.key.public_key()).unwrap().to_json();
    for (cnf, why) in [
        (json!({ "kid": "1" }), "cnf"),
        (json!({ "jku": "https://keys.example" }), "cnf"),
        (json!({ "jwk": jwk, "kid": "1" }), "cnf"),
        (json!({ "jwk": { "kty": "oct", "k": "AAAA" } }), "private"),
        (json!({ "jwk": { "kty": "RSA", "n": "AQ", "e": "AQAB" } }), "neither"),
    ] {
        let text = wallet.forge.reissued(|payload| payload["cnf"] = cnf);
        wallet.forge.refused("cnf", &text, "credential_refused", why);
    }
    let mut private = jwk;
    private["d"] = "AAAA".into();
    let text = wallet.forge.reissued(|payload| payload["cnf"] = json!({ "jwk": private }));
    wallet.forge.refused("a private key", &text, "credential_refused", "private");
}
