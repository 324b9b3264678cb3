//! Delivery progress of a destination, and when the next attempt is due.

use serde::{Deserialize, Serialize};

use super::Office;
use super::registry::Registered;
use crate::base::time::Timestamp;
use crate::store::{EventKind, StoreError};

/// Delivery progress, stored between attempts as a JSON file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Which registration of this name it belongs to.
    pub first: u64,
    /// The revision of the registration last seen.
    pub revision: u64,
    /// The epoch of the journal.
    pub epoch: u32,
    /// Number of the first event not delivered yet.
    pub next: u64,
    /// One past the last event of a message that was sent and may have arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<u64>,
    /// Attempts in a row that failed.
    #[serde(default)]
    pub failures: u32,
    /// When the next attempt is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// When a message was last accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Progress {
    /// Nothing was delivered yet.
    pub fn new(registered: &Registered, epoch: u32) -> Self {
        let first = registered.destination.first;
        Self {
            first,
            revision: registered.revision,
            epoch,
            next: first,
            sending: None,
            failures: 0,
            not_before: None,
            delivered: None,
            fault: None,
        }
    }

    /// Updates stored progress to a registration: starts over when the destination was registered
    /// again; tries at once when an administrator changed it, for instance resumed it.
    pub fn follow(kept: Option<Self>, registered: &Registered, epoch: u32) -> Self {
        let begin = || Self::new(registered, epoch);
        let mut progress =
            kept.filter(|kept| kept.first == registered.destination.first).unwrap_or_else(begin);
        if progress.revision != registered.revision {
            progress.revision = registered.revision;
            progress.again();
        }
        progress
    }

    /// Whether a restart from here would next cover the same events as `other`.
    pub fn covers_what(&self, other: &Self) -> bool {
        let covers = |one: &Self| (one.first, one.epoch, one.next, one.sending);
        covers(self) == covers(other)
    }

    /// Whether an attempt is due. A wait longer than the longest one was set by a clock that was
    /// set back since.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|then| then <= now || now.plus(CEILING) < then)
    }

    /// Whether an administrator should be alerted. Attempts continue every hour.
    pub fn is_failing(&self) -> bool {
        self.failures >= FAILING
    }

    /// Events before `next` are delivered, or gave no message.
    pub fn passed(&mut self, next: u64) {
        self.next = self.next.max(next);
        self.sending = None;
    }

    /// The receiver accepted a message.
    pub fn arrived(&mut self, next: u64, now: Timestamp) {
        self.passed(next);
        self.again();
        self.delivered = Some(now);
    }

    /// An attempt failed. `chance` spreads the next ones of many destinations; `asked` is the wait
    /// in seconds that the receiver requested.
    pub fn failed(&mut self, fault: String, now: Timestamp, chance: u32, asked: Option<i64>) {
        self.failures = self.failures.saturating_add(1);
        let asked = asked.unwrap_or(0).clamp(0, CEILING);
        self.not_before = Some(now.plus(wait(self.failures, chance).max(asked)));
        self.fault = Some(short(&fault));
    }

    /// Nothing may be sent now; the receiver is not at fault.
    pub fn withheld(&mut self, reason: String, now: Timestamp) {
        self.not_before = Some(now.plus(LATER));
        self.fault = Some(short(&reason));
    }

    fn again(&mut self) {
        self.failures = 0;
        self.not_before = None;
        self.fault = None;
    }
}

/// A fault may quote the receiver, such as the names in its certificate, and is printed on
/// terminals.
fn short(fault: &str) -> String {
    fault.chars().filter(|char| !char.is_control()).take(FAULT).collect()
}

/// Seconds until the next attempt after this many failures: five, doubled each time up to an hour,
/// and a random part of that between a half and the whole.
pub fn wait(failures: u32, chance: u32) -> i64 {
    let doubled = failures.saturating_sub(1).min(16);
    let whole = (SHORTEST << doubled).min(CEILING);
    let half = whole / 2;
    half + i64::from(chance) % (whole - half + 1)
}

