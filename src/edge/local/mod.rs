//! Acts of the local operator: done directly, or through the Unix socket of the process that serves.

mod clients;
mod destinations;
mod licences;
mod proposals;

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::log::{self, LogAct};
use crate::base::actor::Actor;
use crate::base::time::Timestamp;
use crate::service::audit::{self, Sought};
use crate::service::hooks::kept_webhook_keys;
use crate::service::issue::Request;
use crate::service::office::Office;
use crate::service::sharing::NewGrant;
use crate::store::EventLine;

pub use clients::ClientAct;
pub use destinations::DestinationAct;
pub use proposals::ProposalAct;

/// What the operator asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum LocalAct {
    /// Issue a licence.
    Issue {
        /// Slug of the type.
        kind: String,
        /// The application.
        input: Value,
        /// A key under which the request may be repeated.
        idempotency: Option<String>,
        /// Who asks, when the journal shall name somebody.
        #[serde(default)]
        officer: Option<String>,
    },
    /// Something about what waits for a second person.
    Proposal {
        /// What.
        ask: ProposalAct,
    },
    /// Withdraw a licence for good.
    Revoke {
        /// Identifier or number.
        id: String,
        /// Code of the reason.
        reason: String,
    },
    /// A licence's record.
    Show {
        /// Identifier or number.
        id: String,
    },
    /// The licences, shortly.
    List {
        /// After this identifier.
        after: String,
        /// How many.
        limit: usize,
    },
    /// Verify a file.
    Verify {
        /// Its name.
        file: String,
        /// Its bytes in base64.
        bytes: String,
    },
    /// Verify a file and print the report, sealed by the office.
    VerifyOnPaper {
        /// Its name.
        file: String,
        /// Its bytes in base64.
        bytes: String,
    },
    /// How far the journal is.
    Status,
    /// Make, list or withdraw a grant.
    Grant {
        /// Which.
        grant: GrantAct,
    },
    /// Who asked about a licence, the newest first: the lines as the access journal has them, and
    /// whether there are more.
    Accesses {
        /// Identifier or number.
        id: String,
        /// How many at the most.
        limit: usize,
    },
    /// Note that the operator confirms the clock.
    ConfirmClock,
    /// Something about clients of the departments' API.
    Client {
        /// What.
        change: ClientAct,
    },
    /// Something about destinations of webhooks.
    Destination {
        /// What.
        change: DestinationAct,
    },
    /// Lines of the journal.
    Audit {
        /// From this number on.
        next: u64,
        /// Not before this instant.
        since: Option<String>,
        /// Name of the author.
        actor: Option<String>,
        /// Identifier of a licence.
        id: Option<String>,
    },
    /// Something of the log.
    Log {
        /// What.
        ask: LogAct,
    },
    /// A licence's record and artefacts.
    Export {
        /// Identifier or number.
        id: String,
    },
}

impl LocalAct {
    /// Whether it waits for a server that is not ours.
    const fn asks_elsewhere(&self) -> bool {
        matches!(self, Self::Destination { change: DestinationAct::Test { .. } })
    }
}

/// What is done to grants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "grant_act", rename_all = "snake_case", deny_unknown_fields)]
pub enum GrantAct {
    /// Make one.
    Add {
        /// What it says.
        new: NewGrant,
    },
    /// List all.
    List,
    /// Withdraw one.
    Withdraw {
        /// Its number.
        number: u64,
    },
}

/// The answer: a value, or a message and the faults of an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalAnswer {
    /// It was done.
    Done(Value),
    /// It was not.
    Failed {
        /// Why.
        message: String,
        /// Faults, with pointers.
        faults: Value,
    },
}

/// Does an act.
pub fn perform(office: &Office, act: LocalAct) -> LocalAnswer {
    let actor = Actor::LocalOperator;
    match act {
        LocalAct::Issue { kind, input, idempotency, officer } => {
            let named = officer.as_deref().map(proposals::named).transpose();
            let actor = match named {
                Ok(named) => named.unwrap_or(actor),
                Err(message) => return failed(&message),
            };
            let idempotency = idempotency.as_deref();
            let request = Request { actor: &actor, kind: &kind, input: &input, idempotency };
            licences::issue(office, &request)
        }
        LocalAct::Revoke { id, reason } => licences::revoke(office, &id, &reason, &actor),
        LocalAct::Show { id } => answered(office.licence(&id)),
        LocalAct::Export { id } => licences::export(office, &id),
        LocalAct::Audit { next, since, actor, id } => {
            search(office, next, since.as_deref(), (actor.as_deref(), id.as_deref()))
        }
        LocalAct::Log { ask } => answered(log::perform(office, ask)),
        LocalAct::Grant { grant } => change_grants(office, grant, &actor),
        LocalAct::Accesses { id, limit } => licences::accesses(office, &id, limit),
        LocalAct::ConfirmClock => answered(office.confirm_clock(&actor)),
        LocalAct::Client { change } => clients::perform(office, change),
        LocalAct::Destination { change } => destinations::perform(office, change),
        LocalAct::Proposal { ask } => proposals::perform(office, ask),
        LocalAct::List { after, limit } => licences::list(office, &after, limit),
        LocalAct::Verify { file, bytes } => match STANDARD.decode(bytes) {
            Ok(bytes) => LocalAnswer::Done(json!(office.verify(&file, &bytes))),
            Err(error) => failed(&error),
        },
        LocalAct::VerifyOnPaper { file, bytes } => {
            licences::verify_on_paper(office, &file, &bytes, &actor)
        }
        LocalAct::Status => {
            let last = office.store().last_event().map(Timestamp::unix);
            let accesses = office.accesses().extent();
            let keys = kept_webhook_keys(office.store()).ok().flatten().map(|(keys, _)| keys);
            LocalAnswer::Done(json!({
                "extent": office.store().extent(), "accesses": accesses, "last_event": last,
                "webhook_keys": keys,
            }))
        }
    }
}

