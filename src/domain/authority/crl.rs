//! Revocation lists of the issuing CA.

use rcgen::{
    CertificateRevocationListParams, Issuer, KeyIdMethod, RevokedCertParams, SerialNumber,
};

use super::certificates::at;
use super::signing::Key;
use super::{AuthorityError, Ca};
use crate::base::time::Timestamp;

/// A revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedCertificate {
    /// Content of its serial number.
    pub serial: Vec<u8>,
    /// Time of the revocation.
    pub when: Timestamp,
}

/// A revocation list in DER, numbered, from `this` to `next`.
pub fn crl(
    ca: Ca<'_>,
    revoked: &[RevokedCertificate],
    number: u64,
    this: Timestamp,
    next: Timestamp,
) -> Result<Vec<u8>, AuthorityError> {
    let revoked_certs = revoked
        .iter()
        .map(|one| {
            Ok(RevokedCertParams {
                serial_number: SerialNumber::from_slice(&one.serial),
                revocation_time: at(one.when)?,
                reason_code: None,
                invalidity_date: None,
            })
        })
        .collect::<Result<_, AuthorityError>>()?;
    let params = CertificateRevocationListParams {
        this_update: at(this)?,
        next_update: at(next)?,
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs,
        key_identifier_method: KeyIdMethod::PreSpecified(
            ca.certificate.subject_key_id().unwrap_or_default().to_vec(),
        ),
    };
    let issuer = Issuer::from_ca_cert_der(&ca.certificate.der().into(), Key(ca.key))?;
    Ok(params.signed_by(&issuer)?.der().to_vec())
}
