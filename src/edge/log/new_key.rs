//! Another key for the logs, when the tree is not the one that was published any more.

use std::fs;

use crate::base::actor::Actor;
use crate::base::secret::Secret;
use crate::edge::config::{ConfigError, OfficeFolder};
use crate::edge::entropy::SystemEntropy;
use crate::edge::files::FileError;
use crate::edge::keys::{KeyError, KeyFolder};
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

/// Puts a new key in the place of the one with this id.
///
/// The journal says so first. The old key stays beside it under its id, for whoever takes it away;
/// when the process dies in between, the next start makes the new key.
pub fn replace(
    folder: &OfficeFolder,
    passphrase: Secret,
    instead_of: &str,
) -> Result<NewKeys, NewKeyError> {
    if folder.is_demo() {
        return Err(NewKeyError::Demo);
    }
    let keys = KeyFolder::new(folder.path().join("keys"), Some(passphrase.clone()));
    let (office, _) = folder.open(Some(passphrase), OpenOptions::default())?;
    let old = office.log(LogName::Acts).key()?;
    let id = old.id_hex();
    if id != instead_of {
        return Err(NewKeyError::OtherKey(id));
    }
    office.retire_log_key(&id, &Actor::LocalOperator)?;
    let path = keys.path(&KeyName::Log);
    move_aside(&path, &path.with_file_name(format!("log-{id}.retired.pem")))?;
    // Witnesses signed heads of the old key.
    for name in ["witnessed", "witnessed-access"] {
        let path = folder.path().join("log").join(name);
        if path.exists() {
            move_aside(&path, &path.with_file_name(format!("{name}-{id}")))?;
        }
    }
    keys.create(&KeyName::Log, &SystemEntropy::default())?;
    let public = keys.log_signer()?;
    let key = |name| {
        let key = NoteKey::new(&office.log(name).origin(), Kind::Log, public.public_key().clone());
        key.ok_or_else(|| LogError::Foreign("the address cannot be the name of a log".to_owned()))
    };
    Ok(NewKeys { acts: key(LogName::Acts)?, accesses: key(LogName::Accesses)? })
}

fn move_aside(from: &std::path::Path, to: &std::path::Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(|source| FileError::Io { path: from.to_owned(), source })
}
