//! Sealed documents in the format of share platforms: who receives them, and addresses that work
//! once.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::desk::Desk;
use crate::place::{BASE, PURPOSE, PlatformClient, by_holder, by_id, data, refusal, with};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::sharing::Asked;
use yinzheng::format::jose::jws;
use yinzheng::store::{Collection, FaultPlan, FaultyFiles, Memory};

/// The path of a link.
fn path_of(link: &Value) -> String {
    assert_eq!(link["contentType"], "url");
    link["content"].as_str().unwrap().strip_prefix(BASE).unwrap().to_owned()
}

#[test]
fn a_document_is_given_with_a_grant_for_it_and_its_address_works_once() {
    let place = PlatformClient::new();
    place.grant(&["name"], &[], true);
    let system = place.system("school-desk", "social", &["query:residence-permit"]);
    let issued = place.desk.permit(1, None);
    let second = place.desk.permit(1, None);
    place.desk.permit(2, None);
    let all = data(&place.call(&system, "downloadUrlsByHolderCode", &by_holder(1)));
    assert_eq!(all.as_array().unwrap().len(), 2);
    let one = with(by_holder(1), "certNo", issued.licence.number.as_str().into());
    let one = data(&place.call(&system, "downloadUrlsByHolderCode", &one));
    assert_eq!(
        (one.as_array().unwrap().len(), &one[0]["certIdentifier"]),
        (1, &json!(issued.licence.id))
    );
    assert_eq!(one[0]["expiryTime"], "20261124141100");
    let path = path_of(&one[0]);
    assert!(path.rsplit('/').next().unwrap().len() >= 43);
    // A HEAD request does not use it up.
    let head = place.send("HEAD", &path, &[], String::new());
    assert_eq!((head.status, &head.headers["allow"]), (405, &"GET".parse().unwrap()));
    let got = place.get(&path);
    assert_eq!(
        (got.status, got.headers["content-type"].to_str().unwrap()),
        (200, "application/pdf")
    );
    assert_eq!(got.headers["cache-control"], "no-store");
    assert_eq!(got.text, String::from_utf8_lossy(&issued.pdf));
    let again = place.get(&path);
    let unknown = place.get(&format!("/share/v1/files/{}", jws::encode(&[7; 32])));
    assert_eq!((again.status, &again.text), (404, &unknown.text));
    for bad in ["x", "..%2F..%2Foffice.toml", "%00"] {
        assert_eq!(place.get(&format!("/share/v1/files/{bad}")).status, 404, "{bad}");
    }
    // Both times are recorded, with all claims that could have been withheld.
    let lines = place.desk.lines();
    let acts: Vec<_> = lines.iter().map(|line| (line.act, line.result.as_str())).collect();
    assert_eq!(
        acts,
        [(Asked::Link, "answered"), (Asked::Link, "answered"), (Asked::Fetch, "answered")]
    );
    assert_eq!(lines[0].licences, [issued.licence.id.to_string(), second.licence.id.to_string()]);
    for line in &lines {
        assert_eq!(line.fields.len(), 8, "{line:?}");
        assert_eq!((line.client.as_str(), line.department.as_str()), ("school-desk", "social"));
        assert_eq!(
            (line.purpose.as_str(), line.item.as_str(), line.grant),
            (PURPOSE, "2026-000117", Some(1))
        );
    }
    assert_eq!(
        place.desk.office.accesses_to(issued.licence.id.as_str(), None, 9).unwrap().0.len(),
        3
    );
    // The address itself is not stored.
    let code = path.rsplit('/').next().unwrap();
    let tickets =
        place.desk.office.accesses().reader().entries(Collection::Ticket, "", 10).unwrap();
    assert_eq!(tickets.len(), 3);
    assert!(tickets.iter().all(|one| !one.key.contains(code) && !one.value.contains(code)));
    // The file, returned directly.
    let file = data(&place.call(&system, "downloadFile", &by_id(&issued)));
    assert_eq!(STANDARD.decode(file["content"].as_str().unwrap()).unwrap(), issued.pdf);
    assert_eq!(place.desk.lines()[3].act, Asked::Document);
}

