//! Going on with an older copy: a backup that is put back, or a directory that lost its newest acts.
//!
//! Numbers that licences of after the copy may have stay unused. Before anything is written, it is
//! worked out what is left of each type.

use std::convert::Infallible;
use std::path::Path;

use super::failure::Failure;
use super::render;
use crate::base::actor::Actor;
use crate::base::localized::{Language, Localized};
use crate::edge::backup;
use crate::edge::config::{self, OfficeFolder};
use crate::edge::doctor::few_numbers;
use crate::service::numbers::{self, Numbers};
use crate::service::office::Office;
use crate::service::recover::usually_left_out;
use crate::store::{self, Disk, OpenOptions, Store as _};

/// What a copy has, before it is used.
struct Copy {
    numbers: Vec<Numbers>,
    /// How many events a second mark has seen beyond it.
    lost: u64,
}

impl Copy {
    /// How many numbers of each type stay unused. What an operator says is right, unless more events
    /// are known to be lost; what nobody said ends no type.
    fn left_out(&self, given: Option<u64>, dir: &Path) -> Result<u64, Failure> {
        if let Some(given) = given {
            return Ok(given.max(self.lost));
        }
        let left_out = usually_left_out(self.lost);
        let ended: Vec<_> =
            self.numbers.iter().filter(|numbers| numbers.end_without(left_out)).collect();
        if ended.is_empty() { Ok(left_out) } else { Err(would_end(&ended, left_out, dir)) }
    }
}

fn would_end(ended: &[&Numbers], left_out: u64, dir: &Path) -> Failure {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for numbers in ended {
        let (kind, left) = (&numbers.kind, numbers.left());
        zh.push(format!("{kind}（还剩 {left} 个）"));
        en.push(format!("{kind} ({left} left)"));
    }
    let (zh, en, types) = (zh.join("、"), en.join(", "), dir.join("types"));
    let types = types.display();
    Failure::new(
        format!(
            "未写入任何内容：每类证照跳过 {left_out} 个编号，这些类型就再也不能签发：{zh}\n请写 \
             --leave-out N：N 不少于副本之后任一类型签发的证照数，其间程序每异常终止一次再加 1000。\n\
             如果不知道，请写 --leave-out {left_out}，随后在签发之前把 {types} 中该类型的 {{serial:N}} 改长。"
        ),
        format!(
            "nothing was written: with {left_out} numbers of each type left out, these types could \
             never issue again: {en}\nsay --leave-out N, N at least the number of licences of one \
             type that were issued after the copy, and 1000 more for each time that the program died \
             since.\nIf nobody knows, say --leave-out {left_out}, and give the type a longer \
             {{serial:N}} in {types} before it issues again."
        ),
    )
}

