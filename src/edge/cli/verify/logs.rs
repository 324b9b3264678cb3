//! What the command line and the trust folder ask of logs, and where proofs lie.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::failure::Failure;
use super::options::VerifyOptions;
use crate::base::localized::Localized;
use crate::base::time::Date;
use crate::edge::files;
use crate::format::note::key::{Kind, NoteKey};
use crate::verify::LogPolicy;

/// `log.toml` of a trust folder.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    log_keys: Vec<String>,
    witness_keys: Vec<String>,
    witnesses: usize,
    log_required_since: Option<String>,
}

/// Whether a file of a trust folder speaks of logs.
pub(super) fn is_policy(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "log.toml")
}

/// The name of the proof beside a document.
pub(super) fn proof_of(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".pdf").or_else(|| name.strip_suffix(".PDF"));
    Some(format!("{}{PROOF}", stem?))
}

/// Whether this lies beside a document, and is verified with it.
pub(super) fn is_proof(name: &str) -> bool {
    name.ends_with(PROOF)
}

/// The command line and every `log.toml` together; of two that ask for different things, the
/// stricter counts.
pub(super) fn policy(options: &VerifyOptions, trust: &[PathBuf]) -> Result<LogPolicy, Failure> {
    let mut policy = LogPolicy::default();
    let given = Written {
        log_keys: options.log_key.clone(),
        witness_keys: options.witness.clone(),
        witnesses: options.witnesses,
        log_required_since: options.log_required_since.clone(),
    };
    add(&mut policy, given, None)?;
    for path in trust.iter().filter(|path| is_policy(path)) {
        let text = files::text(path, &files::read(path, 64 << 10)?)?;
        let written = toml::from_str(&text);
        let written = written
            .map_err(|error| Failure { code: 64, ..Failure::not_toml(path, &text, &error) })?;
        add(&mut policy, written, Some(path))?;
    }
    if policy.needed > policy.witnesses.len() {
        let (needed, known) = (policy.needed, policy.witnesses.len());
        return Err(Failure::usage(
            format!("要求 {needed} 个见证方，但只知道 {known} 个的密钥：请用 --witness 写明"),
            format!(
                "{needed} witnesses are asked for, but the keys of {known} are known: name them with \
                 --witness"
            ),
        ));
    }
    if policy.required_since.is_some() && policy.logs.is_empty() {
        return Err(Failure::usage(
            "要求列入日志，但不知道任何日志的密钥：请用 --log-key 写明",
            "the log is required, but no log's key is known: name it with --log-key",
        ));
    }
    Ok(policy)
}

fn add(policy: &mut LogPolicy, written: Written, file: Option<&Path>) -> Result<(), Failure> {
    for (texts, kind, known) in [
        (&written.log_keys, Kind::Log, &mut policy.logs),
        (&written.witness_keys, Kind::Witness, &mut policy.witnesses),
    ] {
        for text in texts {
            let key = NoteKey::parse(text).ok().filter(|key| key.kind() == kind);
            let bad = || {
                let name = name(kind);
                wrong(
                    file,
                    option(kind),
                    text,
                    (&format!("不是{}的密钥", name.zh), &format!("is no key of a {}", name.en)),
                )
            };
            known.push(key.ok_or_else(bad)?);
        }
    }
    policy.needed = policy.needed.max(written.witnesses);
    if let Some(text) = &written.log_required_since {
        let bad = || {
            let words = ("不是日期，写作 2026-11-24", "is not a day such as 2026-11-24");
            wrong(file, "--log-required-since", text, words)
        };
        let day = Date::parse(text).ok_or_else(bad)?;
        let earlier = policy.required_since.is_none_or(|known| day < known);
        policy.required_since = if earlier { Some(day) } else { policy.required_since };
    }
    Ok(())
}

fn name(kind: Kind) -> Localized {
    match kind {
        Kind::Log => Localized::new("日志", "log"),
        Kind::Witness => Localized::new("见证方", "witness"),
    }
}

const fn option(kind: Kind) -> &'static str {
    match kind {
        Kind::Log => "--log-key",
        Kind::Witness => "--witness",
    }
}

/// What is wrong with a value, and where it stands: in a file, or behind an option.
fn wrong(file: Option<&Path>, option: &str, value: &str, (zh, en): (&str, &str)) -> Failure {
    let place = file.map_or_else(|| option.to_owned(), |file| file.display().to_string());
    Failure::usage(format!("{place}：{value:?} {zh}"), format!("{place}: {value:?} {en}"))
}

const PROOF: &str = ".tlog-proof";
