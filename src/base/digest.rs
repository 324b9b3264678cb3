//! SHA-256 digests (FIPS 180-4) as a type.

use std::fmt;

use ring::digest::{Context, SHA256};

/// A SHA-256 digest of 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of the parts, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Hasher::default();
        for part in parts {
            hasher.update(part);
        }
        hasher.finish()
    }

    /// A digest computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, either case.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            if pair.starts_with('+') {
                return None;
            }
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The digest as 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// Upper-case pairs with colons, as certificate viewers print fingerprints.
    pub fn to_fingerprint(self) -> String {
        let mut text = String::with_capacity(3 * self.0.len());
        for byte in self.0 {
            if !text.is_empty() {
                text.push(':');
            }
            text.extend([byte >> 4, byte & 15].map(|half| hex_digit(half).to_ascii_uppercase()));
        }
        text
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// SHA-256 state after the first bytes of a file. Hashing of the rest continues from it, so that
/// these bytes are hashed once.
#[derive(Clone, Debug)]
pub struct Midstate {
    hasher: Hasher,
    length: usize,
}

impl Midstate {
    /// The state after these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        Self { hasher, length: bytes.len() }
    }

    /// The digest of these bytes and the ones after them.
    pub fn then(&self, rest: &[u8]) -> Digest {
        let mut hasher = self.hasher.clone();
        hasher.update(rest);
        hasher.finish()
    }

    /// Number of bytes hashed.
    pub fn length(&self) -> usize {
        self.length
    }
}

/// SHA-256 over bytes that come in pieces. A clone is a midstate that can be continued.
#[derive(Clone)]
pub struct Hasher(Context);

impl Hasher {
    /// Hashes further bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes added.
    pub fn finish(self) -> Digest {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.finish().as_ref()) {
            *to = *from;
        }
        Digest(bytes)
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Lower-case hexadecimal digits, two for each byte.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        text.push(hex_digit(byte >> 4));
        text.push(hex_digit(byte & 15));
    }
    text
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fips_180_example_and_hex_round_trip() {
        let digest = Digest::of(&[b"a", b"bc"]);
        assert_eq!(
            digest.to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
        assert_eq!(Digest::from_hex(&"+1".repeat(32)), None);
        let begun = Midstate::of(b"ab");
        assert_eq!((begun.then(b"c"), begun.length()), (digest, 2));
        assert_eq!(begun.then(b"c"), digest, "it can be continued again");
        assert!(digest.to_fingerprint().starts_with("BA:78:16"));
    }
}
