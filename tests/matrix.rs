//! Every operation of the description, called by everyone who must not: what the description says
//! of who may call it is what the router does.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[path = "world/api.rs"]
mod api;
mod world;

use std::collections::BTreeSet;

use api::{Api, call};
use serde_json::{Value, json};

/// One method of one path, with what the description says of it.
struct Operation {
    method: &'static str,
    path: String,
    described: Value,
}

impl Operation {
    fn all() -> Vec<Self> {
        let paths = api::description()["paths"].as_object().unwrap();
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

    /// With a token, or from the machine itself.
    fn may_go_without(&self) -> bool {
        self.described["security"].as_array().unwrap().contains(&json!({}))
    }

    /// Its path, with something in the place of each parameter.
    fn some_path(&self) -> String {
        let parts = self.path.split('/');
        parts
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    }
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// What no client ever got is looked at, and refused, behind the door alone.
#[test]
fn what_needs_a_token_by_the_description_stands_behind_the_door_and_nothing_else_does() {
    let api = Api::new();
    let head = (api.office.store().head(), api.office.accesses().head());
    let mut behind = 0;
    for operation in Operation::all() {
        let path = operation.some_path();
        let place = format!("{} {}", operation.method, operation.path);
        let ask = || call(None, operation.method, &path);
        let with = |token: &str| api.send(ask().header("authorization", token)).status;
        let needs = operation.needs_a_token();
        for token in ["DPoP a", "Bearer a", "Basic YTpi"] {
            // The door of tokens takes no other proof of who asks.
            let refused = with(token) == if path == "/oauth/token" { 400 } else { 401 };
            assert_eq!(refused, needs || path == "/oauth/token", "{place}: {token}");
        }
        // No proxy is listed that may speak of certificates.
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
