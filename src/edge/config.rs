//! An office's directory: made once, opened by one process.
//!
//! ```text
//! office.toml   name, address, departments       keys/   encrypted keys, owner only
//! certs/        root, issuing CA, leaves, CRL     types/  licence types of the office
//! journal/      the truth                         index/  derived from it
//! access/       journal and index of who read what, a store of its own
//! log/          the heads of the two logs that witnesses signed last
//! hooks/        delivery progress of each destination
//! let-in        when a client was let in last
//! DEMO          only in the demo office, which uses the published keys
//! ```

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backup;
use super::clock::SystemClock;
use super::entropy::SystemEntropy;
use super::files::{self, FileError};
use super::keys::{ExampleKeys, KeyError, KeyFolder};
use super::last_time::LastTimeFile;
use super::log_key_rotation::LogKeyRotation;
use crate::base::actor::Actor;
use crate::base::localized::{Language, Localized};
use crate::base::secret::Secret;
use crate::base::time::Clock as _;
use crate::domain::licence::kind::{BadType, LicenceType, Types};
use crate::domain::office::{BadProfile, Profile};
use crate::format::x509::{BadCertificate, Certificate};
use crate::service::keys::{KeyName, Keys};
use crate::service::log::LogName;
use crate::service::office::{Office, OfficeError};
use crate::service::parts::OfficeParts;
use crate::service::pki_setup::{CertificateIssuer, EstablishError};
use crate::service::recover::is_log_key_retired;
use crate::service::status::LIST_ENTRIES;
use crate::service::webhooks::kept_webhook_keys;
use crate::store::{Disk, OpenOptions, Opening, StoreError};

/// Location of an office.
#[derive(Clone, Debug)]
pub struct OfficeFolder {
    path: PathBuf,
}

/// Why a directory is no usable office.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Reading or writing a file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// `office.toml` is invalid.
    #[error(transparent)]
    Profile(Box<BadProfile>),
    /// A licence type's file is invalid.
    #[error(transparent)]
    Type(Box<BadType>),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate cannot be read.
    #[error("{file}: {reason}")]
    Certificate {
        /// The faulty file.
        file: String,
        /// The rule that it breaks.
        reason: BadCertificate,
    },
    /// Certificates cannot be made.
    #[error(transparent)]
    Establish(#[from] EstablishError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Profile, types, certificates and store do not match.
    #[error(transparent)]
    Office(#[from] OfficeError),
    /// The directory has no office.
    #[error("{}: there is no office here; make one with `yinzheng init` or `yinzheng demo`", .0.display())]
    NoOffice(PathBuf),
    /// The directory has an office already.
    #[error("{}: there is an office here already", .0.display())]
    OfficeHere(PathBuf),
    /// The directory of a new office has files of others.
    #[error("{}: the directory is not empty ({entries}); name one that does not exist yet", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
        /// The first of its entries.
        entries: String,
    },
    /// A directory or a file of certificates is not what it should be.
    #[error("{}", .0.en)]
    Place(Localized),
}

impl From<BadProfile> for ConfigError {
    fn from(error: BadProfile) -> Self {
        Self::Profile(Box::new(error))
    }
}

impl From<BadType> for ConfigError {
    fn from(error: BadType) -> Self {
        Self::Type(Box::new(error))
    }
}

impl OfficeFolder {
    /// Names a directory; nothing is read yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is an office in it.
    pub fn exists(&self) -> bool {
        self.path.join("office.toml").exists()
    }

    /// Whether it is the demo office, with published keys.
    pub fn is_demo(&self) -> bool {
        self.path.join("DEMO").exists()
    }

    /// Makes a demo office with the published keys.
    pub fn create_demo(&self, office_toml: &str) -> Result<(), ConfigError> {
        self.make(|| {
            let text = "This office uses published keys. Nothing that it seals proves anything.\n";
            files::write_durably(&self.path.join("DEMO"), text.as_bytes(), 0o644)?;
            self.found(office_toml, &ExampleKeys)
        })
    }

    /// Makes an office with fresh keys, encrypted with the passphrase.
    pub fn create(&self, office_toml: &str, passphrase: Secret) -> Result<(), ConfigError> {
        self.make(|| {
            let profile = Profile::parse("office.toml", office_toml)?;
            files::private_folder(&self.path.join("keys"))?;
            let keys = KeyFolder::new(self.path.join("keys"), Some(passphrase));
            let entropy = SystemEntropy::default();
            for name in key_names(&profile) {
                keys.create(&name, &entropy)?;
            }
            self.found(office_toml, &keys)
        })
    }

    /// Makes an office whose keys are kept elsewhere, for instance in a hardware module. It is
    /// opened with [`Self::open_with`]; the commands of this program find no keys in it.
    pub fn create_with(&self, office_toml: &str, keys: &dyn Keys) -> Result<(), ConfigError> {
        self.make(|| self.found(office_toml, keys))
    }

