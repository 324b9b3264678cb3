//! Attacks on status lists, and which list applies at which time.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::io::Write as _;

use crate::forge::{Forge, key, part, signed, stranger, x5c};
use serde_json::{Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Timestamp;
use yinzheng::domain::authority::{self, Ca, Leaf, Urls};
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::verify::assess;
use yinzheng::domain::verify::credential::CredentialError;
use yinzheng::domain::verify::report::{Answer, Report, Verdict};
use yinzheng::domain::verify::status::status_lists::StatusListValid;
use yinzheng::format::jose::jws;
use yinzheng::format::jose::statuslist::{Status, StatusList};
use yinzheng::format::x509::{Certificate, Entitlement, Role};
use yinzheng::service::keys::{KeyName, Keys as _};

fn why(result: Result<StatusListValid, CredentialError>) -> String {
    result.err().map(|error| error.to_string()).unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_list_made_with_the_same_tools_is_used() {
    let forge = Forge::new();
    let lists = [forge.list(&forge.relisted(|_| {})).unwrap()];
    let report = forge.verify_with(&forge.issued.credential, None, &lists, forge.now());
    assert_eq!(report.verdict, Verdict::Valid);
}

#[test]
fn a_list_of_another_signer_is_not_used() {
    let forge = Forge::new();
    let issuing = &forge.test.parts.certificates.issuing;
    let token = forge.status();
    let (head, payload) = (part(&token, 0), part(&token, 1));
    let by = |certificate: &Certificate, key: &dyn yinzheng::crypto::signer::Signer| {
        let mut head = head.clone();
        head["x5c"] = x5c(&[certificate, issuing]);
        why(forge.list(&signed(&head, &payload, key)))
    };
    for name in ["market-credential", "market-seal"] {
        assert!(by(forge.leaf(name), &*key(name)).contains("another kind"), "{name}");
    }
    let own = stranger();
    assert!(by(forge.leaf("status"), &own).contains("does not hold"));
    // Keys for lists of another office, or of one below the address of this one.
    for office in
        ["https://other.example", "http://127.0.0.1:8080/x", "http://127.0.0.1:80", "http:"]
    {
        let leaf = status_leaf(&forge, office, &own);
        let said = by(&leaf, &own);
        assert!(said.contains("\"sub\"") && said.contains(office), "{said}");
    }
    let leaf = status_leaf(&forge, "http://127.0.0.1:8080", &own);
    let mut head = head.clone();
    head["x5c"] = x5c(&[&leaf, issuing]);
    assert!(forge.list(&signed(&head, &payload, &own)).is_ok(), "the control");
}

fn status_leaf(
    forge: &Forge,
    office: &str,
    own: &dyn yinzheng::crypto::signer::Signer,
) -> Certificate {
    let issuing_key = yinzheng::edge::keys::ExampleKeys.signer(&KeyName::Issuing).unwrap();
    let ca = Ca { certificate: &forge.test.parts.certificates.issuing, key: &*issuing_key };
    let known = forge.leaf("status").entitlement().unwrap().clone();
    let url = "http://127.0.0.1:8080/x".to_owned();
    let leaf = Leaf {
        names: authority::Names {
            common: "示例".to_owned(),
            organization: yinzheng::base::localized::Localized::new("示例", "Example"),
            uscc: None,
        },
        entitlement: Entitlement { role: Role::Status, ..known },
        uri: Some(office.to_owned()),
        urls: Urls { ca_issuers: url.clone(), crl: url },
    };
    authority::leaf(&leaf, ca, own.public_key(), [9; 16], forge.now()).unwrap()
}

#[test]
fn a_list_for_another_address_says_nothing() {
    let forge = Forge::new();
    let other = forge.relisted(|payload| payload["sub"] = "http://127.0.0.1:8080/status/2".into());
    let lists = [forge.list(&other).unwrap()];
    let report = forge.verify_with(&forge.issued.credential, None, &lists, forge.now());
    unknown(&report, "status_unknown", "no list");
    for sub in ["http://127.0.0.1:8080/status/1/", "http://127.0.0.1:8080/status/", "x", ""] {
        let text = forge.relisted(|payload| payload["sub"] = sub.into());
        assert!(why(forge.list(&text)).contains("\"sub\""), "{sub}");
    }
}

/// Checks that it is genuine with an unknown status, for this reason.
fn unknown(report: &Report, code: &str, why: &str) {
    assert_eq!(report.verdict, Verdict::StatusUnknown, "{report:#?}");
    assert_eq!((report.authentic, report.in_force), (Answer::Yes, Answer::Unknown));
    assert_eq!(report.findings[0].code, code, "{report:#?}");
    assert!(report.findings[0].detail.contains(why), "{:?}", report.findings[0]);
}

#[test]
fn bombs_cut_lists_tails_and_strange_widths_are_refused() {
    let forge = Forge::new();
    let with =
        |list: Value| why(forge.list(&forge.relisted(|payload| payload["status_list"] = list)));
    let packed = deflate(&[0; 4000]);
    let of = |bytes: &[u8]| json!({ "bits": 2, "lst": jws::encode(bytes) });
    let bomb = deflate(&vec![0; 64 << 20]);
    assert!(with(of(&bomb)).contains("over budget"));
    assert!(with(of(&packed[..packed.len() - 1])).contains("cut off"));
    assert!(with(of(&packed[..9])).contains("cut off"));
    assert!(with(of(&[packed.as_slice(), b"\0"].concat())).contains("behind"));
    assert!(with(of(b"no zlib at all")).contains("cannot be inflated"));
    for bits in [0, 3, 5, 16] {
        let list = json!({ "bits": bits, "lst": jws::encode(&packed) });
        assert!(with(list).contains("other than 1, 2, 4 or 8"), "{bits}");
    }
    let list = json!({ "bits": 2, "lst": format!("{}=", jws::encode(&packed)) });
    assert!(with(list).contains("base64url"));
}

#[test]
fn wrong_typ_and_headers_of_a_list() {
    let forge = Forge::new();
    let token = forge.status();
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("dc+sd-jwt")),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("kid", json!("1")),
        ("crit", json!(["exp"])),
    ] {
        let mut head = part(&token, 0);
        head[name] = value;
        assert!(forge.list(&signed(&head, &part(&token, 1), &*key("status"))).is_err(), "{name}");
    }
    let credential = forge.parts()[0];
    assert!(why(forge.list(credential)).contains("statuslist+jwt"));
}

