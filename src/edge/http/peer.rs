//! The other end of a connection, as far as the connection itself shows.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::problem::Problem;
use crate::base::digest::Digest;
use crate::base::network::Network;

/// The other end of a connection. The server attaches one to each request.
#[derive(Clone, Debug)]
pub(in crate::edge::http) struct Peer {
    /// Its address; none in tests without a connection.
    pub(in crate::edge::http) address: Option<IpAddr>,
    /// The network that limits count; none for proxies with many users, and for this machine.
    pub(in crate::edge::http) network: Option<Network>,
    /// SHA-256 of the certificate of the TLS connection.
    pub(in crate::edge::http) certificate: Option<Digest>,
    /// Whether it is a proxy whose certificate header is trusted.
    pub(in crate::edge::http) proxy: bool,
    /// Whether the server accepts client certificates at all.
    pub(in crate::edge::http) takes_certificates: bool,
}

const NOBODY: Peer = Peer {
    address: None,
    network: None,
    certificate: None,
    proxy: false,
    takes_certificates: false,
};

impl Peer {
    /// The peer that the server attached to a request.
    pub(in crate::edge::http) fn of<B>(request: &Request<B>) -> Self {
        Self::noted(request.extensions())
    }

    /// The same, for the parts of a request.
    pub(in crate::edge::http) fn noted(extensions: &Extensions) -> Self {
        extensions.get::<Self>().unwrap_or(&NOBODY).clone()
    }

    /// The certificate of the caller: that of the connection, or, behind a listed proxy, the one of
    /// its `Client-Cert` header (RFC 9440). From any other peer the header is an error and not
    /// ignored: either the peer lies, or a proxy is missing in the list.
    pub(in crate::edge::http) fn caller_certificate(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Digest>, Problem> {
        let header = single(headers, &CLIENT_CERT)?;
        match (self.proxy, header) {
            (false, None) => Ok(self.certificate),
            (false, Some(_)) => Err(NOT_A_PROXY),
            // The proxy's own certificate is not the caller's.
            (true, None) => Ok(None),
            (true, Some(text)) => {
                let inner = text.strip_prefix(':').and_then(|text| text.strip_suffix(':'));
                let der = inner.and_then(|text| STANDARD.decode(text).ok());
                let der = der.filter(|der| !der.is_empty()).ok_or(BAD_HEADER)?;
                Ok(Some(Digest::of(&[&der])))
            }
        }
    }

    /// The same for one of its requests: for a listed proxy, limits count the network that it
    /// forwards the request for.
    pub(in crate::edge::http) fn of_request(
        &self,
        proxies: &[IpAddr],
        headers: &HeaderMap,
    ) -> Self {
        let network = if self.proxy {
            forwarded_for(proxies, headers).and_then(Network::of)
        } else {
            self.network
        };
        Self { network, ..self.clone() }
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::noted(&parts.extensions))
    }
}

/// The last address that a proxy recorded and that is no proxy's itself: anything before it is the
/// caller's claim. `X-Forwarded-For`, or `Forwarded` (RFC 7239) when that is absent.
fn forwarded_for(proxies: &[IpAddr], headers: &HeaderMap) -> Option<IpAddr> {
    let last = |name: &str, read: fn(&str) -> Option<&str>| {
        let lines = headers.get_all(name).iter().rev();
        let entries = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        // An unreadable element ends the search: nothing before it is reliable.
        let addresses = entries.map_while(|entry| address(read(entry)?));
        addresses.map(|address| address.to_canonical()).find(|one| !proxies.contains(one))
    };
    last("x-forwarded-for", |entry| Some(entry)).or_else(|| last("forwarded", node))
}

/// `for=` of one element of `Forwarded`.
fn node(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    })
}

/// `192.0.2.1`, `192.0.2.1:8080`, `2001:db8::1`, `[2001:db8::1]`, `"[2001:db8::1]:8080"`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port).or_else(bare)
}

/// The value of a header that may occur once only. Two readers would use different ones.
pub(in crate::edge::http) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(BAD_HEADER);
    }
    first.map(|value| value.to_str().map_err(|_| BAD_HEADER)).transpose()
}

static CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

pub(super) const BAD_HEADER: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_header",
    "请求头重复或格式错误（Authorization、DPoP、Client-Cert）",
    "A header is repeated or malformed (Authorization, DPoP, Client-Cert)",
);
pub(super) const NOT_A_PROXY: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "not_a_proxy",
    "只有用 --trusted-proxy 登记的代理可以发送 Client-Cert",
    "Only a proxy that is listed with --trusted-proxy may send Client-Cert",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_in_a_header_is_believed_of_listed_proxies_alone() {
        let own = Digest::of(&[b"own"]);
        let peer = |proxy| Peer { proxy, certificate: Some(own), ..NOBODY };
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("client-cert", value.parse().unwrap());
            }
            headers
        };
        let read = |proxy, values: &[&str]| peer(proxy).caller_certificate(&headers(values)).ok();
        assert_eq!(read(false, &[]), Some(Some(own)));
        assert_eq!(read(true, &[]), Some(None));
        assert_eq!(read(true, &[":YWJj:"]), Some(Some(Digest::of(&[b"abc"]))));
        assert_eq!(read(false, &[":YWJj:"]), None);
        for bad in ["YWJj", ":YWJj", "::", ":YWJj:;a=b", ":YW Jj:", ":YWJjZA:", "\u{7}"] {
            let value = axum::http::HeaderValue::from_bytes(bad.as_bytes());
            let Ok(value) = value else { continue };
            let mut headers = HeaderMap::new();
            headers.insert("client-cert", value);
            assert!(peer(true).caller_certificate(&headers).is_err(), "{bad}");
        }
        assert_eq!(read(true, &[":YWJj:", ":YWJj:"]), None);
    }

    #[test]
    fn limits_count_whom_a_listed_proxy_speaks_for() {
        let proxies: Vec<IpAddr> = vec!["127.0.0.1".parse().unwrap(), "192.0.2.9".parse().unwrap()];
        let network = |text: &str| Network::of(text.parse().unwrap());
        let counted = |proxy: bool, headers: &[(&str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            let own = network("198.51.100.1").filter(|_| !proxy);
            Peer { proxy, network: own, ..NOBODY }.of_request(&proxies, &map).network
        };
        let (xff, forwarded) = ("x-forwarded-for", "forwarded");
        let (one, long) = (network("192.0.2.1"), network("2001:db8::1"));
        for (headers, right) in [
            (&[(xff, "192.0.2.1")][..], one),
            (&[(xff, "203.0.113.5, 192.0.2.1")], one),
            (&[(xff, "203.0.113.5"), (xff, "192.0.2.1:4711")], one),
            // One proxy behind the other.
            (&[(xff, "203.0.113.5, 192.0.2.1, 192.0.2.9")], one),
            (&[(xff, "[2001:db8::1]:80")], long),
            (&[(forwarded, "for=203.0.113.5, proto=https;For=\"[2001:db8::1]:47\";by=a")], long),
            (&[(xff, "192.0.2.1"), (forwarded, "for=203.0.113.5")], one),
            (&[(xff, "192.0.2.1, unknown")], None),
            (&[(forwarded, "for=192.0.2.1, for=_hidden")], None),
            (&[(xff, "")], None),
            (&[], None),
        ] {
            assert_eq!(counted(true, headers), right, "{headers:?}");
            // A stranger's header is ignored.
            assert_eq!(counted(false, headers), network("198.51.100.1"), "{headers:?}");
        }
    }
}
