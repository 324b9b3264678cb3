//! Comparison: whether stated values match the licence, and nothing else.

use serde_json::{Map, Value};

use super::super::office::Office;
use super::error::SharingError;
use super::prepare::{Granted, Prepared, state_of};
use super::request::Query;
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::domain::access::Caller;
use crate::domain::licence::kind::LicenceType;
use crate::domain::licence::record::Licence;
use crate::domain::sharing::{Access, Asked};

/// A request to compare values.
#[derive(Clone, Debug)]
pub struct Match {
    /// Subject and purpose. `fields` is taken from the stated values.
    pub query: Query,
    /// The stated names and values.
    pub stated: Map<String, Value>,
}

/// The result: codes of `verifyCertInfo` as shared platforms use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compared {
    /// Correct, and in force.
    InForce = 0,
    /// Correct, not yet in force.
    NotYet = 1,
    /// Correct, suspended.
    Suspended = 2,
    /// Correct, no longer in force.
    Over = 3,
    /// No stated value can be compared.
    TooLittle = 4,
    /// There is no such licence.
    NotFound = 5,
    /// A stated value is wrong.
    Wrong = 6,
}

impl Compared {
    /// Result code of `verifyCertInfo`, 0 to 6.
    pub fn code(self) -> u8 {
        match self {
            Self::InForce => 0,
            Self::NotYet => 1,
            Self::Suspended => 2,
            Self::Over => 3,
            Self::TooLittle => 4,
            Self::NotFound => 5,
            Self::Wrong => 6,
        }
    }

    /// Its sentence for readers, in both languages.
    pub fn words(self) -> Localized {
        match self {
            Self::InForce => Localized::new("信息正确且有效", "right, and in force"),
            Self::NotYet => Localized::new("信息正确，尚未生效", "right, not yet in force"),
            Self::Suspended => {
                Localized::new("信息正确，暂时失效", "right, out of force for a time")
            }
            Self::Over => Localized::new("信息正确，已失效", "right, no longer in force"),
            Self::TooLittle => Localized::new("信息不全，无法核验", "not enough was stated"),
            Self::NotFound => Localized::new("查无此信息", "there is no such licence"),
            Self::Wrong => Localized::new("信息错误或不一致", "something that was stated is wrong"),
        }
    }
}

impl Office {
    /// Compares the stated values. The result is durable in the access journal before this returns.
    pub fn compare(
        &self,
        caller: &Caller,
        asked: &Match,
    ) -> Result<(String, Compared), SharingError> {
        let withheld = self.types().get(&asked.query.kind).map(LicenceType::withheld_claims);
        let withheld = withheld.unwrap_or_default();
        // Only selectively disclosable claims need a grant; unknown names are refused in the same
        // way.
        let kind = self.types().get(&asked.query.kind);
        let is_open = |name: &str| {
            !withheld.contains(&name)
                && (ALWAYS.contains(&name) || kind.is_some_and(|kind| kind.field(name).is_some()))
        };
        let fields = asked.stated.keys().filter(|name| !is_open(name)).cloned().collect();
        let query = &Query { fields: Some(fields), ..asked.query.clone() };
        let prepare = |access| self.prepare_comparison(caller, query, &asked.stated, access);
        let (access, result) = self.answer_one(caller, query, Asked::Match, &prepare)?;
        Ok((access.id, result))
    }

    fn prepare_comparison(
        &self,
        caller: &Caller,
        query: &Query,
        stated: &Map<String, Value>,
        mut access: Access,
    ) -> Prepared<Compared> {
        let mut consent = None;
        let outcome = match self.grant_to(caller, query, &mut access) {
            Ok(granted) => {
                let result = compared(&granted, stated, access.at);
                access.fields.clone_from(&granted.fields);
                consent = granted.consent;
                Ok(result)
            }
            Err(SharingError::NotFound) => Ok(Compared::NotFound),
            Err(error) => Err(error),
        };
        access.result = match &outcome {
            Ok(result) => result.code().to_string(),
            Err(error) => error.code().to_owned(),
        };
        access.consent = consent.is_some();
        let miss = matches!(outcome, Ok(Compared::NotFound | Compared::Wrong));
        let prepared = Prepared::new(access, consent, outcome);
        Prepared { miss: miss || prepared.miss, ..prepared }
    }
}

/// The best match of several licences.
fn compared(granted: &Granted, stated: &Map<String, Value>, now: Timestamp) -> Compared {
    if stated.is_empty() {
        return Compared::TooLittle;
    }
    let fits =
        |licence: &Licence| stated.iter().all(|(name, value)| matches_stated(licence, name, value));
    let results = granted.licences.iter().map(|(licence, _)| match state_of(licence, now).0 {
        _ if !fits(licence) => Compared::Wrong,
        "active" => Compared::InForce,
        "not_yet_valid" => Compared::NotYet,
        "suspended" => Compared::Suspended,
        _ => Compared::Over,
    });
    results.min().unwrap_or(Compared::NotFound)
}

/// Whether the stated value equals the one in the credential, or its printed form.
fn matches_stated(licence: &Licence, name: &str, stated: &Value) -> bool {
    let text = stated.as_str().map(str::trim);
    match name {
        "number" => text == Some(licence.number.as_str()),
        "holder" => text == Some(licence.holder.as_str()),
        _ => licence.values.iter().any(|value| {
            value.name == name && (value.json == *stated || text == Some(value.printed.as_str()))
        }),
    }
}

/// Names that every licence has, besides the fields of its type.
const ALWAYS: [&str; 2] = ["number", "holder"];
