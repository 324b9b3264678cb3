//! Signing keys: software keys, or a device that implements the same trait.

use super::algorithm::PublicKey;

/// A key that signs with ECDSA on P-256 and SHA-256.
///
/// Every act that needs a key takes `&dyn Signer`, so a hardware module needs no other interface.
pub trait Signer: Send + Sync {
    /// The public half, which the certificate binds to a name.
    fn public_key(&self) -> &PublicKey;
    /// Signs `message` (not its digest).
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError>;
}

/// An ECDSA P-256 signature, `r` and `s` of 32 bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// `r` then `s`, big-endian, as JOSE writes it (RFC 7518, 3.4).
    pub const fn from_fixed(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// `r` then `s`, 32 bytes each.
    pub const fn as_fixed(&self) -> &[u8; 64] {
        &self.0
    }

    /// `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, 2.2.3), as CMS and X.509 write it.
    pub fn to_der(self) -> Vec<u8> {
        let (r, s) = self.0.split_at(32);
        let (r, s) = (integer(r), integer(s));
        let mut der = Vec::with_capacity(72);
        // Both integers together are at most 70 bytes: a short-form length.
        der.extend([0x30, u8::try_from(r.len() + s.len()).unwrap_or(u8::MAX)]);
        der.extend(r);
        der.extend(s);
        der
    }
}

/// The key could not sign, such as when a device is absent or its session is closed.
#[derive(Debug, thiserror::Error)]
#[error("the signing key is not available: {0}")]
pub struct SignError(pub String);

/// A non-negative DER INTEGER, without superfluous leading zeros.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let first =
        bytes.iter().position(|byte| *byte != 0).unwrap_or_else(|| bytes.len().saturating_sub(1));
    let digits = bytes.get(first..).unwrap_or_default();
    let pad = digits.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut der = vec![0x02, u8::try_from(digits.len() + usize::from(pad)).unwrap_or(u8::MAX)];
    if pad {
        der.push(0);
    }
    der.extend(digits);
    der
}
