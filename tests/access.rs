//! Client authentication with a clock that the tests set: when tokens expire, and how long uses are
//! remembered.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::world::TestOffice;
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::access::Caller;
use yinzheng::format::jose::client_jwk::SystemKey;
use yinzheng::format::jose::{jws, signed};
use yinzheng::service::access::{
    GivenToken, NewClient, NotRecognised, Presented, TokenError, TokenRequest,
};
use yinzheng::service::office::Office;
use yinzheng::store::{Collection, EventKind, FaultPlan, FaultyFiles, Memory};

const BASE: &str = "http://127.0.0.1:8080";

struct Department {
    name: &'static str,
    key: SoftwareKey,
}

fn fresh() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed).to_string()
}

fn jwk(key: &SoftwareKey) -> Value {
    SystemKey::new(key.public_key()).unwrap().to_json()
}

fn new_key() -> SoftwareKey {
    SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
}

/// An office at six o'clock, a minute after its start.
fn office() -> TestOffice {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    test.clock.set("2026-11-24T06:01:00Z");
    test
}

impl Department {
    fn register(office: &Office, name: &'static str) -> Self {
        let key = new_key();
        let new = NewClient {
            name,
            department: "market",
            scopes: vec!["read:*".parse().unwrap()],
            purposes: Vec::new(),
            key: &jwk(&key),
        };
        office.add_client(new, &Actor::LocalOperator).unwrap();
        Self { name, key }
    }

    fn assertion(&self, now: i64) -> String {
        let claims = json!({
            "iss": self.name, "sub": self.name, "aud": BASE, "iat": now, "exp": now + 300,
            "jti": fresh(),
        });
        signed::sign(&json!({ "alg": "ES256" }), &claims, &self.key).unwrap()
    }

    fn proof(&self, now: i64, method: &str, path: &str, token: Option<&str>) -> String {
        let head = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&self.key) });
        let mut claims = json!({
            "htm": method, "htu": format!("{BASE}{path}"), "iat": now, "jti": fresh(),
        });
        if let Some(token) = token {
            claims["ath"] = jws::encode(Digest::of(&[token.as_bytes()]).as_bytes()).into();
        }
        signed::sign(&head, &claims, &self.key).unwrap()
    }

    fn token(&self, office: &Office) -> Result<GivenToken, TokenError> {
        let now = office.now().unix();
        let proof = self.proof(now, "POST", "/oauth/token", None);
        give(office, &self.assertion(now), Some(&proof))
    }

    fn call(&self, office: &Office, given: &GivenToken) -> Result<Caller, NotRecognised> {
        let token = given.token.expose();
        let proof = self.proof(office.now().unix(), "GET", "/v1/whoami", Some(token));
        call_with(office, token, &proof)
    }
}

fn give(office: &Office, assertion: &str, proof: Option<&str>) -> Result<GivenToken, TokenError> {
    let request =
        TokenRequest { assertion, client_id: None, scope: None, proof, certificate: None };
    office.give_token(&request)
}

fn call_with(office: &Office, token: &str, proof: &str) -> Result<Caller, NotRecognised> {
    office.recognise(&Presented {
        scheme: "DPoP",
        token,
        proof: Some(proof),
        certificate: None,
        method: "GET",
        path: "/v1/whoami",
    })
}

#[test]
fn a_token_ends_after_ten_minutes() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    let given = department.token(&test.office).unwrap();
    assert_eq!(given.lives, 600);
    test.clock.set("2026-11-24T06:10:59Z");
    let caller = department.call(&test.office, &given).unwrap();
    assert_eq!((caller.client().as_str(), caller.department()), ("market-counter", "market"));
    test.clock.set("2026-11-24T06:11:00Z");
    assert!(matches!(department.call(&test.office, &given), Err(NotRecognised::Token)));
}

