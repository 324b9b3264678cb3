//! The rules of an office as pure functions: no store, no clock, no randomness.

pub mod access;
pub mod authority;
pub mod licence;
pub mod office;
pub mod report_pdf;
pub mod schema;
pub mod seal;
pub mod sharing;
pub mod toml_place;
pub mod trust;
pub mod verify;
pub mod webhooks;
