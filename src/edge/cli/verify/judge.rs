//! Who judges: a verifier of files alone, an office that is opened here, or the one that serves.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::failure::Failure;
use super::super::render;
use super::asking::Asking;
use super::logs;
use super::options::VerifyOptions;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::localized::{Bilingual as _, Language, Localized};
use crate::base::time::{Clock as _, Timestamp};
use crate::domain::licence::sheet::Press;
use crate::domain::report_pdf;
use crate::edge::clock::{self, SystemClock};
use crate::edge::config::{self, ConfigError, OfficeFolder};
use crate::edge::files::{self, FileError};
use crate::edge::local::{self, LocalAct, LocalAnswer, PaperAnswer};
use crate::format::x509::Certificate;
use crate::service::office::Office;
use crate::store::OpenOptions;
use crate::verify::{Challenge, Verifier};

/// What a verification works with. Threads share it.
pub(super) enum Judge {
    Offline(Box<Offline>),
    Here(Box<Office>),
    Served(PathBuf),
}

/// The report, and the printed one when it was asked for.
pub(super) struct Judged {
    pub(super) report: Value,
    pub(super) page: Option<Vec<u8>>,
}

impl Judge {
    pub(super) fn open(options: &VerifyOptions, language: Language) -> Result<Self, Failure> {
        let Some(dir) = &options.dir else {
            return Ok(Self::Offline(Box::new(Offline::gather(options, language)?)));
        };
        if local::ask(dir, &LocalAct::Status)?.is_some() {
            return Ok(Self::Served(dir.clone()));
        }
        let passphrase = config::passphrase(None)?;
        let (office, _) = OfficeFolder::new(dir).open(passphrase, OpenOptions::default())?;
        Ok(Self::Here(Box::new(office)))
    }

    /// Says after the last file what was asked for in vain.
    pub(super) fn end(&self) {
        if let Self::Offline(offline) = self {
            offline.asking.complain_of_hosts();
        }
    }

    /// Verifies one file; with a printed report when `page` says so.
    /// `proof` lay beside it; an office looks into its own log instead.
    pub(super) fn verify(
        &self,
        name: &str,
        bytes: &[u8],
        proof: Option<&str>,
        page: bool,
    ) -> Result<Judged, Failure> {
        match self {
            Self::Offline(offline) => offline.verify(name, bytes, proof, page),
            Self::Here(office) => {
                if page {
                    let (report, pdf) =
                        office.verify_on_paper(&Actor::LocalOperator, name, bytes)?;
                    return Ok(Judged { report: serde_json::to_value(report)?, page: Some(pdf) });
                }
                let report = serde_json::to_value(office.verify(name, bytes))?;
                Ok(Judged { report, page: None })
            }
            Self::Served(dir) => served(dir, name, bytes, page),
        }
    }
}

fn served(dir: &Path, name: &str, bytes: &[u8], page: bool) -> Result<Judged, Failure> {
    let (file, bytes) = (name.to_owned(), bytes.to_vec());
    let act = if page {
        LocalAct::VerifyOnPaper { file, bytes }
    } else {
        LocalAct::Verify { file, bytes }
    };
    match local::ask(dir, &act)? {
        Some(LocalAnswer::Done(report)) if !page => Ok(Judged { report, page: None }),
        Some(LocalAnswer::Done(both)) => {
            let PaperAnswer { report, pdf } = serde_json::from_value(both)?;
            Ok(Judged { report, page: Some(pdf) })
        }
        Some(LocalAnswer::Failed { message, .. }) => Err(Failure { message, code: 1 }),
        None => {
            let dir = dir.display();
            Err(Failure::new(
                format!("{dir} 中的机构停止了服务，请重新执行"),
                format!("the office in {dir} stopped serving; begin again"),
            ))
        }
    }
}

/// Roots, lists and an instant.
pub(super) struct Offline {
    asking: Asking,
    challenge: Option<Challenge>,
    now: Timestamp,
    roots: Vec<Certificate>,
    /// The proof that was named, for whatever file is verified.
    proof: Option<String>,
    /// Only when reports are printed: it takes a moment to load.
    press: Option<Press>,
}

