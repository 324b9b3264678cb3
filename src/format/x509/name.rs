//! Distinguished names (X.501), compared as in RFC 5280, 7.1: by their characters, regardless of
//! string type, case and spaces.
//!
//! An authority that moves from `PrintableString` to `UTF8String` encodes its name differently in
//! what it signs than in its certificate; a comparison of bytes would skip its revocation lists.

mod text;

use std::fmt;

use crate::format::der::{self, BadDer, Element, Reader};

/// A name, and its normal form for comparison.
///
/// Names are equal when their RDNs are, in order; the attributes of one RDN are a set. A value that
/// is not a string is compared by its bytes. A name without a normal form (malformed, with
/// prohibited characters, or too long) equals its own bytes and nothing else.
#[derive(Clone)]
pub struct DistinguishedName {
    der: Vec<u8>,
    /// The name with each string folded, without the outermost `SEQUENCE`.
    normal: Option<Vec<u8>>,
}

impl DistinguishedName {
    /// The name with these bytes, which need not be well-formed.
    pub fn new(der: &[u8]) -> Self {
        let normal = if der.len() <= MAX_NORMALISED { normal_form(der).ok() } else { None };
        Self { der: der.to_vec(), normal }
    }

    /// The name in DER, unchanged.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it is empty: the subject is then named elsewhere.
    pub fn is_empty(&self) -> bool {
        self.normal.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether it begins with all RDNs of another; `None` when they cannot be compared.
    pub fn is_within(&self, tree: &Self) -> Option<bool> {
        let (name, tree) = self.normal.as_ref().zip(tree.normal.as_ref())?;
        Some(name.starts_with(tree))
    }

    /// The text of the first attribute of this kind, by the content of its object identifier.
    pub fn text(&self, kind: &[u8]) -> Option<String> {
        let mut found = None;
        each_attribute(&self.der, |name, value| {
            if found.is_none() && name.content == kind {
                found = text::decode(value).ok().flatten();
            }
        })
        .ok()?;
        found
    }

    /// The name for readers, without its structure: common name, else organisation, else bytes.
    pub fn label(&self) -> String {
        let known = || self.text(COMMON_NAME).or_else(|| self.text(ORGANIZATION));
        known().unwrap_or_else(|| format!("the name {}", crate::base::digest::hex(&self.der)))
    }
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der || (self.normal.is_some() && self.normal == other.normal)
    }
}

impl Eq for DistinguishedName {}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DistinguishedName({})", self.label())
    }
}

/// Each RDN as a `SET` of pairs with folded values: self-delimiting, so that prefixes of names are
/// prefixes in this form too.
fn normal_form(der: &[u8]) -> Result<Vec<u8>, BadDer> {
    let mut outer = Reader::new(der);
    let mut parts = outer.expect(der::SEQUENCE)?.inside();
    outer.finish()?;
    let mut normal = Vec::with_capacity(der.len());
    while parts.peek().is_some() {
        let mut set = parts.expect(der::SET)?.inside();
        let mut pairs = Vec::new();
        while set.peek().is_some() {
            let (kind, value) = attribute(set.any()?)?;
            let folded = text::decode(value)?.map(|text| text::fold(&text).ok_or(BadDer));
            let value = match folded.transpose()? {
                Some(folded) => der::element(UTF8_STRING, folded.as_bytes()),
                None => value.raw.to_vec(),
            };
            pairs.push(der::sequence(&[kind.raw, &value]));
        }
        if pairs.is_empty() {
            return Err(BadDer);
        }
        normal.extend(der::set_of(pairs));
    }
    Ok(normal)
}

fn each_attribute<'a>(
    der: &'a [u8],
    mut see: impl FnMut(Element<'a>, Element<'a>),
) -> Result<(), BadDer> {
    let mut parts = Reader::new(der).expect(der::SEQUENCE)?.inside();
    while parts.peek().is_some() {
        let mut set = parts.expect(der::SET)?.inside();
        while set.peek().is_some() {
            let (kind, value) = attribute(set.any()?)?;
            see(kind, value);
        }
    }
    Ok(())
}

/// `AttributeTypeAndValue`.
fn attribute(pair: Element<'_>) -> Result<(Element<'_>, Element<'_>), BadDer> {
    if pair.tag != der::SEQUENCE {
        return Err(BadDer);
    }
    let mut inside = pair.inside();
    let kind = inside.expect(der::OID)?;
    let value = inside.any()?;
    inside.finish().map(|()| (kind, value))
}

