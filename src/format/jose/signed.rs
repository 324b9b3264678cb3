//! A token signed by a client (RFC 7515); the caller states which header parameters it handles.
//!
//! Of the parameters that select a key or change how the token is read, the header may have only
//! those that the caller handles, so that `x5u`, `jku`, `crit` and `b64` never have an effect;
//! others are ignored. The algorithm is that of the key that the caller selected.

use serde_json::{Map, Value};

use super::client_jwk::{SystemAlgorithm, SystemKey};
use super::jws::{self, BadToken, JwsParts};
use super::numericdate::NumericDate;
use crate::base::limits::Budget;
use crate::crypto::signer::{SignError, Signer};
use crate::crypto::verify::SignatureValid;

/// A parsed token, its signature unchecked.
#[derive(Clone, Debug)]
pub struct Signed<'a> {
    parts: JwsParts<'a>,
    algorithm: SystemAlgorithm,
}

impl<'a> Signed<'a> {
    /// Parses a token whose header has `alg`, and of the deciding parameters at most those of
    /// `known`.
    pub fn parse(token: &'a str, known: &[&str], budget: &mut Budget) -> Result<Self, BadToken> {
        let parts = JwsParts::parse_any(token, budget)?;
        jws::check_parameters(&parts.head, known)?;
        let name = parts.head.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm = SystemAlgorithm::named(name).ok_or_else(|| {
            BadToken::Rule("the algorithm is none of ES256, EdDSA, RS256, PS256".to_owned())
        })?;
        Ok(Self { parts, algorithm })
    }

    /// Members of the header besides `alg`.
    pub fn head(&self) -> &Map<String, Value> {
        &self.parts.head
    }

    /// The claims, unverified.
    pub fn payload(&self) -> &Map<String, Value> {
        &self.parts.payload
    }

    /// The algorithm that the header names.
    pub fn algorithm(&self) -> SystemAlgorithm {
        self.algorithm
    }

    /// A claim that is a string and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parts.payload.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A claim that is a time.
    pub fn time(&self, name: &str) -> Option<NumericDate> {
        self.parts.time(name)
    }

    /// Checks the signature with a key. The algorithm of the header must be one of the key's.
    pub fn verify(&self, key: &SystemKey, budget: &mut Budget) -> Result<SignatureValid, BadToken> {
        if !key.allows(self.algorithm) {
            return Err(BadToken::Rule("the algorithm is not one of the key's".to_owned()));
        }
        self.parts.verify(self.algorithm.algorithm(), key.key(), budget)
    }
}

/// Signs claims under a header; `alg` must be ES256, the algorithm of every key here.
pub fn sign(head: &Value, payload: &Value, signer: &dyn Signer) -> Result<String, SignError> {
    let empty = Map::new();
    jws::sign_parts(head, payload.as_object().unwrap_or(&empty), signer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::software::SoftwareKey;

    fn key() -> SoftwareKey {
        SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
    }

    fn read(token: &str) -> Result<Signed<'_>, BadToken> {
        Signed::parse(token, &["typ", "kid"], &mut Budget::default())
    }

    #[test]
    fn a_signature_holds_for_its_key_and_its_claims_alone() {
        let key = key();
        let token = sign(&json!({ "alg": "ES256" }), &json!({ "jti": "a" }), &key).unwrap();
        let jwk = SystemKey::new(key.public_key()).unwrap();
        let read = read(&token).unwrap();
        assert!(read.verify(&jwk, &mut Budget::default()).is_ok());
        assert_eq!((read.text("jti"), read.text("iat")), (Some("a"), None));
        let other = SystemKey::new(self::key().public_key()).unwrap();
        assert!(read.verify(&other, &mut Budget::default()).is_err());
    }

    #[test]
    fn the_key_and_not_the_header_chooses_the_algorithm() {
        let key = key();
        let jwk = SystemKey::new(key.public_key()).unwrap();
        for alg in ["EdDSA", "RS256", "PS256"] {
            let token = sign(&json!({ "alg": alg }), &json!({}), &key).unwrap();
            assert!(read(&token).unwrap().verify(&jwk, &mut Budget::default()).is_err(), "{alg}");
        }
        for alg in [json!("none"), json!("HS256"), json!("ES384"), json!(""), json!(7), json!(null)]
        {
            let token = sign(&json!({ "alg": alg }), &json!({}), &key).unwrap();
            assert!(read(&token).is_err(), "{alg}");
        }
    }

    #[test]
    fn parameters_that_decide_are_refused_and_others_passed_over() {
        let key = key();
        for name in ["jku", "x5u", "x5c", "jwk", "crit", "b64", "zip", "enc"] {
            let head = json!({ "alg": "ES256", name: "x" });
            assert!(read(&sign(&head, &json!({}), &key).unwrap()).is_err(), "{name}");
        }
        for name in ["x5t", "cty", "iat", "https://a.example/header"] {
            let head = json!({ "alg": "ES256", name: "x" });
            assert!(read(&sign(&head, &json!({}), &key).unwrap()).is_ok(), "{name}");
        }
        let good = sign(&json!({ "alg": "ES256" }), &json!({}), &key).unwrap();
        for bad in ["", "a", "a.b", &format!("{good}="), &format!("{good}.a"), &good[..20]] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
