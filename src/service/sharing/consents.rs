//! A holder's consent: a code for one department, one purpose and some claims or the document, used
//! once.

use super::super::office::Office;
use super::error::SharingError;
use super::state::Agreement;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::record::Licence;
use crate::domain::sharing::{CONSENT_SECONDS, Consent, ConsentBy, ConsentCode, is_short};
use crate::store::{Collection, EventKind, Record, Transaction};

/// A recorded consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The code, for the holder to pass on. The office does not keep it.
    pub code: ConsentCode,
    /// When it ends.
    pub until: Timestamp,
}

impl Office {
    /// Records the consent of a holder who is at the counter of the issuing department.
    pub fn consent_at_counter(
        &self,
        caller: &Caller,
        id: &str,
        agreement: &Agreement,
    ) -> Result<Agreed, SharingError> {
        let licence = self.own_licence(caller, Verb::Consent, id)?.found().licence.clone();
        let by = ConsentBy::Counter(caller.client().to_string());
        self.agree(&licence, agreement, by, &caller.actor())
    }

    pub(super) fn agree(
        &self,
        licence: &Licence,
        agreement: &Agreement,
        by: ConsentBy,
        actor: &Actor,
    ) -> Result<Agreed, SharingError> {
        if !self.profile().departments.contains_key(&agreement.department) {
            return Err(SharingError::BadRequest("department"));
        }
        if !is_short(&agreement.purpose, 64) {
            return Err(SharingError::BadRequest("purpose"));
        }
        let withheld = self.types().get(&licence.kind).map(|kind| kind.withheld_claims());
        let known =
            |field: &String| withheld.as_ref().is_some_and(|names| names.contains(&field.as_str()));
        if agreement.is_to_nothing() || !agreement.fields.iter().all(known) {
            return Err(SharingError::BadRequest("fields"));
        }
        let now = self.now();
        let code = ConsentCode::from_entropy(draw(&*self.parts.entropy));
        let consent = Consent {
            licence: licence.id.to_string(),
            department: agreement.department.clone(),
            purpose: agreement.purpose.clone(),
            fields: agreement.fields.clone(),
            document: agreement.document,
            by,
            until: now.plus(CONSENT_SECONDS),
            used: false,
        };
        let entry = Record::new(Collection::Consent, code.key(), 1, &consent)?;
        let blinding = draw(&*self.parts.entropy);
        self.accesses().commit(Transaction {
            entries: vec![entry],
            about: vec![licence.id.to_string()],
            ..Transaction::new(EventKind::Consented, actor.clone(), now, blinding)
        })?;
        Ok(Agreed { code, until: consent.until })
    }
}
