//! Merkle tree of RFC 6962.
