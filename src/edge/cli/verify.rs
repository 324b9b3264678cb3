//! `yinzheng verify`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::Value;

use super::{Failure, act_with, render};
use crate::base::limits::Budget;
use crate::base::time::{Clock as _, Timestamp};
use crate::domain::verify::assess;
use crate::edge::clock::SystemClock;
use crate::edge::config;
use crate::edge::files::{self, FileError};
use crate::edge::local::LocalAct;
use crate::verify::{Challenge, Report, Verifier};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// PDFs or credentials, or directories of them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A root certificate to trust (PEM), or a directory of them.
    #[arg(long)]
    trust: Vec<PathBuf>,
    /// A status list token.
    #[arg(long)]
    status: Vec<PathBuf>,
    /// A certificate revocation list (DER).
    #[arg(long)]
    crl: Vec<PathBuf>,
    /// Verify for this instant instead of now, such as 2026-11-24T00:00:00Z; a status list counts
    /// when it speaks for it.
    #[arg(long)]
    at: Option<String>,
    /// Refuse when nothing is known of the revocation of certificates.
    #[arg(long)]
    require_revocation: bool,
    /// The nonce that the holder was asked to sign; then only a credential that its holder signed
    /// for this request is accepted.
    #[arg(long, requires = "aud", conflicts_with = "dir")]
    nonce: Option<String>,
    /// For whom the holder signs: this verifier as the holder knows it.
    #[arg(long, requires = "nonce", conflicts_with = "dir")]
    aud: Option<String>,
    /// Use the roots and the memory of this office.
    #[arg(long, conflicts_with_all = ["trust", "status", "crl", "at", "require_revocation"])]
    dir: Option<PathBuf>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<u8, Failure> {
    let offline = if options.dir.is_none() { Some(Offline::gather(options)?) } else { None };
    let mut codes = Vec::new();
    for file in &expand(&options.files)? {
        let report = one(options, offline.as_ref(), file)?;
        if options.json {
            render::say(&report.to_string());
        } else {
            render::report(&report);
        }
        codes.push(exit_code(&report));
    }
    // The worst decides, in this order.
    Ok([1, 66, 4, 2, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0))
}

/// What a verification without an office works with.
struct Offline {
    verifier: Verifier,
    challenge: Option<Challenge>,
    now: Timestamp,
}

impl Offline {
    fn gather(options: &Options) -> Result<Self, Failure> {
        let usage = |message: String| Failure { message, code: 64 };
        let now = match &options.at {
            None => SystemClock.now(),
            Some(text) => Timestamp::parse(text).ok_or_else(|| {
                usage(format!("--at {text}: not a time such as 2026-11-24T00:00:00Z"))
            })?,
        };
        let mut anchors = String::new();
        for path in expand(&options.trust)? {
            for root in config::read_certificates(&path)? {
                anchors.push_str(&root.to_pem());
            }
        }
        let mut verifier = match anchors.as_str() {
            "" => Verifier::default(),
            roots => Verifier::with_roots(roots)?,
        };
        verifier.require_revocation(options.require_revocation);
        for path in &options.crl {
            verifier
                .add_crl(&files::read(path, 16 << 20)?)
                .map_err(|error| usage(format!("{}: {error}", path.display())))?;
        }
        for path in &options.status {
            let text = String::from_utf8_lossy(&files::read(path, 16 << 20)?).into_owned();
            if let Err(error) = verifier.add_status_list(&text, now) {
                render::complain(&format!("{}: not used: {error}", path.display()));
            }
        }
        let challenge = match options.nonce.as_deref().zip(options.aud.as_deref()) {
            None => None,
            Some((nonce, aud)) => Some(
                Challenge::new(nonce, aud)
                    .ok_or_else(|| usage("--nonce and --aud must not be empty".to_owned()))?,
            ),
        };
        Ok(Self { verifier, challenge, now })
    }

    fn verify(&self, name: &str, bytes: &[u8]) -> Report {
        match &self.challenge {
            None => self.verifier.verify(name, bytes, self.now),
            Some(challenge) => self.verifier.verify_answer(name, bytes, challenge, self.now),
        }
    }
}

fn one(options: &Options, offline: Option<&Offline>, file: &Path) -> Result<Value, Failure> {
    let name = file.display().to_string();
    let most = Budget::default().file_bytes;
    let bytes = match files::read(file, most) {
        Ok(bytes) => bytes,
        Err(error @ FileError::TooLarge { .. }) => {
            return Ok(unreadable(&name, "文件过大", &error));
        }
        Err(error) => return Ok(unreadable(&name, "文件打不开", &error)),
    };
    match (offline, &options.dir) {
        (None, Some(dir)) => {
            let act = LocalAct::Verify { file: name, bytes: STANDARD.encode(bytes) };
            act_with(dir, act, None)
        }
        (Some(offline), _) => Ok(serde_json::to_value(offline.verify(&name, &bytes))?),
        (None, None) => Err(Failure { message: "nothing to verify with".to_owned(), code: 64 }),
    }
}

fn unreadable(file: &str, zh: &str, error: &FileError) -> Value {
    let report = assess::unreadable(file, SystemClock.now(), zh, &error.to_string());
    serde_json::to_value(report).unwrap_or_default()
}

fn exit_code(report: &Value) -> u8 {
    use crate::domain::verify::report::Verdict;
    let verdict = report.get("verdict").and_then(Value::as_str).unwrap_or_default();
    Verdict::ALL.into_iter().find(|known| known.code() == verdict).map_or(66, Verdict::exit_code)
}

/// Files, and the files of directories.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path)?.map(|entry| entry.map(|one| one.path()));
            let mut inside = entries.collect::<Result<Vec<_>, _>>()?;
            inside.retain(|path| path.is_file());
            inside.sort();
            all.extend(inside);
        } else {
            all.push(path.clone());
        }
    }
    Ok(all)
}
