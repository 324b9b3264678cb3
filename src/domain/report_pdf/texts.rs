//! Labels and values in the report's form.

use crate::base::limits::Budget;
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::domain::verify::report::labels::Detail;

/// A label and a text, bounded.
pub(super) struct Pair {
    pub(super) label: Localized,
    pub(super) value: String,
    pub(super) figures: bool,
}

pub(super) fn pair(zh: &str, en: &str, value: impl Into<String>) -> Pair {
    Pair { label: Localized::new(zh, en), value: value.into(), figures: false }
}

pub(super) fn detail(detail: Detail) -> Pair {
    let Detail { name, label, value } = detail;
    let figures = name.contains("digest") && value.zh.len() > 40;
    let value = match (value, name.as_str()) {
        // In the time zone of all times in the report.
        (value, "signed_at") => in_china(value.zh),
        (value, _) if value.zh == value.en => value.zh,
        (Localized { zh, en }, _) => format!("{zh} {en}"),
    };
    Pair { label, value, figures }
}

fn in_china(time: String) -> String {
    match Timestamp::parse(&time) {
        Some(at) => format!("{}（北京时间 China time）", at.to_china_minutes()),
        None => time,
    }
}

/// The listed ones, and the number of the others.
pub(super) fn bounded<T>(all: &[T]) -> (&[T], usize) {
    let most = Budget::default().printed_items;
    let shown = all.get(..most).unwrap_or(all);
    (shown, all.len() - shown.len())
}

/// `57,344`
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
