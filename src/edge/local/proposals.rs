//! Proposals for the local operator. The officer's name is the operator's claim: an office that
//! must be sure of two persons gives them two clients, whose keys differ.

use serde::{Deserialize, Serialize};

use super::licences::{artefacts, not_issued};
use super::{LocalAnswer, ProposalView, done, failed};
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::text::{Text, is_same_name};
use crate::service::office::Office;

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
    carry_out(office, act).unwrap_or_else(|message| failed(&message))
}

fn carry_out(office: &Office, act: ProposalAct) -> Result<LocalAnswer, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let found = |officer, number| {
        let none =
            || format!("there is no proposal {number}; `yinzheng proposals list` lists them");
        office.proposal_for(officer, number).map_err(|error| told(&error))?.ok_or_else(none)
    };
    match act {
        ProposalAct::List { after, limit } => {
            let all = office.proposals(after, limit).map_err(|error| told(&error))?;
            Ok(done(all.iter().map(ProposalView::from).collect::<Vec<_>>()))
        }
        ProposalAct::Show { number } => {
            Ok(done(ProposalView::from(found(Actor::LocalOperator, number)?.found())))
        }
        ProposalAct::Approve { number, digest, officer } => {
            let officer = named(&officer)?;
            let bad = "--digest: the 64 hexadecimal digits that `yinzheng proposals show` prints";
            let digest = Digest::from_hex(&digest).ok_or_else(|| bad.to_owned())?;
            match office.approve(&found(officer, number)?, digest) {
                Ok(issued) => Ok(done(artefacts(office, &issued))),
                Err(error) => Ok(not_issued(error)),
            }
        }
        ProposalAct::Refuse { number, reason, officer } => {
            let officer = named(&officer)?;
            let bad = |_| "--reason: 1 to 200 characters on one line".to_owned();
            let reason = Text::line(&reason, REASON_CHARACTERS).map_err(bad)?;
            let refused = office.refuse(&found(officer, number)?, reason);
            Ok(done(ProposalView::from(&refused.map_err(|error| told(&error))?)))
        }
    }
}

/// An officer by name. Words that the journal uses for other authors are no names.
pub(super) fn named(name: &str) -> Result<Actor, String> {
    let bad = || format!("--as {name:?}: a name of 1 to 40 characters on one line");
    let name = Text::line(name, NAME_CHARACTERS).map_err(|_| bad())?.to_string();
    if ["local_operator", "system"].iter().any(|word| is_same_name(word, &name)) {
        return Err(bad());
    }
    Ok(Actor::Person(name))
}

const NAME_CHARACTERS: usize = 40;
const REASON_CHARACTERS: usize = 200;
