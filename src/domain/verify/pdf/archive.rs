//! The document security store: certificates and revocation data enclosed in the file (ISO 32000-2,
//! 12.8.4.3).

use crate::base::limits::{Budget, OverBudget, Purse};
use crate::domain::trust::{Material, Unreadable};
use crate::format::cms::SignedData;
use crate::format::pdf::read::{Document, Object, ReadError};
use crate::format::revocation::{Crl, OcspResponse};
use crate::format::x509::Certificate;

/// Enclosed evidence, and the items that could not be read.
#[derive(Debug, Default)]
pub(super) struct Archive {
    pub(super) material: Material,
    /// Whether the file has a store at all.
    pub(super) present: bool,
    /// Unreadable items, with reasons; they are not used.
    pub(super) unusable: Vec<String>,
}

/// Reads the store of the newest state. It may come from anyone: each item is signed by its issuer,
/// and certificates in it never become anchors.
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
            let put = match bytes {
                Some(bytes) => put(&mut archive.material, &bytes, budget)?,
                None => Err("no stream that can be read".to_owned()),
            };
            archive.unusable.extend(put.err().map(|why| format!("{key}: {why}")));
        }
    }
    Ok(archive)
}

/// Adds an item to its list, or the reason why it cannot be read.
type Put = fn(&mut Material, &[u8], &mut Budget) -> Result<Result<(), String>, OverBudget>;
const PUT: [(&str, Put); 3] = [("Certs", certificate), ("CRLs", list), ("OCSPs", answer)];

fn certificate(
    material: &mut Material,
    der: &[u8],
    budget: &mut Budget,
) -> Result<Result<(), String>, OverBudget> {
    Certificate::pay(der.len(), budget)?;
    let read = Certificate::parse(der).map(|certificate| material.certificates.push(certificate));
    Ok(read.map_err(|error| error.to_string()))
}

fn list(
    material: &mut Material,
    der: &[u8],
    budget: &mut Budget,
) -> Result<Result<(), String>, OverBudget> {
    Crl::pay(der.len(), budget)?;
    let read = Crl::parse(der).map(|list| material.crls.push(list));
    Ok(read.map_err(|error| {
        material.unreadable.push(Unreadable::new(der, &error));
        error.to_string()
    }))
}

fn answer(
    material: &mut Material,
    der: &[u8],
    budget: &mut Budget,
) -> Result<Result<(), String>, OverBudget> {
    OcspResponse::pay(der.len(), budget)?;
    let read = OcspResponse::parse(der).map(|answer| material.ocsp.push(answer));
    Ok(read.map_err(|error| error.to_string()))
}

/// The material of the store and of a message, and the items that could not be read.
pub(super) fn with_message(
    store: &Material,
    message: &SignedData,
    budget: &mut Budget,
) -> Result<(Material, Vec<String>), OverBudget> {
    let mut material = store.clone();
    material.certificates.extend(message.certificates().iter().cloned());
    let mut unusable = message.unreadable().to_vec();
    for der in message.crls() {
        unusable.extend(list(&mut material, der, budget)?.err());
    }
    for der in message.ocsp_responses() {
        unusable.extend(answer(&mut material, der, budget)?.err());
    }
    Ok((material, unusable))
}
