//! The keys of an office by their use; where they lie is the edge's affair.

use std::fmt;
use std::sync::Arc;

use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::Signer;

/// Which key of the office.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// Signs the issuing CA; kept away from daily work.
    Root,
    /// Signs leaves and revocation lists.
    Issuing,
    /// Signs status lists.
    Status,
    /// Seals verification reports of the office, and nothing that is a licence.
    Report,
    /// Signs the checkpoints of the log, and nothing else. Ed25519.
    Log,
    /// Signs answers to departments that ask for data.
    Answer,
    /// Signs what is sent to destinations, and nothing else. Ed25519, as webhooks have it.
    Webhook,
    /// A department's seal.
    Seal(String),
    /// A department's credentials.
    Credential(String),
}

impl KeyName {
    /// Whether it is an Ed25519 key. These are known by themselves: no certificate names them.
    pub const fn is_ed25519(&self) -> bool {
        matches!(self, Self::Log | Self::Webhook)
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
        Err(KeyUnavailable("this office has no key for its log".to_owned()))
    }

    /// The key that signs what is sent to destinations, or why it cannot be used now.
    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        Err(KeyUnavailable("this office has no key for webhooks".to_owned()))
    }
}

/// A key cannot be used; the text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeyUnavailable(pub String);
