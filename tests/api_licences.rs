//! Licences over HTTP: who may do what, once and only once, and nothing of others.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

#[path = "world/api.rs"]
mod api;
mod world;

use api::{Api, call, caller, get, post, submission};
use serde_json::{Value, json};
use yinzheng::domain::access::Caller;

fn market() -> Caller {
    caller("market-counter", "market", &["issue:*", "read:*", "change:*"])
}

fn health() -> Caller {
    caller("health-counter", "health", &["issue:*", "read:*", "change:*"])
}

#[test]
fn nobody_is_answered_without_a_token() {
    let api = Api::new();
    let paths = api::description()["paths"].as_object().unwrap().clone();
    let mut asked = 0;
    for (template, operations) in paths.iter().filter(|(path, _)| is_for_departments(path)) {
        for method in operations.as_object().unwrap().keys() {
            let method = match method.as_str() {
                "get" => "GET",
                "post" => "POST",
                "put" => "PUT",
                other => panic!("{other}"),
            };
            let path = template.replace("{id}", "1.2.156").replace("{number}", "1");
            let reply = api.send(call(None, method, &path));
            assert_eq!((reply.status, reply.code().as_str()), (401, "unauthenticated"), "{path}");
            asked += 1;
        }
    }
    assert!(asked >= 15, "{asked}");
    assert_eq!(api.office.store().list("", 1).unwrap().len(), 0);
}

fn is_for_departments(path: &str) -> bool {
    ["/v1/licences", "/v1/proposals", "/v1/audit", "/v1/whoami"]
        .iter()
        .any(|start| path.starts_with(start))
}

#[test]
fn a_licence_is_issued_once_however_often_it_is_asked_for() {
    let api = Api::new();
    let (market, health) = (market(), health());
    let ask = |who, key: &str, body: &Value| {
        api.send(post(who, "/v1/licences").header("idempotency-key", key).json(body))
    };
    let body = submission("business");
    let first = ask(&market, "k-1", &body);
    assert_eq!(first.status, 201);
    let licence = &first.json()["licence"];
    let place = format!("/v1/licences/{}", licence["id"].as_str().unwrap());
    assert_eq!(first.header("location"), place);
    assert_eq!(licence["department"], "market");
    assert_eq!(first.header("cache-control"), "no-store");

    let again = ask(&market, "k-1", &body);
    assert_eq!((again.status, &again.bytes), (201, &first.bytes));
    assert_eq!(again.header("etag"), first.header("etag"));

    let mut other = body.clone();
    other["application"]["fields"]["business_scope"] = "另一范围".into();
    let reused = ask(&market, "k-1", &other);
    assert_eq!((reused.status, reused.code().as_str()), (409, "idempotency_key_reused"));

    // The key belongs to its client: another has one of the same name.
    let elsewhere = ask(&health, "k-1", &submission("medical-institution"));
    assert_eq!(elsewhere.status, 201);
    let colleague = caller("market-web", "market", &["issue:business"]);
    assert_eq!(ask(&colleague, "k-1", &body).status, 201);
    assert_eq!(api.test.check().len(), 3);

    let lines = api.office.store().history(licence["id"].as_str().unwrap()).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].actor, market.actor());
}

#[test]
fn the_same_request_from_many_at_once_is_one_licence() {
    let api = Api::new();
    let market = market();
    let ids: Vec<_> = std::thread::scope(|scope| {
        let one = || api.issue(&market, "food-operation", "at-once").0;
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(api.test.check().len(), 1);
}

#[test]
fn warnings_come_again_with_a_repeated_answer() {
    let api = Api::new();
    let market = market();
    let mut body = submission("food-operation");
    body["application"]["fields"]["operator"] = "示例Аpple".into();
    let ask = || api.send(post(&market, "/v1/licences").header("idempotency-key", "w").json(&body));
    let first = ask();
    assert_eq!(first.json()["warnings"][0]["code"], "mixed_scripts");
    assert_eq!(ask().bytes, first.bytes);
}

#[test]
fn all_faults_of_an_application_come_at_once() {
    let api = Api::new();
    let market = market();
    let mut body = submission("food-operation");
    body["application"]["fields"]["uscc"] = "91510100MA00000153".into();
    body["application"]["fields"]["extra"] = 1.into();
    body["application"]["fields"].as_object_mut().unwrap().remove("legal_representative");
    for path in ["/v1/licences", "/v1/licences/preview"] {
        let reply = api.send(post(&market, path).header("idempotency-key", "f").json(&body));
        assert_eq!((reply.status, reply.code().as_str()), (422, "faults"));
        let faults = reply.json()["faults"].clone();
        let seen: Vec<_> = faults
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                ("/application/fields/extra", "unknown_key"),
                ("/application/fields/uscc", "invalid"),
                ("/application/fields/legal_representative", "required"),
            ]
        );
        assert!(faults[0]["message"]["zh"].is_string() && faults[0]["message"]["en"].is_string());
    }
    // What was refused leaves nothing, and the key is free.
    assert_eq!(api.office.store().list("", 1).unwrap().len(), 0);
    api.issue(&market, "food-operation", "f");
}

