//! Every operation of the description, called by every unauthorized caller: the router enforces
//! exactly what the description states.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod people;
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::api::{Api, Call, call, same};
use people::{COUNTER, GONE, Presented, STRANGER, VERBS, World};
use rows::{Ask, Manner, NOT_ENOUGH, NOT_LOOKED_AT, Other, RIGHT, ROWS, Row, status_and_code};
use serde_json::{Value, json};

/// One method of one path, with its description.
struct Operation {
    method: &'static str,
    path: String,
    described: Value,
}

impl Operation {
    fn all() -> Vec<Self> {
        let paths = crate::api::description()["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.filter(|(method, _)| *method != "parameters").map(|(method, described)| Self {
                method: METHODS.into_iter().find(|known| known.to_lowercase() == *method).unwrap(),
                path: path.clone(),
                described: described.clone(),
            })
        });
        operations.collect()
    }

    fn needs_a_token(&self) -> bool {
        self.described["security"] != json!([])
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The rights, one of which is sufficient.
    fn verbs(&self) -> Vec<&str> {
        match &self.described["x-verb"] {
            Value::Array(verbs) => verbs.iter().map(|verb| verb.as_str().unwrap()).collect(),
            verb => verb.as_str().into_iter().collect(),
        }
    }

    /// Whether the operation can be called without a token from the machine itself.
    fn may_go_without(&self) -> bool {
        self.described["security"].as_array().unwrap().contains(&json!({}))
    }

    /// Its path, with a value for each parameter.
    fn some_path(&self) -> String {
        let parts = self.path.split('/');
        parts
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    }
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Invalid tokens are refused by every operation that needs one, and ignored by the others.
#[test]
fn what_needs_a_token_by_the_description_stands_behind_the_door_and_nothing_else_does() {
    let api = Api::new();
    let head = (api.office.store().head(), api.office.accesses().head());
    let mut behind = 0;
    for operation in Operation::all() {
        let path = operation.some_path();
        let place = operation.name();
        let needs = operation.needs_a_token();
        if needs && path.starts_with("/share/v1/") {
            // The token is in the body, and the result in its head.
            for head in [json!({}), json!({ "accessId": "a", "accessToken": "a" })] {
                let body = json!({ "head": head, "data": {} });
                let body_of_answer =
                    api.send(call(None, operation.method, &path).json(&body)).json();
                assert_eq!(body_of_answer["head"]["status"], 11, "{place}: {body_of_answer}");
            }
            behind += 1;
            continue;
        }
        let ask = || call(None, operation.method, &path);
        let with = |token: &str| api.send(ask().header("authorization", token)).status;
        for token in ["DPoP a", "Bearer a", "Basic YTpi"] {
            // The token endpoint accepts no other authentication.
            let refused = with(token) == if path == "/oauth/token" { 400 } else { 401 };
            assert_eq!(refused, needs || path == "/oauth/token", "{place}: {token}");
        }
        // No proxy is listed that may pass client certificates.
        let reply = api.send(ask().header("client-cert", ":YWJj:"));
        let refused = reply.status == 400 && reply.code() == "not_a_proxy";
        assert_eq!(refused, needs || path == "/oauth/token", "{place}");
        let without = api.send(ask()).status;
        assert_eq!(without == 401, needs && !operation.may_go_without(), "{place}: no token");
        behind += usize::from(needs);
    }
    assert!(behind >= 20, "{behind}");
    assert_eq!(head, (api.office.store().head(), api.office.accesses().head()));
}

#[test]
fn no_path_takes_a_method_that_is_not_described() {
    let api = Api::new();
    let known: BTreeSet<_> =
        Operation::all().into_iter().map(|one| (one.some_path(), one.method)).collect();
    for (path, _) in &known {
        for method in METHODS.into_iter().filter(|method| !known.contains(&(path.clone(), *method)))
        {
            let reply = api.send(call(None, method, path));
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (405, "wrong_method"),
                "{method} {path}"
            );
        }
    }
}

/// Every operation × every caller. `YZ_BLESS=1` rewrites the table.
#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites a file of the source tree, when asked to")]
fn every_operation_is_for_those_alone_who_may() {
    let operations = Operation::all();
    let described: BTreeSet<_> = operations.iter().map(Operation::name).collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.operation.to_owned()).collect();
    let without: Vec<_> = described.difference(&rows).collect();
    assert!(without.is_empty(), "no row in tests/matrix/rows.rs for {without:?}");
    let unknown: Vec<_> = rows.difference(&described).collect();
    assert!(unknown.is_empty() && rows.len() == ROWS.len(), "no operation for {unknown:?}");
    let world = World::new();
    let mut table = String::new();
    for row in ROWS {
        let operation = operations.iter().find(|one| one.name() == row.operation).unwrap();
        world.wait();
        writeln!(table, "{}", row.operation).unwrap();
        for (case, summary) in (Tried { world: &world, row, operation }).everyone() {
            writeln!(table, "  {case:<43} {summary}").unwrap();
        }
    }
    world.api.test.check();
    let path = "tests/http/matrix.txt";
    if std::env::var_os("YZ_BLESS").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == table, "{path} is out of date: look at what YZ_BLESS=1 makes of it");
}

