//! Keys held in memory, signing with ring.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::algorithm::{KeyKind, PublicKey};
use super::curves::Curve;
use super::signer::{SignError, Signature, Signer};
use crate::base::secret::Secret;

/// A P-256 key in memory.
pub struct SoftwareKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
    random: SystemRandom,
}

/// The bytes are not PKCS#8 of a P-256 key with its public half (ring refuses it without).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a PKCS#8 P-256 private key that includes its public key")]
pub struct BadKey;

impl SoftwareKey {
    /// A fresh key, drawn from the system's randomness, as PKCS#8.
    pub fn generate() -> Result<Secret, BadKey> {
        let random = SystemRandom::new();
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map(|document| Secret::new(document.as_ref().to_vec()))
            .map_err(|_| BadKey)
    }

    /// Parses an unencrypted PKCS#8 key.
    pub fn from_pkcs8(der: &Secret) -> Result<Self, BadKey> {
        let random = SystemRandom::new();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.expose(), &random)
                .map_err(|_| BadKey)?;
        let public = PublicKey::new(KeyKind::Ec(Curve::P256), pair.public_key().as_ref().to_vec())
            .ok_or(BadKey)?;
        Ok(Self { pair, public, random })
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let failed = |_| SignError("the system gave no randomness".to_owned());
        let signature = self.pair.sign(&self.random, message).map_err(failed)?;
        <[u8; 64]>::try_from(signature.as_ref())
            .map(Signature::from_fixed)
            .map_err(|_| SignError("a signature of an unexpected length".to_owned()))
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoftwareKey(…)")
    }
}
