//! Dual approval: one person proposes, and another approves by the digest of the same content. The
//! licence is issued in the commit that closes the proposal.

use serde_json::Value;

use super::authorization::{Authorized, DepartmentOwned, ReachError, authorize, require_any};
use super::idempotency::IdempotencyKey;
use super::issue_command::{IssueCommand, IssueError, Issued, Request};
use super::office::Office;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::localized::Fault;
use crate::base::text::Text;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::proposal::{Authored, Proposal, ProposalStep, Stage};
use crate::store::{Collection, EventKind, Record, StoreError, Transaction};

/// The outcome of a request to issue.
#[derive(Clone, Debug)]
pub enum SubmitOutcome {
    /// The type needs no approval; the licence is durable.
    Issued(Box<Issued>),
    /// It waits for a second person.
    Proposed(Box<StoredProposal>),
}

/// A proposal as stored.
#[derive(Clone, Debug)]
pub struct StoredProposal {
    /// The proposal itself.
    pub proposal: Proposal,
    /// Digest of the stored value; a later change passes it as the expected revision.
    pub seen: Digest,
    /// Warnings; present only when the application was just checked.
    pub warnings: Vec<Fault>,
    revision: u64,
}

impl DepartmentOwned for StoredProposal {
    fn department(&self) -> &str {
        &self.proposal.department
    }

    fn kind(&self) -> &str {
        &self.proposal.kind
    }
}

impl StoredProposal {
    fn read(entry: &Record) -> Result<Self, StoreError> {
        let proposal = entry.read()?;
        let seen = Digest::of(&[entry.value.as_bytes()]);
        Ok(Self { proposal, seen, warnings: Vec::new(), revision: entry.revision })
    }
}

/// Verbs of the rights that concern proposals.
const BOTH: [Verb; 2] = [Verb::Approve, Verb::Issue];

impl Office {
    /// Issues the licence, or stores a proposal for a second person when the type needs approval.
    pub fn submit(&self, request: &Request<'_>) -> Result<SubmitOutcome, IssueError> {
        let command = IssueCommand::new(self, request, Verb::Issue, None)?;
        if command.requires_dual_approval() {
            return self.propose(&command);
        }
        let issued = self.execute(&command, &|_, _| Ok(Vec::new()))?;
        Ok(SubmitOutcome::Issued(Box::new(issued)))
    }

    fn propose(&self, command: &IssueCommand<'_>) -> Result<SubmitOutcome, IssueError> {
        let key = command.idempotency_key()?;
        self.once(
            key.as_ref(),
            |answer| self.answered(answer),
            || {
                let now = self.sealing_time()?;
                self.store().accepts()?;
                let warnings = self.checked(command.kind, command.input, now)?.warnings;
                let number = self.next(RANGE, now)?;
                let place = (command.department.slug.as_str(), command.kind);
                let proposed = Authored { by: command.actor.clone(), at: now };
                let proposal = Proposal::new(number, place, command.input.clone(), proposed);
                let entry = entry(&proposal, 1)?;
                let held = StoredProposal { warnings, ..StoredProposal::read(&entry)? };
                let (actor, blinding) = (command.actor.clone(), draw(&*self.parts.entropy));
                self.store().commit(Transaction {
                    entries: vec![entry],
                    drawn: vec![(RANGE.to_owned(), number)],
                    idempotency: key.as_ref().map(IdempotencyKey::parts),
                    note: Some("proposed".to_owned()),
                    ..Transaction::new(EventKind::Proposed, actor, now, blinding)
                })?;
                Ok(SubmitOutcome::Proposed(Box::new(held)))
            },
        )
    }

    /// The stored result under an idempotency key.
    fn answered(&self, answer: &str) -> Result<SubmitOutcome, IssueError> {
        let Some((_, number)) = answer.split_once('/') else {
            return Ok(SubmitOutcome::Issued(Box::new(self.issued(answer)?)));
        };
        let missing = || StoreError::Index(format!("no proposal {number}"));
        let entry =
            self.store().reader().entry(Collection::Proposal, number)?.ok_or_else(missing)?;
        let mut held = StoredProposal::read(&entry)?;
        held.warnings = self.warnings_now(&held.proposal);
        Ok(SubmitOutcome::Proposed(Box::new(held)))
    }

    /// The proposal under a key of the store.
    pub(super) fn proposal_at(&self, key: &str) -> Result<Option<Proposal>, StoreError> {
        let entry = self.store().reader().entry(Collection::Proposal, key)?;
        Ok(entry.as_ref().map(StoredProposal::read).transpose()?.map(|held| held.proposal))
    }

    /// Every proposal, in the order of their numbers.
    pub fn proposals(&self, after: u64, limit: usize) -> Result<Vec<StoredProposal>, StoreError> {
        let entries = self.store().reader().entries(Collection::Proposal, &place(after), limit)?;
        entries.iter().map(StoredProposal::read).collect()
    }

    /// The proposal with this number.
    pub fn proposal(&self, number: u64) -> Result<Option<StoredProposal>, StoreError> {
        let entry = self.store().reader().entry(Collection::Proposal, &place(number))?;
        entry.as_ref().map(StoredProposal::read).transpose()
    }

    /// A proposal for the local operator, under the name of an officer.
    pub fn proposal_for(
        &self,
        officer: Actor,
        number: u64,
    ) -> Result<Option<Authorized<StoredProposal>>, StoreError> {
        let held = self.proposal(number)?;
        Ok(held.map(|held| Authorized::of_operator(officer, held)))
    }

