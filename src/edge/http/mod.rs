//! The public HTTP service: bounded, with header time-outs, and a graceful stop.

mod api;
mod failures;
mod log;
mod metrics;
mod oauth;
mod openapi;
mod panics;
mod peer;
mod platform;
mod problem;
mod published;
mod routes;
mod tls;
mod upload;
mod watch;
mod webhooks;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use self::peer::Peer;
use self::tls::Keeper;
use crate::base::digest::Digest;
use crate::service::office::Office;

pub(super) use panics::told_without_words;
pub use routes::router;
pub use tls::TlsFiles;

/// Where and how callers are heard.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The address.
    pub address: SocketAddr,
    /// TLS; plain HTTP without.
    pub tls: Option<TlsFiles>,
    /// Proxies whose word about client certificates is believed (RFC 9440).
    pub proxies: Vec<IpAddr>,
}

/// Serves until the process is asked to stop; then answers what was begun, for ten seconds.
/// `started` is told the address as soon as callers are heard.
pub fn serve(
    office: Arc<Office>,
    listening: Listening,
    started: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let keeper = listening.tls.clone().map(Keeper::open).transpose()?;
        let listen = listening.address;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            io::Error::new(error.kind(), format!("{listen}: {error}; choose another --listen"))
        })?;
        started(listener.local_addr()?);
        if let Some(keeper) = &keeper {
            tokio::spawn(Arc::clone(keeper).follow());
        }
        let door = Door { router: router(office), keeper, proxies: listening.proxies };
        accept(listener, Arc::new(door)).await
    })
}

/// What every connection needs.
struct Door {
    router: Router,
    keeper: Option<Arc<Keeper>>,
    proxies: Vec<IpAddr>,
}

async fn accept(listener: TcpListener, door: Arc<Door>) -> io::Result<()> {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop_asked());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        // A connection that broke while it was accepted concerns nobody else.
        let Ok((stream, address)) = stream else { continue };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
        let (door, watcher) = (Arc::clone(&door), graceful.watcher());
        tokio::spawn(async move {
            door.receive(stream, address.ip().to_canonical(), watcher).await;
            drop(slot);
        });
    }
    if tokio::time::timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped before every answer was out");
    }
    Ok(())
}

impl Door {
    async fn receive(&self, stream: TcpStream, address: IpAddr, watcher: Watcher) {
        let proxy = self.proxies.contains(&address);
        let asks = self.keeper.as_ref().is_some_and(|keeper| keeper.asks_for_certificates());
        let takes_certificates = asks || !self.proxies.is_empty();
        let mut peer =
            Peer { address: Some(address), certificate: None, proxy, takes_certificates };
        let Some(keeper) = &self.keeper else {
            return self.converse(stream, peer, watcher).await;
        };
        let handshake = TlsAcceptor::from(keeper.current()).accept(stream);
        let stream = match tokio::time::timeout(HANDSHAKE_TIME, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "no TLS handshake"),
            Err(_) => return tracing::debug!("a TLS handshake took too long"),
        };
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        peer.certificate = certificates.first().map(|first| Digest::of(&[first]));
        self.converse(stream, peer, watcher).await;
    }

    async fn converse<S>(&self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let inner = TowerToHyperService::new(self.router.clone());
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            inner.call(request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "connection ended");
        }
    }
}

async fn stop_asked() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(interrupt.await),
    }
}

/// More wait at the door; each needs a file handle and at most the body of one request in memory:
/// an upload of 20 MB, or one of 28 MB in an envelope. What is made of the latter is bounded there.
const CONNECTIONS: usize = 256;
/// Whoever has not sent a head by then is closed.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Whoever has not finished a TLS handshake by then is closed.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Heads of browsers have about 1 KB.
const HEADER_BYTES: usize = 32 << 10;
const STOP_TIME: Duration = Duration::from_secs(10);
