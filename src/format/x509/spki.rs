//! Algorithm identifiers and public keys (RFC 3279, 4055, 5480, 8410) as values of the closed list.

use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use der::Decode as _;

use crate::crypto::algorithm::{Algorithm, KeyKind, PublicKey};

/// The key inside a `SubjectPublicKeyInfo`, when it is of a kind that we check with.
pub(super) fn public_key_of(info: &SubjectPublicKeyInfo<'_>) -> Option<PublicKey> {
    let bits = info.subject_public_key.data.to_vec();
    let kind = match info.algorithm.algorithm.to_id_string().as_str() {
        EC_PUBLIC_KEY => {
            let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
            match curve.to_id_string().as_str() {
                "1.2.840.10045.3.1.7" => KeyKind::P256,
                "1.3.132.0.34" => KeyKind::P384,
                _ => return None,
            }
        }
        "1.3.101.112" => KeyKind::Ed25519,
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => KeyKind::Rsa,
        _ => return None,
    };
    PublicKey::new(kind, bits)
}

/// A signature algorithm as its identifier names it. For ECDSA the curve is the key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ecdsa-with-SHA256.
    EcdsaSha256,
    /// ecdsa-with-SHA384.
    EcdsaSha384,
    /// Ed25519.
    Ed25519,
    /// RSA in one of its forms.
    Rsa(Algorithm),
}

impl Scheme {
    /// The scheme of an identifier; `None` when it is not on our list.
    pub fn read(id: &AlgorithmIdentifier<'_>) -> Option<Self> {
        let parameters = id.parameters.as_ref();
        let raw = parameters.map(|any| (any.tag().0, any.data));
        Self::from_parts(&id.algorithm.to_id_string(), raw)
    }

    /// The same from the parts: the identifier in dots, tag number and content of the parameters.
    pub fn from_parts(oid: &str, parameters: Option<(u32, &[u8])>) -> Option<Self> {
        let null_or_none = parameters.is_none_or(|(tag, data)| tag == 5 && data.is_empty());
        let plain = |scheme| parameters.is_none().then_some(scheme);
        match oid {
            "1.2.840.10045.4.3.2" => plain(Self::EcdsaSha256),
            "1.2.840.10045.4.3.3" => plain(Self::EcdsaSha384),
            "1.3.101.112" => plain(Self::Ed25519),
            "1.2.840.113549.1.1.11" => null_or_none.then_some(Self::Rsa(Algorithm::RsaPkcs1Sha256)),
            "1.2.840.113549.1.1.12" => null_or_none.then_some(Self::Rsa(Algorithm::RsaPkcs1Sha384)),
            "1.2.840.113549.1.1.13" => null_or_none.then_some(Self::Rsa(Algorithm::RsaPkcs1Sha512)),
            "1.2.840.113549.1.1.10" => {
                let (tag, data) = parameters?;
                (tag == 16).then(|| pss(data)).flatten().map(Self::Rsa)
            }
            _ => None,
        }
    }

    /// The algorithm with a key of this kind.
    pub fn with(self, kind: KeyKind) -> Option<Algorithm> {
        match (self, kind) {
            (Self::EcdsaSha256, KeyKind::P256) => Some(Algorithm::EcdsaP256Sha256),
            (Self::EcdsaSha256, KeyKind::P384) => Some(Algorithm::EcdsaP384Sha256),
            (Self::EcdsaSha384, KeyKind::P256) => Some(Algorithm::EcdsaP256Sha384),
            (Self::EcdsaSha384, KeyKind::P384) => Some(Algorithm::EcdsaP384Sha384),
            (Self::Ed25519, KeyKind::Ed25519) => Some(Algorithm::Ed25519),
            (Self::Rsa(algorithm), KeyKind::Rsa) => Some(algorithm),
            _ => None,
        }
    }
}

/// RSASSA-PSS-params (RFC 4055, 3.1): one digest throughout, salt as long as the digest, as ring
/// checks it. The defaults mean SHA-1 and are refused.
fn pss(content: &[u8]) -> Option<Algorithm> {
    let mut reader = der::SliceReader::new(content).ok()?;
    let mut field = |wanted: u8| -> Option<Vec<u8>> {
        let any = der::asn1::AnyRef::decode(&mut reader).ok()?;
        (u8::from(der::Tagged::tag(&any)) == wanted).then(|| any.value().to_vec())
    };
    let (hash, mask, salt) = (field(0xA0)?, field(0xA1)?, field(0xA2)?);
    let (oid, algorithm, length) = [
        ("2.16.840.1.101.3.4.2.1", Algorithm::RsaPssSha256, 32),
        ("2.16.840.1.101.3.4.2.2", Algorithm::RsaPssSha384, 48),
        ("2.16.840.1.101.3.4.2.3", Algorithm::RsaPssSha512, 64),
    ]
    .into_iter()
    .find(|(oid, ..)| digest_identifier(&hash).as_deref() == Some(*oid))?;
    let mask = der::asn1::AnyRef::from_der(&mask).ok()?;
    let mut inner = der::SliceReader::new(mask.value()).ok()?;
    let function = der::asn1::ObjectIdentifier::decode(&mut inner).ok()?;
    let inner_hash = der::asn1::AnyRef::decode(&mut inner).ok()?;
    let inner_hash = der::Encode::to_der(&inner_hash).ok()?;
    let fits = function.to_string() == "1.2.840.113549.1.1.8"
        && digest_identifier(&inner_hash).as_deref() == Some(oid)
        && u8::from_der(&salt).ok() == Some(length);
    fits.then_some(algorithm)
}

/// The identifier inside an `AlgorithmIdentifier` of a digest, parameters absent or NULL.
fn digest_identifier(bytes: &[u8]) -> Option<String> {
    let sequence = der::asn1::AnyRef::from_der(bytes).ok()?;
    let mut reader = der::SliceReader::new(sequence.value()).ok()?;
    der::asn1::ObjectIdentifier::decode(&mut reader).ok().map(|oid| oid.to_string())
}

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
