//! The real program serving an office on loopback, and a department that calls it.
#![expect(
    clippy::unwrap_used,
    clippy::unreachable,
    clippy::panic,
    reason = "a failed helper is a failed test"
)]
#![allow(dead_code, unused_imports, reason = "each test program and benchmark uses a part")]
#![allow(clippy::allow_attributes, reason = "whether a part is used differs by program")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use yinzheng::edge::files;

pub(crate) mod department;
pub(crate) mod destinations;
pub(crate) mod receiver;

pub(crate) use department::{Department, form, fresh, jwk, new_key, now};

/// The program, serving its own office.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) base: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts with further arguments for `serve`; with TLS when they name a certificate.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::of(arguments, |toml| toml)
    }

    /// Starts with a changed `office.toml`.
    pub(crate) fn of(arguments: &[&str], change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = folder.path().join("office");
        let listen = format!("127.0.0.1:{port}");
        let made = Command::new(YINZHENG)
            .args(["demo", "--no-serve", "--listen", &listen, "--dir"])
            .arg(&dir)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", text(&made));
        let tls = arguments.contains(&"--tls-cert");
        // Certificates are for the host name.
        let base =
            if tls { format!("https://localhost:{port}") } else { format!("http://{listen}") };
        let toml = std::fs::read_to_string(dir.join("office.toml")).unwrap();
        let toml = toml.replace(&format!("http://{listen}"), &base);
        put(dir.join("office.toml"), change(toml));
        let server = Self { child: Self::serve(&dir, &listen, arguments), port, base, folder };
        server.wait();
        server
    }

    pub(crate) fn serve(dir: &Path, listen: &str, arguments: &[&str]) -> Child {
        Command::new(YINZHENG)
            .args(["serve", "--listen", listen, "--dir"])
            .arg(dir)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub(crate) fn wait(&self) {
        for _ in 0..1000 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                // Proofs signed in the second of the start are refused.
                std::thread::sleep(Duration::from_millis(1100));
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        unreachable!("the server did not answer within ten seconds");
    }

    pub(crate) fn restart(&mut self) {
        self.kill();
        self.start_again();
        self.wait();
    }

    /// Ends the process with SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts again on the same directory, without waiting until it answers.
    pub(crate) fn start_again(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        self.child = Self::serve(&self.dir(), &listen, &[]);
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("office")
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn client(&self, arguments: &[&str]) -> Output {
        Command::new(YINZHENG)
            .arg("client")
            .args(arguments)
            .arg("--dir")
            .arg(self.dir())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// Registers a client with a generated key.
    pub(crate) fn register(&self, name: &str) -> Department {
        let scopes = ["--scope", "read:*", "--scope", "issue:business"];
        self.register_with(name, &[&["--department", "market"], &scopes[..]].concat())
    }

    /// Registers a client with arguments of `client add` for department and rights.
    pub(crate) fn register_with(&self, name: &str, rights: &[&str]) -> Department {
        let key = new_key();
        let path = self.at(&format!("{name}.jwk"));
        put(&path, jwk(&key).to_json().to_string());
        let path = path.to_str().unwrap();
        let added = self.client(&[&["add", name], rights, &["--key", path]].concat());
        assert!(added.status.success(), "{}", text(&added));
        Department { name: name.to_owned(), base: self.base.clone(), key }
    }

    /// Sends a request unchanged, and returns status, head and body.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> HttpResponse {
        let answer = exchange(self.port, method, path, headers, body).unwrap();
        HttpResponse::read(&String::from_utf8_lossy(&answer))
    }

    pub(crate) fn ask_token(&self, form: &str, headers: &[(&str, String)]) -> HttpResponse {
        let kind = ("Content-Type", "application/x-www-form-urlencoded".to_owned());
        self.send("POST", "/oauth/token", &[&[kind], headers].concat(), form)
    }

    pub(crate) fn token(&self, department: &Department) -> String {
        let answer = self.ask_token(&department.form(), &[department.proof_for_token()]);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json["token_type"], "DPoP");
        answer.json["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn whoami(&self, department: &Department, token: &str) -> HttpResponse {
        self.send("GET", "/v1/whoami", &department.headers(token), "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) json: Value,
}

impl HttpResponse {
    pub(crate) fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let json = serde_json::from_str(body).unwrap_or_default();
        Self { status, head: head.to_lowercase(), json }
    }

    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().or_else(|| self.json["error"].as_str()).unwrap_or_default()
    }

    pub(crate) fn words(&self) -> &str {
        self.json["error_description"].as_str().unwrap_or_default()
    }
}

/// Sends a request over a new connection, and returns everything received until its end.
pub(crate) fn exchange(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
    body: &str,
) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    // When no server listens on an ephemeral port, a connection can connect to itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(std::io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let lines: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (lines, length) = (lines.concat(), body.len());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    // A reset after the answer does not matter.
    drop(stream.read_to_end(&mut answer));
    Ok(answer)
}

pub(crate) const YINZHENG: &str = env!("CARGO_BIN_EXE_yinzheng");

pub(crate) fn put(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    files::write_durably(path.as_ref(), content.as_ref(), 0o600).unwrap();
}

pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
