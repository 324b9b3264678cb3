//! The private key of a system, for the tokens that it signs: assertions and proofs.

use serde_json::{Map, Value};

use super::jws;
use crate::crypto::algorithm::PublicKey;
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::{SignError, Signer};

/// A key with the algorithm that it signs with.
pub enum SystemSigner {
    /// ES256.
    P256(Box<dyn Signer>),
    /// `EdDSA`.
    Ed25519(Box<dyn LogSigner>),
}

impl SystemSigner {
    /// The public half of the key.
    pub fn public_key(&self) -> &PublicKey {
        match self {
            Self::P256(key) => key.public_key(),
            Self::Ed25519(key) => key.public_key(),
        }
    }

    /// Signs claims under a header, whose `alg` is set here.
    pub fn sign(&self, mut head: Value, payload: &Value) -> Result<String, SignError> {
        let empty = Map::new();
        let payload = payload.as_object().unwrap_or(&empty);
        if let Some(head) = head.as_object_mut() {
            let name = match self {
                Self::P256(_) => "ES256",
                Self::Ed25519(_) => "EdDSA",
            };
            head.insert("alg".to_owned(), name.into());
        }
        match self {
            Self::P256(key) => jws::sign_parts(&head, payload, &**key),
            Self::Ed25519(key) => jws::sign_with(&head, payload, &|message| key.sign(message)),
        }
    }
}

impl std::fmt::Debug for SystemSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SystemSigner(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::limits::Budget;
    use crate::crypto::ed25519::Ed25519Key;
    use crate::crypto::software::SoftwareKey;
    use crate::format::jose::client_jwk::SystemKey;
    use crate::format::jose::signed::Signed;

    #[test]
    fn each_kind_of_key_signs_what_the_server_checks() {
        let p256 = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
        let ed25519 = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        let keys = [SystemSigner::P256(Box::new(p256)), SystemSigner::Ed25519(Box::new(ed25519))];
        let tokens = keys
            .each_ref()
            .map(|key| key.sign(json!({ "typ": "JWT" }), &json!({ "jti": "a" })).unwrap());
        for (at, key) in keys.iter().enumerate() {
            let key = SystemKey::new(key.public_key()).unwrap();
            for (other, token) in tokens.iter().enumerate() {
                let budget = &mut Budget::default();
                let read = Signed::parse(token, &["typ"], budget).unwrap();
                assert_eq!(read.verify(&key, budget).is_ok(), at == other);
            }
        }
    }
}
