//! A message as this program writes it, and messages that break one rule each. All are signed with
//! the right key.

mod evidence;

use super::test_messages::{
    self, MessageParts, SHA1, SHA384, attribute, binding, identifier, issuer_serial,
};
use super::*;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::digest::sha1_identifier;
use crate::format::der::{self, element, sequence};
use crate::format::x509::{Certificate, DistinguishedName};

const CONTENT: &[u8] = b"content";

fn parse(bytes: &[u8]) -> Result<SignedData, BadCms> {
    SignedData::parse(bytes, &mut Budget::default())
}

fn forged(change: impl FnOnce(&mut MessageParts)) -> Result<SignedData, BadCms> {
    parse(&test_messages::message(CONTENT, change))
}

/// The result of verification with the content and the embedded certificate.
fn verdict(change: impl FnOnce(&mut MessageParts)) -> Result<CmsValid, BadCms> {
    let data = forged(change)?;
    let signer = data.signer().ok_or(BadCms::Rule("no signer"))?.clone();
    data.verify_over(&signer, &[CONTENT], &mut Budget::default())
}

fn rule(change: impl FnOnce(&mut MessageParts)) -> String {
    verdict(change).unwrap_err().to_string()
}

/// A certificate with the same name, number and key, and another signature of the issuer.
fn look_alike() -> Certificate {
    let mut der = test_messages::certificate().der().to_vec();
    *der.last_mut().unwrap() ^= 1;
    Certificate::parse(&der).unwrap()
}

#[test]
fn what_we_write_we_accept() {
    let certificate = test_messages::certificate();
    let attributes = SignedAttributes::new(&Digest::of(&[CONTENT]), &certificate);
    let honest = test_messages::message(CONTENT, |_| {});
    let data = parse(&[&honest[..], &[0; 40]].concat()).unwrap();
    assert_eq!(data.signer(), Some(&certificate));
    assert_eq!(data.message_digest(), Some(Digest::of(&[CONTENT]).as_bytes().as_slice()));
    assert!(data.covers(&[b"con", b"tent"]) && !data.covers(&[b"other"]));
    assert_eq!(data.signature_algorithm(), "ECDSA SHA-256");
    assert_eq!(data.digest_algorithm().to_string(), "SHA-256");
    let mut budget = Budget::default();
    let valid = data.verify(&certificate, &mut budget).unwrap();
    assert!(valid.is_bound() && !valid.is_over_content());
    assert_eq!(budget.signature_checks, Budget::default().signature_checks - 1);
    assert!(data.verify_over(&certificate, &[CONTENT], &mut budget).unwrap().is_over_content());
    let other = data.verify_over(&certificate, &[b"other"], &mut budget);
    assert_eq!(other.unwrap_err(), BadCms::Digest);
    // These tests and the writer agree byte for byte about what is signed.
    let to_sign = attributes.to_sign().get(2..).unwrap();
    assert!(honest.windows(to_sign.len()).any(|window| window == to_sign));
    assert!(honest.len() <= size_bound(&certificate, &[], Level::B));
}

#[test]
fn bytes_behind_the_message_are_seen() {
    let mut bytes = test_messages::message(CONTENT, |_| {});
    bytes.extend([0, 0, 1]);
    assert_eq!(parse(&bytes).unwrap_err(), BadCms::Padding);
}

#[test]
fn no_flipped_bit_verifies() {
    let (bytes, certificate) =
        (test_messages::message(CONTENT, |_| {}), test_messages::certificate());
    let name = test_messages::signer_name(&bytes);
    let mut alike = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            if name.contains(&at)
                && DistinguishedName::new(&bad[name.clone()]) == *certificate.issuer()
            {
                alike += 1;
                continue;
            }
            let holds = parse(&bad).ok().is_some_and(|data| {
                let signer = data.signer().is_some_and(|signer| *signer == certificate);
                signer && data.verify_over(&certificate, &[CONTENT], &mut Budget::default()).is_ok()
            });
            // Other versions of the outer message mean the same as version 1.
            assert!(!holds || (at < 40 && bytes[at] == 1), "byte {at} bit {bit}");
        }
    }
    // Each letter in the other case, and each string type replaced by another.
    assert!((4..100).contains(&alike), "{alike}");
}

