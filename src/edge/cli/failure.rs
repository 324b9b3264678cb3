//! Why a command failed, and how an act is done through the serving process or here.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::render;
use crate::base::localized::{Bilingual, Language, Localized};
use crate::base::secret::Secret;
use crate::domain::toml_place;
use crate::edge::config::{self, OfficeFolder};
use crate::edge::local::{self, LocalAct, LocalAnswer};
use crate::store::OpenOptions;

/// A sentence for the user and the exit code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) message: Localized,
    pub(super) code: u8,
}

impl Failure {
    /// What was asked for was not done.
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { message: Localized::new(zh, en), code: 1 }
    }

    /// The command line asks for what cannot be.
    pub(super) fn usage(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { message: Localized::new(zh, en), code: 64 }
    }

    /// What is wrong with a small TOML file of the operator's own.
    pub(super) fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let (place, why) = (toml_place::place(text, error), toml_place::reason(text, error));
        let path = path.display();
        Self::new(
            format!("{path}：{}：{}", place.zh, why.zh),
            format!("{path}: {}: {}", place.en, why.en),
        )
    }

    /// What is wrong with the value of an option, or with the file that it names.
    pub(super) fn of_value(option: impl std::fmt::Display, what: &Localized) -> Self {
        let Localized { zh, en } = what;
        Self::usage(format!("{option}：{zh}"), format!("{option}: {en}"))
    }
}

/// Why the value of an argument is refused, for clap.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.en)]
pub(super) struct BadValue(pub(super) Localized);

impl BadValue {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Localized::new(zh, en))
    }
}

impl<E: Bilingual> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { message: error.both(), code: 1 }
    }
}

/// The passphrase, or what to do about it.
pub(super) fn needed(passphrase: Option<Secret>) -> Result<Secret, Failure> {
    passphrase.ok_or_else(|| {
        Failure::usage(
            "需要密钥的密码：--passphrase-file FILE、YINZHENG_PASSPHRASE_FILE 或 YINZHENG_PASSPHRASE",
            "a passphrase for the keys is needed: --passphrase-file FILE, \
             YINZHENG_PASSPHRASE_FILE or YINZHENG_PASSPHRASE",
        )
    })
}

/// A passphrase for keys that are made or encrypted anew. Whoever copies a key file can try as many as
/// a machine has time for; keys of before open with what they have.
pub(super) fn new_passphrase(passphrase: Option<Secret>) -> Result<Secret, Failure> {
    let passphrase = needed(passphrase)?;
    let characters = String::from_utf8_lossy(passphrase.expose()).chars().count();
    if characters >= PASSPHRASE_CHARACTERS {
        return Ok(passphrase);
    }
    Err(Failure::usage(
        format!("密码过短：密钥的密码至少 {PASSPHRASE_CHARACTERS} 个字符，例如几个不相关的词"),
        format!(
            "the passphrase is too short: a passphrase for keys has {PASSPHRASE_CHARACTERS} characters \
             or more, for instance several words that have nothing to do with each other"
        ),
    ))
}

/// Does an act through the process that serves, or here. Each act has an answer of one type.
pub(super) fn answer_to<T: DeserializeOwned>(
    dir: &Path,
    act: LocalAct,
    passphrase_file: Option<&Path>,
) -> Result<T, Failure> {
    let answer = match local::ask(dir, &act)? {
        Some(answer) => answer,
        None => {
            let passphrase = config::passphrase(passphrase_file)?;
            let (office, _) = OfficeFolder::new(dir).open(passphrase, OpenOptions::default())?;
            let answer = local::perform(&office, act);
            // What was done is durable, whatever becomes of the index: it must not be done again.
            if let Err(error) = office.close() {
                tracing::warn!(%error, "the index was not closed in order; it is made anew");
            }
            answer
        }
    };
    outcome(answer)
}

pub(super) fn outcome<T: DeserializeOwned>(answer: LocalAnswer) -> Result<T, Failure> {
    match answer {
        LocalAnswer::Done(value) => Ok(serde_json::from_value(value)?),
        LocalAnswer::Failed { message, faults } => {
            let mut failure = Failure { message, code: 1 };
            for fault in &faults {
                failure.message.zh.push_str(&render::fault(fault, Language::Zh));
                failure.message.en.push_str(&render::fault(fault, Language::En));
            }
            Err(failure)
        }
    }
}

/// Four random words have more; what people type from memory seldom has.
const PASSPHRASE_CHARACTERS: usize = 12;
