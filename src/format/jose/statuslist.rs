//! Token status list (IETF): one, two, four or eight bits for each credential, least significant
//! bits first, deflated. Ours have two.

mod width;

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress};
use serde_json::{Map, Value, json};

use self::width::{BitPosition, Width};
use super::jws::{self, BadToken, Header, JwsParts, Unverified};
use super::numericdate::NumericDate;
use crate::base::limits::{Budget, Purse};
use crate::base::time::Timestamp;
use crate::crypto::signer::{SignError, Signer};

/// `typ` of a status list token.
pub const TYPE: &str = "statuslist+jwt";

/// Whether a token claims to be a status list; it is not verified.
pub fn is_one(token: &str, budget: &mut Budget) -> bool {
    let parts = JwsParts::parse_any(token, budget);
    parts.is_ok_and(|parts| parts.head.get("typ").is_some_and(|kind| kind == TYPE))
}

/// Status of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 0: valid.
    Valid,
    /// 1: revoked.
    Invalid,
    /// 2: suspended.
    Suspended,
    /// 3, application-specific: replaced by a newer version.
    Superseded,
}

impl Status {
    /// The two bits of an entry.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::Superseded => 3,
        }
    }

    const fn from_value(value: u8) -> Result<Self, NoEntry> {
        match value {
            0 => Ok(Self::Valid),
            1 => Ok(Self::Invalid),
            2 => Ok(Self::Suspended),
            3 => Ok(Self::Superseded),
            other => Err(NoEntry::Value(other)),
        }
    }
}

/// Why a list has no status for an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEntry {
    /// The list is shorter.
    #[error("the list ends before this index")]
    OutOfRange,
    /// A value that another application defines.
    #[error("the value {0} has no meaning here")]
    Value(u8),
}

/// A list of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    width: Width,
    bytes: Vec<u8>,
}

impl StatusList {
    /// At least `entries` entries of two bits, all valid.
    pub fn new(entries: usize) -> Self {
        Self { width: Width::Two, bytes: vec![0; entries.div_ceil(4)] }
    }

    /// Sets one entry; `None` when it is out of range.
    pub fn set(&mut self, index: u32, status: Status) -> Option<()> {
        let BitPosition { byte, shift, mask } = self.width.place(index)?;
        let byte = self.bytes.get_mut(byte)?;
        *byte = *byte & !(mask << shift) | (status.bits() & mask) << shift;
        Some(())
    }

    /// The status at an index.
    pub fn get(&self, index: u32) -> Result<Status, NoEntry> {
        let BitPosition { byte, shift, mask } =
            self.width.place(index).ok_or(NoEntry::OutOfRange)?;
        let byte = self.bytes.get(byte).ok_or(NoEntry::OutOfRange)?;
        Status::from_value(byte >> shift & mask)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        let (in_byte, _) = self.width.layout();
        usize::try_from(in_byte).unwrap_or(1).saturating_mul(self.bytes.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bits of an entry.
    pub fn width(&self) -> u32 {
        self.width.bits()
    }

    /// Signs the list; returns the compact token.
    pub fn to_token(
        &self,
        uri: &str,
        now: Timestamp,
        chain: &[&[u8]],
        signer: &dyn Signer,
    ) -> Result<String, SignError> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        let failed = |error: std::io::Error| SignError(error.to_string());
        encoder.write_all(&self.bytes).map_err(failed)?;
        let list = jws::encode(&encoder.finish().map_err(failed)?);
        let payload = json!({
            "sub": uri,
            "iat": now.unix(),
            "exp": now.plus(LIFETIME).unix(),
            "ttl": TTL,
            "status_list": { "bits": self.width.bits(), "lst": list },
        });
        let empty = Map::new();
        let payload = payload.as_object().unwrap_or(&empty);
        jws::sign(Header { kind: TYPE, chain }, payload, signer)
    }
}

/// A parsed list token, its signature unchecked.
#[derive(Clone, Debug)]
pub struct StatusToken<'a> {
    /// The signed token, its signature unchecked.
    pub token: Unverified<'a>,
    /// The decoded list.
    pub list: StatusList,
    /// The address that it is for, `sub`.
    pub uri: String,
    /// Time of issue, `iat`.
    pub issued: Timestamp,
    /// Start of its validity: `nbf` if that is later than `iat`, else `iat`.
    pub begins: Timestamp,
    /// When it expires, `exp`.
    pub expires: Timestamp,
    /// Seconds after which an online reader fetches a newer one, `ttl`.
    pub ttl: Option<i64>,
}

