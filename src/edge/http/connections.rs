//! The connections that are open: so many in all, so many of one network, and the slowest is closed
//! when another wants in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::permits::{Held, Permits};
use crate::base::network::Network;

/// The table of connections.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    open: Permits,
    /// Those who wait until somebody slower is gone.
    arriving: Permits,
    lines: Arc<Mutex<Vec<Weak<Line>>>>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            open: Permits::new(CONNECTIONS, OF_NETWORK),
            arriving: Permits::new(ARRIVING, ARRIVING / 4),
            lines: Arc::default(),
        }
    }
}

impl Connections {
    /// Lets a caller in; at once, or when the slowest was closed. None when nobody is slower.
    pub(super) async fn admit(&self, network: Option<Network>) -> Option<Arc<Line>> {
        let place = match self.open.try_take(network, 1) {
            Some(place) => place,
            None => {
                let _arriving = self.arriving.try_take(network, 1)?;
                let own = self.open.is_spent(network, 1);
                close_slowest(&self.lines, |line, _| !own || line.network == network);
                let take = self.open.clone().take(network, 1);
                tokio::time::timeout(ROOM, take).await.ok().flatten()?
            }
        };
        let line = Arc::new(Line {
            network,
            pace: Mutex::new(Pace::start(Turn::Talk)),
            end: Notify::new(),
            all: Arc::clone(&self.lines),
            _place: place,
        });
        let mut lines = lock(&self.lines);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&line));
        Some(line)
    }
}

/// One connection, for as long as somebody holds this.
#[derive(Debug)]
pub(super) struct Line {
    network: Option<Network>,
    pace: Mutex<Pace>,
    end: Notify,
    all: Arc<Mutex<Vec<Weak<Self>>>>,
    _place: Held,
}

/// How quickly the other end does its part.
#[derive(Clone, Copy, Debug)]
struct Pace {
    since: Instant,
    bytes: u64,
    turn: Turn,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The other end did its part, and waits for us.
    Ours,
    /// It sends a body, which is paid for.
    Upload,
    /// It sends a head, reads an answer, or does nothing.
    Talk,
}

impl Pace {
    fn start(turn: Turn) -> Self {
        Self { since: Instant::now(), bytes: 0, turn }
    }
}

impl Line {
    /// Bytes came or went.
    pub(super) fn moved(&self, bytes: usize) {
        let mut pace = lock(&self.pace);
        pace.bytes = pace.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Whose turn it is from now on. The pace is that of the present turn.
    pub(super) fn turn(&self, turn: Turn) {
        let mut pace = lock(&self.pace);
        if pace.turn != turn {
            *pace = Pace::start(turn);
        }
    }

    /// Waits until this line is closed because others want in.
    pub(super) async fn closed(&self) {
        self.end.notified().await;
    }

    /// Closes the slowest upload, so that memory becomes free: of this line's network, when it is
    /// the network that has no more.
    pub(super) fn make_room(&self, own: bool) {
        let fits = |line: &Self| !own || line.network == self.network;
        close_slowest(&self.all, |line, turn| turn == Turn::Upload && fits(line));
    }
}

/// Closes the connection whose other end does its part most slowly, of those that are meant. Those
/// that began just now or wait for us are none; strangers go before callers without a network.
fn close_slowest(lines: &Mutex<Vec<Weak<Line>>>, is_meant: impl Fn(&Line, Turn) -> bool) {
    let now = Instant::now();
    let lines: Vec<Arc<Line>> = lock(lines).iter().filter_map(Weak::upgrade).collect();
    let ranked = lines.iter().filter_map(|line| {
        let Pace { since, bytes, turn } = *lock(&line.pace);
        let lasted = now.saturating_duration_since(since);
        let rate = u128::from(bytes) * 1000 / lasted.as_millis().max(1);
        let slow = turn != Turn::Ours && lasted >= GRACE && is_meant(line, turn);
        slow.then_some(((line.network.is_none(), rate), line))
    });
    if let Some((_, line)) = ranked.min_by_key(|(rank, _)| *rank) {
        line.end.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Each needs a file handle and some 50 KB of buffers; what bodies take is paid elsewhere.
pub(super) const CONNECTIONS: usize = 256;
/// Of one network: ten browsers, which open six each.
pub(super) const OF_NETWORK: usize = 64;
/// Callers for whom somebody slower is being closed.
const ARRIVING: usize = 64;
/// How long they wait for that.
const ROOM: Duration = Duration::from_secs(1);
/// Nobody is slow within the first second.
const GRACE: Duration = Duration::from_secs(1);
