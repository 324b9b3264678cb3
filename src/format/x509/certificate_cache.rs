//! Cache of parsed certificates.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::certificate::Certificate;
use super::error::BadCertificate;
use crate::base::digest::Digest;

/// Caches certificates by the digest of their bytes: an issuer's certificate is in every file, and
/// parsing takes ten times as long as hashing.
///
/// Parsing depends on the bytes alone, so entries never become invalid. A refusal is not cached.
#[derive(Default)]
pub struct CertificateCache(Mutex<HashMap<Digest, Certificate>>);

impl CertificateCache {
    /// Parses DER as [`Certificate::parse`] does, or finds the entry for the same bytes.
    pub fn read(&self, der: &[u8]) -> Result<Certificate, BadCertificate> {
        let digest = Digest::of(&[der]);
        let found = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&digest).cloned()
        };
        if let Some(certificate) = found {
            return Ok(certificate);
        }
        let certificate = Certificate::parse(der)?;
        if der.len() > WORTH_REMEMBERING {
            return Ok(certificate);
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An office has a few dozen; a flood of untrusted files must not fill the memory.
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(digest, certificate.clone());
        Ok(certificate)
    }
}

impl fmt::Debug for CertificateCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateCache")
    }
}

/// Issuers' certificates have 1 to 2 KB. Untrusted larger ones could fill the memory.
const WORTH_REMEMBERING: usize = 4 << 10;
/// Usually two kilobytes each.
const REMEMBERED: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_the_same_certificate_and_others_are_read() {
        let pem = include_str!("../cms/testdata-signer.pem");
        let certificate = Certificate::from_pem(pem).unwrap().remove(0);
        let known = CertificateCache::default();
        for _ in 0..2 {
            assert_eq!(known.read(certificate.der()).as_ref(), Ok(&certificate));
        }
        let mut other = certificate.der().to_vec();
        other.push(0);
        for _ in 0..2 {
            assert!(known.read(&other).is_err());
        }
        assert_eq!(known.0.lock().unwrap().len(), 1);
    }
}
