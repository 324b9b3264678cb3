//! Issue, seal, verify, revoke, from end to end, and all ways to damage a sealed file.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::sync::Arc;

use crate::world::{EXAMPLES, TestOffice, example};
use pdf_writer::Name;
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::limits::Budget;
use yinzheng::base::time::Clock as _;
use yinzheng::domain::licence::kind::{LicenceType, Types};
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::seal::prepared::PreparedSeal;
use yinzheng::domain::trust::TrustSnapshot;
use yinzheng::domain::verify::assess::{self, Standings};
use yinzheng::domain::verify::context::Context;
use yinzheng::domain::verify::report::{Answer, Report, Verdict};
use yinzheng::domain::verify::status::status_lists::StatusListValid;
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::format::pdf::read::{Document, Object};
use yinzheng::format::pdf::write::{Revision, Unsealed};
use yinzheng::service::issue_command::{IssueError, Request, Requester};
use yinzheng::service::keys::{KeyName, Keys as _};
use yinzheng::service::lookup::{LookedUp, Typed};
use yinzheng::service::status::StatusError;
use yinzheng::store::{Collection, EventKind, Memory};

fn office() -> TestOffice {
    TestOffice::over(Arc::new(Memory::new().unwrap()))
}

#[test]
fn every_type_is_issued_verified_and_revoked() {
    let test = office();
    for &(kind, _) in EXAMPLES {
        test.issue(kind).unwrap();
        test.check();
    }
    let licences = test.check();
    let types: Vec<_> = test.office.types().iter().map(|kind| kind.slug.as_str()).collect();
    let mut issued: Vec<_> = licences.iter().map(|licence| licence.kind.as_str()).collect();
    issued.sort_unstable();
    assert_eq!(issued, types);
    for licence in licences {
        let id = licence.id.as_str();
        test.office.change(id, StatusChange::Revoke(Reason::Penalty), &Actor::System).unwrap();
        test.check();
        assert!(test.office.change(id, StatusChange::Resume, &Actor::System).is_err());
    }
}

#[test]
fn the_same_key_gives_the_same_answer_and_no_second_licence() {
    let test = office();
    let (actor, input) = (Actor::LocalOperator, example("business"));
    let request = Request {
        requester: &Requester::Operator(actor),
        kind: "business",
        input: &input,
        idempotency: Some("k1"),
    };
    let first = test.office.issue(&request).unwrap();
    let second = test.office.issue(&request).unwrap();
    assert_eq!(first.licence.id, second.licence.id);
    assert_eq!(first.pdf, second.pdf);
    let mut other = input.clone();
    other["fields"]["capital"] = 7.into();
    let reused = test.office.issue(&Request { input: &other, ..request });
    assert!(matches!(reused, Err(IssueError::KeyReused(_))));
    assert_eq!(test.check().len(), 1);
}

#[test]
fn english_is_what_office_and_types_say() {
    let test = office();
    let value = |kind, field, printed| test.office.value_in_english(kind, field, printed);
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(value("residence-permit", "born", "一九九〇年一月二十一日"), known("1990-01-21"));
    assert_eq!(value("residence-permit", "sex", "女"), known("Female"));
    assert_eq!(value("residence-permit", "name", "张示例"), None);
    assert_eq!(value("residence-permit", "sex", "*"), None, "masked");
    assert_eq!(value("no-type", "sex", "女"), None);
    assert_eq!(test.office.issuer_in_english("别的机关"), None);
}

#[test]
fn a_clock_that_went_back_stops_sealing() {
    let test = office();
    test.clock.set("2026-11-24T06:10:00Z");
    test.issue("business").unwrap();
    test.clock.set("2026-11-24T06:08:00Z");
    assert!(matches!(test.issue("business"), Err(IssueError::ClockWentBack { .. })));
    test.clock.set("2026-11-24T06:10:01Z");
    let second = test.issue("business").unwrap().licence;
    test.clock.set("2026-11-24T06:08:00Z");
    test.office.confirm_clock(&Actor::LocalOperator).unwrap();
    let third = test.issue("business").unwrap().licence;
    assert_eq!(test.check().len(), 3);
    assert_ne!(second.number, third.number);
}

