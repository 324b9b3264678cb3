//! Licences over HTTP: rights, idempotency, and isolation of departments.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use crate::api::{Api, call, caller, get, post, same, submission};
use serde_json::{Value, json};
use yinzheng::base::time::Timestamp;
use yinzheng::domain::access::Caller;

fn market() -> Caller {
    caller("market-counter", "market", &["issue:*", "read:*", "change:*"])
}

fn health() -> Caller {
    caller("health-counter", "health", &["issue:*", "read:*", "change:*"])
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

    // Idempotency keys are separate for each client.
    let elsewhere = ask(&health, "k-1", &submission("medical-institution"));
    assert_eq!(elsewhere.status, 201);
    let colleague = caller("market-web", "market", &["issue:business"]);
    assert_eq!(ask(&colleague, "k-1", &body).status, 201);
    assert_eq!(api.test.check().len(), 3);

    let lines = api.office.store().reader().history(licence["id"].as_str().unwrap()).unwrap();
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
    // A refused request leaves nothing behind, and its key can be used.
    assert_eq!(api.office.store().reader().list("", 1).unwrap().len(), 0);
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
    // Without the right, of another department, or unknown: the same answer.
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
            // With and without the headers that a change needs: faults are reported in the same
            // order.
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
    // A repeated request gets the same answer; without a key its entity tag is out of date.
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
    let listed: Vec<_> = history["events"]
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
        listed,
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
}

