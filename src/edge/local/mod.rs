//! Requests of the local operator: run directly, or through the Unix socket of the serving process.

mod answers;
mod base64_bytes;
mod clients;
mod destinations;
mod journal;
mod licences;
mod proposals;
mod socket;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::log::{self, LogAct};
use crate::base::actor::Actor;
use crate::service::issue_command::{Request, Requester};
use crate::service::licence_search::LicenceSearch;
use crate::service::office::Office;
use crate::service::sharing::NewGrant;

pub use answers::{
    AccessesAnswer, Artefacts, AuditAnswer, AuditEvent, ClientAnswer, DestinationAnswer,
    DestinationState, DestinationsAnswer, IssueAnswer, LocalAnswer, PaperAnswer, ProposalView,
    ReadFault, ReceiverKeys, StatusAnswer, TestAnswer,
};
use answers::{answered, refused};
pub use clients::ClientAct;
pub use destinations::DestinationAct;
pub use licences::StatusAct;
pub use proposals::ProposalAct;
pub use socket::{Socket, Unanswered, ask, listen};

/// Requests of the operator about clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum LocalAct {
    /// Issue a licence.
    Issue {
        /// Slug of the type.
        kind: String,
        /// The application.
        input: Value,
        /// The idempotency key.
        idempotency: Option<String>,
        /// Name of the officer for the journal, if any.
        #[serde(default)]
        officer: Option<String>,
    },
    /// A request about proposals.
    Proposal {
        /// The request.
        ask: ProposalAct,
    },
    /// Revoke, suspend or resume a licence.
    ChangeStatus {
        /// Identifier or number.
        id: String,
        /// What is done to it.
        change: StatusAct,
    },
    /// Read a licence's record.
    Show {
        /// Identifier or number.
        id: String,
    },
    /// The licences that are looked for among the next thousand.
    List {
        /// Which are wanted.
        search: LicenceSearch,
        /// After this identifier.
        after: String,
    },
    /// Verify a file.
    Verify {
        /// Name of the file.
        file: String,
        /// Its bytes.
        #[serde(with = "base64_bytes")]
        bytes: Vec<u8>,
    },
    /// Verify a file and make the report as a sealed PDF.
    VerifyOnPaper {
        /// Name of the file.
        file: String,
        /// Its bytes.
        #[serde(with = "base64_bytes")]
        bytes: Vec<u8>,
    },
    /// Size and root of the journals.
    Status,
    /// Make, list or withdraw a grant.
    Grant {
        /// The request.
        grant: GrantAct,
    },
    /// Accesses to a licence, the newest first: the lines of the access journal, and whether there
    /// are more.
    Accesses {
        /// Identifier or number.
        id: String,
        /// Most accesses to return.
        limit: usize,
    },
    /// Record that the operator confirms the clock.
    ConfirmClock,
    /// A request about clients of the departments' API.
    Client {
        /// The request.
        change: ClientAct,
    },
    /// A request about webhook destinations.
    Destination {
        /// The request.
        change: DestinationAct,
    },
    /// Lines of the journal.
    Audit {
        /// From this number on.
        next: u64,
        /// Not before this instant.
        since: Option<String>,
        /// Name of the author.
        actor: Option<String>,
        /// Identifier or number of a licence.
        id: Option<String>,
        /// With the office's own housekeeping.
        all: bool,
    },
    /// A request to the log.
    Log {
        /// The request.
        ask: LogAct,
    },
    /// Read a licence's record and artefacts.
    Export {
        /// Identifier or number.
        id: String,
    },
}

impl LocalAct {
    /// Whether it waits for a foreign server.
    const fn asks_elsewhere(&self) -> bool {
        matches!(self, Self::Destination { change: DestinationAct::Test { .. } })
    }
}

/// Requests of the operator about grants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "grant_act", rename_all = "snake_case", deny_unknown_fields)]
pub enum GrantAct {
    /// Make a grant.
    Add {
        /// Content of the grant.
        new: NewGrant,
    },
    /// List all grants.
    List,
    /// Withdraw a grant.
    Withdraw {
        /// Number of the grant.
        number: u64,
    },
}

/// Runs the request.
pub fn perform(office: &Office, act: LocalAct) -> LocalAnswer {
    let actor = Actor::LocalOperator;
    match act {
        LocalAct::Issue { kind, input, idempotency, officer } => {
            let named = officer.as_deref().map(proposals::named).transpose();
            let actor = match named {
                Ok(named) => named.unwrap_or(actor),
                Err(message) => return refused(message),
            };
            let idempotency = idempotency.as_deref();
            let requester = &Requester::Operator(actor);
            let request = Request { requester, kind: &kind, input: &input, idempotency };
            licences::issue(office, &request)
        }
        LocalAct::ChangeStatus { id, change } => licences::change(office, &id, change, &actor),
        LocalAct::Show { id } => licences::show(office, &id),
        LocalAct::Export { id } => licences::export(office, &id),
        LocalAct::Audit { next, since, actor, id, all } => {
            let by = (actor.as_deref(), id.as_deref());
            match journal::search(office, next, since.as_deref(), by, all) {
                Ok(found) => answers::done(found),
                Err(message) => refused(message),
            }
        }
        LocalAct::Log { ask } => answered(log::perform(office, ask)),
        LocalAct::Grant { grant } => change_grants(office, grant, &actor),
        LocalAct::Accesses { id, limit } => licences::accesses(office, &id, limit),
        LocalAct::ConfirmClock => answered(office.confirm_clock(&actor)),
        LocalAct::Client { change } => clients::perform(office, change),
        LocalAct::Destination { change } => destinations::perform(office, change),
        LocalAct::Proposal { ask } => proposals::perform(office, ask),
        LocalAct::List { search, after } => answered(office.search_licences(&search, &after)),
        LocalAct::Verify { file, bytes } => LocalAnswer::Done(json!(office.verify(&file, &bytes))),
        LocalAct::VerifyOnPaper { file, bytes } => {
            licences::verify_on_paper(office, &file, &bytes, &actor)
        }
        LocalAct::Status => journal::status(office),
    }
}

fn change_grants(office: &Office, act: GrantAct, actor: &Actor) -> LocalAnswer {
    let changed = match act {
        GrantAct::Add { new } => office.add_grant(new, actor),
        GrantAct::Withdraw { number } => office.withdraw_grant(number, actor),
        GrantAct::List => return LocalAnswer::Done(json!(office.grants())),
    };
    answered(changed)
}
