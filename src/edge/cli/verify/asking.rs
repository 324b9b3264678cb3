//! A verifier that asks for what is missing, at the hosts that the operator named.
//!
//! The verifier itself does no I/O: it says about whom nothing is known, what can be fetched is
//! handed to it, and it looks again.

use std::sync::{PoisonError, RwLock};

use super::super::render;
use crate::base::limits::Fetching;
use crate::base::text::visible_json;
use crate::edge::fetch::{BadHost, Fetched, Fetcher, Host};
use crate::verify::{Refused, Report, Timestamp, Unchecked, Verifier};

/// Threads share it; what one of them fetched serves the others.
pub(super) struct Asking {
    known: RwLock<Known>,
    fetcher: Option<Fetcher>,
}

struct Known {
    verifier: Verifier,
    /// How many lists and answers were fetched.
    fetched: usize,
}

impl Asking {
    /// Asks these hosts, or nobody.
    pub(super) fn new(verifier: Verifier, hosts: &[String]) -> Result<Self, BadHost> {
        let hosts = hosts.iter().map(|host| Host::parse(host)).collect::<Result<Vec<_>, _>>()?;
        let fetcher = (!hosts.is_empty()).then(|| Fetcher::new(hosts, Fetching::default()));
        Ok(Self { known: RwLock::new(Known { verifier, fetched: 0 }), fetcher })
    }

    /// Looks, and looks again as long as something more was learnt.
    pub(super) fn verify(&self, look: impl Fn(&Verifier) -> Report) -> Report {
        self.repeat(|| {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let report = look(&known.verifier);
            let missing = report.unchecked.clone();
            (report, missing, known.fetched)
        })
    }

    /// Uses a status list. When revocation data is required, what is missing of its own signer is
    /// asked for too.
    pub(super) fn add_status_list(&self, text: &str, now: Timestamp) -> Result<(), Refused> {
        self.repeat(|| {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let added = known.verifier.add_status_list(text, now);
            let missing = match &added {
                Err(Refused::NoRevocationData(missing)) => missing.clone(),
                _ => Vec::new(),
            };
            (added, missing, known.fetched)
        })
    }

    /// Does something that says about whom nothing is known, and how much was fetched by then.
    fn repeat<T>(&self, act: impl Fn() -> (T, Vec<Unchecked>, usize)) -> T {
        let rounds = self.fetcher.as_ref().map_or(0, Fetcher::rounds);
        let (mut done, mut missing, mut seen) = act();
        for _ in 0..rounds {
            if missing.is_empty() || !self.ask(&missing, seen) {
                break;
            }
            (done, missing, seen) = act();
        }
        done
    }

    /// Whether there is more to look at than what was seen.
    fn ask(&self, missing: &[Unchecked], seen: usize) -> bool {
        let Some(fetcher) = &self.fetcher else { return false };
        let has_news = || self.known.read().unwrap_or_else(PoisonError::into_inner).fetched != seen;
        fetcher.ask(
            missing,
            has_news,
            |fetched| self.take(&fetched),
            |why| {
                render::complain(&visible_json(why));
            },
        )
    }

    fn take(&self, fetched: &Fetched) -> Result<(), String> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Fetched::List(der) => known.verifier.add_crl(der).map_err(|error| error.to_string()),
            Fetched::Answer(der) => known.verifier.add_ocsp(der).map_err(|error| error.to_string()),
        }?;
        known.fetched = known.fetched.saturating_add(1);
        Ok(())
    }
}
