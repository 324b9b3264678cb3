//! The published keys of `keys-example/`: only the demo office signs with them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pkcs8::SecretDocument;

use crate::base::digest::Digest;
use crate::base::entropy::Entropy;
use crate::base::secret::Secret;
use crate::crypto::ed25519::{Ed25519Key, LogSigner};
use crate::crypto::signer::Signer;
use crate::crypto::software::SoftwareKey;
use crate::domain::webhooks::HookKey;
use crate::service::keys::{KeyName, KeyUnavailable, Keys};

/// The published keys of `keys-example/`, embedded in the binary, for the demo office alone.
#[derive(Debug, Default)]
pub struct ExampleKeys;

impl Keys for ExampleKeys {
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable> {
        EXAMPLE_SIGNERS.get(name.to_string().as_str()).cloned().ok_or_else(|| missing(name))
    }

    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        example_signer(&KeyName::Log)
    }

    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        example_signer(&KeyName::Webhook)
    }

    fn new_webhook_key(&self, _entropy: &dyn Entropy) -> Result<HookKey, KeyUnavailable> {
        Err(KeyUnavailable::new(
            "演示机构使用公开的密钥，不能换用新密钥；请用 `yinzheng init` 建立自己的机构",
            "the demo office has published keys, which have no successors; make an office of your own \
             with `yinzheng init`",
        ))
    }
}

fn missing(name: &KeyName) -> KeyUnavailable {
    KeyUnavailable::new(
        format!("keys-example 中没有名为 {name} 的密钥"),
        format!("keys-example holds no key named {name}"),
    )
}

/// Whether this is one of the published keys, by the digest of its public half.
pub fn is_example(key: &dyn Signer) -> bool {
    let digest = Digest::of(&[key.public_key().bits()]);
    EXAMPLE_KEYS
        .iter()
        .filter_map(|(_, pem)| example_key(pem))
        .any(|example| Digest::of(&[example.public_key().bits()]) == digest)
}

/// The same for an Ed25519 key.
pub(super) fn is_example_ed25519(key: &Ed25519Key) -> bool {
    let mut published = EXAMPLE_ED25519.iter().filter_map(|(_, pem)| example_ed25519(pem));
    published.any(|known| known.public_key() == key.public_key())
}

fn example_key(pem: &str) -> Option<SoftwareKey> {
    let (_, document) = SecretDocument::from_pem(pem).ok()?;
    SoftwareKey::from_pkcs8(&Secret::new(document.as_bytes().to_vec())).ok()
}

fn example_ed25519(pem: &str) -> Option<Ed25519Key> {
    let (_, document) = SecretDocument::from_pem(pem).ok()?;
    Ed25519Key::from_pkcs8(&Secret::new(document.as_bytes().to_vec())).ok()
}

fn example_signer(name: &KeyName) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
    let label = name.to_string();
    let found = EXAMPLE_ED25519.iter().find(|(known, _)| *known == label);
    let key = found.and_then(|(_, pem)| example_ed25519(pem));
    Ok(Arc::new(key.ok_or_else(|| missing(name))?))
}

macro_rules! example {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../keys-example/", $name, ".key.pem")))
    };
}

/// The published keys, read once: the demo signs as quickly as an office whose keys are unlocked.
static EXAMPLE_SIGNERS: LazyLock<HashMap<&str, Arc<dyn Signer>>> = LazyLock::new(|| {
    let read = |(name, pem): &(&'static str, &str)| {
        let key: Arc<dyn Signer> = Arc::new(example_key(pem)?);
        Some((*name, key))
    };
    EXAMPLE_KEYS.iter().filter_map(read).collect()
});

/// Name and PEM of each published Ed25519 key.
pub(super) const EXAMPLE_ED25519: [(&str, &str); 2] = [example!("log"), example!("webhook")];

/// Name and PEM of each published P-256 key.
pub(super) const EXAMPLE_KEYS: &[(&str, &str)] = &[
    example!("root"),
    example!("issuing"),
    example!("status"),
    example!("report"),
    example!("answer"),
    example!("market-seal"),
    example!("market-credential"),
    example!("social-seal"),
    example!("social-credential"),
    example!("health-seal"),
    example!("health-credential"),
    example!("construction-seal"),
    example!("construction-credential"),
    example!("police-seal"),
    example!("police-credential"),
];
