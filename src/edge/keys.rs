//! Private keys on disk: PKCS#8, encrypted with scrypt and AES-256 (RFC 8018, RFC 7914).
//!
//! A key is unlocked only when an act needs it, and then kept for the life of the process. The
//! keys of `keys-example/` are published: whoever is not the demo office is refused with them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use pkcs8::der::Decode as _;
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfo, LineEnding, PrivateKeyInfo, SecretDocument};

use super::files::{self, FileError};
use crate::base::digest::Digest;
use crate::base::entropy::{Entropy, draw};
use crate::base::secret::Secret;
use crate::crypto::ed25519::{Ed25519Key, LogSigner};
use crate::crypto::signer::Signer;
use crate::crypto::software::SoftwareKey;
use crate::service::keys::{KeyName, KeyUnavailable, Keys};

/// Keys in a directory of encrypted PKCS#8 files.
pub struct KeyFolder {
    folder: PathBuf,
    passphrase: Option<Secret>,
    unlocked: Mutex<HashMap<KeyName, Arc<dyn Signer>>>,
    ed25519: Mutex<HashMap<KeyName, Arc<dyn LogSigner>>>,
}

/// Why a key could not be made, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// No passphrase was given.
    #[error(
        "{}: the key is encrypted; give the passphrase in a file (YINZHENG_PASSPHRASE_FILE or \
         --passphrase-file) or in YINZHENG_PASSPHRASE", .0.display()
    )]
    NoPassphrase(PathBuf),
    /// The passphrase does not open the key.
    #[error("{}: the passphrase does not open this key", .0.display())]
    WrongPassphrase(PathBuf),
    /// The file holds no key that we can use.
    #[error("{}: not an encrypted PKCS#8 key of the kind that is wanted here (P-256; Ed25519 for the log and for webhooks)", .0.display())]
    NotAKey(PathBuf),
    /// A published key outside the demo.
    #[error("{}: this is a published example key; make keys of your own with `yinzheng init`", .0.display())]
    ExampleKey(PathBuf),
}

impl KeyFolder {
    /// The keys below `folder`; nothing is read yet.
    pub fn new(folder: PathBuf, passphrase: Option<Secret>) -> Self {
        Self { folder, passphrase, unlocked: Mutex::default(), ed25519: Mutex::default() }
    }

    /// Draws a fresh key of the kind that its use needs and writes it, encrypted, for its owner
    /// alone.
    pub fn create(&self, name: &KeyName, entropy: &dyn Entropy) -> Result<(), KeyError> {
        let path = self.path(name);
        let plain = self.create_at(&path, name, entropy)?;
        match name {
            name if name.is_ed25519() => self.keep_ed25519(name, &plain, path).map(drop),
            _ => self.keep(name, &plain, path).map(drop),
        }
    }

    /// Draws such a key and writes it to another path, where nobody uses it yet.
    pub fn create_at(
        &self,
        path: &Path,
        name: &KeyName,
        entropy: &dyn Entropy,
    ) -> Result<Secret, KeyError> {
        let drawn = match name {
            name if name.is_ed25519() => Ed25519Key::generate(),
            _ => SoftwareKey::generate(),
        };
        let plain = drawn.map_err(|_| KeyError::NotAKey(path.to_owned()))?;
        let passphrase =
            self.passphrase.as_ref().ok_or_else(|| KeyError::NoPassphrase(path.to_owned()))?;
        write_encrypted(path, &plain, passphrase, entropy)?;
        Ok(plain)
    }

