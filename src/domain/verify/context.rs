//! Trust, instant and clock of a verification.

use crate::base::time::Timestamp;
use crate::domain::trust::{Asked, PathCache, TrustSnapshot};

/// Trust, time and options of a check.
#[derive(Debug)]
pub struct Context<'a> {
    /// Trust anchors and revocation data.
    pub trust: &'a TrustSnapshot,
    /// The instant for which validity is asked.
    pub now: Timestamp,
    /// Cache of verified certificate signatures.
    pub cache: Option<&'a PathCache>,
    /// Whether missing revocation data is refused.
    pub require_revocation: bool,
}

impl Context<'_> {
    /// The present time: evidence made later is from the future, and cannot prove that something is
    /// good.
    pub fn clock(&self) -> Timestamp {
        self.trust.clock().unwrap_or(self.now)
    }

    /// The path question for an instant, now or a proved one.
    pub(super) fn asked(&self, at: Timestamp) -> Asked {
        Asked { at, clock: self.clock().plus(SKEW) }
    }
}

/// Greatest difference of other clocks, in seconds.
pub(super) const SKEW: i64 = 300;
