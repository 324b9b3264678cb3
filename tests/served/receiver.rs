//! A department's system on this machine that receives webhook messages over TLS.

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use super::put;

/// A received message.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no {name}: {self:?}"), |(_, value)| value)
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Identifiers of the licences that it names.
    pub(crate) fn licences(&self) -> Vec<String> {
        let json = self.json();
        let changes = json["data"]["changes"].as_array().unwrap().iter();
        changes.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn as_text(&self) -> String {
        let lines: Vec<_> =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{}\n\n{}", lines.join("\n"), self.body)
    }
}

/// The behaviour of a receiver for the message with this number.
type Behaviour = dyn Fn(usize) -> Does + Send + Sync;

#[derive(Clone, Copy)]
pub(crate) enum Does {
    Answer(&'static str),
    /// Does not answer until the other side gives up.
    Hold,
}

pub(crate) const OK: Does = Does::Answer("HTTP/1.1 204 No Content\r\n\r\n");
pub(crate) const BUSY: Does = Does::Answer("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno");

/// A webhook receiver.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    pub(crate) roots: PathBuf,
    pub(crate) connections: Arc<AtomicUsize>,
    got: mpsc::Receiver<Got>,
    /// Number of held connections that the other side has not closed.
    pub(crate) held: Arc<Mutex<usize>>,
    _folder: tempfile::TempDir,
}

impl Receiver {
    pub(crate) fn new(behaviour: impl Fn(usize) -> Does + Send + Sync + 'static) -> Self {
        Self::named("localhost", behaviour)
    }

    /// With a certificate for this name.
    pub(crate) fn named(
        name: &str,
        behaviour: impl Fn(usize) -> Does + Send + Sync + 'static,
    ) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("roots.pem");
        put(&roots, made.cert.pem());
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, got) = mpsc::channel();
        let (connections, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(0)));
        let shared = (Arc::new(config), Arc::clone(&connections), Arc::clone(&held));
        let behaviour: Arc<Behaviour> = Arc::new(behaviour);
        let number = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ((config, connections, held), tell) = (shared.clone(), tell.clone());
                let (behaviour, number) = (Arc::clone(&behaviour), Arc::clone(&number));
                connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                    let Ok(got) = read(&mut tls) else { return };
                    let does = behaviour(number.fetch_add(1, Ordering::SeqCst));
                    if matches!(does, Does::Hold) {
                        *held.lock().unwrap() += 1;
                    }
                    drop(tell.send(got));
                    match does {
                        Does::Answer(answer) => {
                            drop(tls.write_all(answer.as_bytes()));
                            tls.conn.send_close_notify();
                            drop(tls.flush());
                        }
                        Does::Hold => {
                            drop(tls.read(&mut [0]));
                            *held.lock().unwrap() -= 1;
                        }
                    }
                });
            }
        });
        Self { port, roots, connections, got, held, _folder: folder }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/in/changes", self.port)
    }

    /// The next message. The time limit is a guard against hanging, not a measurement.
    pub(crate) fn next(&self) -> Got {
        let waited = self.got.recv_timeout(Duration::from_mins(1));
        waited.unwrap_or_else(|error| panic!("no message came: {error}"))
    }

    /// The licences of all messages up to the one with this licence.
    pub(crate) fn until(&self, id: &str) -> Vec<String> {
        let mut all = Vec::new();
        while !all.iter().any(|one| one == id) {
            all.extend(self.next().licences());
        }
        all
    }

    pub(crate) fn so_far(&self) -> usize {
        self.got.try_iter().count()
    }
}

fn read(stream: &mut impl io::Read) -> io::Result<Got> {
    let mut bytes = Vec::new();
    loop {
        let whole = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = whole.split_once("\r\n\r\n") {
            let mut lines = head.split("\r\n");
            let target = lines.next().unwrap_or_default().to_owned();
            let headers: Vec<_> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            if length.is_some_and(|(_, length)| length.parse() == Ok(body.len())) {
                return Ok(Got { target, headers, body: body.to_owned() });
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}
