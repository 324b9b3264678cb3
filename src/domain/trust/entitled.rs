//! Whether a leaf may sign this kind of artefact for this department and type.
//!
//! The entitlement has an identifier that every verifier knows, or one below the arc that a CA of
//! its path names ([`Certificate::office_arc`]). A CA that could name another arc could equally put
//! a known identifier into the leaf; an arc named by the leaf itself is ignored.

use super::path::PathTrusted;
use crate::base::time::Timestamp;
use crate::format::x509::{Certificate, Entitlement, Role};

/// Proof that a leaf was entitled to its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitled(());

/// Why a leaf is not entitled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEntitled {
    /// It has no entitlement extension.
    #[error("the certificate does not say what it may sign")]
    NoEntitlement,
    /// Its entitlement has an identifier that no CA above it names.
    #[error(
        "the certificate says what it may sign under an identifier that no authority above it names \
         as its office's (oid_arc)"
    )]
    UnknownIdentifier,
    /// Its entitlement is malformed or of a later version.
    #[error("what the certificate says that it may sign cannot be read")]
    Unreadable,
    /// It is entitled to another role.
    #[error("the certificate is for another kind of signature")]
    Role,
    /// It is entitled for another department.
    #[error("the certificate belongs to another department")]
    Department,
    /// It is not entitled to this licence type.
    #[error("the department may not issue this licence type")]
    Type,
    /// The key signed outside its usage period.
    #[error("the key was used outside of the period in which it may sign")]
    Period,
}

impl Entitled {
    /// Checks role, department, licence type and, at `signed_at`, the key's usage period.
    pub fn check(
        path: &PathTrusted,
        role: Role,
        department: &str,
        type_code: &str,
        signed_at: Timestamp,
    ) -> Result<Self, NotEntitled> {
        let (_, entitlement) = stated(path)?;
        if entitlement.department.as_str() != department {
            return Err(NotEntitled::Department);
        }
        if !entitlement.covers(type_code) {
            return Err(NotEntitled::Type);
        }
        Self::role(path, role, signed_at)
    }

    /// Whether the leaf may sign documents of any kind: a key for credentials or lists never may. A
    /// restriction counts under any identifier; a leaf without one may sign.
    pub fn documents(path: &PathTrusted) -> Result<(), NotEntitled> {
        if let Err(unreadable @ NotEntitled::Unreadable) = stated(path) {
            return Err(unreadable);
        }
        let entitlement = path.chain().first().and_then(Certificate::entitlement);
        match entitlement {
            Some(known) if !DOCUMENTS.contains(&known.role) => Err(NotEntitled::Role),
            _ => Ok(()),
        }
    }

    /// Checks the role and the usage period alone: a status list is for the whole office.
    pub fn role(path: &PathTrusted, role: Role, signed_at: Timestamp) -> Result<Self, NotEntitled> {
        let (leaf, entitlement) = stated(path)?;
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

/// The leaf's entitlement, under an identifier that its path names.
fn stated(path: &PathTrusted) -> Result<(&Certificate, &Entitlement), NotEntitled> {
    let (leaf, above) = path.chain().split_first().ok_or(NotEntitled::NoEntitlement)?;
    let arcs = || above.iter().filter_map(Certificate::office_arc);
    let missing = match leaf.entitlement() {
        _ if arcs().any(|arc| leaf.has_unread_entitlement(arc)) => NotEntitled::Unreadable,
        Some(_) => NotEntitled::UnknownIdentifier,
        None => NotEntitled::NoEntitlement,
    };
    leaf.entitlement_under(arcs()).map(|entitlement| (leaf, entitlement)).ok_or(missing)
}

/// The roles that sign documents: seals of licences and of reports.
const DOCUMENTS: [Role; 2] = [Role::Seal, Role::Report];
