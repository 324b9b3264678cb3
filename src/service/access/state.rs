//! In-memory state of client authentication.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::door::{Door, NotKept, Reading};
use super::tokens::Memory;
use crate::base::time::Timestamp;
use crate::domain::access::{Client, ClientName};
use crate::service::parts::OfficeParts;
use crate::store::{Collection, Store, StoreError};

/// Clients, tokens and used proofs in memory.
#[derive(Debug)]
pub(in crate::service) struct Access {
    pub(super) door: Mutex<Door>,
    pub(super) kept: Mutex<StoredInstant>,
    pub(super) memory: Mutex<Memory>,
    /// The stored registrations, which decide what each client may do now.
    pub(super) clients: RwLock<HashMap<ClientName, Arc<Client>>>,
    /// Held shared while a token is given out, from reading the registration until the token is
    /// stored; held exclusively while a registration changes, until the tokens that end with it are
    /// gone. Otherwise a client that is disabled in between would keep a token.
    pub(super) gate: RwLock<()>,
}

/// The instant at which a client was last admitted, as stored on disk.
#[derive(Debug)]
pub(super) struct StoredInstant {
    /// The instant; when it could not be read, no client is admitted until the operator confirms
    /// the clock.
    pub(super) at: Result<Option<Timestamp>, NotKept>,
    /// Why it could not be stored last time. The next client tries again.
    pub(super) failed: Option<NotKept>,
}

impl Access {
    pub(in crate::service) fn open(parts: &OfficeParts) -> Result<Self, StoreError> {
        let clients = RwLock::new(all_clients(&*parts.store)?);
        let kept = parts.last_time.last();
        let events = [parts.store.last_event(), parts.accesses.last_event()];
        let last = [events[0].max(events[1]), kept.as_ref().ok().copied().flatten()];
        let door = Door::new(Reading::of(parts), last);
        let memory = Mutex::new(Memory::new(door.since()));
        let kept = StoredInstant { at: kept, failed: None };
        let (door, kept) = (Mutex::new(door), Mutex::new(kept));
        Ok(Self { door, kept, memory, clients, gate: RwLock::new(()) })
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, StoredInstant> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every client of a store.
pub(super) fn all_clients(
    store: &dyn Store,
) -> Result<HashMap<ClientName, Arc<Client>>, StoreError> {
    let clients = store.reader().every(Collection::Client)?;
    let clients = clients.iter().map(|entry| {
        let client: Client = entry.read()?;
        Ok((client.name.clone(), Arc::new(client)))
    });
    clients.collect()
}
