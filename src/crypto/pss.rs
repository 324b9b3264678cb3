//! RSASSA-PSS (RFC 8017, 8.1.2 and 9.1.2) for salts that are not as long as the digest, which ring
//! does not check and pyHanko and others write by default.
//!
//! Only public numbers are used, so time may depend on them. Salts as long as the digest are ring's.

use der::asn1::UintRef;
use der::{Decode as _, Sequence};
use num_bigint::BigUint;

use super::digest::DigestAlgorithm;

/// `RSAPublicKey` (RFC 8017, A.1.1).
#[derive(Sequence)]
struct Rsa<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// Whether the signature holds. `key` is the PKCS#1 `RSAPublicKey`.
pub(super) fn holds(
    digest: DigestAlgorithm,
    salt_length: usize,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Ok(key) = Rsa::from_der(key) else { return false };
    let modulus = BigUint::from_bytes_be(key.modulus.as_bytes());
    let exponent = BigUint::from_bytes_be(key.exponent.as_bytes());
    let bits = modulus.bits();
    let usable = (2048..=8192).contains(&bits)
        && modulus.bit(0)
        && exponent.bit(0)
        && (2..=MAX_EXPONENT_BITS).contains(&exponent.bits());
    let signed = BigUint::from_bytes_be(signature);
    if !usable || signed >= modulus || signature.len() != key.modulus.as_bytes().len() {
        return false;
    }
    let encoded = signed.modpow(&exponent, &modulus);
    // The encoding has one bit less than the modulus.
    let encoding_bits = bits - 1;
    if encoded.bits() > encoding_bits {
        return false;
    }
    let Ok(length) = usize::try_from(encoding_bits.div_ceil(8)) else { return false };
    let bytes = encoded.to_bytes_be();
    let mut encoding = vec![0; length.saturating_sub(bytes.len())];
    encoding.extend(bytes);
    // Of the first byte, what the encoding does not reach; the number is too small to have it.
    let first = match encoding_bits % 8 {
        0 => 0xFF,
        used => 0xFF_u8 >> (8 - used),
    };
    encodes(digest, salt_length, &encoding, first, message).is_some()
}

/// EMSA-PSS-VERIFY; `first` has the bits of the first byte that count.
fn encodes(
    digest: DigestAlgorithm,
    salt_length: usize,
    encoding: &[u8],
    first: u8,
    message: &[u8],
) -> Option<()> {
    let (trailer, encoding) = encoding.split_last()?;
    let hash_length = digest.digest(&[]).len();
    let (masked, hash) = encoding.split_at_checked(encoding.len().checked_sub(hash_length)?)?;
    let mut block: Vec<u8> = masked
        .iter()
        .zip(mask(digest, hash, masked.len()))
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    *block.first_mut()? &= first;
    let (padding, salt) = block.split_at_checked(block.len().checked_sub(salt_length)?)?;
    let (one, zeros) = padding.split_last()?;
    let padded = *trailer == 0xBC && *one == 1 && zeros.iter().all(|byte| *byte == 0);
    let expected = digest.digest(&[&[0; 8], &digest.digest(&[message]), salt]);
    (padded && expected == hash).then_some(())
}

/// MGF1 (RFC 8017, B.2.1).
fn mask(digest: DigestAlgorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|counter| digest.digest(&[seed, &counter.to_be_bytes()]));
    blocks.flatten().take(length).collect()
}

/// As many as ring allows: the work is bounded, and real ones have 17.
const MAX_EXPONENT_BITS: u64 = 33;

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature of openssl with a salt of 20 bytes and a modulus of 2048 bits.
    const KEY: &[u8] = include_bytes!("testdata-pss.key.der");
    const SIGNATURE: &[u8] = include_bytes!("testdata-pss.sig");

    #[test]
    fn a_signature_holds_for_its_message_digest_and_salt_alone() {
        let check = |digest, salt, message: &[u8], signature: &[u8]| {
            holds(digest, salt, KEY, message, signature)
        };
        let sha256 = DigestAlgorithm::Sha256;
        assert!(check(sha256, 20, b"message", SIGNATURE));
        assert!(!check(sha256, 20, b"massage", SIGNATURE));
        assert!(!check(DigestAlgorithm::Sha384, 20, b"message", SIGNATURE));
        for salt in [0, 19, 21, 222, 223, usize::MAX] {
            assert!(!check(sha256, salt, b"message", SIGNATURE), "{salt}");
        }
        for at in 0..SIGNATURE.len() {
            let mut bad = SIGNATURE.to_vec();
            bad[at] ^= 1;
            assert!(!check(sha256, 20, b"message", &bad), "{at}");
        }
        // The same number with the modulus added, and of another length.
        let key = Rsa::from_der(KEY).unwrap();
        let sum =
            BigUint::from_bytes_be(SIGNATURE) + BigUint::from_bytes_be(key.modulus.as_bytes());
        assert!(!check(sha256, 20, b"message", &sum.to_bytes_be()));
        assert!(!check(sha256, 20, b"message", &[&[0][..], SIGNATURE].concat()));
        assert!(!check(sha256, 20, b"message", &[]));
    }

    #[test]
    fn keys_that_make_the_mathematics_void_are_refused() {
        let with = |modulus: &[u8], exponent: &[u8]| {
            let integers: [UintRef<'_>; 2] = [modulus, exponent].map(|n| UintRef::new(n).unwrap());
            let [modulus, exponent] = integers;
            let key = der::Encode::to_der(&Rsa { modulus, exponent }).unwrap();
            holds(DigestAlgorithm::Sha256, 20, &key, b"message", SIGNATURE)
        };
        let modulus = Rsa::from_der(KEY).unwrap().modulus.as_bytes().to_vec();
        assert!(with(&modulus, &[1, 0, 1]));
        let mut even = modulus.clone();
        *even.last_mut().unwrap() &= 0xFE;
        assert!(!with(&even, &[1, 0, 1]));
        for exponent in [&[0][..], &[1], &[2], &[1, 0, 0], &[0xFF; 5]] {
            assert!(!with(&modulus, exponent), "{exponent:?}");
        }
        assert!(!with(&modulus[..128], &[1, 0, 1]));
        assert!(!holds(DigestAlgorithm::Sha256, 20, b"", b"message", SIGNATURE));
    }
}
