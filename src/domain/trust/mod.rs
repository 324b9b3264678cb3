//! Trust: anchors, paths, revocation, entitlement.
//!
//! Anchors come from the caller only, never from a document. A valid path is a [`PathTrusted`],
//! which only `path` makes; the right to sign for a department and a type is an [`Entitled`], which
//! only `entitled` makes.
//!
//! `path` searches a chain; `rules`, `names`, `policies` and `usage` judge it; `revocation` has the
//! revocation data about it, `unchecked` the certificates without any, `unused` the data that could
//! not be used; `signature_cache` pays for each public-key operation.

mod entitled;
mod error;
mod names;
mod path;
mod policies;
mod revocation;
mod rules;
mod signature_cache;
mod snapshot;
mod unchecked;
mod unused;
mod usage;

pub use entitled::{Entitled, NotEntitled};
pub use error::{Gap, PathError};
pub use path::{Asked, PathTrusted, build};
pub use revocation::RevocationKnown;
pub use signature_cache::PathCache;
pub use snapshot::{Material, TrustSnapshot};
pub use unchecked::Unchecked;
pub use unused::{Source, Unreadable, Unused, Weight};
pub use usage::Usage;
