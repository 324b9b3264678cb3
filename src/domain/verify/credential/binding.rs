//! Does the presenter of a credential hold the key that it is bound to (RFC 9901, 4.3 and 7.3)?
//!
//! The caller draws a nonce for one request only, and names its own audience; the holder signs
//! both, with a digest of exactly what is presented. This module keeps no state: the caller ensures
//! that a nonce is used once.

use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::algorithm::Algorithm;
use crate::domain::verify::context::SKEW;
use crate::format::jose::jws::BadToken;
use crate::format::jose::keybinding::KeyBinding;
use crate::format::jose::sdjwt::Credential;

/// The values that the holder must sign, and the greatest age of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    nonce: String,
    audience: String,
    max_age: i64,
}

impl Challenge {
    /// Expects this nonce, drawn for one request, and this audience, the caller's name as the
    /// holder knows it. `None` when one is empty, since it would prove nothing.
    pub fn new(nonce: &str, audience: &str) -> Option<Self> {
        let (nonce, audience) = (nonce.to_owned(), audience.to_owned());
        (!nonce.is_empty() && !audience.is_empty()).then_some(Self {
            nonce,
            audience,
            max_age: MAX_AGE,
        })
    }

    /// Accepts answers up to this many seconds old; the default is ten minutes.
    #[must_use]
    pub fn within(self, seconds: u32) -> Self {
        Self { max_age: i64::from(seconds), ..self }
    }
}

/// Proof that the holder's key signed the presentation: signature and digest were checked. Nothing
/// else makes one:
///
/// ```compile_fail
/// let held = yinzheng::domain::verify::binding::KeyHeld {};
/// ```
#[derive(Clone, Debug)]
pub struct KeyHeld {
    key: String,
    algorithm: Algorithm,
    issued: Timestamp,
    audience: String,
    nonce: String,
    digest: Digest,
    compared: bool,
}

impl KeyHeld {
    /// Thumbprint of the key (RFC 7638).
    pub fn key(&self) -> &str {
        &self.key
    }

    /// When the holder signed, by the holder's clock.
    pub fn issued(&self) -> Timestamp {
        self.issued
    }

    /// Whether nonce, audience and age were compared with the caller's challenge.
    pub fn answers(&self) -> bool {
        self.compared
    }

    /// The checked values, so that the check can be repeated.
    pub fn account(&self) -> String {
        format!(
            "kb+jwt, {} with the key {} of cnf (RFC 7638, SHA-256); sd_hash {} is SHA-256 of \
             everything up to and including the last ~; iat {}, aud {:?}, nonce {:?}",
            self.algorithm,
            self.key,
            self.digest.to_hex(),
            self.issued,
            self.audience,
            self.nonce,
        )
    }
}

/// State of a credential's holder binding.
#[derive(Clone, Debug)]
pub enum Holder {
    /// It is not bound to a key: everyone who has it can present it.
    Unbound,
    /// It is bound to the key with this thumbprint, without proof of possession.
    NotShown(String),
    /// The key signed the presentation.
    Shown(Box<KeyHeld>),
}

/// Why a presentation was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBinding {
    /// The credential names no key.
    #[error("the credential is bound to no key (cnf), so no answer to the nonce is possible")]
    Unbound,
    /// The caller requires a signature, and there is none.
    #[error("no key binding token stands behind the last ~")]
    Missing,
    /// There is a signature, and no key to check it with.
    #[error("a key binding token, but the credential names no key (cnf)")]
    NoKey,
    /// The token is malformed, or its signature does not verify.
    #[error(transparent)]
    Token(#[from] BadToken),
    /// It belongs to another credential or another selection of disclosures.
    #[error("sd_hash is {said}, but what is shown has {shown}")]
    Digest {
        /// The signed `sd_hash`.
        said: Digest,
        /// Digest of the presentation.
        shown: Digest,
    },
    /// It was made for another audience.
    #[error("aud is {said:?}, expected {wanted:?}")]
    Audience {
        /// The signed `aud`.
        said: String,
        /// The caller's audience.
        wanted: String,
    },
    /// It answers another request.
    #[error("nonce is {said:?}, expected {wanted:?}")]
    Nonce {
        /// The signed `nonce`.
        said: String,
        /// The caller's nonce.
        wanted: String,
    },
    /// It is too old, or from the future.
    #[error("{claim} is {said}: {rule} at {now}")]
    Time {
        /// Name of the claim.
        claim: &'static str,
        /// Its value.
        said: Timestamp,
        /// The rule that it breaks.
        rule: &'static str,
        /// The instant of the check.
        now: Timestamp,
    },
}

