//! Ends work whose caller has disconnected, and work that exceeds its time.

use std::fmt;
use std::sync::Arc;

use super::OverBudget;

/// Why a verification ended before its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// The time for one verification was over.
    Deadline,
    /// The caller closed its connection.
    CallerLeft,
}

/// Asks whether to continue: a handle that the edge passes in, since only the edge has a clock and
/// knows its callers. The default never ends work.
///
/// [`super::Budget::pay`] asks about once a millisecond of work, so that every paid loop ends. An
/// answer to stop is final: no later expense is granted.
#[derive(Clone, Default)]
pub struct Interrupt {
    question: Option<Arc<Question>>,
    unasked: usize,
    ended: Option<Interrupted>,
}

type Question = dyn Fn() -> Option<Interrupted> + Send + Sync;

impl Interrupt {
    /// Uses this question. It is called from the verifying thread and must return at once.
    pub fn new(question: impl Fn() -> Option<Interrupted> + Send + Sync + 'static) -> Self {
        Self { question: Some(Arc::new(question)), unasked: 0, ended: None }
    }

    /// Why the work ended, once it has.
    pub fn ended(&self) -> Option<Interrupted> {
        self.ended
    }

    /// Counts work of about this many nanoseconds, and asks when enough has accumulated.
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
