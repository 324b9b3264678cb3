//! The routes in the format of share platforms: the same rights, grants, records and answers as
//! `/v1`, in an envelope.

use std::process::Command;

use crate::desk::citizen;
use crate::place::{
    BASE, CAUSE, OPERATIONS, PERMIT, PURPOSE, PlatformClient, System, by_holder, by_id, data,
    refusal, stated, symbol, with,
};
use crate::served::Server;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::limits::Budget;
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::sharing::Asked;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::credential::answer::AnswerValid;
use yinzheng::domain::verify::credential::{Use, authenticate};

#[test]
fn cert_data_has_what_the_grant_gives_and_its_proof() {
    let place = PlatformClient::new();
    place.grant(&["name", "address"], &["born"], false);
    let system = place.system("school-desk", "social", &["query:residence-permit"]);
    let issued = place.desk.permit(1, None);
    let found = data(&place.call(&system, "queryCertInfo", &by_id(&issued)));
    let shown = &found["certData"];
    assert_eq!(shown["certificateIdentifier"], json!(issued.licence.id));
    assert_eq!(shown["certificateNumber"], json!(issued.licence.number));
    assert_eq!((&shown["status"], &shown["statusName"]), (&json!("01"), &json!("有效")));
    assert_eq!(
        (&shown["certificateVersion"], &shown["certificateTypeCode"]),
        (&json!("001"), &json!(PERMIT))
    );
    assert_eq!(shown["certificateExpiringDate"], "2027-11-23");
    assert_eq!(shown["certificateHolderName"], "张示例");
    let names: Vec<_> = shown["extendInfo"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["name", "address"]);
    assert!(shown["certificateHolderCode"].is_null());
    assert!(!found.to_string().contains(&citizen(1)) && !found.to_string().contains("1990-01"));
    // The signed answer has the same, and can be verified with the root alone.
    let trust = TrustSnapshot::new(vec![place.desk.parts.certificates.root.clone()]);
    let now = place.desk.now();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let budget = &mut Budget::default();
    let token = found["answer"].as_str().unwrap();
    let answer = AnswerValid::check(token, "school-desk", &context, budget).unwrap();
    assert_eq!(answer.payload()["jti"], found["queryId"]);
    assert_eq!(answer.payload()["item"], "2026-000117");
    let credential = answer.credentials().next().unwrap();
    let credential = authenticate(credential, Use::Presentation, &context, budget).unwrap();
    assert_eq!(credential.disclosures().0, ["name", "address"]);
    // The line of the access journal.
    let lines = place.desk.lines();
    assert_eq!((lines.len(), &json!(lines[0].id)), (1, &found["queryId"]));
    assert_eq!((lines[0].act, lines[0].result.as_str()), (Asked::Query, "answered"));
    assert_eq!(lines[0].fields, ["name", "address"]);
    assert_eq!((lines[0].purpose.as_str(), lines[0].item.as_str()), (PURPOSE, "2026-000117"));
    // Fewer claims, when fewer are requested.
    let fewer = with(by_id(&issued), "fields", json!(["address"]));
    let fewer = data(&place.call(&system, "queryCertInfo", &fewer));
    assert!(fewer["certData"]["certificateHolderName"].is_null());
    // The symbol and the code below it give the same result.
    let address = symbol(&issued);
    let code = address.rsplit('/').next().unwrap();
    for qrcode in [&address, code, &format!("{BASE}/en/v/{code}")] {
        let asked = json!({ "qrcode": qrcode, "useCause": CAUSE });
        let again = data(&place.call(&system, "queryCertInfoByQRcode", &asked));
        assert_eq!(again["certData"], *shown);
    }
    // With the holder's code, the claims that it covers.
    let police = place.desk.client("police-desk", "police", &["consent:*"], &[]);
    let body = json!({ "department": "social", "purpose": PURPOSE, "fields": ["born"] });
    let path = format!("/v1/licences/{}/consents", issued.licence.id);
    let code = place.desk.post(Some(&police), &path, &body).json()["code"].clone();
    let asked = with(by_id(&issued), "consent", code);
    let more = data(&place.call(&system, "queryCertInfo", &asked));
    assert_eq!(more["certData"]["extendInfo"]["born"], "1990-01-01");
    let again = place.call(&system, "queryCertInfo", &asked);
    assert_eq!(refusal(&again), (17, "consent_not_accepted".to_owned()));
}

