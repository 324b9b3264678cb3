//! Revocation lists and OCSP responses of other implementations, and each reason for refusal.

use super::*;
use crate::base::time::Timestamp;
use crate::format::der::{element, sequence};
use crate::format::x509::Certificate;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/data/formats/", $name)).as_slice()
    };
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate::parse(der).unwrap()
}

fn at(day: u8) -> Timestamp {
    Timestamp::parse(&format!("2026-11-{day:02}T08:00:00Z")).unwrap()
}

#[test]
fn an_answer_names_certificate_and_responder() {
    let (root, signer) = (certificate(fixture!("root.cer")), certificate(fixture!("signer.cer")));
    let responder = certificate(fixture!("responder.cer"));
    let response = OcspResponse::parse(fixture!("good.ocsp")).unwrap();
    assert_eq!(response.certificates(), std::slice::from_ref(&responder));
    assert!(response.responder().names(&responder));
    assert!(!response.responder().names(&root));
    assert!(response.signed_by(responder.public_key().unwrap()).is_ok());
    assert!(response.signed_by(root.public_key().unwrap()).is_err());
    assert!(response.produced_at() >= at(20));
    let answer = response.answer(signer.serial(), &root).unwrap();
    let good =
        SingleResponse { status: Status::Good, this_update: at(1), next_update: Some(at(8)) };
    assert_eq!(answer, good);
    // Another serial; another issuer.
    assert_eq!(response.answer(&[7], &root), None);
    assert_eq!(response.answer(signer.serial(), &responder), None);
}

#[test]
fn the_issuer_itself_answers_by_key_and_with_sha256() {
    let (root, signer) = (certificate(fixture!("root.cer")), certificate(fixture!("signer.cer")));
    let response = OcspResponse::parse(fixture!("good-by-root-sha256.ocsp")).unwrap();
    assert!(matches!(response.responder(), ResponderId::KeyHash(_)));
    assert!(response.responder().names(&root));
    assert!(!response.responder().names(&signer));
    assert!(response.certificates().is_empty());
    assert!(response.signed_by(root.public_key().unwrap()).is_ok());
    let answer = response.answer(signer.serial(), &root).unwrap();
    assert_eq!((answer.status, answer.next_update), (Status::Good, None));
}

#[test]
fn revoked_and_unknown_are_told_apart() {
    let root = certificate(fixture!("root.cer"));
    let (signer, revoked) =
        (certificate(fixture!("signer.cer")), certificate(fixture!("revoked.cer")));
    let response = OcspResponse::parse(fixture!("revoked.ocsp")).unwrap();
    let status = response.answer(revoked.serial(), &root).unwrap().status;
    assert_eq!(status, Status::Revoked { when: at(1), reason: Reason::KeyCompromise });
    let response = OcspResponse::parse(fixture!("unknown.ocsp")).unwrap();
    assert_eq!(response.answer(signer.serial(), &root).unwrap().status, Status::Unknown);
}

#[test]
fn what_is_no_usable_answer_is_refused() {
    let refused = |der: &[u8]| OcspResponse::parse(der).unwrap_err().0;
    assert!(refused(fixture!("declined.ocsp")).contains("declined"));
    assert!(refused(fixture!("critical.ocsp")).contains("critical"));
    assert!(refused(&[fixture!("good.ocsp"), &[0]].concat()).contains("bytes after"));
    let other = sequence(&[&element(0x06, &[42]), &element(0x04, &[])]);
    let other = sequence(&[&element(0x0A, &[0]), &element(0xA0, &other)]);
    assert!(refused(&other).contains("another type"));
}

#[test]
fn no_flipped_bit_of_an_answer_is_signed() {
    let responder = certificate(fixture!("responder.cer"));
    let root = certificate(fixture!("root.cer"));
    let good = fixture!("good.ocsp");
    let read = |der: &[u8]| {
        let response = OcspResponse::parse(der).ok()?;
        response.signed_by(responder.public_key()?).ok()?;
        Some((response.answer(&[0x10, 0x01], &root), response.produced_at()))
    };
    let honest = read(good).unwrap();
    for byte in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.to_vec();
            bad[byte] ^= 1 << bit;
            assert!(read(&bad).is_none_or(|said| said == honest), "byte {byte} bit {bit}");
        }
    }
}