#[test]
fn attributes_have_one_order_one_value_and_no_twin() {
    let said = rule(|parts| {
        parts.sorted = false;
        parts.signed.as_mut().unwrap().reverse();
    });
    assert!(said.contains("DER order"), "{said}");
    let said = rule(|parts| {
        let value = element(der::OCTETS, Digest::of(&[CONTENT]).as_bytes());
        let twice = attribute(oid::MESSAGE_DIGEST, &[&value, &element(der::OCTETS, b"x")]);
        parts.replace(oid::MESSAGE_DIGEST, Some(twice));
    });
    assert!(said.contains("several values"), "{said}");
    let said = rule(|parts| {
        let value = element(der::OCTETS, b"x");
        let signed = parts.signed.as_mut().unwrap();
        signed.push(attribute(oid::MESSAGE_DIGEST, &[&value]));
    });
    assert!(said.contains("stands twice"), "{said}");
    let said = rule(|parts| {
        let many = (0..65).map(|number| attribute(&[42, 3, number], &[&[5, 0]]));
        parts.signed.as_mut().unwrap().extend(many);
    });
    assert!(said.contains("more attributes"), "{said}");
}

/// As signing programs name themselves, and signers their offices (RFC 5652, 5.3).
#[test]
fn attributes_of_others_may_stand_twice_and_have_values() {
    const OTHER: &[u8] = &[0x2B, 6, 1, 4, 1, 0x81, 0xB2, 0x63, 1];
    let (one, two) = (element(der::OCTETS, b"one"), element(der::OCTETS, b"two"));
    let with = |values: &[&[u8]]| {
        let added = attribute(OTHER, values);
        verdict(|parts| parts.signed.as_mut().unwrap().push(added))
    };
    with(&[&one, &two]).unwrap();
    let twice = [attribute(OTHER, &[&one]), attribute(OTHER, &[&two])];
    verdict(|parts| parts.signed.as_mut().unwrap().extend(twice)).unwrap();
    for (values, fault) in [(&[&two[..], &one[..]][..], "DER order"), (&[], "no value")] {
        let said = with(values).unwrap_err().to_string();
        assert!(said.contains(fault), "{said}");
    }
}

#[test]
fn there_is_one_signer() {
    for signers in [0, 2] {
        let said = rule(|parts| parts.signers = signers);
        assert!(said.contains("exactly one signer"), "{said}");
    }
}

#[test]
fn a_detached_message_is_about_data_and_has_none() {
    let said = rule(|parts| parts.content = Some(CONTENT.to_vec()));
    assert!(said.contains("content of its own"), "{said}");
    let said = rule(|parts| parts.content_type = vec![42, 3, 4]);
    assert!(said.contains("another type of content"), "{said}");
    let said = rule(|parts| {
        let wrong = attribute(oid::CONTENT_TYPE, &[&element(der::OID, &[42, 3, 4])]);
        parts.replace(oid::CONTENT_TYPE, Some(wrong));
    });
    assert!(said.contains("signed content type"), "{said}");
    assert!(rule(|parts| parts.replace(oid::CONTENT_TYPE, None)).contains("not signed"));
    assert!(rule(|parts| parts.replace(oid::MESSAGE_DIGEST, None)).contains("not signed"));
    let said = rule(|parts| parts.outer_type = oid::DATA.to_vec());
    assert!(said.contains("not SignedData"), "{said}");
    let said = rule(|parts| parts.version = 2);
    assert!(said.contains("version"), "{said}");
}