#[test]
fn a_token_ends_with_the_key_that_asked_for_it() {
    let test = office();
    let old = Department::register(&test.office, "market-counter");
    let before = old.token(&test.office).unwrap();
    let key = new_key();
    let actor = Actor::LocalOperator;
    test.office.rotate_client("market-counter", &jwk(&key), 120, &actor).unwrap();
    let new = Department { name: "market-counter", key };
    let during = old.token(&test.office).unwrap();
    assert_eq!((during.lives, new.token(&test.office).unwrap().lives), (120, 600));
    test.clock.set("2026-11-24T06:02:59Z");
    assert!(old.call(&test.office, &before).is_ok() && old.call(&test.office, &during).is_ok());
    test.clock.set("2026-11-24T06:03:00Z");
    for given in [before, during] {
        assert!(matches!(old.call(&test.office, &given), Err(NotRecognised::Token)));
    }
    assert!(matches!(old.token(&test.office), Err(TokenError::Client(_))));
}

#[test]
fn what_was_used_is_refused_for_as_long_as_it_could_be_accepted() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    let start = test.office.now().unix();
    let assertion = department.assertion(start);
    let given = give(
        &test.office,
        &assertion,
        Some(&department.proof(start, "POST", "/oauth/token", None)),
    );
    let given = given.unwrap();
    let token = given.token.expose();
    let proof = department.proof(start, "GET", "/v1/whoami", Some(token));
    assert!(call_with(&test.office, token, &proof).is_ok());
    for second in 0..300_i64 {
        let at = start + second;
        test.clock.set(&yinzheng::base::time::Timestamp::from_unix(at).unwrap().to_string());
        // Other requests rotate the generations of the cache.
        if second % 7 == 0 {
            let busy = department.proof(at, "POST", "/oauth/token", None);
            drop(give(&test.office, &department.assertion(at), Some(&busy)));
            drop(department.call(&test.office, &given));
        }
        let other = department.proof(at, "POST", "/oauth/token", None);
        let again = give(&test.office, &assertion, Some(&other));
        assert!(matches!(again, Err(TokenError::AssertionUsed)), "{second}: {again:?}");
        let again = call_with(&test.office, token, &proof);
        let used = matches!(again, Err(NotRecognised::ProofUsed));
        assert_eq!(used, second <= 60, "{second}: {again:?}");
    }
}

#[test]
fn an_assertion_of_the_near_future_is_not_used_up_before_its_time() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    let assertion = department.assertion(test.office.now().unix() + 2);
    let ask = || {
        let proof = department.proof(test.office.now().unix(), "POST", "/oauth/token", None);
        give(&test.office, &assertion, Some(&proof)).map(drop)
    };
    for _ in 0..2 {
        assert!(ask().unwrap_err().to_string().contains("2 s ahead"));
    }
    test.clock.set("2026-11-24T06:01:02Z");
    assert!(ask().is_ok() && matches!(ask(), Err(TokenError::AssertionUsed)));
}

#[test]
fn when_the_clock_goes_back_nobody_is_let_in() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    let given = department.token(&test.office).unwrap();
    test.clock.set("2026-11-24T06:00:50Z");
    assert!(matches!(department.token(&test.office), Err(TokenError::Unavailable(_))));
    let called = department.call(&test.office, &given);
    assert!(matches!(called, Err(NotRecognised::Unavailable(_))));
    test.clock.set("2026-11-24T06:01:00Z");
    assert!(department.call(&test.office, &given).is_ok());
}

#[test]
fn a_client_has_a_hundred_tokens_and_the_oldest_ends() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    let neighbour = Department::register(&test.office, "other-counter");
    let theirs = neighbour.token(&test.office).unwrap();
    let mut all = Vec::new();
    for minute in 1..=4 {
        test.clock.set(&format!("2026-11-24T06:0{minute}:00Z"));
        for _ in 0..30 {
            all.push(department.token(&test.office).unwrap());
        }
        assert!(matches!(department.token(&test.office), Err(TokenError::TooMany(60))));
    }
    let held = all.iter().filter(|given| department.call(&test.office, given).is_ok()).count();
    assert_eq!(held, 100);
    assert!(department.call(&test.office, &all[19]).is_err());
    assert!(department.call(&test.office, &all[20]).is_ok());
    assert!(neighbour.call(&test.office, &theirs).is_ok());
}

