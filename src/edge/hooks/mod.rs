//! Sends what changed to destinations, beside everything else that the process does.
//!
//! A thread of its own looks every second whether the journal grew and gives each destination that
//! is due a turn on a thread that may block. Whoever issues or asks never waits for any of it: there
//! is no lock in common with them but that of the journal's index. A receiver that is slow holds up
//! its own messages, one of a few threads for ten seconds, and nothing else.

mod keep;
mod send;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::outgoing::{BadRoots, trusting};
use crate::base::actor::Actor;
use crate::base::limits::Delivering;
use crate::domain::access::{Destination, State, Turn};
use crate::service::hooks::{HookError, Looked, Parcel, Progress, Registered};
use crate::service::office::Office;

pub use keep::{failing, kept};
pub use send::{Route, Said, SendError, post};

/// Sends until it is stopped.
#[derive(Debug)]
pub struct Courier {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

/// Why an attempt did not bring an answer.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// Nothing can be signed.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// The roots.
    #[error("TLS: {0}")]
    Roots(#[from] BadRoots),
    /// The network.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Courier {
    /// Begins to send for the office that lies in `folder`.
    pub fn start(folder: &Path, office: Arc<Office>) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let rounds = Arc::new(Rounds {
            folder: folder.to_owned(),
            office,
            bounds: Delivering::default(),
            known: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let all = rounds.office.destinations().map_err(io::Error::other)?;
        keep::tidy(folder, |name| all.iter().any(|one| one.destination.name.as_str() == name));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(rounds.bounds.at_once + 1)
            .build()?;
        let thread = std::thread::Builder::new().name("courier".to_owned()).spawn(move || {
            runtime.block_on(rounds.run(stopped));
            // An attempt that is still under way is left alone: it is made again, with the same id.
            runtime.shutdown_timeout(STOP_TIME);
        })?;
        Ok(Self { stop, thread })
    }

    /// Begins nothing more, and waits a moment for what is under way.
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
) -> Result<Said, AttemptError> {
    let stamp = office.stamp(parcel, office.now())?;
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

struct Rounds {
    folder: PathBuf,
    office: Arc<Office>,
    bounds: Delivering,
    /// What is known of each destination; on disk it may be behind by events that there was
    /// nothing to tell of.
    known: Mutex<HashMap<String, Known>>,
    stopping: AtomicBool,
}

#[derive(Clone)]
struct Known {
    progress: Progress,
    /// `next` as it is on disk.
    kept: u64,
}

impl Rounds {
    async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let (mut turns, mut busy) = (JoinSet::new(), HashSet::new());
        for round in 0_usize.. {
            tokio::select! {
                // Also when nobody is left who could ask.
                _ = stopped.changed() => break,
                () = tokio::time::sleep(LOOK) => {}
            }
            while let Some(ended) = turns.try_join_next() {
                match ended {
                    Ok(name) => drop(busy.remove(&name)),
                    // It has no name to give back, so that it is not tried again until a restart.
                    Err(error) => tracing::error!(%error, "a delivery broke off"),
                }
            }
            let this = Arc::clone(&self);
            let due = tokio::task::spawn_blocking(move || this.due()).await;
            let mut due: Vec<String> = due.unwrap_or_default();
            due.retain(|name| !busy.contains(name));
            // So that the first ones do not always have the free threads.
            let first = round.checked_rem(due.len()).unwrap_or(0);
            due.rotate_left(first);
            for name in due.into_iter().take(self.bounds.at_once.saturating_sub(turns.len())) {
                busy.insert(name.clone());
                let this = Arc::clone(&self);
                turns.spawn_blocking(move || {
                    this.turn(&name);
                    name
                });
            }
        }
        self.stopping.store(true, Ordering::Relaxed);
        // Blocking threads cannot be cancelled; they end by themselves within the bounds.
        turns.detach_all();
    }

    /// Names of destinations that are due and that the journal may have something for.
    fn due(&self) -> Vec<String> {
        let all = match self.office.destinations() {
            Ok(all) => all,
            Err(error) => {
                tracing::error!(%error, "destinations cannot be read");
                return Vec::new();
            }
        };
        let (head, _) = self.office.store().head();
        let epoch = self.office.store().epoch().unwrap_or_default();
        let now = self.office.now();
        let mut due = Vec::new();
        for one in &all {
            let name = one.destination.name.as_str();
            let progress = self.progress(one).progress;
            self.office.note_delivery(name, |health| {
                health.next = progress.next;
                health.failing = progress.is_failing();
            });
            let active = one.destination.state == State::Active;
            // In a new epoch there may be events behind a place that was told long ago.
            let grew = progress.next < head || progress.epoch != epoch;
            if active && grew && progress.is_due(now) {
                due.push(name.to_owned());
            }
        }
        let is_there = |name: &str| all.iter().any(|one| one.destination.name.as_str() == name);
        let were_told = self.office.deliveries().len();
        self.office.forget_deliveries(is_there);
        self.known().retain(|name, _| is_there(name));
        if were_told > all.len() {
            keep::tidy(&self.folder, is_there);
        }
        due
    }

    /// Tells one destination what there is, as long as it takes it.
    fn turn(&self, name: &str) {
        for _ in 0..self.bounds.in_a_row {
            if self.stopping.load(Ordering::Relaxed) || !self.step(name) {
                return;
            }
        }
    }

    /// At most one message. Says whether to go on.
    fn step(&self, name: &str) -> bool {
        let Ok(one) = self.office.destination(name) else { return false };
        let mut known = self.progress(&one);
        let now = self.office.now();
        if one.destination.state != State::Active || !known.progress.is_due(now) {
            return false;
        }
        let looked = self
            .office
            .in_this_epoch(&mut known.progress)
            .map_err(|error| error.to_string())
            .and_then(|()| {
                let looked = self.office.look_for(&one.destination, &known.progress);
                looked.map_err(|error| error.to_string())
            });
        match looked {
            Ok(Looked { parcel: Some(parcel), more, .. }) => {
                self.deliver(&one.destination, known, &parcel) && more
            }
            Ok(Looked { parcel: None, next, more }) => {
                known.progress.passed(next);
                let far = known.progress.next.saturating_sub(known.kept) >= KEPT_BEHIND;
                if far {
                    self.keep(name, known) && more
                } else {
                    self.remember(name, known) && more
                }
            }
            Err(reason) => {
                tracing::warn!(destination = name, reason, "nothing can be sent");
                known.progress.withheld(reason, now);
                self.keep(name, known);
                false
            }
        }
    }

    fn deliver(&self, destination: &Destination, mut known: Known, parcel: &Parcel) -> bool {
        let name = destination.name.as_str();
        // Before anything leaves: whatever happens, the next attempt covers the same events.
        if known.progress.sending != Some(parcel.next) {
            known.progress.sending = Some(parcel.next);
            if !self.keep(name, known.clone()) {
                return false;
            }
        }
        let said = attempt(&self.office, destination, parcel, &self.bounds);
        let now = self.office.now();
        let (fault, asked) = match said {
            Ok(said) if said.arrived() => {
                known.progress.arrived(parcel.next, now);
                self.office.note_delivery(name, |health| health.delivered += 1);
                tracing::debug!(destination = name, id = parcel.id, "delivered");
                return self.keep(name, known);
            }
            Ok(said) if said.is_gone() => {
                tracing::warn!(destination = name, "it answers that it is gone; disabled");
                if let Err(error) =
                    self.office.turn_destination(name, Turn::Disable, &Actor::System)
                {
                    tracing::error!(destination = name, %error, "it could not be disabled");
                }
                ("status 410".to_owned(), None)
            }
            Ok(said) => (format!("status {}", said.status), said.retry_after),
            Err(error) => (error.to_string(), None),
        };
        let was_failing = known.progress.is_failing();
        known.progress.failed(fault, now, self.office.spread(), asked);
        let fault = known.progress.fault.clone().unwrap_or_default();
        let failing = known.progress.is_failing();
        self.office.note_delivery(name, |health| {
            health.failed += 1;
            health.failing = failing;
        });
        let failures = known.progress.failures;
        if failing && !was_failing {
            tracing::error!(destination = name, failures, fault, "failing; tried every hour");
        } else {
            tracing::warn!(destination = name, failures, fault, "not delivered");
        }
        self.keep(name, known);
        false
    }

    fn progress(&self, one: &Registered) -> Known {
        let name = one.destination.name.as_str();
        let before = self.known().get(name).cloned();
        let kept = before.as_ref().map_or(one.destination.first, |known| known.kept);
        // An office whose epoch cannot be read cannot read its feed either.
        let epoch = self.office.store().epoch().unwrap_or_default();
        if let Some(known) = before {
            let progress = Progress::follow(Some(known.progress), one, epoch);
            return Known { progress, kept };
        }
        let progress = Progress::follow(keep::kept(&self.folder, name), one, epoch);
        let read = Known { kept: progress.next, progress };
        self.known().entry(name.to_owned()).or_insert(read).clone()
    }

    /// On disk and in memory. Without the first, nothing is sent for a while.
    fn keep(&self, name: &str, mut known: Known) -> bool {
        let written = keep::keep(&self.folder, name, &known.progress);
        match &written {
            Ok(()) => known.kept = known.progress.next,
            Err(error) => {
                tracing::error!(destination = name, %error, "progress cannot be kept");
                known.progress.withheld(error.to_string(), self.office.now());
            }
        }
        self.remember(name, known);
        written.is_ok()
    }

    fn remember(&self, name: &str, known: Known) -> bool {
        self.known().insert(name.to_owned(), known);
        true
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often it is looked whether the journal grew.
const LOOK: Duration = Duration::from_secs(1);
/// Events that a restart may look at again.
const KEPT_BEHIND: u64 = 1000;
/// Most receivers answer within a second.
const STOP_TIME: Duration = Duration::from_secs(2);
