//! Is a PDF genuine? Its signatures, what each covers, and what changed after it.

pub(super) mod archive;
pub(super) mod certification;
pub(super) mod changes;
mod details;
pub mod document;
pub mod evidence;
mod hidden_content;
pub(super) mod judge;
mod licence_profile;
mod revision_coverage;
mod signature;
mod timestamp;
