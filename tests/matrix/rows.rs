//! The table: the valid call of each operation of the description, and the result for other
//! callers.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use yinzheng::base::codes::Uscc;
use yinzheng::base::ids::{LicenceId, TypeCode, Version};
use yinzheng::service::sharing::Subject;

use super::people::{BUILDER, COUNTER, PURPOSE, Presented, World, counter, query_for};
use crate::api::{Call, Reply, call, submission};
use crate::world::example;

/// One operation of the description.
pub(crate) struct Row {
    /// Method and path as described.
    pub(crate) operation: &'static str,
    /// How its token is sent; public operations have none.
    pub(crate) manner: Option<&'static Manner>,
    /// The client of the valid call.
    pub(crate) client: &'static str,
    /// Builds a new valid call.
    pub(crate) ask: fn(&World) -> Ask,
    /// The same call by a client of another department.
    pub(crate) other: Other,
    /// Cases with another result than the default.
    pub(crate) except: &'static [(&'static str, &'static str)],
}

/// How a token is sent, and how refusals are represented.
pub(crate) struct Manner {
    /// Adds the credentials to a call.
    pub(crate) carry: fn(Call<'static>, &Presented) -> Call<'static>,
    /// An answer in short form: status and code.
    pub(crate) summary: fn(&Reply) -> String,
    /// Maps the short form of an answer with problem details to this manner.
    pub(crate) refusal: fn(&str) -> String,
}

/// RFC 9449 and RFC 6750, with problem details.
static HEADERS: Manner = Manner {
    carry: |call, presented| {
        let Presented { scheme, token, proof, .. } = presented;
        let call = call.header("authorization", &format!("{scheme} {token}"));
        proof.iter().fold(call, |call, proof| call.header("dpop", proof))
    },
    summary: status_and_code,
    refusal: str::to_owned,
};

/// The envelope of share platforms: its head has the token, and the refusals.
static ENVELOPE: Manner = Manner {
    carry: |call, presented| {
        let Presented { client, scheme, token, proof } = presented;
        // It has no scheme: with a proof the token is a DPoP token.
        let proof = proof.as_ref().filter(|_| *scheme == "DPoP");
        let mut body: Value = serde_json::from_slice(&call.body).unwrap();
        body["head"] = json!({ "accessId": client, "accessToken": token });
        let call = call.body(body.to_string().as_bytes());
        proof.into_iter().fold(call, |call, proof| call.header("dpop", proof))
    },
    summary: |reply| {
        let head = &reply.json()["head"];
        match (head["status"].as_u64(), head["code"].as_str()) {
            (Some(0), None) => "200".to_owned(),
            (Some(status), Some(code)) => format!("head {status} {code}"),
            _ => status_and_code(reply),
        }
    },
    refusal: |summary| summary.replace("401 ", "head 11 ").replace("403 ", "head 100 "),
};

/// A valid call.
pub(crate) struct Ask {
    pub(crate) call: Call<'static>,
    /// The same call for a missing object.
    pub(crate) missing: Option<Call<'static>>,
    /// A text in the valid answer that no answer to another department has.
    pub(crate) own: Option<String>,
}

/// The answer to another department.
pub(crate) enum Other {
    /// The operation does not concern a department.
    NotAbout,
    /// This, byte for byte the same as for a missing object.
    LikeMissing(&'static str),
    /// An answer without objects of other departments.
    Without,
}

impl Row {
    const fn new(operation: &'static str, other: Other, ask: fn(&World) -> Ask) -> Self {
        Self { operation, manner: Some(&HEADERS), client: COUNTER, ask, other, except: &[] }
    }

    /// An operation without a token.
    const fn public(operation: &'static str, ask: fn(&World) -> Ask) -> Self {
        Self { manner: None, ..Self::new(operation, Other::NotAbout, ask) }
    }

    /// An operation in the form of share platforms.
    const fn share(operation: &'static str, other: Other, ask: fn(&World) -> Ask) -> Self {
        let except = &[NOTHING_PROVEN[0], NOTHING_PROVEN[1], NOTHING_PROVEN[2]];
        Self { manner: Some(&ENVELOPE), except, ..Self::new(operation, other, ask) }
    }

    const fn by(self, client: &'static str) -> Self {
        Self { client, ..self }
    }

