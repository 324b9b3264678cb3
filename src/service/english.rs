//! The English of what a licence shows, as far as the office and its types say it.

use super::office::Office;
use crate::base::time::Date;
use crate::domain::licence::kind::FieldKind;

impl Office {
    /// The English name of the department with this Chinese name.
    pub fn issuer_in_english(&self, issuer: &str) -> Option<&str> {
        let mut departments = self.profile().departments.values();
        departments.find(|one| one.name.zh == issuer).map(|one| one.name.en.as_str())
    }

    /// The English of a printed value of a type's field.
    pub fn value_in_english(&self, kind: &str, field: &str, printed: &str) -> Option<String> {
        match &self.types().get(kind)?.field(field)?.kind {
            FieldKind::Choice { options } => {
                options.iter().find(|option| option.zh == printed).map(|option| option.en.clone())
            }
            FieldKind::Date { .. } => Date::from_chinese(printed).map(|date| date.to_string()),
            FieldKind::Text { .. }
            | FieldKind::Lines { .. }
            | FieldKind::Uscc
            | FieldKind::CitizenId { .. }
            | FieldKind::Number { .. }
            | FieldKind::List { .. } => None,
        }
    }
}
