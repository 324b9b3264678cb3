//! `yinzheng destination`: where systems of departments want to hear of changes.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::failure::{BadValue, Failure, act_with, text};
use super::render;
use crate::base::limits::Delivering;
use crate::domain::access::{BadOverlap, HookKey, Overlap};
use crate::edge::keys::KeyFolder;
use crate::edge::local::{DestinationAct, LocalAct};
use crate::edge::{files, webhooks};

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

pub(super) fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Add { name, client, url, ca, office } => {
            let roots = ca.as_deref().map(read_roots).transpose()?;
            let added = ask(&office, DestinationAct::Add { name, client, url, roots })?;
            let (one, dir) = (&added["destination"], office.dir.display());
            let name = text(one, "name");
            render::say(&format!(
                "registered: {name}\n  {}\n  key {}\nnext: yinzheng destination test {name} --dir {dir}",
                text(one, "url"),
                text(&added, "key"),
            ));
        }
        Command::List { json, office } => list(&office, json)?,
        Command::Pause(Named { name, office }) => {
            said("paused", &ask(&office, DestinationAct::Pause { name })?);
        }
        Command::Resume(Named { name, office }) => {
            said("sends again", &ask(&office, DestinationAct::Resume { name })?);
        }
        Command::Remove(Named { name, office }) => {
            said("removed", &ask(&office, DestinationAct::Remove { name })?);
        }
        Command::Test(Named { name, office }) => {
            let sent = ask(&office, DestinationAct::Test { name })?;
            let (id, status) = (text(&sent, "id"), &sent["status"]);
            render::say(&format!("arrived: {id}, answered with status {status}"));
        }
        Command::NewKey { overlap, office } => new_key(&office, overlap)?,
    }
    Ok(0)
}

fn ask(office: &OfficeAt, change: DestinationAct) -> Result<Value, Failure> {
    act_with(&office.dir, LocalAct::Destination { change }, office.passphrase_file.as_deref())
}

fn new_key(office: &OfficeAt, overlap: Overlap) -> Result<(), Failure> {
    let made = ask(office, DestinationAct::NewKey { overlap })?;
    let (old, until) = (text(&made, "instead_of"), text(&made, "until"));
    let ends = if overlap.is_none() {
        "signs nothing any more".to_owned()
    } else {
        format!("signs beside it until {until}")
    };
    let too = made["ended_too"].as_str().map(|key| format!(", nor does {key}"));
    let keys = KeyFolder::new(office.dir.join("keys"), None);
    let place = HookKey::parse(&old).map(|key| keys.webhook_path(&key).display().to_string());
    render::say(&format!(
        "key {}\nthe one before, {old}, {ends}{}\nnext: give the new key to every receiver over a channel \
         that they trust; the old one lies in {}: take it away when it signs nothing any more",
        text(&made, "key"),
        too.unwrap_or_default(),
        place.unwrap_or_default()
    ));
    Ok(())
}

fn overlap(text: &str) -> Result<Overlap, BadValue> {
    text.parse().map_err(|error: BadOverlap| {
        BadValue::new("0 至 90 天；0 为立即终止旧密钥", error.to_string())
    })
}

fn said(what: &str, answer: &Value) {
    render::say(&format!("{what}: {}", text(&answer["destination"], "name")));
}

fn read_roots(path: &Path) -> Result<String, Failure> {
    let bytes = files::read_given(path, Delivering::default().roots_bytes)?;
    String::from_utf8(bytes)
        .map_err(|_| Failure { message: format!("{}: no PEM", path.display()), code: 1 })
}

fn list(office: &OfficeAt, json: bool) -> Result<(), Failure> {
    let mut answer = ask(office, DestinationAct::List)?;
    let events = answer["events"].as_u64().unwrap_or_default();
    let all = answer["destinations"].as_array_mut();
    for one in all.into_iter().flatten() {
        let told = one["told"].as_u64().unwrap_or_default();
        *one = one["destination"].take();
        // Another registration's progress is none of this one's.
        let progress = webhooks::kept(&office.dir, &text(one, "name")).unwrap_or_else(|error| {
            one["failures"] = 0.into();
            one["fault"] = format!("its progress cannot be read: {error}").into();
            None
        });
        let progress = progress.filter(|kept| Some(kept.first) == one["first"].as_u64());
        let next = progress.as_ref().map_or(told, |kept| kept.next.max(told));
        one["behind"] = events.saturating_sub(next).into();
        if let Some(kept) = progress {
            one["failing"] = kept.is_failing().into();
            one["failures"] = kept.failures.into();
            one["delivered"] = kept.delivered.map(|at| at.to_string()).into();
            one["next_attempt"] = kept.not_before.map(|at| at.to_string()).into();
            one["fault"] = kept.fault.into();
        }
    }
    if json {
        render::say(&format!("{answer:#}"));
        return Ok(());
    }
    let lines = answer["destinations"].as_array().into_iter().flatten().map(line);
    let mut lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        lines.push("no destinations".to_owned());
    }
    lines.push(format!("key {}", text(&answer, "key")));
    if let Some(until) = answer["key_before"]["until"].as_str() {
        let before = text(&answer["key_before"], "key");
        lines.push(format!("  until {until} also {before}"));
    }
    render::say(&lines.join("\n"));
    Ok(())
}

/// Name, state, client, address; beneath it how deliveries go.
fn line(one: &Value) -> String {
    let state = match (text(one, "state").as_str(), one["failing"] == true) {
        ("active", true) => "failing".to_owned(),
        (state, _) => state.to_owned(),
    };
    let last = one["delivered"].as_str().unwrap_or("never");
    let again = match one["next_attempt"].as_str().filter(|_| one["state"] == "active") {
        Some(then) => format!("; again {then}"),
        None => String::new(),
    };
    let failures = one["fault"].as_str().map(|fault| match one["failures"].as_u64() {
        Some(0) => format!("\n  not sent: {fault}{again}"),
        count => format!("\n  failures in a row: {}, {fault}{again}", count.unwrap_or_default()),
    });
    format!(
        "{}  {state}  {}  {}\n  last arrived: {last}; events behind: {}{}",
        text(one, "name"),
        text(one, "client"),
        text(one, "url"),
        one["behind"],
        failures.unwrap_or_default()
    )
}
