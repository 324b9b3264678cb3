//! The key of a natural person, to which the holder credential will be bound.
//!
//! That the applicant holds it is not asked here: who names a key that he does not hold has a
//! credential that nobody can show.

use serde_json::{Map, Value as Json};

use super::Checker;
use crate::domain::licence::kind::{HolderKind, LicenceType};
use crate::format::jose::jwk::Jwk;

/// Name of the key in an application.
pub(super) const NAME: &str = "holder_key";

/// Whether applications for this type may name one: a register has no wallet.
pub(super) fn may_be_named(kind: &LicenceType) -> bool {
    kind.holder == HolderKind::NaturalPerson
}

impl Checker<'_> {
    /// The key in its bare form; `None` when there is none, or a fault.
    pub(super) fn holder_key(
        &mut self,
        top: &Map<String, Json>,
        kind: &LicenceType,
    ) -> Option<Json> {
        let value = top.get(NAME).filter(|value| !value.is_null() && may_be_named(kind))?;
        match Jwk::parse(value) {
            Ok(key) => Some(key.to_json()),
            Err(error) => {
                self.fault(
                    "/holder_key",
                    "holder_key",
                    "应为 P-256 或 Ed25519 公钥的 JWK，只含 kty、crv、x（和 y）",
                    &format!("Must be the JWK of a public key on P-256 or Ed25519, with kty, crv, x (and y) alone: {error}"),
                );
                None
            }
        }
    }
}
