//! Open connections: bounded in all and for one network; a new one may close another.
//!
//! A new connection is admitted or refused at once. A connection closed for it belongs to the
//! network that holds the most, so that strangers in few networks take places from each other
//! alone.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::permits::Permits;
use crate::base::network::Network;

/// The table of connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    lines: Lines,
}

type Lines = Arc<Mutex<Vec<Weak<Line>>>>;

impl Connections {
    /// Admits a connection, and closes another when there is no place. None when all others wait
    /// for the server, in networks that hold no more than the new one's.
    pub(super) fn admit(&self, network: Option<Network>) -> Option<Arc<Line>> {
        let mut lines = lock(&self.lines);
        let mut open: Vec<Arc<Line>> = lines.iter().filter_map(Weak::upgrade).collect();
        let mut held: HashMap<Network, usize> = HashMap::new();
        for network in open.iter().filter_map(|line| line.network) {
            *held.entry(network).or_default() += 1;
        }
        let of = |network: Option<Network>| network.and_then(|one| held.get(&one).copied());
        let own = of(network).unwrap_or(0);
        let full = own >= OF_NETWORK;
        if full || open.len() >= CONNECTIONS {
            let now = Instant::now();
            let meant =
                open.iter().enumerate().filter(|(_, line)| !full || line.network == network);
            let ranked = meant.filter_map(|(at, line)| {
                let held = of(line.network);
                let (turn, slowness) = line.slowness(now);
                let above = held.is_some_and(|held| held > own + 1);
                let place = match (above, turn == Turn::Ours) {
                    (true, false) => ClosingOrder::AboveShare,
                    (true, true) => ClosingOrder::AboveShareAndWaits,
                    (false, true) if network.is_none() && held.is_some() => ClosingOrder::Waits,
                    (false, true) => return None,
                    (false, false) if held.is_none() => ClosingOrder::Here,
                    (false, false) if slowness.0 => ClosingOrder::Young,
                    (false, false) => ClosingOrder::Slow,
                };
                Some(((place, Reverse(held), slowness), at))
            });
            let (_, victim) = ranked.min()?;
            open.swap_remove(victim).end.notify_one();
        }
        let line = Arc::new(Line {
            network,
            pace: Mutex::new(Pace::start(Turn::Talk)),
            end: Notify::new(),
            all: Arc::clone(&self.lines),
        });
        open.push(Arc::clone(&line));
        *lines = open.iter().map(Arc::downgrade).collect();
        Some(line)
    }
}

/// One connection, for as long as this is held.
#[derive(Debug)]
pub(super) struct Line {
    network: Option<Network>,
    pace: Mutex<Pace>,
    end: Notify,
    all: Lines,
}

/// The order in which connections are closed for another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ClosingOrder {
    /// Of a network that would still hold more than the new one's.
    AboveShare,
    Slow,
    /// Of such a network too, and waiting for the server.
    AboveShareAndWaits,
    /// Begun just now.
    Young,
    /// For callers without a network, who are always admitted.
    Waits,
    /// Of a caller without a network.
    Here,
}

/// The least is the slowest: those of the first second come last and have no rate yet, and at the
/// same rate the one that has taken longest comes first.
type Slowness = (bool, u128, Reverse<Duration>);

/// Pace of the peer.
#[derive(Clone, Copy, Debug)]
struct Pace {
    since: Instant,
    bytes: u64,
    turn: Turn,
}

/// Which side has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The peer did its part, and waits for the server.
    Ours,
    /// It sends a body, which is charged.
    Upload,
    /// It sends a head, reads an answer, or is idle.
    Talk,
}

impl Pace {
    fn start(turn: Turn) -> Self {
        Self { since: Instant::now(), bytes: 0, turn }
    }
}

