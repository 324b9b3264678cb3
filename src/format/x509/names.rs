//! Alternative names and name constraints (RFC 5280, 4.2.1.6 and 4.2.1.10), sorted by kind.
//!
//! The path check compares them; here a name that cannot be compared is kept as such, so that an
//! unreadable name does not evade a constraint on its kind.

use super::name::DistinguishedName;
use crate::format::der::{self, BadDer, Element, Reader};

/// Names of one certificate or one side of a constraint, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// rfc822Name.
    pub emails: Vec<String>,
    /// dNSName.
    pub dns: Vec<String>,
    /// uniformResourceIdentifier.
    pub uris: Vec<String>,
    /// directoryName.
    pub directories: Vec<DistinguishedName>,
    /// iPAddress: 4 or 16 bytes; in a constraint 8 or 32, the second half being the mask.
    pub addresses: Vec<Vec<u8>>,
    /// Names that are not compared: other kinds, and text beyond ASCII.
    pub others: Vec<NameKind>,
}

/// The kinds of `GeneralName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// rfc822Name.
    Email,
    /// dNSName.
    Dns,
    /// uniformResourceIdentifier.
    Uri,
    /// iPAddress.
    Address,
    /// directoryName.
    Directory,
    /// otherName, x400Address, ediPartyName or registeredID, by the number of its tag.
    Other(u8),
}

/// The names that an authority may certify, and those that it may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConstraints {
    /// A name of a kind that occurs here must be within one of its subtrees.
    pub permitted: Names,
    /// A name must be within none of these.
    pub excluded: Names,
}

impl Names {
    /// Parses the value of a subject alternative name extension.
    pub(super) fn from_der(value: &[u8]) -> Result<Self, BadDer> {
        let mut outer = Reader::new(value);
        let mut list = outer.expect(der::SEQUENCE)?.inside();
        outer.finish()?;
        let mut names = Self::default();
        while list.peek().is_some() {
            names.add(list.any()?, &[4, 16])?;
        }
        Ok(names)
    }

    /// Whether there is none of any kind.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, name: Element<'_>, address_lengths: &[usize]) -> Result<(), BadDer> {
        let mut text = |kind: NameKind| match std::str::from_utf8(name.content) {
            Ok(text) if text.is_ascii() => Some(text.to_owned()),
            _ => {
                self.others.push(kind);
                None
            }
        };
        match name.tag {
            0x81 => self.emails.extend(text(NameKind::Email)),
            0x82 => self.dns.extend(text(NameKind::Dns)),
            0x86 => self.uris.extend(text(NameKind::Uri)),
            0xA4 => {
                let directory = name.only()?;
                if directory.tag != der::SEQUENCE {
                    return Err(BadDer);
                }
                self.directories.push(DistinguishedName::new(directory.raw));
            }
            0x87 if address_lengths.contains(&name.content.len()) => {
                self.addresses.push(name.content.to_vec());
            }
            0x87 => self.others.push(NameKind::Address),
            0xA0 | 0xA3 | 0xA5 | 0x88 => self.others.push(NameKind::Other(name.tag & 0x1F)),
            _ => return Err(BadDer),
        }
        Ok(())
    }
}

impl NameConstraints {
    /// Parses the extension's value. The distances that RFC 5280 forbids are refused.
    pub(super) fn from_der(value: &[u8]) -> Result<Self, BadDer> {
        let mut outer = Reader::new(value);
        let mut inside = outer.expect(der::SEQUENCE)?.inside();
        outer.finish()?;
        let permitted = inside.optional(der::CONTEXT_0)?;
        let excluded = inside.optional(der::CONTEXT_1)?;
        inside.finish()?;
        let side = |side: Option<Element<'_>>| side.map_or_else(|| Ok(Names::default()), subtrees);
        let read = Self { permitted: side(permitted)?, excluded: side(excluded)? };
        let says_nothing = permitted.is_none() && excluded.is_none();
        if says_nothing { Err(BadDer) } else { Ok(read) }
    }
}

fn subtrees(side: Element<'_>) -> Result<Names, BadDer> {
    let mut list = side.inside();
    let mut names = Names::default();
    while list.peek().is_some() {
        // `minimum` is zero and therefore absent, `maximum` is absent.
        names.add(list.expect(der::SEQUENCE)?.only()?, &[8, 32])?;
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    #[test]
    fn names_are_sorted_by_kind_and_none_gets_lost() {
        let directory = sequence(&[]);
        let value = sequence(&[
            &element(0x81, b"a@example.test"),
            &element(0x82, b"example.test"),
            &element(0x86, "https://例.test".as_bytes()),
            &element(0x87, &[10, 0, 0, 1]),
            &element(0x87, &[10, 0]),
            &element(0xA4, &directory),
            &element(0xA0, b""),
        ]);
        let names = Names::from_der(&value).unwrap();
        assert_eq!(names.emails, ["a@example.test"]);
        assert_eq!(names.dns, ["example.test"]);
        assert!(names.uris.is_empty());
        assert_eq!(names.addresses, [[10, 0, 0, 1]]);
        assert_eq!(names.directories, [DistinguishedName::new(&directory)]);
        assert_eq!(names.others, [NameKind::Uri, NameKind::Address, NameKind::Other(0)]);
        assert!(Names::from_der(&element(der::OCTETS, b"")).is_err());
        assert!(Names::from_der(&sequence(&[&element(0xA9, b"")])).is_err());
    }

    #[test]
    fn constraints_have_two_sides_and_no_distances() {
        let dns = sequence(&[&element(0x82, b"example.test")]);
        let net = sequence(&[&element(0x87, &[10, 0, 0, 0, 255, 0, 0, 0])]);
        let value = sequence(&[&element(0xA0, &dns), &element(0xA1, &net)]);
        let read = NameConstraints::from_der(&value).unwrap();
        assert_eq!(read.permitted.dns, ["example.test"]);
        assert_eq!(read.excluded.addresses.len(), 1);
        let far = sequence(&[&element(0x82, b"example.test"), &element(0x80, &[1])]);
        for bad in [
            sequence(&[&element(0xA0, &far)]),
            sequence(&[&element(0xA1, &net), &element(0xA0, &dns)]),
            sequence(&[]),
        ] {
            assert_eq!(NameConstraints::from_der(&bad), Err(BadDer));
        }
    }
}
