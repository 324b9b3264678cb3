//! Queries by the code printed on a licence.

use super::super::office::Office;
use super::error::SharingError;
use super::query::Answered;
use super::request::{Query, Subject};
use crate::base::ids::Code;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::record::Licence;
use crate::domain::sharing::Asked;
use crate::store::StoreError;

impl Office {
    /// Answers a query by code; `query` has the purpose, subject and type follow from the code. An
    /// unknown code, and one of a licence that the caller may not query, get the same answer and
    /// count the same.
    pub fn query_by_code(
        &self,
        caller: &Caller,
        code: &Code,
        query: Query,
    ) -> Result<Answered, SharingError> {
        let may_ask = caller.has(Verb::Query).is_ok();
        let reached = if may_ask { self.reached(caller, code)? } else { None };
        // Without one, empty strings, which no licence and no grant has.
        let (id, kind) = reached.unwrap_or_default();
        let query = Query { subject: Subject::Licence(id), kind, ..query };
        let prepare = |access| {
            let mut prepared = self.prepare(caller, &query, access);
            let hidden = matches!(
                prepared.outcome,
                Err(SharingError::NotPermitted(_) | SharingError::NoGrant)
            );
            if may_ask && hidden {
                prepared.outcome = Err(SharingError::NotFound);
                prepared.miss = true;
            }
            prepared
        };
        self.answer_one(caller, &query, Asked::Query, &prepare)
            .and_then(|(access, unsigned)| self.sign_answer(access, unsigned))
    }

    /// Identifier and type of the licence with this code, if a grant covers its type. Otherwise the
    /// rules checked before the look-up would reveal whether the code exists.
    fn reached(
        &self,
        caller: &Caller,
        code: &Code,
    ) -> Result<Option<(String, String)>, StoreError> {
        let Some(id) = self.store().reader().by_code(&code.digest())? else { return Ok(None) };
        let Some(stored) = self.store().reader().licence(&id)? else { return Ok(None) };
        let licence: Licence = stored.read()?;
        let (grants, now) = (self.sharing.grants(), self.now());
        let is_reached = caller.permit(Verb::Query, &licence.kind).is_ok()
            && grants.iter().any(|grant| {
                grant.from == licence.department
                    && grant.reaches(caller.department(), &licence.kind, now)
            });
        Ok(is_reached.then_some((id, licence.kind)))
    }
}
