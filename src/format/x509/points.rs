//! Where an issuer publishes revocation data (RFC 5280, 4.2.1.13 and 4.2.2.1), or that it publishes
//! none (RFC 9608).

use super::name::DistinguishedName;
use crate::format::der::{self, BadDer, Element, Reader};

/// Where the revocation data of a certificate is published, as it states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Points {
    lists: Vec<ListPoint>,
    responders: Vec<String>,
    none_available: bool,
}

/// One CRL distribution point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPoint {
    /// Full names of the point.
    pub names: Vec<PointName>,
    /// Whether its lists are the issuer's own and cover all reasons. Others cannot show that a
    /// certificate is good, and are not used.
    pub is_whole: bool,
}

/// A name of a distribution point, compared as in RFC 5280, 7.1 and 7.4.
#[derive(Clone, Debug)]
pub enum PointName {
    /// uniformResourceIdentifier: scheme and authority without regard to case.
    Uri(String),
    /// directoryName.
    Directory(DistinguishedName),
    /// Any other, by its bytes.
    Other(Vec<u8>),
}

impl PointName {
    fn read(name: Element<'_>) -> Self {
        let text = || std::str::from_utf8(name.content).ok().filter(|text| text.is_ascii());
        let directory = || name.only().ok().filter(|one| one.tag == der::SEQUENCE);
        match name.tag {
            URI if text().is_some() => Self::Uri(text().unwrap_or_default().to_owned()),
            DIRECTORY if let Some(one) = directory() => {
                Self::Directory(DistinguishedName::new(one.raw))
            }
            _ => Self::Other(name.raw.to_vec()),
        }
    }
}

