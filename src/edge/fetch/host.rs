//! The hosts that may be contacted, and the addresses in untrusted certificates.

use std::fmt;
use std::net::IpAddr;

use crate::base::network::{Authority, is_inside};

/// A host that the operator named: `HOST`, `HOST:PORT`, `[IPv6]:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(Authority);

/// The text names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a host such as crl.example.org or 192.0.2.1:8080: {0:?}")]
pub struct BadHost(pub String);

/// An `http://` address, parsed so that every program would read the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    authority: Authority,
    target: String,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Host {
    /// Parses the operator's text; without a port it is 80.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        Authority::parse(text, HTTP).map(Self).ok_or_else(|| BadHost(text.to_owned()))
    }

    /// Whether a place is at this host and port.
    pub fn is(&self, place: &Place) -> bool {
        self.0 == place.authority
    }

    /// Whether the name may resolve to this address: to this machine and its link only when the
    /// operator wrote so.
    pub(super) fn may_lead_to(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let written =
            self.0.name().parse::<IpAddr>().is_ok_and(|own| own.to_canonical() == address);
        let itself = self.0.name() == "localhost" && address.is_loopback();
        written || itself || !is_inside(address)
    }
}

impl Place {
    /// Parses an address. Anything that two programs could read as two hosts is refused.
    pub fn parse(address: &str) -> Result<Self, BadHost> {
        let bad = || BadHost(address.to_owned());
        let plain = address.len() <= LONGEST
            && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#".contains(&byte));
        let (scheme, rest) = address.split_once("://").filter(|_| plain).ok_or_else(bad)?;
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(bad());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, target) = rest.split_at_checked(end).ok_or_else(bad)?;
        let authority = Authority::parse(host, HTTP).ok_or_else(bad)?;
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { authority, target: format!("{slash}{target}") })
    }

    pub(super) fn name(&self) -> &str {
        self.authority.name()
    }

    pub(super) fn port(&self) -> u16 {
        self.authority.port()
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// Host and port for a request.
    pub(super) fn authority(&self) -> String {
        self.authority.for_request(HTTP)
    }
}

const HTTP: u16 = 80;
/// Addresses in certificates have some eighty characters.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_at_the_host_that_is_written() {
        let host = |text: &str| Host::parse(text).unwrap();
        let is = |listed: &str, address: &str| {
            Place::parse(address).is_ok_and(|place| host(listed).is(&place))
        };
        for (listed, address) in [
            ("crl.example.test", "http://crl.example.test/a.crl"),
            ("CRL.example.test:80", "HTTP://crl.EXAMPLE.test"),
            ("crl.example.test", "http://crl.example.test:80?x=http://other.test/"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/crl"),
            ("[::1]:99", "http://[0:0:0:0:0:0:0:1]:99/"),
        ] {
            assert!(is(listed, address), "{listed} {address}");
        }
        for (listed, address) in [
            ("crl.example.test", "https://crl.example.test/a.crl"),
            ("crl.example.test", "ldap://crl.example.test/a.crl"),
            ("crl.example.test", "http://crl.example.test:8080/"),
            ("crl.example.test", "http://a.crl.example.test/"),
            ("crl.example.test", "http://crl.example.test.other.test/"),
            ("crl.example.test", "http://crl.example.test@other.test/"),
            ("crl.example.test", "http://other.test@crl.example.test/"),
            ("crl.example.test", "http://other.test\\@crl.example.test/"),
            ("crl.example.test", "http://other.test#@crl.example.test/"),
            ("crl.example.test", "http://crl.example.test\r\nHost: x/"),
            ("crl.example.test", "http://crl.example.test/a b"),
            ("crl.example.test", "http://crl.example.test./"),
            ("crl.example.test", "http:///crl.example.test/"),
            ("crl.example.test", "//crl.example.test/"),
            ("127.0.0.1", "http://127.1/"),
            ("127.0.0.1", "http://2130706433/"),
        ] {
            assert!(!is(listed, address), "{listed} {address}");
        }
        for bad in [
            "", ":80", "a:", "a:0", "a:99999", "a:+8", "a b", "http://a", "a/", "[::1", "[a]",
            "::1",
        ] {
            assert!(Host::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_leads_inside_only_when_that_is_written() {
        let may = |listed: &str, address: &str| {
            Host::parse(listed).unwrap().may_lead_to(address.parse().unwrap())
        };
        for address in ["192.0.2.7", "10.0.0.7", "2001:db8::7", "fd00::7"] {
            assert!(may("crl.example.test", address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "::1",
            "0.0.0.0",
            "169.254.169.254",
            "fe80::1",
            "::ffff:127.0.0.1",
            "224.0.0.1",
        ] {
            assert!(!may("crl.example.test", address), "{address}");
        }
        assert!(may("127.0.0.1", "127.0.0.1") && !may("127.0.0.1", "127.0.0.2"));
        assert!(may("localhost", "127.0.0.1") && may("localhost", "::1"));
        assert!(!may("localhost", "169.254.169.254") && may("169.254.169.254", "169.254.169.254"));
    }

    #[test]
    fn a_request_names_the_host_as_it_is_listed() {
        let place = |address: &str| Place::parse(address).unwrap();
        assert_eq!(place("http://A.test?x").target(), "/?x");
        assert_eq!(place("http://A.test/b").authority(), "a.test");
        assert_eq!(place("http://[::1]:8080").authority(), "[::1]:8080");
    }
}
