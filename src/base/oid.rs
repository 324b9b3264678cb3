//! An office's own arc of object identifiers, the prefix of its identifiers.
//!
//! X.660 sets no limits. Programs do: Go's `crypto/x509` refuses a whole certificate for an arc
//! beyond 31 bits, and RustCrypto's `const-oid` for a second arc beyond 39 (so for `2.999` too) or
//! an identifier beyond 39 bytes. Both read identifiers below an [`OidArc`], except that const-oid
//! 0.9 refuses many arcs of 29 to 31 bits.

use std::fmt;

use super::localized::Localized;

/// An arc below which an office, or an example, assigns identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidArc(Vec<u32>);

/// The text is no arc that common programs can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0[1])]
pub struct BadOidArc([&'static str; 2]);

impl BadOidArc {
    /// The rule in both languages.
    pub fn words(self) -> Localized {
        let Self([zh, en]) = self;
        Localized::new(zh, en)
    }
}

impl OidArc {
    /// The arc for demos, pilots and offices without one: `1.3.6.1.4.1.32473.94694364`.
    ///
    /// It is below the number that IANA keeps for documentation (RFC 5612); its last number spells
    /// the product's name on a telephone keypad, so that another example is unlikely to use it.
    pub fn example() -> Self {
        Self(vec![1, 3, 6, 1, 4, 1, 32_473, 94_694_364])
    }

    /// Reads numbers with dots between, such as `1.3.6.1.4.1.32473.1`.
    pub fn parse(text: &str) -> Result<Self, BadOidArc> {
        let number = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit());
            let plain = plain && (part == "0" || !part.starts_with('0'));
            let value = part.parse::<u32>().ok().filter(|value| plain && *value <= LARGEST);
            value.ok_or(BadOidArc([
                "须为以点分隔的 0 至 2147483647 的数",
                "numbers from 0 to 2147483647 with dots between",
            ]))
        };
        let arcs = text.split('.').map(number).collect::<Result<Vec<_>, _>>()?;
        let [first, second, _, _, ..] = arcs.as_slice() else {
            return Err(BadOidArc([
                "至少四个数：更短的不属于任何机构",
                "at least four numbers: shorter ones belong to no office",
            ]));
        };
        if *first > 2 || *second > 39 {
            return Err(BadOidArc([
                "第一个数须为 0、1 或 2，第二个数至多 39",
                "begins with 0, 1 or 2, and the second is at most 39",
            ]));
        }
        let arc = Self(arcs);
        if arc.to_der().len() >= LONGEST {
            return Err(BadOidArc([
                "过长：有的程序至多读 39 字节",
                "too long: some programs read no more than 39 bytes",
            ]));
        }
        Ok(arc)
    }

    /// Reads the content of an OBJECT IDENTIFIER; `None` for what [`Self::parse`] would refuse.
    pub fn from_der(content: &[u8]) -> Option<Self> {
        if content.len() >= LONGEST {
            return None;
        }
        let mut numbers = Vec::new();
        for part in content.split_inclusive(|byte| byte & 0x80 == 0) {
            let whole = part.last().is_some_and(|byte| byte & 0x80 == 0);
            // Five groups of seven bits have room for 31, and the shortest form is the only one.
            if !whole || part.len() > 5 || part.first() == Some(&0x80) {
                return None;
            }
            let value = part.iter().fold(0, |sum: u64, byte| sum << 7 | u64::from(byte & 0x7F));
            numbers.push(value);
        }
        let (head, rest) = numbers.split_first()?;
        let first = (head / 40).min(2);
        let second = head.checked_sub(first * 40)?;
        let text: Vec<_> = [&first, &second].into_iter().chain(rest).map(u64::to_string).collect();
        Self::parse(&text.join(".")).ok()
    }

    /// The content of an OBJECT IDENTIFIER.
    pub fn to_der(&self) -> Vec<u8> {
        der_of(&self.0)
    }

    /// The numbers of the identifier `number` below this arc.
    pub fn child(&self, number: u8) -> Vec<u64> {
        self.0.iter().copied().chain([u32::from(number)]).map(u64::from).collect()
    }

    /// The same as the content of an OBJECT IDENTIFIER.
    pub fn child_der(&self, number: u8) -> Vec<u8> {
        let arcs: Vec<_> = self.0.iter().copied().chain([u32::from(number)]).collect();
        der_of(&arcs)
    }
}

