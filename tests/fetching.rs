//! Fetching of revocation lists and OCSP responses: only from the named hosts, and within bounds.
#![expect(
    clippy::unwrap_used,
    clippy::unreachable,
    clippy::disallowed_methods,
    reason = "a failed helper is a failed test; temporary files need no sync"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CustomExtension, DnType, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber,
};
use serde_json::Value;
use yinzheng::base::actor::Actor;
use yinzheng::base::limits::{Budget, Fetching};
use yinzheng::base::localized::Bilingual as _;
use yinzheng::base::time::Clock as _;
use yinzheng::domain::licence::kind::Types;
use yinzheng::domain::office::Profile;
use yinzheng::domain::trust::{self, Material, PathError, PathTrusted, TrustSnapshot, Usage};
use yinzheng::edge::clock::SystemClock;
use yinzheng::edge::entropy::SystemEntropy;
use yinzheng::edge::fetch::{Fetched, Fetcher, Missing, host};
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::format::der::{element, sequence};
use yinzheng::format::revocation::{Crl, OcspResponse};
use yinzheng::format::x509::Certificate;
use yinzheng::service::issue_command::{Request, Requester};
use yinzheng::service::office::Office;
use yinzheng::service::parts::OfficeParts;
use yinzheng::service::pki_setup::CertificateIssuer;
use yinzheng::service::status::LIST_ENTRIES;
use yinzheng::store::Memory;

/// The behaviour of a server, from the target and the body of a request, and the connection.
type Behaviour = dyn Fn(&str, &[u8], &mut TcpStream) + Send + Sync;

/// A server on this machine that counts its connections.
struct Server {
    place: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start(behaviour: impl Fn(&str, &[u8], &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), behaviour)
    }

    fn on(
        listener: TcpListener,
        behaviour: impl Fn(&str, &[u8], &mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let place = listener.local_addr().unwrap().to_string();
        let connections = Arc::new(AtomicUsize::new(0));
        let (count, behaviour): (_, Arc<Behaviour>) =
            (Arc::clone(&connections), Arc::new(behaviour));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let behaviour = Arc::clone(&behaviour);
                std::thread::spawn(move || serve(stream.unwrap(), &*behaviour));
            }
        });
        Self { place, connections }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, behaviour: &Behaviour) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        request.extend(byte);
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    if stream.read_exact(&mut body).is_ok() {
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        behaviour(&target, &body, &mut stream);
    }
}

/// The other side may have closed the connection by then.
fn send(stream: &mut TcpStream, bytes: &[u8]) {
    drop(stream.write_all(bytes));
}

fn answer(stream: &mut TcpStream, body: &[u8]) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    send(stream, &[head.as_bytes(), body].concat());
}

/// A root, an issuing CA and a signer whose certificates have distribution points.
struct Authorities {
    root: Party,
    issuing: Party,
    signer: Party,
}

struct Party {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

impl Party {
    fn new(name: &str, by: Option<&Self>, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.use_authority_key_identifier_extension = by.is_some();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let made = match by {
            None => params.self_signed(&key).unwrap(),
            Some(by) => params.signed_by(&key, &Issuer::from_params(&by.params, &by.key)).unwrap(),
        };
        let certificate = Certificate::parse(made.der()).unwrap();
        Self { params, key, certificate }
    }

    /// A current list of this authority with these serial numbers.
    fn list(&self, revoked: &[&[u8]]) -> Vec<u8> {
        let now = time::OffsetDateTime::from_unix_timestamp(SystemClock.now().unix()).unwrap();
        let one = |serial: &&[u8]| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: now - Duration::from_hours(1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: now - Duration::from_mins(1),
            next_update: now + Duration::from_hours(24),
            crl_number: SerialNumber::from(7),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(one).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&Issuer::from_params(&self.params, &self.key)).unwrap().der().to_vec()
    }
}

fn is_ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
}

fn lists_at(params: &mut CertificateParams, addresses: &[String]) {
    params.crl_distribution_points =
        addresses.iter().map(|one| CrlDistributionPoint { uris: vec![one.clone()] }).collect();
}

fn answers_at(params: &mut CertificateParams, address: &str) {
    let ocsp = [0x06, 8, 0x2B, 6, 1, 5, 5, 7, 0x30, 1];
    let value = sequence(&[&sequence(&[&ocsp, &element(0x86, address.as_bytes())])]);
    let oid = [1, 3, 6, 1, 5, 5, 7, 1, 1];
    params.custom_extensions = vec![CustomExtension::from_oid_content(&oid, value)];
}