    /// Whether keys can be written and opened.
    pub fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    /// Encrypts every key below the folder anew. Each file is replaced whole; when one fails, the
    /// ones before it open with the new passphrase and the rest with the old.
    pub fn change_passphrase(
        &self,
        names: &[KeyName],
        new: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<(), KeyError> {
        for name in names {
            let plain = self.read(name)?;
            write_encrypted(&self.path(name), &plain, new, entropy)?;
        }
        Ok(())
    }

    /// Where a key lies.
    pub fn path(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{name}.key.pem"))
    }

    fn read(&self, name: &KeyName) -> Result<Secret, KeyError> {
        let path = self.path(name);
        let pem = Secret::new(files::read_secret(&path, KEY_FILE_BYTES)?);
        let not_a_key = || KeyError::NotAKey(path.clone());
        let text = std::str::from_utf8(pem.expose()).map_err(|_| not_a_key())?;
        let (label, document) = SecretDocument::from_pem(text).map_err(|_| not_a_key())?;
        if label != EncryptedPrivateKeyInfo::PEM_LABEL {
            return Err(not_a_key());
        }
        let passphrase =
            self.passphrase.as_ref().ok_or_else(|| KeyError::NoPassphrase(path.clone()))?;
        let encrypted =
            EncryptedPrivateKeyInfo::from_der(document.as_bytes()).map_err(|_| not_a_key())?;
        let plain = encrypted
            .decrypt(passphrase.expose())
            .map_err(|_| KeyError::WrongPassphrase(path.clone()))?;
        Ok(Secret::new(plain.as_bytes().to_vec()))
    }

    fn keep(
        &self,
        name: &KeyName,
        plain: &Secret,
        path: PathBuf,
    ) -> Result<Arc<dyn Signer>, KeyError> {
        let key = SoftwareKey::from_pkcs8(plain).map_err(|_| KeyError::NotAKey(path.clone()))?;
        if is_example(&key) {
            return Err(KeyError::ExampleKey(path));
        }
        let key: Arc<dyn Signer> = Arc::new(key);
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        unlocked.insert(name.clone(), Arc::clone(&key));
        Ok(key)
    }

    fn keep_ed25519(
        &self,
        name: &KeyName,
        plain: &Secret,
        path: PathBuf,
    ) -> Result<Arc<dyn LogSigner>, KeyError> {
        let key = Ed25519Key::from_pkcs8(plain).map_err(|_| KeyError::NotAKey(path.clone()))?;
        let mut published = EXAMPLE_ED25519.iter().filter_map(|(_, pem)| example_ed25519(pem));
        if published.any(|known| known.public_key() == key.public_key()) {
            return Err(KeyError::ExampleKey(path));
        }
        let key: Arc<dyn LogSigner> = Arc::new(key);
        let mut unlocked = self.ed25519.lock().unwrap_or_else(PoisonError::into_inner);
        unlocked.insert(name.clone(), Arc::clone(&key));
        Ok(key)
    }

    fn ed25519(&self, name: &KeyName) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        let known = {
            let unlocked = self.ed25519.lock().unwrap_or_else(PoisonError::into_inner);
            unlocked.get(name).cloned()
        };
        if let Some(key) = known {
            return Ok(key);
        }
        self.read(name)
            .and_then(|plain| self.keep_ed25519(name, &plain, self.path(name)))
            .map_err(|error| KeyUnavailable(error.to_string()))
    }
}

impl Keys for KeyFolder {
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable> {
        let known = {
            let unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
            unlocked.get(name).cloned()
        };
        if let Some(key) = known {
            return Ok(key);
        }
        self.read(name)
            .and_then(|plain| self.keep(name, &plain, self.path(name)))
            .map_err(|error| KeyUnavailable(error.to_string()))
    }

    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        self.ed25519(&KeyName::Log)
    }

    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        self.ed25519(&KeyName::Webhook)
    }
}

impl std::fmt::Debug for KeyFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFolder").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// The published keys of `keys-example/`, embedded in the binary, for the demo office alone.
#[derive(Debug, Default)]
pub struct ExampleKeys;

impl Keys for ExampleKeys {
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable> {
        let missing = || KeyUnavailable(format!("keys-example holds no key named {name}"));
        EXAMPLE_SIGNERS.get(name.to_string().as_str()).cloned().ok_or_else(missing)
    }

    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        example_signer(&KeyName::Log)
    }

    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        example_signer(&KeyName::Webhook)
    }
}

/// Whether this is one of the published keys, by the digest of its public half.
pub fn is_example(key: &dyn Signer) -> bool {
    let digest = Digest::of(&[key.public_key().bits()]);
    EXAMPLE_KEYS
        .iter()
        .filter_map(|(_, pem)| example_key(pem))
        .any(|example| Digest::of(&[example.public_key().bits()]) == digest)
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
    let key =
        key.ok_or_else(|| KeyUnavailable(format!("keys-example holds no key named {name}")))?;
    Ok(Arc::new(key))
}

fn write_encrypted(
    path: &Path,
    plain: &Secret,
    passphrase: &Secret,
    entropy: &dyn Entropy,
) -> Result<(), KeyError> {
    let not_a_key = || KeyError::NotAKey(path.to_owned());
    let salt: [u8; 16] = draw(entropy);
    let iv: [u8; 16] = draw(entropy);
    let cost = scrypt::Params::new(SCRYPT_LOG_N, 8, 1, 32).map_err(|_| not_a_key())?;
    let scheme = pbes2::Parameters::scrypt_aes256cbc(cost, &salt, &iv).map_err(|_| not_a_key())?;
    let encrypted = PrivateKeyInfo::from_der(plain.expose())
        .map_err(|_| not_a_key())?
        .encrypt_with_params(scheme, passphrase.expose())
        .map_err(|_| not_a_key())?;
    let pem = encrypted
        .to_pem(EncryptedPrivateKeyInfo::PEM_LABEL, LineEnding::LF)
        .map_err(|_| not_a_key())?;
    Ok(files::write_durably(path, pem.as_bytes(), 0o600)?)
}

