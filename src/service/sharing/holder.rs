//! Acts of a holder with the key that the credential is bound to: consent, and access history.
//!
//! The act is fixed when the nonce is drawn, and the signature over the nonce is valid for this act
//! only. A nonce is used up by the first attempt, successful or not, and forgotten when the office
//! stops.

use super::state::Intent;
use std::sync::{MutexGuard, PoisonError};

use super::super::office::Office;
use super::budget::{Counts, Limits};
use super::consents::Agreed;
use super::error::SharingError;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::limits::Budget;
use crate::domain::licence::record::Licence;
use crate::domain::sharing::{Access, ConsentBy};
use crate::domain::verify::credential::binding::{Challenge, Holder};
use crate::domain::verify::credential::{self, Use};
use crate::format::jose::jws;
use crate::store::{Collection, StoreError};

/// The challenge that the holder signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// Random value, used once.
    pub nonce: String,
    /// The office's address, as `aud`.
    pub audience: String,
    /// Seconds until it expires.
    pub seconds: i64,
}

/// Why a holder's request was refused.
#[derive(Debug, thiserror::Error)]
pub enum HolderError {
    /// Too many unused nonces.
    #[error("too many nonces wait to be used")]
    Busy,
    /// No such nonce, or used, expired, or drawn for another act.
    #[error("the nonce is not one of this office, was used, is over, or is for something else")]
    Nonce,
    /// The presentation does not prove possession of the holder's key.
    #[error("the presentation was not accepted: {0}")]
    Presentation(String),
    /// An error that departments can get too.
    #[error(transparent)]
    Sharing(#[from] SharingError),
}

/// An access, and its line in the access journal: a proof has the digest of this text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLine {
    /// The access, parsed.
    pub access: Access,
    /// The line, byte for byte.
    pub text: String,
}

impl Office {
    /// Draws a nonce for one act of a holder.
    pub fn holder_nonce(&self, intent: Intent) -> Result<Nonce, HolderError> {
        if let Intent::Consent(agreement) = &intent
            && agreement.is_to_nothing()
        {
            // Refused before the holder signs.
            return Err(SharingError::BadRequest("fields").into());
        }
        let now = self.now();
        let nonce = jws::encode(&draw::<16>(&*self.parts.entropy));
        let mut nonces = self.sharing.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.0.len() >= NONCES {
            nonces.0.retain(|_, (_, until)| now < *until);
        }
        if nonces.0.len() >= NONCES {
            return Err(HolderError::Busy);
        }
        nonces.0.insert(nonce.clone(), (intent, now.plus(NONCE_SECONDS)));
        let audience = self.profile().public_base_url.to_string();
        Ok(Nonce { nonce, audience, seconds: NONCE_SECONDS })
    }

    /// Records the consent whose scope was fixed when the nonce was drawn.
    pub fn consent_of_holder(
        &self,
        nonce: &str,
        presentation: &str,
    ) -> Result<Agreed, HolderError> {
        let Intent::Consent(agreement) = self.use_nonce(nonce)? else {
            return Err(HolderError::Nonce);
        };
        let licence = self.held(nonce, presentation)?;
        let actor = Actor::Person(licence.id.to_string());
        Ok(self.agree(&licence, &agreement, ConsentBy::Holder, &actor)?)
    }

    /// Accesses to the holder's licence, the newest first, that precede the access `before`; and
    /// whether there are more. Each page needs a new nonce and signature, so that no session state
    /// is kept between pages.
    pub fn accesses_of_holder(
        &self,
        nonce: &str,
        presentation: &str,
        before: Option<&str>,
    ) -> Result<(Vec<AccessLine>, bool), HolderError> {
        if self.use_nonce(nonce)? != Intent::Accesses {
            return Err(HolderError::Nonce);
        }
        let licence = self.held(nonce, presentation)?;
        let found = self.accesses_to(licence.id.as_str(), before, SHOWN);
        Ok(found.map_err(SharingError::from)?)
    }

    /// Accesses that concern a licence, the newest first, that precede the one `before`, and
    /// whether there are more. None when `before` is not one of them.
    pub fn accesses_to(
        &self,
        id: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<AccessLine>, bool), StoreError> {
        let mut numbers = self.accesses().reader().numbers(id)?;
        let mut skip = before.is_some();
        if let Some(before) = before {
            let Some(last) = self.accesses().reader().number_of_access(before)? else {
                return Ok((Vec::new(), false));
            };
            numbers.retain(|number| *number <= last);
            if numbers.last() != Some(&last) {
                return Ok((Vec::new(), false));
            }
        }
        let mut found = Vec::new();
        for number in numbers.into_iter().rev() {
            for entry in self.accesses().reader().accesses(number)?.into_iter().rev() {
                if entry.room != Collection::Access {
                    continue;
                }
                if skip {
                    skip = before.is_some_and(|before| before != entry.key);
                    continue;
                }
                // A batch has lines about other licences too.
                if !entry.value.contains(id) {
                    continue;
                }
                let access: Access = entry.read()?;
                if access.licences.iter().all(|one| one != id) {
                    continue;
                }
                if found.len() == limit {
                    return Ok((found, true));
                }
                found.push(AccessLine { access, text: entry.value });
            }
        }
        Ok((found, false))
    }

    fn use_nonce(&self, nonce: &str) -> Result<Intent, HolderError> {
        let mut nonces = self.sharing.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let (intent, until) = nonces.0.remove(nonce).ok_or(HolderError::Nonce)?;
        if self.now() < until { Ok(intent) } else { Err(HolderError::Nonce) }
    }

    /// The licence of a credential that the holder presents with key binding.
    fn held(&self, nonce: &str, presentation: &str) -> Result<Licence, HolderError> {
        let refused = |why: &dyn std::fmt::Display| HolderError::Presentation(why.to_string());
        let audience = self.profile().public_base_url.as_str();
        let challenge = Challenge::new(nonce, audience).ok_or(HolderError::Nonce)?;
        let trust = self.trust();
        let context = self.context(&trust, self.now());
        let mut budget = Budget::default();
        let valid =
            credential::authenticate(presentation, Use::Answer(&challenge), &context, &mut budget)
                .map_err(|error| refused(&error))?;
        let Holder::Shown(_) = valid.holder() else {
            return Err(refused(&"nobody showed that he holds the key"));
        };
        let id = valid.claims().id.as_str();
        let stored = self.store().reader().licence(id).map_err(SharingError::from)?;
        let stored = stored.ok_or_else(|| refused(&"the licence is not of this office"))?;
        Ok(stored.read().map_err(SharingError::from)?)
    }

    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        self.sharing.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets how much a client may request from now on.
    pub fn limit_queries(&self, limits: Limits) {
        self.counts().limits = limits;
    }
}

/// Five minutes, since the wallet asks the holder.
const NONCE_SECONDS: i64 = 300;
/// Most unused nonces at a time, of some hundred bytes each.
const NONCES: usize = 10_000;
/// Lines per page.
const SHOWN: usize = 500;
