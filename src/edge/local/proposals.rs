//! Proposals for the local operator. The officer's name is the operator's claim: an office that
//! must be sure of two persons gives them two clients, whose keys differ.

use serde::{Deserialize, Serialize};

use super::answers::{LocalAnswer, ProposalView, done, refused};
use super::licences::{artefacts, not_issued};
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::localized::{Bilingual as _, Localized};
use crate::base::text::{Text, is_same_name};
use crate::service::office::Office;
use crate::store::StoreError;

/// Requests of the operator about proposals.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProposalAct {
    /// List proposals in order.
    List {
        /// After this number.
        after: u64,
        /// How many are read.
        limit: usize,
    },
    /// Read one proposal.
    Show {
        /// Number of the proposal.
        number: u64,
    },
    /// Approve, and issue the licence.
    Approve {
        /// Number of the proposal.
        number: u64,
        /// Digest that the approver read.
        digest: String,
        /// Name of the approving officer.
        officer: String,
    },
    /// Refuse a proposal.
    Refuse {
        /// Number of the proposal.
        number: u64,
        /// Reason, for the journal.
        reason: String,
        /// Name of the refusing officer.
        officer: String,
    },
}

/// Runs the request.
pub(super) fn perform(office: &Office, act: ProposalAct) -> LocalAnswer {
    carry_out(office, act).unwrap_or_else(refused)
}

fn carry_out(office: &Office, act: ProposalAct) -> Result<LocalAnswer, Localized> {
    let told = |error: StoreError| error.both();
    let found = |officer, number| {
        let none = || {
            Localized::new(
                format!("没有待批件 {number}；`yinzheng proposals list` 列出待批件"),
                format!("there is no proposal {number}; `yinzheng proposals list` lists them"),
            )
        };
        office.proposal_for(officer, number).map_err(told)?.ok_or_else(none)
    };
    match act {
        ProposalAct::List { after, limit } => {
            let all = office.proposals(after, limit).map_err(told)?;
            Ok(done(all.iter().map(ProposalView::from).collect::<Vec<_>>()))
        }
        ProposalAct::Show { number } => {
            Ok(done(ProposalView::from(found(Actor::LocalOperator, number)?.found())))
        }
        ProposalAct::Approve { number, digest, officer } => {
            let officer = named(&officer)?;
            let bad = || {
                Localized::new(
                    "--digest：须为 `yinzheng proposals show` 所显示的 64 位十六进制数字",
                    "--digest: the 64 hexadecimal digits that `yinzheng proposals show` prints",
                )
            };
            let digest = Digest::from_hex(&digest).ok_or_else(bad)?;
            match office.approve(&found(officer, number)?, digest) {
                Ok(issued) => Ok(done(artefacts(office, &issued))),
                Err(error) => Ok(not_issued(error)),
            }
        }
        ProposalAct::Refuse { number, reason, officer } => {
            let officer = named(&officer)?;
            let bad = |_| {
                Localized::new(
                    "--reason：1 至 200 个字符，写成一行",
                    "--reason: 1 to 200 characters on one line",
                )
            };
            let reason = Text::line(&reason, REASON_CHARACTERS).map_err(bad)?;
            match office.refuse(&found(officer, number)?, reason) {
                Ok(held) => Ok(done(ProposalView::from(&held))),
                Err(error) => Ok(not_issued(error)),
            }
        }
    }
}

/// An officer by name. Words that the journal uses for other authors are no names.
pub(super) fn named(name: &str) -> Result<Actor, Localized> {
    let bad = || {
        Localized::new(
            format!("--as {name:?}：姓名须为 1 至 40 个字符，写成一行"),
            format!("--as {name:?}: a name of 1 to 40 characters on one line"),
        )
    };
    let name = Text::line(name, NAME_CHARACTERS).map_err(|_| bad())?.to_string();
    if ["local_operator", "system"].iter().any(|word| is_same_name(word, &name)) {
        return Err(bad());
    }
    Ok(Actor::Person(name))
}

const NAME_CHARACTERS: usize = 40;
const REASON_CHARACTERS: usize = 200;