impl Authorities {
    /// The signer's list is at these addresses; its issuer's at the first place, `/root`.
    fn with_lists(place: &str, addresses: &[String]) -> Self {
        let root = Party::new("Synthetic Root", None, is_ca);
        let issuing = Party::new("Synthetic CA", Some(&root), |params| {
            is_ca(params);
            lists_at(params, &[format!("http://{place}/root")]);
        });
        let signer =
            Party::new("Synthetic Signer", Some(&issuing), |params| lists_at(params, addresses));
        Self { root, issuing, signer }
    }

    fn trust(&self) -> TrustSnapshot {
        TrustSnapshot::new(vec![self.root.certificate.clone()])
    }

    fn path(&self, trust: &TrustSnapshot) -> Result<PathTrusted, PathError> {
        let material = Material::of(std::slice::from_ref(&self.issuing.certificate));
        let (leaf, now, budget) =
            (&self.signer.certificate, SystemClock.now(), &mut Budget::default());
        trust::build(leaf, &material, trust, Usage::Document, now, budget, None)
    }
}

fn fetcher(hosts: &[&str], bounds: Fetching) -> Fetcher {
    Fetcher::new(hosts.iter().map(|name| host(name).unwrap()).collect(), bounds)
}

/// Bounds that are reached quickly.
fn small() -> Fetching {
    Fetching {
        list_bytes: 20_000,
        head_bytes: 2_000,
        request_time: Duration::from_millis(700),
        ..Fetching::default()
    }
}

/// Fetches the data for all certificates below the root once; returns the data and the complaints.
/// The guard is against a fetch that never ends.
fn ask(authorities: &Authorities, fetcher: Fetcher) -> (TrustSnapshot, Vec<String>) {
    let (done, wait) = mpsc::channel();
    let (trust, path) = (authorities.trust(), authorities.path(&authorities.trust()).unwrap());
    std::thread::spawn(move || {
        let (mut found, mut complaints) = (trust, Vec::new());
        let takes = |fetched| {
            let trust = found.clone();
            found = match fetched {
                Fetched::List(der) => {
                    trust.with_crl(Crl::parse(&der).map_err(|error| error.both())?)
                }
                Fetched::Answer(der) => trust.with_ocsp(OcspResponse::parse(&der).unwrap()),
                Fetched::Status(_) => unreachable!("no licence names one"),
            };
            Ok(())
        };
        let missing = Missing { unchecked: path.unchecked().to_vec(), status: None };
        fetcher.ask(&missing, || false, takes, |why| complaints.push(why.en.clone()));
        drop(done.send((found, complaints)));
    });
    wait.recv_timeout(Duration::from_mins(1)).unwrap()
}

/// A port that a server will have once its certificates name it.
fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    (listener, place)
}

#[test]
fn lists_are_fetched_and_decide() {
    for is_revoked in [false, true] {
        let (listener, place) = listener();
        let addresses = ["ldap://127.0.0.1/x", "https://127.0.0.1/x"].map(str::to_owned);
        let addresses = [&addresses[..], &[format!("http://{place}/issuing?a=b")]].concat();
        let authorities = Authorities::with_lists(&place, &addresses);
        let revoked = [authorities.signer.certificate.serial()];
        let list = authorities.issuing.list(if is_revoked { &revoked } else { &[] });
        let above = authorities.root.list(&[]);
        let server = Server::on(listener, move |target, _, stream| match target {
            "/issuing?a=b" => answer(stream, &list),
            // Without a length it ends with the connection.
            "/root" => send(stream, &[b"HTTP/1.0 200 OK\r\n\r\n", above.as_slice()].concat()),
            other => unreachable!("{other}"),
        });
        assert_eq!(authorities.path(&authorities.trust()).unwrap().unchecked().len(), 2);
        let (trust, complaints) = ask(&authorities, fetcher(&[&place], Fetching::default()));
        assert_eq!((complaints, server.connections()), (Vec::new(), 2));
        match authorities.path(&trust) {
            Ok(path) => assert!(!is_revoked && path.unchecked().is_empty()),
            Err(error) => assert!(is_revoked && matches!(error, PathError::Revoked { .. })),
        }
    }
}

