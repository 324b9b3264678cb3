//! `yinzheng log verify`: whether a copy continues what was seen before; the copy is brought up to
//! date first when it is said from where.

use std::path::{Path, PathBuf};

use super::heads::{LAST, NAMED, in_chinese};
use super::read::{keys, read_checkpoint};
use crate::base::limits::LogFetching;
use crate::base::localized::{Bilingual as _, Language, Localized};
use crate::domain::office::BaseUrl;
use crate::edge::cli::failure::Failure;
use crate::edge::cli::render;
use crate::edge::config::{ACCESS, OfficeFolder};
use crate::edge::files;
use crate::edge::log::copy::{Checked, CopyError, LogCopy};
use crate::edge::log::fetch::{FetchLogError, Served, Source};
use crate::edge::log::quarantine;
use crate::edge::outbound::Server;
use crate::format::note::checkpoint::{Checkpoint, LogSigned};
use crate::format::note::key::NoteKey;

#[derive(Debug, clap::Args)]
pub(in crate::edge::cli) struct LogVerifyOptions {
    /// A directory with checkpoint and tile/, or with journal/ (a backup); with --url, made when it
    /// is not there.
    copy: PathBuf,
    /// A checkpoint that was kept from earlier; with --url, beside that of the copy.
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

pub(super) fn run(options: &LogVerifyOptions, language: Language) -> Result<(), Failure> {
    let keys = keys(&options.log_key)?;
    let held = options.copy.join("checkpoint");
    let read = |path: &Path| Ok::<_, Failure>(read_checkpoint(path, &keys)?.1);
    let named = options.from.as_deref().map(read).transpose()?;
    // A journal has no signed head of its own.
    let held = held.is_file().then(|| read(&held)).transpose()?;
    let kept: Vec<_> = named.iter().map(|head| (NAMED, head.checkpoint())).collect();
    let Some(url) = &options.url else {
        let own = held.as_ref().map(LogSigned::checkpoint);
        compare(&options.copy, own, &kept, language)?;
        return Ok(());
    };
    bring_up_to_date(url, options, &keys, (held.as_ref(), kept), language)
}

/// Fetches, compares with what was kept and with what the copy saw, and only then believes.
fn bring_up_to_date<'a>(
    url: &str,
    options: &LogVerifyOptions,
    keys: &[NoteKey],
    (held, mut kept): (Option<&'a LogSigned>, Vec<(&'a str, &'a Checkpoint)>),
    language: Language,
) -> Result<(), Failure> {
    let base = BaseUrl::parse_log(url.trim_end_matches('/'))
        .map_err(|error| Failure::of_value(format!("--url {url}"), &error))?;
    let server = Server::of_a_user(&base, options.ca.as_deref(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bounds = LogFetching::default();
    let mut source = Source::new(&base, &server, &bounds);
    let served = runtime.block_on(source.newest(keys)).map_err(|error| not_served(url, &error))?;
    let held = held.map(LogSigned::checkpoint);
    kept.extend(held.map(|head| (LAST, head)));
    let right = held.map_or(0, Checkpoint::size);
    let head = served.head.checkpoint();
    // Tiles of what is refused by its head alone are not asked for.
    continues(head, &kept).map_err(|why| refused(&options.copy, None, &served, why))?;
    let tiles = runtime.block_on(source.tiles(&options.copy, head.size(), &bounds))?;
    compare(&options.copy, Some(head), &kept, language).map_err(|why| match why {
        Refused::Log(_) => refused(&options.copy, Some(right), &served, why),
        Refused::Here(failure) => failure,
    })?;
    // Only what was found right is what the next time begins from.
    files::write_durably(&options.copy.join("checkpoint"), served.note.as_bytes(), 0o644)?;
    quarantine::tidy(&options.copy, head.size())?;
    render::tell(language, format!("取得 {tiles} 片"), format!("{tiles} tiles fetched"));
    Ok(())
}

/// A newcomer names the office's address, where no log is.
fn not_served(url: &str, error: &FetchLogError) -> Failure {
    let url = url.trim_end_matches('/');
    let is_log = [LOG, ACCESS_LOG].iter().any(|end| url.ends_with(end));
    let Localized { zh, en } = error.both();
    match error {
        FetchLogError::Status(..) if !is_log => Failure::new(
            format!("{zh}\n机构日志的地址以 {LOG}（或 {ACCESS_LOG}）结尾：--url {url}{LOG}"),
            format!(
                "{en}\nthe address of an office's log ends in {LOG} (or {ACCESS_LOG}): --url {url}{LOG}"
            ),
        ),
        _ => Failure::new(zh, en),
    }
}

/// Why a copy is not taken.
enum Refused {
    /// What the log says, in head or tiles.
    Log(Localized),
    /// This machine.
    Here(Failure),
}

impl From<Refused> for Failure {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Log(message) => Self { message, code: 1 },
            Refused::Here(failure) => failure,
        }
    }
}

impl From<CopyError> for Refused {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::OwnHead { .. }
            | CopyError::TwoHeads { .. }
            | CopyError::Rewritten { .. }
            | CopyError::Short { .. }
            | CopyError::Tile { .. } => Self::Log(error.both()),
            CopyError::Nothing(_) | CopyError::File(_) | CopyError::Journal(_) => {
                Self::Here(error.into())
            }
        }
    }
}

