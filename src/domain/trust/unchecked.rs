//! Certificates without revocation data, and where more could be fetched.

use crate::crypto::digest::sha1_identifier;
use crate::format::revocation::request;
use crate::format::x509::Certificate;

/// A certificate of a valid path without revocation data for the instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    subject: Certificate,
    /// `None` for an anchor that is the signer: there is no revocation data for it.
    issuer: Option<Certificate>,
}

impl Unchecked {
    pub(super) fn new(subject: &Certificate, issuer: Option<&Certificate>) -> Self {
        Self { subject: subject.clone(), issuer: issuer.cloned() }
    }

    /// Name of the certificate's subject, or its serial number when it has none.
    pub fn name(&self) -> String {
        match self.subject.name() {
            "" => format!("serial {}", self.subject.serial_hex()),
            name => name.to_owned(),
        }
    }

    /// The certificate without data.
    pub fn subject(&self) -> &Certificate {
        &self.subject
    }

    /// Addresses of full lists, from the certificate.
    pub fn lists(&self) -> Vec<&str> {
        self.subject.points().list_addresses().collect()
    }

    /// Addresses of responders, from the certificate.
    pub fn responders(&self) -> &[String] {
        self.subject.points().responders()
    }

    /// The request to a responder, in DER (RFC 6960, 4.1; without a nonce, as in RFC 5019). `None`
    /// when its issuer's key is of an unsupported kind.
    pub fn question(&self) -> Option<Vec<u8>> {
        let issuer = self.issuer.as_ref()?;
        let key = issuer.public_key()?;
        let (name, key) =
            (sha1_identifier(self.subject.issuer().der()), sha1_identifier(key.bits()));
        Some(request(&name, &key, self.subject.serial()))
    }

    /// Technical details for a finding.
    pub fn account(&self) -> String {
        let issuer = self.issuer.as_ref().map_or("itself", Certificate::name);
        let places: Vec<_> =
            self.lists().into_iter().chain(self.responders().iter().map(String::as_str)).collect();
        let places = if places.is_empty() {
            "it does not say where this is published".to_owned()
        } else {
            format!("published at {}", places.join(", "))
        };
        format!(
            "{} (serial {}, SHA-256 {}) issued by {issuer}: {places}",
            self.name(),
            self.subject.serial_hex(),
            self.subject.fingerprint()
        )
    }
}