#[test]
fn an_ocsp_responder_is_asked_what_openssl_understands() {
    let (listener, place) = listener();
    let root = Party::new("Synthetic Root", None, is_ca);
    let issuing = Party::new("Synthetic CA", Some(&root), |params| {
        is_ca(params);
        answers_at(params, &format!("http://{place}/root"));
    });
    let signer = Party::new("Synthetic Signer", Some(&issuing), |params| {
        answers_at(params, &format!("http://{place}/issuing"));
    });
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    for (name, party, below) in [("root", &root, &issuing), ("issuing", &issuing, &signer)] {
        fs::write(at.join(format!("{name}.pem")), party.certificate.to_pem()).unwrap();
        fs::write(at.join(format!("{name}.key")), party.key.serialize_pem()).unwrap();
        let serial = below.certificate.serial_hex().to_uppercase();
        let index = format!("V\t490101000000Z\t\t{serial}\tunknown\t/CN=x\n");
        fs::write(at.join(format!("{name}.txt")), index).unwrap();
    }
    let server = Server::on(listener, move |target, body, stream| {
        let name = |kind: &str| at.join(format!("{}.{kind}", &target[1..]));
        fs::write(name("req"), body).unwrap();
        let output = Command::new("openssl")
            .arg("ocsp")
            .args([Path::new("-index"), &name("txt"), Path::new("-CA"), &name("pem")])
            .args([Path::new("-rsigner"), &name("pem"), Path::new("-rkey"), &name("key")])
            .args([Path::new("-reqin"), &name("req"), Path::new("-respout"), &name("resp")])
            .args(["-ndays", "7"])
            .output()
            .unwrap_or_else(|error| unreachable!("openssl: {error}; run tests/peers/setup"));
        assert!(output.status.success(), "{output:?}");
        answer(stream, &fs::read(name("resp")).unwrap());
    });
    let authorities = Authorities { root, issuing, signer };
    let (trust, complaints) = ask(&authorities, fetcher(&[&place], Fetching::default()));
    assert_eq!((complaints, server.connections()), (Vec::new(), 2));
    assert!(authorities.path(&trust).unwrap().unchecked().is_empty());
}

#[test]
fn nobody_is_asked_who_is_not_listed() {
    let other = Server::start(|_, _, stream| answer(stream, b""));
    let port = other.place.rsplit(':').next().unwrap().to_owned();
    let moved = format!("HTTP/1.1 302 Found\r\nLocation: http://{}/\r\n\r\n", other.place);
    let server = Server::start(move |_, _, stream| send(stream, moved.as_bytes()));
    let place = server.place.as_str();
    let by_name = format!("localhost:{port}");
    for address in [
        format!("http://{}/", other.place),
        format!("http://{by_name}/"),
        format!("http://{place}@{}/", other.place),
        format!("http://{}\\@{place}/", other.place),
    ] {
        let authorities = Authorities::with_lists(&other.place, &[address]);
        let (_, complaints) = ask(&authorities, fetcher(&[place], Fetching::default()));
        assert_eq!(complaints, Vec::<String>::new());
    }
    // The listed host redirects to one that is not listed.
    let authorities = Authorities::with_lists(place, &[format!("http://{place}/")]);
    let (_, complaints) = ask(&authorities, fetcher(&[place], Fetching::default()));
    assert!(complaints.iter().all(|why| why.contains("302")) && complaints.len() == 2);
    assert_eq!((server.connections(), other.connections()), (2, 0));
    // Another name of a listed address is another host; and so is another port.
    let authorities = Authorities::with_lists("127.0.0.1:1", &[format!("http://{by_name}/")]);
    ask(&authorities, fetcher(&[&other.place], Fetching::default()));
    assert_eq!(other.connections(), 0);
    ask(&authorities, fetcher(&[&by_name], Fetching::default()));
    assert_eq!(other.connections(), 1);
}

