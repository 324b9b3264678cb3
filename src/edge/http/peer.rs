//! Who is at the other end of a connection, as far as the connection itself tells.

use std::net::IpAddr;

use axum::http::{Extensions, HeaderMap, HeaderName, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::problem::Problem;
use crate::base::digest::Digest;

/// The other end of a connection. The server puts one into each request.
#[derive(Clone, Debug)]
pub(in crate::edge::http) struct Peer {
    /// Its address; none in tests without a connection.
    pub(in crate::edge::http) address: Option<IpAddr>,
    /// SHA-256 of the certificate with which it made the TLS connection.
    pub(in crate::edge::http) certificate: Option<Digest>,
    /// Whether it is a proxy whose word about certificates is believed.
    pub(in crate::edge::http) proxy: bool,
    /// Whether clients can come with certificates at all.
    pub(in crate::edge::http) takes_certificates: bool,
}

const NOBODY: Peer =
    Peer { address: None, certificate: None, proxy: false, takes_certificates: false };

impl Peer {
    /// The one that the server noted in a request.
    pub(in crate::edge::http) fn of<B>(request: &Request<B>) -> Self {
        Self::noted(request.extensions())
    }

    /// The same, of a request that was taken apart.
    pub(in crate::edge::http) fn noted(extensions: &Extensions) -> Self {
        extensions.get::<Self>().unwrap_or(&NOBODY).clone()
    }

    /// The certificate of the caller: that of the connection, or, behind a proxy that is listed, the
    /// one of its `Client-Cert` header (RFC 9440). From anyone else the header is refused and not
    /// passed over: either somebody lies, or a proxy is missing in the list.
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

    /// By what wrong tries are counted: an address, or a network of 64 bits (RFC 6177: what one
    /// customer has). None for those behind whom many stand, and for this machine.
    pub(in crate::edge::http) fn counted_as(&self) -> Option<IpAddr> {
        let address = self.address.filter(|address| !self.proxy && !address.is_loopback())?;
        Some(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(long) => {
                let [a, b, c, d, ..] = long.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
        })
    }
}

/// The value of a header that may stand once only. Two readers would follow different ones.
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

const BAD_HEADER: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_header",
    "请求头重复或格式错误（Authorization、DPoP、Client-Cert）",
    "A header is repeated or malformed (Authorization, DPoP, Client-Cert)",
);
const NOT_A_PROXY: Problem = Problem::new(
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
    fn wrong_tries_are_counted_by_network_and_not_for_those_who_speak_for_many() {
        let peer = |text: &str, proxy| {
            Peer { address: Some(text.parse().unwrap()), proxy, ..NOBODY }.counted_as()
        };
        assert_eq!(peer("2001:db8:1:2:3:4:5:6", false), peer("2001:db8:1:2::1", false));
        assert_ne!(peer("2001:db8:1:2::1", false), peer("2001:db8:1:3::1", false));
        assert!(peer("192.0.2.1", false).is_some());
        assert!(peer("192.0.2.1", true).is_none() && peer("127.0.0.1", false).is_none());
    }
}
