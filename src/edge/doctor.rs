//! Examines an office from outside: faults that will stop it soon, and faults that show nowhere
//! else.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::config::{OfficeFolder, key_names, read_certificate};
use super::files::{self, FileError};
use super::keys::KeyFolder;
use super::space::Space;
use super::webhooks;
use crate::base::localized::{Bilingual as _, Localized};
use crate::base::time::{DAY, Timestamp};
use crate::domain::authority;
use crate::domain::office::Profile;
use crate::domain::webhooks::{Ending, HookKey, HookKeys};
use crate::format::revocation::Crl;
use crate::format::x509::Certificate;
use crate::service::keys::KeyName;
use crate::service::numbers::Numbers;
use crate::service::renew::is_root_due;

/// Seriousness of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// In order.
    Good,
    /// Works, but needs attention.
    Warning,
    /// Stops the office.
    Fault,
}

/// One finding about an office.
#[derive(Clone, Debug)]
pub struct Found {
    /// How serious it is.
    pub weight: Weight,
    /// The text, with the remedy.
    pub words: Localized,
}

/// State of the store, when it could be read.
pub type StoreState = Result<Remembered, Localized>;

/// Facts read from the store or from the serving process.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Time of the last event.
    pub last_event: Option<Timestamp>,
    /// The webhook keys, if one was ever replaced.
    pub webhook_keys: Option<HookKeys>,
    /// Why no client can be admitted.
    pub closed_door: Option<Localized>,
    /// Why the key of the log cannot be used.
    pub log_key: Option<Localized>,
    /// Why the serving process stores nothing any more.
    pub refuses: Option<Localized>,
    /// Why the next start would be refused.
    pub next_start: Option<Localized>,
    /// The numbers of every type.
    pub numbers: Vec<Numbers>,
}

/// Examines everything; findings in the order of the parts.
pub fn examine(folder: &OfficeFolder, store: &StoreState, now: Timestamp) -> Vec<Found> {
    let mut doctor = Doctor { found: Vec::new(), now };
    match folder.profile() {
        Ok((profile, types)) => {
            let count = types.iter().count();
            doctor.good(
                format!("office.toml 可用；证照类型 {count} 种"),
                format!("office.toml is good; {count} licence types"),
            );
            doctor.address(&profile);
            doctor.keys(folder, &profile, store);
            doctor.certificates(folder, &profile);
            doctor.spaces(folder.path(), &profile);
            doctor.second_mark(folder.path(), &profile);
        }
        Err(error) => doctor.fault(
            format!("配置不可用：{}", error.chinese()),
            format!("the configuration cannot be used: {error}"),
        ),
    }
    doctor.lists(folder.path());
    doctor.destinations(folder.path());
    doctor.store(store);
    doctor.found
}

struct Doctor {
    found: Vec<Found>,
    now: Timestamp,
}

impl Doctor {
    fn add(&mut self, weight: Weight, zh: String, en: String) {
        self.found.push(Found { weight, words: Localized::new(zh, en) });
    }

    fn good(&mut self, zh: String, en: String) {
        self.add(Weight::Good, zh, en);
    }

    fn warning(&mut self, zh: String, en: String) {
        self.add(Weight::Warning, zh, en);
    }

    fn fault(&mut self, zh: String, en: String) {
        self.add(Weight::Fault, zh, en);
    }

    fn address(&mut self, profile: &Profile) {
        let base = profile.public_base_url.as_str();
        if base.starts_with("https://") {
            self.good(format!("公开网址 {base}"), format!("public address {base}"));
        } else {
            self.warning(
                format!("公开网址 {base} 不是 https：扫码的人无法确认网页真伪；正式使用前请改为 https"),
                format!(
                    "the public address {base} is not https: whoever scans a code cannot be sure of \
                     the page; use https before real use"
                ),
            );
        }
    }

