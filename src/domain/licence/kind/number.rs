//! Numbers of a type: pattern and check digit.

use std::fmt;

use crate::base::codes::mod_11_10;

/// A pattern such as `JY{option:business_form}{district}{serial:6}{check}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    District,
    Year,
    Serial(usize),
    /// The position of the chosen option of a field, from 1.
    Choice(String),
    /// ISO/IEC 7064 MOD 11,10 over the digits before it.
    Check,
}

/// As it is written in the file of a type.
impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::District => f.write_str("{district}"),
            Part::Year => f.write_str("{year}"),
            Part::Serial(digits) => write!(f, "{{serial:{digits}}}"),
            Part::Choice(field) => write!(f, "{{option:{field}}}"),
            Part::Check => f.write_str("{check}"),
        })
    }
}

/// The parts of a number besides its serial.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// GB/T 2260 code of the district.
    pub district: &'a str,
    /// Calendar year of issue.
    pub year: i16,
    /// The position of the chosen option of a field, from 1.
    pub choice: &'a dyn Fn(&str) -> Option<usize>,
}

impl NumberPattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, after) = after.split_once('}')?;
            parts.push(match name.split_once(':') {
                None if name == "district" => Part::District,
                None if name == "year" => Part::Year,
                None if name == "check" && after.is_empty() => Part::Check,
                Some(("option", field)) => Part::Choice(field.to_owned()),
                Some(("serial", digits)) => {
                    Part::Serial(digits.parse().ok().filter(|n| (4..=12).contains(n))?)
                }
                _ => return None,
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let serials = parts.iter().filter(|part| matches!(part, Part::Serial(_))).count();
        (serials == 1 && !text.contains(char::is_whitespace)).then_some(Self(parts))
    }

    /// The fields whose options are part of the number.
    pub(super) fn choices(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Choice(field) => Some(field.as_str()),
            _ => None,
        })
    }

    /// The last serial that it has room for.
    pub fn last_serial(&self) -> u64 {
        let digits = self.0.iter().find_map(|part| match part {
            Part::Serial(digits) => u32::try_from(*digits).ok(),
            _ => None,
        });
        digits.map_or(0, |digits| 10_u64.saturating_pow(digits).saturating_sub(1))
    }

    /// The number with this serial; `None` when the serial has more digits than the pattern.
    pub fn number(&self, serial: u64, origin: &Origin<'_>) -> Option<String> {
        let mut number = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => number.push_str(text),
                Part::District => number.push_str(origin.district),
                Part::Year => number.push_str(&origin.year.to_string()),
                Part::Choice(field) => number.push_str(&(origin.choice)(field)?.to_string()),
                Part::Check => number.push(mod_11_10(&number)),
                Part::Serial(digits) => {
                    let text = format!("{serial:0digits$}");
                    if text.len() > *digits {
                        return None;
                    }
                    number.push_str(&text);
                }
            }
        }
        Some(number)
    }
}

impl fmt::Debug for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({} {})", self.district, self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_parts() {
        let origin = Origin { district: "519999", year: 2026, choice: &|_| Some(2) };
        let food = NumberPattern::parse("JY{option:form}{district}{serial:6}{check}").unwrap();
        let number = food.number(47, &origin).unwrap();
        assert_eq!(number.get(..15), Some("JY2519999000047"));
        assert_eq!(number.chars().next_back(), Some(mod_11_10("JY2519999000047")));
        assert_eq!(food.number(1_000_000, &origin), None);
        assert!(food.number(food.last_serial(), &origin).is_some());
        assert_eq!(food.last_serial(), 999_999);
        let plain = NumberPattern::parse("{district}{year}{serial:4}号").unwrap();
        assert_eq!(plain.number(9, &origin).unwrap(), "51999920260009号");
        for bad in [
            "7",
            "{serial:3}",
            "{serial:4}{serial:4}",
            "{check}{serial:4}",
            "{serial:4",
            "a {serial:4}",
        ] {
            assert_eq!(NumberPattern::parse(bad), None, "{bad}");
        }
    }
}