#[test]
fn weak_and_foreign_algorithms_are_named() {
    let said = rule(|parts| {
        parts.digest = identifier(SHA1);
        parts.announced.push(identifier(SHA1));
    });
    assert_eq!(said, "unsupported algorithm SHA-1 (1.3.14.3.2.26)");
    let ecdsa_sha1 = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 1];
    let said = rule(|parts| parts.scheme = identifier(&ecdsa_sha1));
    assert_eq!(said, "unsupported algorithm ECDSA with SHA-1 (1.2.840.10045.4.1)");
    let gm = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 6, 1, 4, 2, 2];
    let said = rule(|parts| parts.outer_type = gm.to_vec());
    assert!(said.contains("SM2 SignedData (GM/T 0010): not checked here"), "{said}");
    let sm3 = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x11];
    let said = rule(|parts| parts.digest = identifier(&sm3));
    assert!(said.contains("SM3: not checked here"), "{said}");
}

#[test]
fn one_digest_from_the_announcement_to_the_signature() {
    let said = rule(|parts| parts.announced = vec![identifier(SHA384)]);
    assert!(said.contains("announced"), "{said}");
    // Further algorithms, unknown ones too, are harmless.
    assert!(verdict(|parts| parts.announced.push(identifier(SHA1))).is_ok());
    let said = rule(|parts| {
        parts.digest = identifier(SHA384);
        parts.announced.push(identifier(SHA384));
    });
    assert!(said.contains("another digest than the signer"), "{said}");
    let protection = |digest: &[u8], signature: &[u8]| {
        let signature = element(der::CONTEXT_1, &element(der::OID, signature));
        let value = sequence(&[&identifier(digest), &signature]);
        attribute(oid::ALGORITHM_PROTECTION, &[&value])
    };
    let said = rule(|parts| {
        let signed = parts.signed.as_mut().unwrap();
        signed.push(protection(SHA384, oid::ECDSA_SHA256));
    });
    assert!(said.contains("that the signer meant"), "{said}");
    let held = verdict(|parts| {
        let signed = parts.signed.as_mut().unwrap();
        signed.push(protection(oid::SHA256, oid::ECDSA_SHA256));
    });
    assert!(held.is_ok());
}

#[test]
fn the_certificate_is_the_bound_one() {
    let certificate = test_messages::certificate();
    let (digest, id) = (certificate.fingerprint(), issuer_serial(&certificate));
    let bind = |value: Vec<u8>| {
        rule(move |parts| {
            let attribute = attribute(oid::SIGNING_CERTIFICATE_V2, &[&value]);
            parts.replace(oid::SIGNING_CERTIFICATE_V2, Some(attribute));
        })
    };
    assert!(bind(binding(&[7; 32], &id)).contains("bound to another certificate"));
    let names = element(der::SEQUENCE, &element(0xA4, certificate.issuer().der()));
    let number = element(der::INTEGER, &[7]);
    let other = sequence(&[&names, &number]);
    assert!(bind(binding(digest.as_bytes(), &other)).contains("bound to another certificate"));
    let dns = element(der::SEQUENCE, &element(0x82, b"example.test"));
    let other = sequence(&[&dns, &number]);
    assert!(bind(binding(digest.as_bytes(), &other)).contains("another way"));
    // SHA-1, as in version 1, in the syntax of version 2.
    let hashed = element(der::OCTETS, &sha1_identifier(certificate.der()));
    let old = sequence(&[&sequence(&[&sequence(&[&identifier(SHA1), &hashed])])]);
    assert!(bind(old).contains("SHA-1"));
    // Replaced by a certificate with the same name, number and key.
    let data = forged(|_| {}).unwrap();
    let swapped = data.verify(&look_alike(), &mut Budget::default()).unwrap_err();
    assert_eq!(swapped, BadCms::Rule("the signature is bound to another certificate"));
}

