//! Acts of the local operator: done directly, or through the Unix socket of the process that serves.

mod clients;
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
use crate::domain::licence::standing::{self, Reason};
use crate::service::audit::{self, Sought};
use crate::service::issue::{IssueError, Issued, Request};
use crate::service::office::Office;
use crate::service::propose::Submitted;
use crate::service::sharing::NewGrant;
use crate::store::EventLine;

pub use clients::ClientAct;
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
    /// Who asked about a licence, the newest first: the lines as the access journal has them.
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
            match office.submit_here(&request) {
                Ok(Submitted::Issued(issued)) => LocalAnswer::Done(artefacts(office, &issued)),
                Ok(Submitted::Proposed(held)) => {
                    let proposal = proposals::view(&held);
                    LocalAnswer::Done(json!({ "proposal": proposal, "warnings": held.warnings }))
                }
                Err(IssueError::Faults(faults)) => LocalAnswer::Failed {
                    message: IssueError::Faults(faults.clone()).to_string(),
                    faults: json!(faults),
                },
                Err(error) => failed(&error),
            }
        }
        LocalAct::Revoke { id, reason } => {
            let Some(reason) = Reason::parse(&reason) else {
                let codes: Vec<_> = Reason::ALL.iter().map(|(_, code)| *code).collect();
                return failed(&format!("unknown reason {reason:?}; one of: {}", codes.join(", ")));
            };
            match office.change(&id, standing::Act::Revoke(reason), &actor) {
                Ok(licence) => LocalAnswer::Done(json!(licence)),
                Err(error) => failed(&error),
            }
        }
        LocalAct::Show { id } => match office.licence(&id) {
            Ok(licence) => LocalAnswer::Done(json!(licence)),
            Err(error) => failed(&error),
        },
        LocalAct::Export { id } => {
            let found = office.licence(&id).map_err(|error| error.to_string());
            let issued = found
                .and_then(|one| office.issued(one.id.as_str()).map_err(|error| error.to_string()));
            match issued {
                Ok(issued) => LocalAnswer::Done(artefacts(office, &issued)),
                Err(error) => failed(&error),
            }
        }
        LocalAct::Audit { next, since, actor, id } => {
            let from = since.as_deref().and_then(Timestamp::parse);
            if since.is_some() && from.is_none() {
                return failed(&"since: an instant such as 2026-11-24T06:00:00Z");
            }
            let (actor, id) = (actor.as_deref(), id.as_deref());
            match office.audit(&Sought { from, actor, id }, next, AUDIT_LINES) {
                Ok((lines, next)) => {
                    let events: Vec<_> = lines.iter().map(line).collect();
                    LocalAnswer::Done(json!({ "events": events, "next": next }))
                }
                Err(error) => failed(&error),
            }
        }
        LocalAct::Log { ask } => match log::perform(office, ask) {
            Ok(value) => LocalAnswer::Done(value),
            Err(error) => failed(&error),
        },
        LocalAct::Grant { grant } => change_grants(office, grant, &actor),
        LocalAct::Accesses { id, limit } => match office.licence(&id) {
            Ok(licence) => match office.accesses_to(licence.id.as_str(), None, limit) {
                Ok((accesses, _)) => {
                    let lines = accesses.iter().map(|one| one.text.as_str());
                    LocalAnswer::Done(lines.collect())
                }
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        },
        LocalAct::ConfirmClock => match office.confirm_clock(&actor) {
            Ok(()) => LocalAnswer::Done(Value::Null),
            Err(error) => failed(&error),
        },
        LocalAct::Client { change } => clients::perform(office, change),
        LocalAct::Proposal { ask } => proposals::perform(office, ask),
        LocalAct::List { after, limit } => match office.store().list(&after, limit) {
            Ok(all) => {
                let records = all.iter().filter_map(|one| serde_json::from_str(&one.record).ok());
                LocalAnswer::Done(Value::Array(records.collect()))
            }
            Err(error) => failed(&error),
        },
        LocalAct::Verify { file, bytes } => match STANDARD.decode(bytes) {
            Ok(bytes) => LocalAnswer::Done(json!(office.verify(&file, &bytes))),
            Err(error) => failed(&error),
        },
        LocalAct::VerifyOnPaper { file, bytes } => match STANDARD.decode(bytes) {
            Ok(bytes) => match office.verify_on_paper(&actor, &file, &bytes) {
                Ok((report, pdf)) => {
                    LocalAnswer::Done(json!({ "report": report, "pdf": STANDARD.encode(pdf) }))
                }
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        },
        LocalAct::Status => {
            let last = office.store().last_event().map(Timestamp::unix);
            let accesses = office.accesses().extent();
            LocalAnswer::Done(json!({
                "extent": office.store().extent(), "accesses": accesses, "last_event": last,
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
    match changed {
        Ok(grant) => LocalAnswer::Done(json!(grant)),
        Err(error) => failed(&error),
    }
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

fn artefacts(office: &Office, issued: &Issued) -> Value {
    // The licence is issued all the same; `yinzheng log proof` makes the proof later.
    let proof = office.log_proof(issued.licence.id.as_str());
    json!({
        "proof": proof.ok().map(|proof| proof.to_string()),
        "licence": issued.licence,
        "pdf": STANDARD.encode(&issued.pdf),
        "credential": issued.credential,
        "warnings": issued.warnings,
    })
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
                if let Err(error) = serve(stream, &office) {
                    tracing::warn!(%error, "a local command was not answered");
                }
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

fn serve(mut stream: UnixStream, office: &Office) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut line = String::new();
    BufReader::new(&stream).take(LINE_BYTES).read_line(&mut line)?;
    let answer = match serde_json::from_str(&line) {
        Ok(act) => perform(office, act),
        Err(error) => failed(&error),
    };
    let mut bytes = serde_json::to_vec(&answer)?;
    bytes.push(b'\n');
    stream.write_all(&bytes)
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("office.sock")
}

/// Lines of the journal in one answer.
const AUDIT_LINES: usize = 1000;
/// A file of 64 MB in base64, and its frame.
const LINE_BYTES: u64 = 96 << 20;
