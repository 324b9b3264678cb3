//! Keys and checkpoints as the operator names them.

use std::path::Path;

use super::super::failure::Failure;
use crate::base::limits::Budget;
use crate::edge::files;
use crate::format::note::checkpoint::{LogSigned, SignedCheckpoint};
use crate::format::note::key::NoteKey;

pub(super) fn read_checkpoint(
    path: &Path,
    keys: &[NoteKey],
) -> Result<(SignedCheckpoint, LogSigned), Failure> {
    let at = |error: &dyn std::fmt::Display| failed(format!("{}: {error}", path.display()));
    let bytes = files::read_given(path, NOTE_BYTES)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| at(&error))?;
    let budget = &mut Budget::default();
    let note = SignedCheckpoint::parse(text, budget).map_err(|error| at(&error))?;
    let head = note.by_log(keys, budget).map_err(|error| at(&error))?;
    Ok((note, head))
}

pub(super) fn keys(texts: &[String]) -> Result<Vec<NoteKey>, Failure> {
    let read = |text: &String| {
        NoteKey::parse(text.trim())
            .map_err(|error| Failure::usage_said(format!("--log-key {text}: {error}")))
    };
    texts.iter().map(read).collect()
}

pub(super) fn failed(message: String) -> Failure {
    Failure::said(message)
}

/// A checkpoint with sixteen signatures has 3 KB.
pub(super) const NOTE_BYTES: usize = 256 << 10;