    fn keys(&mut self, folder: &OfficeFolder, profile: &Profile, store: &StoreState) {
        if folder.is_demo() {
            self.warning(
                "演示密钥是公开的：本机构签发的证照不证明任何事项".to_owned(),
                "the demo's keys are published: what this office issues proves nothing".to_owned(),
            );
            return;
        }
        let keys = KeyFolder::new(folder.path().join("keys"), None);
        let replaced = store.as_ref().ok().and_then(|known| known.webhook_keys);
        if store.is_ok() {
            self.webhook_keys(&keys, replaced.as_ref());
        }
        for name in key_names(profile) {
            let path = keys.path(&name);
            let place = path.display();
            let mode = fs::metadata(&path).map(|data| data.mode() & 0o777);
            match (mode, &name) {
                (Ok(mode), _) if mode & 0o077 != 0 => self.too_open(&path, mode),
                (Err(_), KeyName::Webhook) if replaced.is_some() => {}
                (Ok(_), KeyName::Root) => self.warning(
                    format!("根密钥在本机：{place}；平时用不到，请移到离线介质保管"),
                    format!(
                        "the root key lies here: {place}; daily work does not need it, keep it \
                         offline"
                    ),
                ),
                (Err(_), KeyName::Root) => self
                    .good("根密钥不在本机".to_owned(), "the root key is kept elsewhere".to_owned()),
                (Err(_), KeyName::Log) => self.warning(
                    "日志密钥尚未生成：用密码启动一次即可；在此之前没有日志校验点和证明".to_owned(),
                    "the log has no key yet: start once with the passphrase. Until then there are \
                     no checkpoints and no proofs"
                        .to_owned(),
                ),
                (Err(_), KeyName::Webhook) => self.warning(
                    "通知签名密钥尚未生成：用密码启动一次即可；在此之前不向外推送变动通知"
                        .to_owned(),
                    "webhooks have no key yet: start once with the passphrase. Until then nothing \
                     is sent to destinations"
                        .to_owned(),
                ),
                (Err(error), _) => self.fault(
                    format!("缺少密钥 {place}（{}）；请从备份恢复", error.chinese()),
                    format!("the key {place} is missing ({error}); restore it from a backup"),
                ),
                (Ok(_), _) => {}
            }
        }
    }

    fn too_open(&mut self, path: &Path, mode: u32) {
        let place = path.display();
        self.fault(
            format!("他人可读取密钥 {place}（{mode:03o}）；请执行 chmod 600 {place}"),
            format!("others may read the key {place} ({mode:03o}); run chmod 600 {place}"),
        );
    }

    /// Missing leaves are issued at the start; any other fault stops it.
    fn certificates(&mut self, office: &OfficeFolder, profile: &Profile) {
        let folder = office.path();
        if let Err(error) = office.certificates() {
            let place = folder.join("certs");
            let place = place.display();
            return self.fault(
                format!(
                    "证书不可用，无法启动：{}；请用备份里 certs/ 的文件补回 {place}",
                    error.chinese()
                ),
                format!(
                    "the certificates cannot be used, and no start is possible: {error}; put the file of \
                     a backup's certs/ into {place}"
                ),
            );
        }
        let mut soonest: Option<(Timestamp, String)> = None;
        for name in key_names(profile).into_iter().filter(|name| !name.is_ed25519()) {
            let path = folder.join("certs").join(format!("{name}.pem"));
            match read_certificate(&path) {
                Ok(certificate) => {
                    let ends = certificate.key_use().unwrap_or_else(|| certificate.validity()).1;
                    if soonest.as_ref().is_none_or(|(known, _)| ends < *known) {
                        soonest = Some((ends, name.to_string()));
                    }
                }
                Err(error) => self.fault(
                    format!("缺少证书 {name}：{}；用密码启动时会补发", error.chinese()),
                    format!(
                        "the certificate of {name} is missing: {error}; it is made at the next start \
                         with the passphrase"
                    ),
                ),
            }
        }
        self.arc(folder, profile);
        let Some((ends, name)) = soonest else { return };
        let day = ends.date_in_china();
        if ends < self.now.plus(30 * DAY) {
            self.warning(
                format!("{name} 的密钥只能用到 {day}；服务运行时会自动换发证书，也可重新启动"),
                format!(
                    "the key of {name} may sign until {day} only; an office that is served renews \
                     its certificate by itself, and so does a restart"
                ),
            );
        } else {
            self.good(
                format!("证书齐全，最早到期的是 {name}（{day}）"),
                format!("certificates are complete; the first to end is that of {name} ({day})"),
            );
        }
    }

