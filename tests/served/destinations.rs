//! An office whose destinations are receivers on this machine, and its operator's commands.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::receiver::Receiver;
use super::{Server, YINZHENG, put, text};

/// An office that may send to these receivers, with a client of the social department that may read
/// the feed.
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

/// Waits until the list of destinations matches; the time limit is a guard against hanging.
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

/// The result of another implementation for a message.
pub(crate) fn receive(
    key: &str,
    destination: &str,
    message: &str,
    at: i64,
) -> Result<Value, String> {
    let python = Path::new("target/peers/venv/bin/python");
    let mut child = Command::new(python)
        .args(["tests/peers/webhook.py", key, destination, &at.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| unreachable!("{error}; install it with tests/peers/setup"));
    child.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        assert!(said.starts_with("refused: "), "{said}");
        Err(said.trim().to_owned())
    }
}

/// The body of a public answer.
pub(crate) fn get(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}
