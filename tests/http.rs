//! The public service with careless and hostile callers. Loopback only, bounded, ends by itself.
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
        // A guard against hanging, not a measurement.
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

    /// As a browser asks for a page.
    fn page(&self, path: &str) -> String {
        self.send(
            format!(
                "GET {path} HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*;q=0.8\r\nConnection: close\r\n\r\n"
            )
            .as_bytes(),
        )
    }

    fn post_form(&self, path: &str, body: &str) -> String {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.send(head.as_bytes())
    }

    fn post(&self, path: &str, body: &[u8]) -> String {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        self.send(&[head.as_bytes(), body].concat())
    }
}

/// Twenty-two notes that cover a page and are found one by one, and 132 more.
const NOTES: &str = "tests/data/faults/looks/p3-notes-tiled.pdf";

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn every_caller_gets_a_clear_answer_and_slow_ones_are_closed() {
    let server = Server::start();
    // Two hundred callers that send nothing, stop in a head or a body, or stay idle after an
    // answer, while other requests are served.
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
    let form = |body: &str| server.post_form("/en/number", body);
    assert!(form("number=JY25199990000010&tail=0158").contains("data-verdict=\"valid\""));
    for (body, status, words) in [
        ("number=JY25199990000010&tail=0159", 404, "No licence in force fits"),
        ("number=JY25199990000010", 400, "Enter the number"),
        ("number=51999900000001&holder=%E5%BC%A0%E7%A4%BA%E4%BE%8B", 400, "the last six of the"),
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
    let locked = form("number=1&tail=0000");
    assert!(locked.starts_with("HTTP/1.1 429") && locked.contains("try again in 60 minutes"));
    assert!(locked.contains("retry-after: 3"), "{locked}");
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
    // A page references its style and script by a digest of their content.
    let home = server.get("/");
    for name in ["/assets/site.css?", "/assets/site.js?"] {
        let at = home.find(name).unwrap();
        let path = home.get(at..at + name.len() + 16).unwrap();
        assert!(path.bytes().rev().take(16).all(|byte| byte.is_ascii_hexdigit()), "{path}");
        assert!(server.get(path).starts_with("HTTP/1.1 200"), "{path}");
    }
    // Metrics are for the machine itself; through a proxy they do not exist.
    assert!(server.get("/metrics").contains("yinzheng_journal_events "));
    let proxied = server.send(
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n",
    );
    assert!(proxied.starts_with("HTTP/1.1 404"), "{proxied}");
    let past = server.get("/status/1?time=1686920170");
    assert!(past.starts_with("HTTP/1.1 501") && past.contains("no_history"), "{past}");
    let large = server.post("/v1/verify", &vec![0; (20 << 20) + 1]);
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    let both = server.send(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(both.matches("HTTP/1.1").count(), 1, "a second request was smuggled: {both}");

    for stream in &mut slow {
        let mut answer = Vec::new();
        // Closed by the server: the read ends before its own guard.
        assert!(stream.read_to_end(&mut answer).is_ok(), "a slow caller was not closed");
    }
    assert!(server.get("/").starts_with("HTTP/1.1 200"));
}

/// The page is HTML: a file name must not change the direction of the text around it.
#[test]
fn what_cannot_be_seen_in_the_name_of_an_upload_is_shown_as_its_code() {
    let server = Server::start();
    let name = "licence\u{202E}fdp.exe\u{200B}\u{9B}2J";
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n%PDF-\r\n--b--\r\n"
    );
    for (path, kind) in [("/verify", "text/html"), ("/v1/verify", "application/json")] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nAccept: {kind}\r\nConnection: close\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let answer = server.send(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("licence〔U+202E〕fdp.exe〔U+200B〕〔U+009B〕2J"), "{answer}");
        let hidden = ['\u{202E}', '\u{200B}', '\u{9B}'];
        assert!(!answer.contains(hidden), "{path}");
    }
}

