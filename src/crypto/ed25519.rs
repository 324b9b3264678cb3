//! Ed25519 (RFC 8032) for the log (its checkpoints and the cosignatures of witnesses), with another
//! key for webhooks, and for requests of client systems with such keys.
//!
//! Nothing else of an office signs with it: seals and credentials use P-256, so that neither key
//! can be used in place of the other.

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::algorithm::{KeyKind, PublicKey};
use super::signer::SignError;
use super::software::BadKey;
use crate::base::secret::Secret;

/// A key that signs with Ed25519.
pub trait LogSigner: Send + Sync {
    /// The public half, 32 bytes.
    fn public_key(&self) -> &PublicKey;
    /// Signs `message`; the same message always gives the same signature.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;
}

/// An Ed25519 key in memory.
pub struct Ed25519Key {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Ed25519Key {
    /// A fresh key, drawn from the system's randomness, as PKCS#8 (RFC 8410, 7), which openssl
    /// reads too.
    pub fn generate() -> Result<Secret, BadKey> {
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(&mut *seed).map_err(|_| BadKey)?;
        // Allocated at its final size: a vector that grows leaves a copy of the key in memory.
        let mut der = Vec::with_capacity(PKCS8_HEAD.len() + seed.len());
        der.extend(PKCS8_HEAD);
        der.extend(*seed);
        Ok(Secret::new(der))
    }

    /// Reads PKCS#8, with or without the public half.
    pub fn from_pkcs8(der: &Secret) -> Result<Self, BadKey> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.expose()).map_err(|_| BadKey)?;
        let public = PublicKey::new(KeyKind::Ed25519, pair.public_key().as_ref().to_vec());
        Ok(Self { pair, public: public.ok_or(BadKey)? })
    }
}

impl LogSigner for Ed25519Key {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        <[u8; 64]>::try_from(self.pair.sign(message).as_ref())
            .map_err(|_| SignError("a signature of an unexpected length".to_owned()))
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519Key(…)")
    }
}

/// `OneAsymmetricKey`, version 1, id-Ed25519, and the headers of the two OCTET STRINGs around the
/// seed.
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::algorithm::Algorithm;
    use crate::crypto::verify::{BadSignature, Form, verify};

    #[test]
    fn the_first_vector_of_rfc_8032() {
        let hex = |text: &str| -> Vec<u8> {
            let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            (0..text.len()).step_by(2).map(digit).collect()
        };
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = Ed25519Key::from_pkcs8(&Secret::new([&PKCS8_HEAD[..], &seed].concat())).unwrap();
        let public = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(key.public_key().bits(), public);
        let expected = hex(concat!(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ));
        assert_eq!(key.sign(b"").unwrap().as_slice(), expected);
    }

    #[test]
    fn a_fresh_key_signs_and_no_other_message_holds() {
        let key = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        let signed = key.sign(b"one").unwrap();
        let check = |message: &[u8]| {
            verify(Algorithm::Ed25519, Form::Fixed, key.public_key(), message, &signed)
        };
        assert!(check(b"one").is_ok());
        assert_eq!(check(b"two"), Err(BadSignature::Mismatch));
        assert!(Ed25519Key::from_pkcs8(&Secret::new(b"no key".to_vec())).is_err());
    }
}
