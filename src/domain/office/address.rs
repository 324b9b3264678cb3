//! The address of an office, which is also the name of its logs.

use std::fmt;

/// `https://host[:port][/path]` without a slash at the end; `http://` for loopback addresses only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Checks the address of an office.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::bounded(text, ADDRESS_CHARACTERS).map_err(|why| match why {
            TOO_LONG => "must have at most 100 characters behind https://",
            why => why,
        })
    }

    /// Checks the address of one of an office's logs, which has a path more.
    pub fn parse_log(text: &str) -> Result<Self, &'static str> {
        Self::bounded(text, ADDRESS_CHARACTERS + LOG_PATH.len())
    }

    fn bounded(text: &str, most: usize) -> Result<Self, &'static str> {
        let secure = text.strip_prefix("https://");
        let loopback = text.strip_prefix("http://").filter(|rest| {
            let host = rest.split('/').next().unwrap_or_default();
            ["127.0.0.1", "localhost", "[::1]"].iter().any(|known| {
                host == *known || host.strip_prefix(known).is_some_and(|port| port.starts_with(':'))
            })
        });
        let rest =
            secure.or(loopback).ok_or("must begin with https:// (http:// only for loopback)")?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]/_~".contains(&byte);
        if rest.is_empty() || rest.starts_with('/') || rest.ends_with('/') {
            return Err("must be https://host without a slash at the end");
        }
        if rest.len() > most {
            return Err(TOO_LONG);
        }
        if !rest.bytes().all(plain) {
            return Err("has a character that an address of an office cannot have");
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port, as people compare it with their browser's address line.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// The name of the log: its address without the scheme (C2SP tlog-tiles, parameters).
    pub fn log_origin(&self) -> String {
        let place = self.0.split_once("://").map_or("", |(_, rest)| rest);
        format!("{place}/log")
    }

    /// The name of the log of who read what.
    pub fn access_log_origin(&self) -> String {
        format!("{}/access", self.log_origin())
    }
}

/// What an address of an office has at the most behind the scheme, so that it can be printed.
const ADDRESS_CHARACTERS: usize = 100;
/// The longest path of a log in an office.
const LOG_PATH: &str = "/log/access";
const TOO_LONG: &str = "is longer than the address of a log can be";

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
