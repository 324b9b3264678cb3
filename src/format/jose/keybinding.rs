//! Key binding tokens (RFC 9901, 4.3): the holder signs audience, request and presentation.

use serde_json::{Map, Value, json};

use super::jwk::Jwk;
use super::jws::{self, BadToken, JwsParts};
use super::numericdate::NumericDate;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::signer::{SignError, Signer};
use crate::crypto::verify::SignatureValid;

/// `typ` of a key binding token.
pub const TYPE: &str = "kb+jwt";

/// A parsed key binding token, its signature unchecked.
#[derive(Clone, Debug)]
pub struct KeyBinding<'a> {
    token: JwsParts<'a>,
    /// When the holder signed, by the holder's clock.
    pub issued: NumericDate,
    /// `nbf`, if present.
    pub not_before: Option<Timestamp>,
    /// `exp`, if present.
    pub expires: Option<Timestamp>,
    /// The intended verifier, `aud`.
    pub audience: String,
    /// The challenge that it answers.
    pub nonce: String,
    /// SHA-256 over everything up to and including the last `~` of the presentation.
    pub sd_hash: Digest,
}

impl<'a> KeyBinding<'a> {
    /// Parses a token; the signature is not checked.
    pub fn parse(text: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        let rule = |text: &str| BadToken::Rule(text.to_owned());
        let token = JwsParts::parse(text, budget)?;
        // A `kid` is harmless: the key is always that of the credential.
        jws::check_parameters(&token.head, &["kid"])
            .map_err(|error| BadToken::Rule(format!("the key binding: {error}")))?;
        if token.head.get("typ") != Some(&Value::from(TYPE)) {
            return Err(BadToken::Rule(format!("the type of the key binding is not {TYPE}")));
        }
        let text = |name: &str| {
            let text = token.payload.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(|| {
                BadToken::Rule(format!("the claim {name:?} of the key binding is no text"))
            })
        };
        let (audience, nonce, hash) = (text("aud")?, text("nonce")?, text("sd_hash")?);
        let issued = token.time("iat").ok_or_else(|| rule("the key binding has no iat"))?;
        let optional = |name: &str| match token.payload.get(name) {
            None => Ok(None),
            Some(_) => token.time(name).map(Some).ok_or_else(|| rule("a time that is none")),
        };
        let not_before = optional("nbf")?.map(NumericDate::begins);
        let expires = optional("exp")?.map(NumericDate::ends);
        let hash = <[u8; 32]>::try_from(jws::decode(&hash)?)
            .map_err(|_| BadToken::Malformed("sd_hash has not 32 bytes"))?;
        let sd_hash = Digest::from_bytes(hash);
        Ok(Self { token, issued, not_before, expires, audience, nonce, sd_hash })
    }

    /// Checks the signature with the holder's key, and with the algorithm of that key alone.
    pub fn verify(&self, key: &Jwk, budget: &mut Budget) -> Result<SignatureValid, BadToken> {
        let alg = self.token.head.get("alg").and_then(Value::as_str).unwrap_or_default();
        if !key.allows(alg) {
            return Err(BadToken::Rule(format!(
                "the algorithm {alg:?} of the key binding is not the one of the holder's key"
            )));
        }
        self.token.verify(key.algorithm(), key.key(), budget)
    }
}

