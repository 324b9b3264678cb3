//! Client authentication: issues tokens to clients that prove their identity, and finds the caller
//! of a token.
//!
//! Only one instant is stored (`door.rs`). An assertion or proof used before a restart cannot be
//! used after it, since everything signed before the process began is refused.

pub(super) mod door;
mod registry;
mod replay_cache;
pub(super) mod state;
mod tokens;

use std::sync::PoisonError;

use self::door::Reading;
use self::replay_cache::NotOnce;
use super::office::Office;
use super::parts::OfficeParts;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::domain::access::assertion::{Assertion, BadAssertion, Frame, Proven};
use crate::domain::access::dpop::{Asked, BadProof, Proof};
use crate::domain::access::token::{self, AccessToken, Binding, Granted, ScopeRefused, scopes_of};
use crate::domain::access::{Caller, Scope};
use crate::store::StoreError;

pub use door::{DoorClosed, LastTime, NotKept};
pub use registry::{NewClient, RegistryError};
use state::StoredInstant;

/// A token request, unchecked.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// `client_assertion`.
    pub assertion: &'a str,
    /// `client_id`, if present.
    pub client_id: Option<&'a str>,
    /// `scope`, if present.
    pub scope: Option<&'a str>,
    /// The value of the `DPoP` header.
    pub proof: Option<&'a str>,
    /// SHA-256 of the client certificate of the connection.
    pub certificate: Option<Digest>,
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct GivenToken {
    /// The token; the office keeps only its digest.
    pub token: AccessToken,
    /// `token_type`: how it is presented.
    pub scheme: &'static str,
    /// Lifetime in seconds.
    pub lives: i64,
    /// The rights granted, which may be fewer than the client has.
    pub scopes: Vec<Scope>,
}

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The client did not prove its identity.
    #[error(transparent)]
    Client(#[from] BadAssertion),
    /// The assertion was used before; each is valid for one request.
    #[error("client_assertion: it was used before; each needs a jti of its own")]
    AssertionUsed,
    /// `client_id` names another client than the assertion.
    #[error("client_id must be the sub of client_assertion, or be left out")]
    OtherClient,
    /// The DPoP proof does not match the request.
    #[error(transparent)]
    Proof(#[from] BadProof),
    /// The proof was used before; each is valid for one request.
    #[error("DPoP: it was used before; each needs a jti of its own")]
    ProofUsed,
    /// The request has neither a DPoP proof nor a client certificate.
    #[error("tokens are bound to a key: send a DPoP header, or connect with a client certificate")]
    Unbound,
    /// The requested scope is not granted.
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    /// Too many tokens were requested; seconds until the next may be.
    #[error("too many tokens were asked for; keep one until it ends, and try again in {0} s")]
    TooMany(i64),
    /// The replay cache or the clock does not allow it.
    #[error("not available now")]
    Unavailable(#[from] DoorClosed),
}

/// A request with a token, unchecked.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// `DPoP` or `Bearer`.
    pub scheme: &'a str,
    /// The access token.
    pub token: &'a str,
    /// The value of the `DPoP` header.
    pub proof: Option<&'a str>,
    /// SHA-256 of the client certificate of the connection.
    pub certificate: Option<Digest>,
    /// Method of the request.
    pub method: &'a str,
    /// Path of the request.
    pub path: &'a str,
}

/// Why a token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum NotRecognised {
    /// Unknown or ended; the answer does not reveal which.
    #[error("the access token is unknown, has ended, or was withdrawn; get a new one")]
    Token,
    /// It is bound to another key or certificate, or presented with another scheme.
    #[error(
        "the access token is bound to a key that this request does not prove: DPoP tokens need DPoP and a proof by the same key, others their client certificate"
    )]
    OtherKey,
    /// The DPoP proof does not match the request.
    #[error(transparent)]
    Proof(#[from] BadProof),
    /// The proof was used before; each is valid for one request.
    #[error("DPoP: it was used before; each needs a jti of its own")]
    ProofUsed,
    /// The replay cache or the clock does not allow it.
    #[error("not available now")]
    Unavailable(#[from] DoorClosed),
}

impl Office {
    /// Issues a token to a client that proves its identity (RFC 6749, 4.4; RFC 7523; RFC 9449, 5;
    /// RFC 8705, 3).
    pub fn give_token(&self, request: &TokenRequest<'_>) -> Result<GivenToken, TokenError> {
        let (now, since) = self.door_time()?;
        let budget = &mut Budget::default();
        let issuer = self.profile().public_base_url.as_str();
        let assertion = Assertion::parse(request.assertion, &Frame { issuer, now, since }, budget)?;
        if request.client_id.is_some_and(|id| id != assertion.client().as_str()) {
            return Err(TokenError::OtherClient);
        }
        let gate = self.access.gate.read().unwrap_or_else(PoisonError::into_inner);
        let client = self.registered_now(assertion.client());
        let proven = assertion.verify(client.as_deref(), now, budget)?;
        let client = client.ok_or(BadAssertion::Stranger)?;
        let address = format!("{issuer}{TOKEN_PATH}");
        let asked = Asked { method: "POST", address: &address, token: None, now, since };
        let proof = request.proof.map(|text| Proof::check(text, &asked, budget)).transpose()?;
        self.keep_time(now)?;
        self.use_up(&proven, proof.as_ref(), now)?;
        let scopes = scopes_of(request.scope, &client.scopes)?;
        let binding = match (proof, request.certificate) {
            (Some(proof), _) => Binding::Key(proof.thumbprint().to_owned()),
            (None, Some(certificate)) => Binding::Certificate(certificate),
            (None, None) => return Err(TokenError::Unbound),
        };
        let scheme = binding.scheme();
        let token = AccessToken::new(draw(&*self.parts.entropy));
        let expires = now.plus(token::LIFE);
        let expires = proven.until().map_or(expires, |until| until.min(expires));
        let granted = Granted {
            client: client.name.clone(),
            department: client.department.clone(),
            scopes: scopes.clone(),
            binding,
            key: proven.thumbprint().to_owned(),
            expires,
        };
        self.access.memory().keep(AccessToken::digest(token.expose()), granted, now);
        drop(gate);
        let lives = expires.unix().saturating_sub(now.unix());
        Ok(GivenToken { token, scheme, lives, scopes })
    }

    /// The caller of a token, provided that its client was not disabled and its key not withdrawn
    /// since.
    pub fn recognise(&self, presented: &Presented<'_>) -> Result<Caller, NotRecognised> {
        let (now, since) = self.door_time()?;
        let digest = AccessToken::digest(presented.token);
        let granted = self.access.memory().find(&digest, now).cloned();
        let granted = granted.ok_or(NotRecognised::Token)?;
        if presented.scheme != granted.binding.scheme() {
            return Err(NotRecognised::OtherKey);
        }
        match &granted.binding {
            Binding::Certificate(bound) => {
                if presented.certificate.as_ref() != Some(bound) {
                    return Err(NotRecognised::OtherKey);
                }
            }
            Binding::Key(bound) => {
                let text = presented.proof.ok_or(NotRecognised::OtherKey)?;
                let address = format!("{}{}", self.profile().public_base_url, presented.path);
                let proof = Proof::check(
                    text,
                    &Asked {
                        method: presented.method,
                        address: &address,
                        token: Some(presented.token),
                        now,
                        since,
                    },
                    &mut Budget::default(),
                )?;
                if proof.thumbprint() != bound {
                    return Err(NotRecognised::OtherKey);
                }
                self.access.memory().proofs.use_up(proof.id(), now).map_err(|not| match not {
                    NotOnce::Used => NotRecognised::ProofUsed,
                    NotOnce::Full => DoorClosed::Full.into(),
                })?;
            }
        }
        Ok(Caller::new(granted.client, granted.department, granted.scopes))
    }

    /// An assertion or proof is used up by the first request that presents it correctly.
    fn use_up(
        &self,
        proven: &Proven,
        proof: Option<&Proof>,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let mut memory = self.access.memory();
        if let Some(seconds) = memory.must_wait(proven.client(), now) {
            return Err(TokenError::TooMany(seconds));
        }
        memory.assertions.use_up(proven.id(), now).map_err(|not| match not {
            NotOnce::Used => TokenError::AssertionUsed,
            NotOnce::Full => DoorClosed::Full.into(),
        })?;
        let Some(proof) = proof else { return Ok(()) };
        memory.proofs.use_up(proof.id(), now).map_err(|not| match not {
            NotOnce::Used => TokenError::ProofUsed,
            NotOnce::Full => DoorClosed::Full.into(),
        })
    }

    /// The present instant, never before the last one returned, and the instant after which
    /// signatures are accepted.
    fn door_time(&self) -> Result<(Timestamp, Timestamp), DoorClosed> {
        let mut door = self.access.door();
        let now = door.look(Reading::of(&self.parts))?;
        Ok((now, door.since()))
    }

    /// Called before an assertion is accepted: later processes will not accept any of this second
    /// or earlier. There is one write a second, which all assertions of that second share.
    fn keep_time(&self, now: Timestamp) -> Result<(), DoorClosed> {
        let mut kept = self.access.kept();
        if kept.at.clone()?.is_some_and(|at| at >= now) {
            return Ok(());
        }
        let written = self.parts.last_time.keep(now);
        kept.failed = written.clone().err();
        written?;
        kept.at = Ok(Some(now));
        Ok(())
    }

    /// Whether a client that proves its identity would be admitted.
    pub fn admits(&self) -> Result<(), DoorClosed> {
        let (now, _) = self.door_time()?;
        let kept = self.access.kept();
        kept.at.clone()?;
        if let Some(failed) = &kept.failed {
            return Err(failed.clone().into());
        }
        if self.access.memory().is_full(now) { Err(DoorClosed::Full) } else { Ok(()) }
    }

    /// Records that the operator confirms the clock, which may have been ahead: clients are
    /// admitted from now on.
    pub(super) fn confirm_door(&self) -> Result<(), NotKept> {
        let reading = Reading::of(&self.parts);
        let mut kept = self.access.kept();
        self.parts.last_time.keep(reading.now)?;
        *kept = StoredInstant { at: Ok(Some(reading.now)), failed: None };
        self.access.door().confirmed(reading);
        self.access.memory().restart(reading.now);
        Ok(())
    }
}

impl Reading {
    fn of(parts: &OfficeParts) -> Self {
        Self { now: parts.clock.now(), steady: parts.clock.steady() }
    }
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// The token endpoint's path, below `public_base_url`.
pub const TOKEN_PATH: &str = "/oauth/token";
