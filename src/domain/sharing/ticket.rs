//! A ticket: an address at which one sealed document can be fetched, once and for a short time.

use serde::{Deserialize, Serialize};

use super::grant::Wanted;
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::format::jose::jws;

/// The document promised, and the client. Its JSON form is stored under the digest of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Identifier of the licence.
    pub licence: String,
    /// Slug of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The client that requested it.
    pub client: String,
    /// Slug of its department.
    pub department: String,
    /// Stated purpose.
    pub purpose: String,
    /// Stated service item or case.
    pub item: String,
    /// The grant that allowed it, and must still allow it at its use.
    pub grant: u64,
    /// Whether the holder consented; the code was used up then.
    #[serde(default)]
    pub consent: bool,
    /// When it ends.
    pub until: Timestamp,
    /// Whether it was used.
    #[serde(default)]
    pub used: bool,
}

impl Ticket {
    /// Whether it can be used at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.used && now < self.until
    }

    /// The request for the document and the same purpose, to be checked again at its use.
    pub fn wanted(&self, now: Timestamp) -> Wanted<'_> {
        Wanted {
            department: &self.department,
            kind: &self.kind,
            purpose: &self.purpose,
            item: &self.item,
            fields: None,
            document: true,
            now,
        }
    }
}

/// The secret part of the address. Only its digest is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketCode(String);

impl TicketCode {
    /// A code of 256 random bits.
    pub fn from_entropy(bytes: [u8; 32]) -> Self {
        Self(jws::encode(&bytes))
    }

    /// Parses a code; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = jws::decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The code, for the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Store key of the ticket: a digest. Random bits need no salt and no slow hash.
    pub fn key(&self) -> String {
        Digest::of(&[b"ticket\0", self.0.as_bytes()]).to_hex()
    }
}

impl std::fmt::Debug for TicketCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketCode(…)")
    }
}

/// Longest lifetime of a ticket in seconds.
pub const TICKET_SECONDS: i64 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_ends_and_its_key_is_not_its_code() {
        let code = TicketCode::from_entropy([7; 32]);
        assert_eq!(TicketCode::parse(code.as_str()), Some(code.clone()));
        assert!(!code.key().contains(code.as_str()) && !format!("{code:?}").contains("Bwc"));
        for bad in ["", "BwcHBwcHBwcHBwcHBwcHBw", "../../etc/passwd"] {
            assert_eq!(TicketCode::parse(bad), None, "{bad}");
        }
        let until = Timestamp::EPOCH.plus(TICKET_SECONDS);
        let text = |text: &str| text.to_owned();
        let mut ticket = Ticket {
            licence: text("1"),
            kind: text("business"),
            client: text("school-desk"),
            department: text("social"),
            purpose: text("入学登记"),
            item: text("1"),
            grant: 1,
            consent: false,
            until,
            used: false,
        };
        assert!(ticket.holds(until.plus(-1)) && !ticket.holds(until));
        ticket.used = true;
        assert!(!ticket.holds(until.plus(-1)));
    }
}
