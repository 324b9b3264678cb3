//! Licence types, applications, licences, their status, claims and sheets.

pub mod application;
pub mod claims;
pub mod kind;
pub mod proposal;
pub mod record;
pub mod sheet;
pub mod standing;
