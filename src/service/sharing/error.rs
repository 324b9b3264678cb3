//! Errors of sharing.

use crate::crypto::signer::SignError;
use crate::domain::access::NotPermitted;
use crate::service::keys::KeyUnavailable;
use crate::store::StoreError;

/// Why a department received nothing.
#[derive(Debug, thiserror::Error)]
pub enum SharingError {
    /// Too many queries, or too many that found nothing.
    #[error("too many queries; again in {0} seconds")]
    TooMany(i64),
    /// None of the client's rights covers the request.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The named member of the request is invalid.
    #[error("{0} is not as it should be")]
    BadRequest(&'static str),
    /// The client is not registered for this purpose.
    #[error("the client is not registered for this purpose")]
    PurposeNotRegistered,
    /// No grant covers this type.
    #[error("no grant for this type")]
    NoGrant,
    /// The grant does not cover this purpose.
    #[error("the grant is for other purposes")]
    PurposeNotGranted,
    /// The grant does not cover this service item.
    #[error("the grant is for other items")]
    ItemNotGranted,
    /// The grant does not include this claim.
    #[error("the grant is without the field {0:?}")]
    FieldNotGranted(String),
    /// The grant does not include the sealed document.
    #[error("the grant is without the sealed document")]
    DocumentNotGranted,
    /// These claims need the holder's code.
    #[error("the fields {0:?} need the holder's consent")]
    ConsentNeeded(Vec<String>),
    /// The code is unknown, used, expired, or for something else; the answer does not reveal which.
    #[error("the consent was not accepted")]
    ConsentRefused,
    /// There is no such licence, or none that this caller may know of.
    #[error("there is no such licence")]
    NotFound,
    /// The office's own verifier refused the answer.
    #[error("our own check refused the answer: {0}; nothing was given out")]
    SelfCheck(String),
    /// A key or its certificate cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The access could not be recorded, so nothing is answered.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SharingError {
    /// Its code in the access journal and in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany(_) => "too_many_requests",
            Self::NotPermitted(_) => "forbidden",
            Self::BadRequest(_) => "bad_request",
            Self::PurposeNotRegistered => "purpose_not_registered",
            Self::NoGrant => "no_grant",
            Self::PurposeNotGranted => "purpose_not_granted",
            Self::ItemNotGranted => "item_not_granted",
            Self::FieldNotGranted(_) => "field_not_granted",
            Self::DocumentNotGranted => "document_not_granted",
            Self::ConsentNeeded(_) => "consent_needed",
            Self::ConsentRefused => "consent_not_accepted",
            Self::NotFound => "no_such_licence",
            Self::SelfCheck(_) | Self::Key(_) | Self::Sign(_) | Self::Store(_) => "unavailable",
        }
    }

    /// Whether it reveals to a client that guesses codes or names that this guess was wrong.
    pub(super) fn is_miss(&self) -> bool {
        matches!(self, Self::NotFound | Self::ConsentRefused)
    }
}