    fn lists(&mut self, folder: &Path) {
        for name in ["issuing", "root"] {
            let path = folder.join(format!("certs/{name}.crl"));
            let list = files::read(&path, 4 << 20).ok().and_then(|der| Crl::parse(&der).ok());
            match list.map(|list| list.window().1) {
                Some(ends) if name == "root" && is_root_due(ends, self.now) && self.now < ends => {
                    let day = ends.date_in_china();
                    self.warning(
                        format!("证书吊销列表 root.crl 只有效至 {day}；请把根密钥放回 keys/ 后启动一次"),
                        format!(
                            "the revocation list root.crl is good until {day} only; put the root key \
                             back into keys/ and start once"
                        ),
                    );
                }
                Some(ends) if self.now < ends => {
                    let day = ends.date_in_china();
                    self.good(
                        format!("证书吊销列表 {name}.crl 有效至 {day}"),
                        format!("the revocation list {name}.crl is good until {day}"),
                    );
                }
                found => {
                    let (zh, en) = match found {
                        Some(ends) => (
                            format!("已于 {} 过期", ends.date_in_china()),
                            format!("ended on {}", ends.date_in_china()),
                        ),
                        None => ("不可读取".to_owned(), "cannot be read".to_owned()),
                    };
                    let (zh_do, en_do) = match name {
                        "root" if found.is_none() => (
                            "无法启动；请用备份里 certs/ 的文件补回",
                            "no start is possible; copy it from a backup's certs/",
                        ),
                        "root" => (
                            "请把根密钥放回 keys/ 后启动一次",
                            "put the root key back into keys/ and start once",
                        ),
                        _ => ("请启动服务以换发", "serve the office to renew it"),
                    };
                    self.fault(
                        format!("证书吊销列表 {name}.crl {zh}；{zh_do}"),
                        format!("the revocation list {name}.crl {en}; {en_do}"),
                    );
                }
            }
        }
    }

    fn spaces(&mut self, folder: &Path, profile: &Profile) {
        self.space(folder);
        if let Some(mark) = profile.second_path.as_ref().and_then(|path| path.parent()) {
            let device = |path: &Path| fs::metadata(path).map(|data| data.dev()).ok();
            if mark.exists() && device(mark) != device(folder) {
                self.space(mark);
            }
        }
    }

    fn space(&mut self, path: &Path) {
        let place = path.display();
        let space = match Space::of(path) {
            Ok(space) => space,
            Err(error) => {
                return self.warning(
                    format!("查不到 {place} 所在磁盘的剩余空间：{}", error.chinese()),
                    format!(
                        "how much room the disk of {place} has is not known: {}",
                        error.both().en
                    ),
                );
            }
        };
        let (free, whole) = (space.free >> 20, space.whole >> 20);
        let zh = format!("{place} 所在磁盘剩余 {free} MB（共 {whole} MB）");
        let en = format!("the disk of {place} has {free} MB of {whole} MB left");
        if space.is_full() {
            self.fault(
                format!("{zh}，已无法办理；请腾出空间，再重新启动"),
                format!("{en}, so nothing can be stored; free space, then start the office again"),
            );
        } else if space.is_low() {
            self.warning(format!("{zh}；请腾出空间"), format!("{en}; free space"));
        } else {
            self.good(zh, en);
        }
    }

    fn destinations(&mut self, folder: &Path) {
        let names = match webhooks::names(folder) {
            Ok(names) => names,
            Err(error) => return self.unreadable_progress(&error),
        };
        for name in names {
            match webhooks::kept(folder, &name) {
                Ok(Some(progress)) if progress.is_failing() => self.warning(
                    format!("变动通知多次未送达 {name}；原因见 yinzheng destination list"),
                    format!(
                        "messages to the destination {name} failed many times; `yinzheng \
                         destination list` says why"
                    ),
                ),
                Ok(_) => {}
                Err(error) => self.unreadable_progress(&error),
            }
        }
    }