#[test]
fn a_new_epoch_shares_nothing_with_what_may_be_lost() {
    let test = office();
    let first = test.issue("business").unwrap().licence;
    assert_eq!(test.office.begin_epoch(&Actor::LocalOperator, 100_000).unwrap(), 1);
    let second = test.issue("business").unwrap().licence;
    assert_eq!((first.status_list, second.status_list), (1, 1001));
    assert!(second.number.ends_with("00101001"), "{}", second.number);
    assert!(second.id.as_str().contains(".00000001000000000001."), "{}", second.id.as_str());
    assert_eq!(test.office.status_lists().unwrap(), [1, 1001]);
    assert_eq!(test.check().len(), 2);
    let again = TestOffice::again(test.parts.store.clone(), &test.parts, test.clock.clone());
    assert_eq!(again.issue("business").unwrap().licence.status_list, 1001);
}

#[test]
fn the_revocation_list_is_renewed_before_it_ends() {
    let test = office();
    assert!(test.office.renew().unwrap().crl.is_none());
    let old = test.office.crl();
    test.clock.set("2026-11-29T06:00:00Z");
    assert_eq!(test.office.renew().unwrap().crl, Some(test.office.crl()));
    assert_ne!(test.office.crl(), old);
    assert!(test.office.renew().unwrap().crl.is_none());
    test.issue("business").unwrap();
    test.clock.set("2026-12-05T06:00:00Z");
    let licences = test.check();
    assert_eq!(licences.len(), 1);
}

#[test]
fn an_office_that_is_never_restarted_seals_on_with_new_certificates() {
    let test = office();
    let first = test.issue("business").unwrap();
    let old = test.office.certificates();
    test.clock.set("2027-10-20T06:00:00Z");
    assert!(test.office.renew().unwrap().leaves.is_empty(), "a month and more is left");
    test.clock.set("2027-10-26T06:00:00Z");
    test.parts.keys.lock(Some(KeyName::Root));
    let renewed = test.office.renew().unwrap();
    assert_eq!(renewed.leaves.len(), old.leaves.len());
    assert!(renewed.root_crl.is_none());
    assert!(renewed.root_missing.is_some(), "the root's list ends within a month");
    test.parts.keys.lock(None);
    assert!(test.office.renew().unwrap().root_crl.is_some());
    assert!(test.office.renew().unwrap().leaves.is_empty());
    let (name, new) = &renewed.leaves[0];
    let before = &old.leaves[name];
    assert_eq!(new.entitlement(), before.entitlement());
    assert_ne!(new.der(), before.der());
    // The old keys' year is over; both old and new licences are valid.
    test.clock.set("2027-12-24T06:00:00Z");
    test.office.renew().unwrap();
    let second = test.issue("business").unwrap();
    assert_ne!(first.licence.id, second.licence.id);
    assert_eq!(test.check().len(), 2);
    assert_eq!(offline(&test, &second.pdf, true).verdict, Verdict::Valid);
}

#[test]
fn an_act_asks_for_the_keys_that_it_needs_and_for_no_other() {
    let test = office();
    test.issue("business").unwrap();
    let mut asked = test.parts.keys.asked();
    asked.dedup();
    assert_eq!(asked, ["market-credential", "market-seal"]);
    let id = test.check()[0].id.clone();
    test.office.change(id.as_str(), StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    assert!(test.parts.keys.asked().is_empty());
    test.office.status_token(1).unwrap();
    assert_eq!(test.parts.keys.asked(), ["status"]);
}

#[test]
fn a_request_that_comes_eight_times_at_once_is_answered_alike() {
    let test = office();
    let input = example("business");
    let start = std::sync::Barrier::new(8);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let ask = || {
            start.wait();
            let actor = Actor::LocalOperator;
            let request = Request {
                requester: &Requester::Operator(actor),
                kind: "business",
                input: &input,
                idempotency: Some("k"),
            };
            test.office.issue(&request).unwrap().licence.id
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|id| *id == answers[0]), "{answers:?}");
    assert_eq!(test.check().len(), 1);
}

