//! Access tokens: opaque, short-lived, and useless without the key that they are bound to.

use std::fmt;

use super::client::ClientName;
use super::scope::Scope;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::format::jose::jws;

/// The token that a client sends. The office keeps only its digest after it was issued.
#[derive(Clone)]
pub struct AccessToken(String);

/// The key that a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// RFC 7638 thumbprint of a DPoP key (RFC 9449, 6.1: `jkt`).
    Key(String),
    /// SHA-256 of a client certificate (RFC 8705, 3.1: `x5t#S256`).
    Certificate(Digest),
}

/// The office's record of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Name of its client.
    pub client: ClientName,
    /// Slug of the client's department.
    pub department: String,
    /// Its rights: those of the client, or fewer.
    pub scopes: Vec<Scope>,
    /// Key that the client must prove.
    pub binding: Binding,
    /// Thumbprint of the key that the client requested it with.
    pub key: String,
    /// Expiry time.
    pub expires: Timestamp,
}

/// The requested rights are malformed, or more than the client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scope: ask for rights that the client is registered for, each as VERB:TYPE or VERB:*")]
pub struct ScopeRefused;

impl AccessToken {
    /// A token of 256 random bits.
    pub fn new(random: [u8; 32]) -> Self {
        Self(jws::encode(&random))
    }

    /// The token's text, for the response that issues it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Digest under which a token is stored.
    pub fn digest(text: &str) -> Digest {
        Digest::of(&[b"access token\0", text.as_bytes()])
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

impl Binding {
    /// How the token is presented: the scheme of `Authorization`, and `token_type`.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Key(_) => "DPoP",
            Self::Certificate(_) => "Bearer",
        }
    }
}

/// Rights of a token: all of the client's when the request names none.
pub fn scopes_of(asked: Option<&str>, registered: &[Scope]) -> Result<Vec<Scope>, ScopeRefused> {
    let Some(asked) = asked else { return Ok(registered.to_vec()) };
    let mut scopes = Vec::new();
    for text in asked.split(' ').take(SCOPES) {
        let scope: Scope = text.parse().map_err(|_| ScopeRefused)?;
        if !registered.iter().any(|known| known.includes(&scope)) {
            return Err(ScopeRefused);
        }
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if asked.split(' ').nth(SCOPES).is_some() { Err(ScopeRefused) } else { Ok(scopes) }
}

/// Longest lifetime of a token in seconds.
pub const LIFE: i64 = 600;
/// Eight verbs for each of eight types.
const SCOPES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_rights_of_its_client_or_fewer() {
        let registered: Vec<Scope> =
            ["read:*", "issue:business"].map(|text| text.parse().unwrap()).to_vec();
        let ask = |text: &str| scopes_of(Some(text), &registered);
        assert_eq!(scopes_of(None, &registered).unwrap(), registered);
        assert_eq!(ask("read:business").unwrap(), vec!["read:business".parse().unwrap()]);
        assert_eq!(ask("issue:business read:* read:*").unwrap().len(), 2);
        for more in ["issue:*", "read:* change:*", "issue:food-operation", "", " ", "read", "*:*"] {
            assert_eq!(ask(more), Err(ScopeRefused), "{more:?}");
        }
        assert!(ask(&["read:*"; 64].join(" ")).is_ok() && ask(&["read:*"; 65].join(" ")).is_err());
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = AccessToken::new([7; 32]);
        assert_eq!(format!("{token:?}"), "AccessToken(…)");
        assert_eq!(token.expose().len(), 43);
        assert_ne!(AccessToken::digest(token.expose()), Digest::of(&[token.expose().as_bytes()]));
    }
}
