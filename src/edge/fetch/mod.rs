//! Revocation data over the network: nothing, unless the operator names hosts.
//!
//! What is fetched is a list (RFC 5280, 4.2.1.13) or an answer (RFC 6960, appendix A) about a
//! certificate of a path that holds, at an address that stands in that certificate. Whoever wrote the
//! address chooses the path of the request and nothing else: the host and the port must be ones that
//! the operator named. What comes back is believed once its issuer's signature holds, so plain HTTP
//! is enough, and the only one that is spoken: RFC 5280 and RFC 5019 want it so, and a list over TLS
//! could need itself.
//!
//! - **Hosts**: compared as they are written, never as they resolve. Then the addresses of the name
//!   are looked up once and one of them is connected to. A name that leads to this machine itself, or
//!   to where only neighbours are (loopback, link-local, multicast), is refused unless the operator
//!   wrote that very address, or `localhost`: otherwise whoever runs the name's DNS could reach what
//!   listens here. Private networks are allowed: offices have their authorities there.
//! - **No redirects**, no proxies, no cookies, no passwords, no compression.
//! - **Lists first**: one serves all certificates of its issuer, and it tells nobody whose document is
//!   looked at. A responder is asked when a certificate names no list that helps.
//! - **Each address once** in a run of the program, whatever it gave.
//!
//! All bounds are in [`Fetching`].

mod host;
mod http;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::base::limits::Fetching;
use crate::domain::trust::Unchecked;
use crate::edge::outgoing::Stopwatch;

pub use host::{BadHost, Host, Place};
pub use http::FetchError;
use http::{Ask, exchange};

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// What claims to be a list.
    List(Vec<u8>),
    /// What claims to be an OCSP response.
    Answer(Vec<u8>),
}

/// Fetches from hosts that the operator named. Threads share it; one asks at a time.
#[derive(Debug)]
pub struct Fetcher {
    hosts: Vec<Host>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: Fetching,
    asked: HashSet<(String, Vec<u8>)>,
}

impl Fetcher {
    /// May ask these hosts, within these bounds.
    pub fn new(hosts: Vec<Host>, bounds: Fetching) -> Self {
        Self { hosts, state: Mutex::new(State { left: bounds, asked: HashSet::new() }) }
    }

    /// How often a file may be verified anew.
    pub fn rounds(&self) -> usize {
        self.locked(|state| state.left.rounds)
    }

    /// Asks about each certificate at the first address that is allowed and was not asked before and
    /// gives something that `takes` can use. `has_news` is asked first, while nobody else fetches:
    /// when another thread got something meanwhile, that is tried before more is fetched. What
    /// failed is told to `complain`, with the address.
    ///
    /// Says whether another look is worth while.
    pub fn ask(
        &self,
        unchecked: &[Unchecked],
        has_news: impl FnOnce() -> bool,
        mut takes: impl FnMut(Fetched) -> Result<(), String>,
        mut complain: impl FnMut(&str),
    ) -> bool {
        self.locked(|state| {
            if has_news() {
                return true;
            }
            let mut got = false;
            for one in unchecked {
                for (address, question) in questions(one) {
                    let Ok(place) = Place::parse(&address) else { continue };
                    let Some(host) = self.hosts.iter().find(|host| host.is(&place)) else {
                        continue;
                    };
                    if !state.asked.insert((address.clone(), question.clone())) {
                        continue;
                    }
                    let fetched = state.fetch(host, &place, question).map_err(|e| e.to_string());
                    match fetched.and_then(&mut takes) {
                        Ok(()) => {
                            got = true;
                            break;
                        }
                        Err(why) => complain(&format!("{address}: {why}")),
                    }
                }
            }
            got
        })
    }

    fn locked<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Pays, and asks. What was read is paid for whether it is of use or not.
    fn fetch(
        &mut self,
        host: &Host,
        place: &Place,
        question: Vec<u8>,
    ) -> Result<Fetched, FetchError> {
        let is_list = question.is_empty();
        self.left.requests =
            self.left.requests.checked_sub(1).ok_or(FetchError::Bound("requests"))?;
        let most = if is_list { self.left.list_bytes } else { self.left.answer_bytes };
        let ask = Ask {
            host,
            place,
            question,
            body_bytes: most.min(self.left.bytes),
            head_bytes: self.left.head_bytes,
        };
        let watch = Stopwatch::start(self.left.request_time.min(self.left.time));
        let body = exchange(&ask, &watch);
        self.left.time = self.left.time.saturating_sub(watch.elapsed());
        let body = body?;
        self.left.bytes = self.left.bytes.saturating_sub(body.len());
        Ok(if is_list { Fetched::List(body) } else { Fetched::Answer(body) })
    }
}

/// Where to ask, lists first; the question is empty for a list.
fn questions(one: &Unchecked) -> impl Iterator<Item = (String, Vec<u8>)> {
    let lists = one.lists().into_iter().map(|address| (address.to_owned(), Vec::new()));
    let lists: Vec<_> = lists.collect();
    let question = one.question();
    let answers = one
        .responders()
        .iter()
        .filter_map(move |address| Some((address.clone(), question.clone()?)));
    lists.into_iter().chain(answers)
}
