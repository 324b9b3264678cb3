//! Making the office's certificates, and making leaves again before their keys' year is over.

use std::collections::BTreeMap;

use super::keys::{KeyName, KeyUnavailable, Keys};
use crate::base::entropy::{Entropy, draw};
use crate::base::time::{DAY, Timestamp};
use crate::base::words::Words;
use crate::domain::authority::{self, AuthorityError, Ca, Leaf, Names, Urls};
use crate::domain::licence::kind;
use crate::domain::office::{Department, Profile};
use crate::format::x509::{Certificate, Entitlement, Role, Types};

/// The certificates of an office, by the key that each belongs to.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The root.
    pub root: Certificate,
    /// The issuing CA.
    pub issuing: Certificate,
    /// The leaves, by the name of their key.
    pub leaves: BTreeMap<String, Certificate>,
}

/// Why certificates were not made.
#[derive(Debug, thiserror::Error)]
pub enum EstablishError {
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// A certificate cannot be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A department names a type that does not exist.
    #[error("department {department}: there is no licence type {kind:?}")]
    UnknownType {
        /// Slug of the department.
        department: String,
        /// The slug that was named.
        kind: String,
    },
}

/// What certificates are made from.
pub struct Founding<'a> {
    /// The office.
    pub profile: &'a Profile,
    /// Its licence types.
    pub types: &'a kind::Types,
    /// Its keys.
    pub keys: &'a dyn Keys,
    /// Chance.
    pub entropy: &'a dyn Entropy,
    /// The instant.
    pub now: Timestamp,
}

impl std::fmt::Debug for Founding<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Founding({})", self.profile.name.zh)
    }
}

impl Founding<'_> {
    /// Root, issuing CA and every leaf.
    pub fn establish(&self) -> Result<Certificates, EstablishError> {
        let (root_key, issuing_key) =
            (self.keys.signer(&KeyName::Root)?, self.keys.signer(&KeyName::Issuing)?);
        let name = |zh: &str| Names {
            common: format!("{}{zh}", self.profile.name.zh),
            organization: self.profile.name.clone(),
            uscc: None,
        };
        let root = authority::root(&name("证照根"), &*root_key, draw(self.entropy), self.now)?;
        let ca = Ca { certificate: &root, key: &*root_key };
        let issuing = authority::issuing(
            &name("证照签发"),
            ca,
            issuing_key.public_key(),
            &format!("{}/crl/root.crl", self.profile.public_base_url),
            draw(self.entropy),
            self.now,
        )?;
        let mut certificates = Certificates { root, issuing, leaves: BTreeMap::new() };
        self.complete(&mut certificates)?;
        Ok(certificates)
    }

    /// Makes the leaves that are missing or whose keys may not sign for another month. Returns
    /// their names.
    pub fn complete(&self, known: &mut Certificates) -> Result<Vec<String>, EstablishError> {
        let mut made = Vec::new();
        for (name, leaf) in self.leaves()? {
            let fresh = known.leaves.get(&name.to_string()).is_some_and(|certificate| {
                let soon = self.now.plus(30 * DAY);
                certificate.key_use().is_some_and(|(_, until)| soon < until)
                    && certificate.entitlement() == Some(&leaf.entitlement)
                    && certificate.uris().iter().eq(&leaf.uri)
            });
            if fresh {
                continue;
            }
            let issuing_key = self.keys.signer(&KeyName::Issuing)?;
            let ca = Ca { certificate: &known.issuing, key: &*issuing_key };
            let key = self.keys.signer(&name)?;
            let serial = draw(self.entropy);
            let made_now = authority::leaf(&leaf, ca, key.public_key(), serial, self.now)?;
            known.leaves.insert(name.to_string(), made_now);
            made.push(name.to_string());
        }
        Ok(made)
    }

    /// The root's list for a year: its key is seldom at hand.
    pub fn root_crl(&self, root: &Certificate) -> Result<Vec<u8>, EstablishError> {
        let key = self.keys.signer(&KeyName::Root)?;
        let ca = Ca { certificate: root, key: &*key };
        let number = u64::try_from(self.now.unix()).unwrap_or(0);
        Ok(authority::crl(ca, &[], number, self.now.plus(-60), self.now.plus(365 * DAY))?)
    }

    /// A revocation list for a week. Its number is the instant, which only grows.
    pub fn crl(&self, issuing: &Certificate) -> Result<Vec<u8>, EstablishError> {
        let key = self.keys.signer(&KeyName::Issuing)?;
        let ca = Ca { certificate: issuing, key: &*key };
        let number = u64::try_from(self.now.unix()).unwrap_or(0);
        Ok(authority::crl(ca, &[], number, self.now.plus(-60), self.now.plus(7 * DAY))?)
    }

    fn leaves(&self) -> Result<Vec<(KeyName, Leaf)>, EstablishError> {
        let base = &self.profile.public_base_url;
        let urls = Urls {
            ca_issuers: format!("{base}/trust/issuing.cer"),
            crl: format!("{base}/crl/issuing.crl"),
        };
        let mut leaves = Vec::new();
        for department in self.profile.departments.values() {
            let types = Types::Only(self.type_codes(department)?);
            let mut add = |name, role, suffix: &str, uri| {
                let entitlement =
                    Entitlement { role, department: department.uscc.clone(), types: types.clone() };
                let names = Names {
                    common: format!("{}{suffix}", department.name.zh),
                    organization: department.name.clone(),
                    uscc: Some(department.uscc.to_string()),
                };
                leaves.push((name, Leaf { names, entitlement, uri, urls: urls.clone() }));
            };
            let slug = department.slug.clone();
            add(KeyName::Seal(slug.clone()), Role::Seal, "", None);
            let iss = Some(department.iss(base));
            add(KeyName::Credential(slug), Role::Credential, "数据凭证", iss);
        }
        if let Some(first) = self.profile.departments.values().next() {
            let mut add = |key, role, suffix: &str, types, uri| {
                let names = Names {
                    common: format!("{}{suffix}", self.profile.name.zh),
                    organization: Words::clone(&self.profile.name),
                    uscc: None,
                };
                let entitlement = Entitlement { role, department: first.uscc.clone(), types };
                leaves.push((key, Leaf { names, entitlement, uri, urls: urls.clone() }));
            };
            let (none, uri) = (Types::Only(Vec::new()), Some(base.to_string()));
            add(KeyName::Status, Role::Status, "状态列表", Types::All, uri.clone());
            // For no licence type at all: what it seals can never be a licence.
            add(KeyName::Report, Role::Report, "核验报告", none.clone(), None);
            // It repeats what issuers signed, and speaks for the office; it issues nothing.
            add(KeyName::Answer, Role::Answer, "共享应答", none, uri);
        }
        Ok(leaves)
    }

    fn type_codes(
        &self,
        department: &Department,
    ) -> Result<Vec<crate::base::ids::TypeCode>, EstablishError> {
        let code = |slug: &String| {
            self.types.get(slug).map(|kind| kind.code.clone()).ok_or_else(|| {
                EstablishError::UnknownType {
                    department: department.slug.clone(),
                    kind: slug.clone(),
                }
            })
        };
        department.types.iter().map(code).collect()
    }
}
