//! Properties: readers refuse or agree and never panic, identifiers detect a single wrong
//! character, numbers are used once however often the power fails.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use yinzheng::base::actor::Actor;
use yinzheng::base::codes::{CitizenId, Uscc, mod_11_10};
use yinzheng::base::digest::Digest;
use yinzheng::base::ids::{Code, LicenceId, TypeCode, Version};
use yinzheng::base::limits::Budget;
use yinzheng::base::text::Text;
use yinzheng::base::time::Timestamp;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::format::cms::SignedData;
use yinzheng::format::jose::json;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::keybinding::{self, KeyBinding};
use yinzheng::format::jose::sdjwt::Credential;
use yinzheng::format::jose::statuslist::{NoEntry, Status, StatusList, StatusToken};
use yinzheng::format::pdf::read::Document;
use yinzheng::format::revocation::Crl;
use yinzheng::format::x509::Certificate;
use yinzheng::store::{EventKind, FaultyFiles, Memory, Reservation, Store, Transaction};

/// A holder's key, generated once to save time.
#[expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]
static HOLDER: LazyLock<SoftwareKey> =
    LazyLock::new(|| SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap());

/// JSON as other programs write it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Events of a store: numbers reserved, used or returned, the process ended, the power cut.
#[derive(Clone, Debug)]
enum Step {
    Reserve(u64),
    Use(usize),
    GiveBack,
    ProcessEnds,
    PowerCut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (1..20_u64).prop_map(Step::Reserve),
        6 => any::<usize>().prop_map(Step::Use),
        1 => Just(Step::GiveBack),
        1 => Just(Step::ProcessEnds),
        1 => Just(Step::PowerCut),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readers_survive_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut budget = Budget::default();
        drop(Document::parse(&bytes, &mut budget));
        drop(Document::parse(&[b"%PDF-1.7\n", &bytes[..]].concat(), &mut budget));
        prop_assert!(SignedData::parse(&bytes, &mut budget).is_err());
        prop_assert!(Certificate::parse(&bytes).is_err());
        prop_assert!(Crl::parse(&bytes).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(Credential::parse(&text, &mut budget).is_err());
        prop_assert!(StatusToken::parse(&text, &mut budget).is_err());
        prop_assert!(KeyBinding::parse(&text, &mut budget).is_err());
    }

    #[test]
    fn what_a_holder_signs_is_read_as_it_was_written(
        shown in "[A-Za-z0-9_.~-]{0,80}~", audience in ".{1,40}", nonce in ".{1,40}", at in 0..4_000_000_000_i64,
    ) {
        let at = Timestamp::from_unix(at).unwrap();
        let bound = keybinding::bind(&shown, (&audience, &nonce), at, &*HOLDER).unwrap();
        let mut budget = Budget::default();
        let read = KeyBinding::parse(&bound[shown.len()..], &mut budget).unwrap();
        prop_assert_eq!((&read.audience, &read.nonce, read.issued.made()), (&audience, &nonce, at));
        prop_assert_eq!(read.sd_hash, Digest::of(&[shown.as_bytes()]));
        let jwk = Jwk::new(HOLDER.public_key()).unwrap();
        prop_assert!(read.verify(&jwk, &mut budget).is_ok());
    }

    #[test]
    fn strict_json_reads_what_others_write(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(json::parse(text.as_bytes(), 16).unwrap(), value);
        let more = format!("{text} 1");
        prop_assert!(json::parse(more.as_bytes(), 16).is_err());
        let twice = format!("{{\"a\":{text},\"a\":{text}}}");
        prop_assert!(json::parse(twice.as_bytes(), 16).is_err());
    }