impl BadBinding {
    /// Whether a valid signature was made for another request or audience.
    pub fn is_replay(&self) -> bool {
        match self {
            Self::Unbound | Self::Missing | Self::NoKey | Self::Token(_) => false,
            Self::Digest { .. }
            | Self::Audience { .. }
            | Self::Nonce { .. }
            | Self::Time { .. } => true,
        }
    }
}

/// Checks the token after the last `~`, or its absence.
pub(super) fn check(
    credential: &Credential<'_>,
    challenge: Option<&Challenge>,
    now: Timestamp,
    budget: &mut Budget,
) -> Result<Holder, BadBinding> {
    match (&credential.holder_key, &credential.binding) {
        (None, Some(_)) => Err(BadBinding::NoKey),
        (None, None) if challenge.is_some() => Err(BadBinding::Unbound),
        (None, None) => Ok(Holder::Unbound),
        (Some(_), None) if challenge.is_some() => Err(BadBinding::Missing),
        (Some(key), None) => Ok(Holder::NotShown(key.thumbprint())),
        (Some(key), Some(binding)) => {
            let valid = binding.verify(key, budget)?;
            compare(binding, credential.presented, challenge, now)?;
            Ok(Holder::Shown(Box::new(KeyHeld {
                key: key.thumbprint(),
                algorithm: valid.algorithm(),
                issued: binding.issued.made(),
                audience: binding.audience.clone(),
                nonce: binding.nonce.clone(),
                digest: binding.sd_hash,
                compared: challenge.is_some(),
            })))
        }
    }
}

fn compare(
    binding: &KeyBinding<'_>,
    shown: Digest,
    challenge: Option<&Challenge>,
    now: Timestamp,
) -> Result<(), BadBinding> {
    if binding.sd_hash != shown {
        return Err(BadBinding::Digest { said: binding.sd_hash, shown });
    }
    let wrong = |claim, said, rule| Err(BadBinding::Time { claim, said, rule, now });
    if binding.issued.begins() > now.plus(SKEW) {
        return wrong("iat", binding.issued.begins(), "in the future");
    }
    if let Some(from) = binding.not_before.filter(|from| *from > now.plus(SKEW)) {
        return wrong("nbf", from, "not valid yet");
    }
    if let Some(end) = binding.expires.filter(|end| *end <= now) {
        return wrong("exp", end, "expired");
    }
    let Some(challenge) = challenge else { return Ok(()) };
    if binding.audience != challenge.audience {
        let (said, wanted) = (binding.audience.clone(), challenge.audience.clone());
        return Err(BadBinding::Audience { said, wanted });
    }
    if binding.nonce != challenge.nonce {
        let (said, wanted) = (binding.nonce.clone(), challenge.nonce.clone());
        return Err(BadBinding::Nonce { said, wanted });
    }
    let issued = binding.issued.made();
    if issued.plus(challenge.max_age) < now {
        return wrong("iat", issued, "too old");
    }
    Ok(())
}

/// Five minutes since the wallet asks the holder, and five for clock differences. The nonce
/// prevents a replay; this bounds how long a caller has to remember it.
const MAX_AGE: i64 = 600;
