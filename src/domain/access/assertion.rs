//! Client authentication: a short-lived token signed by the client (`private_key_jwt`, RFC 7523).
//!
//! The audience is our issuer identifier as a single string, as the revision of RFC 7523 requires:
//! a client that uses a token endpoint's address as the audience can be tricked by another server
//! into signing an assertion for us.

use super::client::{Client, ClientName};
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::format::jose::client_jwk::{SystemAlgorithm, SystemKey};
use crate::format::jose::jws::BadToken;
use crate::format::jose::signed::Signed;

/// An assertion whose claims are valid and whose signature is not checked yet.
#[derive(Clone, Debug)]
pub struct Assertion<'a> {
    signed: Signed<'a>,
    client: ClientName,
    id: Digest,
    issued: Timestamp,
}

/// A client that signed with a registered key. Only [`Assertion::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    client: ClientName,
    thumbprint: String,
    until: Option<Timestamp>,
    id: Digest,
}

/// Why an assertion was refused. The text describes the assertion and reveals nothing about
/// registered clients.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAssertion {
    /// The token is malformed.
    #[error("client_assertion: {0}")]
    Malformed(#[from] BadToken),
    /// A claim has a wrong value.
    #[error("client_assertion: {0}")]
    Claim(&'static str),
    /// It becomes valid in this many seconds: the client's clock is slightly ahead.
    #[error("client_assertion: iat lies {0} s ahead")]
    NotYet(u8),
    /// No client has this name, or not this key; the answer does not reveal which.
    #[error(
        "the client is not known, or the signature of client_assertion is not by a key that is registered for it"
    )]
    Stranger,
}

/// What is said of an assertion, or of a proof, of the second of the start or before: one of a second
/// later will do.
pub const MADE_BEFORE_START: &str = "it was made before this office was started; make a new one";

/// The values that an assertion is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Our issuer identifier, the expected `aud`.
    pub issuer: &'a str,
    /// The present time.
    pub now: Timestamp,
    /// Since when this process remembers uses.
    pub since: Timestamp,
}

