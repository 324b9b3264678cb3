//! Which clients are admitted to the departments' API, and which are not: the real program, and
//! clients by other implementations. Loopback only.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};
use std::sync::mpsc;

use crate::served::{Department, Server, YINZHENG, form, jwk, new_key, now, put, text};
use serde_json::{Value, json};
use yinzheng::base::digest::Digest;
use yinzheng::format::jose::{jws, signed};

#[test]
fn the_first_call_is_two_commands() {
    let server = Server::start();
    let key = server.at("market-counter.pem");
    let added = server.client(&[
        "add",
        "market-counter",
        "--department",
        "market",
        "--scope",
        "read:*",
        "--new-key",
        key.to_str().unwrap(),
    ]);
    assert!(added.status.success(), "{}", text(&added));
    assert!(text(&added).contains("next: yinzheng call --as "));
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let call = |arguments: &[&str]| {
        let profile = key.with_extension("toml");
        Command::new(YINZHENG).args(["call", "--as"]).arg(profile).args(arguments).output().unwrap()
    };
    let called = call(&["GET", "/v1/whoami"]);
    let said: Value = serde_json::from_slice(&called.stdout).unwrap();
    let expected =
        json!({ "client": "market-counter", "department": "market", "scopes": ["read:*"] });
    assert_eq!((called.status.code(), said), (Some(0), expected));
    assert!(String::from_utf8_lossy(&called.stderr).contains("HTTP 200"));
    let fewer = call(&["GET", "/v1/whoami", "--scope", "read:business"]);
    assert!(text(&fewer).contains("[\"read:business\"]"), "{}", text(&fewer));
    for (arguments, code) in [
        (&["GET", "/v1/nothing"][..], 1),
        (&["GET", "/v1/whoami", "--scope", "change:*"], 1),
        (&["GET", "v1/whoami"], 64),
        (&["GET", "/v1/whoami", "--key", "/nothing"], 1),
    ] {
        assert_eq!(call(arguments).status.code(), Some(code), "{arguments:?}");
    }
    // A name that is taken, an unknown department or type, a private key.
    put(server.at("a.jwk"), jwk(&new_key()).to_json().to_string());
    let mut private = jwk(&new_key()).to_json();
    private["d"] = private["x"].clone();
    put(server.at("private.jwk"), private.to_string());
    for (name, department, scope, key, words) in [
        ("market-counter", "market", "read:*", "a.jwk", "registered already"),
        ("other-counter", "nobody", "read:*", "a.jwk", "no department"),
        ("other-counter", "market", "issue:residence-permit", "a.jwk", "reaches nothing"),
        ("other-counter", "market", "all:*", "a.jwk", "is no right"),
        ("other-counter", "market", "query:*", "a.jwk", "at least one purpose"),
        ("Other", "market", "read:*", "a.jwk", "lower-case"),
        ("other-counter", "market", "read:*", "private.jwk", "private"),
    ] {
        let refused = server.client(&[
            "add",
            name,
            "--department",
            department,
            "--scope",
            scope,
            "--key",
            key,
        ]);
        assert_eq!(refused.status.code(), Some(1), "{words}");
        assert!(text(&refused).contains(words), "{words}: {}", text(&refused));
    }
    let failed = server.client(&[
        "add",
        "market-counter",
        "--department",
        "market",
        "--scope",
        "read:*",
        "--new-key",
        "b.pem",
    ]);
    assert!(!failed.status.success() && !server.at("b.pem").exists());
    let listed = text(&server.client(&["list"]));
    assert_eq!(listed, "market-counter  market  read:*\n");
}

