//! Ending work that nobody waits for any more, and work that takes too long by the clock.

use std::fmt;
use std::sync::Arc;

use super::OverBudget;

/// Why a verification ended before it came to a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// The time that one verification may take was over.
    Deadline,
    /// Whoever asked is gone.
    CallerLeft,
}

/// Asks whether to go on: a handle that the edge hands in, for only the edge has a clock and knows
/// its callers. By default nobody is asked.
///
/// [`super::Budget::pay`] asks about once a millisecond of work, so that every loop that is paid for
/// ends. What it answered once stays so: no later expense is granted.
#[derive(Clone, Default)]
pub struct Interrupt {
    question: Option<Arc<Question>>,
    unasked: usize,
    ended: Option<Interrupted>,
}

type Question = dyn Fn() -> Option<Interrupted> + Send + Sync;

impl Interrupt {
    /// Asks this. It is called from the thread that verifies and must return at once.
    pub fn new(question: impl Fn() -> Option<Interrupted> + Send + Sync + 'static) -> Self {
        Self { question: Some(Arc::new(question)), unasked: 0, ended: None }
    }

    /// Why the work ended, once it did.
    pub fn ended(&self) -> Option<Interrupted> {
        self.ended
    }

    /// Notes work of about so many nanoseconds, and asks when enough of it has come together.
    pub(super) fn after(&mut self, work: usize) -> Result<(), OverBudget> {
        self.unasked = self.unasked.saturating_add(work);
        if self.unasked >= INTERVAL {
            self.unasked = 0;
            self.ended = self.ended.or_else(|| self.question.as_ref().and_then(|ask| ask()));
        }
        match self.ended {
            None => Ok(()),
            Some(Interrupted::Deadline) => Err(OverBudget("time")),
            Some(Interrupted::CallerLeft) => Err(OverBudget("the caller left")),
        }
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interrupt").field(&self.ended).finish()
    }
}

impl PartialEq for Interrupt {
    fn eq(&self, other: &Self) -> bool {
        self.ended == other.ended
            && match (&self.question, &other.question) {
                (Some(one), Some(other)) => Arc::ptr_eq(one, other),
                (one, other) => one.is_none() && other.is_none(),
            }
    }
}

impl Eq for Interrupt {}

/// Some milliseconds of work at the most, as [`super::Purse::work`] estimates it: often enough to
/// end in time, seldom enough that asking the clock costs nothing.
const INTERVAL: usize = 1 << 20;
