//! Evidence for archives: the document security store (ISO 32000-2, 12.8.4.3), and the developer
//! extensions that declare it.

use std::collections::BTreeMap;

use super::{Comparison, name, number_of};
use crate::base::limits::Purse;
use crate::domain::verify::report::Changes;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Object, ReadError};

impl Comparison<'_, '_> {
    /// Certificates and revocation data may be added freely: each is signed by its issuer, and none
    /// is trusted because it is here.
    pub(super) fn security_store(&mut self, store: &Object) -> Result<(), ReadError> {
        if let Object::Dict(dict) = self.new.resolve(store, self.budget)? {
            if let Some((key, _)) = dict.iter().find(|(key, _)| !STORE_KEYS.contains(key)) {
                self.refuse(
                    Changed::Evidence,
                    number_of(store),
                    format!("the security store has {}", name(key)),
                );
            }
            self.validation_information(&dict)?;
        } else {
            self.refuse(
                Changed::Evidence,
                number_of(store),
                "the security store is no dictionary".to_owned(),
            );
        }
        let differing = self.permit(store)?;
        for number in differing {
            let (object, _) = self.new.numbered(number, self.budget)?;
            let drawn = object.dict().is_some_and(|dict: &Dict| dict.get("Subtype").is_some());
            if drawn || object.dict().is_some_and(|dict| dict.is("Page") || dict.is("Font")) {
                let what = "something else than evidence is in the security store";
                self.refuse(Changed::Evidence, Some(number), what.to_owned());
            }
            self.raise(Changes::Archive);
        }
        if self.old.catalog(self.budget)?.get("DSS") != Some(store) {
            self.raise(Changes::Archive);
        }
        Ok(())
    }

    /// Evidence of individual signatures (ETSI EN 319 142-1, 5.4.2.3), by their digests; nothing
    /// but evidence is allowed.
    fn validation_information(&mut self, store: &Dict) -> Result<(), ReadError> {
        let Some(entry) = store.get("VRI") else { return Ok(()) };
        let information = self.new.resolve(entry, self.budget)?;
        let information = information.dict().cloned().unwrap_or_default();
        let signed = match self.old.catalog(self.budget)?.get("DSS") {
            Some(store) => match self.old.resolve(store, self.budget)?.dict() {
                Some(store) => self.old.get(store, "VRI", self.budget)?,
                None => Object::Null,
            },
            None => Object::Null,
        };
        let signed: BTreeMap<&[u8], &Object> =
            signed.dict().into_iter().flat_map(Dict::iter).collect();
        for (key, value) in information.iter().filter(|(key, _)| *key != b"Type") {
            let stays = signed.get(key).is_some_and(|before| before.means(value, self.bytes()))
                && number_of(value).is_none_or(|number| !self.differs(number));
            if stays {
                continue;
            }
            // SHA-1 by the standard; some programs use SHA-256.
            let is_digest = matches!(key.len(), 40 | 64) && key.iter().all(u8::is_ascii_hexdigit);
            let known = match self.new.resolve(value, self.budget)? {
                Object::Dict(of_one) => self.is_evidence(&of_one)?,
                _ => false,
            };
            if !is_digest || !known {
                let what = format!("{} of the security store is no evidence", name(key));
                self.refuse(Changed::Evidence, number_of(value).or_else(|| number_of(entry)), what);
            }
        }
        Ok(())
    }

    /// Whether everything under the keys of one signature is what ETSI specifies.
    fn is_evidence(&mut self, of_one: &Dict) -> Result<bool, ReadError> {
        for (key, value) in of_one.iter() {
            let value = self.new.resolve(value, self.budget)?;
            let fine = match (key, &value) {
                (b"Type", Object::Name(_))
                | (b"TU", Object::String { .. })
                | (b"TS", Object::Stream(_)) => true,
                (b"Cert" | b"CRL" | b"OCSP", Object::Array(items)) => {
                    let mut streams = true;
                    for item in items {
                        let item = self.new.resolve(item, self.budget)?;
                        streams &= matches!(item, Object::Stream(_) | Object::Null);
                    }
                    streams
                }
                _ => false,
            };
            if !fine {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Developer extensions (7.12): versions that the file declares; they change nothing.
    pub(super) fn extensions(
        &mut self,
        before: Option<&Object>,
        after: &Object,
    ) -> Result<(), ReadError> {
        let (old, new) = self.both(before.unwrap_or(&Object::Null), after)?;
        let old = old.dict().cloned().unwrap_or_default();
        let Object::Dict(new) = new else {
            self.refuse(
                Changed::Evidence,
                number_of(after),
                "the extensions are no dictionary".to_owned(),
            );
            return Ok(());
        };
        let gone = old.iter().any(|(key, _)| new.find(key).is_none());
        let mut plain = !gone;
        for (_, extension) in new.iter().filter(|(key, _)| *key != b"Type") {
            let resolved = self.new.resolve(extension, self.budget)?;
            let versions = match resolved {
                Object::Array(items) => items,
                one => vec![one].into(),
            };
            for version in versions {
                plain &= match self.new.resolve(&version, self.budget)? {
                    Object::Dict(version) => {
                        self.budget.pay(
                            Purse::Steps,
                            version.iter().count(),
                            "keys of extensions",
                        )?;
                        version.iter().all(|(key, _)| VERSION_KEYS.contains(&key))
                    }
                    _ => false,
                };
            }
        }
        if !plain && !old.means(&new, self.bytes()) {
            self.refuse(Changed::Evidence, number_of(after), "the extensions changed".to_owned());
        }
        self.permit(after)?;
        Ok(())
    }
}

const STORE_KEYS: [&[u8]; 5] = [b"Type", b"Certs", b"OCSPs", b"CRLs", b"VRI"];
const VERSION_KEYS: [&[u8]; 5] =
    [b"Type", b"BaseVersion", b"ExtensionLevel", b"ExtensionRevision", b"URL"];