/// Puts a backup into an empty directory.
pub(super) fn restore(
    from: &Path,
    dir: &Path,
    given: Option<u64>,
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<u8, Failure> {
    let left_out = match in_backup(from) {
        Some(copy) => copy.left_out(given, dir)?,
        None => given.unwrap_or(usually_left_out(0)),
    };
    let manifest = backup::put_back(from, dir, left_out)?;
    let passphrase = config::passphrase(passphrase_file)?;
    // The note of the restoring makes the opening begin a new epoch.
    let (office, opening) = OfficeFolder::new(dir).open(passphrase, OpenOptions::default())?;
    let (events, dir) = (manifest.size, dir.display());
    let epoch = epoch_begins(office.store().reader().epoch()?, opening.behind, left_out);
    render::tell(
        language,
        format!("{events} 个事件已恢复到 {dir}\n{}", epoch.zh),
        format!("{events} events restored into {dir}\n{}", epoch.en),
    );
    tell_numbers(&office, left_out, language)?;
    render::tell(
        language,
        "请确保备份所出自的机构目录不再启用。",
        "Be sure that the office it was copied from never works again.",
    );
    Ok(0)
}

/// `None` when it cannot be read: putting it back or opening it says why.
fn in_backup(from: &Path) -> Option<Copy> {
    let manifest = backup::manifest(from).ok()?;
    let (profile, types) = OfficeFolder::new(from).profile().ok()?;
    let next = store::next_numbers(&from.join("journal")).ok()?;
    let Ok(numbers) = numbers::of_types(&types, |range| {
        Ok::<_, Infallible>(next.get(range).copied().unwrap_or(1))
    });
    let mark = profile.second_path.and_then(|path| store::marked_size(&path).ok().flatten());
    Some(Copy { numbers, lost: mark.map_or(0, |mark| mark.saturating_sub(manifest.size)) })
}

/// Goes on with the copy that lies there.
pub(super) fn go_on(
    dir: &Path,
    given: Option<u64>,
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<(), Failure> {
    let folder = OfficeFolder::new(dir);
    let (profile, types) = folder.profile()?;
    let second_path = profile.second_path;
    let usual = OpenOptions { second_path, ..OpenOptions::default() };
    if given.is_none() && usual.second_path.is_some() && Disk::open(dir, &usual).is_ok() {
        return Err(Failure::new(
            "第二标记所见都在，没有可认可的回退；若第二标记也被放回过，请写 --leave-out N：备份之后每类证照签发的件数",
            "the second mark sees nothing missing, so there is nothing to accept; if the mark was put \
             back too, say --leave-out N, the number of licences of one type issued since the copy",
        ));
    }
    let options = OpenOptions { accept_rollback: true, ..usual };
    let left_out = {
        let (store, opening) = Disk::open(dir, &options)?;
        let numbers = numbers::of_types(&types, |range| store.reader().next_number(range))?;
        Copy { numbers, lost: opening.behind }.left_out(given, dir)?
    };
    let (office, opening) = folder.open(config::passphrase(passphrase_file)?, options)?;
    let actor = Actor::LocalOperator;
    office.confirm_clock(&actor)?;
    let epoch = office.begin_epoch(&actor, left_out)?;
    render::say(epoch_begins(epoch, opening.behind, left_out).of(language));
    tell_numbers(&office, left_out, language)
}

fn epoch_begins(epoch: u32, lost: u64, left_out: u64) -> Localized {
    let lost = match lost {
        0 => Localized::new("丢失了多少事件不得而知", "how many events are lost is not known"),
        lost => Localized::new(format!("丢失 {lost} 个事件"), format!("{lost} events are lost")),
    };
    Localized::new(
        format!(
            "{}；纪元 {epoch} 开始，使用自己的流水号和状态列表，每类证照跳过 {left_out} 个编号\n若有业务丢失，\
             日志便与公布过的不同：请公开说明，并用 `yinzheng log new-key` 换用新密钥\
             （docs/guide/zh/backup-and-restore.md）",
            lost.zh
        ),
        format!(
            "{}; epoch {epoch} begins with serials and a status list of its own, and {left_out} numbers \
             of each type stay unused\nwhen acts are missing, the log is another than was published: \
             say so, and give it another key with `yinzheng log new-key` \
             (docs/guide/en/backup-and-restore.md)",
            lost.en
        ),
    )
}

/// What is left of the types that have issued, and of those that have few.
fn tell_numbers(office: &Office, left_out: u64, language: Language) -> Result<(), Failure> {
    for numbers in office.numbers()? {
        let (kind, next, last) = (&numbers.kind, numbers.next, numbers.last);
        if numbers.are_few() {
            render::say(&format!("! {}", few_numbers(&numbers).of(language)));
        } else if next > left_out.saturating_add(1) {
            let left = numbers.left();
            render::tell(
                language,
                format!("{kind}：下一个流水号 {next}，{last} 个中还剩 {left} 个"),
                format!("{kind}: next serial {next}, {left} of {last} left"),
            );
        }
    }
    Ok(())
}
