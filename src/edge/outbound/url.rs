//! The address of a server and of something there.

use crate::base::network::Authority;
use crate::domain::webhooks::HookUrl;

/// An `http://` or `https://` address, parsed so that every program would read the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    secure: bool,
    authority: Authority,
    target: String,
}

impl Url {
    /// Parses an address. Anything that two programs could read as two hosts is refused.
    pub fn parse(address: &str) -> Option<Self> {
        let plain = address.len() <= LONGEST
            && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#".contains(&byte));
        let (scheme, rest) = address.split_once("://").filter(|_| plain)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let (host, target) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        let authority = Authority::parse(host, usual_port(secure))?;
        let slash = if target.starts_with('/') { "" } else { "/" };
        Some(Self { secure, authority, target: format!("{slash}{target}") })
    }

    /// Whether it is reached over TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Host and port.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Path and query, for a request.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The target of a path below this address, which may have a path of its own.
    pub fn below(&self, path: &str) -> String {
        format!("{}{path}", self.target.trim_end_matches('/'))
    }

    /// Host, and port if needed, for a request.
    pub(super) fn host(&self) -> String {
        self.authority.for_request(usual_port(self.secure))
    }
}

impl From<&HookUrl> for Url {
    fn from(url: &HookUrl) -> Self {
        Self { secure: true, authority: url.authority().clone(), target: url.path().to_owned() }
    }
}

const fn usual_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// Addresses in certificates have some eighty characters.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_at_the_host_that_is_written() {
        let host = |text: &str| Authority::parse(text, 80);
        let is = |listed: &str, address: &str| {
            Url::parse(address).is_some_and(|url| {
                !url.is_secure() && host(listed).as_ref() == Some(url.authority())
            })
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
            ("crl.example.test:443", "https://crl.example.test/a.crl"),
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
            assert_eq!(host(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_request_names_the_host_as_it_is_listed() {
        let url = |address: &str| Url::parse(address).unwrap();
        assert_eq!(url("http://A.test?x").target(), "/?x");
        assert_eq!(url("http://A.test/b").host(), "a.test");
        assert_eq!(url("http://[::1]:8080").host(), "[::1]:8080");
        assert_eq!(url("https://a.test:443").host(), "a.test");
        assert_eq!(url("https://a.test:80/").host(), "a.test:80");
        assert_eq!(url("https://a.test").below("/v1?x"), "/v1?x");
        assert_eq!(url("https://a.test/b/c").below("/v1"), "/b/c/v1");
        let hook = HookUrl::parse("https://hooks.example.org:8443/in").unwrap();
        assert_eq!(Some(Url::from(&hook)), Url::parse(&hook.to_string()));
    }
}
