//! Rules for a licence of this profile beyond a valid signature: one seal that permits no change,
//! an entitled signer, and the credential that its metadata names.

use super::certification::Permitted;
use super::evidence::{CredentialMatches, ValidSeal};
use super::judge::Judge;
use super::signature::{CADES, Proved, Surroundings};
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::domain::trust::{Entitled, Material};
use crate::domain::verify::context::Context;
use crate::domain::verify::credential::{self, Use};
use crate::domain::verify::report::Outcome;
use crate::domain::verify::report::checks;
use crate::domain::verify::report::codes::Code;
use crate::format::cms::CmsValid;
use crate::format::pdf::LICENCE_NAMESPACE;
use crate::format::pdf::read::{Document, Object, Packet, ReadError, SignatureField};
use crate::format::x509::Role;

/// The sealed metadata of a licence of this profile.
pub(super) struct Sealed {
    id: String,
    version: String,
    credential: Digest,
}

impl Judge<'_> {
    /// Checks every rule of the licence profile beyond a valid signature.
    pub(super) fn licence(
        &mut self,
        around: &Surroundings<'_, '_>,
        field: &SignatureField,
        proved: Proved,
        sealed: &Sealed,
        count: usize,
    ) -> Result<(), ReadError> {
        let Proved {
            digest: Some(digest),
            signature: Some(signature),
            path: Some(path),
            changes: Some(changes),
            signer: Some(_),
            signed_at,
        } = proved
        else {
            return Ok(());
        };
        let id = sealed.id.split('.').collect::<Vec<_>>();
        let (kind, department) = (id.get(5).copied(), id.get(6).copied());
        let entitled = Entitled::check(
            &path,
            Role::Seal,
            department.unwrap_or_default(),
            kind.unwrap_or_default(),
            signed_at.unwrap_or(Timestamp::EPOCH),
        );
        let entitled = match entitled {
            Ok(entitled) => entitled,
            Err(error) => {
                self.check(checks::ENTITLEMENT, Outcome::Failed);
                self.fail(Code::NotEntitled, error.to_string());
                return Ok(());
            }
        };
        self.check(checks::ENTITLEMENT, Outcome::Passed);
        if !self.has_our_profile(around, field, &signature, count) {
            return Ok(());
        }
        if !changes.is_archive_only() {
            let detail = "a licence may be followed by archive material only".to_owned();
            self.fail(Code::ChangedAfterSeal, detail);
            return Ok(());
        }
        match self.credential(around.document, sealed, &around.archive.material)? {
            Ok(credential) => {
                self.check(checks::CREDENTIAL, Outcome::Passed);
                let own = credential.credential.path().clone();
                self.result.seal = Some(Box::new(ValidSeal {
                    _digest: digest,
                    _signature: signature,
                    _path: path,
                    _entitled: entitled,
                    _changes: changes,
                    credential,
                }));
                self.note_unused_material("credential", &own);
                self.unchecked("credential", &own, self.context.require_revocation);
            }
            Err(detail) => {
                self.check(checks::CREDENTIAL, Outcome::Failed);
                self.fail(Code::CredentialMismatch, detail);
            }
        }
        Ok(())
    }

    /// Whether the only signature has the office's form, and certifies the document without
    /// permitting changes.
    fn has_our_profile(
        &mut self,
        around: &Surroundings<'_, '_>,
        field: &SignatureField,
        signature: &CmsValid,
        count: usize,
    ) -> bool {
        let certified = around.certifications.of(field).ok().flatten();
        let named = around.certifications.names(field);
        let cades = field.sub_filter() == CADES && signature.is_bound();
        // The office writes exactly this form.
        let ours = cades
            && signature.names_as_written()
            && count == 1
            && certified == Some(Permitted::Nothing)
            && named;
        if !ours {
            let kind = String::from_utf8_lossy(field.sub_filter());
            let detail =
                format!("{kind}, {count} signatures, DocMDP {certified:?}, in /Perms: {named}");
            self.fail(Code::NotOurProfile, detail);
        }
        ours
    }

    fn credential(
        &mut self,
        document: &Document<'_>,
        sealed: &Sealed,
        store: &Material,
    ) -> Result<Result<CredentialMatches, String>, ReadError> {
        let Some(bytes) = attachment(document, self.budget)? else {
            return Ok(Err("the credential is not attached".to_owned()));
        };
        if Digest::of(&[&bytes]) != sealed.credential {
            return Ok(Err("the attachment is not the one that the metadata names".to_owned()));
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(Err("the credential is not text".to_owned()));
        };
        // Certificate evidence in the file counts for the credential too.
        let trust = self.context.trust.clone().with_material(store);
        let context = Context { trust: &trust, ..*self.context };
        let credential = credential::authenticate(&text, Use::Document, &context, self.budget);
        let credential = match credential {
            Ok(credential) => credential,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let claims = credential.claims();
        let version = format!("{:03}", claims.summary.version);
        if claims.id.as_str() != sealed.id || version != sealed.version {
            return Ok(Err("metadata and credential name different licences".to_owned()));
        }
        Ok(Ok(CredentialMatches { credential }))
    }

    /// The metadata of a licence of this profile; `None` for other files.
    pub(super) fn metadata(
        &mut self,
        document: &Document<'_>,
    ) -> Result<Option<Sealed>, ReadError> {
        let catalog = document.catalog(self.budget)?;
        let Object::Stream(stream) = document.get(&catalog, "Metadata", self.budget)? else {
            return Ok(None);
        };
        let Some(bytes) = document.stream(&stream, self.budget)? else { return Ok(None) };
        let Some(packet) = Packet::read(&bytes, self.budget)? else { return Ok(None) };
        let property = |name| packet.text(LICENCE_NAMESPACE, name).map(str::to_owned);
        let values = ["id", "version", "credentialSha256"].map(property);
        let [Some(id), Some(version), Some(credential)] = values else { return Ok(None) };
        let Some(credential) = Digest::from_hex(&credential) else { return Ok(None) };
        Ok(Some(Sealed { id, version, credential }))
    }
}

/// The bytes of the attached credential.
fn attachment(document: &Document<'_>, budget: &mut Budget) -> Result<Option<Vec<u8>>, ReadError> {
    let catalog = document.catalog(budget)?;
    let Object::Array(files) = document.get(&catalog, "AF", budget)? else { return Ok(None) };
    let [file] = files.as_slice() else { return Ok(None) };
    let Object::Dict(spec) = document.resolve(file, budget)? else { return Ok(None) };
    if spec.get("UF").and_then(Object::text).as_deref() != Some("credential.sd-jwt") {
        return Ok(None);
    }
    let Object::Dict(embedded) = document.get(&spec, "EF", budget)? else { return Ok(None) };
    let Object::Stream(stream) = document.get(&embedded, "F", budget)? else { return Ok(None) };
    document.stream(&stream, budget)
}