#[test]
fn a_number_is_looked_up_with_something_else_that_stands_on_the_paper() {
    let test = office();
    let ask = |number: &str, holder: &str, tail: &str| match test.office.look_up(&Typed {
        number,
        holder,
        tail,
    }) {
        Ok(LookedUp::Shown(report)) => report.verdict.code(),
        Ok(LookedUp::Fits) => "fits",
        Ok(LookedUp::DoesNotFit) => "no",
        Ok(LookedUp::Incomplete) => "incomplete",
        Err(_) => "locked",
    };
    let food = test.issue("food-operation").unwrap().licence;
    let school = test.issue("private-school").unwrap().licence;
    let person = test.issue("residence-permit").unwrap().licence;
    assert_eq!(ask(&food.number, "", "0158"), "valid");
    assert_eq!(ask(&food.number.to_lowercase(), &food.holder, ""), "valid");
    assert_eq!(ask(&school.number, &school.holder, ""), "valid");
    // Values that cannot match any licence do not count as a try, whether the number exists or not.
    for _ in 0..6 {
        for number in [&food.number, &person.number, "51999999999998", ""] {
            for (holder, tail) in [("", "58"), ("", ""), ("", "010024"), ("张示例", "10024")] {
                assert_eq!(ask(number, holder, tail), "incomplete");
            }
            assert_eq!(ask(number, "别的名称", ""), "incomplete");
        }
    }
    test.office
        .change(food.id.as_str(), StatusChange::Revoke(Reason::Fraud), &Actor::System)
        .unwrap();
    assert_eq!(ask(&food.number, "", "0158"), "revoked");
    // For a person the answer is yes or no, and both the name and the digits must match.
    assert_eq!(ask(&person.number, "张示例", "010024"), "fits");
    assert_eq!(ask(&person.number, "张示例", ""), "incomplete");
    test.office
        .change(person.id.as_str(), StatusChange::Revoke(Reason::Fraud), &Actor::System)
        .unwrap();
    for _ in 0..5 {
        assert_eq!(ask(&person.number, "张示例", "010024"), "no");
    }
    assert_eq!(ask(&person.number, "张示例", "010024"), "locked");
    for wrong in 0..5 {
        assert_eq!(ask("51999999999999", "张示例", &format!("{wrong:06}")), "no");
    }
    assert_eq!(ask("51999999999999", "张示例", "000000"), "locked", "nobody has this number");
    test.clock.set("2026-11-24T07:00:01Z");
    assert_eq!(ask(&person.number, "张示例", "010024"), "no");
}

#[test]
fn an_office_that_ends_in_order_leaves_no_gap() {
    let test = office();
    let first = test.issue("business").unwrap().licence.number;
    test.office.close().unwrap();
    let again = TestOffice::again(test.parts.store.clone(), &test.parts, test.clock.clone());
    let second = again.issue("business").unwrap().licence.number;
    let third = TestOffice::again(test.parts.store.clone(), &test.parts, test.clock.clone());
    let third = third.issue("business").unwrap().licence.number;
    let serial = |number: &str| number[10..].parse::<u32>().unwrap();
    assert_eq!(serial(&second), serial(&first) + 1);
    assert_eq!(serial(&third), serial(&first) + 1001, "the second office ended in a crash");
    assert_eq!(test.check().len(), 3);
}

#[test]
fn a_revision_is_added_behind_and_the_seal_before_it_stays() {
    let test = office();
    let pdf = test.issue("business").unwrap().pdf;
    let mut budget = Budget::default();
    let document = Document::parse(&pdf, &mut budget).unwrap();
    let mut revision = Revision::of(&document).unwrap();
    let (store, note) = (revision.id(), revision.id());
    revision.write(store, |chunk| {
        chunk.indirect(store).dict().pair(Name(b"Note"), note);
    });
    revision.write(note, |chunk| {
        chunk.stream(note, b"archive material");
    });
    revision.extend_catalog(&[("DSS", store)], &mut budget).unwrap();
    let longer = revision.finish();
    assert!(longer.starts_with(&pdf));
    let again = Document::parse(&longer, &mut budget).unwrap();
    assert_eq!(again.revisions().len(), 2);
    assert_eq!(again.revisions()[1].objects.len(), 3);
    let catalog = again.catalog(&mut budget).unwrap();
    let Object::Dict(found) = again.get(&catalog, "DSS", &mut budget).unwrap() else {
        unreachable!("the catalog names the new object")
    };
    let Object::Stream(found) = again.get(&found, "Note", &mut budget).unwrap() else {
        unreachable!("a new object names another")
    };
    assert_eq!(&longer[found.span], b"archive material");
    for key in document.catalog(&mut budget).unwrap().iter().map(|(key, _)| key) {
        assert!(catalog.iter().any(|(known, _)| known == key), "{key:?}");
    }
    let third = Revision::of(&again).unwrap().finish();
    assert_eq!(Document::parse(&third, &mut budget).unwrap().revisions().len(), 3);
}

