//! The command to issue a licence: its requester, its result and its errors.

use serde_json::Value;

use super::idempotency::{ActError, IdempotencyKey, KeyReused};
use super::keys::KeyUnavailable;
use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::localized::Fault;
use crate::base::time::Timestamp;
use crate::crypto::signer::SignError;
use crate::domain::access::{NotPermitted, Permit, Verb};
use crate::domain::licence::kind::LicenceType;
use crate::domain::licence::proposal::NotPossible;
use crate::domain::licence::record::Licence;
use crate::domain::licence::sheet::SheetFault;
use crate::domain::office::Department;
use crate::domain::seal::prepared::SealError;
use crate::store::StoreError;

/// The party that asks for an act.
#[derive(Clone, Debug)]
pub enum Requester {
    /// The local operator holds no permit: a user who can open the office's directory may do
    /// everything that the office may, and is responsible for the author named in the journal.
    Operator(Actor),
    /// A client, for the one act that its permit names.
    Client(Permit),
}

impl Requester {
    /// The author that the journal names.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Operator(actor) => actor.clone(),
            Self::Client(permit) => permit.actor(),
        }
    }

    /// Checks that the permit of a client is for this act.
    pub(super) fn may(&self, verb: Verb, kind: &str) -> Result<(), NotPermitted> {
        match self {
            Self::Client(permit) if permit.verb() != verb || permit.kind() != kind => {
                Err(NotPermitted(verb, kind.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// A request to issue a licence.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The party that asks, with its permit.
    pub requester: &'a Requester,
    /// Slug of the licence type.
    pub kind: &'a str,
    /// The application as submitted, unchecked.
    pub input: &'a Value,
    /// A key under which the same request may be repeated.
    pub idempotency: Option<&'a str>,
}

/// A licence that was issued and is durable.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The licence record.
    pub licence: Licence,
    /// The PDF with the department's seal.
    pub pdf: Vec<u8>,
    /// The SD-JWT for the holder.
    pub credential: String,
    /// Digest of the stored record; a later change passes it as the expected revision.
    pub seen: Digest,
    /// Warnings about the application.
    pub warnings: Vec<Fault>,
    /// Whether it was issued before and this is the stored result.
    pub again: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is no such type.
    #[error("there is no licence type {0:?}; `yinzheng types --dir DIR` lists them")]
    UnknownType(String),
    /// No department of the office is allowed to issue the type.
    #[error(
        "no department of this office may issue {0:?}; add the type to a department in office.toml"
    )]
    NoDepartment(String),
    /// The application has faults.
    #[error("the application has {} fault{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Faults(Vec<Fault>),
    /// The client's rights or its department's types do not include it.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// A second person must approve.
    #[error(
        "licences of type {0:?} need the approval of a second person: propose it, and let a client with the right approve:{0} approve it"
    )]
    NeedsSecond(String),
    /// The proposal cannot be approved.
    #[error(transparent)]
    Proposal(#[from] NotPossible),
    /// The definition of the type changed since the proposal was made.
    #[error(
        "the definition of the type was changed since; edit the proposal, so that it is checked again"
    )]
    TypeChanged,
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The clock is behind the last event.
    #[error(
        "the clock says {now}, but the last event is of {last}: sealing stops. Set the clock right, or confirm with `yinzheng recover --accept-clock`"
    )]
    ClockWentBack {
        /// The present time of the clock.
        now: Timestamp,
        /// Time of the last event.
        last: Timestamp,
    },
    /// The number pattern is exhausted.
    #[error("the numbers of {0:?} are used up; give the type a longer {{serial:N}}")]
    NumbersUsedUp(String),
    /// The page cannot be made.
    #[error(transparent)]
    Sheet(#[from] SheetFault),
    /// A key or its certificate cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The signature could not be placed in the PDF.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The office's own verifier refused the result; nothing left the office.
    #[error("our own verifier refused the document: {0}; nothing was issued")]
    SelfCheck(String),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActError for IssueError {
    fn of_store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

/// A command whose requester was found to be permitted.
#[derive(Clone, Debug)]
pub(super) struct IssueCommand<'a> {
    /// The author that the journal names.
    pub(super) actor: Actor,
    /// The licence type to issue.
    pub(super) kind: &'a LicenceType,
    /// The department that issues.
    pub(super) department: &'a Department,
    /// The application as submitted, unchecked.
    pub(super) input: &'a Value,
    /// A key under which the same request may be repeated.
    idempotency: Option<&'a str>,
}

impl<'a> IssueCommand<'a> {
    /// The command, when the requester may give it. A client issues for its own department; the
    /// operator for the named `department`, or the one that may issue the type.
    pub(super) fn new(
        office: &'a Office,
        request: &Request<'a>,
        verb: Verb,
        department: Option<&str>,
    ) -> Result<Self, IssueError> {
        let Request { requester, kind: slug, input, idempotency } = *request;
        requester.may(verb, slug)?;
        let profile = office.profile();
        let department = match (requester, department) {
            (Requester::Client(permit), _) => profile.departments.get(permit.department()),
            (Requester::Operator(_), Some(slug)) => profile.departments.get(slug),
            (Requester::Operator(_), None) => profile.department_for(slug),
        };
        let department = department.filter(|one| one.issues(slug));
        let refused = |of_operator| match requester {
            Requester::Client(_) => NotPermitted(verb, slug.to_owned()).into(),
            Requester::Operator(_) => of_operator,
        };
        let unknown = || refused(IssueError::UnknownType(slug.to_owned()));
        let none = || refused(IssueError::NoDepartment(slug.to_owned()));
        let kind = office.types().get(slug).ok_or_else(unknown)?;
        let department = department.ok_or_else(none)?;
        Ok(Self { actor: requester.actor(), kind, department, input, idempotency })
    }

    pub(super) fn requires_dual_approval(&self) -> bool {
        self.department.requires_dual_approval(&self.kind.slug)
    }

    pub(super) fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, StoreError> {
        let parts = [self.kind.slug.as_bytes(), b"\0", self.input.to_string().as_bytes()].concat();
        IdempotencyKey::new(&self.actor, self.idempotency, &parts)
    }
}
