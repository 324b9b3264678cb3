//! The office's certificates: first issue, and reissue of leaves before their keys' year is over.

use std::collections::BTreeMap;

use super::keys::{KeyName, KeyUnavailable, Keys};
use crate::base::entropy::{Entropy, draw};
use crate::base::localized::Localized;
use crate::base::time::{DAY, Timestamp};
use crate::domain::authority::{self, AuthorityError, Ca, IssuingCa, Leaf, Names, Urls};
use crate::domain::licence::kind;
use crate::domain::office::{Department, Profile};
use crate::format::x509::{Certificate, Entitlement, Role, Types};

/// The certificates of an office, by the key that each belongs to.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The self-signed root; the office's trust anchor.
    pub root: Certificate,
    /// The CA that issues every leaf.
    pub issuing: Certificate,
    /// Leaf certificates, by the name of their key.
    pub leaves: BTreeMap<String, Certificate>,
}

/// Why no certificates were issued.
#[derive(Debug, thiserror::Error)]
pub enum EstablishError {
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// A certificate cannot be built.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A department names a type that does not exist.
    #[error(
        "department {department}: there is no licence type {kind:?}; `yinzheng types` lists those that \
         are built in, and a file types/{kind}.toml in the office's directory adds one (put it there \
         before `yinzheng init`)"
    )]
    UnknownType {
        /// Slug of the department.
        department: String,
        /// The unknown type's slug.
        kind: String,
    },
}

/// Issues the office's certificates.
pub struct CertificateIssuer<'a> {
    /// The content of `office.toml`.
    pub profile: &'a Profile,
    /// The licence types, for the entitlements of leaves.
    pub types: &'a kind::Types,
    /// Unlocks the keys that sign and are certified.
    pub keys: &'a dyn Keys,
    /// Randomness for serial numbers.
    pub entropy: &'a dyn Entropy,
    /// Time of issue.
    pub now: Timestamp,
}

impl std::fmt::Debug for CertificateIssuer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CertificateIssuer({})", self.profile.name.zh)
    }
}

impl CertificateIssuer<'_> {
    /// Issues root, issuing CA and every leaf.
    pub fn establish(&self) -> Result<Certificates, EstablishError> {
        let root_key = self.keys.signer(&KeyName::Root)?;
        let names = self.names("证照根");
        let root = authority::root(&names, &*root_key, draw(self.entropy), self.now)?;
        let issuing = self.issuing(self.names("证照签发"), &root)?;
        let mut certificates = Certificates { root, issuing, leaves: BTreeMap::new() };
        self.complete(&mut certificates)?;
        Ok(certificates)
    }

    /// Reissues the issuing CA's certificate when it names another arc than that of the office; its
    /// leaves remain valid. Returns whether it was reissued, which needs the root key.
    pub fn name_arc(&self, known: &mut Certificates) -> Result<bool, EstablishError> {
        let named = known.issuing.office_arc();
        if self.profile.oid_arc.is_none() || self.profile.oid_arc.as_ref() == named {
            return Ok(false);
        }
        // Exactly the old name, even if the office was renamed: leaves and lists have it.
        let names = Names {
            common: known.issuing.name().to_owned(),
            organization: Localized::new(known.issuing.organization(), ""),
            uscc: None,
        };
        known.issuing = self.issuing(names, &known.root)?;
        Ok(true)
    }

    fn issuing(&self, names: Names, root: &Certificate) -> Result<Certificate, EstablishError> {
        let root_key = self.keys.signer(&KeyName::Root)?;
        let key = self.keys.signer(&KeyName::Issuing)?;
        let issuing = IssuingCa {
            names,
            crl: format!("{}/crl/root.crl", self.profile.public_base_url),
            arc: self.profile.oid_arc.clone(),
        };
        let ca = Ca { certificate: root, key: &*root_key };
        let serial = draw(self.entropy);
        Ok(authority::issuing(&issuing, ca, key.public_key(), serial, self.now)?)
    }

    fn names(&self, suffix: &str) -> Names {
        Names {
            common: format!("{}{suffix}", self.profile.name.zh),
            organization: self.profile.name.clone(),
            uscc: None,
        }
    }

    /// Issues leaves that are missing or whose keys may not sign for another month, and those under
    /// another arc than the issuing CA names; the latter are left as they are when a key is
    /// unavailable. Returns the names of the leaves issued.
    pub fn complete(&self, known: &mut Certificates) -> Result<Vec<String>, EstablishError> {
        let mut made = Vec::new();
        let arc = authority::arc_of(&known.issuing);
        for (name, leaf) in self.leaves()? {
            let current = known.leaves.get(&name.to_string()).filter(|certificate| {
                let soon = self.now.plus(30 * DAY);
                certificate.key_use().is_some_and(|(_, until)| soon < until)
                    && certificate.entitlement() == Some(&leaf.entitlement)
                    && certificate.uris().iter().eq(&leaf.uri)
            });
            if current.is_some_and(|certificate| certificate.has_entitlement_below(&arc)) {
                continue;
            }
            let made_now = match self.leaf(&name, &leaf, &known.issuing) {
                Err(EstablishError::Key(_)) if current.is_some() => continue,
                made_now => made_now?,
            };
            known.leaves.insert(name.to_string(), made_now);
            made.push(name.to_string());
        }
        Ok(made)
    }

    fn leaf(
        &self,
        name: &KeyName,
        leaf: &Leaf,
        issuing: &Certificate,
    ) -> Result<Certificate, EstablishError> {
        let issuing_key = self.keys.signer(&KeyName::Issuing)?;
        let ca = Ca { certificate: issuing, key: &*issuing_key };
        let key = self.keys.signer(name)?;
        Ok(authority::leaf(leaf, ca, key.public_key(), draw(self.entropy), self.now)?)
    }

    /// The root's list, valid for a year: its key is rarely available.
    pub fn root_crl(&self, root: &Certificate) -> Result<Vec<u8>, EstablishError> {
        let key = self.keys.signer(&KeyName::Root)?;
        let ca = Ca { certificate: root, key: &*key };
        let number = u64::try_from(self.now.unix()).unwrap_or(0);
        Ok(authority::crl(ca, &[], number, self.now.plus(-60), self.now.plus(365 * DAY))?)
    }

    /// A revocation list valid for a week. Its number is the time, which only grows.
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
                let names = self.names(suffix);
                let entitlement = Entitlement { role, department: first.uscc.clone(), types };
                leaves.push((key, Leaf { names, entitlement, uri, urls: urls.clone() }));
            };
            let (none, uri) = (Types::Only(Vec::new()), Some(base.to_string()));
            add(KeyName::Status, Role::Status, "状态列表", Types::All, uri.clone());
            // Entitled to no licence type, so that its seals are never on a licence.
            add(KeyName::Report, Role::Report, "核验报告", none.clone(), None);
            // Signs answers of the office with data that issuers signed; it issues nothing.
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
