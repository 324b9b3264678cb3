//! Grants: added, listed and withdrawn by an administrator; every change is a line of the journal.

use super::state::read_grants;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::super::office::Office;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::domain::sharing::{BadGrant, Grant};
use crate::store::{Collection, EventKind, Record, StoreError, Transaction};

/// A new grant, as an administrator enters it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// Slug of the department that may read.
    pub department: String,
    /// Slug of the licence type.
    pub kind: String,
    /// Claims that are always given on request.
    pub fields: Vec<String>,
    /// Claims that are given only with the holder's code.
    pub consent: Vec<String>,
    /// Purposes for which data may be requested.
    pub purposes: Vec<String>,
    /// Service items allowed; empty: any.
    pub items: Vec<String>,
    /// Whether the sealed document may be given, with all that it shows.
    #[serde(default)]
    pub document: bool,
    /// When it ends.
    pub expires: Timestamp,
}

/// Why no grant was changed.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The input breaks a rule of grants.
    #[error(transparent)]
    Bad(#[from] BadGrant),
    /// There is no such grant.
    #[error("there is no grant {0}; `yinzheng grant list` lists them")]
    NotFound(u64),
    /// It was withdrawn already.
    #[error("grant {0} was withdrawn already")]
    Withdrawn(u64),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Adds a grant. It is in force when this returns.
    pub fn add_grant(&self, new: NewGrant, actor: &Actor) -> Result<Grant, GrantError> {
        let bad = |zh: String, en: String| BadGrant(Localized::new(zh, en));
        let slug = &new.kind;
        let kind = self.types().get(slug).ok_or_else(|| {
            bad(
                format!("没有证照类型 {slug:?}；`yinzheng types --dir DIR` 列出全部类型"),
                format!("there is no licence type {slug:?}; `yinzheng types --dir DIR` lists them"),
            )
        })?;
        let from = self.profile().department_for(&new.kind).ok_or_else(|| {
            bad(
                format!("本机构没有部门签发 {slug:?}"),
                format!("no department of this office issues {slug:?}"),
            )
        })?;
        if !self.profile().departments.contains_key(&new.department) {
            let known: Vec<_> = self.profile().departments.keys().map(String::as_str).collect();
            let wanted = &new.department;
            return Err(bad(
                format!("没有部门 {wanted:?}，可选：{}", known.join("、")),
                format!("there is no department {wanted:?}; there are: {}", known.join(", ")),
            )
            .into());
        }
        let known = self.sharing.grants();
        let grant = Grant {
            number: known.last().map_or(1, |last| last.number + 1),
            department: new.department,
            from: from.slug.clone(),
            kind: new.kind,
            fields: new.fields,
            consent: new.consent,
            purposes: new.purposes,
            items: new.items,
            document: new.document,
            since: self.now(),
            expires: new.expires,
            withdrawn: None,
        };
        grant.check(&kind.withheld_claims())?;
        self.keep_grant(&grant, 1, actor)?;
        Ok(grant)
    }

    /// Every grant, in the order of their numbers.
    pub fn grants(&self) -> Vec<Grant> {
        self.sharing.grants().to_vec()
    }

    /// Withdraws a grant, permanently.
    pub fn withdraw_grant(&self, number: u64, actor: &Actor) -> Result<Grant, GrantError> {
        let known = self.sharing.grants();
        let found = known.iter().find(|grant| grant.number == number);
        let mut grant = found.cloned().ok_or(GrantError::NotFound(number))?;
        if grant.withdrawn.is_some() {
            return Err(GrantError::Withdrawn(number));
        }
        grant.withdrawn = Some(self.now());
        self.keep_grant(&grant, 2, actor)?;
        Ok(grant)
    }

    fn keep_grant(&self, grant: &Grant, revision: u64, actor: &Actor) -> Result<(), StoreError> {
        let entry = Record::new(Collection::Grant, key(grant.number), revision, grant)?;
        let blinding = draw(&*self.parts.entropy);
        self.store().commit(Transaction {
            entries: vec![entry],
            ..Transaction::new(EventKind::Registered, actor.clone(), self.now(), blinding)
        })?;
        let mut grants = self.sharing.grants.write().unwrap_or_else(PoisonError::into_inner);
        *grants = read_grants(self.store())?.into();
        Ok(())
    }
}

/// Keys sort in the order of the numbers.
fn key(number: u64) -> String {
    format!("{number:010}")
}