#[test]
fn a_list_that_is_half_full_is_followed_by_another() {
    let mut test = TestOffice::with_lists_of(8, Arc::new(Memory::new().unwrap()));
    let lists: Vec<_> =
        (0..5).map(|_| test.issue("business").unwrap().licence.status_list).collect();
    assert_eq!(lists, [1, 1, 2, 2, 3]);
    assert_eq!(test.office.status_lists().unwrap(), [1, 2, 3]);
    for list in [1, 2, 3] {
        assert!(test.office.status_token(list).is_ok());
    }
    assert!(matches!(test.office.status_token(4), Err(StatusError::NotFound(4))));
    assert_eq!(test.check().len(), 5);
    // Another process goes on in the same list.
    test.office = TestOffice::with_types(Types::built_in().unwrap(), &test).unwrap();
    let lists: Vec<_> =
        (0..4).map(|_| test.issue("business").unwrap().licence.status_list).collect();
    assert_eq!(lists, [3, 4, 4, 5]);
    assert_eq!(test.check().len(), 9);
}

#[test]
fn a_type_in_use_does_not_change_without_a_new_version() {
    let test = office();
    let text = include_str!("../schemas/types/business.toml");
    let changed = |text: &str| {
        let mut types = Types::default();
        types.add(LicenceType::parse("business.toml", text).unwrap(), "business.toml").unwrap();
        TestOffice::with_types(types, &test)
    };
    assert!(changed(text).is_ok());
    let other = text.replacen("en = \"Domicile\"", "en = \"Seat\"", 1);
    let refused = changed(&other).unwrap_err().to_string();
    assert!(refused.contains("raise `version`"), "{refused}");
    assert!(changed(&other.replacen("version = 1", "version = 2", 1)).is_ok());
}

#[test]
fn an_expired_licence_says_so_and_a_leaf_that_ended_is_no_proof() {
    let test = office();
    let issued = test.issue("residence-permit").unwrap();
    test.clock.set("2027-11-24T00:00:00Z");
    let report = test.office.verify("", &issued.pdf);
    assert_eq!((report.verdict, report.authentic), (Verdict::Expired, Answer::Yes));
    test.clock.set("2033-11-24T00:00:00Z");
    let report = test.office.verify("", &issued.pdf);
    assert_eq!(report.verdict, Verdict::NotEnoughEvidence);
}

/// Verifies without an office: root, and perhaps a status list.
fn offline(test: &TestOffice, bytes: &[u8], status: bool) -> Report {
    let trust = TrustSnapshot::new(vec![test.parts.certificates.root.clone()]);
    let now = test.clock.now();
    let context = Context { trust: &trust, now, cache: None, require_revocation: false };
    let mut budget = Budget::default();
    let token = test.office.status_token(1).unwrap();
    let lists = if status {
        vec![StatusListValid::check(&token, &context, &mut budget).unwrap()]
    } else {
        Vec::new()
    };
    let lists: &[StatusListValid] = &lists;
    verify(bytes, &context, lists)
}

fn verify<S: Standings + ?Sized>(bytes: &[u8], context: &Context<'_>, standings: &S) -> Report {
    assess::verify("", bytes, context, standings, &mut Budget::default())
}

#[test]
fn offline_the_status_decides() {
    let test = office();
    let issued = test.issue("food-operation").unwrap();
    for bytes in [issued.pdf.as_slice(), issued.credential.as_bytes()] {
        assert_eq!(offline(&test, bytes, true).verdict, Verdict::Valid);
        let unknown = offline(&test, bytes, false);
        assert_eq!(unknown.verdict, Verdict::StatusUnknown);
        assert_eq!((unknown.authentic, unknown.in_force), (Answer::Yes, Answer::Unknown));
    }
    let id = issued.licence.id.as_str();
    test.office.change(id, StatusChange::Revoke(Reason::Fraud), &Actor::System).unwrap();
    assert_eq!(offline(&test, &issued.pdf, true).verdict, Verdict::Revoked);
    assert_eq!(offline(&test, issued.credential.as_bytes(), true).verdict, Verdict::Revoked);
}

