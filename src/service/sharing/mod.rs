//! Sharing: data for other departments, never more than a grant allows, and always recorded.
//!
//! ```text
//! budget → right → purpose → grant → consent → licences
//!        → the whole credential, verified once → the part that is given, its end and path checked
//!        → the access journal → signature → out
//! ```
//! The access journal is a store of its own: its tree is not public, only its root is. No answer
//! and no refusal leaves before its line is durable there. Consents are stored in it too, so that
//! the commit that records the access also uses up the code.

mod batch;
mod budget;
mod code;
mod compare;
mod consents;
mod credential_cache;
mod document;
mod feed;
mod grants;
mod holder;
mod holder_index;
mod prepare;
mod query;
mod request;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub use batch::BATCH;
pub use budget::Limits;
pub use compare::{Compared, Match};
pub use consents::{Agreed, Agreement};
pub use document::{Link, Sealed};
pub use feed::{Change, Changes};
pub use grants::{GrantError, NewGrant};
pub use holder::{AccessLine, HolderError, Intent, Nonce};
pub use query::Answered;
pub use request::{Query, Subject};

pub(super) use holder_index::{Marked, holder_index_keys};

use self::budget::Counts;
use self::credential_cache::{Credentials, Licences};
use self::holder::Nonces;
use super::authorization::ReachError;
use super::keys::KeyUnavailable;
use super::office::{Office, Parts};
use crate::base::digest::Digest;
use crate::crypto::signer::SignError;
use crate::domain::access::{Grant, NotPermitted};
use crate::format::jose::jws;
use crate::store::{Store, StoreError};

/// In-memory state of sharing.
pub(super) struct Sharing {
    /// The stored grants, in the order of their numbers.
    grants: RwLock<Arc<[Grant]>>,
    counts: Mutex<Counts>,
    nonces: Mutex<Nonces>,
    credentials: Mutex<Credentials>,
    licences: Licences,
    /// The header of answers, and the fingerprints of the certificates in it.
    head: Mutex<Option<([Digest; 2], Arc<jws::Head>)>>,
}

impl Sharing {
    pub(super) fn open(parts: &Parts) -> Result<Self, StoreError> {
        Ok(Self {
            grants: RwLock::new(grants::read(&*parts.store)?.into()),
            counts: Mutex::new(Counts::new(Limits::of(&parts.profile))),
            nonces: Mutex::default(),
            credentials: Mutex::default(),
            licences: Licences::default(),
            head: Mutex::default(),
        })
    }

    fn grants(&self) -> Arc<[Grant]> {
        Arc::clone(&self.grants.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why a department received nothing.
#[derive(Debug, thiserror::Error)]
pub enum SharingError {
    /// Too many queries, or too many that found nothing.
    #[error("too many queries; again in {0} seconds")]
    TooMany(i64),
    /// None of the client's rights covers the request.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// A member of the request is invalid: which.
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
    /// The code is unknown, used, expired, or for something else: the answer does not say which.
    #[error("the consent was not accepted")]
    ConsentRefused,
    /// There is no such licence, or none that this caller may know of.
    #[error("there is no such licence")]
    NotFound,
    /// The answer made does not meet its own rules.
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

impl From<ReachError> for SharingError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::NotPermitted(error) => error.into(),
            ReachError::Missing => Self::NotFound,
            ReachError::Store(error) => error.into(),
        }
    }
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

    /// Whether a client that guesses codes or names learns from it that this one was wrong.
    fn is_miss(&self) -> bool {
        matches!(self, Self::NotFound | Self::ConsentRefused)
    }
}

impl Office {
    /// The access journal.
    pub fn accesses(&self) -> &dyn Store {
        &*self.parts.accesses
    }
}
