//! Single use of assertions and proofs, in bounded memory.

use std::collections::HashSet;

use crate::base::digest::Digest;
use crate::base::time::Timestamp;

/// Remembers each use for at least `span` seconds and at most twice as long. There are two
/// generations, and the older is dropped as a whole, so that entries need no time.
#[derive(Debug)]
pub(super) struct ReplayCache {
    span: i64,
    most: usize,
    begun: Timestamp,
    fresh: HashSet<Digest>,
    older: HashSet<Digest>,
}

/// Why a value is not accepted as unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotOnce {
    /// It was used before.
    Used,
    /// The cache is full; a use that cannot be remembered is not accepted.
    Full,
}

impl ReplayCache {
    /// Remembers at most `most` uses within each span.
    pub(super) fn new(span: i64, most: usize, now: Timestamp) -> Self {
        Self { span, most, begun: now, fresh: HashSet::new(), older: HashSet::new() }
    }

    /// Records a use. `now` never goes back.
    pub(super) fn use_up(&mut self, id: Digest, now: Timestamp) -> Result<(), NotOnce> {
        if now >= self.begun.plus(self.span) {
            let over = now >= self.begun.plus(self.span.saturating_mul(2));
            self.older = if over { HashSet::new() } else { std::mem::take(&mut self.fresh) };
            self.fresh.clear();
            self.begun = now;
        }
        if self.older.contains(&id) || self.fresh.contains(&id) {
            return Err(NotOnce::Used);
        }
        if self.fresh.len() >= self.most {
            return Err(NotOnce::Full);
        }
        self.fresh.insert(id);
        Ok(())
    }
}

impl ReplayCache {
    /// Whether the next use could not be remembered.
    pub(super) fn is_full(&self, now: Timestamp) -> bool {
        self.fresh.len() >= self.most && now < self.begun.plus(self.span)
    }

    /// Restarts the span at another instant, perhaps an earlier one; used values stay used.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.begun = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> Digest {
        Digest::of(&[&number.to_le_bytes()])
    }

    #[test]
    fn a_use_is_remembered_for_its_span_wherever_it_falls() {
        for at in 0..25 {
            let mut once = ReplayCache::new(10, 100, Timestamp::EPOCH);
            let used = Timestamp::EPOCH.plus(at);
            once.use_up(id(0), Timestamp::EPOCH).unwrap();
            once.use_up(id(1), used).unwrap();
            for later in 0..10_u32 {
                // Uses in between rotate the generations.
                let other = once.use_up(id(100 + later), used.plus(i64::from(later)));
                assert_ne!(other, Err(NotOnce::Full));
                let again = once.use_up(id(1), used.plus(i64::from(later)));
                assert_eq!(again, Err(NotOnce::Used), "{at} {later}");
            }
            assert!(once.use_up(id(1), used.plus(20)).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_remembered_is_not_accepted() {
        let mut once = ReplayCache::new(10, 2, Timestamp::EPOCH);
        assert!(once.use_up(id(1), Timestamp::EPOCH).is_ok());
        assert!(once.use_up(id(2), Timestamp::EPOCH).is_ok());
        assert_eq!(once.use_up(id(3), Timestamp::EPOCH), Err(NotOnce::Full));
        assert_eq!(once.use_up(id(1), Timestamp::EPOCH), Err(NotOnce::Used));
        assert!(once.use_up(id(3), Timestamp::EPOCH.plus(10)).is_ok());
    }
}
