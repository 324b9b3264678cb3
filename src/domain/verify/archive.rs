//! The document security store: certificates and revocation data that came along in the file
//! (ISO 32000-2, 12.8.4.3).

use crate::base::limits::{Budget, OverBudget, Purse};
use crate::domain::trust::Material;
use crate::format::cms::SignedData;
use crate::format::pdf::read::{Document, Object, ReadError};
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

/// Evidence that came along, and how much of it could not be read.
#[derive(Debug, Default)]
pub(super) struct Archive {
    pub(super) material: Material,
    /// Whether there is a store at all.
    pub(super) present: bool,
    /// What could not be read, and is not used.
    pub(super) unusable: usize,
}

/// Reads the store of the newest state. Who wrote it does not matter: each item is signed by its
/// issuer, and no certificate becomes an anchor by standing here.
pub(super) fn read(document: &Document<'_>, budget: &mut Budget) -> Result<Archive, ReadError> {
    let mut archive = Archive::default();
    let catalog = document.catalog(budget)?;
    let Object::Dict(store) = document.get(&catalog, "DSS", budget)? else { return Ok(archive) };
    archive.present = true;
    for (key, put) in PUT {
        let Object::Array(items) = document.get(&store, key, budget)? else { continue };
        for item in items {
            budget.pay(Purse::Certificates, 1, "certificates and revocation data")?;
            let bytes = match document.resolve(&item, budget)? {
                Object::Stream(stream) => document.stream(&stream, budget)?,
                _ => None,
            };
            let read = match bytes {
                Some(bytes) => put(&mut archive.material, &bytes, budget)?,
                None => false,
            };
            archive.unusable = archive.unusable.saturating_add(usize::from(!read));
        }
    }
    Ok(archive)
}

/// Puts an item where it belongs; whether it could be read.
type Put = fn(&mut Material, &[u8], &mut Budget) -> Result<bool, OverBudget>;
const PUT: [(&str, Put); 3] = [
    ("Certs", |material, der, budget| {
        Certificate::pay(der.len(), budget)?;
        Ok(put(&mut material.certificates, Certificate::parse(der).ok()))
    }),
    ("CRLs", |material, der, budget| {
        Crl::pay(der.len(), budget)?;
        Ok(put(&mut material.crls, Crl::parse(der).ok()))
    }),
    ("OCSPs", |material, der, budget| {
        OcspResponse::pay(der.len(), budget)?;
        Ok(put(&mut material.ocsp, OcspResponse::parse(der).ok()))
    }),
];

fn put<T>(known: &mut Vec<T>, item: Option<T>) -> bool {
    let read = item.is_some();
    known.extend(item);
    read
}

/// The store's material, and what came in a message.
pub(super) fn with_message(
    store: &Material,
    message: &SignedData,
    budget: &mut Budget,
) -> Result<Material, OverBudget> {
    let mut material = store.clone();
    material.certificates.extend(message.certificates().iter().cloned());
    for der in message.crls() {
        Crl::pay(der.len(), budget)?;
        material.crls.extend(Crl::parse(der).ok());
    }
    for der in message.ocsp_responses() {
        OcspResponse::pay(der.len(), budget)?;
        material.ocsp.extend(OcspResponse::parse(der).ok());
    }
    Ok(material)
}
