//! Sharing between departments: never more than a grant allows, and always recorded.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::desk::{Desk, ask, citizen};
use axum::http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::limits::Budget;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::access::Caller;
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::sharing::HolderCode;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::credential::answer::AnswerValid;
use yinzheng::domain::verify::credential::{CredentialValid, Use, authenticate};
use yinzheng::edge::backup;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::{jws, keybinding};
use yinzheng::service::issue_command::{Request, Requester};
use yinzheng::service::sharing::{Limits, Query, SharingError, Subject};
use yinzheng::store::{
    Collection, EventKind, FaultPlan, FaultyFiles, Memory, OpenOptions, Record, Store as _,
    Transaction,
};

const PURPOSE: &str = "入学登记";

/// A department that may read names and addresses, and birthdays with consent.
fn school(desk: &Desk) -> Caller {
    desk.grant(("social", "residence-permit"), &["name", "address"], &["born"], &[PURPOSE]);
    desk.client("school-desk", "social", &["query:residence-permit", "feed:*"], &[PURPOSE])
}

/// Verifies an answer with the root alone.
fn offline(desk: &Desk, token: &str, client: &str) -> (AnswerValid, Vec<CredentialValid>) {
    let trust = TrustSnapshot::new(vec![desk.parts.certificates.root.clone()]);
    let context =
        Context { trust: &trust, now: desk.now(), cache: None, require_revocation: false };
    let budget = &mut Budget::default();
    let answer = AnswerValid::check(token, client, &context, budget).unwrap();
    let credentials = answer
        .credentials()
        .map(|one| authenticate(one, Use::Presentation, &context, &mut Budget::default()).unwrap())
        .collect();
    (answer, credentials)
}

fn query(person: u32, fields: Option<&[&str]>, consent: Option<&str>) -> Query {
    let code = HolderCode::parse("111", &citizen(person)).unwrap();
    Query {
        subject: Subject::Holder(code),
        kind: "residence-permit".to_owned(),
        purpose: PURPOSE.to_owned(),
        item: "2026-000117".to_owned(),
        fields: fields.map(|all| all.iter().map(|name| (*name).to_owned()).collect()),
        consent: consent.map(str::to_owned),
    }
}

