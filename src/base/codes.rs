//! National codes with check characters: USCC, organisation code, citizen number, MOD 37,36, MOD
//! 11,10.
//!
//! GB 32100-2015 (统一社会信用代码), GB 11714 (组织机构代码), GB 11643-1999 (公民身份号码),
//! ISO/IEC 7064 hybrid MOD 37,36. A value of one of these types has passed its check.

use std::fmt;

use serde::Serialize;

use super::time::Date;

/// A 统一社会信用代码 with two correct check characters, or one that its office listed ([`ListedCodes`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Uscc(String);

impl Uscc {
    /// Eighteen characters of GB 32100; the organisation code in positions 9–17 is checked too.
    pub fn parse(text: &str) -> Option<Self> {
        let values = text
            .bytes()
            .map(|byte| USCC_ALPHABET.iter().position(|known| *known == byte))
            .collect::<Option<Vec<_>>>()?;
        if values.len() != 18 {
            return None;
        }
        let sum: usize =
            values.iter().zip(USCC_WEIGHTS).map(|(value, weight)| value * weight).sum();
        let check = (31 - sum % 31) % 31;
        let organisation = text.get(8..17)?;
        (values.last() == Some(&check) && organisation_code_holds(organisation))
            .then(|| Self(text.to_owned()))
    }

    /// Like [`Self::parse`]; also accepts the codes that the office listed.
    pub fn parse_or_listed(text: &str, listed: &ListedCodes) -> Option<Self> {
        Self::parse(text).or_else(|| listed.0.iter().find(|code| code.0 == text).cloned())
    }

    /// All eighteen characters, check characters included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The six digits of the district that registered the holder, GB/T 2260.
    pub fn district(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Codes that were issued with other check characters than the standard's, which an office accepts
/// individually as they are in its register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedCodes(Vec<Uscc>);

impl ListedCodes {
    /// A list of codes of eighteen characters of GB 32100; `None` when one has another form.
    pub fn new(codes: &[String]) -> Option<Self> {
        let fits = |code: &&String| {
            code.len() == 18 && code.bytes().all(|byte| USCC_ALPHABET.contains(&byte))
        };
        codes
            .iter()
            .all(|code| fits(&code))
            .then(|| Self(codes.iter().cloned().map(Uscc).collect()))
    }
}

/// A 公民身份号码 with an existing date of birth and a correct check digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CitizenId(String);

impl CitizenId {
    /// Eighteen characters; the last may be `X` (capital).
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (last, head) = bytes.split_last()?;
        if head.len() != 17 || !head.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let sum: usize = head
            .iter()
            .zip(CITIZEN_WEIGHTS)
            .map(|(digit, weight)| usize::from(digit - b'0') * weight)
            .sum();
        let check = b"10X98765432".get(sum % 11)?;
        let born = text.get(6..14)?;
        Date::parse(&format!("{}-{}-{}", born.get(..4)?, born.get(4..6)?, born.get(6..)?))?;
        (last == check).then(|| Self(text.to_owned()))
    }

    /// All eighteen characters; the last may be `X`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day of birth that the number states.
    pub fn born(&self) -> Option<Date> {
        let text = self.0.get(6..14)?;
        Date::parse(&format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..)?))
    }

    /// Whether the number is a man's: its seventeenth digit is odd.
    pub fn is_male(&self) -> bool {
        self.0.as_bytes().get(16).is_some_and(|digit| digit % 2 == 1)
    }
}

/// The check character of ISO/IEC 7064 hybrid MOD 37,36 over digits and capital letters.
/// `None` when the text has another character.
pub fn mod_37_36(text: &str) -> Option<char> {
    let mut state = 36_u32;
    for character in text.chars() {
        let value = character.to_digit(36).filter(|_| !character.is_ascii_lowercase())?;
        state = (state + value) % 36;
        state = if state == 0 { 36 } else { state } * 2 % 37;
    }
    char::from_digit((37 - state) % 36, 36).map(|check| check.to_ascii_uppercase())
}

/// The check digit of ISO/IEC 7064 hybrid MOD 11,10 (GB/T 17710) over the digits of a text.
pub fn mod_11_10(text: &str) -> char {
    let state =
        text.chars().filter_map(|character| character.to_digit(10)).fold(10, |state, digit| {
            let sum = (state + digit) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
    char::from_digit((11 - state) % 10, 10).unwrap_or('0')
}

fn organisation_code_holds(code: &str) -> bool {
    let Some((head, check)) = code.split_at_checked(8) else { return false };
    let sum: u32 = head
        .chars()
        .zip(ORGANISATION_WEIGHTS)
        .filter_map(|(character, weight)| Some(character.to_digit(36)? * weight))
        .sum();
    let expected = match 11 - sum % 11 {
        10 => "X".to_owned(),
        11 => "0".to_owned(),
        digit => digit.to_string(),
    };
    check == expected
}

const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
const CITIZEN_WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uscc() {
        for good in ["91350100M000100Y43", "11220000013544541J"] {
            assert!(Uscc::parse(good).is_some(), "{good}");
            for at in 0..18 {
                let mut bad = good.to_owned().into_bytes();
                bad[at] = if bad[at] == b'7' { b'8' } else { b'7' };
                assert!(Uscc::parse(std::str::from_utf8(&bad).unwrap()).is_none(), "{bad:?}");
            }
        }
        for bad in ["", "91350100m000100y43", "91350100M000100Y4", "91350100M000100Y430"] {
            assert!(Uscc::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_listed_code_is_accepted_and_no_other() {
        let code = "91519999MA0000031Y";
        let listed = ListedCodes::new(&[code.to_owned()]).unwrap();
        assert_eq!(Uscc::parse(code), None);
        assert_eq!(Uscc::parse_or_listed(code, &listed).unwrap().as_str(), code);
        for other in ["91519999MA0000032Y", "91519999ma0000031y", "91519999MA0000031Y ", ""] {
            assert_eq!(Uscc::parse_or_listed(other, &listed), None, "{other}");
        }
        for bad in ["91519999MA000003IY", "91519999MA0000031", "", "91519999ma0000031y"] {
            assert_eq!(ListedCodes::new(&[bad.to_owned()]), None, "{bad}");
        }
    }

    #[test]
    fn citizen_id() {
        for (good, born, male) in [
            ("11010519491231002X", "1949-12-31", false),
            ("440524188001010014", "1880-01-01", true),
        ] {
            let id = CitizenId::parse(good).unwrap();
            assert_eq!(id.born(), Date::parse(born));
            assert_eq!(id.is_male(), male);
        }
        for bad in ["11010519491331002X", "11010519491231002x", "110105194912310020", ""] {
            assert!(CitizenId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn hybrid_mod_11_10() {
        // The standard's example: 0794 has the check digit 5.
        assert_eq!(mod_11_10("0794"), '5');
        assert_eq!(mod_11_10("JY0794"), '5');
    }

    #[test]
    fn hybrid_mod_37_36() {
        assert_eq!(mod_37_36("A12425GABC1234002"), Some('M'));
        assert_eq!(mod_37_36("11100000MB0341032Y0021142050308724697"), Some('Y'));
        assert_eq!(mod_37_36("a"), None);
    }
}
