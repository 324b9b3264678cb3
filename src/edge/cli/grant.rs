//! What departments may read of each other: `yinzheng grant`.

use std::path::PathBuf;

use clap::Subcommand;

use super::failure::{Failure, answer_to};
use super::render;
use crate::base::time::Date;
use crate::domain::access;
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

pub(super) fn run(grant: Grant) -> Result<u8, Failure> {
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
            let last = Date::parse(&until).ok_or_else(|| Failure {
                message: format!("--until {until}: not a day; write it as 2027-12-31"),
                code: 64,
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
            let made: access::Grant =
                answer_to(&dir, local(GrantAct::Add { new }), passphrase_file.as_deref())?;
            render::say(&format!("granted: {}", line(&made)));
        }
        Grant::List { dir, passphrase_file } => {
            let all: Vec<access::Grant> =
                answer_to(&dir, local(GrantAct::List), passphrase_file.as_deref())?;
            let lines: Vec<_> = all.iter().map(line).collect();
            render::say(&if lines.is_empty() { "no grants".to_owned() } else { lines.join("\n") });
        }
        Grant::Show { dir, number, passphrase_file } => {
            let all: Vec<access::Grant> =
                answer_to(&dir, local(GrantAct::List), passphrase_file.as_deref())?;
            let found = all.iter().find(|one| one.number == number);
            let found = found.ok_or_else(|| Failure {
                message: format!("there is no grant {number}; `yinzheng grant list` lists them"),
                code: 1,
            })?;
            render::say(&serde_json::to_string_pretty(found)?);
        }
        Grant::Withdraw { dir, number, passphrase_file } => {
            let act = local(GrantAct::Withdraw { number });
            let gone: access::Grant = answer_to(&dir, act, passphrase_file.as_deref())?;
            render::say(&format!("withdrawn: {}", line(&gone)));
        }
    }
    Ok(0)
}

fn line(grant: &access::Grant) -> String {
    let consent = match grant.consent.join(",").as_str() {
        "" => String::new(),
        fields => format!(" consent:{fields}"),
    };
    let document = if grant.document { " and the document" } else { "" };
    let state = if grant.withdrawn.is_some() { " (withdrawn)" } else { "" };
    format!(
        "{} {} reads {} of {}: {}{consent}{document} for {} until {}{state}",
        grant.number,
        grant.department,
        grant.kind,
        grant.from,
        grant.fields.join(","),
        grant.purposes.join(","),
        // It ends with its last day.
        grant.expires.plus(-1).date_in_china(),
    )
}
