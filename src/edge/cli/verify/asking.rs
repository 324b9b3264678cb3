//! A verifier that asks for what is missing, at the hosts that the operator named.
//!
//! The verifier itself does no I/O: it says about whom nothing is known, what can be fetched is
//! handed to it, and it looks again.

use std::sync::{PoisonError, RwLock};

use super::super::render;
use crate::base::limits::Fetching;
use crate::base::localized::{Bilingual as _, Language, Localized};
use crate::base::text::visible_json;
use crate::edge::fetch::{BadHost, Fetched, Fetcher, Missing, host};
use crate::verify::{CredentialError, Report, Timestamp, Verifier};

/// Threads share it; what one of them fetched serves the others.
pub(super) struct Asking {
    known: RwLock<Known>,
    fetcher: Option<Fetcher>,
    language: Language,
}

struct Known {
    verifier: Verifier,
    /// How many lists and answers were fetched.
    fetched: usize,
}

impl Asking {
    /// Asks these hosts, or nobody.
    pub(super) fn new(
        verifier: Verifier,
        hosts: &[String],
        language: Language,
    ) -> Result<Self, BadHost> {
        let hosts = hosts.iter().map(|name| host(name)).collect::<Result<Vec<_>, _>>()?;
        let fetcher = (!hosts.is_empty()).then(|| Fetcher::new(hosts, Fetching::default()));
        Ok(Self { known: RwLock::new(Known { verifier, fetched: 0 }), fetcher, language })
    }

    /// Looks, and looks again as long as something more was learnt. `look` also says where the status
    /// list is that it lacks.
    pub(super) fn verify(
        &self,
        now: Timestamp,
        look: impl Fn(&Verifier) -> (Report, Option<String>),
    ) -> Report {
        self.repeat(now, || {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let (report, status) = look(&known.verifier);
            let missing = Missing { unchecked: report.unchecked.clone(), status };
            (report, missing, known.fetched)
        })
    }

    /// Uses a status list. When revocation data is required, what is missing of its own signer is
    /// asked for too.
    pub(super) fn add_status_list(
        &self,
        text: &str,
        now: Timestamp,
    ) -> Result<(), CredentialError> {
        self.repeat(now, || {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let added = known.verifier.add_status_list(text, now);
            let unchecked = match &added {
                Err(CredentialError::NoRevocationData(missing)) => missing.clone(),
                _ => Vec::new(),
            };
            (added, Missing { unchecked, status: None }, known.fetched)
        })
    }

    /// Says which of the named hosts were named in vain.
    pub(super) fn complain_of_hosts(&self) {
        let Some(fetcher) = &self.fetcher else { return };
        let (hosts, addresses) = fetcher.useless();
        // Nothing was missing, or nothing says where it is.
        if addresses.is_empty() {
            return;
        }
        let addresses = addresses.join(", ");
        for host in hosts {
            let words = Localized::new(
                format!(
                    "--fetch-from {host}：文件中没有这个主机和端口的 http 地址；所缺的在 {addresses}"
                ),
                format!(
                    "--fetch-from {host}: no address of this file is there, over plain HTTP and with \
                     this port; what is missing is at {addresses}"
                ),
            );
            render::complain(&visible_json(words.of(self.language)));
        }
    }

    /// Does something that says about whom nothing is known, and how much was fetched by then.
    fn repeat<T>(&self, now: Timestamp, act: impl Fn() -> (T, Missing, usize)) -> T {
        let rounds = self.fetcher.as_ref().map_or(0, Fetcher::rounds);
        let (mut done, mut missing, mut seen) = act();
        for _ in 0..rounds {
            if !self.ask(&missing, seen, now) {
                break;
            }
            (done, missing, seen) = act();
        }
        done
    }

    /// Whether there is more to look at than what was seen.
    fn ask(&self, missing: &Missing, seen: usize, now: Timestamp) -> bool {
        let Some(fetcher) = &self.fetcher else { return false };
        if missing.unchecked.is_empty() && missing.status.is_none() {
            return false;
        }
        let has_news = || self.known.read().unwrap_or_else(PoisonError::into_inner).fetched != seen;
        fetcher.ask(
            missing,
            has_news,
            |fetched| self.take(fetched, now),
            |why| {
                render::complain(&visible_json(why.of(self.language)));
            },
        )
    }

    fn take(&self, fetched: Fetched, now: Timestamp) -> Result<(), Localized> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Fetched::List(der) => known.verifier.add_crl(&der).map_err(|error| error.both()),
            Fetched::Answer(der) => known.verifier.add_ocsp(&der).map_err(|error| error.both()),
            Fetched::Status(bytes) => {
                let no_text = |_| Localized::new("不是文字", "it is no text");
                String::from_utf8(bytes).map_err(no_text).and_then(|text| {
                    known.verifier.add_status_list(&text, now).map_err(|error| error.both())
                })
            }
        }?;
        known.fetched = known.fetched.saturating_add(1);
        Ok(())
    }
}
