//! Why a department was given nothing.

use crate::crypto::signer::SignError;
use crate::domain::access::NotPermitted;
use crate::service::keys::KeyUnavailable;
use crate::store::StoreError;

/// Why a department was given nothing.
#[derive(Debug, thiserror::Error)]
pub enum SharingError {
    /// Too many queries, or too many that found nothing.
    #[error("too many queries; again in {0} seconds")]
    TooMany(i64),
    /// The client has no such right.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The request says something that cannot be: which part.
    #[error("{0} is not as it should be")]
    BadRequest(&'static str),
    /// The client is not registered for this purpose.
    #[error("the client is not registered for this purpose")]
    PurposeNotRegistered,
    /// No grant for this type.
    #[error("no grant for this type")]
    NoGrant,
    /// The grant is for other purposes.
    #[error("the grant is for other purposes")]
    PurposeNotGranted,
    /// The grant is for other items.
    #[error("the grant is for other items")]
    ItemNotGranted,
    /// The grant is without this claim.
    #[error("the grant is without the field {0:?}")]
    FieldNotGranted(String),
    /// The grant is without the sealed document.
    #[error("the grant is without the sealed document")]
    DocumentNotGranted,
    /// These claims want the holder's code.
    #[error("the fields {0:?} need the holder's consent")]
    ConsentNeeded(Vec<String>),
    /// The code is unknown, used, over, or for something else: which is not said.
    #[error("the consent was not accepted")]
    ConsentRefused,
    /// There is no such licence, or none that this caller may know of.
    #[error("there is no such licence")]
    NotFound,
    /// What was made is not what may leave.
    #[error("our own check refused the answer: {0}; nothing was given out")]
    SelfCheck(String),
    /// A key or its certificate cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It could not be written down, so nothing is answered.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SharingError {
    /// The code that the access journal and callers know it by.
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

    /// Whether it tells whoever tries codes and names that this was none.
    pub(super) fn is_miss(&self) -> bool {
        matches!(self, Self::NotFound | Self::ConsentRefused)
    }
}
