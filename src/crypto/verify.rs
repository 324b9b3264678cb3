//! Verifies one signature with one key. Success is a value that only this file can make.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::algorithm::{Algorithm, PublicKey};
use super::curves::{self, Curve};
use super::digest::DigestAlgorithm;
use super::pss::{self, Mask};

/// How an ECDSA signature is written. RSA and Ed25519 have one form only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `SEQUENCE { r, s }`: CMS and X.509.
    Der,
    /// `r` then `s`: JOSE.
    Fixed,
}

/// Proof that a signature over a message was verified with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureValid {
    algorithm: Algorithm,
}

impl SignatureValid {
    /// The algorithm that was checked.
    pub const fn algorithm(self) -> Algorithm {
        self.algorithm
    }
}

/// Why a signature was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// The key is of another kind than the algorithm needs, or restricted to other algorithms.
    #[error("the key does not fit the algorithm")]
    WrongKey,
    /// This form of the algorithm is not supported.
    #[error("unsupported algorithm")]
    Unsupported,
    /// The signature does not verify.
    #[error("the signature does not hold")]
    Mismatch,
}

/// Checks `signature` over `message` with `key`.
pub fn verify(
    algorithm: Algorithm,
    form: Form,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<SignatureValid, BadSignature> {
    if !key.allows(algorithm) {
        return Err(BadSignature::WrongKey);
    }
    let judged = |holds: bool| {
        if holds { Ok(SignatureValid { algorithm }) } else { Err(BadSignature::Mismatch) }
    };
    let salted = match algorithm {
        Algorithm::RsaPssSalted(digest, salt) => Some((digest, Mask::Same, salt)),
        Algorithm::RsaPssMaskSha1(digest, salt) => Some((digest, Mask::Sha1, salt)),
        _ => None,
    };
    if let Some((digest, mask, salt)) = salted {
        let salt = usize::from(salt);
        return judged(pss::holds(digest, mask, salt, key.form(), message, signature));
    }
    let Some(check) = checker(algorithm, form) else {
        return match (algorithm, form) {
            (Algorithm::Ecdsa(curve, digest), Form::Der) => {
                judged(curves::holds(curve, digest, key.form(), message, signature))
            }
            _ => Err(BadSignature::Unsupported),
        };
    };
    UnparsedPublicKey::new(check, key.form())
        .verify(message, signature)
        .map(|()| SignatureValid { algorithm })
        .map_err(|_| BadSignature::Mismatch)
}

/// The matching algorithm of ring, when it has one.
fn checker(algorithm: Algorithm, form: Form) -> Option<&'static dyn VerificationAlgorithm> {
    use Algorithm as A;
    use DigestAlgorithm::{Sha256, Sha384};
    Some(match (algorithm, form) {
        (A::Ecdsa(Curve::P256, Sha256), Form::Der) => &signature::ECDSA_P256_SHA256_ASN1,
        (A::Ecdsa(Curve::P256, Sha256), Form::Fixed) => &signature::ECDSA_P256_SHA256_FIXED,
        (A::Ecdsa(Curve::P256, Sha384), Form::Der) => &signature::ECDSA_P256_SHA384_ASN1,
        (A::Ecdsa(Curve::P384, Sha256), Form::Der) => &signature::ECDSA_P384_SHA256_ASN1,
        (A::Ecdsa(Curve::P384, Sha384), Form::Der) => &signature::ECDSA_P384_SHA384_ASN1,
        (A::Ecdsa(Curve::P384, Sha384), Form::Fixed) => &signature::ECDSA_P384_SHA384_FIXED,
        (A::Ecdsa(..) | A::RsaPssSalted(..) | A::RsaPssMaskSha1(..), _) => return None,
        (A::Ed25519, _) => &signature::ED25519,
        (A::RsaPkcs1Sha256, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (A::RsaPkcs1Sha384, _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (A::RsaPkcs1Sha512, _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (A::RsaPssSha256, _) => &signature::RSA_PSS_2048_8192_SHA256,
        (A::RsaPssSha384, _) => &signature::RSA_PSS_2048_8192_SHA384,
        (A::RsaPssSha512, _) => &signature::RSA_PSS_2048_8192_SHA512,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::signer::Signer as _;
    use crate::crypto::software::SoftwareKey;

    #[test]
    fn both_forms_of_a_signature_hold_and_no_other_message_does() {
        let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
        for message in [&b"one"[..], b"two", b"three", b"four"] {
            let signed = key.sign(message).unwrap();
            let check = |form, signature: &[u8], message: &[u8]| {
                verify(Algorithm::ES256, form, key.public_key(), message, signature)
            };
            assert!(check(Form::Der, &signed.to_der(), message).is_ok());
            assert!(check(Form::Fixed, signed.as_fixed(), message).is_ok());
            assert_eq!(check(Form::Der, &signed.to_der(), b"x"), Err(BadSignature::Mismatch));
            assert_eq!(check(Form::Fixed, &[0; 64], message), Err(BadSignature::Mismatch));
        }
        let wrong = verify(Algorithm::Ed25519, Form::Der, key.public_key(), b"", &[0; 64]);
        assert_eq!(wrong, Err(BadSignature::WrongKey));
    }
}
