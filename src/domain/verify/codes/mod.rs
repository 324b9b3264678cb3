//! The names of findings, each with what it says: a finding without words cannot be made.

mod credential;
mod file;
mod log;
mod signature;
mod standing;

pub(super) use credential::*;
pub(super) use file::*;
pub(super) use log::*;
pub(super) use signature::*;
pub(super) use standing::*;

use super::report::{Finding, Severity};
use crate::base::limits::DETAIL_CHARACTERS;
use crate::base::words::Words;

/// A finding's stable name, and its words in Chinese and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code(&'static str, &'static str, &'static str);

impl Code {
    pub(super) fn name(self) -> &'static str {
        self.0
    }

    /// The finding of this name.
    pub(super) fn finding(self, severity: Severity, detail: String) -> Finding {
        let Self(code, zh, en) = self;
        Finding { code, severity, message: Words::new(zh, en), detail: shortened(detail) }
    }
}

/// A text that quotes a file, cut where it is longer than anybody reads.
pub(super) fn shortened(text: String) -> String {
    match text.char_indices().nth(DETAIL_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