/// The parameter at fault, and not a good one beside it.
#[test]
fn a_refused_parameter_is_named_on_every_route() {
    type Bad<'a> = &'a [(&'a str, &'a str)];
    let api = Api::new();
    let all = caller("market-desk", "market", &["read:*", "issue:*", "approve:*", "audit:*"]);
    let paged = [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=%3F", "/cursor"),
        ("more=1", "/more"),
        ("m%2Fore=1", "/m~1ore"),
        ("limit", "/limit"),
    ];
    let routes: [(&str, &str, Bad<'_>); 3] = [
        ("/v1/licences", "type=business", &[("cursor=eA", "/cursor"), ("state=x", "/state")]),
        ("/v1/proposals", "state=refused", &[("cursor=eA", "/cursor"), ("state=x", "/state")]),
        ("/v1/audit", "actor=a", &[("from=yesterday", "/from"), ("to=1", "/to")]),
    ];
    for (route, good, own) in routes {
        for (bad, name) in paged.iter().chain(own) {
            for query in [format!("{good}&{bad}"), format!("{bad}&{good}")] {
                let reply = api.send(get(&all, &format!("{route}?{query}")));
                let answer = (reply.status, reply.code());
                assert_eq!(answer, (400, "bad_query".to_owned()), "{route}?{query}");
                assert_eq!(reply.json()["faults"][0]["pointer"], *name, "{route}?{query}");
            }
        }
        let twice = api.send(get(&all, &format!("{route}?limit=5&{good}&limit=5")));
        assert_eq!(twice.json()["faults"][0]["pointer"], "/limit", "{route}");
        assert_eq!(api.send(get(&all, &format!("{route}?{good}&limit=5"))).status, 200, "{route}");
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

fn builder(name: &str, scopes: &[&str]) -> Caller {
    caller(name, "construction", scopes)
}

#[test]
fn two_persons_issue_what_one_alone_may_not() {
    let api = Api::new();
    let first = builder("permit-counter", &["issue:*"]);
    let second = builder("permit-head", &["approve:*", "read:*"]);
    let both = builder("permit-both", &["issue:*", "approve:*"]);
    let propose = |who: &Caller, key: &str, body: &Value| {
        api.send(post(who, "/v1/licences").header("idempotency-key", key).json(body))
    };
    let mut body = submission("construction-permit");
    let held = propose(&first, "p-1", &body);
    assert_eq!((held.status, held.header("location")), (202, "/v1/proposals/1"));
    assert_eq!(propose(&first, "p-1", &body).bytes, held.bytes);
    assert_eq!(api.office.store().reader().list("", 1).unwrap().len(), 0);
    assert!(api.test.parts.keys.asked().is_empty(), "nothing is sealed");

    let digest = |reply: &crate::api::Reply| {
        let body = reply.json();
        let shown = body.get("proposal").unwrap_or(&body);
        shown["digest"].as_str().unwrap().to_owned()
    };
    let approve = |who: &Caller, number: u64, digest: &str| {
        let path = format!("/v1/proposals/{number}/approve");
        api.send(post(who, &path).json(&json!({ "digest": digest })))
    };
    let one = digest(&held);
    // A client without the right cannot approve, and neither can the author with any rights.
    assert_eq!(approve(&first, 1, &one).code(), "forbidden");
    let own = propose(&both, "p-2", &body);
    assert_eq!((own.status, own.header("location")), (202, "/v1/proposals/2"));
    let refused = approve(&both, 2, &digest(&own));
    assert_eq!((refused.status, refused.code().as_str()), (403, "own_proposal"));

    // An edit voids the digest that was read, and its author cannot approve either.
    let shown = api.send(get(&both, "/v1/proposals/1"));
    body["application"]["fields"]["project"] = "示例新区第二小学教学楼".into();
    let edit = |who: &Caller, tag: &str, application: &Value| {
        let call = call(Some(who), "PUT", "/v1/proposals/1").header("if-match", tag);
        api.send(call.json(&json!({ "application": application })))
    };
    let edited = edit(&both, shown.header("etag"), &body["application"]);
    assert_eq!(edited.status, 200, "{edited:?}");
    assert_eq!(edit(&first, shown.header("etag"), &body["application"]).code(), "changed");
    assert_eq!(approve(&second, 1, &one).code(), "other_digest");
    assert_eq!(approve(&both, 1, &digest(&edited)).code(), "own_proposal");
    assert_eq!(api.office.store().reader().list("", 1).unwrap().len(), 0);

    let issued = approve(&second, 1, &digest(&edited));
    assert_eq!(issued.status, 201);
    let id = issued.json()["licence"]["id"].as_str().unwrap().to_owned();
    // A repeated approval gets the same answer, and nothing is issued twice.
    assert_eq!(approve(&second, 1, &digest(&edited)).bytes, issued.bytes);
    let third = builder("permit-third", &["approve:*"]);
    assert_eq!(approve(&third, 1, &digest(&edited)).code(), "proposal_closed");
    assert_eq!(edit(&first, edited.header("etag"), &body["application"]).status, 412);
    let closed = api.send(get(&second, "/v1/proposals/1"));
    assert_eq!(closed.json()["licence"], id.as_str());
    assert_eq!(edit(&first, closed.header("etag"), &body["application"]).code(), "proposal_closed");
    assert_eq!(api.test.check().len(), 1);

    // Closing and issuing are one event, whose author is the approver.
    let history = api.send(get(&second, &format!("/v1/licences/{id}/history"))).json();
    let event = &history["events"][0];
    assert_eq!(event["actor"]["name"], "permit-head");
    assert_eq!(event["proposal"]["proposed"]["by"]["name"], "permit-counter");
    assert_eq!(event["proposal"]["edited"]["by"]["name"], "permit-both");
    assert_eq!(event["entries"], json!(["proposal/000000000001"]));

    let refuse = |number: u64, body: &Value| {
        api.send(post(&second, &format!("/v1/proposals/{number}/refuse")).json(body))
    };
    assert_eq!(refuse(2, &json!({ "reason": "" })).code(), "bad_body");
    assert_eq!(refuse(2, &json!({ "reason": "材料不全" })).json()["state"], "refused");
    assert_eq!(refuse(2, &json!({ "reason": "材料不全" })).code(), "proposal_closed");
    assert_eq!(approve(&second, 2, &digest(&own)).code(), "proposal_closed");
    let pending = api.send(get(&second, "/v1/proposals?state=pending")).json();
    assert_eq!(pending, json!({ "proposals": [], "next": null }));
    let all = api.send(get(&second, "/v1/proposals?limit=1")).json();
    assert_eq!(all["proposals"][0]["number"], 1);
    let rest = api.send(get(
        &second,
        &format!("/v1/proposals?limit=1&cursor={}", all["next"].as_str().unwrap()),
    ));
    assert_eq!(rest.json()["proposals"][0]["number"], 2);
}

#[test]
fn faults_are_told_before_a_proposal_is_made_and_again_before_it_is_approved() {
    let api = Api::new();
    let first = builder("permit-counter", &["issue:*"]);
    let second = builder("permit-head", &["approve:*"]);
    let mut body = submission("construction-permit");
    let good = body["application"].clone();
    body["application"]["fields"]["more"] = 1.into();
    let ask = |body: &Value| {
        api.send(post(&first, "/v1/licences").header("idempotency-key", "p").json(body))
    };
    assert_eq!(ask(&body).code(), "faults");
    assert_eq!(api.send(get(&first, "/v1/proposals")).json()["proposals"], json!([]));
    let held = ask(&submission("construction-permit"));
    assert_eq!(held.status, 202);
    let call = call(Some(&first), "PUT", "/v1/proposals/1");
    let call = call.header("if-match", held.header("etag"));
    let refused = api.send(call.json(&json!({ "application": body["application"] })));
    assert_eq!(refused.code(), "faults");
    let same = api.send(get(&first, "/v1/proposals/1"));
    assert_eq!(same.json()["application"], good);
    assert_eq!(same.header("etag"), held.header("etag"));
    // A refused approval leaves it pending.
    let bad = post(&second, "/v1/proposals/1/approve").json(&json!({ "digest": "x" }));
    assert_eq!(api.send(bad).code(), "bad_body");
}

#[test]
fn a_foreign_proposal_is_one_that_is_not_there() {
    let api = Api::new();
    let first = builder("permit-counter", &["issue:*"]);
    let body = submission("construction-permit");
    let held = api.send(post(&first, "/v1/licences").header("idempotency-key", "p").json(&body));
    assert_eq!(held.status, 202);
    let other = caller("market-head", "market", &["issue:*", "approve:*", "read:*"]);
    let narrow = builder("permit-narrow", &["issue:business", "approve:business"]);
    let before = api.office.store().head();
    let digest = held.json()["proposal"]["digest"].clone();
    for who in [&other, &narrow] {
        for path in ["", "/approve", "/refuse"] {
            let ask = |number: &str| {
                let path = format!("/v1/proposals/{number}{path}");
                let call = match path.rsplit('/').next().unwrap() {
                    "approve" => post(who, &path).json(&json!({ "digest": digest })),
                    "refuse" => post(who, &path).json(&json!({ "reason": "x" })),
                    _ => get(who, &path),
                };
                api.send(call)
            };
            let (foreign, absent) = (ask("1"), ask("2"));
            assert_eq!((foreign.status, foreign.code().as_str()), (404, "not_found"));
            same(&foreign, &absent);
        }
        let edit = |number: &str| {
            let call = call(Some(who), "PUT", &format!("/v1/proposals/{number}"));
            api.send(call.json(&json!({ "application": body["application"] })))
        };
        let (foreign, absent) = (edit("1"), edit("2"));
        assert_eq!(foreign.status, 404);
        same(&foreign, &absent);
        assert_eq!(api.send(get(who, "/v1/proposals")).json()["proposals"], json!([]));
    }
    for odd in ["0", "01", "+1", "x", "18446744073709551616"] {
        let reply = api.send(get(&first, &format!("/v1/proposals/{odd}")));
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{odd}");
    }
    assert_eq!(api.office.store().head(), before, "nothing was written");
}

#[test]
fn approvals_at_once_issue_once() {
    let api = Api::new();
    let first = builder("permit-counter", &["issue:*"]);
    let body = submission("construction-permit");
    let held = api.send(post(&first, "/v1/licences").header("idempotency-key", "p").json(&body));
    let digest = held.json()["proposal"]["digest"].clone();
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let one = |number: usize| {
            let who = builder(&format!("permit-head-{number}"), &["approve:*"]);
            let call = post(&who, "/v1/proposals/1/approve");
            api.send(call.json(&json!({ "digest": digest }))).status
        };
        let threads: Vec<_> = (0..5).map(|number| scope.spawn(move || one(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 4, "{statuses:?}");
    assert_eq!(api.test.check().len(), 1);
}

#[test]
fn the_audit_of_a_department_is_its_own() {
    let api = Api::new();
    let (market, health) = (market(), health());
    let (id, tag) = api.issue(&market, "business", "one");
    api.issue(&market, "food-operation", "two");
    let (foreign, _) = api.issue(&health, "medical-institution", "h");
    api.test.clock.set("2026-11-24T07:00:00Z");
    let call = post(&market, &format!("/v1/licences/{id}/revoke")).header("if-match", &tag);
    assert_eq!(api.send(call.json(&json!({ "reason": "fraud" }))).status, 200);

    let auditor = caller("market-audit", "market", &["audit:*"]);
    let listed = |who: &Caller, query: &str| {
        let body = api.send(get(who, &format!("/v1/audit{query}"))).json();
        let events = body["events"].as_array().unwrap().clone();
        assert!(!body.to_string().contains(&foreign), "{query}");
        events
            .iter()
            .map(|event| format!("{} {}", event["event"].as_str().unwrap(), event["note"]))
            .collect::<Vec<_>>()
    };
    let all = ["issued null", "issued null", "standing \"revoked fraud\""];
    assert_eq!(listed(&auditor, ""), all);
    assert_eq!(listed(&auditor, "?actor=market-counter"), all);
    assert_eq!(listed(&auditor, "?from=2026-11-24T06:30:00Z"), all[2..]);
    assert_eq!(listed(&auditor, &format!("?id={id}")), [all[0], all[2]]);
    assert_eq!(listed(&auditor, "?actor=health-counter"), [""; 0]);
    let narrow = caller("market-audit-2", "market", &["audit:food-operation"]);
    assert_eq!(listed(&narrow, ""), all[..1]);
    // Another department's licence looks like a missing one.
    let absent = foreign.replace(".001.", ".002.");
    for id in [&foreign, &absent] {
        let reply = api.send(get(&auditor, &format!("/v1/audit?id={id}")));
        assert_eq!(reply.json(), json!({ "events": [], "next": null }));
    }
    let first = api.send(get(&auditor, "/v1/audit?limit=2")).json();
    assert_eq!(first["events"].as_array().unwrap().len(), 2);
    let next = first["next"].as_str().unwrap();
    assert_eq!(listed(&auditor, &format!("?limit=2&cursor={next}")), all[2..]);
    assert_eq!(api.send(get(&market, "/v1/audit")).code(), "forbidden");
}

#[test]
fn every_answer_says_what_the_client_has_left() {
    let api = Api::new();
    let reply = api.send(get(&market(), "/v1/whoami"));
    assert_eq!(reply.header("ratelimit-policy"), "\"client\";q=2000;w=4");
    assert_eq!(reply.header("ratelimit"), "\"client\";r=1999;t=1");
}

#[test]
fn every_answer_has_an_id_and_only_an_id_is_taken_over() {
    let api = Api::new();
    let market = market();
    let ask = |id: &str| {
        let reply = api.send(get(&market, "/v1/whoami").header("x-request-id", id));
        reply.header("x-request-id").to_owned()
    };
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    assert_eq!(ask(uuid), uuid);
    let drawn = ask("11010519491231002X");
    assert!(drawn.len() == 32 && drawn != ask("11010519491231002X"));
    let missing = api.send(call(None, "GET", "/nothing"));
    assert_eq!(missing.header("x-request-id").len(), 32);
    let wrong = api.send(call(None, "DELETE", "/v1/licences"));
    assert_eq!((wrong.status, wrong.code().as_str()), (405, "wrong_method"));
}

#[test]
fn counters_are_for_auditors_and_name_no_one() {
    let api = Api::new();
    let market = market();
    let (id, _) = api.issue(&market, "business", "one");
    api.issue(&market, "business", "one");
    api.send(get(&market, &format!("/v1/licences/{id}x")));
    assert_eq!(api.send(get(&market, "/metrics")).status, 404);
    assert_eq!(api.send(call(None, "GET", "/metrics")).status, 404);
    let auditor = caller("market-audit", "market", &["audit:*"]);
    let reply = api.send(get(&auditor, "/metrics"));
    let text = String::from_utf8(reply.bytes).unwrap();
    for line in [
        "yinzheng_http_requests_total{method=\"POST\",route=\"/v1/licences\",status=\"201\"} 2",
        "yinzheng_http_requests_total{method=\"GET\",route=\"/v1/licences/{id}\",status=\"404\"} 1",
        "yinzheng_licences_issued_total 1",
        "yinzheng_refusals_total{code=\"not_found\"} 3",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("1.2.156") && !text.contains("market"), "{text}");
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let options = yinzheng::store::OpenOptions::default();
        yinzheng::store::Disk::open(folder.path(), &options).unwrap().0
    };
    let market = market();
    let (first, second) =
        (builder("permit-counter", &["issue:*"]), builder("permit-head", &["approve:*", "read:*"]));
    let ask = |api: &Api| {
        let call = post(&first, "/v1/licences").header("idempotency-key", "p");
        api.send(call.json(&submission("construction-permit")))
    };
    let (id, held, shared, clock);
    {
        let api = Api::over(std::sync::Arc::new(open()));
        id = api.issue(&market, "business", "one").0;
        held = ask(&api);
        assert_eq!(held.status, 202);
        (shared, clock) = api.end();
    }
    let api = Api::again(std::sync::Arc::new(open()), shared, clock);
    assert_eq!(api.issue(&market, "business", "one").0, id);
    assert_eq!(ask(&api).bytes, held.bytes);
    let digest = held.json()["proposal"]["digest"].clone();
    let approved = post(&second, "/v1/proposals/1/approve").json(&json!({ "digest": digest }));
    assert_eq!(api.send(approved).status, 201);
    let history = api.send(get(&market, &format!("/v1/licences/{id}/history"))).json();
    assert_eq!(history["events"][0]["actor"]["name"], "market-counter");
    assert_eq!(api.test.check().len(), 2);
}

/// Transcripts of conversations. `YZ_BLESS=1` rewrites them.
#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites files of the source tree, when asked to")]
fn the_transcripts_are_what_is_said() {
    let said = [("licences", licences()), ("two-persons", two_persons()), ("refusals", refusals())];
    for (name, text) in &said {
        let path = format!("tests/http/{name}.txt");
        if std::env::var_os("YZ_BLESS").is_some() {
            std::fs::write(&path, text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == *text, "{path} is out of date: look at what YZ_BLESS=1 makes of it");
    }
}

fn licences() -> String {
    let api = Api::new();
    let market = market();
    api.say("A counter looks at what the licence would look like, then issues it.");
    let body = submission("food-operation");
    api.send(post(&market, "/v1/licences/preview").json(&body));
    let call = post(&market, "/v1/licences").header("idempotency-key", "counter-3-20261124-0001");
    let issued = api.send(call.json(&body));
    let place = issued.header("location").to_owned();
    api.say("Its files, byte for byte as often as wanted.");
    api.send(get(&market, &format!("{place}/pdf")));
    api.send(get(&market, &format!("{place}/credential")));
    api.say("It is suspended. Whoever changes it names what they saw.");
    let why = json!({ "reason": "investigation" });
    api.send(post(&market, &format!("{place}/suspend")).json(&why));
    let call = post(&market, &format!("{place}/suspend")).header("if-match", issued.header("etag"));
    let suspended = api.send(call.json(&why));
    let call = post(&market, &format!("{place}/resume"));
    api.send(call.header("if-match", suspended.header("etag")));
    api.say("Everything that happened to it.");
    api.send(get(&market, &format!("{place}/history")));
    api.send(get(&market, "/v1/licences?type=food-operation&limit=10"));
    api.say("For another department it is not there.");
    api.send(get(&health(), &place));
    api.transcript()
}

fn two_persons() -> String {
    let api = Api::new();
    let first = builder("permit-counter", &["issue:*"]);
    let second = builder("permit-head", &["approve:*", "read:*"]);
    api.say("The office wants two persons for this type: it is not issued, it waits.");
    let mut body = submission("construction-permit");
    let call = post(&first, "/v1/licences").header("idempotency-key", "permit-0001");
    let held = api.send(call.json(&body));
    let seen = held.json()["proposal"]["digest"].clone();
    api.say("The proposer corrects it.");
    body["application"]["fields"]["scale"] = "建筑面积19200平方米，地上6层、地下1层".into();
    let call = call_put(&first, "/v1/proposals/1").header("if-match", held.header("etag"));
    let edited = api.send(call.json(&json!({ "application": body["application"] })));
    api.say("An approval of what stood there before is void.");
    let approve = |who: &Caller, digest: &Value| {
        api.send(post(who, "/v1/proposals/1/approve").json(&json!({ "digest": digest })))
    };
    approve(&second, &seen);
    api.say("What stands there now is approved, and issued in the same act.");
    let issued = approve(&second, &edited.json()["proposal"]["digest"]);
    let place = issued.header("location").to_owned();
    api.send(get(&second, &format!("{place}/history")));
    api.transcript()
}

fn call_put<'a>(who: &'a Caller, path: &str) -> crate::api::Call<'a> {
    call(Some(who), "PUT", path)
}

fn refusals() -> String {
    let api = Api::new();
    let market = market();
    api.say("Without a token, without a right, without a key.");
    api.send(call(None, "GET", "/v1/licences"));
    api.send(get(&market, "/v1/audit"));
    let call = post(&market, "/v1/licences").header("idempotency-key", "k");
    api.send(call.json(&json!({ "type": "medical-institution", "application": {} })));
    api.send(post(&market, "/v1/licences").json(&submission("business")));
    api.say("Everything that is wrong is told at once, with its place.");
    let ask = |body: &Value| {
        api.send(post(&market, "/v1/licences").header("idempotency-key", "k").json(body))
    };
    ask(&json!({ "type": "business", "aplication": {} }));
    ask(&json!({ "type": "business", "application": { "fields": { "name": "" } } }));
    api.say("A key is for one request.");
    ask(&submission("business"));
    ask(&submission("food-operation"));
    api.transcript()
}

#[test]
fn every_example_of_the_description_fits_its_schema() {
    let mut seen = 0;
    let mut contents = Vec::new();
    for operations in crate::api::description()["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values().filter(|one| one.is_object()) {
            contents.push(operation["requestBody"]["content"].clone());
            let answers = operation["responses"].as_object().unwrap().values();
            contents.extend(answers.map(|answer| answer["content"].clone()));
        }
    }
    for content in contents.iter().filter_map(Value::as_object).flat_map(|map| map.values()) {
        if let Some(example) = content.get("example") {
            let validator = crate::api::validator(&content["schema"]);
            let errors: Vec<_> = validator.iter_errors(example).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}: {example:#}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_description_can_be_read_without_anything_else() {
    let api = Api::new();
    let documents = crate::api::description()["paths"].as_object().unwrap();
    for (path, title, right, about, other) in [
        (
            "/docs",
            "签发证照",
            "须有访问令牌，权限 issue 或 approve。",
            "每份请求一个新值",
            "A new value for each request",
        ),
        (
            "/en/docs",
            "Issue a licence",
            "Needs an access token with the right issue or approve.",
            "A new value for each request",
            "每份请求一个新值",
        ),
    ] {
        let page = api.page(path);
        assert!(page.contains(title) && page.contains(right), "{path}");
        assert!(page.contains(about) && !page.contains(other), "{path}");
        for route in documents.keys() {
            assert!(page.contains(&format!("<code>{route}</code>")), "{route}");
        }
        for outside in ["style=", "<style", "onclick", "http://", "https://"] {
            // Addresses occur in examples, as text.
            let found = page.lines().filter(|line| line.contains(outside));
            let loaded = found.filter(|line| line.contains("src=") || line.contains("href="));
            assert_eq!(loaded.count(), 0, "{outside}");
        }
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("<style"));
    }
}

fn yinzheng(arguments: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn the_operator_searches_the_journal_and_proposes_what_needs_two() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("demo");
    let dir = place.to_str().unwrap();
    assert_eq!(yinzheng(&["demo", "--no-serve", "--dir", dir]).0, Some(0));
    let toml = place.join("office.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    let types = "types = [\"construction-permit\"]";
    let changed = text.replace(types, &format!("{types}\nfour_eyes = [\"construction-permit\"]"));
    assert_ne!(changed, text);
    std::fs::File::create(&toml)
        .and_then(|mut file| std::io::Write::write_all(&mut file, changed.as_bytes()))
        .unwrap();

    let issue = |kind: &str| {
        let input = format!("schemas/examples/{kind}.json");
        let out = folder.path().join("out");
        yinzheng(&["issue", "--dir", dir, "--type", kind, &input, "--out", out.to_str().unwrap()])
    };
    let (code, said) = issue("construction-permit");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("proposed, not issued") && said.contains("proposal 1, digest "),
        "{said}"
    );
    let (code, said) = issue("business");
    assert!(code == Some(0) && said.starts_with("issued "), "{said}");
    let id = said.split_whitespace().nth(2).unwrap();

    let audit = |more: &[&str]| yinzheng(&[&["audit", "--dir", dir][..], more].concat());
    let (code, all) = audit(&["--json", "--all"]);
    assert_eq!(code, Some(0), "{all}");
    let lines: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 10, "{all}");
    assert!(lines.iter().enumerate().all(|(at, line)| line["index"] == at), "{all}");
    assert!(lines.iter().any(|line| line["note"].to_string().contains("revoked ")), "{all}");
    let (_, mine) = audit(&["--json", "--actor", "local_operator", "--id", id]);
    assert_eq!(mine.lines().count(), 1, "{mine}");
    let number = said.split_whitespace().nth(1).unwrap();
    assert_eq!(audit(&["--json", "--actor", "local_operator", "--id", number]).1, mine);
    let (_, plain) = audit(&["--actor", "local_operator"]);
    assert!(plain.contains("proposed") && plain.contains("proposal/000000000001"), "{plain}");
    // The number and the local time; the office's own events are left out.
    let line = plain.lines().find(|line| line.contains(id)).unwrap();
    let mine: Value = serde_json::from_str(&mine).unwrap();
    let local = mine["local_time"].as_str().unwrap();
    assert!(line.contains(number) && line.contains(local), "{line}");
    let at = Timestamp::parse(mine["at"].as_str().unwrap()).unwrap();
    assert_eq!(&local[..16], at.to_china_minutes());
    let (_, usual) = audit(&[]);
    for kind in ["reserved", "returned", "defined"] {
        assert!(all.contains(kind) && !usual.contains(kind), "{kind}: {usual}");
    }
    let (_, none) = audit(&["--since", "2999-01-01T00:00:00Z"]);
    assert_eq!(none, "");
    assert_eq!(audit(&["--since", "yesterday"]).0, Some(64));

    // An id that a spreadsheet would execute finds nothing, and no cell of the table is a formula.
    let (_, table) = audit(&["--csv", "--all"]);
    let table = table.strip_prefix('\u{FEFF}').unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), lines.len());
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
}
