//! What departments may read of each other: `yinzheng grant`.

use std::path::PathBuf;

use clap::Subcommand;

use super::failure::{Failure, answer_to};
use super::render;
use crate::base::localized::{Language, Localized};
use crate::base::time::Date;
use crate::domain::sharing;
use crate::edge::local::{GrantAct, LocalAct};
use crate::service::sharing::NewGrant;

#[derive(Debug, Subcommand)]
pub(super) enum Grant {
    /// Let a department read licences of a type, for some purposes, until a day.
    Add {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Slug of the department that may read.
        #[arg(long)]
        to: String,
        /// Slug of the licence type.
        #[arg(long = "type")]
        kind: String,
        /// A claim that is given when asked for; again for each. What a licence says openly goes
        /// along always.
        #[arg(long = "field")]
        fields: Vec<String>,
        /// A claim that needs the holder's one-time code; again for each.
        #[arg(long = "consent")]
        consent: Vec<String>,
        /// A purpose; again for each.
        #[arg(long = "purpose", required = true)]
        purposes: Vec<String>,
        /// A service item that it is limited to; again for each. Without any: for every item.
        #[arg(long = "item")]
        items: Vec<String>,
        /// Also the sealed document, which shows everything; with claims under --consent, only with
        /// the holder's code for the document.
        #[arg(long)]
        document: bool,
        /// The last day, 2027-12-31.
        #[arg(long)]
        until: String,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// List the grants.
    List {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Show a grant as JSON.
    Show {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its number.
        number: u64,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Withdraw a grant for good.
    Withdraw {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its number.
        number: u64,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
}

pub(super) fn run(grant: Grant, language: Language) -> Result<u8, Failure> {
    let local = |grant: GrantAct| LocalAct::Grant { grant };
    match grant {
        Grant::Add {
            dir,
            to,
            kind,
            fields,
            consent,
            purposes,
            items,
            document,
            until,
            passphrase_file,
        } => {
            let last = Date::parse(&until).ok_or_else(|| {
                Failure::usage(
                    format!("--until {until}：不是日期，写作 2027-12-31"),
                    format!("--until {until}: not a day; write it as 2027-12-31"),
                )
            })?;
            let new = NewGrant {
                department: to,
                kind,
                fields,
                consent,
                purposes,
                items,
                document,
                expires: last.end_in_china(),
            };
            let made: sharing::Grant =
                answer_to(&dir, local(GrantAct::Add { new }), passphrase_file.as_deref())?;
            let line = line(&made);
            render::tell(language, format!("已授权：{}", line.zh), format!("granted: {}", line.en));
        }
        Grant::List { dir, passphrase_file } => {
            let all: Vec<sharing::Grant> =
                answer_to(&dir, local(GrantAct::List), passphrase_file.as_deref())?;
            for grant in &all {
                render::say(line(grant).of(language));
            }
            if all.is_empty() {
                render::tell(language, "没有授权", "no grants");
            }
        }
        Grant::Show { dir, number, passphrase_file } => {
            let all: Vec<sharing::Grant> =
                answer_to(&dir, local(GrantAct::List), passphrase_file.as_deref())?;
            let found = all.iter().find(|one| one.number == number);
            let found = found.ok_or_else(|| {
                Failure::new(
                    format!("没有授权 {number}；`yinzheng grant list` 列出全部授权"),
                    format!("there is no grant {number}; `yinzheng grant list` lists them"),
                )
            })?;
            render::say(&serde_json::to_string_pretty(found)?);
        }
        Grant::Withdraw { dir, number, passphrase_file } => {
            let act = local(GrantAct::Withdraw { number });
            let gone: sharing::Grant = answer_to(&dir, act, passphrase_file.as_deref())?;
            let line = line(&gone);
            render::tell(
                language,
                format!("已撤回：{}", line.zh),
                format!("withdrawn: {}", line.en),
            );
        }
    }
    Ok(0)
}

fn line(grant: &sharing::Grant) -> Localized {
    let sharing::Grant { number, department, kind, from, document, .. } = grant;
    let [fields, consent, purposes] = [&grant.fields, &grant.consent, &grant.purposes]
        .map(|all| Localized::new(all.join("、"), all.join(",")));
    // It ends with its last day.
    let last = grant.expires.plus(-1).date_in_china();
    let with = |is: bool, words: &str| if is { words.to_owned() } else { String::new() };
    let (needs_code, is_over) = (!grant.consent.is_empty(), grant.withdrawn.is_some());
    Localized::new(
        format!(
            "{number} {department} 可读取 {from} 的 {kind}：{}{}{}，用途 {}，至 {last}{}",
            fields.zh,
            with(needs_code, &format!("，须授权码 {}", consent.zh)),
            with(*document, "，含盖章文件"),
            purposes.zh,
            with(is_over, "（已撤回）"),
        ),
        format!(
            "{number} {department} reads {kind} of {from}: {}{}{} for {} until {last}{}",
            fields.en,
            with(needs_code, &format!(" consent:{}", consent.en)),
            with(*document, " and the document"),
            purposes.en,
            with(is_over, " (withdrawn)"),
        ),
    )
}
