//! Sends changes to destinations, on threads of its own.
//!
//! One thread checks every second whether the journal grew and gives each destination that is due a
//! turn on a thread that may block. Issuing and queries never wait for it: the only shared lock is
//! that of the journal's index. A slow receiver delays its own messages, and one of a few threads
//! for twice the time of an attempt, and nothing else.

mod attempt;
mod cursor_store;
mod scheduler;
mod send;
mod workers;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use self::scheduler::Scheduler;
use crate::base::limits::Delivering;
use crate::service::office::Office;

pub use attempt::{AttemptError, attempt};
pub use cursor_store::{kept, names};
pub use send::WebhookResponse;

/// Sends until it is stopped.
#[derive(Debug)]
pub struct Courier {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
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

/// Most receivers answer within a second.
const STOP_TIME: Duration = Duration::from_secs(2);
