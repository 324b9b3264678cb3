//! Messages for the tests: valid unless a test changes a part before it is signed.

use super::oid;
use crate::base::digest::Digest;
use crate::base::secret::Secret;
use crate::crypto::signer::Signer as _;
use crate::crypto::software::SoftwareKey;
use crate::format::der::{self, element, sequence};
use crate::format::x509::Certificate;

pub(crate) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
pub(crate) const SHA1: &[u8] = &[0x2B, 0x0E, 3, 2, 26];

/// Every part of a message, as DER.
pub(crate) struct MessageParts {
    pub(crate) outer_type: Vec<u8>,
    pub(crate) version: u8,
    pub(crate) announced: Vec<Vec<u8>>,
    pub(crate) content_type: Vec<u8>,
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) revocation: Vec<Vec<u8>>,
    pub(crate) signers: usize,
    pub(crate) signer_version: u8,
    pub(crate) signer_id: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    pub(crate) scheme: Vec<u8>,
    /// `None`: the signature is over `direct`.
    pub(crate) signed: Option<Vec<Vec<u8>>>,
    pub(crate) direct: Vec<u8>,
    pub(crate) unsigned: Vec<Vec<u8>>,
    pub(crate) sorted: bool,
}

pub(crate) fn certificate() -> Certificate {
    Certificate::from_pem(include_str!("testdata-signer.pem")).unwrap().remove(0)
}

pub(crate) fn attribute(name: &[u8], values: &[&[u8]]) -> Vec<u8> {
    sequence(&[&element(der::OID, name), &element(der::SET, &values.concat())])
}

pub(crate) fn identifier(name: &[u8]) -> Vec<u8> {
    sequence(&[&element(der::OID, name)])
}

pub(crate) fn issuer_serial(certificate: &Certificate) -> Vec<u8> {
    let names = element(der::SEQUENCE, &element(0xA4, certificate.issuer().der()));
    sequence(&[&names, &element(der::INTEGER, certificate.serial())])
}

/// The value of signing-certificate-v2 with SHA-256.
pub(crate) fn binding(digest: &[u8], issuer_serial: &[u8]) -> Vec<u8> {
    let id = sequence(&[&element(der::OCTETS, digest), issuer_serial]);
    sequence(&[&sequence(&[&id])])
}

/// A detached message over the content, changed by `change`, and signed with the test key.
pub(crate) fn message(content: &[u8], change: impl FnOnce(&mut MessageParts)) -> Vec<u8> {
    let signer = certificate();
    let digest = Digest::of(&[content]);
    let bound = binding(signer.fingerprint().as_bytes(), &issuer_serial(&signer));
    let mut parts = MessageParts {
        outer_type: oid::SIGNED_DATA.to_vec(),
        version: 1,
        announced: vec![identifier(oid::SHA256)],
        content_type: oid::DATA.to_vec(),
        content: None,
        certificates: vec![signer.der().to_vec()],
        revocation: Vec::new(),
        signers: 1,
        signer_version: 1,
        signer_id: sequence(&[signer.issuer().der(), &element(der::INTEGER, signer.serial())]),
        digest: identifier(oid::SHA256),
        scheme: identifier(oid::ECDSA_SHA256),
        signed: Some(vec![
            attribute(oid::CONTENT_TYPE, &[&element(der::OID, oid::DATA)]),
            attribute(oid::MESSAGE_DIGEST, &[&element(der::OCTETS, digest.as_bytes())]),
            attribute(oid::SIGNING_CERTIFICATE_V2, &[&bound]),
        ]),
        direct: content.to_vec(),
        unsigned: Vec::new(),
        sorted: true,
    };
    change(&mut parts);
    parts.sign()
}

/// Like [`message`], with the content inside, as in time-stamp tokens.
pub(crate) fn enclosing(
    content_type: &[u8],
    content: &[u8],
    change: impl FnOnce(&mut MessageParts),
) -> Vec<u8> {
    message(content, |parts| {
        parts.version = 3;
        parts.content_type = content_type.to_vec();
        parts.content = Some(content.to_vec());
        let typed = attribute(oid::CONTENT_TYPE, &[&element(der::OID, content_type)]);
        parts.replace(oid::CONTENT_TYPE, Some(typed));
        change(parts);
    })
}

/// The bytes of the issuer's name in the `SignerIdentifier` of a [`message`]. They are not signed,
/// and other spellings are the same name.
pub(crate) fn signer_name(message: &[u8]) -> std::ops::Range<usize> {
    let signer = certificate();
    let name = signer.issuer().der();
    let id = sequence(&[name, &element(der::INTEGER, signer.serial())]);
    let at = message.windows(id.len()).position(|window| window == id).unwrap();
    let within = id.windows(name.len()).position(|window| window == name).unwrap();
    let start = at.checked_add(within).unwrap();
    start..start.checked_add(name.len()).unwrap()
}

impl MessageParts {
    /// Replaces the named signed attribute, or removes it.
    pub(crate) fn replace(&mut self, name: &[u8], by: Option<Vec<u8>>) {
        let signed = self.signed.get_or_insert_default();
        signed.retain(|attribute| {
            let mut inside = der::Reader::new(attribute).any().unwrap().inside();
            inside.any().unwrap().content != name
        });
        signed.extend(by);
    }

    fn sign(mut self) -> Vec<u8> {
        if let Some(signed) = self.signed.as_mut().filter(|_| self.sorted) {
            signed.sort();
        }
        let set = self.signed.as_ref().map(|signed| signed.concat());
        let to_sign = set.as_ref().map_or(self.direct, |set| element(der::SET, set));
        let signature = key().sign(&to_sign).unwrap().to_der();
        let unsigned = self.unsigned.concat();
        let signer = sequence(&[
            &element(der::INTEGER, &[self.signer_version]),
            &self.signer_id,
            &self.digest,
            &set.map(|set| element(der::CONTEXT_0, &set)).unwrap_or_default(),
            &self.scheme,
            &element(der::OCTETS, &signature),
            &if unsigned.is_empty() { Vec::new() } else { element(der::CONTEXT_1, &unsigned) },
        ]);
        let content =
            self.content.map(|content| element(der::CONTEXT_0, &element(der::OCTETS, &content)));
        let revocation = self.revocation.concat();
        let data = sequence(&[
            &element(der::INTEGER, &[self.version]),
            &element(der::SET, &self.announced.concat()),
            &sequence(&[&element(der::OID, &self.content_type), &content.unwrap_or_default()]),
            &element(der::CONTEXT_0, &self.certificates.concat()),
            &if revocation.is_empty() { Vec::new() } else { element(der::CONTEXT_1, &revocation) },
            &element(der::SET, &signer.repeat(self.signers)),
        ]);
        sequence(&[&element(der::OID, &self.outer_type), &element(der::CONTEXT_0, &data)])
    }
}

fn key() -> SoftwareKey {
    let (_, key) =
        pkcs8::SecretDocument::from_pem(include_str!("testdata-signer.key.pem")).unwrap();
    SoftwareKey::from_pkcs8(&Secret::new(key.as_bytes().to_vec())).unwrap()
}
