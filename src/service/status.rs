//! The office's status lists: allocation of entries, and the lists as signed tokens, rebuilt when
//! an entry changed or the token grows old.

use std::sync::{Arc, PoisonError};

use super::keys::{KeyName, KeyUnavailable};
use super::office::Office;
use super::state::CachedStatus;
use crate::crypto::signer::SignError;
use crate::domain::licence::claims::status_uri;
use crate::format::jose::statuslist::{Status, StatusList};
use crate::store::StoreError;

/// Why no list is returned.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// There is no list of this number.
    #[error("there is no status list {0}")]
    NotFound(u32),
    /// The key that signs lists cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Reading the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// A list and two of its entries that were never given out, drawn at random so that neighbours
    /// in the list are not neighbours in time.
    pub(super) fn draw_indices(&self) -> Result<(u32, (u32, u32)), StoreError> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let indices = list.draw(self.parts.list_entries, self.store(), &*self.parts.entropy)?;
        Ok((list.number, indices))
    }

    /// The numbers of the lists that licences are in or will be in.
    pub fn status_lists(&self) -> Result<Vec<u32>, StoreError> {
        let current = self.list.lock().unwrap_or_else(PoisonError::into_inner).number;
        let mut lists = self.store().reader().status_lists()?;
        if !lists.contains(&current) {
            lists.push(current);
        }
        Ok(lists)
    }

    /// A list in its present state, signed.
    pub fn status_token(&self, number: u32) -> Result<String, StatusError> {
        if !self.status_lists()?.contains(&number) {
            return Err(StatusError::NotFound(number));
        }
        let token = {
            let mut tokens = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(tokens.entry(number).or_default())
        };
        let mut cached = token.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        // Read first, so that the next call sees a change made meanwhile.
        let changes = self.store().status_changes(number);
        if let Some(known) = &*cached
            && known.changes == changes
            && known.made <= now
            && now < known.made.plus(RENEW_AFTER)
        {
            return Ok(known.token.clone());
        }
        let entries = self.store().reader().status(number)?;
        let size = usize::try_from(self.parts.list_entries).unwrap_or(usize::MAX);
        let mut list = StatusList::new(size);
        for (index, bits) in entries {
            let status = match bits {
                0 => Status::Valid,
                2 => Status::Suspended,
                3 => Status::Superseded,
                _ => Status::Invalid,
            };
            // Every index was drawn below the number of entries.
            list.set(index, status);
        }
        let (certificate, key) = self.signer(&KeyName::Status)?;
        let certificates = self.certificates();
        let chain = [certificate.der(), certificates.issuing.der()];
        let uri = status_uri(self.profile().public_base_url.as_str(), number);
        let token = list.to_token(&uri, now, &chain, &*key)?;
        *cached = Some(CachedStatus { changes, made: now, token: token.clone() });
        Ok(token)
    }
}

/// Entries of a list: a quarter of a million licences with two credentials each before the next
/// list is begun. Compressed, an empty list has some hundred bytes.
pub const LIST_ENTRIES: u32 = 1 << 20;
/// A token is signed again well before its hour of caching is over, so that readers always get a
/// fresh one.
const RENEW_AFTER: i64 = 600;
