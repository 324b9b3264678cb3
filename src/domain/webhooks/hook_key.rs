//! Keys that sign webhook messages: their public form, and their overlap.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::time::{DAY, Timestamp};

/// The public half of such a key: 32 bytes of Ed25519, as Standard Webhooks writes them, `whpk_`
/// and base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HookKey([u8; 32]);

/// The key in use and, while both sign, the previous one. Its JSON form is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookKeys {
    /// The key in use.
    pub key: HookKey,
    /// The previous key, unless it was ended at once. [`Self::before`] tells whether it still
    /// signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Ending>,
}

/// A replaced key that signs besides its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// The replaced key.
    pub key: HookKey,
    /// When it stops signing.
    pub until: Timestamp,
}

/// Number of days for which a key signs besides its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Overlap(u32);

/// Three keys never sign at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key before, {}, signs until {} beside the present one; wait until then, or end both at once with --overlap 0",
    .0.key, .0.until
)]
pub struct StillTwo(pub Ending);

/// The number of days is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the overlap: 0 to {MOST_DAYS} days; 0 ends the old key at once")]
pub struct BadOverlap;

impl HookKey {
    /// `None` unless there are 32 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Parses `whpk_` and base64.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("whpk_")?).ok()?;
        Self::new(&bytes)
    }

    /// Sixteen hexadecimal digits that identify it in file names.
    pub fn id(&self) -> String {
        let hex = Digest::of(&[&self.0]).to_hex();
        hex.get(..16).unwrap_or(&hex).to_owned()
    }
}

impl HookKeys {
    /// The keys of an office whose key was never replaced.
    pub const fn first(key: HookKey) -> Self {
        Self { key, before: None }
    }

    /// The previous key, as long as it signs.
    pub fn before(&self, now: Timestamp) -> Option<Ending> {
        self.before.filter(|ending| now < ending.until)
    }

    /// Whether another key may replace the present one. Without overlap it always may: a leaked key
    /// cannot wait.
    pub fn may_be_replaced(&self, overlap: Overlap, now: Timestamp) -> Result<(), StillTwo> {
        match self.before(now) {
            Some(ending) if !overlap.is_none() => Err(StillTwo(ending)),
            _ => Ok(()),
        }
    }

    /// Replaces the present key, which signs besides the new one for the overlap.
    pub fn replaced_by(
        &self,
        key: HookKey,
        overlap: Overlap,
        now: Timestamp,
    ) -> Result<Self, StillTwo> {
        self.may_be_replaced(overlap, now)?;
        let ending = Ending { key: self.key, until: overlap.end(now) };
        Ok(Self { key, before: (!overlap.is_none()).then_some(ending) })
    }
}

impl Overlap {
    /// Whether the old key ends at once.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// When a key that is replaced now stops signing.
    pub fn end(self, now: Timestamp) -> Timestamp {
        now.plus(i64::from(self.0) * DAY)
    }
}

impl fmt::Display for HookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "whpk_{}", STANDARD.encode(self.0))
    }
}

impl From<HookKey> for String {
    fn from(key: HookKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for HookKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not whpk_ and the base64 of 32 bytes")
    }
}

impl FromStr for Overlap {
    type Err = BadOverlap;

    fn from_str(text: &str) -> Result<Self, BadOverlap> {
        text.parse::<u32>().map_err(|_| BadOverlap)?.try_into()
    }
}

impl TryFrom<u32> for Overlap {
    type Error = BadOverlap;

    fn try_from(days: u32) -> Result<Self, BadOverlap> {
        (days <= MOST_DAYS).then_some(Self(days)).ok_or(BadOverlap)
    }
}

impl From<Overlap> for u32 {
    fn from(overlap: Overlap) -> Self {
        overlap.0
    }
}

/// A quarter of a year: a receiver that lacks the new key by then does not verify at all.
const MOST_DAYS: u32 = 90;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> HookKey {
        HookKey::new(&[byte; 32]).unwrap()
    }

    fn days(days: u32) -> Overlap {
        Overlap::try_from(days).unwrap()
    }

    #[test]
    fn the_old_key_ends_by_itself_and_two_sign_at_the_most() {
        let now = Timestamp::EPOCH.plus(1_000_000);
        let first = HookKeys::first(key(1));
        assert_eq!(first.before(now), None);
        let second = first.replaced_by(key(2), days(14), now).unwrap();
        let ending = Ending { key: key(1), until: now.plus(14 * DAY) };
        assert_eq!((second.key, second.before(now)), (key(2), Some(ending)));
        let last = now.plus(14 * DAY - 1);
        assert_eq!((second.before(last), second.before(last.plus(1))), (Some(ending), None));
        // Meanwhile a third key cannot be added, but can replace both.
        assert_eq!(second.replaced_by(key(3), days(1), last), Err(StillTwo(ending)));
        let alone = second.replaced_by(key(3), days(0), last).unwrap();
        assert_eq!(alone, HookKeys::first(key(3)));
        let third = second.replaced_by(key(3), days(1), last.plus(1)).unwrap();
        assert_eq!(third.before(last.plus(1)).unwrap().key, key(2));
    }

    #[test]
    fn what_is_kept_is_read_again_and_nothing_else_is_read() {
        let now = Timestamp::EPOCH.plus(1_000_000);
        let keys = HookKeys::first(key(1)).replaced_by(key(2), days(90), now).unwrap();
        let json = serde_json::to_string(&keys).unwrap();
        assert_eq!(serde_json::from_str::<HookKeys>(&json).unwrap(), keys);
        assert_eq!(HookKey::parse(&key(7).to_string()), Some(key(7)));
        for bad in ["", "whpk_", "whpk_AAAA", "whsk_7VugIFk+5PTJ4IkdLJFnUT7K3WcFArJ9071L7JOW4Bo="] {
            assert_eq!(HookKey::parse(bad), None, "{bad}");
        }
        assert_ne!(key(1).id(), key(2).id());
        for bad in ["91", "-1", "", "1.5", "99999999999"] {
            assert_eq!(bad.parse::<Overlap>(), Err(BadOverlap), "{bad}");
        }
    }
}
