//! Algorithm identifiers and public keys (RFC 3279, 4055, 5480, 8410), mapped to the closed list of
//! supported algorithms.

mod names;

use std::fmt;

use x509_parser::x509::SubjectPublicKeyInfo;

use self::names::{
    BRAINPOOL_P256R1, BRAINPOOL_P384R1, EC_PUBLIC_KEY, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512,
    ED25519, MGF1, NAMES, P256, P384, P521, RSA, RSA_PSS, RSA_SHA256, RSA_SHA384, RSA_SHA512, SHA1,
    SHA256, SHA384, SHA512,
};
use crate::crypto::algorithm::{Algorithm, KeyKind, PublicKey};
use crate::crypto::curves::Curve;
use crate::crypto::digest::DigestAlgorithm;
use crate::format::der::{self, BadDer, Element, Reader};

/// An unsupported algorithm: its name when it is a known one, else its identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}")]
pub struct Unsupported {
    name: String,
    broken: bool,
}

impl Unsupported {
    /// The algorithm of this identifier.
    pub fn identifier(content: &[u8]) -> Self {
        let dots = der::dotted(content);
        match NAMES.iter().find(|(known, ..)| *known == dots) {
            Some((_, name, broken)) => Self { name: format!("{name} ({dots})"), broken: *broken },
            None => Self::form(&dots),
        }
    }

    /// An unsupported form of a known algorithm.
    pub fn form(name: &str) -> Self {
        Self { name: name.to_owned(), broken: false }
    }

    /// An algorithm that is broken, or whose key is too short.
    fn broken(name: String) -> Self {
        Self { name, broken: true }
    }

    /// Whether it is broken, rather than unknown here.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }
}

/// Parses the identifier of a digest; parameters are absent or NULL (RFC 5754, 2).
pub fn digest_algorithm(identifier: Element<'_>) -> Result<DigestAlgorithm, Unsupported> {
    let (name, parameters) = parts(identifier)?;
    let digest = match name {
        SHA256 => DigestAlgorithm::Sha256,
        SHA384 => DigestAlgorithm::Sha384,
        SHA512 => DigestAlgorithm::Sha512,
        other => return Err(Unsupported::identifier(other)),
    };
    null_or_none(parameters).then_some(digest).ok_or_else(malformed)
}

/// The key in a `SubjectPublicKeyInfo`, when it is of a supported kind.
pub(super) fn public_key_of(info: &SubjectPublicKeyInfo<'_>) -> Result<PublicKey, Unsupported> {
    let mut bytes = Reader::new(info.raw);
    let mut inside = bytes.expect(der::SEQUENCE)?.inside();
    let (name, parameters) = parts(inside.expect(der::SEQUENCE)?)?;
    let bits = inside.expect(der::BIT_STRING)?.octet_bits()?;
    inside.finish()?;
    let key = |kind| PublicKey::new(kind, bits.to_vec()).ok_or_else(malformed);
    match name {
        EC_PUBLIC_KEY => match parameters {
            Some(curve) if curve.tag == der::OID => match curve.content {
                P256 => key(KeyKind::Ec(Curve::P256)),
                P384 => key(KeyKind::Ec(Curve::P384)),
                P521 => key(KeyKind::Ec(Curve::P521)),
                BRAINPOOL_P256R1 => key(KeyKind::Ec(Curve::BrainpoolP256r1)),
                BRAINPOOL_P384R1 => key(KeyKind::Ec(Curve::BrainpoolP384r1)),
                other => Err(Unsupported::identifier(other)),
            },
            _ => Err(Unsupported::form("ECDSA on a curve without a name")),
        },
        ED25519 if parameters.is_none() => key(KeyKind::Ed25519),
        RSA if null_or_none(parameters) => {
            rsa_size(bits)?;
            key(KeyKind::Rsa)
        }
        RSA_PSS => {
            rsa_size(bits)?;
            // The salt's length is a lower bound here (RFC 4055, 1.2). It protects the signer; a
            // verifier needs the digest.
            let parameters = parameters.map(pss).transpose()?;
            Ok(key(KeyKind::Rsa)?.for_pss_only(parameters.map(|known| known.digest)))
        }
        other => Err(Unsupported::identifier(other)),
    }
}

/// A signature algorithm by its identifier. For ECDSA the curve is the key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ecdsa-with-SHA256 and its like.
    Ecdsa(DigestAlgorithm),
    /// Ed25519.
    Ed25519,
    /// RSA in one of its forms.
    Rsa(Algorithm),
}

