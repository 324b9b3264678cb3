//! Repeatable requests: the same request under the same key gets the same result.

use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::store::{self, StoreError};

/// A key under which a request may be repeated, and the digest of the request. Keys of different
/// requesters are separate.
#[derive(Clone, Debug)]
pub(super) struct IdempotencyKey {
    scope: String,
    key: String,
    digest: Digest,
}

/// The key was used for another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was used before for another request")]
pub struct KeyReused;

/// An act's error that may come from the store.
pub(super) trait ActError: From<StoreError> + From<KeyReused> {
    /// The store's error, if it is one.
    fn of_store(&self) -> Option<&StoreError>;
}

impl IdempotencyKey {
    /// The key of a request, when one was given.
    pub(super) fn new(
        actor: &Actor,
        key: Option<&str>,
        request: &[u8],
    ) -> Result<Option<Self>, StoreError> {
        let Some(key) = key else { return Ok(None) };
        let scope = store::written(|| "the name of who asks".to_owned(), actor)?;
        Ok(Some(Self { scope, key: key.to_owned(), digest: Digest::of(&[request]) }))
    }

    /// Scope, key and digest, as the transaction stores them.
    pub(super) fn parts(&self) -> (String, String, Digest) {
        (self.scope.clone(), self.key.clone(), self.digest)
    }
}

impl Office {
    /// Does an act once. When the key was used before, `again` rebuilds the result from the stored
    /// one; also when the same request came twice at once and the store refused the later one.
    pub(super) fn once<T, E: ActError>(
        &self,
        key: Option<&IdempotencyKey>,
        again: impl Fn(&str) -> Result<T, E>,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(answer) = self.kept_answer::<E>(key)? {
            return again(&answer);
        }
        let done = act();
        let overtaken = matches!(
            done.as_ref().err().and_then(E::of_store),
            Some(StoreError::Taken(_) | StoreError::Changed(_))
        );
        match overtaken.then(|| self.kept_answer::<E>(key)).transpose()?.flatten() {
            Some(answer) => again(&answer),
            None => done,
        }
    }

    fn kept_answer<E: ActError>(&self, key: Option<&IdempotencyKey>) -> Result<Option<String>, E> {
        let Some(IdempotencyKey { scope, key, digest }) = key else { return Ok(None) };
        match self.store().reader().idempotent(scope, key)? {
            Some((known, answer)) if known == *digest => Ok(Some(answer)),
            Some(_) => Err(KeyReused.into()),
            None => Ok(None),
        }
    }
}