#[test]
fn an_index_beyond_the_list_or_a_value_without_a_meaning_is_no_status() {
    let forge = Forge::new();
    let short = forge.relisted(|payload| {
        payload["status_list"]["lst"] = jws::encode(&deflate(&[0])).into();
    });
    let lists = [forge.list(&short).unwrap()];
    let report = forge.verify_with(&forge.issued.credential, None, &lists, forge.now());
    unknown(&report, "status_no_entry", "the list ends before this index");
    let strange = forge.relisted(|payload| {
        let list = deflate(&vec![0xBB; 1 << 20]);
        payload["status_list"] = json!({ "bits": 8, "lst": jws::encode(&list) });
    });
    let lists = [forge.list(&strange).unwrap()];
    let report = forge.verify_with(&forge.issued.credential, None, &lists, forge.now());
    unknown(&report, "status_no_entry", "the value 187 has no meaning here");
}

/// A list counts from its start until it expires, and the report states this.
#[test]
fn a_list_that_does_not_cover_the_time_is_no_status() {
    let forge = Forge::new();
    forge.test.clock.set("2026-11-24T12:00:00Z");
    let lists = [forge.list(&forge.status()).unwrap()];
    let at = |time: &str| {
        let time = Timestamp::parse(time).unwrap();
        forge.verify_with(&forge.issued.credential, None, &lists, time)
    };
    let made = "made 2026-11-24T12:00:00Z, good until 2026-11-25T12:00:00Z";
    assert_eq!(at("2026-11-24T12:00:00Z").verdict, Verdict::Valid);
    assert_eq!(at("2026-11-25T11:59:59Z").verdict, Verdict::Valid);
    let stale = at("2026-11-25T12:00:00Z");
    unknown(&stale, "status_other_time", made);
    assert!(stale.headline.en.contains("last known 2026-11-24 20:00"), "{}", stale.headline.en);
    // Issued after the instant: it does not cover the status then, and none was known by then.
    let early = at("2026-11-24T11:54:59Z");
    unknown(&early, "status_other_time", made);
    assert!(early.headline.en.contains("never"), "{}", early.headline.en);
    assert!(early.findings[0].detail.contains("for 2026-11-24T11:54:59Z"));
    // Without any list.
    let report = forge.verify_with(&forge.issued.credential, None, &[], forge.now());
    unknown(&report, "status_unknown", "no list");
}

