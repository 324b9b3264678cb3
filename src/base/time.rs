//! Instants, civil dates and spans of validity.
//!
//! An instant is whole seconds in UTC; a civil date is read in the office's zone, which is
//! China Standard Time (UTC+8, without daylight saving since 1991).

use std::fmt;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds since 1970-01-01T00:00:00Z, within the years 1970 to 9998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(inline, description = "", extend("format" = "date-time"))]
pub struct Timestamp(#[schemars(with = "String")] i64);

impl Timestamp {
    /// The Unix epoch, 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// `None` outside the years 1970 to 9998, the range of this program's artefacts.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        (0..=LAST).contains(&seconds).then_some(Self(seconds))
    }

    /// The nearest instant to these seconds: dates before 1970 in foreign artefacts (a `UTCTime` of
    /// the year 50 is 1950: RFC 5280, 4.1.2.5.1) count as the first instant, and 9999-12-31, which
    /// means "without end" (4.1.2.5), as the last.
    pub fn nearest(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST))
    }

    /// Reads RFC 3339 with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        Self::from_unix(instant.as_second())
    }

    /// Like [`Self::parse`]; a value out of range becomes the nearest bound, see [`Self::nearest`].
    pub fn parse_nearest(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        Some(Self::nearest(instant.as_second()))
    }

    /// Seconds since the epoch.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This instant and `seconds` more; stays within the range of the type.
    pub fn plus(self, seconds: i64) -> Self {
        Self::nearest(self.0.saturating_add(seconds))
    }

    /// The calendar day in China at this instant.
    pub fn date_in_china(self) -> Date {
        Date(self.civil(CHINA_SECONDS).date())
    }

    /// `2026-11-24 15:20` in China, for readers.
    pub fn to_china_minutes(self) -> String {
        let at = self.civil(CHINA_SECONDS);
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute()
        )
    }

    /// `D:20261124152011+08'00'`, the date of a PDF (ISO 32000-1, 7.9.4), with all its digits.
    pub fn from_pdf_date(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("D:")?;
        let part = |from: usize, to: usize| digits.get(from..to);
        let (date, rest) = (digits.get(..14)?, digits.get(14..)?);
        if !date.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let zone = match rest.replace('\'', ":").trim_end_matches(':') {
            "" | "Z" | "Z00:00" => "Z".to_owned(),
            offset => offset.to_owned(),
        };
        let (y, m, d) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let (h, min, s) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
        Self::parse(&format!("{y}-{m}-{d}T{h}:{min}:{s}{zone}"))
    }

    /// `D:20261124152011+08'00'`, ISO 32000-1 7.9.4.
    pub fn to_pdf_date(self) -> String {
        let at = self.civil(CHINA_SECONDS);
        format!(
            "D:{:04}{:02}{:02}{:02}{:02}{:02}+08'00'",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// The wall clock at an offset from UTC.
    pub fn civil(self, offset_seconds: i32) -> civil::DateTime {
        let offset = Offset::from_seconds(offset_seconds).unwrap_or(Offset::UTC);
        let instant = jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        offset.to_datetime(instant)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.civil(0);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 time"))
    }
}

/// A calendar day, `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(inline, description = "", extend("format" = "date"))]
pub struct Date(#[schemars(with = "String")] civil::Date);

impl Date {
    /// Exactly `YYYY-MM-DD`, a day that exists, from the year 1000 on.
    pub fn parse(text: &str) -> Option<Self> {
        let date: civil::Date = Self::has_form(text).then(|| text.parse().ok()).flatten()?;
        (date.year() >= 1000).then_some(Self(date))
    }

    /// Whether a text has the form of a day, existing or not.
    pub fn has_form(text: &str) -> bool {
        text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    }

    /// A day by year, month and day; `None` when it does not exist.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().filter(|date| date.year() >= 1000).map(Self)
    }

    /// Year, month and day.
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// The last day of a term of whole years from this day: the day before its anniversary. 29
    /// February counts as the 28th.
    pub fn end_after_years(self, years: i16) -> Option<Self> {
        let span = jiff::Span::new().try_years(years).ok()?;
        self.0.checked_add(span).ok()?.yesterday().ok().map(Self)
    }

    /// The first instant of this day in China.
    pub fn start_in_china(self) -> Timestamp {
        self.midnight().unwrap_or(Timestamp(0))
    }

    /// The first instant after this day in China.
    pub fn end_in_china(self) -> Timestamp {
        self.start_in_china().plus(DAY)
    }

    /// `二〇二六年十一月二十四日`, the form on certificates.
    pub fn to_chinese(self) -> String {
        let year: String = self.0.year().to_string().chars().map(chinese_digit).collect();
        format!("{year}年{}月{}日", chinese_number(self.0.month()), chinese_number(self.0.day()))
    }

    /// The date in the form on certificates.
    pub fn from_chinese(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        let year = year
            .chars()
            .map(chinese_value)
            .try_fold(0, |sum: i16, digit| sum.checked_mul(10)?.checked_add(i16::from(digit?)))?;
        let date = Self::new(year, small_number(month)?, small_number(day.strip_suffix('日')?)?)?;
        (date.to_chinese() == text).then_some(date)
    }

    fn midnight(self) -> Option<Timestamp> {
        let zone = TimeZone::fixed(Offset::from_seconds(CHINA_SECONDS).ok()?);
        let instant = self.0.to_zoned(zone).ok()?.timestamp();
        Timestamp::from_unix(instant.as_second())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a date YYYY-MM-DD"))
    }
}

/// From the start of one day to the end of another; without an end it is 长期.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Validity {
    /// The first day, inclusive.
    pub from: Date,
    /// The last day, inclusive; `None` means 长期 (no fixed end).
    pub until: Option<Date>,
}

