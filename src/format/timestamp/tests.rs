//! A token by openssl, and malformed ones that are signed with the right key.

use super::*;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::format::cms::test_messages::{self, MessageParts, SHA1, attribute, identifier};
use crate::format::cms::{BadCms, Binding};
use crate::format::der::{self, element, sequence};
use crate::format::x509::{Certificate, DistinguishedName};

const STAMPED: &[u8] = b"what was stamped";
const TST_INFO: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 4];
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 47];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];

/// The fields of a statement, each of which a test may change.
struct Fields {
    version: u8,
    digest: Vec<u8>,
    time: Vec<u8>,
    tail: Vec<Vec<u8>>,
}

fn statement(change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    let mut fields = Fields {
        version: 1,
        digest: identifier(SHA256),
        time: element(der::GENERALIZED_TIME, b"20261124072011Z"),
        tail: Vec::new(),
    };
    change(&mut fields);
    let hashed = element(der::OCTETS, Digest::of(&[STAMPED]).as_bytes());
    sequence(&[
        &element(der::INTEGER, &[fields.version]),
        &element(der::OID, &[42, 3, 4]),
        &sequence(&[&fields.digest, &hashed]),
        &element(der::INTEGER, &[0x0A, 7]),
        &fields.time,
        &fields.tail.concat(),
    ])
}

fn parse(bytes: &[u8]) -> Result<Token, BadCms> {
    Token::parse(bytes, &mut Budget::default())
}

fn token(change: impl FnOnce(&mut Fields)) -> Result<Token, BadCms> {
    parse(&test_messages::enclosing(TST_INFO, &statement(change), |_| {}))
}

fn forged(change: impl FnOnce(&mut MessageParts)) -> Result<Token, BadCms> {
    parse(&test_messages::enclosing(TST_INFO, &statement(|_| {}), change))
}

#[test]
fn a_token_of_openssl_is_read_and_holds() {
    let tsa = include_bytes!("../../../tests/data/formats/tsa.cer");
    let tsa = Certificate::parse(tsa).unwrap();
    for (bytes, binding) in [
        (include_bytes!("../../../tests/data/formats/token.der").as_slice(), Binding::V2),
        (include_bytes!("../../../tests/data/formats/token-v1.der").as_slice(), Binding::V1),
    ] {
        let token = parse(&[bytes, &[0; 20]].concat()).unwrap();
        assert!(token.covers(&[b"what was ", b"stamped"]) && !token.covers(&[b"other"]));
        assert_eq!(token.policy(), "1.2.3.4.1");
        assert_eq!(token.accuracy(), Some(Accuracy { seconds: 1, millis: 500, micros: 100 }));
        let valid = token.verify(&tsa, &mut Budget::default()).unwrap();
        assert_eq!(valid.binding(), binding);
        assert_eq!(token.signed().signer(), Some(&tsa));
        let (from, until) = tsa.validity();
        assert!(from <= token.time() && token.time() <= until);
    }
}

#[test]
fn a_statement_is_read_to_its_last_field() {
    let read = token(|_| {}).unwrap();
    assert_eq!(read.time(), Timestamp::parse("2026-11-24T07:20:11Z").unwrap());
    assert_eq!((read.serial_hex().as_str(), read.policy()), ("0a07", "1.2.3.4"));
    assert_eq!(read.accuracy(), None);
    assert!(read.covers(&[STAMPED]));
    let valid = read.verify(&test_messages::certificate(), &mut Budget::default()).unwrap();
    assert!(valid.is_over_content() && valid.is_bound());
    let extension = |critical: &[u8]| {
        let parts = [&element(der::OID, &[42, 3, 4])[..], critical, &element(der::OCTETS, b"x")];
        element(der::CONTEXT_1, &sequence(&[&parts.concat()]))
    };
    let full = token(|fields| {
        fields.time = element(der::GENERALIZED_TIME, b"20261124072011.25Z");
        fields.tail = vec![
            sequence(&[&element(der::INTEGER, &[2]), &element(0x81, &[9])]),
            element(der::BOOLEAN, &[0xFF]),
            element(der::INTEGER, &[0x0A]),
            element(der::CONTEXT_0, &element(0x82, b"example.test")),
            extension(&[]),
        ];
    })
    .unwrap();
    assert_eq!(full.time(), read.time());
    assert_eq!(full.accuracy(), Some(Accuracy { seconds: 2, millis: 0, micros: 9 }));
    let critical = token(|fields| fields.tail = vec![extension(&element(der::BOOLEAN, &[0xFF]))]);
    assert!(critical.unwrap_err().to_string().contains("critical"));
}

