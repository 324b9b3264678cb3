//! Recognised callers, and the permits from their rights.

use super::client::ClientName;
use super::scope::{Scope, Verb};
use crate::base::actor::Actor;

/// A client recognised in this request. Only the service that checked its token makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    client: ClientName,
    department: String,
    scopes: Vec<Scope>,
}

/// Permission for one verb on licences of one type of one department. Acts take it as an argument,
/// so that an act without a right does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    client: ClientName,
    department: String,
    verb: Verb,
    kind: String,
}

/// None of the caller's rights covers it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs the right {verb}:{kind}", verb = .0.name(), kind = .1)]
pub struct NotPermitted(pub Verb, pub String);

impl Caller {
    /// A client, its department, and the rights of its token.
    pub fn new(client: ClientName, department: String, scopes: Vec<Scope>) -> Self {
        Self { client, department, scopes }
    }

    /// Name of the client.
    pub fn client(&self) -> &ClientName {
        &self.client
    }

    /// Slug of its department: from the registration, never from a request.
    pub fn department(&self) -> &str {
        &self.department
    }

    /// The author named in the journal.
    pub fn actor(&self) -> Actor {
        Actor::Client(self.client.to_string())
    }

    /// Rights of the token.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Permission for `verb` on licences of a type.
    pub fn permit(&self, verb: Verb, kind: &str) -> Result<Permit, NotPermitted> {
        if !self.scopes.iter().any(|scope| scope.covers(verb, kind)) {
            return Err(NotPermitted(verb, kind.to_owned()));
        }
        let (client, department) = (self.client.clone(), self.department.clone());
        Ok(Permit { client, department, verb, kind: kind.to_owned() })
    }

    /// Whether any right has this verb: a caller without one is refused before anything is looked
    /// up.
    pub fn has(&self, verb: Verb) -> Result<(), NotPermitted> {
        let known = self.scopes.iter().any(|scope| scope.verb == verb);
        if known { Ok(()) } else { Err(NotPermitted(verb, "*".to_owned())) }
    }
}

impl Permit {
    /// The author named in the journal.
    pub fn actor(&self) -> Actor {
        Actor::Client(self.client.to_string())
    }

    /// Name of the client.
    pub fn client(&self) -> &ClientName {
        &self.client
    }

    /// Slug of its department.
    pub fn department(&self) -> &str {
        &self.department
    }

    /// The permitted verb.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// Slug of the licence type.
    pub fn kind(&self) -> &str {
        &self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_permitted_that_no_right_covers() {
        let scopes = vec!["issue:business".parse().unwrap(), "read:*".parse().unwrap()];
        let client = ClientName::parse("market-counter").unwrap();
        let caller = Caller::new(client, "market".to_owned(), scopes);
        let permit = caller.permit(Verb::Issue, "business").unwrap();
        assert_eq!((permit.department(), permit.kind()), ("market", "business"));
        assert_eq!(permit.actor(), Actor::Client("market-counter".to_owned()));
        assert!(caller.permit(Verb::Issue, "food-operation").is_err());
        assert!(caller.permit(Verb::Change, "business").is_err());
        let none = Caller::new(caller.client().clone(), "market".to_owned(), Vec::new());
        for (verb, _) in Verb::ALL {
            assert!(none.permit(verb, "business").is_err() && none.has(verb).is_err());
        }
    }
}
