//! The office's keys by their use; the edge decides where they are stored.

use std::fmt;
use std::sync::Arc;

use crate::base::entropy::Entropy;
use crate::base::localized::Localized;
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::Signer;
use crate::domain::webhooks::HookKey;

/// A key of the office, by its use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// Signs the issuing CA; kept offline.
    Root,
    /// Signs leaves and revocation lists.
    Issuing,
    /// Signs status lists and nothing else.
    Status,
    /// Seals verification reports of the office, and nothing that is a licence.
    Report,
    /// Signs the checkpoints of the log, and nothing else. Ed25519.
    Log,
    /// Signs answers to departments that ask for data.
    Answer,
    /// Signs webhook messages, and nothing else. Ed25519, as Standard Webhooks requires.
    Webhook,
    /// Another key of the same use, named by its public half: it replaced an earlier one, or was
    /// generated for that.
    LaterWebhook(HookKey),
    /// Seals PDFs of the department with this slug.
    Seal(String),
    /// Signs credentials of the department with this slug.
    Credential(String),
}

impl KeyName {
    /// Whether it is an Ed25519 key. Readers trust these keys directly: they have no certificate.
    pub const fn is_ed25519(&self) -> bool {
        matches!(self, Self::Log | Self::Webhook | Self::LaterWebhook(_))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::Issuing => f.write_str("issuing"),
            Self::Status => f.write_str("status"),
            Self::Report => f.write_str("report"),
            Self::Log => f.write_str("log"),
            Self::Answer => f.write_str("answer"),
            Self::Webhook => f.write_str("webhook"),
            Self::LaterWebhook(key) => write!(f, "webhook-{}", key.id()),
            Self::Seal(department) => write!(f, "{department}-seal"),
            Self::Credential(department) => write!(f, "{department}-credential"),
        }
    }
}

/// Unlocks a key when an act needs it.
pub trait Keys: Send + Sync {
    /// The key, or why it cannot be used now.
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable>;

    /// The key of the log, or why it cannot be used now.
    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        Err(KeyUnavailable::new("本机构没有日志密钥", "this office has no key for its log"))
    }

    /// The first key that signs webhook messages, or why it cannot be used now.
    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        Err(KeyUnavailable::new("本机构没有 webhook 密钥", "this office has no key for webhooks"))
    }

    /// The key of that use with this public half, the first or a later one.
    fn webhook_signer_of(&self, key: &HookKey) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        let first = self.webhook_signer()?;
        let is_it = HookKey::new(first.public_key().bits()).as_ref() == Some(key);
        is_it.then_some(first).ok_or_else(|| {
            KeyUnavailable::new(
                format!("这里没有密钥 {key}"),
                format!("there is no key {key} here"),
            )
        })
    }

    /// Generates a later key and stores it: after `Ok` it survives a power cut and restarts.
    /// Nothing is signed with it before the journal names it.
    fn new_webhook_key(&self, _entropy: &dyn Entropy) -> Result<HookKey, KeyUnavailable> {
        Err(KeyUnavailable::new(
            "本机构的密钥存放之处无法生成新的 webhook 密钥",
            "the keys of this office lie where no other can be made for webhooks",
        ))
    }
}

/// A key cannot be used; the text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.en)]
pub struct KeyUnavailable(pub Localized);

impl KeyUnavailable {
    /// In both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Localized::new(zh, en))
    }
}