impl Validity {
    /// `None` when the last day is before the first.
    pub fn new(from: Date, until: Option<Date>) -> Option<Self> {
        until.is_none_or(|until| until >= from).then_some(Self { from, until })
    }

    /// Whether the last day is over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now >= until.end_in_china())
    }
}

/// The source of time. Only the edge implements it over the system's clock.
pub trait Clock: Send + Sync {
    /// The present instant, by the wall clock.
    fn now(&self) -> Timestamp;

    /// Seconds of a monotonic clock with an arbitrary origin; `None` when there is none.
    fn steady(&self) -> Option<i64> {
        None
    }
}

/// Seconds in a day.
pub const DAY: i64 = 86_400;
/// China Standard Time, seconds east of UTC.
pub const CHINA_SECONDS: i32 = 8 * 3600;
/// 9998-12-31T00:00:00Z: every offset of it is still a four-digit year.
const LAST: i64 = 253_370_678_400;

fn chinese_digit(digit: char) -> char {
    match digit {
        '1' => '一',
        '2' => '二',
        '3' => '三',
        '4' => '四',
        '5' => '五',
        '6' => '六',
        '7' => '七',
        '8' => '八',
        '9' => '九',
        _ => '〇',
    }
}

/// 1 to 31 in Chinese numerals, as in dates.
fn chinese_value(digit: char) -> Option<i8> {
    ('0'..='9').zip(0..).find(|(latin, _)| chinese_digit(*latin) == digit).map(|(_, value)| value)
}

/// A number below a hundred.
fn small_number(text: &str) -> Option<i8> {
    (1..=31).find(|number| chinese_number(*number) == text)
}

fn chinese_number(number: i8) -> String {
    let unit = |n: i8| char::from(b'0'.saturating_add(n.unsigned_abs()));
    match (number / 10, number % 10) {
        (0, ones) => chinese_digit(unit(ones)).to_string(),
        (1, 0) => "十".to_owned(),
        (1, ones) => format!("十{}", chinese_digit(unit(ones))),
        (tens, 0) => format!("{}十", chinese_digit(unit(tens))),
        (tens, ones) => format!("{}十{}", chinese_digit(unit(tens)), chinese_digit(unit(ones))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_round_trip_and_dates_are_chinese() {
        let at = Timestamp::parse("2026-11-24T16:30:00Z").unwrap();
        assert_eq!(at.to_string(), "2026-11-24T16:30:00Z");
        assert_eq!(at.date_in_china().to_string(), "2026-11-25");
        assert_eq!(at.date_in_china().to_chinese(), "二〇二六年十一月二十五日");
        assert_eq!(at.to_pdf_date(), "D:20261125003000+08'00'");
        let date = Date::new(2030, 10, 20).unwrap();
        assert_eq!(date.to_chinese(), "二〇三〇年十月二十日");
        assert_eq!(Date::from_chinese("二〇三〇年十月二十日"), Some(date));
        for other in ["二〇三〇年二月三十日", "二〇三〇年十月", "2030年10月20日", "很久以前"]
        {
            assert_eq!(Date::from_chinese(other), None, "{other}");
        }
    }

    #[test]
    fn dates_are_strict_and_terms_end_on_the_eve() {
        for bad in
            ["2026-2-03", "2026-02-30", "20260203", "2026-02-03 ", "+026-02-03", "0999-01-01"]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        let from = Date::parse("2026-11-24").unwrap();
        assert_eq!(from.end_after_years(5).unwrap().to_string(), "2031-11-23");
        let leap = Date::parse("2028-02-29").unwrap();
        assert_eq!(leap.end_after_years(1).unwrap().to_string(), "2029-02-27");
    }

    #[test]
    fn the_last_day_counts_whole() {
        let day = Date::parse("2026-11-24").unwrap();
        let validity = Validity::new(day, Some(day)).unwrap();
        assert!(!validity.is_over(Timestamp::parse("2026-11-24T15:59:59Z").unwrap()));
        assert!(validity.is_over(Timestamp::parse("2026-11-24T16:00:00Z").unwrap()));
    }
}