impl Offline {
    fn gather(options: &VerifyOptions, language: Language) -> Result<Self, Failure> {
        let now = match &options.at {
            None => SystemClock.now(),
            Some(text) => Timestamp::parse(text).ok_or_else(|| {
                Failure::usage(
                    format!("--at {text}：时刻写作 2026-11-24T00:00:00Z"),
                    format!("--at {text}: not a time such as 2026-11-24T00:00:00Z"),
                )
            })?,
        };
        let (mut roots, mut trust) = (Vec::new(), Vec::new());
        for path in &options.trust {
            let known = roots.len();
            let inside = expand(path)?;
            for file in inside.iter().filter(|file| !logs::is_policy(file)) {
                match config::read_certificates(file) {
                    Ok(certificates) => roots.extend(certificates),
                    Err(error) if path.is_dir() => {
                        render::complain(left_out(&error).of(language));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            if path.is_dir()
                && roots.len() == known
                && !inside.iter().any(|file| logs::is_policy(file))
            {
                return Err(no_root(path));
            }
            trust.extend(inside);
        }
        let anchors: String = roots.iter().map(Certificate::to_pem).collect();
        let mut verifier = match anchors.as_str() {
            "" => Verifier::default(),
            roots => Verifier::with_roots(roots)?,
        };
        verifier.set_clock(SystemClock.now());
        verifier.interrupt_with(clock::deadline);
        verifier.require_revocation(options.require_revocation);
        verifier.set_log_policy(logs::policy(options, &trust)?);
        let proof = match &options.proof {
            Some(path) => Some(files::text(path, &files::read_given(path, PROOF_BYTES)?)?),
            None => None,
        };
        for path in &options.crl {
            verifier
                .add_crl(&files::read_given(path, 16 << 20)?)
                .map_err(|error| Failure::of_value(path.display(), &error.both()))?;
        }
        for path in &options.ocsp {
            verifier
                .add_ocsp(&files::read_given(path, 1 << 20)?)
                .map_err(|error| Failure::of_value(path.display(), &error.both()))?;
        }
        let asking = Asking::new(verifier, &options.fetch_from, language)
            .map_err(|error| Failure::of_value("--fetch-from", &error.both()))?;
        for path in &options.status {
            let text = files::text(path, &files::read_given(path, 16 << 20)?)?;
            if let Err(error) = asking.add_status_list(&text, now) {
                let (path, Localized { zh, en }) = (path.display(), error.both());
                let words = Localized::new(
                    format!("{path}：未采用：{zh}"),
                    format!("{path}: not used: {en}"),
                );
                render::complain(words.of(language));
            }
        }
        let challenge = match options.nonce.as_deref().zip(options.aud.as_deref()) {
            None => None,
            Some((nonce, aud)) => Some(Challenge::new(nonce, aud).ok_or_else(|| {
                Failure::usage("--nonce 和 --aud 不能为空", "--nonce and --aud must not be empty")
            })?),
        };
        let press = match &options.report {
            Some(_) => Some(Press::new().ok_or_else(fonts)?),
            None => None,
        };
        Ok(Self { asking, challenge, now, roots, proof, press })
    }

    fn verify(
        &self,
        name: &str,
        bytes: &[u8],
        proof: Option<&str>,
        page: bool,
    ) -> Result<Judged, Failure> {
        let proof = self.proof.as_deref().or(proof);
        let report = self.asking.verify(self.now, |verifier| match &self.challenge {
            None => verifier.verify_with_gap(name, bytes, proof, self.now),
            Some(challenge) => verifier.verify_answer_with_gap(name, bytes, challenge, self.now),
        });
        let page = match self.press.as_ref().filter(|_| page) {
            None => None,
            Some(press) => {
                let content = report_pdf::ReportContent {
                    report: &report,
                    size: bytes.len(),
                    digest: Digest::of(&[bytes]),
                    roots: &self.roots,
                    office: None,
                    demo: false,
                };
                Some(report_pdf::compose(press, &content).ok_or_else(fonts)?)
            }
        };
        Ok(Judged { report: serde_json::to_value(report)?, page })
    }
}

fn fonts() -> Failure {
    Failure::new("无法绘制报告：字体出错", "the report could not be drawn: the fonts failed")
}

/// A file, or the files of a directory.
fn expand(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let entries = entries.map(|entry| entry.map(|one| one.path()));
    let mut inside = entries.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    inside.retain(|path| path.is_file());
    inside.sort();
    Ok(inside)
}

/// Something else may lie beside roots, and a root that is missing makes no file look better.
fn left_out(error: &ConfigError) -> Localized {
    let Localized { zh, en } = error.both();
    Localized::new(
        format!("不是根证书（PEM），已略过：{zh}"),
        format!("left out, no root certificate in PEM: {en}"),
    )
}

fn no_root(path: &Path) -> Failure {
    let path = path.display();
    Failure::usage(
        format!("--trust {path}：目录里没有根证书"),
        format!("--trust {path}: there is no root certificate (PEM) in the directory"),
    )
}

/// A proof with sixteen witnesses has 5 KB.
const PROOF_BYTES: usize = 256 << 10;
