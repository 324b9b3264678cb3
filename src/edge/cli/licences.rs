//! `yinzheng revoke`, `suspend`, `resume`, `show`, `accesses` and `types`: what is said of
//! licences in a line or two.

use std::path::Path;

use super::{Failure, answer_to, render};
use crate::domain::licence::kind::Types;
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::Reason;
use crate::edge::config::OfficeFolder;
use crate::edge::local::{AccessesAnswer, LocalAct, StatusAct};

/// Revokes, suspends or resumes a licence, and says whose it is.
pub(super) fn change(dir: &Path, id: String, change: StatusAct) -> Result<u8, Failure> {
    let (done, reason) = match &change {
        StatusAct::Revoke { reason } => ("revoked", Reason::parse(reason)),
        StatusAct::Suspend { reason } => ("suspended", Reason::parse(reason)),
        StatusAct::Resume => ("resumed", None),
    };
    let licence: Licence = answer_to(dir, LocalAct::ChangeStatus { id, change }, None)?;
    let why = reason.map(Reason::words).map(|why| format!("  {} / {}", why.zh, why.en));
    render::say(&format!(
        "{done}: {}\n  {}  {}{}",
        licence.id,
        licence.number,
        licence.holder,
        why.unwrap_or_default()
    ));
    Ok(0)
}

/// A licence's record as JSON.
pub(super) fn show(dir: &Path, id: String) -> Result<u8, Failure> {
    let licence: Licence = answer_to(dir, LocalAct::Show { id }, None)?;
    render::say(&serde_json::to_string_pretty(&licence)?);
    Ok(0)
}

/// Who asked about a licence, and whether there is more than what is shown.
pub(super) fn accesses(
    dir: &Path,
    id: String,
    limit: usize,
    passphrase_file: Option<&Path>,
) -> Result<u8, Failure> {
    let found: AccessesAnswer = answer_to(dir, LocalAct::Accesses { id, limit }, passphrase_file)?;
    for line in &found.lines {
        render::say(line);
    }
    if found.more {
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