    const fn except(self, except: &'static [(&'static str, &'static str)]) -> Self {
        Self { except, ..self }
    }
}

impl Ask {
    fn missing(self, missing: Call<'static>) -> Self {
        Self { missing: Some(missing), ..self }
    }

    fn own(self, own: impl Into<String>) -> Self {
        Self { own: Some(own.into()), ..self }
    }
}

impl From<Call<'static>> for Ask {
    fn from(call: Call<'static>) -> Self {
        Self { call, missing: None, own: None }
    }
}

const NO_GRANT: Other = Other::LikeMissing("head 100 no_grant");
/// A symbol does not reveal a type: a caller that may not know of the licence does not learn its
/// type either.
const NOT_HERE: &str = "head 10 no_such_licence";
const NOT_FOUND: Other = Other::LikeMissing("404 not_found");

/// The rows, in the order of the description.
pub(crate) const ROWS: &[Row] = &[
    Row::public("POST /v1/verify", |world| {
        let id = world.licence().0;
        post("/v1/verify").header("content-type", "application/pdf").body(&pdf(world, &id)).into()
    }),
    Row::public("GET /v1/verify/{code}", |world| {
        get(format!("/v1/verify/{}", code(world, &world.licence().0))).into()
    }),
    Row::public("GET /status", |_| get("/status").into()),
    Row::public("GET /status/{list}", |_| get("/status/1").into()),
    Row::public("GET /vct/{type}/{version}", |world| {
        world.licence();
        get("/vct/business/1").into()
    }),
    Row::public("GET /trust/root.pem", |_| get("/trust/root.pem").into()),
    Row::public("GET /trust/issuing.cer", |_| get("/trust/issuing.cer").into()),
    Row::public("GET /crl/issuing.crl", |_| get("/crl/issuing.crl").into()),
    Row::public("GET /crl/root.crl", |_| get("/crl/root.crl").into()),
    Row::public("GET /openapi.json", |_| get("/openapi.json").into()),
    Row::public("GET /healthz", |_| get("/healthz").into()),
    Row::public("GET /readyz", |_| get("/readyz").into()),
    Row::new("GET /v1/whoami", Other::NotAbout, |_| get("/v1/whoami").into()),
    Row::new("GET /v1/licences", Other::Without, |world| {
        Ask::from(get("/v1/licences?limit=100")).own(world.licence().0)
    }),
    Row::new("POST /v1/licences", Other::LikeMissing("403 forbidden"), |world| {
        let ask = |body: &Value| {
            post("/v1/licences").header("idempotency-key", &world.fresh()).json(body)
        };
        Ask::from(ask(&submission("business"))).missing(ask(&of_no_type("application")))
    }),
    Row::new("POST /v1/licences/preview", Other::LikeMissing("403 forbidden"), |_| {
        let ask = |body: &Value| post("/v1/licences/preview").json(body);
        Ask::from(ask(&submission("business"))).missing(ask(&of_no_type("application")))
    }),
    Row::new("GET /v1/licences/{id}", NOT_FOUND, |world| read(world, "")),
    Row::new("GET /v1/licences/{id}/pdf", NOT_FOUND, |world| read(world, "/pdf")),
    Row::new("GET /v1/licences/{id}/credential", NOT_FOUND, |world| read(world, "/credential")),
    Row::new("GET /v1/licences/{id}/history", NOT_FOUND, |world| read(world, "/history")),
    Row::new("POST /v1/licences/{id}/suspend", NOT_FOUND, |world| {
        change(world, "suspend", &json!({ "reason": "investigation" }))
    }),
    Row::new("POST /v1/licences/{id}/resume", NOT_FOUND, |world| {
        let (id, tag) = world.licence();
        let path = format!("/v1/licences/{id}/suspend");
        let colleague = crate::api::caller("colleague", "market", &["change:*"]);
        let suspend = crate::api::post(&colleague, &path).header("if-match", &tag);
        let suspended = world.api.send(suspend.json(&json!({ "reason": "investigation" })));
        on_licence("resume", &id, suspended.header("etag"), &json!({}))
    }),
    Row::new("POST /v1/licences/{id}/revoke", NOT_FOUND, |world| {
        change(world, "revoke", &json!({ "reason": "penalty" }))
    }),
    Row::public("GET /log/checkpoint", |_| get("/log/checkpoint").into()),
    // This office's log has no witness signatures.
    Row::public("GET /log/witnessed", |_| get("/log/witnessed").into())
        .except(&[("no token", "404 not_found"), (NOT_LOOKED_AT, "404 not_found")]),
    Row::public("GET /log/vkey", |_| get("/log/vkey").into()),
    Row::public("GET /log/tile/{level}/{index}", |_| get("/log/tile/0/000.p%2F1").into()),
    Row::new("GET /v1/proposals", Other::Without, |world| {
        let (_, digest, _) = world.proposal();
        Ask::from(get("/v1/proposals?state=pending&limit=100")).own(digest)
    })
    .by(BUILDER),
    Row::new("GET /v1/proposals/{number}", NOT_FOUND, |world| {
        let (number, digest, _) = world.proposal();
        let ask = |number: &str| get(format!("/v1/proposals/{number}"));
        Ask::from(ask(&number)).missing(ask("999")).own(digest)
    })
    .by(BUILDER),
    Row::new("PUT /v1/proposals/{number}", NOT_FOUND, |world| {
        let (number, _, tag) = world.proposal();
        let mut application = example("construction-permit");
        application["fields"]["project"] = "示例新区第二小学教学楼".into();
        let ask = |number: &str| {
            let path = format!("/v1/proposals/{number}");
            let call = call(None, "PUT", &path).header("if-match", &tag);
            call.json(&json!({ "application": application }))
        };
        Ask::from(ask(&number)).missing(ask("999"))
    })
    .by(BUILDER),
    Row::new("POST /v1/proposals/{number}/approve", NOT_FOUND, |world| {
        let (number, digest, _) = world.proposal();
        decide("approve", &number, &json!({ "digest": digest }))
    })
    .by(BUILDER),
    Row::new("POST /v1/proposals/{number}/refuse", NOT_FOUND, |world| {
        decide("refuse", &world.proposal().0, &json!({ "reason": "材料不全" }))
    })
    .by(BUILDER),
    Row::public("POST /oauth/token", |world| {
        let (client, now) = (world.client(COUNTER), world.now());
        let claims = client.proof_claims_at(now, "POST", "/oauth/token", None);
        let form = client.form_with(&client.claims_at(now), "");
        let call = post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
        call.header("dpop", &client.proof(&claims).1).body(form.as_bytes()).into()
    })
    // A request must use a single method of client authentication (RFC 6749, 2.3).
    .except(&[(NOT_LOOKED_AT, "400 invalid_request")]),
    Row::public("GET /.well-known/oauth-authorization-server", |_| {
        get("/.well-known/oauth-authorization-server").into()
    }),
    Row::new("GET /v1/audit", Other::Without, |world| {
        let id = world.licence().0;
        Ask::from(get(format!("/v1/audit?id={id}"))).own(id)
    }),
    // Only for the machine itself, where this call does not come from; for others it does not
    // exist.
    Row::new("GET /metrics", Other::NotAbout, |_| get("/metrics").into())
        .except(&[("no token", "404 not_found"), (NOT_ENOUGH, "404 not_found")]),
    Row::new("POST /v1/query", Other::LikeMissing("403 no_grant"), |_| {
        let ask = |body: &Value| post("/v1/query").json(body);
        Ask::from(ask(&query())).missing(ask(&query_of_no_type()))
    }),
    Row::new("POST /v1/query/batch", Other::LikeMissing("200"), |_| {
        let ask = |body: &Value| post("/v1/query/batch").json(&json!({ "queries": [body] }));
        Ask::from(ask(&query())).missing(ask(&query_of_no_type())).own("\"answer\"")
    }),
    Row::new("POST /v1/match", Other::LikeMissing("403 no_grant"), |_| {
        let ask = |mut body: Value| {
            body["fields"] = json!({ "name": example("residence-permit")["fields"]["name"] });
            post("/v1/match").json(&body)
        };
        Ask::from(ask(query())).missing(ask(query_of_no_type()))
    }),
    Row::new(
        "POST /v1/licences/{id}/consents",
        Other::LikeMissing("404 no_such_licence"),
        |world| {
            let body = json!({
                "department": "social", "purpose": PURPOSE, "fields": ["legal_representative"],
            });
            let (id, _) = world.licence();
            let ask = |id: &str| post(format!("/v1/licences/{id}/consents")).json(&body);
            Ask::from(ask(&id)).missing(ask(&nobodys(&id)))
        },
    ),
    Row::public("POST /v1/holder/nonce", |_| {
        post("/v1/holder/nonce").json(&json!({ "for": "accesses" })).into()
    }),
    Row::public("POST /v1/holder/consents", |world| {
        let intent = json!({
            "for": "consent", "department": "social", "purpose": PURPOSE, "fields": ["born"],
        });
        post("/v1/holder/consents").json(&world.presentation(&intent)).into()
    }),
    Row::public("POST /v1/holder/accesses", |world| {
        let intent = json!({ "for": "accesses" });
        post("/v1/holder/accesses").json(&world.presentation(&intent)).into()
    }),
    Row::new("GET /v1/changes", Other::Without, |world| {
        let since = world.api.office.store().head().0;
        Ask::from(get(format!("/v1/changes?since={since}"))).own(world.licence().0)
    }),
    Row::public("GET /log/access/checkpoint", |_| get("/log/access/checkpoint").into()),
    Row::public("GET /log/access/witnessed", |_| get("/log/access/witnessed").into())
        .except(&[("no token", "404 not_found"), (NOT_LOOKED_AT, "404 not_found")]),
    Row::public("GET /log/access/vkey", |_| get("/log/access/vkey").into()),
    Row::public("GET /log/access/tile/{level}/{index}", |world| {
        world.access();
        get("/log/access/tile/0/000.p%2F1").into()
    }),
    // Only parties that were given its identifier know it.
    Row::public("GET /log/access/proof/{id}", |world| {
        get(format!("/log/access/proof/{}", world.access())).into()
    }),
    Row::public("GET /trust/webhook.pub", |_| get("/trust/webhook.pub").into()),
    Row::share("POST /share/v1/queryCertInfo", NO_GRANT, |world| {
        by_identifier(world, "queryCertInfo")
    }),
    Row::share("POST /share/v1/queryCertInfoByQRcode", Other::LikeMissing(NOT_HERE), |world| {
        let ask = |code: &str| envelope("queryCertInfoByQRcode", json!({ "qrcode": code }));
        let code = code(world, &world.permit);
        let other: String = code.chars().rev().collect();
        Ask::from(ask(&code)).missing(ask(&other)).own(&world.permit)
    }),
    Row::share("POST /share/v1/verifyCertInfo", NO_GRANT, |world| {
        let licence = world.api.office.licence(&world.permit).unwrap();
        let fields = &example("residence-permit")["fields"];
        let ask = |number: &str| {
            let stated = json!({
                "holderCode": fields["citizen_id"], "holder": fields["name"], "certNo": number,
            });
            let data = json!({ "certTypeCode": "residence-permit", "certData": stated });
            envelope("verifyCertInfo", data)
        };
        Ask::from(ask(&licence.number)).missing(ask("X-0"))
    }),
    Row::share("POST /share/v1/verifyFile", Other::NotAbout, |world| {
        let data = json!({
            "certTypeCode": "residence-permit", "contentType": "base64",
            "content": STANDARD.encode(pdf(world, &world.permit)),
        });
        envelope("verifyFile", data).into()
    }),
    Row::share("POST /share/v1/downloadUrlsByHolderCode", NO_GRANT, |_| {
        let ask = |code: &Value| {
            let data = json!({
                "certTypeCode": "residence-permit", "holderTypeCode": "111", "holderCode": code,
            });
            envelope("downloadUrlsByHolderCode", data)
        };
        let code = &example("residence-permit")["fields"]["citizen_id"];
        Ask::from(ask(code)).missing(ask(&"999999199001010067".into())).own("/share/v1/files/")
    }),
    Row::share("POST /share/v1/downloadUrl", NO_GRANT, |world| by_identifier(world, "downloadUrl")),
    Row::share("POST /share/v1/downloadFile", NO_GRANT, |world| {
        by_identifier(world, "downloadFile")
    }),
    Row::share("POST /share/v1/certRemark", Other::NotAbout, |_| {
        envelope("certRemark", json!({})).into()
    })
    .except(&[
        (RIGHT, "head 2 not_offered"),
        NOTHING_PROVEN[0],
        NOTHING_PROVEN[1],
        NOTHING_PROVEN[2],
    ]),
    // The address alone is sufficient, once.
    Row::public("GET /share/v1/files/{id}", |world| {
        let subject = Subject::Licence(world.permit.clone());
        let links = world.api.office.links(&counter(), &query_for(subject), None, None).unwrap();
        get(format!("/share/v1/files/{}", links[0].code.as_str())).into()
    }),
];

/// When the token is in the body, it is not examined without a proof of its key.
const NOTHING_PROVEN: [(&str, &str); 3] = [
    ("no proof", "head 11 unauthenticated"),
    ("a token for DPoP as Bearer", "head 11 unauthenticated"),
    ("a token for a certificate, without it", "head 11 unauthenticated"),
];
/// Cases that a row may except.
pub(crate) const NOT_LOOKED_AT: &str = "a token of another office";
pub(crate) const NOT_ENOUGH: &str = "every other right";
pub(crate) const RIGHT: &str = "the right call";

/// Status, and the code of a problem.
pub(crate) fn status_and_code(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.bytes).unwrap_or_default();
    let code = [&body["code"], &body["error"]].into_iter().find_map(Value::as_str);
    let code = code.filter(|_| reply.status >= 400).map(|code| format!(" {code}"));
    format!("{}{}", reply.status, code.unwrap_or_default())
}

