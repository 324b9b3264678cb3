//! What a client may reach: things of its own department, and only for what its rights name.
//!
//! What belongs to others is, for a client, not there: it is looked up in the same way, and one
//! function decides over both.

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

/// Something, and who may do one thing to it: a client for what is of its own department, which only
/// [`authorize`] decides, or the local operator.
#[derive(Clone, Debug)]
pub struct Authorized<T> {
    requester: Requester,
    found: T,
}

impl<T> Authorized<T> {
    /// What the local operator found, who needs no permit.
    pub(super) fn of_operator(officer: Actor, found: T) -> Self {
        Self { requester: Requester::Operator(officer), found }
    }

    /// Who may.
    pub fn requester(&self) -> &Requester {
        &self.requester
    }

    /// The thing.
    pub fn found(&self) -> &T {
        &self.found
    }
}

/// What belongs to one department and is of one type.
pub(super) trait DepartmentOwned {
    /// Slug of the department.
    fn department(&self) -> &str;
    /// Slug of the type.
    fn kind(&self) -> &str;
}

/// A licence as it was seen.
#[derive(Clone, Debug)]
pub struct VersionedLicence {
    /// The record.
    pub licence: Licence,
    /// Its digest.
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

/// Why a client does not reach it.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// No right has this verb.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// It is not there, or it is not for this client, which is the same to it.
    #[error("there is no such thing for this client")]
    Missing,
    /// The store failed.
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

/// Decides over what was found and what was not.
pub(super) fn authorize<T: DepartmentOwned>(
    caller: &Caller,
    verbs: &[Verb],
    found: Option<T>,
) -> Option<Authorized<T>> {
    let found = found.filter(|found| found.department() == caller.department())?;
    let permit = verbs.iter().find_map(|verb| caller.permit(*verb, found.kind()).ok())?;
    Some(Authorized { requester: Requester::Client(permit), found })
}

/// Refuses a caller none of whose rights has one of the verbs, before anything is looked up.
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
        let stored = self.store().licence(id)?;
        let seen = stored.map(|stored| {
            let licence = stored.read()?;
            let digest = Digest::of(&[stored.record.as_bytes()]);
            Ok::<_, StoreError>(VersionedLicence { licence, digest, documents: stored.documents })
        });
        authorize(caller, &[verb], seen.transpose()?).ok_or(ReachError::Missing)
    }

    /// One of its artefacts.
    pub fn artefact(
        &self,
        own: &Authorized<VersionedLicence>,
        kind: DocumentKind,
    ) -> Result<Vec<u8>, StoreError> {
        let locator = own.found.documents.iter().find(|one| one.kind == kind);
        let missing = || StoreError::Index(format!("no document of {}", own.found.licence.id));
        self.store().document(locator.ok_or_else(missing)?)
    }

    /// What the journal says of it, in order.
    ///
    /// A licence that was approved comes with its proposal.
    pub fn history(
        &self,
        own: &Authorized<VersionedLicence>,
    ) -> Result<Vec<(EventLine, Option<Proposal>)>, StoreError> {
        let lines = self.store().history(own.found.licence.id.as_str())?;
        let with_proposal = |line: EventLine| {
            let key = line.entries.iter().find(|(room, _)| *room == Collection::Proposal);
            let proposal = key.map(|(_, key)| self.proposal_at(key)).transpose()?.flatten();
            Ok((line, proposal))
        };
        lines.into_iter().map(with_proposal).collect()
    }

    /// Licences of the caller's own department that its rights let it read, in the order of their
    /// identifiers and types, after `after`; and where to go on. A page is short, or empty, when
    /// many in a row do not fit the filter.
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
            // Licences of one type and one issuer stand side by side; others are never read.
            let prefix = LicenceId::prefix(&kind.code, &department.uscc);
            let mut last = match after {
                Some(after) if after.as_str().starts_with(&prefix) => after.as_str().to_owned(),
                Some(after) if after.as_str() > prefix.as_str() => continue,
                _ => prefix.clone(),
            };
            loop {
                let page = self.store().list(&last, PAGE)?;
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

/// Which licences are wanted.
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

/// Records that are read at once.
const PAGE: usize = 100;
/// Records that one request looks at: some tens of milliseconds.
const LOOKED_AT: usize = 2000;
