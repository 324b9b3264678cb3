//! The public key of a system (RFC 7517): those of holders, and RSA (RFC 7518, 6.3) besides.
//!
//! A separate type, so that an RSA key never binds a holder. Like a holder's key it has only the
//! members of its thumbprint (RFC 7638).

use der::asn1::UintRef;
use der::{Encode as _, Sequence};
use serde_json::{Value, json};

use super::jwk::{self, Jwk};
use super::jws::{self, BadToken};
use crate::base::digest::Digest;
use crate::crypto::algorithm::{Algorithm, KeyKind, PublicKey};

/// A public key on P-256, an Ed25519 key, or an RSA key of 2048 to 4096 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemKey(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Curve(Jwk),
    Rsa { key: PublicKey, modulus: Vec<u8>, exponent: Vec<u8> },
}

/// A signature algorithm of RFC 7518 or RFC 8037 that systems may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemAlgorithm {
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA, PKCS#1 v1.5.
    Rs256,
    /// RSA-PSS.
    Ps256,
}

/// `RSAPublicKey` (RFC 8017, A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl SystemAlgorithm {
    /// The names used in headers and in our metadata. RFC 9864 renames `EdDSA` to `Ed25519`.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("ES256", Self::Es256),
        ("EdDSA", Self::EdDsa),
        ("Ed25519", Self::EdDsa),
        ("RS256", Self::Rs256),
        ("PS256", Self::Ps256),
    ];

    /// The algorithm of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    pub(super) fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::Ed25519,
            Self::Rs256 => Algorithm::RsaPkcs1Sha256,
            Self::Ps256 => Algorithm::RsaPssSha256,
        }
    }
}

impl SystemKey {
    /// Parses a public key; private members are an error.
    pub fn parse(value: &Value) -> Result<Self, BadToken> {
        if value.get("kty").and_then(Value::as_str) != Some("RSA") {
            return Jwk::parse(value).map(|key| Self(Kind::Curve(key)));
        }
        let rule = |text: &str| BadToken::Rule(text.to_owned());
        let members = value.as_object().ok_or_else(|| rule("a key that is no object"))?;
        if jwk::PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(rule("a private key, which must never be sent"));
        }
        if let Some(name) = members.keys().find(|name| !["kty", "n", "e"].contains(&name.as_str()))
        {
            return Err(BadToken::Rule(format!("the key has the member {name:?}")));
        }
        let number = |name: &str| {
            let text = members.get(name).and_then(Value::as_str).unwrap_or_default();
            let bytes = jws::decode(text)?;
            // RFC 7518, 2: the minimum number of bytes.
            match bytes.first() {
                Some(1..) => Ok(bytes),
                _ => Err(BadToken::Malformed("a number of an RSA key with a zero in front")),
            }
        };
        let (modulus, exponent) = (number("n")?, number("e")?);
        let full = modulus.first().is_some_and(|byte| *byte >= 0x80);
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
        if !(MODULUS_BYTES.contains(&modulus.len()) && full && odd(&modulus)) {
            return Err(rule("an RSA key that has not 2048 to 4096 bits, a multiple of eight"));
        }
        if !((3..=4).contains(&exponent.len()) && odd(&exponent)) {
            return Err(rule("an RSA key whose exponent is not 65537 or near it"));
        }
        let key = Self::spki(&modulus, &exponent).ok_or_else(|| rule("a malformed key"))?;
        Ok(Self(Kind::Rsa { key, modulus, exponent }))
    }

    fn spki(modulus: &[u8], exponent: &[u8]) -> Option<PublicKey> {
        let (modulus, exponent) = (UintRef::new(modulus).ok()?, UintRef::new(exponent).ok()?);
        let bits = RsaPublicKey { modulus, exponent }.to_der().ok()?;
        PublicKey::new(KeyKind::Rsa, bits)
    }

    /// A public key in this form; `None` for kinds that client systems may not use.
    pub fn new(key: &PublicKey) -> Option<Self> {
        Jwk::new(key).map(|key| Self(Kind::Curve(key)))
    }

    /// The public key for verification.
    pub fn key(&self) -> &PublicKey {
        match &self.0 {
            Kind::Curve(key) => key.key(),
            Kind::Rsa { key, .. } => key,
        }
    }

    /// Whether the key may check a signature of this algorithm.
    pub fn allows(&self, algorithm: SystemAlgorithm) -> bool {
        self.key().allows(algorithm.algorithm())
    }

    /// The key as JSON, its members in the order of RFC 7638, 3.
    pub fn to_json(&self) -> Value {
        match &self.0 {
            Kind::Curve(key) => key.to_json(),
            Kind::Rsa { modulus, exponent, .. } => {
                json!({ "e": jws::encode(exponent), "kty": "RSA", "n": jws::encode(modulus) })
            }
        }
    }

    /// The SHA-256 thumbprint (RFC 7638), in base64url.
    pub fn thumbprint(&self) -> String {
        jws::encode(Digest::of(&[self.to_json().to_string().as_bytes()]).as_bytes())
    }
}

/// ring accepts 2048 bits or more; above 4096 a check takes too long.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7638, 3.1, with the thumbprint that it names.
    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    fn rsa(n: &str, e: &str) -> Value {
        json!({ "kty": "RSA", "n": n, "e": e })
    }

    #[test]
    fn an_rsa_key_is_read_and_has_the_thumbprint_of_the_standard() {
        let key = SystemKey::parse(&rsa(N, "AQAB")).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(SystemKey::parse(&key.to_json()).unwrap(), key);
        assert!(key.allows(SystemAlgorithm::Rs256) && key.allows(SystemAlgorithm::Ps256));
        assert!(!key.allows(SystemAlgorithm::Es256) && !key.allows(SystemAlgorithm::EdDsa));
        // Holders' keys are never of this kind.
        assert!(Jwk::parse(&key.to_json()).is_err());
    }

    #[test]
    fn weak_and_odd_rsa_keys_and_private_ones_are_refused() {
        let short = jws::encode(&jws::decode(N).unwrap()[..255]);
        let mut bytes = jws::decode(N).unwrap();
        *bytes.last_mut().unwrap() &= 0xFE;
        let even = jws::encode(&bytes);
        let padded = jws::encode(&[&[0][..], &jws::decode(N).unwrap()].concat());
        let huge = jws::encode(&[0xFF; 513]);
        for n in [&short, &even, &padded, &huge, "", "AQ"] {
            assert!(SystemKey::parse(&rsa(n, "AQAB")).is_err(), "{n}");
        }
        // 3, an even one, one of five bytes, zero, with a zero in front.
        for e in ["Aw", "AQAA", "AQAAAAE", "AA", "AAEAAQ", ""] {
            assert!(SystemKey::parse(&rsa(N, e)).is_err(), "{e}");
        }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "kid", "x5c", "jku", "alg"] {
            let mut key = rsa(N, "AQAB");
            key[name] = "AAAA".into();
            assert!(SystemKey::parse(&key).is_err(), "{name}");
        }
        let kinds = [json!({"kty": "oct", "k": "AAAA"}), json!([]), json!({"kty": "RSA"})];
        assert!(kinds.iter().all(|key| SystemKey::parse(key).is_err()));
    }
}