fn refused(copy: &Path, right: Option<u64>, served: &Served, why: Refused) -> Failure {
    let mut why = Failure::from(why);
    match quarantine::quarantine(copy, right, served.head.checkpoint(), &served.note) {
        Ok(folder) => {
            let folder = folder.display();
            why.message.zh.push_str(&["\n所收到的内容：", &folder.to_string()].concat());
            why.message.en.push_str(&["\nwhat was served: ", &folder.to_string()].concat());
        }
        Err(error) => {
            let Localized { zh, en } = error.both();
            why.message.zh.extend(["\n", &zh]);
            why.message.en.extend(["\n", &en]);
        }
    }
    why
}

fn continues(new: &Checkpoint, kept: &[(&str, &Checkpoint)]) -> Result<(), Refused> {
    for (name, old) in kept {
        if old.origin() != new.origin() {
            let (one, other) = (new.origin(), old.origin());
            return Err(Refused::Log(another_log(one, name, other)));
        }
        if new.size() < old.size() {
            let (has, had) = (new.size(), old.size());
            return Err(Refused::Log(Localized::new(
                format!("变旧（OLDER）：最新的树头有 {has} 片叶，{}有 {had} 片", in_chinese(name)),
                format!("OLDER: the newest head has {has} leaves, {name} has {had}"),
            )));
        }
    }
    Ok(())
}

fn another_log(own: &str, name: &str, other: &str) -> Localized {
    Localized::new(
        format!("副本属于另一个日志（{own}）；{}属于 {other}", in_chinese(name)),
        format!("the copy is of another log ({own}); {name} is of {other}"),
    )
}

/// Which log a journal is of, when it lies in an office or in a backup of one.
fn stated_origin(copy: &Path) -> Option<String> {
    let copy = copy.canonicalize().ok()?;
    if copy.join("tile").is_dir() {
        return None;
    }
    let base = |office: &Path| Some(OfficeFolder::new(office).profile().ok()?.0.public_base_url);
    if copy.ends_with(ACCESS) {
        return Some(base(copy.parent()?)?.access_log_origin());
    }
    Some(base(&copy)?.log_origin())
}

fn compare(
    copy: &Path,
    own: Option<&Checkpoint>,
    kept: &[(&str, &Checkpoint)],
    language: Language,
) -> Result<(), Refused> {
    if let Some(own) = own {
        continues(own, kept)?;
    }
    // A journal has no signed head; its office says which log it is.
    let stated = if own.is_none() { stated_origin(copy) } else { None };
    for (name, old) in kept {
        if let Some(stated) = stated.as_deref().filter(|stated| *stated != old.origin()) {
            return Err(Refused::Log(another_log(stated, name, old.origin())));
        }
    }
    let checked = LogCopy::open(copy)?.check(own, kept);
    let Checked { size, root } = checked.map_err(|error| match error {
        CopyError::Rewritten { size, has, wants, name } if own.is_none() && stated.is_none() => {
            Refused::Log(Localized::new(
                format!(
                    "副本前 {size} 片叶的树根是 {has}，{}写的却是 {wants}。副本没有签名的检查点说明它属于哪个\
                     日志：或者它属于另一个日志，或者日志被改动过",
                    in_chinese(&name)
                ),
                format!(
                    "the first {size} leaves of the copy have the root {has}, but {name} says {wants}. \
                     The copy has no signed checkpoint that says which log it is of: either it is of \
                     another log, or the log was changed"
                ),
            ))
        }
        error => error.into(),
    })?;
    let origin = own.or_else(|| kept.first().map(|(_, head)| *head)).map_or("", Checkpoint::origin);
    render::say(origin);
    for (name, old) in kept {
        let (size, root) = (old.size(), old.root());
        render::tell(
            language,
            format!("副本与{}一致：其前 {size} 片叶的树根是 {root}", in_chinese(name)),
            format!("the copy continues {name}: its first {size} leaves have the root {root}"),
        );
    }
    if kept.is_empty() {
        render::tell(
            language,
            "这是此日志的第一个检查点，以后从它开始",
            "the first checkpoint of this log; the next time begins from it",
        );
    }
    render::tell(
        language,
        format!("现有 {size} 片叶，树根 {root}"),
        format!("now {size} leaves, root {root}"),
    );
    Ok(())
}

/// How the addresses of an office's logs end.
const LOG: &str = "/log";
const ACCESS_LOG: &str = "/log/access";
