//! `yinzheng revoke`, `suspend`, `resume`, `show`, `accesses` and `types`: what is said of
//! licences in a line or two.

use std::path::Path;

use super::{Failure, act_with, render, text};
use crate::domain::licence::kind::Types;
use crate::domain::licence::standing::Reason;
use crate::edge::config::OfficeFolder;
use crate::edge::local::{LocalAct, StatusAct};

/// Revokes, suspends or resumes a licence, and says whose it is.
pub(super) fn change(dir: &Path, id: String, change: StatusAct) -> Result<u8, Failure> {
    let (done, reason) = match &change {
        StatusAct::Revoke { reason } => ("revoked", Reason::parse(reason)),
        StatusAct::Suspend { reason } => ("suspended", Reason::parse(reason)),
        StatusAct::Resume => ("resumed", None),
    };
    let licence = act_with(dir, LocalAct::ChangeStatus { id, change }, None)?;
    let why = reason.map(Reason::words).map(|why| format!("  {} / {}", why.zh, why.en));
    render::say(&format!(
        "{done}: {}\n  {}  {}{}",
        text(&licence, "id"),
        text(&licence, "number"),
        text(&licence, "holder"),
        why.unwrap_or_default()
    ));
    Ok(0)
}

/// A licence's record as JSON.
pub(super) fn show(dir: &Path, id: String) -> Result<u8, Failure> {
    render::say(&format!("{:#}", act_with(dir, LocalAct::Show { id }, None)?));
    Ok(0)
}

/// Who asked about a licence, and whether there is more than what is shown.
pub(super) fn accesses(
    dir: &Path,
    id: String,
    limit: usize,
    passphrase_file: Option<&Path>,
) -> Result<u8, Failure> {
    let found = act_with(dir, LocalAct::Accesses { id, limit }, passphrase_file)?;
    for line in found["lines"].as_array().into_iter().flatten() {
        render::say(line.as_str().unwrap_or_default());
    }
    if found["more"] == true {
        render::complain(&format!("there are more than these {limit}, all older: --limit N"));
    }
    Ok(0)
}

/// The licence types of an office, or the built-in ones.
pub(super) fn types(dir: Option<&Path>) -> Result<u8, Failure> {
    let types = match dir {
        Some(dir) => OfficeFolder::new(dir).profile()?.1,
        None => Types::built_in()?,
    };
    render::types(&types);
    Ok(0)
}
