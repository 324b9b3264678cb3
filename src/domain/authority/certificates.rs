//! The profiles of root, issuing CA and leaves.

use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose, SanType, SerialNumber,
};
use time::OffsetDateTime;

use super::signing::{Key, Public};
use super::{AuthorityError, Ca};
use crate::base::localized::Localized;
use crate::base::oid::OidArc;
use crate::base::time::{DAY, Timestamp};
use crate::crypto::algorithm::PublicKey;
use crate::crypto::signer::Signer;
use crate::format::der::{OID, element};
use crate::format::x509::{Certificate, ENTITLEMENT, Entitlement, OFFICE_ARC, Role};

/// The names in a subject.
#[derive(Clone, Debug)]
pub struct Names {
    /// Common name (CN).
    pub common: String,
    /// Organisation in Chinese and English.
    pub organization: Localized,
    /// 统一社会信用代码, when the subject is a department.
    pub uscc: Option<String>,
}

/// Addresses of the issuing certificate and its revocation list, for verifiers.
#[derive(Clone, Debug)]
pub struct Urls {
    /// The issuing CA's certificate in DER.
    pub ca_issuers: String,
    /// The issuing CA's revocation list.
    pub crl: String,
}

/// Content of a leaf certificate.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Names in its subject.
    pub names: Names,
    /// Its entitlement.
    pub entitlement: Entitlement,
    /// The issuer URI of its credentials or lists.
    pub uri: Option<String>,
    /// Addresses of issuer and revocation list.
    pub urls: Urls,
}

/// A self-signed root, for twenty years.
pub fn root(
    names: &Names,
    key: &dyn Signer,
    serial: [u8; 16],
    now: Timestamp,
) -> Result<Certificate, AuthorityError> {
    let mut params = params(names, serial, now, 20 * YEAR)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    read(&params.self_signed(&Key(key))?)
}

/// Content of an issuing CA's certificate.
#[derive(Clone, Debug)]
pub struct IssuingCa {
    /// Names in its subject.
    pub names: Names,
    /// Address of the root's revocation list.
    pub crl: String,
    /// The arc of its office, below which its leaves have their entitlement; without one, the arc
    /// for examples.
    pub arc: Option<OidArc>,
}

/// An issuing CA that can issue leaves only, for ten years.
pub fn issuing(
    issuing: &IssuingCa,
    root: Ca<'_>,
    key: &PublicKey,
    serial: [u8; 16],
    now: Timestamp,
) -> Result<Certificate, AuthorityError> {
    let mut params = params(&issuing.names, serial, now, 10 * YEAR)?;
    params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![issuing.crl.clone()] }];
    if let Some(arc) = &issuing.arc {
        let (identifier, value) = (arc.child(OFFICE_ARC), element(OID, &arc.to_der()));
        params.custom_extensions = vec![CustomExtension::from_oid_content(&identifier, value)];
    }
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    sign(&params, key, root)
}

/// A leaf. Its key may sign for a year, and its certificate is valid for six. Its entitlement is
/// under the arc that its issuer names.
pub fn leaf(
    leaf: &Leaf,
    issuing: Ca<'_>,
    key: &PublicKey,
    serial: [u8; 16],
    now: Timestamp,
) -> Result<Certificate, AuthorityError> {
    let mut params = params(&leaf.names, serial, now, 6 * YEAR)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if matches!(leaf.entitlement.role, Role::Seal | Role::Report) {
        params.key_usages.push(KeyUsagePurpose::ContentCommitment);
        // documentSigning (RFC 9336) is the right purpose; poppler accepts only emailProtection.
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 36]),
            ExtendedKeyUsagePurpose::EmailProtection,
        ];
    }
    if let Some(uri) = &leaf.uri {
        params.subject_alt_names = vec![SanType::URI(uri.as_str().try_into()?)];
    }
    params.crl_distribution_points =
        vec![CrlDistributionPoint { uris: vec![leaf.urls.crl.clone()] }];
    let entitlement = leaf
        .entitlement
        .to_der()
        .ok_or_else(|| AuthorityError("the entitlement cannot be written".to_owned()))?;
    let identifier = arc_of(issuing.certificate).child(ENTITLEMENT);
    params.custom_extensions = vec![
        CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], ca_issuers(&leaf.urls)),
        CustomExtension::from_oid_content(&[2, 5, 29, 16], key_use(now, now.plus(YEAR))),
        CustomExtension::from_oid_content(&identifier, entitlement),
    ];
    sign(&params, key, issuing)
}

/// The arc below which the leaves of an issuing CA have their entitlement.
pub fn arc_of(issuing: &Certificate) -> OidArc {
    issuing.office_arc().cloned().unwrap_or_else(OidArc::example)
}

fn params(
    names: &Names,
    serial: [u8; 16],
    now: Timestamp,
    seconds: i64,
) -> Result<CertificateParams, AuthorityError> {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, rcgen::DnValue::PrintableString("CN".try_into()?));
    name.push(DnType::OrganizationName, names.organization.zh.as_str());
    if let Some(uscc) = &names.uscc {
        // organizationIdentifier, ETSI EN 319 412-1, 5.1.4: NTR (trade register), country, code.
        name.push(DnType::CustomDnType(vec![2, 5, 4, 97]), format!("NTRCN-{uscc}"));
    }
    name.push(DnType::CommonName, names.common.as_str());
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.serial_number = Some(serial_number(serial));
    // A verifier whose clock is slow must not see a certificate that is not yet valid.
    params.not_before = at(now.plus(-300))?;
    params.not_after = at(now.plus(seconds))?;
    Ok(params)
}

fn sign(
    params: &CertificateParams,
    key: &PublicKey,
    ca: Ca<'_>,
) -> Result<Certificate, AuthorityError> {
    let issuer = Issuer::from_ca_cert_der(&ca.certificate.der().into(), Key(ca.key))?;
    read(&params.signed_by(&Public(key), &issuer)?)
}

fn read(certificate: &rcgen::Certificate) -> Result<Certificate, AuthorityError> {
    Certificate::parse(certificate.der()).map_err(|error| AuthorityError(error.to_string()))
}

/// A serial must be positive and minimal: the first byte is 0x40 to 0x7F.
pub(super) fn serial_number(mut bytes: [u8; 16]) -> SerialNumber {
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3F | 0x40;
    }
    SerialNumber::from_slice(&bytes)
}

pub(super) fn at(instant: Timestamp) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(instant.unix())
        .map_err(|_| AuthorityError("a date out of range".to_owned()))
}

/// `SEQUENCE { SEQUENCE { caIssuers, [6] uri } }` (RFC 5280, 4.2.2.1).
fn ca_issuers(urls: &Urls) -> Vec<u8> {
    const CA_ISSUERS: &[u8] = &[0x06, 8, 0x2B, 6, 1, 5, 5, 7, 0x30, 2];
    let uri = element(0x86, urls.ca_issuers.as_bytes());
    element(0x30, &element(0x30, &[CA_ISSUERS, &uri].concat()))
}

/// `SEQUENCE { [0] notBefore, [1] notAfter }` (RFC 3280, 4.2.1.4).
fn key_use(from: Timestamp, until: Timestamp) -> Vec<u8> {
    let time = |tag, instant: Timestamp| {
        let text: String =
            instant.to_string().chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect();
        element(tag, text.as_bytes())
    };
    element(0x30, &[time(0x80, from), time(0x81, until)].concat())
}

/// A year of 365 days, in seconds.
const YEAR: i64 = 365 * DAY;