impl Office {
    /// Moves progress back to the start of a new epoch, when events were lost since it was stored:
    /// their numbers now belong to other events. Progress ahead of the journal is that of another
    /// journal, and is reset to the registration.
    pub fn in_this_epoch(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let epoch = self.store().reader().epoch()?;
        let mut end = self.store().head().0;
        if progress.epoch == epoch && progress.next <= end {
            return Ok(());
        }
        if progress.epoch >= epoch {
            progress.next = progress.first.min(end);
            (progress.epoch, progress.sending) = (epoch, None);
            return Ok(());
        }
        let mut to_find = epoch.saturating_sub(progress.epoch);
        while to_find > 0 && end > 0 {
            let from = end.saturating_sub(PAGE);
            let count = usize::try_from(end - from).unwrap_or(usize::MAX);
            let lines = self.store().reader().events(from, count)?;
            for line in lines.iter().rev().filter(|line| line.kind == EventKind::Opened) {
                to_find -= 1;
                if to_find == 0 {
                    progress.next = progress.next.min(line.index);
                    break;
                }
            }
            end = from;
        }
        if to_find > 0 {
            // The progress of another journal.
            progress.next = progress.first;
        }
        (progress.epoch, progress.sending) = (epoch, None);
        Ok(())
    }
}

/// The longest wait between two attempts, in seconds.
pub const CEILING: i64 = 3600;
/// After this many failures in a row, some ten to twenty minutes, a destination counts as failing.
pub const FAILING: u32 = 8;
const SHORTEST: i64 = 5;
/// Until the next check whether something may be sent.
const LATER: i64 = 60;
/// Characters of a fault that are stored.
const FAULT: usize = 300;
const PAGE: u64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        Progress {
            first: 3,
            revision: 1,
            epoch: 0,
            next: 3,
            sending: Some(9),
            failures: 0,
            not_before: None,
            delivered: None,
            fault: None,
        }
    }

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let bounds =
            |failures| (wait(failures, 0), (0..4000).map(|c| wait(failures, c)).max().unwrap());
        assert_eq!(bounds(1), (2, 5));
        assert_eq!(bounds(2), (5, 10));
        assert_eq!(bounds(5), (40, 80));
        assert_eq!(bounds(10), (1280, 2560));
        for many in [11, 12, 40, u32::MAX] {
            assert_eq!(bounds(many), (1800, 3600));
        }
        // With any random values, eight failures in a row take ten to twenty-two minutes.
        let until = |chance: u32| (1..=FAILING).map(|n| wait(n, chance)).sum::<i64>();
        assert!(until(0) >= 600 && (0..100).all(|chance| until(chance * 37) <= 1300));
    }

    #[test]
    fn a_failure_waits_and_an_arrival_does_not() {
        let now = Timestamp::EPOCH.plus(1_000_000);
        let mut one = progress();
        assert!(one.is_due(now));
        one.failed("status \u{1b}[7m503\n".to_owned(), now, 0, None);
        assert_eq!(one.fault.as_deref(), Some("status [7m503"));
        assert!(!one.is_due(now.plus(1)) && one.is_due(now.plus(2)));
        // What was sent is sent again, and nothing else.
        assert_eq!((one.next, one.sending), (3, Some(9)));
        one.failed("status 429".to_owned(), now, 0, Some(120));
        assert!(!one.is_due(now.plus(119)) && one.is_due(now.plus(120)));
        one.failed("status 429".to_owned(), now, 0, Some(i64::MAX));
        assert!(one.is_due(now.plus(CEILING)));
        while !one.is_failing() {
            one.failed("status 503".to_owned(), now, 0, Some(-5));
        }
        assert_eq!(one.failures, FAILING);
        // The clock was ahead at the failure and was corrected.
        assert!(one.is_due(now.plus(-10_000)));
        one.arrived(9, now);
        assert_eq!(one, Progress { next: 9, sending: None, delivered: Some(now), ..progress() });
    }
}