#[test]
fn an_answer_has_what_the_grant_allows_and_is_checked_offline() {
    let desk = Desk::new();
    let caller = school(&desk);
    let issued = desk.permit(1, None);
    desk.permit(2, None);
    let reply = desk.post(Some(&caller), "/v1/query", &ask(1, json!({})));
    assert_eq!(
        (reply.status, &reply.headers["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    let (answer, credentials) = offline(&desk, &reply.text, "school-desk");
    let [credential] = credentials.as_slice() else { panic!("{answer:?}") };
    assert_eq!(credential.claims().id, issued.licence.id);
    assert_eq!(credential.disclosures(), (&["name".to_owned(), "address".to_owned()][..], 6));
    let payload = answer.payload();
    assert_eq!((&payload["purpose"], &payload["item"]), (&json!(PURPOSE), &json!("2026-000117")));
    assert_eq!(payload["results"][0]["state"], "active");
    assert_eq!(answer.times().1, answer.times().0.plus(600));
    assert!(!reply.text.contains(&citizen(1)));
    // One claim of the two; then none.
    for fields in [json!(["address"]), json!([])] {
        let reply = desk.post(Some(&caller), "/v1/query", &ask(1, json!({ "fields": fields })));
        let (_, credentials) = offline(&desk, &reply.text, "school-desk");
        assert_eq!(json!(credentials[0].disclosures().0), fields);
    }
    let lines = desk.lines();
    let line = &lines[0];
    assert_eq!(line.id, reply_id(payload));
    assert_eq!((line.client.as_str(), line.department.as_str()), ("school-desk", "social"));
    assert_eq!((line.result.as_str(), line.grant, line.consent), ("answered", Some(1), false));
    assert_eq!(line.licences, [issued.licence.id.to_string()]);
    assert_eq!(line.fields, ["name", "address"]);
    // The journal has names of claims, never values.
    let head = desk.office.accesses().reader().events(0, 100).unwrap();
    let kept = format!("{}{}", serde_json::to_string(&lines).unwrap(), json!(head));
    for value in ["张示例", "示例路", "1990-01", &citizen(1)] {
        assert!(!kept.contains(value), "{value}");
    }
}

fn reply_id(payload: &serde_json::Map<String, Value>) -> String {
    payload["jti"].as_str().unwrap().to_owned()
}

#[test]
fn an_answer_is_for_one_client_and_ten_minutes() {
    let desk = Desk::new();
    let caller = school(&desk);
    desk.permit(1, None);
    let token = desk.office.query(&caller, &query(1, None, None)).unwrap().token;
    let trust = TrustSnapshot::new(vec![desk.parts.certificates.root.clone()]);
    let check = |token: &str, client: &str, seconds: i64| {
        let now = desk.now().plus(seconds);
        let context = Context { trust: &trust, now, cache: None, require_revocation: false };
        AnswerValid::check(token, client, &context, &mut Budget::default())
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(check(&token, "school-desk", 599), Ok(()));
    assert!(check(&token, "school-desk", 600).unwrap_err().contains("exp"));
    assert!(check(&token, "other-desk", 0).unwrap_err().contains("aud"));
    assert!(check(&token, "school-desk", -301).is_err(), "from the future");
    let mut broken = token.clone();
    let last = broken.pop().unwrap();
    broken.push(if last == 'A' { 'Q' } else { 'A' });
    assert!(check(&broken, "school-desk", 0).is_err());
    // A credential is not accepted as an answer, nor an answer as a credential or a list.
    let issued = desk.office.issued(&desk.lines()[0].licences[0]).unwrap();
    assert!(check(issued.credential.split('~').next().unwrap(), "school-desk", 0).is_err());
    let report = desk.office.verify("", format!("{token}~").as_bytes());
    assert_ne!(report.authentic, yinzheng::domain::verify::report::Answer::Yes);
}

#[test]
fn refusals_have_stable_codes_and_are_written_down() {
    let desk = Desk::new();
    let caller = school(&desk);
    desk.permit(1, None);
    let other = desk.client("health-desk", "health", &["query:*"], &[PURPOSE]);
    let more = desk.client("more-desk", "social", &["query:residence-permit"], &[PURPOSE, "其他"]);
    let nobody = desk.client("read-desk", "social", &["read:*"], &[]);
    let moved =
        Caller::new(caller.client().clone(), "market".to_owned(), vec!["query:*".parse().unwrap()]);
    let business = json!({ "type": "business", "holder": null, "number": "1" });
    for (caller, body, status, code) in [
        (&nobody, ask(1, json!({})), 403, "forbidden"),
        (&caller, ask(1, business), 403, "forbidden"),
        (&other, ask(1, json!({})), 403, "no_grant"),
        (&other, ask(1, json!({ "type": "no-such-type" })), 403, "no_grant"),
        (&moved, ask(1, json!({})), 403, "purpose_not_registered"),
        (&caller, ask(1, json!({ "purpose": "其他" })), 403, "purpose_not_registered"),
        (&more, ask(1, json!({ "purpose": "其他" })), 403, "purpose_not_granted"),
        (&caller, ask(1, json!({ "purpose": " 入学登记" })), 400, "bad_request"),
        (&caller, ask(1, json!({ "item": "" })), 400, "bad_request"),
        (&caller, ask(1, json!({ "fields": ["sex"] })), 403, "field_not_granted"),
        (&caller, ask(1, json!({ "fields": ["no_such"] })), 403, "field_not_granted"),
        (&caller, ask(1, json!({ "fields": ["born"] })), 403, "consent_needed"),
        (&caller, ask(1, json!({ "consent": "x" })), 403, "consent_not_accepted"),
        (&caller, ask(7, json!({})), 404, "no_such_licence"),
        (&caller, ask(1, json!({ "holder": null, "number": "1" })), 404, "no_such_licence"),
    ] {
        let before = desk.lines().len();
        let reply = desk.post(Some(caller), "/v1/query", &body);
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{body}");
        let lines = desk.lines();
        assert_eq!((lines.len(), lines[before].result.as_str()), (before + 1, code), "{body}");
        assert!(lines[before].fields.is_empty() && !lines[before].consent);
    }
    let many = json!({ "queries": [ask(1, json!({})), ask(2, json!({}))] });
    let before = desk.lines().len();
    assert_eq!(desk.post(Some(&nobody), "/v1/query/batch", &many).code(), "forbidden");
    assert_eq!(
        (desk.lines().len(), desk.lines()[before].result.as_str()),
        (before + 1, "forbidden")
    );
    desk.grant_for(("health", "residence-permit"), &["name"], &[], (&[PURPOSE], &["A-1"]));
    let reply = desk.post(Some(&other), "/v1/query", &ask(1, json!({})));
    assert_eq!(reply.code(), "item_not_granted");
    let right = ask(1, json!({ "item": "A-1" }));
    assert_eq!(desk.post(Some(&other), "/v1/query", &right).status, 200);
    let count = desk.lines().len();
    for body in [
        ask(1, json!({ "one_more": 1 })),
        ask(1, json!({ "purpose": null })),
        ask(1, json!({ "number": "1" })),
        ask(1, json!({ "holder": null })),
        ask(1, json!({ "holder": { "code_type": "111", "code": "999999199001010025" } })),
        ask(1, json!({ "holder": { "code_type": "414", "code": "E00000000" } })),
        json!([]),
    ] {
        assert_eq!(desk.post(Some(&caller), "/v1/query", &body).status, 400, "{body}");
    }
    let twice = ask(1, json!({})).to_string().replacen('{', "{\"item\":\"1\",", 1);
    assert_eq!(desk.send(Some(&caller), Method::POST, "/v1/query", &twice).status, 400);
    let long = ask(1, json!({ "item": "x".repeat(70_000) }));
    let refused = desk.post(Some(&caller), "/v1/query", &long);
    assert_eq!((refused.status, refused.code().as_str()), (413, "body_too_large"));
    for path in ["/v1/query", "/v1/query/batch", "/v1/match", "/v1/licences/1/consents"] {
        assert_eq!(desk.post(None, path, &ask(1, json!({}))).status, 401, "{path}");
    }
    assert_eq!(desk.get(None, "/v1/changes").status, 401);
    assert_eq!(desk.lines().len(), count, "what cannot be read is no access");
}

#[test]
fn grants_end_and_are_withdrawn_and_each_change_is_in_the_journal() {
    let desk = Desk::new();
    let caller = school(&desk);
    desk.permit(1, None);
    let ask = || desk.office.query(&caller, &query(1, None, None));
    assert!(ask().is_ok());
    desk.clock.set("2027-02-22T05:59:59Z");
    assert!(ask().is_ok());
    desk.clock.set("2027-02-22T06:00:00Z");
    assert!(matches!(ask(), Err(SharingError::NoGrant)));
    desk.clock.set("2026-11-24T07:00:00Z");
    desk.office.withdraw_grant(1, &Actor::LocalOperator).unwrap();
    assert!(matches!(ask(), Err(SharingError::NoGrant)));
    assert!(desk.office.withdraw_grant(1, &Actor::LocalOperator).is_err());
    let lines = desk.office.store().reader().events(0, 1000).unwrap();
    let grants = lines.iter().filter(|line| {
        line.kind == EventKind::Registered
            && line.entries.iter().any(|one| one.0 == Collection::Grant)
    });
    assert_eq!(grants.count(), 2);
    let again = crate::world::TestOffice::again(
        Arc::clone(&desk.parts.store),
        &desk.parts,
        Arc::clone(&desk.clock),
    );
    assert_eq!(again.office.grants(), desk.office.grants());
}

#[test]
fn without_a_line_there_is_no_answer() {
    for fails_at in 0..2 {
        let files = FaultyFiles::default();
        let accesses = Arc::new(Memory::over(files.clone()).unwrap());
        let desk = Desk::over(Arc::new(Memory::new().unwrap()), accesses);
        let caller = school(&desk);
        desk.permit(1, None);
        desk.parts.keys.asked();
        files.plan(FaultPlan { fails_at, lands: 10 });
        let bodies = [
            ("/v1/query", ask(1, json!({}))),
            ("/v1/query", ask(7, json!({}))),
            ("/v1/match", ask(1, json!({ "fields": { "name": "张示例" } }))),
            ("/v1/query/batch", json!({ "queries": [ask(1, json!({}))] })),
        ];
        for (path, body) in &bodies {
            let reply = desk.post(Some(&caller), path, body);
            assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"), "{path}");
        }
        assert_eq!(desk.parts.keys.asked(), [""; 0], "nothing was signed");
        assert!(desk.lines().is_empty());
    }
}

#[test]
fn a_consent_is_used_once_however_many_ask_at_once() {
    let desk = Desk::new();
    let caller = school(&desk);
    let id = desk.permit(1, None).licence.id.to_string();
    let police = desk.client("police-desk", "police", &["consent:*"], &[]);
    let path = format!("/v1/licences/{id}/consents");
    let body = json!({ "department": "social", "purpose": PURPOSE, "fields": ["born"] });
    let reply = desk.post(Some(&police), &path, &body);
    assert_eq!(reply.status, 201);
    let code = reply.json()["code"].as_str().unwrap().to_owned();
    let (given, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let wanted = query(1, Some(&["name", "born"]), Some(&code));
                match desk.office.query(&caller, &wanted) {
                    Ok(_) => given.fetch_add(1, Ordering::Relaxed),
                    Err(SharingError::ConsentRefused) => refused.fetch_add(1, Ordering::Relaxed),
                    Err(error) => panic!("{error}"),
                };
            });
        }
    });
    assert_eq!((given.into_inner(), refused.into_inner()), (1, 7));
    let lines = desk.lines();
    let used: Vec<_> = lines.iter().filter(|line| line.consent).collect();
    assert_eq!((used.len(), lines.len()), (1, 8));
    assert_eq!(used[0].fields, ["name", "born"]);
    // The code itself is not stored.
    let entries = desk.office.accesses().reader().entries(Collection::Consent, "", 10).unwrap();
    assert!(entries.iter().all(|one| !one.value.contains(&code) && !one.key.contains(&code)));
    // A code that occurs twice in a batch is used once.
    let code = desk.post(Some(&police), &path, &body).json()["code"].clone();
    let one = ask(1, json!({ "consent": code }));
    let reply = desk.post(Some(&caller), "/v1/query/batch", &json!({ "queries": [one, one] }));
    let answers = reply.json()["answers"].clone();
    assert!(answers[0]["answer"].is_string());
    assert_eq!(answers[1]["problem"]["code"], "consent_not_accepted");
}

