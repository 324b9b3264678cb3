//! Renewal of certificates and revocation lists while the office works.

use std::sync::{Arc, PoisonError};

use super::keys::KeyUnavailable;
use super::office::{Lists, Office};
use super::pki_setup::{CertificateIssuer, EstablishError};
use crate::base::time::{DAY, Timestamp};
use crate::domain::trust::TrustSnapshot;
use crate::domain::verify::context::Context;
use crate::format::revocation::{BadCrl, Crl};
use crate::format::x509::Certificate;

/// The certificates and lists that were renewed and are in use now; a caller with files writes them
/// to disk.
#[derive(Debug, Default)]
pub struct Renewed {
    /// Leaf certificates, by the names of their keys.
    pub leaves: Vec<(String, Certificate)>,
    /// The issuing CA's revocation list in DER.
    pub crl: Option<Arc<[u8]>>,
    /// The root's revocation list in DER.
    pub root_crl: Option<Arc<[u8]>>,
    /// Why the root's list was not renewed although it ends soon.
    pub root_missing: Option<KeyUnavailable>,
}

/// Why nothing was renewed; the old certificates and lists remain in use.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The key or the CA cannot be used.
    #[error(transparent)]
    Establish(#[from] EstablishError),
    /// The result cannot be read back.
    #[error(transparent)]
    Crl(#[from] BadCrl),
}

/// Whether a list of the issuing CA with this end should be replaced.
pub fn is_due(ends: Timestamp, now: Timestamp) -> bool {
    ends <= now.plus(3 * DAY)
}

/// Whether a list of the root with this end should be replaced, earlier than others: its key is
/// offline.
pub fn is_root_due(ends: Timestamp, now: Timestamp) -> bool {
    ends <= now.plus(30 * DAY)
}

impl Office {
    /// Renews certificates and lists that end soon, and uses them from then on.
    pub fn renew(&self) -> Result<Renewed, RenewError> {
        let founding = CertificateIssuer {
            profile: &self.parts.profile,
            types: &self.parts.types,
            keys: &*self.parts.keys,
            entropy: &*self.parts.entropy,
            now: self.now(),
        };
        let mut renewed = Renewed { leaves: self.renew_leaves(&founding)?, ..Renewed::default() };
        let (mut crl, mut root_crl) = (self.crl(), self.root_crl());
        let certificates = self.certificates();
        if is_due(Crl::parse(&crl)?.window().1, founding.now) {
            crl = founding.crl(&certificates.issuing)?.into();
            renewed.crl = Some(Arc::clone(&crl));
        }
        if is_root_due(Crl::parse(&root_crl)?.window().1, founding.now) {
            match founding.root_crl(&certificates.root) {
                Ok(der) => {
                    root_crl = der.into();
                    renewed.root_crl = Some(Arc::clone(&root_crl));
                }
                Err(EstablishError::Key(missing)) => renewed.root_missing = Some(missing),
                Err(error) => return Err(error.into()),
            }
        }
        if renewed.crl.is_some() || renewed.root_crl.is_some() {
            let lists = Lists::new(&certificates.root, crl, root_crl)?;
            *self.lists.write().unwrap_or_else(PoisonError::into_inner) = lists;
        }
        Ok(renewed)
    }

    fn renew_leaves(
        &self,
        founding: &CertificateIssuer<'_>,
    ) -> Result<Vec<(String, Certificate)>, EstablishError> {
        let mut certificates = (*self.certificates()).clone();
        let names = founding.complete(&mut certificates)?;
        let made = names
            .into_iter()
            .filter_map(|name| Some((name.clone(), certificates.leaves.get(&name)?.clone())))
            .collect::<Vec<_>>();
        if !made.is_empty() {
            *self.certificates.write().unwrap_or_else(PoisonError::into_inner) =
                Arc::new(certificates);
        }
        Ok(made)
    }

    /// The office's present trust anchors and revocation lists.
    pub(super) fn trust(&self) -> Arc<TrustSnapshot> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner).trust)
    }

    /// The verification context of the office. It has its own revocation data, and requires none
    /// for certificates of others.
    pub(super) fn context<'a>(&'a self, trust: &'a TrustSnapshot, now: Timestamp) -> Context<'a> {
        Context { trust, now, cache: Some(&self.cache), require_revocation: false }
    }

    /// The issuing CA's revocation list in DER.
    pub fn crl(&self) -> Arc<[u8]> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner).crl)
    }

    /// The root's revocation list in DER.
    pub fn root_crl(&self) -> Arc<[u8]> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner).root_crl)
    }
}
