//! Whether a leaf may sign this kind of artefact for this department and type.
//!
//! A leaf says so under an identifier that every verifier knows, or below the arc that a CA of its
//! path names ([`Certificate::office_arc`]). Whoever could name another arc there could as well
//! write a known identifier into the leaf; a leaf that names one itself is not asked.

use super::path::PathTrusted;
use crate::base::time::Timestamp;
use crate::format::x509::{Certificate, Entitlement, Role};

/// Proof that a leaf was entitled to what it signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitled(());

/// Why it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEntitled {
    /// No entitlement extension.
    #[error("the certificate does not say what it may sign")]
    NoEntitlement,
    /// An entitlement under an identifier of which nobody above says that it is one.
    #[error(
        "the certificate says what it may sign under an identifier that no authority above it names \
         as its office's (oid_arc)"
    )]
    UnknownIdentifier,
    /// An entitlement that is of a later form, or malformed.
    #[error("what the certificate says that it may sign cannot be read")]
    Unreadable,
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

    /// Whether the leaf may sign documents of any kind: a key for credentials or lists never does.
    /// What restricts a key counts under any identifier; a leaf that restricts nothing may.
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

    /// Checks the role and the usage period alone: a status list speaks for the whole office.
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

/// The leaf, and what those above it let it sign.
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

/// Keys of ours that sign documents: seals of licences, and of reports, which are none.
const DOCUMENTS: [Role; 2] = [Role::Seal, Role::Report];