    /// A proposal of the caller's own department, for the acts that its rights allow.
    pub fn own_proposal(
        &self,
        caller: &Caller,
        verbs: &[Verb],
        number: u64,
    ) -> Result<Authorized<StoredProposal>, ReachError> {
        require_any(caller, verbs)?;
        authorize(caller, verbs, self.proposal(number)?).ok_or(ReachError::Missing)
    }

    /// Proposals of the caller's own department, the oldest first, after `after`; and the position
    /// to continue from. A page may be short, or empty, when many in a row do not match.
    pub fn own_proposals(
        &self,
        caller: &Caller,
        state: Option<&str>,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<StoredProposal>, Option<u64>), ReachError> {
        require_any(caller, &BOTH)?;
        let page = self.proposals(after, LOOKED_AT)?;
        let mut more = page.len() == LOOKED_AT;
        let (mut found, mut last) = (Vec::new(), after);
        for held in page {
            if found.len() == limit {
                more = true;
                break;
            }
            last = held.proposal.number;
            if state.is_none_or(|state| state == held.proposal.stage.name()) {
                found.extend(authorize(caller, &BOTH, Some(held)).map(|own| own.found().clone()));
            }
        }
        Ok((found, more.then_some(last)))
    }

    /// Replaces the application of a pending proposal; approvals of the old one no longer apply.
    /// `seen` is the digest that the editor read.
    pub fn edit(
        &self,
        own: &Authorized<StoredProposal>,
        seen: Digest,
        input: &Value,
    ) -> Result<StoredProposal, IssueError> {
        let (requester, held) = (own.requester(), own.found());
        let request = Request { requester, kind: &held.proposal.kind, input, idempotency: None };
        let department = Some(held.proposal.department.as_str());
        let command = IssueCommand::new(self, &request, Verb::Issue, department)?;
        if held.seen != seen {
            return Err(StoreError::Changed("the proposal").into());
        }
        let now = self.sealing_time()?;
        let edited = Authored { by: command.actor.clone(), at: now };
        let edit = ProposalStep::Edit(edited, input.clone(), command.kind.version);
        let proposal = held.proposal.apply(edit)?;
        let warnings = self.checked(command.kind, input, now)?.warnings;
        self.write_proposal(&proposal, held, &command.actor, "edited")
            .map(|held| StoredProposal { warnings, ..held })
    }

    /// Refuses a pending proposal, or withdraws one's own.
    pub fn refuse(
        &self,
        own: &Authorized<StoredProposal>,
        reason: Text,
    ) -> Result<StoredProposal, IssueError> {
        let (held, actor) = (own.found(), own.requester().actor());
        let now = self.sealing_time()?;
        let refused = ProposalStep::Refuse(Authored { by: actor.clone(), at: now }, reason);
        let proposal = held.proposal.apply(refused)?;
        self.write_proposal(&proposal, held, &actor, "refused")
    }

    /// Issues the proposed licence, if `digest` is that of the present content and the approver is
    /// not its author. The proposal is closed in the same commit. Repeating the same approval
    /// returns the same result.
    pub fn approve(
        &self,
        own: &Authorized<StoredProposal>,
        digest: Digest,
    ) -> Result<Issued, IssueError> {
        let StoredProposal { proposal, revision, .. } = own.found();
        let (requester, kind, input) = (own.requester(), &proposal.kind, &proposal.application);
        let request = Request { requester, kind, input, idempotency: None };
        let department = Some(proposal.department.as_str());
        let command = IssueCommand::new(self, &request, Verb::Approve, department)?;
        if let Stage::Approved { closed, licence } = &proposal.stage
            && closed.by == command.actor
            && proposal.digest() == digest
        {
            return self.issued(licence);
        }
        let approval = proposal.approval(command.actor.clone(), digest)?;
        if command.kind.version != proposal.kind_version {
            return Err(IssueError::TypeChanged);
        }
        self.execute(&command, &|id, now| {
            let approved = ProposalStep::Approve(approval.clone(), now, id.to_string());
            Ok(vec![entry(&proposal.apply(approved)?, revision + 1)?])
        })
    }

    fn write_proposal(
        &self,
        proposal: &Proposal,
        before: &StoredProposal,
        actor: &Actor,
        note: &str,
    ) -> Result<StoredProposal, IssueError> {
        let at = self.now();
        let entry = entry(proposal, before.revision + 1)?;
        let held = StoredProposal::read(&entry)?;
        self.store().commit(Transaction {
            entries: vec![entry],
            note: Some(note.to_owned()),
            ..Transaction::new(EventKind::Proposed, actor.clone(), at, draw(&*self.parts.entropy))
        })?;
        Ok(held)
    }

    fn warnings_now(&self, proposal: &Proposal) -> Vec<Fault> {
        let Some(kind) = self.types().get(&proposal.kind) else { return Vec::new() };
        let checked = self.checked(kind, &proposal.application, proposal.proposed.at);
        checked.map(|application| application.warnings).unwrap_or_default()
    }
}

fn entry(proposal: &Proposal, revision: u64) -> Result<Record, StoreError> {
    Record::new(Collection::Proposal, place(proposal.number), revision, proposal)
}

/// Keys sort in the order of their numbers.
fn place(number: u64) -> String {
    format!("{number:012}")
}

/// The range of proposal numbers.
const RANGE: &str = "proposal";
/// Proposals that one request examines.
const LOOKED_AT: usize = 500;
