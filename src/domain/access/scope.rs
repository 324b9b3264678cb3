//! A right in its written form: `verb:type`, or `verb:*` for every type.
//!
//! The department is not part of it: it comes from the client, so that a right never covers another
//! department.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The act that a right allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Propose and issue licences.
    Issue,
    /// Approve the proposal of another.
    Approve,
    /// Read licences of one's own department with their files and history.
    Read,
    /// Suspend, resume and revoke licences.
    Change,
    /// Query data of other departments, within a grant.
    Query,
    /// Read the change feed.
    Feed,
    /// Record the consent of a holder at the counter.
    Consent,
    /// Read the acts of one's own department.
    Audit,
}

impl Verb {
    /// All verbs, with their names.
    pub const ALL: [(Self, &str); 8] = [
        (Self::Issue, "issue"),
        (Self::Approve, "approve"),
        (Self::Read, "read"),
        (Self::Change, "change"),
        (Self::Query, "query"),
        (Self::Feed, "feed"),
        (Self::Consent, "consent"),
        (Self::Audit, "audit"),
    ];

    /// Name in a right.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(verb, _)| *verb == self).map_or("", |(_, name)| name)
    }
}

/// The licence types that a right covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kinds {
    /// Every type of the department.
    All,
    /// The one with this slug.
    One(String),
}

/// One right: a verb, with licence types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope {
    /// The allowed act.
    pub verb: Verb,
    /// The licence types covered.
    pub kinds: Kinds,
}

/// The text is not a right; the message explains the syntax.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no right: write VERB:TYPE or VERB:*, with one of issue, approve, read, change, query, feed, consent, audit"
)]
pub struct BadScope(String);

impl BadScope {
    /// The text, or its beginning.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl Scope {
    /// Whether this right covers `verb` on licences of a type.
    pub fn covers(&self, verb: Verb, kind: &str) -> bool {
        let fits = match &self.kinds {
            Kinds::All => true,
            Kinds::One(slug) => slug == kind,
        };
        self.verb == verb && fits
    }

    /// Whether every act that `other` covers is covered by this one.
    pub fn includes(&self, other: &Self) -> bool {
        self.verb == other.verb && (self.kinds == Kinds::All || self.kinds == other.kinds)
    }
}

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        let bad = || BadScope(text.chars().take(64).collect());
        let (verb, kind) = text.split_once(':').ok_or_else(bad)?;
        let (verb, _) = Verb::ALL.into_iter().find(|(_, name)| *name == verb).ok_or_else(bad)?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let kinds = match kind {
            "*" => Kinds::All,
            slug if (1..=48).contains(&slug.len()) && slug.bytes().all(plain) => {
                Kinds::One(slug.to_owned())
            }
            _ => return Err(bad()),
        };
        Ok(Self { verb, kinds })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kinds {
            Kinds::All => "*",
            Kinds::One(slug) => slug,
        };
        write!(f, "{}:{kind}", self.verb.name())
    }
}

impl TryFrom<String> for Scope {
    type Error = BadScope;

    fn try_from(text: String) -> Result<Self, BadScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_read_back_and_everything_else_is_refused() {
        for (_, verb) in Verb::ALL {
            for kind in ["*", "food-operation"] {
                let text = format!("{verb}:{kind}");
                assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
            }
        }
        let long = format!("read:{}", "a".repeat(49));
        for bad in ["", "read", "read:", "*:*", "Read:*", "read:A", "read:a b", "read:**", &long] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_right_covers_its_verb_and_its_types_only() {
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        assert!(scope("read:*").covers(Verb::Read, "business"));
        assert!(scope("read:business").covers(Verb::Read, "business"));
        assert!(!scope("read:business").covers(Verb::Read, "business-2"));
        assert!(!scope("read:*").covers(Verb::Change, "business"));
        assert!(scope("read:*").includes(&scope("read:business")));
        assert!(!scope("read:business").includes(&scope("read:*")));
    }
}
