//! Certificate revocation lists (RFC 5280, 5): parsed, and verified with their issuer's key.

use std::sync::Arc;

use super::Reason;
use super::scope::{ISSUING_DISTRIBUTION_POINT, Scope, Useless};
use crate::base::digest::Digest;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::base::time::Timestamp;
use crate::crypto::algorithm::PublicKey;
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};
use crate::format::der::{self, BadDer, Element, Extension, Reader};
use crate::format::x509::{Certificate, DistinguishedName, Envelope, Scheme, Unsupported};

/// A parsed revocation list; a clone shares the bytes.
#[derive(Clone, Debug)]
pub struct Crl(Arc<ParsedCrl>);

#[derive(Debug)]
struct ParsedCrl {
    fingerprint: Digest,
    tbs: Vec<u8>,
    signature: Vec<u8>,
    scheme: Result<Scheme, Unsupported>,
    issuer: DistinguishedName,
    authority_key_id: Option<Vec<u8>>,
    scope: Option<Scope>,
    this_update: Timestamp,
    next_update: Timestamp,
    /// Offsets of the entries in `tbs`, sorted by [`key_of`] the serial number and then by the
    /// serial number. A list may have a million entries: each is parsed when it is looked up.
    places: Vec<(u64, u32)>,
}

/// A list's entry for one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedCertificate {
    /// Time of the revocation.
    pub when: Timestamp,
    /// Reason code; `Unspecified` when absent.
    pub reason: Reason,
    /// Date of invalidity from the issuer (RFC 5280, 5.3.2); it may be earlier.
    pub invalid_since: Option<Timestamp>,
}