/// Names of authorities have some 200 bytes; folding can turn one letter into 18.
const MAX_NORMALISED: usize = 8 << 10;
const UTF8_STRING: u8 = 0x0C;
/// 2.5.4.3
pub(super) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// 2.5.4.10
pub(super) const ORGANIZATION: &[u8] = &[0x55, 4, 10];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence, set_of};

    fn pair(kind: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        sequence(&[&element(der::OID, &[0x55, 4, kind]), &element(tag, value)])
    }

    fn name(parts: &[Vec<Vec<u8>>]) -> DistinguishedName {
        let sets: Vec<Vec<u8>> = parts.iter().map(|pairs| set_of(pairs.clone())).collect();
        DistinguishedName::new(&sequence(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    fn one(tag: u8, value: &[u8]) -> DistinguishedName {
        name(&[vec![pair(10, tag, value)]])
    }

    #[test]
    fn string_type_case_and_spaces_do_not_count() {
        let wide: Vec<u8> = "Lab Root".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let wider: Vec<u8> = "LAB ROOT".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        let known = one(0x0C, b"Lab Root");
        for (tag, value) in [
            (0x13, &b"Lab Root"[..]),
            (0x14, b"lab root"),
            (0x16, b"LAB ROOT"),
            (0x1E, &wide),
            (0x1C, &wider),
            (0x0C, b"  Lab   Root "),
            (0x0C, "Lab\u{3000}Root".as_bytes()),
            (0x0C, "Ｌａｂ Root".as_bytes()),
            (0x0C, "Lab\u{200B} Ro\u{AD}ot".as_bytes()),
            (0x0C, b"Lab\tRoot"),
        ] {
            assert_eq!(one(tag, value), known, "{tag:x} {value:?}");
        }
        let german = one(0x0C, "Straße der Ärzte".as_bytes());
        assert_eq!(one(0x14, b"STRASSE DER \xC4RZTE"), german);
        assert_eq!(one(0x0C, "stra\u{1E9E}e der A\u{308}rzte".as_bytes()), german);
        assert_eq!(one(0x0C, "ΟΔΟΣ".as_bytes()), one(0x0C, "οδος".as_bytes()));
        let chinese: Vec<u8> = "云岭市".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(one(0x1E, &chinese), one(0x0C, "云岭市".as_bytes()));
    }

    #[test]
    fn look_alikes_and_other_orders_are_others() {
        let known = one(0x0C, b"Lab Root");
        for other in [
            &b"LabRoot"[..],
            b"Lab Root 2",
            "Lаb Root".as_bytes(),
            "Lab Rооt".as_bytes(),
            b"Lab R0ot",
            b"",
        ] {
            assert_ne!(one(0x0C, other), known, "{other:?}");
        }
        assert_ne!(one(0x0C, "ı".as_bytes()), one(0x0C, b"i"));
        let (country, unit) = (pair(6, 0x13, b"CN"), pair(11, 0x0C, b"Lab"));
        let apart = name(&[vec![country.clone()], vec![unit.clone()]]);
        assert_ne!(apart, name(&[vec![unit.clone()], vec![country.clone()]]));
        let together = name(&[vec![country, unit]]);
        assert_ne!(apart, together);
        // The attributes of one RDN are a set: their order does not matter.
        let other = [pair(6, 0x0C, b"cn"), pair(11, 0x13, b"LAB")];
        let unsorted = element(der::SET, &[other[1].clone(), other[0].clone()].concat());
        assert_eq!(DistinguishedName::new(&sequence(&[&unsorted])), together);
        // Another attribute with the same text, and a value that is not a string.
        assert_ne!(name(&[vec![pair(3, 0x0C, b"Lab Root")]]), known);
        assert_ne!(one(0x04, b"lab root"), one(0x0C, b"lab root"));
        assert_ne!(one(0x04, b"lab root"), one(0x04, b"Lab root"));
    }

    #[test]
    fn what_has_no_normal_form_equals_its_own_bytes() {
        for (tag, value) in [
            (0x0C, &[0xFF][..]),
            (0x1E, &[0xD8, 0]),
            (0x1E, &[0, 65, 66]),
            (0x1C, &[0, 0, 0xD8, 0]),
            (0x0C, "a\u{FFFD}".as_bytes()),
        ] {
            let odd = one(tag, value);
            assert_eq!(odd, odd.clone());
            assert_ne!(odd, one(0x0C, b"a"), "{value:?}");
            assert_eq!(odd.is_within(&one(0x0C, b"a")), None);
        }
        let long = vec![b'a'; MAX_NORMALISED];
        assert_ne!(one(0x0C, &long), one(0x13, &long));
        assert_eq!(one(0x0C, &long), one(0x0C, &long));
        for bad in [&b""[..], b"\x30\x02\x31\x00", b"\x04\x00", b"\x30\x00\x00"] {
            let bad = DistinguishedName::new(bad);
            assert!(bad == bad.clone() && !bad.is_empty());
        }
        assert!(DistinguishedName::new(&sequence(&[])).is_empty());
    }

    #[test]
    fn a_name_is_within_those_that_it_begins_with() {
        let (country, unit) = (vec![pair(6, 0x13, b"CN")], vec![pair(11, 0x0C, b"Lab  One")]);
        let long = name(&[country.clone(), unit.clone()]);
        let wide: Vec<u8> = "LAB ONE".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let again = name(&[vec![pair(6, 0x0C, b"cn")], vec![pair(11, 0x1E, &wide)]]);
        for (name, tree, within) in [
            (&long, &name(std::slice::from_ref(&country)), true),
            (&long, &again, true),
            (&name(&[country]), &long, false),
            (&long, &name(&[unit]), false),
            (&long, &DistinguishedName::new(&sequence(&[])), true),
        ] {
            assert_eq!(name.is_within(tree), Some(within));
        }
        assert_eq!(long.text(&[0x55, 4, 11]).as_deref(), Some("Lab  One"));
        assert_eq!(long.text(COMMON_NAME), None);
    }
}
