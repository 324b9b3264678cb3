//! A destination: an address to which changes are sent, registered by an administrator.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::base::localized::Localized;
use crate::base::network::{Authority, is_private, is_public};
use crate::base::time::Timestamp;
use crate::domain::access::ClientName;

/// A registered destination. Its JSON form is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Its name, formed like that of a client.
    pub name: ClientName,
    /// The client whose rights decide what it receives.
    pub client: ClientName,
    /// Address that messages are posted to.
    pub url: HookUrl,
    /// The only trusted roots for it, in PEM; without them, the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<String>,
    /// Whether messages are sent.
    pub state: State,
    /// When it was registered.
    pub since: Timestamp,
    /// Events in the journal at registration: earlier ones are not sent.
    pub first: u64,
}

/// Whether messages are sent to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Messages are sent.
    Active,
    /// Paused until an administrator resumes it; it then continues where it stopped.
    Paused,
    /// The receiver answered 410 Gone. Treated like paused.
    Disabled,
    /// Removed permanently. The name may be used again.
    Removed,
}

/// `https://host[:port][/path]`. No user name, no query and no fragment: the address is stored in
/// journals and listed, so it must not contain secrets, and all programs must read the same host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HookUrl {
    authority: Authority,
    path: String,
}

/// Whether a destination may be connected to at an address of its name.
///
/// A public address always may. One of a private network may when an administrator listed the
/// destination's host and port; this machine itself only when the listed host is `localhost`. Other
/// addresses never may: the operator of the name's DNS must not be able to choose neighbours, a
/// cloud's metadata service, or IPv6 forms of any of these.
pub fn may_lead_to(to: &Authority, address: IpAddr, listed: &[Authority]) -> bool {
    let plain = address.to_canonical();
    let itself = to.name() == "localhost" && plain.is_loopback();
    is_public(address) || listed.contains(to) && (itself || is_private(plain))
}

/// A fault of a destination; the text includes its remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct BadDestination(pub Localized);

/// The present state does not allow the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is {0} already")]
pub struct NotAllowed(pub &'static str);

/// A change of state, by an administrator or by a receiver's 410.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Pause.
    Pause,
    /// Resume where it stopped.
    Resume,
    /// The receiver answered 410 Gone.
    Disable,
    /// Remove permanently.
    Remove,
}

impl State {
    /// Name of the change, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
            Self::Removed => "removed",
        }
    }

    /// The next state. Removed is final.
    pub const fn after(self, turn: Turn) -> Result<Self, NotAllowed> {
        match (self, turn) {
            (Self::Active, Turn::Pause) => Ok(Self::Paused),
            (Self::Active, Turn::Disable) => Ok(Self::Disabled),
            // Of an active one: it tries again now.
            (Self::Active | Self::Paused | Self::Disabled, Turn::Resume) => Ok(Self::Active),
            (Self::Active | Self::Paused | Self::Disabled, Turn::Remove) => Ok(Self::Removed),
            (state, _) => Err(NotAllowed(state.name())),
        }
    }
}

impl HookUrl {
    /// Parses an address. Anything that two programs could read as two hosts is refused, and so are
    /// numeric addresses: a certificate names a host.
    pub fn parse(text: &str) -> Result<Self, BadDestination> {
        let bad = |zh: &str, en: &str| {
            Err(BadDestination(Localized::new(
                format!("地址 {text:?}：{zh}。请写作 https://hooks.example.org/path"),
                format!("the address {text:?}: {en}. Write it as https://hooks.example.org/path"),
            )))
        };
        let Some(rest) = text.strip_prefix("https://") else {
            return bad("不是 https", "not https");
        };
        if text.len() > LONGEST {
            return bad("超过 500 个字符", "longer than 500 characters");
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let Some(authority) = Authority::parse(host, HTTPS).filter(Authority::is_name) else {
            return bad("没有单独的或带端口的主机名", "no host name, alone or with a port");
        };
        // Unreserved characters, what RFC 3986, 3.3 allows in a path besides, and percent signs.
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte);
        if !path.bytes().all(plain) {
            return bad(
                "有查询、片段或路径中不能有的字符",
                "a query, a fragment, or a character that a path does not have",
            );
        }
        // RFC 1035, 2.3.4: no name of another form can be resolved.
        if authority.name().split('.').any(|label| !(1..=LABEL).contains(&label.len())) {
            return bad(
                "主机名有一段为空或超过 63 个字符",
                "a part of the host name is empty or longer than 63 characters",
            );
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { authority, path: path.to_owned() })
    }