#[test]
fn bodies_are_read_strictly() {
    let api = Api::new();
    let market = market();
    let ask = |kind: &'static str, body: &[u8]| {
        let call = post(&market, "/v1/licences").header("idempotency-key", "b");
        let reply = api.send(call.header("content-type", kind).body(body));
        (reply.status, reply.code())
    };
    let json = "application/json";
    let good = submission("business").to_string();
    for (kind, body, status, code) in [
        ("text/plain", good.as_str(), 415, "not_json"),
        ("application/x-www-form-urlencoded", "type=business", 415, "not_json"),
        (json, "", 400, "bad_body"),
        (json, "[]", 400, "bad_body"),
        (json, "{\"type\":\"business\",\"type\":\"business\",\"application\":{}}", 400, "bad_body"),
        (
            json,
            "{\"type\":\"business\",\"application\":{},\"department\":\"health\"}",
            400,
            "bad_body",
        ),
        (json, "{\"type\":1,\"application\":[]}", 400, "bad_body"),
        (json, "{\"type\":\"business\",\"application\":{}} {}", 400, "bad_body"),
    ] {
        assert_eq!(ask(kind, body.as_bytes()), (status, code.to_owned()), "{body}");
    }
    let deep = format!("{{\"type\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    assert_eq!(ask(json, deep.as_bytes()).0, 400);
    let large = format!("{{\"type\":\"{}\"}}", "x".repeat(256 << 10));
    assert_eq!(ask(json, large.as_bytes()), (413, "body_too_large".to_owned()));
    assert_eq!(ask("application/json; charset=utf-8", good.as_bytes()).0, 201);
    let long = "k".repeat(129);
    for key in [None, Some(""), Some(long.as_str())] {
        let mut call = post(&market, "/v1/licences");
        if let Some(key) = key {
            call = call.header("idempotency-key", key);
        }
        let reply = api.send(call.json(&submission("business")));
        assert_eq!((reply.status, reply.code().as_str()), (400, "no_idempotency_key"));
    }
}

