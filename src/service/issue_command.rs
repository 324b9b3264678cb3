//! The command to issue a licence: who asks for what, what comes of it, and why it does not.

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

/// Who asks.
#[derive(Clone, Debug)]
pub enum Requester {
    /// The local operator holds no permit: who can open the office's directory may do all that the
    /// office may, and answers for the name that the journal gets.
    Operator(Actor),
    /// A client, for the one thing that its permit names.
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

    /// Refuses a client whose permit is for something else.
    pub(super) fn may(&self, verb: Verb, kind: &str) -> Result<(), NotPermitted> {
        match self {
            Self::Client(permit) if permit.verb() != verb || permit.kind() != kind => {
                Err(NotPermitted(verb, kind.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// A request to issue.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub requester: &'a Requester,
    /// Slug of the licence type.
    pub kind: &'a str,
    /// The application.
    pub input: &'a Value,
    /// A key under which the same request may be repeated.
    pub idempotency: Option<&'a str>,
}

/// A licence that was issued and is durable.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The record.
    pub licence: Licence,
    /// The sealed PDF.
    pub pdf: Vec<u8>,
    /// The holder credential.
    pub credential: String,
    /// Digest of the record as it stands: whoever changes it names what they saw.
    pub seen: Digest,
    /// What should be looked at twice.
    pub warnings: Vec<Fault>,
    /// Whether it was issued before, and this is read from memory.
    pub again: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is no such type.
    #[error("there is no licence type {0:?}; `yinzheng types` lists them")]
    UnknownType(String),
    /// No department of the office may issue the type.
    #[error(
        "no department of this office may issue {0:?}; add the type to a department in office.toml"
    )]
    NoDepartment(String),
    /// The application has faults.
    #[error("the application has {} fault(s)", .0.len())]
    Faults(Vec<Fault>),
    /// The client has no right to it, or its department none to the type.
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
    /// The type has another definition than when the proposal was made.
    #[error(
        "the definition of the type was changed since; edit the proposal, so that it is checked again"
    )]
    TypeChanged,
    /// The idempotency key was used for something else.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The clock is behind the last event.
    #[error(
        "the clock says {now}, but the last event is of {last}: sealing stops. Set the clock right, or confirm with `yinzheng recover --accept-clock`"
    )]
    ClockWentBack {
        /// What the clock says.
        now: Timestamp,
        /// The last event.
        last: Timestamp,
    },
    /// No more numbers of this pattern.
    #[error("the numbers of {0:?} are used up; give the type a longer {{serial:N}}")]
    NumbersUsedUp(String),
    /// The page cannot be made.
    #[error(transparent)]
    Sheet(#[from] SheetFault),
    /// A key or its certificate cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Our own verifier refused what was made; nothing left the office.
    #[error("our own verifier refused the document: {0}; nothing was issued")]
    SelfCheck(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActError for IssueError {
    fn of_store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

/// What is asked, once it is known who may ask it.
#[derive(Clone, Debug)]
pub(super) struct IssueCommand<'a> {
    /// Whom the journal names.
    pub(super) actor: Actor,
    /// The type.
    pub(super) kind: &'a LicenceType,
    /// The department that issues.
    pub(super) department: &'a Department,
    /// The application.
    pub(super) input: &'a Value,
    /// A key under which the same request may be repeated.
    idempotency: Option<&'a str>,
}

impl<'a> IssueCommand<'a> {
    /// The command, when who asks may give it. A client issues for its own department; the operator
    /// for the `department` that is named, or the one that may issue the type.
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