impl<'a> Assertion<'a> {
    /// Reads an assertion and compares its claims.
    pub fn parse(
        text: &'a str,
        frame: &Frame<'_>,
        budget: &mut Budget,
    ) -> Result<Self, BadAssertion> {
        if text.len() > TOKEN_BYTES {
            return Err(BadAssertion::Claim("longer than 8 KB"));
        }
        let signed = Signed::parse(text, &["typ", "kid"], budget)?;
        let rule = |holds: bool, text: &'static str| {
            if holds { Ok(()) } else { Err(BadAssertion::Claim(text)) }
        };
        // Tokens of other types (dpop+jwt, kb+jwt) are signed with keys that others may choose.
        let fits = signed
            .head()
            .get("typ")
            .is_none_or(|kind| kind.as_str().is_some_and(|kind| TYPES.contains(&kind)));
        rule(fits, "typ must be client-authentication+jwt or JWT, or be left out")?;
        let name = signed.text("iss").and_then(ClientName::parse);
        let client = name.ok_or(BadAssertion::Claim("iss must be the name of the client"))?;
        rule(signed.text("sub") == Some(client.as_str()), "sub must be the same as iss")?;
        let audience = signed.text("aud") == Some(frame.issuer);
        rule(audience, "aud must be the issuer identifier, as one text (not a list)")?;
        let id = signed.text("jti").filter(|id| id.len() <= ID_BYTES);
        let id = id.ok_or(BadAssertion::Claim("jti must be a text of 1 to 256 bytes"))?;
        let id = Digest::of(&[client.as_str().as_bytes(), b"\0", id.as_bytes()]);
        let made =
            signed.time("iat").ok_or(BadAssertion::Claim("iat must be a time in seconds"))?;
        let expires = signed.time("exp");
        let expires = expires.ok_or(BadAssertion::Claim("exp must be a time in seconds"))?.ends();
        let issued = made.made();
        let now = frame.now;
        rule(expires > now, "exp is over; make a new one, and compare the clocks")?;
        rule(issued >= now.plus(-LIFE), "iat lies more than 5 minutes back")?;
        rule(expires <= issued.plus(LIFE), "exp lies more than 5 minutes after iat")?;
        rule(made.begins() <= now.plus(AHEAD), "iat lies ahead; set the client's clock")?;
        if signed.payload().contains_key("nbf") {
            let begins = signed.time("nbf");
            rule(
                begins.is_some_and(|begins| begins.begins() <= now.plus(AHEAD)),
                "nbf lies ahead",
            )?;
        }
        // Uses before this process began are unknown.
        rule(issued > frame.since, MADE_BEFORE_START)?;
        Ok(Self { signed, client, id, issued })
    }

    /// The client name in a token, unchecked: the key by which failed tries are counted.
    pub fn claimed(text: &str) -> Option<ClientName> {
        let short = text.len() <= TOKEN_BYTES;
        let signed = short.then(|| Signed::parse(text, &["typ", "kid"], &mut Budget::default()));
        ClientName::parse(signed?.ok()?.text("iss")?)
    }

    /// The client that it names, unauthenticated.
    pub fn client(&self) -> &ClientName {
        &self.client
    }

    /// Checks the signature with the registered keys. An unknown client takes as long as a known
    /// one: a dummy key is tried instead.
    pub fn verify(
        self,
        client: Option<&Client>,
        now: Timestamp,
        budget: &mut Budget,
    ) -> Result<Proven, BadAssertion> {
        let algorithm = self.signed.algorithm();
        let named = self.signed.head().get("kid");
        let keys = client.into_iter().flat_map(|client| client.accepted_keys(now));
        let keys = keys.filter(|key| named.is_none_or(|kid| kid == key.thumbprint.as_str()));
        let mut keys: Vec<_> = keys
            .filter_map(|key| Some((SystemKey::parse(&key.jwk).ok()?, Some(key))))
            .filter(|(key, _)| key.allows(algorithm))
            .take(KEYS)
            .collect();
        if keys.is_empty() {
            keys.extend(dummy_key(algorithm).map(|key| (key, None)));
        }
        for (key, registered) in keys {
            let holds = self.signed.verify(&key, budget);
            let (Ok(_), Some(registered)) = (holds, registered) else { continue };
            // Refused, and not used up, before it becomes valid, so that it cannot be used again
            // after a restart.
            if let Ok(ahead) = u8::try_from(self.issued.unix().saturating_sub(now.unix()))
                && ahead > 0
            {
                return Err(BadAssertion::NotYet(ahead));
            }
            let (thumbprint, until) = (registered.thumbprint.clone(), registered.until);
            return Ok(Proven { client: self.client, thumbprint, until, id: self.id });
        }
        Err(BadAssertion::Stranger)
    }
}

impl Proven {
    /// Name of the authenticated client.
    pub fn client(&self) -> &ClientName {
        &self.client
    }

    /// Thumbprint of the key that it signed with.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// When that key expires; `None` when it does not.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Digest of client and `jti`, which may be used only once within [`LIFE`].
    pub fn id(&self) -> Digest {
        self.id
    }
}

/// Dummy keys from RFC 7517, RFC 8037 and RFC 7638.
fn dummy_key(algorithm: SystemAlgorithm) -> Option<SystemKey> {
    let text = match algorithm {
        SystemAlgorithm::Es256 => {
            r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#
        }
        SystemAlgorithm::EdDsa => {
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        }
        SystemAlgorithm::Rs256 | SystemAlgorithm::Ps256 => {
            r#"{"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#
        }
    };
    serde_json::from_str(text).ok().and_then(|key| SystemKey::parse(&key).ok())
}

