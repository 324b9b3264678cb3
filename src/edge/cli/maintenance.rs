//! Looking after an office: init, passphrase, recover, reindex, check, backup, doctor.

use std::path::Path;

use serde::de::IgnoredAny;

use super::failure::{Failure, answer_to, needed, new_passphrase, outcome};
use super::{render, restore};
use crate::base::localized::{Bilingual as _, Language, Localized};
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
use crate::service::numbers;
use crate::service::office::Office;
use crate::service::webhooks::kept_webhook_keys;
use crate::store::{self, Disk, Extent, OpenOptions, Opening, Store as _, StoreError};

/// Makes an office with keys of its own.
pub(super) fn init(
    dir: &Path,
    office: &Path,
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<u8, Failure> {
    let toml = files::text(office, &files::read_given(office, 1 << 20)?)?;
    let passphrase = new_passphrase(config::passphrase(passphrase_file)?)?;
    let folder = OfficeFolder::new(dir);
    folder.create(&toml, passphrase)?;
    let root = config::read_certificate(&dir.join("certs/root.pem"))?;
    let (dir, root) = (dir.display(), root.fingerprint().to_fingerprint());
    render::tell(
        language,
        format!("机构已建立：{dir}\n根证书 SHA-256 {root}\n下一步：yinzheng serve --dir {dir}"),
        format!("office made in {dir}\nroot SHA-256 {root}\nnext: yinzheng serve --dir {dir}"),
    );
    Ok(0)
}

/// Encrypts every key anew.
pub(super) fn change_passphrase(
    dir: &Path,
    passphrase_file: Option<&Path>,
    new_file: &Path,
    language: Language,
) -> Result<u8, Failure> {
    let old = needed(config::passphrase(passphrase_file)?)?;
    let new = new_passphrase(config::passphrase(Some(new_file))?)?;
    let count = OfficeFolder::new(dir).change_passphrase(old, &new)?;
    let (zh, en) =
        (format!("已用新密码加密 {count} 把密钥"), format!("{count} keys encrypted anew"));
    render::tell(language, zh, en);
    Ok(0)
}

/// What an operator says is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted {
    /// The clock, though it is behind the last event.
    pub(super) clock: bool,
    /// This copy, though a newer one is lost.
    pub(super) rollback: bool,
    /// So many numbers of each type that stay unused.
    pub(super) left_out: Option<u64>,
}

/// Lets an office seal again.
pub(super) fn recover(
    dir: &Path,
    accepted: Accepted,
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<u8, Failure> {
    if accepted.rollback {
        restore::go_on(dir, accepted.left_out, passphrase_file, language)?;
    } else if accepted.clock {
        let _: IgnoredAny = answer_to(dir, LocalAct::ConfirmClock, passphrase_file)?;
    } else {
        return Err(Failure::usage(
            "请写明认可什么：--accept-clock 或 --accept-rollback",
            "say what is accepted: --accept-clock or --accept-rollback",
        ));
    }
    render::tell(language, "已确认：机构重新可以签发", "confirmed: the office seals again");
    Ok(0)
}

/// Makes the index anew from the journal.
pub(super) fn reindex(dir: &Path, language: Language) -> Result<u8, Failure> {
    // A directory without an office stays as it is.
    OfficeFolder::new(dir).profile()?;
    let options = OpenOptions { reindex: true, ..OpenOptions::default() };
    let (_, opening) = Disk::open(dir, &options)?;
    OfficeFolder::new(dir).open_accesses(&options)?;
    let (events, torn) = (opening.replayed, torn(&opening));
    render::tell(
        language,
        format!("已从 {events} 个事件重新生成索引{}", torn.zh),
        format!("index made anew from {events} events{}", torn.en),
    );
    Ok(0)
}

pub(super) fn check(dir: &Path, language: Language) -> Result<u8, Failure> {
    let (profile, _) = OfficeFolder::new(dir).profile()?;
    match local::ask(dir, &LocalAct::Status)? {
        Some(answer) => {
            let state: StatusAnswer = outcome(answer)?;
            audit(dir, &state.extent, language)?;
            audit_accesses(dir, &state.accesses, language)?;
            render::tell(
                language,
                "机构正在提供服务；索引在停止服务后才能核对",
                "the office is being served; its index is checked when it is not",
            );
        }
        None => {
            let second_path = profile.second_path;
            let options = OpenOptions { second_path, ..OpenOptions::default() };
            let (store, opening) = Disk::open(dir, &options)?;
            let accesses = OfficeFolder::new(dir).open_accesses(&options)?;
            let documents = audit(dir, &store.extent(), language)?;
            audit_accesses(dir, &accesses.extent(), language)?;
            let licences = index_agrees(&store, documents, language)?;
            if opening.index_anew {
                render::tell(
                    language,
                    "索引曾损坏，已从事件日志重新生成",
                    "the index was damaged and was made anew from the journal",
                );
            }
            let torn = torn(&opening);
            render::tell(
                language,
                format!("索引齐全：{licences} 份证照{}", torn.zh),
                format!("the index has all of them: {licences} licences{}", torn.en),
            );
        }
    }
    Ok(0)
}

/// What the opening cut off, when there was something.
fn torn(opening: &Opening) -> Localized {
    match opening.cut {
        0 => Localized::default(),
        cut => Localized::new(
            format!("\n截去未写完的 {cut} 字节"),
            format!("\ncut from a torn write: {cut} bytes"),
        ),
    }
}

/// Reads the journal again and says what it has. Returns how many documents.
fn audit(dir: &Path, extent: &Extent, language: Language) -> Result<u64, Failure> {
    let mut progress = render::Progress::new(by(language, "事件", "events"), extent.size);
    let seen = &mut |seen: store::Audited| progress.show(seen.events);
    let audited = store::audit(&dir.join("journal"), extent, seen)?;
    progress.done();
    let (store::Audited { events, documents, .. }, root) = (audited, &extent.root);
    render::tell(
        language,
        format!("{events} 个事件，各树根均正确；{documents} 份文件，各摘要均正确\n树根 {root}"),
        format!(
            "{events} events, every root right; {documents} documents, every digest right\ntree root {root}"
        ),
    );
    Ok(documents)
}

/// Reads the journal of accesses again.
fn audit_accesses(dir: &Path, extent: &Extent, language: Language) -> Result<(), Failure> {
    let mut progress = render::Progress::new(by(language, "查阅记录", "accesses"), extent.size);
    let seen = &mut |seen: store::Audited| progress.show(seen.events);
    let audited = store::audit(&dir.join(config::ACCESS).join("journal"), extent, seen)?;
    progress.done();
    let (events, root) = (audited.events, &extent.root);
    render::tell(
        language,
        format!("{events} 个查阅事件，各树根均正确\n查阅日志树根 {root}"),
        format!("events about accesses: {events}, every root right\naccess tree root {root}"),
    );
    Ok(())
}

/// Reads every document where the index says that it lies. Returns how many licences.
fn index_agrees(store: &Disk, documents: u64, language: Language) -> Result<u64, Failure> {
    let mut progress = render::Progress::new(by(language, "文件", "documents"), documents);
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
        return Err(Failure::new(
            format!("索引有 {count} 份文件，事件日志有 {documents} 份；请执行 `yinzheng reindex`"),
            format!(
                "the index has {count} documents, the journal {documents}; run `yinzheng reindex`"
            ),
        ));
    }
    Ok(licences)
}

