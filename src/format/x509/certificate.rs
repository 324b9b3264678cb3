//! One certificate, owned, with everything that a path check needs.

mod content;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::entitlement::{ENTITLEMENT, Entitlement, Stated};
use super::envelope::Envelope;
use super::error::BadCertificate;
use super::name::DistinguishedName;
use super::names::{NameConstraints, Names};
use super::points::Points;
use super::policies::Policies;
use super::spki::{Scheme, Unsupported};
use super::usage::{self, KeyUsage};
use crate::base::digest::{Digest, hex};
use crate::base::limits::{Budget, CERTIFICATE_BYTES, OverBudget, Purse};
use crate::base::oid::OidArc;
use crate::base::time::Timestamp;
use crate::crypto::algorithm::PublicKey;
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};

/// A parsed certificate; a clone shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Arc<ParsedCertificate>);

#[derive(PartialEq, Eq)]
struct ParsedCertificate {
    der: Vec<u8>,
    fingerprint: Digest,
    tbs: std::ops::Range<usize>,
    signature: Vec<u8>,
    scheme: Result<Scheme, Unsupported>,
    version: u32,
    has_extensions: bool,
    serial: Vec<u8>,
    issuer: DistinguishedName,
    subject: DistinguishedName,
    common_name: String,
    organization: String,
    not_before: Timestamp,
    not_after: Timestamp,
    key_use: Option<(Timestamp, Timestamp)>,
    public_key: Result<PublicKey, Unsupported>,
    authority: Option<Option<u32>>,
    key_usage: Option<KeyUsage>,
    extended: Option<Vec<String>>,
    extended_critical: bool,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    alternative_names: Names,
    subject_emails: Vec<String>,
    unknown_critical: Vec<String>,
    name_constraints: Option<NameConstraints>,
    policies: Policies,
    points: Points,
    ocsp_no_check: bool,
    entitlement: Option<Stated>,
    office_arc: Option<OidArc>,
    unread: Vec<Vec<u8>>,
}

