//! Token status list (IETF): two bits for each credential, least significant bits first, deflated.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};

use super::jws::{self, BadToken, Header, Unverified};
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::signer::{SignError, Signer};

/// `typ` of a status list token.
pub const TYPE: &str = "statuslist+jwt";

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 0: nothing speaks against it.
    Valid,
    /// 1: withdrawn for good.
    Invalid,
    /// 2: withdrawn for a time.
    Suspended,
    /// 3, application-specific: replaced by a newer version.
    Superseded,
}

impl Status {
    /// The two bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::Superseded => 3,
        }
    }

    const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            _ => Self::Superseded,
        }
    }
}

/// A list of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList(Vec<u8>);

impl StatusList {
    /// At least `entries` entries, all valid.
    pub fn new(entries: usize) -> Self {
        Self(vec![0; entries.div_ceil(4)])
    }

    /// Sets one entry; `None` when it is out of range.
    pub fn set(&mut self, index: u32, status: Status) -> Option<()> {
        let (byte, shift) = place(index)?;
        let byte = self.0.get_mut(byte)?;
        *byte = *byte & !(3 << shift) | status.bits() << shift;
        Some(())
    }

    /// One entry; `None` when it is out of range.
    pub fn get(&self, index: u32) -> Option<Status> {
        let (byte, shift) = place(index)?;
        self.0.get(byte).map(|byte| Status::from_bits(byte >> shift))
    }

    /// Signs the list.
    pub fn to_token(
        &self,
        uri: &str,
        now: Timestamp,
        chain: &[&[u8]],
        signer: &dyn Signer,
    ) -> Result<String, SignError> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        let failed = |error: std::io::Error| SignError(error.to_string());
        encoder.write_all(&self.0).map_err(failed)?;
        let list = jws::encode(&encoder.finish().map_err(failed)?);
        let payload = json!({
            "sub": uri,
            "iat": now.unix(),
            "exp": now.plus(LIFETIME).unix(),
            "ttl": TTL,
            "status_list": { "bits": 2, "lst": list },
        });
        let empty = Map::new();
        let payload = payload.as_object().unwrap_or(&empty);
        jws::sign(Header { kind: TYPE, chain }, payload, signer)
    }
}

/// A list token that was read and not yet believed.
#[derive(Clone, Debug)]
pub struct StatusToken<'a> {
    /// The signed part.
    pub token: Unverified<'a>,
    /// The list.
    pub list: StatusList,
    /// The address that it speaks for.
    pub uri: String,
    /// When it was made.
    pub issued: Timestamp,
    /// Until when it speaks.
    pub expires: Timestamp,
}

impl<'a> StatusToken<'a> {
    /// Reads a token.
    pub fn parse(text: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        let rule = |text: &str| BadToken::Rule(text.to_owned());
        let token = Unverified::parse(text.trim_end(), TYPE, budget)?;
        let claims = token.payload();
        let uri = claims.get("sub").and_then(Value::as_str).ok_or_else(|| rule("no sub"))?;
        let time =
            |name: &str| claims.get(name).and_then(Value::as_i64).and_then(Timestamp::from_unix);
        let issued = time("iat").ok_or_else(|| rule("no iat"))?;
        let expires = time("exp").ok_or_else(|| rule("no exp"))?;
        let list = claims.get("status_list").ok_or_else(|| rule("no status_list"))?;
        if list.get("bits") != Some(&Value::from(2)) {
            return Err(rule("a status list of other than two bits"));
        }
        let packed = list.get("lst").and_then(Value::as_str).ok_or_else(|| rule("no lst"))?;
        let list = inflate(&jws::decode(packed)?, budget)?;
        let uri = uri.to_owned();
        Ok(Self { token, list, uri, issued, expires })
    }
}

fn inflate(packed: &[u8], budget: &mut Budget) -> Result<StatusList, BadToken> {
    let most = u64::try_from(budget.status_list_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|_| BadToken::Malformed("the list cannot be inflated"))?;
    Budget::spend(&mut budget.status_list_bytes, bytes.len(), "status list size")?;
    Ok(StatusList(bytes))
}

fn place(index: u32) -> Option<(usize, u32)> {
    Some((usize::try_from(index / 4).ok()?, (index % 4).checked_mul(2)?))
}

/// A list speaks for a day.
const LIFETIME: i64 = 24 * 3600;
/// Readers look again after an hour.
const TTL: i64 = 3600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::software::SoftwareKey;

    #[test]
    fn entries_are_packed_low_bits_first() {
        // The example of the specification, section 4.1: 1,2,0,3,0,1,0,1,1,2,3,3 gives C9 44 F9.
        let mut list = StatusList::new(12);
        for (value, index) in [1_u8, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].into_iter().zip(0..) {
            list.set(index, Status::from_bits(value)).unwrap();
        }
        assert_eq!(list.0, [0xC9, 0x44, 0xF9]);
        assert_eq!(list.get(12), None);
    }

    #[test]
    fn tokens_round_trip_and_bombs_are_stopped() {
        let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
        let now = Timestamp::parse("2026-11-24T00:00:00Z").unwrap();
        let mut list = StatusList::new(1 << 17);
        list.set(77, Status::Suspended).unwrap();
        let token = list.to_token("https://a/status/1", now, &[b"leaf"], &key).unwrap();
        let read = StatusToken::parse(&token, &mut Budget::default()).unwrap();
        assert_eq!(read.list.get(77), Some(Status::Suspended));
        assert_eq!(read.expires, now.plus(86_400));
        let mut small = Budget { status_list_bytes: 1000, ..Budget::default() };
        assert!(matches!(StatusToken::parse(&token, &mut small), Err(BadToken::Budget(_))));
    }
}
