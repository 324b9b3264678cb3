//! Secondary index of licences by holder. The key is written with the licence, so that the index
//! can be rebuilt from the journal; licences of journals without such keys get theirs once, when
//! the office is opened.

use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::domain::licence::kind::LicenceType;
use crate::domain::licence::record::Licence;
use crate::domain::sharing::holder_mark;
use crate::service::parts::OfficeParts;
use crate::store::{EventKind, StoreError, Transaction};

/// The index keys of a licence, each with its identifier.
pub(crate) fn holder_index_keys(kind: &LicenceType, licence: &Licence) -> Vec<(String, String)> {
    let code = kind.holder_code().and_then(|field| {
        let value = licence.values.iter().find(|value| value.name == field.name)?;
        value.json.as_str()
    });
    let mark = |code| (holder_mark(&kind.slug, code), licence.id.to_string());
    code.map(mark).into_iter().collect()
}

/// Proof that every licence of the store has its index keys.
#[derive(Debug)]
pub(crate) struct Marked(());

impl Marked {
    /// The key that marks the index as complete, for the first act of an empty store.
    pub(crate) fn from_the_start() -> (String, String) {
        (DONE.to_owned(), DONE.to_owned())
    }

    /// Writes index keys for licences that have none.
    pub(crate) fn complete(parts: &OfficeParts) -> Result<Self, StoreError> {
        let store = &*parts.store;
        if !store.reader().marked(DONE, 1)?.is_empty() {
            return Ok(Self(()));
        }
        let commit = |marks: Vec<(String, String)>| {
            let blinding = draw(&*parts.entropy);
            let act =
                Transaction::new(EventKind::Registered, Actor::System, parts.clock.now(), blinding);
            store.commit(Transaction { marks, ..act })
        };
        let mut after = String::new();
        loop {
            let page = store.reader().list(&after, PAGE)?;
            let mut marks = Vec::new();
            for stored in &page {
                let licence: Licence = stored.read()?;
                if let Some(kind) = parts.types.get(&licence.kind) {
                    marks.extend(holder_index_keys(kind, &licence));
                }
                after = licence.id.to_string();
            }
            if page.is_empty() {
                commit(vec![Self::from_the_start()])?;
                return Ok(Self(()));
            }
            commit(marks)?;
        }
    }
}

/// Not a digest, so it never equals a holder's key.
const DONE: &str = "holder/all";
const PAGE: usize = 500;
