//! `yinzheng proposals`: what waits for a second person, and what that person decides.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde::de::DeserializeOwned;

use super::desk::OfficeArguments;
use super::failure::{Failure, answer_to};
use super::file_name::FileName;
use super::issuing::{make_place, write_issued};
use super::render::{self, words};
use crate::base::localized::{Language, Localized};
use crate::base::text::visible;
use crate::domain::licence::proposal::{Authored, Stage};
use crate::edge::local::{Artefacts, LocalAct, ProposalAct, ProposalView};
use crate::service::audit;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List proposals, the oldest first.
    List {
        #[command(flatten)]
        place: OfficeArguments,
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
        place: OfficeArguments,
        /// Its number.
        number: u64,
    },
    /// Issue what was proposed, as another person than who proposed it or changed it last.
    Approve {
        #[command(flatten)]
        place: OfficeArguments,
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
        place: OfficeArguments,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    Pending,
    Approved,
    Refused,
    All,
}

impl OfficeArguments {
    fn ask<T: DeserializeOwned>(&self, ask: ProposalAct) -> Result<T, Failure> {
        answer_to(&self.dir, LocalAct::Proposal { ask }, self.passphrase_file.as_deref())
    }
}

pub(super) fn run(command: Command, language: Language) -> Result<u8, Failure> {
    match command {
        Command::List { place, state, after, limit } => {
            let all: Vec<ProposalView> = place.ask(ProposalAct::List { after, limit })?;
            list(&all, state, limit, language);
        }
        Command::Show { place, number } => {
            let proposal: ProposalView = place.ask(ProposalAct::Show { number })?;
            render::say(&serde_json::to_string_pretty(&proposal)?);
        }
        Command::Approve { place, number, officer, digest, out, name } => {
            make_place(&out)?;
            let issued: Artefacts = place.ask(ProposalAct::Approve { number, digest, officer })?;
            let what = ("已批准并签发", "approved and issued");
            return write_issued(&place.dir, &issued, (&out, name), what, language);
        }
        Command::Refuse { place, number, officer, reason } => {
            let refused: ProposalView =
                place.ask(ProposalAct::Refuse { number, reason, officer })?;
            let number = refused.proposal.number;
            let (zh, en) =
                (format!("已退回：待批件 {number}"), format!("refused: proposal {number}"));
            render::tell(language, zh, en);
        }
    }
    Ok(0)
}

fn list(all: &[ProposalView], state: State, limit: usize, language: Language) {
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
        render::say(visible(line(view).of(language)).as_ref());
    }
    if let Some(last) = all.last().filter(|_| all.len() == limit) {
        let after = last.proposal.number;
        let words = Localized::new(
            format!("可能还有更多：--after {after}"),
            format!("there may be more: --after {after}"),
        );
        render::complain(words.of(language));
    }
}

fn line(ProposalView { proposal, digest }: &ProposalView) -> Localized {
    let by = |who: &Authored| {
        let (name, at) = (audit::name(&who.by), who.at.to_china_minutes());
        Localized::new(format!("{name} {at}"), format!("by {name} at {at}"))
    };
    let edited = proposal
        .edited
        .as_ref()
        .map(|edited| {
            let by = by(edited);
            Localized::new(format!("，修改：{}", by.zh), format!(", changed {}", by.en))
        })
        .unwrap_or_default();
    let state = match &proposal.stage {
        Stage::Pending => "pending",
        Stage::Approved { .. } => "approved",
        Stage::Refused { .. } => "refused",
    };
    let head = |state: &str| format!("{}  {state}  {}", proposal.number, proposal.kind);
    let (zh, en, by) = (head(words::of(state)), head(state), by(&proposal.proposed));
    Localized::new(
        format!("{zh}  提交：{}{}  摘要 {digest}", by.zh, edited.zh),
        format!("{en}  proposed {}{}  digest {digest}", by.en, edited.en),
    )
}
