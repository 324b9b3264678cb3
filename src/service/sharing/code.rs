//! Asking by the code that is printed on a licence.

use super::super::office::Office;
use super::SharingError;
use super::query::{Answered, Query, Subject};
use crate::base::ids::{Code, LicenceId};
use crate::domain::access::{Caller, Verb};

impl Office {
    /// Answers about the licence with this code; `query` says what for, and its subject and type
    /// are taken from the code. A code that nobody has, and one of a type that the caller may not
    /// ask for, are answered alike and cost the same budget.
    pub fn query_by_code(
        &self,
        caller: &Caller,
        code: &Code,
        query: Query,
    ) -> Result<Answered, SharingError> {
        caller.has(Verb::Query)?;
        let id = self.store().by_code(&code.digest())?.unwrap_or_default();
        let type_code = LicenceId::parse(&id).map(|id| id.type_code().to_owned());
        let kind =
            self.types().iter().find(|kind| Some(kind.code.as_str()) == type_code.as_deref());
        let kind = kind.map(|kind| kind.slug.clone()).unwrap_or_default();
        let query = Query { subject: Subject::Licence(id), kind, ..query };
        self.query(caller, &query).map_err(|error| match error {
            SharingError::NotPermitted(_) | SharingError::NoGrant => {
                self.note_miss(caller, self.now());
                SharingError::NotFound
            }
            other => other,
        })
    }
}