    /// Opens the office for work.
    pub fn open(
        &self,
        passphrase: Option<Secret>,
        options: OpenOptions,
    ) -> Result<(Office, Opening), ConfigError> {
        if self.is_demo() {
            return self.open_with(Arc::new(ExampleKeys), options);
        }
        let (profile, _) = self.profile()?;
        files::sync_names(&self.path)?;
        let keys = Arc::new(KeyFolder::new(self.path.join("keys"), passphrase));
        // A department that was added to office.toml gets its keys now.
        // A missing key of an existing certificate is not replaced: the certificate would not
        // match.
        for name in key_names(&profile) {
            let certificate = self.path.join("certs").join(format!("{name}.pem"));
            // An office made by an earlier version opens without its passphrase; it then lacks
            // these keys.
            let later = name.is_ed25519() && !keys.has_passphrase();
            // A successor of a log key exists already.
            let waits = name == KeyName::Log && LogKeyRotation::begun(&self.path).is_some();
            // The journal decides whether this key has a successor.
            let waits = waits || name == KeyName::Webhook;
            if !keys.path(&name).exists() && !certificate.exists() && !later && !waits {
                keys.create(&name, &SystemEntropy::default())?;
            }
        }
        let (office, opening) = self.open_with(Arc::clone(&keys) as Arc<dyn Keys>, options)?;
        let missing = !keys.path(&KeyName::Webhook).exists() && keys.has_passphrase();
        if missing && kept_webhook_keys(office.store())?.is_none() {
            keys.create(&KeyName::Webhook, &SystemEntropy::default())?;
        }
        Ok((office, opening))
    }

    /// Opens the office for work with these keys.
    pub fn open_with(
        &self,
        keys: Arc<dyn Keys>,
        options: OpenOptions,
    ) -> Result<(Office, Opening), ConfigError> {
        let (profile, types) = self.profile()?;
        files::sync_names(&self.path)?;
        let demo = self.is_demo();
        let restored = backup::restored(&self.path)?;
        let accept_rollback = options.accept_rollback || restored.is_some();
        let second_path = profile.second_path.clone();
        let options = OpenOptions { second_path, accept_rollback, ..options };
        let (store, opening) = Disk::open(&self.path, &options)?;
        self.finish_key_rotation(&store)?;
        let accesses = self.open_accesses(&options)?;
        let entropy = SystemEntropy::default();
        let founding = CertificateIssuer {
            profile: &profile,
            types: &types,
            keys: &*keys,
            entropy: &entropy,
            now: SystemClock.now(),
        };
        let mut certificates = self.certificates()?;
        match founding.name_arc(&mut certificates) {
            Ok(false) => {}
            Ok(true) => self.write_certificate("issuing", &certificates.issuing)?,
            Err(EstablishError::Key(missing)) => {
                tracing::warn!(%missing, "oid_arc is not used yet: start once with the root key");
            }
            Err(error) => return Err(error.into()),
        }
        for name in founding.complete(&mut certificates)? {
            if let Some(certificate) = certificates.leaves.get(&name) {
                self.write_certificate(&name, certificate)?;
            }
        }
        let crl = self.crl(&founding, &certificates)?;
        let root_crl = self.root_crl(&founding, &certificates)?;
        let office = Office::open(OfficeParts {
            profile,
            types,
            demo,
            store: Arc::new(store),
            accesses: Arc::new(accesses),
            keys,
            certificates,
            crl,
            root_crl,
            list_entries: LIST_ENTRIES,
            clock: Arc::new(SystemClock),
            last_time: Arc::new(LastTimeFile::of(&self.path)),
            entropy: Arc::new(entropy),
        })?;
        self.take_witnessed(&office);
        if let Some(left_out) = restored {
            let left_out = left_out.max(opening.behind);
            office.begin_epoch(&Actor::LocalOperator, left_out)?;
            backup::epoch_has_begun(&self.path)?;
        }
        Ok((office, opening))
    }

    /// Completes a log key rotation that the journal records and a crash interrupted.
    fn finish_key_rotation(&self, store: &Disk) -> Result<(), ConfigError> {
        if let Some(rotation) = LogKeyRotation::begun(&self.path)
            && is_log_key_retired(store, rotation.id())?
        {
            rotation.finish()?;
            tracing::warn!(old = rotation.id(), "the logs have another key from now on");
        }
        Ok(())
    }