#[test]
fn a_type_outside_of_the_rights_is_refused_before_anything_is_looked_at() {
    let api = Api::new();
    let narrow = caller("market-food", "market", &["issue:food-operation", "read:food-operation"]);
    let market = market();
    // Not in its rights; of another department; unknown: one answer.
    let mut answers = Vec::new();
    for (who, kind) in
        [(&narrow, "business"), (&market, "medical-institution"), (&market, "no-such-type")]
    {
        for path in ["/v1/licences", "/v1/licences/preview"] {
            let call = post(who, path).header("idempotency-key", "r");
            let reply = api.send(call.json(&json!({ "type": kind, "application": {} })));
            assert_eq!(reply.status, 403, "{kind}");
            answers.push(reply.bytes);
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let listed = api.send(get(&narrow, "/v1/licences?type=business"));
    assert_eq!(listed.status, 403);
    assert!(api.test.parts.keys.asked().is_empty(), "no key was asked for");
}

#[test]
fn a_foreign_licence_is_one_that_is_not_there() {
    let api = Api::new();
    let (market, health) = (market(), health());
    let (id, tag) = api.issue(&market, "business", "one");
    let missing = id.replace(".001.", ".002.");
    let narrow = caller("market-food", "market", &["read:food-operation", "change:food-operation"]);
    let before = api.office.store().head();
    for who in [&health, &narrow] {
        for rest in ["", "/pdf", "/credential", "/history"] {
            let foreign = api.send(get(who, &format!("/v1/licences/{id}{rest}")));
            let absent = api.send(get(who, &format!("/v1/licences/{missing}{rest}")));
            assert_eq!((foreign.status, foreign.code().as_str()), (404, "not_found"));
            same(&foreign, &absent);
        }
        for act in ["suspend", "resume", "revoke"] {
            // With and without what a change needs: what is wrong is told in the same order.
            for (tag, body) in [
                (Some(tag.as_str()), json!({ "reason": "penalty" })),
                (None, json!({ "reason": "penalty" })),
                (None, json!({ "reason": "because" })),
            ] {
                let body = if act == "resume" { json!({}) } else { body };
                let change = |id: &str| {
                    let mut call = post(who, &format!("/v1/licences/{id}/{act}"));
                    if let Some(tag) = tag {
                        call = call.header("if-match", tag);
                    }
                    api.send(call.json(&body))
                };
                let (foreign, absent) = (change(&id), change(&missing));
                assert!([400, 404].contains(&foreign.status), "{foreign:?}");
                same(&foreign, &absent);
            }
        }
        let listed = api.send(get(who, "/v1/licences")).json();
        assert_eq!(listed, json!({ "licences": [], "next": null }));
    }
    assert_eq!(api.office.store().head(), before, "nothing was written");
    for odd in ["..%2f..", "%ff", "x", "1.2.156.3005.2", "%00"] {
        let reply = api.send(get(&market, &format!("/v1/licences/{odd}")));
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{odd}");
    }
}

/// Status, body and headers are the same, but for what tells requests apart.
fn same(one: &api::Reply, other: &api::Reply) {
    let shown = |reply: &api::Reply| {
        let mut headers = reply.headers.clone();
        for name in ["x-request-id", "ratelimit"] {
            headers.remove(name);
        }
        (reply.status, reply.bytes.clone(), format!("{headers:?}"))
    };
    assert_eq!(shown(one), shown(other));
}

#[test]
fn what_was_issued_can_be_read() {
    let api = Api::new();
    let market = market();
    let (id, tag) = api.issue(&market, "business", "one");
    let shown = api.send(get(&market, &format!("/v1/licences/{id}")));
    assert_eq!((shown.status, shown.header("etag")), (200, tag.as_str()));
    assert_eq!(shown.json()["id"], id.as_str());
    for (rest, kind) in [("pdf", "application/pdf"), ("credential", "application/dc+sd-jwt")] {
        let file = api.send(get(&market, &format!("/v1/licences/{id}/{rest}")));
        assert_eq!((file.status, file.header("content-type")), (200, kind));
        assert_eq!(file.header("cache-control"), "no-store");
        let report = serde_json::to_value(api.office.verify("", &file.bytes)).unwrap();
        assert_eq!(report["verdict"], "valid");
        assert_eq!(report["licence"]["id"], id.as_str());
    }
    let reader = caller("market-reader", "market", &["read:*"]);
    let refused = api.send(post(&reader, &format!("/v1/licences/{id}/revoke")));
    assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
}

#[test]
fn whoever_changes_a_licence_names_what_they_saw() {
    let api = Api::new();
    let market = market();
    let (id, tag) = api.issue(&market, "business", "one");
    let change = |act: &str, tag: &str, key: &str, body: &Value| {
        let mut call = post(&market, &format!("/v1/licences/{id}/{act}"));
        if !tag.is_empty() {
            call = call.header("if-match", tag);
        }
        if !key.is_empty() {
            call = call.header("idempotency-key", key);
        }
        api.send(call.json(body))
    };
    let why = json!({ "reason": "investigation" });
    for bad in ["", "*", "W/\"x\"", "x", "\"a\", \"b\""] {
        let reply = change("suspend", bad, "", &why);
        assert_eq!((reply.status, reply.code().as_str()), (428, "if_match_required"), "{bad}");
    }
    assert_eq!(change("suspend", "\"x\"", "", &why).status, 412);
    let suspended = change("suspend", &tag, "s-1", &why);
    assert_eq!(suspended.status, 200);
    assert_eq!(suspended.json()["standing"]["state"], "suspended");
    // Sent again it is answered again; without a key the tag is one of the past.
    let again = change("suspend", &tag, "s-1", &why);
    assert_eq!((again.status, &again.bytes), (200, &suspended.bytes));
    let stale = change("revoke", &tag, "", &json!({ "reason": "penalty" }));
    assert_eq!((stale.status, stale.code().as_str()), (412, "changed"));
    let reused = change("revoke", suspended.header("etag"), "s-1", &json!({ "reason": "penalty" }));
    assert_eq!((reused.status, reused.code().as_str()), (409, "idempotency_key_reused"));

    let resumed = change("resume", suspended.header("etag"), "", &json!({}));
    assert_eq!(resumed.json()["standing"]["state"], "active");
    let twice = change("resume", resumed.header("etag"), "", &json!({}));
    assert_eq!((twice.status, twice.code().as_str()), (409, "not_allowed"));
    for bad in [json!({}), json!({ "reason": "because" }), json!({ "reason": 1 })] {
        let reply = change("revoke", resumed.header("etag"), "", &bad);
        assert_eq!((reply.status, reply.code().as_str()), (400, "bad_body"), "{bad}");
    }
    let revoked = change("revoke", resumed.header("etag"), "", &json!({ "reason": "penalty" }));
    assert_eq!(revoked.json()["standing"]["state"], "revoked");
    api.test.check();

    let history = api.send(get(&market, &format!("/v1/licences/{id}/history"))).json();
    let told: Vec<_> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            assert_eq!(event["actor"], json!({ "kind": "client", "name": "market-counter" }));
            assert_eq!(event["at"], "2026-11-24T06:00:00Z");
            (event["event"].as_str().unwrap(), event["note"].as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("issued", None),
            ("standing", Some("suspended investigation")),
            ("standing", Some("resumed")),
            ("standing", Some("revoked penalty")),
        ]
    );
}

#[test]
fn of_two_changes_at_once_one_wins() {
    let api = Api::new();
    let market = market();
    let (id, tag) = api.issue(&market, "business", "one");
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let one = || {
            let call = post(&market, &format!("/v1/licences/{id}/suspend"));
            let body = json!({ "reason": "investigation" });
            api.send(call.header("if-match", &tag).json(&body)).status
        };
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won = statuses.iter().filter(|status| **status == 200).count();
    let late = statuses.iter().filter(|status| **status == 412).count();
    assert_eq!((won, late), (1, 5), "{statuses:?}");
}

#[test]
fn pages_go_on_where_they_ended() {
    let api = Api::new();
    let market = market();
    api.issue(&health(), "medical-institution", "h");
    for number in 0..5 {
        for kind in ["business", "food-operation"] {
            api.issue(&market, kind, &format!("{kind}-{number}"));
        }
    }
    let walk = |who: &Caller, query: &str| {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.send(get(who, &format!("/v1/licences?limit=3{query}{cursor}"))).json();
            let licences = page["licences"].as_array().unwrap();
            assert!(licences.len() <= 3);
            ids.extend(licences.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    };
    let all = walk(&market, "");
    assert_eq!(all.len(), 10);
    let unique: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(unique.len(), 10);
    assert_eq!(walk(&market, "&type=business").len(), 5);
    assert_eq!(walk(&market, "&state=active").len(), 10);
    assert_eq!(walk(&market, "&state=revoked").len(), 0);
    let food = caller("market-food", "market", &["read:food-operation"]);
    assert_eq!(walk(&food, "").len(), 5);
    for bad in ["limit=0", "limit=101", "limit=x", "cursor=%3F", "cursor=eA", "more=1", "state=x"] {
        let reply = api.send(get(&market, &format!("/v1/licences?{bad}")));
        assert_eq!((reply.status, reply.code().as_str()), (400, "bad_query"), "{bad}");
    }
}

#[test]
fn a_preview_is_no_licence() {
    let api = Api::new();
    let market = market();
    let before = api.office.store().head();
    let reply = api.send(post(&market, "/v1/licences/preview").json(&submission("business")));
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/pdf"));
    assert_eq!(api.office.store().head(), before, "no number was used");
    let report = serde_json::to_value(api.office.verify("", &reply.bytes)).unwrap();
    assert_eq!(report["verdict"], "not_signed");
    assert!(report["licence"].is_null());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("preview.pdf");
    std::fs::File::create(&file)
        .and_then(|mut f| std::io::Write::write_all(&mut f, &reply.bytes))
        .unwrap();
    let text = std::process::Command::new("pdftotext")
        .args(["-layout", file.to_str().unwrap(), "-"])
        .output()
        .expect("pdftotext is missing: apt-get install poppler-utils");
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("样张") && text.contains("SPECIMEN"), "{text}");
    for absent in ["扫码核验", "Verify", "25199990000"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
}
