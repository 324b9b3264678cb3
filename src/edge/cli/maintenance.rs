//! Looking after an office: init, passphrase, recover, reindex, check, backup, restore, doctor.

use std::path::Path;

use serde::de::IgnoredAny;

use super::failure::{Failure, answer_to, needed, new_passphrase, outcome};
use super::render;
use crate::base::actor::Actor;
use crate::base::time::Clock as _;
use crate::domain::licence::kind::Definition;
use crate::domain::licence::record::Licence;
use crate::edge::backup;
use crate::edge::clock::SystemClock;
use crate::edge::config::{self, ConfigError, OfficeFolder};
use crate::edge::doctor::{self, Remembered, StoreState, Weight};
use crate::edge::files;
use crate::edge::keys::{KeyError, KeyFolder};
use crate::edge::last_time::LastTimeFile;
use crate::edge::local::{self, LocalAct, StatusAnswer};
use crate::service::access::{DoorClosed, LastTime as _};
use crate::service::keys::KeyName;
use crate::service::office::Office;
use crate::service::recover::{LEFT_OUT_UNKNOWN, left_out_after};
use crate::service::webhooks::kept_webhook_keys;
use crate::store::{self, Disk, Extent, OpenOptions, Opening, Store as _, StoreError};

/// Makes an office with keys of its own.
pub(super) fn init(
    dir: &Path,
    office: &Path,
    passphrase_file: Option<&Path>,
) -> Result<u8, Failure> {
    let toml = files::text(office, &files::read_given(office, 1 << 20)?)?;
    let passphrase = new_passphrase(config::passphrase(passphrase_file)?)?;
    let folder = OfficeFolder::new(dir);
    folder.create(&toml, passphrase)?;
    let root = config::read_certificate(&dir.join("certs/root.pem"))?;
    render::say(&format!(
        "office made in {}\nroot SHA-256 {}\nnext: yinzheng serve --dir {}",
        dir.display(),
        root.fingerprint().to_fingerprint(),
        dir.display()
    ));
    Ok(0)
}

/// Encrypts every key anew.
pub(super) fn change_passphrase(
    dir: &Path,
    passphrase_file: Option<&Path>,
    new_file: &Path,
) -> Result<u8, Failure> {
    let old = needed(config::passphrase(passphrase_file)?)?;
    let new = new_passphrase(config::passphrase(Some(new_file))?)?;
    let count = OfficeFolder::new(dir).change_passphrase(old, &new)?;
    render::say(&format!("{count} keys encrypted anew"));
    Ok(0)
}

/// What an operator says is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted {
    /// The clock, though it is behind the last event.
    pub(super) clock: bool,
    /// This copy, though a newer one is lost.
    pub(super) rollback: bool,
}

/// Lets an office seal again.
pub(super) fn recover(
    dir: &Path,
    accepted: Accepted,
    passphrase_file: Option<&Path>,
) -> Result<u8, Failure> {
    if accepted.rollback {
        recover_rollback(dir, passphrase_file)?;
    } else if accepted.clock {
        let _: IgnoredAny = answer_to(dir, LocalAct::ConfirmClock, passphrase_file)?;
    } else {
        let message = "say what is accepted: --accept-clock or --accept-rollback";
        return Err(Failure { message: message.to_owned(), code: 64 });
    }
    render::say("confirmed: the office seals again");
    Ok(0)
}

fn recover_rollback(dir: &Path, passphrase_file: Option<&Path>) -> Result<(), Failure> {
    let options = OpenOptions { accept_rollback: true, ..OpenOptions::default() };
    let passphrase = config::passphrase(passphrase_file)?;
    let (office, opening) = OfficeFolder::new(dir).open(passphrase, options)?;
    let actor = Actor::LocalOperator;
    office
        .confirm_clock(&actor)
        .map_err(|error| Failure { message: error.to_string(), code: 1 })?;
    let left_out = match opening.behind {
        0 => LEFT_OUT_UNKNOWN,
        lost => left_out_after(lost),
    };
    let epoch = office.begin_epoch(&actor, left_out)?;
    render::say(&epoch_begins(epoch, opening.behind, left_out));
    Ok(())
}

/// Makes the index anew from the journal.
pub(super) fn reindex(dir: &Path) -> Result<u8, Failure> {
    // A directory without an office stays as it is.
    OfficeFolder::new(dir).profile()?;
    let options = OpenOptions { reindex: true, ..OpenOptions::default() };
    let (_, opening) = Disk::open(dir, &options)?;
    OfficeFolder::new(dir).open_accesses(&options)?;
    render::say(&format!("index made anew from {} events{}", opening.replayed, torn(&opening)));
    Ok(0)
}

