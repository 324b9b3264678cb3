//! `yinzheng proposals`: what waits for a second person, and what that person decides.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::file_name::FileName;
use super::issuing::{make_place, write_issued};
use super::{Failure, act_with, render, text};
use crate::base::text::visible;
use crate::edge::local::{LocalAct, ProposalAct};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List proposals, the oldest first.
    List {
        #[command(flatten)]
        place: Place,
        /// Those in this state alone.
        #[arg(long, value_enum, default_value = "pending")]
        state: State,
        /// Begin after this number.
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// How many are looked at.
        #[arg(long, default_value_t = 500)]
        limit: usize,
    },
    /// Show what was proposed, as JSON, and the digest by which it is approved.
    Show {
        #[command(flatten)]
        place: Place,
        /// Its number.
        number: u64,
    },
    /// Issue what was proposed, as another person than who proposed it or changed it last.
    Approve {
        #[command(flatten)]
        place: Place,
        /// Its number.
        number: u64,
        /// Who approves, as the journal will name them.
        #[arg(long = "as", value_name = "NAME")]
        officer: String,
        /// Digest of what you looked at, as `show` prints it: an edit since then makes it void.
        #[arg(long)]
        digest: String,
        /// Where PDF, credential and proof are written.
        #[arg(long, default_value = ".")]
        out: PathBuf,
        /// What the files are named after.
        #[arg(long, value_enum, default_value = "number")]
        name: FileName,
    },
    /// Let it come to nothing.
    Refuse {
        #[command(flatten)]
        place: Place,
        /// Its number.
        number: u64,
        /// Who refuses, as the journal will name them.
        #[arg(long = "as", value_name = "NAME")]
        officer: String,
        /// Why, on one line.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Place {
    /// Where the office lies.
    #[arg(long)]
    dir: PathBuf,
    /// File with the passphrase.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    Pending,
    Approved,
    Refused,
    All,
}

impl Place {
    fn ask(&self, ask: ProposalAct) -> Result<Value, Failure> {
        act_with(&self.dir, LocalAct::Proposal { ask }, self.passphrase_file.as_deref())
    }
}

pub(super) fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::List { place, state, after, limit } => {
            let all = place.ask(ProposalAct::List { after, limit })?;
            list(all.as_array().map(Vec::as_slice).unwrap_or_default(), state, limit);
        }
        Command::Show { place, number } => {
            let proposal = place.ask(ProposalAct::Show { number })?;
            render::say(&format!("{proposal:#}"));
        }
        Command::Approve { place, number, officer, digest, out, name } => {
            make_place(&out)?;
            let issued = place.ask(ProposalAct::Approve { number, digest, officer })?;
            return write_issued(&place.dir, &issued, (&out, name), "approved and issued");
        }
        Command::Refuse { place, number, officer, reason } => {
            let refused = place.ask(ProposalAct::Refuse { number, reason, officer })?;
            render::say(&format!("refused: proposal {}", refused["number"]));
        }
    }
    Ok(0)
}

fn list(all: &[Value], state: State, limit: usize) {
    let wanted = |proposal: &&Value| {
        let name = proposal["stage"]["state"].as_str().unwrap_or_default();
        state == State::All || state.to_possible_value().is_some_and(|one| one.matches(name, false))
    };
    for proposal in all.iter().filter(wanted) {
        render::say(visible(&line(proposal)).as_ref());
    }
    if all.len() == limit {
        let last = all.last().map(|one| one["number"].to_string()).unwrap_or_default();
        render::complain(&format!("there may be more: --after {last}"));
    }
}

fn line(proposal: &Value) -> String {
    let by = |who: &Value| {
        let unnamed = || text(&who["by"], "kind");
        who["by"]["name"].as_str().map_or_else(unnamed, str::to_owned)
    };
    let edited = match &proposal["edited"] {
        Value::Null => String::new(),
        edited => format!(", changed by {} at {}", by(edited), text(edited, "at")),
    };
    let proposed = &proposal["proposed"];
    format!(
        "{}  {}  {}  proposed by {} at {}{edited}  digest {}",
        proposal["number"],
        text(&proposal["stage"], "state"),
        text(proposal, "kind"),
        by(proposed),
        text(proposed, "at"),
        text(proposal, "digest"),
    )
}