#[test]
fn types_that_say_all_openly_are_shown_with_their_holder() {
    let place = PlatformClient::new();
    let system = place.system("school-desk", "social", &["query:*"]);
    place.desk.grant(("social", "business"), &[], &[], &[PURPOSE]);
    place.desk.grant(("social", "construction-permit"), &[], &[], &[PURPOSE]);
    let issued = place.desk.issue("business", &crate::world::example("business"));
    let found = data(&place.call(&system, "queryCertInfo", &by_id(&issued)));
    let shown = &found["certData"];
    assert_eq!(shown["certificateHolderTypeCode"], "001");
    assert_eq!(shown["certificateHolderCode"], shown["extendInfo"]["uscc"]);
    assert_eq!(shown["certificateHolderName"], shown["extendInfo"]["name"]);
    assert!(shown["validityRange"] == "长期" || shown["certificateExpiringDate"].is_string());
    // Licences of a type without holder codes are verified by number and name.
    let issued =
        place.desk.issue("construction-permit", &crate::world::example("construction-permit"));
    let ask = |data: Value| {
        let asked =
            json!({ "certTypeCode": "construction-permit", "certData": data, "useCause": CAUSE });
        place.call(&system, "verifyCertInfo", &asked)
    };
    let (number, holder) = (&issued.licence.number, &issued.licence.holder);
    assert_eq!(data(&ask(json!({ "certNo": number, "holder": holder })))["result"], 0);
    assert_eq!(data(&ask(json!({ "certNo": number, "holder": "其他" })))["result"], 6);
    assert_eq!(data(&ask(json!({ "certNo": "0", "holder": holder })))["result"], 5);
    let code = json!({ "certNo": number, "holder": holder, "holderCode": "11519999MB0000019Y" });
    assert_eq!(refusal(&ask(code)), (17, "field_not_granted".to_owned()));
}