/// Two entries for one certificate in an unsigned response: only the parser is tested.
#[test]
fn of_two_answers_the_worse_counts() {
    let root = certificate(fixture!("root.cer"));
    let key = root.public_key().unwrap();
    let sha256 = |bytes: &[u8]| crate::base::digest::Digest::of(&[bytes]).as_bytes().to_vec();
    let algorithm = sequence(&[&element(0x06, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1])]);
    let id = sequence(&[
        &algorithm,
        &element(0x04, &sha256(root.subject().der())),
        &element(0x04, &sha256(key.bits())),
        &element(0x02, &[5]),
    ]);
    let time = element(0x18, b"20261101080000Z");
    let single = |status: &[u8]| sequence(&[&id, status, &time]);
    let shell = |singles: &[&[u8]]| {
        let responder = element(0xA2, &element(0x04, &[7; 20]));
        let data = sequence(&[&responder, &time, &sequence(singles)]);
        let basic = sequence(&[&data, &algorithm, &element(0x03, &[0, 1])]);
        let basic_type = element(0x06, &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1]);
        let bytes = sequence(&[&basic_type, &element(0x04, &basic)]);
        sequence(&[&element(0x0A, &[0]), &element(0xA0, &bytes)])
    };
    let (good, unknown) = (single(&element(0x80, &[])), single(&element(0x82, &[])));
    let revoked = single(&element(0xA1, &time));
    let status = |singles: &[&[u8]]| {
        let response = OcspResponse::parse(&shell(singles)).unwrap();
        response.answer(&[5], &root).map(|answer| answer.status)
    };
    let bad = Status::Revoked { when: at(1), reason: Reason::Unspecified };
    assert_eq!(status(&[&good]), Some(Status::Good));
    assert_eq!(status(&[&revoked, &good]), Some(bad));
    assert_eq!(status(&[&good, &unknown]), Some(Status::Unknown));
    assert_eq!(status(&[]), None);
    // Times with a fraction, a UTCTime, and a reason without meaning are malformed.
    for wrong in [
        element(0xA1, &element(0x18, b"20261101080000.5Z")),
        element(0xA1, &element(0x17, b"261101080000Z")),
        element(0xA1, &[time.clone(), element(0xA0, &element(0x0A, &[7]))].concat()),
        element(0x80, &[0]),
    ] {
        assert!(OcspResponse::parse(&shell(&[&single(&wrong)])).is_err());
    }
}

#[test]
fn a_list_tells_when_and_why() {
    let root = certificate(fixture!("root.cer"));
    let list = Crl::parse(fixture!("root.crl")).unwrap();
    assert!(list.signed_by(root.public_key().unwrap()).is_ok());
    assert_eq!(list.window(), (at(1), at(30)));
    let entry = |when, reason| Some(RevokedCertificate { when, reason, invalid_since: None });
    assert_eq!(list.entry(&[0x10, 0x02]), entry(at(1), Reason::KeyCompromise));
    assert_eq!(list.entry(&[0x0F, 0xFF]), entry(at(1), Reason::Hold));
    assert_eq!(list.entry(&[0x20, 0x00]), entry(at(2), Reason::Unspecified));
    assert_eq!(list.revoked(&[0x20, 0x00]), Some(at(2)));
    for other in [&[0x10, 0x01][..], &[0x10], &[], &[0x7F]] {
        assert_eq!(list.entry(other), None);
    }
}

#[test]
fn a_list_that_cannot_clear_a_certificate_is_refused() {
    let refused = |der: &[u8]| Crl::parse(der).unwrap_err().0;
    assert!(refused(fixture!("partial.crl")).contains("partial"));
    assert!(refused(fixture!("removed.crl")).contains("only partial lists"));
}