#[test]
fn who_has_a_code_or_a_number_alone_is_told_that_nobody_looked_at_the_paper() {
    let server = Server::start();
    let valid = server.folder.path().join("demo/samples/valid.pdf");
    let text = Command::new("pdftotext").arg(valid).arg("-").output().unwrap().stdout;
    let text = String::from_utf8(text).unwrap();
    let mut words = text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words.dedup();
    let code = words
        .windows(4)
        .map(<[String]>::concat)
        .find(|code| code.len() == 16 && yinzheng::base::ids::Code::parse(code).is_some());
    let code = code.unwrap();
    let by_number = server.post_form("/number", "number=JY25199990000010&tail=0158");
    for page in [server.page(&format!("/v/{code}")), by_number] {
        assert!(page.contains("data-verdict=\"valid\""), "{page}");
        for words in [
            "本机关有这份证照，现在有效。您手中的纸张或文件没有核验：请与下列内容逐项比对，不一致请勿采信；有文件请上传。",
            "没有核验您手中的纸张或文件",
            "<h2>本机关存档件的核验</h2>",
            "class=\"verdict known\"",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("是，电子印章验证通过") && !page.contains("签发后未改动"), "{page}");
    }
    let page = server.page(&format!("/en/v/{code}"));
    assert!(page.contains("was not checked: compare each item below"), "{page}");
    for english in [
        "Example New Area Market Supervision Bureau (示例新区市场监督管理局)",
        "Catering service (餐饮服务经营者)",
    ] {
        assert!(page.contains(english), "{english}: {page}");
    }
    // What is revoked invites nobody to compare it.
    for (address, wanted, wrong) in [
        ("/number", "都以此为准", ["逐项比对", "请上传"]),
        ("/en/number", "this is what counts", ["compare each", "upload it"]),
    ] {
        let page = server.post_form(address, "number=JY25199990000028&tail=0158");
        assert!(page.contains("data-verdict=\"revoked\"") && page.contains(wanted), "{page}");
        assert!(wrong.iter().all(|words| !page.contains(words)), "{page}");
    }
    let answer = server.get(&format!("/v1/verify/{code}"));
    let (_, json) = answer.split_once("\r\n\r\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["examined"], "copy_on_file");
    assert!(json["headline"]["en"].as_str().unwrap().contains("was not checked"), "{json}");
    let schema = yinzheng::domain::schema::report();
    assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&json), "{json}");
    // The report on an examined file has none of these sentences.
    let pdf = std::fs::read(server.folder.path().join("demo/samples/valid.pdf")).unwrap();
    assert!(!server.post("/v1/verify", &pdf).contains("examined"));
}

#[test]
fn a_file_that_is_none_of_ours_is_told_apart_with_a_next_step() {
    let server = Server::start();
    let read = |name: &str| std::fs::read(name).unwrap();
    let samples = server.folder.path().join("demo/samples");
    let valid = std::fs::read(samples.join("valid.pdf")).unwrap();
    let credential = std::fs::read(samples.join("valid.sd-jwt")).unwrap();
    for (body, words) in [
        (read("tests/data/faults/archives/same.zip"), "这是压缩包，请解压后逐个上传"),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(), "照片无法核验；请扫证照上的二维码，或输入编号"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "这是 OFD 或办公文档"),
        (read("tests/data/attacks/encrypted.pdf"), "请索取没有密码的原文件"),
        ([b"\r\n".as_slice(), &valid].concat(), "%PDF- 不在文件开头"),
        (b"a text".to_vec(), "请选择签发机关发给您的原文件"),
        (vec![0; (20 << 20) + 1], "或扫二维码、用编号查询"),
        ([b"\xEF\xBB\xBF".as_slice(), &credential].concat(), "data-verdict=\"valid\""),
    ] {
        let page = server.post("/verify", &body);
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn pages_name_no_options_of_the_command_line() {
    let server = Server::start();
    let samples = server.folder.path().join("demo/samples");
    let mut pages = Vec::new();
    for sample in std::fs::read_dir(samples).unwrap() {
        let path = sample.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pdf" || extension == "sd-jwt") {
            for address in ["/verify", "/en/verify"] {
                let page = server.post(address, &std::fs::read(&path).unwrap());
                assert!(page.contains("data-verdict="), "{path:?}: {page}");
                pages.push((format!("{address} {}", path.display()), page));
            }
        }
    }
    assert!(pages.iter().any(|(_, page)| page.contains("请向所称的签发机关核实")));
    for path in ["/", "/?again", "/trust", "/v?code=", "/v/0000000000000000", "/nothing"] {
        for prefix in ["", "/en"] {
            let place = format!("{prefix}{path}");
            pages.push((place.clone(), server.page(&place)));
        }
    }
    for tail in ["0158", "0159", "", "%2F"] {
        let sent = format!("number=JY25199990000010&tail={tail}");
        pages.push((sent.clone(), server.post_form("/number", &sent)));
    }
    for (place, page) in pages {
        // Commands are for those who run them.
        let words: String = page
            .split("<code class=\"command\"")
            .map(|part| part.split_once("</code>").map_or(part, |(_, rest)| rest))
            .collect();
        assert!(page.contains("<main"), "{place}: {page}");
        assert!(!words.contains(" --"), "{place}: {words}");
    }
}

#[test]
fn what_is_found_often_stands_on_the_page_once() {
    let server = Server::start();
    let page = server.post("/verify", &std::fs::read(NOTES).unwrap());
    let (page, _) = page.split_once("<details>").unwrap();
    assert_eq!(page.matches("文件里有批注画在页面上").count(), 1, "{page}");
    assert!(page.contains("另有 142 处"), "{page}");
    // Findings against the file are marked; what cannot be decided is not.
    let mark = |words: &str| {
        let (before, _) = page.split_once(words).unwrap();
        before.rsplit_once("<li class=\"").unwrap().1.split('"').next().unwrap().to_owned()
    };
    assert_eq!(mark("盖章之后"), "stop");
    assert_eq!(mark("签发者的根证书不在信任名单"), "caution");
    assert_eq!(mark("印章证书无法追溯到可信根"), "caution");
}

