//! Names and addresses of hosts to connect to, and networks of callers: one parser, one set of
//! rules.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host and a port, in one spelling: lower-case name, or address as it is usually written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Authority {
    name: String,
    port: u16,
}

impl Authority {
    /// Reads `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`; `usual` is the port when none is
    /// written.
    pub fn parse(text: &str, usual: u16) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (name, port) = rest.split_once(']')?;
                let address = name.parse::<Ipv6Addr>().ok()?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
                (address.to_string(), port)
            }
            None => {
                let (name, port) = match text.split_once(':') {
                    Some((name, port)) => (name, Some(port)),
                    None => (text, None),
                };
                (name.to_ascii_lowercase(), port)
            }
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
        let is_name = !name.is_empty()
            && name.len() <= 253
            && name.bytes().all(plain)
            && !name.starts_with('.')
            && !name.ends_with('.');
        let port = match port {
            None => usual,
            Some(port) => {
                let digits = port.bytes().all(|byte| byte.is_ascii_digit());
                let is_port = (1..=5).contains(&port.len()) && digits;
                port.parse().ok().filter(|port| is_port && *port != 0)?
            }
        };
        is_name.then_some(Self { name, port })
    }

    /// The name or address, without brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, always explicit.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The form in a request: without the port when it is the usual one.
    pub fn for_request(&self, usual: u16) -> String {
        let name =
            if self.name.contains(':') { format!("[{}]", self.name) } else { self.name.clone() };
        if self.port == usual { name } else { format!("{name}:{}", self.port) }
    }

    /// Whether it is a name and not an address in any of its spellings: the last label of a name
    /// is no number (WHATWG URL, 3.5), so that `127.1` and `0x7f.1` are none.
    pub fn is_name(&self) -> bool {
        let last = self.name.rsplit('.').next().unwrap_or_default();
        let digits = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        !self.name.contains(':') && !digits && !last.starts_with("0x")
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.for_request(0))
    }
}

/// The unit by which limits count callers: an IPv4 address, or an IPv6 network of 64 bits (RFC
/// 6177: the allocation of one customer).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address. `None` for `127.0.0.1` and `::1`, the addresses of the operator,
    /// and of all callers through a proxy that is not listed.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST) => None,
            short @ IpAddr::V4(_) => Some(Self(short)),
            IpAddr::V6(long) => {
                let [a, b, c, d, ..] = long.segments();
                Some(Self(IpAddr::from([a, b, c, d, 0, 0, 0, 0])))
            }
        }
    }
}

/// An address of this machine itself, or link-local. Clouds serve credentials there.
pub fn is_inside(address: IpAddr) -> bool {
    let shared = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    shared
        || match address {
            IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        }
}

/// A public unicast address.
///
/// Addresses of the special-purpose registries (RFC 6890) are not public: private, shared and
/// link-local networks, loopback, multicast, documentation, benchmarking, reserved ranges, and IPv6
/// addresses that embed an IPv4 address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

/// The allocated part of `2000::/3`, without its reserved ranges.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let given_out = (0x2000..=0x3fff).contains(&a);
    // 2001::/23 (Teredo and other protocols), 2001:db8::/32, 2002::/16 (6to4), 3fff::/20.
    let set_aside =
        matches!((a, b), (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff));
    given_out && !set_aside
}

/// An address of a private or shared network (RFC 1918, RFC 6598, RFC 4193), without those at which
/// clouds serve their credentials and metadata.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            let shared = a == 100 && (64..=127).contains(&b);
            (address.is_private() || shared) && address != CLOUD_V4
        }
        IpAddr::V6(address) => {
            let [a, b, ..] = address.segments();
            address.is_unique_local() && (a, b) != CLOUD_V6_NET && !CLOUD_V6.contains(&address)
        }
    }
}

/// Metadata service of Alibaba Cloud.
const CLOUD_V4: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
/// Services of Amazon: a whole network, `fd00:ec2::/32`.
const CLOUD_V6_NET: (u16, u16) = (0xfd00, 0xec2);
/// Metadata service of Google, Oracle, Alibaba and Scaleway.
const CLOUD_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
    Ipv6Addr::new(0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_belongs_to_somebody_is_public() {
        for public in [
            "1.1.1.1",
            "59.255.0.1",
            "100.63.9.9",
            "172.32.0.1",
            "192.1.2.3",
            "223.5.5.5",
            "2400:3200::1",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2606:4700::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn callers_are_counted_by_network_and_two_addresses_of_this_machine_are_not() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(of(here), None, "{here}");
        }
        assert!(of("127.0.0.2").is_some() && of("::2").is_some());
    }

    #[test]
    fn private_is_what_is_listed_as_private() {
        let is = |text: &str| is_private(text.parse().unwrap());
        for private in [
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "100.100.100.201",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0",
            "192.168.255.255",
            "fc00::",
            "fd00:ec3::254",
            "fd00:42::1",
            "fdff:ffff::1",
        ] {
            assert!(is(private) && !is_public(private.parse().unwrap()), "{private}");
        }
        for other in [
            "1.1.1.1",
            "0.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "::",
            "::1",
            "::a01:203",
            "::ffff:10.1.2.3",
            "64:ff9b::a01:203",
            "64:ff9b:1::1",
            "2002:a01:203::1",
            "2001:db8::1",
            "fbff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::23",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fd00:c1::a9fe:a9fe",
            "fd00:100::100:200",
            "fd00:42::42",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn a_name_is_no_address_in_disguise() {
        let is = |text: &str| Authority::parse(text, 443).is_some_and(|one| one.is_name());
        for name in ["hooks.example.org", "LOCALHOST", "a-1.b2", "1.example", "x_y.example:8443"] {
            assert!(is(name), "{name}");
        }
        for other in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "1.2.3.0x4",
            "[::1]",
            "[::ffff:127.0.0.1]:443",
        ] {
            assert!(!is(other), "{other}");
        }
        let shown = |text: &str| Authority::parse(text, 443).unwrap().to_string();
        assert_eq!((shown("A.test"), shown("[::1]:9")), ("a.test:443".into(), "[::1]:9".into()));
    }
}
