//! A holder's public key as JSON (RFC 7517; RFC 7518, 6.2; RFC 8037).
//!
//! It is written with only the members of its thumbprint (RFC 7638). Other members are ignored when
//! read (RFC 7517, 4), except a private half, certificates, which are a second source of the same
//! key, and a use other than the verification of signatures; these are refused.

use serde_json::{Map, Value, json};

use super::jws::{self, BadToken};
use crate::base::digest::Digest;
use crate::crypto::algorithm::{Algorithm, KeyKind, PublicKey};
use crate::crypto::curves::Curve;

/// A public key on P-256 or an Ed25519 key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    P256,
    Ed25519,
}

impl Jwk {
    /// Parses a public key.
    pub fn parse(value: &Value) -> Result<Self, BadToken> {
        let rule = |text: &str| BadToken::Rule(text.to_owned());
        let members = value.as_object().ok_or_else(|| rule("a key that is no object"))?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(rule("a private key, which must never be sent"));
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = match (text("kty"), text("crv")) {
            ("EC", "P-256") => Kind::P256,
            ("OKP", "Ed25519") => Kind::Ed25519,
            _ => return Err(rule("a key that is neither on P-256 nor Ed25519")),
        };
        if let Some(name) = SOURCES.iter().find(|name| members.contains_key(**name)) {
            return Err(BadToken::Rule(format!("the key has the member {name:?}")));
        }
        check_use(members, kind)?;
        let key = match kind {
            Kind::P256 => {
                let (x, y) = (coordinate(members, "x")?, coordinate(members, "y")?);
                PublicKey::new(KeyKind::Ec(Curve::P256), [&[4][..], &x, &y].concat())
            }
            Kind::Ed25519 => PublicKey::new(KeyKind::Ed25519, coordinate(members, "x")?),
        };
        let key = key.ok_or_else(|| rule("a malformed key"))?;
        Ok(Self { key, kind })
    }

    /// A public key in this form; `None` for kinds that a holder's key may not have.
    pub fn new(key: &PublicKey) -> Option<Self> {
        let kind = match key.kind() {
            KeyKind::Ec(Curve::P256) => Kind::P256,
            KeyKind::Ed25519 => Kind::Ed25519,
            KeyKind::Ec(_) | KeyKind::Rsa => return None,
        };
        Some(Self { key: key.clone(), kind })
    }

    /// The public key for verification.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The one algorithm that this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::P256 => Algorithm::ES256,
            Kind::Ed25519 => Algorithm::Ed25519,
        }
    }

    /// Whether `alg` names the algorithm of this key. RFC 9864 calls `EdDSA` on this curve
    /// `Ed25519`.
    pub fn allows(&self, alg: &str) -> bool {
        self.kind.allows(alg)
    }

    /// The key as JSON, its members in the order of RFC 7638, 3.
    pub fn to_json(&self) -> Value {
        match self.kind {
            Kind::P256 => {
                let (x, y) = self.key.bits().get(1..).unwrap_or_default().split_at(32);
                let (x, y) = (jws::encode(x), jws::encode(y));
                json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y })
            }
            Kind::Ed25519 => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": jws::encode(self.key.bits()) })
            }
        }
    }

    /// The SHA-256 thumbprint (RFC 7638), in base64url.
    pub fn thumbprint(&self) -> String {
        jws::encode(Digest::of(&[self.to_json().to_string().as_bytes()]).as_bytes())
    }
}

impl Kind {
    fn allows(self, alg: &str) -> bool {
        match self {
            Self::P256 => alg == "ES256",
            Self::Ed25519 => alg == "EdDSA" || alg == "Ed25519",
        }
    }
}

/// Refuses a stated use other than verification (RFC 7517, 4.2 to 4.4).
fn check_use(members: &Map<String, Value>, kind: Kind) -> Result<(), BadToken> {
    let verify = |operations: &Value| {
        operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
    };
    let algorithm = |alg: &Value| alg.as_str().is_some_and(|alg| kind.allows(alg));
    let fits = members.get("use").is_none_or(|one| one == "sig")
        && members.get("key_ops").is_none_or(verify)
        && members.get("alg").is_none_or(algorithm);
    if fits { Ok(()) } else { Err(BadToken::Rule("a key that is for something else".to_owned())) }
}

fn coordinate(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, BadToken> {
    let text = members.get(name).and_then(Value::as_str).unwrap_or_default();
    let bytes = jws::decode(text)?;
    if bytes.len() == 32 { Ok(bytes) } else { Err(BadToken::Malformed("a key of another length")) }
}

/// Members that carry or reference certificates of the key.
const SOURCES: [&str; 5] = ["x5u", "x5c", "x5t", "x5t#S256", "jku"];

/// The private members of every kind of key (RFC 7518, 6).
pub(super) const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

#[cfg(test)]
mod tests {
    use super::*;

    fn p256() -> Value {
        // RFC 7517, appendix A.1.
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        })
    }

    fn ed25519() -> Value {
        // RFC 8037, appendix A.2, with its thumbprint in A.3.
        json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })
    }

    #[test]
    fn keys_are_read_and_written_and_have_the_thumbprint_of_the_standard() {
        let key = Jwk::parse(&ed25519()).unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        for value in [p256(), ed25519()] {
            let key = Jwk::parse(&value).unwrap();
            assert_eq!(Jwk::parse(&key.to_json()).unwrap(), key);
            assert_eq!(Jwk::new(key.key()).unwrap(), key);
        }
    }

    #[test]
    fn members_that_say_nothing_here_are_passed_over() {
        let mut key = p256();
        for (name, value) in [
            ("kid", json!("1")),
            ("use", json!("sig")),
            ("key_ops", json!(["verify"])),
            ("alg", json!("ES256")),
            ("ext", json!(true)),
        ] {
            key[name] = value;
        }
        assert_eq!(Jwk::parse(&key).unwrap(), Jwk::parse(&p256()).unwrap());
    }

    #[test]
    fn private_members_other_sources_and_other_kinds_are_refused() {
        let with = |mut key: Value, name: &str, value: Value| {
            key[name] = value;
            Jwk::parse(&key).unwrap_err().to_string()
        };
        assert!(with(p256(), "d", "AAAA".into()).contains("private"));
        assert!(with(ed25519(), "d", "AAAA".into()).contains("private"));
        for name in ["jku", "x5u", "x5c", "x5t", "x5t#S256"] {
            assert!(with(p256(), name, "x".into()).contains("has the member"), "{name}");
        }
        for (name, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["sign"])),
            ("key_ops", json!("verify")),
            ("alg", json!("ES384")),
        ] {
            assert!(with(p256(), name, value).contains("something else"), "{name}");
        }
        for (name, value) in [("kty", "RSA"), ("kty", "oct"), ("crv", "P-384"), ("crv", "X25519")] {
            assert!(with(p256(), name, value.into()).contains("neither"), "{value}");
        }
        // One byte short, padded, and with trailing bits that are not zero.
        let x = p256()["x"].as_str().unwrap().to_owned();
        for bad in [&x[..42], &format!("{x}="), &format!("{}5", &x[..42]), ""] {
            assert!(!with(p256(), "x", bad.into()).is_empty(), "{bad}");
        }
        for bad in [Value::Null, json!([]), json!("x"), json!({})] {
            assert!(Jwk::parse(&bad).is_err());
        }
    }
}
