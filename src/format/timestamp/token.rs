//! A token: a CMS message whose content is a `TSTInfo`.

use super::info::{Accuracy, Info};
use crate::base::digest::hex;
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::format::cms::{BadCms, Binding, CmsValid, SignedData};
use crate::format::x509::Certificate;

/// A parsed time-stamp token.
#[derive(Clone, Debug)]
pub struct Token {
    signed: SignedData,
    info: Info,
}

impl Token {
    /// Reads the hole of a document time stamp or the value of a signature time stamp: a message
    /// about a `TSTInfo`, and zeros to the end.
    pub fn parse(contents: &[u8], budget: &mut Budget) -> Result<Self, BadCms> {
        let signed = SignedData::parse_enclosing(contents, TST_INFO, budget)?;
        let info = Info::read(signed.content().unwrap_or_default())?;
        Ok(Self { signed, info })
    }

    /// The stated time, truncated to seconds.
    pub fn time(&self) -> Timestamp {
        self.info.time
    }

    /// Its accuracy; `None` when only the authority's policy defines it.
    pub fn accuracy(&self) -> Option<Accuracy> {
        self.info.accuracy
    }

    /// The authority's policy, in dots.
    pub fn policy(&self) -> &str {
        &self.info.policy
    }

    /// Content of the token's serial number INTEGER.
    pub fn serial(&self) -> &[u8] {
        &self.info.serial
    }

    /// Hexadecimal of the serial number.
    pub fn serial_hex(&self) -> String {
        hex(&self.info.serial)
    }

    /// The digest algorithm of the message imprint.
    pub fn imprint_algorithm(&self) -> DigestAlgorithm {
        self.info.digest
    }

    /// Whether the imprint is of these bytes, given in parts.
    pub fn covers(&self, parts: &[&[u8]]) -> bool {
        self.info.digest.digest(parts) == self.info.imprint
    }

    /// The message: certificates, signer, revocation data.
    pub fn signed(&self) -> &SignedData {
        &self.signed
    }

    /// Checks that `signer` signed the statement. The certificate must be bound, by either version
    /// (RFC 3161, 2.4.2 and RFC 5816, 2.2.1): many authorities share one name.
    pub fn verify(&self, signer: &Certificate, budget: &mut Budget) -> Result<CmsValid, BadCms> {
        let statement = self.signed.content().unwrap_or_default();
        let valid = self.signed.verify_over(signer, &[statement], budget)?;
        if valid.binding() == Binding::None {
            return Err(BadCms::Rule("the time stamp does not bind its certificate"));
        }
        Ok(valid)
    }
}

/// 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo.
const TST_INFO: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 4];
