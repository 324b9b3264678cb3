//! Holder codes of GB/T 36903 in requests: checked, or listed by the office.

use crate::base::codes::{CitizenId, ListedCodes, Uscc};
use crate::base::digest::Digest;

/// The code that identifies a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HolderCode {
    /// 统一社会信用代码, code type 001.
    Organisation(Uscc),
    /// 公民身份号码, code type 111.
    Person(CitizenId),
}

impl HolderCode {
    /// Parses a code of a type; `None` when it is of another type or its check character is wrong.
    pub fn parse(code_type: &str, code: &str) -> Option<Self> {
        Self::parse_or_listed(code_type, code, &ListedCodes::default())
    }

    /// Like [`Self::parse`]; also accepts the codes that the office listed.
    pub fn parse_or_listed(code_type: &str, code: &str, listed: &ListedCodes) -> Option<Self> {
        match code_type {
            "001" => Uscc::parse_or_listed(code, listed).map(Self::Organisation),
            "111" => CitizenId::parse(code).map(Self::Person),
            _ => None,
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Organisation(code) => code.as_str(),
            Self::Person(code) => code.as_str(),
        }
    }

    /// The key of the store's secondary index for the holder's licences of a type.
    pub fn mark(&self, kind: &str) -> String {
        holder_mark(kind, self.as_str())
    }
}

/// The index key of a holder's code. A digest keeps the index free of the codes themselves; it need
/// not be secret, since the licence is stored in the same place.
pub fn holder_mark(kind: &str, code: &str) -> String {
    format!("holder/{}", Digest::of(&[kind.as_bytes(), b"\0", code.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_its_type_and_a_mark_its_kind() {
        let uscc = HolderCode::parse("001", "11519999MB0000019Y").unwrap();
        for (kind, code) in [("111", "11519999MB0000019Y"), ("001", "x"), ("414", "E1"), ("", "")] {
            assert_eq!(HolderCode::parse(kind, code), None, "{kind} {code}");
        }
        assert_ne!(uscc.mark("business"), uscc.mark("food-operation"));
        assert_eq!(uscc.mark("business"), holder_mark("business", "11519999MB0000019Y"));
    }
}
