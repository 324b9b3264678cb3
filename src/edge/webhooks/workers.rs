//! Running turns, and the length of a turn.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::base::limits::Delivering;

/// Turns in progress, each on a thread that may block.
#[derive(Default)]
pub(super) struct Turns {
    under_way: JoinSet<()>,
    /// Names of destinations by task: a panicked turn must release its name too.
    names: HashMap<Id, String>,
}

impl Turns {
    /// Starts a turn.
    pub(super) fn start(&mut self, name: String, turn: impl FnOnce() + Send + 'static) {
        let id = self.under_way.spawn_blocking(turn).id();
        self.names.insert(id, name);
    }

    /// Collects ended turns; returns the names of those that panicked.
    pub(super) fn ended(&mut self) -> Vec<String> {
        let mut broken = Vec::new();
        while let Some(ended) = self.under_way.try_join_next_with_id() {
            match ended {
                Ok((id, ())) => drop(self.names.remove(&id)),
                Err(error) => broken.extend(self.names.remove(&error.id())),
            }
        }
        broken
    }

    /// Whether this destination has a turn.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.values().any(|one| one == name)
    }

    /// Number of turns in progress.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// Abandons them: blocking threads cannot be cancelled, and end by themselves.
    pub(super) fn leave(mut self) {
        self.under_way.detach_all();
    }
}

/// The steps of one turn: until one says to stop, up to a maximum, and no step begins after the
/// time of one attempt. So a turn ends within the time of two.
pub(super) fn take(bounds: &Delivering, mut step: impl FnMut() -> bool) {
    let began = Instant::now();
    for _ in 0..bounds.in_a_row {
        if !step() || began.elapsed() >= bounds.request_time {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_broke_off_has_another_turn() {
        let mut turns = Turns::default();
        turns.start("well".to_owned(), || {});
        turns.start("broken".to_owned(), || panic!("a turn breaks off, as the test wants"));
        assert!(turns.has("well") && turns.has("broken") && turns.count() == 2);
        let mut broken = Vec::new();
        while turns.count() > 0 {
            broken.extend(turns.ended());
            tokio::task::yield_now().await;
        }
        assert_eq!(broken, ["broken"]);
        assert!(!turns.has("well") && !turns.has("broken"));
    }

    #[test]
    fn a_turn_is_bounded_by_steps_and_by_time() {
        let steps = |bounds: &Delivering, more: bool| {
            let mut steps = 0;
            take(bounds, || {
                steps += 1;
                more
            });
            steps
        };
        let bounds = Delivering::default();
        assert_eq!((steps(&bounds, true), steps(&bounds, false)), (bounds.in_a_row, 1));
        let slow = Delivering { request_time: Duration::ZERO, ..bounds };
        assert_eq!(steps(&slow, true), 1, "its time is over after the first step");
    }
}