impl<'a> StatusToken<'a> {
    /// Parses a token; the signature is not checked.
    pub fn parse(text: &'a str, budget: &mut Budget) -> Result<Self, BadToken> {
        let rule = |text: &str| BadToken::Rule(text.to_owned());
        let token = Unverified::parse(text.trim_end(), TYPE, budget)?;
        let claims = token.payload();
        let uri = claims.get("sub").and_then(Value::as_str).ok_or_else(|| rule("no sub"))?;
        let made = token.time("iat").ok_or_else(|| rule("no iat"))?;
        let expires = token.time("exp").ok_or_else(|| rule("no exp"))?.ends();
        let begins = match claims.get("nbf") {
            None => made.begins(),
            Some(_) => {
                let begins = token.time("nbf").ok_or_else(|| rule("a malformed nbf"))?;
                begins.begins().max(made.begins())
            }
        };
        let issued = made.made();
        if expires <= begins {
            return Err(rule("a status list that ends before it begins"));
        }
        // Any positive number; a fraction makes the list old a moment earlier.
        let seconds = |value: &Value| {
            let whole = NumericDate::read(value)?;
            (whole.begins() > Timestamp::EPOCH).then(|| whole.ends().unix())
        };
        let ttl = match claims.get("ttl") {
            None => None,
            Some(value) => Some(seconds(value).ok_or_else(|| rule("a malformed ttl"))?),
        };
        let list = claims.get("status_list").ok_or_else(|| rule("no status_list"))?;
        let width = list.get("bits").and_then(Width::read);
        let width =
            width.ok_or_else(|| rule("the bits of a status list are other than 1, 2, 4 or 8"))?;
        let packed = list.get("lst").and_then(Value::as_str).ok_or_else(|| rule("no lst"))?;
        let list = StatusList { width, bytes: inflate(&jws::decode(packed)?, budget)? };
        let uri = uri.to_owned();
        Ok(Self { token, list, uri, issued, begins, expires, ttl })
    }
}

/// Inflates exactly one complete zlib stream with nothing after it.
fn inflate(packed: &[u8], budget: &mut Budget) -> Result<Vec<u8>, BadToken> {
    let malformed = |text| BadToken::Malformed(text);
    let mut inflater = Decompress::new(true);
    let mut bytes = Vec::new();
    loop {
        let (before, taken) = (inflater.total_out(), inflater.total_in());
        let rest = usize::try_from(taken).ok().and_then(|taken| packed.get(taken..));
        let rest = rest.unwrap_or_default();
        bytes.reserve_exact(CHUNK);
        let status = inflater
            .decompress_vec(rest, &mut bytes, FlushDecompress::None)
            .map_err(|_| malformed("the list cannot be inflated"))?;
        let made = usize::try_from(inflater.total_out().saturating_sub(before));
        let made = made.unwrap_or(usize::MAX);
        budget.pay(Purse::StatusListBytes, made, "status list size")?;
        if status == flate2::Status::StreamEnd {
            break;
        }
        if made == 0 && inflater.total_in() == taken {
            return Err(malformed("the list is cut off"));
        }
    }
    if usize::try_from(inflater.total_in()) != Ok(packed.len()) {
        return Err(malformed("there are bytes behind the list"));
    }
    Ok(bytes)
}

