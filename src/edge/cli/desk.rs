//! An office for several acts in a row: the process that serves it, or the office opened here once.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::failure::{Failure, outcome};
use crate::edge::config::{self, OfficeFolder};
use crate::edge::local::{self, LocalAct};
use crate::service::office::Office;
use crate::store::OpenOptions;

/// Where the office is, and how its keys open.
#[derive(Debug, clap::Args)]
pub(super) struct OfficeArguments {
    /// Where the office lies.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// File with the passphrase.
    #[arg(long)]
    pub(super) passphrase_file: Option<PathBuf>,
}

pub(super) struct Desk {
    dir: PathBuf,
    office: Option<Office>,
}

impl Desk {
    pub(super) fn open(dir: &Path, passphrase_file: Option<&Path>) -> Result<Self, Failure> {
        let served = local::ask(dir, &LocalAct::Status)?.is_some();
        let open = || {
            let passphrase = config::passphrase(passphrase_file)?;
            OfficeFolder::new(dir).open(passphrase, OpenOptions::default())
        };
        let office = (!served).then(open).transpose()?.map(|(office, _)| office);
        Ok(Self { dir: dir.to_owned(), office })
    }

    pub(super) fn act<T: DeserializeOwned>(&self, act: LocalAct) -> Result<T, Failure> {
        let answer = match &self.office {
            Some(office) => local::perform(office, act),
            None => local::ask(&self.dir, &act)?.ok_or_else(|| {
                Failure::new(
                    "机构停止了服务，请重新执行",
                    "the office stopped serving; begin again",
                )
            })?,
        };
        outcome(answer)
    }

    /// What was done is durable, whatever becomes of the index: it must not be done again.
    pub(super) fn close(self) {
        if let Some(Err(error)) = self.office.map(|office| office.close()) {
            tracing::warn!(%error, "the index was not closed in order; it is made anew");
        }
    }
}
