//! The acts of an office, one per file.

pub mod access;
pub mod audit;
pub mod authorization;
mod english;
pub mod idempotency;
mod issue;
pub mod issue_command;
pub mod keys;
pub mod licence_search;
pub mod log;
pub mod lookup;
pub mod numbers;
pub mod office;
pub mod parts;
pub mod pki_setup;
pub mod propose;
pub mod recover;
pub mod renew;
pub mod report_pdf;
pub mod sharing;
pub mod standing;
mod state;
pub mod status;
mod tries;
pub mod verify;
pub mod webhooks;
