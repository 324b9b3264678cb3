//! Is it genuine, and is it in force? Evidence, findings and the report.
//!
//! [`pdf::document::authenticate`] and [`credential::authenticate`] answer the first question; each
//! check that passes returns a value of [`pdf::evidence`], and a seal is valid only with all of
//! them. [`assess`] answers the second, and chooses the words.

pub mod assess;
pub mod context;
pub mod credential;
pub mod foreign;
pub mod log;
pub mod pdf;
pub mod report;
pub mod status;

pub use pdf::changes::NothingElseChanged;
pub use pdf::judge::Authenticity;