fn get(path: impl AsRef<str>) -> Call<'static> {
    call(None, "GET", path.as_ref())
}

fn post(path: impl AsRef<str>) -> Call<'static> {
    call(None, "POST", path.as_ref())
}

/// The identifier of a missing licence of the same type and department.
fn nobodys(id: &str) -> String {
    let id = LicenceId::parse(id).unwrap();
    let (kind, issuer) = (TypeCode::parse(id.type_code()), Uscc::parse(id.issuer()));
    let version = Version::parse("001").unwrap();
    LicenceId::new(&kind.unwrap(), &issuer.unwrap(), 999_999_999, version).to_string()
}

fn of_no_type(rest: &str) -> Value {
    json!({ "type": "no-such-type", rest: {} })
}

fn pdf(world: &World, id: &str) -> Vec<u8> {
    world.api.office.issued(id).unwrap().pdf
}

/// The code that is printed on a licence.
fn code(world: &World, id: &str) -> String {
    let pdf = pdf(world, id);
    let at = pdf.windows(3).position(|found| found == b"/v/").unwrap() + 3;
    str::from_utf8(&pdf[at..at + 16]).unwrap().to_owned()
}

fn envelope(operation: &str, mut data: Value) -> Call<'static> {
    if operation != "certRemark" {
        data["useCause"] = format!("{PURPOSE}|2026-000117").into();
    }
    let body = json!({ "head": {}, "data": data });
    post(format!("/share/v1/{operation}")).json(&body)
}