#[test]
fn a_consent_is_for_one_licence_department_purpose_and_ten_minutes() {
    let desk = Desk::new();
    let caller = school(&desk);
    let id = desk.permit(1, None).licence.id.to_string();
    desk.permit(2, None);
    let police = desk.client("police-desk", "police", &["consent:*"], &[]);
    let path = format!("/v1/licences/{id}/consents");
    let agree = |body: Value| desk.post(Some(&police), &path, &body);
    let body = |department: &str, purpose: &str, fields: Value| json!({ "department": department, "purpose": purpose, "fields": fields });
    let code = |reply: crate::desk::Reply| reply.json()["code"].as_str().unwrap().to_owned();
    let refused = |person, consent: &str| {
        let found = desk.office.query(&caller, &query(person, Some(&["born"]), Some(consent)));
        matches!(found, Err(SharingError::ConsentRefused))
    };
    assert!(refused(1, &code(agree(body("health", PURPOSE, json!(["born"]))))));
    assert!(refused(1, &code(agree(body("social", "其他", json!(["born"]))))));
    assert!(refused(1, &code(agree(body("social", PURPOSE, json!(["name"]))))));
    let good = code(agree(body("social", PURPOSE, json!(["born", "sex"]))));
    assert!(refused(2, &good), "another holder");
    // Claims that the holder consents to beyond the grant are not disclosed.
    let both = desk.office.query(&caller, &query(1, Some(&["sex"]), Some(&good)));
    assert!(matches!(both, Err(SharingError::FieldNotGranted(_))));
    let answered = desk.office.query(&caller, &query(1, None, Some(&good))).unwrap();
    let (_, credentials) = offline(&desk, &answered.token, "school-desk");
    assert_eq!(credentials[0].disclosures().0, ["name", "born", "address"]);
    let late = code(agree(body("social", PURPOSE, json!(["born"]))));
    desk.clock.set("2026-11-24T06:10:00Z");
    assert!(refused(1, &late));
    for bad in [
        body("nobody", PURPOSE, json!(["born"])),
        body("social", "", json!(["born"])),
        body("social", PURPOSE, json!([])),
        body("social", PURPOSE, json!(["number"])),
    ] {
        assert_eq!(agree(bad).status, 400);
    }
    // A department that did not issue the licence does not see it.
    let body = body("social", PURPOSE, json!(["born"]));
    let health = desk.client("health-desk", "health", &["consent:*"], &[]);
    let other = desk.post(Some(&health), &path, &body);
    let missing = desk.post(Some(&health), "/v1/licences/1.2.3/consents", &body);
    assert_eq!((other.status, &other.text), (404, &missing.text));
    assert_eq!(desk.post(Some(&caller), &path, &body).status, 403);
}

