//! A message of ours, and each of the traps.

use super::*;
use crate::base::digest::Digest;
use crate::crypto::signer::Signer as _;
use crate::crypto::software::SoftwareKey;
use crate::format::cms::{Level, SignedAttributes, assemble, size_bound};

const CERTIFICATE: &str = include_str!("testdata-signer.pem");
const KEY: &str = include_str!("testdata-signer.key.pem");

fn message(content: &[u8]) -> (Vec<u8>, Certificate) {
    let certificate = Certificate::from_pem(CERTIFICATE).unwrap().remove(0);
    let (_, key) = pkcs8::SecretDocument::from_pem(KEY).unwrap();
    let key = crate::base::secret::Secret::new(key.as_bytes().to_vec());
    let key = SoftwareKey::from_pkcs8(&key).unwrap();
    let attributes = SignedAttributes::new(&Digest::of(&[content]), &certificate);
    let signature = key.sign(attributes.to_sign()).unwrap();
    (assemble(&attributes, signature, &certificate, &[]), certificate)
}

fn parse(bytes: &[u8]) -> Result<SignedData, BadCms> {
    SignedData::parse(bytes, &mut Budget::default())
}

#[test]
fn what_we_write_we_accept() {
    let (mut bytes, certificate) = message(b"content");
    assert!(bytes.len() <= size_bound(&certificate, &[], Level::B));
    bytes.extend([0; 40]);
    let data = parse(&bytes).unwrap();
    assert_eq!(data.signer(), Some(&certificate));
    assert_eq!(data.message_digest(), Digest::of(&[b"content"]).as_bytes());
    let valid = data.verify(&certificate, &mut Budget::default()).unwrap();
    assert!(valid.is_bound());
}

#[test]
fn bytes_behind_the_message_are_seen() {
    let (mut bytes, _) = message(b"content");
    bytes.extend([0, 0, 1]);
    assert_eq!(parse(&bytes).unwrap_err(), BadCms::Padding);
}

#[test]
fn no_flipped_bit_verifies() {
    let (bytes, certificate) = message(b"content");
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            let holds = parse(&bad).ok().is_some_and(|data| {
                let right = data.message_digest() == Digest::of(&[b"content"]).as_bytes();
                let signer = data.signer().is_some_and(|signer| *signer == certificate);
                right && signer && data.verify(&certificate, &mut Budget::default()).is_ok()
            });
            // Version 3 of the outer message says nothing else than version 1.
            assert!(!holds || (at < 40 && bytes[at] == 1), "byte {at} bit {bit}");
        }
    }
}
