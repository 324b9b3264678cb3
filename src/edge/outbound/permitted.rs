//! The addresses that the name of a server may lead to.

use std::net::IpAddr;

use crate::base::localized::Localized;
use crate::base::network::{Authority, is_inside};
use crate::domain::webhooks::may_lead_to;

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug)]
pub enum Permitted<'a> {
    /// Any: the user who waits for the answer named the server.
    Any,
    /// All but this machine and its link, which may be when the operator wrote that very address,
    /// or `localhost`. The operator named the server, and a document when to ask it. Private
    /// networks are allowed: offices have their authorities there.
    Outside,
    /// Public ones, and private ones of the destinations in this list.
    Public(&'a [Authority]),
}

/// An address that may not be connected to: which one, and what can be done about it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.en)]
pub struct NotPermitted(pub Localized);

impl Permitted<'_> {
    pub(super) fn check(self, to: &Authority, address: IpAddr) -> Result<(), NotPermitted> {
        match self {
            Self::Outside if !is_outside(to, address) => Err(NotPermitted(Localized::new(
                format!("未询问：该名称指向 {address}，须直接写明这个地址"),
                format!("not asked: the name leads to {address}, which must be listed itself"),
            ))),
            Self::Public(listed) if !may_lead_to(to, address, listed) => {
                Err(NotPermitted(Localized::new(
                    format!(
                        "未发送：{to} 指向 {address}，不是公网地址；若属实，请在 office.toml 的 \
                         allow_private_destinations 中写入 \"{to}\" 并重新启动机构"
                    ),
                    format!(
                        "not sent: {to} leads to {address}, which is not public; if it is right, list \
                         \"{to}\" in allow_private_destinations of office.toml and start the office \
                         again"
                    ),
                )))
            }
            Self::Any | Self::Outside | Self::Public(_) => Ok(()),
        }
    }
}

fn is_outside(to: &Authority, address: IpAddr) -> bool {
    let address = address.to_canonical();
    let written = to.name().parse::<IpAddr>().is_ok_and(|own| own.to_canonical() == address);
    let itself = to.name() == "localhost" && address.is_loopback();
    written || itself || !is_inside(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_inside_only_when_that_is_written() {
        let may = |listed: &str, address: &str| {
            let to = Authority::parse(listed, 80).unwrap();
            Permitted::Outside.check(&to, address.parse().unwrap()).is_ok()
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
    fn the_address_that_is_refused_is_told_with_what_can_be_done() {
        let to = Authority::parse("hooks.example.org", 443).unwrap();
        let refused = |permitted: Permitted<'_>, address: &str| {
            permitted.check(&to, address.parse().unwrap()).map_err(|error| error.to_string())
        };
        assert_eq!(refused(Permitted::Any, "127.0.0.1"), Ok(()));
        assert_eq!(refused(Permitted::Public(&[]), "1.1.1.1"), Ok(()));
        assert_eq!(refused(Permitted::Public(std::slice::from_ref(&to)), "10.1.2.3"), Ok(()));
        let said = refused(Permitted::Public(&[]), "10.1.2.3").unwrap_err();
        assert!(said.contains("hooks.example.org:443 leads to 10.1.2.3"), "{said}");
        let said = refused(Permitted::Outside, "127.0.0.1").unwrap_err();
        assert!(said.contains("127.0.0.1"), "{said}");
    }
}