/// A wallet with a key, and a licence that is bound to it.
fn wallet(desk: &Desk) -> (SoftwareKey, String, String) {
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
    let jwk = Jwk::new(key.public_key()).unwrap().to_json();
    let issued = desk.permit(1, Some(jwk));
    (key, issued.credential, issued.licence.id.to_string())
}

#[test]
fn the_holder_agrees_and_reads_who_asked() {
    let desk = Desk::new();
    let caller = school(&desk);
    let (key, credential, id) = wallet(&desk);
    let draw = |intent: &Value| {
        let nonce = desk.post(None, "/v1/holder/nonce", intent).json();
        (
            nonce["nonce"].as_str().unwrap().to_owned(),
            nonce["audience"].as_str().unwrap().to_owned(),
        )
    };
    let show = |path: &str, (nonce, audience): &(String, String)| {
        // The holder chooses the disclosures: here, none.
        let token = format!("{}~", credential.split('~').next().unwrap());
        let shown = keybinding::bind(&token, (audience, nonce), desk.now(), &key).unwrap();
        desk.post(None, path, &json!({ "nonce": nonce, "presentation": shown }))
    };
    let agree = json!({
        "for": "consent", "department": "social", "purpose": PURPOSE, "fields": ["born"],
    });
    let nonce = draw(&agree);
    let reply = show("/v1/holder/consents", &nonce);
    assert_eq!(reply.status, 201, "{}", reply.text);
    let code = reply.json()["code"].as_str().unwrap().to_owned();
    assert_eq!(show("/v1/holder/consents", &nonce).code(), "bad_nonce", "used");
    assert_eq!(show("/v1/holder/accesses", &draw(&agree)).code(), "bad_nonce", "another purpose");
    let reading = json!({ "for": "accesses" });
    assert_eq!(show("/v1/holder/consents", &draw(&reading)).code(), "bad_nonce");
    let strange = ("BwcHBwcHBwcHBwcHBwcHBw".to_owned(), nonce.1);
    assert_eq!(show("/v1/holder/accesses", &strange).code(), "bad_nonce");
    // Signed for another request, or not at all.
    let (first, second) = (draw(&reading), draw(&reading));
    let shown = keybinding::bind(&credential, (&first.1, &first.0), desk.now(), &key).unwrap();
    for shown in [&shown, &credential] {
        let body = json!({ "nonce": draw(&reading).0, "presentation": shown });
        let reply = desk.post(None, "/v1/holder/accesses", &body);
        assert_eq!(reply.code(), "presentation_not_accepted");
    }
    let unbound = desk.permit(2, None).credential;
    let shown = keybinding::bind(&unbound, (&second.1, &second.0), desk.now(), &key).unwrap();
    let body = json!({ "nonce": second.0, "presentation": shown });
    assert_eq!(desk.post(None, "/v1/holder/accesses", &body).status, 403);
    // A nonce expires after five minutes.
    let late = draw(&reading);
    desk.clock.set("2026-11-24T06:05:00Z");
    assert_eq!(show("/v1/holder/accesses", &late).code(), "bad_nonce");

    desk.office.query(&caller, &query(1, Some(&["born"]), Some(&code))).unwrap();
    desk.office.query(&caller, &query(2, None, None)).unwrap();
    let both = json!({ "queries": [ask(1, json!({})), ask(2, json!({}))] });
    desk.post(Some(&caller), "/v1/query/batch", &both);
    desk.post(Some(&caller), "/v1/match", &ask(1, json!({ "fields": { "name": "李" } })));
    let reply = show("/v1/holder/accesses", &draw(&reading));
    assert_eq!(reply.status, 200);
    let lines = reply.json()["accesses"].clone();
    let seen: Vec<_> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["act"].as_str().unwrap(),
                line["result"].as_str().unwrap(),
                line["fields"].clone(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("match", "6", json!(["name"])),
            ("query", "answered", json!(["name", "address"])),
            ("query", "answered", json!(["born"])),
        ]
    );
    assert_eq!(lines[2]["department_name"]["zh"], "示例新区社会事业局");
    assert_eq!(desk.office.accesses_to(&id, None, 2).unwrap().0.len(), 2);
}

#[test]
fn what_is_not_in_force_is_told_without_data() {
    let desk = Desk::new();
    let caller = school(&desk);
    let (first, second) = (desk.permit(1, None).licence, desk.permit(1, None).licence);
    let results = || {
        let token = desk.office.query(&caller, &query(1, None, None)).unwrap().token;
        offline(&desk, &token, "school-desk").0.payload()["results"].clone()
    };
    let all = results();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert!(all[0]["credential"].is_string() && all[1]["credential"].is_string());
    let change = |id: &str, act| desk.office.change(id, act, &Actor::LocalOperator).unwrap();
    change(first.id.as_str(), StatusChange::Revoke(Reason::Fraud));
    let one = results();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["id"]), (1, &json!(second.id)));
    change(second.id.as_str(), StatusChange::Suspend(Reason::Investigation));
    let none = results();
    assert_eq!(none[0], json!({ "id": first.id, "state": "revoked", "since": "2026-11-24" }));
    assert_eq!(none[1], json!({ "id": second.id, "state": "suspended", "since": "2026-11-24" }));
    assert!(desk.lines().last().unwrap().fields.is_empty());
    // The clock was set back.
    desk.permit(3, None);
    desk.clock.set("2026-11-23T06:00:00Z");
    let token = desk.office.query(&caller, &query(3, None, None)).unwrap().token;
    let payload = jws::decode(token.split('.').nth(1).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["results"][0]["state"], "not_yet_valid");
    assert_eq!(payload["results"][0]["credential"], Value::Null);
    desk.clock.set("2026-11-24T06:00:00Z");
    change(second.id.as_str(), StatusChange::Resume);
    desk.grant(("social", "residence-permit"), &[], &[], &[PURPOSE]);
    desk.clock.set("2027-11-25T06:00:00Z");
    assert!(matches!(
        desk.office.query(&caller, &query(1, None, None)),
        Err(SharingError::NoGrant)
    ));
}

