//! Destinations receive the changes that their clients may read: signed, at least once, in order,
//! and without delaying other work. Loopback only, with the real program.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::served::destinations::{
    add, done, get, has_failed, issue, office, receive, run, wait_for,
};
use crate::served::receiver::{BUSY, Does, Got, OK, Receiver};
use crate::served::{Server, now, put, text};
use serde_json::{Value, json};

fn key(server: &Server) -> String {
    get(server, "/trust/webhook.pub").trim().to_owned()
}

fn metrics(server: &Server) -> String {
    get(server, "/metrics")
}

/// Headers and body match `/openapi.json`.
fn fits(server: &Server, got: &Got) {
    let document = server.send("GET", "/openapi.json", &[], "").json;
    let operation = &document["webhooks"]["changes"]["post"];
    for one in operation["parameters"].as_array().unwrap() {
        let value = json!(got.header(one["name"].as_str().unwrap()));
        let schema = jsonschema::draft202012::new(&one["schema"]).unwrap();
        assert!(schema.is_valid(&value), "{}: {value}", one["name"]);
    }
    assert_eq!(got.header("content-type"), "application/json");
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let whole = json!({ "components": document["components"], "allOf": [schema] });
    let schema = jsonschema::draft202012::new(&whole).unwrap();
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    assert!(schema.is_valid(&got.json()), "{}", got.body);
    assert!(schema.is_valid(example));
    let mut more = got.json();
    more["data"]["holder"] = json!("x");
    assert!(!schema.is_valid(&more), "the description would take anything");
}