/// An unauthorized call, and the expected refusal.
type Impostor = (&'static str, &'static str, fn(&World, &Call<'_>) -> Presented);

const IMPOSTORS: [Impostor; 9] = [
    (NOT_LOOKED_AT, "401 invalid_token", |world, call| {
        dpop(world, COUNTER, call, &world.of_another_office)
    }),
    ("an expired token", "401 invalid_token", |world, call| {
        dpop(world, COUNTER, call, &world.expired)
    }),
    ("a token of a disabled client", "401 invalid_token", |world, call| {
        dpop(world, GONE, call, &world.of_a_disabled_client)
    }),
    ("a proof for another host", "401 invalid_dpop_proof", |world, ask| {
        let (client, token) = (world.client(COUNTER), world.token(COUNTER, &VERBS, "*"));
        let path = ask.path.split('?').next().unwrap();
        let mut claims = client.proof_claims_at(world.now(), ask.method, path, Some(&token));
        claims["htu"] = format!("https://other.example{path}").into();
        Presented { proof: Some(client.proof(&claims).1), ..dpop(world, COUNTER, ask, &token) }
    }),
    ("a proof for another path", "401 invalid_dpop_proof", |world, ask| {
        let token = world.token(COUNTER, &VERBS, "*");
        let elsewhere = call(None, ask.method, "/v1/elsewhere");
        dpop(world, COUNTER, &elsewhere, &token)
    }),
    ("a proof by another key", "401 other_key", |world, call| {
        let shown = dpop(world, STRANGER, call, &world.token(COUNTER, &VERBS, "*"));
        Presented { client: COUNTER, ..shown }
    }),
    ("no proof", "401 other_key", |world, _| Presented {
        client: COUNTER,
        scheme: "DPoP",
        token: world.token(COUNTER, &VERBS, "*"),
        proof: None,
    }),
    ("a token for DPoP as Bearer", "401 other_key", |world, call| {
        let token = world.token(COUNTER, &VERBS, "*");
        Presented { scheme: "Bearer", ..dpop(world, COUNTER, call, &token) }
    }),
    ("a token for a certificate, without it", "401 other_key", |world, _| Presented {
        client: COUNTER,
        scheme: "Bearer",
        token: world.bound_to_a_certificate.clone(),
        proof: None,
    }),
];

fn dpop(world: &World, client: &'static str, call: &Call<'_>, token: &str) -> Presented {
    let proof = Some(world.proof(client, call, token));
    Presented { client, scheme: "DPoP", token: token.to_owned(), proof }
}

/// A row under test.
struct Tried<'a> {
    world: &'a World,
    row: &'a Row,
    operation: &'a Operation,
}

/// A client, and the rights and the type of its token.
type Who<'a> = (&'static str, &'a [&'a str], &'a str);

/// The caller, and the answer.
type Answer = (String, String);