#[test]
fn a_licence_without_a_code_of_its_holder_is_asked_by_its_number() {
    let desk = Desk::new();
    desk.grant(("market", "medical-institution"), &["person_in_charge"], &[], &["核验"]);
    let caller = desk.client("market-desk", "market", &["query:*"], &["核验"]);
    let issued = desk.issue("medical-institution", &crate::world::example("medical-institution"));
    let body = json!({
        "type": "medical-institution", "number": issued.licence.number,
        "purpose": "核验", "item": "A-1",
    });
    let reply = desk.post(Some(&caller), "/v1/query", &body);
    let (_, credentials) = offline(&desk, &reply.text, "market-desk");
    assert_eq!(credentials[0].disclosures().0, ["person_in_charge"]);
}

#[test]
fn comparing_tells_a_code_and_nothing_else() {
    let desk = Desk::new();
    let caller = school(&desk);
    let licence = desk.permit(1, None).licence;
    let compare = |person: u32, fields: Value| {
        let reply =
            desk.post(Some(&caller), "/v1/match", &ask(person, json!({ "fields": fields })));
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["result"].as_u64().unwrap()
    };
    let right = json!({ "name": "张示例", "number": licence.number });
    assert_eq!(compare(1, right.clone()), 0);
    assert_eq!(compare(1, json!({ "name": "张示" })), 6);
    assert_eq!(compare(1, json!({ "number": 7 })), 6);
    assert_eq!(compare(1, json!({})), 4);
    assert_eq!(compare(7, right.clone()), 5);
    let change = |act| desk.office.change(licence.id.as_str(), act, &Actor::LocalOperator).unwrap();
    change(StatusChange::Suspend(Reason::Investigation));
    assert_eq!(compare(1, right.clone()), 2);
    change(StatusChange::Revoke(Reason::Fraud));
    assert_eq!(compare(1, right), 3);
    assert_eq!(compare(1, json!({ "name": "李" })), 6);
    for (fields, code) in [
        (json!({ "sex": "女" }), "field_not_granted"),
        (json!({ "holder": "张示例" }), "field_not_granted"),
        (json!({ "no_such": 1 }), "field_not_granted"),
        (json!({ "born": "1990-01-01" }), "consent_needed"),
    ] {
        let reply = desk.post(Some(&caller), "/v1/match", &ask(1, json!({ "fields": fields })));
        assert_eq!(reply.code(), code);
    }
    let results: Vec<_> = desk.lines().into_iter().map(|line| line.result).collect();
    assert_eq!(results[..5], ["0", "6", "6", "4", "5"]);
}

#[test]
fn whoever_tries_codes_is_stopped_and_learns_nothing_from_it() {
    let desk = Desk::new();
    let caller = school(&desk);
    desk.permit(1, None);
    desk.office.limit_queries(Limits { queries_a_minute: 100, misses_an_hour: 3 });
    for person in [5, 6] {
        assert!(matches!(
            desk.office.query(&caller, &query(person, None, None)),
            Err(SharingError::NotFound)
        ));
    }
    let wrong = ask(1, json!({ "fields": { "name": "李" } }));
    assert_eq!(desk.post(Some(&caller), "/v1/match", &wrong).json()["result"], 6);
    let count = desk.lines().len();
    let (there, none) = (ask(1, json!({})), ask(7, json!({})));
    let replies = [&there, &none, &there].map(|body| desk.post(Some(&caller), "/v1/query", body));
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (429, &replies[0].text));
        assert_eq!(reply.code(), "too_many_requests");
        assert_eq!(reply.headers["retry-after"], "3600");
    }
    assert_eq!(desk.lines().len(), count + 1, "a flood is one line");
    desk.clock.set("2026-11-24T07:00:00Z");
    assert!(desk.office.query(&caller, &query(1, None, None)).is_ok());
    desk.office.limit_queries(Limits { queries_a_minute: 2, misses_an_hour: 3 });
    desk.clock.set("2026-11-24T07:01:00Z");
    assert!(desk.office.query(&caller, &query(1, None, None)).is_ok());
    assert!(desk.office.query(&caller, &query(1, None, None)).is_ok());
    let over = desk.office.query(&caller, &query(1, None, None));
    assert!(matches!(over, Err(SharingError::TooMany(60))));
    // A batch does not bypass the budget: queries after the last allowed miss are not looked up.
    desk.clock.set("2026-11-24T09:00:00Z");
    let queries = [7, 1, 8, 9, 1, 7].map(|person| ask(person, json!({})));
    let reply = desk.post(Some(&caller), "/v1/query/batch", &json!({ "queries": queries }));
    let answers = reply.json()["answers"].clone();
    let codes: Vec<_> =
        (0..6).map(|at| answers[at]["problem"]["code"].as_str().unwrap_or("answered")).collect();
    let (none, over) = ("no_such_licence", "too_many_requests");
    assert_eq!(codes, [none, "answered", none, none, over, over]);
}

