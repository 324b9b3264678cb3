//! Who asks for what, decided before anything is looked at.

use serde_json::Value;

use super::issue::{IssueError, Request};
use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::domain::access::{NotPermitted, Permit, Verb};
use crate::domain::licence::kind::LicenceType;
use crate::domain::office::Department;
use crate::store::{self, StoreError};

/// Scope, key and digest of a request that may be repeated.
pub(super) type Once = (String, String, Digest);

/// What is asked, once it is known who may ask it.
#[derive(Clone, Debug)]
pub(super) struct Order<'a> {
    /// Whom the journal names.
    pub(super) actor: Actor,
    /// The type.
    pub(super) kind: &'a LicenceType,
    /// The department that issues.
    pub(super) department: &'a Department,
    /// The application.
    pub(super) input: &'a Value,
    /// A key under which the same request may be repeated.
    pub(super) idempotency: Option<&'a str>,
}

impl Order<'_> {
    pub(super) fn asks_a_second(&self) -> bool {
        self.department.asks_a_second(&self.kind.slug)
    }

    pub(super) fn once(&self) -> Result<Option<Once>, StoreError> {
        let parts = [self.kind.slug.as_bytes(), b"\0", self.input.to_string().as_bytes()].concat();
        once(&self.actor, self.idempotency, &parts)
    }
}

impl Office {
    /// What the office itself asks.
    pub(super) fn order_here<'a>(&'a self, request: &Request<'a>) -> Result<Order<'a>, IssueError> {
        let unknown = || IssueError::UnknownType(request.kind.to_owned());
        let kind = self.types().get(request.kind).ok_or_else(unknown)?;
        let none = || IssueError::NoDepartment(request.kind.to_owned());
        let department = self.profile().department_for(request.kind).ok_or_else(none)?;
        let (input, idempotency) = (request.input, request.idempotency);
        Ok(Order { actor: request.actor.clone(), kind, department, input, idempotency })
    }

    /// What a client asks: its own department, and the type that its permit names.
    pub(super) fn order_for<'a>(
        &'a self,
        permit: &Permit,
        verb: Verb,
        input: &'a Value,
        idempotency: Option<&'a str>,
    ) -> Result<Order<'a>, IssueError> {
        let refused = || NotPermitted(verb, permit.kind().to_owned());
        let department = self.profile().departments.get(permit.department());
        let department = department.filter(|one| one.issues(permit.kind())).ok_or_else(refused)?;
        let kind = self.types().get(permit.kind()).ok_or_else(refused)?;
        if permit.verb() != verb {
            return Err(refused().into());
        }
        Ok(Order { actor: permit.actor(), kind, department, input, idempotency })
    }
}

/// What makes a request one that may be repeated. Keys of one actor never meet those of another.
pub(super) fn once(
    actor: &Actor,
    key: Option<&str>,
    request: &[u8],
) -> Result<Option<Once>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    let scope = store::written(|| "the name of who asks".to_owned(), actor)?;
    Ok(Some((scope, key.to_owned(), Digest::of(&[request]))))
}
