//! The public HTTP service: bounded, with header time-outs, and a graceful stop.

mod admission;
mod api;
mod app;
mod blocking;
mod body;
mod connections;
mod failures;
mod health;
mod log;
mod lookups;
mod metrics;
mod oauth;
mod openapi;
mod pages;
mod panics;
mod peer;
mod permits;
mod platform;
mod problem;
mod published;
mod quotas;
mod request_log;
mod routes;
mod tls;
mod upload;
mod verify;
mod webhooks;
mod wire;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use hyper::body::{Body as _, Incoming};
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use self::connections::{Connections, Line, Turn};
use self::peer::Peer;
use self::permits::Permits;
use self::tls::Keeper;
use self::wire::Wire;
use crate::base::digest::Digest;
use crate::base::foreign_words;
use crate::base::network::Network;
use crate::service::office::Office;

pub(super) use panics::install_panic_hook;
pub use routes::router;
pub use tls::{BadTlsFiles, TlsFiles};

/// Where and how to listen.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Address and port to bind.
    pub address: SocketAddr,
    /// TLS; plain HTTP without.
    pub tls: Option<TlsFiles>,
    /// Proxies whose client certificate header is trusted (RFC 9440).
    pub proxies: Vec<IpAddr>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody can be heard at the address.
    #[error("{}: {}; choose another --listen", .0, foreign_words::of_system(.1).en)]
    Bind(SocketAddr, io::Error),
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] BadTlsFiles),
    /// The system gave no threads or sockets.
    #[error("{}", foreign_words::of_system(.0).en)]
    System(#[from] io::Error),
}

/// Serves until the process is asked to stop; then completes begun answers, and ends within
/// [`STOP_TIME`] in any case. `started` gets the address as soon as connections are accepted.
pub fn serve(
    office: Arc<Office>,
    listening: Listening,
    started: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .thread_keep_alive(IDLE_THREAD)
        .build()?;
    let served = runtime.block_on(async {
        let keeper = listening.tls.clone().map(Keeper::open).transpose()?;
        let listen = listening.address;
        let listener =
            TcpListener::bind(listen).await.map_err(|error| ServeError::Bind(listen, error))?;
        started(listener.local_addr()?);
        if let Some(keeper) = &keeper {
            tokio::spawn(Arc::clone(keeper).follow());
        }
        let forwarded = Permits::new(connections::CONNECTIONS, connections::OF_NETWORK);
        let door = Door { router: router(office), keeper, proxies: listening.proxies, forwarded };
        Ok(accept(listener, Arc::new(door)).await?)
    });
    // Closing the connections ends their work; work that does not end is left behind.
    runtime.shutdown_timeout(LAST_TIME);
    served
}

/// Shared by every connection.
struct Door {
    router: Router,
    keeper: Option<Arc<Keeper>>,
    proxies: Vec<IpAddr>,
    /// Requests from proxies, each counted as a connection of the network that it is forwarded for.
    forwarded: Permits,
}

async fn accept(listener: TcpListener, door: Arc<Door>) -> io::Result<()> {
    let connections = Connections::default();
    // Admitted connections, and as many that were asked to end and have not yet.
    let handles = Arc::new(Semaphore::new(2 * connections::CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop_asked());
    loop {
        let next = async {
            let handle = Arc::clone(&handles).acquire_owned().await;
            (listener.accept().await, handle)
        };
        let (stream, handle) = tokio::select! {
            accepted = next => accepted,
            () = &mut stop => break,
        };
        // A connection that broke during accept affects no other. Without a file handle for it,
        // others have to end first.
        let (stream, address) = match stream {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = address.ip().to_canonical();
        let network = Network::of(address).filter(|_| !door.proxies.contains(&address));
        let Some(line) = connections.admit(network) else {
            tracing::debug!("no place for a connection");
            continue;
        };
        let (door, watcher) = (Arc::clone(&door), graceful.watcher());
        tokio::spawn(async move {
            let _handle = handle;
            tokio::select! {
                () = door.receive(stream, address, &line, watcher) => {}
                () = line.closed() => tracing::debug!("a connection was closed for another"),
            }
        });
    }
    if tokio::time::timeout(STOP_TIME.saturating_sub(LAST_TIME), graceful.shutdown()).await.is_err()
    {
        tracing::warn!("stopped before every answer was out");
    }
    Ok(())
}

impl Door {
    async fn receive(
        &self,
        stream: TcpStream,
        address: IpAddr,
        line: &Arc<Line>,
        watcher: Watcher,
    ) {
        let proxy = self.proxies.contains(&address);
        let asks = self.keeper.as_ref().is_some_and(|keeper| keeper.asks_for_certificates());
        let takes_certificates = asks || !self.proxies.is_empty();
        let network = Network::of(address).filter(|_| !proxy);
        let mut peer =
            Peer { address: Some(address), network, certificate: None, proxy, takes_certificates };
        let Some(keeper) = &self.keeper else {
            return self.converse(stream, peer, line, watcher).await;
        };
        let handshake = TlsAcceptor::from(keeper.current()).accept(stream);
        let stream = match tokio::time::timeout(HANDSHAKE_TIME, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "no TLS handshake"),
            Err(_) => return tracing::debug!("a TLS handshake took too long"),
        };
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        peer.certificate = certificates.first().map(|first| Digest::of(&[first]));
        self.converse(stream, peer, line, watcher).await;
    }

    async fn converse<S>(&self, stream: S, peer: Peer, line: &Arc<Line>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let inner = TowerToHyperService::new(self.router.clone());
        let (wire, framing) = Wire::new(stream, Arc::clone(line));
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            let more = framing.body(request.body().size_hint().exact());
            let peer = peer.of_request(&self.proxies, request.headers());
            let place = if peer.proxy {
                self.forwarded.try_take(peer.network, 1).map(Some).ok_or(admission::BUSY)
            } else {
                Ok(None)
            };
            line.turn(Turn::Ours);
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Arc::clone(line));
            let inner = inner.clone();
            async move {
                let mut answer = match place {
                    Ok(_place) => inner.call(request).await?,
                    Err(busy) => busy.into_response(),
                };
                if !more {
                    answer.headers_mut().insert(header::CONNECTION, CLOSE);
                }
                line.turn(Turn::Talk);
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            .max_header_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(wire), service);
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

/// A connection without a full head by then is closed.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// A connection without a finished TLS handshake by then is closed.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Heads of browsers have about 1 KB.
const HEADER_BYTES: usize = 32 << 10;
/// Serving has ended by then, after the process was asked to stop. Container runtimes kill ten
/// seconds after they ask; webhook threads stop after this, within two.
const STOP_TIME: Duration = Duration::from_secs(7);
/// The last part of it, for work without a waiting caller.
const LAST_TIME: Duration = Duration::from_secs(1);
/// Delay before the next accept: handles become free when connections end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Acts that wait for the disk form groups of 64 at most; and as many threads that only read.
const BLOCKING: usize = 128;
/// An idle thread ends soon, and returns its memory.
const IDLE_THREAD: Duration = Duration::from_secs(2);
const CLOSE: HeaderValue = HeaderValue::from_static("close");
