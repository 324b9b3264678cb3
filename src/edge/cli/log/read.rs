//! Keys and checkpoints as the operator names them.

use std::path::Path;

use super::super::failure::Failure;
use crate::base::limits::Budget;
use crate::base::localized::Bilingual;
use crate::edge::files;
use crate::format::note::checkpoint::{LogSigned, SignedCheckpoint};
use crate::format::note::key::NoteKey;

pub(super) fn read_checkpoint(
    path: &Path,
    keys: &[NoteKey],
) -> Result<(SignedCheckpoint, LogSigned), Failure> {
    let at = |error: &dyn Bilingual| Failure {
        code: 1,
        ..Failure::of_value(path.display(), &error.both())
    };
    let text = files::text(path, &files::read_given(path, NOTE_BYTES)?)?;
    let budget = &mut Budget::default();
    let note = SignedCheckpoint::parse(&text, budget).map_err(|error| at(&error))?;
    let head = note.by_log(keys, budget).map_err(|error| at(&error))?;
    Ok((note, head))
}

pub(super) fn keys(texts: &[String]) -> Result<Vec<NoteKey>, Failure> {
    let read = |text: &String| {
        NoteKey::parse(text.trim())
            .map_err(|error| Failure::of_value(format!("--log-key {text}"), &error.both()))
    };
    texts.iter().map(read).collect()
}

/// A checkpoint with sixteen signatures has 3 KB.
pub(super) const NOTE_BYTES: usize = 256 << 10;