/// The bytes are not a supported revocation list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable certificate revocation list: {0}")]
pub struct BadCrl(pub &'static str);

impl Crl {
    /// Parses DER. A list that is partial, indirect or without a next update is refused: it could
    /// not prove that a certificate is not revoked. A list may be complete for some certificates
    /// only, see [`Self::covers`].
    pub fn parse(der: &[u8]) -> Result<Self, BadCrl> {
        let mut outer = Reader::new(der);
        outer.expect(der::SEQUENCE)?;
        outer.finish().map_err(|_| BadCrl("bytes after the list"))?;
        let envelope = Envelope::read(der)
            .map_err(|_| BadCrl("malformed DER, or the algorithm outside is not the one inside"))?;
        let mut list = Reader::new(envelope.signed).expect(der::SEQUENCE)?.inside();
        list.optional(der::INTEGER)?;
        list.expect(der::SEQUENCE)?;
        let issuer = DistinguishedName::new(list.expect(der::SEQUENCE)?.raw);
        let this_update = time(list.any()?)?;
        let next_update = match list.peek() {
            Some(der::UTC_TIME | der::GENERALIZED_TIME) => time(list.any()?)?,
            _ => return Err(BadCrl("no next update")),
        };
        let behind = list.rest().len();
        let entries = list.optional(der::SEQUENCE)?;
        let (scope, authority_key_id) = match list.optional(der::CONTEXT_0)? {
            Some(wrapper) => scope(wrapper)?,
            None => (None, None),
        };
        list.finish()?;
        let places = match entries {
            Some(entries) => places(envelope.signed, behind, entries)?,
            None => Vec::new(),
        };
        Ok(Self(Arc::new(ParsedCrl {
            fingerprint: Digest::of(&[der]),
            tbs: envelope.signed.to_vec(),
            signature: envelope.signature.to_vec(),
            scheme: Scheme::from_identifier(envelope.algorithm),
            issuer,
            authority_key_id,
            scope,
            this_update,
            next_update,
            places,
        })))
    }

    /// Pays for reading this many bytes as a list, and for its memory: the bytes, and 16 for each
    /// entry of 20.
    pub fn pay(bytes: usize, budget: &mut Budget) -> Result<(), OverBudget> {
        budget.pay(Purse::ReadBytes, bytes, "bytes of revocation data")?;
        budget.pay(Purse::Memory, bytes.saturating_mul(2), "memory for revocation data")
    }

    /// The issuer of bytes that may be a list; `None` when they cannot be read that far.
    pub fn issuer_of(der: &[u8]) -> Option<DistinguishedName> {
        let mut fields = Reader::new(der).expect(der::SEQUENCE).ok()?.inside();
        let mut fields = fields.expect(der::SEQUENCE).ok()?.inside();
        fields.optional(der::INTEGER).ok()?;
        fields.expect(der::SEQUENCE).ok()?;
        Some(DistinguishedName::new(fields.expect(der::SEQUENCE).ok()?.raw))
    }

    /// SHA-256 over the bytes.
    pub fn fingerprint(&self) -> Digest {
        self.0.fingerprint
    }

    /// The name of its issuer.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.0.issuer
    }

    /// The identifier of the issuer's key that signed it, if stated (RFC 5280, 5.2.1).
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.authority_key_id.as_deref()
    }

    /// Its signature algorithm, or the name of an unsupported one.
    pub fn signature_scheme(&self) -> Result<&Scheme, &Unsupported> {
        self.0.scheme.as_ref()
    }

    /// The times of its this-update and next-update fields.
    pub fn window(&self) -> (Timestamp, Timestamp) {
        (self.0.this_update, self.0.next_update)
    }

    /// Whether the list covers this certificate of its issuer, so that its absence proves something
    /// (RFC 5280, 6.3.3, b, 2).
    pub fn covers(&self, certificate: &Certificate) -> bool {
        self.0.scope.as_ref().is_none_or(|scope| scope.covers(certificate))
    }

    /// When the certificate with this serial was revoked.
    pub fn revoked(&self, serial: &[u8]) -> Option<Timestamp> {
        self.entry(serial).map(|entry| entry.when)
    }

    /// The entry for this serial. Of two entries for one serial the earlier counts.
    pub fn entry(&self, serial: &[u8]) -> Option<RevokedCertificate> {
        let ParsedCrl { tbs, places, .. } = &*self.0;
        let wanted = (key_of(serial), serial);
        let before = |place: &(u64, u32)| (place.0, serial_at(tbs, *place)) < wanted;
        let place = places.get(places.partition_point(before))?;
        let (found, entry) = read_entry(element_at(tbs, *place).ok()?).ok()?;
        (found == serial).then_some(entry)
    }

    /// Checks that this key signed the list.
    pub fn signed_by(&self, issuer: &PublicKey) -> Result<SignatureValid, BadSignature> {
        let scheme = self.0.scheme.as_ref().map_err(|_| BadSignature::Unsupported)?;
        let algorithm = scheme.with(issuer.kind()).ok_or(BadSignature::Unsupported)?;
        verify::verify(algorithm, Form::Der, issuer, &self.0.tbs, &self.0.signature)
    }
}

impl From<BadDer> for BadCrl {
    fn from(_: BadDer) -> Self {
        Self("malformed DER")
    }
}

/// The scope of a list, and the identifier of the key that signed it.
type About = (Option<Scope>, Option<Vec<u8>>);

/// Reads the extensions of a list, of which two are used.
fn scope(wrapper: Element<'_>) -> Result<About, BadCrl> {
    let (mut scope, mut key_id) = (None, None);
    let list = wrapper.only()?;
    for extension in extensions(Some(list))? {
        if extension.name == ISSUING_DISTRIBUTION_POINT {
            scope = Some(Scope::read(extension.value).map_err(|Useless(why)| BadCrl(why))?);
        } else if extension.critical {
            return Err(BadCrl("a critical extension: partial lists are not used"));
        } else if extension.name == AUTHORITY_KEY_ID {
            let mut value = Reader::new(extension.value).expect(der::SEQUENCE)?.inside();
            key_id = value.optional(KEY_ID)?.map(|id| id.content.to_vec());
        }
    }
    Ok((scope, key_id))
}

