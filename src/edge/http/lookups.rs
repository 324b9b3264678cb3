//! Limits on look-ups, for each network and in all: nobody can guess codes, and a guesser does not
//! keep others from looking.

use super::problem::Problem;
use super::quotas::Quotas;
use crate::base::network::Network;

/// Remaining look-ups.
#[derive(Debug)]
pub(in crate::edge::http) struct LookUps {
    all: Quotas<()>,
    networks: Quotas<Network>,
}

impl Default for LookUps {
    fn default() -> Self {
        Self {
            all: Quotas::per_second(OF_ALL.0, OF_ALL.1),
            networks: Quotas::per_second(OF_NETWORK.0, OF_NETWORK.1),
        }
    }
}

impl LookUps {
    /// Counts one look-up.
    pub(in crate::edge::http) fn take(&self, network: Option<Network>) -> Result<(), Problem> {
        let own = network.map_or(Ok(0), |network| self.networks.take(&network));
        own.and_then(|_| self.all.take(&())).map_err(|_| Problem::TOO_MANY.after(AGAIN))?;
        Ok(())
    }
}

/// A second, and at once: a person scans one code after the other, an office has several counters.
const OF_NETWORK: (u32, u32) = (20, 60);
/// Ten such networks. Codes have 80 bits: at this rate one is not found by trying; each look-up
/// costs 0.3 ms of one core.
const OF_ALL: (u32, u32) = (200, 600);
/// Seconds after which an idle network has its whole quota again.
const AGAIN: u32 = OF_NETWORK.1 / OF_NETWORK.0;
#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn who_looks_too_often_keeps_nobody_else_from_looking() {
        let of = |number: u32| Network::of(IpAddr::from((0xC000_0000 + number).to_be_bytes()));
        let looks = LookUps::default();
        let taken = (0..200).filter(|_| looks.take(of(1)).is_ok()).count();
        assert!((60..100).contains(&taken), "{taken}");
        assert!(looks.take(of(2)).is_ok() && looks.take(None).is_ok());
        // All together have a limit as well.
        assert!((0..1000).any(|_| looks.take(None).is_err()));
    }
}
