//! A client that retries unanswered requests: with the same idempotency key, after the server is
//! back, with a new token when the old one is gone.
#![expect(clippy::panic, reason = "a failed helper is a failed test")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::served::{Department, exchange};

/// The address of the server while it runs.
pub(crate) struct Door {
    port: u16,
    base: String,
    /// Requests that were sent and not completely answered.
    pub(crate) cut: AtomicUsize,
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Full {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Full {
    /// `None` unless the answer is complete: only then may a client rely on it.
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let full = Self { status, head, body: bytes[end + 4..].to_vec() };
        (full.header("content-length").parse() == Ok(full.body.len())).then_some(full)
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.status == 200
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Door {
    pub(crate) fn new(port: u16, base: &str) -> Self {
        Self { port, base: base.to_owned(), cut: AtomicUsize::new(0) }
    }

    /// A single attempt.
    pub(crate) fn once(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> Option<Full> {
        // The connection is refused: nothing was sent.
        let bytes = exchange(self.port, method, path, headers, body).ok()?;
        let full = Full::read(&bytes);
        if full.is_none() {
            self.cut.fetch_add(1, Ordering::Relaxed);
        }
        full
    }
}

/// A department's system that retries.
pub(crate) struct Client<'a> {
    door: &'a Door,
    department: &'a Department,
    token: Option<String>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(door: &'a Door, department: &'a Department) -> Self {
        assert_eq!(door.base, department.base);
        Self { door, department, token: None }
    }

    pub(crate) fn get(&mut self, path: &str) -> Full {
        self.until_answered("GET", path, &[], "")
    }

    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&'static str, String)],
        body: &Value,
    ) -> Full {
        let kind = ("Content-Type", "application/json".to_owned());
        self.until_answered(method, path, &[&[kind], headers].concat(), &body.to_string())
    }

    fn until_answered(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Full {
        for _ in 0..TRIES {
            if let Some(full) = self.once(method, path, headers, body) {
                match full.status {
                    // A token of the previous process, unknown to the server.
                    401 => self.token = None,
                    503 => {}
                    _ => return full,
                }
            }
            std::thread::sleep(PAUSE);
        }
        panic!("{method} {path} was not answered for a minute");
    }

    fn once(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Option<Full> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => self.token.insert(self.draw()?).clone(),
        };
        let proof = self.department.proof_claims(method, path, Some(&token));
        let own = [("Authorization", format!("DPoP {token}")), self.department.proof(&proof)];
        self.door.once(method, path, &[&own, headers].concat(), body)
    }

    /// In the second of its start the server issues none.
    fn draw(&self) -> Option<String> {
        let kind = ("Content-Type", "application/x-www-form-urlencoded".to_owned());
        let headers = [kind, self.department.proof_for_token()];
        let full = self.door.once("POST", "/oauth/token", &headers, &self.department.form())?;
        full.json()["access_token"].as_str().map(str::to_owned)
    }
}

/// A minute.
const TRIES: u32 = 1200;
const PAUSE: Duration = Duration::from_millis(50);
