//! The document security store: certificates and revocation data that came along in the file
//! (ISO 32000-2, 12.8.4.3).

use crate::base::limits::Budget;
use crate::domain::trust::{Material, Unreadable};
use crate::format::cms::SignedData;
use crate::format::pdf::read::{Document, Object, ReadError};
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

/// Evidence that came along, and what of it could not be read.
#[derive(Debug, Default)]
pub(super) struct Archive {
    pub(super) material: Material,
    /// Whether there is a store at all.
    pub(super) present: bool,
    /// What could not be read, and why; it is not used.
    pub(super) unusable: Vec<String>,
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
            Budget::spend(&mut budget.certificates, 1, "certificates and revocation data")?;
            let bytes = match document.resolve(&item, budget)? {
                Object::Stream(stream) => document.stream(&stream, budget)?,
                _ => None,
            };
            let put = bytes.map_or_else(
                || Err("no stream that can be read".to_owned()),
                |bytes| put(&mut archive.material, &bytes),
            );
            archive.unusable.extend(put.err().map(|why| format!("{key}: {why}")));
        }
    }
    Ok(archive)
}

/// Puts an item where it belongs, or says why it cannot be read.
type Put = fn(&mut Material, &[u8]) -> Result<(), String>;
const PUT: [(&str, Put); 3] = [("Certs", certificate), ("CRLs", list), ("OCSPs", answer)];

fn certificate(material: &mut Material, der: &[u8]) -> Result<(), String> {
    let read = Certificate::parse(der).map_err(|error| error.to_string())?;
    material.certificates.push(read);
    Ok(())
}

fn list(material: &mut Material, der: &[u8]) -> Result<(), String> {
    match Crl::parse(der) {
        Ok(list) => material.crls.push(list),
        Err(error) => {
            material.unreadable.push(Unreadable::new(der, &error));
            return Err(error.to_string());
        }
    }
    Ok(())
}

fn answer(material: &mut Material, der: &[u8]) -> Result<(), String> {
    let read = OcspResponse::parse(der).map_err(|error| error.to_string())?;
    material.ocsp.push(read);
    Ok(())
}

/// The store's material and what came in a message, and what of this could not be read.
pub(super) fn with_message(store: &Material, message: &SignedData) -> (Material, Vec<String>) {
    let mut material = store.clone();
    material.certificates.extend(message.certificates().iter().cloned());
    let mut unusable = message.unreadable().to_vec();
    unusable.extend(message.crls().iter().filter_map(|der| list(&mut material, der).err()));
    let answers = message.ocsp_responses().iter();
    unusable.extend(answers.filter_map(|der| answer(&mut material, der).err()));
    (material, unusable)
}
