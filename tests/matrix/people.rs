//! An office with clients of several departments, and tokens of every kind: valid and invalid ones.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::time::Clock as _;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::domain::access::{Caller, Verb};
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::keybinding;
use yinzheng::service::access::{NewClient, TokenRequest};
use yinzheng::service::issue_command::{Request, Requester};
use yinzheng::service::sharing::{NewGrant, Query, Subject};

use crate::api::{Api, Call, call, caller, post, submission};
use crate::served::department::{Department, jwk, new_key};
use crate::world::example;

/// The office and its clients.
pub(crate) struct World {
    pub(crate) api: Api,
    clients: BTreeMap<&'static str, Department>,
    tokens: Mutex<BTreeMap<(&'static str, String), String>>,
    /// Tokens that were valid earlier, or at another office.
    pub(crate) of_another_office: String,
    pub(crate) expired: String,
    pub(crate) of_a_disabled_client: String,
    pub(crate) bound_to_a_certificate: String,
    /// Identifier of the residence permit that the market's counter may read.
    pub(crate) permit: String,
    drawn: AtomicUsize,
}

/// The credentials of a call.
pub(crate) struct Presented {
    /// The client of the token.
    pub(crate) client: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) token: String,
    pub(crate) proof: Option<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        let api = Api::new();
        // Proofs signed in the second of the start are refused.
        api.test.clock.set("2026-11-24T06:00:10Z");
        let base = api.office.profile().public_base_url.as_str().to_owned();
        let clients = CLIENTS.map(|(name, department)| {
            let client = Department { name: name.to_owned(), base: base.clone(), key: new_key() };
            register(&api, &client, department);
            (name, client)
        });
        let mut world = Self {
            api,
            clients: clients.into(),
            tokens: Mutex::default(),
            of_another_office: String::new(),
            expired: String::new(),
            of_a_disabled_client: String::new(),
            bound_to_a_certificate: String::new(),
            permit: String::new(),
            drawn: AtomicUsize::new(0),
        };
        world.expired = world.draw(COUNTER, "");
        world.of_a_disabled_client = world.draw(GONE, "");
        // Tokens live for ten minutes.
        world.api.test.clock.set("2026-11-24T06:10:11Z");
        world.of_a_disabled_client = world.draw(GONE, "");
        world.bound_to_a_certificate = world.draw_for_a_certificate();
        world.of_another_office = world.draw_elsewhere();
        world.api.office.disable_client(GONE, &Actor::LocalOperator).unwrap();
        world.permit = world.grant();
        world
    }

    pub(crate) fn now(&self) -> i64 {
        self.api.test.clock.now().unix()
    }

    pub(crate) fn client(&self, name: &str) -> &Department {
        &self.clients[name]
    }

    /// Waits, since thirty tokens in a minute are the limit.
    pub(crate) fn wait(&self) {
        let clock = &self.api.test.clock;
        clock.set(&clock.now().plus(5).to_string());
    }

    /// A token of a client with exactly these rights for a type. Each is requested once and cached.
    pub(crate) fn token(&self, client: &'static str, verbs: &[&str], kind: &str) -> String {
        let scope: Vec<_> = verbs.iter().map(|verb| format!("{verb}%3A{kind}")).collect();
        let scope = scope.join("+");
        let mut tokens = self.tokens.lock().unwrap();
        let kept = tokens.entry((client, scope.clone()));
        kept.or_insert_with(|| self.draw(client, &format!("&scope={scope}"))).clone()
    }

    fn draw(&self, client: &str, more: &str) -> String {
        token_of(&self.api, self.client(client), self.now(), more)
    }

    fn draw_for_a_certificate(&self) -> String {
        let client = self.client(COUNTER);
        let request = TokenRequest {
            assertion: &client.assertion(&client.claims_at(self.now())),
            client_id: None,
            scope: None,
            proof: None,
            certificate: Some(Digest::of(&[b"a certificate"])),
        };
        self.api.office.give_token(&request).unwrap().token.expose().to_owned()
    }

    /// A token of another office, where the same client is registered with the same key.
    fn draw_elsewhere(&self) -> String {
        let other = Api::new();
        other.test.clock.set("2026-11-24T06:00:10Z");
        let client = self.client(COUNTER);
        register(&other, client, "market");
        let now = other.test.clock.now().unix();
        // Seeded randomness is the same in all test offices.
        let tokens: Vec<_> = (0..9).map(|_| token_of(&other, client, now, "")).collect();
        tokens.last().unwrap().clone()
    }

    /// A valid proof by the key of a client for a request.
    pub(crate) fn proof(&self, client: &str, ask: &Call<'_>, token: &str) -> String {
        let path = ask.path.split('?').next().unwrap();
        let client = self.client(client);
        client.proof(&client.proof_claims_at(self.now(), ask.method, path, Some(token))).1
    }

    /// Grants the market's counter names and addresses of residence permits and the document, and
    /// issues one.
    fn grant(&self) -> String {
        let new = NewGrant {
            department: "market".to_owned(),
            kind: "residence-permit".to_owned(),
            fields: vec!["name".to_owned(), "address".to_owned()],
            consent: Vec::new(),
            purposes: vec![PURPOSE.to_owned()],
            items: Vec::new(),
            document: true,
            expires: self.api.test.clock.now().plus(86_400),
        };
        self.api.office.add_grant(new, &Actor::LocalOperator).unwrap();
        let input = example("residence-permit");
        let (actor, kind) = (&Actor::LocalOperator, "residence-permit");
        let request = Request {
            requester: &Requester::Operator(actor.clone()),
            kind,
            input: &input,
            idempotency: None,
        };
        self.api.office.issue(&request).unwrap().licence.id.to_string()
    }

    /// A value that was not used before.
    pub(crate) fn fresh(&self) -> String {
        format!("k-{}", self.drawn.fetch_add(1, Ordering::Relaxed))
    }

    /// A business licence, issued just now by a colleague: identifier and tag.
    pub(crate) fn licence(&self) -> (String, String) {
        self.api.issue(&colleague("market"), "business", &self.fresh())
    }

    /// A proposal that waits for a second person: number, digest and tag.
    pub(crate) fn proposal(&self) -> (String, String, String) {
        let colleague = colleague("construction");
        let ask = post(&colleague, "/v1/licences").header("idempotency-key", &self.fresh());
        let reply = self.api.send(ask.json(&submission("construction-permit")));
        let (body, tag) = (reply.json(), reply.header("etag").to_owned());
        let digest = body["proposal"]["digest"].as_str().unwrap().to_owned();
        (body["proposal"]["number"].to_string(), digest, tag)
    }

    /// The identifier of an access that was just made.
    pub(crate) fn access(&self) -> String {
        let query = query_for(Subject::Licence(self.permit.clone()));
        self.api.office.query(&counter(), &query).unwrap().id
    }

    /// The presentation of a holder whose credential is bound to the wallet's key.
    pub(crate) fn presentation(&self, intent: &Value) -> Value {
        let key = new_key();
        let mut input = example("residence-permit");
        input["holder_key"] = Jwk::new(key.public_key()).unwrap().to_json();
        let (actor, kind) = (&Actor::LocalOperator, "residence-permit");
        let request = Request {
            requester: &Requester::Operator(actor.clone()),
            kind,
            input: &input,
            idempotency: None,
        };
        let credential = self.api.office.issue(&request).unwrap().credential;
        let drawn = self.api.send(call(None, "POST", "/v1/holder/nonce").json(intent)).json();
        let text = |name: &str| drawn[name].as_str().unwrap().to_owned();
        let asked = (text("audience"), text("nonce"));
        let now = self.api.test.clock.now();
        let shown = keybinding::bind(&credential, (&asked.0, &asked.1), now, &key).unwrap();
        json!({ "nonce": asked.1, "presentation": shown })
    }
}

