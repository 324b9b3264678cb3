//! Answers that several handlers give.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::headers;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::localized::Fault;
use crate::base::time::Timestamp;
use crate::domain::licence::proposal::{self, Authored, Stage};
use crate::domain::licence::record::Licence;
use crate::edge::http::metrics::IssuedNow;
use crate::service::issue_command::Issued;
use crate::service::propose::StoredProposal;
use crate::store::{EventKind, EventLine};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Issued")]
pub(super) struct IssuedLicence<'a> {
    licence: &'a Licence,
    warnings: &'a [Fault],
}

/// A licence issued just now, or under the same key before.
pub(super) fn issued_answer(issued: &Issued) -> Response {
    let place = format!("/v1/licences/{}", issued.licence.id);
    let body = IssuedLicence { licence: &issued.licence, warnings: &issued.warnings };
    let mut answer = (StatusCode::CREATED, tagged(issued.seen, &body)).into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    if !issued.again {
        answer.extensions_mut().insert(IssuedNow);
    }
    answer
}

/// JSON with its entity tag.
pub(super) fn tagged(seen: Digest, body: &impl Serialize) -> Response {
    ([(header::ETAG, headers::etag(seen))], Json(json!(body))).into_response()
}

/// A line of the journal.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(super) struct JournalLine<'a> {
    /// Place in the log.
    index: u64,
    at: Timestamp,
    event: EventKind,
    /// What was done, as `revoked penalty`.
    note: Option<&'a str>,
    actor: &'a Actor,
    /// Identifier of the licence concerned.
    id: Option<&'a str>,
    /// The records written, as `proposal/000000000007`.
    entries: Vec<String>,
    /// The proposal that the licence was issued from.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<EventProposal>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct EventProposal {
    number: u64,
    proposed: Authored,
    edited: Option<Authored>,
}

impl<'a> JournalLine<'a> {
    pub(super) fn of(line: &'a EventLine) -> Self {
        let entries = line.entries.iter().map(|(room, key)| format!("{}/{key}", room.name()));
        Self {
            index: line.index,
            at: line.at,
            event: line.kind,
            note: line.note.as_deref(),
            actor: &line.actor,
            id: line.id.as_deref(),
            entries: entries.collect(),
            proposal: None,
        }
    }

    /// With the proposal that was made, changed or closed by it.
    pub(super) fn about(self, proposal: Option<&proposal::Proposal>) -> Self {
        let proposal = proposal.map(|proposal| EventProposal {
            number: proposal.number,
            proposed: proposal.proposed.clone(),
            edited: proposal.edited.clone(),
        });
        Self { proposal, ..self }
    }
}

/// Accepted, and pending.
pub(super) fn proposed_answer(held: &StoredProposal) -> Response {
    let place = format!("/v1/proposals/{}", held.proposal.number);
    let mut answer = (StatusCode::ACCEPTED, tagged(held.seen, &Proposed::of(held))).into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    answer
}

/// A proposal that was checked just now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Proposed<'a> {
    proposal: Proposal<'a>,
    warnings: &'a [Fault],
}

impl<'a> Proposed<'a> {
    pub(super) fn of(held: &'a StoredProposal) -> Self {
        Self { proposal: Proposal::of(held), warnings: &held.warnings }
    }
}

/// A proposal.
#[derive(Serialize, JsonSchema)]
pub(super) struct Proposal<'a> {
    #[schemars(range(min = 1))]
    number: u64,
    #[schemars(extend("enum" = PROPOSAL_STATES))]
    state: &'static str,
    /// What an approver names.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    digest: String,
    /// Slug of the type.
    r#type: &'a str,
    type_version: u16,
    #[schemars(with = "Map<String, Value>")]
    application: &'a Value,
    proposed: &'a Authored,
    edited: Option<&'a Authored>,
    closed: Option<&'a Authored>,
    /// Identifier of the licence.
    licence: Option<&'a str>,
    /// Why it was refused.
    reason: Option<&'a str>,
}

impl<'a> Proposal<'a> {
    pub(super) fn of(held: &'a StoredProposal) -> Self {
        let proposal = &held.proposal;
        let (closed, licence, reason) = match &proposal.stage {
            Stage::Pending => (None, None, None),
            Stage::Approved { closed, licence } => (Some(closed), Some(licence.as_str()), None),
            Stage::Refused { closed, reason } => (Some(closed), None, Some(reason.as_str())),
        };
        Self {
            number: proposal.number,
            state: proposal.stage.name(),
            digest: proposal.digest().to_hex(),
            r#type: &proposal.kind,
            type_version: proposal.kind_version,
            application: &proposal.application,
            proposed: &proposal.proposed,
            edited: proposal.edited.as_ref(),
            closed,
            licence,
            reason,
        }
    }
}

pub(super) const PROPOSAL_STATES: [&str; 3] = ["pending", "approved", "refused"];
