//! A client: a system of a department, registered by an administrator.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::scope::{Scope, Verb};
use crate::base::localized::Localized;
use crate::base::text::Text;
use crate::base::time::Timestamp;
use crate::format::jose::client_jwk::SystemKey;

/// Name of a client: its `client_id`, and the author in the journal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientName(String);

/// A registered client. Its JSON form is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Unique name; its `client_id`.
    pub name: ClientName,
    /// Slug of the responsible department.
    pub department: String,
    /// Its rights; a token has these or fewer.
    pub scopes: Vec<Scope>,
    /// Purposes for which it may request data: short texts that every access event repeats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// Its public keys; two during a rotation.
    pub keys: Vec<ClientKey>,
    /// Whether all its requests are refused.
    #[serde(default)]
    pub disabled: bool,
    /// When it was registered.
    pub since: Timestamp,
}

/// A public key of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientKey {
    /// The key as a bare JWK: no private part, no address.
    pub jwk: Value,
    /// RFC 7638 thumbprint; what `kid` names.
    pub thumbprint: String,
    /// When it expires; `None`: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A fault of a registration; the text includes its remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct BadClient(pub Localized);

impl BadClient {
    /// In both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Localized::new(zh, en))
    }
}

impl ClientName {
    /// 3 to 48 lower-case letters, digits and hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (3..=48).contains(&text.len()) && text.bytes().all(plain);
        (fits && !text.starts_with('-') && !text.ends_with('-')).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientKey {
    /// Checks a public key: a bare JWK of a supported kind.
    pub fn parse(jwk: &Value) -> Result<Self, BadClient> {
        let bad = |error: String| {
            BadClient::new(
                "不是公钥：须为只含 kty 和公钥成员的 JWK（EC P-256、Ed25519，或 2048 位以上的 RSA）",
                format!(
                    "not a public key: {error}. Give a bare JWK with kty and its public members only (EC P-256, Ed25519, or RSA of 2048 bits and more)"
                ),
            )
        };
        let read = SystemKey::parse(jwk).map_err(|error| bad(error.to_string()))?;
        Ok(Self { jwk: read.to_json(), thumbprint: read.thumbprint(), until: None })
    }

    /// Whether it is accepted at this instant.
    pub fn is_accepted(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Client {
    /// A new client with its first key.
    pub fn new(
        name: &str,
        department: &str,
        scopes: Vec<Scope>,
        purposes: Vec<String>,
        key: ClientKey,
        since: Timestamp,
    ) -> Result<Self, BadClient> {
        let name = ClientName::parse(name).ok_or_else(|| {
            BadClient::new(
                "名称须为 3 至 48 个小写字母、数字或连字符，首尾不能是连字符",
                "the name: 3 to 48 lower-case letters, digits and hyphens, no hyphen at an end",
            )
        })?;
        check_rights(&scopes, &purposes)?;
        let department = department.to_owned();
        Ok(Self { name, department, scopes, purposes, keys: vec![key], disabled: false, since })
    }

    /// Changes rights or purposes; `None` leaves them unchanged. The department cannot change: a
    /// system that moves is a new client.
    pub fn change(
        &mut self,
        scopes: Option<Vec<Scope>>,
        purposes: Option<Vec<String>>,
    ) -> Result<(), BadClient> {
        let scopes = scopes.unwrap_or_else(|| self.scopes.clone());
        let purposes = purposes.unwrap_or_else(|| self.purposes.clone());
        check_rights(&scopes, &purposes)?;
        (self.scopes, self.purposes) = (scopes, purposes);
        Ok(())
    }

    /// Adds a key; the present ones are accepted until `overlap_ends`.
    pub fn rotate(
        &mut self,
        key: ClientKey,
        now: Timestamp,
        overlap_ends: Timestamp,
    ) -> Result<(), BadClient> {
        if self.keys.iter().any(|known| known.thumbprint == key.thumbprint) {
            return Err(BadClient::new(
                "这把密钥已经登记，请生成新的密钥",
                "this key is registered already; make a new one",
            ));
        }
        self.keys.retain(|known| known.is_accepted(now));
        for known in &mut self.keys {
            known.until = Some(known.until.map_or(overlap_ends, |until| until.min(overlap_ends)));
        }
        self.keys.push(key);
        Ok(())
    }

    /// The keys accepted now; none for a disabled client.
    pub fn accepted_keys(&self, now: Timestamp) -> impl Iterator<Item = &ClientKey> {
        self.keys.iter().filter(move |key| !self.disabled && key.is_accepted(now))
    }
}

fn check_rights(scopes: &[Scope], purposes: &[String]) -> Result<(), BadClient> {
    let bad = |zh, en| Err(BadClient::new(zh, en));
    if scopes.is_empty() {
        return bad(
            "至少写明一项权限，例如 read:*",
            "name at least one right, for instance read:*",
        );
    }
    if purposes.iter().any(|purpose| Text::line(purpose, 60).is_err()) {
        return bad(
            "用途须为 1 至 60 个字符，写成一行",
            "a purpose: 1 to 60 characters on one line",
        );
    }
    if purposes.is_empty() && scopes.iter().any(|scope| scope.verb == Verb::Query) {
        return bad(
            "有 query 权限的接入系统至少须有一项用途",
            "a client that may query needs at least one purpose",
        );
    }
    Ok(())
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ClientName {
    type Error = BadClient;

    fn try_from(text: String) -> Result<Self, BadClient> {
        Self::parse(&text)
            .ok_or_else(|| BadClient::new("不是接入系统的名称", "not a name of a client"))
    }
}

impl From<ClientName> for String {
    fn from(name: ClientName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(x: &str) -> ClientKey {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
        ClientKey::parse(&jwk).unwrap()
    }

    const ONE: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const TWO: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa6";

    #[test]
    fn a_private_key_and_an_address_are_refused() {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": ONE, "d": ONE});
        assert!(ClientKey::parse(&jwk).is_err());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": ONE, "x5u": "https://a.example"});
        assert!(ClientKey::parse(&jwk).is_err());
        let jwk = json!({"kty": "oct", "k": "c2VjcmV0"});
        assert!(ClientKey::parse(&jwk).is_err());
        assert!(ClientKey::parse(&json!({"kty": "OKP", "crv": "Ed25519", "x": TWO})).is_err());
    }

    #[test]
    fn an_old_key_is_accepted_until_the_overlap_ends() {
        let (now, ends) = (Timestamp::EPOCH, Timestamp::EPOCH.plus(100));
        let scopes = vec!["read:*".parse().unwrap()];
        let mut client =
            Client::new("market-counter", "market", scopes, Vec::new(), key(ONE), now).unwrap();
        assert!(client.rotate(key(ONE), now, ends).is_err());
        let second = "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik";
        client.rotate(key(second), now, ends).unwrap();
        assert_eq!(client.accepted_keys(now.plus(99)).count(), 2);
        assert_eq!(client.accepted_keys(ends).count(), 1);
        client.disabled = true;
        assert_eq!(client.accepted_keys(now).count(), 0);
    }

    #[test]
    fn a_client_that_may_query_says_for_what() {
        let scopes: Vec<Scope> = vec!["query:*".parse().unwrap()];
        let new = |purposes: &[&str]| {
            let purposes = purposes.iter().map(|purpose| (*purpose).to_owned()).collect();
            Client::new("bank", "market", scopes.clone(), purposes, key(ONE), Timestamp::EPOCH)
        };
        assert!(new(&[]).is_err() && new(&["a\nb"]).is_err());
        assert!(new(&["企业开办"]).is_ok());
    }
}