    fn unreadable_progress(&mut self, error: &FileError) {
        self.warning(
            format!("变动通知的进度无法读取，暂不发送：{}", error.chinese()),
            format!("how far a destination was told cannot be read, so nothing is sent: {error}"),
        );
    }

    fn arc(&mut self, folder: &Path, profile: &Profile) {
        let certificate =
            |name: &str| read_certificate(&folder.join("certs").join(format!("{name}.pem"))).ok();
        let Some(issuing) = certificate("issuing") else { return };
        let named = issuing.office_arc();
        if let Some(arc) = profile.oid_arc.as_ref().filter(|arc| named != Some(*arc)) {
            self.warning(
                format!("oid_arc {arc} 尚未写入签发证书：请放回根密钥并启动一次，再移走"),
                format!(
                    "the issuing CA's certificate does not name oid_arc {arc} yet: put the root key \
                     back, start once, take it away again"
                ),
            );
        }
        let arc = authority::arc_of(&issuing);
        let earlier =
            |leaf: &Certificate| leaf.entitlement().is_some() && !leaf.has_entitlement_below(&arc);
        let mut names = key_names(profile).into_iter().map(|name| name.to_string());
        if let Some(name) = names.find(|name| certificate(name).as_ref().is_some_and(earlier)) {
            self.warning(
                format!(
                    "{name} 等证书仍用旧的对象标识符，许多程序读不了：请用密码启动一次，自动换发"
                ),
                format!(
                    "certificates such as {name}'s have an object identifier of before, which many \
                     programs cannot read: start once with the passphrase to have them made anew"
                ),
            );
        }
    }

    fn second_mark(&mut self, folder: &Path, profile: &Profile) {
        let Some(path) = &profile.second_path else {
            self.warning(
                "没有配置 second_path：若有人放回旧的数据目录，程序无法察觉".to_owned(),
                "no second_path is set: nobody can notice when an old copy of the data is put back"
                    .to_owned(),
            );
            return;
        };
        let place = path.display();
        let device = |path: &Path| fs::metadata(path).map(|data| data.dev()).ok();
        let mark = path.parent().and_then(device);
        if mark.is_none() {
            self.fault(
                format!("second_path 所在目录不存在：{place}"),
                format!("the directory of second_path does not exist: {place}"),
            );
        } else if mark == device(folder) {
            self.warning(
                format!("second_path 与数据在同一磁盘：{place}；整盘恢复时无法察觉回退"),
                format!(
                    "second_path is on the same disk as the data: {place}; putting the whole disk \
                     back is not noticed"
                ),
            );
        } else {
            self.good(
                format!("高水位标记在另一磁盘：{place}"),
                format!("the high-water mark is on another disk: {place}"),
            );
        }
    }

    /// Faults that stop only a part of the office, which its staff would not notice.
    fn parts(&mut self, known: &Remembered) {
        if let Some(why) = &known.next_start {
            self.fault(
                format!("下次启动会被拒绝：{}", why.zh),
                format!("the next start would be refused: {}", why.en),
            );
        }
        if let Some(why) = &known.closed_door {
            self.fault(
                format!("目前无法接受任何客户端登录：{}", why.zh),
                format!("no client can be let in now: {}", why.en),
            );
        }
        if let Some(why) = &known.log_key {
            self.fault(
                format!("日志密钥不可用，无法签署校验点和证明：{}", why.zh),
                format!(
                    "the log's key cannot be used, no checkpoint or proof is signed: {}",
                    why.en
                ),
            );
        }
        for numbers in known.numbers.iter().filter(|numbers| numbers.are_few()) {
            let weight = if numbers.left() == 0 { Weight::Fault } else { Weight::Warning };
            let Localized { zh, en } = few_numbers(numbers);
            self.add(weight, zh, en);
        }
    }

