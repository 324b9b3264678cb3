//! An office whose seal lives in another process: this program issues a licence that is sealed with a
//! key which it never sees. Whoever has a hardware module writes such a [`Signer`], and nothing else.
//!
//! `cargo run --example remote_signer -- DIR` makes the office in DIR and starts itself once more as
//! the holder of the key: messages go to its standard input, each after its length of four bytes;
//! from its standard output come 65 bytes of public key, then 64 bytes of signature for each message.

use std::collections::HashMap;
use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use yinzheng::base::actor::Actor;
use yinzheng::crypto::algorithm::{KeyKind, PublicKey};
use yinzheng::crypto::curves::Curve;
use yinzheng::crypto::ed25519::{Ed25519Key, LogSigner};
use yinzheng::crypto::signer::{SignError, Signature, Signer};
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::service::issue_command::{Request, Requester};
use yinzheng::service::keys::{KeyName, KeyUnavailable, Keys};
use yinzheng::store::OpenOptions;

/// A key in another process.
struct Remote {
    public: PublicKey,
    // Held from the message until its signature is read: answers come in the order of the questions.
    pipes: Mutex<(ChildStdin, ChildStdout)>,
    holder: Mutex<Child>,
}

impl Remote {
    fn start() -> Result<Self, Box<dyn Error>> {
        let mut holder = Command::new(std::env::current_exe()?)
            .arg(HOLDER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(mut output)) = (holder.stdin.take(), holder.stdout.take()) else {
            return Err("no pipes to the holder of the key".into());
        };
        let mut point = vec![0; 65];
        output.read_exact(&mut point)?;
        let public =
            PublicKey::new(KeyKind::Ec(Curve::P256), point).ok_or("not a point on P-256")?;
        Ok(Self { public, pipes: Mutex::new((input, output)), holder: Mutex::new(holder) })
    }
}

impl Signer for Remote {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let gone = |error: &dyn std::fmt::Display| SignError(format!("the key's holder: {error}"));
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (input, output) = &mut *pipes;
        let length = u32::try_from(message.len()).map_err(|error| gone(&error))?;
        let mut signature = [0; 64];
        input
            .write_all(&length.to_be_bytes())
            .and_then(|()| input.write_all(message))
            .and_then(|()| input.flush())
            .and_then(|()| output.read_exact(&mut signature))
            .map_err(|error| gone(&error))?;
        // A wrong one does no harm: the office verifies what it sealed before it lets it go.
        Ok(Signature::from_fixed(signature))
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        // Gone already is as good.
        drop(holder.kill().and_then(|()| holder.wait()));
    }
}

/// One seal in the other process, all else in this one. A real office keeps these too.
struct Mixed {
    seal: Arc<Remote>,
    others: Mutex<HashMap<KeyName, Arc<dyn Signer>>>,
    log: Arc<Ed25519Key>,
}

impl Keys for Mixed {
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable> {
        if *name == KeyName::Seal("market".to_owned()) {
            return Ok(Arc::clone(&self.seal) as Arc<dyn Signer>);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(name) {
            return Ok(Arc::clone(known));
        }
        let made = SoftwareKey::generate().and_then(|pkcs8| SoftwareKey::from_pkcs8(&pkcs8));
        let key: Arc<dyn Signer> =
            Arc::new(made.map_err(|e| KeyUnavailable::new("无法生成密钥", e.to_string()))?);
        others.insert(name.clone(), Arc::clone(&key));
        Ok(key)
    }

    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        Ok(Arc::clone(&self.log) as Arc<dyn LogSigner>)
    }
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [place] = arguments.as_slice() else { return Err("usage: remote_signer DIR".into()) };
    if place == HOLDER {
        return hold_the_key();
    }
    let seal = Arc::new(Remote::start()?);
    let log = Arc::new(Ed25519Key::from_pkcs8(&Ed25519Key::generate()?)?);
    let keys = Mixed { seal: Arc::clone(&seal), others: Mutex::default(), log };
    let folder = OfficeFolder::new(Path::new(place));
    folder.create_with(include_str!("../keys-example/office.toml"), &keys)?;
    let (office, _) = folder.open_with(Arc::new(keys), OpenOptions::default())?;
    let input = serde_json::from_str(include_str!("../schemas/examples/business.json"))?;
    let request = Request {
        requester: &Requester::Operator(Actor::LocalOperator),
        kind: "business",
        input: &input,
        idempotency: None,
    };
    let issued = office.issue(&request)?;
    let certificates = office.certificates();
    let certificate = certificates.leaves.get("market-seal").ok_or("no certificate of the seal")?;
    if certificate.public_key() != Some(seal.public_key()) {
        return Err("the certificate names another key".into());
    }
    let report = office.verify("licence.pdf", &issued.pdf);
    println!("{} {}\n{}", report.verdict.code(), issued.licence.number, report.headline.zh);
    office.close()?;
    Ok(())
}

/// What a hardware module does: it signs and never says with what.
fn hold_the_key() -> Result<(), Box<dyn Error>> {
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate()?)?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    output.write_all(key.public_key().bits())?;
    output.flush()?;
    let mut length = [0; 4];
    while input.read_exact(&mut length).is_ok() {
        let mut message = vec![0; usize::try_from(u32::from_be_bytes(length))?];
        input.read_exact(&mut message)?;
        output.write_all(key.sign(&message)?.as_fixed())?;
        output.flush()?;
    }
    Ok(())
}

const HOLDER: &str = "--hold-the-key";