fn by_identifier(world: &World, operation: &str) -> Ask {
    let ask = |id: &str| envelope(operation, json!({ "certIdentifier": id }));
    Ask::from(ask(&world.permit)).missing(ask(&nobodys(&world.permit))).own(&world.permit)
}

fn read(world: &World, rest: &str) -> Ask {
    let (id, _) = world.licence();
    let ask = |id: &str| get(format!("/v1/licences/{id}{rest}"));
    Ask::from(ask(&id)).missing(ask(&nobodys(&id)))
}

fn change(world: &World, act: &str, body: &Value) -> Ask {
    let (id, tag) = world.licence();
    on_licence(act, &id, &tag, body)
}

fn on_licence(act: &str, id: &str, tag: &str, body: &Value) -> Ask {
    let ask =
        |id: &str| post(format!("/v1/licences/{id}/{act}")).header("if-match", tag).json(body);
    Ask::from(ask(id)).missing(ask(&nobodys(id)))
}

fn decide(decision: &str, number: &str, body: &Value) -> Ask {
    let ask = |number: &str| post(format!("/v1/proposals/{number}/{decision}")).json(body);
    Ask::from(ask(number)).missing(ask("999"))
}

/// What the market's counter may ask for.
fn query() -> Value {
    let code = &example("residence-permit")["fields"]["citizen_id"];
    json!({
        "type": "residence-permit",
        "holder": { "code_type": "111", "code": code },
        "purpose": PURPOSE,
        "item": "2026-000117",
    })
}

fn query_of_no_type() -> Value {
    let mut query = query();
    query["type"] = "no-such-type".into();
    query
}
