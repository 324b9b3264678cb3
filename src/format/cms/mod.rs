//! CMS `SignedData` (RFC 5652) as CAdES baseline narrows it (ETSI EN 319 122-1), and as time-stamp
//! tokens use it.
//!
//! Written: one signer, detached, content type, message digest and signing-certificate-v2 signed.
//! Read: the signed attributes are hashed as received, re-tagged as `SET OF`; an unsorted set is
//! refused, since verifiers that sort it and verifiers that do not would disagree.

mod attributes;
mod binding;
mod evidence;
mod oid;
mod read;
#[cfg(test)]
pub(crate) mod test_messages;
mod verify;
mod write;

pub use crate::crypto::digest::DigestAlgorithm;
pub use read::SignedData;
pub use verify::CmsValid;
pub use write::{Level, SignedAttributes, assemble, size_bound};

use crate::base::limits::OverBudget;
use crate::format::der::BadDer;
use crate::format::x509::Unsupported;

/// Why a signature message was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCms {
    /// The bytes are not DER.
    #[error("the signature message is not well-formed DER")]
    Malformed,
    /// Bytes other than zero after the message.
    #[error("bytes are hidden behind the signature message")]
    Padding,
    /// The content is not the signed one.
    #[error("the content is not what was signed")]
    Digest,
    /// A rule of the profile is broken.
    #[error("{0}")]
    Rule(&'static str),
    /// The signer's key did not make this signature.
    #[error("the signature does not hold")]
    Mismatch,
    /// A digest or signature algorithm that is not accepted.
    #[error("unsupported algorithm {0}")]
    Algorithm(Unsupported),
    /// The budget is exhausted.
    #[error(transparent)]
    Budget(#[from] OverBudget),
}

/// How a signature is bound to the signer's certificate, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// Not at all: any certificate with the same name, number and key would fit.
    None,
    /// By signing-certificate with SHA-1 (RFC 2634), which is obsolete.
    V1,
    /// By signing-certificate-v2 (RFC 5035), as CAdES requires.
    V2,
}

impl From<Unsupported> for BadCms {
    fn from(unsupported: Unsupported) -> Self {
        Self::Algorithm(unsupported)
    }
}

impl From<BadDer> for BadCms {
    fn from(_: BadDer) -> Self {
        Self::Malformed
    }
}

#[cfg(test)]
mod tests;
