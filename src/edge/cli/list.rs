//! `yinzheng list`: licences by what is remembered of them.

use std::path::PathBuf;

use clap::Args;

use super::desk::Desk;
use super::failure::{BadValue, Failure};
use super::render::columns::aligned;
use super::render::{self, words};
use crate::base::localized::{Language, Localized};
use crate::base::text::visible;
use crate::base::time::Date;
use crate::edge::config::OfficeFolder;
use crate::edge::local::LocalAct;
use crate::service::licence_search::{LicenceLine, LicencePage, LicenceSearch, STATES};

/// What is looked for.
#[derive(Debug, Args)]
pub(super) struct ListOptions {
    /// Where the office lies.
    #[arg(long)]
    dir: PathBuf,
    /// A part of the holder's name.
    #[arg(long, value_name = "TEXT")]
    holder: Option<String>,
    /// How the number begins.
    #[arg(long, value_name = "TEXT")]
    number: Option<String>,
    /// Where it stands now.
    #[arg(long, value_parser = STATES)]
    state: Option<String>,
    /// Slug of the licence type.
    #[arg(long = "type", value_name = "SLUG")]
    kind: Option<String>,
    /// Issued on this day or later, as 2026-11-24.
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Date>,
    /// Issued on this day or before.
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
    /// Print no more than so many; all that were found are counted.
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
    limit: usize,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: ListOptions, language: Language) -> Result<u8, Failure> {
    let ListOptions { dir, holder, number, state, kind, from, until, limit, json } = options;
    let search = LicenceSearch { holder, number, state, kind, from, until };
    let desk = Desk::open(&dir, None)?;
    let mut found = 0_usize;
    let mut next = Some(String::new());
    while let Some(after) = next {
        let page: LicencePage = desk.act(LocalAct::List { search: search.clone(), after })?;
        let shown: Vec<_> = page.licences.iter().take(limit.saturating_sub(found)).collect();
        found += page.licences.len();
        show(&shown, json, language)?;
        next = page.next;
    }
    desk.close();
    if let Some(kind) = search.kind.filter(|_| found == 0)
        && OfficeFolder::new(&dir).profile()?.1.get(&kind).is_none()
    {
        let dir = dir.display();
        return Err(Failure::usage(
            format!("没有证照类型 {kind:?}；`yinzheng types --dir {dir}` 列出全部类型"),
            format!("there is no licence type {kind:?}; `yinzheng types --dir {dir}` lists them"),
        ));
    }
    let noun = if found == 1 { "licence" } else { "licences" };
    let (zh, en) = if found > limit {
        (format!("，列出 {limit} 件"), format!(", {limit} shown (--limit)"))
    } else {
        (String::new(), String::new())
    };
    let words = Localized::new(format!("找到 {found} 件{zh}"), format!("{found} {noun}{en}"));
    render::complain(words.of(language));
    Ok(0)
}

fn show(licences: &[&LicenceLine], json: bool, language: Language) -> Result<(), Failure> {
    if json {
        for licence in licences {
            render::say(&serde_json::to_string(licence)?);
        }
        return Ok(());
    }
    let row = |licence: &&LicenceLine| {
        let LicenceLine { number, kind, state, holder, issued_on, id } = licence;
        let (state, issued_on) = (words::state(state, language), issued_on.to_string());
        [number, kind, state, holder, &issued_on, id].map(|cell| visible(cell).into_owned())
    };
    for line in aligned(&licences.iter().map(row).collect::<Vec<_>>()) {
        render::say(&line);
    }
    Ok(())
}

fn day(text: &str) -> Result<Date, BadValue> {
    let bad = || BadValue::new("日期写作 2026-11-24", "write a day as 2026-11-24");
    Date::parse(text).ok_or_else(bad)
}