impl fmt::Display for OidArc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: Vec<_> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&text.join("."))
    }
}

/// The content of an identifier; its first two numbers share a byte.
fn der_of(arcs: &[u32]) -> Vec<u8> {
    let (head, rest) = arcs.split_at_checked(2).unwrap_or((arcs, &[]));
    let first = head.iter().fold(0, |sum: u32, arc| sum.saturating_mul(40).saturating_add(*arc));
    let mut content = Vec::new();
    for arc in [&first].into_iter().chain(rest) {
        let groups = (0..5).rev().map(|group| {
            let [lowest, ..] = (arc >> (7 * group)).to_le_bytes();
            lowest & 0x7F
        });
        let mut groups: Vec<u8> = groups.skip_while(|group| *group == 0).collect();
        let last = groups.pop().unwrap_or(0);
        content.extend(groups.iter().map(|group| group | 0x80));
        content.push(last);
    }
    content
}

/// 31 bits: Go reads arcs into a signed number of 32.
const LARGEST: u32 = i32::MAX.cast_unsigned();
/// Bytes of an identifier that const-oid reads; one of them is for the number below the arc.
const LONGEST: usize = 39;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_are_read_and_written_alike() {
        for text in ["1.3.6.1.4.1.32473.94694364", "1.2.156.2147483647", "0.4.0.127", "2.16.156.0"]
        {
            let arc = OidArc::parse(text).unwrap();
            assert_eq!(arc.to_string(), text);
            assert_eq!(OidArc::from_der(&arc.to_der()), Some(arc.clone()), "{text}");
            assert!(arc.child_der(1).starts_with(&arc.to_der()));
            assert_eq!(arc.child_der(1).len(), arc.to_der().len() + 1);
        }
        let arc = OidArc::parse("1.2.156.300").unwrap();
        assert_eq!(arc.to_der(), [0x2A, 0x81, 0x1C, 0x82, 0x2C]);
        assert_eq!(arc.child(1), [1, 2, 156, 300, 1]);
        assert_eq!(OidArc::parse(&OidArc::example().to_string()), Ok(OidArc::example()));
    }

    #[test]
    fn what_some_program_cannot_read_is_no_arc() {
        for (text, why) in [
            ("", "numbers"),
            ("1.2.156.", "numbers"),
            ("1.2.156.03", "numbers"),
            ("1.2.156.+3", "numbers"),
            ("1.2.156.2147483648", "2147483647"),
            ("2.25.5037990204604784943", "2147483647"),
            ("1.2.156", "four"),
            ("2.999.1.1", "39"),
            ("3.1.1.1", "begins"),
            (
                "1.2.3.2147483647.2147483647.2147483647.2147483647.2147483647.2147483647.2147483647.2147483647",
                "39 bytes",
            ),
        ] {
            let said = OidArc::parse(text).unwrap_err().to_string();
            assert!(said.contains(why), "{text}: {said}");
        }
        let bad: [&[u8]; 6] = [
            b"",
            b"\x2A",
            b"\x2A\x81\x1C\x82",
            b"\x2A\x80\x01\x02",
            // 2.999, and an arc of 32 bits.
            b"\x88\x37\x01\x01",
            b"\x2A\x03\x88\x80\x80\x80\x00",
        ];
        for content in bad {
            assert_eq!(OidArc::from_der(content), None, "{content:?}");
        }
    }
}