fn extensions(list: Option<Element<'_>>) -> Result<Vec<Extension<'_>>, BadCrl> {
    match list {
        None => Ok(Vec::new()),
        Some(list) if list.tag == der::SEQUENCE => Extension::read_all(list.inside())
            .map_err(|_| BadCrl("malformed extensions, or one that stands twice")),
        Some(_) => Err(BadDer.into()),
    }
}

/// Reads every entry, and returns its offset. Of two entries for one serial number the earlier
/// counts. `behind` is the number of bytes of the list from the first entry on.
fn places(tbs: &[u8], behind: usize, entries: Element<'_>) -> Result<Vec<(u64, u32)>, BadCrl> {
    let mut places = Vec::new();
    let mut reader = entries.inside();
    let after = behind.saturating_sub(entries.raw.len());
    while reader.peek().is_some() {
        let left = reader.rest().len().saturating_add(after);
        let (serial, _) = read_entry(reader.expect(der::SEQUENCE)?)?;
        let place = u32::try_from(tbs.len().saturating_sub(left));
        places.push((key_of(serial), place.map_err(|_| BadCrl("larger than 4 GB"))?));
    }
    places.sort_unstable_by(|one, other| {
        let serial = |place: &(u64, u32)| serial_at(tbs, *place);
        one.0.cmp(&other.0).then_with(|| serial(one).cmp(serial(other)))
    });
    let when = |place: &(u64, u32)| Some(read_entry(element_at(tbs, *place).ok()?).ok()?.1.when);
    places.dedup_by(|next, kept| {
        let same = next.0 == kept.0 && serial_at(tbs, *next) == serial_at(tbs, *kept);
        if same && when(next) < when(kept) {
            *kept = *next;
        }
        same
    });
    Ok(places)
}

/// The first eight bytes of a serial number, which distinguish most of them.
fn key_of(serial: &[u8]) -> u64 {
    let bytes = serial.iter().copied().chain(std::iter::repeat(0)).take(8);
    bytes.fold(0, |sum, byte| sum << 8 | u64::from(byte))
}

fn element_at(tbs: &[u8], (_, place): (u64, u32)) -> Result<Element<'_>, BadDer> {
    let place = usize::try_from(place).map_err(|_| BadDer)?;
    Reader::new(tbs.get(place..).unwrap_or_default()).expect(der::SEQUENCE)
}

fn serial_at(tbs: &[u8], place: (u64, u32)) -> &[u8] {
    let entry = element_at(tbs, place).and_then(|entry| entry.inside().expect(der::INTEGER));
    entry.map(|serial| serial.content).unwrap_or_default()
}

/// The serial number of an entry, and the entry.
fn read_entry(entry: Element<'_>) -> Result<(&[u8], RevokedCertificate), BadCrl> {
    let mut parts = entry.inside();
    let serial = parts.expect(der::INTEGER)?.content;
    let when = time(parts.any()?)?;
    let list = parts.optional(der::SEQUENCE)?;
    parts.finish()?;
    let (mut reason, mut invalid_since) = (Reason::Unspecified, None);
    for extension in extensions(list)? {
        let mut value = Reader::new(extension.value);
        match extension.name {
            _ if extension.critical => return Err(BadCrl("a critical extension of an entry")),
            REASON_CODE => {
                let Element { tag: der::ENUMERATED, content: &[code], .. } = value.any()? else {
                    return Err(BadCrl("a malformed extension"));
                };
                reason = Reason::of_code(code)
                    .ok_or(BadCrl("a reason that only partial lists may give, or none at all"))?;
            }
            INVALIDITY_DATE => invalid_since = Some(time(value.expect(der::GENERALIZED_TIME)?)?),
            _ => continue,
        }
        value.finish()?;
    }
    Ok((serial, RevokedCertificate { when, reason, invalid_since }))
}

fn time(at: Element<'_>) -> Result<Timestamp, BadCrl> {
    at.time().map_err(|_| BadCrl("a malformed date"))
}

/// 2.5.29.35
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1D, 35];
/// `[0]`, implicit.
const KEY_ID: u8 = 0x80;
/// 2.5.29.21
const REASON_CODE: &[u8] = &[0x55, 0x1D, 21];
/// 2.5.29.24
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1D, 24];
