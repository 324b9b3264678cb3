//! Why nothing can be sent.

use crate::crypto::signer::SignError;
use crate::service::keys::KeyUnavailable;
use crate::service::sharing::SharingError;
use crate::store::StoreError;

/// Why nothing can be sent now.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The client is gone or disabled.
    #[error("the client {0} is disabled or gone")]
    NoClient(String),
    /// The client may not follow changes, or the store failed.
    #[error(transparent)]
    Feed(#[from] SharingError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
