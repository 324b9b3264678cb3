//! TLS of the server, tokens that are bound to client certificates, proxies. Loopback only; curl is
//! the other end.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::served::{Department, Server, YINZHENG, put, text};
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde_json::Value;

/// A self-signed certificate and its key, as files.
#[derive(Clone)]
struct Pair {
    chain: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn new(folder: &Path, name: &str) -> Self {
        let pair = Self {
            chain: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key.pem")),
        };
        pair.renew();
        pair
    }

    fn renew(&self) {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        put(&self.chain, made.cert.pem());
        put(&self.key, made.signing_key.serialize_pem());
    }
}

/// A server with TLS; the folder has its certificate.
fn secure(more: &[&str]) -> (Server, Pair, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::new(folder.path(), "server");
    let (chain, key) = (pair.chain.to_str().unwrap(), pair.key.to_str().unwrap());
    let server = Server::with(&[&["--tls-cert", chain, "--tls-key", key], more].concat());
    (server, pair, folder)
}

/// A client that presents a certificate and signs with any key.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The server's answer; empty when there is no connection.
fn converse(
    server: &Server,
    trust: &Path,
    version: &'static rustls::SupportedProtocolVersion,
    (chain, key): (&Path, &Path),
    request: &str,
) -> String {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trust).unwrap()).unwrap();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let shown = vec![CertificateDer::from_pem_file(chain).unwrap()];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Shows(Arc::new(CertifiedKey::new(shown, key)))));
    let name = "localhost".try_into().unwrap();
    let tls = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut tls = rustls::StreamOwned::new(tls, stream);
    let mut answer = Vec::new();
    if tls.write_all(request.as_bytes()).is_ok() {
        drop(tls.read_to_end(&mut answer));
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Status and body, as curl sees them; 0 when there is no connection.
fn curl(trust: &Path, own: Option<&Pair>, url: &str, arguments: &[String]) -> (u16, Value) {
    let mut command = Command::new("curl");
    command.args(["-s", "-m", "20", "-w", "\n%{http_code}", "--cacert"]).arg(trust);
    if let Some(own) = own {
        command.arg("--cert").arg(&own.chain).arg("--key").arg(&own.key);
    }
    let output = command.args(arguments).arg(url).output();
    let output = output
        .unwrap_or_else(|error| unreachable!("curl: {error}; install it with tests/peers/setup"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = said.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

fn ask_token(server: &Server, trust: &Path, own: Option<&Pair>, who: &Department) -> (u16, Value) {
    let arguments = ["-d".to_owned(), who.form()];
    curl(trust, own, &format!("{}/oauth/token", server.base), &arguments)
}

#[test]
fn the_client_of_ours_calls_over_tls_and_trusts_nobody_else() {
    let (server, pair, folder) = secure(&[]);
    let added = server.client(&[
        "add",
        "market-counter",
        "--department",
        "market",
        "--scope",
        "read:*",
        "--new-key",
        "a.pem",
    ]);
    assert!(added.status.success(), "{}", text(&added));
    let call = |trust: &Path| {
        Command::new(YINZHENG)
            .args(["call", "GET", "/v1/whoami", "--as"])
            .arg(server.at("a.toml"))
            .arg("--ca")
            .arg(trust)
            .output()
            .unwrap()
    };
    let called = call(&pair.chain);
    assert!(
        called.status.success() && text(&called).contains("market-counter"),
        "{}",
        text(&called)
    );
    let other = call(&Pair::new(folder.path(), "other").chain);
    assert!(!other.status.success() && text(&other).contains("certificate"), "{}", text(&other));
    for version in ["--tlsv1.2", "--tlsv1.3"] {
        let most = ["--tls-max".to_owned(), version.trim_start_matches("--tlsv").to_owned()];
        let url = format!("{}/healthz", server.base);
        let arguments = [&[version.to_owned()], &most[..]].concat();
        assert_eq!(curl(&pair.chain, None, &url, &arguments).0, 200, "{version}");
    }
    let old = ["--tls-max".to_owned(), "1.1".to_owned()];
    assert_eq!(curl(&pair.chain, None, &format!("{}/healthz", server.base), &old).0, 0);
}

#[test]
fn a_token_that_is_bound_to_a_certificate_is_worth_nothing_without_it() {
    let (server, pair, folder) = secure(&["--client-certs"]);
    let department = server.register("market-counter");
    let own = Pair::new(folder.path(), "own");
    let other = Pair::new(folder.path(), "other");
    let trust = &pair.chain;
    // Without certificate and proof no token is issued: it would be unbound.
    let (status, refused) = ask_token(&server, trust, None, &department);
    assert_eq!((status, &refused["error"]), (400, &"invalid_request".into()));
    let (status, given) = ask_token(&server, trust, Some(&own), &department);
    assert_eq!((status, &given["token_type"]), (200, &"Bearer".into()), "{given}");
    let token = given["access_token"].as_str().unwrap();
    let whoami = |own: Option<&Pair>, scheme: &str| {
        let header = ["-H".to_owned(), format!("Authorization: {scheme} {token}")];
        let (status, body) = curl(trust, own, &format!("{}/v1/whoami", server.base), &header);
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(whoami(Some(&own), "Bearer"), (200, String::new()));
    assert_eq!(whoami(Some(&own), "DPoP"), (401, "other_key".to_owned()));
    assert_eq!(whoami(Some(&other), "Bearer"), (401, "other_key".to_owned()));
    assert_eq!(whoami(None, "Bearer"), (401, "other_key".to_owned()));
    // The certificate without its key makes no connection; with it, it does.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let request = format!(
            "GET /v1/whoami HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        let ask = |key: &Path| converse(&server, trust, version, (&own.chain, key), &request);
        assert!(ask(&own.key).contains("200 OK"), "{}", ask(&own.key));
        assert_eq!(ask(&other.key), "", "{version:?}");
    }
    // With a proof the token is bound to the key of the proof, certificate or not.
    let (name, proof) = department.proof_for_token();
    let arguments =
        ["-d".to_owned(), department.form(), "-H".to_owned(), format!("{name}: {proof}")];
    let url = format!("{}/oauth/token", server.base);
    assert_eq!(curl(trust, Some(&own), &url, &arguments).1["token_type"], "DPoP");
    let metadata = format!("{}/.well-known/oauth-authorization-server", server.base);
    let metadata = curl(trust, None, &metadata, &[]).1;
    assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], true);
}

#[test]
fn a_server_that_asks_for_no_certificates_binds_to_none() {
    let (server, pair, folder) = secure(&[]);
    let department = server.register("market-counter");
    let own = Pair::new(folder.path(), "own");
    assert_eq!(ask_token(&server, &pair.chain, Some(&own), &department).0, 400);
}

#[test]
fn behind_a_listed_proxy_the_certificate_comes_in_its_header() {
    let server = Server::with(&["--trusted-proxy", "127.0.0.1"]);
    let department = server.register("market-counter");
    let header = |value: &str| ("Client-Cert", value.to_owned());
    let ask = |headers: &[(&str, String)]| server.ask_token(&department.form(), headers);
    let given = ask(&[header(":YWJj:")]);
    assert_eq!((given.status, &given.json["token_type"]), (200, &"Bearer".into()), "{given:?}");
    assert_eq!(ask(&[]).code(), "invalid_request");
    for bad in ["YWJj", "::", ":YWJj", ":YW-_:"] {
        assert_eq!(ask(&[header(bad)]).code(), "bad_header", "{bad}");
    }
    assert_eq!(ask(&[header(":YWJj:"), header(":YWJj:")]).code(), "bad_header");
    let bearer = format!("Bearer {}", given.json["access_token"].as_str().unwrap());
    let whoami = |headers: &[(&str, String)]| {
        let bearer = ("Authorization", bearer.clone());
        server.send("GET", "/v1/whoami", &[&[bearer], headers].concat(), "")
    };
    assert_eq!(whoami(&[header(":YWJj:")]).status, 200);
    assert_eq!(whoami(&[header(":YWJjZA==:")]).code(), "other_key");
    assert_eq!(whoami(&[]).code(), "other_key");
    // The header of an unlisted proxy is tested in tests/api_auth.rs.
    let elsewhere = Server::with(&["--trusted-proxy", "192.0.2.1"]);
    let department = elsewhere.register("market-counter");
    assert_eq!(elsewhere.ask_token(&department.form(), &[header(":YWJj:")]).code(), "not_a_proxy");
}

#[test]
fn a_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not() {
    let (server, pair, folder) = secure(&[]);
    let old = folder.path().join("old.pem");
    std::fs::copy(&pair.chain, &old).unwrap();
    let url = format!("{}/healthz", server.base);
    let serves = |trust: &Path| curl(trust, None, &url, &[]).0 == 200;
    let soon = |trust: &Path| {
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            serves(trust)
        })
    };
    assert!(serves(&old));
    // An incomplete renewal: a chain that does not match the key, for longer than two polls.
    let good = std::fs::read(&pair.chain).unwrap();
    put(&pair.chain, std::fs::read(Pair::new(folder.path(), "x").chain).unwrap());
    std::thread::sleep(Duration::from_secs(5));
    assert!(serves(&old), "a certificate without its key was used");
    put(&pair.chain, "nothing");
    std::thread::sleep(Duration::from_secs(3));
    assert!(serves(&old), "a broken file was used");
    put(&pair.chain, good);
    pair.renew();
    assert!(soon(&pair.chain), "the new certificate was not used");
    assert!(!serves(&old));
}