#[test]
fn a_server_that_means_harm_costs_what_the_bounds_say() {
    let head = b"HTTP/1.1 200 OK\r\n";
    let forever = |stream: &mut TcpStream, chunk: &[u8], pause: u64| {
        while stream.write_all(chunk).is_ok() {
            std::thread::sleep(Duration::from_millis(pause));
        }
    };
    let server = Server::start(move |target, _, stream| match target {
        "/large" => send(stream, &[&head[..], b"Content-Length: 99999999\r\n\r\n"].concat()),
        "/endless" => {
            send(stream, &[&head[..], b"\r\n"].concat());
            forever(stream, &[0x30; 4096], 0);
        }
        "/head" => {
            send(stream, head);
            forever(stream, b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 0);
        }
        "/drip" => {
            send(stream, &[&head[..], b"\r\n"].concat());
            forever(stream, &[0x30], 20);
        }
        "/silent" => drop(stream.read(&mut [0])),
        "/short" => send(stream, &[&head[..], b"Content-Length: 5\r\n\r\nabc"].concat()),
        "/garbage" => send(stream, b"220 mail.example.test ready\r\n\r\n"),
        "/gone" => {}
        "/nonsense" => answer(stream, b"no list"),
        _ => send(stream, b"HTTP/1.1 404 Not Found\r\n\r\n"),
    });
    let place = server.place.as_str();
    for (target, why) in [
        ("large", "more than 20000 bytes"),
        ("endless", "more than 20000 bytes"),
        ("head", "more than 2000 bytes"),
        ("drip", ""),
        ("silent", ""),
        ("short", "broke off"),
        ("garbage", "not of HTTP"),
        ("gone", "ends within its head"),
        ("nonsense", "not a usable certificate revocation list"),
    ] {
        let authorities = Authorities::with_lists(place, &[format!("http://{place}/{target}")]);
        let (trust, complaints) = ask(&authorities, fetcher(&[place], small()));
        let first = complaints.first().unwrap();
        assert!(first.contains(target) && first.contains(why), "{target}: {complaints:?}");
        assert_eq!(authorities.path(&trust).unwrap().unchecked().len(), 2);
    }
    let asked = server.connections();
    let many: Vec<_> = (0..9).map(|count| format!("http://{place}/{count}")).collect();
    let authorities = Authorities::with_lists(place, &many);
    let bounds = Fetching { requests: 4, ..small() };
    let (_, complaints) = ask(&authorities, fetcher(&[place], bounds));
    assert_eq!(server.connections() - asked, 4);
    assert!(complaints.last().unwrap().contains("over the bound on requests"), "{complaints:?}");
    let asked = server.connections();
    let same = vec![format!("http://{place}/same"); 9];
    let authorities = Authorities::with_lists(place, &same);
    ask(&authorities, fetcher(&[place], small()));
    assert_eq!(server.connections() - asked, 2, "each address once");
    let asked = server.connections();
    let bounds = Fetching { time: Duration::ZERO, ..small() };
    ask(&authorities, fetcher(&[place], bounds));
    assert_eq!(server.connections() - asked, 0, "no time, no connection");
}

/// An office whose licences have status and revocation lists at `place`.
fn office(place: &str) -> (Office, Vec<u8>, Vec<u8>) {
    let text = include_str!("../keys-example/office.toml").replace("127.0.0.1:8080", place);
    let (profile, types) =
        (Profile::parse("office.toml", &text).unwrap(), Types::built_in().unwrap());
    let entropy = SystemEntropy::default();
    let founding = CertificateIssuer {
        profile: &profile,
        types: &types,
        keys: &ExampleKeys,
        entropy: &entropy,
        now: SystemClock.now(),
    };
    let certificates = founding.establish().unwrap();
    let crl = founding.crl(&certificates.issuing).unwrap();
    let root_crl = founding.root_crl(&certificates.root).unwrap();
    let office = Office::open(OfficeParts {
        profile,
        types,
        demo: true,
        store: Arc::new(Memory::new().unwrap()),
        accesses: Arc::new(Memory::new().unwrap()),
        keys: Arc::new(ExampleKeys),
        certificates,
        crl: crl.clone(),
        root_crl: root_crl.clone(),
        list_entries: LIST_ENTRIES,
        clock: Arc::new(SystemClock),
        last_time: Arc::new(Mutex::new(None)),
        entropy: Arc::new(entropy),
    });
    (office.unwrap(), crl, root_crl)
}

