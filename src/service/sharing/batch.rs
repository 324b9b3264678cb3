//! Batches of queries: each is checked and answered separately, with its own line of the access
//! journal; all lines are one commit.

use std::collections::BTreeSet;

use super::super::office::Office;
use super::budget::Chance;
use super::error::SharingError;
use super::prepare::Prepared;
use super::query::Answered;
use super::request::Query;
use crate::domain::access::{Caller, Verb};
use crate::domain::sharing::Asked;
use crate::store::StoreError;

/// Most queries in one batch.
pub const BATCH: usize = 1_000;

impl Office {
    /// Answers many requests, in their order. All lines are durable before any answer leaves.
    pub fn query_all(
        &self,
        caller: &Caller,
        queries: &[Query],
    ) -> Result<Vec<Result<Answered, SharingError>>, SharingError> {
        let Some(first) = queries.first() else { return Ok(Vec::new()) };
        if queries.len() > BATCH {
            return Err(SharingError::BadRequest("queries"));
        }
        let now = self.now();
        let count = u32::try_from(queries.len()).unwrap_or(u32::MAX);
        self.take_budget(caller, count, || self.new_access(caller, first, Asked::Query, now))?;
        // A caller without any right gets one refusal, and one line records it.
        if let Err(error) = caller.has(Verb::Query) {
            let error = SharingError::from(error);
            let mut access = self.new_access(caller, first, Asked::Query, now);
            error.code().clone_into(&mut access.result);
            self.journal(caller, vec![(&access, &None)])?;
            return Err(error);
        }
        // At most twice: a code that another request used first is found used the second time.
        for _ in 0..2 {
            let (mut spent, mut misses) = (BTreeSet::new(), Vec::new());
            let mut all = Vec::with_capacity(queries.len());
            for query in queries {
                let access = self.new_access(caller, query, Asked::Query, now);
                // A batch does not bypass the budget: queries after the last allowed miss are not
                // looked up. Here each refusal has a line, not only the first of a window.
                let chance = match Chance::open(&self.sharing.counts, caller.client(), now) {
                    Ok(chance) => chance,
                    Err(over) => {
                        all.push(Prepared::given(access, None, Err(over.error)));
                        continue;
                    }
                };
                let mut prepared = self.prepare(caller, query, access);
                // The same code twice in one batch: the store commits a batch as one act.
                if let Some(consent) = &prepared.consent
                    && !spent.insert(consent.key.clone())
                {
                    prepared =
                        Prepared::given(prepared.access, None, Err(SharingError::ConsentRefused));
                }
                if prepared.miss {
                    misses.push(chance);
                }
                all.push(prepared);
            }
            let lines = all.iter().map(|one| (&one.access, &one.consent)).collect();
            match self.journal(caller, lines) {
                Err(StoreError::Changed(_)) => continue,
                committed => committed?,
            }
            misses.into_iter().for_each(Chance::missed);
            let answers = all.into_iter().map(|one| {
                let access = one.access;
                one.outcome.and_then(|unsigned| self.sign_answer(access, unsigned))
            });
            return Ok(answers.collect());
        }
        Err(StoreError::Changed("a consent").into())
    }
}
