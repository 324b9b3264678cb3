//! The sealed document itself: returned at once, or at an address that works once.
//!
//! A sealed page shows all fields. So it needs a grant that includes the document and, where a
//! claim of the grant needs the holder's code, a code for the document. An address works for ten
//! minutes at most; every rule is checked again when it is used, and both times are lines of the
//! access journal.

use std::sync::Arc;

use super::super::office::Office;
use super::error::SharingError;
use super::prepare::{Prepared, state_of};
use super::request::Query;
use crate::base::digest::hex;
use crate::base::entropy::draw;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, ClientName};
use crate::domain::licence::kind::LicenceType;
use crate::domain::licence::record::Licence;
use crate::domain::sharing::{Access, Allowed, Asked, TICKET_SECONDS, Ticket, TicketCode};
use crate::domain::verify::report::Verdict;
use crate::store::{Collection, DocumentKind, EventKind, Record, StoreError, Stored, Transaction};

/// A sealed document ready for release: the access is recorded.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Identifier of the access.
    pub access: String,
    /// Identifier of the licence.
    pub id: String,
    /// The bytes of the sealed PDF.
    pub pdf: Vec<u8>,
}

/// An address that works once.
#[derive(Clone, Debug)]
pub struct Link {
    /// Identifier of the licence.
    pub id: String,
    /// The secret part of the address. The office keeps only its digest.
    pub code: TicketCode,
    /// When it stops working.
    pub until: Timestamp,
}

impl Office {
    /// The sealed document of the one licence that the query names.
    pub fn document(&self, caller: &Caller, query: &Query) -> Result<Sealed, SharingError> {
        let prepare = |access| self.prepare_documents(caller, query, None, access);
        let (access, found) = self.answer_one(caller, query, Asked::Document, &prepare)?;
        let (licence, stored) = found.first().ok_or(SharingError::NotFound)?;
        Ok(Sealed {
            access: access.id,
            id: licence.id.to_string(),
            pdf: self.sealed(licence, stored)?,
        })
    }

    /// Addresses for the sealed documents of all licences in force that the query matches; of those
    /// with this number alone, when one is given. They work until `until`, and for ten minutes at
    /// most.
    pub fn links(
        &self,
        caller: &Caller,
        query: &Query,
        number: Option<&str>,
        until: Option<Timestamp>,
    ) -> Result<Vec<Link>, SharingError> {
        let prepare = |access| self.prepare_documents(caller, query, number, access);
        let (access, found) = self.answer_one(caller, query, Asked::Link, &prepare)?;
        let latest = access.at.plus(TICKET_SECONDS);
        let until = until.map_or(latest, |until| until.min(latest));
        let mut act = Transaction::new(
            EventKind::Accessed,
            caller.actor(),
            access.at,
            draw(&*self.parts.entropy),
        );
        let mut links = Vec::new();
        for (licence, _) in &found {
            let code = TicketCode::from_entropy(draw(&*self.parts.entropy));
            let ticket = Ticket {
                licence: licence.id.to_string(),
                kind: query.kind.clone(),
                client: access.client.clone(),
                department: access.department.clone(),
                purpose: query.purpose.clone(),
                item: query.item.clone(),
                grant: access.grant.unwrap_or_default(),
                consent: access.consent,
                until,
                used: false,
            };
            act.entries.push(Record::new(Collection::Ticket, code.key(), 1, &ticket)?);
            links.push(Link { id: ticket.licence, code, until });
        }
        // After the line that records it, which is durable by now.
        self.accesses().commit(act)?;
        Ok(links)
    }

