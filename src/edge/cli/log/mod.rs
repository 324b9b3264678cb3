//! `yinzheng log`: what operators, readers and witnesses of the log do.

pub(in crate::edge::cli) mod heads;
mod read;
mod verify;

use self::read::{NOTE_BYTES, keys, read_checkpoint};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use serde::de::DeserializeOwned;

use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::localized::Language;
use crate::base::time::Clock as _;
use crate::edge::cli::desk::{Desk, OfficeArguments};
use crate::edge::cli::failure::{Failure, needed, new_passphrase};
use crate::edge::cli::file_name::FileName;
use crate::edge::cli::render;
use crate::edge::clock::SystemClock;
use crate::edge::config::{self, OfficeFolder};
use crate::edge::entropy::SystemEntropy;
use crate::edge::files;
use crate::edge::keys::KeyFolder;
use crate::edge::local::{self, LocalAct};
use crate::edge::log::copy::LogCopy;
use crate::edge::log::{CosignedAnswer, LogAct, ProofAnswer, WitnessState, new_key};
use crate::format::merkle::tile::Tile;
use crate::format::note::checkpoint::{LogSigned, SignedCheckpoint};
use crate::format::note::key::{Kind, NoteKey};
use crate::service::keys::{KeyName, Keys as _};
use crate::service::log::LogName;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the newest head of the log, signed.
    Checkpoint {
        #[command(flatten)]
        place: OfficeArguments,
        #[command(flatten)]
        which: Which,
        /// The one that witnesses signed last instead.
        #[arg(long)]
        witnessed: bool,
    },
    /// Print or write the proof that a licence, or an access, is in the log.
    Proof {
        #[command(flatten)]
        place: OfficeArguments,
        #[command(flatten)]
        which: Which,
        /// Identifier or number of the licence; with --access, identifier of the access.
        id: String,
        /// Write the proof into this directory, as NUMBER.tlog-proof beside NUMBER.pdf; that of an
        /// access is named after its identifier.
        #[arg(long)]
        out: Option<PathBuf>,
        /// What the file is named after.
        #[arg(long, value_enum, default_value = "number")]
        name: FileName,
    },
    /// Print the key of the log, for readers and witnesses.
    Vkey {
        #[command(flatten)]
        place: OfficeArguments,
        #[command(flatten)]
        which: Which,
    },
    /// Write checkpoint and tiles as files, to be served by any web server or handed over.
    Export {
        #[command(flatten)]
        place: OfficeArguments,
        #[command(flatten)]
        which: Which,
        /// Where they are written.
        #[arg(long)]
        to: PathBuf,
    },
    /// Take the signatures of witnesses on a checkpoint.
    AddCosignature {
        #[command(flatten)]
        place: OfficeArguments,
        /// The checkpoint with their signatures.
        file: PathBuf,
    },
    /// Check a copy of the log against an earlier checkpoint, without the office.
    Verify(verify::LogVerifyOptions),
    /// Make another key for the log, because its tree is not the one that was published any more.
    NewKey {
        #[command(flatten)]
        place: OfficeArguments,
        /// Id of the key in use: the eight digits behind the first + of `yinzheng log vkey`.
        #[arg(long, value_name = "ID")]
        instead_of: String,
    },
    /// Make the key of a witness, or print it.
    Witness {
        /// Name of the witness: an address without https:// is usual.
        #[arg(long)]
        name: String,
        /// Where key and memory of the witness lie.
        #[arg(long)]
        keys: PathBuf,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// As a witness: check a copy of the log against what was seen before, then sign its checkpoint.
    Cosign {
        /// A directory with checkpoint and tile/.
        copy: PathBuf,
        /// The key of the log, from another channel than the copy.
        #[arg(long, required = true, value_name = "VKEY")]
        log_key: Vec<String>,
        /// Name of the witness.
        #[arg(long)]
        name: String,
        /// Where key and memory of the witness lie.
        #[arg(long)]
        keys: PathBuf,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Which {
    /// The log of who read what, instead of that of the office's acts.
    #[arg(long)]
    access: bool,
}

impl Which {
    fn log(self) -> LogName {
        if self.access { LogName::Accesses } else { LogName::Acts }
    }
}

pub(super) fn run(command: Command, language: Language) -> Result<u8, Failure> {
    match command {
        Command::Checkpoint { place, which, witnessed } => {
            let log = which.log();
            let act =
                if witnessed { LogAct::Witnessed { log } } else { LogAct::Checkpoint { log } };
            let note: Option<String> = ask(&open(&place)?, act)?;
            let none = || {
                Failure::new(
                    "还没有见证方为此日志的检查点签名",
                    "no witness signed a checkpoint of this log yet",
                )
            };
            render::write(note.ok_or_else(none)?.as_bytes());
        }
        Command::Proof { place, which, id, out, name } => {
            let act = match which.log() {
                LogName::Acts => LogAct::Proof { id },
                LogName::Accesses => LogAct::AccessProof { id },
            };
            let ProofAnswer { id, number, proof } = ask(&open(&place)?, act)?;
            let Some(out) = out else {
                render::write(proof.as_bytes());
                return Ok(0);
            };
            fs::create_dir_all(&out)?;
            let name = number.map(|number| name.of(&number, &id)).unwrap_or(id);
            let path = out.join(format!("{name}.tlog-proof"));
            files::write_durably(&path, proof.as_bytes(), 0o600)?;
            render::say(&path.display().to_string());
        }
        Command::Vkey { place, which } => {
            let key: String = ask(&open(&place)?, LogAct::Key { log: which.log() })?;
            render::say(&key);
        }
        Command::Export { place, which, to } => export(&open(&place)?, which.log(), &to, language)?,
        Command::AddCosignature { place, file } => add_cosignature(&place, &file, language)?,
        Command::Verify(options) => verify::run(&options, language)?,
        Command::NewKey { place, instead_of } => another_key(&place, &instead_of, language)?,
        Command::Witness { name, keys, passphrase_file } => {
            let witness = Witness::open(&name, &keys, passphrase_file.as_deref())?;
            render::say(&witness.key()?.to_string());
        }
        Command::Cosign { copy, log_key, name, keys: folder, passphrase_file } => {
            let witness = Witness::open(&name, &folder, passphrase_file.as_deref())?;
            witness.cosign(&copy, &keys(&log_key)?)?;
        }
    }
    Ok(0)
}

fn open(place: &OfficeArguments) -> Result<Desk, Failure> {
    Desk::open(&place.dir, place.passphrase_file.as_deref())
}

fn ask<T: DeserializeOwned>(desk: &Desk, ask: LogAct) -> Result<T, Failure> {
    desk.act(LocalAct::Log { ask })
}

/// Tiles first: whoever sees the checkpoint finds all that it stands on.
fn export(desk: &Desk, log: LogName, to: &Path, language: Language) -> Result<(), Failure> {
    let note: String = ask(desk, LogAct::Checkpoint { log })?;
    let size = SignedCheckpoint::parse(&note, &mut Budget::default())?.unproved().size();
    let (mut written, mut kept) = (0_u64, 0_u64);
    for tile in Tile::all_of(size) {
        let path = to.join("tile").join(tile.path());
        // What a tile says never changes.
        if path.is_file() {
            kept += 1;
            continue;
        }
        let bytes: Option<String> = ask(desk, LogAct::Tile { log, path: tile.path() })?;
        let missing = || {
            let path = tile.path();
            Failure::new(
                format!("缺少片 {path}；请执行 `yinzheng reindex`"),
                format!("tile {path} is missing; run `yinzheng reindex`"),
            )
        };
        let bytes = STANDARD.decode(bytes.ok_or_else(missing)?).map_err(|_| missing())?;
        fs::create_dir_all(path.parent().unwrap_or(to))?;
        files::write_durably(&path, &bytes, 0o644)?;
        written += 1;
    }
    fs::create_dir_all(to)?;
    files::write_durably(&to.join("checkpoint"), note.as_bytes(), 0o644)?;
    render::tell(
        language,
        format!("{size} 片叶；写出 {written} 片，原有 {kept} 片"),
        format!("{size} leaves; {written} tiles written, {kept} were there"),
    );
    Ok(())
}

fn add_cosignature(
    place: &OfficeArguments,
    file: &Path,
    language: Language,
) -> Result<(), Failure> {
    let note = files::text(file, &files::read_given(file, NOTE_BYTES)?)?;
    let CosignedAnswer { log, witnesses, kept } =
        ask(&open(place)?, LogAct::Cosignatures { note })?;
    OfficeFolder::new(&place.dir).keep_witnessed(log, &kept)?;
    for WitnessState { name, at } in witnesses {
        let local = at.to_china_minutes();
        render::tell(language, format!("{name} {local}"), format!("{name} at {at}"));
    }
    Ok(())
}

fn another_key(
    place: &OfficeArguments,
    instead_of: &str,
    language: Language,
) -> Result<(), Failure> {
    if local::ask(&place.dir, &LocalAct::Status)?.is_some() {
        return Err(Failure::new(
            "机构正在用现有密钥提供服务，请先停止",
            "the office is being served with the present key; stop it first",
        ));
    }
    let passphrase = needed(config::passphrase(place.passphrase_file.as_deref())?)?;
    let made = new_key::replace(&OfficeFolder::new(&place.dir), passphrase, instead_of)?;
    if made.done_before {
        let keys = format!("\n  {}\n  {}", made.acts, made.accesses);
        render::tell(
            language,
            format!("先前已经换过；两个日志的密钥是：{keys}"),
            format!("done already; the logs have these keys:{keys}"),
        );
        return Ok(());
    }
    let keys = format!("\n  {}\n  {}", made.acts, made.accesses);
    let old = place.dir.join(format!("keys/log-{instead_of}.retired.pem"));
    let old = old.display();
    render::tell(
        language,
        format!(
            "两个日志今后使用新密钥：{keys}\n下一步：公开说明发生了什么，并经其他渠道公布这两把密钥；读者保留\
             旧密钥以核对先前的证明，并在新目录中重新开始副本；见证方也重新开始\n旧密钥在 {old}，请移走"
        ),
        format!(
            "the logs have another key from now on:{keys}\nnext: say publicly what happened and publish \
             these keys over another channel; readers keep the old one for proofs of before and begin \
             their copies in new directories, and witnesses begin anew\nthe old key lies in {old}: take \
             it away"
        ),
    );
    Ok(())
}

/// A key and what was seen of each log.
struct Witness {
    name: String,
    folder: PathBuf,
    keys: KeyFolder,
}

impl Witness {
    fn open(name: &str, folder: &Path, passphrase_file: Option<&Path>) -> Result<Self, Failure> {
        files::private_folder(folder)?;
        let passphrase = needed(config::passphrase(passphrase_file)?)?;
        let keys = KeyFolder::new(folder.to_owned(), Some(passphrase.clone()));
        if !keys.path(&KeyName::Log).exists() {
            new_passphrase(Some(passphrase))?;
            keys.create(&KeyName::Log, &SystemEntropy::default())?;
        }
        Ok(Self { name: name.to_owned(), folder: folder.to_owned(), keys })
    }

    fn key(&self) -> Result<NoteKey, Failure> {
        let public = self.keys.log_signer()?.public_key().clone();
        let name = &self.name;
        let bad = || {
            Failure::new(
                format!("{name:?}：名称不能有空格和加号"),
                format!("{name:?}: a name has no spaces and no plus"),
            )
        };
        NoteKey::new(&self.name, Kind::Witness, public).ok_or_else(bad)
    }

    fn cosign(&self, copy: &Path, keys: &[NoteKey]) -> Result<(), Failure> {
        let path = copy.join("checkpoint");
        let (mut note, head) = read_checkpoint(&path, keys)?;
        let origin = head.checkpoint().origin();
        let seen_path = self.folder.join(format!("seen-{}", Digest::of(&[origin.as_bytes()])));
        let before = seen_path.is_file();
        let seen = if before { Some(read_checkpoint(&seen_path, keys)?.1) } else { None };
        let kept: Vec<_> = seen.iter().map(|seen| (heads::SEEN, seen.checkpoint())).collect();
        if let Some(seen) = seen.as_ref().map(LogSigned::checkpoint)
            && seen.size() > head.checkpoint().size()
        {
            let size = seen.size();
            return Err(Failure::new(
                format!("本见证方已见过 {size} 片叶"),
                format!("this witness has seen {size} leaves already"),
            ));
        }
        LogCopy::open(copy)?.check(Some(head.checkpoint()), &kept)?;
        // Remembered before it is signed: whatever happens between, nothing older is signed later.
        files::write_durably(&seen_path, note.to_string().as_bytes(), 0o600)?;
        self.key()?;
        note.cosign(&self.name, &*self.keys.log_signer()?, SystemClock.now())?;
        render::write(note.to_string().as_bytes());
        Ok(())
    }
}
