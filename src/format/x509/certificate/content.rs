//! Extracts the fields of a certificate.

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{X509Certificate, X509Extension};

use super::super::error::BadCertificate;
use super::ParsedCertificate;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::format::x509::entitlement::{self, Stated};
use crate::format::x509::envelope::Envelope;
use crate::format::x509::name::{COMMON_NAME, DistinguishedName, ORGANIZATION};
use crate::format::x509::names::{NameConstraints, Names};
use crate::format::x509::points::Points;
use crate::format::x509::policies::Policies;
use crate::format::x509::spki::{self, Scheme};
use crate::format::x509::usage::{self, KeyUsage};

impl ParsedCertificate {
    pub(super) fn read(
        der: &[u8],
        parsed: &X509Certificate<'_>,
        envelope: &Envelope<'_>,
    ) -> Result<Self, BadCertificate> {
        let tbs = parsed.tbs_certificate.as_ref();
        let start = (tbs.as_ptr().addr()).checked_sub(der.as_ptr().addr());
        let start = start.ok_or(BadCertificate("malformed DER"))?;
        let end = start.checked_add(tbs.len()).ok_or(BadCertificate("malformed DER"))?;
        let text = |name: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>| {
            name.and_then(|value| value.as_str().ok()).unwrap_or_default().to_owned()
        };
        let subject = parsed.subject();
        let emails = subject.iter_email().map(|email| text(Some(email))).collect();
        let issuer = DistinguishedName::new(parsed.issuer().as_raw());
        let subject = DistinguishedName::new(subject.as_raw());
        let named = |kind| subject.text(kind).unwrap_or_default();
        let (common_name, organization) = (named(COMMON_NAME), named(ORGANIZATION));
        let (not_before, not_after) = (parsed.validity().not_before, parsed.validity().not_after);
        let mut content = Self {
            der: der.to_vec(),
            fingerprint: Digest::of(&[der]),
            tbs: start..end,
            signature: parsed.signature_value.data.to_vec(),
            scheme: Scheme::from_identifier(envelope.algorithm),
            // 0 is version 1.
            version: parsed.version().0.saturating_add(1),
            has_extensions: !parsed.extensions().is_empty(),
            serial: parsed.raw_serial().to_vec(),
            issuer,
            subject,
            common_name,
            organization,
            not_before: Timestamp::nearest(not_before.timestamp()),
            not_after: Timestamp::nearest(not_after.timestamp()),
            key_use: None,
            public_key: spki::public_key_of(parsed.public_key()),
            authority: None,
            key_usage: None,
            extended: None,
            extended_critical: false,
            subject_key_id: None,
            authority_key_id: None,
            alternative_names: Names::default(),
            subject_emails: emails,
            unknown_critical: Vec::new(),
            name_constraints: None,
            policies: Policies::default(),
            points: Points::default(),
            ocsp_no_check: false,
            entitlement: None,
            office_arc: None,
            unread: Vec::new(),
        };
        let mut seen: Vec<&x509_parser::der_parser::Oid<'_>> = Vec::new();
        if parsed.extensions().len() > MAX_EXTENSIONS {
            return Err(BadCertificate("more than 64 extensions"));
        }
        for extension in parsed.extensions() {
            if seen.contains(&&extension.oid) {
                return Err(BadCertificate("an extension stands twice"));
            }
            seen.push(&extension.oid);
            content.extension(extension)?;
        }
        Ok(content)
    }

    fn extension(&mut self, extension: &X509Extension<'_>) -> Result<(), BadCertificate> {
        let mut known = true;
        let value = extension.value;
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(value) => {
                self.authority = value.ca.then_some(value.path_len_constraint);
            }
            ParsedExtension::KeyUsage(value) => {
                self.key_usage = Some(KeyUsage::of_bits(value.flags));
            }
            ParsedExtension::ExtendedKeyUsage(_) => {
                self.extended = Some(usage::purposes(value)?);
                self.extended_critical = extension.critical;
            }
            ParsedExtension::SubjectKeyIdentifier(value) => {
                self.subject_key_id = Some(value.0.to_vec());
            }
            ParsedExtension::AuthorityKeyIdentifier(value) => {
                self.authority_key_id = value.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            // A malformed restriction must not count as absent.
            ParsedExtension::ParseError { .. } if USED.contains(&extension.oid.as_bytes()) => {
                return Err(BadCertificate("a malformed extension"));
            }
            _ => known = self.other(extension)?,
        }
        if extension.critical && !known {
            self.unknown_critical.push(extension.oid.to_id_string());
        }
        Ok(())
    }

    fn other(&mut self, extension: &X509Extension<'_>) -> Result<bool, BadCertificate> {
        let bytes = extension.oid.as_bytes();
        if let Some(stated) = Stated::read(bytes, extension.value)? {
            let known = stated.is_under([].into_iter());
            // Programs that know different identifiers must not read different entitlements.
            if self.entitlement.replace(stated).is_some() {
                return Err(BadCertificate("two entitlement extensions"));
            }
            return Ok(known);
        } else if let Some(arc) = entitlement::office_arc(bytes, extension.value) {
            if self.office_arc.replace(arc).is_some() {
                return Err(BadCertificate("two arcs of one office"));
            }
        } else if bytes == entitlement::PRIVATE_KEY_USAGE_PERIOD_DER {
            let period = entitlement::private_key_usage(extension.value)
                .ok_or(BadCertificate("a malformed private key usage period"))?;
            self.key_use = Some(period);
        } else if bytes == SUBJECT_ALTERNATIVE_NAME {
            self.alternative_names = Names::from_der(extension.value)
                .map_err(|_| BadCertificate("malformed alternative names"))?;
        } else if bytes == NAME_CONSTRAINTS {
            let constraints = NameConstraints::from_der(extension.value)
                .map_err(|_| BadCertificate("malformed name constraints"))?;
            self.name_constraints = Some(constraints);
        } else if bytes == OCSP_NO_CHECK {
            self.ocsp_no_check = true;
        } else if let Ok(true) = self.points.extension(bytes, extension.value, &self.issuer) {
            // Distribution points are hints; a malformed extension counts as an unknown one.
        } else {
            let known = self.policies.extension(bytes, extension.value);
            let known = known.map_err(|_| BadCertificate("malformed policies"))?;
            if !known && bytes.last() == Some(&entitlement::ENTITLEMENT) {
                self.unread.push(bytes.to_vec());
            }
            return Ok(known);
        }
        Ok(true)
    }
}

/// Real certificates have at most a dozen; the search for repeated extensions is quadratic.
const MAX_EXTENSIONS: usize = 64;
/// 2.5.29.17
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1D, 17];
/// 2.5.29.30
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 30];
/// 1.3.6.1.5.5.7.48.1.5
const OCSP_NO_CHECK: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 5];
/// Key usage, basic constraints, extended key usage.
const USED: [&[u8]; 3] = [&[0x55, 0x1D, 15], &[0x55, 0x1D, 19], &[0x55, 0x1D, 37]];
