//! The closed list of signature algorithms. SHA-1 and MD5 are not on it and never will be.

use std::fmt;

use super::curves::{self, Curve};
use super::digest::DigestAlgorithm;
use super::pss;

/// A signature algorithm together with its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on a curve, over a digest.
    Ecdsa(Curve, DigestAlgorithm),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits and more.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, salt of 32 bytes.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt of 48 bytes.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512, salt of 64 bytes.
    RsaPssSha512,
    /// RSASSA-PSS with one digest throughout, and a salt of this many bytes.
    RsaPssSalted(DigestAlgorithm, u16),
    /// RSASSA-PSS with SHA-1 in its mask (MGF1), the default of Java libraries, and a salt of this
    /// many bytes. The mask need not be collision-resistant: this is obsolete, not broken.
    RsaPssMaskSha1(DigestAlgorithm, u16),
}

impl Algorithm {
    /// JOSE's ES256, with which this program signs.
    pub const ES256: Self = Self::Ecdsa(Curve::P256, DigestAlgorithm::Sha256);

    /// The digest that is signed; Ed25519 has SHA-512 inside.
    pub const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 => DigestAlgorithm::Sha256,
            Self::RsaPkcs1Sha384 | Self::RsaPssSha384 => DigestAlgorithm::Sha384,
            Self::Ed25519 | Self::RsaPkcs1Sha512 | Self::RsaPssSha512 => DigestAlgorithm::Sha512,
            Self::Ecdsa(_, digest)
            | Self::RsaPssSalted(digest, _)
            | Self::RsaPssMaskSha1(digest, _) => digest,
        }
    }

    /// Whether a part of it is obsolete: weak without being broken.
    pub const fn is_old(self) -> bool {
        matches!(self, Self::RsaPssMaskSha1(..))
    }

    /// The kind of key that it needs.
    pub const fn kind(self) -> KeyKind {
        match self {
            Self::Ecdsa(curve, _) => KeyKind::Ec(curve),
            Self::Ed25519 => KeyKind::Ed25519,
            Self::RsaPkcs1Sha256
            | Self::RsaPkcs1Sha384
            | Self::RsaPkcs1Sha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512
            | Self::RsaPssSalted(..)
            | Self::RsaPssMaskSha1(..) => KeyKind::Rsa,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ecdsa(curve, digest) => return write!(f, "ECDSA {curve} {digest}"),
            Self::Ed25519 => "Ed25519",
            Self::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 SHA-256",
            Self::RsaPkcs1Sha384 => "RSA PKCS#1 v1.5 SHA-384",
            Self::RsaPkcs1Sha512 => "RSA PKCS#1 v1.5 SHA-512",
            Self::RsaPssSha256 => "RSA-PSS SHA-256",
            Self::RsaPssSha384 => "RSA-PSS SHA-384",
            Self::RsaPssSha512 => "RSA-PSS SHA-512",
            Self::RsaPssSalted(digest, salt) => {
                return write!(f, "RSA-PSS {digest}, salt of {salt} bytes");
            }
            Self::RsaPssMaskSha1(digest, salt) => {
                return write!(f, "RSA-PSS {digest}, MGF1 with SHA-1, salt of {salt} bytes");
            }
        })
    }
}

/// The kind of a public key, as in its `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// A point on a curve.
    Ec(Curve),
    /// An Ed25519 key.
    Ed25519,
    /// An RSA key.
    Rsa,
}

impl KeyKind {
    /// The cost of a check with such a key, in checks on P-256 of some 0.1 ms, rounded up so that
    /// all checks that a budget allows take at most half a second.
    pub const fn checks(self) -> usize {
        match self {
            Self::Ec(Curve::P256) | Self::Ed25519 | Self::Rsa => 1,
            Self::Ec(Curve::P384) => 2,
            Self::Ec(Curve::P521 | Curve::BrainpoolP256r1) => 3,
            Self::Ec(Curve::BrainpoolP384r1) => 6,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ec(curve) => return write!(f, "ECDSA {curve}"),
            Self::Ed25519 => "Ed25519",
            Self::Rsa => "RSA",
        })
    }
}

/// A public key of a supported kind. Two encodings of one key are equal.
#[derive(Clone, Debug)]
pub struct PublicKey {
    kind: KeyKind,
    bits: Vec<u8>,
    /// The canonical form for verification, when `bits` has another.
    form: Option<Vec<u8>>,
    pss: Option<PssOnly>,
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.form(), self.pss) == (other.kind, other.form(), other.pss)
    }
}

impl Eq for PublicKey {}

/// Restricts an RSA key to PSS (RFC 4055, 1.2), perhaps with one digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PssOnly(Option<DigestAlgorithm>);

impl PublicKey {
    /// `bits` is the content of the subjectPublicKey BIT STRING: the point, the 32 bytes of
    /// Ed25519, or PKCS#1 `RSAPublicKey`. A point may be compressed (SEC 1, 2.3.3), and the modulus
    /// may lack the zero that keeps a number from being negative: both are other encodings of the
    /// same key.
    pub fn new(kind: KeyKind, bits: Vec<u8>) -> Option<Self> {
        let form = match kind {
            KeyKind::Ec(curve) => match bits.first() {
                Some(4) if bits.len() == 1 + 2 * curve.coordinate_bytes() => None,
                Some(2 | 3) => Some(curves::decompressed(curve, &bits)?),
                _ => return None,
            },
            KeyKind::Ed25519 => (bits.len() == 32).then_some(None)?,
            KeyKind::Rsa => (!bits.is_empty()).then(|| pss::with_positive_modulus(&bits))?,
        };
        Some(Self { kind, bits, form, pss: None })
    }

    /// Restricts the key to RSASSA-PSS, and to this digest if there is one.
    #[must_use]
    pub fn for_pss_only(mut self, digest: Option<DigestAlgorithm>) -> Self {
        self.pss = Some(PssOnly(digest));
        self
    }

    /// Whether the key may check a signature of this algorithm.
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        let pss = matches!(
            algorithm,
            A::RsaPssSha256
                | A::RsaPssSha384
                | A::RsaPssSha512
                | A::RsaPssSalted(..)
                | A::RsaPssMaskSha1(..)
        );
        let restricted = self.pss.is_none_or(|PssOnly(digest)| {
            pss && digest.is_none_or(|digest| digest == algorithm.digest())
        });
        algorithm.kind() == self.kind && restricted
    }

    /// The kind of the key.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The content of the BIT STRING as received, which key identifiers are computed from.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// The canonical form for verification: an uncompressed point, a modulus that is not negative.
    pub(super) fn form(&self) -> &[u8] {
        self.form.as_deref().unwrap_or(&self.bits)
    }
}
