//! Sends changes to destinations, on threads of its own.
//!
//! One thread checks every second whether the journal grew and gives each destination that is due a
//! turn on a thread that may block. Issuing and queries never wait for it: the only shared lock is
//! that of the journal's index. A slow receiver delays its own messages, and one of a few threads
//! for twice the time of an attempt, and nothing else.

mod cursor_store;
mod scheduler;
mod send;
mod workers;

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::watch;

use self::scheduler::Scheduler;
use super::outgoing::{BadRoots, trusting};
use crate::base::limits::Delivering;
use crate::domain::access::Destination;
use crate::service::office::Office;
use crate::service::webhooks::{HookError, Parcel};

pub use cursor_store::{kept, names};
pub use send::{Route, SendError, WebhookResponse, post};

/// Sends until it is stopped.
#[derive(Debug)]
pub struct Courier {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

/// Why an attempt has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The message cannot be signed.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// The trusted roots cannot be used.
    #[error("TLS: {0}")]
    Roots(#[from] BadRoots),
    /// Connection, TLS or HTTP failed.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Courier {
    /// Starts sending for the office in `folder`.
    pub fn start(folder: &Path, office: Arc<Office>) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let all = office.destinations().map_err(io::Error::other)?;
        let rounds = Arc::new(Scheduler::new(folder, office));
        rounds.tidy(|name| all.iter().any(|one| one.destination.name.as_str() == name));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(Delivering::default().at_once + 1)
            .build()?;
        let thread = std::thread::Builder::new().name("courier".to_owned()).spawn(move || {
            runtime.block_on(rounds.run(stopped));
            // An attempt still in progress is abandoned: it is made again, with the same id.
            runtime.shutdown_timeout(STOP_TIME);
        })?;
        Ok(Self { stop, thread })
    }

    /// Starts no more attempts, and waits a moment for the present ones.
    pub fn stop(self) {
        self.stop.send_replace(true);
        drop(self.thread.join());
    }
}

/// Makes one attempt.
pub fn attempt(
    office: &Office,
    destination: &Destination,
    parcel: &Parcel,
    bounds: &Delivering,
) -> Result<WebhookResponse, AttemptError> {
    let stamp = office.stamp(parcel, office.now())?;
    if let Some(reason) = &stamp.lacks {
        let destination = destination.name.as_str();
        tracing::warn!(
            destination,
            reason,
            "the key before did not sign; who has no other refuses"
        );
    }
    let trust = match &destination.roots {
        Some(pem) => trusting(Some(pem.as_bytes()))?,
        None => system_roots()?,
    };
    let listed = &office.profile().private_destinations;
    let route = Route { url: &destination.url, trust: &trust, listed };
    Ok(post(&route, parcel, &stamp, bounds)?)
}

/// Read once: a bundle has some 140 certificates.
fn system_roots() -> Result<Arc<ClientConfig>, BadRoots> {
    static ROOTS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = ROOTS.get() {
        return Ok(Arc::clone(known));
    }
    let read = trusting(None)?;
    Ok(Arc::clone(ROOTS.get_or_init(|| read)))
}

/// Most receivers answer within a second.
const STOP_TIME: Duration = Duration::from_secs(2);
