//! RSASSA-PSS (RFC 8017, 8.1.2 and 9.1.2) for salts that are not as long as the digest, which ring
//! does not check and pyHanko and others write by default.
//!
//! Only public numbers are used, so time may depend on them. ring verifies salts as long as the
//! digest.

use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Encode as _, Sequence, Tag, Tagged as _};
use num_bigint::BigUint;

use super::digest::{DigestAlgorithm, sha1_identifier};

/// `RSAPublicKey` (RFC 8017, A.1.1).
#[derive(Sequence)]
struct Rsa<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// The digest of the mask generation function.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mask {
    /// The digest of the message, as RFC 8017 recommends.
    Same,
    /// SHA-1, the default of RFC 4055.
    Sha1,
}

/// The key with a zero before its modulus, which keeps it from being negative; `None` when it has
/// one, or is not an `RSAPublicKey` that lacks it.
pub(super) fn with_positive_modulus(key: &[u8]) -> Option<Vec<u8>> {
    let fields: [AnyRef<'_>; 2] = <[AnyRef<'_>; 2]>::from_der(key).ok()?;
    let [modulus, exponent] = fields;
    let is_negative = modulus.tag() == Tag::Integer && modulus.value().first()? & 0x80 != 0;
    let modulus = UintRef::new(modulus.value()).ok().filter(|_| is_negative)?;
    let exponent = exponent.decode_as::<UintRef<'_>>().ok()?;
    Rsa { modulus, exponent }.to_der().ok()
}

/// Whether the signature holds. `key` is the PKCS#1 `RSAPublicKey`.
pub(super) fn holds(
    digest: DigestAlgorithm,
    mask: Mask,
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
    // The encoded message has one bit less than the modulus.
    let encoding_bits = bits - 1;
    if encoded.bits() > encoding_bits {
        return false;
    }
    let Ok(length) = usize::try_from(encoding_bits.div_ceil(8)) else { return false };
    let bytes = encoded.to_bytes_be();
    let mut encoding = vec![0; length.saturating_sub(bytes.len())];
    encoding.extend(bytes);
    // The bits of the first byte that are beyond the encoded message must be zero.
    let first = match encoding_bits % 8 {
        0 => 0xFF,
        used => 0xFF_u8 >> (8 - used),
    };
    encodes((digest, mask), salt_length, &encoding, first, message).is_some()
}

/// EMSA-PSS-VERIFY; `first` masks the bits of the first byte that belong to the encoding.
fn encodes(
    (digest, mask): (DigestAlgorithm, Mask),
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
        .zip(mgf1(digest, mask, hash, masked.len()))
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
fn mgf1(digest: DigestAlgorithm, mask: Mask, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|counter| match mask {
        Mask::Same => digest.digest(&[seed, &counter.to_be_bytes()]),
        Mask::Sha1 => sha1_identifier(&[seed, &counter.to_be_bytes()].concat()),
    });
    blocks.flatten().take(length).collect()
}

/// The limit of ring, which bounds the work; real exponents have 17 bits.
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
            holds(digest, Mask::Same, salt, KEY, message, signature)
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
        // The signature plus the modulus, and one of another length.
        let key = Rsa::from_der(KEY).unwrap();
        let sum =
            BigUint::from_bytes_be(SIGNATURE) + BigUint::from_bytes_be(key.modulus.as_bytes());
        assert!(!check(sha256, 20, b"message", &sum.to_bytes_be()));
        assert!(!check(sha256, 20, b"message", &[&[0][..], SIGNATURE].concat()));
        assert!(!check(sha256, 20, b"message", &[]));
    }

    #[test]
    fn a_modulus_without_its_zero_is_the_same_number() {
        // SEQUENCE with a header of four bytes; INTEGER of 257 bytes, the first a zero.
        assert_eq!(KEY[..9], [0x30, 0x82, 1, 10, 2, 0x82, 1, 1, 0]);
        let short = [&[0x30, 0x82, 1, 9, 2, 0x82, 1, 0], &KEY[9..]].concat();
        assert_eq!(with_positive_modulus(&short).as_deref(), Some(KEY));
        assert_eq!(with_positive_modulus(KEY), None);
        assert_eq!(with_positive_modulus(&short[..40]), None);
        assert_eq!(with_positive_modulus(&[short, vec![0]].concat()), None);
    }

    #[test]
    fn keys_that_make_the_mathematics_void_are_refused() {
        let with = |modulus: &[u8], exponent: &[u8]| {
            let integers: [UintRef<'_>; 2] = [modulus, exponent].map(|n| UintRef::new(n).unwrap());
            let [modulus, exponent] = integers;
            let key = Rsa { modulus, exponent }.to_der().unwrap();
            holds(DigestAlgorithm::Sha256, Mask::Same, 20, &key, b"message", SIGNATURE)
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
        assert!(!holds(DigestAlgorithm::Sha256, Mask::Same, 20, b"", b"message", SIGNATURE));
        assert!(!holds(DigestAlgorithm::Sha256, Mask::Sha1, 20, KEY, b"message", SIGNATURE));
    }
}