impl PartialEq for PointName {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uri(one), Self::Uri(other)) => {
                let ((host, path), (its_host, its_path)) = (place(one), place(other));
                host.eq_ignore_ascii_case(its_host) && path == its_path
            }
            (Self::Directory(one), Self::Directory(other)) => one == other,
            (Self::Other(one), Self::Other(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for PointName {}

/// Scheme and authority, and the rest.
fn place(uri: &str) -> (&str, &str) {
    let begin = uri.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = uri.get(begin..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    uri.split_at_checked(begin.saturating_add(end)).unwrap_or((uri, ""))
}

impl Points {
    /// Reads an extension of a certificate of this issuer; returns whether it is one of these.
    pub(super) fn extension(
        &mut self,
        oid: &[u8],
        value: &[u8],
        issuer: &DistinguishedName,
    ) -> Result<bool, BadDer> {
        match oid {
            CRL_DISTRIBUTION_POINTS => self.lists = lists(value, issuer)?,
            AUTHORITY_INFORMATION => self.responders = responders(value)?,
            NO_REVOCATION_AVAILABLE => self.none_available = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The points of lists.
    pub fn lists(&self) -> &[ListPoint] {
        &self.lists
    }

    /// Addresses of full lists.
    pub fn list_addresses(&self) -> impl Iterator<Item = &str> {
        let whole = self.lists.iter().filter(|point| point.is_whole);
        whole.flat_map(|point| &point.names).filter_map(|name| match name {
            PointName::Uri(uri) => Some(uri.as_str()),
            _ => None,
        })
    }

    /// Addresses of OCSP responders.
    pub fn responders(&self) -> &[String] {
        &self.responders
    }

    /// Whether the issuer states that it will never publish revocation data for this certificate,
    /// and names no place of publication (RFC 9608, 2 and 4).
    pub fn publishes_nothing(&self) -> bool {
        self.none_available && self.lists.is_empty() && self.responders.is_empty()
    }
}

fn lists(value: &[u8], own: &DistinguishedName) -> Result<Vec<ListPoint>, BadDer> {
    let mut outer = Reader::new(value);
    let mut points = outer.expect(der::SEQUENCE)?.inside();
    outer.finish()?;
    let mut lists = Vec::new();
    while points.peek().is_some() {
        let mut point = points.expect(der::SEQUENCE)?.inside();
        let names = point.optional(der::CONTEXT_0)?.map(point_names).transpose()?;
        let reasons = point.optional(SOME_REASONS)?;
        let issuer = point.optional(der::CONTEXT_2)?;
        point.finish()?;
        // An issuer that names itself as the CRL issuer means itself.
        let own = PointName::Directory(own.clone());
        let is_own =
            issuer.is_none_or(|issuer| general_names(issuer).is_ok_and(|all| all.contains(&own)));
        let is_whole = reasons.is_none() && is_own;
        lists.push(ListPoint { names: names.unwrap_or_default(), is_whole });
    }
    Ok(lists)
}

/// The full names of a `DistributionPointName`; none for one that is relative to its issuer.
pub fn point_names(name: Element<'_>) -> Result<Vec<PointName>, BadDer> {
    let name = name.only()?;
    match name.tag {
        der::CONTEXT_0 => general_names(name),
        der::CONTEXT_1 => Ok(Vec::new()),
        _ => Err(BadDer),
    }
}

fn general_names(list: Element<'_>) -> Result<Vec<PointName>, BadDer> {
    let (mut names, mut inside) = (Vec::new(), list.inside());
    while inside.peek().is_some() {
        names.push(PointName::read(inside.any()?));
    }
    Ok(names)
}

fn responders(value: &[u8]) -> Result<Vec<String>, BadDer> {
    let mut outer = Reader::new(value);
    let mut descriptions = outer.expect(der::SEQUENCE)?.inside();
    outer.finish()?;
    let mut found = Vec::new();
    while descriptions.peek().is_some() {
        let mut description = descriptions.expect(der::SEQUENCE)?.inside();
        let method = description.expect(der::OID)?.content;
        let location = description.any()?;
        description.finish()?;
        if method == OCSP {
            found.extend(uri(location.raw).map(str::to_owned));
        }
    }
    Ok(found)
}

/// The text of a `uniformResourceIdentifier`.
fn uri(name: &[u8]) -> Option<&str> {
    let name = Reader::new(name).any().ok().filter(|name| name.tag == URI)?;
    std::str::from_utf8(name.content).ok().filter(|text| text.is_ascii())
}

/// 2.5.29.31
const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1D, 31];
/// 1.3.6.1.5.5.7.1.1
const AUTHORITY_INFORMATION: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 1, 1];
/// 2.5.29.56
const NO_REVOCATION_AVAILABLE: &[u8] = &[0x55, 0x1D, 56];
/// 1.3.6.1.5.5.7.48.1
const OCSP: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1];
/// `[1] ReasonFlags`.
const SOME_REASONS: u8 = 0x81;
/// `[6]`, an `IA5String`.
const URI: u8 = 0x86;
/// `[4]`, explicit.
const DIRECTORY: u8 = 0xA4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    fn point(parts: &[&[u8]]) -> Vec<u8> {
        sequence(parts)
    }

    fn full(uris: &[&str]) -> Vec<u8> {
        let names: Vec<u8> = uris.iter().flat_map(|one| element(URI, one.as_bytes())).collect();
        element(der::CONTEXT_0, &element(der::CONTEXT_0, &names))
    }

    #[test]
    fn addresses_are_those_of_whole_lists_and_of_responders() {
        let name = |tag, text: &[u8]| {
            let pair = sequence(&[&element(der::OID, &[0x55, 4, 3]), &element(tag, text)]);
            sequence(&[&element(der::SET, &pair)])
        };
        let own = &DistinguishedName::new(&name(0x13, b"Lab CA"));
        let whole = full(&["http://a.test/1", "ldap://a.test/1"]);
        let some = [full(&["http://b.test/2"]), element(SOME_REASONS, &[1, 0x40])].concat();
        let other = [full(&["http://c.test/3"]), element(der::CONTEXT_2, &[])].concat();
        let relative = element(der::CONTEXT_0, &element(der::CONTEXT_1, &[]));
        // The issuer's own name, in another string type, means the same as no name.
        let itself = element(der::CONTEXT_2, &element(DIRECTORY, &name(0x0C, b"lab  ca")));
        let itself = [full(&["http://f.test/4"]), itself].concat();
        let points = [whole, some, other, relative, itself];
        let value =
            sequence(&points.each_ref().map(|one| point(&[one])).each_ref().map(|one| &one[..]));
        let mut read = Points::default();
        assert_eq!(read.extension(CRL_DISTRIBUTION_POINTS, &value, own), Ok(true));
        let addresses: Vec<_> = read.list_addresses().collect();
        assert_eq!(addresses, ["http://a.test/1", "ldap://a.test/1", "http://f.test/4"]);
        assert_eq!(read.lists().len(), 5);
        let describe = |method: &[u8], place: &str| {
            sequence(&[&element(der::OID, method), &element(URI, place.as_bytes())])
        };
        let issuers = [&OCSP[..7], &[2]].concat();
        let value =
            sequence(&[&describe(&issuers, "http://d.test"), &describe(OCSP, "http://e.test")]);
        assert_eq!(read.extension(AUTHORITY_INFORMATION, &value, own), Ok(true));
        assert_eq!(read.responders(), ["http://e.test"]);
        assert_eq!(read.extension(&[0x55, 0x1D, 15], &value, own), Ok(false));
        assert_eq!(read.extension(CRL_DISTRIBUTION_POINTS, &[4, 0], own), Err(BadDer));
    }

    #[test]
    fn nothing_is_published_when_it_is_said_and_nowhere_denied() {
        let (mut read, own) = (Points::default(), &DistinguishedName::new(&[]));
        assert!(!read.publishes_nothing());
        read.extension(NO_REVOCATION_AVAILABLE, &[5, 0], own).unwrap();
        assert!(read.publishes_nothing());
        let value = sequence(&[&point(&[&full(&["http://a.test"])])]);
        read.extension(CRL_DISTRIBUTION_POINTS, &value, own).unwrap();
        assert!(!read.publishes_nothing());
    }
    #[test]
    fn a_place_is_the_same_in_other_letters_of_its_host() {
        let uri = |text: &str| PointName::Uri(text.to_owned());
        assert_eq!(uri("HTTP://A.test/Crl"), uri("http://a.TEST/Crl"));
        for other in ["http://a.test/crl", "http://b.test/Crl", "https://a.test/Crl", "a.test/Crl"]
        {
            assert_ne!(uri("http://a.test/Crl"), uri(other));
        }
    }
}
