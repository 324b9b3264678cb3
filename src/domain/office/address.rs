//! The address of an office, from which the names of its logs are made.

use std::fmt;

use crate::base::localized::Localized;

/// `https://host[:port][/path]` without a slash at the end; `http://` for loopback addresses only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Checks the address of an office.
    pub fn parse(text: &str) -> Result<Self, Localized> {
        let too_long =
            ["https:// 之后至多 100 个字符", "must have at most 100 characters behind https://"];
        Self::bounded(text, ADDRESS_CHARACTERS, too_long)
    }

    /// Checks the address of one of an office's logs, which has a longer path.
    pub fn parse_log(text: &str) -> Result<Self, Localized> {
        let too_long = ["比日志地址所能有的更长", "is longer than the address of a log can be"];
        Self::bounded(text, ADDRESS_CHARACTERS + LOG_PATH.len(), too_long)
    }

    fn bounded(text: &str, most: usize, too_long: [&str; 2]) -> Result<Self, Localized> {
        let bad = |[zh, en]: [&str; 2]| Localized::new(zh, en);
        let secure = text.strip_prefix("https://");
        let loopback = text.strip_prefix("http://").filter(|rest| {
            let host = rest.split('/').next().unwrap_or_default();
            ["127.0.0.1", "localhost", "[::1]"].iter().any(|known| {
                host == *known || host.strip_prefix(known).is_some_and(|port| port.starts_with(':'))
            })
        });
        let rest = secure.or(loopback).ok_or_else(|| {
            bad([
                "须以 https:// 开头（http:// 只用于本机回环地址）",
                "must begin with https:// (http:// only for loopback)",
            ])
        })?;
        let plain = |one: &char| one.is_ascii_alphanumeric() || ".-:[]/_~".contains(*one);
        if let Some(other) = rest.chars().find(|one| !plain(one)) {
            let mut why = Localized::new(
                format!("含有机构地址中不能有的字符 {other:?}"),
                format!("has the character {other:?}, which an address of an office cannot have"),
            );
            if !other.is_ascii() {
                why.zh.push_str("；主机名请写作 DNS 中的形式 xn--…");
                why.en.push_str("; write the host name as it stands in the DNS, xn--…");
            }
            return Err(why);
        }
        if rest.is_empty() || rest.starts_with('/') || rest.ends_with('/') {
            return Err(bad([
                "须写作 https://host，末尾没有斜杠",
                "must be https://host without a slash at the end",
            ]));
        }
        if rest.len() > most {
            return Err(bad(too_long));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port, as a browser's address line shows them.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// The name of the log: its address without the scheme (C2SP tlog-tiles, parameters).
    pub fn log_origin(&self) -> String {
        let place = self.0.split_once("://").map_or("", |(_, rest)| rest);
        format!("{place}/log")
    }

    /// The name of the log of accesses.
    pub fn access_log_origin(&self) -> String {
        format!("{}/access", self.log_origin())
    }
}

/// Longest address after the scheme, so that it can be printed.
const ADDRESS_CHARACTERS: usize = 100;
/// The longest path of a log in an office.
const LOG_PATH: &str = "/log/access";

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
