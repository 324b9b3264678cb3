//! Key usage and extended key usage (RFC 5280, 4.2.1.3 and 4.2.1.12).

use x509_parser::prelude::FromDer as _;

use super::error::BadCertificate;

/// The bits of the key usage extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// The first bit of the BIT STRING is the lowest.
    pub(super) fn of_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// digitalSignature.
    pub fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    /// nonRepudiation (contentCommitment).
    pub fn non_repudiation(self) -> bool {
        self.0 & 2 != 0
    }

    /// keyCertSign.
    pub fn key_cert_sign(self) -> bool {
        self.0 & (1 << 5) != 0
    }

    /// cRLSign.
    pub fn crl_sign(self) -> bool {
        self.0 & (1 << 6) != 0
    }
}

/// The purposes of an extended key usage extension, as identifiers in dots.
pub(super) fn purposes(value: &[u8]) -> Result<Vec<String>, BadCertificate> {
    use x509_parser::der_parser::asn1_rs::{Oid, SequenceOf};
    let bad = BadCertificate("a malformed extended key usage");
    let (rest, oids) = SequenceOf::<Oid<'_>>::from_der(value).map_err(|_| bad.clone())?;
    if !rest.is_empty() {
        return Err(bad);
    }
    Ok(oids.iter().map(Oid::to_id_string).collect())
}

/// id-kp-timeStamping.
pub(super) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
/// id-kp-OCSPSigning.
pub(super) const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
