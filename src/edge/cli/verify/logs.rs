//! What the command line and the trust folder ask of logs, and where proofs lie.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::failure::Failure;
use super::options::Options;
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
pub(super) fn policy(options: &Options, trust: &[PathBuf]) -> Result<LogPolicy, Failure> {
    let mut policy = LogPolicy::default();
    let given = Written {
        log_keys: options.log_key.clone(),
        witness_keys: options.witness.clone(),
        witnesses: options.witnesses,
        log_required_since: options.log_required_since.clone(),
    };
    add(&mut policy, given, "the command line")?;
    for path in trust.iter().filter(|path| is_policy(path)) {
        let place = path.display().to_string();
        let text = files::text(path, &files::read(path, 64 << 10)?)?;
        let written = toml::from_str(&text);
        let written = written.map_err(|error| usage(format!("{place}: {}", error.message())))?;
        add(&mut policy, written, &place)?;
    }
    if policy.needed > policy.witnesses.len() {
        return Err(usage(format!(
            "{} witnesses are asked for, but the keys of {} are known: name them with --witness",
            policy.needed,
            policy.witnesses.len()
        )));
    }
    if policy.required_since.is_some() && policy.logs.is_empty() {
        let message = "the log is required, but no log's key is known: name it with --log-key";
        return Err(usage(message.to_owned()));
    }
    Ok(policy)
}

fn add(policy: &mut LogPolicy, written: Written, place: &str) -> Result<(), Failure> {
    for (texts, kind, known) in [
        (&written.log_keys, Kind::Log, &mut policy.logs),
        (&written.witness_keys, Kind::Witness, &mut policy.witnesses),
    ] {
        for text in texts {
            let key = NoteKey::parse(text).ok().filter(|key| key.kind() == kind);
            let bad = || usage(format!("{place}: {text:?} is no key of a {}", name(kind)));
            known.push(key.ok_or_else(bad)?);
        }
    }
    policy.needed = policy.needed.max(written.witnesses);
    if let Some(text) = &written.log_required_since {
        let bad = || usage(format!("{place}: {text:?} is not a day such as 2026-11-24"));
        let day = Date::parse(text).ok_or_else(bad)?;
        let earlier = policy.required_since.is_none_or(|known| day < known);
        policy.required_since = if earlier { Some(day) } else { policy.required_since };
    }
    Ok(())
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Log => "log",
        Kind::Witness => "witness",
    }
}

fn usage(message: String) -> Failure {
    Failure::usage_said(message)
}

const PROOF: &str = ".tlog-proof";