#[test]
fn a_change_arrives_signed_and_names_no_person() {
    let receiver = Receiver::new(|_| OK);
    let server = office(&[&receiver]);
    issue(&server, "private-school");
    add(&server, "school-hooks", &receiver);
    let said = done(&server, &["destination", "test", "school-hooks"]);
    let tried = receiver.next();
    assert!(said.contains(tried.id()), "{said}");
    assert_eq!(tried.json()["type"], "destination.test");
    fits(&server, &tried);
    // Changes that this client may not see are not sent, nor earlier ones.
    issue(&server, "business");
    let mine = issue(&server, "private-school");
    let got = receiver.next();
    fits(&server, &got);
    assert_eq!(got.target, "POST /in/changes HTTP/1.1");
    assert_eq!(got.licences(), [mine.as_str()]);
    let data = &got.json()["data"];
    assert_eq!(
        (&data["office"], &data["destination"]),
        (&json!(server.base), &json!("school-hooks"))
    );
    assert_eq!(data["changes"][0]["change"], "issued");
    let example = std::fs::read_to_string("schemas/examples/private-school.json").unwrap();
    let example: Value = serde_json::from_str(&example).unwrap();
    for value in example["fields"].as_object().unwrap().values() {
        if let Some(value) = value.as_str().filter(|value| value.len() > 3) {
            assert!(!got.body.contains(value), "{value}");
        }
    }
    // Another implementation verifies it, and detects the smallest change and a wrong time.
    let (key, message) = (key(&server), got.as_text());
    assert_eq!(&receive(&key, "school-hooks", &message, now()).unwrap(), data);
    for (destination, message, at, why) in [
        ("school-hooks", message.replace("issued", "issueD"), now(), "no signature holds"),
        (
            "school-hooks",
            message.replace("webhook-id: msg_", "webhook-id: msg-"),
            now(),
            "no signature",
        ),
        ("school-hooks", message.clone(), now() + 400, "too old"),
        ("school-hooks", message.clone(), now() - 400, "too new"),
        ("other-hooks", message.clone(), now(), "another destination"),
    ] {
        let refused = receive(&key, destination, &message, at).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
    let other = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    assert!(receive(other, "school-hooks", &message, now()).is_err());
    // A change of status is another message, in order.
    done(&server, &["revoke", &mine, "--reason", "ceased"]);
    let second = receiver.next();
    assert_eq!(
        (second.licences(), &second.json()["data"]["changes"][0]["change"]),
        (vec![mine], &json!("standing"))
    );
    assert_ne!(second.id(), got.id());
    let metrics = metrics(&server);
    for name in [
        "yinzheng_webhooks_delivered_total",
        "yinzheng_webhook_failing",
        "yinzheng_webhook_events_behind",
    ] {
        assert!(metrics.contains(&format!("{name}{{destination=\"school-hooks\"}} ")), "{metrics}");
    }
}

#[test]
fn what_did_not_arrive_comes_again_with_the_same_id() {
    let receiver = Receiver::new(|number| if number < 2 { BUSY } else { OK });
    let server = office(&[&receiver]);
    add(&server, "school-hooks", &receiver);
    let first = issue(&server, "private-school");
    let one = receiver.next();
    let failed = wait_for(&server, "school-hooks", has_failed);
    assert_eq!((&failed["fault"], &failed["failing"]), (&json!("status 503"), &json!(false)));
    // Later changes wait.
    let second = issue(&server, "private-school");
    let (two, three) = (receiver.next(), receiver.next());
    for again in [&two, &three] {
        assert_eq!((again.id(), &again.body), (one.id(), &one.body));
        let at = |got: &Got| got.header("webhook-timestamp").parse::<i64>().unwrap();
        assert!(at(again) > at(&one), "each attempt is signed anew");
    }
    assert_eq!(one.licences(), [first]);
    assert_eq!(receiver.next().licences(), [second]);
    let well = wait_for(&server, "school-hooks", |one| one["behind"] == 0);
    assert_eq!((&well["failures"], &well["fault"]), (&json!(0), &Value::Null));
}

#[test]
fn what_may_have_arrived_before_a_crash_comes_again_with_the_same_id() {
    let receiver = Receiver::new(|number| if number == 0 { Does::Hold } else { OK });
    let mut server = office(&[&receiver]);
    add(&server, "school-hooks", &receiver);
    let first = issue(&server, "private-school");
    let one = receiver.next();
    // The message was received, and the process is killed before the answer. Licences issued before
    // the next attempt are in another message.
    let second = issue(&server, "private-school");
    server.restart();
    let (again, other) = (receiver.next(), receiver.next());
    assert_eq!((again.id(), &again.body), (one.id(), &one.body));
    assert_eq!((again.licences(), other.licences()), (vec![first], vec![second]));
    assert_ne!(other.id(), one.id());
    // An acknowledged message is not repeated.
    wait_for(&server, "school-hooks", |one| one["behind"] == 0);
    server.restart();
    let third = issue(&server, "private-school");
    assert_eq!(receiver.next().licences(), [third]);
}

#[test]
fn nothing_is_sent_to_private_addresses_wrong_names_or_by_redirect() {
    let unlisted = Receiver::new(|_| OK);
    let elsewhere = Receiver::named("hooks.example", |_| OK);
    let moves = Receiver::new(|_| {
        Does::Answer(
            "HTTP/1.1 307 x\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n",
        )
    });
    let garbage = Receiver::new(|_| Does::Answer("SSH-2.0-x\r\n\r\n"));
    let server = office(&[&elsewhere, &moves, &garbage]);
    let refused = |name: &str| {
        let output = run(&server, &["destination", "test", name]);
        assert!(!output.status.success(), "{}", text(&output));
        text(&output)
    };
    add(&server, "unlisted", &unlisted);
    let said = refused("unlisted");
    assert!(said.contains("not public") && said.contains("allow_private_destinations"), "{said}");
    assert_eq!(unlisted.connections.load(Ordering::SeqCst), 0);
    add(&server, "elsewhere", &elsewhere);
    let said = refused("elsewhere");
    assert!(said.contains("certificate"), "{said}");
    add(&server, "moves", &moves);
    assert!(refused("moves").contains("status 307"));
    add(&server, "garbage", &garbage);
    assert!(refused("garbage").contains("no usable answer"));
    // The system's roots do not cover it, and no root was given.
    let url = moves.url();
    let to = ["--client", "school-desk", "--url", &url];
    done(&server, &[&["destination", "add", "no-roots"], &to[..]].concat());
    assert!(!refused("no-roots").contains("status"));
    moves.next();
    assert_eq!((moves.so_far(), elsewhere.so_far()), (0, 0));
    // The same rules apply to delivery, which continues to reachable destinations.
    issue(&server, "private-school");
    let held = wait_for(&server, "unlisted", has_failed);
    assert!(held["fault"].as_str().unwrap().contains("not public"), "{held}");
    assert_eq!(unlisted.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn a_slow_receiver_holds_up_nobody() {
    let (slow, quick) = (Receiver::new(|_| Does::Hold), Receiver::new(|_| OK));
    let mut server = office(&[&slow, &quick]);
    add(&server, "slow-hooks", &slow);
    let first = issue(&server, "private-school");
    let got = slow.next();
    assert_eq!(got.licences(), [first]);
    // While it holds the message, licences are issued and other destinations receive them.
    add(&server, "quick-hooks", &quick);
    let second = issue(&server, "private-school");
    assert_eq!(quick.next().licences(), [second]);
    assert_eq!(*slow.held.lock().unwrap(), 1, "it still says nothing");
    // Then the attempt is abandoned.
    let fault = wait_for(&server, "slow-hooks", has_failed);
    assert_eq!(fault["fault"], "no answer in time");
    // The process shuts down in order during the next attempt.
    slow.next();
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn whoever_tries_a_slow_receiver_keeps_no_other_command_waiting() {
    let slow = Receiver::new(|_| Does::Hold);
    let server = office(&[&slow]);
    add(&server, "slow-hooks", &slow);
    done(&server, &["destination", "pause", "slow-hooks"]);
    // As many as threads for commands.
    let count = std::thread::available_parallelism().unwrap().get();
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                let tried = run(&server, &["destination", "test", "slow-hooks"]);
                assert!(text(&tried).contains("no answer in time"), "{}", text(&tried));
            });
        }
        for _ in 0..count {
            assert_eq!(slow.next().json()["type"], "destination.test");
        }
        issue(&server, "private-school");
        assert_eq!(*slow.held.lock().unwrap(), count, "they still say nothing");
    });
}

