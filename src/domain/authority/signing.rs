//! An adapter from [`Signer`] to rcgen's interface, so that a key in a device can sign certificates
//! too.

use rcgen::{PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::crypto::algorithm::PublicKey;
use crate::crypto::signer::Signer;

/// A signing key for rcgen.
pub(super) struct Key<'a>(pub(super) &'a dyn Signer);

impl PublicKeyData for Key<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().bits()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        // rcgen's error carries no reason.
        self.0
            .sign(message)
            .map(crate::crypto::signer::Signature::to_der)
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// A public key for rcgen.
pub(super) struct Public<'a>(pub(super) &'a PublicKey);

impl PublicKeyData for Public<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.bits()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}
