//! Yinzheng 印证: issue, seal and verify electronic licences.
//!
//! | Layer | What it knows |
//! |---|---|
//! | [`base`] | vocabulary of every layer; no clock, no disk, no randomness |
//! | [`crypto`] | sign and check one signature |
//! | [`format`](mod@format) | bytes ↔ values; knows no licence |
//! | [`domain`] | the office's rules, pure |
//! | [`store`] | what is stored, and what a commit guarantees |
//! | [`service`] | one office act per file |
//! | [`verify`](mod@verify) | verification for programs that embed it: no office, no disk, no network |
//! | [`edge`] | the outside world |
//!
//! **Issue**: [`service::office::Office::issue`] checks the
//! [`application`](domain::licence::application::check), draws numbers, signs two
//! [credentials](domain::licence::claims::claims), prints the
//! [sheet](domain::licence::sheet::Press::compose), [seals](domain::seal::prepared::PreparedSeal)
//! it, reads it back with the verifier and [commits](store::Store::commit).
//!
//! **Verify**: [`domain::verify::assess::verify`] asks
//! [`domain::verify::pdf::document::authenticate`] or
//! [`domain::verify::credential::authenticate`] whether the file is genuine, and the
//! [standings](domain::verify::assess::Standings) whether it is in force.

pub mod base;
pub mod crypto;
pub mod domain;
pub mod edge;
pub mod format;
pub mod service;
pub mod store;
pub mod verify;
