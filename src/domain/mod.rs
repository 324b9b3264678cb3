//! The office's rules; pure. Sees no store, no clock, no chance.

pub mod access;
pub mod authority;
pub mod licence;
pub mod office;
pub mod report_pdf;
pub mod schema;
pub mod seal;
pub mod trust;
pub mod verify;
mod written;