fn change_grants(office: &Office, act: GrantAct, actor: &Actor) -> LocalAnswer {
    let changed = match act {
        GrantAct::Add { new } => office.add_grant(new, actor),
        GrantAct::Withdraw { number } => office.withdraw_grant(number, actor),
        GrantAct::List => return LocalAnswer::Done(json!(office.grants())),
    };
    answered(changed)
}

/// Lines of the journal by whom and about what.
fn search(
    office: &Office,
    next: u64,
    since: Option<&str>,
    (actor, id): (Option<&str>, Option<&str>),
) -> LocalAnswer {
    let from = since.and_then(Timestamp::parse);
    if since.is_some() && from.is_none() {
        return failed(&"since: an instant such as 2026-11-24T06:00:00Z");
    }
    answered(office.audit(&Sought { from, actor, id }, next, AUDIT_LINES).map(|(lines, next)| {
        let events: Vec<_> = lines.iter().map(line).collect();
        json!({ "events": events, "next": next })
    }))
}

fn line(line: &EventLine) -> Value {
    let entries = line.entries.iter().map(|(room, key)| format!("{}/{key}", room.name()));
    json!({
        "index": line.index,
        "at": line.at,
        "event": line.kind,
        "note": line.note,
        "actor": audit::name(&line.actor),
        "id": line.id,
        "entries": entries.collect::<Vec<_>>(),
    })
}

fn answered<T: Serialize, E: std::fmt::Display>(done: Result<T, E>) -> LocalAnswer {
    match done {
        Ok(value) => LocalAnswer::Done(json!(value)),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> LocalAnswer {
    LocalAnswer::Failed { message: error.to_string(), faults: Value::Null }
}

/// Asks the process that serves the office. `None` when none does.
pub fn ask(folder: &Path, act: &LocalAct) -> io::Result<Option<LocalAnswer>> {
    let Ok(mut stream) = UnixStream::connect(socket(folder)) else { return Ok(None) };
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let mut line = serde_json::to_vec(act)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(Some(serde_json::from_str(&answer)?))
}

/// Answers operators until the process ends. The socket belongs to its owner alone.
pub fn listen(folder: &Path, office: Arc<Office>) -> io::Result<Socket> {
    let path = socket(folder);
    // The store's lock is held: whoever made a socket that is still there is gone.
    if let Err(error) = fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    let listener = Arc::new(listener);
    // As many as there are cores: a command that verifies many files asks as often at once.
    for _ in 0..std::thread::available_parallelism().map_or(1, NonZeroUsize::get) {
        let (listener, office) = (Arc::clone(&listener), Arc::clone(&office));
        std::thread::Builder::new().name("local".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                answered_or_told(serve(stream, &office));
            }
        })?;
    }
    Ok(Socket(path))
}

/// Takes the socket away when the process stops.
#[derive(Debug)]
pub struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // Gone already is as good.
        drop(fs::remove_file(&self.0));
    }
}

fn serve(stream: UnixStream, office: &Arc<Office>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut line = String::new();
    BufReader::new(&stream).take(LINE_BYTES).read_line(&mut line)?;
    match serde_json::from_str::<LocalAct>(&line) {
        // Other commands do not wait until somebody else's server answers.
        Ok(act) if act.asks_elsewhere() => {
            let office = Arc::clone(office);
            let ask = move || answered_or_told(answer(stream, &perform(&office, act)));
            std::thread::Builder::new().name("local-test".to_owned()).spawn(ask).map(drop)
        }
        Ok(act) => answer(stream, &perform(office, act)),
        Err(error) => answer(stream, &failed(&error)),
    }
}

fn answer(mut stream: UnixStream, answer: &LocalAnswer) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(answer)?;
    bytes.push(b'\n');
    stream.write_all(&bytes)
}

fn answered_or_told(answered: io::Result<()>) {
    if let Err(error) = answered {
        tracing::warn!(%error, "a local command was not answered");
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("office.sock")
}

/// Lines of the journal in one answer.
const AUDIT_LINES: usize = 1000;
/// A file of 64 MB in base64, and its frame.
const LINE_BYTES: u64 = 96 << 20;