    #[test]
    fn one_wrong_character_is_noticed(serial in any::<u64>(), at in any::<prop::sample::Index>(), by in 1..10_u8) {
        let kind = TypeCode::parse("11990000MB00000948001").unwrap();
        let issuer = Uscc::parse("11519999MB0000019Y").unwrap();
        let id = LicenceId::new(&kind, &issuer, u128::from(serial), Version::FIRST);
        prop_assert_eq!(&LicenceId::parse(id.as_str()).unwrap(), &id);
        for good in [id.as_str(), issuer.as_str(), "11010519491231002X"] {
            let digits: Vec<usize> =
                good.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(at, _)| at).collect();
            let place = digits[at.index(digits.len())];
            let mut wrong = good.to_owned().into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert!(LicenceId::parse(&wrong).is_none(), "{}", wrong);
            prop_assert!(Uscc::parse(&wrong).is_none(), "{}", wrong);
            prop_assert!(CitizenId::parse(&wrong).is_none(), "{}", wrong);
        }
        let number = serial.to_string();
        let mut wrong = number.clone().into_bytes();
        let place = at.index(wrong.len());
        wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
        prop_assert_ne!(mod_11_10(&number), mod_11_10(&String::from_utf8(wrong).unwrap()));
    }

    #[test]
    fn codes_are_read_as_they_were_printed(bytes in any::<[u8; 10]>()) {
        let code = Code::from_entropy(bytes);
        prop_assert_eq!(Code::parse(&code.grouped()).unwrap(), Code::parse(code.as_str()).unwrap());
    }

    #[test]
    fn text_that_passes_is_bounded_and_stays_as_it_is(raw in any::<String>(), max in 1..50_usize) {
        if let Ok(text) = Text::lines(&raw, max) {
            prop_assert!(text.as_str().chars().count() <= max);
            prop_assert!(!text.as_str().chars().any(|c| c.is_control() && c != '\n'));
            let again = Text::lines(text.as_str(), max);
            prop_assert_eq!(again, Ok(text));
        }
    }

    #[test]
    fn a_status_list_keeps_every_entry(entries in prop::collection::btree_map(0..512_u32, 0..4_u8, 0..60)) {
        let of = |bits: u8| [Status::Valid, Status::Invalid, Status::Suspended, Status::Superseded][usize::from(bits)];
        let mut list = StatusList::new(512);
        for (index, bits) in &entries {
            list.set(*index, of(*bits)).unwrap();
        }
        for index in 0..512 {
            let expected = entries.get(&index).map_or(Status::Valid, |bits| of(*bits));
            prop_assert_eq!(list.get(index), Ok(expected));
        }
        let beyond = (list.set(512, Status::Invalid), list.get(512));
        prop_assert_eq!(beyond, (None, Err(NoEntry::OutOfRange)));
    }

    #[test]
    fn numbers_are_used_once_whatever_happens(steps in steps()) {
        let files = FaultyFiles::default();
        let mut store = Memory::over(files.clone()).unwrap();
        let mut open: Vec<u64> = Vec::new();
        let mut used: BTreeMap<u64, usize> = BTreeMap::new();
        let mut highest = 0;
        for (count, step) in steps.into_iter().enumerate() {
            match step {
                Step::Reserve(many) => {
                    let set = store.reserve("r", many, Timestamp::EPOCH).unwrap();
                    prop_assert!(set.next > highest, "{} was set aside before", set.next);
                    highest = set.end - 1;
                    open.extend(set.next..set.end);
                }
                Step::Use(choice) if !open.is_empty() => {
                    let number = open.swap_remove(choice % open.len());
                    let blinding = [0; 16];
                    store.commit(Transaction {
                        licence: Some((format!("id{number}"), "{}".to_owned())),
                        number: Some(("kind".to_owned(), number.to_string())),
                        drawn: vec![("r".to_owned(), number)],
                        ..Transaction::new(EventKind::Issued, Actor::System, Timestamp::EPOCH, blinding)
                    }).unwrap();
                    prop_assert_eq!(used.insert(number, count), None);
                }
                Step::Use(_) => {}
                Step::GiveBack => {
                    // The unused rest of the last reservation.
                    let end = highest + 1;
                    let first = (1..end).rev().take_while(|number| open.contains(number)).last();
                    let left = Reservation { next: first.unwrap_or(end), end };
                    store.give_back("r", left, Timestamp::EPOCH).unwrap();
                    open.retain(|number| *number < left.next);
                    highest = left.next - 1;
                }
                Step::ProcessEnds | Step::PowerCut => {
                    let head = store.head();
                    if matches!(step, Step::PowerCut) { files.power_cut() } else { files.process_ends() }
                    store = Memory::over(files.clone()).unwrap();
                    prop_assert_eq!(store.head(), head, "all of it was acknowledged");
                    open.clear();
                }
            }
        }
        for number in used.keys() {
            let found = store.reader().by_number("kind", &number.to_string()).unwrap();
            prop_assert_eq!(found, Some(format!("id{number}")));
        }
    }
}