#[test]
fn the_command_line_fetches_what_is_missing_when_it_is_told_from_where() {
    let (listener, place) = listener();
    let (office, crl, root_crl) = office(&place);
    let server = Server::on(listener, move |target, _, stream| match target {
        "/crl/issuing.crl" => answer(stream, &crl),
        "/crl/root.crl" => answer(stream, &root_crl),
        other => unreachable!("{other}"),
    });
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut files = Vec::new();
    for (name, kind) in [("a.pdf", "business"), ("b.pdf", "food-operation")] {
        let (actor, input) = (Actor::LocalOperator, crate::world::example(kind));
        let request = Request {
            requester: &Requester::Operator(actor.clone()),
            kind,
            input: &input,
            idempotency: None,
        };
        let issued = office.issue(&request).unwrap();
        files.push(write(name, &issued.pdf));
        files.push(write(&name.replace("pdf", "sd-jwt"), issued.credential.as_bytes()));
    }
    let licences = files.len();
    let root = write("root.pem", office.certificates().root.to_pem().as_bytes());
    let status = write("status.jwt", office.status_token(1).unwrap().as_bytes());
    let verify = |hosts: &[&str]| -> (Vec<Value>, String) {
        let hosts = hosts.iter().flat_map(|host| ["--fetch-from", host]);
        let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .arg("verify")
            .args(&files)
            .args(["--trust", &root, "--status", &status, "--require-revocation", "--json"])
            .args(hosts)
            // Proxy settings of the environment have no effect.
            .env("http_proxy", "http://127.0.0.1:1")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let reports = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (reports, String::from_utf8(output.stderr).unwrap())
    };
    let all = |reports: &[Value], verdict: &str| {
        assert_eq!(reports.len(), licences);
        for report in reports {
            assert_eq!(report["verdict"], verdict, "{report}");
        }
    };
    for hosts in [&[][..], &["crl.example.test"], &["127.0.0.1:1"]] {
        all(&verify(hosts).0, "not_enough_evidence");
    }
    assert_eq!(server.connections(), 0);
    let (reports, complaints) = verify(&[&place]);
    all(&reports, "valid");
    assert!(!complaints.contains("http://"), "{complaints}");
    // The data for the status list first, then that for every file: each is fetched once.
    assert_eq!(server.connections(), 2);
}

#[test]
fn the_status_list_that_a_licence_names_is_fetched_and_a_host_named_in_vain_is_said() {
    let (listener, place) = listener();
    let (office, crl, root_crl) = office(&place);
    let (actor, input) = (Actor::LocalOperator, crate::world::example("business"));
    let requester = &Requester::Operator(actor);
    let request = Request { requester, kind: "business", input: &input, idempotency: None };
    let issued = office.issue(&request).unwrap();
    let list = office.status_token(1).unwrap();
    let root = office.certificates().root.to_pem();
    let server = Server::on(listener, move |target, _, stream| match target {
        "/crl/issuing.crl" => answer(stream, &crl),
        "/crl/root.crl" => answer(stream, &root_crl),
        "/status/1" => answer(stream, list.as_bytes()),
        other => unreachable!("{other}"),
    });
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let files = [write("a.pdf", &issued.pdf), write("a.sd-jwt", issued.credential.as_bytes())];
    let root = write("root.pem", root.as_bytes());
    let verify = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .arg("verify")
            .args(&files)
            .args(["--trust", &root])
            .args(more)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, said, _) = verify(&[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("(never looked up)"), "{said}");
    for host in ["status.example.test", "127.0.0.1:1"] {
        let (code, _, complaints) = verify(&["--fetch-from", host]);
        assert_eq!(code, Some(2));
        let expected = format!("--fetch-from {host}");
        assert!(complaints.contains(&expected) && complaints.contains("/status/1"), "{complaints}");
    }
    assert_eq!(server.connections(), 0);
    for strict in [&[][..], &["--require-revocation"]] {
        let asked = server.connections();
        let (code, said, complaints) = verify(&[&["--fetch-from", &place], strict].concat());
        assert_eq!(
            (code, complaints.contains("--fetch-from")),
            (Some(0), false),
            "{said}{complaints}"
        );
        // Two revocation lists and the status list, once for both files.
        assert_eq!(server.connections() - asked, 3);
    }
}

#[test]
fn of_whom_nothing_will_be_published_nothing_need_be_known() {
    let oid = [2, 5, 29, 56];
    for (denied, expected) in [(false, 1), (true, 2)] {
        let root = Party::new("Synthetic Root", None, is_ca);
        let issuing = Party::new("Synthetic CA", Some(&root), is_ca);
        let signer = Party::new("Synthetic Signer", Some(&issuing), |params| {
            params.custom_extensions = vec![CustomExtension::from_oid_content(&oid, vec![5, 0])];
            if denied {
                lists_at(params, &["http://127.0.0.1:1/".to_owned()]);
            }
        });
        let authorities = Authorities { root, issuing, signer };
        let path = authorities.path(&authorities.trust()).unwrap();
        assert_eq!(path.unchecked().len(), expected);
    }
}
