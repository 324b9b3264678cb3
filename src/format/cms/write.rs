//! Assembles a `SignedData`.

use super::oid;
use crate::base::digest::Digest;
use crate::crypto::signer::Signature;
use crate::format::der::{self, element, sequence, set_of};
use crate::format::x509::Certificate;

/// The attributes that are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAttributes(Vec<u8>);

impl SignedAttributes {
    /// Binds the content's digest and the signer's certificate. There is no signing time: PAdES
    /// keeps it in the signature dictionary (ETSI EN 319 142-1, 6.3).
    pub fn new(content: &Digest, signer: &Certificate) -> Self {
        let attribute = |name: &[u8], value: &[u8]| {
            sequence(&[&element(der::OID, name), &element(der::SET, value)])
        };
        // The digest algorithm is the default, SHA-256, and therefore left out (RFC 5035).
        let certificate_hash = element(der::OCTETS, signer.fingerprint().as_bytes());
        let directory_name = element(0xA4, signer.issuer().der());
        let issuer_serial = sequence(&[
            &element(der::SEQUENCE, &directory_name),
            &element(der::INTEGER, signer.serial()),
        ]);
        let binding = sequence(&[&sequence(&[&sequence(&[&certificate_hash, &issuer_serial])])]);
        Self(set_of(vec![
            attribute(oid::CONTENT_TYPE, &element(der::OID, oid::DATA)),
            attribute(oid::MESSAGE_DIGEST, &element(der::OCTETS, content.as_bytes())),
            attribute(oid::SIGNING_CERTIFICATE_V2, &binding),
        ]))
    }

    /// The bytes to sign: the DER `SET OF`.
    pub fn to_sign(&self) -> &[u8] {
        &self.0
    }
}

/// The whole `ContentInfo`: `signer` first, then `chain` without the root.
pub fn assemble(
    attributes: &SignedAttributes,
    signature: Signature,
    signer: &Certificate,
    chain: &[Certificate],
) -> Vec<u8> {
    let sha256 = sequence(&[&element(der::OID, oid::SHA256)]);
    let ecdsa = sequence(&[&element(der::OID, oid::ECDSA_SHA256)]);
    let sid = sequence(&[signer.issuer().der(), &element(der::INTEGER, signer.serial())]);
    let mut implicit = attributes.0.clone();
    if let Some(tag) = implicit.first_mut() {
        *tag = der::CONTEXT_0;
    }
    let version = element(der::INTEGER, &[1]);
    let signature = element(der::OCTETS, &signature.to_der());
    let signer_info = sequence(&[&version, &sid, &sha256, &implicit, &ecdsa, &signature]);
    let mut certificates = vec![signer.der().to_vec()];
    certificates.extend(chain.iter().map(|certificate| certificate.der().to_vec()));
    certificates.sort();
    let signed_data = sequence(&[
        &version,
        &element(der::SET, &sha256),
        &sequence(&[&element(der::OID, oid::DATA)]),
        &element(der::CONTEXT_0, &certificates.concat()),
        &element(der::SET, &signer_info),
    ]);
    sequence(&[&element(der::OID, oid::SIGNED_DATA), &element(der::CONTEXT_0, &signed_data)])
}

/// The level that a signature will reach (ETSI EN 319 142-1, 6.3). The hole gets its size before
/// anything is signed, and cannot grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// B-B: the signature alone.
    B,
    /// B-T: a time stamp over the signature too. Archive material is added in later revisions and
    /// needs no room in the hole.
    T,
}

/// An upper bound of the size of the result of [`assemble`], known before anything is signed.
pub fn size_bound(signer: &Certificate, chain: &[Certificate], level: Level) -> usize {
    let stamp = match level {
        Level::B => 0,
        // Tokens with their chain have 4 to 7 KB.
        Level::T => 8192,
    };
    let certificates = chain
        .iter()
        .fold(signer.der().len(), |sum, certificate| sum.saturating_add(certificate.der().len()));
    // The issuer's name occurs twice; attributes, identifiers, lengths and the signature of at most
    // 72 bytes take less than 450.
    let names = signer.issuer().der().len().saturating_mul(2);
    certificates.saturating_add(names).saturating_add(500).saturating_add(stamp)
}