#[test]
fn a_token_is_given_for_a_right_assertion_alone() {
    let server = Server::start();
    let department = server.register("market-counter");
    let stranger = Department { key: new_key(), ..server.register("other-counter") };
    let ask = |form: &str| server.ask_token(form, &[department.proof_for_token()]);
    let with = |name: &str, value: Value| {
        let mut claims = department.claims();
        claims[name] = value;
        ask(&department.form_with(&claims, ""))
    };
    let right = ask(&department.form());
    assert_eq!(right.status, 200, "{right:?}");
    assert!(right.head.contains("cache-control: no-store"));
    assert_eq!(right.json["scope"], "read:* issue:business");
    assert!(right.json["expires_in"].as_i64().unwrap() <= 600);

    // One answer for all unknown clients: it does not reveal which ones are registered.
    let nobody =
        Department { name: "nobody-here".to_owned(), base: server.base.clone(), key: new_key() };
    let unknown = ask(&nobody.form());
    let other_key = ask(&stranger.form());
    assert_eq!((unknown.status, unknown.code()), (401, "invalid_client"));
    assert_eq!((unknown.status, &unknown.json), (other_key.status, &other_key.json));

    // A replayed assertion, also under another proof.
    let sent = department.form();
    assert_eq!(ask(&sent).status, 200);
    let again = ask(&sent);
    assert_eq!((again.status, again.code()), (401, "invalid_client"));
    assert!(again.words().contains("used before"), "{again:?}");
    // A replayed proof under another assertion.
    let proof = department.proof_for_token();
    assert_eq!(server.ask_token(&department.form(), std::slice::from_ref(&proof)).status, 200);
    let again = server.ask_token(&department.form(), &[proof]);
    assert_eq!((again.status, again.code()), (400, "invalid_dpop_proof"));

    for (name, value) in [
        ("aud", json!("https://other.example")),
        ("aud", json!(format!("{}/oauth/token", server.base))),
        ("aud", json!([server.base])),
        ("exp", json!(now())),
        ("exp", json!(now() + 400)),
        ("iat", json!(now() - 400)),
        ("iat", json!(now() + 60)),
        ("sub", json!("other-counter")),
        ("iss", json!("other-counter")),
        ("jti", Value::Null),
    ] {
        let refused = with(name, value.clone());
        assert_eq!((refused.status, refused.code()), (401, "invalid_client"), "{name} {value}");
        assert!(!refused.words().is_empty());
    }
    // A token of a clock that is a second ahead is accepted a second later.
    assert_eq!(with("iat", json!(now() + 1)).status, 200);

    let head = |head: Value| {
        let assertion = signed::sign(&head, &department.claims(), &department.key).unwrap();
        ask(&form(&assertion, "")).status
    };
    assert_eq!(head(json!({ "alg": "ES256", "typ": "JWT" })), 200);
    for bad in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "ES256", "typ": "dpop+jwt" }),
        json!({ "alg": "ES256", "kid": "other" }),
        json!({ "alg": "ES256", "jwk": jwk(&department.key).to_json() }),
        json!({ "alg": "ES256", "jku": "https://a.example" }),
    ] {
        assert_eq!(head(bad.clone()), 401, "{bad}");
    }
}

#[test]
fn requests_for_tokens_that_are_none_are_told_why() {
    let server = Server::start();
    let department = server.register("market-counter");
    let proof = || department.proof_for_token();
    let mut seen = 0;
    let mut refused = |form: &str, headers: &[(&str, String)], status: u16, code: &str| {
        let answer = server.ask_token(form, headers);
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
        seen += 1;
    };
    let more = |more: &str| department.form_with(&department.claims(), more);
    let scope = "&scope=read%3Abusiness";
    assert_eq!(server.ask_token(&more(scope), &[proof()]).json["scope"], "read:business");
    let basic = ("Authorization", "Basic YTpi".to_owned());
    refused(&more("&scope=change%3A*"), &[proof()], 400, "invalid_scope");
    refused(&more("&scope="), &[proof()], 400, "invalid_scope");
    refused(&more("&scope=read%3A*&scope=read%3A*"), &[proof()], 400, "invalid_request");
    refused(&more("&client_id=other-counter"), &[proof()], 400, "invalid_request");
    refused(&more("&client_secret=a"), &[proof()], 400, "invalid_request");
    refused(&department.form(), &[proof(), basic], 400, "invalid_request");
    refused(&department.form(), &[], 400, "invalid_request");
    refused(&department.form(), &[proof(), proof()], 400, "bad_header");
    refused("", &[proof()], 400, "unsupported_grant_type");
    refused("grant_type=password&username=a&password=b", &[proof()], 400, "unsupported_grant_type");
    refused("grant_type=client_credentials", &[proof()], 400, "invalid_request");
    refused(&"a".repeat(70_000), &[proof()], 413, "too_large");
    let certificate = ("Client-Cert", ":YWJj:".to_owned());
    refused(&department.form(), &[proof(), certificate], 400, "not_a_proxy");
    for (name, value) in [
        ("htm", json!("GET")),
        ("htu", json!(format!("{}/v1/whoami", server.base))),
        ("htu", json!(format!("{}/oauth/token?a=b", server.base))),
        ("htu", json!("https://other.example/oauth/token")),
        ("iat", json!(now() - 70)),
        ("iat", json!(now() + 30)),
        ("jti", Value::Null),
    ] {
        let mut claims = department.proof_claims("POST", "/oauth/token", None);
        claims[name] = value;
        refused(&department.form(), &[department.proof(&claims)], 400, "invalid_dpop_proof");
    }
    assert_eq!(seen, 20);
    assert_eq!(server.send("GET", "/oauth/token", &[], "").status, 405);
    let metadata = server.send("GET", "/.well-known/oauth-authorization-server", &[], "").json;
    assert_eq!(metadata["issuer"], server.base.as_str());
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
}

