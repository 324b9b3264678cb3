//! From when until when, by the rule of the type.

use serde_json::{Map, Value as Json};

use super::Checker;
use crate::base::time::{Date, Validity};
use crate::domain::licence::kind::ValidityRule;

impl Checker<'_> {
    pub(super) fn validity(
        &mut self,
        top: &Map<String, Json>,
        rule: ValidityRule,
        today: Date,
    ) -> Option<Validity> {
        let from = self.first_day(top.get("valid_from"), today)?;
        let until = self.last_day(top.get("valid_until"), rule, from)?;
        let validity =
            Validity::new(from, until).filter(|_| until.is_none_or(|until| until >= today));
        if validity.is_none() {
            self.fault(
                "/valid_until",
                "before_start",
                "截止日期早于生效日期或今天",
                "The last day lies before the first day or today",
            );
        }
        validity
    }

    fn first_day(&mut self, json: Option<&Json>, today: Date) -> Option<Date> {
        let json = match json {
            None | Some(Json::Null) => return Some(today),
            Some(json) => json,
        };
        match json.as_str().and_then(Date::parse) {
            Some(from) if from <= today => return Some(from),
            Some(_) => self.fault(
                "/valid_from",
                "in_future",
                "生效日期不能晚于今天",
                "May not lie in the future",
            ),
            None => self.fault(
                "/valid_from",
                "invalid",
                "应为存在的日期，如 2026-11-24",
                "Must be a date that exists, such as 2026-11-24",
            ),
        }
        None
    }

    /// `Some(None)` is 长期.
    fn last_day(
        &mut self,
        json: Option<&Json>,
        rule: ValidityRule,
        from: Date,
    ) -> Option<Option<Date>> {
        match (rule, json) {
            (ValidityRule::Years(years), None) => return Some(from.end_after_years(years)),
            (ValidityRule::Years(_), Some(_)) => self.fault(
                "/valid_until",
                "not_allowed",
                "此类证照的期限是固定的，不能填写截止日期",
                "The term of this type is fixed; leave it out",
            ),
            (ValidityRule::Given { long_term: true }, None | Some(Json::Null)) => {
                return Some(None);
            }
            (ValidityRule::Given { .. }, json) => {
                let until = json.and_then(Json::as_str).and_then(Date::parse);
                if until.is_some() {
                    return Some(until);
                }
                self.fault(
                    "/valid_until",
                    "required",
                    "必须填写截止日期，如 2031-11-23",
                    "The last day is required, such as 2031-11-23",
                );
            }
        }
        None
    }
}