#[test]
fn the_credential_inside_a_document_is_no_presentation() {
    let test = office();
    let issued = test.issue("food-operation").unwrap();
    let token = attachment(&issued.pdf);
    assert!(token.starts_with(b"eyJ"));
    let report = test.office.verify("", &token);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert!(report.findings[0].detail.contains("not a presentation"), "{report:#?}");
}

fn attachment(pdf: &[u8]) -> Vec<u8> {
    let mut budget = Budget::default();
    let document = Document::parse(pdf, &mut budget).unwrap();
    let catalog = document.catalog(&mut budget).unwrap();
    let files = document.get(&catalog, "AF", &mut budget).unwrap();
    let file = document.resolve(&files.array().unwrap()[0], &mut budget).unwrap();
    let parts = document.get(file.dict().unwrap(), "EF", &mut budget).unwrap();
    match document.get(parts.dict().unwrap(), "F", &mut budget).unwrap() {
        Object::Stream(stream) => document.stream(&stream, &mut budget).unwrap().unwrap(),
        other => unreachable!("{other:?}"),
    }
}

/// No byte of the file may change: one bit of each is flipped, and all bits of the structure.
#[test]
fn no_changed_sealed_file_is_valid() {
    let test = office();
    let pdf = test.issue("food-operation").unwrap().pdf;
    assert_eq!(offline(&test, &pdf, true).verdict, Verdict::Valid);
    let hole = find(&pdf, b"/Contents").unwrap();
    let text_from = find(&pdf, b"/StructTreeRoot").unwrap();
    let mut tried = 0_u32;
    for at in 0..pdf.len() {
        // Every byte from the structure tree on and every digit of the message, and every 61st byte
        // of streams.
        let in_hole = at > hole && pdf[at].is_ascii_hexdigit();
        let bits: &[u8] = match at {
            _ if in_hole => &[0],
            _ if at >= text_from && at % 3 == 0 => &[0, 5],
            _ if at % 61 == 0 => &[3],
            _ => continue,
        };
        for bit in bits {
            let mut changed = pdf.clone();
            changed[at] ^= 1 << bit;
            // Hexadecimal digits in either case are the same bytes.
            let same = in_hole && changed[at].eq_ignore_ascii_case(&pdf[at]);
            let verdict = offline(&test, &changed, true).verdict;
            let around =
                String::from_utf8_lossy(&pdf[at.saturating_sub(40)..(at + 40).min(pdf.len())]);
            assert!(same || verdict != Verdict::Valid, "byte {at} bit {bit} in {around}");
            tried += 1;
        }
    }
    assert!(tried > 1500, "{tried}");
}

#[test]
fn no_cut_or_lengthened_file_is_valid() {
    let test = office();
    let pdf = test.issue("food-operation").unwrap().pdf;
    for cut in (0..pdf.len()).step_by(97).chain(pdf.len() - 200..pdf.len()) {
        assert_ne!(offline(&test, &pdf[..cut], true).verdict, Verdict::Valid, "cut at {cut}");
    }
    for tail in [&b"\n"[..], b" ", b"%", b"\n%%EOF\n", b"1 0 obj\nnull\nendobj\n"] {
        let longer = [&pdf, tail].concat();
        assert_ne!(offline(&test, &longer, true).verdict, Verdict::Valid, "{tail:?}");
        let before = [tail, &pdf].concat();
        assert_ne!(offline(&test, &before, true).verdict, Verdict::Valid, "{tail:?}");
    }
}

#[test]
fn a_page_changed_by_an_update_is_altered() {
    let test = office();
    let pdf = test.issue("food-operation").unwrap().pdf;
    let at = pdf.windows(9).rposition(|window| window == b"startxref").unwrap();
    let prev: String =
        String::from_utf8_lossy(&pdf[at + 9..]).chars().filter(char::is_ascii_digit).collect();
    let mut longer = pdf;
    let object = longer.len();
    longer.extend(b"999 0 obj\nnull\nendobj\n");
    let xref = longer.len();
    let update = format!(
        "xref\n999 1\n{object:010} 00000 n \ntrailer\n<</Size 1000/Root 1 0 R/Prev {prev}>>\nstartxref\n{xref}\n%%EOF\n"
    );
    longer.extend(update.as_bytes());
    let report = offline(&test, &longer, true);
    assert_eq!(report.verdict, Verdict::Altered, "{report:#?}");
}

