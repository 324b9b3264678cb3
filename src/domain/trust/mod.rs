//! Anchors, paths, entitlement and revocation.
