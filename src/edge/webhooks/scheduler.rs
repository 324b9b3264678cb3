//! Scheduler: every second each due destination gets a turn, and each step of a turn is one
//! message.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::attempt::{AttemptError, attempt};
use super::cursor_store::{CursorStore, Known};
use super::workers::{self, Turns};
use crate::base::limits::Delivering;
use crate::domain::webhooks::State;
use crate::service::office::Office;
use crate::service::webhooks::{Looked, Message, Registered};

/// Shared state of the scheduler and its turns.
pub(super) struct Scheduler {
    office: Arc<Office>,
    bounds: Delivering,
    ledger: CursorStore,
    stopping: AtomicBool,
}

impl Scheduler {
    /// For the office in `folder`.
    pub(super) fn new(folder: &Path, office: Arc<Office>) -> Self {
        Self {
            office,
            bounds: Delivering::default(),
            ledger: CursorStore::open(folder),
            stopping: AtomicBool::new(false),
        }
    }

    /// Removes stored progress of destinations that no longer exist.
    pub(super) fn tidy(&self, is_there: impl Fn(&str) -> bool) {
        self.ledger.tidy(is_there);
    }

    /// Runs until it is stopped.
    pub(super) async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut turns = Turns::default();
        for round in 0_usize.. {
            tokio::select! {
                // Also when the owner of the stop signal is gone.
                _ = stopped.changed() => break,
                () = tokio::time::sleep(LOOK) => {}
            }
            let (this, broken) = (Arc::clone(&self), turns.ended());
            let looked = tokio::task::spawn_blocking(move || {
                for name in &broken {
                    this.broke_off(name);
                }
                this.due()
            });
            let mut due = looked.await.unwrap_or_else(|error| {
                tracing::error!(%error, "looking for what is due broke off");
                Vec::new()
            });
            due.retain(|name| !turns.has(name));
            // So that the first ones do not always have the free threads.
            let first = round.checked_rem(due.len()).unwrap_or(0);
            due.rotate_left(first);
            let free = self.bounds.at_once.saturating_sub(turns.count());
            for name in due.into_iter().take(free) {
                let (this, whose) = (Arc::clone(&self), name.clone());
                turns.start(name, move || this.turn(&whose));
            }
        }
        self.stopping.store(true, Ordering::Relaxed);
        turns.leave();
    }

    /// Names of destinations that are due and may have new events in the journal.
    fn due(&self) -> Vec<String> {
        let store = self.office.store();
        let read = self.office.destinations().and_then(|all| Ok((all, store.reader().epoch()?)));
        let (all, epoch) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "destinations cannot be read");
                return Vec::new();
            }
        };
        let (head, _) = store.head();
        let now = self.office.now();
        let mut due = Vec::new();
        for one in &all {
            let name = one.destination.name.as_str();
            let Some(Known { progress, .. }) = self.progress(one, epoch) else { continue };
            self.office.note_delivery(name, |health| {
                health.next = progress.next;
                health.failing = progress.is_failing();
            });
            let active = one.destination.state == State::Active;
            // In a new epoch there may be new events after a position delivered long ago, and a
            // journal that ends before that position is another one.
            let moved = progress.next != head || progress.epoch != epoch;
            if active && moved && progress.is_due(now) {
                due.push(name.to_owned());
            }
        }
        let is_there = |name: &str| all.iter().any(|one| one.destination.name.as_str() == name);
        let were_told = self.office.deliveries().len();
        self.office.forget_deliveries(is_there);
        self.ledger.forget(is_there);
        if were_told > all.len() {
            self.ledger.tidy(is_there);
        }
        due
    }

    /// Sends one destination its messages, as long as it accepts them.
    fn turn(&self, name: &str) {
        let goes_on = || !self.stopping.load(Ordering::Relaxed);
        workers::take(&self.bounds, || goes_on() && self.step(name));
    }

    /// Sends at most one message. Returns whether to continue.
    fn step(&self, name: &str) -> bool {
        let Some((one, mut known)) = self.find(name) else { return false };
        if one.destination.state != State::Active || !known.progress.is_due(self.office.now()) {
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
            Ok(Looked { message: Some(message), more, .. }) => {
                self.deliver(&one, known, &message) && more
            }
            Ok(Looked { message: None, next, more }) => {
                known.progress.passed(next);
                if known.ahead() >= KEPT_BEHIND {
                    return self.keep(name, &mut known) && more;
                }
                self.ledger.remember(name, known);
                more
            }
            Err(reason) => self.withhold(name, known, reason),
        }
    }

    fn deliver(&self, one: &Registered, mut known: Known, message: &Message) -> bool {
        let name = one.destination.name.as_str();
        // Stored before anything is sent: whatever happens, the next attempt covers the same
        // events.
        known.progress.sending = Some(message.next);
        if !known.is_kept() && !self.keep(name, &mut known) {
            return false;
        }
        let said = attempt(&self.office, &one.destination, message, &self.bounds);
        let (fault, asked) = match said {
            Ok(said) if said.arrived() => {
                known.progress.arrived(message.next, self.office.now());
                self.office.note_delivery(name, |health| health.delivered += 1);
                tracing::debug!(destination = name, id = message.id, "delivered");
                return self.keep(name, &mut known);
            }
            Ok(said) if said.is_gone() => {
                tracing::warn!(destination = name, "it answers that it is gone; disabled");
                if let Err(error) = self.office.destination_is_gone(one) {
                    tracing::error!(destination = name, %error, "it could not be disabled");
                }
                ("status 410".to_owned(), None)
            }
            Ok(said) => (format!("status {}", said.status), said.retry_after),
            Err(AttemptError::Send(error)) => (error.to_string(), None),
            // The office's own fault: the receiver was not even asked.
            Err(error @ (AttemptError::Hook(_) | AttemptError::Roots(_))) => {
                return self.withhold(name, known, error.to_string());
            }
        };
        self.failed(name, known, fault, asked);
        false
    }

    /// Records a failed attempt.
    fn failed(&self, name: &str, mut known: Known, fault: String, asked: Option<i64>) {
        let was_failing = known.progress.is_failing();
        known.progress.failed(fault, self.office.now(), self.office.spread(), asked);
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
        self.keep(name, &mut known);
    }

    /// Nothing can be sent, and the receiver is not at fault. Returns not to continue.
    fn withhold(&self, name: &str, mut known: Known, reason: String) -> bool {
        tracing::warn!(destination = name, reason, "nothing can be sent");
        known.progress.withheld(reason, self.office.now());
        self.keep(name, &mut known);
        false
    }

    /// A turn panicked: it is not begun again at once.
    fn broke_off(&self, name: &str) {
        if let Some((_, known)) = self.find(name) {
            self.failed(name, known, "the attempt broke off".to_owned(), None);
        }
    }

    /// A registered destination, and where it continues.
    fn find(&self, name: &str) -> Option<(Registered, Known)> {
        let one = self.office.destination(name).ok()?;
        let epoch = self.office.store().reader().epoch().ok()?;
        let known = self.progress(&one, epoch)?;
        Some((one, known))
    }

    /// Where a destination continues; nothing as long as its file cannot be read.
    fn progress(&self, one: &Registered, epoch: u32) -> Option<Known> {
        let name = one.destination.name.as_str();
        let read = self.ledger.progress(one, epoch);
        read.inspect_err(|error| {
            // Monitoring sees it fall behind.
            self.office.note_delivery(name, |health| {
                health.next = health.next.max(one.destination.first);
            });
            if self.ledger.is_news(name) {
                tracing::error!(destination = name, %error, "progress cannot be read; not sent");
            }
        })
        .ok()
    }

    /// Stores on disk and in memory. Without the first, nothing is sent for a while.
    fn keep(&self, name: &str, known: &mut Known) -> bool {
        let Err(error) = self.ledger.keep(name, known) else { return true };
        tracing::error!(destination = name, %error, "progress cannot be kept");
        known.progress.withheld(error.to_string(), self.office.now());
        self.ledger.remember(name, known.clone());
        false
    }
}

/// Interval of checks whether the journal grew.
const LOOK: Duration = Duration::from_secs(1);
/// Events that a restart may read again.
const KEPT_BEHIND: u64 = 1000;