#[test]
fn a_seal_that_an_update_took_away_is_altered_and_so_are_bytes_behind_the_end() {
    let test = office();
    let pdf = test.issue("food-operation").unwrap().pdf;
    let at = pdf.windows(9).rposition(|window| window == b"startxref").unwrap();
    let prev: String =
        String::from_utf8_lossy(&pdf[at + 9..]).chars().filter(char::is_ascii_digit).collect();
    let mut without = pdf.clone();
    let object = without.len();
    without.extend(b"1 0 obj\n<</Type/Catalog>>\nendobj\n");
    let xref = without.len();
    let update = format!(
        "xref\n1 1\n{object:010} 00000 n \ntrailer\n<</Size 1000/Root 1 0 R/Prev {prev}>>\nstartxref\n{xref}\n%%EOF\n"
    );
    without.extend(update.as_bytes());
    let behind = [pdf.as_slice(), &[b'x'; 3000]].concat();
    for changed in [without, behind] {
        let report = offline(&test, &changed, true);
        assert_eq!((report.verdict, report.authentic), (Verdict::Altered, Answer::No));
    }
}

/// A document sealed with another key of the office, with and without its metadata.
#[test]
fn a_key_for_credentials_or_lists_never_seals() {
    let test = office();
    let pdf = test.issue("food-operation").unwrap().pdf;
    let hole = find(&pdf, b"/Contents").unwrap() + 10;
    let end = hole + pdf[hole..].iter().position(|byte| *byte == b'>').unwrap();
    for with_metadata in [true, false] {
        for (name, key) in [
            ("market-credential", KeyName::Credential("market".to_owned())),
            ("health-seal", KeyName::Seal("health".to_owned())),
            ("status", KeyName::Status),
            ("report", KeyName::Report),
            ("answer", KeyName::Answer),
        ] {
            let mut bytes = pdf.clone();
            bytes[hole..end].fill(b'0');
            if !with_metadata {
                let at = find(&bytes, b"<yz:id>").unwrap();
                bytes[at..at + 7].copy_from_slice(b"<zz:id>");
            }
            let certificate = &test.parts.certificates.leaves[name];
            let unsealed = Unsealed { bytes, hole: hole..end };
            let key = ExampleKeys.signer(&key).unwrap();
            let chain = [test.parts.certificates.issuing.clone()];
            let sealed = PreparedSeal::new(unsealed).seal(&*key, certificate, &chain).unwrap();
            let report = offline(&test, sealed.as_bytes(), true);
            let foreign = ["health-seal", "report"].contains(&name) && !with_metadata;
            let expected = if foreign { Verdict::Valid } else { Verdict::Invalid };
            assert_eq!(report.verdict, expected, "{name} {with_metadata}: {report:#?}");
            if foreign {
                assert_eq!((report.in_force, report.licence), (Answer::NotApplicable, None));
            }
        }
    }
}

#[test]
fn strange_files_get_their_verdict() {
    let test = office();
    let deep = "[".repeat(200_000);
    for bytes in [&b""[..], b"x", b"%PDF-1.7", b"eyJ", b"PK\x03\x04", deep.as_bytes()] {
        let report = test.office.verify("", bytes);
        assert!(matches!(report.verdict, Verdict::Unreadable | Verdict::Invalid), "{report:?}");
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

#[test]
fn the_journal_has_every_report_that_was_sealed() {
    let test = office();
    let (clerk, before) = (Actor::Person("counter-3".to_owned()), test.office.store().head().0);
    let (_, paper) = test.office.verify_on_paper(&clerk, "a.pdf", b"no licence").unwrap();
    let line = test.office.store().reader().events(before, 9).unwrap().remove(0);
    assert_eq!((line.kind, &line.actor), (EventKind::Reported, &clerk));
    let key = Digest::of(&[&paper]).to_hex();
    let entry = test.office.store().reader().entry(Collection::Report, &key).unwrap().unwrap();
    assert!(entry.value.contains(&Digest::of(&[b"no licence"]).to_hex()), "{entry:?}");
}
