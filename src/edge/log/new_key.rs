//! Replacement of the logs' key, when the tree no longer continues the published one.

use crate::base::actor::Actor;
use crate::base::secret::Secret;
use crate::edge::config::{ConfigError, OfficeFolder};
use crate::edge::entropy::SystemEntropy;
use crate::edge::files::FileError;
use crate::edge::keys::{KeyError, KeyFolder};
use crate::edge::log_key_rotation::{LogKeyRotation, WITNESSED};
use crate::format::note::key::{Kind, NoteKey};
use crate::service::keys::{KeyName, KeyUnavailable, Keys as _};
use crate::service::log::{LogError, LogName};
use crate::store::{OpenOptions, StoreError};

/// The new verifier keys of the two logs.
#[derive(Debug)]
pub struct NewKeys {
    /// Key of the log of acts.
    pub acts: NoteKey,
    /// Key of the log of accesses.
    pub accesses: NoteKey,
    /// Whether an earlier call had replaced that key.
    pub done_before: bool,
}

/// Why the key was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    /// The published keys have no successor.
    #[error("the demo office has a published key; make an office of your own with `yinzheng init`")]
    Demo,
    /// The key in use is not the one that the operator named.
    #[error("the key in use is {0}; name it with --instead-of {0} to put another in its place")]
    OtherKey(String),
    /// The office cannot be opened.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The present key cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The new key cannot be generated or written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The new key cannot be read back.
    #[error(transparent)]
    Unavailable(#[from] KeyUnavailable),
    /// The journal does not accept the change.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading or writing a file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Replaces the key with this id. When that was done before, returns the present keys.
///
/// The successor is on disk before the journal says that the old key is retired, and the old key
/// stays beside it under its id, until an operator removes it. When the process dies in between,
/// the next start completes the rotation ([`LogKeyRotation`]).
pub fn replace(
    folder: &OfficeFolder,
    passphrase: Secret,
    instead_of: &str,
) -> Result<NewKeys, NewKeyError> {
    if folder.is_demo() {
        return Err(NewKeyError::Demo);
    }
    let (office, _) = folder.open(Some(passphrase.clone()), OpenOptions::default())?;
    let rotation = LogKeyRotation::of(folder.path(), instead_of);
    let id = office.log(LogName::Acts).key()?.id_hex();
    let done_before = id != instead_of;
    if done_before {
        if !rotation.retired().exists() {
            return Err(NewKeyError::OtherKey(id));
        }
        // A head that the office does not accept is signed by the old key.
        for (log, name) in WITNESSED {
            if office.log(log).witnessed().is_none() {
                rotation.put_aside(name)?;
            }
        }
    } else {
        let keys = KeyFolder::new(folder.path().join("keys"), Some(passphrase.clone()));
        keys.create_at(&rotation.next(), &KeyName::Log, &SystemEntropy::default())?;
        office.retire_log_key(&id, &Actor::LocalOperator)?;
        rotation.finish()?;
    }
    // The open office still has the old key unlocked.
    let public = KeyFolder::new(folder.path().join("keys"), Some(passphrase)).log_signer()?;
    let key = |name| {
        let key = NoteKey::new(&office.log(name).origin(), Kind::Log, public.public_key().clone());
        key.ok_or(LogError::NoName)
    };
    Ok(NewKeys { acts: key(LogName::Acts)?, accesses: key(LogName::Accesses)?, done_before })
}