#[test]
fn no_token_survives_that_its_client_is_disabled_whenever_it_was_asked_for() {
    for _ in 0..20 {
        let office = office();
        let department = Department::register(&office.office, "market-counter");
        let given = std::thread::scope(|scope| {
            let ask = scope.spawn(|| {
                let all: Vec<_> =
                    (0..8).filter_map(|_| department.token(&office.office).ok()).collect();
                all
            });
            office.office.disable_client("market-counter", &Actor::LocalOperator).unwrap();
            ask.join().unwrap()
        });
        for one in given {
            assert!(department.call(&office.office, &one).is_err());
        }
    }
}

/// When it is unknown whether the change is durable, the client is refused, whatever the store has.
#[test]
fn a_client_whose_end_could_not_be_written_is_let_in_no_more() {
    let files = FaultyFiles::default();
    let test = TestOffice::over(Arc::new(Memory::over(files.clone()).unwrap()));
    test.clock.set("2026-11-24T06:01:00Z");
    let department = Department::register(&test.office, "market-counter");
    let given = department.token(&test.office).unwrap();
    assert!(department.call(&test.office, &given).is_ok());
    files.plan(FaultPlan { fails_at: 0, lands: 10 });
    assert!(test.office.disable_client("market-counter", &Actor::LocalOperator).is_err());
    assert!(department.call(&test.office, &given).is_err());
    assert!(department.token(&test.office).is_err());
    assert!(test.office.client("market-counter").unwrap().disabled);
}

#[test]
fn every_change_of_a_registration_names_its_author_in_the_journal() {
    let test = office();
    let office = &test.office;
    let actor = Actor::Person("administrator".to_owned());
    let key = new_key();
    let new = |name| NewClient {
        name,
        department: "market",
        scopes: vec!["read:*".parse().unwrap()],
        purposes: Vec::new(),
        key: &Value::Null,
    };
    let first = jwk(&key);
    office.add_client(NewClient { key: &first, ..new("market-counter") }, &actor).unwrap();
    office.rotate_client("market-counter", &jwk(&new_key()), 60, &actor).unwrap();
    office.disable_client("market-counter", &actor).unwrap();
    // Refused changes are not written.
    assert!(office.add_client(NewClient { key: &first, ..new("market-counter") }, &actor).is_err());
    assert!(office.add_client(new("other-counter"), &actor).is_err());
    let lines = office.store().reader().events(0, 1000).unwrap();
    let lines: Vec<_> = lines.iter().filter(|line| line.kind == EventKind::Registered).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert_eq!(line.actor, actor);
        assert_eq!(line.entries, [(Collection::Client, "market-counter".to_owned())]);
    }
    assert!(office.client("market-counter").unwrap().disabled);
    assert_eq!(office.clients("", 10).unwrap().len(), 1);
}

