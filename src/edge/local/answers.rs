//! What acts are answered with: one type for each, here, in the socket and in the command line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::localized::{Bilingual, Fault, Localized};
use crate::base::time::Timestamp;
use crate::domain::access::Client;
use crate::domain::licence::proposal::Proposal;
use crate::domain::licence::record::Licence;
use crate::domain::webhooks::{Destination, Ending, HookKey, HookKeys};
use crate::service::numbers::Numbers;
use crate::service::propose::StoredProposal;
use crate::store::{EventKind, Extent};

/// A licence was issued, or was proposed because it needs a second person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IssueAnswer {
    /// It was issued.
    Issued(Box<Artefacts>),
    /// It was proposed.
    Proposed {
        /// What was proposed.
        proposal: Box<ProposalView>,
        /// What should be looked at twice.
        warnings: Vec<ReadFault>,
    },
}

/// What a command writes into files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Artefacts {
    /// The proof that the licence is in the log, when it could be made.
    pub proof: Option<String>,
    /// The record.
    pub licence: Licence,
    /// The sealed PDF.
    #[serde(with = "super::base64_bytes")]
    pub pdf: Vec<u8>,
    /// The holder credential.
    pub credential: String,
    /// What should be looked at twice.
    pub warnings: Vec<ReadFault>,
}

/// Who asked about a licence, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessesAnswer {
    /// The lines as the access journal has them.
    pub lines: Vec<String>,
    /// Whether there are more.
    pub more: bool,
}

/// Lines of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditAnswer {
    /// Those that were found, in their order.
    pub events: Vec<AuditEvent>,
    /// The number of the line to go on with.
    pub next: Option<u64>,
}

/// A line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Its place in the tree, from 0.
    pub index: u64,
    /// When.
    pub at: Timestamp,
    /// The same in China.
    pub local_time: String,
    /// What happened.
    pub event: EventKind,
    /// What was done, where the event does not say it.
    pub note: Option<String>,
    /// Who did it.
    pub actor: String,
    /// The licence that it is about.
    pub id: Option<String>,
    /// The number of that licence.
    pub number: Option<String>,
    /// The entries that it wrote, as in `proposal/7`.
    pub entries: Vec<String>,
}

/// How far the journals are, and what keeps the office from working.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// Of the journal.
    pub extent: Extent,
    /// Of the journal of accesses.
    pub accesses: Extent,
    /// When the last event was written.
    pub last_event: Option<Timestamp>,
    /// The keys for webhooks, since the first one was replaced.
    pub webhook_keys: Option<HookKeys>,
    /// Why no client can be let in.
    pub closed_door: Option<Localized>,
    /// Why the key of the log cannot be used.
    pub log_key: Option<Localized>,
    /// Why nothing is stored any more.
    pub refuses: Option<Localized>,
    /// The numbers of every type.
    pub numbers: Vec<Numbers>,
    /// Digests of the definitions in use, by their addresses.
    pub definitions: BTreeMap<String, String>,
}

/// A verification report, and the same as PDF, sealed by the office.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaperAnswer {
    /// The report.
    pub report: Value,
    /// Its PDF.
    #[serde(with = "super::base64_bytes")]
    pub pdf: Vec<u8>,
}

/// A client of the departments' API, and the office's address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientAnswer {
    /// The client as it is now.
    pub client: Client,
    /// `public_base_url` of the office.
    pub base_url: String,
}

/// A destination, and the keys that its receiver checks with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DestinationAnswer {
    /// The destination as it is now.
    pub destination: Destination,
    /// The keys.
    #[serde(flatten)]
    pub keys: ReceiverKeys,
}

/// Every destination.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DestinationsAnswer {
    /// By name.
    pub destinations: Vec<DestinationState>,
    /// How many events the journal has.
    pub events: u64,
    /// The keys.
    #[serde(flatten)]
    pub keys: ReceiverKeys,
}

/// A destination and how far its messages are delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DestinationState {
    /// The destination.
    pub destination: Destination,
    /// Number of the first event that it was not told of.
    pub told: u64,
}

/// Public keys of webhooks, for receivers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ReceiverKeys {
    /// The one that signs; none when its file cannot be read.
    pub key: Option<HookKey>,
    /// The one before, as long as it signs too.
    pub key_before: Option<Ending>,
}

/// What a destination answered to a message that tells of nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TestAnswer {
    /// Identifier of the message.
    pub id: String,
    /// Status of the answer.
    pub status: u16,
}

/// A proposal and the digest by which it is approved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProposalView {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// Its digest, hexadecimal.
    pub digest: String,
}

impl From<&StoredProposal> for ProposalView {
    fn from(held: &StoredProposal) -> Self {
        let proposal = held.proposal.clone();
        Self { digest: proposal.digest().to_hex(), proposal }
    }
}

/// A [`Fault`] whose code was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFault {
    /// JSON pointer to the value at fault.
    pub pointer: String,
    /// Stable name.
    pub code: String,
    /// What is wrong and how to mend it.
    pub message: Localized,
}

impl From<&Fault> for ReadFault {
    fn from(fault: &Fault) -> Self {
        Self {
            pointer: fault.pointer.clone(),
            code: fault.code.to_owned(),
            message: fault.message.clone(),
        }
    }
}

/// All of them.
pub(super) fn told(faults: &[Fault]) -> Vec<ReadFault> {
    faults.iter().map(ReadFault::from).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_proposal_is_read_as_it_was_written() {
        let by =
            json!({ "by": { "kind": "person", "name": "王小明" }, "at": "2026-11-24T06:00:00Z" });
        let view = json!({
            "proposal": 1, "number": 7, "department": "market", "kind": "business", "kind_version": 1,
            "application": { "fields": { "capital": 1.5 } }, "proposed": by,
            "stage": { "state": "refused", "closed": by, "reason": "材料不全" }, "digest": "00",
        });
        let answer = json!({ "proposal": view, "warnings": [] });
        let read: IssueAnswer = serde_json::from_value(answer.clone()).unwrap();
        assert!(matches!(&read, IssueAnswer::Proposed { .. }));
        assert_eq!(json!(read), answer);
    }
}

/// The answer: a value, or a message and the faults of an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalAnswer {
    /// The result of a request that was done.
    Done(Value),
    /// The error of a request that was not.
    Failed {
        /// Message for the operator.
        message: Localized,
        /// Faults, with pointers.
        faults: Vec<ReadFault>,
    },
}

pub(super) fn done(answer: impl Serialize) -> LocalAnswer {
    LocalAnswer::Done(json!(answer))
}

pub(super) fn answered<T: Serialize, E: Bilingual>(result: Result<T, E>) -> LocalAnswer {
    match result {
        Ok(value) => done(value),
        Err(error) => failed(&error),
    }
}

pub(super) fn failed(error: &dyn Bilingual) -> LocalAnswer {
    refused(error.both())
}

pub(super) fn refused(message: Localized) -> LocalAnswer {
    LocalAnswer::Failed { message, faults: Vec::new() }
}
