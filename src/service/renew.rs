//! Keeping the issuing CA's revocation list fresh while the office works.

use std::sync::{Arc, PoisonError};

use super::establish::{EstablishError, Founding};
use super::office::{Lists, Office};
use crate::base::time::{DAY, Timestamp};
use crate::domain::trust::TrustSnapshot;
use crate::format::revocation::{BadCrl, Crl};

/// Why there is no new list; the old one goes on.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The key or the CA.
    #[error(transparent)]
    Establish(#[from] EstablishError),
    /// What was made cannot be read back.
    #[error(transparent)]
    Crl(#[from] BadCrl),
}

/// Whether a list that ends then should be replaced.
pub fn is_due(ends: Timestamp, now: Timestamp) -> bool {
    ends <= now.plus(3 * DAY)
}

impl Office {
    /// Makes a new list when the present one ends soon, and uses it from then on.
    pub fn renew_crl(&self) -> Result<Option<Arc<[u8]>>, RenewError> {
        let now = self.now();
        if !is_due(Crl::parse(&self.crl())?.window().1, now) {
            return Ok(None);
        }
        let founding = Founding {
            profile: &self.parts.profile,
            types: &self.parts.types,
            keys: &*self.parts.keys,
            entropy: &*self.parts.entropy,
            now,
        };
        let der = founding.crl(&self.certificates().issuing)?;
        let lists = Lists::new(&self.certificates().root, der, &self.parts.root_crl)?;
        let crl = Arc::clone(&lists.crl);
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = lists;
        Ok(Some(crl))
    }

    /// What the office trusts now.
    pub(super) fn trust(&self) -> Arc<TrustSnapshot> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner).trust)
    }

    /// The issuing CA's revocation list in DER.
    pub fn crl(&self) -> Arc<[u8]> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner).crl)
    }
}