#[test]
fn statements_have_one_version_and_one_spelling_of_time() {
    let refused = |change: fn(&mut Fields)| token(change).unwrap_err().to_string();
    assert!(refused(|fields| fields.version = 2).contains("version"));
    assert!(refused(|fields| fields.digest = identifier(SHA1)).contains("SHA-1"));
    for text in ["20261124072011", "202611240720Z", "20261124072011.Z", "20261124152011+0800"] {
        let error = token(|fields| fields.time = element(der::GENERALIZED_TIME, text.as_bytes()));
        assert!(error.unwrap_err().to_string().contains("time"), "{text}");
    }
    for tail in [
        element(der::UTC_TIME, b"261124072011Z"),
        sequence(&[&element(0x80, &[0x03, 0xE8])]),
        [element(der::INTEGER, &[1]), element(der::BOOLEAN, &[0xFF])].concat(),
    ] {
        assert_eq!(token(|fields| fields.tail = vec![tail]).unwrap_err(), BadCms::Malformed);
    }
}

#[test]
fn a_token_is_a_message_about_a_statement() {
    let rule = |change: fn(&mut MessageParts)| forged(change).unwrap_err().to_string();
    assert!(rule(|parts| parts.content_type = DATA.to_vec()).contains("another type"));
    assert!(rule(|parts| parts.content = None).contains("no content"));
    assert!(rule(|parts| parts.signed = None).contains("signed attributes are missing"));
    let said = rule(|parts| {
        let data = attribute(CONTENT_TYPE, &[&element(der::OID, DATA)]);
        parts.replace(CONTENT_TYPE, Some(data));
    });
    assert!(said.contains("signed content type"), "{said}");
    assert!(rule(|parts| parts.signers = 2).contains("one signer"));
    // The detached message of a document is not a token, and a token is not such a message.
    assert!(parse(&test_messages::message(STAMPED, |_| {})).is_err());
    let bytes = test_messages::enclosing(TST_INFO, &statement(|_| {}), |_| {});
    let budget = &mut Budget::default();
    assert!(crate::format::cms::SignedData::parse(&bytes, budget).is_err());
    let padded = [bytes, vec![0, 1]].concat();
    assert_eq!(parse(&padded).unwrap_err(), BadCms::Padding);
}

/// Constructed strings and indefinite lengths, as Java libraries write them.
#[test]
fn a_token_in_pieces_is_the_same_token() {
    let open = |tag: u8, content: &[u8]| [&[tag, 0x80], content, &[0, 0]].concat();
    let whole = test_messages::enclosing(TST_INFO, &statement(|_| {}), |_| {});
    let mut info = der::Reader::new(&whole).expect(der::SEQUENCE).unwrap().inside();
    let kind = info.any().unwrap().raw;
    let mut data = info.any().unwrap().only().unwrap().inside();
    let head = [data.any().unwrap().raw, data.any().unwrap().raw].concat();
    data.any().unwrap();
    let statement = statement(|_| {});
    let (one, two) = statement.split_at(9);
    let pieces = [element(der::OCTETS, one), element(der::OCTETS, two)].concat();
    let content = open(der::CONTEXT_0, &open(0x24, &pieces));
    let content = open(der::SEQUENCE, &[element(der::OID, TST_INFO), content].concat());
    let data = open(der::SEQUENCE, &[head, content, data.rest().to_vec()].concat());
    let message = open(der::SEQUENCE, &[kind, &open(der::CONTEXT_0, &data)].concat());
    let token = parse(&[message, vec![0; 5]].concat()).unwrap();
    assert!(token.covers(&[STAMPED]));
    token.verify(&test_messages::certificate(), &mut Budget::default()).unwrap();
}

#[test]
fn another_statement_or_signer_does_not_hold() {
    let budget = &mut Budget::default();
    let signer = test_messages::certificate();
    let other = statement(|fields| {
        fields.time = element(der::GENERALIZED_TIME, b"20200101000000Z");
    });
    let swapped = forged(|parts| parts.content = Some(other)).unwrap();
    assert_eq!(swapped.verify(&signer, budget).unwrap_err(), BadCms::Digest);
    let unbound = forged(|parts| parts.replace(SIGNING_CERTIFICATE_V2, None)).unwrap();
    let error = unbound.verify(&signer, budget).unwrap_err().to_string();
    assert!(error.contains("does not bind"), "{error}");
}

#[test]
fn no_flipped_bit_of_a_token_holds() {
    let bytes = test_messages::enclosing(TST_INFO, &statement(|_| {}), |_| {});
    let signer = test_messages::certificate();
    let name = test_messages::signer_name(&bytes);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            let spelt = DistinguishedName::new(&bad[name.clone()]);
            if name.contains(&at) && spelt == *signer.issuer() {
                continue;
            }
            let holds = parse(&bad).is_ok_and(|token| {
                token.verify(&signer, &mut Budget::default()).is_ok()
                    && token.signed().signer() == Some(&signer)
            });
            // Other versions of the outer message mean the same.
            assert!(!holds || (at < 40 && bytes[at] == 3), "byte {at} bit {bit}");
        }
    }
}
