//! `yinzheng destination`: where systems of departments want to hear of changes.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::{BadValue, Failure, answer_to};
use super::render::{self, words};
use crate::base::limits::Delivering;
use crate::base::localized::{Language, Localized};
use crate::base::time::Timestamp;
use crate::domain::access::ClientName;
use crate::domain::webhooks::{BadOverlap, Destination, Ending, Overlap, State};
use crate::edge::keys::KeyFolder;
use crate::edge::local::{
    DestinationAct, DestinationAnswer, DestinationState, DestinationsAnswer, LocalAct,
    ReceiverKeys, TestAnswer,
};
use crate::edge::{files, webhooks};
use crate::service::webhooks::Replaced;

/// What is done to destinations.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register a destination: what its client may see in the feed from now on is sent there.
    Add {
        /// Its name: 3 to 48 lower-case letters, digits and hyphens.
        name: String,
        /// The client with the right feed whose grants decide what it hears of.
        #[arg(long)]
        client: String,
        /// Where it is: <https://hooks.example.org/path>, no query, no user name.
        #[arg(long)]
        url: String,
        /// Believe a server there only with these roots (PEM) above its certificate, not with the
        /// system's.
        #[arg(long, value_name = "ROOTS.pem")]
        ca: Option<PathBuf>,
        #[command(flatten)]
        office: OfficeAt,
    },
    /// List destinations, how far each has been told, and the keys that receivers check with.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        office: OfficeAt,
    },
    /// Send nothing for now; what happens meanwhile is sent after `resume`.
    Pause(Named),
    /// Send again, at once, from where it stopped: after a pause, a 410, or failures.
    Resume(Named),
    /// Remove a destination for good.
    Remove(Named),
    /// Send a signed message that tells of nothing, once, and say what was answered.
    Test(Named),
    /// Put another key in the place of the one that signs messages.
    ///
    /// For some days messages carry the signatures of both, so that receivers have time to take the
    /// new key; then the old one signs nothing, and nobody has to do anything for it. Until then
    /// there is no third key: another `new-key` is refused, unless it says --overlap 0, which ends
    /// both at once.
    NewKey {
        /// For how many days the old key signs beside the new one, 0 to 90. 0 ends it at once, for a
        /// key that leaked: receivers that do not have the new one refuse every message from then on.
        #[arg(long, value_name = "DAYS", default_value = "14", value_parser = overlap)]
        overlap: Overlap,
        #[command(flatten)]
        office: OfficeAt,
    },
}

#[derive(Debug, Args)]
pub(super) struct OfficeAt {
    /// Where the office lies.
    #[arg(long)]
    dir: PathBuf,
    /// File with the passphrase.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its name.
    name: String,
    #[command(flatten)]
    office: OfficeAt,
}

pub(super) fn run(command: Command, language: Language) -> Result<u8, Failure> {
    match command {
        Command::Add { name, client, url, ca, office } => {
            let roots = ca.as_deref().map(read_roots).transpose()?;
            let DestinationAnswer { destination, keys } =
                ask(&office, DestinationAct::Add { name, client, url, roots })?;
            let Destination { name, url, .. } = destination;
            let (key, dir) = (key_of(keys), office.dir.display());
            let next = format!("yinzheng destination test {name} --dir {dir}");
            render::tell(
                language,
                format!("已登记：{name}\n  {url}\n  密钥 {key}\n下一步：{next}"),
                format!("registered: {name}\n  {url}\n  key {key}\nnext: {next}"),
            );
        }
        Command::List { json, office } => list(&office, json, language)?,
        Command::Pause(Named { name, office }) => {
            let of = of(ask(&office, DestinationAct::Pause { name })?);
            render::tell(language, format!("已暂停：{of}"), format!("paused: {of}"));
        }
        Command::Resume(Named { name, office }) => {
            let of = of(ask(&office, DestinationAct::Resume { name })?);
            render::tell(language, format!("已恢复发送：{of}"), format!("sends again: {of}"));
        }
        Command::Remove(Named { name, office }) => {
            let of = of(ask(&office, DestinationAct::Remove { name })?);
            render::tell(language, format!("已删除：{of}"), format!("removed: {of}"));
        }
        Command::Test(Named { name, office }) => {
            let TestAnswer { id, status } = ask(&office, DestinationAct::Test { name })?;
            render::tell(
                language,
                format!("已送达：{id}，对方答复状态 {status}"),
                format!("arrived: {id}, answered with status {status}"),
            );
        }
        Command::NewKey { overlap, office } => new_key(&office, overlap, language)?,
    }
    Ok(0)
}

