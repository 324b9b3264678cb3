//! Authorization: a client may access objects of its own department, as far as its rights allow.
//!
//! To a client, an object of another department looks like a missing one: both are looked up in the
//! same way, and one function decides.

use super::issue_command::Requester;
use super::office::Office;
use super::sharing::SharingError;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::ids::LicenceId;
use crate::domain::access::{Caller, NotPermitted, Verb};
use crate::domain::licence::proposal::Proposal;
use crate::domain::licence::record::Licence;
use crate::store::{Collection, DocumentKind, EventLine, Locator, StoreError};

/// An object, and the requester that may do one thing to it: a client with an object of its own
/// department, decided by [`authorize`] alone, or the local operator.
#[derive(Clone, Debug)]
pub struct Authorized<T> {
    requester: Requester,
    found: T,
}

impl<T> Authorized<T> {
    /// An object found by the local operator, who needs no permit.
    pub(super) fn of_operator(officer: Actor, found: T) -> Self {
        Self { requester: Requester::Operator(officer), found }
    }

    /// The requester that may act.
    pub fn requester(&self) -> &Requester {
        &self.requester
    }

    /// The object that was found.
    pub fn found(&self) -> &T {
        &self.found
    }
}

/// An object that belongs to one department and has one type.
pub(super) trait DepartmentOwned {
    /// Slug of the department.
    fn department(&self) -> &str;
    /// Slug of the type.
    fn kind(&self) -> &str;
}

/// A licence with the revision that was read.
#[derive(Clone, Debug)]
pub struct VersionedLicence {
    /// The licence record.
    pub licence: Licence,
    /// SHA-256 of the stored record; the entity tag of the API.
    pub digest: Digest,
    documents: Vec<Locator>,
}

impl DepartmentOwned for VersionedLicence {
    fn department(&self) -> &str {
        &self.licence.department
    }

    fn kind(&self) -> &str {
        &self.licence.kind
    }
}

/// Why an object is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// None of the client's rights has this verb.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// It does not exist, or belongs to another department; the answer does not reveal which.
    #[error("there is no such thing for this client")]
    Missing,
    /// Reading the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReachError> for SharingError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::NotPermitted(error) => error.into(),
            ReachError::Missing => Self::NotFound,
            ReachError::Store(error) => error.into(),
        }
    }
}

/// Decides whether the caller may access an object that was or was not found.
pub(super) fn authorize<T: DepartmentOwned>(
    caller: &Caller,
    verbs: &[Verb],
    found: Option<T>,
) -> Option<Authorized<T>> {
    let found = found.filter(|found| found.department() == caller.department())?;
    let permit = verbs.iter().find_map(|verb| caller.permit(*verb, found.kind()).ok())?;
    Some(Authorized { requester: Requester::Client(permit), found })
}

/// Refuses a caller without a right to any of the verbs, before anything is looked up.
pub(super) fn require_any(caller: &Caller, verbs: &[Verb]) -> Result<(), NotPermitted> {
    let mut refused = Ok(());
    for verb in verbs {
        match caller.has(*verb) {
            Ok(()) => return Ok(()),
            Err(error) => refused = Err(error),
        }
    }
    refused
}

impl Office {
    /// A licence of the caller's own department.
    pub fn own_licence(
        &self,
        caller: &Caller,
        verb: Verb,
        id: &str,
    ) -> Result<Authorized<VersionedLicence>, ReachError> {
        require_any(caller, &[verb])?;
        let stored = self.store().reader().licence(id)?;
        let seen = stored.map(|stored| {
            let licence = stored.read()?;
            let digest = Digest::of(&[stored.record.as_bytes()]);
            Ok::<_, StoreError>(VersionedLicence { licence, digest, documents: stored.documents })
        });
        authorize(caller, &[verb], seen.transpose()?).ok_or(ReachError::Missing)
    }

    /// An artefact of the licence.
    pub fn artefact(
        &self,
        own: &Authorized<VersionedLicence>,
        kind: DocumentKind,
    ) -> Result<Vec<u8>, StoreError> {
        let locator = own.found.documents.iter().find(|one| one.kind == kind);
        let missing = || StoreError::Index(format!("no document of {}", own.found.licence.id));
        self.store().reader().document(locator.ok_or_else(missing)?)
    }

    /// Its journal lines, in order.
    ///
    /// An approved licence comes with the lines of its proposal.
    pub fn history(
        &self,
        own: &Authorized<VersionedLicence>,
    ) -> Result<Vec<(EventLine, Option<Proposal>)>, StoreError> {
        let lines = self.store().reader().history(own.found.licence.id.as_str())?;
        let with_proposal = |line: EventLine| {
            let key = line.entries.iter().find(|(room, _)| *room == Collection::Proposal);
            let proposal = key.map(|(_, key)| self.proposal_at(key)).transpose()?.flatten();
            Ok((line, proposal))
        };
        lines.into_iter().map(with_proposal).collect()
    }

    /// Licences of the caller's own department that its rights let it read, in the order of their
    /// identifiers and types, after `after`; and the position to continue from. A page may be
    /// short, or empty, when many in a row do not match the filter.
    pub fn own_licences(
        &self,
        caller: &Caller,
        filter: &Filter<'_>,
        after: Option<&LicenceId>,
        limit: usize,
    ) -> Result<(Vec<Licence>, Option<LicenceId>), ReachError> {
        require_any(caller, &[Verb::Read])?;
        let Some(department) = self.profile().departments.get(caller.department()) else {
            return Ok((Vec::new(), None));
        };
        let mut kinds: Vec<_> = self.types().iter().collect();
        kinds.retain(|kind| {
            caller.permit(Verb::Read, &kind.slug).is_ok()
                && filter.kind.is_none_or(|wanted| wanted == kind.slug)
        });
        kinds.sort_by_key(|kind| kind.code.clone());
        let (mut found, mut looked) = (Vec::new(), 0);
        for kind in kinds {
            // Licences of one type and one issuer are adjacent; others are never read.
            let prefix = LicenceId::prefix(&kind.code, &department.uscc);
            let mut last = match after {
                Some(after) if after.as_str().starts_with(&prefix) => after.as_str().to_owned(),
                Some(after) if after.as_str() > prefix.as_str() => continue,
                _ => prefix.clone(),
            };
            loop {
                let page = self.store().reader().list(&last, PAGE)?;
                let whole = page.len() == PAGE;
                let mut ours = 0;
                for stored in page {
                    let licence: Licence = stored.read()?;
                    if !licence.id.as_str().starts_with(&prefix) {
                        break;
                    }
                    (ours, looked) = (ours + 1, looked + 1);
                    last = licence.id.to_string();
                    let id = licence.id.clone();
                    if licence.department == department.slug && filter.fits(&licence) {
                        found.push(licence);
                    }
                    if found.len() == limit || looked == LOOKED_AT {
                        return Ok((found, Some(id)));
                    }
                }
                if !whole || ours < PAGE {
                    break;
                }
            }
        }
        Ok((found, None))
    }
}

/// Selects licences; every given member must match.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Slug of the type.
    pub kind: Option<&'a str>,
    /// Name of the state.
    pub state: Option<&'a str>,
}

impl Filter<'_> {
    fn fits(&self, licence: &Licence) -> bool {
        self.state.is_none_or(|state| state == licence.standing.name())
    }
}

/// Records per read of the store.
const PAGE: usize = 100;
/// Records that one request examines: some tens of milliseconds.
const LOOKED_AT: usize = 2000;
