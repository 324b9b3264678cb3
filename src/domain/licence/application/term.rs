//! The term, by the rule of the type.

use serde_json::{Map, Value as Json};

use super::Checker;
use crate::base::time::{Date, Validity};
use crate::domain::licence::kind::ValidityRule;

impl Checker<'_> {
    pub(super) fn validity(
        &mut self,
        top: &Map<String, Json>,
        rule: ValidityRule,
    ) -> Option<Validity> {
        let today = self.terms.today;
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
        let from = self.date(json, "/valid_from")?;
        if from > today {
            self.fault(
                "/valid_from",
                "in_future",
                "生效日期不能晚于今天",
                "May not lie in the future",
            );
            return None;
        }
        Some(from)
    }

    /// The last day; `Some(None)` is 长期.
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
            (ValidityRule::Given { .. }, None | Some(Json::Null)) => self.fault(
                "/valid_until",
                "required",
                "必须填写截止日期，如 2031-11-23",
                "The last day is required, such as 2031-11-23",
            ),
            (ValidityRule::Given { long_term }, Some(json)) => {
                if !is_without_end(json) {
                    return self.date(json, "/valid_until").map(Some);
                }
                let (zh, en) = if long_term {
                    (
                        "长期有效不写文字，也不写 9999 年：请写 null，或不填这一项",
                        "A term without end is null, neither a word nor a day of the year 9999; or \
                         leave it out",
                    )
                } else {
                    (
                        "此类证照不能长期有效，请填写截止日期，如 2031-11-23",
                        "This type has no term without end; give the last day, such as 2031-11-23",
                    )
                };
                self.fault("/valid_until", "invalid", zh, en);
            }
        }
        None
    }
}

/// Whether a last day is one of the ways in which registers write an unlimited term. Timestamps end
/// with the year 9998, so a licence until a later day would be expired from the start.
fn is_without_end(json: &Json) -> bool {
    let text = json.as_str().unwrap_or_default().trim();
    let words = ["长期", "永久", "无固定", "无期限", "无限期", "不限期", "不约定"];
    words.iter().any(|word| text.starts_with(word)) || text.starts_with("9999-")
}
