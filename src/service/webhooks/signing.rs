//! Signatures of webhook messages, and replacement of the key.
//!
//! Form and signature are those of Standard Webhooks 1.0.0 with an asymmetric key (`v1a`): Ed25519
//! over `id.timestamp.body`. The id has no dot and the timestamp is digits, so that no other three
//! parts give the same bytes.
//!
//! The last record of the journal decides which key signs, so that one commit replaces a key and a
//! crash loses nothing:
//!
//! ```text
//! 1  keys/webhook-ID.key.pem  the new key NEW is on disk, and was read back from there
//! 2  journal                  "webhook key NEW instead of OLD, which ends T": from now on NEW
//!                             signs, and OLD beside it
//! 3  the clock reaches T      OLD stops signing, without any further step
//! ```
//! Before step 2 OLD continues alone; the key of step 1 signs nothing and is not published, and the
//! next attempt generates another. After step 2 nothing is left to do. No file is ever renamed or
//! removed: a backup of any instant has every key that its journal names, and a key that the
//! journal does not name has no effect. Until the first replacement the journal names no key, and
//! the first key is identified by its file alone.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{HookError, Message, Office};
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::time::Timestamp;
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::SignError;
use crate::domain::webhooks::{HookKey, HookKeys, Overlap, StillTwo};
use crate::service::keys::KeyUnavailable;
use crate::store::{Collection, EventKind, Record, Store, StoreError, Transaction};

/// The headers of a signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookHeaders {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`: seconds since 1970, of this attempt.
    pub timestamp: String,
    /// `webhook-signature`: by the present key, and by the previous one as long as it signs.
    pub signature: String,
    /// Why the previous key, which should sign too, did not: a receiver that knows only that key
    /// refuses the message.
    pub lacks: Option<String>,
}

/// A key that replaced another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// The key that signs from now on.
    pub key: HookKey,
    /// The key that it replaced.
    pub instead_of: HookKey,
    /// When the replaced key stops signing, which may be now.
    pub until: Timestamp,
    /// The key that it had replaced, when that would have signed longer and ends now too.
    pub ended_too: Option<HookKey>,
}

/// Why the key was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum NotReplaced {
    /// Two keys sign already.
    #[error(transparent)]
    StillTwo(#[from] StillTwo),
    /// The old key could not sign beside a new one.
    #[error("the present key cannot sign beside another ({0}); if it is lost, use --overlap 0")]
    Old(KeyUnavailable),
    /// No new key can be generated.
    #[error("{0}. Nothing was changed")]
    Key(#[from] KeyUnavailable),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Signs a message for an attempt at this instant.
    pub fn sign_message(
        &self,
        message: &Message,
        now: Timestamp,
    ) -> Result<WebhookHeaders, HookError> {
        let (present, before) = self.webhook_signers(now)?;
        let sign = |key: &dyn LogSigner| signature(key, &message.id, now, &message.body);
        let mut signatures = vec![sign(&*present)?];
        let lacks = match before {
            Some(Ok(key)) => {
                signatures.push(sign(&*key)?);
                None
            }
            Some(Err(reason)) => Some(reason.to_string()),
            None => None,
        };
        let (id, timestamp) = (message.id.clone(), now.unix().to_string());
        Ok(WebhookHeaders { id, timestamp, signature: signatures.join(" "), lacks })
    }

    /// The key that receivers verify with, and the previous one as long as it signs.
    pub fn webhook_keys(&self) -> Result<HookKeys, HookError> {
        match kept_webhook_keys(self.store())? {
            Some((keys, _)) => Ok(keys),
            None => Ok(HookKeys::first(self.first_webhook_key()?)),
        }
    }

    /// Replaces the present key, which signs besides the new one for the overlap, or ends at once.
    pub fn replace_webhook_key(
        &self,
        overlap: Overlap,
        actor: &Actor,
    ) -> Result<Replaced, NotReplaced> {
        let now = self.now();
        let (keys, revision) = match kept_webhook_keys(self.store())? {
            Some(kept) => kept,
            None => (HookKeys::first(self.first_webhook_key()?), 0),
        };
        // Checked before a key is generated.
        keys.may_be_replaced(overlap, now)?;
        if !overlap.is_none() {
            self.parts.keys.webhook_signer_of(&keys.key).map_err(NotReplaced::Old)?;
        }
        self.store().accepts()?;
        let key = self.parts.keys.new_webhook_key(&*self.parts.entropy)?;
        let next = keys.replaced_by(key, overlap, now)?;
        let ended_too = keys.before(now).map(|ending| ending.key);
        let replaced = Replaced { key, instead_of: keys.key, until: overlap.end(now), ended_too };
        self.keep_webhook_keys(&next, revision.saturating_add(1), &replaced, now, actor)?;
        Ok(replaced)
    }

    fn keep_webhook_keys(
        &self,
        keys: &HookKeys,
        revision: u64,
        replaced: &Replaced,
        now: Timestamp,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let Replaced { key: new, instead_of, until, ended_too } = replaced;
        let too = ended_too.map(|key| format!(", as does {key}")).unwrap_or_default();
        let note = format!("webhook key {new} instead of {instead_of}, which ends {until}{too}");
        let blinding = draw(&*self.parts.entropy);
        self.store().commit(Transaction {
            entries: vec![Record::new(Collection::WebhookKey, NAME.to_owned(), revision, keys)?],
            note: Some(note),
            ..Transaction::new(EventKind::Registered, actor.clone(), now, blinding)
        })
    }

    /// The present key, without which nothing is signed, and the previous one as long as it signs.
    fn webhook_signers(&self, now: Timestamp) -> Result<(Signer, Option<MaybeSigner>), HookError> {
        let Some((keys, _)) = kept_webhook_keys(self.store())? else {
            return Ok((self.parts.keys.webhook_signer()?, None));
        };
        let present = self.parts.keys.webhook_signer_of(&keys.key)?;
        let before = keys.before(now);
        Ok((present, before.map(|ending| self.parts.keys.webhook_signer_of(&ending.key))))
    }

    /// Whether something can be signed now.
    pub(super) fn can_sign_webhooks(&self) -> Result<(), HookError> {
        self.webhook_signers(self.now()).map(drop)
    }

    fn first_webhook_key(&self) -> Result<HookKey, KeyUnavailable> {
        let signer = self.parts.keys.webhook_signer()?;
        let other = || {
            KeyUnavailable::new(
                "webhook 密钥不是 Ed25519 密钥",
                "the key for webhooks is not an Ed25519 key",
            )
        };
        HookKey::new(signer.public_key().bits()).ok_or_else(other)
    }
}

/// The journal's record of the keys, and its revision. `None` when the first one was never
/// replaced.
pub fn kept_webhook_keys(store: &dyn Store) -> Result<Option<(HookKeys, u64)>, StoreError> {
    let Some(entry) = store.reader().entry(Collection::WebhookKey, NAME)? else { return Ok(None) };
    let keys =
        serde_json::from_str(&entry.value).map_err(|error| StoreError::Index(error.to_string()))?;
    Ok(Some((keys, entry.revision)))
}

/// One value of `webhook-signature`.
pub fn signature(
    key: &dyn LogSigner,
    id: &str,
    at: Timestamp,
    body: &str,
) -> Result<String, SignError> {
    let signed = key.sign(format!("{id}.{}.{body}", at.unix()).as_bytes())?;
    Ok(format!("v1a,{}", STANDARD.encode(signed)))
}

type Signer = Arc<dyn LogSigner>;
type MaybeSigner = Result<Signer, KeyUnavailable>;

/// The collection has one record.
const NAME: &str = "webhook";
