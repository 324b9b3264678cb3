//! CMS `SignedData` (RFC 5652) as CAdES baseline narrows it (ETSI EN 319 122-1).
//!
//! Written: one signer, detached, content type, message digest and signing-certificate-v2 signed.
//! Read: the signed attributes are hashed as they came, re-tagged as `SET OF`; a set that is not
//! sorted is refused, since verifiers that sort and verifiers that do not would disagree.

mod read;
mod write;

pub use crate::crypto::digest::DigestAlgorithm;
pub use read::{BadCms, CmsValid, SignedData};
pub use write::{Level, SignedAttributes, assemble, size_bound};