#[test]
fn the_first_version_binds_and_says_that_it_is_old() {
    let certificate = test_messages::certificate();
    let (sha1, id) = (sha1_identifier(certificate.der()), issuer_serial(&certificate));
    let old = |value: Vec<u8>| attribute(oid::SIGNING_CERTIFICATE, &[&value]);
    let good = old(binding(&sha1, &id));
    let valid = verdict(|parts| {
        parts.replace(oid::SIGNING_CERTIFICATE_V2, None);
        parts.replace(oid::SIGNING_CERTIFICATE, Some(good.clone()));
    })
    .unwrap();
    assert_eq!((valid.binding(), valid.is_bound()), (Binding::V1, false));
    let valid = verdict(|parts| parts.replace(oid::SIGNING_CERTIFICATE, Some(good))).unwrap();
    assert_eq!((valid.binding(), valid.is_bound()), (Binding::V2, true));
    let names = element(der::SEQUENCE, &element(0xA4, certificate.issuer().der()));
    let other = sequence(&[&names, &element(der::INTEGER, &[7])]);
    for bad in [binding(&[7; 20], &id), binding(&sha1, &other)] {
        // The same beside a valid second version: every attribute that is present must match.
        let said = rule(|parts| parts.replace(oid::SIGNING_CERTIFICATE, Some(old(bad))));
        assert!(said.contains("bound to another certificate"), "{said}");
    }
    let valid = verdict(|parts| parts.replace(oid::SIGNING_CERTIFICATE_V2, None)).unwrap();
    assert_eq!((valid.binding(), valid.is_bound()), (Binding::None, false));
}

#[test]
fn two_candidates_for_the_signer_are_no_choice_of_ours() {
    let certificate = test_messages::certificate();
    let other = look_alike().der().to_vec();
    for at in [0, 1] {
        let said = rule(|parts| parts.certificates.insert(at, other.clone()));
        assert!(said.contains("several certificates"), "{said}");
    }
    // The same bytes twice are one certificate.
    assert!(verdict(|parts| parts.certificates.push(certificate.der().to_vec())).is_ok());
    let by_key = |parts: &mut MessageParts| {
        parts.signer_version = 3;
        parts.signer_id = element(0x80, certificate.subject_key_id().unwrap());
    };
    assert!(verdict(by_key).unwrap().is_bound());
    // A key may have several certificates: the attribute selects one.
    for at in [0, 1] {
        let data = forged(|parts| {
            by_key(parts);
            parts.certificates.insert(at, other.clone());
        })
        .unwrap();
        assert_eq!(data.signer(), Some(&certificate));
        assert!(data.verify(&certificate, &mut Budget::default()).is_ok());
    }
    let said = rule(|parts| {
        by_key(parts);
        parts.certificates.push(other.clone());
        parts.replace(oid::SIGNING_CERTIFICATE_V2, None);
    });
    assert!(said.contains("several certificates"), "{said}");
    let said = rule(|parts| parts.signer_id = element(0x80, b"x"));
    assert!(said.contains("version"), "{said}");
}

#[test]
fn the_signer_may_come_from_elsewhere_but_must_be_named() {
    let certificate = test_messages::certificate();
    let data = forged(|parts| parts.certificates.clear()).unwrap();
    assert_eq!(data.signer(), None);
    let pool = [look_alike(), certificate.clone()];
    assert_eq!(data.signer_among(&pool), Some(&certificate));
    assert!(data.verify(&certificate, &mut Budget::default()).is_ok());
    let data = forged(|parts| {
        parts.certificates.clear();
        parts.replace(oid::SIGNING_CERTIFICATE_V2, None);
        let number = element(der::INTEGER, &[7]);
        parts.signer_id = sequence(&[certificate.issuer().der(), &number]);
    })
    .unwrap();
    let error = data.verify(&certificate, &mut Budget::default()).unwrap_err();
    assert_eq!(error, BadCms::Rule("the signer is another certificate"));
}

