//! An office whose destinations are receivers on this machine, and what its operator does.

use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use super::receiver::Receiver;
use super::{Server, YINZHENG, put, text};

/// An office that may send to these receivers, with a client of the social department that follows
/// what changes.
pub(crate) fn office(listed: &[&Receiver]) -> Server {
    let mut server = Server::start();
    let path = server.dir().join("office.toml");
    let toml = std::fs::read_to_string(&path).unwrap();
    let places: Vec<_> = listed.iter().map(|one| format!("\"localhost:{}\"", one.port)).collect();
    let line = format!("allow_private_destinations = [{}]\n\n[[departments]]", places.join(", "));
    put(&path, toml.replacen("[[departments]]", &line, 1));
    server.restart();
    let scopes = ["--department", "social", "--scope", "feed:*", "--new-key", "school.pem"];
    let added = server.client(&[&["add", "school-desk"], &scopes[..]].concat());
    assert!(added.status.success(), "{}", text(&added));
    server
}

pub(crate) fn run(server: &Server, arguments: &[&str]) -> Output {
    let mut command = Command::new(YINZHENG);
    command.args(arguments).arg("--dir").arg(server.dir());
    command.output().unwrap()
}

pub(crate) fn done(server: &Server, arguments: &[&str]) -> String {
    let output = run(server, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    text(&output)
}

pub(crate) fn add(server: &Server, name: &str, receiver: &Receiver) {
    let (url, roots) = (receiver.url(), receiver.roots.to_str().unwrap());
    let to = ["--client", "school-desk", "--url", &url, "--ca", roots];
    done(server, &[&["destination", "add", name], &to[..]].concat());
}

/// Issues a licence and returns its identifier.
pub(crate) fn issue(server: &Server, kind: &str) -> String {
    let (input, out) = (format!("schemas/examples/{kind}.json"), server.at("out"));
    let out = out.to_str().unwrap();
    let said = done(server, &["issue", "--type", kind, "--out", out, &input]);
    said.split_whitespace().nth(2).unwrap().to_owned()
}

pub(crate) fn listed(server: &Server, name: &str) -> Value {
    let all: Value =
        serde_json::from_str(&done(server, &["destination", "list", "--json"])).unwrap();
    let found = all["destinations"].as_array().unwrap().iter().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {all}")).clone()
}

/// Waits until the list says so; the bound is for a test that hangs.
pub(crate) fn wait_for(server: &Server, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let one = listed(server, name);
        if fits(&one) {
            return one;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{}", listed(server, name));
}

pub(crate) fn has_failed(one: &Value) -> bool {
    one["failures"].as_u64() > Some(0)
}