impl Tried<'_> {
    fn everyone(&self) -> Vec<Answer> {
        let needs = self.operation.needs_a_token();
        assert_eq!(needs, self.row.manner.is_some(), "{}: security", self.row.operation);
        match self.row.manner {
            None => self.everybody_may(),
            Some(manner) => self.some_may(manner),
        }
    }

    fn everybody_may(&self) -> Vec<Answer> {
        let call = || (self.row.ask)(self.world).call;
        let without = status_and_code(&self.world.api.send(call()));
        self.is("no token", "200 or 201", &without);
        let (case, _, presented) = &IMPOSTORS[0];
        let sent = call();
        let shown = presented(self.world, &sent);
        let sent = sent.header("authorization", &format!("DPoP {}", shown.token));
        let with = status_and_code(&self.world.api.send(sent));
        self.is(case, "200 or 201", &with);
        vec![("no token".to_owned(), without), ((*case).to_owned(), with)]
    }

    fn some_may(&self, manner: &Manner) -> Vec<Answer> {
        let mut results = Vec::new();
        let ask = (self.row.ask)(self.world);
        let heads =
            || (self.world.api.office.store().head(), self.world.api.office.accesses().head());
        let before = heads();
        let mut refused = |case: &str, expected: &str, call: Call<'_>| {
            let said = (manner.summary)(&self.world.api.send(call));
            self.is(case, &(manner.refusal)(expected), &said);
            results.push((case.to_owned(), said));
        };
        refused("no token", "401 unauthenticated", ask.call.clone());
        for (case, expected, presented) in &IMPOSTORS {
            let presented = presented(self.world, &ask.call);
            refused(case, expected, (manner.carry)(ask.call.clone(), &presented));
        }
        assert_eq!(before, heads(), "{}: a refusal wrote something", self.row.operation);

        let enough = self.operation.verbs();
        if !enough.is_empty() {
            let others: Vec<_> = VERBS.into_iter().filter(|verb| !enough.contains(verb)).collect();
            let call = self.carried(manner, (self.row.client, &others, "*"), &ask.call);
            refused(NOT_ENOUGH, "403 forbidden", call);
        }
        if !enough.is_empty() && !matches!(self.row.other, Other::NotAbout) {
            let who = (self.row.client, enough.as_slice(), "food-operation");
            results.push((
                "the right for another type".to_owned(),
                self.not_theirs(manner, &ask, who),
            ));
        }
        let said = self.not_theirs(manner, &ask, (STRANGER, &VERBS, "*"));
        if let Other::LikeMissing(expected) = self.row.other {
            assert!(said.starts_with(expected), "{}: {said}", self.row.operation);
        }
        results.push(("another department".to_owned(), said));
        assert_eq!(before.0, heads().0, "{}: a stranger changed something", self.row.operation);
        // Each right alone is sufficient; without stated rights, any right is.
        let alone = if enough.is_empty() { vec!["read"] } else { enough };
        let mut ask = Some(ask);
        for verb in alone {
            let ask = ask.take().unwrap_or_else(|| (self.row.ask)(self.world));
            results.extend(self.right(manner, &ask, verb));
        }
        results
    }

    /// The valid call by a client of another department.
    fn not_theirs(&self, manner: &Manner, ask: &Ask, who: Who<'_>) -> String {
        let place = self.row.operation;
        let send = |call: &Call<'static>| self.world.api.send(self.carried(manner, who, call));
        let reply = send(&ask.call);
        let said = (manner.summary)(&reply);
        let shows = |own: &String| String::from_utf8_lossy(&reply.bytes).contains(own.as_str());
        assert!(!ask.own.as_ref().is_some_and(shows), "{place}: shown to others: {reply:?}");
        match self.row.other {
            Other::NotAbout => {
                assert!(self.is_right(&said), "{place}: {said}");
                format!("{said}, it is not about departments")
            }
            Other::LikeMissing(_) => {
                same(&reply, &send(ask.missing.as_ref().unwrap()));
                format!("{said}, as for what is not there")
            }
            Other::Without => {
                assert!(said == "200" && ask.own.is_some(), "{place}: {said}");
                format!("{said}, without what is not theirs")
            }
        }
    }

    /// The valid call, and then a replay with the same proof.
    fn right(&self, manner: &Manner, ask: &Ask, verb: &str) -> [Answer; 2] {
        let call = self.carried(manner, (self.row.client, &[verb], "*"), &ask.call);
        let reply = self.world.api.send(call.clone());
        let said = (manner.summary)(&reply);
        assert!(self.is_right(&said), "{} with {verb}:*: {reply:?}", self.row.operation);
        let shows = |own: &String| String::from_utf8_lossy(&reply.bytes).contains(own.as_str());
        assert!(ask.own.as_ref().is_none_or(shows), "{}: {reply:?}", self.row.operation);
        let again = (manner.summary)(&self.world.api.send(call));
        self.is("a proof that was used", &(manner.refusal)("401 invalid_dpop_proof"), &again);
        [(format!("{verb}:* alone"), said), ("a proof that was used".to_owned(), again)]
    }

    fn carried(
        &self,
        manner: &Manner,
        (client, verbs, kind): Who<'_>,
        call: &Call<'static>,
    ) -> Call<'static> {
        let token = self.world.token(client, verbs, kind);
        (manner.carry)(call.clone(), &dpop(self.world, client, call, &token))
    }

    /// Whether the answer is the expected one of a valid call, by the row or by default.
    fn is_right(&self, said: &str) -> bool {
        let right = self.row.except.iter().find(|(excepted, _)| *excepted == RIGHT);
        right.map_or_else(|| said.starts_with("20"), |(_, right)| said == *right)
    }

    /// Compares an answer with the expected one, by the row or by default.
    fn is(&self, case: &str, expected: &str, said: &str) {
        let except = self.row.except.iter().find(|(excepted, _)| *excepted == case);
        let expected = except.map_or(expected, |(_, expected)| *expected);
        let fits = said == expected || expected == "200 or 201" && ["200", "201"].contains(&said);
        assert!(fits, "{}: {case}: {said} and not {expected}", self.row.operation);
    }
}
