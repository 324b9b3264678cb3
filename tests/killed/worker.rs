//! The work of a department, in sequence: issue, change, query, or propose and approve.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed helper is a failed test")]

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use yinzheng::base::digest::Digest;

use super::PURPOSE;
use super::client::{Client, Door};
use crate::served::Department;

/// A licence as acknowledged to a client, which must never be lost.
pub(crate) struct Acknowledged {
    /// Key and body of the request that issued it, for a retry; an approved proposal has none.
    pub(crate) request: Option<(String, Value)>,
    pub(crate) answer: Vec<u8>,
    /// The licence as last acknowledged.
    pub(crate) licence: Value,
    pub(crate) changed: bool,
    pub(crate) pdf: Digest,
    pub(crate) credential: Digest,
}

/// The results of one client at the end.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) kept: Vec<Acknowledged>,
    /// Identifiers of answers to queries.
    pub(crate) queries: Vec<String>,
}

/// Works in sequence until it is stopped.
pub(crate) struct Worker<'a> {
    number: usize,
    clients: Vec<Client<'a>>,
    chance: Chance,
    answered: &'a AtomicUsize,
    tasks: u32,
    pub(crate) done: Done,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(
        number: usize,
        door: &'a Door,
        people: &'a [Department],
        chance: Chance,
        answered: &'a AtomicUsize,
    ) -> Self {
        let clients = people.iter().map(|one| Client::new(door, one)).collect();
        Self { number, clients, chance, answered, tasks: 0, done: Done::default() }
    }

    pub(crate) fn task(&mut self) {
        self.tasks += 1;
        let key = format!("{}-{}", self.number, self.tasks);
        if self.clients.len() == 2 {
            self.propose_and_approve(&key);
        } else {
            self.issue(&key);
            if self.chance.below(2) == 0 {
                self.query(&key);
            }
        }
    }

    fn issue(&mut self, key: &str) {
        let kind = if self.number == 2 { "medical-institution" } else { "business" };
        let body = submission(kind);
        let full = self.clients[0].send("POST", "/v1/licences", &[idempotent(key)], &body);
        assert_eq!(full.status, 201, "{full:?}");
        self.answered.fetch_add(1, Ordering::Relaxed);
        let licence = full.json()["licence"].clone();
        let (pdf, credential) = self.files(&licence);
        let mut kept = Acknowledged {
            request: Some((key.to_owned(), body)),
            answer: full.body.clone(),
            licence,
            changed: false,
            pdf,
            credential,
        };
        let mut tag = full.header("etag").to_owned();
        for (act, one_in) in [("suspend", 3), ("resume", 2), ("revoke", 3)] {
            if self.chance.below(one_in) != 0 {
                break;
            }
            let path = format!("/v1/licences/{}/{act}", kept.licence["id"].as_str().unwrap());
            let body = match act {
                "suspend" => json!({ "reason": "investigation" }),
                "revoke" => json!({ "reason": "penalty" }),
                _ => json!({}),
            };
            let headers = [idempotent(&format!("{key}-{act}")), ("If-Match", tag.clone())];
            let full = self.clients[0].send("POST", &path, &headers, &body);
            assert_eq!(full.status, 200, "{act} {full:?}");
            full.header("etag").clone_into(&mut tag);
            (kept.licence, kept.changed) = (full.json(), true);
        }
        self.done.kept.push(kept);
    }

    /// Approval has no idempotency key: without an answer the client reads the proposal's state.
    fn propose_and_approve(&mut self, key: &str) {
        let body = submission("construction-permit");
        let held = self.clients[0].send("POST", "/v1/licences", &[idempotent(key)], &body);
        assert_eq!(held.status, 202, "{held:?}");
        self.answered.fetch_add(1, Ordering::Relaxed);
        let proposal = held.json()["proposal"].clone();
        let place = format!("/v1/proposals/{}", proposal["number"]);
        let digest = json!({ "digest": proposal["digest"] });
        let approved = self.clients[1].send("POST", &format!("{place}/approve"), &[], &digest);
        let licence = match approved.status {
            201 => approved.json()["licence"].clone(),
            409 => {
                assert_eq!(approved.json()["code"], "proposal_closed", "{approved:?}");
                let closed = self.clients[1].get(&place).json();
                assert_eq!(closed["state"], "approved", "{closed}");
                let id = closed["licence"].as_str().unwrap().to_owned();
                self.clients[1].get(&format!("/v1/licences/{id}")).json()
            }
            other => panic!("{other}: {approved:?}"),
        };
        let (pdf, credential) = self.files(&licence);
        self.done.kept.push(Acknowledged {
            request: None,
            answer: Vec::new(),
            licence,
            changed: false,
            pdf,
            credential,
        });
    }

    fn files(&mut self, licence: &Value) -> (Digest, Digest) {
        let client = self.clients.last_mut().unwrap();
        files(client, licence)
    }

    fn query(&mut self, item: &str) {
        let example: Value = serde_json::from_str(RESIDENCE).unwrap();
        let code = &example["fields"]["citizen_id"];
        let body = json!({
            "type": "residence-permit", "holder": { "code_type": "111", "code": code },
            "purpose": PURPOSE, "item": item,
        });
        let full = self.clients[0].send("POST", "/v1/query", &[], &body);
        assert_eq!(full.status, 200, "{full:?}");
        self.done.queries.push(full.header("yinzheng-query").to_owned());
    }
}

pub(crate) fn files(client: &mut Client<'_>, licence: &Value) -> (Digest, Digest) {
    let id = licence["id"].as_str().unwrap();
    let mut digest = |rest: &str| {
        let full = client.get(&format!("/v1/licences/{id}/{rest}"));
        assert_eq!(full.status, 200, "{id}/{rest}: {full:?}");
        Digest::of(&[&full.body])
    };
    (digest("pdf"), digest("credential"))
}

pub(crate) fn idempotent(key: &str) -> (&'static str, String) {
    ("Idempotency-Key", key.to_owned())
}

fn submission(kind: &str) -> Value {
    let application = match kind {
        "business" => include_str!("../../schemas/examples/business.json"),
        "medical-institution" => include_str!("../../schemas/examples/medical-institution.json"),
        _ => include_str!("../../schemas/examples/construction-permit.json"),
    };
    json!({ "type": kind, "application": serde_json::from_str::<Value>(application).unwrap() })
}

const RESIDENCE: &str = include_str!("../../schemas/examples/residence-permit.json");

/// A reproducible random generator (xorshift).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