fn ask<T: DeserializeOwned>(office: &OfficeAt, change: DestinationAct) -> Result<T, Failure> {
    answer_to(&office.dir, LocalAct::Destination { change }, office.passphrase_file.as_deref())
}

fn new_key(office: &OfficeAt, overlap: Overlap, language: Language) -> Result<(), Failure> {
    let Replaced { key, instead_of, until, ended_too } =
        ask(office, DestinationAct::NewKey { overlap })?;
    let place = KeyFolder::new(office.dir.join("keys"), None).webhook_path(&instead_of);
    let (place, until) = (place.display(), until.to_china_minutes());
    let ends = if overlap.is_none() {
        Localized::new("不再签名", "signs nothing any more")
    } else {
        Localized::new(format!("与它一同签名至 {until}"), format!("signs beside it until {until}"))
    };
    let too = ended_too
        .map(|key| Localized::new(format!("，{key} 亦然"), format!(", nor does {key}")))
        .unwrap_or_default();
    render::tell(
        language,
        format!(
            "密钥 {key}\n之前的 {instead_of} {}{}\n下一步：经接收方信任的渠道把新密钥交给每个接收方；旧密钥\
             在 {place}，不再签名后请移走",
            ends.zh, too.zh
        ),
        format!(
            "key {key}\nthe one before, {instead_of}, {}{}\nnext: give the new key to every receiver \
             over a channel that they trust; the old one lies in {place}: take it away when it signs \
             nothing any more",
            ends.en, too.en
        ),
    );
    Ok(())
}

fn overlap(text: &str) -> Result<Overlap, BadValue> {
    text.parse().map_err(|error: BadOverlap| {
        BadValue::new("0 至 90 天；0 为立即终止旧密钥", error.to_string())
    })
}

fn of(answer: DestinationAnswer) -> ClientName {
    answer.destination.name
}

fn key_of(keys: ReceiverKeys) -> String {
    keys.key.map(|key| key.to_string()).unwrap_or_default()
}

fn read_roots(path: &Path) -> Result<String, Failure> {
    let bytes = files::read_given(path, Delivering::default().roots_bytes)?;
    let path = path.display();
    String::from_utf8(bytes)
        .map_err(|_| Failure::new(format!("{path}：不是 PEM"), format!("{path}: no PEM")))
}

/// What `list --json` prints.
#[derive(Debug, Serialize)]
struct Listed {
    destinations: Vec<Line>,
    events: u64,
    #[serde(flatten)]
    keys: ReceiverKeys,
}

#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    destination: Destination,
    /// Events that it was not told of yet.
    behind: u64,
    #[serde(flatten)]
    deliveries: Option<Deliveries>,
}

/// How deliveries go, once there were any.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Deliveries {
    Known {
        failing: bool,
        failures: u32,
        delivered: Option<Timestamp>,
        next_attempt: Option<Timestamp>,
        fault: Option<String>,
    },
    Unreadable {
        failures: u32,
        fault: String,
    },
}