#[test]
fn a_token_ends_with_a_right_that_its_client_lost_and_no_other_does() {
    let test = office();
    let office = &test.office;
    let actor = Actor::LocalOperator;
    let scopes = |all: &[&str]| Some(all.iter().map(|one| one.parse().unwrap()).collect());
    let department = Department::register(office, "market-counter");
    let neighbour = Department::register(office, "other-counter");
    let theirs = neighbour.token(office).unwrap();
    let wide = department.token(office).unwrap();
    // Additional rights end no token, and existing tokens do not get them.
    office.change_rights("market-counter", scopes(&["read:*", "issue:*"]), None, &actor).unwrap();
    let caller = department.call(office, &wide).unwrap();
    assert_eq!(caller.scopes().len(), 1);
    assert_eq!(department.token(office).unwrap().scopes.len(), 2);
    office.change_rights("market-counter", scopes(&["read:business"]), None, &actor).unwrap();
    assert!(matches!(department.call(office, &wide), Err(NotRecognised::Token)));
    let narrow = department.token(office).unwrap();
    assert!(department.call(office, &narrow).is_ok() && neighbour.call(office, &theirs).is_ok());
    // A client that is disabled and enabled again needs a new token.
    office.disable_client("market-counter", &actor).unwrap();
    assert!(matches!(department.token(office), Err(TokenError::Client(_))));
    office.enable_client("market-counter", &actor).unwrap();
    assert!(matches!(department.call(office, &narrow), Err(NotRecognised::Token)));
    let again = department.token(office).unwrap();
    assert!(department.call(office, &again).is_ok());
    // A key that expired meanwhile is refused.
    office.rotate_client("market-counter", &jwk(&new_key()), 0, &actor).unwrap();
    office.disable_client("market-counter", &actor).unwrap();
    office.enable_client("market-counter", &actor).unwrap();
    assert!(matches!(department.token(office), Err(TokenError::Client(_))));
}

/// Restarts the office over its persistent state.
fn restarted(test: &TestOffice, at: &str) -> TestOffice {
    test.clock.set(at);
    TestOffice::again(Arc::clone(&test.parts.store), &test.parts, Arc::clone(&test.clock))
}

#[test]
fn what_was_used_stays_used_when_the_office_restarts_with_a_clock_that_went_back() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    test.clock.set("2026-11-24T06:10:00Z");
    let used = department.assertion(test.office.now().unix());
    let proof =
        |office: &Office| department.proof(office.now().unix(), "POST", "/oauth/token", None);
    assert!(give(&test.office, &used, Some(&proof(&test.office))).is_ok());
    for (restart, later) in [
        ("2026-11-24T06:09:59Z", "2026-11-24T06:10:00Z"),
        ("2026-11-24T06:08:00Z", "2026-11-24T06:09:58Z"),
        ("2026-11-24T06:08:00Z", "2026-11-24T06:14:59Z"),
        ("2020-01-01T00:00:00Z", "2026-11-24T06:10:01Z"),
    ] {
        let again = restarted(&test, restart);
        assert!(give(&again.office, &used, Some(&proof(&again.office))).is_err(), "{restart}");
        again.clock.set(later);
        assert!(give(&again.office, &used, Some(&proof(&again.office))).is_err(), "{later}");
    }
    // Once the clock has caught up, new assertions are accepted.
    let again = restarted(&test, "2026-11-24T06:09:00Z");
    let closed = again.office.admits().unwrap_err().to_string();
    assert!(closed.contains("60 s behind") && closed.contains("--accept-clock"), "{closed}");
    again.clock.set("2026-11-24T06:10:01Z");
    again.office.admits().unwrap();
    assert!(department.token(&again.office).is_ok());
}

#[test]
fn an_operator_who_confirms_the_clock_opens_the_door_and_nothing_is_forgotten() {
    let test = office();
    let department = Department::register(&test.office, "market-counter");
    test.clock.set("2036-11-24T06:00:00Z");
    assert!(department.token(&test.office).is_ok());
    test.clock.set("2026-11-24T06:02:00Z");
    let used = department.assertion(test.office.now().unix());
    assert!(give(&test.office, &used, None).is_err() && test.office.admits().is_err());
    test.office.confirm_clock(&Actor::LocalOperator).unwrap();
    test.office.admits().unwrap();
    // Assertions and proofs signed before the confirmation are refused.
    let proof = department.proof(test.office.now().unix(), "POST", "/oauth/token", None);
    assert!(give(&test.office, &used, Some(&proof)).is_err());
    test.clock.set("2026-11-24T06:02:01Z");
    assert!(department.token(&test.office).is_ok());
    let again = restarted(&test, "2026-11-24T06:03:00Z");
    again.office.admits().unwrap();
    again.clock.set("2026-11-24T06:03:01Z");
    assert!(department.token(&again.office).is_ok());
}
