//! What two fields say of the same thing.

use super::{Checker, Value};
use crate::base::codes::CitizenId;
use crate::domain::licence::kind::{FieldKind, LicenceType};

impl Checker<'_> {
    /// Date of birth and sex are what the citizen number says.
    pub(super) fn agree(&mut self, kind: &LicenceType, values: &[Value]) {
        let stated = |name: &str| values.iter().find(|one| one.name == name)?.json.as_str();
        for field in &kind.fields {
            let FieldKind::CitizenId { born, sex } = &field.kind else { continue };
            let Some(number) = stated(&field.name).and_then(CitizenId::parse) else { continue };
            if let Some(name) = born
                && let Some(day) = stated(name)
                && number.born().is_some_and(|born| born.to_string() != day)
            {
                self.disagrees(name, "出生日期", "date of birth");
            }
            if let Some(name) = sex
                && let Some(chosen) = stated(name)
                && let Some(FieldKind::Choice { options }) = kind.field(name).map(|one| &one.kind)
                && options.get(usize::from(!number.is_male())).is_some_and(|one| one.zh != chosen)
            {
                self.disagrees(name, "性别", "sex");
            }
        }
    }

    fn disagrees(&mut self, name: &str, zh: &str, en: &str) {
        let zh = format!("{zh}与公民身份号码不一致，请核对两者");
        let en = format!("The {en} is not the one in the citizen number; check both");
        self.fault(&format!("/fields/{name}"), "disagrees", &zh, &en);
    }
}
