//! The closed list of digests that a signature may use, and SHA-1 where it only identifies.

use std::fmt;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

/// A digest algorithm that a signer may use (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// The digest of the parts, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = Context::new(match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        });
        for part in parts {
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// SHA-1, which names a key or a certificate in old formats. It proves nothing: its user needs a
/// signature over the thing that it names.
pub fn sha1_identifier(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::digest::hex;

    #[test]
    fn fips_180_examples() {
        assert!(hex(&DigestAlgorithm::Sha256.digest(&[b"a", b"bc"])).starts_with("ba7816bf"));
        assert!(hex(&DigestAlgorithm::Sha384.digest(&[b"a", b"bc"])).starts_with("cb00753f"));
        assert!(hex(&DigestAlgorithm::Sha512.digest(&[b"a", b"bc"])).starts_with("ddaf35a1"));
        assert_eq!(hex(&sha1_identifier(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