    /// Opens the journal of accesses alone. Its second mark is beside that of the office.
    pub fn open_accesses(&self, options: &OpenOptions) -> Result<Disk, ConfigError> {
        let folder = self.path.join(ACCESS);
        files::private_folder(&folder)?;
        let second_path = options.second_path.as_ref().map(|path| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push("-access");
            path.with_file_name(name)
        });
        let options = OpenOptions { second_path, ..options.clone() };
        Ok(Disk::open(&folder, &options)?.0)
    }

    /// Encrypts every key again. When it fails midway, the keys before it open with the new
    /// passphrase and the others with the old; nothing is lost.
    pub fn change_passphrase(&self, old: Secret, new: &Secret) -> Result<usize, ConfigError> {
        let (profile, _) = self.profile()?;
        let keys = KeyFolder::new(self.path.join("keys"), Some(old));
        let mut paths: Vec<_> = key_names(&profile).iter().map(|name| keys.path(name)).collect();
        // The root key may be kept elsewhere, and the first webhook key may have been removed.
        paths.retain(|path| path.exists());
        paths.extend(keys.later_webhook_paths()?);
        // It replaces the present key at the next start.
        paths.extend(LogKeyRotation::begun(&self.path).map(|rotation| rotation.next()));
        // A webhook key made meanwhile detects the change by that of the log key, or is found here.
        paths.sort_by_key(|path| *path != keys.path(&KeyName::Log));
        let entropy = SystemEntropy::default();
        keys.change_passphrase(&paths, new, &entropy)?;
        keys.change_passphrase(&keys.later_webhook_paths()?, new, &entropy)?;
        Ok(paths.len())
    }

    /// The profile and the licence types, built-in and its own.
    pub fn profile(&self) -> Result<(Profile, Types), ConfigError> {
        if !self.exists() {
            return Err(ConfigError::NoOffice(self.path.clone()));
        }
        let text = self.text("office.toml")?;
        let profile = Profile::parse(&self.path.join("office.toml").display().to_string(), &text)?;
        Ok((profile, self.types()?))
    }

    /// The built-in licence types, and those of the files in `types/`.
    fn types(&self) -> Result<Types, ConfigError> {
        let mut types = Types::built_in()?;
        let folder = self.path.join("types");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            entries => entries.and_then(Iterator::collect),
        };
        let entries: Vec<DirEntry> =
            entries.map_err(|source| FileError::Io { path: folder.clone(), source })?;
        let mut own: Vec<PathBuf> = entries.iter().map(DirEntry::path).collect();
        own.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        own.sort();
        for path in own {
            let name = path.display().to_string();
            let text = files::text(&path, &files::read(&path, TEXT_BYTES)?)?;
            types.add(LicenceType::parse(&name, &text)?, &name)?;
        }
        Ok(types)
    }

    /// Makes an office, or leaves nothing behind.
    fn make(&self, office: impl FnOnce() -> Result<(), ConfigError>) -> Result<(), ConfigError> {
        let made = ["certs", "keys", "types", "DEMO", ""].map(|name| self.path.join(name));
        let made: Vec<_> = made.into_iter().filter(|path| !path.exists()).collect();
        let done = self.prepare().and_then(|()| office());
        if done.is_err() {
            for path in &made {
                // Files of others put there meanwhile stay in the office's directory.
                let removed = match path {
                    path if *path == self.path.join("") => fs::remove_dir(path),
                    path if path.is_dir() => fs::remove_dir_all(path),
                    path => fs::remove_file(path),
                };
                if let Err(error) = removed.or_else(unless_missing) {
                    tracing::warn!(path = %path.display(), %error, "it was not removed again");
                }
            }
        }
        done
    }

    fn prepare(&self) -> Result<(), ConfigError> {
        if self.exists() && self.path.join("certs").exists() {
            return Err(ConfigError::OfficeHere(self.path.clone()));
        }
        self.has_nothing_of_others()?;
        files::private_folder(&self.path)?;
        files::private_folder(&self.path.join("certs"))?;
        files::private_folder(&self.path.join("types"))?;
        Ok(())
    }

    /// Types may be there before the office, and what is left of a demo that was killed.
    fn has_nothing_of_others(&self) -> Result<(), ConfigError> {
        let failed = |source| FileError::Io { path: self.path.clone(), source };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries.and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?,
        };
        let names = entries.iter().map(|one| one.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> =
            names.filter(|name| name != "types" && name != "lost+found").collect();
        if names.is_empty() || (self.is_demo() && !self.exists()) {
            return Ok(());
        }
        names.sort();
        let more = if names.len() > SHOWN { ", …" } else { "" };
        names.truncate(SHOWN);
        let entries = format!("{}{more}", names.join(", "));
        Err(ConfigError::NotEmpty { path: self.path.clone(), entries })
    }

    /// Certificates and list first, `office.toml` last: a half-made office is none.
    fn found(&self, office_toml: &str, keys: &dyn Keys) -> Result<(), ConfigError> {
        let profile = Profile::parse("office.toml", office_toml)?;
        let types = self.types()?;
        let entropy = SystemEntropy::default();
        let founding = CertificateIssuer {
            profile: &profile,
            types: &types,
            keys,
            entropy: &entropy,
            now: SystemClock.now(),
        };
        let certificates = founding.establish()?;
        self.write_certificate("root", &certificates.root)?;
        self.write_certificate("issuing", &certificates.issuing)?;
        for (name, certificate) in &certificates.leaves {
            self.write_certificate(name, certificate)?;
        }
        let crl = founding.crl(&certificates.issuing)?;
        files::write_durably(&self.path.join("certs/issuing.crl"), &crl, 0o644)?;
        let crl = founding.root_crl(&certificates.root)?;
        files::write_durably(&self.path.join("certs/root.crl"), &crl, 0o644)?;
        files::write_durably(&self.path.join("office.toml"), office_toml.as_bytes(), 0o644)?;
        Ok(())
    }

    /// Stores the latest head of a log that witnesses signed.
    pub fn keep_witnessed(&self, log: LogName, note: &str) -> Result<(), ConfigError> {
        files::private_folder(&self.path.join("log"))?;
        Ok(files::write_durably(&self.witnessed(log), note.as_bytes(), 0o644)?)
    }

    /// Reads these heads, checked like any input. Without them the logs continue.
    fn take_witnessed(&self, office: &Office) {
        for log in [LogName::Acts, LogName::Accesses] {
            let path = self.witnessed(log);
            let read = files::read(&path, TEXT_BYTES).and_then(|bytes| files::text(&path, &bytes));
            let error = match read {
                Ok(note) => office.accept_cosignatures(&note).err().map(|error| error.to_string()),
                Err(error) if error.is_missing() => None,
                Err(error) => Some(error.to_string()),
            };
            if let Some(error) = error {
                tracing::warn!(%error, "the head that witnesses signed was not taken back");
            }
        }
    }

    fn witnessed(&self, log: LogName) -> PathBuf {
        self.path.join(match log {
            LogName::Acts => "log/witnessed",
            LogName::Accesses => "log/witnessed-access",
        })
    }

    fn text(&self, name: &str) -> Result<String, ConfigError> {
        let path = self.path.join(name);
        Ok(files::text(&path, &files::read(&path, TEXT_BYTES)?)?)
    }
}

