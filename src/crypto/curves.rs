//! ECDSA (FIPS 186-5, 6.4.2) on curves and with digests that ring does not pair: SHA-512 on P-256
//! and P-384, and all of P-521. They stand in files of others; we sign with none of them.
//!
//! Only public numbers are used. Everything that ring checks is ring's: it takes a fifth of the
//! time.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

use super::digest::DigestAlgorithm;

/// A curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

/// The uncompressed form of a compressed point; `None` when it is not on the curve.
pub(super) fn decompressed(curve: Curve, point: &[u8]) -> Option<Vec<u8>> {
    Some(match curve {
        Curve::P256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            key.to_encoded_point(false).as_bytes().to_vec()
        }
        Curve::P384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            key.to_encoded_point(false).as_bytes().to_vec()
        }
        Curve::P521 => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            key.to_encoded_point(false).as_bytes().to_vec()
        }
    })
}

/// Whether the signature, `SEQUENCE { r, s }`, holds. `key` is the uncompressed point.
pub(super) fn holds(
    curve: Curve,
    digest: DigestAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let digest = digest.digest(&[message]);
    check(curve, &digest, key, signature).is_some()
}

fn check(curve: Curve, digest: &[u8], key: &[u8], signature: &[u8]) -> Option<()> {
    match curve {
        Curve::P256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
            let signature = p256::ecdsa::Signature::from_der(signature).ok()?;
            key.verify_prehash(digest, &signature).ok()
        }
        Curve::P384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
            let signature = p384::ecdsa::Signature::from_der(signature).ok()?;
            key.verify_prehash(digest, &signature).ok()
        }
        Curve::P521 => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
            let signature = p521::ecdsa::Signature::from_der(signature).ok()?;
            // The crate refuses digests of less than half the curve's length; as a number, which is
            // what ECDSA makes of it, a digest with zeros in front is the same.
            let mut number = vec![0; P521_BYTES.checked_sub(digest.len())?];
            number.extend(digest);
            key.verify_prehash(&number, &signature).ok()
        }
    }
}

/// The length of a coordinate.
const P521_BYTES: usize = 66;

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::hazmat::{PrehashSigner as _, RandomizedPrehashSigner as _};
    use p521::elliptic_curve::rand_core::{CryptoRng, Error, RngCore, impls};

    use super::*;
    use DigestAlgorithm::{Sha256, Sha384, Sha512};

    /// A point, and a signature over a digest, of a key that is the same in every run.
    fn signed(curve: Curve, digest: &[u8]) -> (Vec<u8>, Vec<u8>) {
        match curve {
            Curve::P256 => {
                let key = p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
                let signature: p256::ecdsa::Signature = key.sign_prehash(digest).unwrap();
                let point = key.verifying_key().to_encoded_point(false);
                (point.as_bytes().to_vec(), signature.to_der().as_bytes().to_vec())
            }
            Curve::P384 => {
                let key = p384::ecdsa::SigningKey::from_slice(&[1; 48]).unwrap();
                let signature: p384::ecdsa::Signature = key.sign_prehash(digest).unwrap();
                let point = key.verifying_key().to_encoded_point(false);
                (point.as_bytes().to_vec(), signature.to_der().as_bytes().to_vec())
            }
            Curve::P521 => {
                let key = p521::ecdsa::SigningKey::from_slice(&[1; 66]).unwrap();
                let number = [vec![0; P521_BYTES - digest.len()], digest.to_vec()].concat();
                let signature = key.sign_prehash_with_rng(&mut Counting(0), &number);
                let signature: p521::ecdsa::Signature = signature.unwrap();
                let point = p521::ecdsa::VerifyingKey::from(&key).to_encoded_point(false);
                (point.as_bytes().to_vec(), signature.to_der().as_bytes().to_vec())
            }
        }
    }

    /// Chance that is none.
    struct Counting(u64);

    impl RngCore for Counting {
        fn next_u32(&mut self) -> u32 {
            u32::try_from(self.next_u64()).unwrap()
        }

        fn next_u64(&mut self) -> u64 {
            self.0 += 1;
            self.0
        }

        fn fill_bytes(&mut self, to: &mut [u8]) {
            impls::fill_bytes_via_next(self, to);
        }

        fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Error> {
            self.fill_bytes(to);
            Ok(())
        }
    }

    impl CryptoRng for Counting {}

    #[test]
    fn a_compressed_point_is_the_same_point() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
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
        ] {
            let (key, signature) = signed(curve, &digest.digest(&[b"message"]));
            assert!(holds(curve, digest, &key, b"message", &signature), "{curve:?} {digest}");
            assert!(!holds(curve, digest, &key, b"massage", &signature));
            for other in [Sha256, Sha384, Sha512].into_iter().filter(|other| *other != digest) {
                assert!(!holds(curve, other, &key, b"message", &signature));
            }
            for other in [Curve::P256, Curve::P384, Curve::P521] {
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