#[test]
fn every_refusal_has_its_status_and_its_line() {
    let place = PlatformClient::new();
    place.grant(&["name"], &["born"], false);
    let system = place.system("school-desk", "social", &["query:residence-permit"]);
    let nobody = place.system("read-desk", "social", &["read:*"]);
    let other = place.system("health-desk", "health", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let id = by_id(&issued);
    let mut business = id.clone();
    business["certIdentifier"] = place
        .desk
        .issue("business", &crate::world::example("business"))
        .licence
        .id
        .to_string()
        .into();
    let cause = |cause: &str| with(id.clone(), "useCause", cause.into());
    let (query, urls) = ("queryCertInfo", "downloadUrlsByHolderCode");
    for (system, operation, asked, status, code) in [
        (&nobody, query, id.clone(), 100, "forbidden"),
        (&system, query, business, 100, "forbidden"),
        (&other, query, id.clone(), 100, "no_grant"),
        (&other, urls, with(by_holder(1), "certTypeCode", "no-such".into()), 100, "no_grant"),
        (&system, query, cause("社保|1"), 17, "purpose_not_registered"),
        (&system, query, cause("其他|1"), 17, "purpose_not_granted"),
        (&system, query, cause(" 入学登记|1"), 901, "bad_request"),
        (&system, query, with(id.clone(), "fields", json!(["sex"])), 17, "field_not_granted"),
        (&system, query, with(id.clone(), "fields", json!(["born"])), 17, "consent_needed"),
        (&system, query, with(id.clone(), "consent", "x".into()), 17, "consent_not_accepted"),
        (&system, "downloadUrl", id.clone(), 17, "document_not_granted"),
        (&system, "downloadFile", id.clone(), 17, "document_not_granted"),
        (&system, urls, by_holder(1), 17, "document_not_granted"),
        (
            &system,
            "verifyCertInfo",
            with(stated(&issued, 1, "张示例"), "certTypeCode", "business".into()),
            100,
            "forbidden",
        ),
    ] {
        let before = place.desk.lines().len();
        let mut asked = asked;
        if operation == "verifyCertInfo" {
            asked["certData"]["holderCode"] = "11519999MB0000019Y".into();
        }
        let reply = place.call(system, operation, &asked);
        assert_eq!((reply.status, refusal(&reply)), (200, (status, code.to_owned())), "{asked}");
        let lines = place.desk.lines();
        assert_eq!((lines.len(), lines[before].result.as_str()), (before + 1, code), "{asked}");
        assert!(lines[before].fields.is_empty());
    }
    // A malformed request is not an access.
    let count = place.desk.lines().len();
    let holder = |name: &str, value: Value| with(by_holder(1), name, value);
    let verify = |name: &str, value: Value| {
        let mut asked = stated(&issued, 1, "张示例");
        asked["certData"][name] = value;
        asked
    };
    let file = json!({
        "certTypeCode": PERMIT, "contentType": "base64", "content": "JVBERi0xLjcK", "useCause": CAUSE,
    });
    for (operation, asked, status) in [
        (query, with(id.clone(), "certIdentifier", Value::Null), 12),
        (query, with(id.clone(), "certIdentifier", "1.2.3".into()), 901),
        (query, with(id.clone(), "useCause", Value::Null), 12),
        (query, with(id.clone(), "useCause", PURPOSE.into()), 12),
        (query, with(id.clone(), "useCause", json!({ "certificateCopyCause": PURPOSE })), 12),
        (query, with(id.clone(), "one_more", 1.into()), 901),
        (query, with(id.clone(), "fields", "name".into()), 901),
        (query, with(id.clone(), "fields", "".into()), 901),
        (query, with(id.clone(), "fields", Value::Null), 901),
        (query, with(id.clone(), "fields", json!(["name", 1])), 901),
        // Operations that return a page or a comparison refuse `fields`, which they could not
        // respect.
        ("downloadFile", with(id.clone(), "fields", json!(["name"])), 901),
        ("downloadUrl", with(id.clone(), "fields", json!(["name"])), 901),
        (urls, with(by_holder(1), "fields", json!(["name"])), 901),
        ("verifyCertInfo", with(stated(&issued, 1, "张示例"), "fields", json!(["name"])), 901),
        (
            "queryCertInfoByQRcode",
            json!({ "qrcode": "https://other.example/v/0123456789ABCDEF", "useCause": CAUSE }),
            901,
        ),
        (urls, holder("holderCode", "".into()), 110),
        (urls, holder("holderCode", "999999199001010025".into()), 901),
        (urls, holder("holderTypeCode", "414".into()), 103),
        (urls, holder("holderTypeCode", "001".into()), 103),
        (urls, holder("holderTypeCode", Value::Null), 12),
        (urls, holder("expiryTime", "20261124140100".into()), 901),
        (urls, holder("expiryTime", 60.into()), 901),
        ("verifyCertInfo", verify("certNo", Value::Null), 109),
        ("verifyCertInfo", verify("holderCode", Value::Null), 110),
        ("verifyCertInfo", verify("holder", Value::Null), 111),
        ("verifyCertInfo", verify("holderTypeCode", "001".into()), 103),
        ("verifyCertInfo", verify("name", "李".into()), 901),
        ("verifyFile", with(file.clone(), "contentType", "url".into()), 102),
        ("verifyFile", with(file.clone(), "content", "%".into()), 102),
        ("verifyFile", with(file.clone(), "content", "".into()), 12),
        ("verifyFile", with(file, "certTypeCode", "no-such".into()), 100),
        ("certRemark", id.clone(), 2),
    ] {
        let reply = place.call(&system, operation, &asked);
        assert_eq!((reply.status, refusal(&reply).0), (200, status), "{operation} {asked}");
    }
    assert_eq!(place.desk.lines().len(), count);
}

#[test]
fn the_envelope_is_read_strictly() {
    let place = PlatformClient::new();
    let system = place.system("school-desk", "social", &["query:*"]);
    let path = "/share/v1/queryCertInfo";
    let head = json!({ "accessId": system.name, "accessToken": system.token });
    let proof = || system.proof(place.desk.now().unix(), path, Some(&system.token));
    let said = |kind: &str, body: String| {
        let proof = proof();
        let reply = place.send("POST", path, &[("dpop", &proof), ("content-type", kind)], body);
        place.desk.fits(&reply, "post", path);
        refusal(&reply)
    };
    let json = "application/json";
    for (body, status) in [
        (json!({ "data": {} }), 12),
        (json!({ "head": head }), 12),
        (json!({ "head": head, "data": {}, "sign": "" }), 901),
        (json!({ "head": [], "data": {} }), 901),
        (json!({ "head": head, "data": [1] }), 901),
        (json!([]), 901),
        (json!({ "head": { "accessId": "a", "accessToken": "b", "more": 1 }, "data": {} }), 901),
        (json!({ "head": head, "data": [[[[[[[[1]]]]]]]] }), 901),
    ] {
        assert_eq!(said(json, body.to_string()).0, status, "{body}");
    }
    let right = json!({ "head": head, "data": {} }).to_string();
    assert_eq!(said(json, right.replacen('{', "{\"data\":{},", 1)).0, 901);
    assert_eq!(said(json, right[..right.len() - 1].to_owned()).0, 901);
    assert_eq!(said("text/plain", right).0, 901);
    let many = json!({ "head": head, "data": { "other": vec![0; 4_000] } });
    assert_eq!(said(json, many.to_string()).0, 901, "read, it would be 12");
    let long = json!({ "head": head, "data": { "certIdentifier": "x".repeat(70_000) } });
    assert_eq!(said(json, long.to_string()), (901, "too_large".to_owned()));
    let other = place.send("GET", path, &[], String::new());
    assert_eq!((other.status, other.code().as_str()), (405, "wrong_method"));
    assert!(place.desk.lines().is_empty());
}

#[test]
fn who_calls_is_proved_as_everywhere() {
    let place = PlatformClient::new();
    place.grant(&["name"], &[], false);
    let system = place.system("school-desk", "social", &["query:*"]);
    let thief = place.system("health-desk", "health", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let path = "/share/v1/queryCertInfo";
    let now = place.desk.now().unix();
    let token = system.token.as_str();
    let proof = || system.proof(now, path, Some(token));
    let ask = |id: &str, token: &str, headers: &[(&str, &str)]| {
        let head = json!({ "accessId": id, "accessToken": token });
        let reply = place.post(path, headers, &json!({ "head": head, "data": by_id(&issued) }));
        if reply.json()["head"]["status"] == 0 { (0, String::new()) } else { refusal(&reply) }
    };
    let (name, other) = (system.name, thief.name);
    let used = proof();
    assert_eq!(ask(name, token, &[("dpop", &used)]).0, 0);
    let with_header = format!("DPoP {token}");
    let both = [("dpop", &*proof()), ("authorization", &*with_header)];
    assert_eq!(ask(name, token, &both).0, 0, "the same in both places");
    let unauthenticated = "unauthenticated";
    for (what, id, token, headers, code) in [
        ("no token", name, "", vec![("dpop", proof())], unauthenticated),
        ("no name", "", token, vec![("dpop", proof())], unauthenticated),
        ("another name", other, token, vec![("dpop", proof())], "other_client"),
        (
            "an unknown token",
            name,
            "a",
            vec![("dpop", system.proof(now, path, Some("a")))],
            "invalid_token",
        ),
        ("no proof", name, token, vec![], unauthenticated),
        (
            "another's proof",
            name,
            token,
            vec![("dpop", thief.proof(now, path, Some(token)))],
            "other_key",
        ),
        ("a replayed proof", name, token, vec![("dpop", used)], "invalid_dpop_proof"),
        (
            "a proof without the token",
            name,
            token,
            vec![("dpop", system.proof(now, path, None))],
            "invalid_dpop_proof",
        ),
        (
            "of another path",
            name,
            token,
            vec![("dpop", system.proof(now, "/v1/query", Some(token)))],
            "invalid_dpop_proof",
        ),
        (
            "an old proof",
            name,
            token,
            vec![("dpop", system.proof(now - 70, path, Some(token)))],
            "invalid_dpop_proof",
        ),
        ("two proofs", name, token, vec![("dpop", proof()), ("dpop", proof())], "bad_header"),
        (
            "two tokens",
            name,
            token,
            vec![("dpop", proof()), ("authorization", "DPoP a".to_owned())],
            "two_tokens",
        ),
        (
            "two schemes",
            name,
            token,
            vec![("dpop", proof()), ("authorization", format!("Bearer {token}"))],
            "two_tokens",
        ),
        (
            "a certificate from anyone",
            name,
            token,
            vec![("dpop", proof()), ("client-cert", ":YWJj:".to_owned())],
            "not_a_proxy",
        ),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(ask(id, token, &headers), (11, code.to_owned()), "{what}");
    }
    assert_eq!(place.desk.lines().len(), 2, "strangers are no accesses");
    // A caller that states another name is counted under the client of its token.
    let limits = |id: &str| {
        let head = json!({ "accessId": id, "accessToken": token });
        let body = json!({ "head": head, "data": {} });
        let reply = place.post(path, &[("dpop", &*proof())], &body);
        reply.headers.get("ratelimit").map(|left| left.to_str().unwrap().to_owned())
    };
    assert!(limits(other).is_some_and(|left| left.starts_with("\"client\";r=")));
    // Without a proof or a certificate the body is not even read.
    let unread = "no JSON".repeat(20_000);
    let reply = place.send("POST", path, &[], unread);
    assert_eq!(refusal(&reply), (11, unauthenticated.to_owned()));
    // No operation does anything for an unauthenticated caller, whatever its data.
    for operation in OPERATIONS {
        for head in [json!({}), json!({ "accessId": name, "accessToken": token })] {
            let body = json!({ "head": head, "data": by_id(&issued) });
            let reply = place.post(&format!("/share/v1/{operation}"), &[], &body);
            assert_eq!(refusal(&reply).0, 11, "{operation}");
        }
    }
    place.desk.clock.set("2026-11-24T06:11:00Z");
    assert_eq!(ask(name, token, &[("dpop", &proof())]).1, "invalid_token", "ended");
}

#[test]
fn what_is_not_for_the_caller_is_not_there() {
    let place = PlatformClient::new();
    place.grant(&["name"], &[], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    // A missing licence of the same type, and one of a department that the grant does not cover,
    // such as another office's.
    let id = issued.licence.id.to_string();
    let kind = yinzheng::base::ids::TypeCode::parse(PERMIT).unwrap();
    let first = yinzheng::base::ids::Version::FIRST;
    let made = |uscc: &str, serial| {
        let issuer = yinzheng::base::codes::Uscc::parse(uscc).unwrap();
        yinzheng::base::ids::LicenceId::new(&kind, &issuer, serial, first).to_string()
    };
    let elsewhere = made("11519999MB0000035L", 1);
    let mut moved: Value = serde_json::to_value(&issued.licence).unwrap();
    moved["id"] = elsewhere.as_str().into();
    moved["department"] = "health".into();
    let act = yinzheng::store::Transaction::new(
        yinzheng::store::EventKind::Issued,
        Actor::System,
        place.desk.now(),
        [9; 16],
    );
    let record = Some((elsewhere.clone(), moved.to_string()));
    let act = yinzheng::store::Transaction { licence: record, ..act };
    place.desk.office.store().commit(act).unwrap();
    let nobodys = made("11519999MB0000051A", 999);
    for operation in ["queryCertInfo", "downloadUrl", "downloadFile"] {
        let ask = |id: &str| {
            let reply =
                place.call(&system, operation, &json!({ "certIdentifier": id, "useCause": CAUSE }));
            assert_eq!(refusal(&reply), (10, "no_such_licence".to_owned()), "{operation} {id}");
            reply
        };
        let (one, two) = (ask(&elsewhere), ask(&nobodys));
        assert_eq!((one.status, &one.text), (two.status, &two.text));
        data(&place.call(&system, operation, &json!({ "certIdentifier": id, "useCause": CAUSE })));
    }
    // A code of a type that was not granted, and an unknown one.
    let business = place.desk.issue("business", &crate::world::example("business"));
    let ask = |qrcode: &str| {
        let asked = json!({ "qrcode": qrcode, "useCause": CAUSE });
        let reply = place.call(&system, "queryCertInfoByQRcode", &asked);
        assert_eq!(refusal(&reply).0, 10);
        reply.text
    };
    assert_eq!(ask(&symbol(&business)), ask("0123456789ABCDEF"));
    let nobody = place.system("read-desk", "social", &["read:*"]);
    let asked = json!({ "qrcode": symbol(&business), "useCause": CAUSE });
    let count = place.desk.lines().len();
    assert_eq!(refusal(&place.call(&nobody, "queryCertInfoByQRcode", &asked)).0, 100);
    let lines = place.desk.lines();
    assert_eq!((lines.len(), lines[count].result.as_str()), (count + 1, "forbidden"));
}

/// A code is on paper that anyone may have. The rules checked before the look-up must not reveal
/// whether it exists.
#[test]
fn a_code_of_a_licence_that_no_grant_reaches_is_like_one_that_nobody_has() {
    let place = PlatformClient::new();
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    place.grant(&["name"], &["born"], false);
    // The same type, of a department that the grant does not cover, with a code of its own.
    let elsewhere = "FEDCBA9876543210";
    let code = yinzheng::base::ids::Code::parse(elsewhere).unwrap();
    let kind = yinzheng::base::ids::TypeCode::parse(PERMIT).unwrap();
    let issuer = yinzheng::base::codes::Uscc::parse("11519999MB0000035L").unwrap();
    let first = yinzheng::base::ids::Version::FIRST;
    let id = yinzheng::base::ids::LicenceId::new(&kind, &issuer, 1, first).to_string();
    let mut moved: Value = serde_json::to_value(&issued.licence).unwrap();
    moved["id"] = id.as_str().into();
    moved["department"] = "health".into();
    let act = yinzheng::store::Transaction::new(
        yinzheng::store::EventKind::Issued,
        Actor::System,
        place.desk.now(),
        [9; 16],
    );
    let record = Some((id, moved.to_string()));
    let act = yinzheng::store::Transaction { licence: record, code: Some(code.digest()), ..act };
    place.desk.office.store().commit(act).unwrap();
    let ask = |qrcode: &str, name: &str, value: &Value| {
        let asked = json!({ "qrcode": qrcode, "useCause": CAUSE });
        place.call(&system, "queryCertInfoByQRcode", &with(asked, name, value.clone()))
    };
    for (name, value, reachable) in [
        ("useCause", json!(CAUSE), "answered"),
        ("useCause", json!("社保|1"), "purpose_not_registered"),
        ("useCause", json!("其他|1"), "purpose_not_granted"),
        ("fields", json!(["sex"]), "field_not_granted"),
        ("fields", json!(["born"]), "consent_needed"),
        ("consent", json!("x"), "consent_not_accepted"),
    ] {
        let (one, two) = (ask(elsewhere, name, &value), ask("0123456789ABCDEF", name, &value));
        assert_eq!(one.text, two.text, "{name} {value}");
        let lines = place.desk.lines();
        let [.., one, two] = lines.as_slice() else { panic!("no lines") };
        assert_eq!((&one.kind, &one.result), (&two.kind, &two.result));
        // For a licence that the caller may know of, the error is precise.
        ask(&symbol(&issued), name, &value);
        assert_eq!(place.desk.lines().pop().unwrap().result, reachable);
    }
}

#[test]
fn what_is_stated_is_compared_and_not_told() {
    let place = PlatformClient::new();
    place.grant(&["name", "address"], &["born"], false);
    let system = place.system("school-desk", "social", &["query:*"]);
    let issued = place.desk.permit(1, None);
    let result = |asked: &Value| {
        let found = data(&place.call(&system, "verifyCertInfo", asked));
        assert!(found["message"].is_string() && found["queryId"].is_string());
        found["result"].as_u64().unwrap()
    };
    let right = stated(&issued, 1, "张示例");
    assert_eq!(result(&right), 0);
    assert_eq!(result(&stated(&issued, 1, "李示例")), 6);
    assert_eq!(result(&stated(&issued, 2, "张示例")), 5, "of somebody else");
    let with = |name: &str, value: &str| {
        let mut asked = right.clone();
        asked["certData"][name] = value.into();
        asked
    };
    assert_eq!(result(&with("certNo", "1")), 6);
    assert_eq!(result(&with("address", "示例新区示例路 66 号 2 栋 301 室")), 0);
    assert_eq!(result(&with("address", "别处")), 6);
    assert_eq!(result(&with("holderTypeCode", "111")), 0);
    let hidden = place.call(&system, "verifyCertInfo", &with("sex", "女"));
    assert_eq!(refusal(&hidden), (17, "field_not_granted".to_owned()));
    let change = |act| {
        place.desk.office.change(issued.licence.id.as_str(), act, &Actor::LocalOperator).unwrap()
    };
    change(StatusChange::Suspend(Reason::Investigation));
    assert_eq!(result(&right), 2);
    change(StatusChange::Resume);
    change(StatusChange::Revoke(Reason::Fraud));
    assert_eq!(result(&right), 3);
    let found = data(&place.call(&system, "queryCertInfo", &by_id(&issued)));
    let only =
        json!({ "certificateIdentifier": issued.licence.id, "status": "05", "statusName": "失效" });
    assert_eq!(found["certData"], only, "no data of what is not in force");
    let lines = place.desk.lines();
    assert_eq!((lines[0].act, lines[0].result.as_str()), (Asked::Match, "0"));
    assert_eq!(lines[0].fields, ["name"]);
}

#[test]
fn a_file_is_genuine_in_force_and_of_its_type_or_it_is_not_passed() {
    let place = PlatformClient::new();
    // Public operations need no right.
    let system = place.system("read-desk", "social", &["read:*"]);
    let issued = place.desk.permit(1, None);
    let result = |kind: &str, bytes: &[u8]| {
        let asked = json!({
            "certTypeCode": kind, "contentType": "base64", "content": STANDARD.encode(bytes),
            "useCause": CAUSE,
        });
        let found = data(&place.call(&system, "verifyFile", &asked));
        (found["result"].as_u64().unwrap(), found["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(result(PERMIT, &issued.pdf).0, 0);
    assert_eq!(result("residence-permit", &issued.pdf).0, 0);
    assert_eq!(result("business", &issued.pdf).0, 2, "of another type");
    let mut altered = issued.pdf.clone();
    altered.extend_from_slice(b"\nmore");
    assert_eq!(result(PERMIT, &altered).0, 1);
    assert_eq!(result(PERMIT, b"no licence").0, 2);
    // The largest upload, and a larger one.
    let mut large = issued.pdf.clone();
    large.resize(20 << 20, b' ');
    assert_ne!(result(PERMIT, &large).0, 0);
    large.push(b' ');
    let content = STANDARD.encode(&large);
    let asked = json!({ "certTypeCode": PERMIT, "contentType": "base64", "content": content, "useCause": CAUSE });
    let reply = place.call(&system, "verifyFile", &asked);
    assert_eq!(refusal(&reply), (901, "too_large".to_owned()));
    let id = issued.licence.id.as_str();
    place
        .desk
        .office
        .change(id, StatusChange::Revoke(Reason::Fraud), &Actor::LocalOperator)
        .unwrap();
    let (revoked, words) = result(PERMIT, &issued.pdf);
    assert!(revoked == 2 && !words.is_empty());
    assert!(place.desk.lines().is_empty());
}

#[test]
fn a_platform_that_tries_identifiers_is_stopped() {
    let place = PlatformClient::new();
    place.grant(&["name"], &[], true);
    let system = place.system("school-desk", "social", &["query:*"]);
    let kind = yinzheng::base::ids::TypeCode::parse(PERMIT).unwrap();
    let issuer = yinzheng::base::codes::Uscc::parse("11519999MB0000051A").unwrap();
    let first = yinzheng::base::ids::Version::FIRST;
    let mut statuses = Vec::new();
    for serial in 0..302_u128 {
        let id = yinzheng::base::ids::LicenceId::new(&kind, &issuer, 1_000 + serial, first);
        let asked = json!({ "certIdentifier": id, "useCause": CAUSE });
        let (operation, asked) = match serial % 3 {
            0 => ("queryCertInfo", asked),
            1 => ("downloadUrl", asked),
            _ => (
                "queryCertInfoByQRcode",
                json!({ "qrcode": format!("{:016}", serial), "useCause": CAUSE }),
            ),
        };
        let reply = place.call(&system, operation, &asked);
        statuses.push((refusal(&reply).0, reply.headers.contains_key("retry-after")));
    }
    assert!(statuses[..300].iter().all(|status| *status == (10, false)));
    assert_eq!(statuses[300..], [(16, true), (16, true)]);
    // Queries count against the budget here too.
    let issued = place.desk.permit(1, None);
    let reply = place.call(&system, "queryCertInfo", &by_id(&issued));
    assert!(reply.headers["ratelimit"].to_str().unwrap().starts_with("\"client\";r="));
}

/// The real program, and a client in Python with the protocol of such platforms.
#[test]
fn a_platforms_client_in_python_asks_verifies_and_fetches() {
    let server = Server::start();
    let run = |arguments: &[&str]| {
        let dir = ["--dir", server.dir().to_str().unwrap()].map(str::to_owned);
        let output =
            Command::new(crate::served::YINZHENG).args(arguments).args(dir).output().unwrap();
        assert!(output.status.success(), "{}", crate::served::text(&output));
        output
    };
    let key = server.at("school.pem");
    let key = key.to_str().unwrap();
    let scope = ["--scope", "query:residence-permit", "--purpose", PURPOSE, "--new-key", key];
    run(&[&["client", "add", "school-desk", "--department", "social"], &scope[..]].concat());
    let grant = ["--to", "social", "--type", "residence-permit", "--purpose", PURPOSE];
    let fields = ["--field", "name", "--field", "address", "--document", "--until", "2029-12-31"];
    let granted = run(&[&["grant", "add"], &grant[..], &fields].concat());
    assert!(crate::served::text(&granted).contains("name,address and the document for"));
    // The demo has one residence permit.
    let listed = crate::served::text(&run(&["list"]));
    let line = listed.lines().find(|line| line.contains("residence-permit")).unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    let output = Command::new("target/peers/venv/bin/python")
        .args(["-B", "tests/peers/share_platform.py", key, "school-desk", &server.base])
        .args([words[words.len() - 1], words[0]])
        .args(["999999199001010024", "张示例"])
        .output()
        .expect("run tests/peers/setup first");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let expected = "queryCertInfo 0 成功 name=张示例 address=示例新区示例路 66 号 2 栋 301 室
verifyCertInfo 0 0 信息正确且有效
verifyCertInfo 0 6 信息错误或不一致
downloadUrl 0 成功
verifyFile 0 0 有效
certRemark 2 数据源不提供此服务
";
    assert_eq!(said, expected);
}

/// A token that is bound to a certificate is sent in the head like any other; the certificate comes
/// from the connection, here through a listed proxy.
#[test]
fn a_token_that_is_bound_to_a_certificate_wants_it_here_too() {
    let server = Server::with(&["--trusted-proxy", "127.0.0.1"]);
    let department = server.register("market-counter");
    let certificate = |bytes: &[u8]| ("Client-Cert", format!(":{}:", STANDARD.encode(bytes)));
    let given = server.ask_token(&department.form(), &[certificate(b"own")]);
    assert_eq!((given.status, &given.json["token_type"]), (200, &json!("Bearer")));
    let token = given.json["access_token"].as_str().unwrap();
    let path = "/share/v1/certRemark";
    let body = json!({
        "head": { "accessId": "market-counter", "accessToken": token }, "data": {},
    });
    let kind = ("Content-Type", "application/json".to_owned());
    let proof = department.proof(&department.proof_claims("POST", path, Some(token)));
    for (headers, status, code) in [
        (vec![certificate(b"own")], 2, "not_offered"),
        (vec![], 11, "unauthenticated"),
        (vec![certificate(b"other")], 11, "other_key"),
        (vec![certificate(b"own"), proof.clone()], 11, "other_key"),
        (vec![proof], 11, "other_key"),
    ] {
        let headers = [vec![kind.clone()], headers].concat();
        let answer = server.send("POST", path, &headers, &body.to_string());
        let head = &answer.json["head"];
        assert_eq!(
            (answer.status, &head["status"], &head["code"]),
            (200, &json!(status), &json!(code))
        );
    }
}

const FIELDS: [&str; 8] =
    ["holder", "name", "sex", "ethnicity", "born", "citizen_id", "household", "address"];

fn chosen(bits: u8) -> Vec<&'static str> {
    (0..8).filter(|at| bits >> at & 1 == 1).map(|at| FIELDS[at]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Neither `certData` nor the signed answer ever has a claim that the grant does not include or
    /// that was not requested; and no claim is shown under another name.
    #[test]
    fn cert_data_never_has_what_was_not_granted(
        free in any::<u8>(),
        asked in prop::collection::vec(prop::option::of(any::<u8>()), 1..5),
    ) {
        let place = PlatformClient::new();
        place.grant(&chosen(free), &[], false);
        let system = place.system("school-desk", "social", &["query:*"]);
        let issued = place.desk.permit(1, None);
        let values = [
            "张示例", "女", "汉族", "1990-01-01", &citizen(1), "示例省示例市示例县示例镇 1 号",
            "示例新区示例路 66 号 2 栋 301 室",
        ];
        for fields in asked {
            let data = match fields {
                Some(bits) => with(by_id(&issued), "fields", json!(chosen(bits))),
                None => by_id(&issued),
            };
            let reply = place.call(&system, "queryCertInfo", &data);
            let allowed = fields.is_none_or(|bits| bits & !free == 0);
            let body = reply.json();
            prop_assert_eq!(&body["head"]["status"], &json!(if allowed { 0 } else { 17 }));
            // `holder` repeats the name.
            let given = if allowed { fields.unwrap_or(free) } else { 0 };
            let given = given | given << 1 & 2;
            let text = body["data"]["certData"].to_string();
            for (at, value) in values.iter().enumerate() {
                let at = at + 1;
                let shown = text.contains(&format!("\"{value}\""));
                prop_assert_eq!(shown, given >> at & 1 == 1, "{} {}", FIELDS[at], text);
            }
        }
    }
}

/// Every member of a request that is accepted is in the description, and no other.
#[test]
fn the_description_has_the_members_that_are_taken() {
    let place = PlatformClient::new();
    place.grant(&["name", "address"], &[], true);
    let system = place.system("school-desk", "social", &["query:residence-permit"]);
    let issued = place.desk.permit(1, None);
    let file = json!({
        "certTypeCode": PERMIT, "contentType": "base64", "content": STANDARD.encode(&issued.pdf),
        "useCause": CAUSE,
    });
    for (operation, form, asked) in [
        ("queryCertInfo", "QueryCertInfo", by_id(&issued)),
        (
            "queryCertInfoByQRcode",
            "QueryCertInfoByQRcode",
            json!({ "qrcode": symbol(&issued), "useCause": CAUSE }),
        ),
        ("verifyCertInfo", "VerifyCertInfo", stated(&issued, 1, "张示例")),
        ("verifyFile", "VerifyFile", file),
        ("downloadUrlsByHolderCode", "DownloadUrlsByHolderCode", by_holder(1)),
        ("downloadUrl", "DownloadUrl", by_id(&issued)),
        ("downloadFile", "DownloadFile", by_id(&issued)),
    ] {
        let schema = place.desk.schema(&format!("Platform{form}Request"));
        let schema = &schema["properties"]["data"];
        let is_answered = |asked: &Value| {
            let reply = place.call(&system, operation, asked);
            reply.json()["head"]["status"] == 0
        };
        for name in schema["properties"].as_object().unwrap().keys() {
            let required = schema["required"].as_array().unwrap().contains(&json!(name));
            let absent = if name == "fields" { json!(["name"]) } else { Value::Null };
            let other = with(asked.clone(), name, absent);
            assert_eq!(is_answered(&other), !required, "{operation} {other}");
        }
        assert!(!is_answered(&with(asked.clone(), "one_more", Value::Null)), "{operation}");
    }
}

/// A transcript of a conversation. `YZ_BLESS=1` rewrites it.
#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites a file of the source tree, when asked to")]
fn the_transcript_is_what_is_said() {
    let place = PlatformClient::new();
    place.grant(&["name", "address"], &[], true);
    let system = place.system("school-desk", "social", &["query:residence-permit"]);
    let issued = place.desk.permit(1, None);
    let cause = json!({
        "certificateCopyCause": PURPOSE, "certificateCallCategory": "0",
        "certificateMatterName": "小学入学", "certificateEventCode": "2026-000117",
        "certificateSystemName": "入学报名系统",
    });
    place.say("A school looks a residence permit up, for a purpose and an item.");
    place.call(&system, "queryCertInfo", &with(by_id(&issued), "useCause", cause));
    place.say("The same by the symbol on the page; useCause as one text.");
    let asked = json!({ "qrcode": symbol(&issued), "useCause": CAUSE });
    place.call(&system, "queryCertInfoByQRcode", &asked);
    place.say("Whether what the parents wrote is right, and what it says when it is not.");
    place.call(&system, "verifyCertInfo", &stated(&issued, 1, "张示例"));
    place.call(&system, "verifyCertInfo", &stated(&issued, 1, "李示例"));
    place.say("An address of the sealed document, which works once.");
    place.call(&system, "downloadUrlsByHolderCode", &by_holder(1));
    let short = with(by_id(&issued), "expiryTime", "20261124140300".into());
    place.call(&system, "downloadUrl", &short);
    place.say("The document at once, and whether a file is genuine.");
    place.call(&system, "downloadFile", &by_id(&issued));
    let file = json!({
        "certTypeCode": PERMIT, "contentType": "base64", "content": STANDARD.encode(&issued.pdf),
        "useCause": CAUSE,
    });
    place.call(&system, "verifyFile", &file);
    place.say("Refusals: no purpose of this client, nobody's licence, no service, no name.");
    place.call(&system, "queryCertInfo", &with(by_id(&issued), "useCause", "社保|1".into()));
    place.call(&system, "downloadUrlsByHolderCode", &by_holder(7));
    place.call(&system, "certRemark", &by_id(&issued));
    let other = System { name: "other-desk", key: system.key, token: system.token };
    place.call(&other, "queryCertInfo", &by_id(&issued));
    let said = place.said.borrow();
    let path = "tests/http/platform.txt";
    if std::env::var_os("YZ_BLESS").is_some() {
        std::fs::write(path, said.as_str()).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == *said, "{path} is out of date: look at what YZ_BLESS=1 makes of it");
}