impl Scheme {
    /// The scheme of an `AlgorithmIdentifier`.
    pub fn from_identifier(identifier: Element<'_>) -> Result<Self, Unsupported> {
        let (name, parameters) = parts(identifier)?;
        Self::from_parts(name, parameters)
    }

    /// The scheme of a CMS signer, where `rsaEncryption` means PKCS#1 v1.5 with the digest named
    /// beside it (RFC 5754, 3.2).
    pub fn of_signer(
        identifier: Element<'_>,
        digest: DigestAlgorithm,
    ) -> Result<Self, Unsupported> {
        let (name, parameters) = parts(identifier)?;
        if name == RSA && null_or_none(parameters) {
            return Ok(Self::Rsa(pkcs1(digest)));
        }
        Self::from_parts(name, parameters)
    }

    fn from_parts(name: &[u8], parameters: Option<Element<'_>>) -> Result<Self, Unsupported> {
        // RFC 5758, 3.2 has no parameters with ECDSA; widespread libraries write NULL.
        let ecdsa =
            |digest| null_or_none(parameters).then_some(Self::Ecdsa(digest)).ok_or_else(malformed);
        let rsa = |digest| {
            null_or_none(parameters).then_some(Self::Rsa(pkcs1(digest))).ok_or_else(malformed)
        };
        match name {
            ECDSA_SHA256 => ecdsa(DigestAlgorithm::Sha256),
            ECDSA_SHA384 => ecdsa(DigestAlgorithm::Sha384),
            ECDSA_SHA512 => ecdsa(DigestAlgorithm::Sha512),
            ED25519 if parameters.is_none() => Ok(Self::Ed25519),
            ED25519 => Err(malformed()),
            RSA_SHA256 => rsa(DigestAlgorithm::Sha256),
            RSA_SHA384 => rsa(DigestAlgorithm::Sha384),
            RSA_SHA512 => rsa(DigestAlgorithm::Sha512),
            RSA_PSS => {
                let content = parameters.ok_or_else(|| Unsupported::broken(PSS_SHA1.to_owned()))?;
                let Pss { digest, mask_sha1, salt } = pss(content)?;
                Ok(Self::Rsa(match (digest, salt) {
                    _ if mask_sha1 => Algorithm::RsaPssMaskSha1(digest, salt),
                    (DigestAlgorithm::Sha256, 32) => Algorithm::RsaPssSha256,
                    (DigestAlgorithm::Sha384, 48) => Algorithm::RsaPssSha384,
                    (DigestAlgorithm::Sha512, 64) => Algorithm::RsaPssSha512,
                    (digest, salt) => Algorithm::RsaPssSalted(digest, salt),
                }))
            }
            other => Err(Unsupported::identifier(other)),
        }
    }

    /// The digest that is signed.
    pub const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::Ecdsa(digest) => digest,
            Self::Ed25519 => DigestAlgorithm::Sha512,
            Self::Rsa(algorithm) => algorithm.digest(),
        }
    }

    /// The algorithm with a key of this kind.
    pub fn with(self, kind: KeyKind) -> Option<Algorithm> {
        match (self, kind) {
            (Self::Ecdsa(digest), KeyKind::Ec(curve)) => Some(Algorithm::Ecdsa(curve, digest)),
            (Self::Ed25519, KeyKind::Ed25519) => Some(Algorithm::Ed25519),
            (Self::Rsa(algorithm), KeyKind::Rsa) => Some(algorithm),
            _ => None,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(digest) => write!(f, "ECDSA {digest}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Rsa(algorithm) => algorithm.fmt(f),
        }
    }
}

impl From<BadDer> for Unsupported {
    fn from(_: BadDer) -> Self {
        malformed()
    }
}

fn pkcs1(digest: DigestAlgorithm) -> Algorithm {
    match digest {
        DigestAlgorithm::Sha256 => Algorithm::RsaPkcs1Sha256,
        DigestAlgorithm::Sha384 => Algorithm::RsaPkcs1Sha384,
        DigestAlgorithm::Sha512 => Algorithm::RsaPkcs1Sha512,
    }
}

/// Content of RSASSA-PSS-params.
struct Pss {
    digest: DigestAlgorithm,
    mask_sha1: bool,
    salt: u16,
}