#[test]
fn many_at_once_are_no_way_around_the_budget() {
    let desk = Desk::new();
    let caller = school(&desk);
    desk.office.limit_queries(Limits { queries_a_minute: 10_000, misses_an_hour: 10 });
    let queries: Vec<_> = (10..40).map(|person| query(person, None, None)).collect();
    let start = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (desk, caller, queries, start) = (&desk, &caller, &queries, &start);
            scope.spawn(move || {
                start.wait();
                if thread % 2 == 0 {
                    let _refused = desk.office.query_all(caller, queries);
                    return;
                }
                for query in queries {
                    assert!(desk.office.query(caller, query).is_err());
                }
            });
        }
    });
    let misses = desk.lines().into_iter().filter(|line| line.result == "no_such_licence");
    assert_eq!(misses.count(), 10);
    let over = desk.office.query(&caller, &queries[0]);
    assert!(matches!(over, Err(SharingError::TooMany(3600))), "{over:?}");
}

#[test]
fn a_batch_is_one_act_and_each_question_has_its_own_line() {
    let desk = Desk::new();
    let caller = school(&desk);
    let ids: Vec<_> = (1..4).map(|person| desk.permit(person, None).licence.id).collect();
    let before = desk.office.accesses().head().0;
    let body = json!({ "queries": [
        ask(1, json!({})), ask(7, json!({})), ask(3, json!({ "fields": ["sex"] })), ask(2, json!({})),
    ] });
    let reply = desk.post(Some(&caller), "/v1/query/batch", &body);
    let answers = reply.json()["answers"].clone();
    let problem = |at: usize| answers[at]["problem"]["code"].clone();
    assert_eq!((problem(1), problem(2)), (json!("no_such_licence"), json!("field_not_granted")));
    for (at, id) in [(0, &ids[0]), (3, &ids[1])] {
        let token = answers[at]["answer"].as_str().unwrap();
        let (answer, credentials) = offline(&desk, token, "school-desk");
        assert_eq!(answers[at]["query"], answer.payload()["jti"]);
        assert_eq!(credentials[0].claims().id, *id);
    }
    assert_eq!(desk.office.accesses().head().0, before + 1);
    assert_eq!(desk.lines().len(), 4);
    let many = |count: usize| json!({ "queries": vec![ask(1, json!({})); count] });
    assert_eq!(desk.post(Some(&caller), "/v1/query/batch", &many(0)).code(), "bad_batch");
    assert_eq!(desk.post(Some(&caller), "/v1/query/batch", &many(1001)).code(), "bad_batch");
    let reply = desk.post(Some(&caller), "/v1/query/batch", &many(1000));
    assert_eq!(reply.json()["answers"].as_array().unwrap().len(), 1000);
}

#[test]
fn the_feed_shows_what_a_department_may_know_and_goes_on_where_it_ended() {
    let desk = Desk::new();
    let caller = school(&desk);
    let permit = desk.permit(1, None).licence.id;
    desk.issue("business", &crate::world::example("business"));
    let own = desk.issue("private-school", &crate::world::example("private-school")).licence.id;
    let page = |path: &str| desk.get(Some(&caller), path).json();
    let first = page("/v1/changes?limit=1");
    assert_eq!(first["changes"].as_array().unwrap().len(), 1);
    assert_eq!((&first["changes"][0]["id"], &first["more"]), (&json!(permit), &json!(true)));
    let second = page(&format!("/v1/changes?since={}", first["next"].as_str().unwrap()));
    assert_eq!(
        second["changes"].as_array().unwrap().len(),
        1,
        "the business licence is not theirs"
    );
    assert_eq!((&second["changes"][0]["id"], &second["more"]), (&json!(own), &json!(false)));
    desk.office
        .change(permit.as_str(), StatusChange::Revoke(Reason::Fraud), &Actor::LocalOperator)
        .unwrap();
    let third = page(&format!("/v1/changes?since={}", second["next"].as_str().unwrap()));
    assert_eq!(third["changes"][0]["state"], "revoked");
    let end = page(&format!("/v1/changes?since={}", third["next"].as_str().unwrap()));
    assert_eq!((&end["changes"], &end["next"]), (&json!([]), &third["next"]));
    desk.office.withdraw_grant(1, &Actor::LocalOperator).unwrap();
    assert_eq!(page("/v1/changes")["changes"].as_array().unwrap().len(), 1);
    // Each refusal names the parameter at fault, and not a good one beside it.
    for (bad, code, name) in [
        ("limit=5&since=x", "bad_cursor", "/since"),
        ("since=0&limit=0", "bad_query", "/limit"),
        ("since=0&limit=1001", "bad_query", "/limit"),
        ("since=0&limit=x", "bad_query", "/limit"),
        ("since=0&other=1", "bad_query", "/other"),
        ("since=0&limit=5&since=0", "bad_query", "/since"),
    ] {
        let reply = desk.get(Some(&caller), &format!("/v1/changes?{bad}"));
        assert_eq!(reply.code(), code, "{bad}");
        assert_eq!(reply.json()["faults"][0]["pointer"], name, "{bad}");
    }
    let none = desk.client("no-feed", "social", &["read:*"], &[]);
    assert_eq!(desk.get(Some(&none), "/v1/changes").status, 403);
}

