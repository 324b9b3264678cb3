//! Revocation data over the network: nothing, unless the operator names hosts.
//!
//! What is fetched is a list (RFC 5280, 4.2.1.13) or an answer (RFC 6960, appendix A) about a
//! certificate of a path that holds, at an address that stands in that certificate, or the status
//! list that a genuine licence names. Whoever wrote the address chooses the path of the request and nothing else: the host and the port must be ones that
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

use std::collections::{BTreeSet, HashSet};
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
    /// What claims to be a status list token.
    Status(Vec<u8>),
}

/// What a verification lacks.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// Certificates of whose revocation nothing is known.
    pub unchecked: Vec<Unchecked>,
    /// Where the status list is that would say how the licence stands.
    pub status: Option<String>,
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
    /// Hosts at which something was that was missing.
    matched: HashSet<String>,
    /// Some addresses of what was missing, at whatever host.
    elsewhere: BTreeSet<String>,
}

/// One request: an OCSP request to post, or nothing to get.
struct Question {
    address: String,
    body: Vec<u8>,
    fetches: fn(Vec<u8>) -> Fetched,
}

impl Fetcher {
    /// May ask these hosts, within these bounds.
    pub fn new(hosts: Vec<Host>, bounds: Fetching) -> Self {
        let state = State {
            left: bounds,
            asked: HashSet::new(),
            matched: HashSet::new(),
            elsewhere: BTreeSet::new(),
        };
        Self { hosts, state: Mutex::new(state) }
    }

    /// How often a file may be verified anew.
    pub fn rounds(&self) -> usize {
        self.locked(|state| state.left.rounds)
    }

    /// Asks about each thing that is missing at the first address that is allowed and was not asked
    /// before and gives something that `takes` can use. `has_news` is asked first, while nobody else
    /// fetches: when another thread got something meanwhile, that is tried before more is fetched.
    /// What failed is told to `complain`, with the address.
    ///
    /// Says whether another look is worth while.
    pub fn ask(
        &self,
        missing: &Missing,
        has_news: impl FnOnce() -> bool,
        mut takes: impl FnMut(Fetched) -> Result<(), String>,
        mut complain: impl FnMut(&str),
    ) -> bool {
        self.locked(|state| {
            if has_news() {
                return true;
            }
            let mut got = false;
            let status = missing.status.iter().map(|address| vec![status(address)]);
            for questions in missing.unchecked.iter().map(questions).chain(status) {
                for question in questions {
                    let place = Place::parse(&question.address).ok();
                    let host = place
                        .as_ref()
                        .and_then(|place| self.hosts.iter().find(|host| host.is(place)));
                    let Some((place, host)) = place.as_ref().zip(host) else {
                        state.is_elsewhere(question.address);
                        continue;
                    };
                    state.matched.insert(host.to_string());
                    if !state.asked.insert((question.address.clone(), question.body.clone())) {
                        continue;
                    }
                    let address = question.address.clone();
                    let fetched = state.fetch(host, place, question).map_err(|e| e.to_string());
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

    /// Hosts at which nothing of what was missing is, when there was something; and some addresses
    /// where it is instead.
    pub fn useless(&self) -> (Vec<String>, Vec<String>) {
        self.locked(|state| {
            let hosts = self.hosts.iter().map(ToString::to_string);
            let hosts = hosts.filter(|host| !state.matched.contains(host)).collect();
            (hosts, state.elsewhere.iter().cloned().collect())
        })
    }

    fn locked<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Keeps a few: they are told to whoever named a host in vain.
    fn is_elsewhere(&mut self, address: String) {
        if self.elsewhere.len() < TOLD {
            self.elsewhere.insert(address);
        }
    }

    /// Pays, and asks. What was read is paid for whether it is of use or not.
    fn fetch(
        &mut self,
        host: &Host,
        place: &Place,
        Question { body, fetches, .. }: Question,
    ) -> Result<Fetched, FetchError> {
        let most = if body.is_empty() { self.left.list_bytes } else { self.left.answer_bytes };
        self.left.requests =
            self.left.requests.checked_sub(1).ok_or(FetchError::Bound("requests"))?;
        let ask = Ask {
            host,
            place,
            question: body,
            body_bytes: most.min(self.left.bytes),
            head_bytes: self.left.head_bytes,
        };
        let watch = Stopwatch::start(self.left.request_time.min(self.left.time));
        let body = exchange(&ask, &watch);
        self.left.time = self.left.time.saturating_sub(watch.elapsed());
        let body = body?;
        self.left.bytes = self.left.bytes.saturating_sub(body.len());
        Ok(fetches(body))
    }
}

/// Where to ask, lists first.
fn questions(one: &Unchecked) -> Vec<Question> {
    let get = |address: &str| Question {
        address: address.to_owned(),
        body: Vec::new(),
        fetches: Fetched::List,
    };
    let post = |address: &String| {
        let (address, body) = (address.clone(), one.question()?);
        Some(Question { address, body, fetches: Fetched::Answer })
    };
    let lists = one.lists().into_iter().map(get);
    lists.chain(one.responders().iter().filter_map(post)).collect()
}

fn status(address: &str) -> Question {
    Question { address: address.to_owned(), body: Vec::new(), fetches: Fetched::Status }
}

/// As many addresses as a reader looks at.
const TOLD: usize = 8;
