//! Changing where a licence stands.

use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::{self, NotAllowed};
use crate::store::{Act, EventKind, StoreError};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// There is no such licence.
    #[error("there is no licence {0}")]
    NotFound(String),
    /// Licences of several types have this number.
    #[error("licences of several types have the number {0}; name the identifier")]
    Ambiguous(String),
    /// Not where it stands.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// A licence by its identifier, or by its number when only one type has it.
    pub fn licence(&self, name: &str) -> Result<Licence, StandingError> {
        self.seen(name).map(|(licence, _)| licence)
    }

    /// The same, with the digest of the record: whoever changes it names what they saw.
    pub fn seen(&self, name: &str) -> Result<(Licence, Digest), StandingError> {
        let mut id = name.to_owned();
        if self.store().licence(name)?.is_none() {
            for kind in self.types().iter() {
                if let Some(found) = self.store().by_number(&kind.slug, name)? {
                    if id != name {
                        return Err(StandingError::Ambiguous(name.to_owned()));
                    }
                    id = found;
                }
            }
        }
        let missing = || StandingError::NotFound(name.to_owned());
        let stored = self.store().licence(&id)?.ok_or_else(missing)?;
        let licence = serde_json::from_str(&stored.record)
            .map_err(|error| StoreError::Index(error.to_string()))?;
        Ok((licence, Digest::of(&[stored.record.as_bytes()])))
    }

    /// Does something to a licence. On `Ok` it is durable, and the status list says it at once.
    pub fn change(
        &self,
        name: &str,
        act: standing::Act,
        actor: &Actor,
    ) -> Result<Licence, StandingError> {
        let (mut licence, seen) = self.seen(name)?;
        let now = self.now();
        licence.standing = licence.standing.apply(act, now.date_in_china())?;
        let bits = licence.standing.status().bits();
        let record = serde_json::to_vec(&licence).unwrap_or_default();
        let (list, blind) = (licence.status_list, draw(&*self.parts.entropy));
        self.store().commit(Act {
            licence: Some((licence.id.to_string(), record)),
            instead_of: Some(seen),
            status: vec![(list, licence.document_index, bits), (list, licence.holder_index, bits)],
            ..Act::new(EventKind::Standing, actor.clone(), now, blind)
        })?;
        Ok(licence)
    }
}