#[test]
fn slow_handshakes_are_closed_while_others_are_served() {
    let (server, pair, _folder) = secure(&[]);
    let slow: Vec<TcpStream> =
        (0..50).map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap()).collect();
    assert_eq!(curl(&pair.chain, None, &format!("{}/healthz", server.base), &[]).0, 200);
    for mut stream in slow {
        // A guard against hanging, not a measurement.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        assert!(read.is_ok() && answer.is_empty(), "a slow caller was not closed");
    }
}

#[test]
fn plain_http_for_others_and_keys_for_others_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("office");
    let made = Command::new(YINZHENG).args(["demo", "--no-serve", "--dir"]).arg(&dir).output();
    assert!(made.unwrap().status.success());
    let pair = Pair::new(folder.path(), "server");
    let (chain, key) = (pair.chain.to_str().unwrap(), pair.key.to_str().unwrap());
    let serve = |arguments: &[&str]| {
        let mut command = Command::new(YINZHENG);
        command.arg("serve").arg("--dir").arg(&dir).args(arguments);
        let output = command.output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, said) = serve(&["--listen", "0.0.0.0:0"]);
    assert!(code == Some(64) && said.contains("--tls-cert"), "{said}");
    let (code, said) = serve(&["--tls-cert", chain]);
    assert!(code == Some(64) && said.contains("--tls-key"), "{said}");
    assert_eq!(serve(&["--client-certs"]).0, Some(64));
    let other = Pair::new(folder.path(), "other");
    let (code, said) = serve(&["--tls-cert", chain, "--tls-key", other.key.to_str().unwrap()]);
    assert!(code == Some(1) && said.contains("server.pem"), "{said}");
    let (code, said) = serve(&["--tls-cert", key, "--tls-key", key]);
    assert!(code == Some(1) && said.contains("no certificate"), "{said}");
    std::fs::set_permissions(&pair.key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said) = serve(&["--tls-cert", chain, "--tls-key", key]);
    assert!(code == Some(1) && said.contains("chmod 600"), "{said}");
}

