//! In-memory state of sharing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::budget::{Counts, Limits};
use super::credential_cache::{Credentials, Licences};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::domain::sharing::Grant;
use crate::format::jose::jws;
use crate::service::parts::OfficeParts;
use crate::store::{Collection, Record, Store, StoreError};

/// In-memory state of sharing.
pub(in crate::service) struct Sharing {
    /// The stored grants, in the order of their numbers.
    pub(super) grants: RwLock<Arc<[Grant]>>,
    pub(super) counts: Mutex<Counts>,
    pub(super) nonces: Mutex<Nonces>,
    pub(super) credentials: Mutex<Credentials>,
    pub(super) licences: Licences,
    /// The header of answers, and the fingerprints of the certificates in it.
    pub(super) head: Mutex<Option<([Digest; 2], Arc<jws::Head>)>>,
}

impl Sharing {
    pub(in crate::service) fn open(parts: &OfficeParts) -> Result<Self, StoreError> {
        Ok(Self {
            grants: RwLock::new(read_grants(&*parts.store)?.into()),
            counts: Mutex::new(Counts::new(Limits::of(&parts.profile))),
            nonces: Mutex::default(),
            credentials: Mutex::default(),
            licences: Licences::default(),
            head: Mutex::default(),
        })
    }

    pub(super) fn grants(&self) -> Arc<[Grant]> {
        Arc::clone(&self.grants.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Every grant of a store.
pub(super) fn read_grants(store: &dyn Store) -> Result<Vec<Grant>, StoreError> {
    store.reader().every(Collection::Grant)?.iter().map(Record::read).collect()
}

/// The act for which a holder draws a nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Consent to this scope.
    Consent(Agreement),
    /// Read the accesses to the licence.
    Accesses,
}

/// The scope of a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Slug of the department that may read.
    pub department: String,
    /// The only purpose for which it may be used.
    pub purpose: String,
    /// Names of the claims that may be read.
    pub fields: Vec<String>,
    /// Whether the sealed document may be read too, with all that it shows.
    pub document: bool,
}

impl Agreement {
    /// Whether it names neither a claim nor the document.
    pub(super) fn is_to_nothing(&self) -> bool {
        self.fields.is_empty() && !self.document
    }
}

/// Unused nonces.
#[derive(Debug, Default)]
pub(super) struct Nonces(pub(super) HashMap<String, (Intent, Timestamp)>);
