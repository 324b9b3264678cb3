//! Reads our files with RustCrypto's crates: `rustcrypto-reader ROOT ISSUING FILE…` reads
//! certificates (`.pem`), lists (`.crl`) and the messages of sealed documents (`.pdf`), and checks
//! the signature of each with the key that its issuer's certificate gives, or its own for a
//! document.
//!
//! One line for each file; exit code 1 when one of them is not accepted.

use std::error::Error;
use std::process::ExitCode;

use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey as _;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::asn1::{ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, DecodePem as _, Encode as _, SliceReader};

type Checked = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut issuer = || -> Result<Certificate, Box<dyn Error>> {
        certificate(&arguments.next().ok_or("ROOT and ISSUING are missing")?)
    };
    let issuers = match (issuer(), issuer()) {
        (Ok(root), Ok(issuing)) => [root, issuing],
        (Err(error), _) | (_, Err(error)) => {
            println!("rustcrypto the issuers refused: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut good = true;
    for name in arguments {
        match check(&name, &issuers) {
            Ok(()) => println!("rustcrypto {name} accepted"),
            Err(error) => {
                good = false;
                println!("rustcrypto {name} refused: {error}");
            }
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(name: &str, issuers: &[Certificate]) -> Checked {
    if name.ends_with(".pem") {
        let certificate = certificate(name)?;
        return certified(&certificate, issuers);
    }
    let bytes = std::fs::read(name)?;
    if name.ends_with(".crl") {
        let list = CertificateList::from_der(&bytes)?;
        let issuer = named(issuers, &list.tbs_cert_list.issuer)?;
        return signed(issuer, &list.tbs_cert_list.to_der()?, list.signature.raw_bytes());
    }
    document(&bytes, issuers)
}

fn certificate(name: &str) -> Result<Certificate, Box<dyn Error>> {
    Ok(Certificate::from_pem(std::fs::read(name)?)?)
}

fn certified(certificate: &Certificate, issuers: &[Certificate]) -> Checked {
    let issuer = named(issuers, &certificate.tbs_certificate.issuer)?;
    signed(issuer, &certificate.tbs_certificate.to_der()?, certificate.signature.raw_bytes())
}

fn named<'a>(
    issuers: &'a [Certificate],
    name: &x509_cert::name::Name,
) -> Result<&'a Certificate, Box<dyn Error>> {
    let found = issuers.iter().find(|issuer| issuer.tbs_certificate.subject == *name);
    found.ok_or_else(|| format!("no issuer {name}").into())
}

fn signed(signer: &Certificate, message: &[u8], signature: &[u8]) -> Checked {
    let key = signer.tbs_certificate.subject_public_key_info.to_der()?;
    let key = VerifyingKey::from_public_key_der(&key)?;
    Ok(key.verify(message, &DerSignature::from_bytes(signature)?)?)
}

/// The message in the hole of the first `/ByteRange`, over the bytes around it.
fn document(file: &[u8], issuers: &[Certificate]) -> Checked {
    let text = String::from_utf8_lossy(file);
    let (_, range) = text.split_once("/ByteRange").ok_or("no /ByteRange")?;
    let (_, range) = range.split_once('[').ok_or("no range")?;
    let (range, _) = range.split_once(']').ok_or("no range")?;
    let numbers = range.split_ascii_whitespace().map(str::parse::<usize>);
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let [0, head, tail, length] = numbers[..] else { return Err("another range".into()) };
    if tail + length != file.len() {
        return Err("not the whole file is signed".into());
    }
    let hole = file.get(head + 1..tail - 1).ok_or("no hole")?;
    let der = hole
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair)?, 16).map_err(Into::into))
        .collect::<Result<Vec<u8>, Box<dyn Error>>>()?;
    let mut reader = SliceReader::new(&der)?;
    let message = ContentInfo::decode(&mut reader)?;
    let message: SignedData = message.content.decode_as()?;
    let [info] = message.signer_infos.0.as_slice() else { return Err("several signers".into()) };
    let certificates = message.certificates.as_ref().ok_or("no certificates")?.0.iter();
    let certificates: Vec<_> = certificates
        .filter_map(|choice| match choice {
            cms::cert::CertificateChoices::Certificate(one) => Some(one.clone()),
            cms::cert::CertificateChoices::Other(_) => None,
        })
        .collect();
    let cms::signed_data::SignerIdentifier::IssuerAndSerialNumber(id) = &info.sid else {
        return Err("another identifier".into());
    };
    let leaf = certificates.iter().find(|one| {
        one.tbs_certificate.serial_number == id.serial_number
            && one.tbs_certificate.issuer == id.issuer
    });
    let leaf = leaf.ok_or("the signer's certificate is missing")?;
    let [before, behind] = [file.get(..head), file.get(tail..)].map(Option::unwrap_or_default);
    let digest = Sha256::new().chain_update(before).chain_update(behind).finalize();
    if digest_in(info)?[..] != digest[..] {
        return Err("the content was changed".into());
    }
    let attributes = info.signed_attrs.as_ref().ok_or("no signed attributes")?.to_der()?;
    signed(leaf, &attributes, info.signature.as_bytes())?;
    certified(leaf, issuers)
}

/// The digest among the signed attributes (RFC 5652, 11.2).
fn digest_in(info: &SignerInfo) -> Result<Vec<u8>, Box<dyn Error>> {
    const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
    let attributes = info.signed_attrs.as_ref().ok_or("no signed attributes")?;
    let digest = attributes.iter().find(|attribute| attribute.oid == MESSAGE_DIGEST);
    let value = digest.and_then(|digest| digest.values.get(0)).ok_or("no digest")?;
    Ok(value.decode_as::<OctetStringRef<'_>>()?.as_bytes().to_vec())
}
