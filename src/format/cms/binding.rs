//! signing-certificate (RFC 2634, 5.4) and its second version (RFC 5035, 3): a signed reference to
//! the signer's certificate.

use super::{BadCms, Binding};
use crate::crypto::digest::{DigestAlgorithm, sha1_identifier};
use crate::format::der::{self, Element, Reader};
use crate::format::x509::{Certificate, DistinguishedName, digest_algorithm};

/// The `ESSCertID` or `ESSCertIDv2` of the signer's certificate.
#[derive(Clone, Debug)]
pub(super) struct CertificateId {
    /// `None` is SHA-1, of the first version.
    algorithm: Option<DigestAlgorithm>,
    hash: Vec<u8>,
    issuer_serial: Option<IssuerSerial>,
}

#[derive(Clone, Debug)]
struct IssuerSerial {
    issuer: DistinguishedName,
    serial: Vec<u8>,
}

impl CertificateId {
    /// The first `ESSCertID` of `SigningCertificate` is the signer's; the others name its path.
    pub(super) fn read_v1(value: Element<'_>) -> Result<Self, BadCms> {
        let mut parts = first(value)?;
        Self::read(None, &mut parts)
    }

    /// The first `ESSCertIDv2` of `SigningCertificateV2`.
    pub(super) fn read_v2(value: Element<'_>) -> Result<Self, BadCms> {
        let mut parts = first(value)?;
        let algorithm = match parts.optional(der::SEQUENCE)? {
            Some(identifier) => digest_algorithm(identifier)?,
            None => DigestAlgorithm::Sha256,
        };
        Self::read(Some(algorithm), &mut parts)
    }

    fn read(algorithm: Option<DigestAlgorithm>, parts: &mut Reader<'_>) -> Result<Self, BadCms> {
        let hash = parts.expect(der::OCTETS)?.content.to_vec();
        let issuer_serial = parts.optional(der::SEQUENCE)?.map(IssuerSerial::read).transpose()?;
        parts.finish()?;
        Ok(Self { algorithm, hash, issuer_serial })
    }

    /// Version of the attribute.
    pub(super) fn version(&self) -> Binding {
        if self.algorithm.is_some() { Binding::V2 } else { Binding::V1 }
    }

    /// Whether digest, issuer and serial number are those of the certificate.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        let hash = match self.algorithm {
            Some(algorithm) => algorithm.digest(&[certificate.der()]),
            None => sha1_identifier(certificate.der()),
        };
        let issuer = self.issuer_serial.as_ref().is_none_or(|known| {
            known.issuer == *certificate.issuer() && known.serial == certificate.serial()
        });
        hash == self.hash && issuer
    }
}

impl IssuerSerial {
    fn read(sequence: Element<'_>) -> Result<Self, BadCms> {
        let mut parts = sequence.inside();
        let names = parts.expect(der::SEQUENCE)?;
        let serial = parts.expect(der::INTEGER)?.content.to_vec();
        parts.finish()?;
        // RFC 5035, 5: the one name is the issuer's of the certificate.
        let issuer = names
            .only()
            .ok()
            .filter(|name| name.tag == DIRECTORY_NAME)
            .ok_or(BadCms::Rule("signing-certificate names the issuer in another way"))?;
        Ok(Self { issuer: DistinguishedName::new(issuer.only()?.raw), serial })
    }
}

/// Content of the first `ESSCertID`.
fn first(value: Element<'_>) -> Result<Reader<'_>, BadCms> {
    let mut parts = Reader::new(value.raw).expect(der::SEQUENCE)?.inside();
    let mut certificates = parts.expect(der::SEQUENCE)?.inside();
    parts.optional(der::SEQUENCE)?;
    parts.finish()?;
    Ok(certificates.expect(der::SEQUENCE)?.inside())
}

/// `[4]` of `GeneralName`.
const DIRECTORY_NAME: u8 = 0xA4;
