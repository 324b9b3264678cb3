//! The office's status list as a signed token, made anew when something changed or it grows old.

use std::sync::PoisonError;

use super::keys::{KeyName, KeyUnavailable};
use super::office::Office;
use crate::base::time::Timestamp;
use crate::crypto::signer::SignError;
use crate::domain::licence::claims::status_uri;
use crate::format::jose::statuslist::{Status, StatusList};
use crate::store::StoreError;

/// The token that was made last.
#[derive(Clone, Debug)]
pub(super) struct CachedStatus {
    events: u64,
    made: Timestamp,
    token: String,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// The current list.
    pub fn status_token(&self) -> Result<String, StatusError> {
        let now = self.now();
        let (events, _) = self.store().head();
        let mut cached = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*cached
            && known.events == events
            && known.made <= now
            && now < known.made.plus(MAKE_ANEW)
        {
            return Ok(known.token.clone());
        }
        let mut list = StatusList::new(usize::try_from(ENTRIES).unwrap_or(usize::MAX));
        for (index, bits) in self.store().status(1)? {
            let status = match bits {
                0 => Status::Valid,
                2 => Status::Suspended,
                3 => Status::Superseded,
                _ => Status::Invalid,
            };
            // Every index was drawn below ENTRIES.
            list.set(index, status);
        }
        let (certificate, key) = self.signer(&KeyName::Status)?;
        let chain = [certificate.der(), self.certificates().issuing.der()];
        let uri = status_uri(self.profile().public_base_url.as_str());
        let token = list.to_token(&uri, now, &chain, &*key)?;
        *cached = Some(CachedStatus { events, made: now, token: token.clone() });
        Ok(token)
    }
}

/// Entries of a list: half a million licences with two credentials each. Packed, an empty list
/// has some hundred bytes.
pub(super) const ENTRIES: u32 = 1 << 20;
/// Well before its hour of caching is over, so that readers always find one that is fresh.
const MAKE_ANEW: i64 = 600;
