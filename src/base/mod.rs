//! Vocabulary of every layer: identifiers, codes, time, text, limits.
//!
//! Nothing here reads a clock, a disk or randomness; every type has one checking constructor.

pub mod actor;
pub mod codes;
pub mod digest;
pub mod entropy;
pub mod foreign_words;
pub mod ids;
pub mod limits;
pub mod localized;
pub mod network;
pub mod oid;
pub mod private_use;
pub mod rate_window;
pub mod secret;
pub mod text;
pub mod time;