/// RSASSA-PSS-params (RFC 4055, 3.1): one digest throughout, or SHA-1 in the mask, the default;
/// trailer 1, and a salt of any length: producers write 20, the digest's length, or the maximum for
/// the key. An absent digest means SHA-1 and is refused.
fn pss(parameters: Element<'_>) -> Result<Pss, Unsupported> {
    if parameters.tag != der::SEQUENCE {
        return Err(malformed());
    }
    let mut fields = parameters.inside();
    let sha1 = || Unsupported::broken(PSS_SHA1.to_owned());
    let hash = fields.optional(der::CONTEXT_0)?.ok_or_else(sha1)?;
    let mask = fields.optional(der::CONTEXT_1)?;
    let salt = fields.optional(der::CONTEXT_2)?;
    let trailer = fields.optional(TRAILER)?;
    fields.finish()?;
    let digest = digest_algorithm(hash.only()?)?;
    let mask_sha1 = match mask {
        None => true,
        Some(mask) => {
            let (function, inner) = parts(mask.only()?)?;
            let inner = inner.ok_or_else(malformed)?;
            let is_sha1 = matches!(parts(inner)?, (SHA1, none) if null_or_none(none));
            if function != MGF1 || !(is_sha1 || digest_algorithm(inner)? == digest) {
                return Err(Unsupported::form("RSA-PSS with another digest in its mask"));
            }
            is_sha1
        }
    };
    let salt = match salt {
        Some(salt) => expect_integer(salt)?,
        None => 20,
    };
    let salt = u16::try_from(salt).map_err(|_| malformed())?;
    match trailer.map(expect_integer).transpose()? {
        None | Some(1) => Ok(Pss { digest, mask_sha1, salt }),
        Some(_) => Err(Unsupported::form("RSA-PSS with another trailer")),
    }
}

fn expect_integer(wrapper: Element<'_>) -> Result<u64, BadDer> {
    let number = wrapper.only()?;
    if number.tag == der::INTEGER { number.unsigned() } else { Err(BadDer) }
}

/// Refuses keys that are too short to be secure or too long to check in reasonable time.
fn rsa_size(bits: &[u8]) -> Result<(), Unsupported> {
    let mut key = Reader::new(bits);
    let modulus = key.expect(der::SEQUENCE)?.inside().expect(der::INTEGER)?;
    key.finish()?;
    let digits = modulus.content.strip_prefix(&[0]).unwrap_or(modulus.content);
    let zeros = digits.first().map_or(0, |byte| byte.leading_zeros());
    let size = u32::try_from(digits.len()).unwrap_or(u32::MAX).saturating_mul(8);
    let size = size.saturating_sub(zeros);
    match size {
        2048..=8192 => Ok(()),
        short @ ..2048 => Err(Unsupported::broken(format!("RSA with {short} bits, too short"))),
        long => Err(Unsupported::form(&format!("RSA with {long} bits, too long"))),
    }
}

type IdentifierParts<'a> = (&'a [u8], Option<Element<'a>>);

