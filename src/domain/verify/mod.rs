//! Is it genuine, and is it in force? Evidence, findings and the report.
//!
//! [`document::authenticate`] and [`credential::authenticate`] answer the first question; each
//! check that passes leaves a value of [`evidence`], and a seal is valid only with all of them.
//! [`assess`] adds the second answer and chooses the words.

pub mod answer;
mod archive;
pub mod assess;
pub mod binding;
mod certification;
mod changes;
mod checks;
mod codes;
pub mod context;
pub mod credential;
mod credential_report;
mod details;
pub mod document;
pub mod evidence;
pub mod folded;
pub mod foreign;
mod hidden_content;
mod judge;
pub mod labels;
pub mod licence;
mod licence_profile;
pub mod log;
pub mod on_file;
pub mod report;
mod revision_coverage;
mod revocation;
mod signature;
mod standing;
pub mod status_lists;
mod timestamp;
pub mod verified_credential;
mod words;

pub use changes::NothingElseChanged;
pub use judge::Authenticity;
