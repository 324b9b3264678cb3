//! The operator's confirmation that an office may continue: after the clock was set back, or with a
//! backup that may be older than issued licences.

use std::sync::PoisonError;

use super::access::DoorClosed;
use super::numbers;
use super::office::Office;
use super::state::{CurrentList, LISTS_OF_AN_EPOCH};
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::localized::Localized;
use crate::store::{EventKind, Store, StoreError, Transaction};

impl Office {
    /// Records that the operator confirms the clock: acts and clients are accepted from now on,
    /// whatever it showed before.
    pub fn confirm_clock(&self, actor: &Actor) -> Result<(), DoorClosed> {
        let blinding = draw(&*self.parts.entropy);
        self.store().commit(Transaction::new(
            EventKind::Confirmed,
            actor.clone(),
            self.now(),
            blinding,
        ))?;
        Ok(self.confirm_door()?)
    }

    /// Records that the log key with this id signs nothing from now on.
    pub fn retire_log_key(&self, id: &str, actor: &Actor) -> Result<(), StoreError> {
        let blinding = draw(&*self.parts.entropy);
        let act = Transaction::new(EventKind::Registered, actor.clone(), self.now(), blinding);
        self.store().commit(Transaction { note: Some(retired(id)), ..act })
    }

    /// Begins a new epoch, with separate serials and status lists. `left_out` numbers of every type
    /// stay unused, because lost events may have used them. Returns its number.
    pub fn begin_epoch(&self, actor: &Actor, left_out: u64) -> Result<u32, StoreError> {
        let now = self.now();
        for kind in self.types().iter() {
            self.store().reserve(&numbers::range(&kind.slug), left_out, now)?;
        }
        let (epoch, filled) = (self.store().reader().epoch()?, self.store().reader().filled()?);
        let epoch = epoch.max(filled.list / LISTS_OF_AN_EPOCH) + 1;
        let blinding = draw(&*self.parts.entropy);
        self.store().commit(Transaction {
            epoch: Some(epoch),
            ..Transaction::new(EventKind::Opened, actor.clone(), now, blinding)
        })?;
        // The other journal may have lost events too.
        let blinding = draw(&*self.parts.entropy);
        self.accesses().commit(Transaction {
            epoch: Some(epoch),
            ..Transaction::new(EventKind::Opened, actor.clone(), now, blinding)
        })?;
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        ranges.clear();
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        *list = CurrentList::find(self.store(), self.parts.list_entries)?;
        Ok(epoch)
    }
}

impl Office {
    /// Adds to the message that something is not on record how it can be genuine nevertheless: in an
    /// office that was restored.
    pub fn with_lost_records(&self, mut message: Localized) -> Localized {
        if self.store().reader().epoch().is_ok_and(|epoch| epoch > 0) {
            message.zh.push_str("；机构从备份恢复过，备份之后签发的证照没有记录，请向签发部门核实");
            message.en.push_str(
                "; this office was restored from a backup and has no record of what was issued after \
                 it: ask the department that issued it",
            );
        }
        message
    }
}

/// Whether a journal records that the log key with this id was retired. Reads every line of it.
pub fn is_log_key_retired(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    let note = Some(retired(id));
    let mut next = 0;
    loop {
        let lines = store.reader().events(next, LINES)?;
        let mut registered = lines.iter().filter(|line| line.kind == EventKind::Registered);
        if registered.any(|line| line.note == note) {
            return Ok(true);
        }
        let Some(last) = lines.last() else { return Ok(false) };
        next = last.index + 1;
    }
}

fn retired(id: &str) -> String {
    format!("log key {id} retired")
}

/// How many numbers of each type a new epoch leaves out when nobody says it. For lost events whose
/// number is known, as many, and the reservations of twenty crashes, a thousand each.
pub const fn usually_left_out(lost_events: u64) -> u64 {
    match lost_events {
        0 => LEFT_OUT_UNKNOWN,
        lost => lost.saturating_add(20_000),
    }
}

/// For an unknown number of lost events.
const LEFT_OUT_UNKNOWN: u64 = 100_000;
/// Journal lines per read.
const LINES: usize = 1000;
