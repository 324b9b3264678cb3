//! Errors of webhook messages.

use crate::crypto::signer::SignError;
use crate::service::keys::KeyUnavailable;
use crate::service::sharing::SharingError;
use crate::store::StoreError;

/// Why no message can be sent now.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The client is gone or disabled.
    #[error("the client {0} is disabled or gone")]
    NoClient(String),
    /// The client may not read the feed, or the store failed.
    #[error(transparent)]
    Feed(#[from] SharingError),
    /// The signing key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Reading the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
