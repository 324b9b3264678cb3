//! Change feed: identifiers, types and states of the licences that a department may know of.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::office::Office;
use super::error::SharingError;
use super::prepare::state_of;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::record::Licence;
use crate::store::EventKind;

/// One change. The state is the present one and may be newer than the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Change {
    /// Identifier of the licence.
    pub id: String,
    /// Slug of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its present state.
    #[schemars(extend("enum" = [
        "active", "not_yet_valid", "suspended", "revoked", "superseded", "expired",
    ]))]
    pub state: &'static str,
    /// When it changed.
    pub at: Timestamp,
    /// Number of the event in the journal.
    #[serde(skip)]
    pub number: u64,
    /// Kind of the event.
    #[serde(skip)]
    pub event: EventKind,
}

/// A page of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Changes in the order of the journal.
    pub changes: Vec<Change>,
    /// Number of the event to continue from.
    pub next: u64,
    /// Whether there may be more now.
    pub more: bool,
}

impl Office {
    /// Changes from a position in the journal on: those of the caller's own department, and those
    /// of types that a grant lets it read, as far as its feed right covers.
    pub fn changes(
        &self,
        caller: &Caller,
        since: u64,
        limit: usize,
    ) -> Result<Changes, SharingError> {
        self.changes_before(caller, since, u64::MAX, limit)
    }

    /// The same for the events before number `end`.
    pub(in crate::service) fn changes_before(
        &self,
        caller: &Caller,
        since: u64,
        end: u64,
        limit: usize,
    ) -> Result<Changes, SharingError> {
        caller.has(Verb::Feed)?;
        let grants = self.sharing.grants();
        let now = self.now();
        let may_know = |licence: &Licence| {
            let theirs = licence.department == caller.department();
            let granted = || {
                let mut reach = grants.iter().filter(|one| one.from == licence.department);
                reach.any(|one| one.reaches(caller.department(), &licence.kind, now))
            };
            caller.permit(Verb::Feed, &licence.kind).is_ok() && (theirs || granted())
        };
        let most = usize::try_from(end.saturating_sub(since)).unwrap_or(usize::MAX);
        let lines = self.store().reader().events(since, LOOKED_AT.min(most))?;
        let mut found = Changes { changes: Vec::new(), next: since, more: false };
        for line in &lines {
            if found.changes.len() == limit {
                found.more = true;
                return Ok(found);
            }
            found.next = line.index + 1;
            let (EventKind::Issued | EventKind::StatusChanged, Some(id)) = (line.kind, &line.id)
            else {
                continue;
            };
            let Some(stored) = self.store().reader().licence(id)? else { continue };
            let licence: Licence = stored.read()?;
            if may_know(&licence) {
                let (state, _) = state_of(&licence, now);
                let (id, kind) = (id.clone(), licence.kind);
                let (at, number, event) = (line.at, line.index, line.kind);
                found.changes.push(Change { id, kind, state, at, number, event });
            }
        }
        found.more = lines.len() == LOOKED_AT;
        Ok(found)
    }
}

/// Journal lines read per call; a caller that gets no change continues from `next`.
const LOOKED_AT: usize = 2_000;