impl Certificate {
    /// Parses DER; nothing may follow it.
    ///
    /// One of over [`CERTIFICATE_BYTES`] is refused before anything is allocated. A caller that
    /// reads several untrusted ones pays for each first, see [`Self::pay`].
    pub fn parse(der: &[u8]) -> Result<Self, BadCertificate> {
        if der.len() > CERTIFICATE_BYTES {
            return Err(BadCertificate("larger than 32 KB"));
        }
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|_| BadCertificate("malformed DER"))?;
        if !rest.is_empty() {
            return Err(BadCertificate("bytes after the certificate"));
        }
        let envelope = Envelope::read(der).map_err(|_| {
            BadCertificate("malformed DER, or the algorithm outside is not the one inside")
        })?;
        ParsedCertificate::read(der, &parsed, &envelope).map(|content| Self(Arc::new(content)))
    }

    /// Pays for parsing this many bytes as certificates, and for the memory of the result.
    pub fn pay(bytes: usize, budget: &mut Budget) -> Result<(), OverBudget> {
        // A certificate that is too large is refused unread.
        let bytes = if bytes > CERTIFICATE_BYTES { 0 } else { bytes };
        budget.pay(Purse::ReadBytes, bytes, "bytes of certificates")?;
        budget.pay(Purse::Memory, bytes.saturating_mul(KEPT), "memory for certificates")
    }

    /// Reads every certificate of a PEM text.
    pub fn from_pem(text: &str) -> Result<Vec<Self>, BadCertificate> {
        let mut certificates = Vec::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(PEM_BEGIN) {
            let (body, after) =
                after.split_once(PEM_END).ok_or(BadCertificate("PEM without an end line"))?;
            let body: String = body.split_ascii_whitespace().collect();
            let der = STANDARD.decode(body).map_err(|_| BadCertificate("PEM is not base64"))?;
            certificates.push(Self::parse(&der)?);
            rest = after;
        }
        if certificates.is_empty() {
            return Err(BadCertificate("no -----BEGIN CERTIFICATE----- line"));
        }
        Ok(certificates)
    }

    /// The certificate as PEM.
    pub fn to_pem(&self) -> String {
        let body = STANDARD.encode(&self.0.der);
        let mut pem = format!("{PEM_BEGIN}\n");
        for line in body.as_bytes().chunks(64) {
            pem.push_str(std::str::from_utf8(line).unwrap_or_default());
            pem.push('\n');
        }
        pem + PEM_END + "\n"
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 over the DER.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// 1 to 3. Only version 3 has extensions.
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Whether there are extensions of any kind.
    pub fn has_extensions(&self) -> bool {
        self.0.has_extensions
    }

    /// Content of the serial number INTEGER.
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// Hexadecimal of the serial number.
    pub fn serial_hex(&self) -> String {
        hex(&self.0.serial)
    }

    /// The issuer's name, as in this certificate.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.0.issuer
    }

    /// The subject's name.
    pub fn subject(&self) -> &DistinguishedName {
        &self.0.subject
    }

    /// The subject's common name, or its organisation.
    pub fn name(&self) -> &str {
        if self.0.common_name.is_empty() { &self.0.organization } else { &self.0.common_name }
    }

    /// The subject's organisation.
    pub fn organization(&self) -> &str {
        &self.0.organization
    }

    /// First and last instant of validity, both inclusive.
    pub fn validity(&self) -> (Timestamp, Timestamp) {
        (self.0.not_before, self.0.not_after)
    }

    /// The private key usage period: when the key may sign.
    pub fn key_use(&self) -> Option<(Timestamp, Timestamp)> {
        self.0.key_use
    }

    /// The subject's key, when it is of a supported kind.
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.0.public_key.as_ref().ok()
    }

    /// Like [`Self::public_key`], with the name of an unsupported algorithm as the error.
    pub fn known_key(&self) -> Result<&PublicKey, &Unsupported> {
        self.0.public_key.as_ref()
    }

    /// `Some(path length)` for a certification authority.
    pub fn authority(&self) -> Option<Option<u32>> {
        self.0.authority
    }

    /// The key usage extension.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.key_usage
    }

    /// Whether the extended key usage names this purpose; `None` without the extension.
    pub fn allows(&self, purpose: &str) -> Option<bool> {
        self.0.extended.as_ref().map(|all| all.iter().any(|oid| oid == purpose))
    }

    /// Every purpose of the extended key usage, as identifiers in dots.
    pub fn purposes(&self) -> Option<&[String]> {
        self.0.extended.as_deref()
    }

    /// Whether the extended key usage is present and critical, as RFC 3161, 2.3 requires of
    /// time-stamping authorities.
    pub fn extended_is_critical(&self) -> bool {
        self.0.extended_critical
    }

    /// Whether the extended key usage names id-kp-timeStamping. `anyExtendedKeyUsage` does not
    /// count: it does not make a time-stamping authority.
    pub fn time_stamping(&self) -> bool {
        self.allows(usage::TIME_STAMPING) == Some(true)
    }

    /// Whether the extended key usage names id-kp-OCSPSigning (RFC 6960, 4.2.2.2).
    pub fn ocsp_signing(&self) -> bool {
        self.allows(usage::OCSP_SIGNING) == Some(true)
    }

    /// Whether the issuer says that this certificate of a responder need not be checked for
    /// revocation as long as it is valid (RFC 6960, 4.2.2.2.1).
    pub fn is_ocsp_no_check(&self) -> bool {
        self.0.ocsp_no_check
    }

    /// Its certificate policies.
    pub fn policies(&self) -> &Policies {
        &self.0.policies
    }

    /// Where its revocation data is published.
    pub fn points(&self) -> &Points {
        &self.0.points
    }

    /// Subject key identifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.subject_key_id.as_deref()
    }

    /// Authority key identifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.authority_key_id.as_deref()
    }

    /// URIs among the alternative names.
    pub fn uris(&self) -> &[String] {
        &self.0.alternative_names.uris
    }

    /// Subject alternative names of all kinds.
    pub fn alternative_names(&self) -> &Names {
        &self.0.alternative_names
    }

    /// `emailAddress` attributes of the subject, to which name constraints apply as to alternative
    /// names (RFC 5280, 4.2.1.10).
    pub fn subject_emails(&self) -> &[String] {
        &self.0.subject_emails
    }

    /// Critical extensions that are not supported.
    pub fn unknown_critical(&self) -> &[String] {
        &self.0.unknown_critical
    }

    /// Whether a name constraints extension is present.
    pub fn constrains_names(&self) -> bool {
        self.0.name_constraints.is_some()
    }

    /// The names that this authority may certify.
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.0.name_constraints.as_ref()
    }

    /// The entitlement of this key, under any identifier. It may only restrict the key, never grant
    /// a right.
    pub fn entitlement(&self) -> Option<&Entitlement> {
        self.0.entitlement.as_ref().map(|stated| &stated.entitlement)
    }

    /// The entitlement of this key, under an identifier that every verifier knows or below one of
    /// these arcs. It grants rights once a path to a trusted root is built.
    pub fn entitlement_under<'a>(
        &self,
        arcs: impl Iterator<Item = &'a OidArc>,
    ) -> Option<&Entitlement> {
        let stated = self.0.entitlement.as_ref()?;
        stated.is_under(arcs).then_some(&stated.entitlement)
    }

    /// Whether it has an entitlement below exactly this arc.
    pub fn has_entitlement_below(&self, arc: &OidArc) -> bool {
        self.0.entitlement.as_ref().is_some_and(|stated| stated.is_below(arc))
    }

    /// Whether it has an extension with the identifier of entitlements below this arc that cannot
    /// be read.
    pub fn has_unread_entitlement(&self, arc: &OidArc) -> bool {
        !self.0.unread.is_empty() && self.0.unread.contains(&arc.child_der(ENTITLEMENT))
    }

    /// The arc that this CA names as that of its office.
    pub fn office_arc(&self) -> Option<&OidArc> {
        self.0.office_arc.as_ref()
    }

    /// Whether issuer and subject are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.0.issuer == self.0.subject
    }

    /// Its signature algorithm, or the name of an unsupported one.
    pub fn signature_scheme(&self) -> Result<&Scheme, &Unsupported> {
        self.0.scheme.as_ref()
    }

    /// Checks that `issuer`'s key signed this certificate, and nothing else.
    pub fn signed_by(&self, issuer: &PublicKey) -> Result<SignatureValid, BadSignature> {
        let scheme = self.0.scheme.as_ref().map_err(|_| BadSignature::Unsupported)?;
        let algorithm = scheme.with(issuer.kind()).ok_or(BadSignature::Unsupported)?;
        let tbs = self.0.der.get(self.0.tbs.clone()).unwrap_or_default();
        verify::verify(algorithm, Form::Der, issuer, tbs, &self.0.signature)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.name(), self.fingerprint())
    }
}

/// Memory for each byte: the byte itself, twice in a name, and for a name of two bytes a string of
/// its own.
const KEPT: usize = 20;
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";