/// A key file has about 400 bytes.
const KEY_FILE_BYTES: usize = 16 << 10;
/// N = 2^16 with r = 8 takes 64 MiB and about 0.2 s for each key that is unlocked.
const SCRYPT_LOG_N: u8 = 16;

macro_rules! example {
    ($name:literal) => {
        ($name, include_str!(concat!("../../keys-example/", $name, ".key.pem")))
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
const EXAMPLE_ED25519: [(&str, &str); 2] = [example!("log"), example!("webhook")];

/// Name and PEM of each published P-256 key.
const EXAMPLE_KEYS: &[(&str, &str)] = &[
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::entropy::SystemEntropy;

    #[test]
    fn keys_are_encrypted_and_open_with_their_passphrase_alone() {
        let folder = tempfile::tempdir().unwrap();
        let secret = |text: &str| Some(Secret::new(text.as_bytes().to_vec()));
        let entropy = SystemEntropy::default();
        let name = KeyName::Status;
        let keys = KeyFolder::new(folder.path().to_owned(), secret("one"));
        keys.create(&name, &entropy).unwrap();
        let public = keys.signer(&name).unwrap().public_key().clone();
        let again = KeyFolder::new(folder.path().to_owned(), secret("one"));
        assert_eq!(again.signer(&name).unwrap().public_key(), &public);
        again
            .change_passphrase(std::slice::from_ref(&name), &secret("two").unwrap(), &entropy)
            .unwrap();
        let wrong = KeyFolder::new(folder.path().to_owned(), secret("one"));
        assert!(wrong.signer(&name).err().unwrap().0.contains("does not open"));
        let none = KeyFolder::new(folder.path().to_owned(), None);
        assert!(none.signer(&name).err().unwrap().0.contains("YINZHENG_PASSPHRASE"));
        let right = KeyFolder::new(folder.path().to_owned(), secret("two"));
        assert!(right.signer(&name).is_ok());
    }

    #[test]
    fn published_keys_are_refused_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Secret::new(b"one".to_vec());
        let keys = KeyFolder::new(folder.path().to_owned(), Some(passphrase.clone()));
        let (_, document) = SecretDocument::from_pem(EXAMPLE_KEYS[2].1).unwrap();
        let plain = Secret::new(document.as_bytes().to_vec());
        let entropy = SystemEntropy::default();
        write_encrypted(&keys.path(&KeyName::Status), &plain, &passphrase, &entropy).unwrap();
        assert!(keys.signer(&KeyName::Status).err().unwrap().0.contains("published example key"));
        let (_, document) = SecretDocument::from_pem(EXAMPLE_ED25519[0].1).unwrap();
        let plain = Secret::new(document.as_bytes().to_vec());
        write_encrypted(&keys.path(&KeyName::Log), &plain, &passphrase, &entropy).unwrap();
        assert!(keys.log_signer().err().unwrap().0.contains("published example key"));
    }

    #[test]
    fn the_log_and_webhooks_have_ed25519_keys_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Some(Secret::new(b"one".to_vec()));
        let entropy = SystemEntropy::default();
        let keys = KeyFolder::new(folder.path().to_owned(), passphrase.clone());
        assert!(keys.log_signer().is_err());
        keys.create(&KeyName::Log, &entropy).unwrap();
        let public = keys.log_signer().unwrap().public_key().clone();
        assert_eq!(public.kind(), crate::crypto::algorithm::KeyKind::Ed25519);
        let again = KeyFolder::new(folder.path().to_owned(), passphrase);
        assert_eq!(again.log_signer().unwrap().public_key(), &public);
        // Neither is taken for the other.
        assert!(again.signer(&KeyName::Log).is_err());
        assert!(again.webhook_signer().is_err());
        again.create(&KeyName::Webhook, &entropy).unwrap();
        assert_ne!(again.webhook_signer().unwrap().public_key(), &public);
        assert!(ExampleKeys.log_signer().is_ok() && ExampleKeys.webhook_signer().is_ok());
        assert!(ExampleKeys.signer(&KeyName::Log).is_err());
    }
}
