//! Proofs about a seal, as values that only the checks construct.

use crate::base::time::Timestamp;
use crate::domain::trust::{Entitled, PathTrusted};
use crate::domain::verify::report::TimeSource;
use crate::format::cms::CmsValid;

use super::changes::NothingElseChanged;
use crate::domain::verify::credential::CredentialValid;

/// The bytes outside the hole have the digest that was signed.
#[derive(Clone, Copy, Debug)]
pub struct DigestMatches(());

impl DigestMatches {
    /// The proof from a message that was verified with its content.
    pub(super) fn of(valid: &CmsValid) -> Option<Self> {
        valid.is_over_content().then_some(Self(()))
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
    pub(super) _changes: NothingElseChanged,
    pub(super) credential: CredentialMatches,
}

impl ValidSeal {
    /// The credential attached to the document.
    pub fn credential(&self) -> &CredentialValid {
        &self.credential.credential
    }
}

/// Proof that content existed at a time: a token over it, from a trusted authority.
#[derive(Clone, Debug)]
pub(super) struct TimeProved {
    /// The proved time.
    pub(super) at: Timestamp,
    /// Kind of authority that proves it.
    pub(super) source: TimeSource,
    /// The authority's name.
    pub(super) authority: String,
}