impl Line {
    /// Bytes were received or sent.
    pub(super) fn moved(&self, bytes: usize) {
        let mut pace = lock(&self.pace);
        pace.bytes = pace.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Which side has to act from now on. The pace counts from here.
    pub(super) fn turn(&self, turn: Turn) {
        let mut pace = lock(&self.pace);
        if pace.turn != turn {
            *pace = Pace::start(turn);
        }
    }

    fn slowness(&self, now: Instant) -> (Turn, Slowness) {
        let Pace { since, bytes, turn } = *lock(&self.pace);
        let lasted = now.saturating_duration_since(since);
        let young = lasted < GRACE;
        let rate = if young { 0 } else { u128::from(bytes) * 1000 / lasted.as_millis().max(1) };
        (turn, (young, rate, Reverse(lasted)))
    }

    /// Waits until this connection is closed for another.
    pub(super) async fn closed(&self) {
        self.end.notified().await;
    }

    /// Closes the slowest upload, so that permits become free, of which this connection needs
    /// `wanted`. Uploads that will soon be complete are spared.
    pub(super) fn make_room(&self, permits: &Permits, wanted: usize) {
        let spent = permits.is_spent(self.network, wanted);
        let will = permits.held(self.network).saturating_add(wanted);
        let now = Instant::now();
        let lines: Vec<Arc<Self>> = lock(&self.all).iter().filter_map(Weak::upgrade).collect();
        let ranked = lines.iter().filter_map(|line| {
            let (turn, slowness @ (young, rate, _)) = line.slowness(now);
            if turn != Turn::Upload || young || (spent && line.network != self.network) {
                return None;
            }
            let (here, held) = (line.network.is_none(), permits.held(line.network));
            let least = if held > will { SOON } else { SLOW };
            let holds = here || held > 0;
            (holds && rate < least).then_some(((here, held < will, slowness), line))
        });
        if let Some((_, line)) = ranked.min_by_key(|(rank, _)| *rank) {
            line.end.notify_one();
        }
    }

    #[cfg(test)]
    pub(super) fn is_our_turn(&self) -> bool {
        lock(&self.pace).turn == Turn::Ours
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Each needs a file handle and some 50 KB of buffers; bodies are charged elsewhere.
pub(super) const CONNECTIONS: usize = 256;
/// Of one network: ten browsers, which open six each.
pub(super) const OF_NETWORK: usize = 64;
/// Within the first second no peer has shown its pace.
const GRACE: Duration = Duration::from_secs(1);
/// Bytes a second of an upload that may keep others waiting: 20 MB in two minutes, the longest time
/// of a body.
const SLOW: u128 = 170 << 10;
/// The same for a network that holds more than they do: 20 MB in ten seconds.
const SOON: u128 = 2 << 20;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Connections whose other ends stay, by the last byte of their address.
    struct House(Connections, Vec<Arc<Line>>);

    impl House {
        fn admit(&mut self, last: u8) -> bool {
            let network = Network::of(std::net::IpAddr::from([127, 0, 0, last]));
            let line = self.0.admit(network);
            let admitted = line.is_some();
            self.1.extend(line);
            // A connection that is asked to end does so.
            let open: HashSet<_> = lock(&self.0.lines).iter().map(Weak::as_ptr).collect();
            self.1.retain(|line| open.contains(&Arc::as_ptr(line)));
            admitted
        }

        fn held(&self, last: u8) -> usize {
            let network = Network::of(std::net::IpAddr::from([127, 0, 0, last]));
            self.1.iter().filter(|line| line.network == network).count()
        }
    }

    #[tokio::test]
    async fn those_of_few_networks_take_places_from_each_other_alone() {
        let mut house = House(Connections::default(), Vec::new());
        for at in 0..330_u16 {
            assert!(house.admit(u8::try_from(at % 4).unwrap() + 2));
        }
        assert_eq!([2, 3, 4, 5].map(|last| house.held(last)), [OF_NETWORK; 4]);
        // Callers of other networks, and of this machine, that came just now and have sent nothing.
        assert!(house.admit(9) && house.admit(9) && house.admit(1));
        for at in 0..1000_u16 {
            assert!(house.admit(u8::try_from(at % 4).unwrap() + 2));
            assert_eq!((house.held(9), house.held(1)), (2, 1));
            assert_eq!(house.1.len(), CONNECTIONS);
        }
        // Waiting for the server does not protect them, as long as they have more than others.
        for line in &house.1 {
            line.turn(Turn::Ours);
        }
        assert!(house.admit(10) && house.admit(1));
        assert_eq!((house.held(9), house.held(10), house.held(1)), (2, 1, 2));
        // Within its share no connection that waits for the server is closed.
        let mut house = House(Connections::default(), Vec::new());
        (0..OF_NETWORK).for_each(|_| assert!(house.admit(2)));
        for line in &house.1 {
            line.turn(Turn::Ours);
        }
        assert!(!house.admit(2));
    }

    #[tokio::test]
    async fn of_equals_the_slowest_goes() {
        let mut house = House(Connections::default(), Vec::new());
        for last in 0..=255 {
            assert!(house.admit(last));
        }
        let gone = Network::of(std::net::IpAddr::from([127, 0, 0, 77]));
        for line in &house.1 {
            let since = Instant::now().checked_sub(GRACE).unwrap();
            let bytes = if line.network == gone { 9 } else { 99 };
            *lock(&line.pace) = Pace { since, bytes, turn: Turn::Talk };
        }
        let _other = house.0.admit(Network::of(std::net::IpAddr::from([192, 0, 2, 1]))).unwrap();
        let open: Vec<_> = lock(&house.0.lines).iter().filter_map(Weak::upgrade).collect();
        assert!(open.len() == CONNECTIONS && open.iter().all(|line| line.network != gone));
    }
}
