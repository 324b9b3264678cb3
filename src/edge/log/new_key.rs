//! Another key for the logs, when the tree is not the one that was published any more.

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

/// The keys of the two logs from now on.
#[derive(Debug)]
pub struct NewKeys {
    /// That of the log of acts.
    pub acts: NoteKey,
    /// That of the log of accesses.
    pub accesses: NoteKey,
    /// Whether they had been put in the place of that key before.
    pub done_before: bool,
}

/// Why the key stays.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    /// The published keys have no successor.
    #[error("the demo office has a published key; make an office of your own with `yinzheng init`")]
    Demo,
    /// Another key is in use than the operator thinks.
    #[error("the key in use is {0}; name it with --instead-of {0} to put another in its place")]
    OtherKey(String),
    /// The office.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The present key.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The new key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The new key cannot be read again.
    #[error(transparent)]
    Unavailable(#[from] KeyUnavailable),
    /// The journal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Puts a new key in the place of the one with this id. When that was done before, says what the
/// present keys are.
///
/// The successor is on disk before the journal says that the old key is retired, and the old key
/// stays beside it under its id, for whoever takes it away. When the process dies in between, the
/// next start goes on from there ([`LogKeyRotation`]).
pub fn replace(
    folder: &OfficeFolder,
    passphrase: Secret,
    instead_of: &str,
) -> Result<NewKeys, NewKeyError> {
    if folder.is_demo() {
        return Err(NewKeyError::Demo);
    }
    let (office, _) = folder.open(Some(passphrase.clone()), OpenOptions::default())?;
    let succession = LogKeyRotation::of(folder.path(), instead_of);
    let id = office.log(LogName::Acts).key()?.id_hex();
    let done_before = id != instead_of;
    if done_before {
        if !succession.retired().exists() {
            return Err(NewKeyError::OtherKey(id));
        }
        // What the office did not take back is of the old key.
        for (log, name) in WITNESSED {
            if office.log(log).witnessed().is_none() {
                succession.put_aside(name)?;
            }
        }
    } else {
        let keys = KeyFolder::new(folder.path().join("keys"), Some(passphrase.clone()));
        keys.create_at(&succession.next(), &KeyName::Log, &SystemEntropy::default())?;
        office.retire_log_key(&id, &Actor::LocalOperator)?;
        succession.finish()?;
    }
    // The office that is open here has the old one unlocked.
    let public = KeyFolder::new(folder.path().join("keys"), Some(passphrase)).log_signer()?;
    let key = |name| {
        let key = NoteKey::new(&office.log(name).origin(), Kind::Log, public.public_key().clone());
        key.ok_or_else(|| LogError::Foreign("the address cannot be the name of a log".to_owned()))
    };
    Ok(NewKeys { acts: key(LogName::Acts)?, accesses: key(LogName::Accesses)?, done_before })
}
