//! Proof that the sender of a request has the key that its token is bound to (RFC 9449).

use serde_json::Value;

use super::assertion::MADE_BEFORE_START;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::format::jose::client_jwk::SystemKey;
use crate::format::jose::jws::{self, BadToken};
use crate::format::jose::signed::Signed;

/// A proof that matches one request. Only [`Proof::check`] makes one; the service ensures that it
/// is used once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    thumbprint: String,
    id: Digest,
}

/// The request that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// HTTP method of the request.
    pub method: &'a str,
    /// Its address under `public_base_url`, without query.
    pub address: &'a str,
    /// The access token of the request; none at the token endpoint.
    pub token: Option<&'a str>,
    /// The present time.
    pub now: Timestamp,
    /// When this process began to remember uses.
    pub since: Timestamp,
}

/// Why a proof was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// The proof is malformed, or its signature does not verify.
    #[error("DPoP: {0}")]
    Malformed(#[from] BadToken),
    /// A claim has a wrong value.
    #[error("DPoP: {0}")]
    Claim(&'static str),
}

impl Proof {
    /// Checks everything but whether it was used before (RFC 9449, 4.3).
    pub fn check(text: &str, asked: &Asked<'_>, budget: &mut Budget) -> Result<Self, BadProof> {
        let rule = |holds: bool, text: &'static str| {
            if holds { Ok(()) } else { Err(BadProof::Claim(text)) }
        };
        rule(text.len() <= TOKEN_BYTES, "longer than 4 KB")?;
        let signed = Signed::parse(text, &["typ", "jwk"], budget)?;
        let head = signed.head();
        rule(head.get("typ").and_then(Value::as_str) == Some(TYPE), "typ must be dpop+jwt")?;
        let key = head.get("jwk").ok_or(BadProof::Claim("jwk is missing"))?;
        let key = SystemKey::parse(key)?;
        rule(signed.text("htm") == Some(asked.method), "htm must be the method of the request")?;
        let address = signed.text("htu") == Some(asked.address);
        rule(address, "htu must be the address under public_base_url, without query")?;
        let made = signed.time("iat").ok_or(BadProof::Claim("iat must be a time in seconds"))?;
        let issued = made.made();
        let near = issued >= asked.now.plus(-LIFE) && made.begins() <= asked.now.plus(AHEAD);
        rule(near, "iat must be now; compare the clocks")?;
        rule(issued > asked.since, MADE_BEFORE_START)?;
        let id = signed.text("jti").filter(|id| id.len() <= ID_BYTES);
        let id = id.ok_or(BadProof::Claim("jti must be a text of 1 to 256 bytes"))?;
        if let Some(token) = asked.token {
            let hash = jws::encode(Digest::of(&[token.as_bytes()]).as_bytes());
            rule(signed.text("ath") == Some(&hash), "ath must be the hash of the access token")?;
        }
        signed.verify(&key, budget)?;
        let thumbprint = key.thumbprint();
        let id = Digest::of(&[thumbprint.as_bytes(), b"\0", id.as_bytes()]);
        Ok(Self { thumbprint, id })
    }

    /// Thumbprint of the signing key, to which tokens are bound.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The value that may be used once only, for as long as [`REMEMBERED`].
    pub fn id(&self) -> Digest {
        self.id
    }
}

/// `typ` of a proof.
pub const TYPE: &str = "dpop+jwt";
/// Seconds for which a used proof is remembered: as long as any proof can be accepted.
pub const REMEMBERED: i64 = LIFE + AHEAD + 1;
/// Greatest age of a proof in seconds.
const LIFE: i64 = 60;
/// Seconds that a client's clock may be ahead.
const AHEAD: i64 = 5;
/// Usual ones have 450 bytes; with RSA of 4096 bits 2 KB.
const TOKEN_BYTES: usize = 4 << 10;
/// A UUID has 36.
const ID_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::signer::Signer as _;
    use crate::crypto::software::SoftwareKey;
    use crate::format::jose::signed;

    const ADDRESS: &str = "https://licences.example/v1/whoami";

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T00:00:00Z").unwrap()
    }

    fn key() -> SoftwareKey {
        SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
    }

    fn head(key: &SoftwareKey) -> Value {
        let jwk = SystemKey::new(key.public_key()).unwrap().to_json();
        json!({ "alg": "ES256", "typ": TYPE, "jwk": jwk })
    }

    fn claims() -> Value {
        let hash = jws::encode(Digest::of(&[b"token"]).as_bytes());
        json!({ "htm": "GET", "htu": ADDRESS, "iat": now().unix(), "jti": "one", "ath": hash })
    }

    fn judge(head: &Value, claims: &Value, key: &SoftwareKey) -> Result<Proof, BadProof> {
        let text = signed::sign(head, claims, key).unwrap();
        let since = now().plus(-100);
        let token = Some("token");
        let asked = Asked { method: "GET", address: ADDRESS, token, now: now(), since };
        Proof::check(&text, &asked, &mut Budget::default())
    }

    #[test]
    fn a_proof_names_its_key() {
        let key = key();
        let proof = judge(&head(&key), &claims(), &key).unwrap();
        assert_eq!(proof.thumbprint(), SystemKey::new(key.public_key()).unwrap().thumbprint());
    }

    #[test]
    fn every_claim_that_does_not_fit_is_refused() {
        let key = key();
        let at = |seconds: i64| json!(now().plus(seconds).unix());
        for (name, value, words) in [
            ("htm", json!("POST"), "htm"),
            ("htm", json!("get"), "htm"),
            ("htm", Value::Null, "htm"),
            ("htu", json!("https://licences.example/v1/other"), "htu"),
            ("htu", json!(format!("{ADDRESS}?a=b")), "htu"),
            ("htu", json!(format!("{ADDRESS}#a")), "htu"),
            ("htu", json!(format!("{ADDRESS}/")), "htu"),
            ("htu", json!("http://licences.example/v1/whoami"), "htu"),
            ("htu", json!("https://other.example/v1/whoami"), "htu"),
            ("htu", Value::Null, "htu"),
            ("iat", at(-61), "iat"),
            ("iat", at(6), "iat"),
            ("iat", json!("now"), "iat"),
            ("iat", Value::Null, "iat"),
            ("jti", Value::Null, "jti"),
            ("jti", json!("a".repeat(257)), "jti"),
            ("ath", Value::Null, "ath"),
            ("ath", json!("AAAA"), "ath"),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            let said = judge(&head(&key), &claims, &key).unwrap_err().to_string();
            assert!(said.contains(words), "{name} {value}: {said}");
        }
    }

    #[test]
    fn headers_keys_and_signatures_that_do_not_fit_are_refused() {
        let key = key();
        let private = {
            let mut jwk = head(&key)["jwk"].clone();
            jwk["d"] = jwk["x"].clone();
            jwk
        };
        for (name, value) in [
            ("typ", json!("JWT")),
            ("typ", json!("dpop")),
            ("typ", Value::Null),
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("EdDSA")),
            ("jwk", private),
            ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
            ("jwk", head(&self::key())["jwk"].clone()),
            ("jwk", Value::Null),
            ("kid", json!("a")),
            ("x5c", json!([])),
            ("crit", json!(["a"])),
        ] {
            let mut head = head(&key);
            head[name] = value.clone();
            assert!(judge(&head, &claims(), &key).is_err(), "{name} {value}");
        }
    }
}
