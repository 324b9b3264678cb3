//! Strict JSON, JWS, SD-JWT (RFC 9901) and token status lists.
//!
//! Keys come from `x5c` alone, for key binding from the credential's `cnf`, for clients from their
//! registration or the header of a DPoP proof, and only the caller decides whether to trust them.
//! Forms that libraries interpret differently are refused: duplicate keys, non-canonical base64,
//! unreferenced disclosures.

pub mod client_jwk;
pub mod client_signer;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod keybinding;
pub mod numericdate;
pub mod sdjwt;
pub mod signed;
pub mod statuslist;
