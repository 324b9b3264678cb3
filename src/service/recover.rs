//! An operator's word that an office may go on after a warning.

use super::office::Office;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::store::{Act, EventKind, StoreError};

impl Office {
    /// Notes that the operator confirms the clock, and, when events are known to be lost, leaves
    /// out the numbers that they may have used: as many as there were events, and what twenty
    /// restarts may have set aside.
    pub fn confirm(&self, actor: &Actor, lost_events: u64) -> Result<(), StoreError> {
        let now = self.now();
        if lost_events > 0 {
            let skip = lost_events.saturating_add(RESTARTS);
            self.store().reserve("serial", skip, now)?;
            for kind in self.types().iter() {
                self.store().reserve(&format!("number/{}", kind.slug), skip, now)?;
            }
        }
        self.store().commit(Act {
            actor: actor.clone(),
            at: now,
            event: EventKind::Confirmed,
            licence: None,
            documents: Vec::new(),
            code: None,
            number: None,
            idempotency: None,
            status: Vec::new(),
            blind: draw(&*self.parts.entropy),
        })
    }
}

/// Twenty restarts with a thousand numbers each.
const RESTARTS: u64 = 20_000;