/// A journal without index keys for holders: licences get theirs once, at the next opening.
#[test]
fn licences_of_older_journals_are_found_too() {
    let source = Desk::new();
    let store = Arc::new(Memory::new().unwrap());
    for (count, person) in [1, 2, 1].into_iter().enumerate() {
        let licence = source.permit(person, None).licence;
        let record = serde_json::to_string(&licence).unwrap();
        let blinding = [u8::try_from(count).unwrap(); 16];
        let act = Transaction::new(EventKind::Issued, Actor::System, source.now(), blinding);
        store
            .commit(Transaction { licence: Some((licence.id.to_string(), record)), ..act })
            .unwrap();
    }
    let found = |person| {
        let code = HolderCode::parse("111", &citizen(person)).unwrap();
        store.reader().marked(&code.mark("residence-permit"), 10).unwrap().len()
    };
    assert_eq!(found(1), 0);
    let desk = Desk::over(
        Arc::clone(&store) as Arc<dyn yinzheng::store::Store>,
        Arc::new(Memory::new().unwrap()),
    );
    assert_eq!((found(1), found(2), found(3)), (2, 1, 0));
    let size = store.head().0;
    crate::world::TestOffice::again(
        Arc::clone(&desk.parts.store),
        &desk.parts,
        Arc::clone(&desk.clock),
    );
    assert_eq!(store.head().0, size, "once");
}

#[test]
fn another_implementation_checks_an_answer() {
    let desk = Desk::new();
    let caller = school(&desk);
    let id = desk.permit(1, None).licence.id;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let token = desk.office.query(&caller, &query(1, None, None)).unwrap().token;
    write(&at("root.pem"), &desk.parts.certificates.root.to_pem());
    write(&at("answer.jwt"), &token);
    let run = |client: &str| {
        Command::new("target/peers/venv/bin/python")
            .args([Path::new("tests/peers/answer.py"), &at("answer.jwt"), &at("root.pem")])
            .args([client, &desk.now().unix().to_string()])
            .output()
            .expect("run tests/peers/setup first")
    };
    let output = run("school-desk");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.trim(), format!("answer ok {id} address,name"));
    assert!(!run("other-desk").status.success());
    write(&at("answer.jwt"), &token.replace('.', "A."));
    assert!(!run("school-desk").status.success());
}

fn write(path: &Path, text: &str) {
    #[expect(clippy::disallowed_methods, reason = "a test's own file")]
    std::fs::write(path, text).unwrap();
}

#[test]
fn an_administrator_grants_lists_and_withdraws() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let office = OfficeFolder::new(&dir);
    office.create_demo(include_str!("../keys-example/office.toml")).unwrap();
    let run = |arguments: &[&str]| {
        let dir = ["--dir", dir.to_str().unwrap()];
        let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args([&["grant"][..], &arguments[..1], &dir, &arguments[1..]].concat())
            .output()
            .unwrap();
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    };
    let add = |more: &[&str]| {
        let first = ["add", "--to", "social", "--type", "residence-permit", "--purpose", PURPOSE];
        run(&[&first[..], more].concat())
    };
    assert_eq!(run(&["list"]), (0, "no grants\n".to_owned()));
    let (code, text) = add(&["--field", "name", "--consent", "born", "--until", "2099-12-31"]);
    assert!(code == 1 && text.contains("within five years"), "{text}");
    let (code, text) = add(&["--field", "number", "--until", "2028-12-31"]);
    assert!(code == 1 && text.contains("holder, name, sex"), "{text}");
    assert_eq!(add(&["--until", "soon"]).0, 64);
    let (code, text) = add(&["--field", "name", "--consent", "born", "--until", "2028-12-31"]);
    let line = "1 social reads residence-permit of police: name consent:born for 入学登记";
    assert!(code == 0 && text.contains(line), "{text}");
    assert!(run(&["show", "1"]).1.contains("\"expires\": \"2028-12-31T16:00:00Z\""));
    assert_eq!(run(&["show", "2"]).0, 1);
    assert_eq!(run(&["withdraw", "1"]).0, 0);
    assert!(run(&["withdraw", "1"]).1.contains("was withdrawn already"));
    assert!(run(&["list"]).1.contains("(withdrawn)"));
}

#[test]
fn a_backup_has_the_accesses_and_a_journal_of_them_that_is_gone_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, mark) = (folder.path().join("office"), folder.path().join("mark"));
    let toml = include_str!("../keys-example/office.toml");
    let toml = format!("second_path = {:?}\n{toml}", mark.to_str().unwrap());
    let place = OfficeFolder::new(&dir);
    place.create_demo(&toml).unwrap();
    let open = |place: &OfficeFolder| place.open(None, OpenOptions::default());
    let (office, _) = open(&place).unwrap();
    let act = Transaction::new(EventKind::Accessed, Actor::System, office.now(), [7; 16]);
    let about = vec!["a licence".to_owned()];
    office.accesses().commit(Transaction { about, ..act }).unwrap();
    let extents = (office.store().extent(), office.accesses().extent());
    let copy = folder.path().join("copy");
    let manifest = backup::take(&dir, &copy, (&extents.0, &extents.1)).unwrap();
    assert_eq!((manifest.access_size, &manifest.access_root), (1, &extents.1.root));
    // For a holder without a key, at the counter.
    let input = crate::world::example("residence-permit");
    let (actor, kind) = (&Actor::LocalOperator, "residence-permit");
    let request = Request {
        requester: &Requester::Operator(actor.clone()),
        kind,
        input: &input,
        idempotency: None,
    };
    let id = office.issue(&request).unwrap().licence.id.to_string();
    let act = Transaction::new(EventKind::Accessed, Actor::System, office.now(), [7; 16]);
    let access = json!({
        "id": "0f", "at": office.now(), "act": "query", "client": "school-desk",
        "department": "social", "type": "residence-permit", "purpose": PURPOSE, "item": "1",
        "licences": [id], "fields": ["name"], "result": "answered",
    });
    let (room, key, value) = (Collection::Access, "0f".to_owned(), access.to_string());
    let entries = vec![Record { room, key, revision: 1, value }];
    office.accesses().commit(Transaction { entries, about: vec![id.clone()], ..act }).unwrap();
    drop(office);
    let show = |limit: &str| {
        let shown = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(["accesses", "--dir", dir.to_str().unwrap(), &id, "--limit", limit])
            .output()
            .unwrap();
        (shown.stdout, String::from_utf8(shown.stderr).unwrap())
    };
    let (shown, notice) = show("1");
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    assert_eq!((&shown["client"], &shown["fields"]), (&json!("school-desk"), &json!(["name"])));
    assert_eq!(notice, "");
    // Omitted lines are mentioned.
    let (shown, notice) = show("0");
    assert!(shown.is_empty() && notice.contains("there are more"), "{notice}");
    let back = folder.path().join("back");
    std::fs::rename(&mark, folder.path().join("mark-of-before")).unwrap();
    std::fs::rename(folder.path().join("mark-access"), folder.path().join("other")).unwrap();
    backup::put_back(&copy, &back, 10).unwrap();
    let (restored, _) = open(&OfficeFolder::new(&back)).unwrap();
    let history = restored.accesses().reader().history("a licence").unwrap();
    assert_eq!((history.len(), restored.accesses().head().0), (1, 2), "and the new epoch");
    drop(restored);
    std::fs::remove_dir_all(back.join("access")).unwrap();
    let error = open(&OfficeFolder::new(&back)).unwrap_err().to_string();
    assert!(error.contains("mark-access") && error.contains("old copy"), "{error}");
}

