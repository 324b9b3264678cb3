//! Identifiers of a licence: 证照标识 (`id`), 核验码 (`code`), and the type code inside the first.
//!
//! GB/T 36904: `1.2.156.3005.2.<type 21>.<issuer 18>.<serial>.<version 3>.<check>`, with the check
//! character over all parts except the root, without the dots.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codes::{Uscc, mod_37_36};
use super::digest::Digest;

/// 证照类型代码: the USCC of the defining authority and three digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypeCode(String);

impl TypeCode {
    /// Twenty-one characters, the first eighteen a USCC with correct check characters.
    pub fn parse(text: &str) -> Option<Self> {
        let (authority, serial) = text.split_at_checked(18)?;
        Uscc::parse(authority)?;
        (serial.len() == 3 && serial.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| Self(text.to_owned()))
    }

    /// All twenty-one characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<TypeCode> for String {
    fn from(code: TypeCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for TypeCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a 证照类型代码: a USCC and three digits")
    }
}

/// 证照标识 of a licence of ours: strict in every part, with the right check character.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub struct LicenceId(String);

impl LicenceId {
    /// Joins the parts and computes the check character. `serial` is printed with at least twenty
    /// digits, `version` starts at 1 and ends at 999.
    pub fn new(kind: &TypeCode, issuer: &Uscc, serial: u128, version: Version) -> Self {
        let serial = format!("{serial:020}");
        let checked = format!("{kind}{issuer}{serial}{version}");
        // Every part consists of digits and capitals, so a check character exists.
        let check = mod_37_36(&checked).unwrap_or_default();
        Self(format!("{ROOT}.{kind}.{issuer}.{serial}.{version}.{check}"))
    }

    /// The common prefix of the identifiers of one type and one issuer.
    pub fn prefix(kind: &TypeCode, issuer: &Uscc) -> String {
        format!("{ROOT}.{kind}.{issuer}.")
    }

    /// Reads an identifier strictly, in the office's own form.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(ROOT)?.strip_prefix('.')?;
        let parts: Vec<&str> = rest.split('.').collect();
        let [kind, issuer, serial, version, check] = parts.as_slice() else { return None };
        TypeCode::parse(kind)?;
        Uscc::parse(issuer)?;
        Version::parse(version)?;
        let plain = (1..=32).contains(&serial.len())
            && serial.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        let expected = mod_37_36(&format!("{kind}{issuer}{serial}{version}"))?;
        (plain && check.chars().eq([expected])).then(|| Self(text.to_owned()))
    }

    /// The full identifier, with root and check character.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type code in it.
    pub fn type_code(&self) -> &str {
        self.part(0)
    }

    /// The issuer's USCC in it.
    pub fn issuer(&self) -> &str {
        self.part(1)
    }

    fn part(&self, index: usize) -> &str {
        self.0.get(ROOT.len() + 1..).and_then(|rest| rest.split('.').nth(index)).unwrap_or_default()
    }
}

impl fmt::Display for LicenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<LicenceId> for String {
    fn from(id: LicenceId) -> Self {
        id.0
    }
}

impl TryFrom<String> for LicenceId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a 证照标识 with a right check character")
    }
}

/// 证照版本号, 001 to 999.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "u16", into = "u16")]
#[schemars(inline, extend("minimum" = 1, "maximum" = 999))]
pub struct Version(u16);

impl Version {
    /// The version of a licence that replaces none.
    pub const FIRST: Self = Self(1);

    /// Three digits, not 000.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0).map(Self)
    }

    /// The version, 1 to 999.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl From<Version> for u16 {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl TryFrom<u16> for Version {
    type Error = &'static str;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        (1..=999).contains(&number).then_some(Self(number)).ok_or("a version is 1 to 999")
    }
}

/// 核验码: sixteen characters of Crockford's base 32, 80 random bits. Stored only as a digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; 16]);

impl Code {
    /// Encodes ten random bytes.
    pub fn from_entropy(bytes: [u8; 10]) -> Self {
        let bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut code = [0; 16];
        for (at, symbol) in code.iter_mut().enumerate() {
            let index = usize::try_from(bits >> (75 - 5 * at) & 31).unwrap_or(0);
            *symbol = CROCKFORD.get(index).copied().unwrap_or(b'0');
        }
        Self(code)
    }

    /// Reads a typed code: any case, spaces and hyphens between groups, O for 0, I and L for 1.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = [0; 16];
        let mut count = 0;
        for character in text.chars().filter(|character| !matches!(character, ' ' | '-')) {
            let symbol = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let symbol = u8::try_from(symbol).ok().filter(|byte| CROCKFORD.contains(byte))?;
            *code.get_mut(count)? = symbol;
            count += 1;
        }
        (count == 16).then_some(Self(code))
    }

    /// Sixteen characters without spaces, as in the address in the QR symbol.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Groups of four, the printed form.
    pub fn grouped(&self) -> String {
        let text = self.as_str();
        let group = |at: usize| text.get(at..at + 4).unwrap_or_default();
        format!("{} {} {} {}", group(0), group(4), group(8), group(12))
    }

    /// The digest that the store keeps instead of the code.
    pub fn digest(&self) -> Digest {
        Digest::of(&[b"yinzheng code\0", &self.0])
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Root OID of electronic licences, GB/T 36904.
const ROOT: &str = "1.2.156.3005.2";
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_ids_check() {
        let good =
            ["1.2.156.3005.2.11100000MB0341032Y002.11420503087246977F.20260101000000000001.001.O"];
        let id = LicenceId::parse(good[0]).unwrap();
        let kind = TypeCode::parse(id.type_code()).unwrap();
        let issuer = Uscc::parse(id.issuer()).unwrap();
        let again = LicenceId::new(&kind, &issuer, 20_260_101_000_000_000_001, Version::FIRST);
        assert_eq!(again, id);
        assert!(LicenceId::parse(&good[0].replace(".O", ".X")).is_none());
        assert!(LicenceId::parse(&good[0].replace("001.O", "002.O")).is_none());
    }

    #[test]
    fn codes_forgive_what_people_type() {
        let code = Code::from_entropy([0xFF, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(Code::parse(&code.grouped().to_lowercase()), Some(code.clone()));
        let typed = code.as_str().replace('0', "o").replace('1', "L");
        assert_eq!(Code::parse(&typed), Some(code));
        assert_eq!(Code::parse("7Q2M 9K4T 8XWB 3D6"), None);
        assert_eq!(Code::parse("7Q2M 9K4T 8XWB 3D6U"), None);
    }
}
