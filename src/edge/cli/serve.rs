//! `yinzheng serve`: plain on loopback, behind a proxy, or with TLS; and what is renewed meanwhile.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use clap::Args;

use super::failure::Failure;
use super::render;
use crate::base::localized::{Bilingual as _, Language, Localized};
use crate::edge::config::{self, OfficeFolder};
use crate::edge::http::{self, Listening, TlsFiles};
use crate::edge::local;
use crate::edge::webhooks::Courier;
use crate::service::office::Office;
use crate::store::OpenOptions;

/// Address, TLS and proxies.
#[derive(Debug, Args)]
pub(super) struct ServeOptions {
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

impl ServeOptions {
    /// Refuses plain HTTP on addresses that others reach.
    pub(super) fn listening(self) -> Result<Listening, Failure> {
        let address = self.listen;
        if !address.ip().is_loopback() && !self.behind_proxy && self.tls_cert.is_none() {
            return Err(Failure::usage(
                format!(
                    "{address} 不是本机回环地址。请用 --tls-cert 和 --tls-key 写明证书，或在前面放置负责 TLS \
                     的代理并写明 --behind-proxy"
                ),
                format!(
                    "{address} is not a loopback address. Name a certificate with --tls-cert and \
                     --tls-key, or put a proxy with TLS in front and say --behind-proxy"
                ),
            ));
        }
        let tls = self.tls_cert.zip(self.tls_key);
        let tls = tls.map(|(chain, key)| TlsFiles { chain, key, client_certs: self.client_certs });
        let proxies = self.proxies.iter().map(IpAddr::to_canonical).collect();
        Ok(Listening { address, tls, proxies })
    }
}

/// Opens the office and serves it until it is told to stop.
pub(super) fn run(
    dir: &Path,
    options: ServeOptions,
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<u8, Failure> {
    let listening = options.listening()?;
    let passphrase = config::passphrase(passphrase_file)?;
    let is_given = passphrase.is_some();
    let (office, _) = OfficeFolder::new(dir).open(passphrase, OpenOptions::default())?;
    // It is served all the same: pages and look-ups need no key.
    if let Err(why) = office.log_key() {
        let cause = if is_given {
            Localized::new("密码打不开密钥", "the passphrase does not open the keys")
        } else {
            Localized::new("没有密码", "there is no passphrase")
        };
        let why = why.both();
        let words = Localized::new(
            format!("{}，不能签发：{}", cause.zh, why.zh),
            format!("{}, nothing can be issued: {}", cause.en, why.en),
        );
        render::complain(words.of(language));
    }
    serve_office(dir, Arc::new(office), listening, language)
}

/// Serves an office that is open.
pub(super) fn serve_office(
    dir: &Path,
    office: Arc<Office>,
    listening: Listening,
    language: Language,
) -> Result<u8, Failure> {
    http::install_panic_hook();
    let socket = local::listen(dir, Arc::clone(&office))?;
    let (stop, stopped) = std::sync::mpsc::channel();
    let renewal = keep_fresh(dir, Arc::clone(&office), stopped);
    let courier = Courier::start(dir, Arc::clone(&office))?;
    let scheme = if listening.tls.is_some() { "https" } else { "http" };
    let started = |address| {
        render::tell(
            language,
            format!("\n服务地址 {scheme}://{address}  （Ctrl-C 停止）"),
            format!("\nserving {scheme}://{address}  (Ctrl-C stops)"),
        );
    };
    let served = http::serve(Arc::clone(&office), listening, started);
    drop((socket, stop));
    courier.stop();
    drop(renewal.join());
    office.close()?;
    served?;
    Ok(0)
}

/// Looks every hour whether a certificate or a list ends soon, until the sender is gone.
fn keep_fresh(
    dir: &Path,
    office: Arc<Office>,
    stopped: Receiver<()>,
) -> std::thread::JoinHandle<()> {
    let folder = OfficeFolder::new(dir);
    std::thread::spawn(move || {
        while stopped.recv_timeout(HOUR) == Err(RecvTimeoutError::Timeout) {
            match office.renew() {
                Ok(renewed) => {
                    for (name, _) in &renewed.leaves {
                        tracing::info!(name, "the certificate was renewed");
                    }
                    if let Some(reason) = &renewed.root_missing {
                        tracing::warn!(%reason, "the root's revocation list ends soon");
                    }
                    if let Err(error) = folder.keep(&renewed) {
                        tracing::error!(%error, "what was renewed was not kept");
                    }
                }
                Err(error) => tracing::error!(%error, "certificates and lists were not renewed"),
            }
        }
    })
}

const HOUR: Duration = Duration::from_hours(1);