#[test]
fn a_request_needs_its_token_and_the_key_of_the_token() {
    let server = Server::start();
    let department = server.register("market-counter");
    let thief = Department { key: new_key(), ..server.register("other-counter") };
    let token = server.token(&department);
    let right = server.whoami(&department, &token);
    assert_eq!((right.status, &right.json["client"]), (200, &json!("market-counter")));
    assert!(right.head.contains("cache-control: no-store"));

    let ask = |headers: &[(&str, String)]| server.send("GET", "/v1/whoami", headers, "");
    let bearer = ("Authorization", format!("Bearer {token}"));
    let dpop = ("Authorization", format!("DPoP {token}"));
    let own = |claims: &Value| department.proof(claims);
    let proof = || own(&department.proof_claims("GET", "/v1/whoami", Some(&token)));
    let with = |name: &str, value: Value| {
        let mut claims = department.proof_claims("GET", "/v1/whoami", Some(&token));
        claims[name] = value;
        ask(&[dpop.clone(), own(&claims)])
    };
    let other = server.token(&department);
    let used = proof();
    assert_eq!(ask(&[dpop.clone(), used.clone()]).status, 200);

    let nothing = ask(&[]);
    assert!(nothing.head.contains("www-authenticate: dpop algs=\"es256 eddsa"), "{nothing:?}");
    let rows = [
        ("no token", nothing, 401, "unauthenticated"),
        (
            "another scheme",
            ask(&[("Authorization", "Basic YTpi".to_owned())]),
            401,
            "unauthenticated",
        ),
        (
            "a bearer token that is bound to a key",
            ask(std::slice::from_ref(&bearer)),
            401,
            "other_key",
        ),
        ("the same with a proof", ask(&[bearer, proof()]), 401, "other_key"),
        ("no proof", ask(std::slice::from_ref(&dpop)), 401, "other_key"),
        ("the thief's key", server.whoami(&thief, &token), 401, "other_key"),
        ("an unknown token", server.whoami(&department, "a"), 401, "invalid_token"),
        ("a replayed proof", ask(&[dpop.clone(), used]), 401, "invalid_dpop_proof"),
        (
            "the proof of another token",
            with("ath", json!(jws::encode(Digest::of(&[other.as_bytes()]).as_bytes()))),
            401,
            "invalid_dpop_proof",
        ),
        ("no ath", with("ath", Value::Null), 401, "invalid_dpop_proof"),
        ("another method", with("htm", json!("POST")), 401, "invalid_dpop_proof"),
        (
            "another path",
            with("htu", json!(format!("{}/v1/licences", server.base))),
            401,
            "invalid_dpop_proof",
        ),
        (
            "another host",
            with("htu", json!("https://other.example/v1/whoami")),
            401,
            "invalid_dpop_proof",
        ),
        (
            "with a query",
            with("htu", json!(format!("{}/v1/whoami?a=b", server.base))),
            401,
            "invalid_dpop_proof",
        ),
        ("an old proof", with("iat", json!(now() - 70)), 401, "invalid_dpop_proof"),
        ("a proof of the future", with("iat", json!(now() + 30)), 401, "invalid_dpop_proof"),
        ("two tokens", ask(&[dpop.clone(), dpop.clone(), proof()]), 400, "bad_header"),
        ("two proofs", ask(&[dpop.clone(), proof(), proof()]), 400, "bad_header"),
        (
            "a certificate from anyone",
            ask(&[dpop, proof(), ("Client-Cert", ":YWJj:".to_owned())]),
            400,
            "not_a_proxy",
        ),
    ];
    for (what, answer, status, code) in rows {
        assert_eq!((answer.status, answer.code()), (status, code), "{what}: {answer:?}");
        let challenged = answer.head.contains("www-authenticate: ");
        assert_eq!(challenged, status == 401, "{what}: {answer:?}");
    }
    // The query string is not part of the proof.
    let asked = server.send("GET", "/v1/whoami?a=b", &department.headers(&token), "");
    assert_eq!(asked.status, 200);
}