#[test]
fn the_client_of_ours_shows_a_certificate_or_signs_with_another_kind_of_key() {
    let (server, pair, folder) = secure(&["--client-certs"]);
    let own = Pair::new(folder.path(), "own");
    std::fs::set_permissions(&own.key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let openssl = |arguments: &[&str]| {
        let made = Command::new("openssl").args(arguments).output().unwrap();
        assert!(made.status.success(), "{}", text(&made));
        made.stdout
    };
    let key = server.at("ed25519.pem");
    let path = key.to_str().unwrap();
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", path]);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let public = openssl(&["pkey", "-in", path, "-pubout", "-outform", "DER"]);
    let x = yinzheng::format::jose::jws::encode(&public[public.len() - 32..]);
    put(
        server.at("ed25519.jwk"),
        serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x}).to_string(),
    );
    for (name, from) in
        [("by-ed25519", ["--key", "ed25519.jwk"]), ("by-p256", ["--new-key", "p.pem"])]
    {
        let add = ["add", name, "--department", "market", "--scope", "read:*"];
        let added = server.client(&[&add[..], &from].concat());
        assert!(added.status.success(), "{}", text(&added));
    }
    let call = |more: &[&str]| {
        let said = Command::new(YINZHENG)
            .args(["call", "GET", "/v1/whoami", "--ca"])
            .arg(&pair.chain)
            .args(more)
            .output()
            .unwrap();
        (said.status.code(), text(&said))
    };
    let base = server.base.as_str();
    let ed25519 = ["--client", "by-ed25519", "--key", path, "--base-url", base];
    let profile = server.at("p.toml");
    let p256 = ["--as", profile.to_str().unwrap()];
    let (chain, secret) = (own.chain.to_str().unwrap(), own.key.to_str().unwrap());
    let shows = ["--tls-cert", chain, "--tls-key", secret];
    for (who, name) in [(&ed25519[..], "by-ed25519"), (&p256[..], "by-p256")] {
        for how in [&[][..], &shows[..]] {
            let (code, said) = call(&[who, how].concat());
            assert!(code == Some(0) && said.contains(name), "{name}: {said}");
        }
    }
    // Paths in a profile are relative to it.
    let more = format!("tls_cert = {chain:?}\ntls_key = {secret:?}\n");
    put(&profile, std::fs::read_to_string(&profile).unwrap() + &more);
    assert_eq!(call(&p256).0, Some(0));
    let (code, said) = call(&[&ed25519[..], &shows[..2]].concat());
    assert!(code == Some(64) && said.contains("--tls-key is missing"), "{said}");
    let plain = ["--client", "by-ed25519", "--key", path, "--base-url", "http://localhost:1"];
    let (code, said) = call(&[&plain[..], &shows].concat());
    assert!(code == Some(1) && said.contains("https:// addresses alone"), "{said}");
    // The log is fetched over TLS only from a trusted server.
    let dir = server.dir();
    let vkey = Command::new(YINZHENG).args(["log", "vkey", "--dir"]).arg(dir).output().unwrap();
    let fetch = |trust: &Path, name: &str| {
        let said = Command::new(YINZHENG)
            .args(["log", "verify"])
            .arg(server.at(name))
            .args(["--log-key", text(&vkey).trim(), "--url", &format!("{base}/log"), "--ca"])
            .arg(trust)
            .output()
            .unwrap();
        (said.status.code(), text(&said))
    };
    assert_eq!(fetch(&pair.chain, "copy").0, Some(0));
    let (code, said) = fetch(&own.chain, "other");
    assert!(code == Some(1) && said.contains("certificate"), "{said}");
}