fn unless_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Reads one PEM certificate.
pub fn read_certificate(path: &Path) -> Result<Certificate, ConfigError> {
    let certificates = read_certificates(path)?;
    let none = || {
        let path = path.display();
        ConfigError::Place(Localized::new(
            format!("{path}：没有证书"),
            format!("{path}: no certificate"),
        ))
    };
    certificates.into_iter().next().ok_or_else(none)
}

/// Reads every certificate of a PEM file.
pub fn read_certificates(path: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let bytes = files::read_given(path, TEXT_BYTES)?;
    Certificate::from_pem(&String::from_utf8_lossy(&bytes))
        .map_err(|reason| ConfigError::Certificate { file: path.display().to_string(), reason })
}

/// The keys that every office has from the beginning.
pub fn key_names(profile: &Profile) -> Vec<KeyName> {
    let mut names = vec![
        KeyName::Root,
        KeyName::Issuing,
        KeyName::Status,
        KeyName::Report,
        KeyName::Answer,
        KeyName::Log,
        KeyName::Webhook,
    ];
    for slug in profile.departments.keys() {
        names.push(KeyName::Seal(slug.clone()));
        names.push(KeyName::Credential(slug.clone()));
    }
    names
}

/// Whether the environment asks for output without colours (`NO_COLOR`, set and not empty).
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The language of messages by the environment, in the order of POSIX (XBD 8.2): the first of the
/// variables that is set and not empty says it.
pub fn language() -> Language {
    let set = |name: &&str| std::env::var_os(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
    if locale.is_some_and(|locale| locale.as_encoded_bytes().starts_with(b"zh")) {
        Language::Zh
    } else {
        Language::En
    }
}

/// The passphrase from a file or the environment, read once.
pub fn passphrase(file: Option<&Path>) -> Result<Option<Secret>, ConfigError> {
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
    let variable = |name: &str| std::env::var(name).ok();
    let file = file
        .map(Path::to_owned)
        .or_else(|| variable("YINZHENG_PASSPHRASE_FILE").map(PathBuf::from));
    if let Some(file) = file {
        let mut bytes = files::read_secret_given(&file, 4096)?;
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        return Ok(Some(Secret::new(bytes)));
    }
    Ok(variable("YINZHENG_PASSPHRASE").map(|text| Secret::new(text.into_bytes())))
}

/// Directory of the access journal.
pub const ACCESS: &str = "access";
/// Entries of a directory that a refusal names.
const SHOWN: usize = 4;
/// Configuration files are a few kilobytes.
pub(super) const TEXT_BYTES: usize = 1 << 20;