/// The holder's side: signs the presentation (`presented`, up to and including its last `~`) for
/// one request, and returns the presentation with the token.
pub fn bind(
    presented: &str,
    (audience, nonce): (&str, &str),
    now: Timestamp,
    signer: &dyn Signer,
) -> Result<String, SignError> {
    let hash = jws::encode(Digest::of(&[presented.as_bytes()]).as_bytes());
    let payload = json!({ "iat": now.unix(), "aud": audience, "nonce": nonce, "sd_hash": hash });
    let empty = Map::new();
    let payload = payload.as_object().unwrap_or(&empty);
    let token = jws::sign_parts(&json!({ "alg": "ES256", "typ": TYPE }), payload, signer)?;
    Ok(format!("{presented}{token}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::software::SoftwareKey;

    fn key() -> SoftwareKey {
        SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T00:00:00Z").unwrap()
    }

    fn payload() -> Value {
        let hash = jws::encode(Digest::of(&[b"a~"]).as_bytes());
        json!({ "iat": now().unix(), "aud": "https://b.example", "nonce": "n", "sd_hash": hash })
    }

    fn token(head: &Value, payload: &Value, key: &SoftwareKey) -> String {
        jws::sign_parts(head, payload.as_object().unwrap(), key).unwrap()
    }

    #[test]
    fn what_is_bound_is_read() {
        let key = key();
        let bound = bind("a~", ("https://b.example", "n"), now(), &key).unwrap();
        let token = bound.strip_prefix("a~").unwrap();
        let mut budget = Budget::default();
        let read = KeyBinding::parse(token, &mut budget).unwrap();
        assert_eq!((read.audience.as_str(), read.nonce.as_str()), ("https://b.example", "n"));
        assert_eq!((read.issued.made(), read.sd_hash), (now(), Digest::of(&[b"a~"])));
        let jwk = Jwk::new(key.public_key()).unwrap();
        assert!(read.verify(&jwk, &mut budget).is_ok());
        let other = Jwk::new(self::key().public_key()).unwrap();
        assert!(read.verify(&other, &mut budget).is_err());
    }

    #[test]
    fn an_ed25519_key_binds_too_and_no_key_signs_with_the_algorithm_of_another() {
        use ring::signature::{Ed25519KeyPair, KeyPair as _};
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "x": jws::encode(pair.public_key().as_ref()),
        });
        let jwk = Jwk::parse(&jwk).unwrap();
        let read = |alg: &str| {
            let head = json!({ "alg": alg, "typ": TYPE }).to_string();
            let body = payload().to_string();
            let signed =
                format!("{}.{}", jws::encode(head.as_bytes()), jws::encode(body.as_bytes()));
            let signature = jws::encode(pair.sign(signed.as_bytes()).as_ref());
            let token = format!("{signed}.{signature}");
            let mut budget = Budget::default();
            KeyBinding::parse(&token, &mut budget).and_then(|read| read.verify(&jwk, &mut budget))
        };
        assert!(read("EdDSA").is_ok() && read("Ed25519").is_ok());
        for alg in ["ES256", "none", "HS256", "Ed448", ""] {
            assert!(read(alg).is_err(), "{alg}");
        }
        let key = key();
        let token = token(&json!({ "alg": "EdDSA", "typ": TYPE }), &payload(), &key);
        let mut budget = Budget::default();
        let read = KeyBinding::parse(&token, &mut budget).unwrap();
        assert!(read.verify(&Jwk::new(key.public_key()).unwrap(), &mut budget).is_err());
    }

    #[test]
    fn headers_and_claims_that_are_refused() {
        let key = key();
        let refused = |head: &Value, payload: &Value| {
            KeyBinding::parse(&token(head, payload, &key), &mut Budget::default()).is_err()
        };
        let head = json!({ "alg": "ES256", "typ": TYPE });
        assert!(!refused(&head, &payload()));
        for name in ["kid", "iat", "x"] {
            let mut head = head.clone();
            head[name] = json!("x");
            assert!(!refused(&head, &payload()), "{name}");
        }
        for fraction in [json!(now().unix()), json!(1_795_478_400.25)] {
            let mut claims = payload();
            claims["iat"] = fraction;
            assert!(!refused(&head, &claims), "{claims}");
        }
        for name in ["jwk", "x5c", "jku", "x5u", "crit", "b64"] {
            let mut head = head.clone();
            head[name] = json!("x");
            assert!(refused(&head, &payload()), "{name}");
        }
        for kind in [json!("jwt"), json!("KB+JWT"), json!("dc+sd-jwt"), Value::Null] {
            assert!(refused(&json!({ "alg": "ES256", "typ": kind }), &payload()));
        }
        for (name, value) in [
            ("iat", Value::Null),
            ("iat", json!("2026")),
            ("iat", json!(-1)),
            ("aud", json!(["https://b.example"])),
            ("aud", json!("")),
            ("nonce", json!(7)),
            ("sd_hash", json!("AAAA")),
            ("sd_hash", json!("a b")),
            ("exp", json!("soon")),
        ] {
            let mut claims = payload();
            claims[name] = value;
            assert!(refused(&head, &claims), "{claims}");
        }
        for name in ["iat", "aud", "nonce", "sd_hash"] {
            let mut claims = payload();
            claims.as_object_mut().unwrap().remove(name);
            assert!(refused(&head, &claims), "{name}");
        }
    }
}
