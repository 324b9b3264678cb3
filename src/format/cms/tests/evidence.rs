//! Evidence in a message: revocation data and time stamps.

use super::*;

#[test]
fn what_comes_along_is_found_wherever_it_stands() {
    let list = |number: u8| sequence(&[&element(der::INTEGER, &[number])]);
    let answer = |number: u8| sequence(&[&element(der::ENUMERATED, &[number])]);
    let explicit = |tag: u8, of: &[u8]| element(tag, &sequence(&[of]));
    let ocsp = sequence(&[&element(der::OID, oid::OCSP_RESPONSE), &answer(1)]);
    let ocsp = element(der::CONTEXT_1, ocsp.get(2..).unwrap());
    let strange = element(der::CONTEXT_1, &[&element(der::OID, &[42])[..], &list(9)].concat());
    let adobe = sequence(&[&explicit(0xA0, &list(2)), &explicit(0xA1, &answer(2))]);
    let cades = sequence(&[&explicit(0xA0, &list(3)), &explicit(0xA1, &list(4))]);
    let other = look_alike();
    let data = forged(|parts| {
        parts.version = 5;
        parts.revocation = vec![list(1), ocsp, strange];
        let signed = parts.signed.as_mut().unwrap();
        signed.push(attribute(oid::ADOBE_REVOCATION, &[&adobe]));
        let time = element(der::UTC_TIME, b"261124072011Z");
        signed.push(attribute(oid::SIGNING_TIME, &[&time]));
        parts.unsigned = vec![
            attribute(oid::REVOCATION_VALUES, &[&cades]),
            attribute(oid::SIGNATURE_TIMESTAMP, &[&list(5), &list(6)]),
            attribute(oid::SIGNATURE_TIMESTAMP, &[&list(7)]),
        ];
    })
    .unwrap();
    assert_eq!(data.crls(), [list(1), list(2), list(3)]);
    assert_eq!(data.ocsp_responses()[..2], [answer(1), answer(2)]);
    // A basic response is wrapped as an `OCSPResponse`.
    assert!(data.ocsp_responses()[2].ends_with(&element(der::OCTETS, &list(4))));
    assert_eq!(data.signature_timestamps(), [list(5), list(6), list(7)]);
    assert_eq!(data.signature_timestamp(), Some(list(5).as_slice()));
    assert_eq!(data.signing_time(), Timestamp::parse("2026-11-24T07:20:11Z"));
    assert_eq!(data.signature().first(), Some(&der::SEQUENCE));
    let said = rule(|parts| {
        let values = sequence(&[other.der()]);
        parts.unsigned = vec![attribute(oid::CERTIFICATE_VALUES, &[&values])];
    });
    assert!(said.contains("several certificates"), "{said}");
}

#[test]
fn what_comes_along_is_paid_for() {
    let list = sequence(&[&element(der::INTEGER, &[1])]);
    let bytes = test_messages::message(CONTENT, |parts| {
        parts.revocation = vec![list.clone(); 2];
        parts.unsigned = vec![attribute(oid::SIGNATURE_TIMESTAMP, &[&list, &list])];
    });
    for (evidence, enough) in [(4, true), (3, false), (1, false)] {
        let mut budget = Budget { evidence, ..Budget::default() };
        assert_eq!(SignedData::parse(&bytes, &mut budget).is_ok(), enough, "{evidence}");
    }
    let mut budget = Budget { certificates: 0, ..Budget::default() };
    let error = SignedData::parse(&bytes, &mut budget).unwrap_err();
    assert!(matches!(error, BadCms::Budget(_)));
}
