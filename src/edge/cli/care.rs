//! Looking after an office: check, backup, restore, doctor.

use std::path::Path;

use serde_json::Value;

use super::{Failure, render, text};
use crate::base::time::{Clock as _, Timestamp};
use crate::edge::backup;
use crate::edge::clock::SystemClock;
use crate::edge::config::{self, OfficeFolder};
use crate::edge::doctor::{self, StoreState, Weight};
use crate::edge::local::{self, LocalAct, LocalAnswer};
use crate::store::{self, Disk, Extent, OpenOptions, Store as _};

pub(super) fn check(dir: &Path) -> Result<u8, Failure> {
    let (profile, _) = OfficeFolder::new(dir).profile()?;
    match local::ask(dir, &LocalAct::Status)? {
        Some(LocalAnswer::Done(state)) => {
            audit(dir, &serde_json::from_value(state["extent"].clone())?)?;
            audit_accesses(dir, &serde_json::from_value(state["accesses"].clone())?)?;
            render::say("the office is being served; its index is checked when it is not");
        }
        Some(LocalAnswer::Failed { message, .. }) => return Err(Failure { message, code: 1 }),
        None => {
            let second_path = profile.second_path;
            let options = OpenOptions { second_path, ..OpenOptions::default() };
            let (store, opening) = Disk::open(dir, &options)?;
            let accesses = OfficeFolder::new(dir).open_accesses(&options)?;
            let documents = audit(dir, &store.extent())?;
            audit_accesses(dir, &accesses.extent())?;
            let licences = index_agrees(&store, documents)?;
            render::say(&format!(
                "the index has all of them: {licences} licences\ncut from a torn write: {} bytes",
                opening.cut
            ));
        }
    }
    Ok(0)
}

/// Reads the journal again and says what it has. Returns how many documents.
fn audit(dir: &Path, extent: &Extent) -> Result<u64, Failure> {
    let mut progress = render::Progress::new("events", extent.size);
    let seen = &mut |seen: store::Audited| progress.show(seen.events);
    let audited = store::audit(&dir.join("journal"), extent, seen)?;
    progress.done();
    render::say(&format!(
        "{} events, every root right; {} documents, every digest right\ntree root {}",
        audited.events, audited.documents, extent.root
    ));
    Ok(audited.documents)
}

/// Reads the journal of accesses again.
fn audit_accesses(dir: &Path, extent: &Extent) -> Result<(), Failure> {
    let mut progress = render::Progress::new("accesses", extent.size);
    let seen = &mut |seen: store::Audited| progress.show(seen.events);
    let audited = store::audit(&dir.join(config::ACCESS).join("journal"), extent, seen)?;
    progress.done();
    render::say(&format!(
        "{} events about accesses, every root right\naccess tree root {}",
        audited.events, extent.root
    ));
    Ok(())
}

/// Reads every document where the index says that it lies. Returns how many licences.
fn index_agrees(store: &Disk, documents: u64) -> Result<u64, Failure> {
    let mut progress = render::Progress::new("documents", documents);
    let (mut after, mut licences, mut count) = (String::new(), 0_u64, 0_u64);
    loop {
        let page = store.list(&after, 500)?;
        for stored in &page {
            for document in &stored.documents {
                store.document(document)?;
                count += 1;
                progress.show(count);
            }
            licences += 1;
        }
        match page.last().and_then(|last| serde_json::from_str::<Value>(&last.record).ok()) {
            Some(last) => after = text(&last, "id"),
            None => break,
        }
    }
    progress.done();
    if count != documents {
        let message = format!(
            "the index has {count} documents, the journal {documents}; run `yinzheng reindex`"
        );
        return Err(Failure { message, code: 1 });
    }
    Ok(licences)
}

pub(super) fn backup(dir: &Path, to: &Path) -> Result<u8, Failure> {
    let folder = OfficeFolder::new(dir);
    // The types and the profile are part of what is copied: a broken one is told now.
    let (profile, _) = folder.profile()?;
    let manifest = match local::ask(dir, &LocalAct::Status)? {
        Some(LocalAnswer::Done(state)) => {
            let extent = |name: &str| serde_json::from_value::<Extent>(state[name].clone());
            backup::take(dir, to, (&extent("extent")?, &extent("accesses")?))?
        }
        Some(LocalAnswer::Failed { message, .. }) => return Err(Failure { message, code: 1 }),
        None => {
            let second_path = profile.second_path;
            let options = OpenOptions { second_path, ..OpenOptions::default() };
            // Held until the copy is whole: no other process writes meanwhile.
            let (store, _) = Disk::open(dir, &options)?;
            let accesses = OfficeFolder::new(dir).open_accesses(&options)?;
            backup::take(dir, to, (&store.extent(), &accesses.extent()))?
        }
    };
    let bytes: u64 = manifest.files.iter().map(|file| file.length).sum();
    render::say(&format!(
        "{} events, {} files, {bytes} bytes copied to {}\ntree root {}\nThe keys in it are encrypted \
         with the present passphrase; keep both apart.",
        manifest.size,
        manifest.files.len(),
        to.display(),
        manifest.root
    ));
    Ok(0)
}

pub(super) fn restore(
    from: &Path,
    dir: &Path,
    left_out: u64,
    passphrase_file: Option<&Path>,
) -> Result<u8, Failure> {
    let manifest = backup::put_back(from, dir, left_out)?;
    let passphrase = config::passphrase(passphrase_file)?;
    // The note of the restoring makes the opening begin a new epoch.
    let (office, opening) = OfficeFolder::new(dir).open(passphrase, OpenOptions::default())?;
    render::say(&format!(
        "{} events restored into {}\n{}\nBe sure that the office it was copied from never works again.",
        manifest.size,
        dir.display(),
        super::epoch_begins(office.store().epoch()?, opening.behind, left_out)
    ));
    Ok(0)
}

pub(super) fn doctor(dir: &Path) -> Result<u8, Failure> {
    let folder = OfficeFolder::new(dir);
    let store: StoreState = match local::ask(dir, &LocalAct::Status)? {
        Some(LocalAnswer::Done(state)) => {
            Ok(state["last_event"].as_i64().and_then(Timestamp::from_unix))
        }
        Some(LocalAnswer::Failed { message, .. }) => Err(message),
        None if folder.exists() => {
            let second_path = folder.profile().ok().and_then(|(profile, _)| profile.second_path);
            let options = OpenOptions { second_path, ..OpenOptions::default() };
            let opened = Disk::open(dir, &options).map_err(|error| error.to_string());
            opened.and_then(|(store, _)| {
                folder.open_accesses(&options).map_err(|error| error.to_string())?;
                Ok(store.last_event())
            })
        }
        None => Err("there is no office here".to_owned()),
    };
    let found = doctor::examine(&folder, &store, SystemClock.now());
    for one in &found {
        let mark = match one.weight {
            Weight::Good => "✓",
            Weight::Warning => "!",
            Weight::Fault => "✗",
        };
        render::say(&format!("{mark} {}\n  {}", one.words.zh, one.words.en));
    }
    let worst = found.iter().map(|one| one.weight).max();
    Ok(u8::from(worst == Some(Weight::Fault)))
}
