//! The certificates that a list covers (issuing distribution point, RFC 5280, 5.2.5).

use crate::format::der::{self, BadDer, Reader};
use crate::format::x509::{Certificate, PointName, point_names};

/// The scope of a list that does not cover all certificates of its issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The names of the distribution point that it is for; `None` when it is for all.
    names: Option<Vec<PointName>>,
    only: Option<Only>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Users,
    Authorities,
}

/// Why a list cannot show that a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Useless(pub(super) &'static str);

impl Scope {
    /// Parses the value of the extension.
    pub(super) fn read(value: &[u8]) -> Result<Self, Useless> {
        let mut outer = Reader::new(value);
        let mut fields = outer.expect(der::SEQUENCE)?.inside();
        outer.finish()?;
        let names = fields.optional(der::CONTEXT_0)?.map(point_names).transpose()?;
        let users = flag(&mut fields, ONLY_USERS)?;
        let authorities = flag(&mut fields, ONLY_AUTHORITIES)?;
        let some_reasons = fields.optional(ONLY_SOME_REASONS)?;
        let indirect = flag(&mut fields, INDIRECT)?;
        let attributes = flag(&mut fields, ONLY_ATTRIBUTES)?;
        fields.finish()?;
        if indirect {
            return Err(Useless("an indirect list"));
        }
        if some_reasons.is_some() {
            return Err(Useless("a partial list, of some reasons alone"));
        }
        if attributes {
            return Err(Useless("a partial list, of attribute certificates"));
        }
        let only = match (users, authorities) {
            (true, true) => return Err(Useless("a list of nobody")),
            (true, false) => Some(Only::Users),
            (false, true) => Some(Only::Authorities),
            (false, false) => None,
        };
        match &names {
            Some(names) if names.len() > MAX_NAMES => {
                Err(Useless("a list with more places than it can be at"))
            }
            Some(names) if names.is_empty() => Err(Useless("a list whose place has no full name")),
            None if only.is_none() => Err(Useless("an empty issuing distribution point")),
            _ => Ok(Self { names, only }),
        }
    }

    /// Whether the list covers this certificate (6.3.3, b, 2): of its kind, and published at a
    /// distribution point of the certificate or, when it has none, under its issuer's name.
    pub(super) fn covers(&self, certificate: &Certificate) -> bool {
        let is_authority = certificate.authority().is_some();
        let of_its_kind = match self.only {
            None => true,
            Some(Only::Users) => !is_authority,
            Some(Only::Authorities) => is_authority,
        };
        let is_there = self.names.as_ref().is_none_or(|own| {
            let points = certificate.points().lists();
            let named = |name: &PointName| own.contains(name);
            let whole = points.iter().filter(|point| point.is_whole);
            let by_issuer = || named(&PointName::Directory(certificate.issuer().clone()));
            whole.flat_map(|point| &point.names).any(named) || (points.is_empty() && by_issuer())
        });
        of_its_kind && is_there
    }
}

/// A flag that is true, or absent, as in DER.
fn flag(fields: &mut Reader<'_>, tag: u8) -> Result<bool, BadDer> {
    match fields.optional(tag)? {
        None => Ok(false),
        Some(flag) if flag.content == [0xFF] => Ok(true),
        Some(_) => Err(BadDer),
    }
}

impl From<BadDer> for Useless {
    fn from(_: BadDer) -> Self {
        Self("a malformed issuing distribution point")
    }
}

/// 2.5.29.28
pub(super) const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1D, 28];
const ONLY_USERS: u8 = 0x81;
const ONLY_AUTHORITIES: u8 = 0x82;
const ONLY_SOME_REASONS: u8 = 0x83;
const INDIRECT: u8 = 0x84;
const ONLY_ATTRIBUTES: u8 = 0x85;
/// Real lists have two or three; each is compared with each distribution point of a certificate.
const MAX_NAMES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::der::{element, sequence};

    #[test]
    fn what_cannot_clear_anyone_is_refused() {
        let place = element(der::CONTEXT_0, &element(der::CONTEXT_0, &element(0x86, b"http://a")));
        let relative = element(der::CONTEXT_0, &element(der::CONTEXT_1, &[]));
        let flag = |tag| element(tag, &[0xFF]);
        let read = |parts: &[&[u8]]| Scope::read(&sequence(parts));
        assert_eq!(read(&[&place]).unwrap().only, None);
        assert_eq!(read(&[&flag(ONLY_USERS)]).unwrap().only, Some(Only::Users));
        let both = read(&[&place, &flag(ONLY_AUTHORITIES)]).unwrap();
        assert_eq!((both.only, both.names.unwrap().len()), (Some(Only::Authorities), 1));
        for (bad, why) in [
            (&[&place[..], &flag(INDIRECT)][..], "indirect"),
            (&[&place, &element(ONLY_SOME_REASONS, &[1, 0x40])], "some reasons"),
            (&[&flag(ONLY_ATTRIBUTES)], "attribute"),
            (&[&flag(ONLY_USERS), &flag(ONLY_AUTHORITIES)], "nobody"),
            (&[&relative], "no full name"),
            (&[], "empty"),
            (&[&element(ONLY_USERS, &[0])], "malformed"),
            (&[&flag(INDIRECT), &flag(ONLY_USERS)], "malformed"),
            (&[&place, &element(0x86, &[])], "malformed"),
        ] {
            let Useless(said) = read(bad).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
