//! What needs two persons: one proposes, another who sees the same digest approves. The licence is
//! issued in the commit that closes the proposal.

use serde_json::Value;

use super::issue::{IssueError, Issued, Request};
use super::office::Office;
use super::order::Order;
use super::own::{Belongs, Own, ReachError, grant, has_one};
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::text::Text;
use crate::base::words::Fault;
use crate::domain::access::{Caller, Permit, Verb};
use crate::domain::licence::proposal::{Act as Step, Authored, Proposal, Stage};
use crate::store::{Act, Entry, EventKind, Room, StoreError};

/// What became of a request to issue.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// It was issued.
    Issued(Box<Issued>),
    /// It waits for a second person.
    Proposed(Box<Held>),
}

impl Submitted {
    pub(super) fn issued(self, kind: &str) -> Result<Issued, IssueError> {
        match self {
            Self::Issued(issued) => Ok(*issued),
            Self::Proposed(_) => Err(IssueError::NeedsSecond(kind.to_owned())),
        }
    }
}

/// A proposal as it is kept.
#[derive(Clone, Debug)]
pub struct Held {
    /// The proposal.
    pub proposal: Proposal,
    /// Digest of what is kept: whoever changes it names what they saw.
    pub seen: Digest,
    /// What should be looked at twice; known when it was just checked.
    pub warnings: Vec<Fault>,
    revision: u64,
}

impl Belongs for Held {
    fn department(&self) -> &str {
        &self.proposal.department
    }

    fn kind(&self) -> &str {
        &self.proposal.kind
    }
}

impl Held {
    fn read(entry: &Entry) -> Result<Self, StoreError> {
        let proposal = entry.read()?;
        let seen = Digest::of(&[entry.value.as_bytes()]);
        Ok(Self { proposal, seen, warnings: Vec::new(), revision: entry.revision })
    }
}

/// Rights of whom proposals concern.
const BOTH: [Verb; 2] = [Verb::Approve, Verb::Issue];

impl Office {
    /// Issues what a client asks for, or holds it for a second person when the type wants one.
    pub fn submit(
        &self,
        permit: &Permit,
        input: &Value,
        idempotency: Option<&str>,
    ) -> Result<Submitted, IssueError> {
        self.take(&self.order_for(permit, Verb::Issue, input, idempotency)?)
    }

    /// The same for whoever holds the office's directory.
    pub fn submit_here(&self, request: &Request<'_>) -> Result<Submitted, IssueError> {
        self.take(&self.order_here(request)?)
    }

    fn take(&self, order: &Order<'_>) -> Result<Submitted, IssueError> {
        if order.asks_a_second() {
            return self.propose(order);
        }
        let issued = self.carry_out(order, &|_, _| Ok(Vec::new()))?;
        Ok(Submitted::Issued(Box::new(issued)))
    }

    fn propose(&self, order: &Order<'_>) -> Result<Submitted, IssueError> {
        let once = order.once()?;
        if let Some(earlier) = self.earlier(once.as_ref())? {
            return Ok(earlier);
        }
        let now = self.sealing_time()?;
        self.store().accepts()?;
        let warnings = self.checked(order, now)?.warnings;
        let number = self.next(RANGE, now)?;
        let place = (order.department.slug.as_str(), order.kind);
        let proposed = Authored { by: order.actor.clone(), at: now };
        let proposal = Proposal::new(number, place, order.input.clone(), proposed);
        let entry = entry(&proposal, 1)?;
        let held = Held { warnings, ..Held::read(&entry)? };
        let committed = self.store().commit(Act {
            entries: vec![entry],
            drawn: vec![(RANGE.to_owned(), number)],
            idempotency: once.clone(),
            note: Some("proposed".to_owned()),
            ..Act::new(EventKind::Proposed, order.actor.clone(), now, draw(&*self.parts.entropy))
        });
        if matches!(committed, Err(StoreError::Taken(_)))
            && let Some(earlier) = self.earlier(once.as_ref())?
        {
            return Ok(earlier);
        }
        committed?;
        Ok(Submitted::Proposed(Box::new(held)))
    }

    /// What an answer that is kept under an idempotency key stands for.
    pub(super) fn answered(&self, answer: &str) -> Result<Submitted, IssueError> {
        let Some((_, number)) = answer.split_once('/') else {
            return Ok(Submitted::Issued(Box::new(self.issued(answer)?)));
        };
        let missing = || StoreError::Index(format!("no proposal {number}"));
        let entry = self.store().entry(Room::Proposal, number)?.ok_or_else(missing)?;
        let mut held = Held::read(&entry)?;
        held.warnings = self.warnings_now(&held.proposal);
        Ok(Submitted::Proposed(Box::new(held)))
    }

    /// The proposal under a key of the journal.
    pub(super) fn proposal_at(&self, key: &str) -> Result<Option<Proposal>, StoreError> {
        let entry = self.store().entry(Room::Proposal, key)?;
        Ok(entry.as_ref().map(Held::read).transpose()?.map(|held| held.proposal))
    }

    /// Every proposal, for whoever holds the office's directory.
    pub fn proposals(&self, after: u64, limit: usize) -> Result<Vec<Held>, StoreError> {
        let entries = self.store().entries(Room::Proposal, &place(after), limit)?;
        entries.iter().map(Held::read).collect()
    }

    /// One of them.
    pub fn proposal(&self, number: u64) -> Result<Option<Held>, StoreError> {
        let entry = self.store().entry(Room::Proposal, &place(number))?;
        entry.as_ref().map(Held::read).transpose()
    }

    /// A proposal of the caller's own department, for what its rights let it do.
    pub fn own_proposal(
        &self,
        caller: &Caller,
        verbs: &[Verb],
        number: u64,
    ) -> Result<Own<Held>, ReachError> {
        has_one(caller, verbs)?;
        grant(caller, verbs, self.proposal(number)?).ok_or(ReachError::Missing)
    }