#[test]
fn browsers_that_come_back_are_led_to_where_one_begins() {
    let server = Server::start();
    for (path, home) in
        [("/verify", "/"), ("/number", "/"), ("/en/verify", "/en/"), ("/en/number", "/en/")]
    {
        let answer = server.page(path);
        assert!(answer.starts_with("HTTP/1.1 303"), "{path}: {answer}");
        assert!(answer.contains(&format!("location: {home}\r\n")), "{path}: {answer}");
        // A program gets the precise error.
        assert!(server.get(path).starts_with("HTTP/1.1 405"), "{path}");
    }
    for path in ["/v", "/v?code=", "/v?code=%E7%A0%81", "/v?code=a&code=b", "/en/v"] {
        let answer = server.page(path);
        let words =
            if path == "/en/v" { "Enter the verification code" } else { "请输入核验码" };
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains(words), "{path}: {answer}");
    }
    // Results are not stored: in the other language the first page states that.
    let answer = server.post("/verify", b"%PDF-");
    assert!(answer.contains("href=\"/en/?again\""), "{answer}");
    assert!(server.page("/en/?again").contains("The last answer was not kept"));
    assert!(server.page("/?again").contains("刚才的核验结果没有保存"));
    assert!(!server.page("/").contains("没有保存"));
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

/// Clients send everything before they read, and see no answer when the connection breaks
/// meanwhile.
#[test]
fn an_answer_before_the_end_of_a_body_arrives() {
    let server = Server::start();
    for (path, megabytes, status) in [
        ("/v1/licences", 1, "401"),
        ("/v1/licences", 5, "401"),
        ("/v1/licences", 25, "401"),
        ("/v1/verify", 25, "413"),
        ("/v1/verify", 25, "413"),
        ("/nothing", 3, "404"),
    ] {
        let length = megabytes << 20;
        let mut stream = server.connect();
        let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let body = vec![b'%'; length];
        stream.write_all(&body).unwrap_or_else(|error| unreachable!("{path}, {length}: {error}"));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}, {length}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{path}, {length}");
    }
}

/// Draining a connection after an answer ends, whatever the other end does.
#[test]
fn what_comes_behind_the_last_answer_is_not_read_for_ever() {
    let server = Server::start();
    let mut stream = server.connect();
    let head = "POST /v1/licences HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let piece = vec![0; 1 << 20];
    let taken = (0..1000).take_while(|_| stream.write_all(&piece).is_ok()).count();
    assert!((32..100).contains(&taken), "{taken} MB were taken");
}

#[test]
fn heads_end_at_32_kb_and_their_lines_with_crlf() {
    let server = Server::start();
    let ok = |sent: &[u8]| server.send(sent).matches("HTTP/1.1 200").count();
    let refused = |sent: &[u8]| {
        let answer = server.send(sent);
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    };
    let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let asked = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    for bare in [
        "GET /healthz HTTP/1.1\nHost: a\nConnection: close\n\n",
        "GET /healthz HTTP/1.1\r\nHost: a\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\n\r\n",
        "\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\rHost: a\r\nConnection: close\r\n\r\n",
    ] {
        refused(bare.as_bytes());
    }
    // Regardless of earlier requests on the same connection.
    let bare = "GET /healthz HTTP/1.1\nHost: a\n\n";
    let body = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n%P\n\n\nDF";
    for before in [asked, body] {
        let answer = server.send(format!("{before}\n{bare}").as_bytes());
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 400").count(), 1, "{answer}");
    }
    // In a body any line end is allowed, and requests may be pipelined.
    assert_eq!(ok(format!("{body}\n{asked}\r\n{last}").as_bytes()), 3);
    // After a chunked body nothing may follow: readers could differ about its end.
    let pieces = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n%P\nF\r\n0\r\n\r\n";
    let answer = server.send(format!("{pieces}{last}").as_bytes());
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    // A head arrives in pieces too.
    let mut stream = server.connect();
    for byte in format!("\r\n{last}").bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let long = |length: usize| {
        let frame = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \r\n\r\n".len();
        let filler = "x".repeat(length - frame);
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {filler}\r\n\r\n")
    };
    assert_eq!(ok(long(32 << 10).as_bytes()), 1);
    for length in [(32 << 10) + 1, 40 << 10, 63 << 10] {
        let answer = server.send(long(length).as_bytes());
        assert!(answer.starts_with("HTTP/1.1 431"), "{length}: {answer}");
    }
}

#[test]
fn wrong_tries_lock_a_number_for_the_network_that_they_came_from() {
    let server = Server::start();
    let form = |from: &str, body: &str| {
        let output = Command::new("curl")
            .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "--interface", from, "-d", body])
            .arg(format!("http://127.0.0.1:{}/number", server.port))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let (right, wrong) = ("number=JY25199990000010&tail=0158", "number=JY25199990000010&tail=0159");
    for _ in 0..5 {
        assert_eq!(form("127.0.0.2", wrong), "404");
    }
    for body in [right, wrong] {
        assert_eq!(form("127.0.0.2", body), "429");
    }
    assert_eq!(form("127.0.0.3", right), "200");
    assert_eq!(form("127.0.0.1", right), "200");
}
