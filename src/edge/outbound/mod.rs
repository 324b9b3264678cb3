//! HTTP to other servers: what `verify --fetch-from`, webhooks, `yinzheng call` and `log verify
//! --url` ask them.
//!
//! - **Addresses**: the name is resolved once, each of its addresses is checked ([`Permitted`]), and
//!   one of those is connected to. Who answers for the name in the DNS cannot give another address
//!   after the check.
//! - **No redirects**, no proxies (the environment names none), no cookies, no compression.
//! - **Bounds** on time, head and body ([`Bounds`]), which hold whatever the other side does.
//! - **TLS** under the system's roots, or under those that somebody named, and then no others.

mod connect;
mod error;
mod exchange;
mod permitted;
mod tls;
mod url;

pub use error::OutboundError;
pub use exchange::{Bounds, Connection, HttpResponse, Server, block_on};
pub use permitted::{NotPermitted, Permitted};
pub use tls::{BadTls, Shown, trusting};
pub use url::Url;
