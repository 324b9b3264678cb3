//! Is it genuine, and is it in force? Evidence, findings and the report.
//!
//! [`document::authenticate`] and [`credential::authenticate`] answer the first question; each
//! check that passes leaves a value of [`evidence`], and a seal is valid only with all of them.
//! [`assess`] adds the second answer and chooses the words.

mod account;
pub mod answer;
mod archive;
pub mod assess;
pub mod binding;
mod certification;
mod changes;
mod checks;
mod codes;
mod coverage;
pub mod credential;
pub mod document;
pub mod evidence;
pub mod folded;
pub mod foreign;
pub mod kept;
pub mod labels;
pub mod licence;
mod lists;
pub mod log;
pub mod on_file;
mod ours;
pub mod report;
mod shadow;
mod signature;
mod stamp;
mod standing;
mod words;

pub use changes::NothingElseChanged;