#[test]
fn a_list_of_the_future_waits_and_an_aged_one_says_so() {
    let forge = Forge::new();
    let now = forge.now();
    for name in ["iat", "nbf"] {
        let later = forge.relisted(|payload| payload[name] = now.plus(301).unix().into());
        let lists = [forge.list(&later).unwrap()];
        let report = forge.verify_with(&forge.issued.credential, None, &lists, now);
        unknown(&report, "status_other_time", "wanted");
    }
    let lists = [forge.list(&forge.status()).unwrap()];
    let codes = |seconds: i64| {
        let time = now.plus(seconds);
        let report = forge.verify_with(&forge.issued.credential, None, &lists, time);
        assert_eq!(report.verdict, Verdict::Valid);
        report.findings.iter().map(|finding| finding.code.name()).collect::<Vec<_>>()
    };
    assert!(codes(3599).contains(&"status_account"));
    assert!(codes(3600).contains(&"status_aged"));
}

#[test]
fn of_several_lists_the_newest_that_covers_the_time_decides() {
    let forge = Forge::new();
    let first = forge.list(&forge.status()).unwrap();
    forge.test.clock.set("2026-11-24T08:00:00Z");
    let id = forge.issued.licence.id.as_str();
    forge
        .test
        .office
        .change(id, StatusChange::Suspend(Reason::Investigation), &Actor::System)
        .unwrap();
    let second = forge.list(&forge.status()).unwrap();
    forge.test.clock.set("2026-11-24T10:00:00Z");
    forge.test.office.change(id, StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    let third = forge.list(&forge.status()).unwrap();
    // The order in which they are given does not matter.
    for lists in [
        [first.clone(), second.clone(), third.clone()],
        [third.clone(), second.clone(), first.clone()],
        [second.clone(), third, first.clone()],
    ] {
        for (time, expected) in [
            ("2026-11-24T07:00:00Z", Verdict::Valid),
            ("2026-11-24T09:00:00Z", Verdict::Suspended),
            ("2026-11-24T10:00:00Z", Verdict::Revoked),
            ("2026-11-25T09:59:59Z", Verdict::Revoked),
            ("2026-11-25T10:00:00Z", Verdict::StatusUnknown),
        ] {
            let time = Timestamp::parse(time).unwrap();
            let report = forge.verify_with(&forge.issued.credential, None, &lists, time);
            assert_eq!(report.verdict, expected, "{time}");
        }
    }
    // A newest list without the entry is not replaced by an older one.
    let short = forge.relisted(|payload| {
        payload["status_list"]["lst"] = jws::encode(&deflate(&[0])).into();
    });
    let lists = [first, second, forge.list(&short).unwrap()];
    let report = forge.verify_with(&forge.issued.credential, None, &lists, forge.now());
    unknown(&report, "status_no_entry", "ends before");
}

/// Two lists of the same second: the licence was withdrawn between them.
#[test]
fn of_two_lists_of_one_second_the_one_that_says_more_decides() {
    let forge = Forge::new();
    let before = forge.list(&forge.status()).unwrap();
    let id = forge.issued.licence.id.as_str();
    forge.test.office.change(id, StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    let after = forge.list(&forge.status()).unwrap();
    assert_eq!(before.issued(), after.issued());
    for lists in [[before.clone(), after.clone()], [after, before]] {
        let report = forge.verify_with(&forge.issued.credential, None, &lists, forge.now());
        assert_eq!(report.verdict, Verdict::Revoked);
    }
}

/// A later list without the revocation does not reinstate a licence, and the contradiction is
/// reported.
#[test]
fn a_revocation_is_final_whatever_a_later_list_says() {
    let forge = Forge::new();
    let before = forge.status();
    let id = forge.issued.licence.id.as_str();
    forge.test.clock.set("2026-11-24T08:00:00Z");
    forge.test.office.change(id, StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    let revoking = forge.list(&forge.status()).unwrap();
    forge.test.clock.set("2026-11-24T09:00:00Z");
    let clean = part(&before, 1)["status_list"]["lst"].clone();
    let later = forge.relisted(|payload| payload["status_list"]["lst"] = clean.clone());
    let later = forge.list(&later).unwrap();
    assert!(later.issued() > revoking.issued());
    // Also when the revoking list has expired by then.
    for time in ["2026-11-24T09:30:00Z", "2026-11-25T08:30:00Z"] {
        let time = Timestamp::parse(time).unwrap();
        let judge = |lists: &[StatusListValid]| {
            forge.verify_with(&forge.issued.credential, None, lists, time)
        };
        assert_eq!(judge(std::slice::from_ref(&later)).verdict, Verdict::Valid, "the control");
        for lists in [[revoking.clone(), later.clone()], [later.clone(), revoking.clone()]] {
            let report = judge(&lists);
            assert_eq!(report.verdict, Verdict::Revoked, "{time}");
            let contradiction =
                report.findings.iter().find(|one| one.code == "status_contradicted");
            assert!(
                contradiction.unwrap().detail.contains("made 2026-11-24T09:00:00Z"),
                "{report:#?}"
            );
        }
    }
}

#[test]
fn a_list_of_the_future_says_nothing_good_and_none_speaks_for_decades() {
    let forge = Forge::new();
    let (now, later) = (forge.now(), forge.now().plus(20 * 86_400));
    let of_later = |forge: &Forge| {
        forge.relisted(|payload| {
            payload["iat"] = later.unix().into();
            payload["exp"] = later.plus(86_400).unix().into();
        })
    };
    let good = forge.list(&of_later(&forge)).unwrap();
    for time in [now, later.plus(60)] {
        let report =
            forge.verify_with(&forge.issued.credential, None, std::slice::from_ref(&good), time);
        assert_ne!(report.verdict, Verdict::Valid, "{time}");
    }
    let decades =
        forge.relisted(|payload| payload["exp"] = now.plus(20 * 365 * 86_400).unix().into());
    let decades = forge.list(&decades).unwrap();
    let at = |days: i64| {
        let time = now.plus(days * 86_400);
        forge
            .verify_with(&forge.issued.credential, None, std::slice::from_ref(&decades), time)
            .verdict
    };
    assert_eq!((at(39), at(40)), (Verdict::Valid, Verdict::StatusUnknown));
    let id = forge.issued.licence.id.as_str();
    forge.test.office.change(id, StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    let revoking = forge.list(&of_later(&forge)).unwrap();
    let report = forge.verify_with(&forge.issued.credential, None, &[revoking], now);
    assert_eq!(report.verdict, Verdict::Revoked, "a revocation of the future counts now");
}

/// The office knows the present status of a licence and its first day, and no earlier status.
#[test]
fn the_office_answers_for_the_past_only_what_its_record_says() {
    let forge = Forge::new();
    let office = &forge.test.office;
    let at = |time: &str| {
        let context = forge.context_at(Timestamp::parse(time).unwrap());
        let bytes = forge.issued.credential.as_bytes();
        assess::verify("", bytes, &context, office, &mut Budget::default())
    };
    forge.test.clock.set("2026-12-01T06:00:00Z");
    assert_eq!(at("2026-12-01T06:00:00Z").verdict, Verdict::Valid);
    let past = at("2026-11-28T00:00:00Z");
    unknown(&past, "status_other_time", "does not say what held at 2026-11-28T00:00:00Z");
    unknown(&at("2026-12-02T00:00:00Z"), "status_other_time", "does not say");
    let id = forge.issued.licence.id.as_str();
    office.change(id, StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    forge.test.clock.set("2026-12-20T06:00:00Z");
    assert_eq!(at("2026-12-10T00:00:00Z").verdict, Verdict::Revoked);
    unknown(&at("2026-11-28T00:00:00Z"), "status_other_time", "since 2026-12-01");
    // Within the day itself the record does not have the hour.
    unknown(&at("2026-12-01T10:00:00Z"), "status_other_time", "since 2026-12-01");
}

/// The longest token that an office can write: every entry of a list in use, with random states,
/// which cannot be compressed. The office itself begins another list when one is half full.
#[test]
fn the_longest_list_that_an_office_writes_is_read() {
    let forge = Forge::new();
    let entries = yinzheng::service::status::LIST_ENTRIES;
    let mut list = StatusList::new(usize::try_from(entries).unwrap());
    let mut chance = 0x9E37_79B9_7F4A_7C15_u64;
    for index in 0..entries {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let status = match chance >> 60 & 3 {
            0 => Status::Valid,
            1 => Status::Invalid,
            2 => Status::Suspended,
            _ => Status::Superseded,
        };
        list.set(index, status).unwrap();
    }
    let chain = [forge.leaf("status").der(), forge.test.parts.certificates.issuing.der()];
    let uri = "http://127.0.0.1:8080/status/1";
    let token = list.to_token(uri, forge.now(), &chain, &*key("status")).unwrap();
    let bound = Budget::default().token_bytes;
    // A margin for longer names and certificates in the header.
    assert!(token.len() + (16 << 10) <= bound, "{} of {bound} bytes", token.len());
    assert!(forge.list(&token).is_ok());
}
