//! Whom a verification trusts, for which instant, and by which clock.

use crate::base::time::Timestamp;
use crate::domain::trust::{Asked, PathCache, TrustSnapshot};

/// What trust, time and bounds a check works with.
#[derive(Debug)]
pub struct Context<'a> {
    /// Whom to believe.
    pub trust: &'a TrustSnapshot,
    /// The instant for which is asked.
    pub now: Timestamp,
    /// Links that were checked before.
    pub cache: Option<&'a PathCache>,
    /// Whether missing revocation data is refused.
    pub require_revocation: bool,
}

impl Context<'_> {
    /// What the time is: what was made later is of the future and says nothing good.
    pub fn clock(&self) -> Timestamp {
        self.trust.clock().unwrap_or(self.now)
    }

    /// The question for an instant, now or a proved one.
    pub(super) fn asked(&self, at: Timestamp) -> Asked {
        Asked { at, clock: self.clock().plus(SKEW) }
    }
}

/// Clocks of others differ by so many seconds at the most.
pub(super) const SKEW: i64 = 300;