const FIELDS: [&str; 8] =
    ["holder", "name", "sex", "ethnicity", "born", "citizen_id", "household", "address"];
const DEPARTMENTS: [&str; 4] = ["social", "health", "market", "construction"];
const PURPOSES: [&str; 3] = ["入学登记", "社保", "核验"];

/// A grant by bits: department, free fields, consent fields, purpose.
type AGrant = (usize, u8, u8, usize);
/// A query: department, holder, purpose, fields, and the fields of a consent.
type AQuestion = (usize, u32, usize, Option<u8>, Option<u8>);

fn chosen(bits: u8) -> Vec<&'static str> {
    (0..8).filter(|at| bits >> at & 1 == 1).map(|at| FIELDS[at]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// An answer never has a claim outside a single grant for this department and purpose, a claim
    /// that needs consent without it, or another holder's licence.
    #[test]
    fn no_answer_holds_what_no_grant_allows(
        grants in prop::collection::vec((0_usize..4, any::<u8>(), any::<u8>(), 0_usize..3), 0..5),
        questions in prop::collection::vec(
            (0_usize..4, 0_u32..5, 0_usize..3, prop::option::of(any::<u8>()), prop::option::of(any::<u8>())),
            1..12,
        ),
    ) {
        let desk = Desk::new();
        let ids: Vec<_> = (0..4).map(|person| desk.permit(person, None).licence.id).collect();
        let callers = DEPARTMENTS.map(|slug| {
            desk.client(&format!("{slug}-desk"), slug, &["query:*"], &PURPOSES)
        });
        let police = desk.client("police-desk", "police", &["consent:*"], &[]);
        for (department, free, consent, purpose) in &grants {
            // Free and consent fields are disjoint.
            let (free, consent) = (chosen(*free), chosen(*consent & !*free));
            let to = (DEPARTMENTS[*department], "residence-permit");
            desk.grant(to, &free, &consent, &[PURPOSES[*purpose]]);
        }
        for question in &questions {
            check_isolation(&desk, &grants, question, (&callers, &police), &ids)?;
        }
    }
}

fn check_isolation(
    desk: &Desk,
    grants: &[AGrant],
    (who, person, purpose, fields, agreed): &AQuestion,
    (callers, police): (&[Caller; 4], &Caller),
    ids: &[yinzheng::base::ids::LicenceId],
) -> Result<(), TestCaseError> {
    let department = DEPARTMENTS[*who];
    let id = ids.get(*person as usize);
    let agreed = agreed.filter(|bits| *bits != 0 && id.is_some());
    let consent = agreed.map(|bits| {
        let body = json!({
            "department": department, "purpose": PURPOSES[*purpose], "fields": chosen(bits),
        });
        let path = format!("/v1/licences/{}/consents", id.unwrap());
        desk.post(Some(police), &path, &body).json()["code"].clone()
    });
    let mut change = json!({ "purpose": PURPOSES[*purpose], "consent": consent });
    if let Some(bits) = fields {
        change["fields"] = json!(chosen(*bits));
    }
    let reply = desk.post(Some(&callers[*who]), "/v1/query", &ask(*person, change));
    // Recorded in any case, before anything is looked up.
    let line = desk.lines().pop().unwrap();
    prop_assert_eq!(line.department.as_str(), department);
    if reply.status != 200 {
        prop_assert!(line.fields.is_empty());
        return Ok(());
    }
    let (_, credentials) = offline(desk, &reply.text, &format!("{department}-desk"));
    prop_assert_eq!(credentials.len(), 1);
    prop_assert_eq!(Some(&credentials[0].claims().id), id);
    let (disclosed, _) = credentials[0].disclosures();
    prop_assert_eq!(&line.fields, disclosed);
    let by_one = grants.iter().any(|(to, free, with_consent, for_purpose)| {
        let given = *free | (*with_consent & !*free & agreed.unwrap_or(0));
        let given = chosen(given);
        to == who && for_purpose == purpose && disclosed.iter().all(|f| given.contains(&f.as_str()))
    });
    prop_assert!(by_one, "{:?}", disclosed);
    if let Some(bits) = fields {
        let mut wanted = chosen(*bits);
        let mut got: Vec<_> = disclosed.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        got.sort_unstable();
        prop_assert_eq!(wanted, got, "all that was named, or nothing");
    }
    Ok(())
}