pub(super) fn check(dir: &Path) -> Result<u8, Failure> {
    let (profile, _) = OfficeFolder::new(dir).profile()?;
    match local::ask(dir, &LocalAct::Status)? {
        Some(answer) => {
            let state: StatusAnswer = outcome(answer)?;
            audit(dir, &state.extent)?;
            audit_accesses(dir, &state.accesses)?;
            render::say("the office is being served; its index is checked when it is not");
        }
        None => {
            let second_path = profile.second_path;
            let options = OpenOptions { second_path, ..OpenOptions::default() };
            let (store, opening) = Disk::open(dir, &options)?;
            let accesses = OfficeFolder::new(dir).open_accesses(&options)?;
            let documents = audit(dir, &store.extent())?;
            audit_accesses(dir, &accesses.extent())?;
            let licences = index_agrees(&store, documents)?;
            if opening.index_anew {
                render::say("the index was damaged and was made anew from the journal");
            }
            render::say(&format!(
                "the index has all of them: {licences} licences{}",
                torn(&opening)
            ));
        }
    }
    Ok(0)
}

/// What the opening cut off, when there was something.
fn torn(opening: &Opening) -> String {
    match opening.cut {
        0 => String::new(),
        cut => format!("\ncut from a torn write: {cut} bytes"),
    }
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
        let page = store.reader().list(&after, 500)?;
        for stored in &page {
            for document in &stored.documents {
                store.reader().document(document)?;
                count += 1;
                progress.show(count);
            }
            licences += 1;
        }
        match page.last() {
            Some(last) => after = last.read::<Licence>()?.id.to_string(),
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
        Some(answer) => {
            let state: StatusAnswer = outcome(answer)?;
            backup::take(dir, to, (&state.extent, &state.accesses))?
        }
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
        epoch_begins(office.store().reader().epoch()?, opening.behind, left_out)
    ));
    Ok(0)
}

fn epoch_begins(epoch: u32, lost: u64, left_out: u64) -> String {
    let lost = match lost {
        0 => "how many events are lost is not known".to_owned(),
        lost => format!("{lost} events are lost"),
    };
    format!(
        "{lost}; epoch {epoch} begins with serials and a status list of its own, and {left_out} \
         numbers of each type stay unused\nwhen acts are missing, the log is another than was \
         published: say so, and give it another key with `yinzheng log new-key` (docs/LOG.md)"
    )
}

/// What a start would say of letting clients in.
fn closed_door(dir: &Path) -> Option<String> {
    let now = SystemClock.now();
    match LastTimeFile::of(dir).last() {
        Err(error) => Some(error.to_string()),
        Ok(Some(last)) if last > now => {
            let back = last.unix().saturating_sub(now.unix());
            Some(DoorClosed::ClockWentBack(back).to_string())
        }
        Ok(_) => None,
    }
}

/// Why the key of the log cannot be used. Without the passphrase only its file is looked at; one that
/// is missing is told with the other keys.
fn log_key(folder: &OfficeFolder) -> Option<String> {
    let passphrase = config::passphrase(None).ok().flatten();
    let keys = KeyFolder::new(folder.path().join("keys"), passphrase);
    if folder.is_demo() || !keys.path(&KeyName::Log).exists() {
        return None;
    }
    match keys.check_ed25519(&KeyName::Log) {
        Ok(()) | Err(KeyError::NoPassphrase(_)) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// Why the next start would be refused, though files and data can be read.
fn next_start(
    folder: &OfficeFolder,
    is_other: &dyn Fn(&Definition) -> Result<bool, StoreError>,
) -> Option<String> {
    // What is wrong with the files themselves is told with them.
    let (profile, types) = folder.profile().ok()?;
    let opens = Office::would_open(&profile, &types, is_other);
    opens.err().map(|error| error.to_string())
}

/// What the process that serves says of itself, and what it knows for the next start.
fn served(folder: &OfficeFolder, state: StatusAnswer) -> Remembered {
    let is_other = |one: &Definition| {
        Ok(state.definitions.get(&one.vct).is_some_and(|integrity| *integrity != one.integrity))
    };
    Remembered {
        next_start: next_start(folder, &is_other),
        last_event: state.last_event,
        webhook_keys: state.webhook_keys,
        closed_door: state.closed_door,
        log_key: state.log_key,
        refuses: state.refuses,
    }
}

/// What the store says when nobody serves.
fn at_rest(dir: &Path, folder: &OfficeFolder) -> Result<Remembered, ConfigError> {
    let second_path = folder.profile().ok().and_then(|(profile, _)| profile.second_path);
    let options = OpenOptions { second_path, ..OpenOptions::default() };
    let (store, _) = Disk::open(dir, &options)?;
    folder.open_accesses(&options)?;
    let is_other = |one: &Definition| {
        let known = store.reader().definition(&one.vct)?;
        Ok(known.is_some_and(|document| document != one.document))
    };
    Ok(Remembered {
        last_event: store.last_event(),
        webhook_keys: kept_webhook_keys(&store)?.map(|(keys, _)| keys),
        closed_door: closed_door(dir),
        log_key: log_key(folder),
        refuses: None,
        next_start: next_start(folder, &is_other),
    })
}

pub(super) fn doctor(dir: &Path) -> Result<u8, Failure> {
    let folder = OfficeFolder::new(dir);
    let store: StoreState = match local::ask(dir, &LocalAct::Status)? {
        Some(answer) => outcome(answer)
            .map(|state| served(&folder, state))
            .map_err(|failure: Failure| failure.message),
        None if folder.exists() => at_rest(dir, &folder).map_err(|error| error.to_string()),
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