    fn store(&mut self, store: &StoreState) {
        if let Ok(known) = store {
            self.parts(known);
        }
        match store {
            Err(why) => self.fault(
                format!("数据不可用：{}", why.zh),
                format!("the data cannot be used: {}", why.en),
            ),
            Ok(Remembered { refuses: Some(why), .. }) => self.fault(
                format!("正在运行的服务已停止办理：{}", why.zh),
                format!("the process that serves stores nothing any more: {}", why.en),
            ),
            Ok(Remembered { last_event: Some(last), .. }) if self.now < last.plus(-5) => self.fault(
                format!(
                    "时钟比最后一次记录（{}）慢，已停止签章；请校准时钟",
                    last.to_china_minutes()
                ),
                format!(
                    "the clock is behind the last event ({}, China time), sealing stops: set the \
                     clock right",
                    last.to_china_minutes()
                ),
            ),
            Ok(_) => self.good(
                "数据可用，时钟正常".to_owned(),
                "the data can be used, the clock is right".to_owned(),
            ),
        }
    }
}

/// How few numbers a type has left, with the remedy.
pub fn few_numbers(numbers: &Numbers) -> Localized {
    let Numbers { kind, last, .. } = numbers;
    let (zh, en) = match numbers.left() {
        0 => (
            format!("{kind} 的 {last} 个编号已用完，不能再签发"),
            format!("the {last} numbers of {kind} are used up, no more are issued"),
        ),
        left => (
            format!("{kind} 的 {last} 个编号只剩 {left} 个"),
            format!("{left} of the {last} numbers of {kind} are left"),
        ),
    };
    Localized::new(
        format!("{zh}；请在该类型的文件中把 {{serial:N}} 改长，再重新启动"),
        format!(
            "{en}; give the type a longer {{serial:N}} in its file, then start the office again"
        ),
    )
}

impl Doctor {
    fn webhook_keys(&mut self, keys: &KeyFolder, replaced: Option<&HookKeys>) {
        let mut sign = Vec::new();
        if let Some(HookKeys { key, .. }) = replaced {
            let path = keys.path(&KeyName::LaterWebhook(*key));
            if !path.exists() {
                self.present_is_missing(key);
            }
            sign.push(path);
        }
        if let Some(ending) = replaced.and_then(|keys| keys.before(self.now)) {
            let path = keys.webhook_path(&ending.key);
            if !path.exists() {
                self.before_is_missing(&ending);
            }
            sign.push(path);
        }
        let mut all = keys.later_webhook_paths().unwrap_or_default();
        for path in &all {
            let mode = fs::metadata(path).map_or(0, |data| data.mode() & 0o777);
            if mode & 0o077 != 0 {
                self.too_open(path, mode);
            }
        }
        // Until one is replaced, the first one signs.
        let first = keys.path(&KeyName::Webhook);
        all.extend((replaced.is_some() && first.exists()).then_some(first));
        for path in all.iter().filter(|path| !sign.contains(path)) {
            let place = path.display();
            self.warning(
                format!("密钥 {place} 不用于签署任何通知；请移走"),
                format!("the key {place} signs no webhooks; take it away"),
            );
        }
    }

    fn present_is_missing(&mut self, key: &HookKey) {
        self.fault(
            format!(
                "通知签名密钥 {key} 缺失，暂不推送变动通知；请从备份恢复，或用 yinzheng destination \
                 new-key --overlap 0 更换"
            ),
            format!(
                "the key {key} that signs webhooks is missing, so nothing is sent; restore it from a \
                 backup, or replace it with `yinzheng destination new-key --overlap 0`"
            ),
        );
    }

    fn before_is_missing(&mut self, ending: &Ending) {
        let Ending { key, until } = ending;
        self.warning(
            format!(
                "通知签名旧密钥 {key} 缺失，应并行签名至 {}；请从备份恢复，否则只认旧密钥的接收方会拒收",
                until.to_china_minutes()
            ),
            format!(
                "the key {key} that should sign webhooks until {until} is missing; restore it from a \
                 backup: receivers that know no other refuse what comes"
            ),
        );
    }
}
