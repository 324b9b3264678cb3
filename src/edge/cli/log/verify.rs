//! `yinzheng log verify`: whether a copy continues what was seen before; the copy is brought up to
//! date first when it is said from where.

use std::path::{Path, PathBuf};

use super::{failed, keys, read_checkpoint};
use crate::base::limits::LogFetching;
use crate::domain::office::BaseUrl;
use crate::edge::cli::{Failure, render};
use crate::edge::files;
use crate::edge::link::Link;
use crate::edge::log::copy::{Checked, LogCopy};
use crate::edge::log::fetch::{Fetched, fetch};
use crate::format::note::checkpoint::LogSigned;
use crate::format::note::key::NoteKey;

#[derive(Debug, clap::Args)]
pub(in crate::edge::cli) struct Options {
    /// A directory with checkpoint and tile/, or with journal/ (a backup); with --url, made when it
    /// is not there.
    copy: PathBuf,
    /// A checkpoint that was kept from earlier; with --url, that of the copy when none is named.
    #[arg(long, value_name = "CHECKPOINT", required_unless_present = "url")]
    from: Option<PathBuf>,
    /// The key of the log, from another channel than the copy.
    #[arg(long, required = true, value_name = "VKEY")]
    log_key: Vec<String>,
    /// Fetch the newest checkpoint and what the copy lacks from this log first, for instance
    /// `https://licences.example.org/log`. Nothing else is asked, and no redirect is followed.
    #[arg(long)]
    url: Option<String>,
    /// Roots to trust for its server, in PEM; without it, those of the system.
    #[arg(long, requires = "url")]
    ca: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let keys = keys(&options.log_key)?;
    let held = options.copy.join("checkpoint");
    let Some(url) = &options.url else {
        let from = options.from.as_deref().unwrap_or(&held);
        let old = read_checkpoint(from, &keys)?.1;
        // A journal has no signed head of its own.
        let new = if held.is_file() { Some(read_checkpoint(&held, &keys)?.1) } else { None };
        return compare(&options.copy, Some(&old), new.as_ref());
    };
    let before = options.from.clone().or_else(|| held.is_file().then(|| held.clone()));
    let old = before.map(|path| read_checkpoint(&path, &keys)).transpose()?.map(|read| read.1);
    let fetched = bring_up_to_date(url, options, &keys)?;
    if let Err(refused) = compare(&options.copy, old.as_ref(), Some(&fetched.head)) {
        let path = options.copy.join("checkpoint-refused");
        files::write_durably(&path, fetched.note.as_bytes(), 0o644)?;
        let message = format!("{}\nwhat was served: {}", refused.message, path.display());
        return Err(Failure { message, ..refused });
    }
    // Only what was found right is what the next time begins from.
    files::write_durably(&held, fetched.note.as_bytes(), 0o644)?;
    render::say(&format!("{} tiles fetched", fetched.tiles));
    Ok(())
}

fn bring_up_to_date(url: &str, options: &Options, keys: &[NoteKey]) -> Result<Fetched, Failure> {
    let base = BaseUrl::parse(url.trim_end_matches('/'))
        .map_err(|error| Failure { message: format!("--url {url}: {error}"), code: 64 })?;
    let link = Link::new(base, options.ca.as_deref(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bounds = LogFetching::default();
    Ok(runtime.block_on(fetch(&link, &options.copy, keys, &bounds))?)
}

fn compare(copy: &Path, old: Option<&LogSigned>, new: Option<&LogSigned>) -> Result<(), Failure> {
    let (old, new) = (old.map(LogSigned::checkpoint), new.map(LogSigned::checkpoint));
    if let (Some(old), Some(new)) = (old, new) {
        if old.origin() != new.origin() {
            return Err(failed("the two checkpoints are of different logs".to_owned()));
        }
        if new.size() < old.size() {
            return Err(failed("the copy is older than the checkpoint that was kept".to_owned()));
        }
    }
    let old = old.map(|head| ("the earlier checkpoint", head));
    let new = new.map(|head| ("the checkpoint of the copy", head));
    let heads: Vec<_> = old.into_iter().chain(new).collect();
    let Checked { size, root } = LogCopy::open(copy)?.check(&heads)?;
    let origin = heads.first().map_or("", |(_, head)| head.origin());
    let before = match old {
        Some((_, old)) => format!(
            "the copy continues the earlier checkpoint: its first {} leaves have the root {}",
            old.size(),
            old.root()
        ),
        None => "the first checkpoint of this log; the next time begins from it".to_owned(),
    };
    render::say(&format!("{origin}\n{before}\nnow {size} leaves, root {root}"));
    Ok(())
}
