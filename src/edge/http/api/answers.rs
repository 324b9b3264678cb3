//! Answers that several handlers give.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::headers;
use crate::base::digest::Digest;
use crate::domain::licence::proposal::Stage;
use crate::edge::http::metrics::IssuedNow;
use crate::service::issue_command::Issued;
use crate::service::propose::StoredProposal;
use crate::store::EventLine;

/// A licence issued just now, or under the same key before.
pub(super) fn issued_answer(issued: &Issued) -> Response {
    let place = format!("/v1/licences/{}", issued.licence.id);
    let body = json!({ "licence": issued.licence, "warnings": issued.warnings });
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
pub(super) fn tagged(seen: Digest, body: &impl serde::Serialize) -> Response {
    ([(header::ETAG, headers::etag(seen))], Json(json!(body))).into_response()
}

/// A line of the journal as the API shows it.
pub(super) fn event(line: &EventLine) -> Value {
    let entries: Vec<_> =
        line.entries.iter().map(|(room, key)| format!("{}/{key}", room.name())).collect();
    json!({
        "index": line.index,
        "at": line.at,
        "event": line.kind,
        "note": line.note,
        "actor": line.actor,
        "id": line.id,
        "entries": entries,
    })
}

/// Accepted, and pending.
pub(super) fn proposed_answer(held: &StoredProposal) -> Response {
    let place = format!("/v1/proposals/{}", held.proposal.number);
    let body = json!({ "proposal": view(held), "warnings": held.warnings });
    let mut answer = (StatusCode::ACCEPTED, tagged(held.seen, &body)).into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    answer
}

/// A proposal as callers see it.
pub(super) fn view(held: &StoredProposal) -> Value {
    let proposal = &held.proposal;
    let (closed, licence, reason) = match &proposal.stage {
        Stage::Pending => (None, None, None),
        Stage::Approved { closed, licence } => (Some(closed), Some(licence), None),
        Stage::Refused { closed, reason } => (Some(closed), None, Some(reason)),
    };
    json!({
        "number": proposal.number,
        "state": proposal.stage.name(),
        "digest": proposal.digest().to_hex(),
        "type": proposal.kind,
        "type_version": proposal.kind_version,
        "application": proposal.application,
        "proposed": proposal.proposed,
        "edited": proposal.edited,
        "closed": closed,
        "licence": licence,
        "reason": reason,
    })
}