#[test]
fn who_fails_for_long_is_shown_and_heals() {
    let well = Arc::new(AtomicBool::new(false));
    let is_well = Arc::clone(&well);
    let receiver = Receiver::new(move |_| if is_well.load(Ordering::SeqCst) { OK } else { BUSY });
    let mut server = office(&[&receiver]);
    add(&server, "school-hooks", &receiver);
    let issued = issue(&server, "private-school");
    let one = receiver.next();
    wait_for(&server, "school-hooks", has_failed);
    // Seven failures take some ten minutes: they are written into the file.
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let path = server.dir().join("hooks/school-hooks.json");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    (kept["failures"], kept["not_before"]) = (7.into(), Value::Null);
    put(&path, kept.to_string());
    server.child = Server::serve(&server.dir(), &format!("127.0.0.1:{}", server.port), &[]);
    server.wait();
    assert_eq!(receiver.next().id(), one.id());
    wait_for(&server, "school-hooks", |one| one["failing"] == true);
    let said = done(&server, &["destination", "list"]);
    assert!(
        said.contains("school-hooks  failing") && said.contains("failures in a row: 8, status 503"),
        "{said}"
    );
    assert!(metrics(&server).contains("yinzheng_webhook_failing{destination=\"school-hooks\"} 1"));
    let doctor = text(&run(&server, &["doctor"]));
    assert!(doctor.contains("the destination school-hooks failed many times"), "{doctor}");
    // It kept its position, and after the repair there is no wait of an hour.
    well.store(true, Ordering::SeqCst);
    done(&server, &["destination", "resume", "school-hooks"]);
    let arrived = receiver.next();
    assert_eq!((arrived.id(), arrived.licences()), (one.id(), vec![issued]));
    let well = wait_for(&server, "school-hooks", |one| one["behind"] == 0);
    assert_eq!(well["failing"], false);
}