    /// Proposals of the caller's own department, the oldest first, after `after`; and where to go
    /// on. A page is short, or empty, when many in a row do not fit.
    pub fn own_proposals(
        &self,
        caller: &Caller,
        state: Option<&str>,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Held>, Option<u64>), ReachError> {
        has_one(caller, &BOTH)?;
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
                found.extend(grant(caller, &BOTH, Some(held)).map(|own| own.found().clone()));
            }
        }
        Ok((found, more.then_some(last)))
    }

    /// Puts another application in the place of the one that waits; approvals of the old one are
    /// void. `seen` is what the editor looked at.
    pub fn edit(&self, own: &Own<Held>, seen: Digest, input: &Value) -> Result<Held, IssueError> {
        let order = self.order_for(own.permit(), Verb::Issue, input, None)?;
        let held = own.found();
        if held.seen != seen {
            return Err(StoreError::Changed("the proposal").into());
        }
        let now = self.sealing_time()?;
        let edited = Authored { by: order.actor.clone(), at: now };
        let edit = Step::Edit(edited, input.clone(), order.kind.version);
        let proposal = held.proposal.apply(edit)?;
        let warnings = self.checked(&order, now)?.warnings;
        self.write_proposal(&proposal, held, &order.actor, "edited")
            .map(|held| Held { warnings, ..held })
    }

    /// Refuses what waits, or takes back what one proposed.
    pub fn refuse(&self, own: &Own<Held>, reason: Text) -> Result<Held, IssueError> {
        self.refuse_here(own.found(), reason, &own.permit().actor())
    }

    /// The same for whoever holds the office's directory, who answers for the name.
    pub fn refuse_here(
        &self,
        held: &Held,
        reason: Text,
        actor: &Actor,
    ) -> Result<Held, IssueError> {
        let now = self.sealing_time()?;
        let refused = Step::Refuse(Authored { by: actor.clone(), at: now }, reason);
        let proposal = held.proposal.apply(refused)?;
        self.write_proposal(&proposal, held, actor, "refused")
    }

    /// Issues what was proposed, if `digest` is of what stands there and the approver did not
    /// write it. The proposal is closed in the same commit. The same approval once more has the
    /// same answer.
    pub fn approve(&self, own: &Own<Held>, digest: Digest) -> Result<Issued, IssueError> {
        let application = &own.found().proposal.application;
        let order = self.order_for(own.permit(), Verb::Approve, application, None)?;
        self.approve_order(own.found(), &order, digest)
    }

    /// The same for whoever holds the office's directory, who answers for the name.
    pub fn approve_here(
        &self,
        held: &Held,
        digest: Digest,
        actor: &Actor,
    ) -> Result<Issued, IssueError> {
        let proposal = &held.proposal;
        let unknown = || IssueError::UnknownType(proposal.kind.clone());
        let kind = self.types().get(&proposal.kind).ok_or_else(unknown)?;
        let department = self.profile().departments.get(&proposal.department);
        let department = department.filter(|one| one.issues(&proposal.kind));
        let none = || IssueError::NoDepartment(proposal.kind.clone());
        let department = department.ok_or_else(none)?;
        let (actor, input) = (actor.clone(), &proposal.application);
        let order = Order { actor, kind, department, input, idempotency: None };
        self.approve_order(held, &order, digest)
    }

    fn approve_order(
        &self,
        held: &Held,
        order: &Order<'_>,
        digest: Digest,
    ) -> Result<Issued, IssueError> {
        let Held { proposal, revision, .. } = held;
        if let Stage::Approved { closed, licence } = &proposal.stage
            && closed.by == order.actor
            && proposal.digest() == digest
        {
            return self.issued(licence);
        }
        let approval = proposal.approval(order.actor.clone(), digest)?;
        if order.kind.version != proposal.kind_version {
            return Err(IssueError::TypeChanged);
        }
        self.carry_out(order, &|id, now| {
            let approved = Step::Approve(approval.clone(), now, id.to_string());
            Ok(vec![entry(&proposal.apply(approved)?, revision + 1)?])
        })
    }

    fn write_proposal(
        &self,
        proposal: &Proposal,
        before: &Held,
        actor: &Actor,
        note: &str,
    ) -> Result<Held, IssueError> {
        let at = self.now();
        let entry = entry(proposal, before.revision + 1)?;
        let held = Held::read(&entry)?;
        self.store().commit(Act {
            entries: vec![entry],
            note: Some(note.to_owned()),
            ..Act::new(EventKind::Proposed, actor.clone(), at, draw(&*self.parts.entropy))
        })?;
        Ok(held)
    }

    fn warnings_now(&self, proposal: &Proposal) -> Vec<Fault> {
        let kind = self.types().get(&proposal.kind);
        let department = self.profile().departments.get(&proposal.department);
        let (Some(kind), Some(department)) = (kind, department) else { return Vec::new() };
        let (actor, input) = (proposal.proposed.by.clone(), &proposal.application);
        let order = Order { actor, kind, department, input, idempotency: None };
        let checked = self.checked(&order, proposal.proposed.at);
        checked.map(|application| application.warnings).unwrap_or_default()
    }
}

fn entry(proposal: &Proposal, revision: u64) -> Result<Entry, StoreError> {
    Entry::new(Room::Proposal, place(proposal.number), revision, proposal)
}

/// Keys are in the order of their numbers.
fn place(number: u64) -> String {
    format!("{number:012}")
}

/// The range that numbers of proposals come from.
const RANGE: &str = "proposal";
/// Proposals that one request looks at.
const LOOKED_AT: usize = 500;
