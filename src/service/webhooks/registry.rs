//! Destinations: registered, paused, resumed and removed by an administrator; every change is a
//! line of the journal. Callers of the API cannot register one.

use super::super::access::RegistryError;
use super::error::HookError;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::limits::Delivering;
use crate::base::localized::Localized;
use crate::domain::access::{Caller, ClientName, Verb};
use crate::domain::webhooks::{BadDestination, Destination, HookUrl, NotAllowed, State, Turn};
use crate::service::office::Office;
use crate::store::{Collection, EventKind, Record, StoreError, Transaction};

/// A new destination, as an administrator enters it.
#[derive(Clone, Copy, Debug)]
pub struct NewDestination<'a> {
    /// Name of the destination, unique in the office.
    pub name: &'a str,
    /// The client whose rights decide what it receives.
    pub client: &'a str,
    /// The `https` address that messages are posted to.
    pub url: &'a str,
    /// The only trusted roots for this destination, in PEM; the caller has checked that they can be
    /// used.
    pub roots: Option<&'a str>,
}

/// A destination with the revision of its registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The registration.
    pub destination: Destination,
    /// Grows with each change.
    pub revision: u64,
}

/// Why a registration was not changed; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// The input breaks a rule of registrations.
    #[error(transparent)]
    Bad(#[from] BadDestination),
    /// The client does not exist, or cannot be read.
    #[error(transparent)]
    Client(#[from] RegistryError),
    /// The client may not read the feed.
    #[error("the client {0} is disabled or has no right feed; nothing could be sent")]
    NoFeed(String),
    /// A destination of this name exists.
    #[error(
        "a destination named {0:?} is registered already; remove it first, or choose another name"
    )]
    Known(String),
    /// No destination has this name.
    #[error(
        "no destination is named {0:?}; `yinzheng destination list` shows those that there are"
    )]
    Unknown(String),
    /// There are too many.
    #[error("an office has {0} destinations at the most; remove one first")]
    TooMany(usize),
    /// It has the requested state already.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// No signing key can be used.
    #[error("{0}. The first key is made when the office is started with its passphrase")]
    Key(#[from] HookError),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Registers a destination. It receives changes from now on.
    pub fn add_destination(
        &self,
        new: NewDestination<'_>,
        actor: &Actor,
    ) -> Result<Destination, DestinationError> {
        let bad = |zh, en| BadDestination(Localized::new(zh, en));
        let name = ClientName::parse(new.name).ok_or_else(|| {
            bad(
                "名称须为 3 至 48 个小写字母、数字或连字符，首尾不能是连字符",
                "the name: 3 to 48 lower-case letters, digits and hyphens, no hyphen at an end",
            )
        })?;
        let url = HookUrl::parse(new.url)?;
        let client = self.client(new.client)?;
        let bounds = Delivering::default();
        let caller = Caller::new(client.name.clone(), client.department, client.scopes);
        if client.disabled || caller.has(Verb::Feed).is_err() {
            return Err(DestinationError::NoFeed(client.name.to_string()));
        }
        if new.roots.is_some_and(|roots| roots.len() > bounds.roots_bytes) {
            return Err(bad("根证书至多 16 KB", "the roots: 16 KB at the most").into());
        }
        self.can_sign_webhooks()?;
        let known = self.registered_destination(&name)?;
        if known.as_ref().is_some_and(|known| known.destination.state != State::Removed) {
            return Err(DestinationError::Known(name.to_string()));
        }
        if self.destinations()?.len() >= bounds.destinations {
            return Err(DestinationError::TooMany(bounds.destinations));
        }
        let destination = Destination {
            name,
            client: client.name,
            url,
            roots: new.roots.map(str::to_owned),
            state: State::Active,
            since: self.now(),
            first: self.store().head().0,
        };
        let revision = known.map_or(0, |known| known.revision).saturating_add(1);
        self.keep_destination(&destination, revision, actor)?;
        Ok(destination)
    }

    /// Pauses, resumes, disables or removes a destination.
    pub fn turn_destination(
        &self,
        name: &str,
        turn: Turn,
        actor: &Actor,
    ) -> Result<Destination, DestinationError> {
        let Registered { mut destination, revision } = self.destination(name)?;
        destination.state = destination.state.after(turn)?;
        self.keep_destination(&destination, revision.saturating_add(1), actor)?;
        Ok(destination)
    }

    /// Disables a destination whose receiver answered that it is gone. It must be unchanged since
    /// the attempt: the answer does not apply to a later registration.
    pub fn destination_is_gone(&self, seen: &Registered) -> Result<(), DestinationError> {
        let mut destination = seen.destination.clone();
        destination.state = destination.state.after(Turn::Disable)?;
        self.keep_destination(&destination, seen.revision.saturating_add(1), &Actor::System)?;
        Ok(())
    }

    /// A destination that was not removed.
    pub fn destination(&self, name: &str) -> Result<Registered, DestinationError> {
        let unknown = || DestinationError::Unknown(name.to_owned());
        let name = ClientName::parse(name).ok_or_else(unknown)?;
        let found = self.registered_destination(&name)?;
        found.filter(|one| one.destination.state != State::Removed).ok_or_else(unknown)
    }

    /// Destinations that were not removed, in the order of their names.
    pub fn destinations(&self) -> Result<Vec<Registered>, StoreError> {
        let all: Result<Vec<_>, _> =
            self.store().reader().every(Collection::Destination)?.iter().map(read).collect();
        let mut all = all?;
        all.retain(|one| one.destination.state != State::Removed);
        Ok(all)
    }

    fn registered_destination(&self, name: &ClientName) -> Result<Option<Registered>, StoreError> {
        let entry = self.store().reader().entry(Collection::Destination, name.as_str())?;
        entry.as_ref().map(read).transpose()
    }

    fn keep_destination(
        &self,
        destination: &Destination,
        revision: u64,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let blinding = draw(&*self.parts.entropy);
        let name = destination.name.to_string();
        let note = Some(format!("destination_{}", destination.state.name()));
        self.store().commit(Transaction {
            entries: vec![Record::new(Collection::Destination, name, revision, destination)?],
            note,
            ..Transaction::new(EventKind::Registered, actor.clone(), self.now(), blinding)
        })
    }
}

fn read(entry: &Record) -> Result<Registered, StoreError> {
    let destination = entry.read()?;
    Ok(Registered { destination, revision: entry.revision })
}
