//! From a composed file to a sealed one: each step consumes the previous one.

use crate::base::digest::{Digest, Hasher};
use crate::crypto::signer::{SignError, Signer};
use crate::format::cms::{self, SignedAttributes};
use crate::format::pdf::write::Unsealed;
use crate::format::x509::Certificate;

/// A file whose hole is ready for a signature message.
#[derive(Debug)]
pub struct PreparedSeal {
    file: Unsealed,
    digest: Digest,
}

/// A sealed file. The verifier decides whether it may leave the office.
#[derive(Debug)]
pub struct SealedPdf(Vec<u8>);

/// Why a file was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The message is larger than the hole reserved for it.
    #[error("the signature message needs {need} bytes, the hole has {has}")]
    HoleTooSmall {
        /// Bytes of the message.
        need: usize,
        /// Bytes of the hole.
        has: usize,
    },
}

impl PreparedSeal {
    /// Hashes everything outside the hole.
    pub fn new(file: Unsealed) -> Self {
        let mut hasher = Hasher::default();
        let before = file.hole.start.saturating_sub(1);
        let behind = file.hole.end.saturating_add(1);
        hasher.update(file.bytes.get(..before).unwrap_or_default());
        hasher.update(file.bytes.get(behind..).unwrap_or_default());
        Self { digest: hasher.finish(), file }
    }

    /// Signs with the seal's key and fills the hole; every other byte stays.
    pub fn seal(
        mut self,
        key: &dyn Signer,
        certificate: &Certificate,
        chain: &[Certificate],
    ) -> Result<SealedPdf, SealError> {
        let attributes = SignedAttributes::new(&self.digest, certificate);
        let signature = key.sign(attributes.to_sign())?;
        let message = cms::assemble(&attributes, signature, certificate, chain);
        let hex = crate::base::digest::hex(&message);
        let has = self.file.hole.len() / 2;
        let start = self.file.hole.start;
        let place = start..start.saturating_add(hex.len());
        if hex.len() > self.file.hole.len() {
            return Err(SealError::HoleTooSmall { need: message.len(), has });
        }
        if let Some(hole) = self.file.bytes.get_mut(place) {
            hole.copy_from_slice(hex.as_bytes());
        }
        Ok(SealedPdf(self.file.bytes))
    }
}

impl SealedPdf {
    /// The bytes of the sealed PDF.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes of the sealed PDF.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
