//! Certificates made by other implementations.

use super::*;
use crate::base::time::Timestamp;

macro_rules! fixture {
    ($name:literal) => {
        Certificate::parse(include_bytes!(concat!("../../../tests/data/formats/", $name))).unwrap()
    };
}

#[test]
fn purposes_are_told_apart() {
    let (responder, tsa) = (fixture!("responder.cer"), fixture!("tsa.cer"));
    assert!(responder.ocsp_signing() && !responder.time_stamping());
    assert!(responder.is_ocsp_no_check() && !responder.extended_is_critical());
    assert!(tsa.time_stamping() && !tsa.ocsp_signing());
    assert!(tsa.extended_is_critical() && !tsa.is_ocsp_no_check());
    assert_eq!(tsa.purposes().unwrap(), ["1.3.6.1.5.5.7.3.8"]);
    assert_eq!(fixture!("signer.cer").purposes(), None);
    assert!(tsa.unknown_critical().is_empty());
}

#[test]
fn names_and_constraints_are_read() {
    let (authority, leaf) = (fixture!("constrained.cer"), fixture!("named.cer"));
    assert!(authority.constrains_names() && authority.unknown_critical().is_empty());
    let constraints = authority.name_constraints().unwrap();
    assert_eq!(constraints.permitted.dns, ["example.test"]);
    assert_eq!(constraints.permitted.emails, ["example.test"]);
    assert_eq!(constraints.permitted.directories.len(), 1);
    assert_eq!(constraints.excluded.uris, [".bad.example.test"]);
    assert_eq!(constraints.excluded.addresses, [[10, 0, 0, 0, 255, 0, 0, 0]]);
    assert_eq!(authority.policies().asserted.as_deref(), Some(&[vec![0x69, 1]][..]));
    let names = leaf.alternative_names();
    assert_eq!(names.emails, ["a@example.test"]);
    assert_eq!(names.dns, ["www.example.test"]);
    assert_eq!(leaf.uris(), ["https://example.test/x"]);
    assert_eq!(names.addresses, [[192, 0, 2, 1]]);
    assert_eq!(names.directories.len(), 1);
    assert!(names.others.is_empty() && leaf.name_constraints().is_none());
}

#[test]
fn without_end_is_the_last_instant_that_we_count() {
    assert_eq!(fixture!("named.cer").validity().1, Timestamp::EPOCH.plus(i64::MAX));
}