/// A query that the market's counter may make.
pub(crate) fn query_for(subject: Subject) -> Query {
    Query {
        subject,
        kind: "residence-permit".to_owned(),
        purpose: PURPOSE.to_owned(),
        item: "2026-000117".to_owned(),
        fields: None,
        consent: None,
    }
}

/// The market's counter as an authenticated caller.
pub(crate) fn counter() -> Caller {
    caller(COUNTER, "market", &["query:*"])
}

fn register(api: &Api, client: &Department, department: &str) {
    let new = NewClient {
        name: &client.name,
        department,
        scopes: VERBS.iter().map(|verb| format!("{verb}:*").parse().unwrap()).collect(),
        purposes: vec![PURPOSE.to_owned()],
        key: &jwk(&client.key).to_json(),
    };
    api.office.add_client(new, &Actor::LocalOperator).unwrap();
}

fn token_of(api: &Api, client: &Department, now: i64, more: &str) -> String {
    let (_, proof) = client.proof(&client.proof_claims_at(now, "POST", "/oauth/token", None));
    let reply = api.send(
        call(None, "POST", "/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("dpop", &proof)
            .body(client.form_with(&client.claims_at(now), more).as_bytes()),
    );
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

/// A caller of a department for the preparations of a test.
fn colleague(department: &str) -> Caller {
    caller("colleague", department, &["issue:*"])
}

/// Names of all verbs.
pub(crate) const VERBS: [&str; 8] = {
    let mut names = [""; 8];
    let mut at = 0;
    while at < names.len() {
        names[at] = Verb::ALL[at].1;
        at += 1;
    }
    names
};

/// Has every right in the market's department; the client of most rows.
pub(crate) const COUNTER: &str = "market-counter";
/// Has every right where a second person must approve.
pub(crate) const BUILDER: &str = "construction-counter";
/// Has every right in another department.
pub(crate) const STRANGER: &str = "health-counter";
/// Had every right in the market's department, and is disabled.
pub(crate) const GONE: &str = "market-gone";
const CLIENTS: [(&str, &str); 4] =
    [(COUNTER, "market"), (BUILDER, "construction"), (STRANGER, "health"), (GONE, "market")];
pub(crate) const PURPOSE: &str = "入学登记";
