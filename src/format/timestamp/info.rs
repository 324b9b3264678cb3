//! `TSTInfo` (RFC 3161, 2.4.2).

use crate::base::time::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::format::cms::BadCms;
use crate::format::der::{self, Element, Extension, Reader};
use crate::format::x509::digest_algorithm;

/// The authority's statement.
#[derive(Clone, Debug)]
pub(super) struct Info {
    pub(super) policy: String,
    pub(super) digest: DigestAlgorithm,
    pub(super) imprint: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) time: Timestamp,
    pub(super) accuracy: Option<Accuracy>,
}

/// Largest difference between the stated and the true time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// Whole seconds of the accuracy.
    pub seconds: u64,
    /// Thousandths of a second, below 1000.
    pub millis: u16,
    /// Millionths of a second, below 1000.
    pub micros: u16,
}

impl Info {
    /// Parses DER strictly: version 1, one form of time, no critical extensions.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, BadCms> {
        let mut outer = Reader::new(bytes);
        let mut info = outer.expect(der::SEQUENCE)?.inside();
        outer.finish()?;
        if info.expect(der::INTEGER)?.content != [1] {
            return Err(BadCms::Rule("an unknown version of the time stamp"));
        }
        let policy = der::dotted(info.expect(der::OID)?.content);
        let (digest, imprint) = read_imprint(info.expect(der::SEQUENCE)?)?;
        let serial = info.expect(der::INTEGER)?.content.to_vec();
        let time = info.expect(der::GENERALIZED_TIME)?.fine_time();
        let time = time.map_err(|_| BadCms::Rule("a malformed time in the time stamp"))?;
        let accuracy = info.optional(der::SEQUENCE)?.map(Accuracy::read).transpose()?;
        // `ordering`: whether tokens of one authority can be ordered by time regardless of
        // accuracy.
        info.optional(der::BOOLEAN)?.map(|flag| flag.boolean()).transpose()?;
        // The nonce was for the requester to check.
        info.optional(der::INTEGER)?;
        // A hint; the certificate is bound by signing-certificate.
        info.optional(der::CONTEXT_0)?;
        if let Some(extensions) = info.optional(der::CONTEXT_1)?
            && Extension::read_all(extensions.inside())?.iter().any(|one| one.critical)
        {
            return Err(BadCms::Rule("a critical extension of the time stamp that is not known"));
        }
        info.finish()?;
        Ok(Self { policy, digest, imprint, serial, time, accuracy })
    }
}

impl Accuracy {
    fn read(sequence: Element<'_>) -> Result<Self, BadCms> {
        let mut parts = sequence.inside();
        let seconds = parts.optional(der::INTEGER)?.map(|number| number.unsigned()).transpose()?;
        let millis = parts.optional(0x80)?.map(thousandths).transpose()?;
        let micros = parts.optional(0x81)?.map(thousandths).transpose()?;
        parts.finish()?;
        Ok(Self {
            seconds: seconds.unwrap_or(0),
            millis: millis.unwrap_or(0),
            micros: micros.unwrap_or(0),
        })
    }
}

/// `INTEGER (1..999)`; zero, which some authorities write, means the same as absent.
fn thousandths(number: Element<'_>) -> Result<u16, BadCms> {
    let value = u16::try_from(number.unsigned()?).ok();
    value.filter(|value| *value < 1000).ok_or(BadCms::Malformed)
}

fn read_imprint(imprint: Element<'_>) -> Result<(DigestAlgorithm, Vec<u8>), BadCms> {
    let mut parts = imprint.inside();
    let digest = digest_algorithm(parts.expect(der::SEQUENCE)?)?;
    let hashed = parts.expect(der::OCTETS)?.content.to_vec();
    parts.finish()?;
    Ok((digest, hashed))
}
