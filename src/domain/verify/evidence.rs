//! What was proved about a seal, as values that only the checks make.

use crate::domain::trust::{Entitled, PathTrusted};
use crate::format::cms::{CmsValid, SignedData};
use crate::format::pdf::read::{Document, SignatureField};

use super::credential::CredentialValid;

/// The bytes outside the hole have the digest that was signed.
#[derive(Clone, Copy, Debug)]
pub struct DigestMatches(());

impl DigestMatches {
    /// Hashes what the byte range covers.
    pub fn check(bytes: &[u8], field: &SignatureField, message: &SignedData) -> Option<Self> {
        message.covers(&field.byte_range.covered(bytes)).then_some(Self(()))
    }

    /// A signature over the content itself needs no digest beside it.
    pub fn signed(valid: &CmsValid) -> Option<Self> {
        valid.is_over_content().then_some(Self(()))
    }
}

/// Nothing follows what the signature covers.
#[derive(Clone, Copy, Debug)]
pub struct NothingFollows(());

impl NothingFollows {
    /// The covered bytes end where the file and its newest revision end.
    pub fn check(document: &Document<'_>, field: &SignatureField) -> Option<Self> {
        let end = field.byte_range.end();
        (end == document.bytes().len() && end == document.end()).then_some(Self(()))
    }
}

/// The credential in the file is the one that the sealed metadata names, and it is valid.
#[derive(Clone, Debug)]
pub struct CredentialMatches {
    pub(super) credential: CredentialValid,
}

/// A seal for which every check passed. Leaving one out does not compile:
///
/// ```compile_fail
/// let seal = yinzheng::domain::verify::evidence::ValidSeal {};
/// ```
#[derive(Clone, Debug)]
pub struct ValidSeal {
    pub(super) _digest: DigestMatches,
    pub(super) _signature: CmsValid,
    pub(super) _path: PathTrusted,
    pub(super) _entitled: Entitled,
    pub(super) _nothing_follows: NothingFollows,
    pub(super) credential: CredentialMatches,
}

impl ValidSeal {
    /// The credential that came with it.
    pub fn credential(&self) -> &CredentialValid {
        &self.credential.credential
    }
}
