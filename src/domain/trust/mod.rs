//! Whom to believe: anchors, paths, revocation, entitlement.
//!
//! Anchors come from the caller alone, never from a document. A path that holds is a
//! [`PathTrusted`], which only `path` makes; the right to sign for a department and a type is an
//! [`Entitled`], which only `entitled` makes.

mod entitled;
mod path;
mod snapshot;

pub use entitled::{Entitled, NotEntitled};
pub use path::{PathError, PathTrusted, RevocationKnown, Usage, build};
pub use snapshot::{PathCache, TrustSnapshot};