#[test]
fn gone_is_disabled_and_paused_waits() {
    const GONE: Does = Does::Answer("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n");
    let leaves = Receiver::new(|number| if number == 0 { GONE } else { OK });
    let (rests, witness) = (Receiver::new(|_| OK), Receiver::new(|_| OK));
    let server = office(&[&leaves, &rests, &witness]);
    for (name, receiver) in [("leaves", &leaves), ("rests", &rests), ("witness", &witness)] {
        add(&server, name, receiver);
    }
    done(&server, &["destination", "pause", "rests"]);
    let first = issue(&server, "private-school");
    let one = leaves.next();
    let state = wait_for(&server, "leaves", |one| one["state"] != "active");
    assert_eq!(state["state"], "disabled");
    let audit = done(&server, &["audit", "--json"]);
    assert!(audit.contains("destination_disabled"), "{audit}");
    let second = issue(&server, "private-school");
    assert_eq!(witness.until(&second), [first.as_str(), second.as_str()]);
    // Neither of the others received the second, nor the paused one the first.
    assert_eq!((leaves.so_far(), rests.so_far()), (0, 0));
    for name in ["leaves", "rests"] {
        done(&server, &["destination", "resume", name]);
    }
    let again = leaves.next();
    assert_eq!((again.id(), &again.body), (one.id(), &one.body));
    assert_eq!(leaves.next().licences(), [second.as_str()]);
    // Neither was sent before, so both come together.
    assert_eq!(rests.next().licences(), [first, second]);
    // The name of a removed destination may be used again, and starts from there.
    done(&server, &["destination", "remove", "rests"]);
    let kept = server.dir().join("hooks/rests.json");
    assert!((0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        !kept.exists()
    }));
    assert!(!run(&server, &["destination", "resume", "rests"]).status.success());
    let meanwhile = issue(&server, "private-school");
    assert_eq!(witness.until(&meanwhile), [meanwhile.as_str()]);
    add(&server, "rests", &rests);
    let last = issue(&server, "private-school");
    assert_eq!(rests.next().licences(), [last]);
}

#[test]
fn what_cannot_be_is_refused_when_it_is_registered() {
    let server = office(&[]);
    let scopes = ["--department", "market", "--scope", "read:*", "--new-key", "market.pem"];
    let added = server.client(&[&["add", "market-desk"], &scopes[..]].concat());
    assert!(added.status.success(), "{}", text(&added));
    let refused = |name: &str, client: &str, url: &str, why: &str| {
        let output = run(&server, &["destination", "add", name, "--client", client, "--url", url]);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(why), "{said}");
    };
    let good = "https://hooks.example.org/in";
    refused("a", "school-desk", good, "the name");
    refused("school-hooks", "market-desk", good, "feed");
    refused("school-hooks", "no-such-desk", good, "no client");
    refused("school-hooks", "school-desk", "http://hooks.example.org/", "not https");
    refused("school-hooks", "school-desk", "https://127.0.0.1/", "no host name");
    refused("school-hooks", "school-desk", "https://a@hooks.example.org/", "no host name");
    let bad = server.at("bad.pem");
    put(&bad, "no certificate");
    let to = ["--client", "school-desk", "--url", good, "--ca", bad.to_str().unwrap()];
    let output = run(&server, &[&["destination", "add", "school-hooks"], &to[..]].concat());
    assert!(text(&output).contains("roots"), "{}", text(&output));
    done(
        &server,
        &["destination", "add", "school-hooks", "--client", "school-desk", "--url", good],
    );
    refused("school-hooks", "school-desk", good, "registered already");
    let said = done(&server, &["destination", "list"]);
    assert!(
        said.contains("school-hooks  active  school-desk  https://hooks.example.org/in"),
        "{said}"
    );
    assert!(said.contains(&key(&server)), "{said}");
}
