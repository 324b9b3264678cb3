//! `yinzheng proposals`: what waits for a second person, and what that person decides.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::de::DeserializeOwned;

use super::failure::{Failure, answer_to};
use super::file_name::FileName;
use super::issuing::{make_place, write_issued};
use super::render;
use crate::base::text::visible;
use crate::domain::licence::proposal::{Authored, Stage};
use crate::edge::local::{Artefacts, LocalAct, ProposalAct, ProposalView};
use crate::service::audit;

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
    fn ask<T: DeserializeOwned>(&self, ask: ProposalAct) -> Result<T, Failure> {
        answer_to(&self.dir, LocalAct::Proposal { ask }, self.passphrase_file.as_deref())
    }
}

pub(super) fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::List { place, state, after, limit } => {
            let all: Vec<ProposalView> = place.ask(ProposalAct::List { after, limit })?;
            list(&all, state, limit);
        }
        Command::Show { place, number } => {
            let proposal: ProposalView = place.ask(ProposalAct::Show { number })?;
            render::say(&serde_json::to_string_pretty(&proposal)?);
        }
        Command::Approve { place, number, officer, digest, out, name } => {
            make_place(&out)?;
            let issued: Artefacts = place.ask(ProposalAct::Approve { number, digest, officer })?;
            return write_issued(&place.dir, &issued, (&out, name), "approved and issued");
        }
        Command::Refuse { place, number, officer, reason } => {
            let refused: ProposalView =
                place.ask(ProposalAct::Refuse { number, reason, officer })?;
            render::say(&format!("refused: proposal {}", refused.proposal.number));
        }
    }
    Ok(0)
}

fn list(all: &[ProposalView], state: State, limit: usize) {
    let wanted = |view: &&ProposalView| {
        matches!(
            (state, &view.proposal.stage),
            (State::All, _)
                | (State::Pending, Stage::Pending)
                | (State::Approved, Stage::Approved { .. })
                | (State::Refused, Stage::Refused { .. })
        )
    };
    for view in all.iter().filter(wanted) {
        render::say(visible(&line(view)).as_ref());
    }
    if let Some(last) = all.last().filter(|_| all.len() == limit) {
        render::complain(&format!("there may be more: --after {}", last.proposal.number));
    }
}

fn line(ProposalView { proposal, digest }: &ProposalView) -> String {
    let by =
        |who: &Authored| format!("by {} at {}", audit::name(&who.by), who.at.to_china_minutes());
    let edited = proposal.edited.as_ref().map(|edited| format!(", changed {}", by(edited)));
    let state = match &proposal.stage {
        Stage::Pending => "pending",
        Stage::Approved { .. } => "approved",
        Stage::Refused { .. } => "refused",
    };
    format!(
        "{}  {state}  {}  proposed {}{}  digest {digest}",
        proposal.number,
        proposal.kind,
        by(&proposal.proposed),
        edited.unwrap_or_default(),
    )
}