    /// The document at an address. The commit that records the use also ends the address, so that
    /// of several simultaneous requests only one is served. Every error is answered as if there
    /// were no document.
    pub fn fetch(&self, code: &str) -> Result<Sealed, SharingError> {
        let key = TicketCode::parse(code).ok_or(SharingError::NotFound)?.key();
        for _ in 0..2 {
            let now = self.now();
            let entry = self
                .accesses()
                .reader()
                .entry(Collection::Ticket, &key)?
                .ok_or(SharingError::NotFound)?;
            let mut ticket: Ticket = entry.read()?;
            if !ticket.holds(now) {
                return Err(SharingError::NotFound);
            }
            let (caller, mut access) = self.fetching(&ticket, now)?;
            let outcome = self
                .promised(&caller, &ticket, now)
                .and_then(|(licence, stored)| self.sealed(&licence, &stored));
            let result = outcome.as_ref().map_or_else(SharingError::code, |_| "answered");
            result.clone_into(&mut access.result);
            if let Err(error @ SharingError::Store(_)) = outcome {
                // The office cannot read the present rules, which is its own fault: the address
                // remains usable.
                self.journal(&caller, vec![(&access, &None)])?;
                return Err(error);
            }
            if outcome.is_ok() {
                access.fields = withheld(self.types().get(&ticket.kind));
                access.consent = ticket.consent;
            }
            ticket.used = true;
            let entry = entry.next(&ticket)?;
            match self.journal(&caller, vec![(&access, &Some(entry))]) {
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    return outcome.map(|pdf| Sealed {
                        access: access.id,
                        id: ticket.licence,
                        pdf,
                    });
                }
            }
        }
        // Used in between.
        Err(SharingError::NotFound)
    }

    fn prepare_documents(
        &self,
        caller: &Caller,
        query: &Query,
        number: Option<&str>,
        mut access: Access,
    ) -> Prepared<Vec<(Arc<Licence>, Stored)>> {
        let mut consent = None;
        let outcome = self.grant_to(caller, query, &mut access).and_then(|granted| {
            let mut licences = granted.licences;
            // The answer to a query states that a licence is not in force; its page would suggest
            // the opposite.
            licences.retain(|(licence, _)| {
                state_of(licence, access.at).0 == "active"
                    && number.is_none_or(|number| number == licence.number)
            });
            access.licences = licences.iter().map(|(licence, _)| licence.id.to_string()).collect();
            if licences.is_empty() {
                return Err(SharingError::NotFound);
            }
            access.fields = withheld(self.types().get(&query.kind));
            consent = granted.consent;
            Ok(licences)
        });
        Prepared::given(access, consent, outcome)
    }

    /// The line of a use, in the name of the client that received the address. It carries no
    /// rights.
    fn fetching(&self, ticket: &Ticket, now: Timestamp) -> Result<(Caller, Access), SharingError> {
        let client = ClientName::parse(&ticket.client).ok_or(SharingError::NotFound)?;
        let caller = Caller::new(client, ticket.department.clone(), Vec::new());
        let id: [u8; 16] = draw(&*self.parts.entropy);
        let access = Access {
            id: hex(&id),
            at: now,
            act: Asked::Fetch,
            client: ticket.client.clone(),
            department: ticket.department.clone(),
            kind: ticket.kind.clone(),
            purpose: ticket.purpose.clone(),
            item: ticket.item.clone(),
            grant: Some(ticket.grant),
            licences: vec![ticket.licence.clone()],
            fields: Vec::new(),
            consent: false,
            result: String::new(),
        };
        Ok((caller, access))
    }

    /// Checks every rule again: since the address was issued, the client may have been disabled or
    /// lost its right, the grant been withdrawn, the licence been suspended.
    fn promised(
        &self,
        caller: &Caller,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<(Arc<Licence>, Stored), SharingError> {
        if !self.is_registered_for(caller, &ticket.kind, &ticket.purpose) {
            return Err(SharingError::PurposeNotRegistered);
        }
        let grants = self.sharing.grants();
        let grant = grants.iter().find(|grant| grant.number == ticket.grant);
        let grant = grant.ok_or(SharingError::NoGrant)?;
        let allowed = Allowed::by(std::slice::from_ref(grant), &ticket.wanted(now));
        let allowed = allowed.map_err(|_| SharingError::NoGrant)?;
        if !allowed.consent().is_empty() && !ticket.consent {
            return Err(SharingError::ConsentNeeded(allowed.consent().to_vec()));
        }
        let stored =
            self.store().reader().licence(&ticket.licence)?.ok_or(SharingError::NotFound)?;
        let licence = self.sharing.licences.read(&ticket.licence, &stored)?;
        if licence.department != allowed.from() || state_of(&licence, now).0 != "active" {
            return Err(SharingError::NotFound);
        }
        Ok((licence, stored))
    }

    /// The sealed document, verified with the rules that its reader applies.
    fn sealed(&self, licence: &Licence, stored: &Stored) -> Result<Vec<u8>, SharingError> {
        let refused = |why: &str| SharingError::SelfCheck(why.to_owned());
        let locator = stored.documents.iter().find(|one| one.kind == DocumentKind::SealedPdf);
        let locator = locator.ok_or_else(|| refused("there is no sealed document"))?;
        let pdf = self.store().reader().document(locator)?;
        let report = self.verify("", &pdf);
        let is_its_own =
            report.licence.as_ref().is_some_and(|found| found.id == licence.id.as_str());
        if report.verdict != Verdict::Valid || !is_its_own {
            return Err(refused(report.verdict.code()));
        }
        Ok(pdf)
    }
}

/// All selectively disclosable claims: a page cannot withhold them.
fn withheld(kind: Option<&LicenceType>) -> Vec<String> {
    let claims = kind.map(LicenceType::withheld_claims).unwrap_or_default();
    claims.into_iter().map(str::to_owned).collect()
}