#[test]
fn a_client_that_is_disabled_or_has_another_key_is_out_at_once() {
    let server = Server::start();
    let first = server.register("market-counter");
    let token = server.token(&first);
    let rotate = |overlap: &str| {
        let key = new_key();
        put(server.at("next.jwk"), jwk(&key).to_json().to_string());
        let rotated =
            server.client(&["rotate", "market-counter", "--key", "next.jwk", "--overlap", overlap]);
        assert!(rotated.status.success(), "{}", text(&rotated));
        Department { name: first.name.clone(), base: first.base.clone(), key }
    };
    let asked = |department: &Department| {
        server.ask_token(&department.form(), &[department.proof_for_token()]).status
    };
    let second = rotate("7d");
    assert_eq!((asked(&first), asked(&second)), (200, 200));
    assert_eq!(server.whoami(&first, &token).status, 200);
    let second_token = server.token(&second);
    // Without an overlap the tokens of both earlier keys end.
    let third = rotate("0");
    assert_eq!((asked(&first), asked(&second), asked(&third)), (401, 401, 200));
    assert_eq!(server.whoami(&first, &token).code(), "invalid_token");
    assert_eq!(server.whoami(&second, &second_token).code(), "invalid_token");
    let token = server.token(&third);
    assert_eq!(server.whoami(&third, &token).status, 200);
    assert!(server.client(&["disable", "market-counter"]).status.success());
    assert_eq!(server.whoami(&third, &token).code(), "invalid_token");
    assert_eq!(asked(&third), 401);
    let shown = text(&server.client(&["show", "market-counter"]));
    assert!(shown.contains("\"disabled\": true"), "{shown}");
    assert!(!server.client(&["disable", "nobody-here"]).status.success());
}

/// What `call` says against a server that answers its requests with these, and the times at which its
/// assertions were signed.
fn call_scripted(server: &Server, answers: &'static [(&str, &str)]) -> (Output, Vec<i64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for (stream, (status, body)) in listener.incoming().zip(answers) {
            let (mut stream, mut some) = (stream.unwrap(), [0; 8192]);
            let mut request = String::new();
            while !request.contains("\r\n\r\n") {
                let count = stream.read(&mut some).unwrap();
                request.push_str(std::str::from_utf8(&some[..count]).unwrap());
            }
            let proof = request.lines().find_map(|line| line.strip_prefix("dpop: ")).unwrap();
            let claims = jws::decode(proof.split('.').nth(1).unwrap()).unwrap();
            let claims: Value = serde_json::from_slice(&claims).unwrap();
            tell.send(claims["iat"].as_i64().unwrap()).unwrap();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    let mut command = Command::new(YINZHENG);
    command.args(["call", "GET", "/v1/whoami", "--as"]).arg(server.at("a.toml"));
    let output = command.args(["--base-url", &base]).output().unwrap();
    (output, told.try_iter().collect())
}

