//! Search of the journal's lines by author, licence and time. Contents of records are not included.

use super::authorization::{ReachError, require_any};
use super::office::Office;
use crate::base::actor::Actor;
use crate::base::ids::LicenceId;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, ClientName, Kinds, Scope, Verb};
use crate::domain::office::Department;
use crate::store::{Collection, EventLine, StoreError};

/// Selects lines; every given member must match.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sought<'a> {
    /// Not before this instant.
    pub from: Option<Timestamp>,
    /// Name of the author, or `local_operator`, or `system`.
    pub actor: Option<&'a str>,
    /// Identifier of a licence.
    pub id: Option<&'a str>,
}

impl Sought<'_> {
    fn fits(&self, line: &EventLine) -> bool {
        self.from.is_none_or(|from| from <= line.at)
            && self.actor.is_none_or(|actor| actor == name(&line.actor))
            && self.id.is_none_or(|id| line.id.as_deref() == Some(id))
    }
}

/// The name of an author in an audit.
pub fn name(actor: &Actor) -> &str {
    match actor {
        Actor::Person(name) | Actor::Client(name) => name,
        Actor::LocalOperator => "local_operator",
        Actor::System => "system",
    }
}

/// Matching lines, and the number of the line to continue from.
pub type Found = (Vec<EventLine>, Option<u64>);

impl Office {
    /// Lines from number `next` on, for the local operator. A page may be short, or empty, when
    /// many lines in a row do not match.
    pub fn audit(&self, sought: &Sought<'_>, next: u64, limit: usize) -> Result<Found, StoreError> {
        self.search(sought, next, limit, &mut |_| Ok(true))
    }

    /// Like [`Self::audit`], for a client: lines about licences and proposals of its own
    /// department, and acts of its department's clients, as far as its rights allow.
    pub fn own_audit(
        &self,
        caller: &Caller,
        sought: &Sought<'_>,
        next: u64,
        limit: usize,
    ) -> Result<Found, ReachError> {
        require_any(caller, &[Verb::Audit])?;
        let Some(department) = self.profile().departments.get(caller.department()) else {
            return Ok((Vec::new(), None));
        };
        let concerns = &mut |line: &EventLine| {
            Ok(self.is_about(caller, department, line)? || self.is_by_own(caller, line))
        };
        Ok(self.search(sought, next, limit, concerns)?)
    }

    fn search(
        &self,
        sought: &Sought<'_>,
        next: u64,
        limit: usize,
        concerns: &mut dyn FnMut(&EventLine) -> Result<bool, StoreError>,
    ) -> Result<Found, StoreError> {
        let mut next = match sought.from {
            Some(from) if next == 0 => self.first_at(from)?,
            _ => next,
        };
        let (lines, whole) = match sought.id {
            // The lines about one licence are found by the index.
            Some(id) => {
                let mut lines = self.store().reader().history(id)?;
                lines.retain(|line| next <= line.index);
                (lines, true)
            }
            None => {
                let lines = self.store().reader().events(next, LOOKED_AT)?;
                let whole = lines.len() < LOOKED_AT;
                (lines, whole)
            }
        };
        let mut found = Vec::new();
        for line in lines {
            if found.len() == limit {
                return Ok((found, Some(line.index)));
            }
            next = line.index + 1;
            if sought.fits(&line) && concerns(&line)? {
                found.push(line);
            }
        }
        Ok((found, (!whole).then_some(next)))
    }

    /// The first line at an instant or later. The journal is in order of time, except where an
    /// operator set the clock back and confirmed it; lines before that may be missed.
    fn first_at(&self, from: Timestamp) -> Result<u64, StoreError> {
        let (mut low, mut high) = (0, self.store().head().0);
        while low < high {
            let middle = low + (high - low) / 2;
            let line = self.store().reader().events(middle, 1)?.pop();
            if line.is_some_and(|line| line.at < from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// About a licence or a proposal of the department, of a type that the caller may audit.
    fn is_about(
        &self,
        caller: &Caller,
        department: &Department,
        line: &EventLine,
    ) -> Result<bool, StoreError> {
        let may = |slug: &str| caller.permit(Verb::Audit, slug).is_ok();
        if let Some(id) = line.id.as_deref().and_then(LicenceId::parse) {
            let ours = id.issuer() == department.uscc.to_string();
            let kind = self.types().iter().find(|kind| kind.code.as_str() == id.type_code());
            return Ok(ours && kind.is_some_and(|kind| may(&kind.slug)));
        }
        let proposals = line.entries.iter().filter(|(room, _)| *room == Collection::Proposal);
        for (_, key) in proposals {
            let proposal = self.proposal_at(key)?;
            if proposal.is_some_and(|one| one.department == department.slug && may(&one.kind)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// By a client of the caller's department; the types concerned are unknown, so the right must
    /// cover all.
    fn is_by_own(&self, caller: &Caller, line: &EventLine) -> bool {
        let Actor::Client(name) = &line.actor else { return false };
        let all = |scope: &Scope| scope.verb == Verb::Audit && scope.kinds == Kinds::All;
        if !caller.scopes().iter().any(all) {
            return false;
        }
        let client = ClientName::parse(name).and_then(|name| self.registered_now(&name));
        name == caller.client().as_str()
            || client.is_some_and(|client| client.department == caller.department())
    }
}

/// Lines that one request examines: some tens of milliseconds.
const LOOKED_AT: usize = 5000;
