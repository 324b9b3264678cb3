//! One office act per file.

pub mod access;
pub mod audit;
pub mod establish;
pub mod hooks;
pub mod idempotency;
mod issue;
pub mod keys;
pub mod log;
pub mod lookup;
pub mod office;
pub mod order;
pub mod own;
pub mod paper;
pub mod propose;
pub mod recover;
pub mod renew;
pub mod sharing;
pub mod standing;
pub mod status;
mod tries;
pub mod verify;
