//! Evidence for archives: the document security store (ISO 32000-2, 12.8.4.3) and the versions of
//! extensions that announce it.

use super::{Comparison, name, number_of};
use crate::domain::verify::report::Changes;
use crate::format::pdf::read::{Dict, Object, ReadError};

impl Comparison<'_, '_> {
    /// Certificates and revocation data may be added as anybody likes: each of them is signed by
    /// its issuer, and none is believed for standing here.
    pub(super) fn security_store(&mut self, store: &Object) -> Result<(), ReadError> {
        if let Object::Dict(dict) = self.new.resolve(store, self.budget)? {
            if let Some((key, _)) = dict.iter().find(|(key, _)| !STORE_KEYS.contains(key)) {
                self.refuse(number_of(store), format!("the security store has {}", name(key)));
            }
        } else {
            self.refuse(number_of(store), "the security store is no dictionary".to_owned());
        }
        let differing = self.permit(store)?;
        for number in differing {
            let (object, _) = self.new.numbered(number, self.budget)?;
            let drawn = object.dict().is_some_and(|dict: &Dict| dict.get("Subtype").is_some());
            if drawn || object.dict().is_some_and(|dict| dict.is("Page") || dict.is("Font")) {
                let what = "something else than evidence is in the security store";
                self.refuse(Some(number), what.to_owned());
            }
            self.raise(Changes::Archive);
        }
        if self.old.catalog(self.budget)?.get("DSS") != Some(store) {
            self.raise(Changes::Archive);
        }
        Ok(())
    }

    /// Developer extensions (7.12): versions that the file announces; they change nothing.
    pub(super) fn extensions(
        &mut self,
        before: Option<&Object>,
        after: &Object,
    ) -> Result<(), ReadError> {
        let (old, new) = self.both(before.unwrap_or(&Object::Null), after)?;
        let old = old.dict().cloned().unwrap_or_default();
        let Object::Dict(new) = new else {
            self.refuse(number_of(after), "the extensions are no dictionary".to_owned());
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
                        version.iter().all(|(key, _)| VERSION_KEYS.contains(&key))
                    }
                    _ => false,
                };
            }
        }
        if !plain && !old.means(&new, self.bytes()) {
            self.refuse(number_of(after), "the extensions changed".to_owned());
        }
        self.permit(after)?;
        Ok(())
    }
}

const STORE_KEYS: [&[u8]; 5] = [b"Type", b"Certs", b"OCSPs", b"CRLs", b"VRI"];
const VERSION_KEYS: [&[u8]; 5] =
    [b"Type", b"BaseVersion", b"ExtensionLevel", b"ExtensionRevision", b"URL"];
