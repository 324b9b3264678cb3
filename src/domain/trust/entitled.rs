//! Whether a leaf may sign this kind of artefact for this department and type.

use crate::base::time::Timestamp;
use crate::format::x509::{Certificate, Role};

/// Proof that a leaf was entitled to what it signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitled(());

/// Why it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEntitled {
    /// No entitlement extension.
    #[error("the certificate does not say what it may sign")]
    NoEntitlement,
    /// Another role.
    #[error("the certificate is for another kind of signature")]
    Role,
    /// Another department.
    #[error("the certificate belongs to another department")]
    Department,
    /// Another licence type.
    #[error("the department may not issue this licence type")]
    Type,
    /// The key signed outside of its usage period.
    #[error("the key was used outside of the period in which it may sign")]
    Period,
}

impl Entitled {
    /// Checks role, department, licence type and, at `signed_at`, the key's usage period.
    pub fn check(
        leaf: &Certificate,
        role: Role,
        department: &str,
        type_code: &str,
        signed_at: Timestamp,
    ) -> Result<Self, NotEntitled> {
        let entitlement = leaf.entitlement().ok_or(NotEntitled::NoEntitlement)?;
        if entitlement.department.as_str() != department {
            return Err(NotEntitled::Department);
        }
        if !entitlement.covers(type_code) {
            return Err(NotEntitled::Type);
        }
        Self::role(leaf, role, signed_at)
    }

    /// Checks the role and the usage period alone: a status list speaks for the whole office.
    pub fn role(leaf: &Certificate, role: Role, signed_at: Timestamp) -> Result<Self, NotEntitled> {
        let entitlement = leaf.entitlement().ok_or(NotEntitled::NoEntitlement)?;
        if entitlement.role != role {
            return Err(NotEntitled::Role);
        }
        let in_period = |(from, until)| from <= signed_at && signed_at <= until;
        if !leaf.key_use().is_some_and(in_period) {
            return Err(NotEntitled::Period);
        }
        Ok(Self(()))
    }
}