const fn by(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

pub(super) fn backup(dir: &Path, to: &Path, language: Language) -> Result<u8, Failure> {
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
    let (events, files, root) = (manifest.size, manifest.files.len(), manifest.root);
    let to = to.display();
    render::tell(
        language,
        format!(
            "{events} 个事件、{files} 个文件、{bytes} 字节已复制到 {to}\n树根 {root}\n其中的密钥由现用\
             密码加密；请把密码与备份分开保管。"
        ),
        format!(
            "{events} events, {files} files, {bytes} bytes copied to {to}\ntree root {root}\nThe keys \
             in it are encrypted with the present passphrase; keep both apart."
        ),
    );
    Ok(0)
}

/// What a start would say of letting clients in.
fn closed_door(dir: &Path) -> Option<Localized> {
    let now = SystemClock.now();
    match LastTimeFile::of(dir).last() {
        Err(error) => Some(DoorClosed::from(error).both()),
        Ok(Some(last)) if last > now => {
            let back = last.unix().saturating_sub(now.unix());
            Some(DoorClosed::ClockWentBack(back).both())
        }
        Ok(_) => None,
    }
}

/// Why the key of the log cannot be used. Without the passphrase only its file is looked at; one that
/// is missing is told with the other keys.
fn log_key(folder: &OfficeFolder) -> Option<Localized> {
    let passphrase = config::passphrase(None).ok().flatten();
    let keys = KeyFolder::new(folder.path().join("keys"), passphrase);
    if folder.is_demo() || !keys.path(&KeyName::Log).exists() {
        return None;
    }
    match keys.check_ed25519(&KeyName::Log) {
        Ok(()) | Err(KeyError::NoPassphrase(_)) => None,
        Err(error) => Some(error.both()),
    }
}

/// Why the next start would be refused, though files and data can be read.
fn next_start(
    folder: &OfficeFolder,
    is_other: &dyn Fn(&Definition) -> Result<bool, StoreError>,
) -> Option<Localized> {
    // What is wrong with the files themselves is told with them.
    let (profile, types) = folder.profile().ok()?;
    let opens = Office::would_open(&profile, &types, is_other);
    opens.err().map(|error| error.both())
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
        numbers: state.numbers,
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
    let numbers = match folder.profile() {
        Ok((_, types)) => numbers::of_types(&types, |range| store.reader().next_number(range))?,
        // What is wrong with them is told with the files.
        Err(_) => Vec::new(),
    };
    Ok(Remembered {
        numbers,
        last_event: store.last_event(),
        webhook_keys: kept_webhook_keys(&store)?.map(|(keys, _)| keys),
        closed_door: closed_door(dir),
        log_key: log_key(folder),
        refuses: None,
        next_start: next_start(folder, &is_other),
    })
}

pub(super) fn doctor(dir: &Path, language: Language) -> Result<u8, Failure> {
    let folder = OfficeFolder::new(dir);
    let store: StoreState = match local::ask(dir, &LocalAct::Status)? {
        Some(answer) => outcome(answer)
            .map(|state| served(&folder, state))
            .map_err(|failure: Failure| failure.message),
        None if folder.exists() => at_rest(dir, &folder).map_err(|error| error.both()),
        None => Err(Localized::new("这里没有机构", "there is no office here")),
    };
    let found = doctor::examine(&folder, &store, SystemClock.now());
    for one in &found {
        let mark = match one.weight {
            Weight::Good => "✓",
            Weight::Warning => "!",
            Weight::Fault => "✗",
        };
        render::say(&format!("{mark} {}", one.words.of(language)));
    }
    let worst = found.iter().map(|one| one.weight).max();
    Ok(u8::from(worst == Some(Weight::Fault)))
}
