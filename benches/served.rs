//! Queries over loopback with mutual TLS: the cost of each to the server process, from the first
//! byte of the request to the last of the signed answer, with its line durable in the access
//! journal.
//!
//! Connections stay open, as those of a department's system do; tokens are bound to the certificate
//! (RFC 8705). `cargo bench --bench served`.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed benchmark")]
#![expect(clippy::print_stdout, reason = "this is what the program is for")]

#[path = "../tests/served/mod.rs"]
mod served;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use served::{Department, Server, YINZHENG, put, text};
use yinzheng::crypto::algorithm::Algorithm;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::verify::{self, Form};

/// Number of client systems; each may send 2,000 queries in a burst.
const CLIENTS: usize = 12;
/// Queries of each client.
const EACH: u32 = 1_900;
/// Warm-up queries of each client.
const WARM: u32 = 60;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = pair(folder.path(), "server");
    let own = pair(folder.path(), "client");
    let tls = ["--tls-cert", &chain, "--tls-key", &key, "--client-certs"];
    let server = Server::of(&tls, |toml| format!("queries_a_minute = 1000000\n{toml}"));
    let code = issue(&server);
    let config = configure(&chain, &own);
    let clients: Vec<Department> = (0..CLIENTS)
        .map(|number| {
            let rights = ["--department", "market", "--scope", "query:*", "--purpose", PURPOSE];
            server.register_with(&format!("desk-{number}"), &rights)
        })
        .collect();
    // Proofs signed in the second of the start are refused.
    std::thread::sleep(Duration::from_millis(1_200));
    let asked = AtomicU32::new(0);
    let talk = |client: &Department, count: u32, token: &mut Option<String>| {
        let mut line = Line::new(&server, &config);
        let token = token.get_or_insert_with(|| line.token(client));
        for _ in 0..count {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            let body = json!({
                "type": "residence-permit", "purpose": PURPOSE, "item": format!("2026-{number:06}"),
                "holder": { "code_type": "111", "code": code },
            });
            let bearer = format!("Authorization: Bearer {token}\r\n");
            let json = "Content-Type: application/json\r\n";
            let (status, answer) =
                line.ask("/v1/query", &format!("{bearer}{json}"), &body.to_string());
            assert_eq!(status, 200, "{answer}");
        }
    };
    let all = |count: u32, tokens: &mut [Option<String>]| {
        std::thread::scope(|scope| {
            for (client, token) in clients.iter().zip(tokens) {
                let talk = &talk;
                scope.spawn(move || talk(client, count, token));
            }
        });
    };
    let mut tokens = vec![None; CLIENTS];
    all(WARM, &mut tokens);
    #[expect(clippy::disallowed_methods, reason = "this is a benchmark")]
    let (begin, before) = (Instant::now(), cpu(&server));
    all(EACH, &mut tokens);
    let (wall, used) = (begin.elapsed(), cpu(&server).saturating_sub(before));
    let count = EACH * u32::try_from(CLIENTS).unwrap();
    println!("a check of a P-256 signature takes {:.1?} here", check());
    println!("{count} queries with mutual TLS on {CLIENTS} connections");
    println!(
        "  the server's CPU  {:>8.1?} each, {} a second and core",
        used / count,
        rate(count, used)
    );
    println!("  wall              {:>8.1?} each, {} a second", wall / count, rate(count, wall));
}

/// Time of one signature check on an idle machine: a unit for the results, which is comparable
/// across machines.
fn check() -> Duration {
    let key = served::new_key();
    let signature = key.sign(b"message").unwrap();
    #[expect(clippy::disallowed_methods, reason = "this is a benchmark")]
    let begin = Instant::now();
    for _ in 0..2_000 {
        let (algorithm, bytes) = (Algorithm::ES256, signature.as_fixed());
        verify::verify(algorithm, Form::Fixed, key.public_key(), b"message", bytes).unwrap();
    }
    begin.elapsed() / 2_000
}

fn rate(count: u32, time: Duration) -> u128 {
    u128::from(count) * 1_000_000 / time.as_micros().max(1)
}

/// Self-signed, as files.
fn pair(folder: &Path, name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = |end: &str| folder.join(format!("{name}{end}")).to_str().unwrap().to_owned();
    let (chain, key) = (path(".pem"), path(".key.pem"));
    put(&chain, made.cert.pem());
    put(&key, made.signing_key.serialize_pem());
    (chain, key)
}

/// Issues a residence permit and adds a grant for it; returns the holder's code.
fn issue(server: &Server) -> String {
    let example = "schemas/examples/residence-permit.json";
    let until = yinzheng::base::time::Timestamp::from_unix(served::now()).unwrap();
    let until = until.plus(30 * 86_400).to_string();
    let grant = ["grant", "add", "--to", "market", "--type", "residence-permit"];
    let what = ["--field", "name", "--field", "address", "--purpose", PURPOSE];
    let out = server.at("out");
    let issue = ["issue", "--type", "residence-permit", example, "--out", out.to_str().unwrap()];
    for arguments in [&issue[..], &[&grant[..], &what, &["--until", &until[..10]]].concat()] {
        let mut command = std::process::Command::new(YINZHENG);
        let output = command.args(arguments).arg("--dir").arg(server.dir()).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
    }
    let example: Value = serde_json::from_slice(&std::fs::read(example).unwrap()).unwrap();
    example["fields"]["citizen_id"].as_str().unwrap().to_owned()
}

fn configure(trust: &str, (chain, key): &(String, String)) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trust).unwrap()).unwrap();
    let shown = vec![CertificateDer::from_pem_file(chain).unwrap()];
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(shown, key);
    Arc::new(config.unwrap())
}

/// One connection.
struct Line {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl Line {
    fn new(server: &Server, config: &Arc<ClientConfig>) -> Self {
        let tls = ClientConnection::new(Arc::clone(config), "localhost".try_into().unwrap());
        let stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: StreamOwned::new(tls.unwrap(), stream) }
    }

    /// A token that is bound to the certificate.
    fn token(&mut self, client: &Department) -> String {
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        let (status, answer) = self.ask("/oauth/token", form, &client.form());
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    fn ask(&mut self, path: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}");
        let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        self.stream.write_all(request.as_bytes()).unwrap();
        self.stream.flush().unwrap();
        let mut answer = Vec::new();
        loop {
            let mut part = [0; 16 << 10];
            let read = self.stream.read(&mut part).unwrap();
            answer.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_it = name.eq_ignore_ascii_case("content-length");
                is_it.then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap() {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return (status, body.to_owned());
            }
        }
    }
}

/// CPU time of the server process on all cores: user and system, in ticks of 10 ms.
fn cpu(server: &Server) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.child.id())).unwrap();
    let after = stat.rsplit(')').next().unwrap();
    let ticks = |at: usize| after.split_whitespace().nth(at).unwrap().parse::<u64>().unwrap();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

const PURPOSE: &str = "办件核验";