#[test]
fn without_signed_attributes_the_content_itself_is_signed() {
    let bare =
        |content: &[u8]| parse(&test_messages::message(content, |parts| parts.signed = None));
    let certificate = test_messages::certificate();
    let data = bare(CONTENT).unwrap();
    assert_eq!((data.message_digest(), data.signing_time()), (None, None));
    assert!(!data.covers(&[CONTENT]));
    let mut budget = Budget::default();
    let missing = data.verify(&certificate, &mut budget).unwrap_err();
    assert_eq!(missing, BadCms::Rule("the signed attributes are missing"));
    let valid = data.verify_over(&certificate, &[b"con", b"tent"], &mut budget).unwrap();
    assert_eq!((valid.binding(), valid.is_over_content()), (Binding::None, true));
    assert!(data.verify_over(&certificate, &[b"other"], &mut budget).is_err());
}

/// Signed attributes that are removed and presented as the content have a valid signature.
#[test]
fn stripped_attributes_do_not_become_content() {
    let certificate = test_messages::certificate();
    let attributes = SignedAttributes::new(&Digest::of(&[CONTENT]), &certificate);
    let stripped = test_messages::message(attributes.to_sign(), |parts| parts.signed = None);
    let data = parse(&stripped).unwrap();
    let mut budget = Budget::default();
    assert!(data.verify_over(&certificate, &[CONTENT], &mut budget).is_err());
    let error = data.verify_over(&certificate, &[attributes.to_sign()], &mut budget).unwrap_err();
    assert_eq!(error, BadCms::Rule("the content looks like signed attributes"));
}

/// Indefinite lengths around the same signed bytes, as Java libraries write them.
#[test]
fn indefinite_lengths_are_allowed_around_what_is_signed_and_nowhere_inside() {
    let open = |tag: u8, content: &[u8]| [&[tag, 0x80], content, &[0, 0]].concat();
    let rewrap = |bytes: &[u8]| {
        let mut info = der::Reader::new(bytes).expect(der::SEQUENCE).unwrap().inside();
        let kind = info.any().unwrap();
        let data = info.any().unwrap().only().unwrap();
        open(0x30, &[kind.raw, &open(0xA0, &open(0x30, data.content))].concat())
    };
    let honest = test_messages::message(CONTENT, |_| {});
    let data = parse(&[rewrap(&honest), vec![0; 9]].concat()).unwrap();
    let certificate = test_messages::certificate();
    assert!(data.verify_over(&certificate, &[CONTENT], &mut Budget::default()).is_ok());
    let padded = [rewrap(&honest), vec![0, 1]].concat();
    assert_eq!(parse(&padded).unwrap_err(), BadCms::Padding);
    // The signed attributes in another encoding, whose digest would differ.
    let attributes = SignedAttributes::new(&Digest::of(&[CONTENT]), &certificate);
    let set = der::Reader::new(attributes.to_sign()).any().unwrap();
    let signer = |set: Vec<u8>| {
        let id =
            sequence(&[certificate.issuer().der(), &element(der::INTEGER, certificate.serial())]);
        let rest = [identifier(oid::ECDSA_SHA256), element(der::OCTETS, b"x")].concat();
        let parts = [element(der::INTEGER, &[1]), id, identifier(oid::SHA256), set, rest];
        open(0x30, &parts.concat())
    };
    let whole = |signer: Vec<u8>| {
        let data = [
            element(der::INTEGER, &[1]),
            element(der::SET, &identifier(oid::SHA256)),
            sequence(&[&element(der::OID, oid::DATA)]),
            open(der::SET, &signer),
        ];
        let kind = element(der::OID, oid::SIGNED_DATA);
        open(0x30, &[kind, open(0xA0, &open(0x30, &data.concat()))].concat())
    };
    assert!(parse(&whole(signer(element(0xA0, set.content)))).is_ok());
    let error = parse(&whole(signer(open(0xA0, set.content)))).unwrap_err();
    assert!(error.to_string().contains("not DER"), "{error}");
}