/// Bytes allocated at a time; beyond the budget at most this much is inflated.
const CHUNK: usize = 64 << 10;
/// A list is valid for a day.
const LIFETIME: i64 = 24 * 3600;
/// Readers fetch a new list after an hour.
const TTL: i64 = 3600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::software::SoftwareKey;

    fn key() -> SoftwareKey {
        SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T00:00:00Z").unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn payload(packed: &[u8]) -> Value {
        json!({
            "sub": "https://a.example/status/1", "iat": now().unix(),
            "exp": now().plus(LIFETIME).unix(), "ttl": TTL,
            "status_list": { "bits": 2, "lst": jws::encode(packed) },
        })
    }

    fn read(payload: &Value) -> Result<StatusList, String> {
        let header = Header { kind: TYPE, chain: &[b"leaf"] };
        let token = jws::sign(header, payload.as_object().unwrap(), &key()).unwrap();
        StatusToken::parse(&token, &mut Budget::default())
            .map(|read| read.list)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn entries_are_packed_low_bits_first() {
        // The example of the specification, section 4.1: 1,2,0,3,0,1,0,1,1,2,3,3 gives C9 44 F9.
        let mut list = StatusList::new(12);
        for (value, index) in [1_u8, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].into_iter().zip(0..) {
            list.set(index, Status::from_value(value).unwrap()).unwrap();
        }
        assert_eq!(list.bytes, [0xC9, 0x44, 0xF9]);
        assert_eq!((list.get(12), list.len()), (Err(NoEntry::OutOfRange), 12));
    }

    #[test]
    fn lists_of_other_widths_are_read_and_values_without_a_meaning_are_none() {
        // The specification's example of one bit, section 4.1: 1,0,0,1,1,1,0,1 begins B9.
        let with = |bits: u64, bytes: &[u8]| {
            let mut payload = payload(&deflate(bytes));
            payload["status_list"]["bits"] = bits.into();
            read(&payload)
        };
        let one = with(1, &[0xB9]).unwrap();
        let bits: Vec<u8> = (0..8).map(|index| one.get(index).unwrap().bits()).collect();
        assert_eq!((bits.as_slice(), one.len()), (&[1, 0, 0, 1, 1, 1, 0, 1][..], 8));
        let four = with(4, &[0x31, 0xF2]).unwrap();
        let four = [0, 1, 2, 3, 4].map(|index| four.get(index));
        let expected = [Status::Invalid, Status::Superseded, Status::Suspended];
        assert_eq!(four[..3], expected.map(Ok));
        assert_eq!(four[3..], [Err(NoEntry::Value(15)), Err(NoEntry::OutOfRange)]);
        let eight = with(8, &[0, 255]).unwrap();
        assert_eq!((eight.get(0), eight.get(1)), (Ok(Status::Valid), Err(NoEntry::Value(255))));
    }

    #[test]
    fn bits_other_than_1_2_4_or_8_are_refused() {
        for bits in [json!(0), json!(3), json!(16), json!(-1), json!(2.0), json!("2"), Value::Null]
        {
            let mut payload = payload(&deflate(&[0]));
            payload["status_list"]["bits"] = bits.clone();
            assert!(read(&payload).unwrap_err().contains("other than 1, 2, 4 or 8"), "{bits}");
        }
    }

    #[test]
    fn a_list_that_is_cut_off_has_a_tail_or_is_no_zlib_is_refused() {
        let packed = deflate(&[0x5A; 5000]);
        assert!(read(&payload(&packed)).is_ok());
        for cut in 0..packed.len() {
            assert!(read(&payload(&packed[..cut])).is_err(), "{cut}");
        }
        for tail in [&b"\0"[..], b"x", &packed] {
            let long = [packed.as_slice(), tail].concat();
            assert!(read(&payload(&long)).unwrap_err().contains("behind"), "{tail:?}");
        }
        let mut sum = packed.clone();
        *sum.last_mut().unwrap() ^= 1;
        let gzip = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
        for bad in [sum.as_slice(), &packed[2..], &gzip, &[0; 30]] {
            assert!(read(&payload(bad)).is_err());
        }
    }

    #[test]
    fn claims_that_are_missing_or_wrong_are_refused() {
        let packed = deflate(&[0]);
        for name in ["sub", "iat", "exp", "status_list"] {
            let mut payload = payload(&packed);
            payload.as_object_mut().unwrap().remove(name);
            assert!(read(&payload).unwrap_err().contains(name), "{name}");
        }
        let issued = now().unix();
        for (name, value) in [
            ("sub", json!(1)),
            ("iat", json!("x")),
            ("exp", json!(issued)),
            ("nbf", json!("x")),
            ("nbf", json!(issued + LIFETIME)),
            ("ttl", json!(0)),
            ("ttl", json!(-5)),
            ("ttl", json!("3600")),
            ("ttl", json!(-0.5)),
            ("exp", json!(1_795_478_400.9)),
            ("status_list", json!([])),
            ("status_list", json!({ "bits": 2 })),
            ("status_list", json!({ "bits": 2, "lst": "a+b" })),
        ] {
            let mut payload = payload(&packed);
            payload[name] = value.clone();
            assert!(read(&payload).is_err(), "{name} {value}");
        }
    }

    #[test]
    fn tokens_round_trip_and_bombs_are_stopped() {
        let (key, now) = (key(), now());
        let mut list = StatusList::new(1 << 17);
        list.set(77, Status::Suspended).unwrap();
        let token = list.to_token("https://a/status/1", now, &[b"leaf"], &key).unwrap();
        let read = StatusToken::parse(&token, &mut Budget::default()).unwrap();
        assert_eq!(read.list.get(77), Ok(Status::Suspended));
        assert_eq!((read.expires, read.ttl), (now.plus(86_400), Some(3600)));
        let mut small = Budget { status_list_bytes: 1000, ..Budget::default() };
        assert!(matches!(StatusToken::parse(&token, &mut small), Err(BadToken::Budget(_))));
    }

    #[test]
    fn a_bomb_stops_within_one_chunk_of_the_budget() {
        // 64 MiB of zeros in 64 KiB: the test counts the inflated bytes and measures no time.
        let bomb = deflate(&vec![0; 64 << 20]);
        let mut budget = Budget { status_list_bytes: 1 << 20, ..Budget::default() };
        assert!(matches!(inflate(&bomb, &mut budget), Err(BadToken::Budget(_))));
        assert!(budget.status_list_bytes <= CHUNK, "{budget:?}");
    }
}
