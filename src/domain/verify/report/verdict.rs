//! The result of a verification in one word.

use serde::Serialize;

/// The result in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Genuine and in force (or: genuine, and not a licence).
    Valid,
    /// Changed after the seal.
    Altered,
    /// The seal does not verify, or its signer was not entitled.
    Invalid,
    /// Intact, but its root is not trusted.
    UnknownIssuer,
    /// Genuine; no current status is available.
    StatusUnknown,
    /// Intact; evidence that it was valid at the time is missing.
    NotEnoughEvidence,
    /// Genuine, revoked.
    Revoked,
    /// Genuine, suspended.
    Suspended,
    /// Genuine, past its last day.
    Expired,
    /// Genuine, before its first day.
    NotYetInForce,
    /// Genuine, replaced by a newer version.
    Superseded,
    /// It has no electronic seal.
    NotSigned,
    /// The file cannot be read.
    Unreadable,
}

impl Verdict {
    /// Every verdict, in the order of the table in the documentation.
    pub const ALL: [Self; 13] = [
        Self::Valid,
        Self::Altered,
        Self::Invalid,
        Self::UnknownIssuer,
        Self::StatusUnknown,
        Self::NotEnoughEvidence,
        Self::Revoked,
        Self::Suspended,
        Self::Expired,
        Self::NotYetInForce,
        Self::Superseded,
        Self::NotSigned,
        Self::Unreadable,
    ];

    /// The stable name, as in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Altered => "altered",
            Self::Invalid => "invalid",
            Self::UnknownIssuer => "unknown_issuer",
            Self::StatusUnknown => "status_unknown",
            Self::NotEnoughEvidence => "not_enough_evidence",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::NotYetInForce => "not_yet_in_force",
            Self::Superseded => "superseded",
            Self::NotSigned => "not_signed",
            Self::Unreadable => "unreadable",
        }
    }

    /// The exit code of `yinzheng verify`.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Altered | Self::Invalid => 1,
            Self::UnknownIssuer | Self::StatusUnknown | Self::NotEnoughEvidence => 2,
            Self::Revoked
            | Self::Suspended
            | Self::Expired
            | Self::NotYetInForce
            | Self::Superseded => 3,
            Self::NotSigned => 4,
            Self::Unreadable => 66,
        }
    }
}
