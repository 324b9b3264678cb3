//! ECDSA (FIPS 186-5, 6.4.2) on curves and with digests that ring does not pair.
//!
//! SHA-512 on P-256 and P-384, all of P-521, and the brainpool curves (RFC 5639) occur in files of
//! other producers; this program signs with none of them. Only public numbers are used. ring
//! verifies the combinations that it supports in a fifth of the time.

use std::fmt;

use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::signature::hazmat::PrehashVerifier as _;
use ecdsa::{Signature, VerifyingKey};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;

use super::digest::DigestAlgorithm;

/// A supported elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
    /// brainpoolP256r1.
    BrainpoolP256r1,
    /// brainpoolP384r1.
    BrainpoolP384r1,
}

impl Curve {
    /// The length of a coordinate in bytes.
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 | Self::BrainpoolP256r1 => 32,
            Self::P384 | Self::BrainpoolP384r1 => 48,
            Self::P521 => 66,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
        })
    }
}

/// Repeats a body for each curve: the bounds of a generic function would be longer than its body.
macro_rules! with_curve {
    ($curve:expr, $C:ident => $body:expr) => {
        match $curve {
            Curve::P256 => with_curve!(@ $C = NistP256, $body),
            Curve::P384 => with_curve!(@ $C = NistP384, $body),
            Curve::P521 => with_curve!(@ $C = NistP521, $body),
            Curve::BrainpoolP256r1 => with_curve!(@ $C = BrainpoolP256r1, $body),
            Curve::BrainpoolP384r1 => with_curve!(@ $C = BrainpoolP384r1, $body),
        }
    };
    (@ $C:ident = $curve:ident, $body:expr) => {{
        type $C = $curve;
        $body
    }};
}

/// The uncompressed form of a compressed point; `None` when it is not on the curve.
pub(super) fn decompressed(curve: Curve, point: &[u8]) -> Option<Vec<u8>> {
    with_curve!(curve, C => {
        let key = VerifyingKey::<C>::from_sec1_bytes(point).ok()?;
        Some(key.to_sec1_point(false).as_bytes().to_vec())
    })
}

/// Whether the signature, `SEQUENCE { r, s }`, is valid. `key` is the uncompressed point.
pub(super) fn holds(
    curve: Curve,
    digest: DigestAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let digest = digest.digest(&[message]);
    with_curve!(curve, C => {
        VerifyingKey::<C>::from_sec1_bytes(key)
            .and_then(|key| key.verify_prehash(&digest, &Signature::<C>::from_der(signature)?))
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use ecdsa::{SigningKey, hazmat::sign_prehashed};

    use super::*;
    use DigestAlgorithm::{Sha256, Sha384, Sha512};

    const CURVES: [Curve; 5] =
        [Curve::P256, Curve::P384, Curve::P521, Curve::BrainpoolP256r1, Curve::BrainpoolP384r1];

    /// A point, and a signature over a digest, by a key and nonce that are the same in every run.
    fn signed(curve: Curve, digest: &[u8]) -> (Vec<u8>, Vec<u8>) {
        with_curve!(curve, C => {
            let key = SigningKey::<C>::from_slice(&vec![1; curve.coordinate_bytes()]).unwrap();
            let number = key.as_nonzero_scalar();
            let (signature, _) = sign_prehashed::<C>(number, number, digest).unwrap();
            let point = key.verifying_key().to_sec1_point(false);
            (point.as_bytes().to_vec(), signature.to_der().as_bytes().to_vec())
        })
    }

    #[test]
    fn a_compressed_point_is_the_same_point() {
        for curve in CURVES {
            let (whole, _) = signed(curve, &[1; 32]);
            let half = (whole.len() - 1) / 2;
            let sign = 2 | whole.last().unwrap() & 1;
            let mut short = [&[sign], &whole[1..=half]].concat();
            assert_eq!(decompressed(curve, &short), Some(whole.clone()));
            short[0] ^= 1;
            assert_ne!(decompressed(curve, &short), Some(whole));
            short.pop();
            assert_eq!(decompressed(curve, &short), None);
        }
    }

    /// `tests/formats.rs` has signatures of openssl.
    #[test]
    fn a_signature_holds_for_its_message_digest_and_curve_alone() {
        for (curve, digest) in [
            (Curve::P256, Sha512),
            (Curve::P384, Sha512),
            (Curve::P521, Sha256),
            (Curve::P521, Sha384),
            (Curve::P521, Sha512),
            (Curve::BrainpoolP256r1, Sha256),
            (Curve::BrainpoolP256r1, Sha384),
            (Curve::BrainpoolP256r1, Sha512),
            (Curve::BrainpoolP384r1, Sha256),
            (Curve::BrainpoolP384r1, Sha384),
            (Curve::BrainpoolP384r1, Sha512),
        ] {
            let (key, signature) = signed(curve, &digest.digest(&[b"message"]));
            assert!(holds(curve, digest, &key, b"message", &signature), "{curve:?} {digest}");
            assert!(!holds(curve, digest, &key, b"massage", &signature));
            for other in [Sha256, Sha384, Sha512].into_iter().filter(|other| *other != digest) {
                assert!(!holds(curve, other, &key, b"message", &signature));
            }
            for other in CURVES {
                assert_eq!(holds(other, digest, &key, b"message", &signature), other == curve);
            }
            for at in [0, 1, 3, 4, 20, signature.len() - 1] {
                let mut bad = signature.clone();
                bad[at] ^= 1;
                assert!(!holds(curve, digest, &key, b"message", &bad), "{curve:?} {at}");
            }
            let behind = [&signature[..], &[0]].concat();
            let zeros = [0x30, 6, 2, 1, 0, 2, 1, 0];
            let ones = [0x30, 6, 2, 1, 1, 2, 1, 1];
            for bad in [&behind[..], &zeros, &ones, &[]] {
                assert!(!holds(curve, digest, &key, b"message", bad));
            }
            let mut off_the_curve = key.clone();
            *off_the_curve.last_mut().unwrap() ^= 1;
            assert!(!holds(curve, digest, &off_the_curve, b"message", &signature));
        }
    }
}
