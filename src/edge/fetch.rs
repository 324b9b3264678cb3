//! Revocation data over the network: nothing, unless the operator names hosts.
//!
//! A list (RFC 5280, 4.2.1.13) or an answer (RFC 6960, appendix A) about a certificate of a valid
//! path is fetched from an address in that certificate, and a status list from the address that a
//! genuine licence names. The author of the address chooses the path of the request and nothing
//! else: the operator named the host and the port. The result is trusted once its issuer's
//! signature verifies, so plain HTTP is enough, and nothing else is supported: RFC 5280 and RFC
//! 5019 want it so, and a list over TLS could need itself.
//!
//! - **Hosts**: compared as text, never as they resolve. A name that resolves to this machine
//!   itself, or to its link (loopback, link-local, multicast), is refused unless the operator wrote
//!   that very address, or `localhost` ([`Permitted::Outside`]): otherwise the operator of the name's
//!   DNS could reach local services.
//! - **No redirects**, and nothing else that [`crate::edge::outbound`] refuses.
//! - **Lists first**: one serves all certificates of its issuer, and it reveals no document that is
//!   verified. A responder is asked when a certificate names no list that helps.
//! - **Each address once** in a run of the program, whatever it gave.
//!
//! All bounds are in [`Fetching`].

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{Method, Request, StatusCode};
use tokio::time::Instant;

use super::outbound::{Bounds, OutboundError, Permitted, Server, Url, block_on};
use crate::base::limits::Fetching;
use crate::base::localized::{Bilingual as _, Localized};
use crate::base::network::Authority;
use crate::domain::trust::Unchecked;

/// The text names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a host such as crl.example.org or 192.0.2.1:8080: {0:?}")]
pub struct BadHost(pub String);

/// Parses a host that the operator named: `HOST`, `HOST:PORT`, `[IPv6]:PORT`; without a port it is
/// 80.
pub fn host(text: &str) -> Result<Authority, BadHost> {
    Authority::parse(text, 80).ok_or_else(|| BadHost(text.to_owned()))
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// As many were sent as one run may.
    #[error("not asked: over the bound on requests")]
    Bound,
    /// Connection or HTTP failed.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The server answered with something else.
    #[error("answered with status {}; redirects are not followed", .0.as_u16())]
    Status(StatusCode),
    /// The body is compressed.
    #[error("no usable answer: it is compressed")]
    Compressed,
}

/// A fetched value, unverified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Bytes from a list's address.
    List(Vec<u8>),
    /// Bytes from a responder.
    Answer(Vec<u8>),
    /// Text from a status list's address.
    Status(Vec<u8>),
}

/// Evidence that a verification lacks.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// Certificates without revocation data.
    pub unchecked: Vec<Unchecked>,
    /// Address of the status list with the licence's status.
    pub status: Option<String>,
}

/// Fetches from hosts that the operator named. Threads share it; one fetches at a time.
#[derive(Debug)]
pub struct Fetcher {
    hosts: Vec<Authority>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: Fetching,
    asked: HashSet<(String, Vec<u8>)>,
    /// Hosts that had missing evidence.
    matched: HashSet<String>,
    /// Some addresses of missing evidence, at any host.
    elsewhere: BTreeSet<String>,
}

/// One request: an OCSP request to post, or nothing to get.
struct Question {
    address: String,
    body: Vec<u8>,
    fetches: fn(Vec<u8>) -> Fetched,
}

impl Fetcher {
    /// May contact these hosts, within these bounds.
    pub fn new(hosts: Vec<Authority>, bounds: Fetching) -> Self {
        let state = State {
            left: bounds,
            asked: HashSet::new(),
            matched: HashSet::new(),
            elsewhere: BTreeSet::new(),
        };
        Self { hosts, state: Mutex::new(state) }
    }

    /// How often a file may be verified again.
    pub fn rounds(&self) -> usize {
        self.locked(|state| state.left.rounds)
    }

    /// Fetches each missing item from the first address that is allowed, was not used before and
    /// gives something that `takes` accepts. `has_news` is asked first, while no other thread
    /// fetches: when another thread got something meanwhile, that is tried before more is fetched.
    /// Failures are passed to `complain`, with the address.
    ///
    /// Returns whether another verification is worth while.
    pub fn ask(
        &self,
        missing: &Missing,
        has_news: impl FnOnce() -> bool,
        mut takes: impl FnMut(Fetched) -> Result<(), Localized>,
        mut complain: impl FnMut(&Localized),
    ) -> bool {
        self.locked(|state| {
            if has_news() {
                return true;
            }
            let mut got = false;
            let status = missing.status.iter().map(|address| vec![status(address)]);
            for questions in missing.unchecked.iter().map(questions).chain(status) {
                for question in questions {
                    let url = Url::parse(&question.address)
                        .filter(|url| !url.is_secure() && self.hosts.contains(url.authority()));
                    let Some(url) = url else {
                        state.is_elsewhere(question.address);
                        continue;
                    };
                    state.matched.insert(url.authority().to_string());
                    if !state.asked.insert((question.address.clone(), question.body.clone())) {
                        continue;
                    }
                    let address = question.address.clone();
                    let fetched = state.fetch(url, question).map_err(|error| error.both());
                    match fetched.and_then(&mut takes) {
                        Ok(()) => {
                            got = true;
                            break;
                        }
                        Err(Localized { zh, en }) => complain(&Localized::new(
                            format!("{address}：{zh}"),
                            format!("{address}: {en}"),
                        )),
                    }
                }
            }
            got
        })
    }

    /// The named hosts that had none of the missing evidence, when there was any; and some
    /// addresses that have it instead.
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
    /// Keeps a few, to report to an operator who named a host without effect.
    fn is_elsewhere(&mut self, address: String) {
        if self.elsewhere.len() < TOLD {
            self.elsewhere.insert(address);
        }
    }

    /// Charges the budget, and sends the request. What was read is charged whether it is of use or
    /// not.
    fn fetch(
        &mut self,
        url: Url,
        Question { body, fetches, .. }: Question,
    ) -> Result<Fetched, FetchError> {
        self.left.requests = self.left.requests.checked_sub(1).ok_or(FetchError::Bound)?;
        let get = body.is_empty();
        let most = if get { self.left.list_bytes } else { self.left.answer_bytes };
        let bounds = Bounds {
            time: self.left.request_time.min(self.left.time),
            head_bytes: self.left.head_bytes,
            body_bytes: Some(most.min(self.left.bytes)),
        };
        let mut request = Request::builder().uri(url.target());
        if !get {
            request = request.method(Method::POST).header(CONTENT_TYPE, "application/ocsp-request");
        }
        let request = request.body(Body::from(body)).map_err(OutboundError::from)?;
        let server = Server { url, permitted: Permitted::Outside, tls: None };
        let began = Instant::now();
        let answer = block_on(server.ask(request, bounds));
        self.left.time = self.left.time.saturating_sub(began.elapsed());
        let answer = answer?;
        self.left.bytes = self.left.bytes.saturating_sub(answer.body.len());
        if answer.status != StatusCode::OK {
            return Err(FetchError::Status(answer.status));
        }
        let plain = |coding| coding == "identity";
        if !answer.headers.get(CONTENT_ENCODING).is_none_or(plain) {
            return Err(FetchError::Compressed);
        }
        Ok(fetches(answer.body))
    }
}

/// Addresses to fetch from, lists first.
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

/// Most addresses shown to a reader.
const TOLD: usize = 8;
