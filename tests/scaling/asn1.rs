//! Unsigned certificates, lists, OCSP responses and messages, each with a given number of
//! something.

use yinzheng::format::der::{self, element, sequence};

const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
const TIME_STAMP: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 14];

fn algorithm(name: &[u8]) -> Vec<u8> {
    sequence(&[&element(der::OID, name)])
}

pub(crate) fn name(text: &str) -> Vec<u8> {
    let attribute = sequence(&[&element(der::OID, &[0x55, 4, 3]), &element(0x0C, text.as_bytes())]);
    sequence(&[&element(der::SET, &attribute)])
}

fn time() -> Vec<u8> {
    element(der::UTC_TIME, b"260101000000Z")
}

pub(crate) fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&element(der::OID, id), &element(der::OCTETS, value)])
}

fn signed(tbs: &[u8]) -> Vec<u8> {
    sequence(&[tbs, &algorithm(ECDSA), &element(der::BIT_STRING, &[0; 9])])
}

/// A certificate with these extensions and this serial number.
pub(crate) fn certificate(serial: u32, extensions: &[Vec<u8>]) -> Vec<u8> {
    let key = [
        &algorithm(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1])[..],
        &element(der::BIT_STRING, &[0, 4, 1, 2]),
    ];
    let serial = [&[1][..], &serial.to_be_bytes()].concat();
    let tbs = sequence(&[
        &element(der::CONTEXT_0, &element(der::INTEGER, &[2])),
        &element(der::INTEGER, &serial),
        &algorithm(ECDSA),
        &name("Issuer"),
        &sequence(&[&time(), &element(der::UTC_TIME, b"460101000000Z")]),
        &name("Subject"),
        &sequence(&key),
        &element(0xA3, &sequence(&[&extensions.concat()])),
    ]);
    signed(&tbs)
}

/// Alternative names with `count` hosts.
pub(crate) fn hosts(count: u32) -> Vec<u8> {
    let hosts: Vec<u8> = (0..count).flat_map(|at| element(0x82, &at.to_be_bytes())).collect();
    extension(&[0x55, 0x1D, 17], &sequence(&[&hosts]))
}

/// A list of `entries` revoked certificates.
pub(crate) fn list(entries: u32) -> Vec<u8> {
    let entry = |at: u32| {
        let serial = [&[1][..], &at.wrapping_mul(0x9E37_79B1).to_be_bytes()].concat();
        sequence(&[&element(der::INTEGER, &serial), &time()])
    };
    let entries: Vec<u8> = (0..entries).flat_map(entry).collect();
    let tbs = sequence(&[
        &element(der::INTEGER, &[1]),
        &algorithm(ECDSA),
        &name("Issuer"),
        &time(),
        &time(),
        &sequence(&[&entries]),
    ]);
    signed(&tbs)
}

/// An OCSP response about `count` certificates.
pub(crate) fn answers(count: u32) -> Vec<u8> {
    let time = element(der::GENERALIZED_TIME, b"20260101000000Z");
    let single = |at: u32| {
        let id = sequence(&[
            &algorithm(SHA256),
            &element(der::OCTETS, &[1; 32]),
            &element(der::OCTETS, &[2; 32]),
            &element(der::INTEGER, &[&[1][..], &at.to_be_bytes()].concat()),
        ]);
        sequence(&[&id, &element(0x80, &[]), &time])
    };
    let all: Vec<u8> = (0..count).flat_map(single).collect();
    let data = sequence(&[
        &element(der::CONTEXT_2, &element(der::OCTETS, &[3; 20])),
        &time,
        &sequence(&[&all]),
    ]);
    let basic = sequence(&[&data, &algorithm(ECDSA), &element(der::BIT_STRING, &[0; 9])]);
    let kind = element(der::OID, &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1]);
    let bytes = sequence(&[&kind, &element(der::OCTETS, &basic)]);
    sequence(&[&element(der::ENUMERATED, &[0]), &element(der::CONTEXT_0, &bytes)])
}

/// The numbers of items of a message.
#[derive(Default)]
pub(crate) struct Many {
    pub(crate) certificates: Vec<u8>,
    pub(crate) lists: Vec<u8>,
    pub(crate) digests: u32,
    pub(crate) attributes: u32,
    pub(crate) stamps: u32,
    pub(crate) signers: u32,
}

/// A message of an unknown signer.
pub(crate) fn message(many: &Many) -> Vec<u8> {
    let Many { certificates, lists, digests, attributes, stamps, signers } = many;
    let attribute = |at: u32| {
        let id = [&[0x2A, 3][..], &[u8::try_from(at).expect("below 128")]].concat();
        sequence(&[&element(der::OID, &id), &element(der::SET, &element(der::NULL, &[]))])
    };
    let stamp = element(der::OCTETS, &[7; 64]);
    let stamps = stamp.repeat(usize::try_from(*stamps).expect("a count"));
    let stamps = sequence(&[&element(der::OID, TIME_STAMP), &element(der::SET, &stamps)]);
    let unsigned: Vec<u8> = (0..*attributes).flat_map(attribute).chain(stamps).collect();
    let id = sequence(&[&name("Issuer"), &element(der::INTEGER, &[1])]);
    let signer = sequence(&[
        &element(der::INTEGER, &[1]),
        &id,
        &algorithm(SHA256),
        &algorithm(ECDSA),
        &element(der::OCTETS, &[5; 64]),
        &element(der::CONTEXT_1, &unsigned),
    ]);
    let digests = algorithm(SHA256).repeat(usize::try_from(digests + 1).expect("a count"));
    let signers = signer.repeat(usize::try_from(signers + 1).expect("a count"));
    let data = sequence(&[
        &element(der::INTEGER, &[1]),
        &element(der::SET, &digests),
        &sequence(&[&element(der::OID, DATA)]),
        &element(der::CONTEXT_0, certificates),
        &element(der::CONTEXT_1, lists),
        &element(der::SET, &signers),
    ]);
    sequence(&[&element(der::OID, SIGNED_DATA), &element(der::CONTEXT_0, &data)])
}
