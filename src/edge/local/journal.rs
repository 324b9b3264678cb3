//! Search in the journal for an operator, and the journals' state.

use super::answers::{AuditAnswer, AuditEvent, LocalAnswer, StatusAnswer, done, failed};
use super::licences::not_found;
use crate::base::localized::{Bilingual as _, Localized};
use crate::base::time::{CHINA_SECONDS, Timestamp};
use crate::domain::licence::record::Licence;
use crate::service::audit::{self, Sought};
use crate::service::office::Office;
use crate::service::webhooks::kept_webhook_keys;
use crate::store::{EventKind, EventLine, StoreError};

/// Lines of the journal by whom and about what; `all` has the office's own housekeeping too.
pub(super) fn search(
    office: &Office,
    next: u64,
    since: Option<&str>,
    (actor, id): (Option<&str>, Option<&str>),
    all: bool,
) -> Result<AuditAnswer, Localized> {
    let from = since.and_then(Timestamp::parse);
    if since.is_some() && from.is_none() {
        return Err(Localized::new(
            "--since：时刻写作 2026-11-24T06:00:00Z",
            "--since: an instant such as 2026-11-24T06:00:00Z",
        ));
    }
    let licence = id.map(|id| office.licence(id)).transpose();
    let licence = licence.map_err(|error| not_found(office, &error))?;
    let id = licence.as_ref().map(|licence| licence.id.as_str());
    let search = |sought: &Sought<'_>| {
        let (lines, next) = office.audit(sought, next, AUDIT_LINES)?;
        let wanted = lines.iter().filter(|line| all || !is_housekeeping(line.kind));
        let events = wanted.map(|line| event(office, line)).collect::<Result<Vec<_>, StoreError>>();
        Ok(AuditAnswer { events: events?, next })
    };
    search(&Sought { from, actor, id }).map_err(|error: StoreError| error.both())
}

/// What the office does on its own, and what nobody asked for.
const fn is_housekeeping(kind: EventKind) -> bool {
    match kind {
        EventKind::Reserved | EventKind::Void | EventKind::Returned | EventKind::Defined => true,
        EventKind::Opened
        | EventKind::Issued
        | EventKind::StatusChanged
        | EventKind::Confirmed
        | EventKind::Registered
        | EventKind::Proposed
        | EventKind::Reported
        | EventKind::Accessed
        | EventKind::Consented => false,
    }
}

fn event(office: &Office, line: &EventLine) -> Result<AuditEvent, StoreError> {
    let entries = line.entries.iter().map(|(room, key)| format!("{}/{key}", room.name()));
    let stored =
        line.id.as_deref().map(|id| office.store().reader().licence(id)).transpose()?.flatten();
    let licence: Option<Licence> = stored.map(|stored| stored.read()).transpose()?;
    let local = line.at.civil(CHINA_SECONDS).to_string().replace('T', " ");
    Ok(AuditEvent {
        index: line.index,
        at: line.at,
        local_time: local,
        event: line.kind,
        note: line.note.clone(),
        actor: audit::name(&line.actor).to_owned(),
        id: line.id.clone(),
        number: licence.map(|licence| licence.number),
        entries: entries.collect(),
    })
}

/// Size and root of the journals.
pub(super) fn status(office: &Office) -> LocalAnswer {
    let keys = kept_webhook_keys(office.store()).ok().flatten().map(|(keys, _)| keys);
    let refuses = office.store().accepts().and_then(|()| office.accesses().accepts());
    let definitions = office.definitions().map(|one| (one.vct.clone(), one.integrity.clone()));
    let numbers = match office.numbers() {
        Ok(numbers) => numbers,
        Err(error) => return failed(&error),
    };
    done(StatusAnswer {
        numbers,
        extent: office.store().extent(),
        accesses: office.accesses().extent(),
        last_event: office.store().last_event(),
        webhook_keys: keys,
        closed_door: office.admits().err().map(|error| error.both()),
        log_key: office.log_key().err().map(|error| error.both()),
        refuses: refuses.err().map(|error| error.both()),
        definitions: definitions.collect(),
    })
}

/// Lines of the journal in one answer.
const AUDIT_LINES: usize = 1000;
