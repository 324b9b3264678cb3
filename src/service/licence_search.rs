//! Search for licences by parts of the holder's name, the number and other values.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::office::Office;
use crate::base::time::{Date, Timestamp};
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::LicenceStatus;
use crate::store::StoreError;

/// Selects licences; every given member must match.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceSearch {
    /// A part of the holder's name.
    pub holder: Option<String>,
    /// A prefix of the number.
    pub number: Option<String>,
    /// Its state, one of [`STATES`].
    pub state: Option<String>,
    /// Slug of the type.
    pub kind: Option<String>,
    /// Not issued before this day.
    pub from: Option<Date>,
    /// Not issued after this day.
    pub until: Option<Date>,
}

/// A licence in a search result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceLine {
    /// 证照编号.
    pub number: String,
    /// Slug of the type.
    #[serde(rename = "type")]
    pub kind: String,
    /// One of [`STATES`].
    pub state: String,
    /// The holder as printed.
    pub holder: String,
    /// The day of issue.
    pub issued_on: Date,
    /// 证照标识.
    pub id: String,
}

/// Licences found, and the identifier to continue after when there may be more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LicencePage {
    /// In the order of their identifiers.
    pub licences: Vec<LicenceLine>,
    /// The last identifier examined; `None` at the end.
    pub next: Option<String>,
}

impl LicenceSearch {
    fn fits(&self, line: &LicenceLine) -> bool {
        let holder = |part: &String| folded(&line.holder).contains(&folded(part));
        let number = |start: &String| folded(&line.number).starts_with(&folded(start));
        self.holder.as_ref().is_none_or(holder)
            && self.number.as_ref().is_none_or(number)
            && self.state.as_ref().is_none_or(|state| *state == line.state)
            && self.kind.as_ref().is_none_or(|kind| *kind == line.kind)
            && self.from.is_none_or(|from| from <= line.issued_on)
            && self.until.is_none_or(|until| line.issued_on <= until)
    }
}

impl LicenceLine {
    fn new(licence: Licence, now: Timestamp) -> Self {
        let is_over = licence.standing == LicenceStatus::Active && licence.validity.is_over(now);
        let state = if is_over { EXPIRED } else { licence.standing.name() };
        Self {
            number: licence.number,
            kind: licence.kind,
            state: state.to_owned(),
            holder: licence.holder,
            issued_on: licence.issued_on,
            id: licence.id.to_string(),
        }
    }
}

impl Office {
    /// Searches the next thousand licences after this identifier.
    pub fn search_licences(
        &self,
        search: &LicenceSearch,
        after: &str,
    ) -> Result<LicencePage, StoreError> {
        let now = self.now();
        let stored = self.store().reader().list(after, LOOKED_AT)?;
        let whole = stored.len() < LOOKED_AT;
        let mut page = LicencePage { licences: Vec::new(), next: None };
        for one in stored {
            let line = LicenceLine::new(one.read()?, now);
            page.next = (!whole).then(|| line.id.clone());
            if search.fits(&line) {
                page.licences.push(line);
            }
        }
        Ok(page)
    }
}

/// Folds spaces, case and full-width forms.
fn folded(text: &str) -> String {
    let plain = text.nfkc().filter(|character| !character.is_whitespace());
    plain.flat_map(char::to_lowercase).collect()
}

/// The states of a licence; one whose term is over is expired unless something else ended it
/// earlier.
pub const STATES: [&str; 5] = ["active", "suspended", "revoked", "superseded", EXPIRED];
const EXPIRED: &str = "expired";
/// Licences that one request examines.
const LOOKED_AT: usize = 1000;
