//! How `yinzheng serve` listens: plain on loopback, behind a proxy, or with TLS.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::edge::http::{Listening, TlsFiles};

/// Address, TLS and proxies.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address to serve on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Allow an address that is not loopback, because a proxy in front speaks TLS.
    #[arg(long)]
    behind_proxy: bool,
    /// Speak TLS with this certificate and those above it (PEM); read anew when the file changes.
    #[arg(long, value_name = "CHAIN.pem", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM), readable by its owner alone.
    #[arg(long, value_name = "KEY.pem", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Ask clients for certificates, so that tokens can be bound to them (RFC 8705). Any is taken.
    #[arg(long, requires = "tls_cert")]
    client_certs: bool,
    /// A proxy whose `Client-Cert` header is believed (RFC 9440). It must set the header itself and
    /// remove what came with it.
    #[arg(long = "trusted-proxy", value_name = "ADDR")]
    proxies: Vec<IpAddr>,
}

impl Options {
    /// Refuses plain HTTP on addresses that others reach.
    pub(super) fn listening(self) -> Result<Listening, Failure> {
        let address = self.listen;
        if !address.ip().is_loopback() && !self.behind_proxy && self.tls_cert.is_none() {
            let message = format!(
                "{address} is not a loopback address. Name a certificate with --tls-cert and --tls-key, or put a proxy with TLS in front and say --behind-proxy"
            );
            return Err(Failure { message, code: 64 });
        }
        let tls = self.tls_cert.zip(self.tls_key);
        let tls = tls.map(|(chain, key)| TlsFiles { chain, key, client_certs: self.client_certs });
        let proxies = self.proxies.iter().map(IpAddr::to_canonical).collect();
        Ok(Listening { address, tls, proxies })
    }
}