/// Greatest lifetime of an assertion in seconds, and how long its use is remembered.
pub const LIFE: i64 = 300;
/// Seconds that a client's clock may be ahead; with NTP it is below one.
const AHEAD: i64 = 5;
/// `typ` of an assertion (revision of RFC 7523), and the default of libraries.
const TYPES: [&str; 2] = ["client-authentication+jwt", "JWT"];
/// Usual ones have 500 bytes; with RSA of 4096 bits 1.2 KB.
const TOKEN_BYTES: usize = 8 << 10;
/// A UUID has 36.
const ID_BYTES: usize = 256;
/// During a rotation there are two.
const KEYS: usize = 4;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::signer::Signer as _;
    use crate::crypto::software::SoftwareKey;
    use crate::domain::access::ClientKey;
    use crate::format::jose::signed;

    const ISSUER: &str = "https://licences.example";

    struct World {
        key: SoftwareKey,
        client: Client,
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T00:00:00Z").unwrap()
    }

    fn soft() -> (SoftwareKey, ClientKey) {
        let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
        let jwk = SystemKey::new(key.public_key()).unwrap().to_json();
        (key, ClientKey::parse(&jwk).unwrap())
    }

    impl World {
        fn new() -> Self {
            let (key, public) = soft();
            let scopes = vec!["read:*".parse().unwrap()];
            let client =
                Client::new("market-counter", "market", scopes, Vec::new(), public, now()).unwrap();
            Self { key, client }
        }

        fn claims() -> Value {
            json!({
                "iss": "market-counter", "sub": "market-counter", "aud": ISSUER, "jti": "one",
                "iat": now().unix(), "exp": now().unix() + 60,
            })
        }

        fn judge(&self, head: &Value, claims: &Value) -> Result<Proven, BadAssertion> {
            let text = signed::sign(head, claims, &self.key).unwrap();
            let mut budget = Budget::default();
            let frame = Frame { issuer: ISSUER, now: now(), since: now().plus(-1000) };
            let read = Assertion::parse(&text, &frame, &mut budget)?;
            read.verify(Some(&self.client), now(), &mut budget)
        }
    }

    fn head() -> Value {
        json!({ "alg": "ES256" })
    }

    #[test]
    fn a_registered_key_proves_its_client() {
        let world = World::new();
        let thumbprint = world.client.keys[0].thumbprint.clone();
        for head in [
            head(),
            json!({ "alg": "ES256", "typ": "JWT", "kid": thumbprint }),
            json!({ "alg": "ES256", "typ": "client-authentication+jwt" }),
        ] {
            let proven = world.judge(&head, &World::claims()).unwrap();
            assert_eq!(proven.client().as_str(), "market-counter");
            assert_eq!(proven.thumbprint(), thumbprint);
        }
        // Identifiers are separate for each client.
        let one = world.judge(&head(), &World::claims()).unwrap().id();
        let mut claims = World::claims();
        claims["jti"] = "two".into();
        assert_ne!(one, world.judge(&head(), &claims).unwrap().id());
    }

    #[test]
    fn every_claim_that_does_not_fit_is_refused() {
        let world = World::new();
        let at = |seconds: i64| json!(now().plus(seconds).unix());
        for (name, value, words) in [
            ("iss", json!("police-counter"), "sub must"),
            ("iss", json!("Market"), "iss must"),
            ("iss", Value::Null, "iss must"),
            ("sub", json!("police-counter"), "sub must"),
            ("sub", Value::Null, "sub must"),
            ("aud", json!("https://other.example"), "aud must"),
            ("aud", json!(format!("{ISSUER}/")), "aud must"),
            ("aud", json!(format!("{ISSUER}/oauth/token")), "aud must"),
            ("aud", json!([ISSUER]), "aud must"),
            ("aud", json!([ISSUER, "https://other.example"]), "aud must"),
            ("aud", Value::Null, "aud must"),
            ("jti", Value::Null, "jti must"),
            ("jti", json!(""), "jti must"),
            ("jti", json!(7), "jti must"),
            ("jti", json!("a".repeat(257)), "jti must"),
            ("iat", Value::Null, "iat must"),
            ("iat", json!(1.5), "minutes back"),
            ("iat", json!(-1.5), "iat must"),
            ("iat", json!("1"), "iat must"),
            ("iat", at(-301), "minutes back"),
            ("iat", at(-241), "after iat"),
            ("iat", at(6), "iat lies ahead"),
            ("iat", at(5), "iat lies 5 s ahead"),
            ("exp", Value::Null, "exp must"),
            ("exp", at(0), "exp is over"),
            ("exp", at(301), "more than 5 minutes"),
            ("exp", json!(1_795_478_400.9), "exp is over"),
            ("exp", json!(i64::MAX), "exp must"),
            ("nbf", at(6), "nbf"),
            ("nbf", json!("soon"), "nbf"),
        ] {
            let mut claims = World::claims();
            claims[name] = value.clone();
            let said = world.judge(&head(), &claims).unwrap_err().to_string();
            assert!(said.contains(words), "{name} {value}: {said}");
        }
    }

    #[test]
    fn headers_that_do_not_fit_are_refused() {
        let world = World::new();
        for (name, value) in [
            ("typ", json!("dpop+jwt")),
            ("typ", json!("kb+jwt")),
            ("typ", json!("jwt")),
            ("typ", Value::Null),
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("EdDSA")),
            ("alg", json!("RS256")),
            ("kid", json!("another")),
            ("kid", json!(7)),
            ("jwk", world.client.keys[0].jwk.clone()),
            ("jku", json!("https://a.example/keys")),
            ("x5c", json!([])),
            ("crit", json!([])),
        ] {
            let mut head = head();
            head[name] = value.clone();
            assert!(world.judge(&head, &World::claims()).is_err(), "{name} {value}");
        }
    }

    #[test]
    fn a_stranger_a_disabled_client_and_another_key_get_the_same_answer() {
        let mut world = World::new();
        let text = signed::sign(&head(), &World::claims(), &world.key).unwrap();
        let frame = Frame { issuer: ISSUER, now: now(), since: now().plus(-1000) };
        let judge = |client: Option<&Client>, at: Timestamp| {
            let mut budget = Budget::default();
            let read = Assertion::parse(&text, &frame, &mut budget).unwrap();
            let before = budget.signature_checks;
            let judged = read.verify(client, at, &mut budget);
            // One public-key operation, for any client.
            assert_eq!(before - budget.signature_checks, 1);
            judged
        };
        assert!(judge(Some(&world.client), now()).is_ok());
        let other = World::new().client;
        assert_eq!(judge(None, now()), Err(BadAssertion::Stranger));
        assert_eq!(judge(Some(&other), now()), Err(BadAssertion::Stranger));
        world.client.keys[0].until = Some(now().plus(10));
        assert!(judge(Some(&world.client), now().plus(9)).is_ok());
        assert_eq!(judge(Some(&world.client), now().plus(10)), Err(BadAssertion::Stranger));
        world.client.keys[0].until = None;
        world.client.disabled = true;
        assert_eq!(judge(Some(&world.client), now()), Err(BadAssertion::Stranger));
    }

    #[test]
    fn nobodys_keys_are_read_for_every_algorithm() {
        for (_, algorithm) in SystemAlgorithm::NAMES {
            assert!(dummy_key(algorithm).unwrap().allows(algorithm));
        }
    }

    #[test]
    fn what_was_made_before_the_start_is_refused() {
        let world = World::new();
        let text = signed::sign(&head(), &World::claims(), &world.key).unwrap();
        let parse = |since: Timestamp| {
            let frame = Frame { issuer: ISSUER, now: now(), since };
            Assertion::parse(&text, &frame, &mut Budget::default()).map(drop)
        };
        assert!(parse(now().plus(-1)).is_ok());
        assert!(parse(now()).unwrap_err().to_string().contains("before this office was started"));
    }
}
