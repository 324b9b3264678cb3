//! Private keys on disk: PKCS#8, encrypted with scrypt and AES-256 (RFC 8018, RFC 7914).
//!
//! A key is unlocked only when an act needs it, and then kept for the life of the process. The keys
//! of `keys-example/` are published: only the demo office accepts them.

mod example;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pkcs8::der::Decode as _;
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfo, LineEnding, PrivateKeyInfo, SecretDocument};

use self::example::is_example_ed25519;
use super::files::{self, FileError};
use crate::base::entropy::{Entropy, draw};
use crate::base::localized::Bilingual as _;
use crate::base::secret::Secret;
use crate::crypto::ed25519::{Ed25519Key, LogSigner};
use crate::crypto::signer::Signer;
use crate::crypto::software::{BadKey, SoftwareKey};
use crate::domain::webhooks::HookKey;
use crate::service::keys::{KeyName, KeyUnavailable, Keys};

pub use self::example::{ExampleKeys, is_example};

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
    /// The file has no key of a supported kind.
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

    /// Generates a key of the kind that its use needs and writes it, encrypted, readable by its
    /// owner alone.
    pub fn create(&self, name: &KeyName, entropy: &dyn Entropy) -> Result<(), KeyError> {
        let path = self.path(name);
        let plain = self.create_at(&path, name, entropy)?;
        match name {
            name if name.is_ed25519() => self.keep_ed25519(name, &plain, path).map(drop),
            _ => self.keep(name, &plain, path).map(drop),
        }
    }

    /// Generates such a key and writes it to another path, where nothing uses it yet.
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
        write_encrypted(path, &plain, self.passphrase_for(path)?, entropy)?;
        Ok(plain)
    }

    /// Generates another webhook key, writes it, and reads it back.
    fn create_later(&self, entropy: &dyn Entropy) -> Result<HookKey, KeyError> {
        // If the passphrase was changed beside this process, no restart could open a key encrypted
        // with the old one.
        self.read(&self.path(&KeyName::Log))?;
        let drawn = || {
            let plain = Ed25519Key::generate()?;
            let public = Ed25519Key::from_pkcs8(&plain)?.public_key().bits().to_vec();
            Ok((HookKey::new(&public).ok_or(BadKey)?, plain))
        };
        let failed = |_: BadKey| KeyError::NotAKey(self.folder.clone());
        let (key, plain) = drawn().map_err(failed)?;
        let name = KeyName::LaterWebhook(key);
        let path = self.path(&name);
        write_encrypted(&path, &plain, self.passphrase_for(&path)?, entropy)?;
        let kept = self.read(&path)?;
        // And if it was changed meanwhile: a change of the passphrase begins with this key, and
        // looks for later ones at the end.
        self.read(&self.path(&KeyName::Log))?;
        self.keep_ed25519(&name, &kept, path)?;
        Ok(key)
    }

    /// Whether keys can be written and opened.
    pub fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    /// Encrypts the keys in these files again, once all of them were read. Each file is replaced
    /// whole; when one cannot be written, the ones before it open with the new passphrase and the
    /// rest with the old, and repeating the call completes the rest.
    pub fn change_passphrase(
        &self,
        paths: &[PathBuf],
        new: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<(), KeyError> {
        let changed = Self::new(self.folder.clone(), Some(new.clone()));
        let mut keys = Vec::new();
        for path in paths {
            match self.read(path) {
                Ok(plain) => keys.push((path, plain)),
                // An earlier call came this far.
                Err(KeyError::WrongPassphrase(_)) if changed.read(path).is_ok() => {}
                Err(error) => return Err(error),
            }
        }
        for (path, plain) in &keys {
            write_encrypted(path, plain, new, entropy)?;
        }
        Ok(())
    }

    /// Path of a key's file.
    pub fn path(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{name}.key.pem"))
    }

    /// Path of the webhook key with this public half: the first one is under the name of its use
    /// alone.
    pub fn webhook_path(&self, key: &HookKey) -> PathBuf {
        let later = self.path(&KeyName::LaterWebhook(*key));
        if later.exists() { later } else { self.path(&KeyName::Webhook) }
    }

    /// Paths of later webhook keys, signing or not, in order.
    pub fn later_webhook_paths(&self) -> Result<Vec<PathBuf>, FileError> {
        let failed = |source| FileError::Io { path: self.folder.clone(), source };
        let is_later = |name: &str| {
            let id = name.strip_prefix("webhook-").and_then(|rest| rest.strip_suffix(".key.pem"));
            id.is_some_and(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_str().is_some_and(is_later) {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    fn passphrase_for(&self, path: &Path) -> Result<&Secret, KeyError> {
        self.passphrase.as_ref().ok_or_else(|| KeyError::NoPassphrase(path.to_owned()))
    }

    fn read(&self, path: &Path) -> Result<Secret, KeyError> {
        let pem = Secret::new(files::read_secret(path, KEY_FILE_BYTES)?);
        let not_a_key = || KeyError::NotAKey(path.to_owned());
        let text = std::str::from_utf8(pem.expose()).map_err(|_| not_a_key())?;
        let (label, document) = SecretDocument::from_pem(text).map_err(|_| not_a_key())?;
        if label != EncryptedPrivateKeyInfo::PEM_LABEL {
            return Err(not_a_key());
        }
        let passphrase = self.passphrase_for(path)?;
        let encrypted =
            EncryptedPrivateKeyInfo::from_der(document.as_bytes()).map_err(|_| not_a_key())?;
        let plain = encrypted
            .decrypt(passphrase.expose())
            .map_err(|_| KeyError::WrongPassphrase(path.to_owned()))?;
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
        if is_example_ed25519(&key) {
            return Err(KeyError::ExampleKey(path));
        }
        let key: Arc<dyn LogSigner> = Arc::new(key);
        let mut unlocked = self.ed25519.lock().unwrap_or_else(PoisonError::into_inner);
        unlocked.insert(name.clone(), Arc::clone(&key));
        Ok(key)
    }

    /// Whether an Ed25519 key can be used, and why not.
    pub fn check_ed25519(&self, name: &KeyName) -> Result<(), KeyError> {
        let path = self.path(name);
        let plain = self.read(&path)?;
        self.keep_ed25519(name, &plain, path).map(drop)
    }

    /// Whether it is unlocked, or its file is there.
    fn has_ed25519(&self, name: &KeyName) -> bool {
        let unlocked = self.ed25519.lock().unwrap_or_else(PoisonError::into_inner);
        unlocked.contains_key(name) || self.path(name).exists()
    }

    fn ed25519(&self, name: &KeyName) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        let known = {
            let unlocked = self.ed25519.lock().unwrap_or_else(PoisonError::into_inner);
            unlocked.get(name).cloned()
        };
        if let Some(key) = known {
            return Ok(key);
        }
        let path = self.path(name);
        self.read(&path)
            .and_then(|plain| self.keep_ed25519(name, &plain, path))
            .map_err(|error| KeyUnavailable(error.both()))
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
        let path = self.path(name);
        self.read(&path)
            .and_then(|plain| self.keep(name, &plain, path))
            .map_err(|error| KeyUnavailable(error.both()))
    }

    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        self.ed25519(&KeyName::Log)
    }

    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        self.ed25519(&KeyName::Webhook)
    }

    fn webhook_signer_of(&self, key: &HookKey) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        let unusable = |name: &KeyName| {
            let path = self.path(name);
            let path = path.display();
            KeyUnavailable::new(
                format!(
                    "{path}：这里没有事件日志所记的密钥 {key}；请从备份恢复，或用 `yinzheng destination new-key \
                     --overlap 0` 换用新密钥"
                ),
                format!(
                    "{path}: the key {key} that the journal names is not there; restore it from a \
                     backup, or put another in its place with `yinzheng destination new-key --overlap 0`"
                ),
            )
        };
        let later = KeyName::LaterWebhook(*key);
        let name = [&later, &KeyName::Webhook].into_iter().find(|name| self.has_ed25519(name));
        let name = name.ok_or_else(|| unusable(&later))?;
        let signer = self.ed25519(name)?;
        let is_it = HookKey::new(signer.public_key().bits()).as_ref() == Some(key);
        is_it.then_some(signer).ok_or_else(|| unusable(name))
    }

    fn new_webhook_key(&self, entropy: &dyn Entropy) -> Result<HookKey, KeyUnavailable> {
        self.create_later(entropy).map_err(|error| KeyUnavailable(error.both()))
    }
}

impl std::fmt::Debug for KeyFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFolder").field("folder", &self.folder).finish_non_exhaustive()
    }
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

#[cfg(test)]
mod tests {
    use super::example::{EXAMPLE_ED25519, EXAMPLE_KEYS};
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
        again.change_passphrase(&[keys.path(&name)], &secret("two").unwrap(), &entropy).unwrap();
        let wrong = KeyFolder::new(folder.path().to_owned(), secret("one"));
        assert!(wrong.signer(&name).err().unwrap().0.en.contains("does not open"));
        let none = KeyFolder::new(folder.path().to_owned(), None);
        assert!(none.signer(&name).err().unwrap().0.en.contains("YINZHENG_PASSPHRASE"));
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
        assert!(
            keys.signer(&KeyName::Status).err().unwrap().0.en.contains("published example key")
        );
        let (_, document) = SecretDocument::from_pem(EXAMPLE_ED25519[0].1).unwrap();
        let plain = Secret::new(document.as_bytes().to_vec());
        write_encrypted(&keys.path(&KeyName::Log), &plain, &passphrase, &entropy).unwrap();
        assert!(keys.log_signer().err().unwrap().0.en.contains("published example key"));
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