    /// Host and port of the address.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The path, with its leading slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host, and port if needed, for a request.
    pub fn host(&self) -> String {
        self.authority.for_request(HTTPS)
    }
}

impl fmt::Display for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}{}", self.host(), self.path)
    }
}

impl TryFrom<String> for HookUrl {
    type Error = BadDestination;

    fn try_from(text: String) -> Result<Self, BadDestination> {
        Self::parse(&text)
    }
}

impl From<HookUrl> for String {
    fn from(url: HookUrl) -> Self {
        url.to_string()
    }
}

const HTTPS: u16 = 443;
const LONGEST: usize = 500;
const LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_reading() {
        for (written, kept) in [
            ("https://hooks.example.org", "https://hooks.example.org/"),
            ("https://Hooks.Example.org:443/a/b%20c", "https://hooks.example.org/a/b%20c"),
            ("https://localhost:8443/in", "https://localhost:8443/in"),
        ] {
            let url = HookUrl::parse(written).unwrap();
            assert_eq!(url.to_string(), kept);
            assert_eq!(HookUrl::parse(kept).unwrap(), url);
        }
        for bad in [
            "http://hooks.example.org/",
            "HTTPS://hooks.example.org/",
            "https://",
            "https:///a",
            "https://u:p@hooks.example.org/",
            "https://hooks.example.org@other.test/",
            "https://hooks.example.org\\@other.test/",
            "https://hooks.example.org?a=b",
            "https://hooks.example.org/?key=secret",
            "https://hooks.example.org/#a",
            "https://hooks.example.org/a b",
            "https://hooks.example.org/\r\nHost: x",
            "https://hooks.example.org./",
            "https://hooks..example.org/",
            "https://hooks.example.org:0/",
            "https://hooks.example.org:/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://示例.example/",
        ] {
            assert!(HookUrl::parse(bad).is_err(), "{bad}");
        }
        assert!(HookUrl::parse(&format!("https://a.test/{}", "a".repeat(500))).is_err());
        let label = |length| HookUrl::parse(&format!("https://{}.test/", "a".repeat(length)));
        assert!(label(63).is_ok() && label(64).is_err());
    }

    #[test]
    fn what_is_not_public_must_be_listed_by_host_and_port() {
        let listed: Vec<_> = ["localhost:8443", "hooks.inner.example"]
            .iter()
            .map(|one| Authority::parse(one, HTTPS).unwrap())
            .collect();
        let may = |url: &str, address: &str| {
            let url = HookUrl::parse(url).unwrap();
            may_lead_to(url.authority(), address.parse().unwrap(), &listed)
        };
        let (inner, other) = ("https://hooks.inner.example/", "https://hooks.example.org/");
        assert!(may(other, "1.1.1.1") && may(inner, "1.1.1.1") && may(inner, "10.1.2.3"));
        for address in ["100.64.0.1", "172.16.0.1", "192.168.1.1", "fd12:3456::1", "2400:3200::1"] {
            assert!(may(inner, address), "{address}");
        }
        assert!(
            may("https://localhost:8443/", "127.0.0.1") && may("https://localhost:8443/", "::1")
        );
        for address in ["10.1.2.3", "fd00::1", "127.0.0.1", "::ffff:10.1.2.3", "169.254.169.254"] {
            assert!(!may(other, address), "{address}");
            assert!(!may("https://hooks.inner.example:8443/", address), "another port: {address}");
            assert!(!may("https://localhost/", address), "another port: {address}");
        }
        for address in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::1",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fec0::1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.7",
            "240.0.0.1",
            "255.255.255.255",
            "2001:db8::1",
            "100.100.100.200",
            "::ffff:100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
        ] {
            assert!(!may(inner, address), "{address}");
            assert_eq!(may("https://localhost:8443/", address), is_loopback(address), "{address}");
        }
    }

    fn is_loopback(address: &str) -> bool {
        address.parse::<IpAddr>().unwrap().to_canonical().is_loopback()
    }

    #[test]
    fn removed_is_final() {
        let (active, paused) = (State::Active, State::Paused);
        assert_eq!(active.after(Turn::Pause), Ok(paused));
        assert_eq!(paused.after(Turn::Resume), Ok(active));
        assert_eq!(active.after(Turn::Disable).unwrap().after(Turn::Resume), Ok(active));
        assert_eq!(active.after(Turn::Resume), Ok(active));
        assert_eq!(paused.after(Turn::Disable), Err(NotAllowed("paused")));
        for turn in [Turn::Pause, Turn::Resume, Turn::Disable, Turn::Remove] {
            assert_eq!(State::Removed.after(turn), Err(NotAllowed("removed")));
        }
    }
}