/// Identifier and parameters of an `AlgorithmIdentifier`.
fn parts(identifier: Element<'_>) -> Result<IdentifierParts<'_>, BadDer> {
    if identifier.tag != der::SEQUENCE {
        return Err(BadDer);
    }
    let mut inside = identifier.inside();
    let name = inside.expect(der::OID)?.content;
    let parameters = if inside.peek().is_some() { Some(inside.any()?) } else { None };
    inside.finish()?;
    Ok((name, parameters))
}

fn null_or_none(parameters: Option<Element<'_>>) -> bool {
    parameters.is_none_or(|any| any.tag == der::NULL && any.content.is_empty())
}

fn malformed() -> Unsupported {
    Unsupported::form("with malformed parameters")
}

const PSS_SHA1: &str = "RSA-PSS with SHA-1";
const TRAILER: u8 = 0xA3;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    fn identifier(name: &[u8], parameters: &[u8]) -> Vec<u8> {
        sequence(&[&element(der::OID, name), parameters])
    }

    fn read(der: &[u8]) -> Result<Scheme, String> {
        let element = Reader::new(der).any().unwrap();
        Scheme::from_identifier(element).map_err(|error| error.to_string())
    }

    fn pss_of(hash: &[u8], mask: &[u8], salt: u8, trailer: &[u8]) -> Vec<u8> {
        let mask = identifier(MGF1, &identifier(mask, &[5, 0]));
        let parts: [&[u8]; 4] = [
            &element(0xA0, &identifier(hash, &[5, 0])),
            &element(0xA1, &mask),
            &element(0xA2, &element(der::INTEGER, &[salt])),
            trailer,
        ];
        identifier(RSA_PSS, &sequence(&parts))
    }

    #[test]
    fn parameters_of_pss_leave_no_choice() {
        let one = element(0xA3, &element(der::INTEGER, &[1]));
        let two = element(0xA3, &element(der::INTEGER, &[2]));
        let good = Ok(Scheme::Rsa(Algorithm::RsaPssSha256));
        assert_eq!(read(&pss_of(SHA256, SHA256, 32, &[])), good);
        assert_eq!(read(&pss_of(SHA256, SHA256, 32, &one)), good);
        let salted = Algorithm::RsaPssSalted(DigestAlgorithm::Sha256, 20);
        assert_eq!(read(&pss_of(SHA256, SHA256, 20, &[])), Ok(Scheme::Rsa(salted)));
        let old = Ok(Scheme::Rsa(Algorithm::RsaPssMaskSha1(DigestAlgorithm::Sha256, 32)));
        assert_eq!(read(&pss_of(SHA256, SHA1, 32, &[])), old);
        let hash = element(0xA0, &identifier(SHA256, &[5, 0]));
        let salt = element(0xA2, &element(der::INTEGER, &[32]));
        assert_eq!(read(&identifier(RSA_PSS, &sequence(&[&hash, &salt]))), old);
        for (bad, why) in [
            (pss_of(SHA256, SHA512, 32, &[]), "mask"),
            (pss_of(SHA256, SHA256, 32, &two), "trailer"),
            (pss_of(SHA256, SHA256, 32, &[5, 0]), "malformed"),
            (identifier(RSA_PSS, &sequence(&[])), "SHA-1"),
            (identifier(RSA_PSS, &[]), "SHA-1"),
            (identifier(RSA_PSS, &[5, 0]), "malformed"),
        ] {
            let error = read(&bad).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_refused_algorithm_is_called_by_its_name() {
        let sm2 = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x75];
        let ecdsa = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4];
        for (name, said) in [
            (sm2.to_vec(), "SM2 with SM3: not checked here (1.2.156.10197.1.501)"),
            ([&ecdsa[..], &[1]].concat(), "ECDSA with SHA-1 (1.2.840.10045.4.1)"),
            ([&ecdsa[..], &[3, 1]].concat(), "ECDSA with SHA-224 (1.2.840.10045.4.3.1)"),
            (vec![42, 3, 4], "1.2.3.4"),
        ] {
            assert_eq!(read(&identifier(&name, &[])).unwrap_err(), said);
        }
        assert_eq!(
            read(&identifier(ECDSA_SHA256, &[5, 0])),
            Ok(Scheme::Ecdsa(DigestAlgorithm::Sha256))
        );
        assert!(read(&identifier(ECDSA_SHA256, &[5, 1, 0])).is_err());
        assert!(read(&identifier(ECDSA_SHA256, &[4, 0])).is_err());
        assert!(read(&identifier(ED25519, &[5, 0])).is_err());
    }

    #[test]
    fn short_rsa_keys_are_refused() {
        let key = |bytes: usize| {
            let modulus = [&[0, 0x80][..], &vec![1; bytes - 1]].concat();
            let exponent = element(der::INTEGER, &[1, 0, 1]);
            rsa_size(&sequence(&[&element(der::INTEGER, &modulus), &exponent]))
        };
        assert_eq!(key(256), Ok(()));
        assert_eq!(key(1024), Ok(()));
        assert_eq!(key(128).unwrap_err().to_string(), "RSA with 1024 bits, too short");
        assert_eq!(key(1025).unwrap_err().to_string(), "RSA with 8200 bits, too long");
    }

    #[test]
    fn a_key_for_pss_takes_nothing_else() {
        let key = PublicKey::new(KeyKind::Rsa, vec![1]).unwrap();
        assert!(key.allows(Algorithm::RsaPkcs1Sha256));
        let key = key.for_pss_only(Some(DigestAlgorithm::Sha256));
        assert!(key.allows(Algorithm::RsaPssSha256));
        assert!(!key.allows(Algorithm::RsaPssSha512));
        assert!(!key.allows(Algorithm::RsaPkcs1Sha256));
    }
}
