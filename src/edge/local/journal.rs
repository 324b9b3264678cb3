//! Search in the journal for an operator, and the journals' state.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{LocalAnswer, answered, failed};
use crate::base::time::Timestamp;
use crate::service::audit::{self, Sought};
use crate::service::office::Office;
use crate::service::webhooks::kept_webhook_keys;
use crate::store::EventLine;

/// Lines of the journal by author and licence.
pub(super) fn search(
    office: &Office,
    next: u64,
    since: Option<&str>,
    (actor, id): (Option<&str>, Option<&str>),
) -> LocalAnswer {
    let from = since.and_then(Timestamp::parse);
    if since.is_some() && from.is_none() {
        return failed(&"since: an instant such as 2026-11-24T06:00:00Z");
    }
    answered(office.audit(&Sought { from, actor, id }, next, AUDIT_LINES).map(|(lines, next)| {
        let events: Vec<_> = lines.iter().map(line).collect();
        json!({ "events": events, "next": next })
    }))
}

fn line(line: &EventLine) -> Value {
    let entries = line.entries.iter().map(|(room, key)| format!("{}/{key}", room.name()));
    json!({
        "index": line.index,
        "at": line.at,
        "event": line.kind,
        "note": line.note,
        "actor": audit::name(&line.actor),
        "id": line.id,
        "entries": entries.collect::<Vec<_>>(),
    })
}

/// Size and root of the journals.
pub(super) fn status(office: &Office) -> LocalAnswer {
    let last = office.store().last_event().map(Timestamp::unix);
    let accesses = office.accesses().extent();
    let keys = kept_webhook_keys(office.store()).ok().flatten().map(|(keys, _)| keys);
    let refuses = office.store().accepts().and_then(|()| office.accesses().accepts());
    let definitions = office.definitions().map(|one| (&one.vct, &one.integrity));
    LocalAnswer::Done(json!({
        "extent": office.store().extent(), "accesses": accesses, "last_event": last,
        "webhook_keys": keys,
        "closed_door": office.admits().err().map(|error| error.to_string()),
        "log_key": office.log_key().err().map(|error| error.to_string()),
        "refuses": refuses.err().map(|error| error.to_string()),
        "definitions": definitions.collect::<BTreeMap<_, _>>(),
    }))
}

/// Lines of the journal in one answer.
const AUDIT_LINES: usize = 1000;
