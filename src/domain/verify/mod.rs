//! Is it genuine? Evidence, findings and the report.

pub mod credential;
pub mod document;
pub mod report;