#[test]
fn an_address_ends_and_every_rule_is_asked_again() {
    let place = PlatformClient::new();
    let grant = place.grant(&["name"], &[], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let link = |until: Value| {
        let asked = with(by_id(&issued), "expiryTime", until);
        data(&place.call(&system, "downloadUrl", &asked))
    };
    let change = |act| {
        place.desk.office.change(issued.licence.id.as_str(), act, &Actor::LocalOperator).unwrap()
    };
    // A shorter lifetime on request, never a longer one.
    let short = link("20261124140200".into());
    let long = link("20271124140200".into());
    assert_eq!(
        (&short["expiryTime"], &long["expiryTime"]),
        (&json!("20261124140200"), &json!("20261124141100"))
    );
    let (shortly, later, suspended) =
        (path_of(&short), path_of(&long), path_of(&link(Value::Null)));
    place.desk.clock.set("2026-11-24T06:02:00Z");
    assert_eq!(place.get(&shortly).status, 404, "over");
    let count = place.desk.lines().len();
    // Suspended in between: the attempt uses the address up.
    change(StatusChange::Suspend(Reason::Investigation));
    assert_eq!(place.get(&suspended).status, 404);
    assert_eq!(place.desk.lines()[count].result, "no_such_licence");
    assert!(place.desk.lines()[count].fields.is_empty());
    let refused = place.call(&system, "downloadUrl", &by_id(&issued));
    assert_eq!(refusal(&refused).0, 10, "what is not in force is not given as a page");
    change(StatusChange::Resume);
    assert_eq!(place.get(&suspended).status, 404, "once");
    // The grant is withdrawn in between; another one does not replace it.
    place.grant(&["name"], &[], true);
    let other = path_of(&link(Value::Null));
    place.desk.office.withdraw_grant(grant, &Actor::LocalOperator).unwrap();
    assert_eq!(place.get(&later).status, 404);
    assert_eq!(place.desk.lines().pop().unwrap().result, "no_grant");
    assert_eq!(place.get(&other).status, 404, "it was of the first grant too");
    // The right to the type is removed in between.
    let (third, fourth) = (path_of(&link(Value::Null)), path_of(&link(Value::Null)));
    let rights = |scope: &str| {
        let scopes = Some(vec![scope.parse().unwrap()]);
        place.desk.office.change_rights("school-desk", scopes, None, &Actor::LocalOperator).unwrap()
    };
    rights("query:business");
    assert_eq!(place.get(&third).status, 404);
    assert_eq!(place.desk.lines().pop().unwrap().result, "purpose_not_registered");
    rights("query:*");
    assert_eq!(place.get(&third).status, 404, "once");
    place.desk.office.disable_client("school-desk", &Actor::LocalOperator).unwrap();
    assert_eq!(place.get(&fourth).status, 404);
    assert_eq!(place.desk.lines().pop().unwrap().result, "purpose_not_registered");
}

#[test]
fn an_address_is_not_used_up_by_a_store_that_cannot_be_read() {
    let place = PlatformClient::new();
    place.grant(&["name"], &[], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let path = path_of(&data(&place.call(&system, "downloadUrl", &by_id(&issued))));
    let store = place.desk.office.store();
    let id = issued.licence.id.to_string();
    let whole = store.reader().licence(&id).unwrap().unwrap().record;
    let replace = |seen: &str, record: &str| {
        let kind = yinzheng::store::EventKind::StatusChanged;
        let act = yinzheng::store::Transaction::new(kind, Actor::System, place.desk.now(), [9; 16]);
        let licence = Some((id.clone(), record.to_owned()));
        let expected_revision = Some(Digest::of(&[seen.as_bytes()]));
        store.commit(yinzheng::store::Transaction { licence, expected_revision, ..act }).unwrap();
    };
    replace(&whole, "{}");
    assert_eq!(place.get(&path).status, 503);
    let line = place.desk.lines().pop().unwrap();
    assert_eq!((line.act, line.result.as_str()), (Asked::Fetch, "unavailable"));
    assert!(line.fields.is_empty());
    replace("{}", &whole);
    assert_eq!(place.get(&path).status, 200);
    assert_eq!(place.get(&path).status, 404, "once");
}

#[test]
fn a_document_with_claims_that_want_consent_wants_a_code_for_the_document() {
    let place = PlatformClient::new();
    place.grant(&["name"], &["born", "sex"], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let police = place.desk.client("police-desk", "police", &["consent:*"], &[]);
    let agree = |what: Value| {
        let mut body = json!({ "department": "social", "purpose": PURPOSE });
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let path = format!("/v1/licences/{}/consents", issued.licence.id);
        place.desk.post(Some(&police), &path, &body)
    };
    let consent = |what: Value| agree(what).json()["code"].clone();
    for nothing in [json!({}), json!({ "fields": [] }), json!({ "document": false })] {
        assert_eq!(agree(nothing).status, 400);
    }
    let ask = |operation: &str, code: Value| {
        place.call(&system, operation, &with(by_id(&issued), "consent", code))
    };
    for operation in ["downloadUrl", "downloadFile"] {
        assert_eq!(refusal(&ask(operation, Value::Null)).1, "consent_needed");
        // The page shows more than these claims.
        let claims = consent(json!({ "fields": ["born", "sex"] }));
        assert_eq!(refusal(&ask(operation, claims)).1, "consent_not_accepted");
        let code = consent(json!({ "document": true }));
        let given = data(&ask(operation, code.clone()));
        assert_eq!(refusal(&ask(operation, code)).1, "consent_not_accepted", "used");
        if operation == "downloadUrl" {
            assert_eq!(place.get(&path_of(&given)).status, 200);
            let line = place.desk.lines().pop().unwrap();
            assert_eq!((line.act, line.consent), (Asked::Fetch, true));
        }
    }
    // Consent to the page does not cover queries for claims; a code that would disclose nothing is
    // not used up.
    let code = consent(json!({ "document": true }));
    let asked = with(by_id(&issued), "consent", code.clone());
    let named = with(asked.clone(), "fields", json!(["born"]));
    for asked in [named, asked] {
        let answer = place.call(&system, "queryCertInfo", &asked);
        assert_eq!(refusal(&answer).1, "consent_not_accepted");
    }
    data(&ask("downloadFile", code));
    let nonce = json!({ "for": "consent", "department": "social", "purpose": PURPOSE });
    let draw = |nonce: &Value| place.desk.post(None, "/v1/holder/nonce", nonce).status;
    assert_eq!(draw(&nonce), 400, "to nothing");
    let whole = with(nonce, "document", true.into());
    assert_eq!(draw(&whole), 200);
    assert_eq!(draw(&with(whole, "documents", true.into())), 400, "an unknown member");
}

#[test]
fn of_many_who_come_at_once_one_is_served_and_none_without_a_line() {
    let place = PlatformClient::new();
    place.grant(&[], &[], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let path = path_of(&data(&place.call(&system, "downloadUrl", &by_id(&issued))));
    let code = path.rsplit('/').next().unwrap();
    let served = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                if place.desk.office.fetch(code).is_ok() {
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(served.into_inner(), 1);
    let fetched = place.desk.lines().iter().filter(|line| line.act == Asked::Fetch).count();
    assert_eq!(fetched, 1);

    let files = FaultyFiles::default();
    let accesses = Arc::new(Memory::over(files.clone()).unwrap());
    let place = PlatformClient::of(Desk::over(Arc::new(Memory::new().unwrap()), accesses));
    place.grant(&["name"], &[], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let path = path_of(&data(&place.call(&system, "downloadUrl", &by_id(&issued))));
    let lines = place.desk.lines().len();
    place.desk.parts.keys.asked();
    files.plan(FaultPlan { fails_at: 0, lands: 10 });
    for operation in ["queryCertInfo", "downloadUrl", "downloadFile"] {
        let reply = place.call(&system, operation, &by_id(&issued));
        assert_eq!((reply.status, refusal(&reply).0), (503, 903), "{operation}");
    }
    assert_eq!(place.get(&path).status, 503);
    assert_eq!(place.desk.parts.keys.asked(), [""; 0], "nothing was signed");
    assert_eq!(place.desk.lines().len(), lines);
}
