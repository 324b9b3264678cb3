//! Changes of a licence's status.

use super::authorization::{Authorized, VersionedLicence};
use super::idempotency::{ActError, IdempotencyKey, KeyReused};
use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::domain::access::{NotPermitted, Verb};
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::{self, NotAllowed};
use crate::store::{self, EventKind, StoreError, Transaction};

/// Why the status was not changed.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// There is no such licence.
    #[error("there is no licence {0}")]
    NotFound(String),
    /// Licences of several types have this number.
    #[error("licences of several types have the number {0}; name the identifier")]
    Ambiguous(String),
    /// The present status does not allow the change.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The permit is for another act.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActError for StandingError {
    fn of_store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl Office {
    /// A licence by its identifier, or by its number when only one type has it.
    pub fn licence(&self, name: &str) -> Result<Licence, StandingError> {
        self.seen(name).map(|(licence, _)| licence)
    }

    /// Like [`Self::licence`], with the digest of the record, which a change passes as the expected
    /// revision.
    pub fn seen(&self, name: &str) -> Result<(Licence, Digest), StandingError> {
        let mut id = name.to_owned();
        if self.store().reader().licence(name)?.is_none() {
            for kind in self.types().iter() {
                if let Some(found) = self.numbered(&kind.slug, name)? {
                    if id != name {
                        return Err(StandingError::Ambiguous(name.to_owned()));
                    }
                    id = found;
                }
            }
        }
        let missing = || StandingError::NotFound(name.to_owned());
        let stored = self.store().reader().licence(&id)?.ok_or_else(missing)?;
        let licence = stored.read()?;
        Ok((licence, Digest::of(&[stored.record.as_bytes()])))
    }

    /// Changes a licence's status. On `Ok` it is durable, and the status list has it at once.
    pub fn change(
        &self,
        name: &str,
        act: standing::StatusChange,
        actor: &Actor,
    ) -> Result<Licence, StandingError> {
        let (licence, seen) = self.seen(name)?;
        self.set_standing(licence, seen, act, actor, None).map(|(licence, _)| licence)
    }

    /// Changes a licence's status for a client; `seen` is the digest of the record that it read.
    /// Returns the record and its digest; for a request repeated under its key, in their present
    /// state.
    pub fn change_own(
        &self,
        own: &Authorized<VersionedLicence>,
        seen: Digest,
        act: standing::StatusChange,
        key: Option<&str>,
    ) -> Result<(Licence, Digest), StandingError> {
        let (requester, licence) = (own.requester(), &own.found().licence);
        requester.may(Verb::Change, &licence.kind)?;
        let actor = requester.actor();
        let request = format!("change\0{}\0{act:?}\0{seen}", licence.id);
        let key = IdempotencyKey::new(&actor, key, request.as_bytes())?;
        let again = |_: &str| self.seen(licence.id.as_str());
        self.once(key.as_ref(), again, || {
            if own.found().digest != seen {
                return Err(StoreError::Changed("the licence").into());
            }
            self.set_standing(licence.clone(), seen, act, &actor, key.as_ref())
        })
    }

    fn set_standing(
        &self,
        mut licence: Licence,
        seen: Digest,
        act: standing::StatusChange,
        actor: &Actor,
        key: Option<&IdempotencyKey>,
    ) -> Result<(Licence, Digest), StandingError> {
        let now = self.now();
        let note = act.note();
        licence.standing = licence.standing.apply(act, now.date_in_china())?;
        let bits = licence.standing.status().bits();
        let record = store::written(|| format!("the licence {}", licence.id), &licence)?;
        let digest = Digest::of(&[record.as_bytes()]);
        let (list, blinding) = (licence.status_list, draw(&*self.parts.entropy));
        self.store().commit(Transaction {
            licence: Some((licence.id.to_string(), record)),
            expected_revision: Some(seen),
            status: vec![(list, licence.document_index, bits), (list, licence.holder_index, bits)],
            note: Some(note),
            idempotency: key.map(IdempotencyKey::parts),
            ..Transaction::new(EventKind::StatusChanged, actor.clone(), now, blinding)
        })?;
        Ok((licence, digest))
    }
}
