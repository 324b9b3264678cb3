//! Life cycle of a licence as one table. Revocation is final; expiry is computed, never stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::localized::Localized;
use crate::base::time::Date;
use crate::format::jose::statuslist::Status;

/// Status of a licence, regardless of its term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "Standing")]
pub enum LicenceStatus {
    /// Not suspended, revoked or replaced.
    #[default]
    Active,
    /// Suspended temporarily.
    Suspended {
        /// First day of the suspension.
        since: Date,
        /// Reason of the suspension.
        reason: Reason,
    },
    /// Revoked permanently.
    Revoked {
        /// First day of the revocation.
        since: Date,
        /// Reason of the revocation.
        reason: Reason,
    },
    /// Replaced by a newer version.
    Superseded {
        /// First day of the newer version.
        since: Date,
        /// Identifier of the newer version.
        by: String,
    },
}

/// Why a licence was suspended or revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reason {
    /// 签发有误.
    IssuedInError,
    /// 以欺骗等不正当手段取得.
    Fraud,
    /// 违法被吊销.
    Penalty,
    /// 终止经营或主体注销.
    Ceased,
    /// 持证人申请.
    HolderRequest,
    /// 依法调查.
    Investigation,
}

/// A change of status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusChange {
    /// Revoke permanently.
    Revoke(Reason),
    /// Suspend temporarily.
    Suspend(Reason),
    /// End the suspension.
    Resume,
    /// Replace by another licence.
    Supersede(String),
}

impl StatusChange {
    /// The note in the journal: `revoked penalty`, `resumed`.
    pub fn note(&self) -> String {
        match self {
            Self::Revoke(reason) => format!("revoked {}", reason.code()),
            Self::Suspend(reason) => format!("suspended {}", reason.code()),
            Self::Resume => "resumed".to_owned(),
            Self::Supersede(_) => "superseded".to_owned(),
        }
    }
}

/// The present status does not allow the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_english())]
pub struct NotAllowed {
    /// Name of the present status.
    pub from: &'static str,
    /// Name of the change.
    pub act: &'static str,
}

impl NotAllowed {
    fn in_english(self) -> String {
        let Self { from, act } = self;
        if from == act {
            format!("the licence is {from} already")
        } else {
            format!("a licence that is {from} cannot be {act}")
        }
    }
}

impl LicenceStatus {
    /// The one table of allowed steps.
    pub fn apply(&self, act: StatusChange, today: Date) -> Result<Self, NotAllowed> {
        match (self, act) {
            (Self::Active | Self::Suspended { .. }, StatusChange::Revoke(reason)) => {
                Ok(Self::Revoked { since: today, reason })
            }
            (Self::Active, StatusChange::Suspend(reason)) => {
                Ok(Self::Suspended { since: today, reason })
            }
            (Self::Suspended { .. }, StatusChange::Resume) => Ok(Self::Active),
            (Self::Active | Self::Suspended { .. }, StatusChange::Supersede(by)) => {
                Ok(Self::Superseded { since: today, by })
            }
            (Self::Suspended { .. }, StatusChange::Suspend(_))
            | (Self::Revoked { .. }, StatusChange::Revoke(_)) => {
                Err(NotAllowed { from: self.name(), act: self.name() })
            }
            (Self::Active, StatusChange::Resume)
            | (
                Self::Revoked { .. },
                StatusChange::Suspend(_) | StatusChange::Resume | StatusChange::Supersede(_),
            )
            | (
                Self::Superseded { .. },
                StatusChange::Revoke(_)
                | StatusChange::Suspend(_)
                | StatusChange::Resume
                | StatusChange::Supersede(_),
            ) => Err(NotAllowed { from: self.name(), act: "changed in this way" }),
        }
    }

    /// Bits of the status list entry.
    pub const fn status(&self) -> Status {
        match self {
            Self::Active => Status::Valid,
            Self::Suspended { .. } => Status::Suspended,
            Self::Revoked { .. } => Status::Invalid,
            Self::Superseded { .. } => Status::Superseded,
        }
    }

    /// Name of the stage.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Revoked { .. } => "revoked",
            Self::Superseded { .. } => "superseded",
        }
    }
}

impl Reason {
    /// Every reason with its code.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::IssuedInError, "issued_in_error"),
        (Self::Fraud, "fraud"),
        (Self::Penalty, "penalty"),
        (Self::Ceased, "ceased"),
        (Self::HolderRequest, "holder_request"),
        (Self::Investigation, "investigation"),
    ];

    /// The reason with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == code).map(|(reason, _)| reason)
    }

    /// Stable code, for programs and the journal.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, code)| code)
    }

    /// Text in both languages.
    pub fn words(self) -> Localized {
        match self {
            Self::IssuedInError => Localized::new("签发有误", "issued in error"),
            Self::Fraud => Localized::new("以不正当手段取得", "obtained by fraud"),
            Self::Penalty => Localized::new("因违法被吊销", "withdrawn as a penalty"),
            Self::Ceased => Localized::new("终止经营或主体注销", "holder ceased to exist"),
            Self::HolderRequest => Localized::new("持证人申请", "at the holder's request"),
            Self::Investigation => Localized::new("依法调查", "under investigation"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_is_final() {
        let today = Date::parse("2026-11-24").unwrap();
        let revoked =
            LicenceStatus::Active.apply(StatusChange::Revoke(Reason::Penalty), today).unwrap();
        for act in [
            StatusChange::Revoke(Reason::Fraud),
            StatusChange::Suspend(Reason::Fraud),
            StatusChange::Resume,
            StatusChange::Supersede(String::new()),
        ] {
            assert!(revoked.apply(act, today).is_err());
        }
        let suspended = LicenceStatus::Active
            .apply(StatusChange::Suspend(Reason::Investigation), today)
            .unwrap();
        assert_eq!(suspended.apply(StatusChange::Resume, today), Ok(LicenceStatus::Active));
        assert!(suspended.apply(StatusChange::Revoke(Reason::Penalty), today).is_ok());
    }

    #[test]
    fn reason_codes_are_their_names_in_json() {
        for (reason, code) in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), code);
        }
    }
}
