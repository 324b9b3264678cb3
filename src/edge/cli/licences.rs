//! `yinzheng revoke`, `suspend`, `resume`, `show`, `accesses` and `types`: what is said of
//! licences in a line or two.

use std::path::Path;

use super::failure::{Failure, answer_to};
use super::render;
use crate::base::localized::{Language, Localized};
use crate::domain::licence::kind::Types;
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::Reason;
use crate::edge::config::OfficeFolder;
use crate::edge::local::{AccessesAnswer, LocalAct, StatusAct};

/// Revokes, suspends or resumes a licence, and says whose it is.
pub(super) fn change(
    dir: &Path,
    id: String,
    change: StatusAct,
    language: Language,
) -> Result<u8, Failure> {
    let (done, reason) = match &change {
        StatusAct::Revoke { reason } => (("已撤销", "revoked"), Reason::parse(reason)),
        StatusAct::Suspend { reason } => (("已暂停使用", "suspended"), Reason::parse(reason)),
        StatusAct::Resume => (("已恢复使用", "resumed"), None),
    };
    let licence: Licence = answer_to(dir, LocalAct::ChangeStatus { id, change }, None)?;
    let why = reason.map(|why| format!("  {}", why.words().of(language))).unwrap_or_default();
    let Licence { id, number, holder, .. } = &licence;
    let (rest, (zh, en)) = (format!("{id}\n  {number}  {holder}{why}"), done);
    render::tell(language, format!("{zh}：{rest}"), format!("{en}: {rest}"));
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
    language: Language,
) -> Result<u8, Failure> {
    let found: AccessesAnswer = answer_to(dir, LocalAct::Accesses { id, limit }, passphrase_file)?;
    for line in &found.lines {
        render::say(line);
    }
    if found.lines.is_empty() {
        let words = Localized::new("没有查阅记录", "no look-ups on record");
        render::complain(words.of(language));
    }
    if found.more {
        let words = Localized::new(
            format!("还有更早的记录，这里只有 {limit} 条：--limit N"),
            format!("there are more than these {limit}, all older: --limit N"),
        );
        render::complain(words.of(language));
    }
    Ok(0)
}

/// The licence types of an office, or the built-in ones.
pub(super) fn types(dir: Option<&Path>, language: Language) -> Result<u8, Failure> {
    let types = match dir {
        Some(dir) => OfficeFolder::new(dir).profile()?.1,
        None => Types::built_in()?,
    };
    render::types(&types, language);
    Ok(0)
}