#[test]
fn a_call_in_the_second_of_the_start_is_made_again_once() {
    const TOO_EARLY: (&str, &str) = (
        "401 x",
        r#"{"error_description":"client_assertion: it was made before this office was started; make a new one"}"#,
    );
    const OTHER: (&str, &str) = ("401 x", r#"{"error_description":"exp is over; make a new one"}"#);
    const TOKEN: (&str, &str) = ("200 OK", r#"{"access_token":"a"}"#);
    const DONE: (&str, &str) = ("200 OK", r#"{"client":"market-counter"}"#);
    let server = Server::start();
    let rights = ["--department", "market", "--scope", "read:*", "--new-key", "a.pem"];
    assert!(server.client(&[&["add", "market-counter"], &rights[..]].concat()).status.success());
    let (output, signed) = call_scripted(&server, &[TOO_EARLY, TOKEN, DONE]);
    assert!(output.status.success() && text(&output).contains("market-counter"), "{output:?}");
    assert!(signed.len() == 3 && signed[1] > signed[0], "{signed:?}");
    let (output, signed) = call_scripted(&server, &[TOO_EARLY, TOO_EARLY, TOKEN]);
    assert!(text(&output).contains("no token") && signed.len() == 2, "{output:?} {signed:?}");
    let (output, signed) = call_scripted(&server, &[OTHER, TOKEN]);
    assert!(text(&output).contains("exp is over") && signed.len() == 1, "{output:?} {signed:?}");
    // The second of a real start; where it has passed already, this shows nothing.
    let mut server = server;
    server.kill();
    server.start_again();
    let whoami = || {
        let mut command = Command::new(YINZHENG);
        command.args(["call", "GET", "/v1/whoami", "--as"]).arg(server.at("a.toml"));
        command.output().unwrap()
    };
    let called = (0..1000).map(|_| whoami()).find(|one| !text(one).contains("refused"));
    assert!(called.as_ref().is_some_and(|one| one.status.success()), "{called:?}");
}

#[test]
fn nothing_that_was_signed_before_a_restart_is_used_after_it() {
    let mut server = Server::start();
    let department = server.register("market-counter");
    let (used, unused) = (department.form(), department.form());
    let token = server.token(&department);
    assert_eq!(server.ask_token(&used, &[department.proof_for_token()]).status, 200);
    server.restart();
    for form in [used, unused] {
        let refused = server.ask_token(&form, &[department.proof_for_token()]);
        assert_eq!(refused.status, 401);
        assert!(refused.words().contains("before this office was started"), "{refused:?}");
    }
    assert_eq!(server.whoami(&department, &token).code(), "invalid_token");
    let token = server.token(&department);
    assert_eq!(server.whoami(&department, &token).status, 200);
}

#[test]
fn a_client_that_asks_for_token_after_token_has_to_wait() {
    let server = Server::start();
    let department = server.register("market-counter");
    let ask = || server.ask_token(&department.form(), &[department.proof_for_token()]);
    for _ in 0..30 {
        assert_eq!(ask().status, 200);
    }
    let answer = ask();
    assert_eq!((answer.status, answer.code()), (429, "too_many_requests"));
    assert!(answer.head.contains("retry-after: "), "{answer:?}");
}

#[test]
fn openid_client_gets_a_token_with_every_algorithm_and_calls() {
    let server = Server::start();
    let folder = std::fs::canonicalize("target/peers/oauth").unwrap_or_default();
    let node = |arguments: &[&str]| {
        let output = Command::new("node")
            .arg("tests/peers/node/oauth.mjs")
            .args(arguments)
            .arg(&folder)
            .output();
        let output = output.unwrap_or_else(|error| {
            unreachable!("node: {error}; install it with tests/peers/setup")
        });
        assert!(output.status.success(), "install with tests/peers/setup? {}", text(&output));
        output
    };
    for alg in ["ES256", "Ed25519", "EdDSA", "RS256", "PS256"] {
        let name = format!("client-{}", alg.to_lowercase());
        let at = |kind: &str| server.at(&format!("{name}.{kind}")).to_str().unwrap().to_owned();
        let (private, public) = (at("private"), at("public"));
        node(&["key", alg, &private, &public]);
        let added = server.client(&[
            "add",
            &name,
            "--department",
            "police",
            "--scope",
            "read:*",
            "--key",
            &public,
        ]);
        assert!(added.status.success(), "{}", text(&added));
        let said = node(&["whoami", alg, &private, &server.base, &name, "read:*"]);
        let said: Value = serde_json::from_slice(&said.stdout).unwrap();
        assert_eq!(said, json!({ "client": name, "department": "police", "scopes": ["read:*"] }));
    }
}

#[test]
fn the_client_in_python_calls() {
    let server = Server::start();
    let key = server.at("a.pem");
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
    let python = Command::new("target/peers/venv/bin/python")
        .arg("tests/peers/first_call.py")
        .arg(key)
        .args(["market-counter", &server.base, "/v1/whoami"])
        .output();
    let python =
        python.unwrap_or_else(|error| unreachable!("{error}; install it with tests/peers/setup"));
    assert!(
        python.status.success() && text(&python).contains("\"department\":\"market\""),
        "{}",
        text(&python)
    );
}
