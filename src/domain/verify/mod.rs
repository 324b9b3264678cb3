//! Is it genuine, and is it in force? Evidence, findings and the report.
//!
//! [`document::authenticate`] and [`credential::authenticate`] answer the first question; each
//! check that passes leaves a value of [`evidence`], and a seal is valid only with all of them.
//! [`assess`] adds the second answer and chooses the words.

pub mod assess;
mod certification;
pub mod credential;
pub mod document;
pub mod evidence;
pub mod labels;
pub mod licence;
pub mod report;
mod words;
