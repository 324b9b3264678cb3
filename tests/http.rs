//! The public service against clumsy and hostile callers. Loopback only, bounded, ends by itself.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--dir"])
            .arg(folder.path().join("demo"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port, folder };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        unreachable!("the server did not answer within five seconds");
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // A hang guard, not a measurement.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn send(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that refuses early may close before all is written.
        drop(stream.write_all(request));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())
    }

    fn post(&self, path: &str, body: &[u8]) -> String {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        self.send(&[head.as_bytes(), body].concat())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn every_caller_gets_a_clear_answer_and_slow_ones_are_closed() {
    let server = Server::start();
    // Two hundred callers that say nothing, stop in a head or a body, or wait after an answer, while
    // everything else is served.
    let begin = |sent: &[u8]| {
        let mut stream = server.connect();
        stream.write_all(sent).unwrap();
        stream
    };
    let mut slow: Vec<TcpStream> = Vec::new();
    for _ in 0..50 {
        slow.push(begin(b""));
        slow.push(begin(b"GET / HTTP/1.1\r\nHost: a\r\n"));
        slow.push(begin(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
        slow.push(begin(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n%PDF"));
    }

    let home = server.get("/");
    assert!(home.starts_with("HTTP/1.1 200"));
    for header in ["content-security-policy: default-src 'self'", "x-content-type-options: nosniff"]
    {
        assert!(home.contains(header), "{header}");
    }
    let pdf = std::fs::read(server.folder.path().join("demo/samples/revoked.pdf")).unwrap();
    assert!(server.post("/v1/verify", &pdf).contains(r#""verdict":"revoked""#));
    assert!(server.post("/v1/verify", b"").contains(r#""code":"bad_upload""#));
    assert!(server.get("/v1/verify/short").contains(r#""code":"bad_code""#));
    assert!(server.get("/v1/verify/0000000000000000").starts_with("HTTP/1.1 404"));
    assert!(server.get("/v/0000000000000000").starts_with("HTTP/1.1 404"));
    let mistyped = server.send(
        b"GET /en/nothing HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*\r\nConnection: close\r\n\r\n",
    );
    assert!(mistyped.starts_with("HTTP/1.1 404") && mistyped.contains("There is nothing here"));
    let form = |body: &str| {
        let length = body.len();
        server.send(
            format!(
                "POST /en/number HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \
                 application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
            )
            .as_bytes(),
        )
    };
    assert!(form("number=JY25199990000010&tail=0158").contains("data-verdict=\"valid\""));
    for (body, status, words) in [
        ("number=JY25199990000010&tail=0159", 404, "No licence in force fits"),
        ("number=JY25199990000010", 400, "Enter the number"),
        ("tail=%ff%fe", 400, "Enter the number"),
        ("number=%3Cscript%3E&tail=1234", 404, "No licence in force fits"),
    ] {
        let answer = form(body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{body}: {answer}");
        assert!(answer.contains(words) && !answer.contains("<script>"), "{body}: {answer}");
    }
    for _ in 0..5 {
        form("number=1&tail=0000");
    }
    assert!(form("number=1&tail=0000").starts_with("HTTP/1.1 429"));
    for path in ["/nothing", "/assets/../Cargo.toml", "/assets/%2e%2e%2fCargo.toml", "/status/2"] {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("application/problem+json"), "{path}");
    }
    for path in [
        "/status/1",
        "/trust/root.pem",
        "/crl/issuing.crl",
        "/crl/root.crl",
        "/vct/business/1",
        "/openapi.json",
        "/status",
        "/healthz",
        "/readyz",
    ] {
        assert!(server.get(path).starts_with("HTTP/1.1 200"), "{path}");
    }
    // A page names its style and script by what is in them.
    let home = server.get("/");
    for name in ["/assets/site.css?", "/assets/site.js?"] {
        let at = home.find(name).unwrap();
        let path = home.get(at..at + name.len() + 16).unwrap();
        assert!(path.bytes().rev().take(16).all(|byte| byte.is_ascii_hexdigit()), "{path}");
        assert!(server.get(path).starts_with("HTTP/1.1 200"), "{path}");
    }
    // The machine itself may count; whoever comes through a proxy does not learn that one can.
    assert!(server.get("/metrics").contains("yinzheng_journal_events "));
    let proxied = server.send(
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n",
    );
    assert!(proxied.starts_with("HTTP/1.1 404"), "{proxied}");
    let past = server.get("/status/1?time=1686920170");
    assert!(past.starts_with("HTTP/1.1 501") && past.contains("no_history"), "{past}");
    let large = server.post("/v1/verify", &vec![0; (20 << 20) + 1]);
    assert!(large.is_empty() || large.starts_with("HTTP/1.1 413"), "{large}");
    let both = server.send(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(both.matches("HTTP/1.1").count(), 1, "a second request was smuggled: {both}");

    for stream in &mut slow {
        let mut answer = Vec::new();
        // Closed by the server: the read ends before its own guard.
        assert!(stream.read_to_end(&mut answer).is_ok(), "a slow caller was not closed");
    }
    assert!(server.get("/").starts_with("HTTP/1.1 200"));
}

#[test]
fn nobody_issues_without_a_token() {
    let server = Server::start();
    for path in [
        "/v1/licences",
        "/v1/licences/1/revoke",
        "/v1/licences/1/consents",
        "/v1/query",
        "/v1/query/batch",
        "/v1/match",
    ] {
        let answer = server.post(path, b"{}");
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
    }
    let pages = server.get("/v/%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    assert!(!pages.contains("<script>alert"), "{pages}");
}
