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
pub mod credential;
mod credential_report;
pub mod document;
pub mod evidence;
pub mod folded;
pub mod foreign;
mod hidden_content;
pub mod labels;
pub mod licence;
mod licence_profile;
mod lists;
pub mod log;
pub mod on_file;
pub mod report;
mod revision_coverage;
mod signature;
mod standing;
mod timestamp;
pub mod verified_credential;
mod words;

pub use changes::NothingElseChanged;