impl Line {
    fn new(
        dir: &Path,
        events: u64,
        DestinationState { destination, told }: DestinationState,
    ) -> Self {
        // Another registration's progress is none of this one's.
        let kept = webhooks::kept(dir, destination.name.as_str());
        let kept = kept.map(|kept| kept.filter(|kept| kept.first == destination.first));
        let next =
            kept.as_ref().ok().and_then(Option::as_ref).map_or(told, |kept| kept.next.max(told));
        let deliveries = match kept {
            Ok(kept) => kept.map(|kept| Deliveries::Known {
                failing: kept.is_failing(),
                failures: kept.failures,
                delivered: kept.delivered,
                next_attempt: kept.not_before,
                fault: kept.fault,
            }),
            Err(error) => Some(Deliveries::Unreadable {
                failures: 0,
                fault: format!("its progress cannot be read: {error}"),
            }),
        };
        Self { behind: events.saturating_sub(next), destination, deliveries }
    }
}

fn list(office: &OfficeAt, json: bool, language: Language) -> Result<(), Failure> {
    let DestinationsAnswer { destinations, events, keys } = ask(office, DestinationAct::List)?;
    let line = |told| Line::new(&office.dir, events, told);
    let listed =
        Listed { destinations: destinations.into_iter().map(line).collect(), events, keys };
    if json {
        render::say(&serde_json::to_string_pretty(&listed)?);
        return Ok(());
    }
    for line in &listed.destinations {
        render::say(line_of(line).of(language));
    }
    if listed.destinations.is_empty() {
        render::tell(language, "没有接收地址", "no destinations");
    }
    let key = key_of(keys);
    render::tell(language, format!("密钥 {key}"), format!("key {key}"));
    if let Some(Ending { key, until }) = keys.key_before {
        let until = until.to_china_minutes();
        let (zh, en) = (format!("  至 {until} 另有 {key}"), format!("  until {until} also {key}"));
        render::tell(language, zh, en);
    }
    Ok(())
}

/// Name, state, client, address; beneath it how deliveries go.
fn line_of(Line { destination, behind, deliveries }: &Line) -> Localized {
    let is_failing = matches!(deliveries, Some(Deliveries::Known { failing: true, .. }));
    let state = match destination.state {
        State::Active if is_failing => "failing",
        State::Active => "active",
        State::Paused => "paused",
        State::Disabled => "disabled",
        State::Removed => "removed",
    };
    let (mut last, mut failures) = (Localized::new("从未", "never"), Localized::default());
    match deliveries {
        Some(Deliveries::Known { failures: count, delivered, next_attempt, fault, .. }) => {
            if let Some(at) = delivered {
                last = Localized::new(at.to_china_minutes(), at.to_china_minutes());
            }
            let again = next_attempt.filter(|_| destination.state == State::Active);
            let again = again
                .map(|then| {
                    let then = then.to_china_minutes();
                    Localized::new(format!("；{then} 再试"), format!("; again {then}"))
                })
                .unwrap_or_default();
            if let Some(fault) = fault {
                failures = match count {
                    0 => not_sent(fault, &again),
                    count => Localized::new(
                        format!("\n  连续失败 {count} 次：{fault}{}", again.zh),
                        format!("\n  failures in a row: {count}, {fault}{}", again.en),
                    ),
                };
            }
        }
        Some(Deliveries::Unreadable { fault, .. }) => {
            failures = not_sent(fault, &Localized::default());
        }
        None => {}
    }
    let Destination { name, client, url, .. } = destination;
    let head = |state: &str| format!("{name}  {state}  {client}  {url}");
    let (zh, en) = (head(if state == "active" { "使用中" } else { words::of(state) }), head(state));
    Localized::new(
        format!("{zh}\n  最近送达：{}；未送事件：{behind}{}", last.zh, failures.zh),
        format!("{en}\n  last arrived: {}; events behind: {behind}{}", last.en, failures.en),
    )
}

fn not_sent(fault: &str, again: &Localized) -> Localized {
    Localized::new(
        format!("\n  未发送：{fault}{}", again.zh),
        format!("\n  not sent: {fault}{}", again.en),
    )
}
